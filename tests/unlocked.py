"""Taking a lock away in a control: a race must show what happens without the lock."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from piccolo.query.base import Query
from piccolo.query.methods import Delete, Insert, Update

ALONE_AFTER = 3.0  # seconds a task waits for another one to have looked


async def hold_nobody(*_: Any) -> None:
    """Let everybody pass."""


def unlock(
    monkeypatch: pytest.MonkeyPatch,
    module: Any,
    lock: str = "locked",
    instead: Callable[..., Awaitable[Any]] = hold_nobody,
) -> None:
    """`module` holds nobody off: of the tasks that act at once, two have looked before one writes.

    However slow the machine is: each task but the one that unlocks stops before its first row is
    written until another one has come as far.
    """
    monkeypatch.setattr(module, lock, instead)
    pair, came = asyncio.Barrier(2), {asyncio.current_task()}
    run = Query._run

    async def run_together(query: Any, *given: Any, **named: Any) -> Any:
        me = asyncio.current_task()
        if isinstance(query, Insert | Update | Delete) and me not in came:
            came.add(me)
            await _meet(pair)
        return await run(query, *given, **named)

    monkeypatch.setattr(Query, "_run", run_together)


async def _meet(pair: asyncio.Barrier) -> None:
    """Wait for the other one of a pair; who had nobody to wait for goes on alone."""
    try:
        async with asyncio.timeout(ALONE_AFTER):
            await pair.wait()
    except TimeoutError:
        return


def both_before(act: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    """`act`, begun once a second one asks for it too."""
    pair = asyncio.Barrier(2)

    async def acting(*given: Any) -> Any:
        await _meet(pair)
        return await act(*given)

    return acting
