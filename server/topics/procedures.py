"""The online procedures that people ask about (手続), each with the section that answers for it."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlsplit

from server import clock, text
from server.database import writing
from server.places.tables import Section
from server.refusals import N_, Refused
from server.roles import Actor
from server.topics import masters, topics
from server.topics.tables import Procedure

Row = dict[str, Any]

# Of a file, in and out.
COLUMNS = (
    "手続コード",
    "手続名",
    "ふりがな",
    "分野コード",
    "担当課",
    "アドレス",
    "オンライン化年月日",
    "並び順",
)

# Shown beside the field that it is about.
NO_ADDRESS = N_("Please write the whole address, beginning with https or http.")
NO_SECTION = N_("There is no such section.")


@dataclass(frozen=True)
class ProcedureFacts:
    """What is said about a procedure; an empty code is given by us, and a code never changes."""

    name: str
    reading: str = ""
    topic_id: int | None = None
    section_id: int | None = None
    address: str = ""
    online_since: date | None = None
    position: int = 0
    code: str = ""

    def columns(self) -> Row:
        """The columns that a procedure is saved with, but its code."""
        return {
            "name": self.name,
            "reading": self.reading,
            "topic": self.topic_id,
            "section": self.section_id,
            "address": self.address,
            "online_since": self.online_since,
            "position": self.position,
        }


async def listed() -> list[Row]:
    """The procedures in use today, in the city's order, then by reading; one statement.

    Each with `section_name` and `topic`, the topic under which it counts.
    """
    today = clock.today()
    return [row for row in await _every() if masters.in_use(row, today)]


async def everything() -> list[Row]:
    """Every procedure, retired ones too, as `listed`, with `merged_name` and `in_use` today."""
    rows = await _every()
    known = {row["id"]: row["name"] for row in rows}
    today = clock.today()
    return [
        row
        | {
            "merged_name": known.get(row["merged_into"]),
            "in_use": masters.in_use(row, today),
        }
        for row in rows
    ]


async def names() -> dict[int, str]:
    """The name of every procedure by its id, of retired ones too."""
    return await masters.names(Procedure)


async def standing() -> dict[int, int]:
    """Each procedure's id, with the id under which it counts: merged ones under their target."""
    return await masters.standing(Procedure)


async def check_offered(procedure_id: int, on: date) -> Row:
    """The procedure, where it is offered on that day; one statement.

    Refused where it is unknown, or retired or merged by then; says what to choose instead.
    """
    return await masters.check_offered(Procedure, procedure_id, on)


async def create(facts: ProcedureFacts, *, by: Actor | None) -> Row:
    """Add a procedure.

    Refused for a code or name that is used, an address that is none, a topic not in use.
    """
    async with writing():
        masters.check_may_edit(by)
        await masters.hold(Procedure)
        await _check(facts, {"topic": None, "section": None})
        return await masters.add(Procedure, facts.columns() | {"code": facts.code}, by=by)


async def edit(procedure_id: int, facts: ProcedureFacts, *, version: int, by: Actor | None) -> Row:
    """Save what was changed, but the code, and return the procedure as it stands.

    Stale when somebody else has saved since `version` was read; Refused as `create`.
    """
    async with writing():
        procedure = await masters.held(Procedure, procedure_id, by)
        masters.check_version(procedure, version)
        await _check(facts, procedure)
        return await masters.change(Procedure, procedure, facts.columns(), by=by)


async def retire(procedure_id: int, retired_on: date, *, version: int, by: Actor | None) -> Row:
    """Offer a procedure no longer from that day on; its history stays. Twice does nothing more.

    Stale as `edit`; Refused for a day gone by.
    """
    async with writing():
        procedure = await masters.held(Procedure, procedure_id, by)
        return await masters.retire(Procedure, procedure, retired_on, version=version, by=by)


async def bring_back(procedure_id: int, *, version: int, by: Actor | None) -> Row:
    """Offer a retired or merged procedure again. Stale as `edit`; twice does nothing more."""
    async with writing():
        procedure = await masters.held(Procedure, procedure_id, by)
        return await masters.bring_back(Procedure, procedure, version=version, by=by)


async def merge(procedure_id: int, into_id: int, *, version: int, by: Actor | None) -> Row:
    """Count a procedure with another one from now on, and offer it no longer.

    Those merged into it before move along. Stale as `edit`; Refused where the other one is not
    in use. Twice does nothing more.
    """
    async with writing():
        procedure = await masters.held(Procedure, procedure_id, by)
        return await masters.merge(Procedure, procedure, into_id, version=version, by=by)


def is_address(words: str) -> bool:
    """Is it a web address that a browser opens: http or https, with a host, nothing odd in it?"""
    try:
        parts = urlsplit(words)
        odd = any(char.isspace() or char in "<>\"'\\" for char in words)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and not odd
    except ValueError:
        return False


async def _check(facts: ProcedureFacts, was: Row) -> None:
    if facts.address and not is_address(facts.address):
        raise Refused(NO_ADDRESS)
    if facts.topic_id not in (None, was["topic"]):
        await topics.check_offered(facts.topic_id, clock.today())
    if facts.section_id not in (None, was["section"]) and not await Section.exists().where(
        Section.id == facts.section_id
    ):
        raise Refused(NO_SECTION)


async def _every() -> list[Row]:
    rows = await Procedure.select(
        *Procedure.all_columns(),
        Procedure.section.name.as_alias("section_name"),
        Procedure.topic.merged_into.as_alias("topic_merged"),
    )
    for row in rows:
        row["topic"] = row.pop("topic_merged") or row["topic"]
    return sorted(
        rows, key=lambda row: (row["position"], text.reading_key(row["reading"]), row["id"])
    )
