"""The topics that a city begins with."""

from server.database import writing
from server.topics import topics
from server.topics.tables import Topic
from tests.databases import Database


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
