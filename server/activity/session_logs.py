"""The lead's report of a session, and with it what each helper did there (S4)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from server import clock
from server.accounts.tables import Account
from server.activity import activities, approvals
from server.activity.tables import ActivityApproval, ActivityReport, ReportState
from server.audit import entries
from server.classes import attendance, editing, reports
from server.classes.reports import ReportFacts, minutes_of
from server.classes.tables import (
    Assignment,
    ClassSession,
    Course,
    HelpRole,
    Presence,
)
from server.database import writing
from server.refusals import Refused
from server.roles import Actor
from server.supporters.tables import Supporter

Row = dict[str, Any]

ROLES_IN_ORDER = (HelpRole.lead, HelpRole.assistant, HelpRole.trainee)


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
    marks: Mapping[int, Presence | None] | None = None,
    seen: int | None = None,
) -> Row:
    """Save attendance, the session's report and its helpers' activity reports, or nothing.

    Returns the session's report. Whose minutes are the session's own is approved with it when
    its lead or a coordinator saves (S4); other minutes wait for a coordinator. Saved again, what
    is unchanged stays, anything else is withdrawn and made anew. Refused as `attendance.mark`,
    `reports.save` and `activities.add_for_assignment` are, and for more people helped than came.
    """
    async with writing():
        if marks:
            await attendance.mark(session_id, marks, by=by)
        told = {each.assignment_id for each in helps}
        came = {each.assignment_id for each in helps if each.came}
        facts = replace(facts, came=frozenset(came | (facts.came - told)))
        report = await reports.save(session_id, facts, by=by, seen=seen)
        await _keep_activities(session_id, facts, {each.assignment_id: each for each in helps}, by)
        return report


async def void(report_id: int, reason: str, *, by: Actor) -> Row:
    """Take a mistaken report back with all that rests on it, and return it (T5).

    Done twice, it does nothing the second time. Refused as `reports.void`.
    """
    async with writing():
        report = await reports.void(report_id, reason, by=by)
        if await reports.current(report["session"]) is None:
            for each in await _known(report["session"]):
                await _withdraw(each, reason, by)
        return report


async def helpers(session_id: int) -> list[Row]:
    """Who is to help at a session, leads first: names, roles, and what is reported of them.

    `minutes` and `people_helped` are None where no activity report stands.
    """
    rows = await (
        Assignment.select(
            Assignment.id,
            Assignment.role,
            Assignment.came,
            Assignment.supporter,
            Assignment.supporter.person.name.as_alias("supporter_name"),
            Assignment.lecturer.name.as_alias("lecturer_name"),
        )
        .where((Assignment.session == session_id) & Assignment.voided_at.is_null())
        .order_by(Assignment.id)
    )
    known = {each["assignment"]: each for each in await _known(session_id)}
    for row in rows:
        done = known.get(row["id"])
        row["name"] = row.pop("supporter_name") or row.pop("lecturer_name")
        row["minutes"] = done["minutes"] if done else None
        row["people_helped"] = done["people_helped"] if done else None
        row["state"] = done["state"] if done else None
    return sorted(rows, key=lambda row: ROLES_IN_ORDER.index(row["role"]))


def shares(head_count: int, helper_ids: Sequence[int]) -> dict[int, int]:
    """The heads of a session shared among its helpers: whole people, as many as there were."""
    if not helper_ids:
        return {}
    each, over = divmod(head_count, len(helper_ids))
    return {helper: each + (place < over) for place, helper in enumerate(helper_ids)}


async def _keep_activities(
    session_id: int, facts: ReportFacts, helps: Mapping[int, HelpDone], by: Actor
) -> None:
    session = await _session(session_id)
    there = [each for each in await helpers(session_id) if each["id"] in facts.came]
    share = shares(facts.head_count, [each["id"] for each in there])
    known = {each["assignment"]: each for each in await _known(session_id)}
    for each in there:
        if each["supporter"] is None:
            continue
        done = helps.get(each["id"], HelpDone(each["id"], came=True))
        minutes = minutes_of(session) if done.minutes is None else done.minutes
        people = share[each["id"]] if done.people_helped is None else done.people_helped
        _check_people(people, facts)
        await _keep(known.pop(each["id"], None), each["id"], session, (minutes, people), by)
    for left in known.values():
        await _withdraw(left, "The report of the session was changed.", by)


def _check_people(people: int, facts: ReportFacts) -> None:
    if people > facts.head_count:
        raise Refused("Nobody can have helped more people than came.")


async def _keep(
    before: Row | None, assignment_id: int, session: Row, done: tuple[int, int], by: Actor
) -> None:
    minutes, people = done
    if before and (before["minutes"], before["people_helped"]) != done:
        await _withdraw(before, "The report of the session was changed.", by)
        before = None
    if before is None:
        [assignment] = await Assignment.select().where(Assignment.id == assignment_id)
        before = await activities.add_for_assignment(assignment, session, minutes, people, by=by)
    prefilled = minutes == minutes_of(session)
    if prefilled and before["state"] == ReportState.submitted and await _approves(before, by):
        await approvals.approve_prefilled(before["id"], by=by)


async def _approves(report: Row, by: Actor) -> bool:
    """The lead approves with her report, a coordinator of the section but what is her own (S4)."""
    session = await _session(report["session"])
    if await reports.leads(session, by):
        return True
    [course] = await Course.select(Course.section).where(Course.id == session["course"])
    try:
        editing.check_may_edit(by, course["section"])
    except Refused:
        return False
    [supporter] = await Supporter.select(Supporter.person).where(
        Supporter.id == report["supporter"]
    )
    return not await Account.exists().where(
        (Account.id == by.id) & (Account.person == supporter["person"])
    )


async def _withdraw(report: Row, reason: str, by: Actor) -> None:
    """The activity report no longer stands, nor does its approval: the rows stay (T5)."""
    await ActivityApproval.update(
        {
            ActivityApproval.voided_at: clock.now(),
            ActivityApproval.voided_by: by.id,
            ActivityApproval.void_reason: reason,
        }
    ).where((ActivityApproval.report == report["id"]) & ActivityApproval.voided_at.is_null())
    await ActivityReport.update(
        {
            ActivityReport.state: ReportState.withdrawn,
            ActivityReport.version: ActivityReport.version + 1,
        }
    ).where(ActivityReport.id == report["id"])
    await entries.record(
        "activity.withdrawn",
        "activity_report",
        report["id"],
        by=by,
        was=report["state"],
        reason=reason,
    )


async def _known(session_id: int) -> list[Row]:
    return await ActivityReport.select().where(
        (ActivityReport.session == session_id) & (ActivityReport.state != ReportState.withdrawn)
    )


async def _session(session_id: int) -> Row:
    return (await ClassSession.select().where(ClassSession.id == session_id))[0]
