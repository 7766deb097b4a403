"""Reads of plans that are used twice, or are longer than a statement."""

from collections.abc import Sequence
from typing import Any

from server.places.tables import Section
from server.plan.tables import Indicator, Plan, Target

Row = dict[str, Any]


async def plans(municipality: str = "") -> list[Row]:
    """Every plan that is loaded: this city's own first, then the newest."""
    rows = await Plan.select().order_by(Plan.first_year, Plan.id, ascending=False)
    return sorted(rows, key=lambda row: bool(row["municipality"] != municipality))


async def plans_of(municipality: str) -> list[Row]:
    """The plans of this city; where none of them is, whatever is loaded."""
    every = await plans(municipality)
    return [row for row in every if row["municipality"] == municipality] or every


async def indicators(plan_ids: Sequence[int]) -> list[Row]:
    """The indicators of the plans with their plan's years and section's name, in order."""
    if not plan_ids:
        return []
    return await (
        Indicator.select(
            *Indicator.all_columns(),
            Indicator.plan.name.as_alias("plan_name"),
            Indicator.plan.municipality.as_alias("municipality"),
            Indicator.plan.first_year.as_alias("first_year"),
            Indicator.plan.last_year.as_alias("last_year"),
            Indicator.section.name.as_alias("section_name"),
        )
        .where(Indicator.plan.is_in(list(plan_ids)))
        .order_by(Indicator.plan, Indicator.position, Indicator.id)
    )


async def indicator(indicator_id: int) -> Row | None:
    """One indicator, as `indicators` gives it."""
    found = await Indicator.select(Indicator.plan).where(Indicator.id == indicator_id).first()
    if found is None:
        return None
    rows = await indicators([found["plan"]])
    return next(row for row in rows if row["id"] == indicator_id)


async def targets(indicator_ids: Sequence[int]) -> dict[int, dict[int, Row]]:
    """The targets by indicator and fiscal year; a year that states none has no row, or a blank."""
    found: dict[int, dict[int, Row]] = {each: {} for each in indicator_ids}
    if indicator_ids:
        rows = await Target.select().where(Target.indicator.is_in(list(indicator_ids)))
        for row in sorted(rows, key=lambda row: row["fiscal_year"]):
            found[row["indicator"]][row["fiscal_year"]] = row
    return found


async def section_named(name: str) -> int | None:
    """The section of that name in this city, if it has one."""
    row = await Section.select(Section.id).where(Section.name == name).first() if name else None
    return row["id"] if row else None
