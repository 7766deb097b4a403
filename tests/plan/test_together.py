"""Two coordinators at the same moment: neither overwrites the other, nothing is loaded twice."""

import asyncio
from typing import Any

import pytest

from server.database import Conflict
from server.plan import plans, queries, targets
from server.plan.tables import Indicator, Plan, Target
from server.refusals import Stale
from tests.databases import Database
from tests.plan.plan_cast import ICT, PLAN, loaded
from tests.unlocked import unlock


async def set_by_two(indicator_id: int, year: int, version: int) -> list[Any]:
    """What became of each of two who set the same year's target, having seen the same."""
    return await asyncio.gather(
        *(
            targets.set(indicator_id, year, number=number, version=version, by=ICT)
            for number in (30, 40)
        ),
        return_exceptions=True,
    )


@pytest.mark.parametrize(("year", "version"), [(2026, 1), (2025, 0)])
async def test_s6_of_two_who_set_a_target_the_second_is_told(
    database: Database, year: int, version: int
) -> None:
    trained = (await loaded())["trained"]["id"]

    answers = await set_by_two(trained, year, version)

    saved = [each["number"] for each in answers if not isinstance(each, BaseException)]
    told = [each.current["number"] for each in answers if isinstance(each, Stale)]
    assert len(saved) == 1
    assert told == saved
    assert (await queries.targets([trained]))[trained][year]["number"] == saved[0]


@pytest.mark.engine("postgres")
async def test_without_the_lock_both_would_think_they_had_set_it(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    trained = (await loaded())["trained"]["id"]
    unlock(monkeypatch, targets)

    answers = await set_by_two(trained, 2026, 1)

    assert [each for each in answers if isinstance(each, BaseException)] == []


async def test_a_plan_loaded_by_two_at_once_is_there_once(database: Database) -> None:
    both = await asyncio.gather(plans.load(PLAN, by=ICT), plans.load(PLAN, by=ICT))

    assert sorted(each.added for each in both) == [0, 14]
    assert (await Plan.count(), await Indicator.count(), await Target.count()) == (1, 5, 8)


@pytest.mark.engine("postgres")
async def test_without_the_lock_the_second_loading_would_break(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    unlock(monkeypatch, plans)

    with pytest.raises(Conflict):
        await asyncio.gather(plans.load(PLAN, by=ICT), plans.load(PLAN, by=ICT))
