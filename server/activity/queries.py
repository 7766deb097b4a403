"""Reads of activity reports that are used twice, and the lock that they are changed under."""

from datetime import datetime, timedelta
from typing import Any

from server.activity.tables import ActivityReport, ReportState
from server.database import locked
from server.roles import Actor
from server.supporters.tables import Supporter

Row = dict[str, Any]

STANDING = (ReportState.submitted, ReportState.approved)
LONGEST = timedelta(days=1)  # no report is longer


async def supporters_of(supporter_id: int) -> list[int]:
    """The supporter, and those of merged duplicates of the same human being, in order."""
    rows = await Supporter.raw(_SAME_HUMAN, supporter_id)
    return [row["id"] for row in rows]


async def hold(supporter_id: int) -> list[int]:
    """Hold others who would change this human being's reports, inside `writing()`.

    Returns the ids under which the reports are kept. What is read afterwards is as it stands.
    """
    ids = await supporters_of(supporter_id)
    for each in ids:
        await locked(f"supporter:{each}")
    return ids


async def report(report_id: int) -> Row | None:
    """The report of an id, or None."""
    found: Row | None = await ActivityReport.select().where(ActivityReport.id == report_id).first()
    return found


async def held_report(report_id: int) -> Row:
    """The report as it stands, held for others until the change ends."""
    before = await ActivityReport.select(ActivityReport.supporter).where(
        ActivityReport.id == report_id
    )
    await hold(before[0]["supporter"])
    return (await ActivityReport.select().where(ActivityReport.id == report_id))[0]


async def overlapping(
    supporter_ids: list[int], starts_at: datetime, minutes: int, *, but_for: int | None = None
) -> Row | None:
    """A report that stands of these supporters and shares time with the span, or None."""
    ends_at = starts_at + timedelta(minutes=minutes)
    near = (
        await ActivityReport.select()
        .where(ActivityReport.supporter.is_in(supporter_ids))
        .where(ActivityReport.state.is_in(list(STANDING)))
        .where(ActivityReport.starts_at > starts_at - LONGEST)
        .where(ActivityReport.starts_at < ends_at)
        .order_by(ActivityReport.starts_at, ActivityReport.id)
    )
    return next(
        (each for each in near if each["id"] != but_for and ends_of(each) > starts_at), None
    )


def ends_of(report: Row) -> datetime:
    """When what a report tells of was over."""
    ends_at: datetime = report["starts_at"] + timedelta(minutes=report["minutes"])
    return ends_at


async def is_own(supporter_id: int, by: Actor) -> bool:
    """Does the account belong to the supporter herself?"""
    return bool(await Supporter.raw(_OWN, supporter_id, by.id))


_SAME_HUMAN = """
SELECT other.id FROM supporter
JOIN person ON person.id = supporter.person
JOIN person AS same ON COALESCE(same.merged_into, same.id) = COALESCE(person.merged_into, person.id)
JOIN supporter AS other ON other.person = same.id
WHERE supporter.id = {}
ORDER BY other.id
"""

_OWN = """
SELECT account.id FROM supporter
JOIN person ON person.id = supporter.person
JOIN person AS same ON COALESCE(same.merged_into, same.id) = COALESCE(person.merged_into, person.id)
JOIN account ON account.person = same.id
WHERE supporter.id = {} AND account.id = {}
"""
