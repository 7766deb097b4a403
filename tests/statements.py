"""Counting SQL: a page takes as many statements for thirty rows as for one."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from server import database
from server.database import changes


@contextmanager
def counted() -> Iterator[list[str]]:
    """Collect every statement that this process sends until the block ends.

    BEGIN and COMMIT are not among them. Meanwhile nobody asks what other processes have changed:
    on PostgreSQL that is any test at work beside this one.
    """
    engine = database.engine()
    sent: list[str] = []
    original = engine.run_querystring

    async def run_querystring(querystring: Any, in_pool: bool = True) -> Any:
        sent.append(str(querystring))
        return await original(querystring, in_pool)

    asked_every, changes.POLL_SECONDS = changes.POLL_SECONDS, float("inf")
    engine.run_querystring = run_querystring  # type: ignore[method-assign]
    try:
        yield sent
    finally:
        changes.POLL_SECONDS = asked_every
        del engine.run_querystring


@contextmanager
def rows_read() -> Iterator[list[int]]:
    """Collect how many rows each statement of this process brings until the block ends."""
    engine = database.engine()
    numbers: list[int] = []
    original = engine.run_querystring

    async def run_querystring(querystring: Any, in_pool: bool = True) -> Any:
        rows = await original(querystring, in_pool)
        numbers.append(len(rows or []))
        return rows

    asked_every, changes.POLL_SECONDS = changes.POLL_SECONDS, float("inf")
    engine.run_querystring = run_querystring  # type: ignore[method-assign]
    try:
        yield numbers
    finally:
        changes.POLL_SECONDS = asked_every
        del engine.run_querystring
