"""Failed tries, counted in the database: of passwords, and of opening bookings (B8).

A try counts as failed from its beginning until it succeeds, so that many at once cannot slip
through between looking and counting.
"""

import hashlib
import hmac
from datetime import timedelta
from typing import NamedTuple

from server import clock
from server.accounts.tables import FailedTry
from server.database import locked, writing
from server.refusals import N_, Refused
from server.settings import settings

KEPT = timedelta(days=1)


class Limit(NamedTuple):
    """At most so many failed tries of one kind (`scope`) on one thing (`key`) within a time."""

    scope: str
    key: str
    most: int
    within: timedelta = timedelta(minutes=15)

    @property
    def hashed_key(self) -> str:
        """What is kept instead of a login, an address or a reference."""
        secret = settings().secret_key.encode()
        return hmac.new(secret, f"{self.scope}:{self.key}".encode(), hashlib.sha256).hexdigest()


class TooOften(Refused):
    """Too many failed tries; `seconds` is how long the longest of the limits looks back."""

    def __init__(self, within: timedelta) -> None:
        """Say how long to wait."""
        self.seconds = int(within.total_seconds())
        super().__init__(
            N_(
                "There were too many tries that did not fit."
                " Please wait {minutes} minutes, or phone."
            ),
            minutes=self.seconds // 60,
        )


async def begin(*limits: Limit) -> list[int]:
    """Count a try against each limit, and return what `succeeded` needs to take it back.

    Give limits from the narrowest to the widest. Raises TooOften where one is used up.
    """
    async with writing():
        await FailedTry.delete().where(FailedTry.failed_at < clock.now() - KEPT)
        for limit in limits:
            await locked(f"try {limit.hashed_key}")
            await check_not_too_often(limit)
        rows = [
            FailedTry(scope=limit.scope, key=limit.hashed_key, failed_at=clock.now())
            for limit in limits
        ]
        saved = await FailedTry.insert(*rows).returning(FailedTry.id)
    return [row["id"] for row in saved]


async def check_not_too_often(limit: Limit) -> None:
    """Refuse where a limit is used up."""
    tries = await FailedTry.count().where(
        (FailedTry.scope == limit.scope)
        & (FailedTry.key == limit.hashed_key)
        & (FailedTry.failed_at > clock.now() - limit.within)
    )
    if tries >= limit.most:
        raise TooOften(limit.within)


async def succeeded(tries: list[int], forget: Limit | None = None) -> None:
    """The try did not fail after all; `forget` also clears the earlier ones on the same thing."""
    async with writing():
        await FailedTry.delete().where(FailedTry.id.is_in(tries))
        if forget is not None:
            await FailedTry.delete().where(
                (FailedTry.scope == forget.scope) & (FailedTry.key == forget.hashed_key)
            )
