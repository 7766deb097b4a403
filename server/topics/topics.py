"""The topics that courses, contacts and logs share: one tree, at most one level deep."""

import tomllib
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from server import clock
from server.database import writing
from server.refusals import N_, Refused
from server.roles import Actor
from server.topics import masters
from server.topics.tables import Topic

Row = dict[str, Any]

COLUMNS = ("分野コード", "分野名", "上位分野コード", "並び順")  # of a file, in and out
FILE = Path(__file__).with_name("topics.toml")

# Shown beside the field that it is about.
TOO_DEEP = N_("This topic stands under another one itself. Please choose one that does not.")
HAS_SOME_UNDER = N_("There are topics under this one, so it cannot stand under another.")
PARENT_NOT_IN_USE = N_("The topic above is no longer in use.")


@dataclass(frozen=True)
class TopicFacts:
    """What is said about a topic; an empty code is given by us, and a code never changes."""

    name: str
    parent_id: int | None = None
    position: int = 0
    code: str = ""

    def columns(self) -> Row:
        """The columns that a topic is saved with, but its code."""
        return {"name": self.name, "parent": self.parent_id, "position": self.position}


async def listed() -> list[Row]:
    """The topics in use today, in the city's order, each followed by those under it."""
    rows = await Topic.select()
    today = clock.today()
    return _as_tree([row for row in rows if masters.in_use(row, today)])


async def everything() -> list[Row]:
    """Every topic, retired ones too, in the order of `listed`, with `parent_name`, `merged_name`.

    `in_use` says whether it is offered today.
    """
    rows = await Topic.select()
    known = {row["id"]: row["name"] for row in rows}
    today = clock.today()
    return [
        row
        | {
            "parent_name": known.get(row["parent"]),
            "merged_name": known.get(row["merged_into"]),
            "in_use": masters.in_use(row, today),
        }
        for row in _as_tree(rows)
    ]


async def names() -> dict[int, str]:
    """The name of every topic by its id, of retired ones too."""
    return await masters.names(Topic)


async def standing() -> dict[int, int]:
    """Each topic's id, with the id under which it counts: merged ones under their target."""
    return await masters.standing(Topic)


async def check_offered(topic_id: int, on: date) -> Row:
    """The topic, where it is offered on that day; one statement.

    Refused where it is unknown, or retired or merged by then; says what to choose instead.
    """
    return await masters.check_offered(Topic, topic_id, on)


async def get(topic_id: int) -> Row | None:
    """One topic; None when there is no such."""
    return await masters.get(Topic, topic_id)


async def create(facts: TopicFacts, *, by: Actor | None) -> Row:
    """Add a topic. Refused for a code or name that is used, and for more than two levels."""
    async with writing():
        masters.check_may_edit(by)
        await masters.hold(Topic)
        await _check_parent(facts.parent_id)
        return await masters.add(Topic, facts.columns() | {"code": facts.code}, by=by)


async def edit(topic_id: int, facts: TopicFacts, *, version: int, by: Actor | None) -> Row:
    """Save what was changed, but the code, and return the topic as it stands.

    Stale when somebody else has saved since `version` was read; Refused as `create`.
    """
    async with writing():
        topic = await masters.held(Topic, topic_id, by)
        masters.check_version(topic, version)
        if facts.parent_id != topic["parent"]:
            await _check_parent(facts.parent_id, topic_id)
        return await masters.change(Topic, topic, facts.columns(), by=by)


async def retire(topic_id: int, retired_on: date, *, version: int, by: Actor | None) -> Row:
    """Offer a topic no longer from that day on; its history stays. Twice does nothing more.

    Stale as `edit`; Refused for a day gone by and while topics in use stand under it.
    """
    async with writing():
        topic = await masters.held(Topic, topic_id, by)
        await _check_nothing_under(topic_id)
        return await masters.retire(Topic, topic, retired_on, version=version, by=by)


async def bring_back(topic_id: int, *, version: int, by: Actor | None) -> Row:
    """Offer a retired or merged topic again. Stale as `edit`; twice does nothing more.

    Refused while the topic above it is retired, or another one has its name.
    """
    async with writing():
        topic = await masters.held(Topic, topic_id, by)
        if topic["retired_on"] is not None:
            await _check_parent(topic["parent"], topic_id)
        return await masters.bring_back(Topic, topic, version=version, by=by)


async def merge(topic_id: int, into_id: int, *, version: int, by: Actor | None) -> Row:
    """Count a topic with another one from now on, and offer it no longer.

    Those merged into it before move along. Stale as `edit`; Refused where the other one is not
    in use, and while topics in use stand under this one. Twice does nothing more.
    """
    async with writing():
        topic = await masters.held(Topic, topic_id, by)
        await _check_nothing_under(topic_id)
        return await masters.merge(Topic, topic, into_id, version=version, by=by)


async def load() -> int:
    """Add the topics of `topics.toml` that are not there yet, and say how many.

    What the city has renamed, moved or retired since stays as it is; twice changes nothing.
    """
    async with writing():
        await masters.hold(Topic)
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


async def _check_parent(parent_id: int | None, own_id: int = 0) -> None:
    if parent_id is None:
        return
    parent = await get(parent_id)
    if parent is None:
        raise Refused(masters.UNKNOWN_TOPIC)
    if parent["parent"] is not None or parent_id == own_id:
        raise Refused(TOO_DEEP)
    if parent["retired_on"] is not None:
        raise Refused(PARENT_NOT_IN_USE)
    if own_id and await Topic.exists().where(Topic.parent == own_id):
        raise Refused(HAS_SOME_UNDER)


async def _check_nothing_under(topic_id: int) -> None:
    today = clock.today()
    rows = await Topic.select().where(Topic.parent == topic_id)
    under = [row["name"] for row in _as_tree(rows) if masters.in_use(row, today)]
    if under:
        raise Refused(
            "These topics stand under it: {names}. Please move or retire them first.",
            names="、".join(under),
        )


def _as_tree(rows: list[Row]) -> list[Row]:
    places = {row["id"]: (row["position"], row["id"]) for row in rows}
    return sorted(
        rows,
        key=lambda row: (
            places.get(row["parent"], places[row["id"]]),
            row["parent"] in places,
            places[row["id"]],
        ),
    )
