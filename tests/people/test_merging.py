"""B2: duplicates are merged into the row that stays, and parted again."""

import asyncio
from datetime import date
from typing import Any

import pytest

from server.audit.tables import AuditEntry
from server.people import merging
from server.people.tables import Person
from server.refusals import Refused
from tests.classes.staff_cast import ICT
from tests.databases import Database
from tests.factories import make_person
from tests.statements import counted
from tests.unlocked import unlock

BORN = date(1950, 4, 1)


async def people(count: int) -> list[int]:
    return [(await make_person(name=f"{number}")).id for number in range(count)]


async def merged_into() -> dict[int, int | None]:
    rows = await Person.select(Person.id, Person.merged_into)
    return {row["id"]: row["merged_into"] for row in rows}


async def test_b2_a_duplicate_points_to_the_one_that_stays(database: Database) -> None:
    duplicate, hanako = await people(2)

    await merging.merge(duplicate, hanako, by=ICT)

    assert await merged_into() == {duplicate: hanako, hanako: None}
    assert [await merging.stays(each) for each in (duplicate, hanako, 999)] == [hanako, hanako, 999]


async def test_b2_there_are_no_chains(database: Database) -> None:
    first, second, last = await people(3)
    await merging.merge(first, second, by=ICT)

    await merging.merge(second, last, by=ICT)

    assert await merged_into() == {first: last, second: last, last: None}
    everybody = (last, first, second)
    assert await merging.selves([first, last]) == {first: everybody, last: everybody}


async def test_b2_parted_a_person_stands_alone_again(database: Database) -> None:
    first, second, last = await people(3)
    await merging.merge(first, last, by=ICT)
    await merging.merge(second, last, by=ICT)

    await merging.separate(first, by=ICT)

    assert await merged_into() == {first: None, second: last, last: None}
    with pytest.raises(Refused, match="not been merged"):
        await merging.separate(first, by=ICT)


async def test_b2_merging_is_refused_with_oneself_and_where_one_is_merged(
    database: Database,
) -> None:
    first, second, third = await people(3)
    await merging.merge(first, second, by=ICT)

    for pair in ((first, third), (third, first), (first, second)):
        with pytest.raises(Refused, match="merged already"):
            await merging.merge(*pair, by=ICT)
    with pytest.raises(Refused, match="herself or himself"):
        await merging.merge(second, second, by=ICT)
    with pytest.raises(Refused, match="no such person"):
        await merging.merge(third, 999, by=ICT)


async def test_b2_two_known_birth_dates_that_differ_ask_for_a_reason(database: Database) -> None:
    hanako = (await make_person(birth_on=BORN)).id
    other = (await make_person(birth_on=date(1951, 4, 1))).id
    unknown = (await make_person()).id
    await merging.merge(unknown, hanako, by=ICT)

    with pytest.raises(Refused, match="dates of birth differ"):
        await merging.merge(other, hanako, by=ICT)
    await merging.merge(other, hanako, despite="書き間違い", by=ICT)

    assert await merging.stays(other) == hanako


async def test_p2_merging_is_audited_with_ids(database: Database) -> None:
    duplicate, hanako = await people(2)

    await merging.merge(duplicate, hanako, by=ICT)
    await merging.separate(duplicate, by=ICT)

    entries = await AuditEntry.select().order_by(AuditEntry.id)
    assert [(row["action"], row["subject_id"], row["facts"]) for row in entries] == [
        ("person.merged", duplicate, f'{{"into": {hanako}}}'),
        ("person.separated", duplicate, f'{{"was": {hanako}}}'),
    ]


async def test_selves_of_thirty_take_two_statements(database: Database) -> None:
    ids = await people(30)

    with counted() as sent:
        found = await merging.selves([*ids, 999])

    assert found == {each: (each,) for each in ids}
    assert len(sent) == 2
    assert await merging.selves([]) == {}


async def both_ways_at_once() -> list[Any]:
    """Ten pairs, to be sure that some of them meet; who was refused."""
    ids = await people(20)
    pairs = [*zip(ids[::2], ids[1::2], strict=True)]
    both_ways = [pair for first, second in pairs for pair in ((first, second), (second, first))]
    answers = await asyncio.gather(
        *(merging.merge(*pair, by=ICT) for pair in both_ways), return_exceptions=True
    )
    return [answer for answer in answers if isinstance(answer, Refused)]


async def test_b2_two_who_merge_each_into_the_other_make_no_ring(database: Database) -> None:
    refused = await both_ways_at_once()

    assert len(refused) == 10
    assert list((await merged_into()).values()).count(None) == 10


@pytest.mark.engine("postgres")
async def test_b2_without_the_lock_nobody_of_a_pair_would_stay(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    unlock(monkeypatch, merging)

    await both_ways_at_once()

    assert list((await merged_into()).values()).count(None) < 10
