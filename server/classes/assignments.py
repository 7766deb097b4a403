"""The places that helpers have at sessions, as they stand."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from piccolo.querystring import QueryString

from server import clock
from server.accounts.tables import Account
from server.classes import clashes
from server.classes.queries import helpers
from server.classes.tables import Assignment, HelpRole
from server.database import locked
from server.people import merging
from server.refusals import Refused
from server.supporters import register, stages

Row = dict[str, Any]

NEEDED = {
    HelpRole.lead: "leads_needed",
    HelpRole.assistant: "assistants_needed",
    HelpRole.trainee: "trainee_places",
}


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


async def there(
    session_id: int, supporter_id: int | None = None, lecturer_id: int | None = None
) -> Row | None:
    """The live assignment of the same human being at this session."""
    if supporter_id is not None:
        whose = await clashes.whose(supporter_id)
    else:
        whose = QueryString("assignment.lecturer = {}", lecturer_id)
    rows = await Assignment.raw("{}", QueryString(_THERE, session_id, whose))
    return rows[0] if rows else None


async def signs_in(supporter_id: int) -> bool:
    """Has she an account, so that she sees by herself where she is down to help?"""
    supporter = await register.get(supporter_id)
    if supporter is None:
        return False
    selves = (await merging.selves([supporter["person_id"]]))[supporter["person_id"]]
    return await Account.exists().where(Account.person.is_in(list(selves)))


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
