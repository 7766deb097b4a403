"""What people ask about: contacts by topic, procedure, place and hour (H2, T5)."""

from collections.abc import Callable
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from server import clock
from server.helpdesk import counting
from server.helpdesk.queries import ContactFilters
from server.helpdesk.tables import ContactChannel, ContactOutcome, Desk, Stuck
from server.places.tables import District
from server.topics import procedures, topics

Row = dict[str, Any]
Key = Any


class Dimension(StrEnum):
    """What contacts are counted by."""

    topic = "topic"
    procedure = "procedure"
    stuck = "stuck"
    channel = "channel"
    outcome = "outcome"
    desk = "desk"
    district = "district"
    weekday = "weekday"
    hour = "hour"
    times = "times"  # weekday and hour
    month = "month"


NAMED = (Dimension.topic, Dimension.procedure, Dimension.desk, Dimension.district)


async def counts(
    by: Dimension,
    first_on: date,
    last_on: date,
    filters: ContactFilters = counting.ANY,
    known_at: datetime | None = None,
) -> list[Row]:
    """Contacts of these days, both included, added up by a dimension, in the order it is read.

    Each row has `key` (an id, a word, an ISO weekday, an hour, both, a month's first day; None or
    "" where it is not said), `name` (of a topic, procedure, desk or district, else ""), `number`,
    `solved` (at once, H2), `rate` (of these, in percent; None of nothing) and `minutes` in all.
    What was merged counts with what it was merged into. As known at `known_at`, or now.
    """
    found = await counting.added_up(_COLUMNS[by], first_on, last_on, filters, known_at)
    key = await key_of(by)
    groups: dict[Key, list[Row]] = {each: [] for each in _always(by, first_on, last_on, filters)}
    for row in found:
        groups.setdefault(key(row), []).append(row)
    names = await names_of(by)
    rows = [
        {"key": each, "name": names.get(each, ""), **counting.total(group)}
        for each, group in groups.items()
    ]
    return sorted(rows, key=_most_first(names) if by in NAMED else _in_order)


async def key_of(by: Dimension) -> Callable[[Row], Key]:
    """What a row of contacts counts under: a merged topic under the one that stands (H2)."""
    if by is Dimension.topic:
        stands = await topics.standing()
        return lambda row: stands[row["topic"]]
    if by is Dimension.procedure:
        held = await procedures.standing()
        return lambda row: held[row["procedure"]] if row["procedure"] else None
    if by is Dimension.month:
        return lambda row: row["contacted_on"].replace(day=1)
    if by is Dimension.times:
        return lambda row: (row["weekday"], row["hour"])
    return lambda row: row[by]


async def names_of(by: Dimension) -> dict[Key, str]:
    """The names of a dimension's keys, in the city's order; empty where the keys are words."""
    if by is Dimension.topic:
        rows = await topics.everything()
    elif by is Dimension.procedure:
        rows = await procedures.everything()
    elif by is Dimension.desk:
        rows = await Desk.select(Desk.id, Desk.name).order_by(Desk.position, Desk.id)
    elif by is Dimension.district:
        rows = await District.select(District.id, District.name).order_by(
            District.position, District.id
        )
    else:
        return {}
    return {row["id"]: row["name"] for row in rows}


def _always(by: Dimension, first_on: date, last_on: date, filters: ContactFilters) -> list[Key]:
    """The keys that are shown even where nobody asked; none that the filters exclude (T5)."""
    if by is Dimension.month:
        return clock.months(first_on, last_on)
    fixed: dict[Dimension, list[Key]] = {
        Dimension.stuck: [*Stuck],
        Dimension.channel: [*ContactChannel],
        Dimension.outcome: [*ContactOutcome],
        Dimension.weekday: [*range(1, 8)],
    }
    only = getattr(filters, by, None)
    return [key for key in fixed.get(by, []) if only in (None, key)]


def _most_first(names: dict[Key, str]) -> Callable[[Row], Key]:
    order = {key: place for place, key in enumerate(names)}
    return lambda row: (row["key"] is None, -row["number"], order.get(row["key"], 0))


def _in_order(row: Row) -> Key:
    key = row["key"]
    if isinstance(key, str):
        return (key == "", _PLACES.get(key, 0))
    if isinstance(key, tuple):
        return (key[1] is None, key)
    return (key is None, key or 0)


_COLUMNS: dict[Dimension, tuple[str, ...]] = {
    **{each: (f"contact.{each}",) for each in Dimension},
    Dimension.times: ("contact.weekday", "contact.hour"),
    Dimension.month: ("contact.contacted_on",),
}

_PLACES = {
    str(word): place
    for words in (Stuck, ContactChannel, ContactOutcome)
    for place, word in enumerate(words)
}
