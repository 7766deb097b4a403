"""The one way to change data."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

from server.database import changes
from server.database.conflicts import INTEGRITY_ERRORS, conflict_from
from server.database.engines import engine


@dataclass
class _Change:
    task: asyncio.Task[object] | None
    after_commit: list[Callable[[], None]] = field(default_factory=list)


_current: ContextVar[_Change | None] = ContextVar("change", default=None)


@asynccontextmanager
async def writing() -> AsyncIterator[None]:
    """Everything inside happens, or nothing does.

    IMMEDIATE on SQLite, a plain transaction on PostgreSQL. Joins an enclosing `writing()` of the
    same task; the outermost commits, and rolls all back when anything is raised. Raises Conflict
    where a constraint refused, and RuntimeError in a child task of an open change (its queries
    would run on the parent's connection).
    """
    enclosing = _current.get()
    if enclosing is not None:
        if enclosing.task is not asyncio.current_task():
            raise RuntimeError("a change cannot be opened in a child task of another change")
        yield
        return
    change = _Change(asyncio.current_task())
    token = _current.set(change)
    try:
        async with engine().transaction():
            yield
    except INTEGRITY_ERRORS as error:
        raise await conflict_from(error) from error
    finally:
        _current.reset(token)
    changes.committed()
    for act in change.after_commit:
        act()


def after_commit(act: Callable[[], None]) -> None:
    """Call `act` once the outermost change has been committed; never if it was rolled back."""
    change = _current.get()
    assert change is not None, "after_commit belongs inside writing()"
    change.after_commit.append(act)


async def locked(name: str) -> None:
    """Hold others who ask for the same `name` until this change ends.

    On SQLite the change itself is the lock: one writer at a time.
    """
    database = engine()
    if database.engine_type == "postgres":
        transaction = database.current_transaction.get()
        assert transaction is not None, "locked() belongs inside writing()"
        await transaction.connection.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", name
        )
