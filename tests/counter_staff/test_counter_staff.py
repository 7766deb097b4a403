"""H5: counter staff by section, with dated membership; never in two at once."""

import json
from datetime import date
from typing import Any

import pytest

from server import clock
from server.audit.tables import AuditEntry
from server.counter_staff import counter_staff, memberships, staff_accounts
from server.counter_staff.counter_staff import Filters, MemberFacts
from server.counter_staff.memberships import MembershipFacts
from server.counter_staff.tables import Employment, StaffMembership
from server.people.tables import Person
from server.refusals import Refused, Stale
from server.roles import Role
from tests import factories
from tests.classes.staff_cast import Staff
from tests.databases import Database
from tests.statements import counted

pytestmark = pytest.mark.usefixtures("frozen_now")

ICT = Staff(sees_all_sections=True)
APRIL, OCTOBER = date(2026, 4, 1), date(2026, 10, 1)
MARCH_END = date(2027, 3, 31)
REGULAR, YEARLY = Employment.regular, Employment.fiscal_year


async def section(name: str) -> int:
    return int((await factories.make_section(name=name)).id)


async def hired(section_id: int, name: str = "田中恵", **facts: Any) -> dict[str, Any]:
    membership = {"employment": REGULAR, "first_on": APRIL, **facts}
    reading = "たなかめぐみ" if name == "田中恵" else "すずきあい"
    return await counter_staff.add(
        MemberFacts(name, reading), MembershipFacts(section_id, **membership), by=ICT
    )


async def spans(member_id: int) -> list[tuple[str, date, date | None]]:
    return [
        (row["section_name"], row["first_on"], row["last_on"])
        for row in await memberships.of([member_id])
    ]


async def test_h5_a_member_is_in_post_from_first_to_last_day(database: Database) -> None:
    tax = await section("市民税課")
    megumi = await hired(tax, last_on=date(2026, 9, 30))

    days = [date(2026, 3, 31), APRIL, date(2026, 9, 30), OCTOBER]
    posts = [[row["member_id"] for row in await memberships.in_post(day)] for day in days]

    assert posts == [[], [megumi["id"]], [megumi["id"]], []]


async def test_h5_nobody_is_in_two_sections_at_once(database: Database) -> None:
    tax, welfare = await section("市民税課"), await section("福祉課")
    megumi = await hired(tax, last_on=date(2026, 9, 30))

    for first_on, last_on in ((date(2026, 9, 30), None), (date(2026, 1, 1), APRIL)):
        with pytest.raises(Refused, match="市民税課"):
            await memberships.begin(
                megumi["id"], MembershipFacts(welfare, REGULAR, first_on, last_on), by=ICT
            )
    await memberships.begin(megumi["id"], MembershipFacts(welfare, REGULAR, OCTOBER), by=ICT)

    assert await spans(megumi["id"]) == [
        ("福祉課", OCTOBER, None),
        ("市民税課", APRIL, date(2026, 9, 30)),
    ]


async def test_h5_moving_ends_the_one_the_day_before_and_begins_the_other(
    database: Database,
) -> None:
    tax, welfare = await section("市民税課"), await section("福祉課")
    megumi = await hired(tax)

    await memberships.move(megumi["id"], MembershipFacts(welfare, REGULAR, OCTOBER), by=ICT)

    assert await spans(megumi["id"]) == [
        ("福祉課", OCTOBER, None),
        ("市民税課", APRIL, date(2026, 9, 30)),
    ]
    both = [await memberships.in_post(day) for day in (date(2026, 9, 30), OCTOBER)]
    assert [[row["section_name"] for row in rows] for rows in both] == [["市民税課"], ["福祉課"]]


@pytest.mark.parametrize(
    ("first_on", "words"),
    [(date(2026, 3, 31), "in no section"), (APRIL, "began there on that very day")],
)
async def test_h5_a_move_needs_a_section_to_leave(
    database: Database, first_on: date, words: str
) -> None:
    tax, welfare = await section("市民税課"), await section("福祉課")
    megumi = await hired(tax)

    with pytest.raises(Refused, match=words):
        await memberships.move(megumi["id"], MembershipFacts(welfare, REGULAR, first_on), by=ICT)


@pytest.mark.parametrize(
    ("first_on", "ends_on"),
    [
        (APRIL, MARCH_END),
        (MARCH_END, MARCH_END),
        (date(2026, 3, 31), date(2026, 3, 31)),
        (date(2027, 1, 1), MARCH_END),
    ],
)
async def test_h5_who_is_employed_for_a_fiscal_year_is_there_until_31_march(
    database: Database, first_on: date, ends_on: date
) -> None:
    tax = await section("市民税課")
    megumi = await hired(tax, employment=YEARLY, first_on=first_on)

    assert await spans(megumi["id"]) == [("市民税課", first_on, ends_on)]
    with pytest.raises(Refused, match="ends with its fiscal year"):
        await memberships.end(
            (await memberships.of([megumi["id"]]))[0]["id"], date(2027, 4, 1), by=ICT
        )


async def test_t5_what_was_entered_stays_and_can_be_seen_as_of_before(database: Database) -> None:
    tax = await section("市民税課")
    megumi = await hired(tax)
    before = clock.now()
    later = before.replace(hour=5)
    with clock.freeze(later):
        row = (await memberships.of([megumi["id"]]))[0]
        await memberships.end(row["id"], date(2026, 6, 30), by=ICT)

        assert await memberships.in_post(date(2026, 7, 1)) == []
        known = await memberships.in_post(date(2026, 7, 1), known_at=before)
        assert [each["member_id"] for each in known] == [megumi["id"]]
    assert await StaffMembership.count() == 2


async def test_the_same_last_day_twice_is_entered_once(database: Database) -> None:
    megumi = await hired(await section("市民税課"))
    row = (await memberships.of([megumi["id"]]))[0]

    kept = await memberships.end(row["id"], date(2026, 6, 30), by=ICT)
    again = await memberships.end(kept["id"], date(2026, 6, 30), by=ICT)

    assert again["id"] == kept["id"]
    with pytest.raises(Refused, match="in the meantime"):
        await memberships.end(row["id"], date(2026, 7, 31), by=ICT)


async def test_a_mistaken_time_in_a_section_is_taken_back_with_a_reason(
    database: Database,
) -> None:
    megumi = await hired(await section("市民税課"))
    row = (await memberships.of([megumi["id"]]))[0]

    with pytest.raises(Refused, match="why"):
        await memberships.void(row["id"], "", by=ICT)
    await memberships.void(row["id"], "別の人", by=ICT)

    assert await memberships.in_post(APRIL) == []
    with pytest.raises(Refused, match="taken back"):
        await memberships.void(row["id"], "もう一度", by=ICT)


async def test_a_coordinator_keeps_the_people_of_her_own_section(database: Database) -> None:
    tax, welfare = await section("市民税課"), await section("福祉課")
    own = Staff(section_id=tax)
    megumi, ai = await hired(tax), await hired(welfare, "鈴木愛")

    assert await counter_staff.may_edit(megumi["id"], own)
    assert not await counter_staff.may_edit(ai["id"], own)
    with pytest.raises(Refused, match="own coordinators"):
        await memberships.begin(ai["id"], MembershipFacts(welfare, REGULAR, OCTOBER), by=own)
    with pytest.raises(Refused, match="own coordinators"):
        await memberships.move(ai["id"], MembershipFacts(tax, REGULAR, OCTOBER), by=own)
    helper = Staff(section_id=tax, roles=frozenset({Role.helpdesk}))
    with pytest.raises(Refused, match="own coordinators"):
        await counter_staff.edit(megumi["id"], MemberFacts("別", "べつ"), version=1, by=helper)


async def test_a_coordinator_sends_on_her_own_people_only(database: Database) -> None:
    tax, welfare = await section("市民税課"), await section("福祉課")
    megumi = await hired(tax)
    to_welfare = MembershipFacts(welfare, REGULAR, OCTOBER)

    for by in (
        Staff(section_id=welfare),  # not even to her own section
        Staff(section_id=tax, roles=frozenset({Role.helpdesk})),
        Staff(section_id=None),
    ):
        with pytest.raises(Refused, match="own coordinators"):
            await memberships.move(megumi["id"], to_welfare, by=by)
        [row] = await memberships.of([megumi["id"]])
        with pytest.raises(Refused, match="own coordinators"):
            await memberships.end(row["id"], OCTOBER, by=by)
        with pytest.raises(Refused, match="own coordinators"):
            await memberships.void(row["id"], "別の人", by=by)
    assert await spans(megumi["id"]) == [("市民税課", APRIL, None)]
    await memberships.move(megumi["id"], to_welfare, by=Staff(section_id=tax))
    assert (await spans(megumi["id"]))[0] == ("福祉課", OCTOBER, None)


async def test_h1_no_my_number_in_the_reason_of_what_is_taken_back(database: Database) -> None:
    megumi = await hired(await section("市民税課"))
    [row] = await memberships.of([megumi["id"]])
    with pytest.raises(Refused, match="My Number"):
        await memberships.void(row["id"], "1234-5678-9018の人", by=ICT)


async def test_p2_the_audit_keeps_no_word_of_why_a_membership_was_taken_back(
    database: Database,
) -> None:
    megumi = await hired(await section("市民税課"))
    [row] = await memberships.of([megumi["id"]])

    await memberships.void(row["id"], "田中恵さんは福祉課", by=ICT)

    [entry] = await AuditEntry.select().where(AuditEntry.action == "staff_membership.voided")
    assert json.loads(entry["facts"]) == {"membership": row["id"]}


async def test_p2_a_changed_number_tells_from_what_to_what_and_no_name(
    database: Database,
) -> None:
    megumi = await hired(await section("市民税課"))
    facts = MemberFacts("佐藤恵", "さとうめぐみ", "0125")
    await counter_staff.edit(megumi["id"], facts, version=1, by=ICT)

    [entry] = await AuditEntry.select().where(AuditEntry.action == "staff_member.changed")
    assert json.loads(entry["facts"]) == {
        "changed": ["name", "number", "reading"],
        "was": {"number": None},
        "now": {"number": "0125"},
    }


async def test_accounts_are_linked_by_administrators_and_the_overseeing_section(
    database: Database,
) -> None:
    tax = await section("市民税課")
    megumi = await hired(tax)
    root = await factories.make_account(Role.administrator, login="root")

    with pytest.raises(Refused, match="administrators and the overseeing section"):
        await staff_accounts.link(megumi["id"], "root", by=Staff(section_id=tax))
    assert await staff_accounts.of_account(root.id) is None

    both = frozenset({Role.administrator, Role.coordinator})
    await staff_accounts.link(megumi["id"], "root", by=Staff(section_id=tax, roles=both))
    assert await staff_accounts.of_account(root.id) is not None


async def test_a_staff_number_is_one_members(database: Database) -> None:
    tax = await section("市民税課")
    await counter_staff.add(
        MemberFacts("田中恵", "たなかめぐみ", "0125"),
        MembershipFacts(tax, REGULAR, APRIL),
        by=ICT,
    )

    with pytest.raises(Refused, match="0125"):
        await counter_staff.add(
            MemberFacts("鈴木愛", "すずきあい", "0125"),
            MembershipFacts(tax, REGULAR, APRIL),
            by=ICT,
        )
    assert await Person.count() == 1


async def test_b2_two_of_the_same_name_are_two_people_once_a_number_says_so(
    database: Database,
) -> None:
    tax = await section("市民税課")
    first = await hired(tax)

    with pytest.raises(Refused, match="please write the staff number"):
        await hired(tax)  # a double tap
    second = await counter_staff.add(
        MemberFacts("田中恵", "タナカ　メグミ", "0126"),
        MembershipFacts(tax, REGULAR, APRIL),
        by=ICT,
    )

    assert first["person"] != second["person"]


async def test_a_name_is_changed_and_a_stale_card_is_refused(database: Database) -> None:
    megumi = await hired(await section("市民税課"))
    facts = MemberFacts("佐藤恵", "さとうめぐみ", "0125")

    await counter_staff.edit(megumi["id"], facts, version=1, by=ICT)

    row = await counter_staff.get(megumi["id"])
    assert row is not None
    assert (row["name"], row["reading"], row["number"], row["version"]) == (
        "佐藤恵",
        "さとうめぐみ",
        "0125",
        2,
    )
    with pytest.raises(Stale):
        await counter_staff.edit(megumi["id"], facts, version=1, by=ICT)


async def test_an_account_is_linked_with_one_member_and_never_a_supporters(
    database: Database,
) -> None:
    megumi = await hired(await section("市民税課"))
    desk = await factories.make_account(Role.helpdesk, login="tanaka")
    await factories.make_account(Role.supporter, login="volunteer")

    await staff_accounts.link(megumi["id"], "tanaka", by=ICT)

    member = await staff_accounts.of_account(desk.id)
    assert member is not None
    assert (member["id"], member["login"]) == (megumi["id"], "tanaka")
    with pytest.raises(Refused, match="somebody else"):
        await staff_accounts.link(megumi["id"], "volunteer", by=ICT)
    ai = await hired((await factories.make_section()).id, "鈴木愛")
    with pytest.raises(Refused, match="somebody else"):
        await staff_accounts.link(ai["id"], "tanaka", by=ICT)
    with pytest.raises(Refused, match="no open account"):
        await staff_accounts.link(ai["id"], "nobody", by=ICT)


async def test_p1_a_closed_account_is_linked_with_nobody(database: Database) -> None:
    megumi = await hired(await section("市民税課"))
    left = await factories.make_account(Role.helpdesk, login="left", disabled_at=clock.now())

    with pytest.raises(Refused, match="no open account"):
        await staff_accounts.link(megumi["id"], "left", by=ICT)

    assert await staff_accounts.of_account(left.id) is None


async def test_h5_a_member_has_one_account_and_the_link_comes_off_again(
    database: Database,
) -> None:
    tax = await section("市民税課")
    megumi = await hired(tax)
    desk = await factories.make_account(Role.helpdesk, login="tanaka")
    other = await factories.make_account(Role.venue, login="chubu")
    own = Staff(section_id=tax)

    for _ in range(2):  # a double tap
        await staff_accounts.link(megumi["id"], "tanaka", by=ICT)
    with pytest.raises(Refused, match="tanaka"):
        await staff_accounts.link(megumi["id"], "chubu", by=ICT)
    assert await staff_accounts.of_account(other.id) is None

    with pytest.raises(Refused, match="administrators and the overseeing section"):
        await staff_accounts.unlink(megumi["id"], by=own)
    for _ in range(2):
        await staff_accounts.unlink(megumi["id"], by=ICT)
    assert await staff_accounts.of_account(desk.id) is None
    await staff_accounts.link(megumi["id"], "chubu", by=ICT)
    assert await staff_accounts.of_account(other.id) is not None
    told = await AuditEntry.select(AuditEntry.action).where(
        AuditEntry.action.like("staff_member.account%")
    )
    linked, unlinked = "staff_member.account_linked", "staff_member.account_unlinked"
    assert [row["action"] for row in told] == [linked, unlinked, linked]


async def test_h5_an_account_that_is_hers_as_a_supporter_stays_hers(database: Database) -> None:
    megumi = await hired(await section("市民税課"))
    mine = await factories.make_account(Role.supporter, login="s", person=megumi["person"])

    with pytest.raises(Refused, match="stays hers"):
        await staff_accounts.unlink(megumi["id"], by=ICT)

    assert await staff_accounts.of_account(mine.id) is not None


async def test_the_list_is_of_a_day_a_section_and_words(database: Database) -> None:
    tax, welfare = await section("市民税課"), await section("福祉課")
    await hired(tax)
    await hired(welfare, "鈴木愛", last_on=date(2026, 9, 30))

    async def names(**asked: Any) -> list[str]:
        filters = Filters(**{"on": date(2026, 11, 21), **asked})
        return [row["name"] for row in (await counter_staff.listed(filters))[0]]

    assert await names() == ["田中恵"]
    assert await names(on=APRIL) == ["田中恵", "鈴木愛"]
    assert await names(everybody=True) == ["田中恵", "鈴木愛"]
    assert await names(on=APRIL, section_id=welfare) == ["鈴木愛"]
    assert await names(on=APRIL, words="すずき") == ["鈴木愛"]
    assert await names(words="佐藤") == []


async def test_the_list_takes_one_statement_for_thirty_as_for_one(database: Database) -> None:
    tax = await section("市民税課")
    await hired(tax)
    with counted() as one:
        await counter_staff.listed(Filters(on=APRIL))
    for _ in range(29):
        await factories.make_staff_member(tax)
    with counted() as thirty:
        rows, more = await counter_staff.listed(Filters(on=APRIL))

    assert (len(rows), more) == (30, False)
    assert (len(one), len(thirty)) == (1, 1)
