"""A change happens whole or not at all, on both engines."""

import asyncio

import pytest

from server.database import Conflict, after_commit, locked, writing
from server.places.tables import District
from tests.databases import Database


async def names() -> list[str]:
    return await District.select(District.name).order_by(District.id).output(as_list=True)


async def add(name: str) -> None:
    await District.insert(District(slug=name, name=name))


async def test_everything_inside_happens(database: Database) -> None:
    async with writing():
        await add("chubu")
        await add("tomida")

    assert await names() == ["chubu", "tomida"]


async def test_nothing_happens_when_something_is_raised(database: Database) -> None:
    with pytest.raises(ValueError, match="no"):
        async with writing():
            await add("chubu")
            raise ValueError("no")

    assert await names() == []


async def test_an_inner_change_joins_the_outer_one(database: Database) -> None:
    with pytest.raises(ValueError, match="no"):
        async with writing():
            async with writing():
                await add("chubu")
            raise ValueError("no")

    assert await names() == []


async def test_a_child_task_cannot_join_its_parents_change(database: Database) -> None:
    async def child() -> None:
        async with writing():
            await add("chubu")

    with pytest.raises(RuntimeError, match="child task"):
        async with writing():
            await asyncio.create_task(child())

    assert await names() == []


async def test_after_commit_waits_for_the_outermost_change(database: Database) -> None:
    seen: list[str] = []

    async with writing():
        async with writing():
            after_commit(lambda: seen.append("told"))
        assert seen == []

    assert seen == ["told"]


async def test_after_commit_is_forgotten_when_rolled_back(database: Database) -> None:
    seen: list[str] = []

    with pytest.raises(ValueError, match="no"):
        async with writing():
            after_commit(lambda: seen.append("told"))
            raise ValueError("no")
    async with writing():
        await add("chubu")

    assert seen == []


async def test_a_cancelled_change_leaves_no_lock_behind(database: Database) -> None:
    async def linger() -> None:
        async with writing():
            await add("chubu")
            await asyncio.sleep(60)

    task = asyncio.create_task(linger())
    await asyncio.sleep(0.1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    for number in range(12):  # more than there are connections
        async with writing():
            await add(f"district-{number}")

    assert len(await names()) == 12


async def test_many_writers_at_once_each_see_the_last_ones_change(database: Database) -> None:
    async def count_up() -> None:
        async with writing():
            await locked("position")
            [position] = await District.select(District.position).output(as_list=True)
            await asyncio.sleep(0)
            await District.update({District.position: position + 1}, force=True)

    await add("chubu")
    await asyncio.gather(*(count_up() for _ in range(100)))

    assert await District.select(District.position).output(as_list=True) == [100]


@pytest.mark.parametrize(
    ("statement", "name"),
    [
        ("UPDATE district SET slug = 'chubu'", "district_slug_key"),
        ("UPDATE venue SET kind = 'castle'", "venue_kind_known"),
    ],
)
async def test_a_constraint_becomes_a_conflict_with_its_name(
    database: Database, statement: str, name: str
) -> None:
    await add("chubu")
    await add("tomida")
    await District.raw(
        "INSERT INTO venue (slug, name, reading, kind, postcode, address, phone, opens, closes,"
        " closed_weekdays, access, version) VALUES ('v', 'v', 'v', 'hall', '', '', '', '08:30:00',"
        " '21:00:00', '', '', 1)"
    )

    with pytest.raises(Conflict) as caught:
        async with writing():
            await District.raw(statement)

    assert caught.value.name == name
