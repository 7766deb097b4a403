"""B2: one human being under two rows trains once."""

from typing import Any

import pytest

from server.people import merging
from server.training import enrolments, programmes, progress, queries
from server.training.tables import Source
from tests import factories
from tests.classes.staff_cast import ICT
from tests.databases import Database


@pytest.fixture
async def twice(database: Database, frozen_now: Any) -> tuple[int, int]:
    """A person and her merged duplicate."""
    person, duplicate = await factories.make_person(), await factories.make_person()
    await merging.merge(duplicate.id, person.id, by=ICT)
    return int(person.id), int(duplicate.id)


async def in_both(twice: tuple[int, int], programme: int) -> None:
    for each in twice:
        await factories.make_enrolment(person=each, programme=programme)


async def test_b2_one_session_counts_once(twice: tuple[int, int]) -> None:
    asked = await factories.make_requirement(needed=3)
    await factories.make_enrolment(person=twice[0], programme=asked.programme)
    facts = {"requirement": asked.id, "source": Source.attendance, "reason": ""}
    for number, each in enumerate((*twice, twice[0])):
        await factories.make_training_record(person=each, source_id=number, **facts)

    known = await progress.of(twice[0])

    assert known is not None
    assert known.lines[0].done == 2  # hers, and a second session of hers on that day


async def test_b2_all_are_moved_once_and_counted_once(twice: tuple[int, int]) -> None:
    one = await factories.make_programme(code="basic")
    two = await factories.make_programme(code="basic", edition=2)
    await in_both(twice, one.id)
    assert (await queries.how_many())[1] == {one.id: 1}

    moved = await enrolments.move_all(two.id, by=ICT)

    newest = await programmes.get(two.id)
    assert newest is not None
    assert (moved, await enrolments.behind(newest)) == (1, [])
    assert (await queries.how_many())[1] == {two.id: 1}


async def test_b2_who_ends_is_in_no_programme_any_more(twice: tuple[int, int]) -> None:
    await in_both(twice, (await factories.make_programme()).id)

    await enrolments.end(twice[1], "転居", by=ICT)

    assert await enrolments.current(twice[0]) is None
