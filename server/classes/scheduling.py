"""Where and when a session may be held: what is refused, and what is only warned of (C1)."""

from datetime import datetime
from typing import Any

from server import clock
from server.classes.tables import BookingScope, ClassSession
from server.database import locked
from server.places.opening import closed_because, holiday_name
from server.places.tables import Room
from server.refusals import Refused

Row = dict[str, Any]


def check_in_order(starts_at: datetime, ends_at: datetime) -> None:
    """A session ends after it begins."""
    if starts_at >= ends_at:
        raise Refused("The session must end after it begins.")


def check_future(starts_at: datetime) -> None:
    """A session is planned for the future: nobody can be told of one that has passed."""
    if starts_at <= clock.now():
        raise Refused("That date and time have already passed. Please choose a later one.")


async def check_place(venue_id: int, room_id: int | None) -> None:
    """The room is one of that venue, and still in use."""
    if room_id is None:
        return
    room = await Room.select().where(Room.id == room_id).first()
    if room is None or room["venue"] != venue_id or room["archived_at"] is not None:
        raise Refused("This room is no longer in use. Please choose another one.")


async def check_room_free(
    room_id: int | None, starts_at: datetime, ends_at: datetime, *, but_for: int | None = None
) -> None:
    """No room is used twice at a time, unless it is a shared lobby; drafts hold theirs too.

    Belongs inside `writing()`: whoever asks for the same room waits until the change ends.
    `but_for` is the session that is being moved.
    """
    if room_id is None:
        return
    await locked(f"room:{room_id}")
    uses = await ClassSession.raw(
        _USES + " ORDER BY class_session.starts_at LIMIT 1",
        room_id,
        ends_at,
        starts_at,
        but_for or 0,
    )
    if uses:
        use = uses[0]
        raise Refused(
            "{room} is already in use then: “{title}”, {starts_at} to {ends_at}.",
            room=use["name"],
            title=use["title"],
            starts_at=use["starts_at"],
            ends_at=use["ends_at"],
        )


async def warnings(course: Row, sessions: list[Row]) -> list[Refused]:
    """What a coordinator should know before publishing; none of it stops her.

    A closed venue, a room too small, a public holiday (classes may fall on one).
    """
    found: list[Refused] = []
    for session in sessions:
        found += await warnings_of_day(session["venue"], session["starts_at"])
        seats = (course if course["scope"] == BookingScope.course else session)["seats"]
        found += await warnings_of_seats(session["room"], seats)
    return list({(w.msgid, *w.values.values()): w for w in found}.values())


async def warnings_of_day(venue_id: int, starts_at: datetime) -> list[Refused]:
    """Is the venue closed that day, is it a holiday?"""
    day = clock.on(starts_at)
    found: list[Refused] = []
    reason = await closed_because(venue_id, day)
    if reason:
        found.append(Refused("The venue is closed on {day}: {reason}", day=day, reason=reason))
    elif reason is not None:
        found.append(Refused("{day} is the venue's weekly closing day.", day=day))
    holiday = await holiday_name(day)
    if holiday:
        found.append(Refused("{day} is a public holiday: {holiday}", day=day, holiday=holiday))
    return found


async def warnings_of_seats(room_id: int | None, seats: int) -> list[Refused]:
    """Do as many people as there are seats fit into the room?"""
    room = await Room.select().where(Room.id == room_id).first() if room_id else None
    if room is None or seats <= room["capacity"]:
        return []
    return [
        Refused(
            "{room} holds {capacity} people, but there are {seats} seats.",
            room=room["name"],
            capacity=room["capacity"],
            seats=seats,
        )
    ]


_USES = """
SELECT course.title, class_session.starts_at, class_session.ends_at, room.name
FROM class_session
JOIN course ON course.id = class_session.course
JOIN room ON room.id = class_session.room
WHERE class_session.room = {} AND room.shared = false
    AND class_session.starts_at < {} AND class_session.ends_at > {}
    AND class_session.called_off_at IS NULL AND class_session.id <> {}
"""
