"""S1: stages in order, dated, undone and never changed."""

import asyncio
import json
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from server import clock
from server.audit.tables import AuditEntry
from server.database import writing
from server.refusals import Refused
from server.supporters import stages
from server.supporters.tables import Basis, CredentialKind, Stage, Supporter, SupporterStage
from server.training import certificates
from server.training.tables import TrainingRecord
from tests.databases import Database
from tests.factories import make_credential, make_supporter
from tests.supporters.cast import ICT, Staff, make_trainee, merged
from tests.unlocked import unlock

pytestmark = pytest.mark.usefixtures("frozen_now")

MARCH = date(2026, 3, 1)
APRIL = date(2026, 4, 1)
MAY = date(2026, 5, 1)
TODAY = date(2026, 11, 21)
WAY = (Stage.applied, Stage.in_training, Stage.completed, Stage.registered, Stage.active)


async def newest(supporter_id: int) -> dict[str, Any]:
    row = await stages.current(supporter_id)
    assert row is not None
    return row


async def test_s1_the_whole_way_to_active_and_resting_and_back(database: Database) -> None:
    hanako = await make_supporter((Stage.applied, APRIL))

    for stage in (*WAY[1:], Stage.resting, Stage.active):
        await stages.reach(hanako.id, stage, MAY, by=ICT)

    history = await stages.history(hanako.id)
    assert [row["stage"] for row in history] == [*WAY, "resting", "active"]
    assert (await newest(hanako.id))["effective_on"] == MAY


@pytest.mark.parametrize(
    ("before", "stage"),
    [
        (Stage.applied, Stage.completed),
        (Stage.applied, Stage.registered),
        (Stage.in_training, Stage.applied),
        (Stage.in_training, Stage.active),
        (Stage.completed, Stage.active),
        (Stage.registered, Stage.resting),
        (Stage.active, Stage.registered),
        (Stage.active, Stage.active),
        (Stage.resting, Stage.completed),
        (Stage.withdrawn, Stage.withdrawn),
        (Stage.withdrawn, Stage.registered),
    ],
)
async def test_s1_no_step_is_left_out(database: Database, before: Stage, stage: Stage) -> None:
    hanako = await make_supporter((before, APRIL))

    with pytest.raises(Refused, match="does not follow"):
        await stages.reach(hanako.id, stage, MAY, by=ICT)


async def test_s1_the_first_step_is_an_application(database: Database) -> None:
    hanako = await make_supporter((Stage.applied, APRIL))
    async with writing():
        await SupporterStage.delete(force=True)

    with pytest.raises(Refused, match="does not follow"):
        await stages.reach(hanako.id, Stage.in_training, MAY, by=ICT)
    await stages.reach(hanako.id, Stage.applied, MAY, by=None)

    assert (await newest(hanako.id))["recorded_by"] is None


@pytest.mark.parametrize("stage", list(Stage)[:-1])
async def test_s1_anyone_may_withdraw(database: Database, stage: Stage) -> None:
    hanako = await make_supporter((stage, APRIL))

    await stages.reach(hanako.id, Stage.withdrawn, MAY, reason="転居", by=ICT)

    assert (await newest(hanako.id))["reason"] == "転居"


@pytest.mark.parametrize(
    ("reached", "back"),
    [
        ([Stage.applied], [Stage.applied, Stage.in_training]),
        ([Stage.completed], [Stage.applied, Stage.in_training, Stage.registered]),
        (
            [Stage.completed, Stage.registered],
            [Stage.applied, Stage.in_training, Stage.registered, Stage.active],
        ),
        ([Stage.active], [Stage.applied, Stage.in_training, Stage.registered, Stage.active]),
    ],
)
async def test_s1_who_comes_back_stands_where_she_had_come_to(
    database: Database, reached: list[Stage], back: list[Stage]
) -> None:
    steps = [(stage, APRIL) for stage in reached]
    hanako = await make_supporter(*steps, (Stage.withdrawn, APRIL))

    rows = await stages.history(hanako.id)

    assert stages.may_follow(rows) == back


async def test_s1_a_day_to_come_or_before_the_stage_before_is_refused(database: Database) -> None:
    hanako = await make_supporter((Stage.applied, APRIL))

    with pytest.raises(Refused, match="up to today"):
        await stages.reach(hanako.id, Stage.in_training, TODAY + timedelta(days=1), by=ICT)
    with pytest.raises(Refused) as refused:
        await stages.reach(hanako.id, Stage.in_training, MARCH, by=ICT)

    assert refused.value.values == {"day": APRIL}
    await stages.reach(hanako.id, Stage.in_training, APRIL, by=ICT)


async def test_s1_people_from_before_enter_at_any_stage(database: Database) -> None:
    hanako = await make_supporter((Stage.applied, MARCH))

    await stages.reach(hanako.id, Stage.registered, APRIL, basis=Basis.migration, by=ICT)
    with pytest.raises(Refused, match="does not follow"):
        await stages.reach(hanako.id, Stage.completed, MAY, basis=Basis.migration, by=ICT)

    assert (await newest(hanako.id))["basis"] == "migration"


async def test_p2_a_stage_is_audited_without_names(database: Database) -> None:
    hanako = await make_supporter((Stage.applied, APRIL))

    await stages.reach(hanako.id, Stage.in_training, MAY, by=Staff(id=7, sees_all_sections=True))

    entry = await AuditEntry.select().where(AuditEntry.action == "supporter.stage").first()
    assert entry is not None
    assert (entry["actor"], entry["subject_id"]) == (7, hanako.id)
    assert json.loads(entry["facts"]) == {
        "stage": ["applied", "in_training"],
        "effective_on": "2026-05-01",
        "basis": "rule",
    }


async def test_s1_undoing_goes_from_the_newest_back(database: Database) -> None:
    hanako = await make_supporter((Stage.applied, APRIL), (Stage.in_training, MAY))
    first, last = await stages.history(hanako.id)

    with pytest.raises(Refused, match="newest step"):
        await stages.undo(first["id"], "まちがい", by=ICT)
    with pytest.raises(Refused, match="write why"):
        await stages.undo(last["id"], "", by=ICT)
    await stages.undo(last["id"], "まちがい", by=Staff(id=7, sees_all_sections=True))
    with pytest.raises(Refused, match="newest step"):
        await stages.undo(last["id"], "まちがい", by=ICT)

    assert (await newest(hanako.id))["id"] == first["id"]
    undone = (await stages.history(hanako.id))[1]
    assert (undone["voided_by"], undone["void_reason"]) == (7, "まちがい")
    assert undone["voided_at"] == clock.now()


async def test_s2_certified_once_all_is_done_and_not_before(database: Database) -> None:
    hanako = await make_supporter((Stage.in_training, APRIL))
    with pytest.raises(Refused, match="still missing"):
        await stages.certify(hanako.id, by=ICT)
    await make_trainee(hanako.person, done_on=MAY)

    with pytest.raises(Refused) as refused:
        await stages.certify(hanako.id, APRIL, by=ICT)
    with pytest.raises(Refused, match="up to today"):
        await stages.certify(hanako.id, TODAY + timedelta(days=1), by=ICT)
    given = await stages.certify(hanako.id, by=ICT)

    assert refused.value.values == {"day": MAY}
    assert (given["number"], given["completed_on"]) == ("R8-0001", TODAY)
    assert (await newest(hanako.id))["stage"] == "completed"


async def test_s2_a_missing_requirement_gives_no_certificate(database: Database) -> None:
    hanako = await make_supporter((Stage.in_training, APRIL))
    await make_trainee(hanako.person, done_on=None)

    with pytest.raises(Refused, match="still missing"):
        await stages.certify(hanako.id, by=ICT)

    assert await certificates.of(hanako.person) == []


async def test_s2_a_revoked_record_takes_the_certificate_out_of_reach(database: Database) -> None:
    hanako = await make_supporter((Stage.in_training, APRIL))
    await make_trainee(hanako.person, done_on=MAY)
    async with writing():
        await TrainingRecord.update(voided_at=clock.now()).where(
            TrainingRecord.person == hanako.person
        )

    with pytest.raises(Refused, match="still missing"):
        await stages.certify(hanako.id, by=ICT)


async def test_s1_registered_with_a_pledge_and_a_badge_of_ones_own(database: Database) -> None:
    taro = await make_supporter(badge_number="101")
    hanako = await make_supporter((Stage.completed, APRIL), papers=False)

    with pytest.raises(Refused, match="no pledge"):
        await stages.register(hanako.id, "102", MAY, by=ICT)
    await make_credential(hanako.id, CredentialKind.pledge, valid_from=MAY)
    with pytest.raises(Refused, match="no pledge"):
        await stages.register(hanako.id, "102", MAY - timedelta(days=1), by=ICT)
    with pytest.raises(Refused, match="badge number 101"):
        await stages.register(hanako.id, "101", MAY, by=ICT)
    with pytest.raises(Refused, match="fill in the badge"):
        await stages.register(hanako.id, "", MAY, by=ICT)
    added = await stages.register(hanako.id, "102", MAY, by=ICT)

    assert (added["stage"], added["effective_on"]) == ("registered", MAY)
    badges = await Supporter.select(Supporter.id, Supporter.badge_number).order_by(Supporter.id)
    assert badges == [
        {"id": taro.id, "badge_number": "101"},
        {"id": hanako.id, "badge_number": "102"},
    ]


async def test_s1_undoing_a_registration_frees_the_badge(database: Database) -> None:
    hanako = await make_supporter((Stage.completed, APRIL))
    taro = await make_supporter((Stage.completed, APRIL))
    added = await stages.register(hanako.id, "102", MAY, by=ICT)

    await stages.undo(added["id"], "別の人", by=ICT)

    await stages.register(taro.id, "102", MAY, by=ICT)


async def test_s1_a_duplicates_badge_goes_with_the_human_being(database: Database) -> None:
    stays = await make_supporter((Stage.completed, APRIL))
    duplicate = await make_supporter((Stage.completed, MARCH), badge_number="102", papers=False)
    await merged(duplicate, into=stays)

    await stages.register(stays.id, "102", MAY, by=ICT)

    badges = (
        await Supporter.select(Supporter.badge_number).order_by(Supporter.id).output(as_list=True)
    )
    assert badges == ["102", None]


async def _outside(work: Any) -> Any:
    try:
        return await work
    except Refused as refusal:
        return refusal.msgid


async def test_s1_two_who_register_at_once_give_a_badge_once(database: Database) -> None:
    pair = [await make_supporter((Stage.completed, APRIL)) for _number in range(2)]

    answers = await asyncio.gather(
        *(
            asyncio.create_task(_outside(stages.register(each.id, "102", MAY, by=ICT)))
            for each in pair
        )
    )

    refusals = [answer for answer in answers if isinstance(answer, str)]
    assert refusals == ["Somebody else has the badge number {number}."]


async def test_s1_a_step_pressed_twice_at_once_is_one_step(database: Database) -> None:
    hanako = await make_supporter((Stage.applied, APRIL))

    await both_press(hanako.id)

    assert [row["stage"] for row in await stages.history(hanako.id)] == ["applied", "in_training"]


async def test_s2_two_who_certify_at_once_give_one_certificate(database: Database) -> None:
    hanako = await make_supporter((Stage.in_training, APRIL))
    await make_trainee(hanako.person, done_on=MAY)

    answers = await asyncio.gather(
        *(
            asyncio.create_task(_outside(stages.certify(hanako.id, by=each)))
            for each in (ICT, replace(ICT, id=2))
        )
    )

    assert len([answer for answer in answers if isinstance(answer, str)]) == 1
    assert len(await certificates.of(int(hanako.person))) == 1
    assert [row["stage"] for row in await stages.history(hanako.id)] == ["in_training", "completed"]


@pytest.mark.engine("postgres")
async def test_without_its_lock_a_step_pressed_twice_is_two(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    hanako = await make_supporter((Stage.applied, APRIL))
    unlock(monkeypatch, stages)

    await both_press(hanako.id)

    assert len(await stages.history(hanako.id)) == 3


async def both_press(supporter_id: int) -> list[Any]:
    async def press() -> Any:
        return await _outside(stages.reach(supporter_id, Stage.in_training, MAY, by=ICT))

    return await asyncio.gather(*(asyncio.create_task(press()) for _number in range(2)))


async def test_t1_the_day_is_the_municipalitys(database: Database, frozen_now: datetime) -> None:
    hanako = await make_supporter((Stage.applied, APRIL))
    row = await stages.reach(hanako.id, Stage.in_training, clock.today(), by=ICT)

    assert row["effective_on"] == TODAY
    assert row["recorded_at"] == clock.now()


async def test_a_badge_is_one_number_however_it_was_typed(database: Database) -> None:
    first = await make_supporter((Stage.completed, APRIL))
    second = await make_supporter((Stage.completed, APRIL))
    assert await stages.next_badge() == ""

    await stages.register(first.id, " ０１２５", MAY, by=ICT)

    assert await stages.next_badge() == "0126"
    with pytest.raises(Refused, match="0125"):
        await stages.register(second.id, "0125", MAY, by=ICT)
