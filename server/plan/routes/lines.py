"""Plans as pages show them: an indicator's line, its chart, the figures of each district."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from server import clock
from server.places.tables import District
from server.plan import burnup, figures, queries, targets
from server.plan.tables import Counting, Direction, Measure

Row = dict[str, Any]


async def outlines(plans: Sequence[Row], year: int | None = None) -> list[Row]:
    """Each plan with its `year`, the `lines` of its indicators, `charts` and per-district table.

    The year is the one asked for, else the present one, as far as the plan has it. The same
    number of statements for any number of indicators.
    """
    today = clock.today()
    indicators = await queries.indicators([plan["id"] for plan in plans])
    aims = await queries.targets([each["id"] for each in indicators])
    collected = await figures.collect(indicators)
    districts = await District.select(District.id, District.name).order_by(District.position)
    helping = await figures.helping(today)
    found = []
    for plan in plans:
        chosen = year_of(plan, year)
        own = [each for each in indicators if each["plan"] == plan["id"]]
        lines = [line(each, collected[each["id"]], aims[each["id"]], chosen) for each in own]
        found.append(
            {
                "plan": plan,
                "year": chosen,
                "years": years_of(plan),
                "is_over": clock.fiscal_year(today) > plan["last_year"],
                "lines": lines,
                "charts": [
                    (each, burnup.chart(each, collected[each["id"]], aims[each["id"]], today))
                    for each in own
                    if each["counting"] == Counting.cumulative
                ],
                "districts": per_district(lines, districts, helping),
            }
        )
    return found


def line(indicator: Row, collected: Sequence[Row], aims: dict[int, Row], year: int) -> Row:
    """An indicator with the figure of a year and where that stands."""
    figure = figures.of(indicator, collected, year)
    standing = targets.compare(indicator, year, figure, aims.get(year))
    return {
        "indicator": indicator,
        "year": year,
        "figure": figure,
        "standing": standing,
        "over": standing.due_on < clock.today(),
        "now": _now(indicator, collected, year),
        "reached_on": _reached_on(indicator, collected, standing.number),
        "not_begun": clock.fiscal_days(year)[0] > clock.today(),
    }


def _now(indicator: Row, collected: Sequence[Row], year: int) -> figures.Figure | None:
    """Of a cumulative indicator in a year that is over: how it stands today."""
    present = clock.fiscal_year(clock.today())
    cumulative = indicator["counting"] == Counting.cumulative
    return figures.of(indicator, collected, present) if cumulative and year < present else None


def _reached_on(indicator: Row, collected: Sequence[Row], number: int | None) -> date | None:
    """The day on which a cumulative figure came to a target that it is to reach."""
    if number is None or indicator["counting"] != Counting.cumulative:
        return None
    if indicator["direction"] != Direction.at_least:
        return None
    so_far = 0
    for row in sorted(collected, key=lambda row: row["effective_on"]):
        so_far += row["number"]
        if so_far >= number:
            day: date = row["effective_on"]
            return day
    return None


def years_of(plan: Row) -> list[int]:
    """The plan's fiscal years, and those since it ended: counting goes on."""
    first, last = plan["first_year"], plan["last_year"]
    return list(range(first, max(last, clock.fiscal_year(clock.today())) + 1))


def year_of(plan: Row, asked: int | None) -> int:
    """The year asked for, if there is one; else the present one, or the plan's nearest to it."""
    if asked in years_of(plan):
        return int(asked or 0)
    present = clock.fiscal_year(clock.today())
    return int(min(max(present, plan["first_year"]), plan["last_year"]))


def per_district(lines: Sequence[Row], districts: Sequence[Row], helping: Sequence[Row]) -> Row:
    """What belongs to each district; the sums are the figures themselves (T5).

    `uncovered` are the districts in which no supporter is registered or active now (S7).
    """
    shown = [each for each in lines if _has_places(each["indicator"])]
    places = [*districts, {"id": None, "name": ""}]
    rows: list[Row] = [
        {
            "district": place,
            "cells": [
                _number(figures.in_district(each["figure"].rows, place["id"])) for each in shown
            ],
            "helping": _number(figures.in_district(helping, place["id"])),
        }
        for place in places
    ]
    return {
        "lines": shown,
        "rows": [row for row in rows if row["district"]["id"] or any(row["cells"])],
        "helping": len(helping),
        "uncovered": [
            row["district"] for row in rows if row["district"]["id"] and not row["helping"]
        ],
    }


def _has_places(indicator: Row) -> bool:
    by_hand = indicator["measure"] == Measure.by_hand
    return not by_hand and bool(indicator["kinds"] != "staff_training")


def _number(rows: Sequence[Row]) -> int:
    return sum(row["number"] for row in rows)
