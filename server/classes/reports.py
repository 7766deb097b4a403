"""What took place (開催報告): a session counts once its report is saved as held (T3)."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from piccolo.querystring import QueryString

from server import clock
from server.audit import entries
from server.classes import practice
from server.classes.editing import locked_course
from server.classes.queries import helpers
from server.classes.running import leads_there, runs
from server.classes.tables import (
    Assignment,
    Attendance,
    ClassSession,
    CourseKind,
    Outcome,
    Presence,
    SessionReport,
)
from server.database import writing
from server.database.conditions import among, every, stood
from server.refusals import Refused, Stale
from server.roles import Actor, Role

Row = dict[str, Any]


@dataclass(frozen=True)
class ReportFacts:
    """What the report says; `came` are the assignments of those helpers who were there.

    `head_count` is everybody who took part, those who came without applying too.
    """

    outcome: Outcome
    head_count: int = 0
    incidents: str = ""
    came: frozenset[int] = field(default=frozenset())

    def columns(self) -> Row:
        """The columns that a report is saved with, by name."""
        return {
            "outcome": self.outcome,
            "head_count": self.head_count,
            "incidents": self.incidents,
        }


async def save(session_id: int, facts: ReportFacts, *, by: Actor, seen: int | None = None) -> Row:
    """Say what became of a session, and return the report; it takes the place of one before.

    A trainee who came beside a lead who came has practised (S2); else she has not. The same said
    twice is one report. `seen` is the report that was on the screen, 0 for none: Stale where
    another one stands now. Refused for whoever does not run the session, before it began, for
    numbers that contradict who is ticked as present, and as held where it was called off.
    """
    async with writing():
        course, session = await _locked(session_id)
        await check_may_report(session, by)
        there = await helpers([session_id])
        await _check_facts(course, session, facts, there)
        before = await current(session_id)
        if before and says_the_same(before, there, facts):
            return before
        if seen is not None and seen != (before["id"] if before else 0):
            raise Stale(before or {})
        report = await _replace(before, session, facts, by)
        await _note_who_came(session_id, facts)
        await practice.keep(session, there, facts.came, by)
        return report


async def void(report_id: int, reason: str, *, by: Actor) -> Row:
    """Take a mistaken report back, and return it: the session is to be reported again (T3).

    What trainees have practised there falls with it. Done twice, it does nothing the second
    time; Stale where another report has taken its place. Refused without a reason, and for
    whoever does not run the session.
    """
    async with writing():
        report = await _report(report_id)
        _, session = await _locked(report["session"])
        await check_may_report(session, by)
        if not reason:
            raise Refused("Please write why.")
        report = await _report(report_id)
        if report["voided_at"] is not None:
            other = await current(session["id"])
            if other is not None:
                raise Stale(other)
            return report
        await _void(report_id, reason, by)
        await practice.keep(session, await helpers([session["id"]]), frozenset(), by)
        await Assignment.update({Assignment.came: None}).where(_stands(session["id"]))
        await entries.record(
            "session_report.voided", "session_report", report_id, by=by, session=session["id"]
        )
        return await _report(report_id)


async def current(session_id: int) -> Row | None:
    """The report that stands, if there is one."""
    rows = await SessionReport.select().where(
        (SessionReport.session == session_id) & SessionReport.voided_at.is_null()
    )
    return rows[0] if rows else None


async def is_of(report_id: int, session_id: int) -> bool:
    """Is this a report of that session, one that stands or was taken back?"""
    return await SessionReport.exists().where(
        (SessionReport.id == report_id) & (SessionReport.session == session_id)
    )


def says_the_same(before: Row, there: Sequence[Row], facts: ReportFacts) -> bool:
    """Would these facts, and who of the helpers `there` came, leave the report as it is?"""
    said = all(before[name] == value for name, value in facts.columns().items())
    return said and all(each["came"] is (each["id"] in facts.came) for each in there)


async def check_may_report(session: Row, by: Actor) -> None:
    """A session's lead, its section and the staff of its building run it (P1)."""
    query = QueryString(_RUNS, session["id"], await runs(by))
    if not await ClassSession.raw("{}", query):
        raise Refused("Only those who run this session say what became of it.")


def check_begun(course: Row, session: Row) -> None:
    """There is nothing to say of what nobody knew of, or what is still to come (T3)."""
    if course["published_at"] is None:
        raise Refused("Nobody has seen this class yet, so there is nothing to report.")
    if session["starts_at"] > clock.now():
        raise Refused("This session has not begun yet.")


async def check_head_count(report: Row) -> None:
    """Nobody is ticked as present beyond the heads that a report counts, or at what was not (T4).

    `report` is a row of SessionReport, or what one is to say.
    """
    present: int = await Attendance.count().where(
        (Attendance.session == report["session"])
        & (Attendance.presence == Presence.present)
        & Attendance.voided_at.is_null()
    )
    if present and report["outcome"] == Outcome.called_off:
        raise Refused("The report says that this session was called off, so nobody came.")
    if present > report["head_count"]:
        raise Refused(
            "{number} people are ticked as present. The head count cannot be lower than that.",
            number=present,
        )


async def check_not_held(session_ids: Sequence[int]) -> None:
    """What is reported as held is not called off any more; the report is taken back first."""
    if await SessionReport.exists().where(
        SessionReport.session.is_in(list(session_ids))
        & (SessionReport.outcome == Outcome.held)
        & SessionReport.voided_at.is_null()
    ):
        raise Refused("This has been reported as held. Please take the report back first.")


async def leads(session: Row, by: Actor) -> bool:
    """Is `by` the lead of this session?"""
    query = QueryString(_RUNS, session["id"], await leads_there(by))
    return Role.supporter in by.roles and bool(await ClassSession.raw("{}", query))


async def unreported(by: Actor) -> list[Row]:
    """The sessions that `by` is to report: ended, standing, and nothing is said of them (未報告).

    They count nowhere (T3). The longest waiting first; one statement, and for supporters who they
    are.
    """
    query = QueryString(_UNREPORTED, clock.now(), await runs(by))
    rows: list[Row] = await ClassSession.raw("{}", query)
    return rows


async def of_course(course_id: int, by: Actor) -> dict[int, Row]:
    """What is said of those sessions of a course that `by` runs and that have begun, by session.

    `outcome` is None where nothing is said yet: once it is `over`, that is 未報告 (T3).
    """
    now = clock.now()
    query = QueryString(_SAID, course_id, now, await runs(by))
    rows = await ClassSession.raw("{}", query)
    return {row["session_id"]: row | {"over": row["ends_at"] <= now} for row in rows}


async def held(
    first_on: date,
    last_on: date,
    kinds: Sequence[CourseKind | str] = (),
    known_at: datetime | None = None,
) -> list[Row]:
    """The sessions that took place on these days, both included: a row per report that counts.

    Of these `kinds` of course, or of any; as it was known at an instant (T5), or now. Visits
    (延べ人数) are the sum of their `head_count` (T4). One statement.
    """
    fits = [stood("session_report", known_at)]
    fits += [among("course.kind", kinds)] if kinds else []
    rows: list[Row] = await SessionReport.raw(_HELD, first_on, last_on, every(fits))
    return rows


async def _check_facts(course: Row, session: Row, facts: ReportFacts, there: Sequence[Row]) -> None:
    check_begun(course, session)
    if facts.outcome == Outcome.held and session["called_off_at"] is not None:
        raise Refused("This session has been called off, so it was not held.")
    if facts.outcome == Outcome.called_off and (facts.head_count or facts.came):
        raise Refused("Nobody took part in a session that was called off.")
    if facts.came - {each["id"] for each in there}:
        raise Refused("Who helps at this session has changed in the meantime.")
    await check_head_count({"session": session["id"], **facts.columns()})


async def _replace(before: Row | None, session: Row, facts: ReportFacts, by: Actor) -> Row:
    if before:
        await _void(before["id"], "", by)
    report = SessionReport(
        session=session["id"],
        effective_on=session["held_on"],
        recorded_at=clock.now(),
        recorded_by=by.id,
        **facts.columns(),
    )
    rows = await SessionReport.insert(report).returning(*SessionReport.all_columns())
    await entries.record(
        "session_report.saved",
        "session_report",
        rows[0]["id"],
        by=by,
        session=session["id"],
        outcome=facts.outcome,
        head_count=facts.head_count,
        came=sorted(facts.came),
        instead_of=before["id"] if before else None,
    )
    return rows[0]


async def _void(report_id: int, reason: str, by: Actor) -> None:
    await SessionReport.update(
        {
            SessionReport.voided_at: clock.now(),
            SessionReport.voided_by: by.id,
            SessionReport.void_reason: reason,
        }
    ).where(SessionReport.id == report_id)


async def _note_who_came(session_id: int, facts: ReportFacts) -> None:
    await Assignment.update({Assignment.came: False}).where(_stands(session_id))
    if facts.came:
        await Assignment.update({Assignment.came: True}).where(
            Assignment.id.is_in(sorted(facts.came))
        )


def _stands(session_id: int) -> Any:
    return (Assignment.session == session_id) & Assignment.voided_at.is_null()


async def _locked(session_id: int) -> tuple[Row, Row]:
    session = await _session(session_id)
    course = await locked_course(session["course"])
    return course, await _session(session_id)


async def _session(session_id: int) -> Row:
    return (await ClassSession.select().where(ClassSession.id == session_id))[0]


async def _report(report_id: int) -> Row:
    return (await SessionReport.select().where(SessionReport.id == report_id))[0]


_RUNS = """
SELECT held.id FROM class_session AS held
JOIN course ON course.id = held.course
WHERE held.id = {} AND {}
"""

_UNREPORTED = """
SELECT held.id AS session_id, held.number, held.starts_at, held.ends_at, held.held_on,
    course.id AS course_id, course.title, course.kind, course.section AS section_id,
    venue.id AS venue_id, venue.name AS venue_name
FROM class_session AS held
JOIN course ON course.id = held.course
JOIN venue ON venue.id = held.venue
WHERE held.ends_at <= {} AND held.called_off_at IS NULL AND course.published_at IS NOT NULL
    AND NOT EXISTS (SELECT 1 FROM session_report
        WHERE session_report.session = held.id AND session_report.voided_at IS NULL)
    AND {}
ORDER BY held.starts_at, held.id
"""

_SAID = """
SELECT held.id AS session_id, held.ends_at, session_report.outcome
FROM class_session AS held
JOIN course ON course.id = held.course
LEFT JOIN session_report
    ON session_report.session = held.id AND session_report.voided_at IS NULL
WHERE held.course = {} AND held.starts_at <= {} AND held.called_off_at IS NULL
    AND course.published_at IS NOT NULL AND {}
"""

_HELD = """
SELECT session_report.id AS report_id, session_report.effective_on, session_report.head_count,
    held.id AS session_id, held.number, held.starts_at, held.ends_at,
    course.id AS course_id, course.title, course.kind, course.section AS section_id,
    venue.id AS venue_id, venue.name AS venue_name,
    district.id AS district_id, district.name AS district_name
FROM session_report
JOIN class_session AS held ON held.id = session_report.session
JOIN course ON course.id = held.course
JOIN venue ON venue.id = held.venue
LEFT JOIN district ON district.id = venue.district
WHERE session_report.effective_on >= {} AND session_report.effective_on <= {}
    AND session_report.outcome = 'held' AND {}
ORDER BY session_report.effective_on, held.starts_at, held.id
"""
