"""Does a class help? What its district asked about its topic before and after (H6)."""

from datetime import date, timedelta
from typing import Any

from server import clock
from server.classes import reports
from server.classes.tables import CourseTopic
from server.database.conditions import among
from server.helpdesk import counting, learning
from server.helpdesk.learning import Dimension
from server.helpdesk.queries import ContactFilters
from server.topics import topics

Row = dict[str, Any]

DAYS = 30


async def after_classes(
    first_on: date, last_on: date, filters: ContactFilters = counting.ANY
) -> list[Row]:
    """Each held session of these days in a district, per topic, newest first (T3).

    A row has the session as `reports.held` gives it, `topic_id`, `topic_name`, and the contacts
    that fit, about that topic and from that district, in the thirty days `before` and `after`, the
    day itself in neither; `until` is the last day of these. Not `over`: more may come. A fixed
    number of statements.
    """
    sessions = [row for row in await reports.held(first_on, last_on) if row["district_id"]]
    taught = await _taught({row["course_id"] for row in sessions})
    if not any(taught.values()):
        return []
    asked = await _asked(first_on, last_on, filters)
    names = await learning.names_of(Dimension.topic)
    found = [
        _row(session, topic_id, asked) | {"topic_name": names[topic_id]}
        for session in sessions
        for topic_id in taught.get(session["course_id"], ())
    ]
    return sorted(found, key=lambda row: (row["effective_on"], row["session_id"]), reverse=True)


def spans(held_on: date) -> tuple[tuple[date, date], tuple[date, date]]:
    """The thirty days before a day, and the thirty after it."""
    day = timedelta(days=1)
    return (
        (held_on - DAYS * day, held_on - day),
        (held_on + day, held_on + DAYS * day),
    )


Asked = dict[tuple[int, int], dict[date, int]]


def _row(session: Row, topic_id: int, asked: Asked) -> Row:
    days = asked.get((topic_id, session["district_id"]), {})
    before, after = (
        sum(number for on, number in days.items() if first <= on <= last)
        for first, last in spans(session["effective_on"])
    )
    until = spans(session["effective_on"])[1][1]
    counted = {"topic_id": topic_id, "before": before, "after": after}
    return session | counted | {"until": until, "over": until < clock.today()}


async def _asked(first_on: date, last_on: date, filters: ContactFilters) -> Asked:
    """Contacts per topic and district on each day that lies near enough."""
    wide = timedelta(days=DAYS)
    columns = ("contact.topic", "contact.district", "contact.contacted_on")
    rows = await counting.added_up(columns, first_on - wide, last_on + wide, filters)
    stands = await topics.standing()
    found: Asked = {}
    for row in rows:
        if row["district"] is not None:
            days = found.setdefault((stands[row["topic"]], row["district"]), {})
            days[row["contacted_on"]] = days.get(row["contacted_on"], 0) + row["number"]
    return found


async def _taught(course_ids: set[int]) -> dict[int, list[int]]:
    """The topics of each course, under which they count now."""
    if not course_ids:
        return {}
    rows = await CourseTopic.raw(_TAUGHT, among("course_topic.course", sorted(course_ids)))
    stands = await topics.standing()
    found: dict[int, list[int]] = {}
    for row in rows:
        topic_id = stands[row["topic"]]
        if topic_id not in found.setdefault(row["course"], []):
            found[row["course"]].append(topic_id)
    return found


_TAUGHT = """
SELECT course_topic.course, course_topic.topic FROM course_topic
WHERE {} ORDER BY course_topic.topic
"""
