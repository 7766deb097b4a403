"""C1: nobody helps in two places at one time, and there is one helper for so many people."""

from datetime import date, datetime, timedelta

import pytest

from server import clock
from server.classes import assignments, clashes, courses, editing, scheduling, sessions, staffing
from server.classes.editing import Unheeded
from server.classes.sessions import SessionFacts
from server.classes.tables import BookingScope, ClassSession, CourseKind
from server.notices.tables import Notice
from server.refusals import Refused
from tests.classes.helpers_cast import (
    ASSISTANT,
    HERSELF,
    LEAD,
    assigned,
    live,
    make_lecturer,
    make_session,
    save_scheme,
)
from tests.classes.staff_cast import ICT, again, in_days, session_facts
from tests.databases import Database
from tests.factories import make_course, make_person, make_room, make_supporter
from tests.supporters.cast import merged

TEN = timedelta(minutes=10)
NINETY = timedelta(minutes=90)


@pytest.fixture(autouse=True)
async def now(database: Database, frozen_now: datetime) -> None:
    """Every test has a database, on 2026-11-21 at 10:00."""


def facts_at(session: ClassSession, starts_at: datetime) -> SessionFacts:
    return SessionFacts(starts_at, starts_at + NINETY, int(session.venue), int(session.room))


async def warned(session: ClassSession, starts_at: datetime) -> list[Refused]:
    """Of what a coordinator is warned before she moves the session."""
    course = await editing.current(int(session.course)) | {"seats": 12, "closes_at": in_days(1)}
    return await sessions.warnings(course, facts_at(session, starts_at), but_for=session.id)


@pytest.mark.parametrize(
    ("apart", "clash"),
    [(-NINETY, False), (-NINETY + TEN, True), (timedelta(0), True), (NINETY, False)],
)
async def test_c1_times_count_not_dates(apart: timedelta, clash: bool) -> None:
    first, second = await make_session(in_days(7)), await make_session(in_days(7) + apart)
    midori = await make_supporter()
    await staffing.sign_up(first.id, midori.id, ASSISTANT, by=HERSELF)

    if clash:
        with pytest.raises(Refused) as refused:
            await staffing.sign_up(second.id, midori.id, ASSISTANT, by=HERSELF)
        assert refused.value.msgid == clashes.CLASH
        assert refused.value.values["span"] == (first.starts_at, first.ends_at)
    else:
        await staffing.sign_up(second.id, midori.id, ASSISTANT, by=HERSELF)
    assert len(await live(second)) == int(not clash)


async def test_c1_a_coordinator_overrules_a_clash_with_a_reason() -> None:
    first, second = await make_session(), await make_session()
    midori = await make_supporter()
    await assigned(first, ASSISTANT, midori)

    with pytest.raises(Unheeded) as refused:
        await staffing.assign(second.id, ASSISTANT, supporter_id=midori.id, by=ICT)
    row = await assigned(second, ASSISTANT, midori)

    assert [each.msgid for each in refused.value.warnings] == [clashes.CLASH]
    assert row["overruled"] == "人手が足りない"


async def test_c1_what_is_called_off_or_left_is_in_nobodys_way() -> None:
    gone, left = await make_session(), await make_session()
    free, midori = await make_session(), await make_supporter()
    await assigned(gone, ASSISTANT, midori)
    row = await assigned(left, ASSISTANT, midori)
    await sessions.call_off(gone.id, "警報", version=1, by=ICT)
    await staffing.take_off(row["id"], "都合", by=ICT)

    await staffing.sign_up(free.id, midori.id, ASSISTANT, by=HERSELF)

    assert await live(free) == [("assistant", midori.id)]


async def test_c1_a_merged_duplicate_is_the_same_human_being() -> None:
    first, second = await make_session(), await make_session()
    person = await make_person(name="佐藤みどり", reading="さとうみどり")
    stays, duplicate = await make_supporter(person=person.id), await make_supporter()
    await assigned(first, ASSISTANT, duplicate)
    await merged(duplicate, stays)

    with pytest.raises(Refused) as refused:
        await staffing.sign_up(second.id, stays.id, ASSISTANT, by=HERSELF)

    assert refused.value.msgid == clashes.CLASH
    assert [each["session"] for each in await assignments.of_supporter(stays.id, clock.now())] == [
        first.id
    ]


async def test_c1_a_lecturer_from_outside_cannot_be_in_two_places() -> None:
    first, second, outside = await make_session(), await make_session(), await make_lecturer()
    await staffing.assign(first.id, LEAD, lecturer_id=outside.id, by=ICT)

    with pytest.raises(Unheeded) as refused:
        await staffing.assign(second.id, LEAD, lecturer_id=outside.id, by=ICT)

    assert [each.msgid for each in refused.value.warnings] == [clashes.CLASH]


@pytest.mark.parametrize("moved", ["first", "second"])
async def test_c1_moving_either_side_onto_the_other_warns(moved: str) -> None:
    first, second = await make_session(in_days(7)), await make_session(in_days(9))
    midori = await make_supporter()
    await assigned(first, ASSISTANT, midori)
    await assigned(second, ASSISTANT, midori)
    mine, other = (first, second) if moved == "first" else (second, first)
    found = await warned(mine, other.starts_at + TEN)

    assert [each.msgid for each in found] == [scheduling.HELPER_ELSEWHERE]
    assert found[0].values["span"] == (other.starts_at, other.ends_at)
    assert await warned(mine, in_days(20)) == []


async def test_c1_a_lecturer_and_a_duplicate_are_found_elsewhere_too() -> None:
    first, second = await make_session(in_days(7)), await make_session(in_days(9))
    outside, stays, duplicate = (
        await make_lecturer(),
        await make_supporter(),
        await make_supporter(),
    )
    for session, helper in ((first, stays), (second, duplicate)):
        await staffing.assign(session.id, LEAD, lecturer_id=outside.id, by=ICT)
        await assigned(session, ASSISTANT, helper)
    await merged(duplicate, stays)

    found = await warned(first, second.starts_at)

    assert [each.msgid for each in found] == [scheduling.HELPER_ELSEWHERE]


async def test_b10_helpers_of_a_moved_session_are_told_from_when_to_when() -> None:
    session, midori = await make_session(), await make_supporter(phone="090-0000-7777")
    row = await assigned(session, ASSISTANT, midori)
    [now] = await ClassSession.select().where(ClassSession.id == session.id)

    effect = await sessions.move(
        session.id, facts_at(session, in_days(8)), version=now["version"], by=ICT
    )

    assert (effect.helpers, effect.bookings) == (1, 0)
    [notice] = await Notice.select()
    assert (notice["occasion"], notice["subject_id"]) == ("session.moved", row["id"])
    assert await live(session) == [("assistant", midori.id)]


async def test_b10_who_leaves_need_not_be_told_of_the_move_any_more() -> None:
    session, midori = await make_session(in_days(20)), await make_supporter()
    row = await assigned(session, ASSISTANT, midori)
    await sessions.move(session.id, facts_at(session, in_days(21)), version=1, by=ICT)

    await staffing.take_off(row["id"], "本人から電話", tell=False, by=ICT)

    [notice] = await Notice.select()
    assert notice["withdrawn_at"] is not None


async def test_b10_a_helper_of_two_dates_hears_once_that_the_class_is_called_off() -> None:
    course = await make_course()
    midori = await make_supporter()
    for days in (7, 14):
        await assigned(await make_session(in_days(days), course=course.id), ASSISTANT, midori)

    effect = await courses.call_off(course.id, "講師急病", version=1, by=ICT)

    assert effect.helpers == 1
    assert await Notice.count() == 1


@pytest.mark.parametrize(
    ("seats", "assistants", "warned"),
    [(20, 4, False), (20, 3, True), (21, 4, True), (4, 0, False), (5, 0, True)],
)
async def test_c1_fewer_than_one_helper_for_four_people(
    seats: int, assistants: int, warned: bool
) -> None:
    course = await make_course(published_at=None, seats=seats, closes_at=in_days(1))
    await make_session(course=course.id, assistants_needed=assistants)

    found = [each.msgid for each in await courses.warnings(await again(course))]

    assert found == [scheduling.FEW_HELPERS] * warned


async def test_c1_the_number_of_people_per_helper_is_a_setting() -> None:
    await save_scheme(participants_per_helper=10)
    course = await make_course(published_at=None, seats=20, closes_at=in_days(1))
    await make_session(course=course.id, assistants_needed=1)

    assert await courses.warnings(await again(course)) == []


async def test_c1_publishing_with_too_few_helpers_needs_a_reason() -> None:
    course = await make_course(published_at=None, seats=20, closes_at=in_days(1))
    await make_session(course=course.id, assistants_needed=0)

    with pytest.raises(Unheeded) as refused:
        await courses.publish(course.id, version=1, by=ICT)
    await courses.publish(course.id, "職員も入る", version=1, by=ICT)

    assert refused.value.warnings[0].values == {
        "day": date(2026, 11, 28),
        "seats": 20,
        "helpers": 1,
        "ratio": 4,
        "needed": 5,
    }


@pytest.mark.parametrize(
    ("scope", "kind", "seats", "needed"),
    [
        (BookingScope.course, CourseKind.smartphone, 20, (1, 4, 0)),
        (BookingScope.session, CourseKind.smartphone, 9, (1, 2, 0)),
        (BookingScope.course, CourseKind.smartphone, 4, (1, 0, 0)),
        (BookingScope.course, CourseKind.supporter_training, 30, (1, 0, 0)),
    ],
)
async def test_c1_a_session_begins_with_the_helpers_whom_the_ratio_asks_for(
    scope: BookingScope, kind: CourseKind, seats: int, needed: tuple[int, int, int]
) -> None:
    whole = scope == BookingScope.course
    course = await make_course(scope=scope, kind=kind, seats=seats if whole else 0)
    facts = session_facts(await make_room(), in_days(7), seats=0 if whole else seats)

    row = await sessions.add(course.id, facts, by=ICT)

    assert (row["leads_needed"], row["assistants_needed"], row["trainee_places"]) == needed


async def test_numbers_typed_with_a_date_are_kept_when_it_is_moved() -> None:
    course, room = await make_course(), await make_room()
    facts = session_facts(room, in_days(7))
    typed = SessionFacts(**{**vars(facts), "leads_needed": 2, "trainee_places": 3})
    row = await sessions.add(course.id, typed, by=ICT)

    later = session_facts(room, in_days(8))
    await sessions.move(row["id"], later, version=row["version"], by=ICT)

    [moved] = await ClassSession.select().where(ClassSession.id == row["id"])
    assert (moved["leads_needed"], moved["assistants_needed"], moved["trainee_places"]) == (2, 4, 3)


async def test_more_assistants_move_nobody() -> None:
    session, midori = await make_session(), await make_supporter()
    await assigned(session, ASSISTANT, midori)
    same = facts_at(session, session.starts_at)

    await sessions.move(
        session.id, SessionFacts(**{**vars(same), "assistants_needed": 6}), version=1, by=ICT
    )

    assert await Notice.count() == 0
