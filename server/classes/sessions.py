"""Sessions of a course: added, moved and called off; those who booked are told (B10, C3)."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from server import clock
from server.audit import entries
from server.classes import assignments, scheduling, telling, vacancies
from server.classes.drafts import dates_changed
from server.classes.editing import (
    check_may_edit,
    check_not_called_off,
    check_published,
    check_seats_kept,
    check_version,
    current,
    locked_course,
    standing_sessions,
)
from server.classes.queries import helpers
from server.classes.tables import BookingScope, ClassSession
from server.classes.telling import Effect
from server.database import writing
from server.refusals import N_, Refused
from server.roles import Actor
from server.settings import settings

Row = dict[str, Any]

WHEN_AND_WHERE = ("starts_at", "ends_at", "venue", "room")
HELPER_UNFIT = N_(
    "{day}: {name} could not help then, for the stage or a paper of theirs does not allow it."
)


@dataclass(frozen=True)
class SessionFacts:
    """When and where a session is held; `seats` count where one session is picked.

    How many people it needs to help: None leaves that as it is, and at first as the city's ratio
    has it (C1).
    """

    starts_at: datetime
    ends_at: datetime
    venue_id: int
    room_id: int | None = None
    seats: int = 0
    leads_needed: int | None = None
    assistants_needed: int | None = None
    trainee_places: int | None = None

    def columns(self, scope: str) -> Row:
        """The columns that a session is saved with, by name."""
        needed = {name: getattr(self, name) for name in assignments.NEEDED.values()}
        return {name: number for name, number in needed.items() if number is not None} | {
            "starts_at": self.starts_at,
            "ends_at": self.ends_at,
            "held_on": clock.on(self.starts_at),
            "venue": self.venue_id,
            "room": self.room_id,
            "seats": self.seats if scope == BookingScope.session else 0,
        }


async def add(course_id: int, facts: SessionFacts, *, by: Actor) -> Row:
    """Add a session to a course, and return it; who has booked the whole course is told.

    Refused for another section's course, one called off, a time past, a room in use (C1).
    """
    async with writing():
        course = await locked_course(course_id)
        await _check_add(course, facts, by)
        session = ClassSession(
            course=course_id,
            number=1 + await ClassSession.count().where(ClassSession.course == course_id),
            uid=f"{secrets.token_hex(16)}@{urlsplit(settings().base_url).hostname}",
            changed_at=clock.now(),
            **await _with_people(course, facts),
        )
        rows = await ClassSession.insert(session).returning(*ClassSession.all_columns())
        await dates_changed(course)
        await entries.record(
            "session.added", "class_session", rows[0]["id"], by=by, course=course_id
        )
        if course["scope"] == BookingScope.course:
            await telling.tell(course, rows[0], "session.added", {})
        return await _session(rows[0]["id"])


async def check_add(course_id: int, facts: SessionFacts, *, by: Actor) -> None:
    """Refused as `add` would be."""
    async with writing():
        await _check_add(await locked_course(course_id), facts, by)


async def move(
    session_id: int, facts: SessionFacts, reason: str = "", *, version: int, by: Actor
) -> Effect:
    """Hold the session at another time or place; bookings stay and everyone is told (B10).

    Says how many. Seats alone change nothing for those who booked. Stale when somebody else has
    saved since `version`; Refused as `add`, once the session has begun, and for fewer seats than
    people who have one (B4).
    """
    async with writing():
        course, session = await _checked_move(session_id, facts, version, by)
        changed = _changed(course, session, facts)
        if not changed:
            return Effect()
        moves = bool(changed.keys() & set(WHEN_AND_WHERE))
        await assignments.hold_helpers(session_id)
        seen = {"changed_at": clock.now(), "sequence": ClassSession.sequence + 1} if moves else {}
        await _set(session_id, changed | seen)
        await dates_changed(course)
        await entries.record(
            "session.moved" if moves else "session.updated",
            "class_session",
            session_id,
            by=by,
            was={name: session[name] for name in changed},
            now=changed,
            reason=reason,
        )
        if not moves:
            return Effect()
        return await _tell_move(course, session, reason)


async def check_move(
    session_id: int, facts: SessionFacts, *, version: int, by: Actor
) -> Effect | None:
    """What `move` would do to bookings, Refused or Stale as it would be; None: no move at all."""
    async with writing():
        course, session = await _checked_move(session_id, facts, version, by)
        if not _changed(course, session, facts).keys() & set(WHEN_AND_WHERE):
            return None
        return await telling.effect(course, [session], calls_off=False)


async def warnings(
    course: Row, facts: SessionFacts, *, but_for: int | None = None
) -> list[Refused]:
    """What to know before a session is held so (C1); `but_for` is the one that is moved."""
    standing = await standing_sessions(course["id"])
    others = [each for each in standing if each["id"] != but_for]
    moved = next((each for each in standing if each["id"] == but_for), None)
    planned = await _with_people(course, facts, moved) | {"number": 0, "id": but_for}
    ordered = sorted([*others, planned], key=lambda each: each["starts_at"])
    if course["published_at"] is None:
        planned["number"] = ordered.index(planned) + 1
    else:
        planned["number"] = (
            moved["number"]
            if moved
            else 1 + await ClassSession.count().where(ClassSession.course == course["id"])
        )
    late = scheduling.opened_too_long(course, ordered)
    found = [scheduling.warning_of_window(course, planned)] if late is planned else []
    found += await scheduling.warnings_of_session(course, planned)
    return found + (await _warnings_of_helpers(planned) if but_for else [])


async def call_off(session_id: int, reason: str, *, version: int, by: Actor) -> Effect:
    """Call one session off, tell everybody who has booked it, and say how many (B10).

    A booking of the whole course stays while another session of it stands; else it ends as
    called off. Done twice, it does nothing the second time. Refused once the session is over,
    and for a draft, whose dates are removed.
    """
    async with writing():
        course, session = await _locked(session_id)
        check_may_edit(by, course["section"])
        if session["called_off_at"] is not None:
            return Effect()
        check_published(course)
        check_version(session, version)
        check_not_over(session)
        effect = await telling.call_off(course, [session], "session.called_off", reason, by=by)
        await entries.record(
            "session.called_off",
            "class_session",
            session_id,
            by=by,
            reason=reason,
            bookings=effect.bookings,
            ended=effect.ended,
        )
        return effect


async def affected(session_id: int) -> Effect:
    """What calling the session off would do."""
    session = await _session(session_id)
    return await telling.effect(await current(session["course"]), [session], calls_off=True)


async def check_time_and_place(facts: SessionFacts, *, but_for: int | None = None) -> None:
    """In order, to come, and in a room that is free then (C1)."""
    scheduling.check_in_order(facts.starts_at, facts.ends_at)
    scheduling.check_future(facts.starts_at)
    await scheduling.check_place(facts.venue_id, facts.room_id)
    await scheduling.check_room_free(facts.room_id, facts.starts_at, facts.ends_at, but_for=but_for)


def check_not_over(session: Row) -> None:
    """A session that has taken place stays what it was."""
    if session["ends_at"] <= clock.now():
        raise Refused("This session is already over.")


async def _check_add(course: Row, facts: SessionFacts, by: Actor) -> None:
    check_may_edit(by, course["section"])
    check_not_called_off(course)
    await check_time_and_place(facts)


async def _checked_move(
    session_id: int, facts: SessionFacts, version: int, by: Actor
) -> tuple[Row, Row]:
    course, session = await _locked(session_id)
    check_may_edit(by, course["section"])
    check_version(session, version)
    if session["called_off_at"] is not None:
        raise Refused("This session has been called off.")
    if session["starts_at"] <= clock.now():
        raise Refused("This session has already begun.")
    await check_time_and_place(facts, but_for=session_id)
    check_seats_kept(session, facts.columns(course["scope"])["seats"])
    return course, session


async def _tell_move(course: Row, was: Row, reason: str) -> Effect:
    old_facts = await telling.facts_of(course, was)
    before = {f"was_{name}": old_facts[name] for name in ("starts_at", "ends_at", "venue", "room")}
    return await telling.tell(
        course, await _session(was["id"]), "session.moved", before | {"reason": reason}
    )


async def _warnings_of_helpers(planned: Row) -> list[Refused]:
    """Who is down for a session and could not help when it is `planned` (S8)?"""
    standing = await vacancies.session(planned["id"])
    if standing is None:
        return []
    session = standing | planned | {"helpers": await helpers([planned["id"]])}
    await vacancies.mark_unfit([session])
    return [
        Refused(HELPER_UNFIT, day=session["held_on"], name=each["name"])
        for each in session["helpers"]
        if each["unfit"]
    ]


async def _with_people(course: Row, facts: SessionFacts, standing: Row | None = None) -> Row:
    """The columns of a session, with the people whom it needs where nobody has typed a number."""
    columns = facts.columns(course["scope"])
    seats = course["seats"] if course["scope"] == BookingScope.course else facts.seats
    known = standing or await scheduling.people_needed(course["kind"], seats)
    return {name: known[name] for name in assignments.NEEDED.values()} | columns


def _changed(course: Row, session: Row, facts: SessionFacts) -> Row:
    columns = facts.columns(course["scope"])
    return {name: value for name, value in columns.items() if session[name] != value}


async def _set(session_id: int, values: Row) -> None:
    counted: dict[Any, Any] = {**values, ClassSession.version: ClassSession.version + 1}
    await ClassSession.update(counted).where(ClassSession.id == session_id)


async def _locked(session_id: int) -> tuple[Row, Row]:
    session = await _session(session_id)
    course = await locked_course(session["course"])
    return course, await _session(session_id)


async def _session(session_id: int) -> Row:
    return (await ClassSession.select().where(ClassSession.id == session_id))[0]
