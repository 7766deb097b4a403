"""The topics that courses, contacts and logs share."""

import tomllib
from pathlib import Path
from typing import Any

from server.database import locked, writing
from server.topics.tables import Topic

Row = dict[str, Any]

FILE = Path(__file__).with_name("topics.toml")


async def listed() -> list[Row]:
    """The topics in use, in the city's order."""
    return await Topic.select().where(Topic.retired_on.is_null()).order_by(Topic.position, Topic.id)


async def load() -> int:
    """Add the topics of `topics.toml` that are not there yet, and say how many.

    What the city has renamed, moved or retired since stays as it is; twice changes nothing.
    """
    async with writing():
        await locked("topics")
        known = set(await Topic.select(Topic.code).output(as_list=True))
        entries = tomllib.loads(FILE.read_text(encoding="utf-8"))["topic"]
        new = [
            Topic(code=entry["code"], name=entry["name"], position=position)
            for position, entry in enumerate(entries)
            if entry["code"] not in known
        ]
        if new:
            await Topic.insert(*new)
        return len(new)
