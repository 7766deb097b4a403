"""Where helpers are missing (S3): for the supporter near home, for the coordinator by month."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from piccolo.querystring import QueryString

from server import clock
from server.classes import assignments, clashes, eligibility, overview
from server.classes.queries import helpers
from server.classes.tables import ClassSession, HelpRole
from server.people import merging
from server.refusals import Refused
from server.roles import Actor
from server.supporters import credentials, register, stages
from server.supporters.tables import Stage

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
    own = await assignments.of_supporter(supporter["id"], clock.now())
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

    Short of leads or assistants, a trainee without a lead, or somebody down for it who may not
    help any more; `lacks` says of which role how many. As far as `by` may see them (C4), where
    given. Six statements at most.
    """
    query = QueryString(
        f"{_SESSIONS} AND {PUBLISHED} AND held.held_on <= {{}} AND {{}} {_IN_ORDER}",
        clock.now(),
        clock.today() + timedelta(days=days),
        overview.visible(by) if by else QueryString("1 = 1"),
    )
    rows = [_counted(row) for row in await ClassSession.raw("{}", query)]
    await _add_helpers(rows)
    return [row for row in rows if row["is_short"]]


async def month(by: Actor, first: date) -> list[Row]:
    """The standing sessions of a month that `by` may see, drafts too, in order.

    As `short`, each with its `helpers`; one who is at two of them at a time has `clashes`, one who
    may not help there any more has `unfit`, the Refused that says why. Six statements at most.
    """
    after = clock.month_after(first)
    query = QueryString(
        f"{_SESSIONS} AND held.held_on >= {{}} AND held.held_on < {{}} AND {{}} {_IN_ORDER}",
        first,
        after,
        overview.visible(by),
    )
    rows = [_counted(row) for row in await ClassSession.raw("{}", query)]
    await _add_helpers(rows)
    _mark_clashes(rows)
    return rows


async def _add_helpers(rows: list[Row]) -> None:
    there = await helpers([row["id"] for row in rows])
    for row in rows:
        row["helpers"] = [each for each in there if each["session"] == row["id"]]
    await mark_unfit(rows)


async def mark_unfit(rows: Sequence[Row]) -> None:
    """Say of each helper of these sessions why she may not help there any more: `unfit`, or None.

    She rests or has left since, or a paper does not hold on the day (S8). What is over stays as
    it was. A session with somebody like that is short of people, and her place counts as free.
    """
    places = [(row, each) for row in rows for each in row["helpers"]]
    ids = sorted({each["supporter"] for _, each in places if each["supporter"] is not None})
    held = await stages.current_of(ids)
    selves = await merging.selves(each["person"] for _, each in places if each["person"])
    papers = await credentials.of_people() if ids else {}
    for row, each in places:
        each["unfit"] = None
        if each["supporter"] is not None and row["starts_at"] > clock.now():
            stage = held.get(each["supporter"])
            stays = selves[each["person"]][0]
            gone = stage is None or stage["stage"] in (Stage.resting, Stage.withdrawn)
            missing = paper_missing(papers.get(stays, []), row)
            each["unfit"] = Refused("This supporter rests, or has left.") if gone else missing
    for row in rows:
        _leave_out_unfit(row)


def _leave_out_unfit(row: Row) -> None:
    """Who cannot help any more is not there: her place is free, and the session is short."""
    unfit = [each["role"] for each in row["helpers"] if each["unfit"]]
    if unfit and "lead_count" in row:
        _count(row, {role: row[f"{role}_count"] - unfit.count(role) for role in HelpRole})
    row["is_short"] = row["is_short"] or bool(unfit)


async def session(session_id: int) -> Row | None:
    """One session as in `month`, without who helps; None when there is none, or called off."""
    rows = await ClassSession.raw(f"{_SESSIONS} AND held.id = {{}}", session_id)
    return _counted(rows[0]) if rows else None


def _counted(row: Row) -> Row:
    return _count(row, {role: row[f"{role}_count"] for role in HelpRole})


def _count(row: Row, there: dict[HelpRole, int]) -> Row:
    """How many are there, how many are missing, and is it short of people?"""
    needed = {role: row[column] for role, column in assignments.NEEDED.items()}
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
        await eligibility.check_signing_up()
    except Refused as refused:
        return refused
    return None


def _unfit(supporter: Row, stage: str | None, papers: list[Row], row: Row) -> Refused | None:
    try:
        register.check_role(supporter, stage, row["role"])
    except Refused as refused:
        return refused
    return paper_missing(papers, row)


def paper_missing(papers: list[Row], row: Row) -> Refused | None:
    """Which paper is not valid on the day of a session (S8)?"""
    try:
        credentials.check_papers(papers, row["held_on"])
    except Refused as refused:
        return refused
    return None


def _in_the_way(row: Row, own: list[Row]) -> Refused | None:
    if row["role"] == HelpRole.trainee and not row["there"][HelpRole.lead]:
        return Refused(eligibility.NO_LEAD)
    for other in own:
        apart = other["ends_at"] <= row["starts_at"] or row["ends_at"] <= other["starts_at"]
        if not apart and other["called_off_at"] is None:
            return clashes.clash(other)
    return None


_HOW_MANY = (
    "(SELECT COUNT(*) FROM assignment WHERE assignment.session = held.id"
    " AND assignment.voided_at IS NULL AND assignment.role = 'ROLE')"
)
_COUNTS = {role: _HOW_MANY.replace("ROLE", role) for role in HelpRole}
_FREE = {role: f"held.{assignments.NEEDED[role]} > {count}" for role, count in _COUNTS.items()}

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
