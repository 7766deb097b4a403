"""H4: what came of each try to phone back, and that it is done, is noted once."""

import asyncio
from collections.abc import Awaitable
from datetime import datetime
from typing import Any

import pytest

from server import clock
from server.audit.tables import AuditEntry
from server.helpdesk import call_backs, call_list, hand_overs
from server.helpdesk.tables import AttemptResult, CallAttempt, CallBack, HandOver
from server.refusals import Refused, Stale
from server.roles import Role
from tests import factories
from tests.databases import Database
from tests.helpdesk.call_back_cast import in_hours, operator, promised
from tests.unlocked import unlock

PRESS = "press-0000000001"
SETTLED = "Somebody else has already settled this call-back."


@pytest.fixture(autouse=True)
async def now(database: Database, frozen_now: datetime) -> None:
    """Saturday 21 November 2026, 10 in the morning, for every test here."""


async def outcome_of(doing: Awaitable[Any]) -> Any:
    try:
        return await doing
    except Refused as refused:
        return refused.msgid


async def test_h4_tries_are_noted_and_it_still_waits(database: Database) -> None:
    mari = await operator()
    row = await promised(mari)

    for number, result in enumerate((AttemptResult.no_answer, AttemptResult.busy)):
        await call_backs.attempt(row["id"], result, "朝", submission=f"{PRESS}{number}", by=mari)

    [waits] = await call_list.waiting(mari)
    tried = [(each["result"], each["note"], each["by_name"]) for each in waits["attempts"]]
    assert tried == [("no_answer", "朝", "鈴木まり"), ("busy", "朝", "鈴木まり")]
    assert waits["version"] == 1  # who has the page open may still settle it


async def test_h4_a_mistaken_try_is_taken_back_by_whoever_noted_it(database: Database) -> None:
    mari, taro = await operator(), await operator()
    row = await promised(mari)
    tried = await call_backs.attempt(
        row["id"], AttemptResult.busy, "話し中", submission=PRESS, by=mari
    )

    with pytest.raises(Refused, match=r"^Somebody else has noted this try\.$"):
        await call_backs.withdraw(tried["id"], by=taro)
    for _ in range(2):
        await call_backs.withdraw(tried["id"], by=mari)

    [noted] = await CallAttempt.select()
    assert (noted["result"], noted["note"]) == ("busy", "話し中")
    assert noted["voided_at"] == clock.now()
    [shown] = await call_list.waiting(mari)
    assert shown["attempts"] == []
    kept = await AuditEntry.select().where(AuditEntry.action == "call_back.try_withdrawn")
    assert ["busy" in each["facts"] for each in kept] == [True]


async def test_h4_two_operators_settle_the_same_one_at_once(database: Database) -> None:
    mari, taro = await operator(), await operator()
    row = await promised(mari)

    answers = await asyncio.gather(
        *(
            outcome_of(call_backs.finish(row["id"], str(each.id), version=1, by=each))
            for each in (mari, taro)
        )
    )

    refused = [each for each in answers if isinstance(each, str)]
    [won] = [each for each in answers if not isinstance(each, str)]
    assert refused == [SETTLED]
    assert won["outcome"] == str(won["done_by"])
    [kept] = await CallBack.select()
    assert (kept["done_by"], kept["outcome"]) == (won["done_by"], won["outcome"])
    done = await AuditEntry.count().where(AuditEntry.action == "call_back.done")
    assert done == 1


@pytest.mark.engine("postgres")
async def test_h4_without_the_lock_it_would_not_be_said_that_it_is_settled(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    mari, taro = await operator(), await operator()
    row = await promised(mari)
    unlock(monkeypatch, call_backs)

    answers = await asyncio.gather(
        *(outcome_of(call_backs.finish(row["id"], "", version=1, by=each)) for each in (mari, taro))
    )

    refused = [each for each in answers if isinstance(each, str)]
    assert refused == ["Somebody else has changed this in the meantime."]


async def test_h4_settled_twice_by_the_same_person_is_once(database: Database) -> None:
    mari = await operator()
    row = await promised(mari)

    first = await call_backs.finish(row["id"], "済み", version=1, by=mari)
    again = await call_backs.finish(row["id"], "済み", version=1, by=mari)

    assert first == again
    assert await AuditEntry.count().where(AuditEntry.action == "call_back.done") == 1


async def test_h4_one_press_notes_one_try(database: Database) -> None:
    mari = await operator()
    row = await promised(mari)

    async def tap() -> Any:
        return await call_backs.attempt(
            row["id"], AttemptResult.no_answer, "", submission=PRESS, by=mari
        )

    tries = await asyncio.gather(*(tap() for _ in range(5)))
    await call_backs.finish(row["id"], "", version=1, by=mari)

    assert {each["id"] for each in tries} == {(await tap())["id"]}
    assert await CallAttempt.count() == 1


async def test_h4_once_settled_nobody_tries_or_moves_it(database: Database) -> None:
    mari, taro = await operator(), await operator()
    row = await promised(mari)
    await call_backs.finish(row["id"], "", version=1, by=mari)

    with pytest.raises(Refused, match=SETTLED):
        await call_backs.attempt(row["id"], AttemptResult.no_answer, "", submission=PRESS, by=taro)
    with pytest.raises(Refused, match=SETTLED):
        await call_backs.move(row["id"], in_hours(5), None, version=2, by=taro)


async def test_h4_put_back_it_waits_again(database: Database) -> None:
    mari = await operator()
    row = await promised(mari)
    await call_backs.finish(row["id"], "間違い", version=1, by=mari)

    for _ in range(2):
        await call_backs.reopen(row["id"], by=mari)

    [waits] = await call_list.waiting(mari)
    assert (waits["version"], waits["done_at"], waits["outcome"]) == (3, None, "間違い")


async def test_h4_a_stale_page_settles_nothing(database: Database) -> None:
    mari, taro = await operator(), await operator()
    row = await promised(mari)
    await call_backs.move(row["id"], in_hours(5), taro.id, version=1, by=taro)

    with pytest.raises(Stale) as stale:
        await call_backs.finish(row["id"], "", version=1, by=mari)
    with pytest.raises(Stale):
        await call_backs.move(row["id"], in_hours(6), None, version=1, by=mari)
    again = await call_backs.move(row["id"], in_hours(5), taro.id, version=1, by=taro)

    assert stale.value.current["owner"] == taro.id
    assert (again["version"], again["owner"]) == (2, taro.id)


async def test_h4_an_answer_that_came_back_is_seen_before_it_is_settled(
    database: Database,
) -> None:
    mari, ict = await operator(), await operator(Role.coordinator)
    section = await factories.make_section()
    row = await promised(mari)
    asked = await hand_overs.ask(row["contact"], section.id, "再発行は？", submission=None, by=mari)
    await hand_overs.answer(asked["id"], "窓口でできます。", version=1, by=ict)

    with pytest.raises(Stale):
        await call_backs.finish(row["id"], "", version=1, by=mari)
    [waits] = await call_list.waiting(mari)
    assert [each["answer"] for each in waits["hand_overs"]] == ["窓口でできます。"]
    await call_backs.finish(row["id"], "", version=waits["version"], by=mari)

    assert await hand_overs.answered(mari) == []
    assert (await HandOver.select())[0]["seen_by"] == mari.id
