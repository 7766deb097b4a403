"""T4, S2, P1: who came."""

import asyncio
from datetime import date, timedelta
from typing import Any

import pytest

from server import clock
from server.audit.tables import AuditEntry
from server.classes import attendance, bookings, reports, sessions
from server.classes.tables import (
    Attendance,
    BookingScope,
    CourseKind,
    Outcome,
    Presence,
    SessionReport,
)
from server.database import writing
from server.people import merging
from server.people.tables import Person
from server.refusals import Stale
from server.roles import Role
from tests.classes.logged_cast import (
    CALLED_OFF,
    HANAKO,
    TARO,
    YUKI,
    books,
    held,
    in_training,
    live_records,
    open_course,
    session_at,
    yesterday_session,
)
from tests.classes.staff_cast import ICT, Staff
from tests.databases import Database
from tests.factories import make_course, make_person
from tests.refusals import refusal

YEAR = (date(2026, 4, 1), date(2027, 3, 31))
PRESENT, ABSENT = Presence.present, Presence.absent


async def said(session_id: int) -> dict[int, str]:
    rows = await attendance.of_session(session_id)
    return {booking: row["presence"] for booking, row in rows.items()}


async def test_a_wrong_tick_is_voided_and_stays_to_be_seen(
    database: Database, frozen_now: Any
) -> None:
    session = await yesterday_session()
    hanako = await books(HANAKO, session)

    await attendance.mark(session.id, {hanako: PRESENT}, by=ICT)
    await attendance.mark(session.id, {hanako: ABSENT}, by=ICT)

    assert await said(session.id) == {hanako: "absent"}
    rows = await Attendance.select().order_by(Attendance.id)
    assert [(row["presence"], row["voided_at"] is None) for row in rows] == [
        ("present", False),
        ("absent", True),
    ]
    assert {row["effective_on"] for row in rows} == {date(2026, 11, 20)}


async def test_the_same_said_twice_changes_nothing_and_none_takes_back(
    database: Database, frozen_now: Any
) -> None:
    session = await yesterday_session()
    hanako = await books(HANAKO, session)

    for _ in range(2):
        await attendance.mark(session.id, {hanako: PRESENT}, by=ICT)
    assert await Attendance.count() == 1
    await attendance.mark(session.id, {hanako: None}, by=ICT)

    assert await said(session.id) == {}
    entries = await AuditEntry.count().where(AuditEntry.action == "attendance.marked")
    assert entries == 2


async def test_attendance_is_taken_from_the_day_of_the_session_on(
    database: Database, frozen_now: Any
) -> None:
    tonight = await session_at(clock.now() + timedelta(hours=8))  # the same day in Japan
    tomorrow = await session_at(clock.now() + timedelta(days=1))

    await attendance.mark(tonight.id, {await books(HANAKO, tonight): PRESENT}, by=ICT)
    words = await refusal(
        attendance.mark(tomorrow.id, {await books(TARO, tomorrow): PRESENT}, by=ICT)
    )

    assert words == "Attendance is taken from the day of the session on."
    assert len(await said(tonight.id)) == 1


async def test_nobody_came_to_what_was_called_off(database: Database, frozen_now: Any) -> None:
    session = await session_at(clock.now() + timedelta(hours=1))
    hanako = await books(HANAKO, session)
    await sessions.call_off(session.id, "警報", version=1, by=ICT)

    words = await refusal(attendance.mark(session.id, {hanako: PRESENT}, by=ICT))

    assert words == "This session has been called off, so nobody came."


async def test_only_who_has_a_place_is_ticked(database: Database, frozen_now: Any) -> None:
    session, other = await yesterday_session(), await yesterday_session()
    elsewhere = await books(HANAKO, other)
    left = await books(TARO, session)
    with clock.freeze(session.starts_at - timedelta(days=1)):
        await bookings.cancel(left)

    for booking in (elsewhere, left, 2_000_000):
        words = await refusal(attendance.mark(session.id, {booking: PRESENT}, by=ICT))
        assert words == "Who comes to this session has changed in the meantime."
    assert await attendance.roster(session.id) == []


async def test_the_roster_is_in_the_order_of_readings_and_of_that_session(
    database: Database, frozen_now: Any
) -> None:
    course = await make_course(scope=BookingScope.session, seats=0)
    first = await session_at(clock.now() + timedelta(hours=2), course=course, seats=5)
    second = await session_at(clock.now() + timedelta(days=7), course=course, seats=5, number=2)
    for who, session in ((HANAKO, first), (YUKI, first), (TARO, second)):
        await bookings.book(who, course.id, session.id, submission=f"press-{who.name}-0001")

    assert [row["name"] for row in await attendance.roster(first.id)] == ["鈴木ゆき", "山田花子"]


async def test_who_had_a_place_belongs_to_a_session_held_before_the_rest_was_called_off(
    database: Database, frozen_now: Any
) -> None:
    with clock.freeze(frozen_now - timedelta(days=10)):
        course = await open_course()
        first = await session_at(clock.now() + timedelta(days=1), course=course)
        second = await session_at(clock.now() + timedelta(days=20), course=course, number=2)
    hanako = await books(HANAKO, first)
    await sessions.call_off(second.id, "講師急病", version=1, by=ICT)

    assert [row["id"] for row in await attendance.roster(first.id)] == [hanako]


async def test_t4_visits_and_people_come_each_from_their_own_rows(
    database: Database, frozen_now: Any
) -> None:
    course = await open_course()
    two = [
        await session_at(clock.now() - timedelta(days=days), course=course, number=number)
        for number, days in ((1, 9), (2, 2))
    ]
    hanako, taro = await books(HANAKO, two[0]), await books(TARO, two[0])
    await attendance.mark(two[0].id, {hanako: PRESENT, taro: PRESENT}, by=ICT)
    await attendance.mark(two[1].id, {hanako: PRESENT, taro: ABSENT}, by=ICT)
    await reports.save(two[0].id, held(5), by=ICT)  # three came without applying
    await reports.save(two[1].id, held(1), by=ICT)

    visits = sum(row["head_count"] for row in await reports.held(*YEAR))
    people = await attendance.people(*YEAR)

    assert visits == 6
    assert [row["visits"] for row in people] == [2, 1]


async def test_t4_merged_duplicates_are_one_person(database: Database, frozen_now: Any) -> None:
    session = await yesterday_session()
    hanako, yuki = await books(HANAKO, session), await books(YUKI, session)
    await attendance.mark(session.id, {hanako: PRESENT, yuki: PRESENT}, by=ICT)
    await reports.save(session.id, held(2), by=ICT)
    assert len(await attendance.people(*YEAR)) == 2

    [first, second] = await Person.select().order_by(Person.id)
    async with writing():
        await Person.update(merged_into=first["id"]).where(Person.id == second["id"])

    [row] = await attendance.people(*YEAR)
    assert (row["person_id"], row["visits"]) == (first["id"], 2)


async def test_t3_booked_is_not_attended_and_ticked_without_a_report_is_not_counted(
    database: Database, frozen_now: Any
) -> None:
    session = await yesterday_session()
    hanako = await books(HANAKO, session)
    await books(TARO, session)
    await attendance.mark(session.id, {hanako: PRESENT}, by=ICT)

    assert await attendance.people(*YEAR) == []
    await reports.save(session.id, held(1), by=ICT)
    assert len(await attendance.people(*YEAR)) == 1
    assert len(await attendance.people(*YEAR, kinds=(CourseKind.smartphone,))) == 1
    assert await attendance.people(*YEAR, kinds=(CourseKind.consultation,)) == []


async def training_session(*, kind: CourseKind = CourseKind.supporter_training) -> Any:
    """A session that teaches the lecture of a programme, which 山田花子 is in."""
    hanako = await make_person("059-354-0000")
    lecture, _ = await in_training(hanako.id)
    course = await open_course(kind=kind)
    session = await session_at(
        clock.now() - timedelta(days=1), minutes=120, course=course, requirement=lecture.id
    )
    return session, hanako.id, lecture, await books(HANAKO, session)


async def test_s2_who_was_present_at_a_training_has_done_of_its_requirement(
    database: Database, frozen_now: Any
) -> None:
    session, hanako, lecture, booking = await training_session()

    await attendance.mark(session.id, {booking: PRESENT}, by=ICT)
    [record] = await live_records(hanako)

    tick = (await attendance.of_session(session.id))[booking]
    assert (record["requirement"], record["source_id"]) == (lecture.id, tick["id"])
    assert (record["done_on"], record["minutes"]) == (date(2026, 11, 20), 120)


@pytest.mark.parametrize("otherwise", [ABSENT, None])
async def test_s2_a_tick_taken_back_takes_the_record_back(
    database: Database, frozen_now: Any, otherwise: Presence | None
) -> None:
    session, hanako, _, booking = await training_session()
    await attendance.mark(session.id, {booking: PRESENT}, by=ICT)

    await attendance.mark(session.id, {booking: otherwise}, by=ICT)
    assert await live_records(hanako) == []

    await attendance.mark(session.id, {booking: PRESENT}, by=ICT)
    assert len(await live_records(hanako)) == 1


async def test_s2_a_class_for_residents_trains_nobody(database: Database, frozen_now: Any) -> None:
    session, hanako, _, booking = await training_session(kind=CourseKind.smartphone)

    await attendance.mark(session.id, {booking: PRESENT}, by=ICT)

    assert await live_records(hanako) == []


async def test_p1_another_building_ticks_nobody(database: Database, frozen_now: Any) -> None:
    session = await yesterday_session()
    hanako = await books(HANAKO, session)
    there = frozenset({int(session.venue)})
    own = Staff(roles=frozenset({Role.venue}), venue_ids=there)
    other = Staff(roles=frozenset({Role.venue}), venue_ids=frozenset({2_000_000}))

    words = await refusal(attendance.mark(session.id, {hanako: PRESENT}, by=other))
    await attendance.mark(session.id, {hanako: PRESENT}, by=own)

    assert words == "Only those who run this session say what became of it."
    assert await said(session.id) == {hanako: "present"}


async def test_two_who_tick_the_same_person_at_once_leave_one_tick(database: Database) -> None:
    session = await yesterday_session()
    hanako = await books(HANAKO, session)

    await asyncio.gather(
        attendance.mark(session.id, {hanako: PRESENT}, by=ICT),
        attendance.mark(session.id, {hanako: ABSENT}, by=ICT),
        attendance.mark(session.id, {hanako: PRESENT}, by=ICT),
    )

    assert len(await said(session.id)) == 1


async def test_s2_ticked_at_the_door_and_then_called_off_nobody_came(
    database: Database, frozen_now: Any
) -> None:
    hanako = await make_person("059-354-0000")
    lecture, _ = await in_training(hanako.id)
    course = await open_course(kind=CourseKind.supporter_training)
    starts = clock.now() + timedelta(hours=1)
    session = await session_at(starts, course=course, requirement=lecture.id)
    await attendance.mark(session.id, {await books(HANAKO, session): PRESENT}, by=ICT)
    assert len(await live_records(hanako.id)) == 1

    await sessions.call_off(session.id, "警報", version=1, by=ICT)

    assert await said(session.id) == {}
    assert await live_records(hanako.id) == []


async def test_t4_nobody_is_ticked_beyond_the_heads_of_the_report(
    database: Database, frozen_now: Any
) -> None:
    session = await yesterday_session()
    hanako, taro = await books(HANAKO, session), await books(TARO, session)
    await reports.save(session.id, held(1), by=ICT)

    words = await refusal(attendance.mark(session.id, {hanako: PRESENT, taro: PRESENT}, by=ICT))
    assert words.startswith("{number} people are ticked as present.")
    assert await said(session.id) == {}

    await attendance.mark(session.id, {hanako: PRESENT, taro: ABSENT}, by=ICT)
    assert await said(session.id) == {hanako: "present", taro: "absent"}


async def test_s2_nobody_has_learned_at_a_session_that_is_reported_as_called_off(
    database: Database, frozen_now: Any
) -> None:
    session, hanako, _, booking = await training_session()
    await reports.save(session.id, CALLED_OFF, by=ICT)

    words = await refusal(attendance.mark(session.id, {booking: PRESENT}, by=ICT))

    assert words == "The report says that this session was called off, so nobody came."
    assert await said(session.id) == {}
    assert await live_records(hanako) == []


async def test_t3_a_tick_at_what_was_not_held_counts_nobody(
    database: Database, frozen_now: Any
) -> None:
    session = await yesterday_session()
    hanako = await books(HANAKO, session)
    await attendance.mark(session.id, {hanako: PRESENT}, by=ICT)
    await reports.save(session.id, held(1), by=ICT)
    assert len(await attendance.people(*YEAR)) == 1

    async with writing():  # as no page lets it stand
        await SessionReport.update(outcome=Outcome.called_off, head_count=0).where(
            SessionReport.session == session.id
        )

    assert await attendance.people(*YEAR) == []


async def test_a_tick_that_nobody_saw_is_not_replaced(database: Database, frozen_now: Any) -> None:
    session = await yesterday_session()
    hanako, taro = await books(HANAKO, session), await books(TARO, session)
    await attendance.mark(session.id, {hanako: PRESENT, taro: ABSENT}, by=ICT, seen={})

    with pytest.raises(Stale):
        await attendance.mark(session.id, {hanako: PRESENT, taro: PRESENT}, by=ICT, seen={})
    assert await said(session.id) == {hanako: "present", taro: "absent"}

    seen = {hanako: "present", taro: "absent"}
    await attendance.mark(session.id, {hanako: PRESENT, taro: ABSENT}, by=ICT, seen={})
    await attendance.mark(session.id, {hanako: PRESENT, taro: PRESENT}, by=ICT, seen=seen)
    assert await said(session.id) == {hanako: "present", taro: "present"}


@pytest.mark.engine("postgres")
async def test_two_trainings_ticked_at_once_do_not_wait_for_each_other(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    hanako = await make_person("059-354-0000")
    lecture, _ = await in_training(hanako.id)
    sessions_of, booked = [], []
    for _ in range(2):
        course = await open_course(kind=CourseKind.supporter_training)
        session = await session_at(
            clock.now() - timedelta(days=1), course=course, requirement=lecture.id
        )
        sessions_of.append(session.id)
        booked.append([await books(HANAKO, session), await books(YUKI, session)])
    (hers, yukis), both = booked
    await attendance.mark(sessions_of[0], {yukis: PRESENT}, by=ICT)
    hold = merging.hold

    async def slowly(person_id: int) -> None:
        await hold(person_id)
        await asyncio.sleep(0.2)

    monkeypatch.setattr(merging, "hold", slowly)

    await asyncio.gather(
        attendance.mark(sessions_of[0], {hers: PRESENT, yukis: None}, by=ICT),
        attendance.mark(sessions_of[1], dict.fromkeys(both, PRESENT), by=ICT),
    )

    assert await said(sessions_of[0]) == {hers: "present"}
    assert await said(sessions_of[1]) == dict.fromkeys(both, "present")
