"""Booking and giving back: the rules themselves, on both engines."""

from datetime import time, timedelta
from typing import Any

import pytest

from server import clock
from server.audit.tables import AuditEntry
from server.classes import bookings
from server.classes.bookings import Applicant
from server.classes.tables import (
    Admission,
    Booking,
    BookingScope,
    BookingState,
    ClassSession,
    Course,
)
from server.notices.tables import Notice
from server.people.tables import Person
from server.refusals import Refused
from server.text import valid_reference
from tests.databases import Database
from tests.factories import make_class_session, make_course
from tests.statements import counted

HANAKO = Applicant(name="山田花子", reading="やまだはなこ", phone="059-354-0000")
TARO = Applicant(name="山田太郎", reading="やまだたろう", phone="059-354-0000")


async def open_course(**facts: Any) -> Course:
    course = await make_course(**facts)
    await make_class_session(course=course.id)
    return course


async def course_picking_a_session(seats: int) -> tuple[Course, ClassSession, ClassSession]:
    course = await make_course(scope=BookingScope.session, seats=0)
    first = await make_class_session(course=course.id, seats=seats)
    second = await make_class_session(course=course.id, seats=seats, number=2)
    return course, first, second


async def taken(course: Course) -> int:
    [row] = await Course.select(Course.taken).where(Course.id == course.id)
    return int(row["taken"])


async def test_book_gives_a_place_and_a_number_to_read_out(database: Database) -> None:
    course = await open_course()

    booking = await bookings.book(HANAKO, course.id, submission="a")

    assert booking["state"] == BookingState.confirmed
    assert valid_reference(booking["reference"])
    assert await taken(course) == 1


async def test_t1_book_stores_the_municipal_date_beside_the_instant(database: Database) -> None:
    with clock.freeze(clock.at(clock.today(), time(0, 30))):
        course = await open_course()
        booking = await bookings.book(HANAKO, course.id, submission="a")

        assert booking["booked_on"] == clock.today()
        assert booking["booked_at"].date() == clock.today() - timedelta(days=1)  # still in UTC


async def test_p2_book_is_audited_by_id_and_not_by_name(database: Database) -> None:
    course = await open_course()

    booking = await bookings.book(HANAKO, course.id, submission="a")

    [entry] = await AuditEntry.select()
    assert (entry["action"], entry["subject_id"]) == ("booking.booked", booking["id"])
    assert entry["actor"] is None
    assert "山田" not in str(entry)


async def test_b4_book_is_refused_when_full(database: Database) -> None:
    course = await open_course(seats=1)
    await bookings.book(HANAKO, course.id, submission="a")

    with pytest.raises(Refused, match=r"^This class is full\.$"):
        await bookings.book(TARO, course.id, submission="b")

    assert await taken(course) == 1
    assert await Booking.count() == 1
    assert await Person.count() == 1


async def test_b4_the_allowance_for_overbooking_is_not_for_the_public(database: Database) -> None:
    course = await open_course(seats=1, overbooked=5)
    await bookings.book(HANAKO, course.id, submission="a")

    with pytest.raises(Refused, match=r"^This class is full\.$"):
        await bookings.book(TARO, course.id, submission="b")


async def test_b6_nobody_passes_somebody_who_waits(database: Database) -> None:
    course = await open_course(seats=2)
    waiting = await bookings.book(HANAKO, course.id, submission="a")
    await Booking.update({Booking.state: BookingState.waitlisted}).where(
        Booking.id == waiting["id"]
    )
    await Course.update({Course.taken: 0}).where(Course.id == course.id)

    with pytest.raises(Refused, match=r"^This class is full\.$"):
        await bookings.book(TARO, course.id, submission="b")


async def test_b2_the_same_person_cannot_book_twice(database: Database) -> None:
    course = await open_course()
    await bookings.book(HANAKO, course.id, submission="a")
    again = Applicant(name="山田 花子", reading="ヤマダ ハナコ", phone="０５９３５４００００")

    with pytest.raises(Refused, match=r"^You have already applied for this class\. There"):
        await bookings.book(again, course.id, submission="b")

    assert await taken(course) == 1


async def test_b2_a_couple_on_one_phone_gets_two_places(database: Database) -> None:
    course = await open_course()

    await bookings.book(HANAKO, course.id, submission="a")
    await bookings.book(TARO, course.id, submission="b")

    assert await taken(course) == 2


async def test_a_double_tap_answers_with_the_first_result(database: Database) -> None:
    course = await open_course(seats=1)

    first = await bookings.book(HANAKO, course.id, submission="a")
    second = await bookings.book(HANAKO, course.id, submission="a")

    assert second["reference"] == first["reference"]
    assert await taken(course) == 1


async def test_one_press_books_several_classes(database: Database) -> None:
    one, two = await open_course(), await open_course()

    first = await bookings.book(HANAKO, one.id, submission="a")
    second = await bookings.book(HANAKO, two.id, submission="a")

    assert first["person"] == second["person"]
    assert first["reference"] != second["reference"]


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"published_at": None}, "This class is not open to applications."),
        ({"listed": False}, "This class is not open to applications."),
        ({"admission": Admission.lottery}, "This class is not open to applications."),
        ({"called_off_at": clock.now()}, "This class has been called off."),
        (
            {"opens_at": clock.now() + timedelta(minutes=5)},
            "Applications for this class have not opened yet.",
        ),
        (
            {"closes_at": clock.now() - timedelta(minutes=5)},
            "Applications for this class have closed.",
        ),
    ],
)
async def test_b3_book_is_refused_unless_the_course_is_open(
    database: Database, facts: dict[str, Any], words: str
) -> None:
    course = await open_course(**facts)

    with pytest.raises(Refused) as caught:
        await bookings.book(HANAKO, course.id, submission="a")

    assert caught.value.msgid == words
    assert await Booking.count() == 0


async def test_book_is_refused_once_the_class_has_begun(database: Database) -> None:
    course = await make_course()
    await make_class_session(course=course.id, starts_at=clock.now() - timedelta(minutes=1))

    with pytest.raises(Refused, match=r"^Applications for this class have closed\.$"):
        await bookings.book(HANAKO, course.id, submission="a")


async def test_b3_opening_and_closing_are_kept_to_the_minute(database: Database) -> None:
    course = await open_course()
    with clock.freeze(course.opens_at - timedelta(seconds=1)), pytest.raises(Refused):
        await bookings.book(HANAKO, course.id, submission="a")
    with clock.freeze(course.closes_at), pytest.raises(Refused):
        await bookings.book(HANAKO, course.id, submission="a")

    with clock.freeze(course.opens_at):
        await bookings.book(HANAKO, course.id, submission="a")


async def test_book_is_refused_for_what_does_not_exist(database: Database) -> None:
    with pytest.raises(Refused):
        await bookings.book(HANAKO, 2_000_000_000, submission="a")


async def test_book_picks_one_session_where_the_course_lets_pick(database: Database) -> None:
    course, first, second = await course_picking_a_session(seats=1)

    await bookings.book(HANAKO, course.id, first.id, submission="a")
    with pytest.raises(Refused, match=r"^This class is full\.$"):
        await bookings.book(TARO, course.id, first.id, submission="b")
    booking = await bookings.book(TARO, course.id, second.id, submission="b")

    assert booking["session"] == second.id
    sessions = await ClassSession.select(ClassSession.taken).order_by(ClassSession.id)
    assert [row["taken"] for row in sessions] == [1, 1]
    assert await taken(course) == 0


async def test_book_is_refused_without_or_with_anothers_session(database: Database) -> None:
    course, first, _ = await course_picking_a_session(seats=1)
    other, _, _ = await course_picking_a_session(seats=1)

    for session_id in (None, 2_000_000_000):
        with pytest.raises(Refused):
            await bookings.book(HANAKO, course.id, session_id, submission="a")
    with pytest.raises(Refused):
        await bookings.book(HANAKO, other.id, first.id, submission="a")

    assert await Booking.count() == 0


async def test_book_takes_at_most_eight_statements(database: Database) -> None:
    course = await open_course()

    with counted() as sent:
        await bookings.book(HANAKO, course.id, submission="a")

    assert len([one for one in sent if "FOR NO KEY UPDATE" not in one]) <= 8, sent


async def test_names_that_computers_stumble_over_are_kept(database: Database) -> None:
    course = await open_course()
    typed = Applicant(name="𠮷田 髙子 😊", reading="ﾖｼﾀﾞ ﾀｶｺ", phone="０９０ー１２３４ー５６７８")

    booking = await bookings.book(typed, course.id, submission="a")

    assert (booking["name"], booking["reading"], booking["phone"]) == (
        typed.name,
        typed.reading,
        typed.phone,
    )
    assert booking["phone_key"] == "09012345678"


async def test_an_email_given_gets_a_notice(database: Database) -> None:
    course = await open_course()
    writer = Applicant(name="山田花子", reading="やまだはなこ", email="hanako@example.jp")

    booking = await bookings.book(writer, course.id, submission="a")

    [notice] = await Notice.select()
    assert (notice["channel"], notice["address"]) == ("email", "hanako@example.jp")
    assert (notice["subject_id"], notice["told_at"]) == (booking["id"], None)


async def test_t5_cancel_frees_the_seat_and_keeps_the_row(database: Database) -> None:
    course = await open_course(seats=1)
    booking = await bookings.book(HANAKO, course.id, submission="a")

    with clock.freeze(clock.now()) as instant:
        ended = await bookings.cancel(booking["id"])

    assert (ended["state"], ended["voided_at"]) == (BookingState.declined, instant)
    assert await taken(course) == 0
    again = await bookings.book(HANAKO, course.id, submission="b")
    assert again["reference"] != booking["reference"]
    assert await Booking.count() == 2


async def test_cancelling_before_a_decision_is_called_cancelled(database: Database) -> None:
    course = await open_course()
    booking = await bookings.book(HANAKO, course.id, submission="a")
    await Booking.update({Booking.state: BookingState.received}).where(Booking.id == booking["id"])

    ended = await bookings.cancel(booking["id"])

    assert ended["state"] == BookingState.cancelled
    assert await taken(course) == 1  # an application holds no seat, so none came free


async def test_cancelling_twice_frees_one_seat(database: Database) -> None:
    course = await open_course()
    booking = await bookings.book(HANAKO, course.id, submission="a")
    await bookings.book(TARO, course.id, submission="b")

    await bookings.cancel(booking["id"])
    again = await bookings.cancel(booking["id"])

    assert again["state"] == BookingState.declined
    assert await taken(course) == 1


async def test_cancel_is_refused_once_the_class_has_begun(database: Database) -> None:
    course = await make_course()
    session = await make_class_session(course=course.id)
    booking = await bookings.book(HANAKO, course.id, submission="a")

    with (
        clock.freeze(session.starts_at),
        pytest.raises(Refused, match=r"^This class has already begun\.$"),
    ):
        await bookings.cancel(booking["id"])


async def test_a_replayed_form_after_cancelling_books_nothing(database: Database) -> None:
    course = await open_course()
    booking = await bookings.book(HANAKO, course.id, submission="a")
    await bookings.cancel(booking["id"])

    replayed = await bookings.book(HANAKO, course.id, submission="a")

    assert replayed["reference"] == booking["reference"]
    assert await taken(course) == 0
