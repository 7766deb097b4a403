"""H5: rate = completed ÷ in post on a reference day less exclusions; worked out by hand."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date
from html import unescape
from typing import Any

import httpx
import pytest

from server import clock
from server.counter_staff import completions, exclusions, memberships, rates, staff_trainings
from server.counter_staff.memberships import MembershipFacts
from server.counter_staff.rates import Scope
from server.counter_staff.tables import Employment, StaffCompletion
from server.database import writing
from server.people import merging
from server.roles import Role
from tests import factories
from tests.classes.staff_cast import Staff
from tests.counter_staff.standing import completions_of
from tests.databases import Database
from tests.statements import counted

pytestmark = pytest.mark.usefixtures("frozen_now")

Signed = Callable[..., Awaitable[httpx.AsyncClient]]
ICT = Staff(sees_all_sections=True)
MAY, OCTOBER, NOVEMBER = date(2026, 5, 1), date(2026, 10, 1), date(2026, 11, 20)
FIGURES = ("in_post", "excluded", "counted", "completed", "missing", "rate")


@dataclass(frozen=True)
class City:
    """Two sections with five people in post on 30 September, and one training."""

    tax: int
    welfare: int
    training: int
    members: dict[str, int]


@pytest.fixture
async def city(database: Database) -> City:
    """税: あ, い, う (leaves on 30 September); 福祉: え (会計年度任用), お (from 1 October)."""
    tax = (await factories.make_section(name="市民税課")).id
    welfare = (await factories.make_section(name="福祉課")).id
    make = factories.make_staff_member
    members = {
        "あ": await make(tax, reading="あ", name="あ"),
        "い": await make(tax, reading="い", name="い"),
        "う": await make(tax, last_on=date(2026, 9, 30), reading="う", name="う"),
        "え": await make(
            welfare,
            last_on=date(2027, 3, 31),
            employment=Employment.fiscal_year,
            reading="え",
            name="え",
        ),
        "お": await make(welfare, first_on=OCTOBER, reading="お", name="お"),
    }
    training = (await factories.make_staff_training()).id
    return City(tax, welfare, training, {name: row.id for name, row in members.items()})


async def figures(scope: Scope, on: date, **more: Any) -> dict[str, tuple[Any, ...]]:
    rows = await rates.of(scope, on, **more)
    return {row["section_name"]: tuple(row[name] for name in FIGURES) for row in rows}


async def done(city: City, names: str, on: date) -> None:
    ids = [city.members[name] for name in names]
    await completions.complete(city.training, ids, on, by=ICT)


async def test_h5_the_rate_is_completed_out_of_those_in_post_on_the_day(city: City) -> None:
    await done(city, "あう", MAY)
    await done(city, "い", NOVEMBER)
    scope = Scope(training_id=city.training)

    assert await figures(scope, date(2026, 9, 30)) == {
        "市民税課": (3, 0, 3, 2, 1, 66.7),
        "福祉課": (1, 0, 1, 0, 1, 0.0),
    }
    assert await figures(scope, OCTOBER) == {
        "市民税課": (2, 0, 2, 1, 1, 50.0),  # う has left and takes her completion along
        "福祉課": (2, 0, 2, 0, 2, 0.0),
    }
    assert await figures(scope, NOVEMBER) == {
        "市民税課": (2, 0, 2, 2, 0, 100.0),
        "福祉課": (2, 0, 2, 0, 2, 0.0),
    }


async def test_h5_who_moves_counts_where_she_is_on_the_reference_day(city: City) -> None:
    await done(city, "い", MAY)
    facts = MembershipFacts(city.welfare, Employment.regular, OCTOBER)
    await memberships.move(city.members["い"], facts, by=ICT)
    scope = Scope(training_id=city.training)

    assert await figures(scope, date(2026, 9, 30)) == {
        "市民税課": (3, 0, 3, 1, 2, 33.3),
        "福祉課": (1, 0, 1, 0, 1, 0.0),
    }
    assert await figures(scope, OCTOBER) == {
        "市民税課": (1, 0, 1, 0, 1, 0.0),
        "福祉課": (3, 0, 3, 1, 2, 33.3),
    }


async def test_h5_who_is_employed_for_the_fiscal_year_is_gone_on_1_april(city: City) -> None:
    scope = Scope(training_id=city.training)

    assert (await figures(scope, date(2027, 3, 31)))["福祉課"] == (2, 0, 2, 0, 2, 0.0)
    assert (await figures(scope, date(2027, 4, 1)))["福祉課"] == (1, 0, 1, 0, 1, 0.0)


async def test_h5_exclusions_with_a_reason_leave_both_sides(city: City) -> None:
    await done(city, "あ", MAY)
    await exclusions.exclude(city.training, city.members["い"], "育児休業", by=ICT)
    scope = Scope(training_id=city.training)

    assert await figures(scope, OCTOBER) == {
        "市民税課": (2, 1, 1, 1, 0, 100.0),
        "福祉課": (2, 0, 2, 0, 2, 0.0),
    }
    people = {row["name"]: row for row in await rates.people(scope, OCTOBER)}
    assert (people["い"]["state"], people["い"]["reason"]) == ("excluded", "育児休業")
    await exclusions.include(people["い"]["exclusion_id"], by=ICT)
    assert (await figures(scope, OCTOBER))["市民税課"] == (2, 0, 2, 1, 1, 50.0)


async def test_h5_nobody_in_post_or_everybody_left_out_is_no_rate(city: City) -> None:
    for name in "あい":
        await exclusions.exclude(city.training, city.members[name], "休職", by=ICT)
    scope = Scope(training_id=city.training)

    assert await figures(scope, OCTOBER) == {
        "市民税課": (2, 2, 0, 0, 0, None),
        "福祉課": (2, 0, 2, 0, 2, 0.0),
    }
    assert await figures(scope, date(2026, 3, 31)) == {
        "市民税課": (0, 0, 0, 0, 0, None),
        "福祉課": (0, 0, 0, 0, 0, None),
    }


async def test_h5_in_a_year_any_training_will_do_and_only_of_that_year(city: City) -> None:
    other = (await factories.make_staff_training(name="個人情報の扱い")).id
    before = await factories.make_staff_training(
        name="前の年", first_on=date(2025, 4, 1), last_on=date(2026, 4, 30)
    )
    await completions.complete(other, [city.members["あ"]], MAY, by=ICT)
    await done(city, "あ", NOVEMBER)
    await completions.complete(before.id, [city.members["い"]], date(2026, 4, 1), by=ICT)
    await factories.make_staff_member(
        city.tax, date(2025, 4, 1), date(2026, 3, 31), reading="か", name="か"
    )

    year = Scope(fiscal_year=2026)
    people = {row["name"]: row for row in await rates.people(year, OCTOBER)}

    assert (await figures(year, OCTOBER))["市民税課"] == (2, 0, 2, 2, 0, 100.0)
    assert people["あ"]["training_name"] == "個人情報の扱い"
    assert (await figures(Scope(fiscal_year=2025), date(2026, 3, 31)))["市民税課"] == (
        (1, 0, 1, 0, 1, 0.0)
    )


async def test_h5_left_out_of_a_year_is_who_is_left_out_of_all_its_trainings(city: City) -> None:
    other = (await factories.make_staff_training(name="個人情報の扱い")).id
    year = Scope(fiscal_year=2026)
    await exclusions.exclude(city.training, city.members["い"], "休職", by=ICT)
    assert (await figures(year, OCTOBER))["市民税課"][1] == 0

    await exclusions.exclude(other, city.members["い"], "休職", by=ICT)
    assert (await figures(year, OCTOBER))["市民税課"][1] == 1


async def test_t5_a_voided_completion_falls_away_and_stands_as_of_before(city: City) -> None:
    await done(city, "あ", MAY)
    scope, before = Scope(training_id=city.training), clock.now()
    [row] = await completions_of(city.training)
    with clock.freeze(before.replace(hour=5)):
        await completions.void(row["id"], "人違い", by=ICT)

        assert (await figures(scope, OCTOBER))["市民税課"][3] == 0
        assert (await figures(scope, OCTOBER, known_at=before))["市民税課"][3] == 1


@pytest.mark.parametrize("of", ["training-{}", "year-2026"])
async def test_t5_every_figure_is_the_number_of_its_people(
    city: City, client_as: Signed, of: str
) -> None:
    await done(city, "あえ", MAY)
    await exclusions.exclude(city.training, city.members["い"], "休職", by=ICT)
    client = await client_as(Role.coordinator)
    path = "/staff/training-rates"

    page = (await client.get(f"{path}?of={of.format(city.training)}&on={MAY}")).text
    figures = re.findall(r'<a href="(\?[^"]+)">(\d+)', page)
    # 市民税課, 福祉課, both: in post, left out, counted, completed, missing; no link at 0.
    assert [int(number) for _, number in figures] == [3, 1, 2, 1, 1, 1, 1, 1, 4, 1, 3, 2, 1]
    for address, number in figures:
        asked = unescape(address).split("#")[0]
        behind = (await client.get(f"{path}{asked}")).text.split('id="behind"')[1]
        assert behind.count('<th scope="row">') == int(number), asked
        file = await client.get(f"{path}/file{asked}")
        assert len(file.content.decode("utf-8-sig").splitlines()) == 1 + int(number), asked


@pytest.mark.parametrize(
    ("part", "whole", "rate"),
    [(0, 0, None), (0, 3, 0.0), (1, 3, 33.3), (2, 3, 66.7), (1, 16, 6.3), (3, 3, 100.0)],
)
def test_half_a_tenth_is_rounded_up(part: int, whole: int, rate: float | None) -> None:
    assert rates.percent(part, whole) == rate


async def test_rates_take_as_many_statements_for_thirty_as_for_one(city: City) -> None:
    scope = Scope(fiscal_year=2026)
    with counted() as few:
        await rates.of(scope, OCTOBER)
    for _ in range(30):
        await factories.make_staff_member(city.tax)
    with counted() as many:
        await rates.of(scope, OCTOBER)

    assert len(few) == len(many) <= 5


async def test_the_reference_day_is_today_or_the_last_day_if_that_is_over(city: City) -> None:
    row = await staff_trainings.known(city.training)
    assert rates.default_day(Scope(training_id=1), row) == date(2026, 11, 21)
    ended = row | {"last_on": date(2026, 6, 30)}
    assert rates.default_day(Scope(training_id=1), ended) == date(2026, 6, 30)
    assert rates.default_day(Scope(fiscal_year=2025), None) == date(2026, 3, 31)


async def test_t5_a_training_retired_or_entered_later_leaves_earlier_rates_alone(
    city: City,
) -> None:
    other = (await factories.make_staff_training(name="個人情報の扱い")).id
    await exclusions.exclude(city.training, city.members["い"], "休職", by=ICT)
    year, before = Scope(fiscal_year=2026), clock.now()
    then = await figures(year, OCTOBER, known_at=before)
    assert then["市民税課"][1] == 0

    with clock.freeze(before.replace(hour=5)):
        await staff_trainings.retire(other, by=ICT)
        assert (await figures(year, OCTOBER))["市民税課"][1] == 1
        assert await figures(year, OCTOBER, known_at=before) == then
    with clock.freeze(before.replace(hour=6)):
        now = await figures(year, OCTOBER, known_at=clock.now())
    with clock.freeze(before.replace(hour=7)):
        await factories.make_staff_training(name="あとから", created_at=clock.now())
        assert (await figures(year, OCTOBER))["市民税課"][1] == 0
        assert await figures(year, OCTOBER, known_at=before.replace(hour=6)) == now


async def test_t5_what_a_retired_training_was_completed_for_is_as_known_then(city: City) -> None:
    other = (await factories.make_staff_training(name="個人情報の扱い")).id
    await exclusions.exclude(city.training, city.members["い"], "休職", by=ICT)
    year, start = Scope(fiscal_year=2026), clock.now()
    with clock.freeze(start.replace(hour=4)):
        await staff_trainings.retire(other, by=ICT)
        then = await figures(year, OCTOBER, known_at=clock.now())
    with clock.freeze(start.replace(hour=5)):
        await completions.complete(other, [city.members["あ"]], MAY, by=ICT)
        assert (await figures(year, OCTOBER))["市民税課"][1] == 0
        assert await figures(year, OCTOBER, known_at=start.replace(hour=4)) == then


async def test_t5_a_section_whose_people_were_taken_back_stays_in_earlier_rates(
    city: City,
) -> None:
    scope, before = Scope(training_id=city.training), clock.now()
    with clock.freeze(before.replace(hour=5)):
        for name in "えお":
            [row] = await memberships.of([city.members[name]])
            await memberships.void(row["id"], "別の課", by=ICT)
        assert set(await figures(scope, OCTOBER)) == {"市民税課"}
        known = await figures(scope, OCTOBER, known_at=before)
    assert known["福祉課"] == (2, 0, 2, 0, 2, 0.0)


async def test_b2_two_members_who_are_one_person_count_once(city: City) -> None:
    twin = await factories.make_staff_member(city.welfare, OCTOBER, reading="あ", name="あ")
    her = await memberships.in_post(OCTOBER)
    [person] = [row["person_id"] for row in her if row["member_id"] == city.members["あ"]]
    await done(city, "あ", MAY)
    scope = Scope(training_id=city.training)
    assert (await figures(scope, OCTOBER))["福祉課"] == (3, 0, 3, 0, 3, 0.0)

    await merging.merge(twin.person, person, by=ICT)

    assert await figures(scope, OCTOBER) == {
        "市民税課": (1, 0, 1, 0, 1, 0.0),
        "福祉課": (3, 0, 3, 1, 2, 33.3),  # where she began last, with what she completed
    }
    [own] = await rates.of(scope, OCTOBER, section_id=city.tax)
    assert own["in_post"] == 1
    await exclusions.exclude(city.training, city.members["あ"], "休職", by=ICT)
    assert (await figures(scope, OCTOBER))["福祉課"] == (3, 1, 2, 0, 2, 0.0)


async def test_h5_a_year_ends_on_31_march(city: City) -> None:
    training = (await factories.make_staff_training(last_on=date(2027, 4, 30))).id
    async with writing():
        await StaffCompletion(
            training=training,
            member=city.members["あ"],
            completed_on=date(2027, 4, 1),
            source="entered",
            recorded_at=clock.now(),
        ).save()

    later = date(2027, 4, 30)
    assert (await figures(Scope(fiscal_year=2026), later))["市民税課"][3] == 0
    assert (await figures(Scope(fiscal_year=2027), later))["市民税課"][3] == 1
