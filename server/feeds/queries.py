"""The sessions that a calendar shows."""

from datetime import date, datetime
from typing import NamedTuple

from piccolo.querystring import QueryString

from server.classes.tables import ClassSession


class Selection(NamedTuple):
    """Which sessions a feed is of: all, those at a venue, of a kind, or of a course."""

    venue_id: int | None = None
    kind: str | None = None
    course_id: int | None = None


class Session(NamedTuple):
    """All that a calendar shows of one session; nothing of the people who come."""

    uid: str
    sequence: int
    changed_at: datetime
    number: int
    session_count: int
    starts_at: datetime
    ends_at: datetime
    called_off_at: datetime | None
    called_off_reason: str
    course_id: int
    kind: str
    title: str
    description: str
    audience: str
    bring: str
    venue_name: str
    address: str
    latitude: float | None
    longitude: float | None
    room_name: str | None


async def sessions(selection: Selection, since: datetime, since_on: date) -> list[Session]:
    """The public sessions of the selection from `since_on`, the municipal date of `since`, on.

    What was called off before `since` has gone. One statement.
    """
    query = QueryString(_SESSIONS, since_on, since, QueryString(*_selected(selection)))
    return [Session(**row) for row in await ClassSession.raw("{}", query)]


async def last_change() -> datetime | None:
    """When any session or course last changed, also one that has since left a feed."""
    rows = await ClassSession.raw(_LAST_CHANGE)
    return max(rows[0]["session_changed_at"], rows[0]["course_changed_at"]) if rows else None


def _selected(selection: Selection) -> tuple[str, int | str] | tuple[str]:
    if selection.venue_id is not None:
        return "session.venue = {}", selection.venue_id
    if selection.kind is not None:
        return "course.kind = {}", selection.kind
    if selection.course_id is not None:
        return "session.course = {}", selection.course_id
    return ("1 = 1",)


_SESSIONS = """
SELECT session.uid, session.sequence, session.changed_at, session.number, session.starts_at,
    session.ends_at, session.called_off_at, session.called_off_reason, session.course AS course_id,
    course.kind, course.title, course.description, course.audience, course.bring,
    venue.name AS venue_name, venue.address, venue.latitude, venue.longitude,
    room.name AS room_name,
    (SELECT COUNT(*) FROM class_session AS every WHERE every.course = course.id) AS session_count
FROM class_session AS session
JOIN course ON course.id = session.course
JOIN venue ON venue.id = session.venue
LEFT JOIN room ON room.id = session.room
WHERE course.published_at IS NOT NULL AND course.listed AND course.kind <> 'staff_training'
    AND session.held_on >= {}
    AND (session.called_off_at IS NULL OR session.called_off_at >= {}) AND {}
ORDER BY session.starts_at, session.id
"""

_LAST_CHANGE = """
SELECT session.changed_at AS session_changed_at, course.changed_at AS course_changed_at
FROM (SELECT changed_at FROM class_session ORDER BY changed_at DESC LIMIT 1) AS session
CROSS JOIN (SELECT changed_at FROM course ORDER BY changed_at DESC LIMIT 1) AS course
"""
