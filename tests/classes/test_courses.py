"""Courses: made, changed, published and called off, on both engines."""

import json

import pytest

from server import clock, text
from server.audit.tables import AuditEntry
from server.classes import courses
from server.classes.tables import (
    Booking,
    BookingScope,
    BookingState,
    ClassSession,
    Course,
    CourseKind,
)
from server.classes.telling import Effect
from server.notices.tables import Notice
from server.refusals import Refused, Stale
from server.roles import Role
from tests.classes.staff_cast import (
    HANAKO,
    ICT,
    TARO,
    YUKI,
    Staff,
    again,
    book,
    course_facts,
    course_with_sessions,
    facts_of,
    in_days,
)
from tests.databases import Database
from tests.factories import make_class_session, make_course


async def test_create_makes_a_draft_that_can_be_searched(database: Database) -> None:
    facts = await course_facts(description="電話のかけ方")

    course = await courses.create(facts, by=ICT)

    assert course["published_at"] is None
    assert (course["version"], course["taken"], course["seats"]) == (1, 0, 20)
    assert course["listed"] is True
    assert course["search_text"] == text.search_text(
        "はじめてのスマートフォン はじめてのすまーとふぉん 電話のかけ方"
    )


async def test_create_for_training_is_not_listed(database: Database) -> None:
    facts = await course_facts(kind=CourseKind.supporter_training)

    assert (await courses.create(facts, by=ICT))["listed"] is False


async def test_p2_create_is_audited(database: Database) -> None:
    course = await courses.create(await course_facts(), by=Staff(id=7, sees_all_sections=True))

    [entry] = await AuditEntry.select()
    assert (entry["actor"], entry["action"]) == (7, "course.created")
    assert (entry["subject"], entry["subject_id"]) == ("course", course["id"])
    assert json.loads(entry["facts"])["title"] == "はじめてのスマートフォン"


async def test_c4_create_for_another_section_is_refused(database: Database) -> None:
    facts = await course_facts()

    with pytest.raises(Refused, match=r"^This class belongs to another section\.$"):
        await courses.create(facts, by=Staff(section_id=facts.section_id + 1))

    assert await Course.count() == 0


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.coordinator])
async def test_c4_create_is_for_coordinators(database: Database, role: Role) -> None:
    facts = await course_facts()
    other = Staff(roles=frozenset({role}), section_id=facts.section_id, sees_all_sections=True)

    with pytest.raises(Refused, match="another section"):
        await courses.create(facts, by=other)


async def test_create_closing_before_it_opens_is_refused(database: Database) -> None:
    moment = in_days(3)
    facts = await course_facts(opens_at=moment, closes_at=moment)

    with pytest.raises(Refused, match=r"^Applications must close after they open\.$"):
        await courses.create(facts, by=ICT)


async def test_update_saves_what_changed_and_says_from_what_to_what(database: Database) -> None:
    course = await make_course()

    saved = await courses.update(
        course.id, facts_of(course, audience="60歳以上の人", fee=500), version=1, by=ICT
    )

    assert (saved["audience"], saved["fee"], saved["version"]) == ("60歳以上の人", 500, 2)
    [entry] = await AuditEntry.select()
    assert json.loads(entry["facts"]) == {
        "was": {"audience": "スマートフォンを使い始めた人", "fee": 0},
        "now": {"audience": "60歳以上の人", "fee": 500},
    }


async def test_update_without_a_change_changes_nothing(database: Database) -> None:
    course = await make_course()

    saved = await courses.update(course.id, facts_of(course), version=1, by=ICT)

    assert saved["version"] == 1
    assert await AuditEntry.count() == 0


async def test_update_of_two_coordinators_keeps_the_first_and_shows_it_to_the_second(
    database: Database,
) -> None:
    course = await make_course(title="スマホ")
    await courses.update(course.id, facts_of(course, title="先に"), version=1, by=ICT)

    with pytest.raises(Stale) as stale:
        await courses.update(course.id, facts_of(course, title="後から"), version=1, by=ICT)

    assert stale.value.current["title"] == "先に"
    assert stale.value.current["version"] == 2
    assert (await again(course))["title"] == "先に"


async def test_c4_update_is_for_its_own_section(database: Database) -> None:
    course = await make_course()
    own = Staff(section_id=course.section)

    await courses.update(course.id, facts_of(course, fee=100), version=1, by=own)
    with pytest.raises(Refused, match="another section"):
        await courses.update(
            course.id, facts_of(course, fee=200), version=2, by=Staff(section_id=10**6)
        )

    assert (await again(course))["fee"] == 100


async def test_c4_update_cannot_give_a_course_to_a_section_that_is_not_ones_own(
    database: Database,
) -> None:
    course = await make_course()
    facts = facts_of(course, section_id=(await course_facts()).section_id)

    with pytest.raises(Refused, match="another section"):
        await courses.update(course.id, facts, version=1, by=Staff(section_id=course.section))


async def test_b4_update_keeps_seats_for_everybody_who_has_one(database: Database) -> None:
    course, _ = await course_with_sessions()
    await book(HANAKO, course)
    await book(TARO, course)

    with pytest.raises(Refused, match=r"^2 people already have a place\."):
        await courses.update(course.id, facts_of(course, seats=1), version=1, by=ICT)
    saved = await courses.update(course.id, facts_of(course, seats=2), version=1, by=ICT)

    assert (saved["seats"], saved["taken"]) == (2, 2)


async def test_b4_update_counts_what_was_overbooked(database: Database) -> None:
    course = await make_course(seats=2, overbooked=1, taken=3)

    with pytest.raises(Refused, match="3 people already have a place"):
        await courses.update(course.id, facts_of(course, seats=1), version=1, by=ICT)


async def test_update_keeps_what_people_have_applied_for(database: Database) -> None:
    course, _ = await course_with_sessions()
    await book(HANAKO, course)

    with pytest.raises(Refused, match=r"^People have applied already"):
        await courses.update(
            course.id, facts_of(course, scope=BookingScope.session), version=1, by=ICT
        )


async def test_update_before_anybody_applied_moves_the_seats_to_the_sessions_and_back(
    database: Database,
) -> None:
    course, [session] = await course_with_sessions(1)

    saved = await courses.update(
        course.id, facts_of(course, scope=BookingScope.session, seats=6), version=1, by=ICT
    )
    assert (saved["seats"], (await again(session))["seats"]) == (6, 6)

    saved = await courses.update(
        course.id, facts_of(saved, scope=BookingScope.course, seats=9), version=2, by=ICT
    )
    assert (saved["seats"], (await again(session))["seats"]) == (9, 0)


async def test_c3_a_new_title_of_a_published_course_reaches_calendars(database: Database) -> None:
    course, [session] = await course_with_sessions(1)

    with clock.freeze(in_days(1)) as later:
        await courses.update(course.id, facts_of(course, title="やさしいスマホ"), version=1, by=ICT)

    row = await again(session)
    assert (row["sequence"], row["changed_at"], row["uid"]) == (1, later, session.uid)


async def test_c3_a_new_fee_does_not_reach_calendars(database: Database) -> None:
    course, [session] = await course_with_sessions(1)

    await courses.update(course.id, facts_of(course, fee=300), version=1, by=ICT)

    assert (await again(session))["sequence"] == 0


async def test_c3_a_new_title_of_a_draft_has_not_been_seen_by_anybody(database: Database) -> None:
    course, [session] = await course_with_sessions(1, published_at=None)

    await courses.update(course.id, facts_of(course, title="やさしいスマホ"), version=1, by=ICT)

    assert (await again(session))["sequence"] == 0


async def test_update_of_a_course_called_off_is_refused(database: Database) -> None:
    course = await make_course(called_off_at=in_days(-1))

    with pytest.raises(Refused, match=r"^This class has been called off\.$"):
        await courses.update(course.id, facts_of(course, fee=300), version=1, by=ICT)


async def test_publish_shows_the_course_once(database: Database, frozen_now: object) -> None:
    course, _ = await course_with_sessions(published_at=None)

    first = await courses.publish(course.id, version=1, by=ICT)
    second = await courses.publish(course.id, version=1, by=ICT)

    assert first["published_at"] == clock.now()
    assert second == first
    assert await AuditEntry.count() == 1


async def test_publish_without_a_session_to_come_is_refused(database: Database) -> None:
    course = await make_course(published_at=None)
    await make_class_session(course=course.id, starts_at=in_days(-1))
    await make_class_session(course=course.id, called_off_at=in_days(-1))

    with pytest.raises(Refused, match=r"^Please add a session to come before you publish\.$"):
        await courses.publish(course.id, version=1, by=ICT)


async def test_publish_after_applications_would_close_is_refused(database: Database) -> None:
    course, _ = await course_with_sessions(
        published_at=None, opens_at=in_days(-3), closes_at=in_days(-1)
    )

    with pytest.raises(Refused, match=r"^Applications would already be closed\."):
        await courses.publish(course.id, version=1, by=ICT)


async def test_publish_of_something_else_than_was_seen_is_stale(database: Database) -> None:
    course, _ = await course_with_sessions(published_at=None)
    await courses.update(course.id, facts_of(course, fee=300), version=1, by=ICT)

    with pytest.raises(Stale):
        await courses.publish(course.id, version=1, by=ICT)


async def test_c4_publish_and_call_off_are_for_its_own_section(database: Database) -> None:
    course, _ = await course_with_sessions(published_at=None)
    other = Staff(section_id=10**6)

    with pytest.raises(Refused, match="another section"):
        await courses.publish(course.id, version=1, by=other)
    with pytest.raises(Refused, match="another section"):
        await courses.call_off(course.id, "台風のため", version=1, by=other)


async def test_b10_call_off_ends_every_booking_and_tells_everybody(database: Database) -> None:
    course, sessions = await course_with_sessions()
    hanako, yuki = await book(HANAKO, course), await book(YUKI, course)
    foreseen = await courses.affected(course.id)
    await Notice.delete(force=True)  # what booking itself has told

    effect = await courses.call_off(course.id, "講師急病のため", version=1, by=ICT)

    assert effect == foreseen == Effect(bookings=2, calls=1, ended=2)
    assert [row["state"] for row in await Booking.select()] == [BookingState.called_off] * 2
    row = await again(course)
    assert (row["taken"], row["called_off_at"] is not None) == (0, True)
    for session in sessions:
        off = await again(session)
        assert (off["sequence"], off["called_off_reason"]) == (1, "講師急病のため")
    notices = await Notice.select().order_by(Notice.subject_id)
    assert [(n["subject_id"], n["channel"]) for n in notices] == [
        (hanako["id"], "phone"),
        (yuki["id"], "email"),
    ]
    facts = json.loads(notices[0]["facts"])
    assert (notices[0]["occasion"], facts["reason"]) == ("course.called_off", "講師急病のため")
    assert facts["title"] == course.title


async def test_call_off_twice_does_nothing_the_second_time(database: Database) -> None:
    course, [session] = await course_with_sessions(1)
    await book(HANAKO, course)

    await courses.call_off(course.id, "台風のため", version=1, by=ICT)
    second = await courses.call_off(course.id, "別の理由", version=1, by=ICT)

    assert second == Effect()
    assert await Notice.count() == 1
    assert (await again(session))["called_off_reason"] == "台風のため"


async def test_call_off_leaves_what_was_held(database: Database) -> None:
    course, [held, _] = await course_with_sessions()
    await book(HANAKO, course)

    with clock.freeze(in_days(8)):
        effect = await courses.call_off(course.id, "台風のため", version=1, by=ICT)

    assert effect == Effect(bookings=1, calls=1, ended=0)
    assert (await again(held))["called_off_at"] is None
    assert [row["state"] for row in await Booking.select()] == [BookingState.confirmed]


async def test_call_off_where_sessions_are_picked_ends_those_to_come(database: Database) -> None:
    course, [held, coming] = await course_with_sessions(scope=BookingScope.session, seats=5)
    await book(HANAKO, course, held)
    await book(TARO, course, coming)

    with clock.freeze(in_days(8)):
        effect = await courses.call_off(course.id, "台風のため", version=1, by=ICT)

    assert effect == Effect(bookings=1, calls=1, ended=1)
    states = [row["state"] for row in await Booking.select().order_by(Booking.id)]
    assert states == [BookingState.confirmed, BookingState.called_off]


async def test_call_off_of_what_somebody_else_has_changed_is_stale(database: Database) -> None:
    course, _ = await course_with_sessions()
    await courses.update(course.id, facts_of(course, fee=300), version=1, by=ICT)

    with pytest.raises(Stale):
        await courses.call_off(course.id, "台風のため", version=1, by=ICT)


async def test_call_off_of_one_called_off_earlier_keeps_what_was_said(database: Database) -> None:
    course, [first, _] = await course_with_sessions()
    await ClassSession.update(
        {ClassSession.called_off_at: in_days(-1), ClassSession.called_off_reason: "大雪"}
    ).where(ClassSession.id == first.id)

    await courses.call_off(course.id, "台風のため", version=1, by=ICT)

    assert (await again(first))["called_off_reason"] == "大雪"


async def test_call_off_of_a_course_without_a_date_touches_nobody(database: Database) -> None:
    course = await make_course()

    assert await courses.affected(course.id) == Effect()
    assert await courses.call_off(course.id, "計画の見直し", version=1, by=ICT) == Effect()
    assert (await again(course))["called_off_at"] is not None
