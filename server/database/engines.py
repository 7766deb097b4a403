"""Which engine a database URL means, and the one that this process uses."""

from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from piccolo.apps.migrations.tables import Migration
from piccolo.conf.apps import Finder
from piccolo.engine.finder import engine_finder
from piccolo.engine.postgres import PostgresEngine

import server.database.ddl  # noqa: F401  (constraints on SQLite)
from server.database.sqlite import PooledSQLiteEngine

POSTGRES_SETTINGS = {
    "timezone": "UTC",
    "application_name": "tonari",
    # As on a disk without moving parts: else every word is looked for in each text anew.
    "random_page_cost": "1.1",
}


class PooledPostgresEngine(PostgresEngine):
    """PostgreSQL through Piccolo's pool."""

    async def data_version(self) -> str:
        """A text that changes with every commit of any process: the current snapshot."""
        rows = await self._run_in_pool("SELECT pg_current_snapshot()::text AS version")
        return str(rows[0]["version"])


Engine = PooledSQLiteEngine | PooledPostgresEngine


def engine_for(url: str) -> Engine:
    """The engine that `url` (`sqlite:///path` or `postgresql://…`) names, not yet connected."""
    if url.startswith("sqlite:///"):
        path = Path(url.removeprefix("sqlite:///"))
        path.parent.mkdir(parents=True, exist_ok=True)
        return PooledSQLiteEngine(str(path))
    return PooledPostgresEngine(config=_postgres_config(url))


def engine() -> Engine:
    """The engine of this process."""
    found: Any = engine_finder()
    assert isinstance(found, PooledSQLiteEngine | PooledPostgresEngine)
    return found


def use(new: Engine) -> None:
    """Let this process and all its tables use `new` from now on (tests change engines)."""
    configuration = Finder().get_piccolo_conf_module()
    assert configuration is not None
    configuration.DB = new
    Migration._meta.db = new
    for app in Finder().get_app_registry().app_configs.values():
        for table in app.table_classes:
            table._meta.db = new


async def open_pool(*, size: int = 10) -> None:
    """Connect, so that requests find ready connections."""
    await engine().start_connection_pool(min_size=1, max_size=size, reset=_as_it_was)


async def _as_it_was(_: object) -> None:
    """A connection comes back as it went: its transaction has ended, and we set nothing else.

    Only PostgreSQL asks; to let it forget everything would be a second query after each one.
    """


async def close_pool() -> None:
    """Close every connection of this process."""
    await engine().close_connection_pool()


def _postgres_config(url: str) -> dict[str, Any]:
    parts = urlsplit(url)
    config: dict[str, Any] = {
        "host": parts.hostname,
        "port": parts.port,
        "user": unquote(parts.username) if parts.username else None,
        "password": unquote(parts.password) if parts.password else None,
        "database": unquote(parts.path.lstrip("/")) or None,
        **dict(parse_qsl(parts.query)),
        "server_settings": POSTGRES_SETTINGS,
    }
    return {name: value for name, value in config.items() if value is not None}
