"""Migrating: whole, and safe when several processes start at once."""

import asyncio
import os
import sys
from pathlib import Path

from piccolo.apps.migrations.tables import Migration

from server import database as databases
from tests.databases import Database, administer


async def test_a_migrated_database_is_current(database: Database) -> None:
    assert await databases.migrations_current()


async def test_a_missing_migration_is_noticed(database: Database) -> None:
    await Migration.raw("DELETE FROM migration WHERE name = '2026-11-21T00:00:02:000000'")

    assert not await databases.migrations_current()


async def test_five_processes_migrate_the_same_empty_database(
    database: Database, tmp_path: Path
) -> None:
    url = await empty_database(database, tmp_path)
    environment = {**os.environ, "TONARI_DATABASE_URL": url}

    processes = [
        await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "server",
            "migrate",
            env=environment,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        for _ in range(5)
    ]
    said = [(await process.communicate())[0].decode() for process in processes]

    assert [process.returncode for process in processes] == [0] * 5, said
    await databases.close_pool()
    databases.use(databases.engine_for(url))
    await databases.open_pool()
    assert await databases.migrations_current()
    await databases.close_pool()
    databases.use(databases.engine_for(database.url))
    await databases.open_pool()


async def empty_database(database: Database, folder: Path) -> str:
    if database.engine == "sqlite":
        return f"sqlite:///{folder}/empty.db"
    server, name = database.url.rsplit("/", 1)
    await administer(server, f'CREATE DATABASE "{name}_empty"')
    return f"{server}/{name}_empty"
