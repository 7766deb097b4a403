"""Has anything changed? What the page cache and the feeds ask before they render."""

import time

from server.database.engines import engine

POLL_SECONDS = 1.0


class _Seen:
    """What this process knows: its own commits at once, others' within POLL_SECONDS."""

    own_commits = 0
    polled = ""
    polled_at = float("-inf")


async def version() -> str:
    """An opaque text that differs once committed data differ.

    Seen at once by the process that wrote, within a second by all others. Read it before the
    data: what is rendered then is at least as new as the text says.
    """
    now = time.monotonic()
    if now - _Seen.polled_at >= POLL_SECONDS:
        _Seen.polled_at = now
        _Seen.polled = await engine().data_version()
    return f"{_Seen.own_commits}/{_Seen.polled}"


def committed() -> None:
    """This process has committed a change."""
    _Seen.own_commits += 1
