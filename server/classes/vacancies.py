"""Where helpers are missing, and who could help (S3): for supporters and for coordinators."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from piccolo.querystring import QueryString

from server import clock
from server.classes import overview, staffing
from server.classes.queries import helpers
from server.classes.tables import Assignment, ClassSession, HelpRole
from server.refusals import Refused
from server.roles import Actor
from server.supporters import credentials, register, stages
from server.supporters.tables import Weekday
from server.training import progress
from server.training.tables import RequirementKind

Row = dict[str, Any]

MOST = 50
PUBLISHED = "course.published_at IS NOT NULL AND held.starts_at > {}"


async def near(
    supporter: Row, *, roles: Sequence[HelpRole] = tuple(HelpRole), limit: int = MOST
) -> list[Row]:
    """Sessions to come with a place left in one of `roles`, her own district first, then by time.

    `supporter` is a row of the register. Each session has the `role` offered, the first of `roles`
    with a place, `own_district`, and `why_not`, the Refused that signing up would be answered
    with; None where she can. Those that she is down for are left out. At most nine statements.
    """
    if not roles:
        return []
    free = " OR ".join(_FREE[HelpRole(role)] for role in roles)
    own = await staffing.of_supporter(supporter["id"], clock.now())
    not_hers = QueryString(
        f"held.id NOT IN ({', '.join(['{}'] * len(own)) or '0'})",
        *(each["session"] for each in own),
    )
    query = QueryString(
        f"{_SESSIONS} AND {PUBLISHED} AND ({free}) AND {{}} {_OWN_FIRST} LIMIT {{}}",
        clock.now(),
        not_hers,
        supporter["district"],
        limit,
    )
    rows = [_counted(row) for row in await ClassSession.raw("{}", query)]
    closed = await _closed()
    stage = await stages.current(supporter["id"])
    papers = await credentials.of(supporter["id"])
    for row in rows:
        row["role"] = next(role for role in roles if row["free"][role])
        row["own_district"] = (
            row["district"] is not None and row["district"] == (supporter["district"])
        )
        unfit = _unfit(supporter, stage["stage"] if stage else None, papers, row)
        row["why_not"] = closed or unfit or _in_the_way(row, own)
    return rows


async def short(days: int, by: Actor | None = None) -> list[Row]:
    """Published sessions of the next so many days that are short of people, in order.

    Short of leads or assistants, or a trainee without a lead; `lacks` says of which role how
    many. As far as `by` may see them (C4), where given. One statement.
    """
    query = QueryString(
        f"{_SESSIONS} AND {PUBLISHED} AND held.held_on <= {{}} AND {{}} {_IN_ORDER}",
        clock.now(),
        clock.today() + timedelta(days=days),
        overview.visible(by) if by else QueryString("1 = 1"),
    )
    rows = [_counted(row) for row in await ClassSession.raw("{}", query)]
    return [row for row in rows if row["is_short"]]


async def month(by: Actor, first: date) -> list[Row]:
    """The standing sessions of a month that `by` may see, drafts too, in order; two statements.

    As `short`, each with its `helpers`; one who is at two of them at a time has `clashes`.
    """
    after = (first + timedelta(days=31)).replace(day=1)
    query = QueryString(
        f"{_SESSIONS} AND held.held_on >= {{}} AND held.held_on < {{}} AND {{}} {_IN_ORDER}",
        first,
        after,
        overview.visible(by),
    )
    rows = [_counted(row) for row in await ClassSession.raw("{}", query)]
    there = await helpers([row["id"] for row in rows])
    for row in rows:
        row["helpers"] = [each for each in there if each["session"] == row["id"]]
    _mark_clashes(rows)
    return rows


async def session(session_id: int) -> Row | None:
    """One session as in `month`, without who helps; None when there is none, or called off."""
    rows = await ClassSession.raw(f"{_SESSIONS} AND held.id = {{}}", session_id)
    return _counted(rows[0]) if rows else None


async def candidates(session_id: int, role: HelpRole) -> list[Row]:
    """Who could take that role at a session, the best first; at most twelve statements.

    Rows of the register with `same_district`, `day_fits` (that half day of the week), `last_on`
    (the last day that she helped or is down for), `planned` (sessions to come), `missing`
    (practice that a trainee still needs, as its unit counts), `why_not` (a paper that is not
    valid then, S8) and `clash` (elsewhere at that time, C1). First those who can; of trainees
    those who still miss practice; then the same district, the half day that fits, the longest not
    helped.
    """
    row = await session(session_id)
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
        latest = max(person["last_on"] or day, day)
        self.latest[person_id] = {"last_on": latest, "planned": person["planned"] + 1}


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
        latest = pool.latest.get(each["person_id"], {"last_on": None, "planned": 0})
        known = row["district"] is not None
        fits = {
            "same_district": known and each["district"] == row["district"],
            "day_fits": half_day(row) in each["days"].split(","),
            "missing": pool.missing.get(each["person_id"], 0),
            "why_not": _paper_missing(pool.papers.get(each["person_id"], []), row),
            "clash": staffing.clash(busy[0]) if busy else None,
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


def _counted(row: Row) -> Row:
    """How many are there, how many are missing, and is it short of people?"""
    there = {role: row[f"{role}_count"] for role in HelpRole}
    needed = {role: row[column] for role, column in staffing.NEEDED.items()}
    free = {role: max(needed[role] - there[role], 0) for role in HelpRole}
    row["there"], row["needed"], row["free"] = there, needed, free
    row["lacks"] = {role: free[role] for role in (HelpRole.lead, HelpRole.assistant) if free[role]}
    row["trainee_alone"] = bool(there[HelpRole.trainee] and not there[HelpRole.lead])
    row["is_short"] = bool(row["lacks"]) or row["trainee_alone"]
    return row


def _mark_clashes(rows: list[Row]) -> None:
    places = [(row, each) for row in rows for each in row["helpers"]]
    by_whom: dict[tuple[str, int], list[Row]] = {}
    for row, each in places:
        by_whom.setdefault(_whom(each), []).append(row)
    for row, each in places:
        each["clashes"] = any(
            other is not row
            and other["starts_at"] < row["ends_at"]
            and row["starts_at"] < other["ends_at"]
            for other in by_whom[_whom(each)]
        )


def _whom(helper: Row) -> tuple[str, int]:
    if helper["lecturer"] is not None:
        return "lecturer", helper["lecturer"]
    return "person", helper["person"]


async def _closed() -> Refused | None:
    try:
        await staffing.check_signing_up()
    except Refused as refused:
        return refused
    return None


def _unfit(supporter: Row, stage: str | None, papers: list[Row], row: Row) -> Refused | None:
    try:
        register.check_role(supporter, stage, row["role"])
    except Refused as refused:
        return refused
    return _paper_missing(papers, row)


def _paper_missing(papers: list[Row], row: Row) -> Refused | None:
    try:
        credentials.check_papers(papers, row["held_on"])
    except Refused as refused:
        return refused
    return None


def _in_the_way(row: Row, own: list[Row]) -> Refused | None:
    if row["role"] == HelpRole.trainee and not row["there"][HelpRole.lead]:
        return Refused(staffing.NO_LEAD)
    for other in own:
        apart = other["ends_at"] <= row["starts_at"] or row["ends_at"] <= other["starts_at"]
        if not apart and other["called_off_at"] is None:
            return staffing.clash(other)
    return None


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
    rows = await Assignment.raw(_LATEST, clock.now())
    return {
        # SQLite gives the text of a date for MAX, PostgreSQL the date
        row["person_id"]: {
            "last_on": date.fromisoformat(str(row["last_on"])),
            "planned": row["planned"] or 0,
        }
        for row in rows
    }


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


_COUNT = (
    "(SELECT COUNT(*) FROM assignment WHERE assignment.session = held.id"
    " AND assignment.voided_at IS NULL AND assignment.role = 'ROLE')"
)
_COUNTS = {role: _COUNT.replace("ROLE", role) for role in HelpRole}
_FREE = {role: f"held.{staffing.NEEDED[role]} > {count}" for role, count in _COUNTS.items()}

_SESSIONS = f"""
SELECT held.id, held.course, held.number, held.starts_at, held.ends_at, held.held_on, held.venue,
    held.leads_needed, held.assistants_needed, held.trainee_places, held.requirement,
    held.called_off_at, held.seats, held.taken, course.title, course.kind, course.section,
    course.scope, course.seats AS course_seats, course.taken AS course_taken,
    course.published_at, venue.name AS venue_name, venue.district,
    district.name AS district_name,
    {_COUNTS[HelpRole.lead]} AS lead_count,
    {_COUNTS[HelpRole.assistant]} AS assistant_count,
    {_COUNTS[HelpRole.trainee]} AS trainee_count
FROM class_session AS held
JOIN course ON course.id = held.course
JOIN venue ON venue.id = held.venue
LEFT JOIN district ON district.id = venue.district
WHERE held.called_off_at IS NULL AND course.called_off_at IS NULL
"""  # noqa: S608
_IN_ORDER = "ORDER BY held.starts_at, held.id"
_OWN_FIRST = "ORDER BY CASE WHEN venue.district = {} THEN 0 ELSE 1 END, held.starts_at, held.id"

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
    SUM(CASE WHEN held.ends_at > {} THEN 1 ELSE 0 END) AS planned
FROM assignment
JOIN supporter ON supporter.id = assignment.supporter
JOIN person ON person.id = supporter.person
JOIN class_session AS held ON held.id = assignment.session
WHERE assignment.voided_at IS NULL AND held.called_off_at IS NULL
    AND (assignment.came IS NULL OR assignment.came = true)
GROUP BY COALESCE(person.merged_into, person.id)
"""
