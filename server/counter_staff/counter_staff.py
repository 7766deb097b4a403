"""The register of counter staff (窓口職員): who they are, by section on a day (H5)."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from piccolo.querystring import QueryString

from server import clock, text
from server.audit import entries
from server.counter_staff import memberships
from server.counter_staff.memberships import MembershipFacts, check_may_manage, manages_all
from server.counter_staff.tables import Employment, StaffMember
from server.database import writing
from server.people.matching import Identity, find_or_add
from server.people.tables import Person
from server.refusals import Refused, Stale
from server.roles import Actor

Row = dict[str, Any]

PAGE = 50
# What a file of counter staff is headed: the one that is taken along can be taken in again (F3).
FILE_COLUMNS = ("職員番号", "氏名", "ふりがな", "担当課", "雇用区分", "着任日", "離任日")
FILE_EMPLOYMENTS = {
    Employment.regular: "正規",
    Employment.fiscal_year: "会計年度任用",
    Employment.contracted: "委託",
}


@dataclass(frozen=True)
class MemberFacts:
    """Who a member is; the number is the city's own (職員番号), if there is one."""

    name: str
    reading: str
    number: str | None = None


@dataclass(frozen=True)
class Filters:
    """Which members a list shows: of a day, a section, a name or number; those who left too."""

    on: date
    section_id: int | None = None
    words: str = ""
    everybody: bool = False


async def add(facts: MemberFacts, membership: MembershipFacts, *, by: Actor | None) -> Row:
    """Put a member on the register with her first section, and return the row.

    She is a person of her own, whoever else has her name (B2). Refused for a number that somebody
    has, without a number where somebody of her name began there on that day, and as
    `memberships.begin`.
    """
    async with writing():
        await memberships.hold()
        check_may_manage(membership.section_id, by)
        await _check_number_free(facts.number, None)
        if facts.number is None:
            await _check_not_there(facts, membership)
        person_id = await find_or_add(Identity(facts.name, facts.reading))
        row = StaffMember(person=person_id, number=facts.number, created_at=clock.now())
        [kept] = await StaffMember.insert(row).returning(*StaffMember.all_columns())
        await entries.record("staff_member.added", "staff_member", kept["id"], by=by)
        await memberships.begin(kept["id"], membership, by=by)
        return kept


async def edit(member_id: int, facts: MemberFacts, *, version: int, by: Actor | None) -> None:
    """Keep a changed name, reading or number. Stale where somebody else has saved in between."""
    async with writing():
        await memberships.hold()
        row = await known(member_id)
        await check_may_edit(member_id, by)
        if row["version"] != version:
            raise Stale(row)
        await _check_number_free(facts.number, member_id)
        changed = sorted(name for name, value in vars(facts).items() if row[name] != value)
        await Person.update(
            {
                Person.name: facts.name,
                Person.reading: facts.reading,
                Person.reading_key: text.reading_key(facts.reading),
            }
        ).where(Person.id == row["person_id"])
        await StaffMember.update(
            {StaffMember.number: facts.number, StaffMember.version: version + 1}
        ).where(StaffMember.id == member_id)
        said: Row = {"changed": changed}
        if "number" in changed:  # names stay out of the audit
            said |= {"was": {"number": row["number"]}, "now": {"number": facts.number}}
        await entries.record("staff_member.changed", "staff_member", member_id, by=by, **said)


async def get(member_id: int) -> Row | None:
    """A member with name, reading, and `login` of the account that is hers, if there is one."""
    rows = await StaffMember.raw("{}", QueryString(_MEMBER, member_id))
    return rows[0] if rows else None


async def known(member_id: int) -> Row:
    """As `get`; Refused where there is nobody."""
    row = await get(member_id)
    if row is None:
        raise Refused("There is no such member of the counter staff.")
    return row


async def may_edit(member_id: int, by: Actor | None) -> bool:
    """May this account change her card: does she belong, or last belonged, to its section?"""
    if manages_all(by):
        return True
    return memberships.may_manage(await memberships.last_section(member_id), by)


async def check_may_edit(member_id: int, by: Actor | None) -> None:
    """Refused for whoever does not keep the section that she was in last."""
    if not await may_edit(member_id, by):
        raise Refused("The counter staff of a section are kept by its own coordinators.")


async def listed(filters: Filters, page: int | None = 1) -> tuple[list[Row], bool]:
    """A page of fifty of the members that fit, by section and reading; and are there more?

    Page None is all of them, for a file. One statement.
    """
    rows = await StaffMember.raw("{}", QueryString(_LISTED, filters.on, filters.on))
    fitting = [row for row in rows if _fits(row, filters)]
    if page is None:
        return fitting, False
    first = (page - 1) * PAGE
    return fitting[first : first + PAGE], len(fitting) > first + PAGE


async def everybody() -> list[Row]:
    """Every member's `member_id`, `number`, `name`, `reading`, `version`: what files match with."""
    rows: list[Row] = await StaffMember.raw(_EVERYBODY)
    return rows


def _fits(row: Row, filters: Filters) -> bool:
    if filters.section_id is not None and row["section_id"] != filters.section_id:
        return False
    if row["section_id"] is None and not filters.everybody:
        return False
    known = text.search_text(f"{row['name']} {row['reading']} {row['number'] or ''}").split()
    asked = text.search_words(filters.words)
    return all(any(word.startswith(each) for word in known) for each in asked)


async def _check_number_free(number: str | None, member_id: int | None) -> None:
    if number is None:
        return
    found = await StaffMember.select(StaffMember.id).where(StaffMember.number == number).first()
    if found is not None and found["id"] != member_id:
        raise Refused("Somebody else has the staff number {number}.", number=number)


async def _check_not_there(facts: MemberFacts, membership: MembershipFacts) -> None:
    """A button pressed twice is no second person."""
    key = text.reading_key(facts.reading)
    began = membership.first_on
    for row in await memberships.in_post(began, section_id=membership.section_id):
        if row["first_on"] == began and text.reading_key(row["reading"]) == key:
            raise Refused(
                "Somebody of this name began in this section on that day. If this is another"
                " person, please write the staff number."
            )


_MEMBER = """
SELECT staff_member.id, staff_member.number, staff_member.version, stays.id AS person_id,
    stays.name, stays.reading, account.login
FROM staff_member
JOIN person ON person.id = staff_member.person
JOIN person AS stays ON stays.id = COALESCE(person.merged_into, person.id)
LEFT JOIN account ON account.person = stays.id AND account.disabled_at IS NULL
WHERE staff_member.id = {}
ORDER BY account.id
"""

_LISTED = """
SELECT staff_member.id, staff_member.number, stays.name, stays.reading,
    staff_membership.section AS section_id, section.name AS section_name,
    staff_membership.employment, staff_membership.first_on, staff_membership.last_on
FROM staff_member
JOIN person ON person.id = staff_member.person
JOIN person AS stays ON stays.id = COALESCE(person.merged_into, person.id)
LEFT JOIN staff_membership ON staff_membership.member = staff_member.id
    AND staff_membership.voided_at IS NULL AND staff_membership.first_on <= {}
    AND (staff_membership.last_on IS NULL OR staff_membership.last_on >= {})
LEFT JOIN section ON section.id = staff_membership.section
ORDER BY CASE WHEN section.id IS NULL THEN 1 ELSE 0 END, section.id, stays.reading,
    staff_member.id
"""

_EVERYBODY = """
SELECT staff_member.id AS member_id, staff_member.number, staff_member.version, stays.name,
    stays.reading
FROM staff_member
JOIN person ON person.id = staff_member.person
JOIN person AS stays ON stays.id = COALESCE(person.merged_into, person.id)
ORDER BY staff_member.id
"""
