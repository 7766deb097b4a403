"""Where and when a session may be held: what is refused, and what is only warned of (C1)."""

import math
from datetime import datetime
from typing import Any

from server import clock
from server.classes.queries import helpers_elsewhere
from server.classes.tables import PUBLIC_KINDS, BookingScope, ClassSession
from server.database import locked
from server.places.opening import closed_because, holiday_name
from server.places.tables import Room, Venue
from server.refusals import N_, Refused
from server.supporters import schemes

Row = dict[str, Any]

# Refusals that a form shows beside the field that they are about.
NOT_IN_ORDER = N_("The session must end after it begins.")
PASSED = N_("That date and time have already passed. Please choose a later one.")
ROOM_GONE = N_("This room is no longer in use. Please choose another one.")
ROOM_BUSY = N_("{venue} {room} is used for “{title}” then: {span}.")
FEW_HELPERS = N_(
    "{day}: {helpers} people are to help, for {seats} seats. One for every {ratio} would be"
    " {needed}."
)
HELPER_ELSEWHERE = N_("{day}: somebody who helps is also at “{title}” then ({span}).")
# Worth knowing, but no reason against a class.
HOLIDAY = N_("{day} is a public holiday: {holiday}")


def check_in_order(starts_at: datetime, ends_at: datetime) -> None:
    """A session ends after it begins."""
    if starts_at >= ends_at:
        raise Refused(NOT_IN_ORDER)


def check_future(starts_at: datetime) -> None:
    """A session is planned for the future: nobody can be told of one that has passed."""
    if starts_at <= clock.now():
        raise Refused(PASSED)


async def check_place(venue_id: int, room_id: int | None) -> None:
    """The room is one of that venue, and still in use."""
    if room_id is None:
        return
    room = await Room.select().where(Room.id == room_id).first()
    if room is None or room["venue"] != venue_id or room["archived_at"] is not None:
        raise Refused(ROOM_GONE)


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
            ROOM_BUSY,
            venue=use["venue_name"],
            room=use["name"],
            title=use["title"],
            span=(use["starts_at"], use["ends_at"]),
        )


async def warnings(course: Row, sessions: list[Row]) -> list[Refused]:
    """What a coordinator should know before publishing (C1); `sessions` are those that stand.

    Applications that close too late; for each session to come a closed venue, hours outside
    the venue's, a room too small, a public holiday (classes may fall on one).
    """
    late = opened_too_long(course, sessions)
    found = [warning_of_window(course, late)] if late else []
    for session in sessions:
        if session["ends_at"] > clock.now():
            found += await warnings_of_session(course, session)
    return list({(w.msgid, *w.values.values()): w for w in found}.values())


async def warnings_of_session(course: Row, session: Row) -> list[Refused]:
    """What to know of one session: its day, its hours, its seats, and who helps.

    One that is only planned has no id, and nobody helps there yet.
    """
    seats = (course if course["scope"] == BookingScope.course else session)["seats"]
    return [
        *await warnings_of_day(session["venue"], session["starts_at"]),
        *await warnings_of_hours(session["venue"], session["starts_at"], session["ends_at"]),
        *await warnings_of_seats(session["room"], seats),
        *await warnings_of_people(course, session, seats),
        *await warnings_of_clashes(session),
    ]


def to_overrule(found: list[Refused]) -> list[Refused]:
    """The warnings that need a reason to be overruled: all but the public holidays."""
    return [each for each in found if each.msgid != HOLIDAY]


def opened_too_long(course: Row, sessions: list[Row]) -> Row | None:
    """The session after whose beginning applications would still be taken in vain.

    It is the first one; where one session is picked, the last. None once it has begun.
    """
    if not sessions:
        return None
    ordered = sorted(sessions, key=lambda each: (each["starts_at"], each["number"]))
    last_chance: Row = ordered[0 if course["scope"] == BookingScope.course else -1]
    late = clock.now() < last_chance["starts_at"] < course["closes_at"]
    return last_chance if late else None


def warning_of_window(course: Row, session: Row) -> Refused:
    """Applications close after that session has begun."""
    return Refused(
        "Applications close ({closes_at}) after session {number} ({starts_at}) has begun.",
        closes_at=course["closes_at"],
        number=session["number"],
        starts_at=session["starts_at"],
    )


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
        found.append(Refused(HOLIDAY, day=day, holiday=holiday))
    return found


async def warnings_of_hours(venue_id: int, starts_at: datetime, ends_at: datetime) -> list[Refused]:
    """Is the whole session within the hours in which the venue can be used?"""
    venue = (await Venue.select(Venue.opens, Venue.closes).where(Venue.id == venue_id))[0]
    first, last = clock.local(starts_at), clock.local(ends_at)
    within = first.date() == last.date()
    if within and venue["opens"] <= first.time() and last.time() <= venue["closes"]:
        return []
    return [
        Refused(
            "{span} is outside the hours in which the venue can be used ({hours}).",
            span=(starts_at, ends_at),
            hours=(venue["opens"], venue["closes"]),
        )
    ]


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


async def people_needed(kind: str, seats: int) -> Row:
    """How many leads, assistants and trainees a session begins with, by the city's ratio (C1).

    One helper per so many seats, one of them the lead; a training needs only its lead.
    """
    ratio = (await schemes.current()).participants_per_helper
    helpers = math.ceil(seats / ratio) if kind in PUBLIC_KINDS else 1
    return {
        "leads_needed": 1,
        "assistants_needed": max(helpers - 1, 0),
        "trainee_places": 0,
    }


async def warnings_of_people(course: Row, session: Row, seats: int) -> list[Refused]:
    """Is there to be one helper for so many people (C1)? Trainees are no helpers yet."""
    if course["kind"] not in PUBLIC_KINDS:
        return []
    ratio = (await schemes.current()).participants_per_helper
    helpers = session["leads_needed"] + session["assistants_needed"]
    if helpers * ratio >= seats:
        return []
    return [
        Refused(
            FEW_HELPERS,
            day=clock.on(session["starts_at"]),
            seats=seats,
            helpers=helpers,
            ratio=ratio,
            needed=math.ceil(seats / ratio),
        )
    ]


async def warnings_of_clashes(session: Row) -> list[Refused]:
    """Does somebody who helps at the session help elsewhere at that time (C1)? Says no names."""
    if session["id"] is None:
        return []
    others = await helpers_elsewhere(session["id"], session["starts_at"], session["ends_at"])
    return [
        Refused(
            HELPER_ELSEWHERE,
            day=clock.on(session["starts_at"]),
            title=other["title"],
            span=(other["starts_at"], other["ends_at"]),
        )
        for other in others
    ]


_USES = """
SELECT course.title, class_session.starts_at, class_session.ends_at, room.name,
    venue.name AS venue_name
FROM class_session
JOIN course ON course.id = class_session.course
JOIN room ON room.id = class_session.room
JOIN venue ON venue.id = room.venue
WHERE class_session.room = {} AND room.shared = false
    AND class_session.starts_at < {} AND class_session.ends_at > {}
    AND class_session.called_off_at IS NULL AND class_session.id <> {}
"""
