"""Reads of courses, sessions and bookings that are used twice, or are longer than a statement."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from server.classes.tables import Assignment, BookingScope, Course
from server.database import engine
from server.database.conditions import among

Row = dict[str, Any]


class Bookable(NamedTuple):
    """A course, or one session of it, as the checks see it: seats stand on what is booked.

    `session_id` is None where a booking covers the whole course; `starts_at` is then the start
    of its first session that is not called off.
    """

    course_id: int
    session_id: int | None
    scope: BookingScope
    listed: bool
    admission: str
    published_at: datetime | None
    called_off_at: datetime | None
    opens_at: datetime
    closes_at: datetime
    starts_at: datetime | None
    seats: int
    overbooked: int
    taken: int
    waiting: int

    @property
    def seats_left(self) -> int:
        """Seats that the public may still take: none while somebody waits (B6)."""
        return 0 if self.waiting else max(self.seats - self.taken, 0)


async def lock_course(course_id: int) -> None:
    """Hold others who would change the course, its sessions or bookings, inside `writing()`.

    What is read afterwards is as it stands: a statement that waits for a lock still sees what
    other tables held before it waited, so locking and reading are two statements.
    """
    if engine().engine_type == "postgres":
        await Course.raw("SELECT id FROM course WHERE id = {} FOR NO KEY UPDATE", course_id)


async def bookable(course_id: int, session_id: int | None = None) -> Bookable | None:
    """What a booking would be for; None when there is no such course, or no such session of it."""
    rows = await Course.raw(_BOOKABLE, session_id, course_id)
    if not rows:
        return None
    row = rows[0]
    whole = row["scope"] == BookingScope.course
    if not whole and row["session_id"] is None:
        return None
    return _bookable(row, whole)


async def helpers(session_ids: Sequence[int]) -> list[Row]:
    """Who helps at any of these sessions, leads first: rows of Assignment that are not voided.

    Each with `name`, `reading` and `phone`, `person` and `district` of a supporter, and how else
    to reach her; `organisation` of a lecturer from outside.
    """
    if not session_ids:
        return []
    rows: list[Row] = await Assignment.raw(_HELPERS, among("assignment.session", session_ids))
    return rows


async def helpers_elsewhere(session_id: int, starts_at: datetime, ends_at: datetime) -> list[Row]:
    """The other sessions between two instants at which somebody of this one helps too (C1).

    The same human being, or the same lecturer from outside. Rows with `id`, `starts_at`,
    `ends_at` and `title`.
    """
    rows: list[Row] = await Assignment.raw(_ELSEWHERE, session_id, ends_at, starts_at)
    return rows


def _bookable(row: dict[str, Any], whole: bool) -> Bookable:
    return Bookable(
        course_id=row["course_id"],
        session_id=None if whole else row["session_id"],
        scope=BookingScope(row["scope"]),
        listed=row["listed"],
        admission=row["admission"],
        published_at=row["published_at"],
        called_off_at=row["called_off_at"] or (None if whole else row["session_called_off_at"]),
        opens_at=row["opens_at"],
        closes_at=row["closes_at"],
        starts_at=row["starts_at"],
        seats=row["seats" if whole else "session_seats"],
        overbooked=row["overbooked" if whole else "session_overbooked"],
        taken=row["taken" if whole else "session_taken"],
        waiting=row["waiting"],
    )


# Whole columns only: SQLite knows the type of a column, not of an expression.
_BOOKABLE = """
SELECT course.id AS course_id, picked.id AS session_id, course.scope, course.listed,
    course.admission, course.published_at, course.called_off_at,
    picked.called_off_at AS session_called_off_at, course.opens_at, course.closes_at,
    begins.starts_at, course.seats, course.overbooked, course.taken,
    picked.seats AS session_seats, picked.overbooked AS session_overbooked,
    picked.taken AS session_taken,
    (SELECT COUNT(*) FROM booking WHERE booking.course = course.id AND state = 'waitlisted'
        AND (course.scope = 'course' OR booking.session = picked.id)) AS waiting
FROM course
LEFT JOIN class_session AS picked ON picked.id = {} AND picked.course = course.id
LEFT JOIN class_session AS begins ON begins.id = COALESCE(
    CASE WHEN course.scope = 'session' THEN picked.id END,
    (SELECT id FROM class_session
        WHERE class_session.course = course.id AND called_off_at IS NULL
        ORDER BY starts_at, id LIMIT 1))
WHERE course.id = {}
"""

_HELPERS = """
SELECT assignment.*, supporter.person, supporter.district,
    COALESCE(person.name, lecturer.name) AS name,
    COALESCE(person.reading, lecturer.reading) AS reading,
    COALESCE(supporter.phone, lecturer.phone) AS phone,
    supporter.email, supporter.fax, supporter.postcode, supporter.address, lecturer.organisation
FROM assignment
LEFT JOIN supporter ON supporter.id = assignment.supporter
LEFT JOIN person ON person.id = supporter.person
LEFT JOIN lecturer ON lecturer.id = assignment.lecturer
WHERE {} AND assignment.voided_at IS NULL
ORDER BY CASE assignment.role WHEN 'lead' THEN 0 WHEN 'assistant' THEN 1 ELSE 2 END, assignment.id
"""

# A duplicate of a person points to the one who stays, never to another duplicate.
_ELSEWHERE = """
SELECT DISTINCT held.id, held.starts_at, held.ends_at, course.title
FROM assignment AS mine
LEFT JOIN supporter AS helper ON helper.id = mine.supporter
LEFT JOIN person ON person.id = helper.person
JOIN assignment AS other ON other.session <> mine.session AND other.voided_at IS NULL
LEFT JOIN supporter AS other_helper ON other_helper.id = other.supporter
LEFT JOIN person AS same ON same.id = other_helper.person
JOIN class_session AS held ON held.id = other.session
JOIN course ON course.id = held.course
WHERE mine.session = {} AND mine.voided_at IS NULL AND held.called_off_at IS NULL
    AND held.starts_at < {} AND held.ends_at > {}
    AND (other.lecturer = mine.lecturer
        OR COALESCE(person.merged_into, person.id) = COALESCE(same.merged_into, same.id))
ORDER BY held.starts_at, held.id
"""


def literally(word: str) -> str:
    """A word as it stands, for LIKE … ESCAPE '!'."""
    return "".join(f"!{char}" if char in "!%_" else char for char in word)
