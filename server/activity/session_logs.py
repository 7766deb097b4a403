"""The lead's report of a session, and with it what each helper did there (S4)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from server.activity import activities, approvals
from server.activity.queries import hold_all, is_own
from server.activity.tables import ActivityReport, ReportState
from server.classes import attendance, editing, practice, queries, reports
from server.classes.practice import minutes_of
from server.classes.reports import ReportFacts
from server.classes.tables import Assignment, ClassSession, Course, HelpRole, Outcome
from server.database import writing
from server.refusals import Refused, Stale
from server.roles import Actor

Row = dict[str, Any]

CHANGED = "The report of the session was changed."


@dataclass(frozen=True)
class HelpDone:
    """What one helper did at a session.

    Without `minutes` as long as the session; without `people_helped` an even share of the heads.
    """

    assignment_id: int
    came: bool
    minutes: int | None = None
    people_helped: int | None = None


async def save(
    session_id: int,
    facts: ReportFacts,
    helps: Sequence[HelpDone],
    *,
    by: Actor,
    marks: attendance.Marks | None = None,
    seen: int | None = None,
    seen_ticks: Mapping[int, str] | None = None,
) -> Row:
    """Save attendance, the session's report and its helpers' activity reports, or nothing.

    Returns the session's report. Whose minutes are the session's own is approved with it when
    its lead or a coordinator saves (S4); other minutes wait for a coordinator. Saved again, what
    is unchanged stays, anything else is withdrawn and made anew. Called off, nobody came: what
    was ticked is taken back. `seen` as in `reports.save`, here also of ticks and hours;
    `seen_ticks` as in `attendance.mark`. Refused as that, `reports.save` and
    `activities.add_for_assignment` are, and for more people helped than came.
    """
    async with writing():
        held = await _locked(session_id)
        await reports.check_may_report(held, by)
        done = {each.assignment_id: each for each in helps}
        came = {each.assignment_id for each in helps if each.came} | (facts.came - done.keys())
        facts = replace(facts, came=frozenset(came))
        marks = marks or {}
        if facts.outcome == Outcome.called_off:
            marks = dict.fromkeys(await attendance.of_session(session_id))
        if seen is not None:
            await _check_seen(held, facts, done, marks, seen)
        await _hold_people(session_id, marks)
        if marks:
            await attendance.tick(session_id, marks, by=by, seen=seen_ticks)
        report = await reports.save(session_id, facts, by=by, seen=seen)
        await _keep_activities(held, facts, done, by)
        return report


async def void(report_id: int, reason: str, *, by: Actor) -> Row:
    """Take a mistaken report back with all that rests on it, and return it (T5).

    Done twice, it does nothing the second time. Refused as `reports.void`.
    """
    async with writing():
        report = await reports.void(report_id, reason, by=by)
        await _hold(report["session"])
        if await reports.current(report["session"]) is None:
            for each in await _known(report["session"]):
                await activities.withdraw_for_assignment(each["assignment"], reason, by=by)
        return report


async def session(session_id: int) -> Row | None:
    """A session with what a person calls it: title, venue, room; and whether it is published."""
    rows = await ClassSession.raw(_SESSION, session_id)
    return rows[0] if rows else None


async def helpers(session_id: int) -> list[Row]:
    """Who is to help at a session, leads first: names, roles, and what is reported of them.

    `minutes` and `people_helped` are None where no activity report stands.
    """
    rows = await queries.helpers([session_id])
    known = {each["assignment"]: each for each in await _known(session_id)}
    for row in rows:
        done = known.get(row["id"])
        row["minutes"] = done["minutes"] if done else None
        row["people_helped"] = done["people_helped"] if done else None
        row["state"] = done["state"] if done else None
    return rows


def shares(head_count: int, helper_ids: Sequence[int]) -> dict[int, int]:
    """The heads of a session shared among its helpers: whole people, as many as there were."""
    if not helper_ids:
        return {}
    each, over = divmod(head_count, len(helper_ids))
    return {helper: each + (place < over) for place, helper in enumerate(helper_ids)}


async def _check_seen(
    held: Row,
    facts: ReportFacts,
    done: Mapping[int, HelpDone],
    marks: attendance.Marks,
    seen: int,
) -> None:
    """Somebody else's report is replaced only by whoever has seen it; the same again is no harm."""
    before = await reports.current(held["id"])
    if before is None or before["id"] == seen:
        return
    there = await helpers(held["id"])
    ticked = {
        key: row["presence"] for key, row in (await attendance.of_session(held["id"])).items()
    }
    hours = {each["id"]: (each["minutes"], each["people_helped"]) for each in there}
    same = (
        reports.says_the_same(before, there, facts)
        and all(ticked.get(booking) == presence for booking, presence in marks.items())
        and all(hours[key] == told for key, told in _hours(held, facts, done, there).items())
    )
    if not same:
        raise Stale(before)


async def _keep_activities(
    held: Row, facts: ReportFacts, done: Mapping[int, HelpDone], by: Actor
) -> None:
    await _hold(held["id"])
    there = {each["id"]: each for each in await helpers(held["id"])}
    known = {each["assignment"]: each for each in await _known(held["id"])}
    leads, edits = await reports.leads(held, by), await _edits(held, by)
    for helper_id, (minutes, people) in _hours(held, facts, done, [*there.values()]).items():
        report = await _keep(known.pop(helper_id, None), helper_id, held, minutes, people, by)
        approves = leads or (edits and not await is_own(there[helper_id]["supporter"], by))
        if approves and minutes == minutes_of(held):
            await approvals.approve_prefilled(report["id"], by=by)
    for left in known.values():
        await activities.withdraw_for_assignment(left["assignment"], CHANGED, by=by)


def _hours(
    held: Row, facts: ReportFacts, done: Mapping[int, HelpDone], there: Sequence[Row]
) -> dict[int, tuple[int, int]]:
    """Minutes and people of each supporter who came, in the order in which locks are taken."""
    came = [each for each in there if each["id"] in facts.came]
    share = shares(facts.head_count, [each["id"] for each in came])
    found = {}
    supporters = [each for each in came if each["supporter"] is not None]
    for each in sorted(supporters, key=lambda each: int(each["supporter"])):
        told = done.get(each["id"], HelpDone(each["id"], came=True))
        minutes = minutes_of(held) if told.minutes is None else told.minutes
        people = share[each["id"]] if told.people_helped is None else told.people_helped
        if people > facts.head_count:
            raise Refused(activities.TOO_MANY)
        found[each["id"]] = (minutes, people)
    return found


async def _keep(
    before: Row | None, assignment_id: int, held: Row, minutes: int, people: int, by: Actor
) -> Row:
    """The activity report of a helper as it is told now: the one that stands, or a new one."""
    if before and (before["minutes"], before["people_helped"]) == (minutes, people):
        return before
    if before:
        await activities.withdraw_for_assignment(assignment_id, CHANGED, by=by)
    [assignment] = await Assignment.select().where(Assignment.id == assignment_id)
    return await activities.add_for_assignment(assignment, held, minutes, people, by=by)


async def _edits(held: Row, by: Actor) -> bool:
    [course] = await Course.select(Course.section).where(Course.id == held["course"])
    try:
        editing.check_may_edit(by, course["section"])
    except Refused:
        return False
    return True


async def _known(session_id: int) -> list[Row]:
    return await (
        ActivityReport.select()
        .where(ActivityReport.session == session_id)
        .where(ActivityReport.state != ReportState.withdrawn)
        .order_by(ActivityReport.supporter)
    )


async def _hold(session_id: int) -> None:
    """Hold every supporter whose report rests on the session, or is to (S4)."""
    told = [each["supporter"] for each in await _known(session_id)]
    there = [each["supporter"] for each in await queries.helpers([session_id])]
    await hold_all(each for each in {*told, *there} if each is not None)


async def _hold_people(session_id: int, marks: attendance.Marks) -> None:
    """Hold everybody whose training rests on the ticks, or on helping, before the first of it."""
    there = await queries.helpers([session_id])
    trainees = [each["person"] for each in there if each["role"] == HelpRole.trainee]
    await practice.hold([*trainees, *await attendance.people_of(marks)])


async def _locked(session_id: int) -> Row:
    [found] = await ClassSession.select().where(ClassSession.id == session_id)
    await queries.lock_course(found["course"])
    return (await ClassSession.select().where(ClassSession.id == session_id))[0]


_SESSION = """
SELECT held.*, course.title, course.kind, course.section, course.published_at,
    venue.name AS venue_name, room.name AS room_name
FROM class_session AS held
JOIN course ON course.id = held.course
JOIN venue ON venue.id = held.venue
LEFT JOIN room ON room.id = held.room
WHERE held.id = {}
"""
