"""S3, C1: two people change who helps at the same moment; each race first shown without guard."""

import asyncio
from collections.abc import Awaitable
from typing import Any

import pytest

from server.classes import clashes, eligibility, sessions, staffing
from server.classes.sessions import SessionFacts
from server.classes.tables import ClassSession, HelpRole
from server.database import writing
from server.refusals import Refused
from server.supporters import stages
from server.supporters.tables import Supporter
from tests.classes.helpers_cast import (
    ASSISTANT,
    HERSELF,
    assigned,
    live,
    make_session,
    signed_in_as,
)
from tests.classes.staff_cast import ICT, in_days
from tests.databases import Database
from tests.factories import make_supporter
from tests.unlocked import unlock


async def said(asked: Awaitable[Any]) -> str:
    try:
        await asked
    except Refused as refused:
        return refused.msgid
    return "done"


def assign(session: ClassSession, supporter: Supporter, role: HelpRole = ASSISTANT) -> Any:
    return staffing.assign(session.id, role, supporter_id=supporter.id, by=ICT)


def sign_up(session: ClassSession, supporter: Supporter) -> Any:
    return staffing.sign_up(session.id, supporter.id, ASSISTANT, by=HERSELF)


@pytest.mark.engine("postgres")
async def test_s3_control_without_the_lock_the_last_place_is_given_twice(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = await make_session(assistants_needed=1)
    first, second = await make_supporter(), await make_supporter()
    unlock(monkeypatch, staffing, "lock_course")

    await asyncio.gather(assign(session, first), assign(session, second))

    assert len(await live(session)) == 2


@pytest.mark.parametrize("how", [assign, sign_up])
async def test_s3_the_last_place_is_given_once(database: Database, how: Any) -> None:
    session = await make_session(assistants_needed=1)
    people = [await make_supporter() for _ in range(10)]

    answers = await asyncio.gather(*(said(how(session, each)) for each in people))

    refused = staffing.UNHEEDED if how is assign else eligibility.FULL
    assert sorted(answers) == sorted(["done", *[refused] * 9])
    assert len(await live(session)) == 1


async def test_s3_a_supporter_signs_up_while_the_coordinator_staffs(database: Database) -> None:
    session = await make_session(assistants_needed=1)
    midori, sakura = await make_supporter(), await make_supporter()

    answers = await asyncio.gather(said(assign(session, midori)), said(sign_up(session, sakura)))

    assert answers.count("done") == 1
    assert len(await live(session)) == 1


async def test_s3_the_same_supporter_from_two_sides_has_one_place(database: Database) -> None:
    session, midori = await make_session(), await make_supporter()

    answers = await asyncio.gather(
        *(said(how(session, midori)) for how in (assign, sign_up) for _ in range(5))
    )

    assert set(answers) == {"done"}
    assert await live(session) == [("assistant", midori.id)]


@pytest.mark.engine("postgres")
async def test_c1_control_without_the_lock_one_supporter_is_in_two_places(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = await make_session(in_days(7)), await make_session(in_days(7))
    midori = await make_supporter()
    unlock(monkeypatch, stages, "hold")

    await asyncio.gather(sign_up(first, midori), sign_up(second, midori))

    assert len(await live(first)) == len(await live(second)) == 1


@pytest.mark.parametrize("how", [assign, sign_up])
async def test_c1_nobody_is_in_two_places_whoever_asks_at_once(
    database: Database, how: Any
) -> None:
    places = [await make_session(in_days(7)) for _ in range(6)]
    midori = await make_supporter()

    answers = await asyncio.gather(*(said(how(each, midori)) for each in places))

    assert answers.count("done") == 1
    assert [len(await live(each)) for each in places].count(1) == 1


async def test_c1_nobody_signs_up_onto_a_session_that_is_being_moved_there(
    database: Database,
) -> None:
    moved, other = await make_session(in_days(7)), await make_session(in_days(9))
    midori = await make_supporter()
    await assigned(moved, ASSISTANT, midori)
    ends = other.starts_at + (moved.ends_at - moved.starts_at)
    facts = SessionFacts(other.starts_at, ends, int(moved.venue), int(moved.room))
    start, go = asyncio.Event(), asyncio.Event()

    async def ask() -> str:
        start.set()
        await go.wait()
        return await said(sign_up(other, midori))

    asking = asyncio.create_task(ask())  # before the change: a task of its own, outside it
    await start.wait()
    async with writing():
        await sessions.move(moved.id, facts, version=1, by=ICT)
        go.set()
        await asyncio.sleep(0.3)

    assert await asking == clashes.CLASH
    assert await live(other) == []


async def test_s3_nobody_signs_up_for_a_session_that_is_being_called_off(
    database: Database,
) -> None:
    session, midori = await make_session(), await make_supporter()
    start, go = asyncio.Event(), asyncio.Event()

    async def ask() -> str:
        start.set()
        await go.wait()
        return await said(sign_up(session, midori))

    asking = asyncio.create_task(ask())
    await start.wait()
    async with writing():
        await sessions.call_off(session.id, "警報", version=1, by=ICT)
        go.set()
        await asyncio.sleep(0.3)

    assert await asking == "This session has been called off."


async def test_s3_leaving_twice_at_once_frees_one_place(database: Database) -> None:
    session, midori = await make_session(assistants_needed=1), await make_supporter()
    herself = await signed_in_as(midori)
    row = await staffing.sign_up(session.id, midori.id, ASSISTANT, by=herself)

    answers = await asyncio.gather(
        *(said(staffing.leave(row["id"], by=herself)) for _ in range(4)),
        said(staffing.take_off(row["id"], "本人から電話", by=ICT)),
    )

    assert set(answers) == {"done"}
    assert await live(session) == []
