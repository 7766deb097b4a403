"""H5: two coordinators at the same moment; each lock is first seen to be needed."""

import asyncio
from collections.abc import Awaitable
from datetime import date
from typing import Any

import pytest

from server.counter_staff import completions, memberships
from server.counter_staff.memberships import MembershipFacts
from server.counter_staff.tables import Employment, StaffMembership
from server.database import Conflict
from server.refusals import Refused
from tests import factories
from tests.classes.staff_cast import Staff
from tests.counter_staff.standing import completions_of
from tests.databases import Database
from tests.unlocked import unlock

pytestmark = pytest.mark.usefixtures("frozen_now")

ICT = Staff(sees_all_sections=True)
OCTOBER = date(2026, 10, 1)


async def _outside(other: Awaitable[Any]) -> Any:
    try:
        return await other
    except (Refused, Conflict) as refusal:
        return str(refusal)


async def two_sections_at_once() -> int:
    """Two coordinators enter one member in two sections; gives in how many she is then."""
    tax = (await factories.make_section()).id
    welfare = (await factories.make_section()).id
    her = await factories.make_staff_member(tax, last_on=date(2026, 9, 30))

    async def enter(section: int) -> Any:
        facts = MembershipFacts(section, Employment.regular, OCTOBER)
        return await _outside(memberships.begin(her.id, facts, by=ICT))

    await asyncio.gather(*(asyncio.create_task(enter(each)) for each in (tax, welfare)))
    stands = StaffMembership.voided_at.is_null() & (StaffMembership.first_on == OCTOBER)
    return int(await StaffMembership.count().where(stands))


async def test_h5_nobody_comes_into_two_sections_at_the_same_moment(database: Database) -> None:
    assert await two_sections_at_once() == 1


@pytest.mark.engine("postgres")
async def test_without_its_lock_she_would_be_in_two(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    unlock(monkeypatch, memberships)

    assert await two_sections_at_once() == 2


async def both_tick(training: int, member: int) -> list[Any]:
    async def tick() -> Any:
        day = date(2026, 5, 1)
        return await _outside(completions.complete(training, [member], day, by=ICT))

    return await asyncio.gather(*(asyncio.create_task(tick()) for _number in range(2)))


async def test_a_completion_ticked_by_two_is_one(database: Database) -> None:
    training = (await factories.make_staff_training()).id
    her = await factories.make_staff_member((await factories.make_section()).id)

    assert sorted(await both_tick(training, her.id)) == [0, 1]
    assert len(await completions_of(training)) == 1


@pytest.mark.engine("postgres")
async def test_without_its_lock_the_index_would_refuse_one_of_them(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    training = (await factories.make_staff_training()).id
    her = await factories.make_staff_member((await factories.make_section()).id)
    with monkeypatch.context() as without:
        unlock(without, completions)
        answers = await both_tick(training, her.id)

    assert "uq_staff_completion_live" in answers
    assert len(await completions_of(training)) == 1
