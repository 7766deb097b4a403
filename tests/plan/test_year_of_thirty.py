"""Every figure of a year of thirty supporters, counted by hand, on both engines (S1, T1–T5)."""

from datetime import date, datetime, time
from typing import Any

import pytest

from server import clock
from server.activity import totals
from server.classes import attendance, reports
from server.classes.tables import CourseKind
from server.plan import figures, plans, queries, targets
from server.plan.routes import lines
from server.supporters import queries as supporters
from server.supporters.tables import Stage
from server.training import certificates
from tests.classes.staff_cast import ICT
from tests.databases import Database
from tests.plan.year_of_thirty import HINAGA, KUSU, TOMISUHARA, Year, instant

FIRST, LAST = date(2025, 4, 1), date(2026, 3, 31)
AFTER = clock.at(date(2026, 4, 2), time(9))


@pytest.fixture
async def year(database: Database) -> Year:
    """The year, lived."""
    lived = Year()
    await lived.live()
    return lived


async def trained(until: date, known_at: datetime | None = None) -> list[str]:
    rows = await supporters.counted(Stage.completed, until, known_at)
    return sorted(row["name"] for row in rows)


async def by(kind: str, first: date = FIRST, last: date = LAST, **more: Any) -> dict[Any, Any]:
    rows = await totals.minutes_by(kind, first, last, **more)
    return {row["name"] or row["key"]: row["minutes"] for row in rows}


async def test_s1_trained_at_the_end_of_each_fiscal_year(year: Year) -> None:
    from_2023 = ["M1", "M2", "M3", "M4", "M5", "M6", "M7", "M8", "P4"]
    from_2024 = ["T1", "T2", "T3", "T4", "T5", "T6"]
    from_2025 = ["N1", "N10", "N2", "N3", "N4", "N5", "N6"]

    assert await trained(date(2024, 3, 31)) == from_2023  # 9
    assert await trained(date(2025, 3, 31)) == sorted(from_2023 + from_2024)  # 15
    assert await trained(date(2026, 3, 31)) == sorted(from_2023 + from_2024 + from_2025)  # 22
    assert await trained(date(2026, 4, 1)) == sorted(
        [*from_2023, *from_2024, *from_2025, "N7"]  # 23: certified at 00:30 on 1 April
    )


async def test_s1_trained_by_district(year: Year) -> None:
    counts: dict[str, int] = {}
    for row in await supporters.counted(Stage.completed, LAST):
        counts[row["district_name"]] = counts.get(row["district_name"], 0) + 1

    assert counts == {HINAGA: 9, KUSU: 8, TOMISUHARA: 5}


async def test_s1_leaving_lowers_only_the_active_count(year: Year) -> None:
    active = sorted(row["name"] for row in await supporters.active(LAST))

    assert active == [
        *("M1", "M2", "M3", "M4", "M5", "M6", "M7"),  # M8 has left
        *("N1", "N10", "N2", "N3"),  # N10 came back; N4 to N6 are not registered yet
        *("T1", "T2", "T3", "T4", "T5", "T6"),  # P4 rests
    ]


async def test_t5_a_completion_by_mistake_was_known_until_it_was_undone(year: Year) -> None:
    autumn = date(2025, 10, 31)

    known_then = set(await trained(autumn, instant("2025-10-10")))
    known_now = set(await trained(autumn))

    assert known_then - known_now == {"N9"}
    assert known_now - known_then == set()


async def test_certificates_run_on_within_their_fiscal_year_and_stay_used(year: Year) -> None:
    numbers = {
        who: [row["number"] for row in await certificates.of(year.people[who])]
        for who in ("N1", "N5", "N10", "N9", "N6", "N7", "N8")
    }

    assert numbers == {
        "N1": ["R7-0001"],
        "N5": ["R7-0005"],
        "N10": ["R7-0006"],
        "N9": ["R7-0007"],  # taken back, never given again
        "N6": ["R7-0008"],
        "N7": ["R8-0001"],
        "N8": [],
    }


async def test_t3_sessions_held_in_the_year(year: Year) -> None:
    held = {
        str(kind): [
            row["effective_on"].isoformat() for row in await reports.held(FIRST, LAST, [kind])
        ]
        for kind in CourseKind
    }

    assert held == {
        "smartphone": ["2025-06-14", "2025-07-12", "2025-08-02"],
        "online_meeting": ["2026-03-31"],
        "consultation": [],
        "supporter_training": ["2025-05-17"],
        "staff_training": [],
    }


async def test_t3_ended_without_a_report_is_unreported_and_counts_nowhere(year: Year) -> None:
    with clock.freeze(AFTER):
        waiting = [row["held_on"].isoformat() for row in await reports.unreported(ICT)]

    assert waiting == ["2025-09-06"]


async def test_t4_visits_and_people_come_from_their_own_rows(year: Year) -> None:
    visits = {
        str(kind): sum(row["head_count"] for row in await reports.held(FIRST, LAST, [kind]))
        for kind in (CourseKind.smartphone, CourseKind.online_meeting)
    }
    people = await attendance.people(FIRST, LAST, [CourseKind.supporter_training])

    assert visits == {"smartphone": 12 + 8 + 10, "online_meeting": 6}
    assert sorted((row["person_id"], row["visits"]) for row in people) == sorted(
        (year.people[f"N{number}"], 1) for number in (1, 2, 3, 4, 5, 6, 7, 9, 10)
    )


async def test_s4_minutes_of_each_supporter(year: Year) -> None:
    assert await by("supporter") == {
        "M1": 90,
        "M2": 120 + 45,
        "M7": 90 + 60,
        "N1": 90,
        "N2": 90,
        "N3": 90,
        "N4": 90,
        "N5": 90,
        "N6": 90,
        "N7": 90,
        "N9": 90,
        "N10": 60,  # changed, approved by the coordinator
        "T3": 90,
    }


async def test_s4_minutes_by_district_month_and_fiscal_year(year: Year) -> None:
    assert await by("district") == {HINAGA: 705, KUSU: 420, TOMISUHARA: 150}
    assert await by("month") == {
        "2025-06": 540,
        "2025-07": 420,
        "2025-08": 90,
        "2025-11": 120,
        "2026-01": 45,
        "2026-03": 60,
    }
    assert await by("year", last=date(2027, 3, 31)) == {2025: 1275, 2026: 90}


async def test_t4_people_helped_add_up_to_the_heads(year: Year) -> None:
    [in_all] = await totals.minutes_by("year", FIRST, LAST)

    assert in_all["people_helped"] == 12 + 8 + 5 + 6 + 6 + 4
    assert in_all["supporters"] == 13
    assert in_all["reports"] == 6 + 5 + 1 + 1 + 2


async def test_t5_an_approval_taken_back_counted_until_then(year: Year) -> None:
    in_december = {"first": date(2025, 12, 1), "last": date(2025, 12, 31)}

    assert await by("month", **in_december, known_at=instant("2026-01-09")) == {"2025-12": 100}
    assert await by("month", **in_december) == {}


async def test_s6_the_plan_says_what_is_reached_and_what_is_missing(year: Year) -> None:
    with clock.freeze(AFTER):
        loaded = await plans.load_shipped("yokkaichi-2022", by=None)
        indicators = {row["code"]: row for row in await queries.indicators([loaded.plan_id])}
        targets = await queries.targets([row["id"] for row in indicators.values()])

        found = {}
        for code in ("smartphone-classes", "online-meeting-classes", "supporters-trained"):
            indicator = indicators[code]
            for fiscal_year in (2023, 2024, 2025):
                figure = await figures.actual(indicator, fiscal_year)
                target = targets[indicator["id"]][fiscal_year]["number"]
                found[code, fiscal_year] = (figure.number, target)
                assert sum(row["number"] for row in figure.rows) == figure.number

    assert found == {
        ("smartphone-classes", 2023): (0, 1),
        ("smartphone-classes", 2024): (0, 1),
        ("smartphone-classes", 2025): (3, 1),
        ("online-meeting-classes", 2023): (0, 2),
        ("online-meeting-classes", 2024): (0, 2),
        ("online-meeting-classes", 2025): (1, 2),
        ("supporters-trained", 2023): (9, 24),
        ("supporters-trained", 2024): (15, 72),
        ("supporters-trained", 2025): (22, 120),
    }


async def test_s6_the_day_on_which_a_target_was_reached(year: Year) -> None:
    with clock.freeze(AFTER):
        loaded = await plans.load_shipped("yokkaichi-2022", by=None)
        [indicator] = [
            row
            for row in await queries.indicators([loaded.plan_id])
            if row["code"] == "supporters-trained"
        ]
        await targets.set(indicator["id"], 2025, number=23, version=1, by=ICT)
        aims = (await queries.targets([indicator["id"]]))[indicator["id"]]
        collected = await figures.collect([indicator])
        line = lines.line(indicator, collected[indicator["id"]], aims, 2025)

    assert line["standing"].missing == 1
    assert line["reached_on"] == date(2026, 4, 1)  # half an hour too late
    assert line["now"].number == 23
