"""The desks where contacts are logged: which are whose, and what a contact takes there."""

from dataclasses import dataclass, field, replace
from typing import Any

from server import clock, duration
from server.audit import entries
from server.database import Conflict, locked, writing
from server.helpdesk.queries import ContactFilters, Own
from server.helpdesk.tables import Contact, ContactChannel, Desk
from server.refusals import N_, Refused, Stale
from server.roles import Actor, Role, keeps_masters, oversees

Row = dict[str, Any]

AT_DESKS = frozenset({Role.helpdesk, Role.coordinator, Role.venue})
DEFAULT_MINUTES = {
    ContactChannel.phone: 10,
    ContactChannel.counter: 10,
    ContactChannel.visit: 15,
    ContactChannel.fax: 10,
    ContactChannel.email: 10,
}
NAME_TAKEN = N_("There is already a desk with this name.")
STAYS = N_(
    "Contacts were logged here, so this desk keeps its building and its section. Please take it"
    " out of use and add a new one."
)


@dataclass(frozen=True)
class DeskFacts:
    """What is known of a desk; `minutes` by channel are those of one contact (H1)."""

    name: str
    section_id: int | None = None
    venue_id: int | None = None
    minutes: dict[ContactChannel, int] = field(default_factory=lambda: dict(DEFAULT_MINUTES))
    position: int = 0


async def listed(by: Actor) -> list[Row]:
    """The desks in use at which `by` logs, in the city's order.

    Each with `venue_name`, `section_name` and the district of its building.
    """
    rows: list[Row] = await Desk.raw(_LISTED)
    return [row for row in rows if row["archived_at"] is None and may_log(row, by)]


async def everything() -> list[Row]:
    """Every desk with the names of its venue and section, archived ones too; one statement."""
    rows: list[Row] = await Desk.raw(_LISTED)
    return rows


async def get(desk_id: int) -> Row | None:
    """The desk of an id, with `venue_name`, `section_name` and `district_id`, or None."""
    rows: list[Row] = await Desk.raw(_ONE, desk_id)
    return rows[0] if rows else None


def default_minutes(desk: Row, channel: ContactChannel | str) -> int:
    """The minutes that one contact by this channel takes at the desk by default (H1)."""
    return int(desk[f"{channel}_minutes"])


def sees_all(by: Actor) -> bool:
    """Are all desks open to `by`: helpdesk, and coordinators of the overseeing section?"""
    return Role.helpdesk in by.roles or oversees(by)


def reach(by: Actor) -> Own | None:
    """The contacts that are hers to read (P1); None is all of them."""
    if sees_all(by):
        return None
    section = by.section_id if Role.coordinator in by.roles else None
    return Own(tuple(sorted(by.venue_ids)), section)


def readable(filters: ContactFilters, by: Actor) -> ContactFilters:
    """The filters within what `by` may read (P1)."""
    return replace(filters, only=reach(by))


def may_log(desk: Row, by: Actor) -> bool:
    """Does `by` log at this desk (P1)? Coordinators of its section, venue staff in its building."""
    coordinates = Role.coordinator in by.roles and by.section_id is not None
    own_section = coordinates and desk["section"] == by.section_id
    own_venue = Role.venue in by.roles and desk["venue"] in by.venue_ids
    return sees_all(by) or own_section or own_venue


def check_own(desk: Row, by: Actor) -> None:
    """Refused at the desk of another section and building (P1), archived or not."""
    if not may_log(desk, by):
        raise Refused("This desk belongs to another section or building.")


def check_may_log(desk: Row, by: Actor) -> None:
    """Refused for a desk that is archived, and for who does not log there (P1)."""
    check_own(desk, by)
    if desk["archived_at"] is not None:
        raise Refused("The desk {name} is no longer in use.", name=desk["name"])


def may_edit(by: Actor) -> bool:
    """Administrators edit the desks, and coordinators of the overseeing section."""
    return keeps_masters(by)


def check_may_edit(by: Actor) -> None:
    """Refused for everybody who does not keep the desks."""
    if not may_edit(by):
        raise Refused("Only administrators and the overseeing section edit the desks.")


async def create(facts: DeskFacts, *, by: Actor) -> int:
    """Add a desk and return its id. Refused for a name that exists, and minutes of no day."""
    check_may_edit(by)
    check_facts(facts)
    try:
        async with writing():
            rows = await Desk.insert(Desk(**_columns(facts))).returning(Desk.id)
            await entries.record("desk.created", "desk", rows[0]["id"], by=by, **_told(facts))
            return int(rows[0]["id"])
    except Conflict as conflict:
        raise _refusal(conflict) from conflict


async def edit(desk_id: int, facts: DeskFacts, *, version: int, by: Actor) -> None:
    """Change a desk; what was logged there stays as it is. Stale where somebody was first.

    Refused for another building or section once something was logged: its notes would be read
    there (P1).
    """
    check_may_edit(by)
    check_facts(facts)
    try:
        async with writing():
            was = await _held(desk_id, version)
            if (facts.venue_id, facts.section_id) != (was["venue"], was["section"]):
                await _check_nothing_logged(desk_id)
            changes: dict[Any, Any] = _columns(facts) | {"version": version + 1}
            await Desk.update(changes).where(Desk.id == desk_id)
            told = _told(facts) | {"from": {name: was[name] for name in _told(facts)["to"]}}
            await entries.record("desk.edited", "desk", desk_id, by=by, **told)
    except Conflict as conflict:
        raise _refusal(conflict) from conflict


async def archive(desk_id: int, *, version: int, by: Actor) -> None:
    """Take a desk out of use; its contacts stay and count."""
    await _set_archived(desk_id, True, version, by)


async def bring_back(desk_id: int, *, version: int, by: Actor) -> None:
    """Put an archived desk to use again."""
    await _set_archived(desk_id, False, version, by)


def check_facts(facts: DeskFacts) -> None:
    """A desk has a name, and minutes of 0 to 1440."""
    if not facts.name:
        raise Refused("Please name the desk.")
    for each in facts.minutes.values():
        duration.check(each)


async def _set_archived(desk_id: int, archived: bool, version: int, by: Actor) -> None:
    check_may_edit(by)
    async with writing():
        await _held(desk_id, version)
        await Desk.update(
            {Desk.archived_at: clock.now() if archived else None, Desk.version: version + 1}
        ).where(Desk.id == desk_id)
        action = "desk.archived" if archived else "desk.brought_back"
        await entries.record(action, "desk", desk_id, by=by)


async def _check_nothing_logged(desk_id: int) -> None:
    if await Contact.exists().where(Contact.desk == desk_id):
        raise Refused(STAYS)


async def _held(desk_id: int, version: int) -> Row:
    await locked(f"desk:{desk_id}")
    row = (await Desk.select().where(Desk.id == desk_id))[0]
    if row["version"] != version:
        raise Stale(row)
    return dict(row)


def _columns(facts: DeskFacts) -> Row:
    minutes = {f"{channel}_minutes": facts.minutes[channel] for channel in ContactChannel}
    return {
        "name": facts.name,
        "section": facts.section_id,
        "venue": facts.venue_id,
        "position": facts.position,
        **minutes,
    }


def _told(facts: DeskFacts) -> Row:
    return {"to": {name: value for name, value in _columns(facts).items() if name != "name"}}


def _refusal(conflict: Conflict) -> Exception:
    return Refused(NAME_TAKEN) if conflict.name == "desk_name_key" else conflict


_COLUMNS = """
SELECT desk.*, venue.name AS venue_name, section.name AS section_name,
    venue.district AS district_id
FROM desk
LEFT JOIN venue ON venue.id = desk.venue
LEFT JOIN section ON section.id = desk.section
"""

_LISTED = _COLUMNS + " ORDER BY desk.position, desk.id"

_ONE = _COLUMNS + " WHERE desk.id = {}"
