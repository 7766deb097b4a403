"""What both engines say when a constraint holds, as one error."""

import re
import sqlite3

import asyncpg

from server.database.engines import engine
from server.database.sqlite import PooledSQLiteEngine

INTEGRITY_ERRORS = (sqlite3.IntegrityError, asyncpg.IntegrityConstraintViolationError)


class Conflict(Exception):
    """A constraint of the database refused the change; `name` is the constraint's name.

    Raised by the outermost `writing()` after everything was rolled back.
    """

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


async def conflict_from(error: Exception) -> Conflict:
    """The Conflict that `error`, one of INTEGRITY_ERRORS, stands for on this engine."""
    if isinstance(error, asyncpg.IntegrityConstraintViolationError):
        return Conflict(error.constraint_name or error.table_name or "")
    words = str(error)
    if match := re.match(r"CHECK constraint failed: (\w+)", words):
        return Conflict(match[1])
    if match := re.match(r"UNIQUE constraint failed: (.+)", words):
        columns = [name.strip().split(".") for name in match[1].split(",")]
        return Conflict(await _unique_name(columns[0][0], [column for _, column in columns]))
    return Conflict("foreign_key" if "FOREIGN KEY" in words else words)


async def _unique_name(table: str, columns: list[str]) -> str:
    """SQLite names the columns, not the index: look the name up."""
    database = engine()
    assert isinstance(database, PooledSQLiteEngine)
    rows = await database._run_in_new_connection(
        'SELECT name FROM pragma_index_list(?) AS index_ WHERE "unique" = 1 AND'
        " (SELECT group_concat(name) FROM pragma_index_info(index_.name)) = ?"
        " AND name NOT LIKE 'sqlite_autoindex%'",
        (table, ",".join(columns)),
    )
    return str(rows[0]["name"]) if rows else "_".join([table, *columns, "key"])
