"""B4: two hundred residents, twenty seats, all at once."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from server.classes import bookings
from server.classes.bookings import Applicant
from server.classes.queries import Bookable
from server.classes.tables import Booking, BookingState, Course
from server.refusals import Refused
from tests.databases import Database
from tests.factories import make_class_session, make_course

SEATS, RESIDENTS = 20, 200
KANA = "あいうえおかきくけこさしすせそ"


def resident(number: int) -> Applicant:
    """One of many people who share one telephone and differ in their reading."""
    given = KANA[number // len(KANA)] + KANA[number % len(KANA)]
    return Applicant(name=f"山田{number}", reading=f"やまだ{given}", phone="059-354-0000")


async def race_for(course_id: int) -> Counter[str]:
    async def one(number: int) -> str:
        try:
            await bookings.book(resident(number), course_id, submission=f"press-{number}")
        except Refused as refusal:
            return refusal.msgid
        return "confirmed"

    return Counter(await asyncio.gather(*(one(number) for number in range(RESIDENTS))))


async def confirmed() -> int:
    return int(await Booking.count().where(Booking.state == BookingState.confirmed))


async def test_b4_exactly_the_seats_are_given(database: Database) -> None:
    course = await make_course(seats=SEATS)
    await make_class_session(course=course.id)

    answers = await race_for(course.id)

    assert answers == {"confirmed": SEATS, "This class is full.": RESIDENTS - SEATS}
    assert await confirmed() == SEATS
    assert await Course.select(Course.taken).output(as_list=True) == [SEATS]


async def test_b4_without_the_guard_too_many_are_given(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: checking and then writing, without a change around both, overbooks."""

    @asynccontextmanager
    async def no_change() -> AsyncIterator[None]:
        yield

    async def check_then_write(what: Bookable) -> None:
        [taken] = await Course.select(Course.taken).output(as_list=True)
        if taken >= what.seats:
            raise Refused("This class is full.")
        await Course.update({Course.taken: taken + 1}).where(Course.id == what.course_id)

    async def nobody_waits(name: str) -> None:
        await asyncio.sleep(0)

    monkeypatch.setattr(bookings, "writing", no_change)
    monkeypatch.setattr(bookings, "_take_seat", check_then_write)
    monkeypatch.setattr("server.people.matching.locked", nobody_waits)
    course = await make_course(seats=SEATS)
    await make_class_session(course=course.id)

    await race_for(course.id)

    assert await confirmed() > SEATS


async def test_b4_places_given_back_during_the_race_are_given_once(database: Database) -> None:
    course = await make_course(seats=SEATS)
    await make_class_session(course=course.id)
    early = [
        await bookings.book(resident(number), course.id, submission=f"early-{number}")
        for number in range(RESIDENTS, RESIDENTS + 5)
    ]

    answers, *_ = await asyncio.gather(
        race_for(course.id), *(bookings.cancel(booking["id"]) for booking in early)
    )

    taken = await Course.select(Course.taken).output(as_list=True)
    assert taken == [await confirmed()]
    assert answers["confirmed"] == taken[0] <= SEATS
