"""Who helps at a session (S3): signing up, staffing, leaving."""

from typing import Any

from server import clock
from server.audit import entries
from server.classes import assignments, eligibility, telling
from server.classes.editing import (
    Unheeded,
    check_may_edit,
    check_version,
    current,
)
from server.classes.queries import lock_course
from server.classes.tables import Assignment, ClassSession, HelpRole, SessionReport
from server.database import locked, writing
from server.notices import outbox
from server.refusals import N_, Refused
from server.roles import Actor
from server.supporters import register, stages
from server.supporters.queries import same_human
from server.supporters.tables import Lecturer

Row = dict[str, Any]

UNHEEDED = N_("Please write why this is to be done all the same.")


async def sign_up(session_id: int, supporter_id: int, role: HelpRole, *, by: Actor) -> Row:
    """A supporter takes a place at a session herself, and gets her assignment (S3).

    Done twice, it answers with the first one. Refused where the city staffs by itself, while
    residents cannot see the session, once it has begun, without the stage or the papers for that
    day (S8), when no place is left, at the time of another one of hers (C1), and for a trainee
    without a lead.
    """
    async with writing():
        course, session = await _locked_session(session_id)
        supporter = await _locked_supporter(supporter_id)
        there = await assignments.there(session_id, supporter_id=supporter_id)
        if there is not None and there["role"] == role:
            return there
        await eligibility.check_may_sign_up(course, session, supporter, role)
        return await _add(session, role, supporter_id, None, "", by)


async def assign(
    session_id: int,
    role: HelpRole,
    *,
    supporter_id: int | None = None,
    lecturer_id: int | None = None,
    overruled: str = "",
    by: Actor,
) -> Row:
    """A coordinator puts a supporter, or a lecturer from outside, at a session (S3).

    Done twice, it answers with the first one. Refused for another section's course (C4), a
    session called off, a supporter whose stage or papers do not allow it (S8), and a lecturer as
    trainee. Unheeded where it is over, full, at the time of another one of hers (C1), or without
    a lead for a trainee, and `overruled`, the reason to do it all the same, is empty. Who has no
    account of her own comes onto the call list.
    """
    async with writing():
        course, session = await _locked_session(session_id)
        check_may_edit(by, course["section"])
        eligibility.check_stands(course, session)
        await _check_helper(session, role, supporter_id, lecturer_id)
        there = await assignments.there(session_id, supporter_id, lecturer_id)
        if there is not None:
            eligibility.check_same_role(there, role)
            return there
        found = await eligibility.warnings(
            session, role, supporter_id=supporter_id, lecturer_id=lecturer_id
        )
        if found and not overruled:
            raise Unheeded(found, UNHEEDED)
        reason = overruled if found else ""
        added = await _add(session, role, supporter_id, lecturer_id, reason, by)
        if supporter_id is not None and not await assignments.signs_in(supporter_id):
            await telling.tell_assigned(course, session, added["id"])
        return added


async def leave(assignment_id: int, *, by: Actor) -> None:
    """A supporter gives her own place back; done twice, it does nothing the second time (S3).

    Refused for somebody else's, and once it is too late to do so without a call.
    """
    async with writing():
        _course, session, assignment = await _locked_assignment(assignment_id)
        own = await register.of_account(by.id)
        if own is None or assignment["supporter"] not in await same_human(own["id"]):
            raise Refused("This is somebody else's place.")
        if assignment["voided_at"] is None:
            await eligibility.check_may_leave(session, assignment_id)
            await _void(assignment, "", "assignment.left", by)
            await outbox.withdraw(assignment_id, about="assignment")


async def take_off(assignment_id: int, reason: str, *, tell: bool = True, by: Actor) -> None:
    """A coordinator takes a helper off a session; done twice, it does nothing the second time.

    `tell`: the supporter does not know it yet, and is told, unless nobody had told her that she
    is down to help. Refused for another section's course
    (C4), without a reason, and while a report of the session rests on it.
    """
    async with writing():
        course, session, assignment = await _locked_assignment(assignment_id)
        check_may_edit(by, course["section"])
        if assignment["voided_at"] is not None:
            return
        if not reason:
            raise Refused("Please write why.")
        await _check_not_reported(session["id"])
        unknown = await outbox.is_waiting(assignment_id, "assignment.added", about="assignment")
        await outbox.withdraw(assignment_id, about="assignment")
        if tell and not unknown:
            await telling.tell_helper(course, session, assignment_id, reason)
        await _void(assignment, reason, "assignment.taken_off", by)


async def need(session_id: int, numbers: dict[str, int], *, version: int, by: Actor) -> None:
    """Say how many leads, assistants and trainees a session takes; those who are there stay.

    `numbers` by the columns of NEEDED. Refused for another section's course (C4) and one called
    off, Stale when somebody else has saved since `version`.
    """
    async with writing():
        course, session = await _locked_session(session_id)
        check_may_edit(by, course["section"])
        check_version(session, version)
        eligibility.check_stands(course, session)
        changed = {name: n for name, n in numbers.items() if session[name] != n}
        if not changed:
            return
        counted: dict[Any, Any] = {**changed, ClassSession.version: ClassSession.version + 1}
        await ClassSession.update(counted).where(ClassSession.id == session_id)
        was = {name: session[name] for name in changed}
        await entries.record(
            "session.updated", "class_session", session_id, by=by, was=was, now=changed
        )


async def _check_helper(
    session: Row, role: HelpRole, supporter_id: int | None, lecturer_id: int | None
) -> None:
    """Hold the helper for others; she may do this on that day."""
    if supporter_id is not None:
        supporter = await _locked_supporter(supporter_id)
        await register.check_may_help(supporter, role, session["held_on"])
        return
    await locked(f"lecturer:{lecturer_id}")
    lecturer = await Lecturer.select().where(Lecturer.id == lecturer_id).first()
    if lecturer is None or lecturer["archived_at"] is not None:
        raise Refused("This lecturer is no longer on the list.")
    if role == HelpRole.trainee:
        raise Refused("A lecturer from outside is no trainee.")


async def _check_not_reported(session_id: int) -> None:
    if await SessionReport.exists().where(
        (SessionReport.session == session_id) & SessionReport.voided_at.is_null()
    ):
        raise Refused("The report of this session names this helper. Please correct it first.")


async def _add(
    session: Row,
    role: str,
    supporter_id: int | None,
    lecturer_id: int | None,
    overruled: str,
    by: Actor,
) -> Row:
    assignment = Assignment(
        session=session["id"],
        supporter=supporter_id,
        lecturer=lecturer_id,
        role=role,
        recorded_at=clock.now(),
        recorded_by=by.id,
        overruled=overruled,
    )
    await _forget_taking_off(session["id"], supporter_id)
    rows: list[Row] = await Assignment.insert(assignment).returning(*Assignment.all_columns())
    whom = {"supporter": supporter_id} if supporter_id else {"lecturer": lecturer_id}
    why = {"overruled": overruled} if overruled else {}
    await entries.record(
        "assignment.added",
        "assignment",
        rows[0]["id"],
        by=by,
        session=session["id"],
        role=role,
        **whom,
        **why,
    )
    return rows[0]


async def _forget_taking_off(session_id: int, supporter_id: int | None) -> None:
    """Who comes back before anybody has told her that she is off need not be told."""
    if supporter_id is None:
        return
    for row in await Assignment.select(Assignment.id).where(
        (Assignment.session == session_id)
        & (Assignment.supporter == supporter_id)
        & Assignment.voided_at.is_not_null()
    ):
        await outbox.withdraw(row["id"], about="assignment")


async def _void(assignment: Row, reason: str, action: str, by: Actor) -> None:
    await Assignment.update(
        {
            Assignment.voided_at: clock.now(),
            Assignment.voided_by: by.id,
            Assignment.void_reason: reason,
        }
    ).where(Assignment.id == assignment["id"])
    why = {"reason": reason} if reason else {}
    await entries.record(
        action, "assignment", assignment["id"], by=by, session=assignment["session"], **why
    )


async def _locked_session(session_id: int) -> tuple[Row, Row]:
    """The session and its course as they stand, held for others: the course is the lock."""
    found = await ClassSession.select().where(ClassSession.id == session_id).first()
    if found is None:
        raise Refused("This date has been removed already.")
    await lock_course(found["course"])
    session = await ClassSession.select().where(ClassSession.id == session_id).first()
    if session is None:
        raise Refused("This date has been removed already.")
    return await current(session["course"]), session


async def _locked_supporter(supporter_id: int) -> Row:
    """The supporter, held for others with every duplicate of the same human being."""
    await stages.hold(supporter_id)
    supporter = await register.get(supporter_id)
    if supporter is None:
        raise Refused("There is no such supporter.")
    return supporter


async def _locked_assignment(assignment_id: int) -> tuple[Row, Row, Row]:
    found = await Assignment.select().where(Assignment.id == assignment_id).first()
    if found is None:
        raise Refused("There is no such place.")
    course, session = await _locked_session(found["session"])
    [assignment] = await Assignment.select().where(Assignment.id == assignment_id)
    return course, session, assignment
