"""The next open classes on a topic, nearest to who asks (H3)."""

from math import cos, hypot, radians
from typing import Any

from piccolo.querystring import QueryString

from server import clock
from server.classes.admission import why_not
from server.classes.queries import Bookable
from server.classes.tables import PUBLIC_KINDS, BookingScope, ClassSession

Row = dict[str, Any]

KM_PER_DEGREE = 111.2  # of a meridian
ELSEWHERE = 100_000  # km: further than anything, where a place is not known


async def open_classes(topic_id: int, district_id: int | None, limit: int = 3) -> list[Row]:
    """The public classes on a topic that take applications now, the caller's district first.

    Then by distance from that district in whole km, where both places are known, then by start.
    A class counts for its topics, for those above and below them, and for those merged with any
    of these. A course stands there once; `session_id` is the date to pick, None where a booking
    covers them all. With `title`, `starts_at`, `ends_at`, `venue_name`, `district_name`,
    `seats_left`, `kind`. One statement.
    """
    query = QueryString(_OPEN, district_id, district_id, topic_id, *PUBLIC_KINDS, clock.now())
    rows = [row for row in await ClassSession.raw("{}", query) if why_not(_bookable(row)) is None]
    rows.sort(key=lambda row: _nearness(row, district_id))
    best: dict[int, Row] = {}
    for row in rows:
        best.setdefault(row["course_id"], _told(row))
    return list(best.values())[:limit]


def _nearness(row: Row, district_id: int | None) -> tuple[bool, int, Any, int]:
    own = district_id is not None and row["district_id"] == district_id
    return not own, 0 if own else _distance(row), row["starts_at"], row["held_id"]


def _distance(row: Row) -> int:
    """Whole km; one degree of longitude is shorter the further north it is measured."""
    latitude, longitude = row["latitude"], row["longitude"]
    if None in (latitude, longitude, row["home_latitude"], row["home_longitude"]):
        return ELSEWHERE
    north = latitude - row["home_latitude"]
    east = (longitude - row["home_longitude"]) * cos(radians(latitude))
    return round(hypot(north, east) * KM_PER_DEGREE)


def _told(row: Row) -> Row:
    what = _bookable(row)
    names = ("course_id", "title", "kind", "starts_at", "ends_at", "venue_name", "district_name")
    known = {name: row[name] for name in names}
    return known | {"session_id": what.session_id, "seats_left": what.seats_left}


def _bookable(row: Row) -> Bookable:
    whole = row["scope"] == BookingScope.course
    seats = "" if whole else "session_"
    return Bookable(
        course_id=row["course_id"],
        session_id=None if whole else row["held_id"],
        scope=BookingScope(row["scope"]),
        listed=row["listed"],
        admission=row["admission"],
        published_at=row["published_at"],
        called_off_at=row["called_off_at"],
        opens_at=row["opens_at"],
        closes_at=row["closes_at"],
        starts_at=row["begins_at"] if whole else row["starts_at"],
        seats=row[f"{seats}seats"],
        overbooked=row[f"{seats}overbooked"],
        taken=row[f"{seats}taken"],
        waiting=row["waiting"],
    )


# Whole columns only: SQLite knows the type of a column, not of an expression.
_OPEN = f"""
SELECT course.id AS course_id, course.title, course.kind, course.scope, course.listed,
    course.admission, course.published_at, course.called_off_at, course.opens_at,
    course.closes_at, course.seats, course.overbooked, course.taken,
    held.id AS held_id, held.starts_at, held.ends_at, held.seats AS session_seats,
    held.overbooked AS session_overbooked, held.taken AS session_taken,
    begins.starts_at AS begins_at, venue.name AS venue_name, venue.latitude, venue.longitude,
    venue.district AS district_id, district.name AS district_name,
    (SELECT COUNT(*) FROM booking WHERE booking.course = course.id AND state = 'waitlisted'
        AND (course.scope = 'course' OR booking.session = held.id)) AS waiting,
    (SELECT AVG(home.latitude) FROM venue AS home WHERE home.archived_at IS NULL
        AND home.district = {{}}) AS home_latitude,
    (SELECT AVG(home.longitude) FROM venue AS home WHERE home.archived_at IS NULL
        AND home.district = {{}}) AS home_longitude
FROM course
JOIN class_session AS held ON held.course = course.id
JOIN venue ON venue.id = held.venue
LEFT JOIN district ON district.id = venue.district
LEFT JOIN class_session AS begins ON begins.id =
    (SELECT id FROM class_session WHERE class_session.course = course.id
        AND called_off_at IS NULL ORDER BY starts_at, id LIMIT 1)
WHERE course.id IN (
    SELECT course_topic.course FROM topic AS asked
    JOIN topic AS wanted ON wanted.id = COALESCE(asked.merged_into, asked.id)
    JOIN topic AS near ON near.id = wanted.id OR near.parent = wanted.id
        OR near.id = wanted.parent
    JOIN topic AS counted ON COALESCE(counted.merged_into, counted.id) = near.id
    JOIN course_topic ON course_topic.topic = counted.id
    WHERE asked.id = {{}})
AND course.kind IN ({", ".join(["{}"] * len(PUBLIC_KINDS))})
AND course.published_at IS NOT NULL AND held.called_off_at IS NULL AND held.starts_at > {{}}
"""  # noqa: S608
