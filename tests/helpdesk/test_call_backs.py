"""H4: a call-back has a due time and an owner, and stays until it is done."""

import asyncio
from collections.abc import Awaitable
from datetime import UTC, datetime, time
from typing import Any

import pytest

from server import clock
from server.accounts import accounts
from server.audit.tables import AuditEntry
from server.database import writing
from server.helpdesk import call_backs, call_list, corrections, due_times, hand_overs
from server.helpdesk.tables import AttemptResult, CallAttempt, CallBack, HandOver
from server.notices.tables import Notice
from server.people.tables import Person
from server.places.tables import HolidayChange
from server.refusals import Refused, Stale
from server.roles import Role
from tests import factories
from tests.databases import Database
from tests.helpdesk.call_back_cast import MY_NUMBER, PHONE, hanako, in_hours, operator, promised
from tests.statements import counted
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


async def test_h4_what_was_promised_waits_until_it_is_done(database: Database) -> None:
    mari, taro = await operator(), await operator(name="佐藤太郎")
    row = await promised(mari, owner_id=taro.id)

    [waits] = await call_list.waiting(mari)
    assert (waits["id"], waits["phone"], waits["phone_key"]) == (row["id"], PHONE, "0590000123")
    assert (waits["due_at"], waits["owner_name"]) == (in_hours(2), "佐藤太郎")
    assert (waits["overdue"], waits["owner_left"], waits["attempts"]) == (False, False, [])
    await call_backs.finish(row["id"], "済み", version=1, by=taro)

    assert await call_list.waiting(mari) == []
    [done] = await call_list.settled(mari)
    assert (done["done_by"], done["done_by_name"], done["outcome"]) == (taro.id, "佐藤太郎", "済み")
    actions = await AuditEntry.select(AuditEntry.action, AuditEntry.actor).order_by(AuditEntry.id)
    assert [(each["action"], each["actor"]) for each in actions] == [
        ("call_back.promised", mari.id),
        ("call_back.done", taro.id),
    ]


async def test_h4_a_phone_contact_mails_nobody(database: Database) -> None:
    row = await promised(await operator())
    await call_backs.attempt(
        row["id"], AttemptResult.message_left, "", submission=None, by=await operator()
    )

    assert await Notice.count() == 0


async def test_h4_the_longest_overdue_stands_first(database: Database) -> None:
    mari = await operator()
    due = {hours: (await promised(mari, due_at=in_hours(hours)))["id"] for hours in (30, 1, 5)}

    with clock.freeze(in_hours(6)):
        waiting = await call_list.waiting(mari)

    assert [row["id"] for row in waiting] == [due[1], due[5], due[30]]
    assert [row["overdue"] for row in waiting] == [True, True, False]


async def test_h4_never_lost_when_the_owner_leaves(database: Database) -> None:
    administrator, mari = await operator(Role.administrator), await operator()
    taro = await operator(name="佐藤太郎")
    row = await promised(taro, owner_id=taro.id)

    await accounts.disable(taro.id, by=administrator)

    [waits] = await call_list.waiting(mari)
    assert (waits["id"], waits["owner_left"], waits["owner_name"]) == (row["id"], True, "")
    assert taro.id not in [each["id"] for each in await call_list.owners()]
    moved = await call_backs.move(row["id"], row["due_at"], mari.id, version=1, by=mari)
    assert moved["owner"] == mari.id
    [waits] = await call_list.waiting(mari)
    assert (waits["owner_left"], waits["owner_name"]) == (False, "鈴木まり")


async def test_h4_an_owner_who_only_administers_calls_nobody(database: Database) -> None:
    mari, administrator = await operator(), await operator(Role.administrator)
    await promised(mari, owner_id=administrator.id)

    [waits] = await call_list.waiting(mari)

    assert (waits["owner_left"], waits["owner_name"]) == (True, "")


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
async def test_h4_without_the_lock_both_would_settle_it(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    mari, taro = await operator(), await operator()
    row = await promised(mari)
    unlock(monkeypatch, call_backs)

    answers = await asyncio.gather(
        *(outcome_of(call_backs.finish(row["id"], "", version=1, by=each)) for each in (mari, taro))
    )

    assert [each for each in answers if isinstance(each, str)] == []


async def test_h4_settled_twice_by_the_same_person_is_once(database: Database) -> None:
    mari = await operator()
    row = await promised(mari)

    first = await call_backs.finish(row["id"], "済み", version=1, by=mari)
    again = await call_backs.finish(row["id"], "済み", version=1, by=mari)

    assert first == again
    assert await AuditEntry.count().where(AuditEntry.action == "call_back.done") == 1


async def test_h4_one_press_promises_once(database: Database) -> None:
    mari = await operator()
    contact = await factories.make_contact()

    rows = await asyncio.gather(
        *(promised(mari, contact.id, submission=PRESS, reading="やまだはなこ") for _ in range(5))
    )

    assert len({row["id"] for row in rows}) == 1
    assert (await CallBack.count(), await Person.count()) == (1, 1)


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


async def test_p1_call_backs_belong_to_the_desk(database: Database) -> None:
    venue, section = await factories.make_venue(), await factories.make_section()
    desk = await factories.make_desk(venue=venue.id, section=section.id)
    contact = await factories.make_contact(desk=desk.id)
    mari, other_venue = await operator(), await operator(Role.venue)
    row = await promised(mari, contact.id)
    own = {
        "helpdesk": mari,
        "overseeing": await operator(Role.coordinator),
        "venue": await operator(Role.venue, venue=venue.id),
        "section": await operator(Role.coordinator, section=section.id),
    }
    elsewhere = await operator(Role.coordinator, section=(await factories.make_section()).id)

    for name, by in own.items():
        assert [each["id"] for each in await call_list.waiting(by)] == [row["id"]], name
    for by in (other_venue, elsewhere):
        assert await call_list.waiting(by) == []
        assert await call_list.get(row["id"], by) is None
    await call_backs.move(row["id"], row["due_at"], elsewhere.id, version=1, by=mari)
    assert [each["id"] for each in await call_list.waiting(elsewhere)] == [row["id"]]


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"name": " "}, "Please write whom to call back."),
        ({"phone": "123"}, "10 or 11 digits"),
        ({"phone": ""}, "10 or 11 digits"),
        ({"reading": "山田"}, "hiragana"),
        ({"about": f"番号は{MY_NUMBER}"}, "This holds a My Number"),
        ({"about": "長" * 4001}, "at most 4000 characters"),
        ({"owner_id": 99999}, "cannot sign in any more"),
    ],
)
async def test_h4_bad_input_promises_nothing(
    database: Database, facts: dict[str, Any], words: str
) -> None:
    with pytest.raises(Refused, match=words):
        await promised(await operator(), **facts)

    assert await CallBack.count() == 0


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


async def test_h4_somebody_else_may_take_on_what_is_overdue(database: Database) -> None:
    mari = await operator()
    row = await promised(mari)

    with clock.freeze(in_hours(9)):
        moved = await call_backs.move(row["id"], row["due_at"], mari.id, version=1, by=mari)

    assert (moved["owner"], moved["due_at"]) == (mari.id, row["due_at"])


async def test_h4_nothing_is_promised_for_a_contact_that_was_taken_back(
    database: Database,
) -> None:
    mari = await operator()
    contact = await factories.make_contact()
    await corrections.void(contact.id, "取消", by=mari)

    with pytest.raises(Refused, match=r"^This contact has been taken back\.$"):
        await promised(mari, contact.id)
    with pytest.raises(Refused, match=r"^There is no such contact\.$"):
        await promised(mari, 99999)


async def test_h4_a_promise_stays_when_its_contact_is_taken_back(database: Database) -> None:
    mari = await operator()
    row = await promised(mari)

    await corrections.void(row["contact"], "取消", by=mari)

    [waits] = await call_list.waiting(mari)
    assert waits["contact_voided_at"] is not None


async def test_h4_a_promise_and_its_contact_are_one_change(database: Database) -> None:
    mari = await operator()
    contact = await factories.make_contact()

    with pytest.raises(Refused):
        async with writing():
            await call_backs.promise(contact.id, hanako(), submission=PRESS, by=mari)
            raise Refused("no")

    assert await CallBack.count() == 0


async def test_b2_the_person_is_found_again_only_by_a_reading(database: Database) -> None:
    mari = await operator()
    known = await factories.make_person(PHONE, reading="やまだはなこ")

    without, found = await promised(mari), await promised(mari, reading="ヤマダ　ハナコ")
    new = await promised(mari, reading="さとうたろう", name="佐藤太郎")

    assert (without["person"], found["person"]) == (None, known.id)
    assert new["person"] not in (None, known.id)


async def test_h4_the_list_takes_as_many_statements_for_thirty_as_for_one(
    database: Database,
) -> None:
    mari = await operator()

    async def one() -> None:
        row = await promised(mari, owner_id=mari.id)
        await call_backs.attempt(
            row["id"], AttemptResult.busy, "", submission=f"tap-{row['id']}", by=mari
        )

    await one()
    with counted() as few:
        await call_list.waiting(mari)
    for _ in range(29):
        await one()
    with counted() as many:
        assert len(await call_list.waiting(mari)) == 30

    assert (len(few), len(many)) == (4, 4)


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
