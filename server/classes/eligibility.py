"""Who may help at a session (S3, S8): with a place left, never two at one time (C1)."""

from datetime import date, timedelta
from typing import Any

from server import clock
from server.classes import assignments, clashes
from server.classes.assignments import NEEDED
from server.classes.editing import check_not_called_off, current
from server.classes.tables import ClassSession, HelpRole
from server.notices import queries as notices
from server.refusals import N_, Refused
from server.supporters import credentials, register, schemes, stages
from server.supporters.tables import SignUp, Stage

Row = dict[str, Any]

A_DAY = timedelta(days=1)
# Warnings that a coordinator may overrule; a supporter who signs up is refused.
OVER = N_("This session is already over.")
FULL = N_("All places for this role are taken.")
NO_LEAD = N_("Nobody leads this session yet. A trainee needs a lead beside her.")


async def check_sign_up(session_id: int, supporter_id: int, role: HelpRole) -> None:
    """Refused as `sign_up` would be; holds nobody up, so that a page may ask."""
    session = await ClassSession.select().where(ClassSession.id == session_id).first()
    supporter = await register.get(supporter_id)
    if session is None or supporter is None:
        raise Refused("This date has been removed already.")
    await check_may_sign_up(await current(session["course"]), session, supporter, role)


async def check_may_sign_up(course: Row, session: Row, supporter: Row, role: HelpRole) -> None:
    """Whether she may take the place herself, by all that `staffing.sign_up` refuses."""
    await check_signing_up()
    check_stands(course, session)
    if course["published_at"] is None:
        raise Refused("This class is not open yet.")
    if session["starts_at"] <= clock.now():
        raise Refused("This session has already begun.")
    await register.check_may_help(supporter, role, session["held_on"])
    there = await assignments.there(session["id"], supporter_id=supporter["id"])
    if there is not None:
        check_same_role(there, role)
    for warning in await warnings(session, role, supporter_id=supporter["id"]):
        raise warning


async def warnings(
    session: Row,
    role: str,
    *,
    supporter_id: int | None = None,
    lecturer_id: int | None = None,
) -> list[Refused]:
    """What speaks against one more helper, as far as a coordinator may overrule it (C1, S3)."""
    there = await assignments.of_session(session["id"])
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


def check_stands(course: Row, session: Row) -> None:
    """Neither the course nor the session has been called off."""
    check_not_called_off(course)
    if session["called_off_at"] is not None:
        raise Refused("This session has been called off.")


def check_same_role(there: Row, role: str) -> None:
    """Nobody helps at one session in two roles."""
    if there["role"] != role:
        raise Refused("This person already helps at this session in another role.")
