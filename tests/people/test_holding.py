"""Who changes what is known of a person waits for who holds the person (B2)."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import date
from typing import Any

import pytest

from server import clock
from server.accounts import invitations
from server.database import writing
from server.people import merging
from server.supporters import stages
from server.supporters.tables import Stage, SupporterStage
from server.training import certificates, enrolments, records
from tests import factories
from tests.classes.staff_cast import ICT
from tests.databases import Database

Change = Callable[[], Awaitable[Any]]


@pytest.fixture(autouse=True)
async def here(database: Database, frozen_now: Any) -> None:
    pass


async def waits(change: Change, held: Change) -> bool:
    """Does the change wait until who holds is done? It begins once `held` has been done."""
    there = asyncio.Event()

    async def once_held() -> Any:
        await there.wait()
        return await change()

    task = asyncio.create_task(once_held())
    async with writing():
        await held()
        there.set()
        await asyncio.wait([task], timeout=0.4)
        waited = not task.done()
    await task
    return waited


async def test_enrolling_waits() -> None:
    person, programme = await factories.make_person(), await factories.make_programme()

    assert await waits(
        lambda: enrolments.enrol(person.id, programme.id, clock.today(), by=ICT),
        lambda: merging.hold(person.id),
    )


async def test_a_record_by_hand_waits() -> None:
    person, asked = await factories.make_person(), await factories.make_requirement()

    assert await waits(
        lambda: records.add(person.id, asked.id, clock.today(), 60, "紙の記録から", by=ICT),
        lambda: merging.hold(person.id),
    )


async def test_undoing_a_stage_waits() -> None:
    supporter = await factories.make_supporter()
    [stage] = await SupporterStage.select()

    assert await waits(
        lambda: stages.undo(stage["id"], "誤り", by=ICT), lambda: stages.hold(supporter.id)
    )


@pytest.mark.parametrize("which", ["duplicate", "into"])
async def test_merging_and_parting_wait(which: str) -> None:
    duplicate, into = await factories.make_person(), await factories.make_person()
    held = {"duplicate": duplicate.id, "into": into.id}[which]

    assert await waits(
        lambda: merging.merge(duplicate.id, into.id, by=ICT), lambda: merging.hold(held)
    )
    assert await waits(
        lambda: merging.separate(duplicate.id, by=ICT), lambda: merging.hold(into.id)
    )


async def test_an_invitation_waits_for_who_holds_the_one_who_stays() -> None:
    duplicate, into = await factories.make_person(), await factories.make_person()
    await merging.merge(duplicate.id, into.id, by=ICT)

    assert await waits(
        lambda: invitations.invite(duplicate.id, "山田花子", [], by=ICT),
        lambda: merging.hold(into.id),
    )


async def test_who_waits_while_two_are_merged_holds_the_one_who_stays() -> None:
    duplicate, into = await factories.make_person(), await factories.make_person()
    merged, holding, go = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def hold_the_duplicate() -> None:
        await merged.wait()
        async with writing():
            await merging.hold(duplicate.id)
            holding.set()
            await go.wait()

    async def hold_into() -> None:
        async with writing():
            await merging.hold(into.id)

    first = asyncio.create_task(hold_the_duplicate())
    async with writing():
        await merging.merge(duplicate.id, into.id, by=ICT)
        merged.set()
        await asyncio.sleep(0.3)
    await holding.wait()
    second = asyncio.create_task(hold_into())
    await asyncio.wait([second], timeout=0.4)
    waited = not second.done()
    go.set()
    await asyncio.gather(first, second)

    assert waited


async def test_two_rows_of_one_human_being_are_certified_once() -> None:
    first, second = [
        await factories.make_supporter((Stage.in_training, date(2026, 4, 1))) for _ in range(2)
    ]
    asked = await factories.make_requirement()
    for each in (first, second):
        await factories.make_enrolment(person=each.person, programme=asked.programme)
        await factories.make_training_record(person=each.person, requirement=asked.id)
    await merging.merge(second.person, first.person, by=ICT)

    await asyncio.gather(
        *(stages.certify(each.id, by=ICT) for each in (first, second)), return_exceptions=True
    )

    assert len(await certificates.of(first.person)) == 1
