"""Who is touched when the city moves a session or calls one off, and telling them (B10)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from server import clock
from server.classes import bookings
from server.classes.tables import LIVE_STATES, Booking, BookingScope, BookingState, ClassSession
from server.notices import outbox
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
    return _in_numbers(rows, ended=len(rows) if ends else 0)


async def tell(course: Row, session_id: int, occasion: str, facts: dict[str, object]) -> Effect:
    """Post a notice to everybody who has booked the session, and leave the bookings alone."""
    rows = await live_bookings(course["id"], [session_id])
    await outbox.post(occasion, [bookings.reachable(row) for row in rows], facts)
    return _in_numbers(rows, ended=0)


async def call_off(
    course: Row, sessions: Sequence[Row], occasion: str, reason: str, *, by: Actor
) -> Effect:
    """Call these sessions off, tell everybody who has booked them, end what has nothing left.

    Inside `writing()`. A booking of the whole course stays while another session of it stands,
    be it one that was held already.
    """
    if not sessions:
        return Effect()
    rows = await live_bookings(course["id"], [session["id"] for session in sessions])
    await _mark_called_off(sessions, reason)
    ends = await _nothing_left(course, sessions)
    if ends:
        for row in rows:
            await bookings.end(row, BookingState.called_off, by=by)
    facts = await facts_of(course, sessions[0]) | {"reason": reason, "ended": ends}
    await outbox.post(occasion, [bookings.reachable(row) for row in rows], facts)
    return _in_numbers(rows, ended=len(rows) if ends else 0)


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


def _in_numbers(rows: list[Row], *, ended: int) -> Effect:
    reached = [bookings.reachable(row).channel for row in rows]
    return Effect(len(rows), reached.count(NoticeChannel.phone), ended)
