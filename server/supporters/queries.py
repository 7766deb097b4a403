"""Who reached which stage by when: reads that the register and every figure share."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from piccolo.querystring import QueryString

from server.database.conditions import among, stood
from server.supporters.tables import Stage, Supporter, SupporterStage

Row = dict[str, Any]

IN_ORDER = tuple(Stage)
COUNTED = (Stage.completed, Stage.registered, Stage.active)
HELPING = (Stage.registered, Stage.active)
STEPS = (Stage.applied, Stage.in_training, Stage.completed, Stage.registered)


async def counted(stage: Stage, until: date, known_at: datetime | None = None) -> list[Row]:
    """Everyone who had reached `stage` by the end of the day `until`, each human being once (S1).

    Whoever reached a later stage counts too (one imported as registered has completed), and
    leaving changes nothing: `effective_on` is the earliest such day, which decides the fiscal
    year. Without `known_at` what stands now; with it what had been recorded by that instant and
    not voided by then (T5). In the order of the days.
    """
    reached = [each for each in IN_ORDER[IN_ORDER.index(stage) :] if each != Stage.withdrawn]
    rows = await _dated(until, known_at, reached)
    first: dict[int, Row] = {}
    for row in rows:
        first.setdefault(row["person_id"], row)
    return list(first.values())


async def active(on: date, known_at: datetime | None = None) -> list[Row]:
    """Everyone whose stage on the day `on` was registered or active, each human being once."""
    return [row for row in await standing(on, known_at) if row["stage"] in HELPING]


async def standing(on: date, known_at: datetime | None = None) -> list[Row]:
    """Every human being among the supporters with the `stage` of that day and since when."""
    dated: dict[int, list[Row]] = {}
    for row in await _dated(on, known_at, IN_ORDER):
        dated.setdefault(row["person_id"], []).append(row)
    return [holding(rows) for rows in dated.values()]


def holding(rows: Sequence[Row]) -> Row:
    """Which of a human being's live stage rows, in the order of their days, holds: the last.

    But for a step that she had passed already, which a merged duplicate may bring: somebody
    registered is not completed again.
    """
    held = rows[0]
    for row in rows[1:]:
        passed = row["stage"] in STEPS and held["stage"] != Stage.withdrawn
        if not passed or IN_ORDER.index(row["stage"]) >= IN_ORDER.index(held["stage"]):
            held = row
    return held


async def stages_of(supporter_ids: Sequence[int]) -> dict[int, list[Row]]:
    """All stage rows, voided ones too, of each supporter and of her merged duplicates, in order."""
    found: dict[int, list[Row]] = {each: [] for each in supporter_ids}
    if found:
        for row in await SupporterStage.raw(_STAGES, among("asked.id", found)):
            found[row["asked"]].append(row)
    return found


async def same_human(supporter_id: int) -> list[int]:
    """The supporter rows of one human being: this one, and those of merged duplicates."""
    rows = await Supporter.raw("{}", QueryString(_SAME, supporter_id))
    return [row["id"] for row in rows]


async def _dated(until: date, known_at: datetime | None, stages: Sequence[Stage]) -> list[Row]:
    reached = among("supporter_stage.stage", map(str, stages))
    known = stood("supporter_stage", known_at)
    rows = await SupporterStage.raw(_DATED, reached, until, known)
    return [_one_human(row) for row in rows]


def _one_human(row: Row) -> Row:
    """The supporter row of the person who stays, where there is one."""
    own = "own" if row["own_id"] is not None else "row"
    return {
        "person_id": row["person_id"],
        "supporter_id": row[f"{own}_id"],
        "name": row["name"],
        "reading": row["reading"],
        "district_id": row[f"{own}_district_id"],
        "district_name": row[f"{own}_district_name"],
        "stage": row["stage"],
        "effective_on": row["effective_on"],
        "basis": row["basis"],
    }


# Whole columns only: SQLite knows the type of a column, not of an expression.
_DATED = """
SELECT supporter_stage.stage, supporter_stage.effective_on, supporter_stage.basis,
    stays.id AS person_id, stays.name, stays.reading,
    supporter.id AS row_id, district.id AS row_district_id, district.name AS row_district_name,
    own.id AS own_id, own_district.id AS own_district_id, own_district.name AS own_district_name
FROM supporter_stage
JOIN supporter ON supporter.id = supporter_stage.supporter
JOIN person ON person.id = supporter.person
JOIN person AS stays ON stays.id = COALESCE(person.merged_into, person.id)
LEFT JOIN supporter AS own ON own.person = stays.id
LEFT JOIN district ON district.id = supporter.district
LEFT JOIN district AS own_district ON own_district.id = own.district
WHERE {} AND supporter_stage.effective_on <= {} AND {}
ORDER BY supporter_stage.effective_on, supporter_stage.id
"""

_HUMANS = """
WITH human AS (
    SELECT supporter.id, COALESCE(person.merged_into, person.id) AS stays
    FROM supporter JOIN person ON person.id = supporter.person)
"""

_STAGES = (
    _HUMANS
    + """
SELECT asked.id AS asked, supporter_stage.id, supporter_stage.supporter, supporter_stage.stage,
    supporter_stage.effective_on, supporter_stage.basis, supporter_stage.reason,
    supporter_stage.recorded_at, supporter_stage.recorded_by, supporter_stage.voided_at,
    supporter_stage.voided_by, supporter_stage.void_reason
FROM human AS asked
JOIN human AS other ON other.stays = asked.stays
JOIN supporter_stage ON supporter_stage.supporter = other.id
WHERE {}
ORDER BY supporter_stage.effective_on, supporter_stage.id
"""
)

_SAME = (
    _HUMANS
    + """
SELECT other.id FROM human AS asked JOIN human AS other ON other.stays = asked.stays
WHERE asked.id = {} ORDER BY other.id
"""
)
