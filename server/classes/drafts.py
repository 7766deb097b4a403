"""Drafts, which nobody outside has seen: a date of one is removed, a whole one discarded."""

from typing import Any

from server.audit import entries
from server.classes import assignments
from server.classes.editing import check_draft, check_may_edit, check_version, locked_course
from server.classes.tables import Assignment, Booking, ClassSession, Course
from server.database import writing
from server.refusals import Refused
from server.roles import Actor

Row = dict[str, Any]


async def remove(session_id: int, *, version: int, by: Actor) -> int:
    """Remove a date of a draft, number the others as they follow, and return its course.

    Refused for another section's course, once it is published, and where somebody has booked
    or is down to help. Stale when somebody else has saved since `version`.
    """
    async with writing():
        found = await ClassSession.select().where(ClassSession.id == session_id).first()
        if found is None:
            raise Refused("This date has been removed already.")
        course = await locked_course(found["course"])
        session = await ClassSession.select().where(ClassSession.id == session_id).first()
        check_may_edit(by, course["section"])
        if session is None:  # a second tap waited while the first one removed it
            raise Refused("This date has been removed already.")
        check_draft(course)
        check_version(session, version)
        await check_nobody_booked(course["id"])
        await _clear_helpers([session_id])
        await ClassSession.delete().where(ClassSession.id == session_id)
        await dates_changed(course)
        await entries.record(
            "session.removed",
            "class_session",
            session_id,
            by=by,
            course=course["id"],
            was={name: session[name] for name in ("starts_at", "ends_at", "venue", "room")},
        )
        return int(course["id"])


async def discard(course_id: int, *, version: int, by: Actor) -> None:
    """Remove a draft with all its dates.

    Refused for another section's course, once it is published, and where somebody has booked
    or is down to help. Stale when somebody else has saved since `version`.
    """
    async with writing():
        course = await locked_course(course_id)
        check_may_edit(by, course["section"])
        check_draft(course)
        check_version(course, version)
        await check_nobody_booked(course_id)
        dates = await ClassSession.select(ClassSession.id).where(ClassSession.course == course_id)
        await _clear_helpers([each["id"] for each in dates])
        await ClassSession.delete().where(ClassSession.course == course_id)
        await Course.delete().where(Course.id == course_id)
        await entries.record(
            "course.discarded",
            "course",
            course_id,
            by=by,
            title=course["title"],
            section=course["section"],
        )


async def _clear_helpers(session_ids: list[int]) -> None:
    """Nobody is down to help, and those who were once are forgotten with the date."""
    await assignments.check_nobody_helps(session_ids)
    if session_ids:
        await Assignment.delete().where(Assignment.session.is_in(session_ids))


async def clear(course: Row) -> None:
    """Remove the dates that were called off before anybody could see them, and number the rest."""
    await ClassSession.delete().where(
        (ClassSession.course == course["id"]) & ClassSession.called_off_at.is_not_null()
    )
    await number_by_date(course)


async def check_nobody_booked(course_id: int) -> None:
    """A row that a booking points to stays."""
    if await Booking.exists().where(Booking.course == course_id):
        raise Refused("Somebody has applied for this class already.")


async def dates_changed(course: Row) -> None:
    """A draft's dates are numbered anew, and whoever saw the old ones does not publish these."""
    if course["published_at"] is None:
        await number_by_date(course)
        await Course.update({Course.version: Course.version + 1}).where(Course.id == course["id"])


async def number_by_date(course: Row) -> None:
    """Sessions of a draft are numbered as they follow each other; what was told, stays."""
    rows = await (
        ClassSession.select(ClassSession.id, ClassSession.number)
        .where(ClassSession.course == course["id"])
        .order_by(ClassSession.starts_at, ClassSession.id)
    )
    for number, row in enumerate(rows, start=1):
        if row["number"] != number:
            await ClassSession.update({ClassSession.number: number}).where(
                ClassSession.id == row["id"]
            )
