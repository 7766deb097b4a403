"""Courses with their sessions as the public sees them: seats left, and whether they are open."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from operator import itemgetter
from typing import Any, NamedTuple

from server import clock
from server.classes.admission import why_not
from server.classes.queries import Bookable
from server.classes.tables import BookingScope, ClassSession, Course
from server.refusals import Refused

Row = dict[str, Any]


class Availability(StrEnum):
    """How a course stands for somebody who would like to come."""

    open = "open"
    full = "full"
    before = "before"
    closed = "closed"
    called_off = "called_off"
    ended = "ended"


class Card(NamedTuple):
    """All that a card in a list shows of a course."""

    id: int
    title: str
    kind: str
    audience: str
    scope: str
    starts_at: datetime
    ends_at: datetime
    session_count: int
    venue_name: str
    district_name: str | None
    availability: Availability
    seats_left: int
    opens_at: datetime
    closes_at: datetime


_on_card = itemgetter(*Card._fields)


async def published(ids: Sequence[int]) -> list[Row]:
    """The courses of `ids` that the public may see, in that order, in two statements.

    Each has its `sessions` by date, its `availability`, `seats_left`, and the `starts_at`,
    `ends_at` and place of the first session still to come.
    """
    found = await by_id(ids)
    return [row for row in found if row["published_at"] is not None and row["listed"]]


async def by_id(ids: Sequence[int]) -> list[Row]:
    """The courses of `ids` in that order, published or not; unknown ids are left out."""
    if not ids:
        return []
    rows = {row["id"]: row for row in await Course.raw(_courses(len(ids)), *ids)}
    known = [rows[course_id] for course_id in ids if course_id in rows]
    return await with_sessions(known)


async def with_sessions(courses: list[Row]) -> list[Row]:
    """Add to rows of CARD_COLUMNS what their sessions say, in one statement.

    The shown session is the one of `shown_id` where the row has one.
    """
    if not courses:
        return []
    ids = [course["id"] for course in courses]
    sessions: dict[int, list[Row]] = {course_id: [] for course_id in ids}
    for session in await ClassSession.raw(_sessions(len(ids)), *ids):
        sessions[session["course"]].append(session)
    for course in courses:
        _tell(course, sessions[course["id"]])
    return courses


def card(course: Row) -> Card:
    """The card of a course that `with_sessions` has told about itself."""
    return Card(*_on_card(course))


def refusal(course: Row) -> Refused | None:
    """Why the public cannot book a course now: None when one booking of it is possible."""
    refusals = course["refusals"]
    if None in refusals:
        return None
    called_off = Refused("This class has been called off.")
    later_first = reversed(refusals)
    return next((no for no in later_first if no and no.msgid != called_off.msgid), called_off)


def session_refusal(course: Row, session_id: int) -> Refused | None:
    """Why one session, of a course where it is picked, cannot be booked now."""
    refusals: dict[int | None, Refused | None] = {
        what.session_id: refused
        for what, refused in zip(course["bookables"], course["refusals"], strict=True)
    }
    return refusals[session_id]


def _tell(course: Row, sessions: list[Row]) -> None:
    course["sessions"] = sessions
    course["bookables"] = bookables = _bookables(course, sessions)
    course["refusals"] = refusals = [why_not(what) for what in bookables]
    free = [what for what, no in zip(bookables, refusals, strict=True) if no is None]
    course["seats_left"] = sum(what.seats_left for what in free)
    course["availability"] = Availability.open if free else _availability(course)
    if course["scope"] == BookingScope.session:
        course["seats"] = max((what.seats for what in bookables), default=0)
        for session, what in zip(sessions, bookables, strict=True):
            session["open"] = what in free
            session["seats_left"] = what.seats_left
    standing = [session for session in sessions if session["called_off_at"] is None]
    course["session_count"] = len(standing) or len(sessions)
    if sessions:
        course |= _shown(course, standing or sessions)


def _shown(course: Row, sessions: list[Row]) -> Row:
    now, asked = clock.now(), course.get("shown_id")
    to_come = next((each for each in sessions if each["ends_at"] > now), sessions[0])
    session = next((each for each in course["sessions"] if each["id"] == asked), to_come)
    names = ("starts_at", "ends_at", "venue_name", "district_name")
    return {name: session[name] for name in names}


def _availability(course: Row) -> Availability:
    now = clock.now()
    sessions, coming = course["sessions"], course["bookables"]
    standing = [what for what in coming if what.called_off_at is None and what.starts_at]
    if not standing:
        return Availability.called_off
    if all(session["ends_at"] <= now for session in sessions):
        return Availability.ended
    if now < course["opens_at"]:
        return Availability.before
    waits = [what for what in standing if what.starts_at and what.starts_at > now]
    if now >= course["closes_at"] or not waits or any(what.seats_left for what in waits):
        return Availability.closed
    return Availability.full


def _bookables(course: Row, sessions: list[Row]) -> list[Bookable]:
    if course["scope"] == BookingScope.course:
        standing = (session for session in sessions if session["called_off_at"] is None)
        first = next(standing, None)
        return [_bookable(course, course, None, first["starts_at"] if first else None)]
    return [_bookable(course, each, each["id"], each["starts_at"]) for each in sessions]


def _bookable(
    course: Row, seats: Row, session_id: int | None, starts_at: datetime | None
) -> Bookable:
    return Bookable(
        course_id=course["id"],
        session_id=session_id,
        scope=BookingScope(course["scope"]),
        listed=course["listed"],
        admission=course["admission"],
        published_at=course["published_at"],
        called_off_at=course["called_off_at"] or (session_id and seats["called_off_at"]) or None,
        opens_at=course["opens_at"],
        closes_at=course["closes_at"],
        starts_at=starts_at,
        seats=seats["seats"],
        overbooked=seats["overbooked"],
        taken=seats["taken"],
        waiting=seats["waiting"],
    )


def _courses(count: int) -> str:
    return (
        f"SELECT {COURSE_COLUMNS}, section.name AS section_name FROM course"  # noqa: S608
        " JOIN section ON section.id = course.section"
        f" WHERE course.id IN ({', '.join(['{}'] * count)})"
    )


def _sessions(count: int) -> str:
    return f"{_SESSIONS} WHERE s.course IN ({', '.join(['{}'] * count)}) ORDER BY s.starts_at, s.id"


# Whole columns only: SQLite knows the type of a column, not of an expression.
CARD_COLUMNS = """
course.id, course.kind, course.title, course.audience, course.listed, course.admission,
course.scope, course.opens_at, course.closes_at, course.seats, course.overbooked, course.taken,
course.published_at, course.called_off_at,
(SELECT COUNT(*) FROM booking WHERE booking.course = course.id AND state = 'waitlisted'
    AND booking.session IS NULL) AS waiting
"""
COURSE_COLUMNS = f"{CARD_COLUMNS}, course.description, course.bring, course.fee"

_SESSIONS = """
SELECT s.id, s.course, s.number, s.starts_at, s.ends_at, s.seats, s.overbooked, s.taken,
    s.called_off_at, s.called_off_reason, venue.name AS venue_name, venue.slug AS venue_slug,
    venue.address, district.name AS district_name, district.slug AS district_slug,
    room.name AS room_name,
    (SELECT COUNT(*) FROM booking WHERE booking.course = s.course AND state = 'waitlisted'
        AND booking.session = s.id) AS waiting
FROM class_session AS s
JOIN venue ON venue.id = s.venue
LEFT JOIN district ON district.id = venue.district
LEFT JOIN room ON room.id = s.room
"""
