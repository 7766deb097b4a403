"""H5: a training is completed once in each fiscal year in which it is offered."""

from collections.abc import Awaitable, Callable
from datetime import date, datetime
from importlib import import_module
from typing import Any

import httpx
import pytest

from server import clock
from server.counter_staff import completions, exclusions, rates, staff_trainings
from server.counter_staff.rates import Scope
from server.counter_staff.tables import StaffCompletion, StaffExclusion
from server.database import Conflict, writing
from server.people import merging
from server.refusals import Refused
from server.roles import Role
from tests import factories
from tests.classes.staff_cast import Staff
from tests.databases import Database

pytestmark = pytest.mark.usefixtures("frozen_now")

Signed = Callable[..., Awaitable[httpx.AsyncClient]]
ICT = Staff(sees_all_sections=True)
LAST_YEAR, MARCH, APRIL = date(2025, 10, 1), date(2026, 3, 31), date(2026, 4, 1)
TODAY = date(2026, 11, 21)
STATES = ("completed", "missing", "excluded")


async def members(number: int) -> list[Any]:
    section = (await factories.make_section()).id
    since = date(2025, 4, 1)
    return [await factories.make_staff_member(section, first_on=since) for _ in range(number)]


async def video(**more: Any) -> int:
    days = {"first_on": date(2025, 4, 1), "last_on": date(2028, 3, 31)}
    return int((await factories.make_staff_training(**{**days, **more})).id)


async def standing(training: int, on: date, **more: Any) -> tuple[int, ...]:
    """How many completed it, are missing, are left out."""
    figures = rates.fold(await rates.people(Scope(training_id=training), on, **more))
    return tuple(figures[state] for state in STATES)


async def test_h5_the_same_training_is_completed_once_in_each_year(database: Database) -> None:
    training, [her, other] = await video(), await members(2)

    assert await completions.complete(training, [her.id], LAST_YEAR, by=ICT) == 1
    assert await completions.complete(training, [her.id], MARCH, by=ICT) == 0
    assert await completions.complete(training, [her.id, other.id], APRIL, by=ICT) == 2
    assert await completions.complete(training, [her.id], TODAY, by=ICT) == 0

    rows = await completions.of_member(her.id)
    assert [(row["completed_on"], row["fiscal_year"]) for row in rows] == [
        (APRIL, 2026),
        (LAST_YEAR, 2025),
    ]


async def test_h5_the_database_too_keeps_one_a_year(database: Database) -> None:
    training, [her] = await video(), await members(1)
    await completions.complete(training, [her.id], MARCH, by=ICT)

    async def again(year: int) -> None:
        async with writing():
            await StaffCompletion(
                training=training,
                member=her.id,
                completed_on=MARCH,
                fiscal_year=year,
                source="entered",
                recorded_at=clock.now(),
            ).save()

    with pytest.raises(Conflict):
        await again(2025)
    await again(2026)


async def test_h5_in_a_new_year_everybody_is_missing_again(database: Database) -> None:
    training, [her, _other] = await video(), await members(2)
    await completions.complete(training, [her.id], LAST_YEAR, by=ICT)

    assert await standing(training, MARCH) == (1, 1, 0)
    assert await standing(training, APRIL) == (0, 2, 0)
    await completions.complete(training, [her.id], TODAY, by=ICT)
    assert await standing(training, date(2026, 11, 20)) == (0, 2, 0)
    assert await standing(training, TODAY) == (1, 1, 0)
    assert await standing(training, MARCH) == (1, 1, 0)


async def test_t5_last_years_rate_stays_as_it_was_known(database: Database) -> None:
    training, [her] = await video(), await members(1)
    await completions.complete(training, [her.id], LAST_YEAR, by=ICT)
    [row] = await completions.of_member(her.id)
    before = clock.now()

    with clock.freeze(before.replace(hour=5)):
        await completions.void(row["id"], "人違い", by=ICT)
        await completions.complete(training, [her.id], TODAY, by=ICT)
        assert await standing(training, MARCH) == (0, 1, 0)
        assert await standing(training, MARCH, known_at=before) == (1, 0, 0)
        assert await standing(training, TODAY, known_at=before) == (0, 1, 0)
        await completions.complete(training, [her.id], LAST_YEAR, by=ICT)
        assert await standing(training, MARCH) == (1, 0, 0)


async def test_h5_who_is_left_out_of_a_year_counts_in_the_next(database: Database) -> None:
    training, [her] = await video(), await members(1)
    await exclusions.exclude(training, her.id, "育児休業", fiscal_year=2025, by=ICT)

    assert await standing(training, MARCH) == (0, 0, 1)
    assert await standing(training, TODAY) == (0, 1, 0)
    year = await rates.people(Scope(fiscal_year=2025), MARCH)
    assert [row["state"] for row in year] == ["excluded"]
    await exclusions.exclude(training, her.id, "育児休業", by=ICT)
    with pytest.raises(Refused, match="already"):
        await exclusions.exclude(training, her.id, "育児休業", fiscal_year=2026, by=ICT)
    with pytest.raises(Refused, match="not offered in that fiscal year"):
        await exclusions.exclude(training, her.id, "育児休業", fiscal_year=2028, by=ICT)


async def test_a_training_that_was_retired_counts_in_the_years_when_it_was_taken(
    database: Database,
) -> None:
    training, [her] = await video(), await members(1)
    await completions.complete(training, [her.id], LAST_YEAR, by=ICT)
    await exclusions.exclude(training, her.id, "休職", by=ICT)
    await staff_trainings.retire(training, by=ICT)

    [row] = await rates.people(Scope(fiscal_year=2026), TODAY)
    assert row["state"] == "missing"  # no training is left of which she could be left out


@pytest.mark.parametrize(
    ("on", "year"),
    [(date(2024, 5, 1), 2025), (MARCH, 2025), (APRIL, 2026), (date(2030, 1, 1), 2027)],
)
async def test_the_year_of_a_training_on_a_day(database: Database, on: date, year: int) -> None:
    row = await staff_trainings.known(await video())

    assert staff_trainings.year_on(row, on) == year


async def test_s5_a_video_taken_by_the_same_people_each_year_counts_each_year(
    database: Database,
) -> None:
    training, [her, twin] = await video(), await members(2)
    for on in (LAST_YEAR, APRIL):
        await completions.complete(training, [her.id, twin.id], on, by=ICT)
    await merging.merge(twin.person, her.person, by=ICT)

    rows = await completions.offered_and_taken(TODAY)
    assert [(row["effective_on"], row["people"]) for row in rows] == [(LAST_YEAR, 1), (APRIL, 1)]


async def test_rows_from_before_are_given_their_year(database: Database) -> None:
    training, [her] = await video(), await members(1)
    ended = await video(name="終わった研修", last_on=MARCH)
    for on in (MARCH, APRIL):
        await completions.complete(training, [her.id], on, by=ICT)
    for each in (training, ended):
        await exclusions.exclude(each, her.id, "休職", by=ICT)
    midnight = datetime.fromisoformat("2026-03-31T15:00:00+00:00")  # 1 April in Japan
    async with writing():
        await StaffExclusion.update({StaffExclusion.recorded_at: midnight}, force=True)
        for table in (StaffCompletion, StaffExclusion):
            [row] = await table.select(table.id).order_by(table.id).limit(1)
            await table.update({table.fiscal_year: 0}).where(table.id == row["id"])
            await table.update({table.fiscal_year: 1}).where(table.id != row["id"])

    migration = import_module("migrations.tonari_0015_one_completion_a_year")
    async with writing():
        await migration.fill()

    done = await StaffCompletion.select().order_by(StaffCompletion.id)
    out = await StaffExclusion.select().order_by(StaffExclusion.id)
    assert [row["fiscal_year"] for row in done] == [2025, 2026]
    assert [row["fiscal_year"] for row in out] == [2026, 2025]


async def test_h5_each_year_has_its_page_of_ticks(database: Database, client_as: Signed) -> None:
    training, [her, other] = await video(), await members(2)
    client = await client_as(Role.coordinator)
    path = f"/staff/trainings/{training}/completions"

    entered = await client.post(path, data={"completed_on": "2025-10-01", "member": str(her.id)})
    assert entered.headers["location"] == f"{path}?year=2025&done=entered"
    assert f'value="{her.id}"' in (await client.get(path)).text
    before = (await client.get(f"{path}?year=2025")).text
    assert ("令和7年度" in before, 'value="2026-03-31"' in before) == (True, True)
    assert f'name="member" value="{her.id}"' not in before
    left_out = {"member": str(other.id), "reason": "育児休業"}
    answer = await client.post(f"/staff/trainings/{training}/exclusions?year=2025", data=left_out)
    assert answer.headers["location"] == f"{path}?year=2025&done=excluded"
    [row] = await StaffExclusion.select()
    assert row["fiscal_year"] == 2025
    nonsense = await client.get(f"{path}?year=999999999")
    assert nonsense.status_code == 200


async def test_h5_in_a_new_year_she_is_asked_to_take_it_again(
    database: Database, client_as: Signed
) -> None:
    training, [her] = await video(), await members(1)
    await completions.complete(training, [her.id], LAST_YEAR, by=ICT)
    client = await client_as(Role.helpdesk, person=her.person)
    path = f"/staff/trainings/{training}"

    assert "今年度はまだ" in (await client.get("/staff/trainings")).text
    assert "今年度も受けてください" in (await client.get(path)).text
    for _ in range(2):  # a double tap
        assert (await client.post(f"{path}/own")).status_code == 303

    assert len(await completions.of_member(her.id)) == 2
    assert "今年度も受けてください" not in (await client.get(path)).text
    assert "今年度はまだ" not in (await client.get("/staff/trainings")).text
