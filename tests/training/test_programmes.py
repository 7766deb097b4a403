"""S2: editions of a programme, and what each asks for; a published one never changes that."""

import asyncio
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from server.refusals import Refused, Stale
from server.roles import Role
from server.training import programmes, requirements
from server.training.requirements import RequirementFacts
from server.training.tables import Programme, Requirement, RequirementKind, Unit
from tests.classes.staff_cast import ICT, Staff
from tests.databases import Database
from tests.factories import make_programme
from tests.training.trainees import basics
from tests.unlocked import unlock

LECTURE = RequirementFacts("l1", "心構え", RequirementKind.lecture, Unit.sessions, 1, 1)
ADMINISTRATOR = Staff(roles=frozenset({Role.administrator}))
OTHER_SECTION = Staff(section_id=2)


@pytest.fixture(autouse=True)
async def city(database: Database, frozen_now: datetime) -> None:
    """Every test has a database, and the clock stands still."""


async def codes(programme_id: int) -> list[str]:
    return [row["code"] for row in await programmes.requirements(programme_id)]


async def test_a_programme_is_made_filled_and_published() -> None:
    made = await programmes.create("basics", "基礎編", by=ADMINISTRATOR)
    await requirements.add(made["id"], replace(LECTURE, position=2), version=1, by=ICT)
    await requirements.add(made["id"], replace(LECTURE, code="l0"), version=2, by=ICT)
    assert await programmes.published() == []

    published = await programmes.publish(made["id"], version=3, by=ICT)
    again = await programmes.publish(made["id"], version=3, by=ICT)

    assert again == published
    assert await codes(made["id"]) == ["l0", "l1"]
    assert [row["id"] for row in await programmes.published()] == [made["id"]]


async def test_s2_what_a_published_edition_asks_for_never_changes() -> None:
    programme = await basics()
    before = await programmes.requirements(programme.id)

    for change in (
        requirements.add(programme.id, LECTURE, version=1, by=ICT),
        requirements.edit(programme.lecture.id, LECTURE, version=1, by=ICT),
        requirements.remove(programme.lecture.id, version=1, by=ICT),
    ):
        with pytest.raises(Refused, match="make a new edition"):
            await change

    assert await programmes.requirements(programme.id) == before


async def test_s2_the_next_edition_asks_for_the_same_until_it_is_changed() -> None:
    programme = await basics()

    newer = await programmes.add_edition(programme.id, by=ICT)

    assert (newer["edition"], newer["published_at"]) == (2, None)
    old = await programmes.requirements(programme.id)
    new = await programmes.requirements(newer["id"])
    kept = ("code", "name", "kind", "unit", "needed", "position", "replaces")
    assert [[row[name] for name in kept] for row in new] == [
        [row[name] for name in kept] for row in old
    ]
    with pytest.raises(Refused, match="a draft of the next edition already"):
        await programmes.add_edition(programme.id, by=ICT)


async def test_published_is_the_newest_edition_that_takes_people() -> None:
    programme = await basics()
    other = await make_programme(name="応用編")
    newer = await programmes.add_edition(programme.id, by=ICT)
    assert [row["id"] for row in await programmes.published()] == [programme.id, other.id]

    await programmes.publish(newer["id"], version=1, by=ICT)
    assert [row["id"] for row in await programmes.published()] == [newer["id"], other.id]

    await programmes.retire(newer["id"], version=2, by=ICT)
    assert [row["id"] for row in await programmes.published()] == [programme.id, other.id]


async def test_what_was_asked_for_can_be_changed_and_taken_out_of_a_draft() -> None:
    made = await programmes.create("basics", "基礎編", by=ICT)
    row = await requirements.add(made["id"], LECTURE, version=1, by=ICT)

    changed = await requirements.edit(
        row["id"], replace(LECTURE, needed=2, unit=Unit.hours), version=2, by=ICT
    )
    assert (changed["needed"], changed["unit"]) == (2, "hours")

    await requirements.remove(row["id"], version=3, by=ICT)
    assert await codes(made["id"]) == []
    with pytest.raises(Refused, match="removed already"):
        await requirements.remove(row["id"], version=4, by=ICT)


async def test_nobody_overwrites_what_she_has_not_seen() -> None:
    made = await programmes.create("basics", "基礎編", by=ICT)
    row = await requirements.add(made["id"], LECTURE, version=1, by=ICT)

    for change in (
        programmes.edit(made["id"], "基礎", "", version=1, by=ICT),
        programmes.publish(made["id"], version=1, by=ICT),
        requirements.add(made["id"], replace(LECTURE, code="l2"), version=1, by=ICT),
        requirements.edit(row["id"], replace(LECTURE, needed=3), version=1, by=ICT),
        requirements.remove(row["id"], version=1, by=ICT),
    ):
        with pytest.raises(Stale):
            await change


async def test_words_of_a_published_edition_can_still_be_put_right() -> None:
    programme = await basics()

    saved = await programmes.edit(programme.id, "基礎編（改）", "はじめに", version=1, by=ICT)

    assert (saved["name"], saved["description"], saved["version"]) == (
        "基礎編（改）",
        "はじめに",
        2,
    )


async def test_programmes_are_for_administrators_and_the_overseeing_section() -> None:
    for change in (
        programmes.create("x", "x", by=OTHER_SECTION),
        programmes.add_edition((await basics()).id, by=OTHER_SECTION),
    ):
        with pytest.raises(Refused, match="oversees all classes"):
            await change
    assert programmes.may_edit(ADMINISTRATOR)
    assert not programmes.may_edit(Staff(roles=frozenset({Role.venue}), sees_all_sections=True))


async def test_refused_codes() -> None:
    programme = await basics()
    with pytest.raises(Refused, match="used already"):
        await programmes.create("basics", "もう一つ", by=ICT)
    newer = await programmes.add_edition(programme.id, by=ICT)
    rows = {row["code"]: row for row in await programmes.requirements(newer["id"])}

    async def add(version: int, **facts: Any) -> None:
        await requirements.add(newer["id"], replace(LECTURE, **facts), version=version, by=ICT)

    with pytest.raises(Refused, match="used already"):
        await add(1, code="lecture")
    with pytest.raises(Refused, match="no longer does"):
        await add(1, replaces=("lecture",))
    with pytest.raises(Refused, match="no longer does"):
        await add(1, replaces=("never",))
    await requirements.remove(rows["lecture"]["id"], version=1, by=ICT)
    await add(2, replaces=("lecture",))
    with pytest.raises(Refused, match="counts elsewhere"):
        await add(3, code="lecture")


async def test_refused_states() -> None:
    empty = await programmes.create("empty", "空", by=ICT)
    with pytest.raises(Refused, match="add what has to be done"):
        await programmes.publish(empty["id"], version=1, by=ICT)
    with pytest.raises(Refused, match="not been published"):
        await programmes.retire(empty["id"], version=1, by=ICT)
    with pytest.raises(Refused, match="no such programme"):
        await programmes.publish(999, version=1, by=ICT)
    assert await programmes.get(999) is None
    closed = await make_programme()
    first = await programmes.retire(closed.id, version=1, by=ICT)
    assert await programmes.retire(closed.id, version=1, by=ICT) == first


async def two_add_the_next_edition() -> list[Any]:
    """Of ten programmes, to be sure that some of them meet; who was refused."""
    made = [(await basics(code=f"code-{number}")).id for number in range(10)]
    answers = await asyncio.gather(
        *(programmes.add_edition(each, by=ICT) for each in sorted(made * 2)), return_exceptions=True
    )
    return [answer for answer in answers if isinstance(answer, Refused)]


async def test_two_who_make_the_next_edition_make_one() -> None:
    refused = await two_add_the_next_edition()

    assert len(refused) == 10
    assert await Programme.count() == 20
    assert await Requirement.count() == 60


@pytest.mark.engine("postgres")
async def test_without_the_lock_not_all_are_told_that_there_is_a_draft(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The control: the index of codes and editions is left, and somebody meets an error."""
    unlock(monkeypatch, programmes)

    assert len(await two_add_the_next_edition()) < 10
