"""What the embedded database promises on every connection."""

import asyncio
import sqlite3
from pathlib import Path

import pytest

from server import database as databases
from server.database.sqlite import PooledSQLiteEngine
from tests.databases import Database

pytestmark = pytest.mark.engine("sqlite")


@pytest.mark.parametrize(
    ("pragma", "value"),
    [("foreign_keys", 1), ("journal_mode", "wal"), ("synchronous", 2)],  # 2 is FULL
)
async def test_every_connection_is_set_up(
    database: Database, pragma: str, value: int | str
) -> None:
    engine = databases.engine()
    assert isinstance(engine, PooledSQLiteEngine)

    leases = [await engine.lease() for _ in range(4)]
    found = [
        await engine._run_in_existing_connection(lease, f"PRAGMA {pragma}") for lease in leases
    ]
    for lease in leases:
        await lease.close()

    assert found == [[{pragma: value}]] * 4


async def test_readers_go_on_while_somebody_writes(database: Database) -> None:
    engine = databases.engine()
    async with databases.writing():
        await engine.run_ddl("DELETE FROM district")
        reader = asyncio.create_task(
            engine._run_in_new_connection("SELECT COUNT(*) AS n FROM district")
        )
        assert await asyncio.wait_for(reader, 5) == [{"n": 0}]


async def test_a_waiting_writer_holds_no_connection(database: Database, tmp_path: Path) -> None:
    engine = databases.engine()
    assert isinstance(engine, PooledSQLiteEngine)
    first = await engine.lease(writer=True)
    waiting = [asyncio.create_task(engine.lease(writer=True)) for _ in range(10)]
    await asyncio.sleep(0.05)

    reader = await asyncio.wait_for(engine.lease(), 5)

    await reader.close()
    await first.close()
    for task in waiting:
        await (await task).close()


async def test_a_change_without_a_statement_ends_like_any_other(database: Database) -> None:
    engine = databases.engine()
    assert isinstance(engine, PooledSQLiteEngine)

    async with databases.writing():
        pass

    writer = await asyncio.wait_for(engine.lease(writer=True), 5)
    assert writer.connection is not None
    assert not writer.connection.in_transaction
    await writer.close()


async def test_a_change_that_cannot_begin_says_so_and_holds_nothing(database: Database) -> None:
    path = databases.engine().path  # type: ignore[union-attr]
    engine, other = PooledSQLiteEngine(path), sqlite3.connect(path)
    engine.connection_kwargs["timeout"] = 0.0
    other.execute("BEGIN IMMEDIATE")

    with pytest.raises(sqlite3.OperationalError, match="database is locked"):
        async with engine.transaction():
            await engine.run_ddl("DELETE FROM district")
    other.close()

    async with engine.transaction():
        await engine.run_ddl("DELETE FROM district")
    await engine.close_connection_pool()
