"""The register: one supporter, a page of them, and what the office changes."""

import json
from datetime import date

import pytest

from server.audit.tables import AuditEntry
from server.refusals import Stale
from server.roles import Role
from server.supporters import register
from server.supporters.register import Filters, SupporterFacts
from server.supporters.tables import Stage
from tests.databases import Database
from tests.factories import make_account, make_district, make_person, make_supporter
from tests.statements import counted
from tests.supporters.cast import ICT, merged

pytestmark = pytest.mark.usefixtures("frozen_now")

APRIL = date(2026, 4, 1)
MAY = date(2026, 5, 1)


async def shown(**filters: object) -> list[int]:
    rows, _more = await register.listed(Filters(**filters))  # type: ignore[arg-type]
    return [row["id"] for row in rows]


async def test_one_supporter_as_she_stands(database: Database) -> None:
    district = await make_district(name="中部地区")
    person = await make_person(birth_on=date(1960, 2, 3))
    hanako = await make_supporter(
        (Stage.applied, APRIL), (Stage.in_training, MAY), person=person.id, district=district.id
    )

    row = await register.get(hanako.id)

    assert row is not None
    assert (row["id"], row["stays_id"], row["person_id"]) == (hanako.id, hanako.id, person.id)
    assert (row["name"], row["reading"]) == ("山田花子", "やまだはなこ")
    assert (row["district_name"], row["birth_on"]) == ("中部地区", date(1960, 2, 3))
    assert (row["stage"], row["since"]) == ("in_training", MAY)
    assert await register.get(hanako.id + 1) is None


async def test_found_by_account_and_by_a_merged_person(database: Database) -> None:
    stays = await make_supporter()
    duplicate = await make_supporter()
    await merged(duplicate, into=stays)
    account = await make_account(Role.supporter, person=duplicate.person)
    other = await make_account(Role.supporter)
    nobody = await make_person()

    for row in (
        await register.of_account(account.id),
        await register.of_person(duplicate.person),
        await register.of_person(stays.person),
    ):
        assert row is not None
        assert row["id"] == stays.id
    assert await register.of_account(other.id) is None
    assert await register.of_person(nobody.id) is None
    merged_row = await register.get(duplicate.id)
    assert merged_row is not None
    assert merged_row["stays_id"] == stays.id


async def test_a_duplicate_alone_in_the_register_is_found_by_who_stays(database: Database) -> None:
    only = await make_supporter()
    person = await make_person()
    stays = await make_supporter((Stage.applied, APRIL), person=person.id)
    await merged(only, into=stays)

    assert await shown() == [stays.id]


async def test_s1_the_badge_of_a_merged_duplicate_is_hers(database: Database) -> None:
    stays = await make_supporter()
    duplicate = await make_supporter(badge_number="A-12")
    await merged(duplicate, into=stays)

    row = await register.get(stays.id)

    assert row is not None
    assert row["badge_number"] == "A-12"
    assert await shown(words="A-12") == [stays.id]


async def test_listed_by_stage_district_and_words(database: Database) -> None:
    north, south = await make_district(position=2), await make_district(position=1)
    hanako = await make_supporter(
        (Stage.active, MAY),
        person=(await make_person()).id,
        district=north.id,
        badge_number="A-12",
        phone="059-354-1111",
    )
    person = await make_person(name="鈴木 ゆき", reading="すずきゆき")
    yuki = await make_supporter((Stage.in_training, APRIL), person=person.id, district=south.id)

    assert await shown() == [yuki.id, hanako.id]
    assert await shown(stage=Stage.active) == [hanako.id]
    assert await shown(district_id=south.id) == [yuki.id]
    assert await shown(sort="district") == [yuki.id, hanako.id]
    assert await shown(sort="since") == [hanako.id, yuki.id]
    assert await shown(sort="stage") == [yuki.id, hanako.id]
    for words in ("山田", "ヤマダ", "はなこ", "0593541111", "ａ-12", "山田　花子"):
        assert await shown(words=words) == [hanako.id], words
    assert await shown(words="だれでもない") == []


async def test_a_page_has_fifty_and_costs_as_much_as_one(database: Database) -> None:
    for number in range(51):
        await make_supporter(papers=False)
        if number == 0:
            with counted() as sent:
                await register.listed(Filters())
            assert len(sent) == 2

    with counted() as sent:
        rows, more = await register.listed(Filters())
    rest, no_more = await register.listed(Filters(), page=2)

    assert (len(rows), more, len(rest), no_more) == (50, True, 1, False)
    assert len(sent) == 2
    assert len((await register.listed(Filters(), page=None))[0]) == 51


async def test_the_office_changes_what_it_knows(database: Database) -> None:
    hanako = await make_supporter()
    facts = SupporterFacts(district_id=None, phone="059-354-2222", languages="ja,pt", may_lead=True)

    await register.edit(hanako.id, facts, version=1, by=ICT)
    with pytest.raises(Stale) as stale:
        await register.edit(hanako.id, facts, version=1, by=ICT)

    row = stale.value.current
    assert (row["phone"], row["may_lead"], row["version"]) == ("059-354-2222", True, 2)
    entry = await AuditEntry.select().where(AuditEntry.action == "supporter.changed").first()
    assert entry is not None
    assert json.loads(entry["facts"]) == {"fields": ["languages", "may_lead", "phone"]}
