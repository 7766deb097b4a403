"""A database of its own for every test, on either engine, copied from a migrated one."""

import shutil
from dataclasses import dataclass
from pathlib import Path

import asyncpg

from server import database


@dataclass(frozen=True)
class Database:
    """The database that a test runs on; `engine` is sqlite or postgres."""

    engine: str
    url: str


@dataclass(frozen=True)
class Migrated:
    """An engine's migrated, empty database, from which those of the tests are copied."""

    engine: str
    url: str

    async def copy(self, name: str, folder: Path) -> Database:
        """A copy under `name`; on SQLite in `folder`."""
        if self.engine == "sqlite":
            path = folder / f"{name}.db"
            shutil.copyfile(_path(self.url), path)
            return Database("sqlite", f"sqlite:///{path}")
        server, template = self.url.rsplit("/", 1)
        copied = f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY FILE_COPY'
        await administer(server, copied)
        return Database("postgres", f"{server}/{name}")

    async def drop(self, copy: Database) -> None:
        """Remove the copy."""
        if self.engine == "sqlite":
            for file in _path(copy.url).parent.glob(_path(copy.url).name + "*"):
                file.unlink()
        else:
            server, name = copy.url.rsplit("/", 1)
            await administer(server, f'DROP DATABASE "{name}" WITH (FORCE)')


async def migrated(engine: str, url: str) -> Migrated:
    """Run the real migrations on a new database at `url`."""
    if engine == "postgres":
        server, name = url.rsplit("/", 1)
        await administer(server, f'CREATE DATABASE "{name}"')
    database.use(database.engine_for(url))
    await database.open_pool()
    await database.migrate()
    await database.close_pool()
    return Migrated(engine, url)


async def administer(server: str, statement: str) -> None:
    """Run one statement of the cluster's owner."""
    connection = await asyncpg.connect(f"{server}/postgres")
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


def _path(url: str) -> Path:
    return Path(url.removeprefix("sqlite:///"))
