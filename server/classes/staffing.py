"""Who helps at a session (S3): signing up, staffing, leaving; never two at one time (C1)."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from piccolo.querystring import QueryString

from server import clock
from server.accounts.tables import Account
from server.audit import entries
from server.classes import clashes, telling
from server.classes.editing import (
    Unheeded,
    check_may_edit,
    check_not_called_off,
    check_version,
    current,
)
from server.classes.queries import helpers, lock_course
from server.classes.tables import Assignment, ClassSession, HelpRole, SessionReport
from server.database import locked, writing
from server.notices import outbox
from server.notices import queries as notices
from server.people import merging
from server.refusals import N_, Refused
from server.roles import Actor
from server.supporters import credentials, register, schemes, stages
from server.supporters.queries import same_human
from server.supporters.tables import Lecturer, SignUp, Stage

Row = dict[str, Any]

A_DAY = timedelta(days=1)
NEEDED = {
    HelpRole.lead: "leads_needed",
    HelpRole.assistant: "assistants_needed",
    HelpRole.trainee: "trainee_places",
}
# Warnings that a coordinator may overrule; a supporter who signs up is refused.
OVER = N_("This session is already over.")
FULL = N_("All places for this role are taken.")
NO_LEAD = N_("Nobody leads this session yet. A trainee needs a lead beside her.")
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
        there = await _there(session_id, supporter_id=supporter_id)
        if there is not None and there["role"] == role:
            return there
        await _check_sign_up(course, session, supporter, role)
        return await _add(session, role, supporter_id, None, "", by)


async def check_sign_up(session_id: int, supporter_id: int, role: HelpRole) -> None:
    """Refused as `sign_up` would be; holds nobody up, so that a page may ask."""
    session = await ClassSession.select().where(ClassSession.id == session_id).first()
    supporter = await register.get(supporter_id)
    if session is None or supporter is None:
        raise Refused("This date has been removed already.")
    await _check_sign_up(await current(session["course"]), session, supporter, role)


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
        _check_stands(course, session)
        await _check_helper(session, role, supporter_id, lecturer_id)
        there = await _there(session_id, supporter_id, lecturer_id)
        if there is not None:
            _check_same_role(there, role)
            return there
        found = await warnings(session, role, supporter_id=supporter_id, lecturer_id=lecturer_id)
        if found and not overruled:
            raise Unheeded(found, UNHEEDED)
        reason = overruled if found else ""
        added = await _add(session, role, supporter_id, lecturer_id, reason, by)
        if supporter_id is not None and not await signs_in(supporter_id):
            await telling.tell_assigned(course, session, added["id"])
        return added


async def signs_in(supporter_id: int) -> bool:
    """Has she an account, so that she sees by herself where she is down to help?"""
    supporter = await register.get(supporter_id)
    if supporter is None:
        return False
    selves = (await merging.selves([supporter["person_id"]]))[supporter["person_id"]]
    return await Account.exists().where(Account.person.is_in(list(selves)))


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
            await check_may_leave(session, assignment_id)
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
        _check_stands(course, session)
        changed = {name: n for name, n in numbers.items() if session[name] != n}
        if not changed:
            return
        counted: dict[Any, Any] = {**changed, ClassSession.version: ClassSession.version + 1}
        await ClassSession.update(counted).where(ClassSession.id == session_id)
        was = {name: session[name] for name in changed}
        await entries.record(
            "session.updated", "class_session", session_id, by=by, was=was, now=changed
        )


async def warnings(
    session: Row,
    role: str,
    *,
    supporter_id: int | None = None,
    lecturer_id: int | None = None,
) -> list[Refused]:
    """What speaks against one more helper, as far as a coordinator may overrule it (C1, S3)."""
    there = await of_session(session["id"])
    roles = [each["role"] for each in there if await _can_help(each, session)]
    found = [Refused(OVER)] if session["ends_at"] <= clock.now() else []
    if roles.count(role) >= session[NEEDED[HelpRole(role)]]:
        found.append(Refused(FULL))
    if role == HelpRole.trainee and HelpRole.lead not in roles:
        found.append(Refused(NO_LEAD))
    hours = session["starts_at"], session["ends_at"]
    if supporter_id is not None:
        others = await clashes.of_supporter(supporter_id, *hours, but_for=session["id"])
    else:
        others = await clashes.of_lecturer(lecturer_id or 0, *hours, but_for=session["id"])
    return [*found, *(clashes.clash(each) for each in others)]


async def _can_help(helper: Row, session: Row) -> bool:
    """Does her place count as taken? Not once she rests, has left, or lacks a paper then (S8)."""
    if helper["supporter"] is None or session["starts_at"] <= clock.now():
        return True
    stage = await stages.current(helper["supporter"])
    try:
        await credentials.check_valid(helper["supporter"], session["held_on"])
    except Refused:
        return False
    return stage is not None and stage["stage"] not in (Stage.resting, Stage.withdrawn)


async def check_signing_up() -> None:
    """Do supporters in this city take places by themselves (S3)?"""
    if (await schemes.current()).sign_up == SignUp.coordinators:
        raise Refused("The city office decides who helps where. Please phone us.")


async def check_may_leave(session: Row, assignment_id: int) -> None:
    """Until the city's deadline one leaves by oneself, later one phones (S3)."""
    last_day = await last_day_to_leave(session, assignment_id)
    if clock.today() > last_day:
        raise Refused(
            "Leaving by yourself was possible until {last_day}. Please phone us.",
            last_day=last_day,
        )


async def last_day_to_leave(session: Row, assignment_id: int | None = None) -> date:
    """The last municipal date on which a helper can leave the session by herself (S3).

    When the city has moved it since she signed up she has as many days as usual from then on,
    until the day before.
    """
    days = timedelta(days=(await schemes.current()).leave_days)
    held_on: date = session["held_on"]
    last_day = held_on - days - A_DAY
    moved = (await notices.moves([assignment_id])).get(assignment_id) if assignment_id else None
    if moved:
        last_day = max(last_day, min(clock.on(moved["moved_at"]) + days, held_on - A_DAY))
    return last_day


async def of_session(session_id: int) -> list[Row]:
    """Who helps at a session: leads first, then in the order in which they came to it.

    Rows of Assignment with `name`, `reading` and `phone`, and `person` of a supporter.
    """
    return (await of_sessions([session_id]))[session_id]


async def of_sessions(session_ids: Iterable[int]) -> dict[int, list[Row]]:
    """Who helps at each of these sessions, as `of_session`; one statement."""
    found: dict[int, list[Row]] = {each: [] for each in session_ids}
    for row in await helpers(list(found)):
        found[row["session"]].append(row)
    return found


async def of_supporter(supporter_id: int, since: datetime) -> list[Row]:
    """What a supporter is down for at sessions that end after `since`, in order; two statements.

    Rows of Assignment with the session's hours, `held_on` and `called_off_at`, `course`, `title`,
    `kind`, `section`, `published_at`, `venue`, `venue_name`, `address`, `district_name`,
    `room_name` and `state`: planned, over or called_off.
    """
    whose = await clashes.whose(supporter_id)
    rows: list[Row] = await Assignment.raw("{}", QueryString(_OF_SUPPORTER, whose, since))
    for row in rows:
        row["state"] = "over" if row["ends_at"] <= clock.now() else "planned"
        if row["called_off_at"] is not None:
            row["state"] = "called_off"
    return rows


async def hold_helpers(session_id: int) -> None:
    """Hold who helps at a session, so that nobody signs up elsewhere while it is moved (C1)."""
    for row in sorted(await helpers([session_id]), key=lambda each: each["supporter"] or 0):
        if row["supporter"] is not None:
            await stages.hold(row["supporter"])
        else:
            await locked(f"lecturer:{row['lecturer']}")


async def check_nobody_helps(session_ids: Sequence[int]) -> None:
    """A draft's date goes only when nobody is down for it, so that nobody is dropped silently."""
    if not session_ids:
        return
    if await Assignment.exists().where(
        Assignment.session.is_in(list(session_ids)) & Assignment.voided_at.is_null()
    ):
        raise Refused("Somebody is down to help on this date. Please take them off first.")


async def _check_sign_up(course: Row, session: Row, supporter: Row, role: HelpRole) -> None:
    await check_signing_up()
    _check_stands(course, session)
    if course["published_at"] is None:
        raise Refused("This class is not open yet.")
    if session["starts_at"] <= clock.now():
        raise Refused("This session has already begun.")
    await register.check_may_help(supporter, role, session["held_on"])
    there = await _there(session["id"], supporter_id=supporter["id"])
    if there is not None:
        _check_same_role(there, role)
    for warning in await warnings(session, role, supporter_id=supporter["id"]):
        raise warning


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


def _check_stands(course: Row, session: Row) -> None:
    check_not_called_off(course)
    if session["called_off_at"] is not None:
        raise Refused("This session has been called off.")


def _check_same_role(there: Row, role: str) -> None:
    if there["role"] != role:
        raise Refused("This person already helps at this session in another role.")


async def _check_not_reported(session_id: int) -> None:
    if await SessionReport.exists().where(
        (SessionReport.session == session_id) & SessionReport.voided_at.is_null()
    ):
        raise Refused("The report of this session names this helper. Please correct it first.")


async def _there(
    session_id: int, supporter_id: int | None = None, lecturer_id: int | None = None
) -> Row | None:
    """The live assignment of the same human being at this session."""
    if supporter_id is not None:
        whose = await clashes.whose(supporter_id)
    else:
        whose = QueryString("assignment.lecturer = {}", lecturer_id)
    rows = await Assignment.raw("{}", QueryString(_THERE, session_id, whose))
    return rows[0] if rows else None


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


_THERE = """
SELECT assignment.* FROM assignment
WHERE assignment.session = {} AND assignment.voided_at IS NULL AND {}
"""

_OF_SUPPORTER = """
SELECT assignment.*, held.number, held.starts_at, held.ends_at, held.held_on, held.called_off_at,
    held.venue, held.course, course.title, course.kind, course.section, course.published_at,
    venue.name AS venue_name, venue.address, district.name AS district_name,
    room.name AS room_name
FROM assignment
JOIN class_session AS held ON held.id = assignment.session
JOIN course ON course.id = held.course
JOIN venue ON venue.id = held.venue
LEFT JOIN district ON district.id = venue.district
LEFT JOIN room ON room.id = held.room
WHERE {} AND assignment.voided_at IS NULL AND held.ends_at > {}
ORDER BY held.starts_at, held.id
"""
