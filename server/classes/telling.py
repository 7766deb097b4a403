"""Who is touched when the city moves a session or calls one off, and telling them (B10)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from server import clock
from server.classes import attendance, bookings, reports
from server.classes.queries import helpers
from server.classes.tables import LIVE_STATES, Booking, BookingScope, BookingState, ClassSession
from server.notices import outbox
from server.notices.outbox import Reachable
from server.notices.tables import NoticeChannel
from server.places.tables import Room, Venue
from server.roles import Actor

Row = dict[str, Any]


@dataclass(frozen=True)
class Effect:
    """What a change does to bookings, in numbers: shown before it and again after."""

    bookings: int = 0  # live bookings that it touches; each of these people is told
    calls: int = 0  # of these, people who are told by telephone: lines on the call list
    ended: int = 0  # of these, bookings that end because nothing is left of them
    helpers: int = 0  # supporters who are down to help there; each is told too
    lecturers: int = 0  # outside lecturers: no notice reaches them, the coordinator phones

    @property
    def notices(self) -> int:
        """People who are told in writing."""
        return self.bookings - self.calls


async def live_bookings(course_id: int, session_ids: Sequence[int]) -> list[Row]:
    """The live bookings of a course that cover any of these sessions of it."""
    if not session_ids:
        return []
    return await (
        Booking.select()
        .where((Booking.course == course_id) & Booking.state.is_in(list(LIVE_STATES)))
        .where(Booking.session.is_null() | Booking.session.is_in(list(session_ids)))
        .order_by(Booking.id)
    )


async def effect(course: Row, sessions: Sequence[Row], *, calls_off: bool) -> Effect:
    """What moving these sessions of a course would do, or calling them off."""
    if not sessions:
        return Effect()
    rows = await live_bookings(course["id"], [session["id"] for session in sessions])
    ends = calls_off and await _nothing_left(course, sessions)
    return await _in_numbers(rows, sessions, ended=len(rows) if ends else 0)


async def tell(course: Row, session: Row, occasion: str, more: dict[str, object]) -> Effect:
    """Post a notice to everybody who has booked the session or helps there; all of it stays.

    `more` are facts beside those of the session as it stands.
    """
    rows = await live_bookings(course["id"], [session["id"]])
    facts = await facts_of(course, session) | more
    await outbox.post(occasion, [bookings.reachable(row) for row in rows], facts)
    await tell_helpers(course, [session], occasion, more)
    return await _in_numbers(rows, [session], ended=0)


async def tell_helpers(
    course: Row, sessions: Sequence[Row], occasion: str, more: dict[str, object]
) -> None:
    """Post a notice to the supporters at these sessions, one to each; their places stay.

    One who helps at several of them is told of the first one.
    """
    rows = await helpers([session["id"] for session in sessions])
    told: set[int] = set()
    for session in sorted(sessions, key=lambda each: (each["starts_at"], each["id"])):
        here = [row for row in rows if row["session"] == session["id"] and row["supporter"]]
        to = [_helper(row) for row in here if row["person"] not in told]
        told |= {row["person"] for row in here}
        facts = await facts_of(course, session) | more if to else more
        await outbox.post(occasion, to, facts, about="assignment")


async def tell_assigned(course: Row, session: Row, assignment_id: int) -> None:
    """Post a notice to a supporter whom a coordinator has put at a session."""
    rows = [each for each in await helpers([session["id"]]) if each["id"] == assignment_id]
    facts = await facts_of(course, session)
    to = [_helper(each) for each in rows if each["supporter"] is not None]
    await outbox.post("assignment.added", to, facts, about="assignment")


async def tell_helper(course: Row, session: Row, assignment_id: int, reason: str) -> None:
    """Post a notice to a supporter who is taken off a session; none to an outside lecturer."""
    rows = [each for each in await helpers([session["id"]]) if each["id"] == assignment_id]
    to = [_helper(each) for each in rows if each["supporter"] is not None]
    facts = await facts_of(course, session) | {"reason": reason}
    await outbox.post("assignment.taken_off", to, facts, about="assignment")


async def call_off(
    course: Row, sessions: Sequence[Row], occasion: str, reason: str, *, by: Actor
) -> Effect:
    """Call these sessions off, tell everybody who has booked them, end what has nothing left.

    Inside `writing()`. A booking of the whole course stays while another session of it stands,
    be it one that was held already. Who was ticked as present at one is not any more. Refused
    where one is reported as held.
    """
    if not sessions:
        return Effect()
    await reports.check_not_held([session["id"] for session in sessions])
    await attendance.clear([session["id"] for session in sessions], by=by)
    rows = await live_bookings(course["id"], [session["id"] for session in sessions])
    await _mark_called_off(sessions, reason)
    ends = await _nothing_left(course, sessions)
    if ends:
        for row in rows:
            await bookings.end(row, BookingState.called_off, by=by)
    more: dict[str, object] = {"reason": reason, "ended": ends}
    facts = await facts_of(course, sessions[0]) | more
    await outbox.post(occasion, [bookings.reachable(row) for row in rows], facts)
    await tell_helpers(course, sessions, occasion, more)
    return await _in_numbers(rows, sessions, ended=len(rows) if ends else 0)


async def facts_of(course: Row, session: Row) -> dict[str, object]:
    """The plain facts of a session that words are made of: texts, ids and ISO dates."""
    [venue] = await Venue.select(Venue.name).where(Venue.id == session["venue"])
    room = await Room.select(Room.name).where(Room.id == session["room"]).first()
    return {
        "course_id": course["id"],
        "session_id": session["id"],
        "section_id": course["section"],
        "title": course["title"],
        "venue_id": session["venue"],
        "venue": venue["name"],
        "room": room["name"] if room else "",
        "starts_at": session["starts_at"].isoformat(),
        "ends_at": session["ends_at"].isoformat(),
    }


async def _mark_called_off(sessions: Sequence[Row], reason: str) -> None:
    """Mark sessions as called off; calendars show it (RFC 5545 §3.8.7.4)."""
    now = clock.now()
    for session in sessions:
        await ClassSession.update(
            {
                ClassSession.called_off_at: now,
                ClassSession.called_off_reason: reason,
                ClassSession.changed_at: now,
                ClassSession.sequence: ClassSession.sequence + 1,
                ClassSession.version: ClassSession.version + 1,
            }
        ).where(ClassSession.id == session["id"])


async def _nothing_left(course: Row, sessions: Sequence[Row]) -> bool:
    """Would nothing of a booking be left without these sessions?"""
    if course["scope"] == BookingScope.session:
        return True
    return not await ClassSession.exists().where(
        (ClassSession.course == course["id"])
        & ClassSession.called_off_at.is_null()
        & ClassSession.id.not_in([session["id"] for session in sessions])
    )


async def _in_numbers(rows: list[Row], sessions: Sequence[Row], *, ended: int) -> Effect:
    reached = [bookings.reachable(row).channel for row in rows]
    there = await helpers([session["id"] for session in sessions])
    return Effect(
        bookings=len(rows),
        calls=reached.count(NoticeChannel.phone),
        ended=ended,
        helpers=len({row["person"] for row in there if row["supporter"] is not None}),
        lecturers=len({row["lecturer"] for row in there if row["lecturer"] is not None}),
    )


def _helper(row: Row) -> Reachable:
    """The best way to reach a supporter about her place: the telephone first."""
    if row["phone"]:
        way, address = NoticeChannel.phone, row["phone"]
    elif row["email"]:
        way, address = NoticeChannel.email, row["email"]
    elif row["fax"]:
        way, address = NoticeChannel.fax, row["fax"]
    else:
        way, address = NoticeChannel.post, f"{row['postcode']} {row['address']}".strip()
    return Reachable(row["person"], row["id"], way, address)
