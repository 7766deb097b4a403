"""What takes a lock's place in a control: a race must show what happens without the lock."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

WITHIN = 10.0  # seconds


def side_by_side() -> Callable[[str], Awaitable[None]]:
    """A stand-in for `locked` that holds nobody off: it lets people pass two by two, together.

    For an even number of people; without it a slow machine might serve them one by one.
    """
    pair = asyncio.Barrier(2)

    async def pass_together(name: str) -> None:
        async with asyncio.timeout(WITHIN):
            await pair.wait()

    return pass_together


async def hold_nobody(name: str) -> None:
    """A stand-in for `locked` that lets everybody pass."""


def both_before(act: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    """`act`, begun once a second one asks for it too: both have looked before either writes."""
    meet = side_by_side()

    async def acting(*given: Any) -> Any:
        await meet("")
        return await act(*given)

    return acting


def both_after(look: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    """`look`, answered once a second one has looked too: neither sees what the other writes."""
    meet = side_by_side()

    async def looking(*given: Any) -> Any:
        found = await look(*given)
        await meet("")
        return found

    return looking
