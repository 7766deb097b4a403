"""The rate of counter staff who have been trained, per section on a reference day (H5)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from piccolo.querystring import QueryString

from server import clock
from server.counter_staff import memberships
from server.counter_staff.tables import (
    StaffCompletion,
    StaffExclusion,
    StaffMembership,
    StaffTraining,
)
from server.database.conditions import among, every, stood

Row = dict[str, Any]


@dataclass(frozen=True)
class Scope:
    """What the rate is of: one training, or any, in a fiscal year: that of the day, or another."""

    training_id: int | None = None
    fiscal_year: int | None = None

    def year(self, on: date) -> int:
        """The fiscal year that is asked about: completions and exclusions are those of it."""
        return clock.fiscal_year(on) if self.fiscal_year is None else self.fiscal_year


async def people(
    scope: Scope,
    on: date,
    *,
    section_id: int | None = None,
    known_at: datetime | None = None,
) -> list[Row]:
    """Everybody in post on the reference day, each with how she stands: the rows of a rate (T5).

    As `memberships.in_post`, with `state` (completed, missing, excluded), `completed_on` (the
    first time, None unless completed), `completion_id`, `training_name`, and of an exclusion its
    `reason` and `exclusion_id`. Completed counts from 1 April of the fiscal year up to the
    reference day; where any training will do, excluded is who is left out of every one of that
    year. Two members who turned out to be one human being are one row, of where she began last.
    As known at `known_at`, or now. At most four statements.
    """
    done = await _done(scope, on, known_at)
    left_out = await _left_out(scope, scope.year(on), known_at)
    posts = _once(await memberships.in_post(on, known_at=known_at))
    return [
        _standing(row, done.get(row["person_id"]), left_out)
        for row in posts
        if section_id in (None, row["section_id"])
    ]


async def of(
    scope: Scope,
    on: date,
    *,
    section_id: int | None = None,
    known_at: datetime | None = None,
) -> list[Row]:
    """A row per section that ever had counter staff, as `fold` gives it, and its `people`."""
    rows = await people(scope, on, section_id=section_id, known_at=known_at)
    return by_section(rows, await sections(section_id, known_at))


def by_section(rows: Sequence[Row], known: Sequence[Row]) -> list[Row]:
    """The rates of the sections `known`, each out of its own people."""
    found = []
    for section in known:
        own = [row for row in rows if row["section_id"] == section["id"]]
        found.append({"section_id": section["id"], "section_name": section["name"], **fold(own)})
    return found


def fold(rows: Sequence[Row]) -> Row:
    """The figures over people of `people`.

    `in_post`, `excluded`, `counted` (in post less excluded), `completed`, `missing`, `people`,
    and `rate`: completed ÷ counted in per cent with one decimal, half rounded up. None where
    nobody is counted: that is no rate, and never 0 %.
    """
    number = {
        state: sum(1 for row in rows if row["state"] == state)
        for state in ("completed", "missing", "excluded")
    }
    within = len(rows) - number["excluded"]
    return {
        "in_post": len(rows),
        "counted": within,
        **number,
        "rate": percent(number["completed"], within),
        "people": list(rows),
    }


def percent(part: int, whole: int) -> float | None:
    """So many of a hundred, with one decimal, half rounded up; None of nothing."""
    return None if whole == 0 else (part * 2000 + whole) // (2 * whole) / 10


async def sections(section_id: int | None = None, known_at: datetime | None = None) -> list[Row]:
    """The sections that ever had counter staff, or one of them: `id` and `name`, in order.

    As known at an instant (T5), or now.
    """
    wanted = [stood("staff_membership", known_at)]
    if section_id is not None:
        wanted.append(QueryString("section.id = {}", section_id))
    rows: list[Row] = await StaffMembership.raw(_SECTIONS, every(wanted))
    return rows


def _once(posts: Sequence[Row]) -> list[Row]:
    """Each human being once, by the post that began last; in the order of the rows."""
    last: dict[int, Row] = {}
    for row in posts:
        kept = last.setdefault(row["person_id"], row)
        if row["first_on"] > kept["first_on"]:
            last[row["person_id"]] = row
    return [row for row in posts if last[row["person_id"]] is row]


def _standing(row: Row, done: Row | None, left_out: dict[int, Row]) -> Row:
    reason = left_out.get(row["person_id"])
    state = "excluded" if reason is not None else "completed" if done else "missing"
    first = done if state == "completed" else None
    return row | {
        "state": state,
        "completed_on": first["completed_on"] if first else None,
        "completion_id": first["id"] if first else None,
        "training_name": first["training_name"] if first else "",
        "reason": (reason or {}).get("reason", ""),
        "exclusion_id": (reason or {}).get("id"),
    }


async def _done(scope: Scope, on: date, known_at: datetime | None) -> dict[int, Row]:
    first_on, last_on = clock.fiscal_days(scope.year(on))
    fits = [stood("staff_completion", known_at)]
    if scope.training_id is not None:
        fits.append(QueryString("staff_completion.training = {}", scope.training_id))
    rows = await StaffCompletion.raw(_DONE, first_on, min(on, last_on), every(fits))
    first: dict[int, Row] = {}
    for row in rows:  # in the order of the days
        first.setdefault(row["person_id"], row)
    return first


async def _left_out(scope: Scope, year: int, known_at: datetime | None) -> dict[int, Row]:
    """Why each human being does not count, by person."""
    if scope.training_id is None:
        wanted = await _of_year(year, known_at)
    else:
        wanted = {scope.training_id}
    if not wanted:
        return {}
    theirs = among("staff_exclusion.training", sorted(wanted))
    rows = await StaffExclusion.raw(_LEFT_OUT, year, theirs, stood("staff_exclusion", known_at))
    found: dict[int, dict[int, Row]] = {}
    for row in rows:
        found.setdefault(row["person_id"], {})[row["training_id"]] = row
    return {
        person: {"id": rows[0]["id"], "reason": "、".join({row["reason"]: 0 for row in rows})}
        for person, each in found.items()
        if len(rows := list(each.values())) == len(wanted)
    }


async def _of_year(fiscal_year: int, known_at: datetime | None) -> set[int]:
    """The trainings of a fiscal year: still offered, or completed by somebody in it.

    As known at an instant (T5): one entered or retired later is not yet so.
    """
    offered = QueryString("staff_training.retired_at IS NULL")
    there = QueryString("1 = 1")
    if known_at is not None:
        there = QueryString("staff_training.created_at <= {}", known_at)
        offered = QueryString("{} OR staff_training.retired_at > {}", offered, known_at)
    first_on, last_on = clock.fiscal_days(fiscal_year)
    taken = stood("staff_completion", known_at)
    asked = (last_on, first_on, there, offered, first_on, last_on, taken)
    rows = await StaffTraining.raw(_OF_YEAR, *asked)
    return {row["id"] for row in rows}


def default_day(scope: Scope, training: Row | None) -> date:
    """The reference day where none is asked for: today, or the last day of it if that is over."""
    today = clock.today()
    day = min(today, clock.fiscal_days(scope.year(today))[1])
    return min(day, training["last_on"]) if training else day


_DONE = """
SELECT staff_completion.id, staff_completion.completed_on, staff_training.name AS training_name,
    COALESCE(person.merged_into, person.id) AS person_id
FROM staff_completion
JOIN staff_training ON staff_training.id = staff_completion.training
JOIN staff_member ON staff_member.id = staff_completion.member
JOIN person ON person.id = staff_member.person
WHERE staff_completion.completed_on >= {} AND staff_completion.completed_on <= {} AND {}
ORDER BY staff_completion.completed_on, staff_completion.id
"""

_LEFT_OUT = """
SELECT staff_exclusion.id, staff_exclusion.training AS training_id, staff_exclusion.reason,
    COALESCE(person.merged_into, person.id) AS person_id
FROM staff_exclusion
JOIN staff_member ON staff_member.id = staff_exclusion.member
JOIN person ON person.id = staff_member.person
WHERE staff_exclusion.fiscal_year = {} AND {} AND {}
ORDER BY staff_exclusion.id
"""

_OF_YEAR = """
SELECT staff_training.id FROM staff_training
WHERE staff_training.first_on <= {} AND staff_training.last_on >= {} AND {}
    AND ({} OR EXISTS (SELECT 1 FROM staff_completion
        WHERE staff_completion.training = staff_training.id
        AND staff_completion.completed_on >= {} AND staff_completion.completed_on <= {} AND {}))
"""

_SECTIONS = """
SELECT DISTINCT section.id, section.name FROM section
JOIN staff_membership ON staff_membership.section = section.id
WHERE {}
ORDER BY section.id
"""
