"""The burn-up: its numbers are the figures of the months, its steps the targets (S6)."""

from datetime import date
from typing import Any

from server.plan import burnup, figures
from server.plan.burnup import BOTTOM, HEIGHT, LEFT, RIGHT, TOP, WIDTH

TODAY = date(2026, 11, 21)
CUMULATIVE = {
    "counting": "cumulative",
    "measure": "supporters_trained",
    "unit": "supporter",
    "first_year": 2025,
    "last_year": 2027,
}
ANNUAL = {**CUMULATIVE, "counting": "annual"}


def rows(*days: date) -> list[dict[str, Any]]:
    return [{"effective_on": day, "number": 1} for day in days]


def aims(**numbers: int | None) -> dict[int, dict[str, Any]]:
    return {int(year[1:]): {"number": number} for year, number in numbers.items()}


DAYS = rows(date(2024, 5, 1), date(2025, 4, 30), date(2026, 3, 31), date(2026, 4, 1), TODAY)


def test_s6_the_chart_s_numbers_are_the_figures_themselves() -> None:
    found = burnup.chart(CUMULATIVE, DAYS, {}, TODAY)

    by_day = {month.on: month.number for month in found.months}
    assert by_day[date(2025, 4, 30)] == 2
    assert by_day[date(2026, 3, 31)] == figures.of(CUMULATIVE, DAYS, 2025).number == 3
    assert by_day[TODAY] == figures.of(CUMULATIVE, DAYS, 2026).number == 5
    assert max(by_day) == TODAY


def test_an_annual_figure_begins_each_april_at_nothing() -> None:
    found = burnup.chart(ANNUAL, DAYS, {}, TODAY)

    by_day = {month.on: month.number for month in found.months}
    assert (by_day[date(2026, 3, 31)], by_day[date(2026, 4, 30)], by_day[TODAY]) == (2, 1, 2)
    assert len(found.lines) == 2
    assert all(line.split()[0].endswith(f",{HEIGHT - BOTTOM}") for line in found.lines)


def test_s6_a_year_without_a_target_has_no_step() -> None:
    found = burnup.chart(CUMULATIVE, DAYS, aims(y2026=24, y2027=None), TODAY)

    assert [(step.fiscal_year, step.number) for step in found.steps] == [(2026, 24)]
    assert {month.fiscal_year: month.target for month in found.months} == {2025: None, 2026: 24}


def test_everything_drawn_lies_inside_the_box() -> None:
    found = burnup.chart(CUMULATIVE, DAYS, aims(y2025=24, y2026=72, y2027=120), TODAY)

    points = [tuple(map(float, point.split(","))) for point in found.lines[0].split()]
    drawn = [*points, *((step.x2, step.y) for step in found.steps)]
    assert all(LEFT <= x <= WIDTH - RIGHT and TOP <= y <= HEIGHT - BOTTOM for x, y in drawn)
    assert [number for number, _ in found.levels] == [0, 50, 100, 150]


def test_counting_goes_on_after_the_plan_has_ended() -> None:
    ended = {**CUMULATIVE, "first_year": 2022, "last_year": 2025}

    found = burnup.chart(ended, DAYS, aims(y2025=4), TODAY)

    assert [year for year, *_ in found.years] == [2022, 2023, 2024, 2025, 2026]
    assert found.months[-1].target is None


def test_a_plan_to_come_has_a_target_line_and_nothing_reached() -> None:
    to_come = {**CUMULATIVE, "first_year": 2027, "last_year": 2028}

    found = burnup.chart(to_come, [], aims(y2027=24), TODAY)

    assert (found.months, found.lines[0], found.last) == ((), "", None)
    assert len(found.steps) == 1
