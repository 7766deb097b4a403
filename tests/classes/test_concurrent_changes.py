"""B4, B10: two changes of one class at the same moment, each of which knows of the other."""

import asyncio
from collections.abc import Awaitable
from typing import Any

import pytest

from server.classes import bookings, sessions
from server.classes.bookings import Applicant
from server.classes.tables import Booking, BookingScope, BookingState, ClassSession, Course
from server.database import writing
from server.refusals import Refused
from tests.databases import Database
from tests.factories import make_class_session, make_course
from tests.feeds.test_feeds import BY

HANAKO = Applicant(name="山田花子", reading="やまだはなこ", phone="059-354-0000")
TARO = Applicant(name="山田太郎", reading="やまだたろう", phone="059-354-0000")


async def one_class(scope: BookingScope, **facts: Any) -> ClassSession:
    course = await make_course(scope=scope, **facts)
    return await make_class_session(course=course.id, seats=20)


async def _outside(other: Awaitable[Any]) -> Any:
    try:
        return await other
    except Refused as refusal:
        return refusal.msgid


@pytest.mark.parametrize("scope", list(BookingScope))
async def test_b10_nobody_is_placed_in_a_class_that_is_being_called_off(
    database: Database, scope: BookingScope
) -> None:
    session = await one_class(scope)
    course_id = int(session.course)
    start, go = asyncio.Event(), asyncio.Event()

    async def book() -> Any:
        start.set()
        await go.wait()
        return await _outside(
            bookings.book(HANAKO, course_id, session.id, submission="press-0000000001")
        )

    resident = asyncio.create_task(book())  # before the change: a task of its own, outside it
    await start.wait()
    async with writing():
        await sessions.call_off(session.id, "警報", version=1, by=BY)
        go.set()
        await asyncio.sleep(0.3)
    answer = await resident

    assert answer == "This class has been called off."
    assert await Booking.count().where(Booking.state == BookingState.confirmed) == 0


async def test_b4_two_who_cancel_the_same_place_free_one_seat(database: Database) -> None:
    session = await one_class(BookingScope.course)
    course_id = int(session.course)
    booking = await bookings.book(HANAKO, course_id, submission="a")
    await bookings.book(TARO, course_id, submission="b")

    await asyncio.gather(*(bookings.cancel(booking["id"]) for _ in range(10)))

    assert await Course.select(Course.taken).output(as_list=True) == [1]


async def test_b10_cancelling_while_the_class_is_called_off_frees_no_seat_twice(
    database: Database,
) -> None:
    session = await one_class(BookingScope.session)
    booking = await bookings.book(HANAKO, int(session.course), session.id, submission="a")

    await asyncio.gather(
        sessions.call_off(session.id, "警報", version=1, by=BY),
        _outside(bookings.cancel(booking["id"])),
    )

    assert await ClassSession.select(ClassSession.taken).output(as_list=True) == [0]
