"""H4, T2: by when somebody is called back: times that can be, and times to offer."""

from datetime import UTC, datetime, time

import pytest

from server import clock
from server.helpdesk import call_backs, call_list, due_times
from server.places.tables import HolidayChange
from server.refusals import Refused
from tests import factories
from tests.databases import Database
from tests.helpdesk.call_back_cast import in_hours, operator, promised


@pytest.fixture(autouse=True)
async def now(database: Database, frozen_now: datetime) -> None:
    """Saturday 21 November 2026, 10 in the morning, for every test here."""


@pytest.mark.parametrize(
    ("hours", "words"), [(-1, "has passed"), (24 * 60 + 1, "Please call back within 60 days.")]
)
async def test_h4_due_neither_in_the_past_nor_beyond_two_months(
    database: Database, hours: float, words: str
) -> None:
    mari = await operator()
    row = await promised(mari)
    with pytest.raises(Refused, match=words):
        await promised(mari, due_at=in_hours(hours))
    with pytest.raises(Refused, match=words):
        await call_backs.move(row["id"], in_hours(hours), None, version=1, by=mari)


async def test_h4_a_promise_that_waited_for_the_connection_is_overdue_not_lost(
    database: Database,
) -> None:
    mari = await operator()
    contact = await factories.make_contact(contacted_at=in_hours(-48))

    await promised(mari, contact.id, due_at=in_hours(-2), waited_since=in_hours(-3))

    assert [row["overdue"] for row in await call_list.waiting(mari)] == [True]
    for due, since in ((-4, -3), (-25, -48), (-2, None)):
        facts = {"waited_since": since and in_hours(since)}
        with pytest.raises(Refused, match="has passed"):
            await promised(mari, contact.id, due_at=in_hours(due), **facts)


def japan(day: int, hour: time) -> datetime:
    return clock.at(datetime(2026, 11, day, tzinfo=UTC).date(), hour)


async def offered() -> list[tuple[str, datetime]]:
    return await due_times.choices()


async def test_t2_times_to_call_back_fall_on_days_of_reception(database: Database) -> None:
    await factories.make_municipality()  # 8:30 to 17:15 on weekdays

    saturday = await offered()  # Monday is a holiday
    with clock.freeze(japan(20, time(15, 0))):
        friday = await offered()
    with clock.freeze(japan(20, time(16, 30))):
        late = await offered()
    with clock.freeze(japan(20, time(18, 0))):
        evening = await offered()
    with clock.freeze(japan(20, time(7, 0))):
        early = await offered()

    next_days = [
        ("morning", japan(24, time(12, 0))),
        ("day", japan(24, time(17, 15))),
        ("morning", japan(25, time(12, 0))),
        ("day", japan(25, time(17, 15))),
    ]
    assert saturday == evening == next_days
    today = ("today", japan(20, time(17, 15)))
    assert friday == [("soon", japan(20, time(16, 0))), today, *next_days]
    assert late == [today, *next_days]
    assert early == [today, *next_days]


async def test_t2_a_day_that_the_city_closes_is_not_offered(database: Database) -> None:
    await factories.make_municipality()
    await HolidayChange.insert(
        HolidayChange(on=japan(24, time(9)).date(), name="臨時", holiday=True)
    )

    days = {clock.on(due).day for _key, due in await offered()}

    assert days == {25, 26}
