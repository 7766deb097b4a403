"""T5, H2, P1: the list finds the very contacts that a filter asks for, and no other."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from server import clock, text
from server.database import writing
from server.helpdesk import contacts, corrections, queries
from server.helpdesk.queries import NOT_SAID, ContactFilters, Own
from server.helpdesk.routes.contact_forms import filters_of, query_of
from server.helpdesk.tables import Contact
from server.roles import Role
from server.topics import procedures, topics
from tests import factories
from tests.classes.staff_cast import ICT, Staff
from tests.databases import Database
from tests.statements import counted

MARI = Staff(id=7, roles=frozenset({Role.helpdesk}))
WEDNESDAY = datetime(2026, 11, 18, 1, 30, tzinfo=clock.now().tzinfo)  # 10:30 in the city


@pytest.fixture(autouse=True)
async def now(database: Database, frozen_now: datetime) -> None:
    """Saturday 21 November 2026, 10 in the morning, for every test here."""


async def found(filters: ContactFilters) -> list[int]:
    rows, more = await queries.listed(filters)
    assert not more
    return [row["id"] for row in rows]


async def two(**facts: Any) -> tuple[Contact, Contact]:
    """One contact with these facts, and one without."""
    return await factories.make_contact(**facts), await factories.make_contact()


def _plain() -> Iterator[tuple[ContactFilters, dict[str, Any]]]:
    yield ContactFilters(stuck="paying"), {"stuck": "paying"}
    yield ContactFilters(channel="fax"), {"channel": "fax"}
    yield ContactFilters(outcome="handed_on"), {"outcome": "handed_on"}
    yield ContactFilters(missing=True), {"answer_missing": True}
    yield ContactFilters(hour=NOT_SAID), {"hour": None}
    yield ContactFilters(weekday=3), {"contacted_at": WEDNESDAY}
    yield ContactFilters(weekday=3, hour=10), {"contacted_at": WEDNESDAY}
    yield ContactFilters(last_on=date(2026, 11, 18)), {"contacted_at": WEDNESDAY}
    yield ContactFilters(first_on=date(2026, 11, 22)), {"contacted_on": date(2026, 11, 22)}
    yield ContactFilters(q="送り方"), {"search_text": text.search_text("写真の送り方")}


@pytest.mark.parametrize(("filters", "facts"), list(_plain()))
async def test_t5_a_filter_finds_what_it_asks_for(
    filters: ContactFilters, facts: dict[str, Any]
) -> None:
    wanted, _other = await two(**facts)

    assert await found(filters) == [wanted.id]


@pytest.mark.parametrize("name", ["desk", "topic", "procedure", "district", "article"])
async def test_t5_a_filter_by_a_master_finds_what_it_asks_for(name: str) -> None:
    make: Any = getattr(factories, f"make_{name}")
    wanted = await factories.make_contact(**{name: (await make()).id})
    await factories.make_contact(**{name: (await make()).id})

    assert await found(filters_of({name: getattr(wanted, name)})) == [wanted.id]


@pytest.mark.parametrize("name", ["procedure", "district", "stuck"])
async def test_t5_what_is_not_said_is_found_as_such(name: str) -> None:
    said: Any = "paying"
    if name != "stuck":
        made: Any = await getattr(factories, f"make_{name}")()
        said = made.id
    _said, unsaid = await two(**{name: said})

    assert await found(filters_of({name: NOT_SAID})) == [unsaid.id]


async def test_h2_merged_topics_and_procedures_are_found_under_any_of_them() -> None:
    for name, master, make in (
        ("topic", topics, factories.make_topic),
        ("procedure", procedures, factories.make_procedure),
    ):
        kept, gone, gone_too, other = [(await make()).id for _ in range(4)]
        for each in (gone, gone_too):
            await master.merge(each, kept, version=1, by=ICT)
        wanted = [
            (await factories.make_contact(**{name: each})).id for each in (kept, gone, gone_too)
        ]
        await factories.make_contact(**{name: other})

        for asked in (kept, gone, gone_too):
            assert await found(filters_of({name: asked})) == wanted[::-1]


async def test_t5_what_was_taken_back_is_not_listed_and_a_correction_is() -> None:
    contact = await factories.make_contact()
    facts = contacts.ContactFacts(contact.desk, contact.topic, "fax", "answered")
    new = await corrections.correct(contact.id, facts, by=MARI)
    assert await found(ContactFilters()) == [new["id"]]

    await corrections.void(new["id"], "twice", by=MARI)

    assert await found(ContactFilters()) == []


async def test_p1_a_section_finds_its_desks_and_its_procedures() -> None:
    own, other = await factories.make_section(), await factories.make_section()
    desk = await factories.make_desk(section=own.id)
    asked = await factories.make_procedure(section=own.id)
    wanted = [
        (await factories.make_contact(desk=desk.id)).id,
        (await factories.make_contact(procedure=asked.id)).id,
    ]
    await factories.make_contact(desk=(await factories.make_desk(section=other.id)).id)
    await factories.make_contact(procedure=(await factories.make_procedure(section=other.id)).id)

    assert sorted(await found(ContactFilters(only=Own(section=own.id)))) == wanted


async def test_p1_venue_staff_find_the_desks_of_their_buildings() -> None:
    own, other = await factories.make_venue(), await factories.make_venue()
    wanted = await factories.make_contact(desk=(await factories.make_desk(venue=own.id)).id)
    await factories.make_contact(desk=(await factories.make_desk(venue=other.id)).id)
    await factories.make_contact()

    assert await found(ContactFilters(only=Own((own.id,)))) == [wanted.id]
    assert await found(ContactFilters(only=Own())) == []


async def test_the_newest_come_first_fifty_on_a_page() -> None:
    topic, desk = await factories.make_topic(), await factories.make_desk()
    ids = []
    for number in range(52):
        at = clock.now() - timedelta(hours=7 * (number % 13), minutes=number)
        made = await factories.make_contact(topic=topic.id, desk=desk.id, contacted_at=at)
        ids.append((at, made.id))
    newest = [contact_id for _at, contact_id in sorted(ids, reverse=True)]

    first, more = await queries.listed(ContactFilters())
    second, none = await queries.listed(ContactFilters(), 2)

    assert [row["id"] for row in first + second] == newest
    assert (len(first), more, none) == (50, True, False)


async def test_a_page_is_one_statement() -> None:
    await two()

    with counted() as sent:
        await queries.listed(ContactFilters(topic=1, only=Own((1,), 1), q="写真"))

    assert len(sent) == 1


async def test_words_that_are_no_words_find_nothing() -> None:
    await factories.make_contact(note="写真")

    for words in ("、。", "' OR 1=1 --", '"*', "%"):
        assert await found(ContactFilters(q=words)) == []


async def test_t5_an_address_says_every_filter_and_is_read_back() -> None:
    for filters in (
        ContactFilters(),
        ContactFilters(1, 2, 3, "paying", "fax", "shown", 4, q="写真 送り方"),
        ContactFilters(procedure=NOT_SAID, stuck=NOT_SAID, district=NOT_SAID, hour=NOT_SAID),
        ContactFilters(weekday=7, hour=0, article=9, missing=True),
        ContactFilters(first_on=date(2026, 4, 1), last_on=date(2027, 3, 31)),
    ):
        words = dict(each.split("=") for each in query_of(filters).split("&") if each)
        if "q" in words:
            words["q"] = "写真 送り方"
        assert filters_of(words) == filters


async def test_nonsense_in_an_address_asks_for_nothing() -> None:
    nonsense = {
        **dict.fromkeys(("desk", "topic", "procedure", "district", "article"), "9" * 30),
        **dict.fromkeys(("stuck", "channel", "outcome"), "nothing"),
        "first_on": "2026-02-30",
        "last_on": "1",
        "weekday": "0",
        "hour": "24",
        "missing": "x",
    }

    assert filters_of(nonsense) == ContactFilters()


async def test_a_condition_stands_beside_others() -> None:
    """The figures put their own conditions before and behind it."""
    wanted, _other = await two(channel="fax")
    async with writing():
        await Contact.update({Contact.channel: "fax", Contact.voided_at: clock.now()}).where(
            Contact.id != wanted.id
        )

    assert await found(ContactFilters(channel="fax")) == [wanted.id]
