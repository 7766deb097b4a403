"""Who could help at a session, the best first (S3)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from server import clock
from server.classes import clashes, vacancies
from server.classes.tables import Assignment, HelpRole
from server.refusals import Refused
from server.supporters import credentials, register
from server.supporters.tables import Weekday
from server.training import progress
from server.training.tables import RequirementKind

Row = dict[str, Any]

NEVER: Row = {"last_on": None, "previous_on": None, "next_on": None, "planned": 0}


async def of_session(session_id: int, role: HelpRole) -> list[Row]:
    """Who could take that role at a session, the best first; at most twelve statements.

    Empty for a session called off. Rows of the register with `same_district`, `day_fits` (that
    half day of the week), `last_on` (the last day that she helped or is down for),
    `previous_on` and `next_on` (the last day that is over, the first to come), `planned`
    (sessions to come), `missing` (practice that a trainee still needs, as its unit counts),
    `why_not` (a paper that is not valid then, S8) and `clash` (elsewhere at that time, C1). First
    those who can; of trainees those who still miss practice; then the same district, the half
    day that fits, the longest not helped.
    """
    row = await vacancies.session(session_id)
    if row is None:
        return []
    pool = await _pool([row], trainees=role == HelpRole.trainee)
    return _ranked(pool, row, role)


async def suggestions(rows: Sequence[Row]) -> dict[tuple[int, str], Row]:
    """Of each session and role that is missing, the candidate who could do it best, if any.

    Keys are a session's id and a role. As if each were taken in turn: nobody is suggested twice
    at a time, and who is suggested already comes later. As many statements for thirty sessions
    as for one.
    """
    if not rows:
        return {}
    pool = await _pool(rows, trainees=False)
    found = {}
    for row in rows:
        for role in row["lacks"]:
            best = next(iter(_ranked(pool, row, role)), None)
            if best and best["why_not"] is None and best["clash"] is None:
                found[row["id"], str(role)] = best
                pool.take(best, row)
    return found


async def at_that_time(row: Row) -> dict[int, list[Row]]:
    """Who helps anywhere during a session, that one included, by the id of the person who stays."""
    return _by_person(await Assignment.raw(_AT_THAT_TIME, row["ends_at"], row["starts_at"]))


@dataclass(frozen=True)
class _Pool:
    """Everybody in the register and what tells whether she can, each read once."""

    people: list[Row]
    papers: dict[int, list[Row]]
    latest: dict[int, Row]
    places: dict[int, list[Row]]  # where each person helps while these sessions are held
    missing: dict[int, float]

    def take(self, person: Row, row: Row) -> None:
        """Rank her from now on as if she were down for that session."""
        person_id, day = person["person_id"], row["held_on"]
        self.places.setdefault(person_id, []).append({**row, "session": row["id"]})
        self.latest[person_id] = {
            "last_on": max(person["last_on"] or day, day),
            "previous_on": person["previous_on"],
            "next_on": min(person["next_on"] or day, day),
            "planned": person["planned"] + 1,
        }


async def _pool(rows: Sequence[Row], *, trainees: bool) -> _Pool:
    people, _more = await register.listed(register.Filters(), None)
    last, first = max(row["ends_at"] for row in rows), min(row["starts_at"] for row in rows)
    practising = [each for each in people if _has_role(each, HelpRole.trainee)]
    return _Pool(
        people=people,
        papers=await credentials.of_people(),
        latest=await _latest(),
        places=_by_person(await Assignment.raw(_AT_THAT_TIME, last, first)),
        missing=await _missing(practising) if trainees else {},
    )


def _ranked(pool: _Pool, row: Row, role: HelpRole) -> list[Row]:
    found = []
    for each in pool.people:
        if not _has_role(each, role):
            continue
        busy = [
            other
            for other in pool.places.get(each["person_id"], [])
            if other["starts_at"] < row["ends_at"] and row["starts_at"] < other["ends_at"]
        ]
        if any(other["session"] == row["id"] for other in busy):
            continue
        latest = pool.latest.get(each["person_id"], NEVER)
        known = row["district"] is not None
        fits = {
            "same_district": known and each["district"] == row["district"],
            "day_fits": half_day(row) in each["days"].split(","),
            "missing": pool.missing.get(each["person_id"], 0),
            "why_not": vacancies.paper_missing(pool.papers.get(each["person_id"], []), row),
            "clash": clashes.clash(busy[0]) if busy else None,
        }
        found.append(each | latest | fits)
    return sorted(found, key=_best_first)


def _by_person(rows: list[Row]) -> dict[int, list[Row]]:
    found: dict[int, list[Row]] = {}
    for each in rows:
        found.setdefault(each["person_id"], []).append(each)
    return found


def half_day(row: Row) -> str:
    """The half day of the week on which a session begins: sat_pm."""
    begins = clock.local(row["starts_at"])
    return f"{tuple(Weekday)[begins.weekday()]}_{'am' if begins.hour < 12 else 'pm'}"


def _has_role(supporter: Row, role: HelpRole) -> bool:
    try:
        register.check_role(supporter, supporter["stage"], role)
    except Refused:
        return False
    return True


async def _missing(people: list[Row]) -> dict[int, float]:
    """Practice that is still missing, in sessions or hours as the programme counts."""
    of_each = await progress.of_many([each["person_id"] for each in people])
    return {
        person_id: sum(
            line.missing
            for line in each.lines
            if line.requirement["kind"] == RequirementKind.practice
        )
        for person_id, each in of_each.items()
    }


async def _latest() -> dict[int, Row]:
    now = clock.now()
    days = ("last_on", "previous_on", "next_on")
    return {
        row["person_id"]: {name: _date(row[name]) for name in days}
        | {"planned": row["planned"] or 0}
        for row in await Assignment.raw(_LATEST, now, now, now)
    }


def _date(value: object) -> date | None:
    """SQLite gives the text of a date for MAX and MIN, PostgreSQL the date."""
    return None if value is None else date.fromisoformat(str(value))


def _best_first(row: Row) -> tuple[Any, ...]:
    return (
        row["why_not"] is not None,
        row["clash"] is not None,
        not row["missing"],
        not row["same_district"],
        not row["day_fits"],
        row["last_on"] or date.min,
        row["reading_key"],
    )


_AT_THAT_TIME = """
SELECT assignment.id, assignment.session, held.starts_at, held.ends_at, course.title,
    COALESCE(person.merged_into, person.id) AS person_id
FROM assignment
JOIN supporter ON supporter.id = assignment.supporter
JOIN person ON person.id = supporter.person
JOIN class_session AS held ON held.id = assignment.session
JOIN course ON course.id = held.course
WHERE assignment.voided_at IS NULL AND held.called_off_at IS NULL
    AND held.starts_at < {} AND held.ends_at > {}
ORDER BY held.starts_at, held.id
"""

_LATEST = """
SELECT COALESCE(person.merged_into, person.id) AS person_id, MAX(held.held_on) AS last_on,
    MAX(CASE WHEN held.ends_at <= {} THEN held.held_on END) AS previous_on,
    MIN(CASE WHEN held.ends_at > {} THEN held.held_on END) AS next_on,
    SUM(CASE WHEN held.ends_at > {} THEN 1 ELSE 0 END) AS planned
FROM assignment
JOIN supporter ON supporter.id = assignment.supporter
JOIN person ON person.id = supporter.person
JOIN class_session AS held ON held.id = assignment.session
WHERE assignment.voided_at IS NULL AND held.called_off_at IS NULL
    AND (assignment.came IS NULL OR assignment.came = true)
GROUP BY COALESCE(person.merged_into, person.id)
"""
