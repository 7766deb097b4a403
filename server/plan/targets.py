"""How much by the end of which fiscal year: a number, a milestone, or nothing stated (S6)."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from piccolo.columns import Column

from server import clock
from server.audit import entries
from server.database import locked, writing
from server.plan import queries
from server.plan.figures import Figure
from server.plan.plans import check_may_plan
from server.plan.tables import Counting, Direction, Target
from server.refusals import N_, Refused, Stale
from server.roles import Actor

Row = dict[str, Any]

NO_NUMBER = N_("This indicator has milestones; a number is no target of it.")
NO_MILESTONE = N_("This indicator is counted; a milestone is no target of it.")
OUTSIDE = N_("The plan does not reach into that fiscal year.")


@dataclass(frozen=True)
class Standing:
    """A figure beside its target at the end of a fiscal year.

    `rate` is a percentage, cut to one decimal so that 99.96 never reads 100; `missing` is how much
    is left to do (at least) or too much (at most); both None where no number is to be reached.
    """

    due_on: date
    number: int | None
    milestone: str
    is_met: bool | None
    rate: float | None
    missing: int | None

    @property
    def is_blank(self) -> bool:
        """No target is stated for the year: blank, never 0 (S6)."""
        return self.number is None and not self.milestone


async def set(  # noqa: A001 - targets.set is how it reads
    indicator_id: int,
    fiscal_year: int,
    *,
    number: int | None = None,
    milestone: str = "",
    version: int,
    by: Actor | None,
) -> Row:
    """Set a year's target; neither number nor milestone makes it blank.

    `version` is the one that was seen, 0 where none stood. Refused outside the plan's years, for
    the wrong kind of target, and as Stale where somebody else was quicker.
    """
    check_may_plan(by)
    async with writing():
        await locked(f"indicator:{indicator_id}")
        indicator = await queries.indicator(indicator_id)
        assert indicator is not None
        check_fits(indicator, fiscal_year, number, milestone)
        current = (await queries.targets([indicator_id]))[indicator_id].get(fiscal_year)
        if (current["version"] if current else 0) != version:
            raise Stale(current or {})
        return await _save(indicator_id, fiscal_year, number, milestone, current, by)


def check_fits(indicator: Row, fiscal_year: int, number: int | None, milestone: str) -> None:
    """A number for what is counted, words for a milestone, within the plan's years."""
    if not indicator["first_year"] <= fiscal_year <= indicator["last_year"]:
        raise Refused(OUTSIDE)
    if indicator["counting"] == Counting.milestone and number is not None:
        raise Refused(NO_NUMBER)
    if indicator["counting"] != Counting.milestone and milestone:
        raise Refused(NO_MILESTONE)


def compare(indicator: Row, fiscal_year: int, figure: Figure, target: Row | None) -> Standing:
    """Where a figure stands against the target of its fiscal year (以上 / 以下)."""
    due_on = clock.fiscal_days(fiscal_year)[1]
    aim = target["number"] if target else None
    milestone = target["milestone"] if target else ""
    if milestone:
        reached = {row["milestone"] for row in figure.rows}
        return Standing(due_on, None, milestone, milestone in reached, None, None)
    if aim is None or figure.number is None:
        return Standing(due_on, aim, "", None, None, None)
    if indicator["direction"] == Direction.at_most:
        over = max(figure.number - aim, 0)
        return Standing(due_on, aim, "", figure.number <= aim, None, over)
    rate = figure.number * 1000 // aim / 10 if aim else None
    missing = max(aim - figure.number, 0)
    return Standing(due_on, aim, "", figure.number >= aim, rate, missing)


async def _save(
    indicator_id: int,
    fiscal_year: int,
    number: int | None,
    milestone: str,
    current: Row | None,
    by: Actor | None,
) -> Row:
    known = {"number": number, "milestone": milestone}
    at = (Target.indicator == indicator_id) & (Target.fiscal_year == fiscal_year)
    if current is None:
        # Version 2: a plan loaded again keeps what was set by hand.
        row = Target(indicator=indicator_id, fiscal_year=fiscal_year, version=2)
        row.number, row.milestone = number, milestone
        await row.save()
    else:
        changes: dict[Column | str, Any] = {"version": current["version"] + 1}
        await Target.update({**changes, "number": number, "milestone": milestone}).where(at)
    was = {name: current[name] for name in known} if current else None
    await entries.record(
        "target.set", "indicator", indicator_id, by=by, year=fiscal_year, was=was, now=known
    )
    return (await Target.select().where(at))[0]
