"""H4: a call-back has a due time and an owner, and stays until it is done."""

import asyncio
from datetime import datetime
from typing import Any

import pytest

from server import clock
from server.accounts import accounts
from server.accounts.tables import AccountRole
from server.audit.tables import AuditEntry
from server.database import writing
from server.helpdesk import call_backs, call_list, corrections
from server.helpdesk.tables import AttemptResult, CallBack
from server.notices.tables import Notice
from server.people.tables import Person
from server.refusals import Refused
from server.roles import Role
from tests import factories
from tests.classes.staff_cast import Staff
from tests.databases import Database
from tests.helpdesk.call_back_cast import MY_NUMBER, PHONE, hanako, in_hours, operator, promised
from tests.statements import counted

PRESS = "press-0000000001"


@pytest.fixture(autouse=True)
async def now(database: Database, frozen_now: datetime) -> None:
    """Saturday 21 November 2026, 10 in the morning, for every test here."""


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


async def test_h4_an_owner_who_only_administers_by_now_calls_nobody(database: Database) -> None:
    mari, taro = await operator(), await operator()
    await promised(mari, owner_id=taro.id)
    async with writing():
        await AccountRole.update({AccountRole.role: Role.administrator}).where(
            AccountRole.account == taro.id
        )

    [waits] = await call_list.waiting(mari)

    assert (waits["owner_left"], waits["owner_name"]) == (True, "")


@pytest.mark.parametrize("role", [Role.supporter, Role.administrator, None])
async def test_h4_nobody_calls_back_who_stands_at_no_desk(
    database: Database, role: Role | None
) -> None:
    """`None` may, but cannot sign in any more."""
    mari, other = await operator(), await operator(role or Role.helpdesk)
    if role is None:
        await accounts.disable(other.id, by=await operator(Role.administrator))
    row = await promised(mari)

    with pytest.raises(Refused, match="Please pick somebody else"):
        await promised(mari, owner_id=other.id)
    with pytest.raises(Refused, match="Please pick somebody else"):
        await call_backs.move(row["id"], in_hours(5), other.id, version=1, by=mari)

    assert [each["owner"] for each in await CallBack.select()] == [None]


async def test_h4_one_press_promises_once(database: Database) -> None:
    mari = await operator()
    contact = await factories.make_contact()

    rows = await asyncio.gather(
        *(promised(mari, contact.id, submission=PRESS, reading="やまだはなこ") for _ in range(5))
    )

    assert len({row["id"] for row in rows}) == 1
    assert (await CallBack.count(), await Person.count()) == (1, 1)


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
        ({"owner_id": 99999}, "calls nobody back any more"),
    ],
)
async def test_h4_bad_input_promises_nothing(
    database: Database, facts: dict[str, Any], words: str
) -> None:
    with pytest.raises(Refused, match=words):
        await promised(await operator(), **facts)

    assert await CallBack.count() == 0


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

    with pytest.raises(Refused, match=r"^This contact has been taken back in the meantime\.$"):
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


async def test_p1_who_promised_it_keeps_sight_of_it_at_whichever_desk(database: Database) -> None:
    here, elsewhere = await factories.make_venue(), await factories.make_venue()
    desk = await factories.make_desk(venue=here.id)
    contact = await factories.make_contact(desk=desk.id)
    tomo, colleague = [await operator(Role.venue, venue=elsewhere.id) for _ in range(2)]
    row = await promised(tomo, contact.id)

    assert [each["id"] for each in await call_list.waiting(tomo)] == [row["id"]]
    assert await call_list.get(row["id"], tomo) is not None
    assert await call_list.waiting(colleague) == []


async def test_h4_of_the_settled_ones_hers_are_shown_however_many_others_there_are(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(call_list, "MOST_SETTLED", 2)
    venue, mari = await factories.make_venue(), await operator()
    tomo = await operator(Role.venue, venue=venue.id)
    contact = await factories.make_contact(desk=(await factories.make_desk(venue=venue.id)).id)
    own = [await settled(mari, contact.id, minutes) for minutes in (1, 2, 3)]
    others = [await settled(mari, None, minutes) for minutes in (4, 5, 6)]

    assert [row["id"] for row in await call_list.settled(tomo)] == [own[2], own[1]]
    assert [row["id"] for row in await call_list.settled(mari)] == [others[2], others[1]]


async def settled(by: Staff, contact_id: int | None, minutes: int) -> int:
    """A call-back that was done so many minutes from now."""
    row = await promised(by, contact_id)
    with clock.freeze(in_hours(minutes / 60)):
        await call_backs.finish(row["id"], "済み", version=1, by=by)
    return int(row["id"])
