"""The list of courses to come: which stand there, in which order, with which session."""

from collections.abc import Awaitable, Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from server import clock, text
from server.classes import details, listings
from server.classes.details import Card
from server.classes.listings import Filters
from server.classes.tables import Admission, Booking, BookingScope, BookingState, Course
from server.database import writing
from tests import factories
from tests.databases import Database
from tests.statements import counted

pytestmark = pytest.mark.usefixtures("frozen_now")

Make = Callable[[], Awaitable[Any]]


def in_days(days: float) -> datetime:
    return clock.now() + timedelta(days=days)


async def listed(**filters: Any) -> list[int]:
    cards, _ = await listings.coming(Filters(**filters))
    return [card.id for card in cards]


async def make_class(
    days: float = 7, *, session: dict[str, Any] | None = None, **facts: Any
) -> Any:
    course = await factories.make_course(**facts)
    await factories.make_class_session(course=course.id, starts_at=in_days(days), **(session or {}))
    return course


async def wait_for(course: Any, session: int | None = None) -> None:
    person = await factories.make_person()
    async with writing():
        await Booking.insert(
            Booking(
                reference="000000000",
                course=course.id,
                session=session,
                person=person.id,
                state=BookingState.waitlisted,
                channel="phone",
                booked_at=clock.now(),
                booked_on=clock.today(),
                recorded_at=clock.now(),
            )
        )


async def test_stand_by_date_and_leave_once_they_have_ended(database: Database) -> None:
    later = await make_class(9)
    sooner = await make_class(2)
    under_way = await make_class(-0.03)
    await make_class(-1)

    assert await listed() == [under_way.id, sooner.id, later.id]


async def test_leave_out_drafts_and_what_is_not_for_the_public(database: Database) -> None:
    await make_class(published_at=None)
    await make_class(listed=False)
    await factories.make_course()

    assert await listed() == []


async def test_course_stands_once_with_its_next_session(database: Database) -> None:
    course = await make_class(-1)
    await factories.make_class_session(course=course.id, starts_at=in_days(6), number=2)
    await factories.make_class_session(course=course.id, starts_at=in_days(13), number=3)

    (card,), more = await listings.coming(Filters())

    assert (card.id, card.starts_at, card.session_count, more) == (course.id, in_days(6), 3, False)


async def test_called_off_session_gives_way_to_one_that_is_held(database: Database) -> None:
    course = await make_class(2, session={"called_off_at": clock.now()})
    await factories.make_class_session(course=course.id, starts_at=in_days(9))

    (card,), _ = await listings.coming(Filters())

    assert (card.starts_at, card.session_count) == (in_days(9), 1)


async def test_called_off_course_stays_until_its_day_is_over(database: Database) -> None:
    course = await make_class(2, called_off_at=clock.now(), session={"called_off_at": clock.now()})

    (card,), _ = await listings.coming(Filters())

    assert (card.id, card.availability, card.seats_left) == (course.id, "called_off", 0)


async def test_filters_narrow_together(database: Database) -> None:
    venue = await factories.make_venue()
    room = await factories.make_room(venue=venue.id)
    here = {"venue": venue.id, "room": room.id}
    fits = await make_class(12, title="LINEの使い方", kind="consultation", session=here)
    await make_class(12, title="LINEの使い方", kind="consultation")
    await make_class(12, title="LINEの使い方", session=here)
    await make_class(5, title="LINEの使い方", kind="consultation", session=here)
    await make_class(12, title="はじめてのカメラ", kind="consultation", session=here)

    assert await listed(
        venue_ids=(venue.id,),
        kind="consultation",
        month=date(2026, 12, 1),
        words=tuple(text.search_words("ｌｉｎｅ")),
    ) == [fits.id]


async def test_no_venue_is_not_every_venue(database: Database) -> None:
    await make_class()

    assert await listed(venue_ids=()) == []


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("スマート", True),
        ("すまーと", True),
        ("電話の", True),
        ("カメラ", False),
        ("%", True),
        ("_", True),
    ],
)
async def test_search_needs_every_word(database: Database, query: str, found: bool) -> None:
    course = await make_class()

    ids = await listed(words=tuple(text.search_words(query)))

    assert ids == ([course.id] if found else [])


async def test_wildcards_are_letters_like_any_other(database: Database) -> None:
    await make_class()

    assert (
        await listed(words=("%",)) == await listed(words=("_",)) == await listed(words=("!",)) == []
    )


async def test_fifty_stand_on_a_page(database: Database) -> None:
    course = await make_class()
    row = (await Course.select().where(Course.id == course.id))[0]
    del row["id"]
    for _ in range(50):
        more = await factories.make_course(section=row["section"])
        await factories.make_class_session(course=more.id)

    first, more_after_first = await listings.coming(Filters())
    second, more_after_second = await listings.coming(Filters(), page=2)

    assert (len(first), more_after_first, len(second), more_after_second) == (50, True, 1, False)
    assert len({card.id for card in first + second}) == 51


async def test_as_many_statements_for_thirty_as_for_one(database: Database) -> None:
    await make_class()
    with counted() as for_one:
        await listings.coming(Filters(open=True))
    for _ in range(29):
        await make_class()
    with counted() as for_thirty:
        cards, _ = await listings.coming(Filters(open=True))

    assert (len(cards), len(for_one), len(for_thirty)) == (30, 2, 2)


async def open_one() -> Any:
    return await make_class()


async def draft() -> Any:
    return await make_class(published_at=None)


async def unlisted() -> Any:
    return await make_class(listed=False)


async def called_off() -> Any:
    return await make_class(called_off_at=clock.now())


async def only_session_called_off() -> Any:
    return await make_class(session={"called_off_at": clock.now()})


async def by_draw() -> Any:
    return await make_class(admission=Admission.lottery)


async def not_open_yet() -> Any:
    return await make_class(opens_at=in_days(0.01))


async def opens_this_minute() -> Any:
    return await make_class(opens_at=clock.now())


async def closed_this_minute() -> Any:
    return await make_class(closes_at=clock.now())


async def full() -> Any:
    return await make_class(seats=3, taken=3)


async def overbooked() -> Any:
    return await make_class(seats=3, taken=3, overbooked=1)


async def somebody_waits() -> Any:
    course = await make_class(seats=3, taken=2)
    await wait_for(course)
    return course


async def begun_long_ago() -> Any:
    course = await make_class(-1)
    await factories.make_class_session(course=course.id, starts_at=in_days(6))
    return course


async def first_session_called_off() -> Any:
    course = await make_class(-1, session={"called_off_at": in_days(-2)})
    await factories.make_class_session(course=course.id, starts_at=in_days(6))
    return course


async def pick_one_left() -> Any:
    course = await make_class(scope=BookingScope.session, seats=0, session={"seats": 2, "taken": 2})
    await factories.make_class_session(course=course.id, starts_at=in_days(9), seats=2, taken=1)
    return course


async def pick_all_full() -> Any:
    return await make_class(scope=BookingScope.session, seats=0, session={"seats": 2, "taken": 2})


async def pick_somebody_waits() -> Any:
    course = await factories.make_course(scope=BookingScope.session, seats=0)
    session = await factories.make_class_session(course=course.id, seats=2, taken=1)
    await wait_for(course, session.id)
    return course


async def pick_first_over() -> Any:
    course = await make_class(-1, scope=BookingScope.session, seats=0, session={"seats": 2})
    await factories.make_class_session(course=course.id, starts_at=in_days(9), seats=2)
    return course


STANDINGS: list[tuple[Make, str, int]] = [
    (open_one, "open", 20),
    (called_off, "called_off", 0),
    (only_session_called_off, "called_off", 0),
    (by_draw, "closed", 0),
    (not_open_yet, "before", 0),
    (opens_this_minute, "open", 20),
    (closed_this_minute, "closed", 0),
    (full, "full", 0),
    (overbooked, "full", 0),
    (somebody_waits, "full", 0),
    (begun_long_ago, "closed", 0),
    (first_session_called_off, "open", 20),
    (pick_one_left, "open", 1),
    (pick_all_full, "full", 0),
    (pick_somebody_waits, "full", 0),
    (pick_first_over, "open", 2),
]


@pytest.mark.parametrize(("make", "availability", "seats_left"), STANDINGS)
async def test_open_filter_says_what_the_checks_say(
    database: Database, make: Make, availability: str, seats_left: int
) -> None:
    course = await make()

    (card,), _ = await listings.coming(Filters())
    (seen,) = await details.published([course.id])

    is_open = availability == "open"
    assert (card.availability, card.seats_left) == (availability, seats_left)
    assert (details.refusal(seen) is None) == is_open
    assert await listed(open=True) == ([course.id] if is_open else [])
    assert sum((await listings.open_counts("venue")).values()) == is_open


@pytest.mark.parametrize("make", [draft, unlisted])
async def test_public_never_sees_it(database: Database, make: Make) -> None:
    course = await make()

    assert await details.published([course.id]) == []
    assert await listed(open=True) == []


async def test_open_counts_are_what_the_list_shows(database: Database) -> None:
    venue = await factories.make_venue()
    rooms = [await factories.make_room(venue=venue.id, name=name) for name in ("和室", "会議室")]
    course = await factories.make_course()
    for room in rooms:
        await factories.make_class_session(course=course.id, venue=venue.id, room=room.id)
    await make_class(session={"venue": venue.id, "room": rooms[0].id}, seats=1, taken=1)

    assert await listings.open_counts("district") == {venue.district: 1}
    assert await listed(open=True, venue_ids=(venue.id,)) == [course.id]


def test_card_holds_nothing_that_cannot_be_compared() -> None:
    assert Card.__hash__ is tuple.__hash__
