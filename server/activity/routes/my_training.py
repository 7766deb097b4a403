"""How far a trainee has come: the same page for her and for the coordinator (S2)."""

import secrets
from typing import Any

from litestar import Response, get, post
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from server.activity import chances
from server.activity.routes.supporter import SUPPORTER, AnyRequest, Row, provide_supporter
from server.audit import entries
from server.classes import bookings, details
from server.classes.bookings import Applicant
from server.classes.tables import LIVE_STATES, Booking, Channel, CourseKind
from server.people import merging
from server.refusals import Refused
from server.roles import Role
from server.supporters import register
from server.training import certificates, progress
from server.web.addresses import whole
from server.web.fields import SUBMISSION
from server.web.pages import note_of, page, see_other
from server.web.saying import say
from server.web.words import current_locale
from server.web.words import lazy as _

COORDINATOR = {Role.coordinator}
NOTES = {
    "booked": _("The place is booked."),
    "cancelled": _("The place is given back."),
    "left": _("You no longer help at this class."),
}


@get("/my/training", roles=SUPPORTER)
async def show_training(request: AnyRequest) -> Response[str]:
    """What is done, booked and missing, and the next chance with its button."""
    return await _training_page(request, await provide_supporter(request))


@get("/staff/supporters/{supporter_id:int}/training", roles=COORDINATOR)
async def show_training_of(request: AnyRequest, supporter_id: FromPath[int]) -> Response[str]:
    """The same page, as the coordinator sees it; who looked is written down (P2)."""
    return await _training_page(request, await provide_other(supporter_id))


@post("/my/training/bookings", roles=SUPPORTER)
async def create_booking(request: AnyRequest) -> Response[Any]:
    """Book a date of a training, also one that residents do not see."""
    supporter = await provide_supporter(request)
    return await _book(request, supporter, Channel.web, "/my/training")


@post("/staff/supporters/{supporter_id:int}/training/bookings", roles=COORDINATOR)
async def create_booking_for(request: AnyRequest, supporter_id: FromPath[int]) -> Response[Any]:
    """Book it for a trainee who phones."""
    supporter = await provide_other(supporter_id)
    path = f"/staff/supporters/{supporter_id}/training"
    return await _book(request, supporter, Channel.phone, path)


@get("/my/training/bookings/{booking_id:int}/cancellation", roles=SUPPORTER)
async def new_cancellation(request: AnyRequest, booking_id: FromPath[int]) -> Response[str]:
    """Ask once before she gives a place in a training back."""
    return await _cancellation_page(request, await _provide_booking(request, booking_id))


@post("/my/training/bookings/{booking_id:int}/cancellation", roles=SUPPORTER)
async def create_cancellation(request: AnyRequest, booking_id: FromPath[int]) -> Response[Any]:
    """Give it back; pressed twice, nothing happens the second time."""
    booking = await _provide_booking(request, booking_id)
    try:
        await bookings.cancel(booking_id, by=request.user)
    except Refused as refused:
        return await _cancellation_page(request, booking, refused, status_code=409)
    return see_other("/my/training?done=cancelled")


async def provide_other(supporter_id: int) -> Row:
    """A supporter by the number in the address."""
    supporter = await register.get(supporter_id)
    if supporter is None:
        raise NotFoundException
    return supporter


async def _provide_booking(request: AnyRequest, booking_id: int) -> Row:
    """Her own booking of a training, whichever of her rows it is of (P1)."""
    supporter = await provide_supporter(request)
    selves = (await merging.selves([supporter["person_id"]]))[supporter["person_id"]]
    booking: Row | None = (
        await Booking.select()
        .where((Booking.id == booking_id) & Booking.person.is_in(list(selves)))
        .where(Booking.course.kind == CourseKind.supporter_training)
        .first()
    )
    if booking is None:
        raise NotFoundException
    return booking


async def _training_page(
    request: AnyRequest,
    supporter: Row,
    refused: Refused | None = None,
    status_code: int = 200,
) -> Response[str]:
    made = await progress.of(supporter["person_id"])
    own = not request.url.path.startswith("/staff")
    steps = await chances.steps(supporter, made) if made else []
    every = await certificates.of(supporter["person_id"])
    if not own:
        await entries.record_reading(
            request.url.path, "supporter", [supporter["id"]], by=request.user
        )
    return page(
        request,
        "activity/my_training.html" if own else "activity/training.html",
        supporter=supporter,
        progress=made,
        steps=[_shown(step) for step in steps],
        whole_courses=_whole_courses(steps),
        certificates=[each for each in every if each["voided_at"] is None],
        just_booked=await chances.booked(supporter)
        if own and request.query_params.get("done") == "booked"
        else [],
        submission=secrets.token_urlsafe(16),
        refused_words=say(refused) if refused else None,
        note_words=note_of(request, NOTES),
        status_code=status_code,
    )


def _shown(step: chances.Step) -> Row:
    """A step as the page shows it: dates that can be taken, else once why there is none."""
    reasons = [say(row["refused"]) for row in step.chances if row["refused"]]
    return {
        "requirement": step.line.requirement,
        "line": step.line,
        "is_practice": step.is_practice,
        "booked": step.booked,
        "chances": [row for row in step.chances if row["refused"] is None],
        "reasons": list(dict.fromkeys(reasons)),
    }


def _whole_courses(steps: list[chances.Step]) -> list[Row]:
    """The trainings whose dates are taken together, booked or to be booked: each once."""
    found: dict[int, Row] = {}
    for row in (row for step in steps for row in (*step.booked, *step.chances)):
        booking_id = row.get("booking_id")
        possible = booking_id or not row.get("refused")
        if row.get("session_count", 1) > 1 and possible and not row.get("is_over"):
            course = row["course"]
            named = {name: course[name] for name in ("id", "title", "bring", "session_count")}
            more = {"booking_id": booking_id, "session_id": row["session_id"]}
            found.setdefault(course["id"], {**named, **more, "dates": course["sessions"]})
    return list(found.values())


async def _book(request: AnyRequest, supporter: Row, channel: Channel, path: str) -> Response[Any]:
    form = await request.form()
    course_id, session_id = (whole(form.get(name)) for name in ("course", "session"))
    submission = str(form.get("submission", ""))
    courses = await details.by_id([course_id] if course_id else [])
    if not courses or courses[0]["kind"] != CourseKind.supporter_training:
        raise NotFoundException
    if not SUBMISSION.fullmatch(submission):
        return await _training_page(request, supporter, status_code=422)
    try:
        await bookings.book(
            _applicant(supporter),
            courses[0]["id"],
            session_id,
            submission=submission,
            channel=channel,
            by=request.user,
            person_id=supporter["person_id"],
            invited=True,
        )
    except Refused as refused:
        return await _training_page(request, supporter, refused, status_code=409)
    return see_other(f"{path}?done=booked")


def _applicant(supporter: Row) -> Applicant:
    """What the booking keeps of her, as the register has it."""
    names = ("name", "reading", "phone", "fax", "email", "postcode", "address")
    return Applicant(
        **{name: supporter[name] for name in names},
        district_id=supporter["district"],
        language=current_locale(),
    )


async def _cancellation_page(
    request: AnyRequest, booking: Row, refused: Refused | None = None, status_code: int = 200
) -> Response[str]:
    [course] = await details.by_id([booking["course"]])
    sessions = [each for each in course["sessions"] if booking["session"] in (None, each["id"])]
    try:
        if booking["state"] in LIVE_STATES:
            await bookings.check_cancellable(booking)
    except Refused as late:
        refused = refused or late
    return page(
        request,
        "activity/my_cancellation.html",
        booking=booking,
        course=course,
        sessions=sessions,
        is_live=booking["state"] in LIVE_STATES,
        why_not=say(refused) if refused else None,
        status_code=status_code,
    )


handlers = [show_training, create_booking, new_cancellation, create_cancellation]
staff = [show_training_of, create_booking_for]
