"""トラブル報告: reaches the coordinators at once, and stays until somebody took it up (S8)."""

from datetime import datetime
from typing import Any

from server import clock
from server.activity.tables import TroubleReport
from server.audit import entries
from server.classes.tables import ClassSession
from server.database import Conflict, locked, writing
from server.refusals import Refused
from server.roles import Actor, Role

Row = dict[str, Any]


async def report(
    words: str,
    *,
    supporter_id: int | None,
    session_id: int | None = None,
    submission: str | None,
    by: Actor,
) -> Row:
    """Hand in a report of trouble, and return it; every coordinator's pages show it (S8).

    `submission` names one press of the button: pressed again, it answers with the first result.
    Refused without words.
    """
    words = words.strip()
    if not words:
        raise Refused("Please write what has happened.")
    try:
        async with writing():
            trouble = TroubleReport(
                supporter=supporter_id,
                session=session_id,
                words=words,
                submission=submission,
                recorded_at=clock.now(),
                recorded_by=by.id,
            )
            rows = await TroubleReport.insert(trouble).returning(*TroubleReport.all_columns())
            await entries.record(
                "trouble.reported", "trouble_report", rows[0]["id"], by=by, session=session_id
            )
            return dict(rows[0])
    except Conflict:
        first = await TroubleReport.select().where(
            (TroubleReport.submission == submission) & (TroubleReport.recorded_by == by.id)
        )
        if not first:
            raise
        return dict(first[0])


async def tell_absence(assignment: Row, words: str, *, supporter_id: int, by: Actor) -> Row:
    """A helper says, too late to leave by herself, that she cannot come; twice it is one report.

    It reaches the coordinators as trouble does; her place stays until they find somebody.
    """
    return await report(
        words,
        supporter_id=supporter_id,
        session_id=assignment["session"],
        submission=_absence(assignment["id"]),
        by=by,
    )


async def has_told_absence(assignment_id: int) -> bool:
    """Has the helper said that she cannot come?"""
    return await TroubleReport.exists().where(TroubleReport.submission == _absence(assignment_id))


def _absence(assignment_id: int) -> str:
    return f"absence-of-assignment-{assignment_id}"


async def begin(trouble_id: int, *, by: Actor) -> Row:
    """Take it up, so that others see who does and since when; it still stands on every page.

    Returns the report. Refused for another section's, and when somebody was first.
    """
    async with writing():
        await locked(f"trouble:{trouble_id}")
        trouble = (await TroubleReport.select().where(TroubleReport.id == trouble_id))[0]
        await check_may_take_up(trouble, by)
        if trouble["taken_up_at"] is not None and trouble["taken_up_by"] != by.id:
            raise Refused("Somebody else has already taken this up.")
        if trouble["taken_up_at"] is None:
            await TroubleReport.update(
                {TroubleReport.taken_up_at: clock.now(), TroubleReport.taken_up_by: by.id}
            ).where(TroubleReport.id == trouble_id)
            await entries.record("trouble.begun", "trouble_report", trouble_id, by=by)
        return dict((await TroubleReport.select().where(TroubleReport.id == trouble_id))[0])


async def take_up(trouble_id: int, outcome: str, *, by: Actor) -> Row:
    """Say what was done about it: it is no longer shown on every page. Returns the report.

    Whoever began it, any coordinator of the section may end it. Refused without an outcome, for
    another section's, and when somebody has said so before.
    """
    outcome = outcome.strip()
    if not outcome:
        raise Refused("Please write what was done about it.")
    async with writing():
        await locked(f"trouble:{trouble_id}")
        trouble = (await TroubleReport.select().where(TroubleReport.id == trouble_id))[0]
        await check_may_take_up(trouble, by)
        if trouble["outcome"]:
            raise Refused("Somebody else has already taken this up.")
        await TroubleReport.update(
            {
                TroubleReport.taken_up_at: clock.now(),
                TroubleReport.taken_up_by: by.id,
                TroubleReport.outcome: outcome,
            }
        ).where(TroubleReport.id == trouble_id)
        await entries.record("trouble.taken_up", "trouble_report", trouble_id, by=by)
        return dict((await TroubleReport.select().where(TroubleReport.id == trouble_id))[0])


async def check_may_take_up(trouble: Row, by: Actor) -> None:
    """Coordinators: the overseeing section all, others what happened at their own classes."""
    own = by.sees_all_sections
    if not own and trouble["session"] is not None:
        session = await ClassSession.select(ClassSession.course.section.as_alias("section")).where(
            ClassSession.id == trouble["session"]
        )
        own = session[0]["section"] == by.section_id
    if Role.coordinator not in by.roles or not own:
        raise Refused("This report belongs to another section.")


async def waiting(by: Actor) -> list[Row]:
    """The reports of trouble that nobody has taken up, oldest first, as far as she sees them."""
    return await listed(by, taken_up=False)


async def own(supporter_id: int, since: datetime) -> list[Row]:
    """What a supporter has reported since, newest first, with `course_title`; one statement."""
    rows: list[Row] = await TroubleReport.raw(_OWN, supporter_id, since)
    return rows


async def sections_waiting() -> list[int | None]:
    """Of each report that nobody has taken up the section of its class, None without a class."""
    return [row["section"] for row in await TroubleReport.raw(_SECTIONS)]


def number_for(by: Actor, sections: list[int | None]) -> int:
    """How many of these reports `by` sees."""
    if Role.coordinator not in by.roles:
        return 0
    return sum(1 for each in sections if by.sees_all_sections or (each and each == by.section_id))


async def listed(by: Actor, *, taken_up: bool, limit: int = 100) -> list[Row]:
    """Reports of trouble with who, which class and where: newest first once taken up."""
    if Role.coordinator not in by.roles:
        return []
    text = _LISTED.format(
        state="<> ''" if taken_up else "= ''", order="DESC" if taken_up else "ASC"
    )
    found: list[Row] = await TroubleReport.raw(
        text, int(by.sees_all_sections), by.section_id or 0, limit
    )
    return found


_OWN = """
SELECT trouble_report.*, course.title AS course_title FROM trouble_report
LEFT JOIN class_session ON class_session.id = trouble_report.session
LEFT JOIN course ON course.id = class_session.course
WHERE trouble_report.supporter = {} AND trouble_report.recorded_at > {}
ORDER BY trouble_report.recorded_at DESC, trouble_report.id DESC
"""

_SECTIONS = """
SELECT course.section FROM trouble_report
LEFT JOIN class_session ON class_session.id = trouble_report.session
LEFT JOIN course ON course.id = class_session.course
WHERE trouble_report.outcome = ''
ORDER BY trouble_report.id
"""

_LISTED = """
SELECT trouble_report.*, person.name AS supporter_name, supporter.phone AS supporter_phone,
    course.title AS course_title,
    class_session.starts_at AS session_starts_at, class_session.course AS course_id,
    venue.name AS venue_name, taker.name AS taken_up_by_name
FROM trouble_report
LEFT JOIN supporter ON supporter.id = trouble_report.supporter
LEFT JOIN person ON person.id = supporter.person
LEFT JOIN class_session ON class_session.id = trouble_report.session
LEFT JOIN course ON course.id = class_session.course
LEFT JOIN venue ON venue.id = class_session.venue
LEFT JOIN account AS taker ON taker.id = trouble_report.taken_up_by
WHERE trouble_report.outcome {state} AND ({{}} = 1 OR course.section = {{}})
ORDER BY trouble_report.recorded_at {order}, trouble_report.id LIMIT {{}}
"""
