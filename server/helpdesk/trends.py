"""A fiscal year of contacts beside the one before, month by month, and how it is drawn (H2)."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from server import clock
from server.helpdesk import counting, learning
from server.helpdesk.learning import Dimension
from server.helpdesk.queries import ContactFilters

Row = dict[str, Any]

WIDTH, HEIGHT = 640, 260
LEFT, RIGHT, TOP, BOTTOM = 52, 12, 14, 40  # room for the words around the plot
LEVELS = 4


@dataclass(frozen=True)
class Trend:
    """`months` of the year with `this` and `before`; None for a month to come.

    `this` and `before` of the whole end on the same day of their years, so that they compare.
    """

    months: tuple[Row, ...]
    this: Row
    before: Row
    days: tuple[date, date]
    days_before: tuple[date, date]


@dataclass(frozen=True)
class Chart:
    """Where to draw what, in a box of `width` by `height`."""

    this: str  # polylines
    before: str
    months: tuple[tuple[int, float], ...]  # the number of a month, and its middle
    levels: tuple[tuple[int, float], ...]  # numbers at the left, and their heights
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT
    bottom: int = HEIGHT - BOTTOM


async def of(
    fiscal_year: int, filters: ContactFilters = counting.ANY, known_at: datetime | None = None
) -> Trend:
    """The months of a fiscal year, up to today, beside those of the year before (T1, T5).

    One statement.
    """
    begins, ends = clock.fiscal_days(fiscal_year)
    last_on = max(begins, min(ends, clock.today()))
    days = (begins, last_on)
    days_before = (_year_before(begins), _year_before(last_on) if last_on < ends else _eve(begins))
    rows = await counting.added_up(
        ("contact.contacted_on",), days_before[0], last_on, filters, known_at
    )
    key = await learning.key_of(Dimension.month)
    sums: dict[date, list[Row]] = {}
    for row in rows:
        sums.setdefault(key(row), []).append(row)
    months = tuple(
        {
            "month": month,
            "this": counting.total(sums.get(month, [])) if month <= last_on else None,
            "month_before": _year_before(month),
            "before": counting.total(sums.get(_year_before(month), [])),
        }
        for month in clock.months(begins, ends)
    )
    whole = (_within(rows, *days), _within(rows, *days_before))
    return Trend(months, *whole, days, days_before)


def chart(trend: Trend) -> Chart:
    """The lines of both years: months to come have none."""
    step = (WIDTH - LEFT - RIGHT) / 12
    shown = [each[name]["number"] for each in trend.months for name in _BOTH if each[name]]
    top = _round_up(max(shown, default=0))

    def height(number: int) -> float:
        return round(HEIGHT - BOTTOM - (HEIGHT - BOTTOM - TOP) * number / top, 1)

    def line(name: str) -> str:
        points = [
            f"{LEFT + step * (place + 0.5):.1f},{height(month[name]['number'])}"
            for place, month in enumerate(trend.months)
            if month[name]
        ]
        return " ".join(points)

    return Chart(
        this=line("this"),
        before=line("before"),
        months=tuple(
            (month["month"].month, round(LEFT + step * (place + 0.5), 1))
            for place, month in enumerate(trend.months)
        ),
        levels=tuple(
            (top * level // LEVELS, height(top * level // LEVELS)) for level in range(LEVELS + 1)
        ),
    )


def _within(rows: list[Row], first_on: date, last_on: date) -> Row:
    return counting.total(row for row in rows if first_on <= row["contacted_on"] <= last_on)


def _year_before(day: date) -> date:
    """The same day a year earlier; of 29 February the day before it."""
    leap = (day.month, day.day) == (2, 29)
    return day.replace(year=day.year - 1, day=28 if leap else day.day)


def _eve(day: date) -> date:
    return day - timedelta(days=1)


def _round_up(number: int) -> int:
    """The next number that divides into the levels without a rest."""
    unit = LEVELS
    while unit * 10 < number:
        unit *= 10
    return max(LEVELS, -(-number // unit) * unit)


_BOTH = ("this", "before")
