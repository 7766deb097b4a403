"""B2: one human being is found again, however the name and number are written."""

import asyncio
from datetime import date

import pytest

from server.database import writing
from server.people import matching
from server.people.matching import Identity, find_or_add
from server.people.tables import Person, PersonPhone
from tests.databases import Database
from tests.unlocked import unlock


async def found(
    reading: str, *phones: str, name: str = "山田花子", birth_on: date | None = None
) -> int:
    async with writing():
        return await find_or_add(Identity(name, reading, phones, birth_on))


@pytest.mark.parametrize(
    ("reading", "phone"),
    [
        ("やまだはなこ", "059-354-0000"),
        ("ヤマダ ハナコ", "0593540000"),
        ("ﾔﾏﾀﾞ ﾊﾅｺ", "059ー354ー0000"),
        ("やまだ　はなこ", "０５９－３５４－００００"),
        ("やまだ・はなこ", "+81 59-354-0000"),
    ],
)
async def test_b2_the_same_reading_and_phone_is_one_person(
    database: Database, reading: str, phone: str
) -> None:
    first = await found("やまだはなこ", "059-354-0000")

    assert await found(reading, phone) == first
    assert await Person.count() == 1


async def test_b2_a_couple_shares_a_landline(database: Database) -> None:
    hanako = await found("やまだはなこ", "059-354-0000")
    taro = await found("やまだたろう", "059-354-0000", name="山田太郎")

    assert hanako != taro


async def test_b2_a_namesake_with_another_phone_is_another_person(database: Database) -> None:
    assert await found("やまだはなこ", "059-354-0000") != await found(
        "やまだはなこ", "059-354-9999"
    )


async def test_b2_a_birth_date_finds_the_person_whose_number_changed(database: Database) -> None:
    born = date(1948, 3, 31)
    first = await found("やまだはなこ", "059-354-0000", birth_on=born)

    assert await found("やまだはなこ", "090-0000-1234", birth_on=born) == first
    assert await found("やまだはなこ", "090-0000-1234") == first  # the new number is known now


async def test_b2_two_birth_dates_are_two_people(database: Database) -> None:
    mother = await found("やまだはなこ", "059-354-0000", birth_on=date(1948, 3, 31))
    niece = await found("やまだはなこ", "059-354-0000", birth_on=date(1972, 4, 1))

    assert mother != niece


async def test_b2_somebody_without_a_phone_matches_nobody(database: Database) -> None:
    assert await found("やまだはなこ") != await found("やまだはなこ")


async def test_b2_a_merged_duplicate_leads_to_the_one_that_stays(database: Database) -> None:
    stays = await found("やまだはなこ", "059-354-0000")
    duplicate = await found("やまだはなこ", "090-0000-1234")
    await Person.update({Person.merged_into: stays}).where(Person.id == duplicate)

    assert await found("やまだはなこ", "090-0000-1234") == stays


async def test_b2_what_was_typed_is_kept(database: Database) -> None:
    person_id = await found("ﾖｼﾀﾞ ﾊﾅｺ", "０９０ー００００ー１２３４", name="𠮷田　髙子")

    [person] = await Person.select().where(Person.id == person_id)
    [phone] = await PersonPhone.select()
    assert (person["name"], person["reading"]) == ("𠮷田　髙子", "ﾖｼﾀﾞ ﾊﾅｺ")
    assert (person["reading_key"], phone["phone_key"]) == ("よしだはなこ", "09000001234")


async def test_b2_the_same_person_at_twenty_counters_at_once_is_one(database: Database) -> None:
    ids = await asyncio.gather(*(found("やまだはなこ", "059-354-0000") for _ in range(20)))

    assert len(set(ids)) == 1
    assert await Person.count() == 1


@pytest.mark.engine("postgres")
async def test_b2_without_the_lock_one_person_becomes_several(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: what the test above would see if nobody held the others."""
    unlock(monkeypatch, matching)
    await asyncio.gather(*(found("やまだはなこ", "059-354-0000") for _ in range(20)))

    assert await Person.count() > 1
