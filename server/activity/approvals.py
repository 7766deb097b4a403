"""Approving activity reports: minutes and people count from then on (S4)."""

from datetime import datetime
from typing import Any

from server import clock
from server.activity.queries import (
    Filters,
    ends_of,
    held_report,
    is_own,
    listed,
    overlapping,
)
from server.activity.tables import ActivityApproval, ActivityReport, ReportState
from server.audit import entries
from server.classes.editing import check_version
from server.classes.tables import ClassSession
from server.database import writing
from server.refusals import N_, Refused
from server.roles import Actor, Role
from server.supporters.queries import same_human

Row = dict[str, Any]

OVERLAPS = N_("Another report covers some of that time already: {span}.")
WORD_NEEDED = N_("Please write what is to be corrected.")


async def approve(report_id: int, *, version: int | None = None, by: Actor) -> Row:
    """Let the report count from now on (S4), and return the approval.

    Twice, it does nothing the second time. Refused for another section's report or her own, one
    that is not waiting, and one that shares time with another that stands; Stale when the report
    has changed since `version`.
    """
    async with writing():
        report = await held_report(report_id)
        await check_may_decide(report, by)
        if version is not None and report["state"] == ReportState.submitted:
            check_version(report, version)
        if report["state"] == ReportState.approved:
            return await _live(report_id)
        check_waiting(report)
        await check_free(
            await same_human(report["supporter"]),
            report["starts_at"],
            report["minutes"],
            but_for=report_id,
        )
        return await _approve(report, by)


async def approve_prefilled(report_id: int, *, by: Actor) -> Row:
    """The lead's session report approves an unchanged, prefilled report, her own too (S4).

    Returns the report as it stands then: one that shares time with another stays submitted, for
    a coordinator to see. Who may save the session's report was checked there.
    """
    async with writing():
        report = await held_report(report_id)
        ids = await same_human(report["supporter"])
        span = report["starts_at"], report["minutes"]
        if report["state"] == ReportState.submitted and not await overlapping(
            ids, *span, but_for=report_id
        ):
            await _approve(report, by)
        return await held_report(report_id)


async def send_back(report_id: int, word: str, *, by: Actor) -> Row:
    """Return the report to its supporter with a word (差戻し), and return it.

    Refused without a word, for another section's report or her own, and one that is not waiting.
    """
    word = word.strip()
    if not word:
        raise Refused(WORD_NEEDED)
    async with writing():
        report = await held_report(report_id)
        await check_may_decide(report, by)
        if report["state"] == ReportState.returned and report["word"] == word:
            return report
        check_waiting(report)
        await move(report_id, ReportState.returned, word=word)
        await entries.record("activity.returned", "activity_report", report_id, by=by)
        return await held_report(report_id)


async def withdraw(report_id: int, reason: str, *, by: Actor) -> Row:
    """Take an approval back: totals fall from now on, what was known before stays known (T5).

    The report waits again. Refused without a reason, for another section's report or her own,
    and one that is not approved.
    """
    reason = reason.strip()
    if not reason:
        raise Refused("Please write why the approval is withdrawn.")
    async with writing():
        report = await held_report(report_id)
        await check_may_decide(report, by)
        if report["state"] != ReportState.approved:
            raise Refused("This report is not approved.")
        await void_live(report_id, reason, by=by)
        await move(report_id, ReportState.submitted)
        return await held_report(report_id)


async def waiting(by: Actor) -> list[Row]:
    """The reports that `by` is to decide about, the oldest first (C4)."""
    rows, _ = await listed(Filters(states=(ReportState.submitted,), **scope(by)), page=None)
    return [row for row in reversed(rows) if Role.coordinator in by.roles]


async def told_twice(by: Actor) -> list[tuple[Row, Row]]:
    """Approved reports of one human being that share time, two by two, the oldest first.

    Both count, since they were approved before duplicates were merged: a coordinator withdraws
    one of the two (T4). As far as `by` sees them; two statements.
    """
    approved = Filters(states=(ReportState.approved,), merged=True, **scope(by))
    rows, _ = await listed(approved, page=None)
    ordered = rows[::-1]
    return [
        (one, other)
        for place, one in enumerate(ordered)
        for other in ordered[place + 1 :]
        if other["person_id"] == one["person_id"] and other["starts_at"] < one["ends_at"]
    ]


def scope(by: Actor) -> Row:
    """The share of all reports that a coordinator sees, as a filter: her section's classes'."""
    return {} if by.sees_all_sections else {"section_id": by.section_id or 0}


async def void_live(report_id: int, reason: str, *, by: Actor) -> None:
    """Void the approval that counts, if there is one, inside `writing()`."""
    voided = (
        await ActivityApproval.update(
            {
                ActivityApproval.voided_at: clock.now(),
                ActivityApproval.voided_by: by.id,
                ActivityApproval.void_reason: reason,
            }
        )
        .where((ActivityApproval.report == report_id) & ActivityApproval.voided_at.is_null())
        .returning(ActivityApproval.id)
    )
    for approval in voided:
        await entries.record(
            "activity.approval_voided", "activity_report", report_id, by=by, approval=approval["id"]
        )


async def move(report_id: int, state: ReportState, *, word: str = "") -> None:
    """Give the report another state, and the word that goes with it, inside `writing()`."""
    await ActivityReport.update(
        {
            ActivityReport.state: state,
            ActivityReport.word: word,
            ActivityReport.version: ActivityReport.version + 1,
        }
    ).where(ActivityReport.id == report_id)


async def check_may_decide(report: Row, by: Actor) -> None:
    """Coordinators decide: the overseeing section about all, others about their own classes.

    Nobody decides about her own report.
    """
    if Role.coordinator not in by.roles or not await _is_of_section(report, by):
        raise Refused("This report belongs to another section.")
    if await is_own(report["supporter"], by):
        raise Refused("This is your own report. Another coordinator decides about it.")


def check_waiting(report: Row) -> None:
    """Decided once: who comes second learns of it."""
    if report["state"] != ReportState.submitted:
        raise Refused("Somebody has already decided about this report, or it was withdrawn.")


async def check_free(
    supporter_ids: list[int], starts_at: datetime, minutes: int, *, but_for: int | None = None
) -> None:
    """Nobody is in two places at once; so no day holds more minutes than it has."""
    other = await overlapping(supporter_ids, starts_at, minutes, but_for=but_for)
    if other:
        raise Refused(OVERLAPS, span=(other["starts_at"], ends_of(other)))


async def _is_of_section(report: Row, by: Actor) -> bool:
    if by.sees_all_sections:
        return True
    if report["session"] is None:
        return False
    owner: Row | None = (
        await ClassSession.select(ClassSession.course.section.as_alias("section"))
        .where(ClassSession.id == report["session"])
        .first()
    )
    return owner is not None and owner["section"] == by.section_id


async def _approve(report: Row, by: Actor) -> Row:
    approval = ActivityApproval(
        report=report["id"],
        supporter=report["supporter"],
        effective_on=report["done_on"],
        minutes=report["minutes"],
        people_helped=report["people_helped"],
        district=report["district"],
        recorded_at=clock.now(),
        recorded_by=by.id,
    )
    rows = await ActivityApproval.insert(approval).returning(*ActivityApproval.all_columns())
    await move(report["id"], ReportState.approved)
    await entries.record(
        "activity.approved",
        "activity_report",
        report["id"],
        by=by,
        minutes=report["minutes"],
        people_helped=report["people_helped"],
    )
    return dict(rows[0])


async def _live(report_id: int) -> Row:
    rows = await ActivityApproval.select().where(
        (ActivityApproval.report == report_id) & ActivityApproval.voided_at.is_null()
    )
    return dict(rows[0])
