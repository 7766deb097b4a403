"""Who applied, as far as somebody may see (P1, S8)."""

from datetime import timedelta
from typing import Any

from piccolo.querystring import QueryString

from server import clock, text
from server.classes import overview
from server.classes.running import is_away
from server.classes.tables import LIVE_STATES, SEATED_STATES, Assignment, Booking
from server.refusals import N_, Refused
from server.roles import Actor
from server.supporters.queries import same_human

Row = dict[str, Any]

HELPERS_ONLY = N_("Only who helps at a class sees who comes.")


async def everybody(by: Actor, course_id: int) -> list[Row]:
    """Who applied, as far as `by` may see: by date where one is picked, then by reading."""
    rows: list[Row] = await Booking.raw("{}", QueryString(_ROSTER, course_id, visible_bookings(by)))
    live = set(LIVE_STATES)
    return sorted(
        rows,
        key=lambda row: (
            row["state"] not in live,
            row["starts_at"].isoformat() if row["starts_at"] else "",
            text.reading_key(row["reading"]),
            row["id"],
        ),
    )


async def counts(by: Actor, course_id: int) -> dict[str, int]:
    """How many of a course's bookings that `by` may see stand in each state."""
    query = QueryString(_COUNTS, course_id, visible_bookings(by))
    return {row["state"]: row["number"] for row in await Booking.raw("{}", query)}


async def sees_booking(by: Actor, booking_id: int) -> bool:
    """May `by` see this booking (P1)?"""
    query = QueryString(_ONE_BOOKING, booking_id, visible_bookings(by))
    return bool(await Booking.raw("{}", query))


async def seen_by_supporter(session: Row, supporter_id: int) -> list[Row]:
    """Who has a place in a session, as a supporter at it may see them (S8), by reading.

    Each row holds the booking's `id`, `reading`, `device`, `needs`, `needs_other` and nothing
    else. Refused to whoever does not help there, rests or has left, and but from the day before
    to the day after.
    """
    at_it = Assignment.supporter.is_in(await same_human(supporter_id))
    if not await Assignment.exists().where(
        at_it & (Assignment.session == session["id"]) & Assignment.voided_at.is_null()
    ):
        raise Refused(HELPERS_ONLY)
    if await is_away(supporter_id):
        raise Refused(HELPERS_ONLY)
    check_day_to_see(session)
    rows: list[Row] = await (
        Booking.select(
            Booking.id, Booking.reading, Booking.device, Booking.needs, Booking.needs_other
        )
        .where((Booking.course == session["course"]) & Booking.state.is_in(list(SEATED_STATES)))
        .where(Booking.session.is_null() | (Booking.session == session["id"]))
    )
    return sorted(rows, key=lambda row: (text.reading_key(row["reading"]), row["id"]))


def check_day_to_see(session: Row) -> None:
    """From the day before a session to the day after, in the city's zone (S8, T1)."""
    day = timedelta(days=1)
    first, last = session["held_on"] - day, session["held_on"] + day
    if session["called_off_at"] is not None:
        raise Refused("This class has been called off.")
    if not first <= clock.today() <= last:
        raise Refused("Who comes is shown from {first} to {last}.", first=first, last=last)


def visible_bookings(by: Actor) -> QueryString:
    """As the courses; of one whose dates are picked, a venue sees who comes to its building."""
    return overview.allowed(by, _BOOKING_THERE)


_BOOKING_THERE = (
    "EXISTS (SELECT 1 FROM class_session AS held WHERE held.course = booking.course"
    " AND (booking.session IS NULL OR booking.session = held.id) AND {})"
)

_ROSTER = """
SELECT booking.id, booking.reference, booking.person, booking.name, booking.reading,
    booking.phone, booking.fax, booking.email, booking.postcode, booking.address, booking.state,
    booking.channel, booking.booked_at, booking.age_band, booking.device, booking.needs,
    booking.needs_other, booking.remarks, booking.language, booking.session,
    class_session.starts_at
FROM booking
JOIN course ON course.id = booking.course
LEFT JOIN class_session ON class_session.id = booking.session
WHERE booking.course = {} AND {}
"""

_COUNTS = """
SELECT booking.state, COUNT(*) AS number FROM booking
JOIN course ON course.id = booking.course
WHERE booking.course = {} AND {}
GROUP BY booking.state ORDER BY booking.state
"""

_ONE_BOOKING = """
SELECT booking.id FROM booking
JOIN course ON course.id = booking.course
WHERE booking.id = {} AND {}
"""
