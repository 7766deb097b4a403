"""B4: two hundred residents, twenty seats, all at once."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from server.classes import bookings
from server.classes.bookings import Applicant
from server.classes.queries import Bookable
from server.classes.tables import Booking, BookingState, Course
from server.refusals import Refused
from tests.databases import Database
from tests.factories import make_class_session, make_course, make_municipality
from tests.servers import serving

SEATS, RESIDENTS = 20, 200
EVERYBODY = httpx.Limits(max_connections=RESIDENTS)
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


async def test_b4_through_the_front_door(database: Database, tmp_path: Path) -> None:
    """Two hundred last presses at once; at two processes where the engine allows them."""
    workers = {"sqlite": 1, "postgres": 2}[database.engine]
    await make_municipality()
    course = await make_course(seats=SEATS)
    await make_class_session(course=course.id)

    async with (
        serving(database.url, tmp_path / "server.log", WORKERS=str(workers)) as tonari,
        httpx.AsyncClient(base_url=tonari.address, timeout=60, limits=EVERYBODY) as residents,
    ):
        answers = await asyncio.gather(
            *(residents.post("/bookings", data=press(number, course.id)) for number in range(200))
        )

    statuses = Counter(answer.status_code for answer in answers)
    assert statuses == {httpx.codes.SEE_OTHER: SEATS, httpx.codes.CONFLICT: RESIDENTS - SEATS}
    assert len({answer.headers.get("location") for answer in answers}) == SEATS + 1
    assert all("満席" in answer.text for answer in answers if answer.is_client_error)
    assert await confirmed() == SEATS


def press(number: int, course_id: int) -> dict[str, str]:
    """What the confirmation page's button sends for a resident."""
    who = resident(number)
    return {
        "course": str(course_id),
        "name": who.name,
        "reading": who.reading,
        "phone": who.phone,
        "submission": f"press-{number:020}",
    }
