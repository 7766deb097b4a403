"""Which requirement a session of a supporter_training course teaches (S2)."""

from typing import Any

from server.audit import entries
from server.classes.editing import check_may_edit, current
from server.classes.queries import lock_course
from server.classes.tables import Attendance, ClassSession, CourseKind
from server.database import writing
from server.refusals import Refused
from server.roles import Actor
from server.training import programmes
from server.training.tables import Requirement, RequirementKind

Row = dict[str, Any]


async def to_choose() -> list[Row]:
    """What can be taught: lectures and videos of the published programmes, in their order.

    Rows of Requirement with `programme_name` and `edition`. Practice is done beside a lead.
    """
    found: list[Row] = []
    for programme in await programmes.published():
        for requirement in await programmes.requirements(programme["id"]):
            if requirement["kind"] != RequirementKind.practice:
                named = {"programme_name": programme["name"], "edition": programme["edition"]}
                found.append(requirement | named)
    return found


async def teach(session_id: int, requirement_id: int | None, *, by: Actor) -> None:
    """Say what a session teaches; None: nothing that counts.

    Refused for another section's course (C4), for other kinds of course, for practice, and once
    it is known who came: their records say what they have done.
    """
    async with writing():
        [found] = await ClassSession.select().where(ClassSession.id == session_id)
        await lock_course(found["course"])
        course = await current(found["course"])
        check_may_edit(by, course["section"])
        if course["kind"] != CourseKind.supporter_training:
            raise Refused("Only the sessions of a course for supporters teach a requirement.")
        [session] = await ClassSession.select().where(ClassSession.id == session_id)
        if session["requirement"] == requirement_id:
            return
        await _check_requirement(requirement_id)
        await _check_nobody_came(session_id)
        counted: dict[Any, Any] = {
            ClassSession.requirement: requirement_id,
            ClassSession.version: ClassSession.version + 1,
        }
        await ClassSession.update(counted).where(ClassSession.id == session_id)
        await entries.record(
            "session.teaches",
            "class_session",
            session_id,
            by=by,
            was=session["requirement"],
            now=requirement_id,
        )


async def _check_requirement(requirement_id: int | None) -> None:
    if requirement_id is None:
        return
    row = await Requirement.select().where(Requirement.id == requirement_id).first()
    if row is None:
        raise Refused("There is no such requirement.")
    if row["kind"] == RequirementKind.practice:
        raise Refused("Practice is done beside a lead, not taught at a session.")


async def _check_nobody_came(session_id: int) -> None:
    if await Attendance.exists().where(
        (Attendance.session == session_id) & Attendance.voided_at.is_null()
    ):
        raise Refused("It is already known who came, so what was taught cannot be changed.")
