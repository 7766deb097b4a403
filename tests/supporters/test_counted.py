"""S1, T1, T5: who counts as trained and as active, on both engines."""

from datetime import date, datetime

import pytest

from server import clock
from server.supporters import queries, stages
from server.supporters.tables import Basis, Stage
from server.training import certificates
from tests.databases import Database
from tests.factories import make_district, make_supporter
from tests.statements import counted as statements
from tests.supporters.cast import ICT, YEAR_END, days_by_supporter, instant, make_trainee, merged

APRIL = date(2026, 4, 10)
MAY = date(2026, 5, 10)
JUNE = date(2026, 6, 10)


async def test_s1_one_row_says_who_from_where_and_since_when(database: Database) -> None:
    district = await make_district(name="中部地区")
    hanako = await make_supporter((Stage.completed, APRIL), district=district.id)

    rows = await queries.counted(Stage.completed, YEAR_END)

    assert [(row["supporter_id"], row["district_id"], row["district_name"]) for row in rows] == [
        (hanako.id, district.id, "中部地区")
    ]
    assert rows[0]["person_id"] == hanako.person
    assert rows[0]["effective_on"] == APRIL
    assert rows[0]["name"].startswith("支援")


async def test_s1_the_stage_that_counts_is_the_citys_choice(database: Database) -> None:
    trained = await make_supporter((Stage.completed, APRIL))
    registered = await make_supporter((Stage.completed, APRIL), (Stage.registered, MAY))
    helping = await make_supporter(
        (Stage.completed, APRIL), (Stage.registered, MAY), (Stage.active, JUNE)
    )
    await make_supporter((Stage.in_training, APRIL))

    assert await days_by_supporter(Stage.completed) == [
        (trained.id, APRIL),
        (registered.id, APRIL),
        (helping.id, APRIL),
    ]
    assert await days_by_supporter(Stage.registered) == [(registered.id, MAY), (helping.id, MAY)]
    assert await days_by_supporter(Stage.active) == [(helping.id, JUNE)]


async def test_s1_who_came_in_as_registered_has_completed_too(database: Database) -> None:
    hanako = await make_supporter((Stage.registered, MAY))

    assert await days_by_supporter(Stage.completed) == [(hanako.id, MAY)]


async def test_s1_leaving_and_coming_back_counts_once_at_the_first_day(database: Database) -> None:
    hanako = await make_supporter(
        (Stage.completed, APRIL), (Stage.withdrawn, MAY), (Stage.in_training, MAY)
    )
    await stages.reach(hanako.id, Stage.completed, JUNE, by=ICT)

    assert await days_by_supporter(Stage.completed) == [(hanako.id, APRIL)]
    assert await days_by_supporter(Stage.completed, until=date(2026, 4, 9)) == []


async def test_s1_leaving_lowers_the_active_count_only(database: Database) -> None:
    hanako = await make_supporter((Stage.completed, APRIL), (Stage.registered, APRIL))
    taro = await make_supporter((Stage.active, APRIL), (Stage.resting, MAY))
    await stages.reach(hanako.id, Stage.withdrawn, MAY, by=ICT)

    assert [row["supporter_id"] for row in await queries.active(date(2026, 5, 9))] == [
        hanako.id,
        taro.id,
    ]
    assert await queries.active(MAY) == []
    assert len(await queries.counted(Stage.completed, YEAR_END)) == 2


async def test_s1_merged_duplicates_are_one_human_being(database: Database) -> None:
    district = await make_district()
    stays = await make_supporter((Stage.active, JUNE), district=district.id)
    duplicate = await make_supporter((Stage.completed, APRIL))
    await merged(duplicate, into=stays)

    rows = await queries.counted(Stage.completed, YEAR_END)

    assert [(row["supporter_id"], row["person_id"]) for row in rows] == [(stays.id, stays.person)]
    assert (rows[0]["effective_on"], rows[0]["district_id"]) == (APRIL, district.id)
    assert [row["supporter_id"] for row in await queries.active(JUNE)] == [stays.id]
    assert (await stages.current_of([stays.id, duplicate.id]))[duplicate.id]["stage"] == "active"


async def test_t1_certified_half_an_hour_into_april_counts_in_the_new_year(
    database: Database,
) -> None:
    with clock.freeze(instant("2026-03-31 10:00")):
        hanako = await make_supporter((Stage.in_training, date(2026, 2, 1)))
        await make_trainee(hanako.person, done_on=date(2026, 3, 31))
    with clock.freeze(instant("2026-04-01 00:30")):  # still 31 March in UTC
        given = await stages.certify(hanako.id, by=ICT)

    assert await days_by_supporter(Stage.completed, until=date(2026, 3, 31)) == []
    assert await days_by_supporter(Stage.completed) == [(hanako.id, date(2026, 4, 1))]
    assert clock.fiscal_year(given["completed_on"]) == 2026
    assert given["number"] == "R8-0001"


async def test_t5_a_mistaken_stage_no_longer_counts_and_stays_known_as_of_then(
    database: Database, frozen_now: datetime
) -> None:
    with clock.freeze(instant("2026-06-01 09:00")):
        hanako = await make_supporter((Stage.in_training, APRIL))
        await make_trainee(hanako.person, done_on=MAY)
        given = await stages.certify(hanako.id, MAY, by=ICT)
    with clock.freeze(instant("2026-07-01 09:00")):
        completed = await stages.current(hanako.id)
        assert completed is not None
        await stages.undo(completed["id"], "同姓の別の人でした", by=ICT)

    assert await queries.counted(Stage.completed, YEAR_END) == []
    assert await queries.counted(Stage.completed, YEAR_END, instant("2026-05-31 23:59")) == []
    known = await queries.counted(Stage.completed, YEAR_END, instant("2026-06-30 23:59"))
    assert [(row["supporter_id"], row["effective_on"]) for row in known] == [(hanako.id, MAY)]
    assert await queries.counted(Stage.completed, YEAR_END, instant("2026-07-01 09:00")) == []
    gone = await certificates.get(given["id"])
    assert gone is not None
    assert gone["void_reason"] == "同姓の別の人でした"


async def test_t5_recorded_late_counts_by_its_day_once_it_is_known(database: Database) -> None:
    hanako = await make_supporter((Stage.applied, APRIL))
    with clock.freeze(instant("2026-09-01 09:00")):
        await stages.reach(hanako.id, Stage.completed, MAY, basis=Basis.migration, by=ICT)

    assert await queries.counted(Stage.completed, YEAR_END, instant("2026-08-31 12:00")) == []
    rows = await queries.counted(Stage.completed, MAY, instant("2026-09-01 09:00"))
    assert [(row["supporter_id"], row["basis"]) for row in rows] == [(hanako.id, "migration")]


@pytest.mark.parametrize("people", [1, 30])
async def test_s1_counting_takes_one_statement(database: Database, people: int) -> None:
    for _number in range(people):
        await make_supporter((Stage.completed, APRIL), papers=False)

    with statements() as sent:
        rows = await queries.counted(Stage.completed, YEAR_END)

    assert (len(rows), len(sent)) == (people, 1)
