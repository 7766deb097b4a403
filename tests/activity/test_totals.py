"""T4, T5: totals rest on live approvals; the past stays as it was known."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from server import clock
from server.activity import activities, approvals, totals
from server.activity.totals import By
from server.people import merging
from tests.activity.cast import ICT, Neighbour, called, neighbour
from tests.activity.test_activities import facts
from tests.databases import Database
from tests.statements import counted

YEAR = (date(2026, 4, 1), date(2027, 3, 31))
EVER = (date(2025, 4, 1), date(2027, 3, 31))
NOW = datetime(2026, 11, 21, 1, tzinfo=UTC)


@pytest.fixture(autouse=True)
async def now(database: Database, frozen_now: datetime) -> None:
    """Saturday 21 November 2026, 10 in the morning, for every test here."""


async def approved(who: Neighbour, at: str, minutes: int, people: int = 1) -> dict[str, Any]:
    report = await called(who, at, minutes, people_helped=people)
    await approvals.approve(report["id"], by=ICT)
    return report


def figures(rows: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    names = ("key", "name", "minutes", "people_helped", "reports", "supporters")
    return [tuple(row[name] for name in names) for row in rows]


async def test_s4_only_approved_minutes_count(database: Database) -> None:
    haruko = await neighbour()
    await approved(haruko, "2026-11-01 10:00", 60)
    await called(haruko, "2026-11-02 10:00", 30)
    returned = await called(haruko, "2026-11-03 10:00", 30)
    await approvals.send_back(returned["id"], "直す", by=ICT)

    assert figures(await totals.minutes_by("year", *YEAR)) == [(2026, "", 60, 1, 1, 1)]


async def test_t1_t4_totals_by_month_year_district_and_supporter(database: Database) -> None:
    natsuo, haruko = await neighbour("木村夏夫", "きむらなつお"), await neighbour()
    await approved(haruko, "2026-03-31 23:30", 60, 2)  # over midnight: the day it began
    await approved(haruko, "2026-04-01 00:30", 30, 3)
    await approved(haruko, "2026-11-01 10:00", 60, 4)
    await approved(natsuo, "2026-11-02 10:00", 90, 5)

    assert figures(await totals.minutes_by("year", *EVER)) == [
        (2025, "", 60, 2, 1, 1),
        (2026, "", 180, 12, 3, 2),
    ]
    assert figures(await totals.minutes_by("month", *YEAR)) == [
        ("2026-04", "", 30, 3, 1, 1),
        ("2026-11", "", 150, 9, 2, 2),  # 延べ 9 人, 実人数 of helpers 2: each from its own rows
    ]
    assert figures(await totals.minutes_by("supporter", *YEAR)) == [
        (natsuo.person_id, "木村夏夫", 90, 5, 1, 1),
        (haruko.person_id, "山本春子", 90, 7, 2, 1),
    ]
    by_district = await totals.minutes_by("district", *YEAR)
    assert [(row["key"], row["minutes"]) for row in by_district] == [
        (natsuo.district_id, 90),
        (haruko.district_id, 90),
    ]


async def test_t5_an_approval_withdrawn_falls_and_as_of_shows_the_past(
    database: Database,
) -> None:
    haruko = await neighbour()
    report = await approved(haruko, "2026-11-01 10:00", 60)
    await approved(haruko, "2026-11-02 10:00", 30)
    with clock.freeze(NOW + timedelta(days=1)):
        await approvals.withdraw(report["id"], "二重だった", by=ICT)
    with clock.freeze(NOW + timedelta(days=2)):
        assert figures(await totals.minutes_by("year", *YEAR)) == [(2026, "", 30, 1, 1, 1)]

    async def known(hours: float) -> int:
        at = NOW + timedelta(hours=hours)
        rows = await totals.minutes_by("year", *YEAR, known_at=at)
        return sum(row["minutes"] for row in rows)

    assert [await known(hours) for hours in (-1, 0, 23, 24, 48)] == [0, 90, 90, 30, 30]


async def test_t5_a_changed_report_counts_as_changed_once_approved_again(
    database: Database,
) -> None:
    haruko = await neighbour()
    report = await approved(haruko, "2026-11-01 10:00", 60)
    with clock.freeze(NOW + timedelta(days=1)):
        await activities.change(report["id"], facts(minutes=20), version=2, by=haruko)
        assert await totals.minutes_by("year", *YEAR) == []
        await approvals.approve(report["id"], by=ICT)

    assert figures(await totals.minutes_by("year", *YEAR)) == [(2026, "", 20, 0, 1, 1)]
    then = await totals.minutes_by("year", *YEAR, known_at=NOW)
    assert figures(then) == [(2026, "", 60, 1, 1, 1)]


async def test_t4_a_merged_duplicate_is_one_person(database: Database) -> None:
    haruko, double = await neighbour(), await neighbour()
    await approved(haruko, "2026-11-01 10:00", 60)
    await approved(double, "2026-11-02 10:00", 30)
    await merging.merge(double.person_id, haruko.person_id, by=ICT)

    assert figures(await totals.minutes_by("supporter", *YEAR)) == [
        (haruko.person_id, "山本春子", 90, 2, 2, 1)
    ]


@pytest.mark.parametrize("kind", list(By))
async def test_t5_every_total_opens_the_rows_that_make_it_up(database: Database, kind: By) -> None:
    haruko, natsuo = await neighbour(), await neighbour("木村夏夫", "きむらなつお")
    for day in range(1, 6):
        await approved(haruko, f"2026-1{day % 2}-0{day} 10:00", 10 * day, day)
        await approved(natsuo, f"2026-0{day + 3}-01 10:00", 7 * day, day)
    rows = await totals.rows(*YEAR)

    for total in await totals.minutes_by(kind, *YEAR):
        behind = totals.behind(kind, str(total["key"]), rows)
        assert totals.summed(behind) == {name: total[name] for name in totals.summed(behind)}
    assert totals.summed(rows)["minutes"] == 17 * 15


async def test_totals_take_one_statement_for_any_number(database: Database) -> None:
    haruko = await neighbour()
    await approved(haruko, "2026-11-01 10:00", 60)
    with counted() as one:
        await totals.minutes_by("month", *YEAR)
    for day in range(2, 16):
        await approved(haruko, f"2026-11-{day:02} 10:00", 60)
    with counted() as many:
        await totals.minutes_by("month", *YEAR)

    assert (len(one), len(many)) == (1, 1)
