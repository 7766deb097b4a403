"""Failed tries are counted in the database, per thing and within a time."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from server import clock
from server.accounts import attempts
from server.accounts.attempts import Limit, TooOften
from server.accounts.tables import FailedTry
from tests.databases import Database

NINE = datetime(2026, 11, 21, 0, 0, tzinfo=UTC)
REFERENCE = Limit("booking", "123456789", 3)
SENDER = Limit("booking from", "192.0.2.1", 4)


async def test_begin_refuses_once_a_limit_is_used_up(database: Database) -> None:
    for _ in range(3):
        await attempts.begin(REFERENCE, SENDER)

    with pytest.raises(TooOften) as refused:
        await attempts.begin(REFERENCE, SENDER)

    assert (refused.value.seconds, refused.value.values) == (900, {"minutes": 15})
    assert await FailedTry.count() == 6


async def test_another_reference_is_refused_by_the_senders_limit(database: Database) -> None:
    for number in range(4):
        await attempts.begin(Limit("booking", str(number), 3), SENDER)

    with pytest.raises(TooOften):
        await attempts.begin(Limit("booking", "4", 3), SENDER)


async def test_a_try_that_succeeded_does_not_count(database: Database) -> None:
    for _ in range(10):
        await attempts.succeeded(await attempts.begin(REFERENCE, SENDER))

    assert await FailedTry.count() == 0


async def test_success_forgets_earlier_failures_on_the_same_thing_only(database: Database) -> None:
    await attempts.begin(REFERENCE, SENDER)
    await attempts.begin(REFERENCE, SENDER)

    await attempts.succeeded(await attempts.begin(REFERENCE, SENDER), forget=REFERENCE)

    left = await FailedTry.select(FailedTry.scope)
    assert left == [{"scope": "booking from"}] * 2


async def test_tries_count_for_fifteen_minutes(database: Database) -> None:
    with clock.freeze(NINE):
        for _ in range(3):
            await attempts.begin(REFERENCE)
    with clock.freeze(NINE + timedelta(minutes=14, seconds=59)), pytest.raises(TooOften):
        await attempts.begin(REFERENCE)

    with clock.freeze(NINE + timedelta(minutes=15)):
        await attempts.begin(REFERENCE)


async def test_tries_are_forgotten_after_a_day(database: Database) -> None:
    with clock.freeze(NINE):
        await attempts.begin(REFERENCE, SENDER)

    with clock.freeze(NINE + timedelta(days=1, seconds=1)):
        await attempts.begin(REFERENCE)

    assert await FailedTry.count() == 1


async def test_many_tries_at_once_do_not_slip_through(database: Database) -> None:
    answers = await asyncio.gather(
        *(attempts.begin(REFERENCE) for _ in range(30)), return_exceptions=True
    )

    assert sum(isinstance(answer, TooOften) for answer in answers) == 27
    assert await FailedTry.count() == 3


async def test_neither_reference_nor_address_is_kept(database: Database) -> None:
    await attempts.begin(REFERENCE, SENDER)

    kept = [row["key"] for row in await FailedTry.select(FailedTry.key)]

    assert [len(key) for key in kept] == [64, 64]
    assert REFERENCE.hashed_key != Limit("other", REFERENCE.key, 3).hashed_key
