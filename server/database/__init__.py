"""The database, either engine: opening, changing, migrating, noticing changes."""

from server.database.changes import version
from server.database.conflicts import Conflict
from server.database.engines import close_pool, engine, engine_for, open_pool, use
from server.database.migrating import migrate, migrations_current
from server.database.searching import has_words, make_anew
from server.database.writing import after_commit, locked, writing

__all__ = [
    "Conflict",
    "after_commit",
    "close_pool",
    "engine",
    "engine_for",
    "has_words",
    "locked",
    "make_anew",
    "migrate",
    "migrations_current",
    "open_pool",
    "use",
    "version",
    "writing",
]
