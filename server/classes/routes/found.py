"""Looking at a booking again, and cancelling it: only what this browser has opened (B8)."""

from datetime import timedelta
from typing import Any
from urllib.parse import quote

from litestar import Request, Response, get, post
from litestar.params import FromPath

from server import text
from server.accounts import attempts
from server.accounts.attempts import Limit, TooOften
from server.classes import bookings, lookup
from server.classes.forms import FindForm
from server.classes.routes.opened import NEWEST, address, open_up, opened, reference_of
from server.classes.tables import LIVE_STATES, SEATED_STATES, BookingState
from server.refusals import N_, Refused
from server.web import shared
from server.web.access import sender
from server.web.errors import error_page
from server.web.forms import Form
from server.web.pages import page, see_other
from server.web.saying import say

AnyRequest = Request[Any, Any, Any]
Row = dict[str, Any]

TRIES_OF_REFERENCE = 5
TRIES_OF_SENDER = 20
TRIES_OF_ALL = 1000
WITHIN = timedelta(minutes=15)
NO_FIT = N_(
    "The numbers did not fit several times in a row. Please wait {minutes} minutes and try again,"
    " or ask us by phone."
)


@get("/bookings/find", public=True, history=True)
async def new_find(request: AnyRequest) -> Response[str]:
    """The form with which a booking is found again."""
    if shared.mark(request.scope) and "reference" in request.query_params:
        return see_other("/bookings/find")
    asked = text.reference_digits(str(request.query_params.get("reference", "")))[:9]
    form = FindForm(data={"reference": asked})
    return page(request, "classes/booking_find.html", form=form)


@post("/bookings/find", public=True, status_code=200, history=True)
async def create_find(request: AnyRequest) -> Response[Any]:
    """Open the booking that fits; tries that do not fit are counted."""
    form = FindForm(await request.form())
    if not form.validate():
        return page(request, "classes/booking_find.html", status_code=422, form=form)
    reference, contact = form["reference"].data, form["contact"].data
    asked = text.reference_digits(reference) or text.normalised(reference)
    of_reference = Limit("booking reference", asked, TRIES_OF_REFERENCE, WITHIN)
    limits = (
        of_reference,
        Limit("booking sender", sender(request), TRIES_OF_SENDER, WITHIN),
        Limit("booking", "all", TRIES_OF_ALL, WITHIN),
    )
    try:
        tries = await attempts.begin(*limits)
        booking = await lookup.find(reference, contact)
    except TooOften as too_often:
        headers = {"retry-after": str(too_often.seconds)}
        said = say(Refused(NO_FIT, minutes=too_often.seconds // 60))
        return error_page(request, 429, detail_words=said, headers=headers)
    except Refused as refused:
        form.refuse(refused)
        return page(request, "classes/booking_find.html", status_code=422, form=form)
    await attempts.succeeded(tries, forget=of_reference)
    response = see_other(address(request, booking["reference"]))
    open_up(request, response, [booking["reference"]], fresh=False)
    return response


@get("/bookings", public=True)
async def show_bookings() -> Response[str]:
    """There is no list of bookings: the way to one's own starts at the form."""
    return see_other("/bookings/find")


@post("/bookings/closing", public=True)
async def create_closing(request: AnyRequest) -> Response[str]:
    """Leave a borrowed telephone or computer: nobody after sees a booking or what was typed."""
    response = see_other(shared.OVER_DONE)
    shared.finish(request, response)
    return response


@get("/bookings/{reference:str}", public=True)
async def show_booking(request: AnyRequest, reference: FromPath[str]) -> Response[Any]:
    """A booking that this browser has opened; any other leads to the page that opens one."""
    booking = await _opened_booking(request, reference)
    if booking is None:
        return _find_first(request, reference)
    seen, own = opened(request), booking["reference"]
    if reference != NEWEST and shared.sitting(request.scope):
        return _shown(request, own)
    why_not = await _why_not_cancellable(booking)
    others = [each for each in seen.references if each != own]
    fresh = own in seen.fresh and booking["state"] in LIVE_STATES
    return page(
        request,
        "classes/booking.html",
        **await _facts(booking),
        fresh=fresh,
        can_cancel=why_not is None,
        why_not=say(why_not) if why_not else None,
        others=await lookup.of_person(booking["person"], others),
    )


@get("/bookings/{reference:str}/cancellation", public=True)
async def new_cancellation(request: AnyRequest, reference: FromPath[str]) -> Response[Any]:
    """What cancelling would do, before it is done."""
    booking = await _opened_booking(request, reference)
    if booking is None:
        return _find_first(request, reference)
    if await _why_not_cancellable(booking) is not None:
        return see_other(address(request, booking["reference"]))
    if reference != NEWEST and shared.sitting(request.scope):
        return _shown(request, reference, "/cancellation")
    return await _cancellation_page(request, booking, Form(), 200)


@post("/bookings/{reference:str}/cancellation", public=True, status_code=200)
async def create_cancellation(request: AnyRequest, reference: FromPath[str]) -> Response[Any]:
    """Give the place back; pressed twice, it is cancelled once."""
    booking = await _opened_booking(request, reference)
    if booking is None:
        return _find_first(request, reference)
    try:
        await bookings.cancel(booking["id"])
    except Refused as refused:
        form = Form()
        form.refuse(refused)
        return await _cancellation_page(request, booking, form, 409)
    return _shown(request, booking["reference"])


async def _opened_booking(request: AnyRequest, reference: str) -> Row | None:
    own = reference_of(request, reference)
    return await lookup.by_reference(own) if own else None


def _shown(request: AnyRequest, reference: str, tail: str = "") -> Response[str]:
    """On to a booking that is open already; it becomes the newest one."""
    response = see_other(address(request, reference) + tail)
    open_up(request, response, [reference], fresh=reference in opened(request).fresh)
    return response


def _find_first(request: AnyRequest, reference: str) -> Response[str]:
    """The same answer whether or not there is such a booking."""
    if reference == NEWEST or shared.mark(request.scope):
        return see_other("/bookings/find")
    return see_other(f"/bookings/find?reference={quote(reference, safe='')}")


async def _why_not_cancellable(booking: Row) -> Refused | None:
    try:
        await bookings.check_cancellable(booking)
    except Refused as refused:
        return refused
    return None


async def _facts(booking: Row) -> dict[str, Any]:
    """The booking with its course, and only those dates that are its own."""
    (course,) = await lookup.courses_of([booking])
    names = ("reference", "state", "name", "booked_at")
    return {
        "booking": {name: booking[name] for name in names},
        "course": course,
        "sessions": course["sessions"],
        "contact": contact_of(booking),
    }


def contact_of(booking: Row) -> dict[str, str]:
    """The first of the ways given, which opens the booking together with its reference."""
    column = bookings.reachable(booking).channel.replace("post", "postcode")
    return {"kind": column, "given": booking[column]}


async def _cancellation_page(
    request: AnyRequest, booking: Row, form: Form, status_code: int
) -> Response[str]:
    effect = "application_withdrawn"
    if booking["state"] in SEATED_STATES:
        effect = "place_freed"
    elif booking["state"] == BookingState.waitlisted:
        effect = "waiting_left"
    return page(
        request,
        "classes/booking_cancellation.html",
        status_code=status_code,
        **await _facts(booking),
        form=form,
        effect=effect,
    )


handlers = [
    *(new_find, create_find, show_bookings, show_booking),
    *(create_closing, new_cancellation, create_cancellation),
]
