"""The version of the data: it never stays when something was committed."""

import asyncio

from server import database as databases
from server.database import writing
from server.places.tables import District
from tests.databases import Database


async def add(slug: str) -> None:
    async with writing():
        await District.insert(District(slug=slug, name=slug))


async def test_the_writing_process_sees_its_change_at_once(database: Database) -> None:
    before = await databases.version()
    await add("chubu")

    assert await databases.version() != before


async def test_reading_changes_nothing(database: Database) -> None:
    await asyncio.sleep(1.1)
    before = await databases.version()
    await District.select()

    assert await databases.version() == before


async def test_another_process_sees_it_within_two_seconds(database: Database) -> None:
    other = databases.engine_for(database.url)
    await other.start_connection_pool(min_size=1, max_size=1)
    before = await other.data_version()

    await add("chubu")

    assert await other.data_version() != before
    await other.close_connection_pool()
