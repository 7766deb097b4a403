"""Terminals (窓口端末) for people who have no device: where each stands, from when to when (H7)."""

from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from server import clock, notes, text
from server.audit import entries
from server.database import Conflict, locked, writing
from server.helpdesk.tables import Terminal, TerminalUse
from server.places.tables import Venue
from server.refusals import N_, Refused, Stale
from server.roles import Actor, Role, keeps_masters

Row = dict[str, Any]

EVERYWHERE = frozenset({Role.helpdesk, Role.coordinator})

# Shown beside the field that it is about.
NUMBER_TAKEN = N_("There is already a terminal with this number.")
REMOVED_BEFORE = N_("It cannot be taken away before it was put there.")
NO_VENUE = N_("Please choose a venue that is in use.")
STAYS = N_(
    "Its use was logged in this building, and stays there. Please say since when this terminal is"
    " gone, and add a new one."
)
USED_BEFORE = N_("Its use was logged there on {day}; it was put there on that day at the latest.")
USED_AFTER = N_("Its use was logged there on {day}; it can be gone from the day after on.")
PLACE_HOLDS_MY_NUMBER = N_(
    "The place holds a My Number, which must not be written down here. Please take the twelve"
    " digits out and save again."
)


@dataclass(frozen=True)
class TerminalFacts:
    """What is known of a terminal; `number` is the city's own (備品番号), empty for none.

    It is there from `placed_on` until the day before `removed_on`.
    """

    name: str
    venue_id: int
    placed_on: date
    number: str = ""
    place: str = ""
    removed_on: date | None = None


async def everything() -> list[Row]:
    """Every terminal with `venue_name` and `in_use`, those in use first; one statement."""
    rows = [told(row) for row in await Terminal.raw(_TERMINALS + _IN_ORDER)]
    return sorted(rows, key=lambda row: not row["in_use"])


async def get(terminal_id: int) -> Row | None:
    """The terminal of an id, with `venue_name` and `in_use`, or None."""
    rows = await Terminal.raw(_TERMINALS + " WHERE terminal.id = {}", terminal_id)
    return told(rows[0]) if rows else None


def told(row: Row) -> Row:
    """The terminal, and whether it stands there today."""
    return row | {"in_use": stands(row, clock.today())}


def stands(terminal: Row, on: date) -> bool:
    """Is it there on that day?"""
    removed_on = terminal["removed_on"]
    return bool(terminal["placed_on"] <= on and (removed_on is None or on < removed_on))


def may_log(terminal: Row, by: Actor) -> bool:
    """Helpdesk and coordinators log the use of any terminal, venue staff in their building."""
    own = Role.venue in by.roles and terminal["venue"] in by.venue_ids
    return own or bool(EVERYWHERE & frozenset(by.roles))


def may_edit(by: Actor) -> bool:
    """Administrators keep the terminals, and coordinators of the overseeing section."""
    return keeps_masters(by)


def check_may_edit(by: Actor) -> None:
    """Refused for everybody else."""
    if not may_edit(by):
        raise Refused("Only administrators and the overseeing section edit the terminals.")


async def create(facts: TerminalFacts, *, by: Actor) -> int:
    """Add a terminal and return its id.

    Refused for a number that exists, for days in disorder, and for a My Number (H1).
    """
    check_may_edit(by)
    check_facts(facts)
    try:
        async with writing():
            await _check_venue(facts.venue_id)
            rows = await Terminal.insert(Terminal(**_columns(facts))).returning(Terminal.id)
            terminal_id = int(rows[0]["id"])
            await entries.record(
                "terminal.created", "terminal", terminal_id, by=by, **_columns(facts)
            )
            return terminal_id
    except Conflict as conflict:
        raise _refusal(conflict) from conflict


async def edit(terminal_id: int, facts: TerminalFacts, *, version: int, by: Actor) -> None:
    """Change a terminal, or say since when it is gone; its uses stay. Stale, else as `create`.

    Refused for another building once its use was logged, and for days in which that use is not.
    """
    check_may_edit(by)
    check_facts(facts)
    try:
        async with writing():
            was = await _held(terminal_id, version)
            if facts.venue_id != was["venue"]:
                await _check_venue(facts.venue_id)
                await _check_never_used(terminal_id)
            columns = _columns(facts)
            changed = {name: value for name, value in columns.items() if was[name] != value}
            if not changed:
                return
            if {"placed_on", "removed_on"} & changed.keys():
                await _check_used_within(terminal_id, facts)
            now: dict[Any, Any] = {**changed, "version": version + 1}
            await Terminal.update(now).where(Terminal.id == terminal_id)
            old = {name: was[name] for name in changed}
            await entries.record(
                "terminal.edited", "terminal", terminal_id, by=by, was=old, now=changed
            )
    except Conflict as conflict:
        raise _refusal(conflict) from conflict


def check_facts(facts: TerminalFacts) -> None:
    """No My Number in its texts (H1); nothing is taken away before it was put there."""
    notes.check_name(facts.name)
    if text.holds_my_number(facts.place):
        raise Refused(PLACE_HOLDS_MY_NUMBER)
    if facts.removed_on is not None and facts.removed_on < facts.placed_on:
        raise Refused(REMOVED_BEFORE)


async def _check_venue(venue_id: int) -> None:
    if not await Venue.exists().where((Venue.id == venue_id) & Venue.archived_at.is_null()):
        raise Refused(NO_VENUE)


async def _check_never_used(terminal_id: int) -> None:
    if await TerminalUse.exists().where(TerminalUse.terminal == terminal_id):
        raise Refused(STAYS)


async def _check_used_within(terminal_id: int, facts: TerminalFacts) -> None:
    """Every use that stands is of a day on which the terminal was there (T5)."""
    outside: Any = TerminalUse.used_on < facts.placed_on
    if facts.removed_on is not None:
        outside |= TerminalUse.used_on >= facts.removed_on
    stands = (TerminalUse.terminal == terminal_id) & TerminalUse.voided_at.is_null()
    used = TerminalUse.select(TerminalUse.used_on).distinct().where(stands & outside)
    days = await used.order_by(TerminalUse.used_on).output(as_list=True)
    if days and days[0] < facts.placed_on:
        raise Refused(USED_BEFORE, day=days[0])
    if days:
        raise Refused(USED_AFTER, day=days[-1])


async def _held(terminal_id: int, version: int) -> Row:
    await locked(f"terminal:{terminal_id}")
    row = (await Terminal.select().where(Terminal.id == terminal_id))[0]
    if row["version"] != version:
        raise Stale(row)
    return dict(row)


def _columns(facts: TerminalFacts) -> Row:
    columns = asdict(facts)
    columns["venue"] = columns.pop("venue_id")
    return columns | {"number": facts.number or None}


def _refusal(conflict: Conflict) -> Exception:
    return Refused(NUMBER_TAKEN) if conflict.name == "terminal_number_key" else conflict


_TERMINALS = """
SELECT terminal.*, venue.name AS venue_name FROM terminal
JOIN venue ON venue.id = terminal.venue
"""
_IN_ORDER = " ORDER BY venue.reading, terminal.name, terminal.id"
