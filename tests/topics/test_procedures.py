"""Procedures: their address, topic and section."""

from datetime import date

import pytest

from server import clock
from server.refusals import Refused
from server.topics import procedures, topics
from server.topics.procedures import NO_ADDRESS, NO_SECTION, ProcedureFacts
from tests.classes.staff_cast import ICT
from tests.databases import Database
from tests.factories import make_procedure, make_section, make_topic


async def test_a_procedure_keeps_what_is_said_about_it(database: Database) -> None:
    topic, section = await make_topic(), await make_section(name="市民課")
    facts = ProcedureFacts(
        name="転出届",
        reading="てんしゅつとどけ",
        topic_id=topic.id,
        section_id=section.id,
        address="https://example.jp/tenshutsu?a=1#b",
        online_since=date(2023, 2, 6),
        position=2,
        code="T-001",
    )

    row = await procedures.create(facts, by=ICT)

    [listed] = await procedures.listed()
    assert listed == row | {"section_name": "市民課"}
    assert (row["address"], row["online_since"]) == (facts.address, date(2023, 2, 6))


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "data:text/html,<script>",
        "ftp://example.jp/",
        "//example.jp/",
        "example.jp",
        "https://",
        "https://example.jp/a b",
        'https://example.jp/"onclick=',
        "https://[::1",
    ],
)
async def test_an_address_is_one_of_the_web(database: Database, address: str) -> None:
    with pytest.raises(Refused) as refused:
        await procedures.create(ProcedureFacts("転出届", address=address), by=ICT)

    assert refused.value.msgid == NO_ADDRESS


async def test_its_topic_is_offered_and_its_section_is_there(database: Database) -> None:
    topic = await make_topic(name="昔のこと")
    kept = await make_procedure(name="前から", topic=topic.id)
    await topics.retire(topic.id, clock.today(), version=1, by=ICT)

    with pytest.raises(Refused, match="昔のこと"):
        await procedures.create(ProcedureFacts("転出届", topic_id=topic.id), by=ICT)
    with pytest.raises(Refused) as refused:
        await procedures.create(ProcedureFacts("転出届", section_id=9999), by=ICT)
    assert refused.value.msgid == NO_SECTION
    now = await procedures.edit(
        kept.id, ProcedureFacts("前のまま", topic_id=topic.id), version=1, by=ICT
    )
    assert now["topic"] == topic.id


async def test_a_procedure_of_a_merged_topic_stands_under_the_other_one(
    database: Database,
) -> None:
    topic, other = await make_topic(), await make_topic()
    procedure = await make_procedure(topic=topic.id)

    await topics.merge(topic.id, other.id, version=1, by=ICT)
    assert [row["topic"] for row in await procedures.listed()] == [other.id]

    await topics.bring_back(topic.id, version=2, by=ICT)
    assert [row["topic"] for row in await procedures.listed()] == [topic.id]
    assert (await procedures.check_offered(procedure.id, clock.today()))["topic"] == topic.id


async def test_they_stand_in_the_citys_order_then_by_reading(database: Database) -> None:
    await make_procedure(name="戊", reading="ぼ", position=1)
    await make_procedure(name="乙", reading="オツ", position=1)
    await make_procedure(name="甲", reading="こう", position=0)

    assert [row["name"] for row in await procedures.listed()] == ["甲", "乙", "戊"]
