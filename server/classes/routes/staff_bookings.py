"""Who applied, for those who run the course; and giving a place back for a caller (B9)."""

from datetime import datetime
from typing import Any

from litestar import Request, Response, get, post
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from server.audit import entries
from server.classes import bookings, overview, reports, roster
from server.classes.routes.staff import SEES_COURSES, provide_course
from server.classes.routes.staff_words import (
    age_words,
    can_be_left,
    contact_words,
    device_words,
    done,
    done_words,
    needs_words,
)
from server.classes.tables import LIVE_STATES, Booking, BookingScope
from server.refusals import Refused
from server.web.pages import page
from server.web.saying import say

AnyRequest = Request[Any, Any, Any]
Row = dict[str, Any]


@get("/staff/courses/{course_id:int}/bookings", roles=SEES_COURSES)
async def list_bookings(request: AnyRequest, course_id: FromPath[int]) -> Response[str]:
    """The roster by reading. Who saw whom is written down before it is shown (P2)."""
    course = await provide_course(request, course_id)
    standing = [each for each in course["sessions"] if each["called_off_at"] is None]
    chosen = _chosen(request, standing)
    rows = await roster.everybody(request.user, course_id)
    if chosen:
        rows = [row for row in rows if row["session"] in (None, chosen["id"])]
    await _note_reading(request, course_id, rows)
    shows_needs = await overview.runs(request.user, course)
    picks = course["scope"] == BookingScope.session
    begins = next((each["starts_at"] for each in standing), None)
    said = await reports.of_course(course_id, request.user)
    shown = [_row(row, row["starts_at"] or begins, shows_needs=shows_needs) for row in rows]
    return page(
        request,
        "classes/staff/bookings.html",
        course=course,
        sessions=standing,
        rows=[row for row in shown if row["live"]],
        ended=[row for row in shown if not row["live"]],
        shows_needs=shows_needs,
        picks=picks,
        chosen=chosen,
        ticks=_ticks(standing, chosen, picks),
        logged=[each for each in ([chosen] if chosen else standing) if each["id"] in said],
        note_words=done_words(request),
    )


def _chosen(request: AnyRequest, sessions: list[Row]) -> Row | None:
    asked = str(request.query_params.get("session", ""))
    return next((each for each in sessions if str(each["id"]) == asked), None)


def _ticks(sessions: list[Row], chosen: Row | None, picks: bool) -> list[Row | None]:
    """The dates that are ticked off on paper; None where each person comes to a date of her own."""
    if chosen:
        return [chosen]
    return [None] if picks else [*sessions]


@get("/staff/bookings/{booking_id:int}/cancellation", roles=SEES_COURSES)
async def new_cancellation(request: AnyRequest, booking_id: FromPath[int]) -> Response[str]:
    """Whose place is given back, to be read back to the caller."""
    course, booking = await provide_booking(request, booking_id)
    why_not = None
    try:
        await bookings.check_cancellable(booking)
    except Refused as refused:
        why_not = say(refused)
    return await _cancellation_page(request, course, booking, why_not)


@post("/staff/bookings/{booking_id:int}/cancellation", roles=SEES_COURSES)
async def create_cancellation(request: AnyRequest, booking_id: FromPath[int]) -> Response[Any]:
    """Give a place back for somebody who called."""
    course, booking = await provide_booking(request, booking_id)
    try:
        await bookings.cancel(booking_id, by=request.user)
    except Refused as refused:
        return await _cancellation_page(request, course, booking, say(refused), status_code=409)
    return done(f"/staff/courses/{course['id']}/bookings", "cancelled")


async def provide_booking(request: AnyRequest, booking_id: int) -> tuple[Row, Row]:
    """A booking that the viewer may see, and its course."""
    booking = await Booking.select().where(Booking.id == booking_id).first()
    if booking is None or not await roster.sees_booking(request.user, booking_id):
        raise NotFoundException
    return await provide_course(request, booking["course"]), booking


async def _cancellation_page(
    request: AnyRequest, course: Row, booking: Row, why_not: str | None, status_code: int = 200
) -> Response[str]:
    await _note_reading(request, course["id"], [booking])
    sessions = [
        each
        for each in course["sessions"]
        if booking["session"] in (None, each["id"]) and each["called_off_at"] is None
    ]
    return page(
        request,
        "classes/staff/booking_cancellation.html",
        course=course,
        booking=booking,
        sessions=sessions,
        decided=bookings.is_decided(booking["state"]),
        why_not=why_not,
        status_code=status_code,
    )


async def _note_reading(request: AnyRequest, course_id: int, rows: list[Row]) -> None:
    await entries.record_reading(
        request.url.path,
        "booking",
        [row["id"] for row in rows],
        by=request.user,
        course=course_id,
    )


def _row(booking: Row, begins_at: datetime | None, *, shows_needs: bool) -> Row:
    shown = ("id", "reference", "name", "reading", "phone", "state", "channel", "booked_at")
    return {name: booking[name] for name in (*shown, "remarks", "starts_at")} | {
        "live": booking["state"] in LIVE_STATES,
        "contact_words": contact_words(booking),
        "age_words": age_words(booking["age_band"]),
        "device_words": device_words(booking["device"]),
        "needs_words": needs_words(booking) if shows_needs else "",
        "cancel_url": f"/staff/bookings/{booking['id']}/cancellation"
        if can_be_left(booking["state"], begins_at)
        else None,
    }


handlers = [list_bookings, new_cancellation, create_cancellation]
