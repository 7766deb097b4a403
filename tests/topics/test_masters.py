"""Topics and procedures alike: changed, retired, merged, brought back; and by whom."""

import asyncio
from datetime import datetime, timedelta
from types import ModuleType
from typing import Any

import pytest

from server import clock
from server.audit.tables import AuditEntry
from server.database import writing
from server.refusals import Refused, Stale
from server.roles import Role
from server.topics import masters, procedures, topics
from server.topics.masters import Master
from server.topics.procedures import ProcedureFacts
from server.topics.tables import Procedure, Topic
from server.topics.topics import TopicFacts
from tests.classes.staff_cast import ICT, Staff
from tests.databases import Database
from tests.statements import counted
from tests.unlocked import unlock

ADMINISTRATOR = Staff(roles=frozenset({Role.administrator}))
OTHER_SECTION = Staff(section_id=7)
HELPDESK = Staff(roles=frozenset({Role.helpdesk}))

BOTH = [
    pytest.param(topics, Topic, TopicFacts, id="topics"),
    pytest.param(procedures, Procedure, ProcedureFacts, id="procedures"),
]
both = pytest.mark.parametrize(("rules", "table", "facts"), BOTH)


async def made(rules: ModuleType, facts: Any, *names: str) -> list[dict[str, Any]]:
    return [await rules.create(facts(name), by=ICT) for name in names]


async def refusal(rules: ModuleType, row_id: int, on: Any) -> str:
    with pytest.raises(Refused) as refused:
        await rules.check_offered(row_id, on)
    return str(refused.value)


@both
async def test_one_is_added_changed_and_written_down(
    database: Database, frozen_now: datetime, rules: ModuleType, table: Master, facts: Any
) -> None:
    row = await rules.create(facts("転出届", position=3, code="ten-1"), by=ADMINISTRATOR)
    now = await rules.edit(row["id"], facts("転出の届出", position=3), version=1, by=ICT)

    assert (row["code"], row["version"]) == ("ten-1", 1)
    assert (now["name"], now["code"], now["version"]) == ("転出の届出", "ten-1", 2)
    changes = await masters.history(table, row["id"])
    assert [each["action"] for each in changes] == ["changed", "created"]
    assert (changes[0]["was"], changes[0]["now"]) == ({"name": "転出届"}, {"name": "転出の届出"})
    assert changes[0]["at"] == frozen_now


@both
async def test_one_without_a_code_gets_one_that_is_free(
    database: Database, rules: ModuleType, table: Master, facts: Any
) -> None:
    initial = masters.subject(table)[0]
    await rules.create(facts("あ", code=f"{initial}2"), by=ICT)

    rows = await made(rules, facts, "い", "う")

    assert [row["code"] for row in rows] == [f"{initial}1", f"{initial}3"]


@both
async def test_saving_the_same_changes_nothing(
    database: Database, rules: ModuleType, table: Master, facts: Any
) -> None:
    [row] = await made(rules, facts, "転出届")

    now = await rules.edit(row["id"], facts("転出届"), version=1, by=ICT)

    assert now == row
    assert await AuditEntry.count() == 1


@both
async def test_nobody_overwrites_what_she_has_not_seen(
    database: Database, rules: ModuleType, table: Master, facts: Any
) -> None:
    row, other = await made(rules, facts, "転出届", "転入届")
    await rules.edit(row["id"], facts("転出の届出"), version=1, by=ICT)

    with pytest.raises(Stale) as stale:
        await rules.edit(row["id"], facts("転出"), version=1, by=ADMINISTRATOR)
    assert stale.value.current["name"] == "転出の届出"
    for late in (
        rules.retire(row["id"], clock.today(), version=1, by=ICT),
        rules.merge(row["id"], other["id"], version=1, by=ICT),
    ):
        with pytest.raises(Stale):
            await late


@both
async def test_only_administrators_and_the_overseeing_section_edit(
    database: Database, rules: ModuleType, table: Master, facts: Any
) -> None:
    for by in (OTHER_SECTION, HELPDESK):
        with pytest.raises(Refused, match="oversees all"):
            await rules.create(facts("転出届"), by=by)
    [row] = await made(rules, facts, "転出届")
    with pytest.raises(Refused, match="oversees all"):
        await rules.retire(row["id"], clock.today(), version=1, by=OTHER_SECTION)


@both
async def test_two_in_use_never_have_one_name_or_code(
    database: Database, rules: ModuleType, table: Master, facts: Any
) -> None:
    row, other = await made(rules, facts, "転出届", "転入届")

    with pytest.raises(Refused, match="name is used"):
        await rules.create(facts("転出届"), by=ICT)
    with pytest.raises(Refused, match="code is used"):
        await rules.create(facts("別のもの", code=row["code"]), by=ICT)
    with pytest.raises(Refused, match="name is used"):
        await rules.edit(other["id"], facts("転出届"), version=1, by=ICT)

    await rules.retire(row["id"], clock.today(), version=1, by=ICT)
    await rules.edit(other["id"], facts("転出届"), version=1, by=ICT)
    with pytest.raises(Refused, match="name is used"):
        await rules.bring_back(row["id"], version=2, by=ICT)


@both
async def test_a_retired_one_is_offered_until_the_day_before(
    database: Database, frozen_now: datetime, rules: ModuleType, table: Master, facts: Any
) -> None:
    [row] = await made(rules, facts, "転出届")
    last = clock.today() + timedelta(days=9)
    await rules.retire(row["id"], last + timedelta(days=1), version=1, by=ICT)

    assert [each["name"] for each in await rules.listed()] == ["転出届"]
    assert (await rules.check_offered(row["id"], last))["id"] == row["id"]
    assert await refusal(rules, row["id"], last + timedelta(days=1)) == (
        "“転出届” is no longer offered. Please choose another."
    )


@both
async def test_a_retired_one_keeps_its_name_and_leaves_the_list(
    database: Database, rules: ModuleType, table: Master, facts: Any
) -> None:
    row, other = await made(rules, facts, "転出届", "転入届")

    await rules.retire(row["id"], clock.today(), version=1, by=ICT)
    await rules.retire(row["id"], clock.today(), version=1, by=ICT)  # a second tap

    assert [each["name"] for each in await rules.listed()] == ["転入届"]
    assert await rules.names() == {row["id"]: "転出届", other["id"]: "転入届"}
    assert [each["in_use"] for each in await rules.everything()] == [False, True]
    yesterday = clock.today() - timedelta(days=1)
    assert await rules.check_offered(row["id"], yesterday)
    with pytest.raises(Refused, match="today or a later day"):
        await rules.retire(other["id"], yesterday, version=1, by=ICT)


@both
async def test_a_merged_one_counts_with_its_target_and_names_it(
    database: Database, rules: ModuleType, table: Master, facts: Any
) -> None:
    row, other = await made(rules, facts, "転出届", "転入届")

    await rules.merge(row["id"], other["id"], version=1, by=ICT)
    await rules.merge(row["id"], other["id"], version=1, by=ICT)  # a second tap

    assert await rules.standing() == {row["id"]: other["id"], other["id"]: other["id"]}
    assert await refusal(rules, row["id"], clock.today()) == (
        "“転出届” is no longer offered. Please choose “転入届” instead."
    )
    assert [each["merged_name"] for each in await rules.everything()] == ["転入届", None]


@both
async def test_what_was_merged_into_one_that_is_retired_itself_names_none(
    database: Database, rules: ModuleType, table: Master, facts: Any
) -> None:
    row, other = await made(rules, facts, "転出届", "転入届")
    await rules.merge(row["id"], other["id"], version=1, by=ICT)
    tomorrow = clock.today() + timedelta(days=1)
    await rules.retire(other["id"], tomorrow, version=1, by=ICT)

    today = await refusal(rules, row["id"], clock.today())
    assert today == "“転出届” is no longer offered. Please choose “転入届” instead."
    assert await refusal(rules, row["id"], tomorrow) == (
        "“転出届” is no longer offered. Please choose another."
    )


@both
async def test_earlier_mergers_move_along_so_that_there_are_no_chains(
    database: Database, rules: ModuleType, table: Master, facts: Any
) -> None:
    first, second, third = await made(rules, facts, "あ", "い", "う")
    await rules.merge(first["id"], second["id"], version=1, by=ICT)

    await rules.merge(second["id"], third["id"], version=1, by=ICT)

    ids = [first["id"], second["id"], third["id"]]
    assert await rules.standing() == dict.fromkeys(ids, third["id"])
    [entry] = (
        await AuditEntry.select()
        .where(AuditEntry.subject_id == second["id"])
        .order_by(AuditEntry.id, ascending=False)
        .limit(1)
    )
    assert f'"moved_along": [{first["id"]}]' in entry["facts"]


@both
async def test_one_is_not_merged_into_itself_or_into_what_is_gone(
    database: Database, rules: ModuleType, table: Master, facts: Any
) -> None:
    row, gone = await made(rules, facts, "あ", "い")
    await rules.retire(gone["id"], clock.today(), version=1, by=ICT)

    for into, why in (
        (row["id"], "into itself"),
        (gone["id"], "no longer offered"),
        (9999, "no such"),
    ):
        with pytest.raises(Refused, match=why):
            await rules.merge(row["id"], into, version=1, by=ICT)


@both
async def test_a_merged_one_that_is_brought_back_counts_by_itself(
    database: Database, rules: ModuleType, table: Master, facts: Any
) -> None:
    row, other = await made(rules, facts, "あ", "い")
    await rules.merge(row["id"], other["id"], version=1, by=ICT)

    await rules.bring_back(row["id"], version=2, by=ICT)
    await rules.bring_back(row["id"], version=2, by=ICT)  # a second tap

    assert (await rules.standing())[row["id"]] == row["id"]
    assert (await rules.check_offered(row["id"], clock.today()))["merged_into"] is None


@both
async def test_what_is_not_there_is_refused(
    database: Database, rules: ModuleType, table: Master, facts: Any
) -> None:
    assert "no such" in await refusal(rules, 9999, clock.today())
    with pytest.raises(Refused, match="no such"):
        await rules.edit(9999, facts("あ"), version=1, by=ICT)


@both
async def test_asking_whether_it_is_offered_takes_one_statement(
    database: Database, rules: ModuleType, table: Master, facts: Any
) -> None:
    [row] = await made(rules, facts, "あ")

    with counted() as sent:
        await rules.check_offered(row["id"], clock.today())

    assert len(sent) == 1


@both
async def test_lists_take_as_many_statements_for_thirty_as_for_one(
    database: Database, rules: ModuleType, table: Master, facts: Any
) -> None:
    await made(rules, facts, "あ")
    with counted() as one:
        await rules.listed()
        await rules.everything()
    await made(rules, facts, *(f"第{number}" for number in range(29)))
    with counted() as thirty:
        assert len(await rules.listed()) == 30
        await rules.everything()

    assert len(one) == len(thirty) == 2


async def _rename(topic: dict[str, Any], name: str) -> str:
    try:
        await topics.edit(topic["id"], TopicFacts(name), version=1, by=ICT)
    except Stale:
        return "stale"
    return "saved"


async def test_of_two_who_save_at_once_one_is_told(database: Database) -> None:
    [topic] = await made(topics, TopicFacts, "あ")

    answers = await asyncio.gather(_rename(topic, "い"), _rename(topic, "う"))

    assert sorted(answers) == ["saved", "stale"]


@pytest.mark.engine("postgresql")
async def test_without_the_lock_both_would_be_saved(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    [topic] = await made(topics, TopicFacts, "あ")
    unlock(monkeypatch, masters)

    answers = await asyncio.gather(_rename(topic, "い"), _rename(topic, "う"))

    assert list(answers) == ["saved", "saved"]


async def test_of_two_mergers_into_each_other_one_is_refused(database: Database) -> None:
    first, second = await made(topics, TopicFacts, "あ", "い")

    async def merge(row: dict[str, Any], into: dict[str, Any]) -> str:
        try:
            await topics.merge(row["id"], into["id"], version=1, by=ICT)
        except Refused as refused:
            return type(refused).__name__
        return "merged"

    answers = await asyncio.gather(merge(first, second), merge(second, first))

    assert sorted(answers) == ["Refused", "merged"]
    assert len(await topics.listed()) == 1


@both
async def test_h2_one_that_was_retired_earlier_keeps_its_day_when_it_is_merged(
    database: Database, rules: ModuleType, table: Master, facts: Any
) -> None:
    early, late, other = await made(rules, facts, "あ", "い", "う")
    today = clock.today()
    before, later = today - timedelta(days=30), today + timedelta(days=30)
    async with writing():
        for row, day in ((early, before), (late, later)):
            await table.update({"retired_on": day}).where(table.id == row["id"])

    for row in (early, late):
        await rules.merge(row["id"], other["id"], version=1, by=ICT)

    days = await table.select(table.name, table.retired_on).order_by(table.id)
    assert [row["retired_on"] for row in days] == [before, today, None]
