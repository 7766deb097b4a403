"""What topics and procedures have in common: changed by few, retired or merged, never deleted."""

import json
import re
from datetime import date
from typing import Any

from server import clock, text
from server.audit import entries
from server.audit.tables import AuditEntry
from server.database import locked, writing
from server.refusals import N_, Refused, Stale
from server.roles import Actor, keeps_masters
from server.topics.tables import Procedure, Topic

Row = dict[str, Any]
Master = type[Topic] | type[Procedure]

# Shown beside the field that it is about.
CODE_TAKEN = N_("This code is used already.")
NO_CODE = N_(
    "Please use letters, digits, hyphens and dots, at most 40 of them, for example basic-1."
)
NAME_TAKEN = N_("This name is used already. Please choose another, so that nobody mixes them up.")
RETIRED_BEFORE = N_("Please choose today or a later day.")
OFFERED_INSTEAD = N_("“{name}” is no longer offered. Please choose “{other}” instead.")
NOT_OFFERED = N_("“{name}” is no longer offered. Please choose another.")
INTO_ITSELF = N_("Please choose another one: it cannot be merged into itself.")

UNKNOWN_TOPIC = N_("There is no such topic.")
UNKNOWN_PROCEDURE = N_("There is no such procedure.")
UNKNOWN = {"topic": UNKNOWN_TOPIC, "procedure": UNKNOWN_PROCEDURE}


CODE = re.compile(r"[A-Za-z0-9]+([-_.][A-Za-z0-9]+)*")
LONGEST_CODE = 40
EARLIEST = 1990  # year: nothing was online before


def code_key(words: str) -> str:
    """A code as it is kept and compared: full-width letters and digits are plain ones."""
    return text.badge_key(words)


def is_code(words: str) -> bool:
    """Is it a code: letters and digits, with hyphens, underlines and dots between them?"""
    return len(words) <= LONGEST_CODE and bool(CODE.fullmatch(words))


def may_edit(by: Actor) -> bool:
    """Topics and procedures are for administrators and the section that oversees all."""
    return keeps_masters(by)


def check_may_edit(by: Actor | None) -> None:
    """Refused for everybody else; `by` is None on the command line."""
    if by is not None and not may_edit(by):
        raise Refused("Topics and procedures are for the section that oversees all classes.")


def in_use(row: Row, on: date) -> bool:
    """Is it offered on that day?"""
    return row["retired_on"] is None or on < row["retired_on"]


async def names(table: Master) -> dict[int, str]:
    """Every name by id, of retired ones too."""
    rows = await table.select(table.id, table.name)
    return {row["id"]: row["name"] for row in rows}


async def standing(table: Master) -> dict[int, int]:
    """Each id, with the id under which it counts: merged ones under their target."""
    rows = await table.select(table.id, table.merged_into)
    return {row["id"]: row["merged_into"] or row["id"] for row in rows}


def counting_under(standing: dict[int, int], row_id: int) -> list[int]:
    """The ids that count under this one, itself first, as `standing` has it."""
    return [row_id, *(each for each, under in standing.items() if under == row_id != each)]


async def check_offered(table: Master, row_id: int, on: date) -> Row:
    """The row, where it is offered on that day; one statement.

    Refused where it is unknown, or retired or merged by then; says what to choose instead.
    """
    other = table.merged_into
    row = (
        await table.select(
            *table.all_columns(), other.name.as_alias("other"), other.retired_on.as_alias("until")
        )
        .where(table.id == row_id)
        .first()
    )
    if row is None:
        raise Refused(UNKNOWN[subject(table)])
    name, until = row.pop("other"), row.pop("until")
    if in_use(row, on):
        return row
    if row["merged_into"] and in_use({"retired_on": until}, on):
        raise Refused(OFFERED_INSTEAD, name=row["name"], other=name)
    raise Refused(NOT_OFFERED, name=row["name"])


async def get(table: Master, row_id: int) -> Row | None:
    """One of them as it stands; None when there is no such."""
    return await table.select().where(table.id == row_id).first()


async def add(table: Master, columns: Row, *, by: Actor | None) -> Row:
    """Add one. Refused where its code, or its name among those in use, is used already.

    One without a code gets one.
    """
    code = columns["code"] or await _free_code(table)
    if await table.exists().where(table.code == code):
        raise Refused(CODE_TAKEN)
    await check_name_free(table, columns["name"])
    added = columns | {"code": code}
    anew: Any = table(**added)
    [row] = await table.insert(anew).returning(*table.all_columns())
    await entries.record(f"{subject(table)}.created", subject(table), row["id"], by=by, **added)
    return row


async def change(table: Master, row: Row, columns: Row, *, by: Actor | None) -> Row:
    """Save what differs of `columns`, and return the row as it stands."""
    changed = {name: value for name, value in columns.items() if row[name] != value}
    if not changed:
        return row
    if "name" in changed:
        await check_name_free(table, changed["name"])
    return await save(table, row, changed, "changed", by=by)


async def retire(
    table: Master, row: Row, retired_on: date, *, version: int, by: Actor | None
) -> Row:
    """Offer it no longer from that day on. Refused for a day gone by; twice does nothing more."""
    if row["retired_on"] == retired_on:
        return row
    check_version(row, version)
    if retired_on < clock.today():
        raise Refused(RETIRED_BEFORE)
    if not in_use(row, clock.today()):
        raise Refused("This is no longer in use already.")
    return await save(table, row, {"retired_on": retired_on}, "retired", by=by)


async def bring_back(table: Master, row: Row, *, version: int, by: Actor | None) -> Row:
    """Offer it again; what was merged counts by itself again. Twice does nothing more."""
    if row["retired_on"] is None:
        return row
    check_version(row, version)
    await check_name_free(table, row["name"], row["id"])
    back = {"retired_on": None, "merged_into": None}
    return await save(table, row, back, "brought_back", by=by)


async def merge(table: Master, row: Row, into_id: int, *, version: int, by: Actor | None) -> Row:
    """Offer it no longer, and count it with another from now on; earlier mergers move along.

    Refused where the other one is itself, or is not in use. Twice does nothing more.
    """
    if row["merged_into"] == into_id:
        return row
    check_version(row, version)
    if into_id == row["id"]:
        raise Refused(INTO_ITSELF)
    today = clock.today()
    await check_offered(table, into_id, today)
    earlier = await table.select(table.id).where(table.merged_into == row["id"]).order_by(table.id)
    along: dict[Any, Any] = {table.merged_into: into_id, table.version: table.version + 1}
    await table.update(along).where(table.merged_into == row["id"])
    ended = row["retired_on"] if not in_use(row, today) else today
    columns = {"merged_into": into_id, "retired_on": ended}
    moved = {"moved_along": [each["id"] for each in earlier]} if earlier else {}
    return await save(table, row, columns, "merged", by=by, **moved)


async def held(table: Master, row_id: int, by: Actor | None) -> Row:
    """The row as it stands, held until the change ends; Refused for who may not edit it."""
    check_may_edit(by)
    await hold(table)
    row = await get(table, row_id)
    if row is None:
        raise Refused(UNKNOWN[subject(table)])
    return row


async def history(table: Master, row_id: int) -> list[Row]:
    """What the audit knows of one of them, the newest first.

    `action`, `at`, `was`, `now`, and `by`: an account's id, None for the command line.
    """
    rows = await (
        AuditEntry.select(
            AuditEntry.action, AuditEntry.recorded_at, AuditEntry.actor, AuditEntry.facts
        )
        .where((AuditEntry.subject == subject(table)) & (AuditEntry.subject_id == row_id))
        .order_by(AuditEntry.id, ascending=False)
    )
    return [_change(row) for row in rows]


def _change(entry: Row) -> Row:
    facts = json.loads(entry["facts"])
    action = entry["action"].partition(".")[2]
    now = facts if action == "created" else facts["now"]
    return {
        "action": action,
        "at": entry["recorded_at"],
        "by": entry["actor"],
        "was": facts.get("was", {}),
        "now": now,
    }


async def hold(table: Master) -> None:
    """Nobody else changes any of them until this change ends."""
    await locked(f"{subject(table)}s")


def check_version(row: Row, version: int) -> None:
    """Nobody overwrites what she has not seen."""
    if row["version"] != version:
        raise Stale(row)


async def check_name_free(table: Master, name: str, own_id: int = 0) -> None:
    """Two that are in use never have one name."""
    same = await table.select(table.id, table.retired_on).where(table.name == name)
    if any(row["id"] != own_id and in_use(row, clock.today()) for row in same):
        raise Refused(NAME_TAKEN)


async def save(
    table: Master, row: Row, columns: Row, action: str, *, by: Actor | None, **facts: Any
) -> Row:
    """Save columns with what they were; it is another one for whoever has seen it before."""
    async with writing():
        now: dict[Any, Any] = columns | {"version": row["version"] + 1}
        await table.update(now).where(table.id == row["id"])
        was = {name: row[name] for name in columns}
        name = subject(table)
        said = {"was": was, "now": columns, **facts}
        await entries.record(f"{name}.{action}", name, row["id"], by=by, **said)
        return row | now


def subject(table: Master) -> str:
    """What the audit calls one of them."""
    return str(table._meta.tablename)


async def _free_code(table: Master) -> str:
    known = set(await table.select(table.code).output(as_list=True))
    number = next(
        each for each in range(1, len(known) + 2) if f"{_initial(table)}{each}" not in known
    )
    return f"{_initial(table)}{number}"


def _initial(table: Master) -> str:
    return subject(table)[0]
