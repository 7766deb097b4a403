"""S2: who is in which edition; moving to another one loses nothing."""

from dataclasses import replace
from datetime import date, datetime

import pytest

from server.people import merging
from server.refusals import Refused
from server.training import certificates, enrolments, programmes
from server.training.tables import Enrolment
from tests.classes.staff_cast import ICT
from tests.databases import Database
from tests.factories import make_person, make_programme
from tests.statements import counted
from tests.training.trainees import AUTUMN, basics, trainee


@pytest.fixture(autouse=True)
async def city(database: Database, frozen_now: datetime) -> None:
    """Every test has a database, and the clock stands still."""


async def next_edition(programme_id: int) -> int:
    newer = await programmes.add_edition(programme_id, by=ICT)
    await programmes.publish(newer["id"], version=1, by=ICT)
    return int(newer["id"])


async def test_enrolling_twice_changes_nothing() -> None:
    programme = await basics()
    hanako = await make_person()

    first = await enrolments.enrol(hanako.id, programme.id, AUTUMN, by=ICT)
    again = await enrolments.enrol(hanako.id, programme.id, date(2026, 11, 1), by=ICT)

    assert again == first
    assert (first["name"], first["edition"], first["code"]) == ("基礎編", 1, "basics")
    assert (first["enrolled_on"], first["recorded_by"]) == (AUTUMN, ICT.id)


async def test_t5_moving_voids_the_enrolment_and_adds_the_next() -> None:
    programme = await basics()
    hanako = await trainee(programme)
    newer = await next_edition(programme.id)

    moved = await enrolments.move(hanako.id, newer, by=ICT)
    again = await enrolments.move(hanako.id, newer, by=ICT)

    assert again == moved
    assert (moved["edition"], moved["enrolled_on"]) == (2, AUTUMN)
    rows = await Enrolment.select().order_by(Enrolment.id)
    assert [(row["programme"], row["voided_at"] is None) for row in rows] == [
        (programme.id, False),
        (newer, True),
    ]


async def test_enrolling_into_the_next_edition_moves() -> None:
    programme = await basics()
    hanako = await trainee(programme)

    moved = await enrolments.enrol(
        hanako.id, await next_edition(programme.id), date(2026, 11, 1), by=ICT
    )

    assert (moved["edition"], moved["enrolled_on"]) == (2, AUTUMN)


async def test_one_programme_at_a_time_until_it_is_completed() -> None:
    programme, other = await basics(), await make_programme()
    hanako = await trainee(programme)

    with pytest.raises(Refused) as refused:
        await enrolments.enrol(hanako.id, other.id, AUTUMN, by=ICT)
    assert refused.value.values == {"name": "基礎編"}

    await certificates.issue(hanako.id, programme.id, date(2026, 11, 20), by=ICT)
    await enrolments.enrol(hanako.id, other.id, date(2026, 11, 21), by=ICT)
    assert (await enrolments.current(hanako.id) or {})["programme"] == other.id


async def test_withdrawn_and_back_into_the_same_edition() -> None:
    programme = await basics()
    hanako = await trainee(programme)

    await enrolments.end(hanako.id, "引っ越し", by=ICT)
    assert await enrolments.current(hanako.id) is None
    with pytest.raises(Refused, match="not in a programme"):
        await enrolments.end(hanako.id, "引っ越し", by=ICT)
    back = await enrolments.enrol(hanako.id, programme.id, date(2026, 11, 21), by=ICT)

    assert back["enrolled_on"] == date(2026, 11, 21)


async def test_under_a_merged_duplicate_nobody_is_enrolled_twice() -> None:
    programme = await basics()
    duplicate = await trainee(programme)
    hanako = await make_person(name="山田はなこ")
    await merging.merge(duplicate.id, hanako.id, by=ICT)

    await enrolments.enrol(hanako.id, programme.id, AUTUMN, by=ICT)

    assert await Enrolment.count() == 1


async def test_enrolling_is_refused_for_a_draft_a_closed_edition_and_a_day_to_come() -> None:
    programme = await basics()
    hanako = await make_person()
    draft = await programmes.add_edition(programme.id, by=ICT)
    closed = await make_programme(name="旧講座")
    await programmes.retire(closed.id, version=1, by=ICT)

    with pytest.raises(Refused, match="not been published"):
        await enrolments.enrol(hanako.id, draft["id"], AUTUMN, by=ICT)
    with pytest.raises(Refused, match="旧講座"):
        await enrolments.enrol(hanako.id, closed.id, AUTUMN, by=ICT)
    with pytest.raises(Refused, match="up to today"):
        await enrolments.enrol(hanako.id, programme.id, date(2026, 11, 22), by=ICT)
    with pytest.raises(Refused, match="not been published"):
        await enrolments.enrol(hanako.id, 999, AUTUMN, by=ICT)


async def test_moving_is_refused_to_another_programme_and_from_none() -> None:
    programme, other = await basics(), await make_programme()
    hanako, taro = await trainee(programme), await make_person(name="山田太郎")

    with pytest.raises(Refused, match="not an edition of 基礎編"):
        await enrolments.move(hanako.id, other.id, by=ICT)
    with pytest.raises(Refused, match="not in a programme"):
        await enrolments.move(taro.id, programme.id, by=ICT)


async def test_everybody_in_an_older_edition_is_moved_at_once() -> None:
    programme = await basics()
    people = [await trainee(programme, name=f"{number}") for number in range(3)]
    newer = await next_edition(programme.id)
    await enrolments.move(people[0].id, newer, by=ICT)

    assert await enrolments.move_all(newer, by=ICT) == 2
    assert await enrolments.move_all(newer, by=ICT) == 0

    found = await enrolments.current_of([person.id for person in people])
    assert {row["programme"] for row in found.values()} == {newer}
    with pytest.raises(Refused, match="oversees all classes"):
        await enrolments.move_all(newer, by=replace(ICT, sees_all_sections=False))


async def test_current_of_thirty_takes_as_many_statements_as_of_one() -> None:
    programme = await basics()
    people = [await trainee(programme, name=f"{number}") for number in range(30)]

    with counted() as for_one:
        await enrolments.current(people[0].id)
    with counted() as for_all:
        assert len(await enrolments.current_of([each.id for each in people])) == 30

    assert len(for_one) == len(for_all) == 3
