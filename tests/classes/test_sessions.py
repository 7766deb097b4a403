"""Sessions: added, moved and called off, and rooms that are never used twice, on both engines."""

import asyncio
import json
import re
from datetime import time, timedelta

import pytest

from server import clock
from server.audit.tables import AuditEntry
from server.classes import bookings, scheduling, sessions
from server.classes.sessions import SessionFacts
from server.classes.tables import Booking, BookingScope, BookingState, ClassSession
from server.classes.telling import Effect
from server.notices.tables import Notice
from server.places.tables import Room, VenueClosure
from server.refusals import Refused, Stale
from tests.classes.staff_cast import (
    HANAKO,
    ICT,
    TARO,
    YUKI,
    Staff,
    again,
    book,
    course_with_sessions,
    in_days,
    session_facts,
)
from tests.databases import Database
from tests.factories import make_class_session, make_course, make_room, make_venue
from tests.unlocked import unlock

MOVED = "The room was needed for polling"


async def room_of(session: ClassSession) -> Room:
    room = await Room.objects().get(Room.id == session.room)
    assert room is not None
    return room


async def test_add_gives_an_identity_that_calendars_can_keep(database: Database) -> None:
    course, room = await make_course(published_at=None), await make_room()

    session = await sessions.add(course.id, session_facts(room, in_days(7)), by=ICT)

    assert re.fullmatch(r"[0-9a-f]{32}@127\.0\.0\.1", session["uid"])
    assert (session["sequence"], session["number"], session["version"]) == (0, 1, 1)
    [entry] = await AuditEntry.select()
    assert (entry["action"], entry["subject_id"]) == ("session.added", session["id"])


async def test_t1_add_stores_the_municipal_date(database: Database) -> None:
    course, room = await make_course(), await make_room()
    day = clock.today() + timedelta(days=7)
    early = clock.at(day, time(8, 30))  # the day before, in UTC

    session = await sessions.add(course.id, session_facts(room, early), by=ICT)

    assert (session["held_on"], session["starts_at"]) == (day, early)


async def test_add_to_a_draft_numbers_the_sessions_by_date(database: Database) -> None:
    course, room = await make_course(published_at=None), await make_room()

    await sessions.add(course.id, session_facts(room, in_days(14)), by=ICT)
    await sessions.add(course.id, session_facts(room, in_days(7)), by=ICT)

    rows = await ClassSession.select().order_by(ClassSession.starts_at)
    assert [row["number"] for row in rows] == [1, 2]


async def test_add_to_a_published_course_keeps_the_numbers_and_tells_who_booked(
    database: Database,
) -> None:
    course, [first] = await course_with_sessions(1)
    await book(HANAKO, course)

    added = await sessions.add(course.id, session_facts(await make_room(), in_days(3)), by=ICT)

    assert (added["number"], (await again(first))["number"]) == (2, 1)
    [notice] = await Notice.select()
    assert (notice["occasion"], notice["channel"]) == ("session.added", "phone")


async def test_add_in_the_past_is_refused(database: Database) -> None:
    course, room = await make_course(published_at=None), await make_room()

    with pytest.raises(Refused, match=r"^That date and time have already passed\."):
        await sessions.add(course.id, session_facts(room, in_days(-1)), by=ICT)


async def test_add_ending_before_it_begins_is_refused(database: Database) -> None:
    course, room = await make_course(), await make_room()

    with pytest.raises(Refused, match=r"^The session must end after it begins\.$"):
        await sessions.add(course.id, session_facts(room, in_days(1), minutes=0), by=ICT)


async def test_add_to_a_course_called_off_is_refused(database: Database) -> None:
    course, room = await make_course(called_off_at=in_days(-1)), await make_room()

    with pytest.raises(Refused, match=r"^This class has been called off\.$"):
        await sessions.add(course.id, session_facts(room, in_days(1)), by=ICT)


async def test_add_in_a_room_of_another_venue_is_refused(database: Database) -> None:
    course, room, venue = await make_course(), await make_room(), await make_venue()
    starts = in_days(1)
    facts = SessionFacts(starts, starts + timedelta(hours=1), venue.id, room.id)

    with pytest.raises(Refused, match=r"^This room is no longer in use\."):
        await sessions.add(course.id, facts, by=ICT)


async def test_add_in_a_room_given_up_is_refused(database: Database) -> None:
    course, room = await make_course(), await make_room(archived_at=in_days(-1))

    with pytest.raises(Refused, match=r"^This room is no longer in use\."):
        await sessions.add(course.id, session_facts(room, in_days(1)), by=ICT)


async def test_add_at_a_venue_without_a_room_is_allowed(database: Database) -> None:
    course, venue = await make_course(), await make_venue()
    starts = in_days(1)

    added = await sessions.add(
        course.id, SessionFacts(starts, starts + timedelta(hours=1), venue.id), by=ICT
    )

    assert (added["venue"], added["room"]) == (venue.id, None)


@pytest.mark.parametrize(("offset", "minutes"), [(-60, 61), (0, 90), (89, 30), (-30, 200)])
async def test_c1_a_room_is_not_used_twice(database: Database, offset: int, minutes: int) -> None:
    room, starts = await make_room(name="第2会議室"), in_days(7)
    there = await make_course(title="写真の撮り方")
    await make_class_session(course=there.id, room=room.id, venue=room.venue, starts_at=starts)
    course = await make_course()
    facts = session_facts(room, starts + timedelta(minutes=offset), minutes)

    with pytest.raises(Refused, match=r"第2会議室 is used for “写真の撮り方” then") as no:
        await sessions.add(course.id, facts, by=ICT)

    assert no.value.msgid == scheduling.ROOM_BUSY
    assert no.value.values["span"] == (starts, starts + timedelta(minutes=90))


@pytest.mark.parametrize(("offset", "minutes"), [(-60, 60), (90, 30)])
async def test_c1_one_class_may_follow_another(
    database: Database, offset: int, minutes: int
) -> None:
    room, starts = await make_room(), in_days(7)
    await make_class_session(room=room.id, venue=room.venue, starts_at=starts)
    facts = session_facts(room, starts + timedelta(minutes=offset), minutes)

    await sessions.add((await make_course()).id, facts, by=ICT)

    assert await ClassSession.count() == 2


async def test_c1_a_shared_lobby_holds_two(database: Database) -> None:
    room, starts = await make_room(shared=True), in_days(7)
    await make_class_session(room=room.id, venue=room.venue, starts_at=starts)

    await sessions.add((await make_course()).id, session_facts(room, starts), by=ICT)

    assert await ClassSession.count() == 2


async def test_c1_a_session_called_off_gives_its_room_back(database: Database) -> None:
    room, starts = await make_room(), in_days(7)
    await make_class_session(
        room=room.id, venue=room.venue, starts_at=starts, called_off_at=in_days(-1)
    )

    await sessions.add((await make_course()).id, session_facts(room, starts), by=ICT)

    assert await ClassSession.count() == 2


async def two_coordinators_want_one_room() -> list[Refused]:
    """Ten coordinators, to be sure that some of them meet; who was refused."""
    room, starts = await make_room(), in_days(7)
    wanted = [await make_course(published_at=None) for _ in range(10)]
    answers = await asyncio.gather(
        *(sessions.add(each.id, session_facts(room, starts), by=ICT) for each in wanted),
        return_exceptions=True,
    )
    return [answer for answer in answers if isinstance(answer, Refused)]


async def test_c1_two_coordinators_at_once_do_not_get_one_room(database: Database) -> None:
    refused = await two_coordinators_want_one_room()

    assert len(refused) == 9
    assert await ClassSession.count() == 1


@pytest.mark.engine("postgres")
async def test_c1_without_the_lock_on_the_room_both_would_get_it(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    unlock(monkeypatch, scheduling)

    await two_coordinators_want_one_room()

    assert await ClassSession.count() > 1


async def test_b10_move_keeps_every_booking_and_tells_everybody(database: Database) -> None:
    course, [session, _] = await course_with_sessions()
    hanako, yuki = await book(HANAKO, course), await book(YUKI, course)
    await bookings.cancel((await book(TARO, course))["id"])
    await Notice.delete(force=True)
    was, facts = await again(session), session_facts(await make_room(), in_days(9))

    foreseen = await sessions.check_move(session.id, facts, version=1, by=ICT)
    effect = await sessions.move(session.id, facts, MOVED, version=1, by=ICT)

    assert effect == foreseen == Effect(bookings=2, calls=1)
    live = await Booking.select().where(Booking.state == BookingState.confirmed)
    assert {row["id"] for row in live} == {hanako["id"], yuki["id"]}
    notices = await Notice.select().order_by(Notice.subject_id)
    assert [(n["occasion"], n["channel"]) for n in notices] == [
        ("session.moved", "phone"),
        ("session.moved", "email"),
    ]
    told = json.loads(notices[0]["facts"])
    assert told["was_starts_at"] == was["starts_at"].isoformat()
    assert told["starts_at"] == facts.starts_at.isoformat()
    assert told["reason"] == MOVED


async def test_c3_move_keeps_the_identity_and_grows_the_sequence(database: Database) -> None:
    _, [session] = await course_with_sessions(1)
    room = await room_of(session)

    with clock.freeze(in_days(1)) as later:
        await sessions.move(session.id, session_facts(room, in_days(9)), version=1, by=ICT)

    row = await again(session)
    assert (row["uid"], row["sequence"], row["version"]) == (session.uid, 1, 2)
    assert (row["changed_at"], row["held_on"]) == (later, clock.on(row["starts_at"]))


async def test_move_may_overlap_with_its_own_time(database: Database) -> None:
    _, [session] = await course_with_sessions(1)
    later = session_facts(await room_of(session), session.starts_at + timedelta(minutes=30))

    await sessions.move(session.id, later, version=1, by=ICT)

    assert (await again(session))["starts_at"] == later.starts_at


async def test_move_to_where_it_is_does_nothing(database: Database) -> None:
    course, [session] = await course_with_sessions(1)
    await book(HANAKO, course)
    same = session_facts(await room_of(session), session.starts_at)

    assert await sessions.check_move(session.id, same, version=1, by=ICT) is None
    assert await sessions.move(session.id, same, version=1, by=ICT) == Effect()
    assert (await again(session))["version"] == 1
    assert await Notice.count() == 0


async def test_move_of_seats_alone_tells_nobody(database: Database) -> None:
    course, [session] = await course_with_sessions(1, scope=BookingScope.session, seats=5)
    await book(HANAKO, course, session)
    more = session_facts(await room_of(session), session.starts_at, seats=8)

    assert await sessions.move(session.id, more, version=1, by=ICT) == Effect()

    row = await again(session)
    assert (row["seats"], row["sequence"]) == (8, 0)
    assert await Notice.count() == 0


async def test_b4_move_keeps_seats_for_everybody_who_has_one(database: Database) -> None:
    course, [session] = await course_with_sessions(1, scope=BookingScope.session, seats=5)
    await book(HANAKO, course, session)
    await book(TARO, course, session)
    fewer = session_facts(await room_of(session), session.starts_at, seats=1)

    with pytest.raises(Refused, match="2 people already have a place"):
        await sessions.move(session.id, fewer, version=1, by=ICT)


async def test_move_into_the_past_is_refused(database: Database) -> None:
    _, [session] = await course_with_sessions(1)
    facts = session_facts(await room_of(session), in_days(-1))

    with pytest.raises(Refused, match=r"^That date and time have already passed\."):
        await sessions.move(session.id, facts, version=1, by=ICT)


async def test_move_of_what_has_begun_is_refused(database: Database) -> None:
    _, [session] = await course_with_sessions(1)
    facts = session_facts(await room_of(session), in_days(9))

    with (
        clock.freeze(session.starts_at),
        pytest.raises(Refused, match=r"^This session has already begun\.$"),
    ):
        await sessions.move(session.id, facts, version=1, by=ICT)


async def test_move_of_what_is_called_off_is_refused(database: Database) -> None:
    _, [session, _] = await course_with_sessions()
    await sessions.call_off(session.id, "台風のため", version=1, by=ICT)
    facts = session_facts(await room_of(session), in_days(9))

    with pytest.raises(Refused, match=r"^This session has been called off\.$"):
        await sessions.move(session.id, facts, version=2, by=ICT)


async def test_move_of_two_coordinators_keeps_the_first(database: Database) -> None:
    _, [session] = await course_with_sessions(1)
    room = await room_of(session)
    await sessions.move(session.id, session_facts(room, in_days(9)), version=1, by=ICT)

    with pytest.raises(Stale) as stale:
        await sessions.move(session.id, session_facts(room, in_days(10)), version=1, by=ICT)

    assert stale.value.current["version"] == 2


async def test_c4_sessions_are_for_their_own_section(database: Database) -> None:
    course, [session] = await course_with_sessions(1)
    other, facts = Staff(section_id=10**6), session_facts(await make_room(), in_days(9))

    for forbidden in (
        sessions.add(course.id, facts, by=other),
        sessions.move(session.id, facts, version=1, by=other),
        sessions.call_off(session.id, "台風のため", version=1, by=other),
    ):
        with pytest.raises(Refused, match=r"^This class belongs to another section\.$"):
            await forbidden


async def test_b10_call_off_of_one_session_keeps_bookings_for_the_others(
    database: Database,
) -> None:
    course, [session, _] = await course_with_sessions()
    await book(HANAKO, course)
    foreseen = await sessions.affected(session.id)

    effect = await sessions.call_off(session.id, "台風のため", version=1, by=ICT)

    assert effect == foreseen == Effect(bookings=1, calls=1, ended=0)
    assert [row["state"] for row in await Booking.select()] == [BookingState.confirmed]
    row = await again(session)
    assert (row["sequence"], row["called_off_reason"]) == (1, "台風のため")
    [notice] = await Notice.select()
    assert notice["occasion"] == "session.called_off"
    assert json.loads(notice["facts"])["ended"] is False


async def test_b10_call_off_of_the_last_session_standing_ends_the_bookings(
    database: Database,
) -> None:
    course, both = await course_with_sessions()
    await book(HANAKO, course)

    for session in both:
        effect = await sessions.call_off(session.id, "台風のため", version=1, by=ICT)

    assert effect == Effect(bookings=1, calls=1, ended=1)
    assert [row["state"] for row in await Booking.select()] == [BookingState.called_off]
    assert (await again(course))["taken"] == 0


async def test_b10_call_off_where_one_is_picked_ends_its_bookings_only(
    database: Database,
) -> None:
    course, [first, second] = await course_with_sessions(scope=BookingScope.session, seats=5)
    await book(HANAKO, course, first)
    await book(TARO, course, second)

    effect = await sessions.call_off(first.id, "台風のため", version=1, by=ICT)

    assert effect == Effect(bookings=1, calls=1, ended=1)
    states = [row["state"] for row in await Booking.select().order_by(Booking.id)]
    assert states == [BookingState.called_off, BookingState.confirmed]
    assert [(await again(each))["taken"] for each in (first, second)] == [0, 1]


async def test_call_off_twice_does_nothing_the_second_time(database: Database) -> None:
    course, [session, _] = await course_with_sessions()
    await book(HANAKO, course)
    await sessions.call_off(session.id, "台風のため", version=1, by=ICT)

    second = await sessions.call_off(session.id, "別の理由", version=1, by=ICT)

    assert second == Effect()
    assert await Notice.count() == 1
    assert (await again(session))["sequence"] == 1


async def test_call_off_of_what_somebody_has_moved_is_stale(database: Database) -> None:
    _, [session] = await course_with_sessions(1)
    facts = session_facts(await room_of(session), in_days(9))
    await sessions.move(session.id, facts, version=1, by=ICT)

    with pytest.raises(Stale):
        await sessions.call_off(session.id, "台風のため", version=1, by=ICT)


async def test_call_off_of_what_is_over_is_refused(database: Database) -> None:
    _, [session] = await course_with_sessions(1)

    with (
        clock.freeze(session.ends_at),
        pytest.raises(Refused, match=r"^This session is already over\.$"),
    ):
        await sessions.call_off(session.id, "台風のため", version=1, by=ICT)


async def test_c1_warnings_say_what_to_know_before_publishing(database: Database) -> None:
    room = await make_room(capacity=10, name="和室")
    course = await make_course(seats=20, published_at=None)
    day = clock.at(clock.today().replace(year=clock.today().year + 1, month=5, day=5), time(10))
    await make_class_session(course=course.id, room=room.id, venue=room.venue, starts_at=day)
    closure = {"venue": room.venue, "reason": "館内の工事", "first_on": clock.on(day)}
    await VenueClosure(last_on=clock.on(day), **closure).save()
    rows = await ClassSession.select()

    found = await scheduling.warnings(await again(course), rows)

    assert [(each.msgid, each.values) for each in found] == [
        ("The venue is closed on {day}: {reason}", {"day": clock.on(day), "reason": "館内の工事"}),
        ("{day} is a public holiday: {holiday}", {"day": clock.on(day), "holiday": "こどもの日"}),
        (
            "{room} holds {capacity} people, but there are {seats} seats.",
            {"room": "和室", "capacity": 10, "seats": 20},
        ),
    ]


async def test_c1_a_class_that_fits_is_warned_of_nothing(database: Database) -> None:
    course, rows = await course_with_sessions(1)
    day = clock.at(clock.today() + timedelta(days=400), time(10))
    while await scheduling.warnings_of_day(rows[0].venue, day):
        day += timedelta(days=1)
    fits = [{**(await again(rows[0])), "starts_at": day, "ends_at": day + timedelta(hours=2)}]

    assert await scheduling.warnings(await again(course), fits) == []
