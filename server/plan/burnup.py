"""The burn-up of an indicator: what was reached month by month, against the target line (S6)."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import accumulate
from typing import Any

from server import clock
from server.plan.tables import Counting

Row = dict[str, Any]
Point = tuple[float, float]

WIDTH, HEIGHT = 640, 260
LEFT, RIGHT, TOP, BOTTOM = 52, 12, 14, 40  # room for the words around the plot


@dataclass(frozen=True)
class Month:
    """The figure at the end of a month, or today, and the target of its fiscal year if any."""

    on: date
    fiscal_year: int
    number: int
    target: int | None


@dataclass(frozen=True)
class Step:
    """A year's target as a level line; a year without one has none."""

    fiscal_year: int
    number: int
    x1: float
    x2: float
    y: float


@dataclass(frozen=True)
class Chart:
    """Where to draw what, in a box of WIDTH by HEIGHT; `months` are the same numbers."""

    months: tuple[Month, ...]
    lines: tuple[str, ...]  # polylines of what was reached
    last: Point | None
    steps: tuple[Step, ...]
    years: tuple[tuple[int, float, float], ...]  # fiscal year, its left edge and its middle
    levels: tuple[tuple[int, float], ...]  # numbers at the left and their heights
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT
    top: int = TOP
    bottom: int = HEIGHT - BOTTOM


def chart(
    indicator: Row, collected: Iterable[Row], targets: Mapping[int, Row], today: date
) -> Chart:
    """The chart of an indicator with numbers, from the plan's first year to its last or today's.

    `collected` is what `figures.collect` found, `targets` the rows by fiscal year.
    """
    last_year = max(indicator["last_year"], clock.fiscal_year(today))
    years = range(indicator["first_year"], last_year + 1)
    aims = {year: targets[year]["number"] if year in targets else None for year in years}
    months = _months(indicator, collected, aims, today)
    numbers = [*(each.number for each in months), *(aim for aim in aims.values() if aim)]
    levels = _levels(max(numbers, default=1))
    plot = _Plot(clock.fiscal_days(years[0])[0], clock.fiscal_days(last_year)[1], levels[-1])
    middle = (plot.edges(years[0])[1] - LEFT) / 2
    return Chart(
        months=months,
        lines=tuple(_lines(indicator, months, plot)),
        last=plot.point(months[-1].on, months[-1].number) if months else None,
        steps=tuple(
            Step(year, aim, *plot.edges(year), plot.y(aim))
            for year, aim in aims.items()
            if aim is not None
        ),
        years=tuple((year, plot.edges(year)[0], plot.edges(year)[0] + middle) for year in years),
        levels=tuple((number, plot.y(number)) for number in levels),
    )


@dataclass(frozen=True)
class _Plot:
    first_on: date
    last_on: date
    top: int

    def edges(self, year: int) -> tuple[float, float]:
        first_on, last_on = clock.fiscal_days(year)
        return self.x(first_on), self.x(last_on)

    def x(self, on: date) -> float:
        share = (on - self.first_on) / (self.last_on - self.first_on)
        return round(LEFT + share * (WIDTH - LEFT - RIGHT), 1)

    def y(self, number: int) -> float:
        return round(HEIGHT - BOTTOM - number / self.top * (HEIGHT - TOP - BOTTOM), 1)

    def point(self, on: date, number: int) -> Point:
        return self.x(on), self.y(number)


def _months(
    indicator: Row, collected: Iterable[Row], aims: Mapping[int, int | None], today: date
) -> tuple[Month, ...]:
    """The ends of the months of these years that are over, and today."""
    rows = list(collected)
    days = [row["effective_on"] for row in rows]
    sums = [0, *accumulate(row["number"] for row in rows)]
    found = []
    for year, aim in aims.items():
        first_on, last_on = clock.fiscal_days(year)
        annual = indicator["counting"] == Counting.annual
        before = sums[bisect_left(days, first_on)] if annual else 0
        for month in clock.months(first_on, min(last_on, today)):
            on = min(clock.month_days(month)[1], today)
            number = sums[bisect_right(days, on)] - before
            found.append(Month(on, year, number, aim))
    return tuple(found)


def _lines(indicator: Row, months: Sequence[Month], plot: _Plot) -> Iterator[str]:
    """What was reached: one line, or one for each year where every year begins at nothing."""
    if indicator["counting"] != Counting.annual:
        yield _polyline([plot.point(each.on, each.number) for each in months])
        return
    for year in sorted({each.fiscal_year for each in months}):
        own = [plot.point(each.on, each.number) for each in months if each.fiscal_year == year]
        yield _polyline([plot.point(clock.fiscal_days(year)[0], 0), *own])


def _polyline(points: Sequence[Point]) -> str:
    return " ".join(f"{x:g},{y:g}" for x, y in points)


def _levels(highest: int) -> list[int]:
    """Round numbers from nothing to at least the highest, five or six at most."""
    size = 1
    while True:
        for step in (size, 2 * size, 5 * size):
            if step * 5 >= highest:
                return list(range(0, -(-highest // step) * step + 1, step))
        size *= 10
