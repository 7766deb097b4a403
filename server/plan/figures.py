"""The actual figure of an indicator and the rows behind it; the one is the sum of the others (T5).

Every row says `kind` (supporter, session, training, entry), `id`, `effective_on`, `number`,
`title`, `detail`, `url`, `district_id` and `district_name`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from server import clock
from server.classes import reports
from server.classes.tables import CourseKind
from server.counter_staff import completions
from server.database.conditions import among, stood
from server.plan.tables import Counting, IndicatorEntry, Measure, Unit
from server.supporters import queries as supporters
from server.supporters import schemes
from server.supporters.tables import Stage

Row = dict[str, Any]
Rows = tuple[Row, ...]


@dataclass(frozen=True)
class Figure:
    """What was reached, in which unit, by which rows.

    `number` is None where there is nothing to count yet: a milestone, or an indicator kept by
    hand for which nobody has entered anything.
    """

    number: int | None
    unit: Unit
    rows: Rows
    milestone: str = ""  # the last one reached


async def actual(
    indicator: Row,
    fiscal_year: int,
    *,
    until: date | None = None,
    known_at: datetime | None = None,
) -> Figure:
    """The figure of a fiscal year, or of its days up to `until`, as known at an instant (T5).

    Annual indicators count the year alone, cumulative ones everything to its end (S6).
    """
    collected = await collect([indicator], until=until, known_at=known_at)
    return of(indicator, collected[indicator["id"]], fiscal_year)


async def rows(
    indicator: Row,
    fiscal_year: int,
    *,
    until: date | None = None,
    known_at: datetime | None = None,
) -> Rows:
    """What makes up `actual`, in the order of the days."""
    return (await actual(indicator, fiscal_year, until=until, known_at=known_at)).rows


async def collect(
    indicators: Sequence[Row], *, until: date | None = None, known_at: datetime | None = None
) -> dict[int, Rows]:
    """Everything that counts for each indicator up to a day, for any number in five statements.

    Planned is not done: only sessions whose report says held are there (T3), and trainings by
    address or video once per fiscal year in which somebody completed them (S5).
    """
    last_on = until or clock.today()
    entered = await _entered([each["id"] for each in indicators], last_on, known_at)
    trained = await _trained(indicators, last_on, known_at)
    held = await _held(indicators, last_on, known_at)
    taken = await _taken(indicators, last_on, known_at)
    found = {}
    for each in indicators:
        counted = {
            Measure.supporters_trained: trained,
            Measure.sessions_held: [
                *_of_kinds(each, held),
                *(taken if _counts_trainings(each) else []),
            ],
        }.get(each["measure"], [])
        own = [row for row in entered if row["indicator"] == each["id"]]
        found[each["id"]] = tuple(sorted([*counted, *own], key=lambda row: row["effective_on"]))
    return found


def of(indicator: Row, collected: Iterable[Row], fiscal_year: int) -> Figure:
    """The figure of a fiscal year, out of what `collect` found for the indicator."""
    first_on, last_on = clock.fiscal_days(fiscal_year)
    annual = indicator["counting"] == Counting.annual
    behind = tuple(
        row
        for row in collected
        if row["effective_on"] <= last_on and not (annual and row["effective_on"] < first_on)
    )
    unit = Unit(indicator["unit"])
    if indicator["counting"] == Counting.milestone:
        return Figure(None, unit, behind, behind[-1]["milestone"] if behind else "")
    if indicator["measure"] == Measure.by_hand and not behind:
        return Figure(None, unit, behind)
    return Figure(sum(row["number"] for row in behind), unit, behind)


def in_district(behind: Iterable[Row], district_id: int | None) -> Rows:
    """The rows of one district; None: those that belong to none."""
    return tuple(row for row in behind if row["district_id"] == district_id)


async def helping(on: date) -> list[Row]:
    """The supporters who were registered or active on a day, each human being once."""
    return [_supporter_row(each) for each in await supporters.active(on)]


async def _trained(
    indicators: Sequence[Row], last_on: date, known_at: datetime | None
) -> list[Row]:
    """Who reached the stage that the city counts as 養成 (S1); leaving changes nothing."""
    if all(each["measure"] != Measure.supporters_trained for each in indicators):
        return []
    stage = Stage((await schemes.current()).counted_stage)
    return [_supporter_row(each) for each in await supporters.counted(stage, last_on, known_at)]


def _supporter_row(row: Row) -> Row:
    return {
        "kind": "supporter",
        "id": row["supporter_id"],
        "effective_on": row["effective_on"],
        "number": 1,
        "title": row["name"],
        "detail": row["reading"],
        "url": f"/staff/supporters/{row['supporter_id']}",
        "district_id": row["district_id"],
        "district_name": row["district_name"],
    }


async def _held(indicators: Sequence[Row], last_on: date, known_at: datetime | None) -> list[Row]:
    counted = [each for each in indicators if each["measure"] == Measure.sessions_held]
    if not counted:
        return []
    annual = all(each["counting"] == Counting.annual for each in counted)
    begun = min(each["first_year"] for each in counted)
    first_on = clock.fiscal_days(begun)[0] if annual else date.min
    kinds = sorted({kind for each in counted for kind in _kinds(each)})
    return await reports.held(first_on, last_on, kinds, known_at)


def _kinds(indicator: Row) -> list[str]:
    return indicator["kinds"].split(",") if indicator["kinds"] else list(CourseKind)


def _of_kinds(indicator: Row, held: Sequence[Row]) -> list[Row]:
    """A row per 開催; where courses are counted one per course, on its first day held (S5)."""
    own = [row for row in held if row["kind"] in _kinds(indicator)]
    if indicator["unit"] == Unit.course:
        first: dict[int, Row] = {}
        for row in own:
            first.setdefault(row["course_id"], row)
        own = list(first.values())
    heads = indicator["unit"] == Unit.visit
    return [_session_row(row, row["head_count"] if heads else 1) for row in own]


def _session_row(row: Row, number: int) -> Row:
    return {
        "kind": "session",
        "id": row["session_id"],
        "effective_on": row["effective_on"],
        "number": number,
        "title": row["title"],
        "detail": row["venue_name"],
        "url": f"/staff/courses/{row['course_id']}",
        "section_id": row["section_id"],
        "district_id": row["district_id"],
        "district_name": row["district_name"],
    }


def _counts_trainings(indicator: Row) -> bool:
    """Does it count 開催 of trainings for staff? Those without a date are one 開催 each (S5)."""
    return bool(
        indicator["measure"] == Measure.sessions_held
        and indicator["unit"] == Unit.session
        and CourseKind.staff_training in _kinds(indicator)
    )


async def _taken(indicators: Sequence[Row], last_on: date, known_at: datetime | None) -> list[Row]:
    """The trainings by address or video; a dated one is there as its sessions, never twice."""
    if not any(_counts_trainings(each) for each in indicators):
        return []
    return [
        {
            "kind": "training",
            "id": row["training_id"],
            "effective_on": row["effective_on"],
            "number": 1,
            "title": row["title"],
            "detail": row["offered_to"],
            "url": f"/staff/trainings/{row['training_id']}",
            "section_id": None,
            "district_id": None,
            "district_name": None,
        }
        for row in await completions.offered_and_taken(last_on, known_at)
    ]


async def _entered(ids: Sequence[int], last_on: date, known_at: datetime | None) -> list[Row]:
    if not ids:
        return []
    theirs = among("indicator_entry.indicator", ids)
    found = await IndicatorEntry.raw(_ENTERED, theirs, last_on, stood("indicator_entry", known_at))
    return [
        row
        | {
            "kind": "entry",
            "number": row["number"] or 0,
            "title": row["milestone"] or row["evidence"],
            "detail": row["evidence"] if row["milestone"] else "",
            "url": None,
            "district_id": None,
            "district_name": None,
        }
        for row in found
    ]


_ENTERED = """
SELECT indicator_entry.id, indicator_entry.indicator, indicator_entry.effective_on,
    indicator_entry.number, indicator_entry.milestone, indicator_entry.evidence
FROM indicator_entry
WHERE {} AND indicator_entry.effective_on <= {} AND {}
ORDER BY indicator_entry.effective_on, indicator_entry.id
"""
