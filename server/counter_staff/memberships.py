"""Who of the counter staff was in which section from when to when; never two at once (H5)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from piccolo.querystring import QueryString

from server import clock, notes
from server.audit import entries
from server.counter_staff.tables import Employment, StaffMembership
from server.database import locked, writing
from server.database.conditions import every, stood
from server.places.tables import Section
from server.refusals import Refused
from server.roles import Actor, Role, oversees

Row = dict[str, Any]

ENDED = "ended"  # why a row was voided whose place one with another last day has taken


@dataclass(frozen=True)
class MembershipFacts:
    """In which section, how employed, from a day to a day (None: still there), both included."""

    section_id: int
    employment: Employment
    first_on: date
    last_on: date | None = None


def manages_all(by: Actor | None) -> bool:
    """May this account change the whole register? None is the command line."""
    return by is None or oversees(by)


def may_manage(section_id: int | None, by: Actor | None) -> bool:
    """May this account change who is in that section: its own coordinator, or the overseeing?"""
    own = by is not None and Role.coordinator in by.roles and section_id == by.section_id
    return manages_all(by) or (own and section_id is not None)


def check_may_manage(section_id: int | None, by: Actor | None) -> None:
    """Refused for whoever may not change who is in that section."""
    if not may_manage(section_id, by):
        raise Refused("The counter staff of a section are kept by its own coordinators.")


async def hold() -> None:
    """Hold others who would change the register until this change ends."""
    await locked("counter staff")


async def begin(member_id: int, facts: MembershipFacts, *, by: Actor | None) -> Row:
    """Let a member be in a section from a day on, and return the row.

    会計年度任用 ends on 31 March at the latest, and does so where no last day is given. Refused
    where it ends before it begins, and where she is in a section already on one of those days.
    """
    async with writing():
        await hold()
        check_may_manage(facts.section_id, by)
        sound = bounded(facts)
        await _check_section(sound.section_id)
        await _check_free(member_id, sound)
        return await _insert(member_id, sound, by)


async def end(membership_id: int, last_on: date | None, *, by: Actor | None) -> Row:
    """Give a membership another last day (None: still there), and return the row that stands.

    The row before is voided (T5). The same day said twice changes nothing. Refused as `begin`.
    """
    async with writing():
        await hold()
        row = await _standing(membership_id)
        check_may_manage(row["section"], by)
        facts = bounded(replace(facts_of(row), last_on=last_on))
        if facts.last_on == row["last_on"]:
            return row
        await _void(membership_id, ENDED, by)
        await _check_free(row["member"], facts)
        return await _insert(row["member"], facts, by, instead_of=membership_id)


async def move(member_id: int, facts: MembershipFacts, *, by: Actor) -> Row:
    """Let a member change to another section on a day: the one before ends the day before.

    Whoever keeps the section that she leaves may send her on. Refused where she is nowhere on
    that day, or began only then.
    """
    async with writing():
        await hold()
        left = next((row for row in await of([member_id]) if covers(row, facts.first_on)), None)
        if left is None:
            raise Refused("She is in no section on {day}.", day=facts.first_on)
        if left["first_on"] == facts.first_on:
            raise Refused("She began there on that very day. Please take that back instead.")
        if left["section"] == facts.section_id:
            raise Refused("She is in this section already.")
        await end(left["id"], facts.first_on - timedelta(days=1), by=by)  # who may not is refused
        sound = bounded(facts)
        await _check_section(sound.section_id)
        await _check_free(member_id, sound)
        return await _insert(member_id, sound, by)


async def void(membership_id: int, reason: str, *, by: Actor) -> None:
    """Take a mistaken membership back. Refused without a reason, and done twice.

    Refused for a My Number in the reason too (H1).
    """
    notes.check(reason)
    async with writing():
        await hold()
        row = await _standing(membership_id)
        check_may_manage(row["section"], by)
        if not reason:
            raise Refused("Please write why.")
        await _void(membership_id, reason, by)
        await entries.record(
            "staff_membership.voided",
            "staff_member",
            row["member"],
            by=by,
            membership=membership_id,
        )


async def of(member_ids: Sequence[int]) -> list[Row]:
    """The memberships that stand, with `section_name`, the newest first."""
    if not member_ids:
        return []
    return await (
        StaffMembership.select(
            *StaffMembership.all_columns(), StaffMembership.section.name.as_alias("section_name")
        )
        .where(StaffMembership.member.is_in(list(member_ids)))
        .where(StaffMembership.voided_at.is_null())
        .order_by(StaffMembership.first_on, StaffMembership.id, ascending=False)
    )


async def last_section(member_id: int) -> int | None:
    """The section that a member is in, or was in last."""
    posts = await of([member_id])
    return posts[0]["section"] if posts else None


async def in_post(
    on: date, *, section_id: int | None = None, known_at: datetime | None = None
) -> list[Row]:
    """Who was in post on a day, as known at an instant (T5): by section and reading.

    Each with `member_id`, `person_id`, `membership_id`, `number`, `name`, `reading`, `employment`,
    `section_id`, `section_name`, `first_on` and `last_on`. Two members who turned out to be one
    human being have one `person_id`. One statement.
    """
    fits = [stood("staff_membership", known_at)]
    if section_id is not None:
        fits.append(QueryString("staff_membership.section = {}", section_id))
    rows: list[Row] = await StaffMembership.raw(_IN_POST, on, on, every(fits))
    return rows


def covers(row: Row, on: date) -> bool:
    """Is it a membership on that day?"""
    return bool(row["first_on"] <= on and (row["last_on"] is None or on <= row["last_on"]))


def bounded(facts: MembershipFacts) -> MembershipFacts:
    """The facts with the last day that 会計年度任用 has; Refused where the days do not fit."""
    if facts.last_on is not None and facts.last_on < facts.first_on:
        raise Refused("It cannot end before it begins.")
    if facts.employment != Employment.fiscal_year:
        return facts
    latest = clock.fiscal_days(clock.fiscal_year(facts.first_on))[1]
    if facts.last_on is not None and facts.last_on > latest:
        raise Refused("This employment ends with its fiscal year, on {day}.", day=latest)
    return replace(facts, last_on=facts.last_on or latest)


def facts_of(row: Row) -> MembershipFacts:
    """What a row says."""
    return MembershipFacts(
        row["section"], Employment(row["employment"]), row["first_on"], row["last_on"]
    )


async def _standing(membership_id: int) -> Row:
    row = await StaffMembership.select().where(StaffMembership.id == membership_id).first()
    if row is None or row["voided_at"] is not None:
        raise Refused("This has been changed or taken back in the meantime.")
    return row


async def _check_section(section_id: int) -> None:
    if not await Section.exists().where(Section.id == section_id):
        raise Refused("There is no such section.")


async def _check_free(member_id: int, facts: MembershipFacts) -> None:
    for row in await of([member_id]):
        ends_before = row["last_on"] is not None and row["last_on"] < facts.first_on
        begins_after = facts.last_on is not None and facts.last_on < row["first_on"]
        if not ends_before and not begins_after:
            raise Refused(
                "She is in the section {section} at that time, since {day}.",
                section=row["section_name"],
                day=row["first_on"],
            )


async def _insert(
    member_id: int, facts: MembershipFacts, by: Actor | None, instead_of: int | None = None
) -> Row:
    row = StaffMembership(
        member=member_id,
        section=facts.section_id,
        employment=facts.employment,
        first_on=facts.first_on,
        last_on=facts.last_on,
        recorded_at=clock.now(),
        recorded_by=by.id if by else None,
    )
    [kept] = await StaffMembership.insert(row).returning(*StaffMembership.all_columns())
    await entries.record(
        "staff_membership.entered",
        "staff_member",
        member_id,
        by=by,
        membership=kept["id"],
        section=facts.section_id,
        employment=facts.employment,
        first_on=facts.first_on,
        last_on=facts.last_on,
        instead_of=instead_of,
    )
    return kept


async def _void(membership_id: int, reason: str, by: Actor | None) -> None:
    await StaffMembership.update(
        {
            StaffMembership.voided_at: clock.now(),
            StaffMembership.voided_by: by.id if by else None,
            StaffMembership.void_reason: reason,
        }
    ).where(StaffMembership.id == membership_id)


_IN_POST = """
SELECT staff_member.id AS member_id, staff_membership.id AS membership_id, staff_member.number,
    stays.id AS person_id, stays.name, stays.reading, staff_membership.employment,
    staff_membership.section AS section_id, section.name AS section_name,
    staff_membership.first_on, staff_membership.last_on
FROM staff_membership
JOIN staff_member ON staff_member.id = staff_membership.member
JOIN section ON section.id = staff_membership.section
JOIN person ON person.id = staff_member.person
JOIN person AS stays ON stays.id = COALESCE(person.merged_into, person.id)
WHERE staff_membership.first_on <= {}
    AND (staff_membership.last_on IS NULL OR staff_membership.last_on >= {}) AND {}
ORDER BY section.id, stays.reading, staff_member.id
"""
