"""Booking a class for whoever turned to a desk, or is phoned back: nothing is asked twice (H3)."""

from dataclasses import dataclass, field
from typing import Any

from litestar import Request, Response, get, post
from litestar.datastructures import FormMultiDict
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from server.audit import entries
from server.classes import details, lookup
from server.classes.tables import Booking, BookingScope
from server.database import writing
from server.helpdesk import class_bookings, contacts, desks, nearby
from server.helpdesk.class_bookings import Asked
from server.helpdesk.routes.call_back_forms import CallBackForm, HandOverForm
from server.helpdesk.routes.desk import provide_desk, usual_channel
from server.helpdesk.routes.desk_booking_forms import CallerForm
from server.helpdesk.routes.desk_forms import DeskForm, DeskForms
from server.helpdesk.tables import CallBack, ContactBooking, ContactOutcome
from server.places import directory
from server.refusals import Refused
from server.roles import Role
from server.web.access import BEYOND_ANY_ID
from server.web.pages import page, see_other

AnyRequest = Request[Any, Any, Any]
Row = dict[str, Any]

BOOKERS = {Role.coordinator, Role.helpdesk, Role.venue}
OTHERS = 5


@dataclass(frozen=True)
class Origin:
    """Where a class is booked from: `path` of the desk or contact, and what was typed there."""

    path: str
    desk: Row
    topic_id: int
    district_id: int | None
    carried: list[tuple[str, str]] = field(default_factory=list)
    contact_id: int | None = None


@post("/staff/desks/{desk_id:int}/booking", roles=BOOKERS, status_code=200)
async def new_booking(request: AnyRequest, desk_id: FromPath[int]) -> Response[str]:
    """Who is booked in; the contact comes along as it was tapped, and nothing is saved yet."""
    formdata = await request.form()
    origin = await _from_desk(request, desk_id, formdata)
    return await _first_look(request, origin, formdata)


@post("/staff/desks/{desk_id:int}/bookings", roles=BOOKERS)
async def create_booking(request: AnyRequest, desk_id: FromPath[int]) -> Response[Any]:
    """Log the contact and give the place, both or neither; pressed twice, it is one (H3)."""
    formdata = await request.form()
    origin = await _from_desk(request, desk_id, formdata)
    asked, course = await _class_asked(formdata)
    form = CallerForm(formdata, await directory.districts())
    contact = _contact(formdata, origin.desk)
    if not (form.validate() & contact.validate()):
        form.refusals += [contact.words()] if contact.errors else []
        return await _form_page(request, origin, form, asked, course, 422)
    try:
        booking = await class_bookings.book_and_log(
            contact.contact.facts(desk_id),
            form.applicant(),
            asked,
            submission=form.typed("submission"),
            by=request.user,
        )
    except Refused as refused:
        form.refuse(refused)
        return await _form_page(request, origin, form, asked, course, 409)
    return _done(booking)


@get("/staff/contacts/{contact_id:int}/booking", roles=BOOKERS)
async def choose_class(request: AnyRequest, contact_id: FromPath[int]) -> Response[str]:
    """The next open classes on what a contact that is logged already was about."""
    origin = await _from_contact(request, contact_id)
    return page(
        request,
        "helpdesk/desk_booking_choice.html",
        origin=origin,
        rows=await nearby.open_classes(origin.topic_id, origin.district_id, OTHERS),
    )


@post("/staff/contacts/{contact_id:int}/booking", roles=BOOKERS, status_code=200)
async def new_contact_booking(request: AnyRequest, contact_id: FromPath[int]) -> Response[str]:
    """Who is booked in, with what her call-back says of her."""
    origin = await _from_contact(request, contact_id)
    return await _first_look(request, origin, await request.form(), await _known_of(contact_id))


@post("/staff/contacts/{contact_id:int}/bookings", roles=BOOKERS)
async def create_contact_booking(request: AnyRequest, contact_id: FromPath[int]) -> Response[Any]:
    """Give the place; pressed twice, it is one."""
    origin, formdata = await _from_contact(request, contact_id), await request.form()
    asked, course = await _class_asked(formdata)
    form = CallerForm(formdata, await directory.districts())
    if not form.validate():
        return await _form_page(request, origin, form, asked, course, 422)
    try:
        booking = await class_bookings.book_for(
            contact_id,
            form.applicant(),
            asked,
            submission=form.typed("submission"),
            by=request.user,
        )
    except Refused as refused:
        form.refuse(refused)
        return await _form_page(request, origin, form, asked, course, 409)
    return _done(booking)


@get("/staff/contacts/{contact_id:int}/bookings/{booking_id:int}", roles=BOOKERS)
async def show_booked(
    request: AnyRequest, contact_id: FromPath[int], booking_id: FromPath[int]
) -> Response[str]:
    """The reference in large digits, with the words to read out."""
    origin = await _from_contact(request, contact_id)
    linked = await ContactBooking.exists().where(
        (ContactBooking.contact == origin.contact_id) & (ContactBooking.booking == booking_id)
    )
    booking = await Booking.select().where(Booking.id == booking_id).first()
    if not linked or booking is None:
        raise NotFoundException
    async with writing():
        await entries.record_reading(
            request.url.path, "booking", [booking_id], by=request.user, contact=contact_id
        )
    [course] = await lookup.courses_of([booking])
    return page(request, "helpdesk/desk_booked.html", origin=origin, booking=booking, course=course)


def _done(booking: Row) -> Response[str]:
    return see_other(f"/staff/contacts/{booking['contact']}/bookings/{booking['id']}")


async def _from_desk(request: AnyRequest, desk_id: int, formdata: FormMultiDict) -> Origin:
    """The desk, where she may log, with what was tapped there."""
    desk = await provide_desk(request, desk_id)
    topic, district = (as_number(formdata.get(name)) for name in ("topic", "district"))
    own = {*CallerForm(None)._fields, "book", "save"}
    carried = [(n, str(v)) for n, v in formdata.multi_items() if n not in own and str(v)]
    return Origin(f"/staff/desks/{desk_id}", desk, topic or 0, district, carried)


def _contact(formdata: FormMultiDict, desk: Row) -> DeskForms:
    """The contact that was tapped: its outcome is that a class is booked."""
    form = DeskForm(formdata)
    form.outcome.data = str(ContactOutcome.class_booked)
    form.channel.data = form.channel.data or usual_channel(desk)
    return DeskForms(form, CallBackForm(), HandOverForm())


async def _from_contact(request: AnyRequest, contact_id: int) -> Origin:
    """The contact, or what replaced it, as far as its desk is hers."""
    contact = await contacts.get(await contacts.current_id(contact_id))
    desk = await desks.get(contact["desk"]) if contact else None
    if contact is None or desk is None or not desks.may_log(desk, request.user):
        raise NotFoundException
    path = f"/staff/contacts/{contact['id']}"
    return Origin(path, desk, contact["topic"], contact["district"], contact_id=int(contact["id"]))


async def _known_of(contact_id: int) -> dict[str, Any]:
    """What is known of the person of a contact: what was written down to call her back."""
    contact = await contacts.get(await contacts.current_id(contact_id))
    assert contact is not None
    known = {"age_band": contact["age_band"], "district": str(contact["district"] or "")}
    row = await (
        CallBack.select(CallBack.name, CallBack.reading, CallBack.phone)
        .where(CallBack.contact == contact["id"])
        .order_by(CallBack.id, ascending=False)
        .first()
    )
    return known | (row or {})


async def _first_look(
    request: AnyRequest,
    origin: Origin,
    formdata: FormMultiDict,
    known: dict[str, Any] | None = None,
) -> Response[str]:
    """The form as it is opened, or with another class and all that was typed."""
    asked, course = await _class_asked(formdata)
    typed = formdata if known is None or "name" in formdata else None
    form = CallerForm(typed, await directory.districts(), known)
    form.press_anew()
    refused = _refusal(course, asked)
    if refused is not None:
        form.refuse(refused)
    return await _form_page(request, origin, form, asked, course, 409 if refused else 200)


async def _form_page(
    request: AnyRequest, origin: Origin, form: CallerForm, asked: Asked, course: Row, status: int
) -> Response[str]:
    if origin.contact_id is not None:
        async with writing():
            await entries.record_reading(
                request.url.path, "contact", [origin.contact_id], by=request.user
            )
    return page(
        request,
        "helpdesk/desk_booking.html",
        status_code=status,
        origin=origin,
        form=form,
        course=course,
        sessions=_sessions(course, asked),
        book=f"{asked.course_id}:{asked.session_id}" if asked.session_id else asked.course_id,
        can_book=_refusal(course, asked) is None,
        others=await _others(origin, asked, course),
    )


async def _class_asked(formdata: FormMultiDict) -> tuple[Asked, Row]:
    """The class in `book`, COURSE or COURSE:SESSION; the button that was pressed comes last."""
    values = formdata.getall("book", [])
    typed = [as_number(each) or 0 for each in str(values[-1] if values else "").split(":")]
    courses = await details.published(typed[:1])
    if not courses or not courses[0]["sessions"]:
        raise NotFoundException
    course = courses[0]
    picks = course["scope"] == BookingScope.session
    own = [each["id"] for each in course["sessions"] if each["id"] in typed[1:]]
    if picks and not own:
        raise NotFoundException
    return Asked(course["id"], own[0] if picks else None), course


def as_number(typed: object) -> int | None:
    """The id that was sent; None where there is none, or nonsense."""
    said = str(typed or "")
    sound = said.isascii() and said.isdigit() and len(said) < 11
    return int(said) if sound and 0 < int(said) < BEYOND_ANY_ID else None


def _refusal(course: Row, asked: Asked) -> Refused | None:
    if asked.session_id is not None:
        return details.session_refusal(course, asked.session_id)
    return details.refusal(course)


def _sessions(course: Row, asked: Asked) -> list[Row]:
    """The dates that the booking would be for."""
    sessions: list[Row] = course["sessions"]
    if asked.session_id is not None:
        return [each for each in sessions if each["id"] == asked.session_id]
    return [each for each in sessions if each["called_off_at"] is None] or sessions


async def _others(origin: Origin, asked: Asked, course: Row) -> list[Row]:
    """Other dates of the same course, then other classes on the topic nearby."""
    dates = []
    if asked.session_id is not None:
        dates = [
            each | {"course_id": course["id"], "session_id": each["id"], "title": course["title"]}
            for each in course["sessions"]
            if each["open"] and each["id"] != asked.session_id
        ]
    rows = await nearby.open_classes(origin.topic_id, origin.district_id, OTHERS)
    return dates + [row for row in rows if row["course_id"] != course["id"]]


handlers: list[Any] = [
    new_booking,
    create_booking,
    choose_class,
    new_contact_booking,
    create_contact_booking,
    show_booked,
]
