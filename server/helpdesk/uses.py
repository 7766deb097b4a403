"""The use of terminals, logged by taps, and its totals (H7). A mistaken use is voided (T5)."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from piccolo.querystring import QueryString

from server import clock, duration
from server.audit import entries
from server.database import locked, writing
from server.helpdesk import contacts, queries, terminals
from server.helpdesk.tables import HelpedBy, TerminalUse
from server.refusals import N_, Refused
from server.roles import Actor
from server.topics import procedures

Row = dict[str, Any]

ELSEWHERE = N_("This terminal belongs to another building.")
ANOTHER_TERMINAL = N_("This press of the button was for another terminal. Please begin anew.")
NOT_THERE = N_("This terminal did not stand there on that day.")


class By(StrEnum):
    """What totals are added up by."""

    terminal = "terminal"
    month = "month"
    procedure = "procedure"


@dataclass(frozen=True)
class UseFacts:
    """One use of a terminal; `used_at` None is now, `procedure_id` None: none, or not said."""

    terminal_id: int
    finished: bool
    minutes: int
    helped_by: HelpedBy
    procedure_id: int | None = None
    used_at: datetime | None = None


async def log(facts: UseFacts, *, submission: str, by: Actor) -> Row:
    """Enter a use and return it; the same `submission` answers with the first of that terminal.

    Refused at a terminal of another building, or that did not stand there on the day, in the
    future or more than 366 days ago, for minutes of no day, and for a procedure retired by then.
    """
    first = await queries.pressed(TerminalUse, submission)
    if first is not None:
        return _used_here(first, facts)
    at = facts.used_at or clock.now()
    await _check(facts, at, by)
    async with writing():
        rows = await (
            TerminalUse.insert(_use(facts, at, submission, by))
            .on_conflict(target=TerminalUse.submission, action="DO NOTHING")
            .returning(*TerminalUse.all_columns())
        )
        if rows:
            await entries.record(
                "terminal.used", "terminal_use", rows[0]["id"], by=by, terminal=facts.terminal_id
            )
            return dict(rows[0])
    first = await queries.pressed(TerminalUse, submission)  # the same press, a moment earlier
    assert first is not None
    return _used_here(first, facts)


async def void(use_id: int, *, by: Actor) -> None:
    """Take a use back: it stays, and counts no more. Twice does nothing more."""
    async with writing():
        await locked(f"terminal_use:{use_id}")
        use = (await TerminalUse.select().where(TerminalUse.id == use_id))[0]
        await _check_may_log(use["terminal"], by)
        if use["voided_at"] is not None:
            return
        await TerminalUse.update(
            {TerminalUse.voided_at: clock.now(), TerminalUse.voided_by: by.id}
        ).where((TerminalUse.id == use_id) & TerminalUse.voided_at.is_null())
        await entries.record("terminal.use_voided", "terminal_use", use_id, by=by)


async def last(terminal_id: int, limit: int = 8) -> list[Row]:
    """What was logged last at a terminal, newest first: taken back ones too."""
    query = QueryString(
        f"{_USES} WHERE terminal_use.terminal = {{}} ORDER BY terminal_use.id DESC LIMIT {{}}",
        terminal_id,
        limit,
    )
    rows: list[Row] = await TerminalUse.raw("{}", query)
    return rows


async def counts_since(first_on: date) -> dict[int, int]:
    """How many uses stand since that day, by terminal; none is left out."""
    rows = await TerminalUse.raw(_COUNTS, first_on)
    return {row["terminal"]: row["number"] for row in rows}


async def rows(first_on: date, last_on: date) -> list[Row]:
    """The uses that stand of days from first to last, both included, oldest first.

    With `terminal_name`, `venue_name`, `procedure_name` (None: none said), the terminal and
    procedure under which each counts. One statement.
    """
    query = QueryString(
        f"{_USES} WHERE terminal_use.used_on >= {{}} AND terminal_use.used_on <= {{}}"
        " AND terminal_use.voided_at IS NULL ORDER BY terminal_use.used_at, terminal_use.id",
        first_on,
        last_on,
    )
    found: list[Row] = await TerminalUse.raw("{}", query)
    return found


def fold(by: By, found: list[Row]) -> list[Row]:
    """Rows of `rows` added up: `key`, `name`, and what `summed` says; the most used first.

    Months stand in their order. Nothing said has the key "".
    """
    groups: dict[str, list[Row]] = {}
    for row in found:
        groups.setdefault(key_of(by, row), []).append(row)
    folded = [
        {"key": key, "name": _name(by, group[0]), **summed(group)} for key, group in groups.items()
    ]
    if by is By.month:
        return sorted(folded, key=lambda row: str(row["key"]))
    return sorted(folded, key=lambda row: (-row["number"], str(row["name"])))


def summed(found: list[Row]) -> Row:
    """Of rows: uses, how many came to an end, how many without help, and minutes in all."""
    return {
        "number": len(found),
        "finished": sum(1 for row in found if row["finished"]),
        "alone": sum(1 for row in found if row["helped_by"] == HelpedBy.nobody),
        "minutes": sum(row["minutes"] for row in found),
    }


def key_of(by: By, row: Row) -> str:
    """Under which line of the totals a use counts, as it stands in an address (T5)."""
    if by is By.month:
        return f"{row['used_on']:%Y-%m}"
    return str(row["terminal"] if by is By.terminal else row["counts_as"] or "")


def _name(by: By, row: Row) -> str:
    if by is By.terminal:
        return f"{row['terminal_name']} {row['venue_name']}"
    return row["procedure_name"] or "" if by is By.procedure else ""


async def _check(facts: UseFacts, at: datetime, by: Actor) -> None:
    terminal = await _check_may_log(facts.terminal_id, by)
    contacts.check_day(at)
    day = clock.on(at)
    if not terminals.stands(terminal, day):
        raise Refused(NOT_THERE)
    duration.check(facts.minutes)
    if facts.procedure_id is not None:
        await procedures.check_offered(facts.procedure_id, day)


async def _check_may_log(terminal_id: int, by: Actor) -> Row:
    terminal = await terminals.get(terminal_id)
    if terminal is None or not terminals.may_log(terminal, by):
        raise Refused(ELSEWHERE)
    return terminal


def _used_here(use: Row, facts: UseFacts) -> Row:
    """What a press has entered, for the terminal where it was pressed."""
    if use["terminal"] != facts.terminal_id:
        raise Refused(ANOTHER_TERMINAL)
    return use


def _use(facts: UseFacts, at: datetime, submission: str, by: Actor) -> TerminalUse:
    return TerminalUse(
        terminal=facts.terminal_id,
        procedure=facts.procedure_id,
        finished=facts.finished,
        minutes=facts.minutes,
        helped_by=facts.helped_by,
        used_at=at,
        used_on=clock.on(at),
        submission=submission,
        recorded_at=clock.now(),
        recorded_by=by.id,
    )


_USES = """
SELECT terminal_use.*, terminal.name AS terminal_name, venue.name AS venue_name,
    counted.id AS counts_as, counted.name AS procedure_name
FROM terminal_use
JOIN terminal ON terminal.id = terminal_use.terminal
JOIN venue ON venue.id = terminal.venue
LEFT JOIN procedure AS said ON said.id = terminal_use.procedure
LEFT JOIN procedure AS counted ON counted.id = COALESCE(said.merged_into, said.id)
"""

_COUNTS = """
SELECT terminal, COUNT(*) AS number FROM terminal_use
WHERE used_on >= {} AND voided_at IS NULL GROUP BY terminal
"""
