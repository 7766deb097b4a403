"""The topics that a city begins with, and their tree."""

import pytest

from server import clock
from server.database import writing
from server.refusals import Refused
from server.topics import topics
from server.topics.tables import Topic
from server.topics.topics import TopicFacts
from tests.classes.staff_cast import ICT
from tests.databases import Database
from tests.factories import make_topic


async def test_load_adds_the_topics_once(database: Database) -> None:
    assert await topics.load() == 13
    assert await topics.load() == 0

    rows = await topics.listed()
    assert len(rows) == 13
    assert rows[0]["name"] == "スマートフォンの基本操作"


async def test_load_leaves_alone_what_the_city_has_changed(database: Database) -> None:
    await topics.load()
    async with writing():
        await Topic.update({Topic.name: "お金の支払い"}).where(Topic.code == "cashless")

    await topics.load()

    assert "お金の支払い" in {row["name"] for row in await topics.listed()}


async def test_topics_stand_in_the_citys_order_each_followed_by_those_under_it(
    database: Database,
) -> None:
    second = await make_topic(name="写真", position=2)
    first = await make_topic(name="電話", position=1)
    await make_topic(name="アルバム", position=9, parent=second.id)
    await make_topic(name="かける", position=5, parent=first.id)
    await make_topic(name="受ける", position=4, parent=first.id)

    names = [row["name"] for row in await topics.listed()]

    assert names == ["電話", "受ける", "かける", "写真", "アルバム"]


async def test_the_tree_has_one_level(database: Database) -> None:
    top, other = await make_topic(), await make_topic()
    under = await make_topic(parent=top.id)

    with pytest.raises(Refused) as refused:
        await topics.create(TopicFacts("孫", parent_id=under.id), by=ICT)
    assert refused.value.msgid == topics.TOO_DEEP
    with pytest.raises(Refused) as refused:
        await topics.edit(top.id, TopicFacts("親", parent_id=top.id), version=1, by=ICT)
    assert refused.value.msgid == topics.TOO_DEEP
    with pytest.raises(Refused) as refused:
        await topics.edit(top.id, TopicFacts("親", parent_id=other.id), version=1, by=ICT)
    assert refused.value.msgid == topics.HAS_SOME_UNDER


async def test_a_topic_goes_only_after_those_under_it(database: Database) -> None:
    top, other = await make_topic(), await make_topic()
    under = await make_topic(name="かける", parent=top.id)

    for late in (
        topics.retire(top.id, clock.today(), version=1, by=ICT),
        topics.merge(top.id, other.id, version=1, by=ICT),
    ):
        with pytest.raises(Refused, match="かける"):
            await late
    await topics.retire(under.id, clock.today(), version=1, by=ICT)
    await topics.retire(top.id, clock.today(), version=1, by=ICT)

    with pytest.raises(Refused) as refused:
        await topics.bring_back(under.id, version=2, by=ICT)
    assert refused.value.msgid == topics.PARENT_NOT_IN_USE
    with pytest.raises(Refused) as refused:
        await topics.create(TopicFacts("新しい", parent_id=top.id), by=ICT)
    assert refused.value.msgid == topics.PARENT_NOT_IN_USE
