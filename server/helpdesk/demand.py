"""Demand meets supply: what people ask about, and the classes to come on it (H6)."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from piccolo.querystring import QueryString

from server import clock
from server.classes.tables import PUBLIC_KINDS, BookingScope, ClassSession
from server.helpdesk import counting, learning
from server.helpdesk.learning import Dimension
from server.helpdesk.queries import ContactFilters
from server.topics import topics

Row = dict[str, Any]

ASKED_DAYS = 90
COMING_DAYS = 60


async def listed(filters: ContactFilters = counting.ANY) -> list[Row]:
    """Each topic and district that was asked about, beside its classes; what lacks most first.

    Asked are the contacts that fit; the classes are always all of the city's.
    A row has `topic_id`, `topic_name`, `district_id`, `district_name` (None: not said; it is
    compared with the classes of the whole city), `number` of contacts in the last 90 days, the
    `sessions` to come there in 60 days that residents may book, their `seats_left`, `missing`
    (contacts beyond these seats), `drafts` of courses on the topic, there or without a date yet,
    and `last`, the newest public class on the topic: its `course` and `kind`, none before the
    first one.
    A class on a topic also serves what lies below it. A fixed number of statements.
    """
    asked = await counting.added_up(("contact.topic", "contact.district"), *asked_days(), filters)
    stands = await topics.standing()
    parents = await _parents(stands)
    numbers: dict[tuple[int, int | None], int] = {}
    for row in asked:
        key = (stands[row["topic"]], row["district"])
        numbers[key] = numbers.get(key, 0) + row["number"]
    coming = await _coming(stands)
    drafts = await _drafts(stands)
    topic_names = await learning.names_of(Dimension.topic)
    districts = await learning.names_of(Dimension.district)
    last = await _last(stands)
    found = []
    for (topic_id, district_id), number in numbers.items():
        taught = {topic_id, parents.get(topic_id)}
        sessions = _on(coming, taught, district_id)
        left = seats_left(sessions)
        found.append(
            {
                "topic_id": topic_id,
                "topic_name": topic_names[topic_id],
                "district_id": district_id,
                "district_name": districts.get(district_id),
                "number": number,
                "sessions": sessions,
                "seats_left": left,
                "missing": max(0, number - left),
                "drafts": _drafts_on(drafts, topic_id, district_id),
                "last": last.get(topic_id),
            }
        )
    return sorted(found, key=_most_missing)


def asked_days() -> tuple[date, date]:
    """The ninety days whose contacts count, today among them."""
    today = clock.today()
    return today - timedelta(days=ASKED_DAYS - 1), today


def seats_left(sessions: Iterable[Row]) -> int:
    """Places that can still be applied for; those of a whole course once."""
    left: dict[tuple[str, int], int] = {}
    for each in sessions:
        whole = each["scope"] == BookingScope.course
        key = ("course", each["course_id"]) if whole else ("session", each["session_id"])
        left[key] = max(0, each["seats"] - each["taken"]) if each["open"] else 0
    return sum(left.values())


def _on(coming: list[Row], taught: set[int | None], district_id: int | None) -> list[Row]:
    return [
        each
        for each in coming
        if each["topics"] & taught and district_id in (None, each["district_id"])
    ]


async def _coming(stands: dict[int, int]) -> list[Row]:
    """The sessions of the next sixty days that residents may know of, each with its topics."""
    now = clock.now()
    last_on = clock.today() + timedelta(days=COMING_DAYS)
    rows = await ClassSession.raw("{}", QueryString(_COMING, now, last_on))
    found: dict[int, Row] = {}
    for row in rows:
        whole = row["scope"] == BookingScope.course
        session = found.setdefault(
            row["session_id"],
            row
            | {
                "topics": set(),
                "open": row["closes_at"] > now,
                "seats": row["course_seats"] if whole else row["session_seats"],
                "taken": row["course_taken"] if whole else row["session_taken"],
            },
        )
        session["topics"].add(stands[row["topic_id"]])
    return list(found.values())


def _drafts_on(drafts: list[Row], topic_id: int, district_id: int | None) -> list[Row]:
    """Each draft once: on the topic, in the district or with no date yet."""
    found = {
        each["course_id"]: each
        for each in drafts
        if each["topic"] == topic_id
        and (district_id is None or each["district"] in (None, district_id))
    }
    return list(found.values())


async def _drafts(stands: dict[int, int]) -> list[Row]:
    rows: list[Row] = await ClassSession.raw(_DRAFTS)
    return [row | {"topic": stands[row["topic"]]} for row in rows]


async def _parents(stands: dict[int, int]) -> dict[int, int]:
    every = await topics.everything()
    return {row["id"]: stands[row["parent"]] for row in every if row["parent"]}


async def _last(stands: dict[int, int]) -> dict[int, Row]:
    """The newest public course on each topic."""
    rows = await ClassSession.raw(_TAUGHT)
    return {stands[row["topic"]]: row for row in rows}


def _most_missing(row: Row) -> tuple[Any, ...]:
    nowhere = row["district_id"] is None
    return (-row["missing"], -row["number"], nowhere, row["topic_id"], row["district_id"] or 0)


_PUBLIC = ", ".join(f"'{kind}'" for kind in PUBLIC_KINDS)

_DRAFTS = """
SELECT course.id AS course_id, course.title, course_topic.topic, venue.district
FROM course
JOIN course_topic ON course_topic.course = course.id
LEFT JOIN class_session ON class_session.course = course.id
LEFT JOIN venue ON venue.id = class_session.venue
WHERE course.published_at IS NULL AND course.called_off_at IS NULL
ORDER BY course.id
"""

_COMING = f"""
SELECT class_session.id AS session_id, class_session.starts_at, class_session.ends_at,
    class_session.seats AS session_seats, class_session.taken AS session_taken,
    course.id AS course_id, course.title, course.scope, course.closes_at,
    course.seats AS course_seats, course.taken AS course_taken,
    venue.name AS venue_name, venue.district AS district_id, course_topic.topic AS topic_id
FROM class_session
JOIN course ON course.id = class_session.course
JOIN venue ON venue.id = class_session.venue
JOIN course_topic ON course_topic.course = course.id
WHERE class_session.starts_at > {{}} AND class_session.held_on <= {{}}
    AND class_session.called_off_at IS NULL AND course.called_off_at IS NULL
    AND course.published_at IS NOT NULL AND course.listed AND course.kind IN ({_PUBLIC})
ORDER BY class_session.starts_at, class_session.id
"""  # noqa: S608

_TAUGHT = f"""
SELECT course_topic.topic, course.kind, course.id AS course FROM course_topic
JOIN course ON course.id = course_topic.course
WHERE course.kind IN ({_PUBLIC}) AND course.published_at IS NOT NULL
    AND course.called_off_at IS NULL
ORDER BY course.id
"""  # noqa: S608
