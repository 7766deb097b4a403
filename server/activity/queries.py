"""Reads of activity reports that are used twice, and the lock that they are changed under."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from piccolo.querystring import QueryString

from server import clock
from server.activity.tables import ActivityReport, ActivityTopic, ReportState
from server.database import locked
from server.database.conditions import among, every
from server.roles import Actor
from server.supporters.queries import same_human
from server.supporters.tables import Supporter

Row = dict[str, Any]

STANDING = (ReportState.submitted, ReportState.approved)
LONGEST = timedelta(days=1)  # no report is longer
PAGE = 50


@dataclass(frozen=True)
class Filters:
    """Which reports a list shows; None means any."""

    report_id: int | None = None
    states: Sequence[ReportState] = tuple(ReportState)
    supporter_ids: Sequence[int] | None = None
    section_id: int | None = None  # of the class
    district_id: int | None = None
    month: date | None = None  # its first day
    merged: bool = False  # only of people who were in the register twice


async def hold(supporter_id: int) -> list[int]:
    """Hold others who would change this human being's reports, inside `writing()`.

    Returns the ids under which the reports are kept. What is read afterwards is as it stands.
    """
    ids = await same_human(supporter_id)
    for each in ids:
        await locked(f"supporter:{each}")
    return ids


async def hold_all(supporter_ids: Iterable[int]) -> None:
    """As `hold`, of several: all at once and in one order, before the first is changed."""
    for each in sorted({same for one in supporter_ids for same in await same_human(one)}):
        await locked(f"supporter:{each}")


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


async def listed(filters: Filters, page: int | None = 1) -> tuple[list[Row], bool]:
    """A page of fifty reports that fit, newest first, and are there more? All for None.

    Each with the supporter's name and reading, class, venue, district, `ends_at` and `topics`,
    their names; two statements for any number.
    """
    span = QueryString("") if page is None else QueryString(_PAGE, PAGE + 1, (page - 1) * PAGE)
    rows: list[Row] = await ActivityReport.raw(_LISTED, every(_fits(filters)), span)
    shown = rows if page is None else rows[:PAGE]
    await _complete(shown)
    return shown, len(rows) > len(shown)


async def _complete(rows: list[Row]) -> None:
    named: dict[int, list[str]] = {row["id"]: [] for row in rows}
    if named:
        found = (
            await ActivityTopic.select(
                ActivityTopic.report, ActivityTopic.topic.name.as_alias("name")
            )
            .where(ActivityTopic.report.is_in(list(named)))
            .order_by(ActivityTopic.topic.position)
        )
        for each in found:
            named[each["report"]].append(each["name"])
    for row in rows:
        row["topics"] = named[row["id"]]
        row["ends_at"] = ends_of(row)


def _fits(filters: Filters) -> list[QueryString]:
    fits = [among("activity_report.state", [str(each) for each in filters.states])]
    if filters.report_id is not None:
        fits.append(QueryString("activity_report.id = {}", filters.report_id))
    if filters.supporter_ids is not None:
        fits.append(among("activity_report.supporter", filters.supporter_ids))
    if filters.section_id is not None:
        fits.append(QueryString("course.section = {}", filters.section_id))
    if filters.district_id is not None:
        fits.append(QueryString("activity_report.district = {}", filters.district_id))
    if filters.merged:
        fits.append(QueryString(_MERGED))
    if filters.month is not None:
        following = clock.month_after(filters.month)
        span = "activity_report.done_on >= {} AND activity_report.done_on < {}"
        fits.append(QueryString(span, filters.month, following))
    return fits


_LISTED = """
SELECT activity_report.*, stays.id AS person_id, stays.name AS supporter_name,
    stays.reading AS supporter_reading, course.title AS course_title, course.id AS course_id,
    venue.name AS venue_name, district.name AS district_name
FROM activity_report
JOIN supporter ON supporter.id = activity_report.supporter
JOIN person ON person.id = supporter.person
JOIN person AS stays ON stays.id = COALESCE(person.merged_into, person.id)
LEFT JOIN class_session ON class_session.id = activity_report.session
LEFT JOIN course ON course.id = class_session.course
LEFT JOIN venue ON venue.id = activity_report.venue
LEFT JOIN district ON district.id = activity_report.district
WHERE {}
ORDER BY activity_report.starts_at DESC, activity_report.id DESC {}
"""

_MERGED = "EXISTS (SELECT 1 FROM person AS double WHERE double.merged_into = stays.id)"

_PAGE = "LIMIT {} OFFSET {}"

_OWN = """
SELECT account.id FROM supporter
JOIN person ON person.id = supporter.person
JOIN person AS same ON COALESCE(same.merged_into, same.id) = COALESCE(person.merged_into, person.id)
JOIN account ON account.person = same.id
WHERE supporter.id = {} AND account.id = {}
"""
