"""What was done, in minutes and people, from live approvals only (S4, T4, T5)."""

from collections.abc import Callable
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from piccolo.querystring import QueryString

from server import clock
from server.activity.tables import ActivityApproval

Row = dict[str, Any]


class By(StrEnum):
    """What totals are added up by."""

    month = "month"
    supporter = "supporter"
    district = "district"
    year = "year"  # 年度


async def minutes_by(
    kind: str,
    first_on: date,
    last_on: date,
    *,
    known_at: datetime | None = None,
) -> list[Row]:
    """Minutes, visits and reports per supporter, district, month or fiscal year, in order.

    Each row has `key` (a person's id, a district's id or None, 2026-11, a fiscal year), `name`
    (of a person or district, else ""), `minutes`, `people_helped` (visits, 延べ人数), `reports`
    and `supporters` (different people who helped, 実人数). Both days included; what was done
    over midnight belongs to the day on which it began. As known at `known_at`, or now.
    """
    return fold(kind, await rows(first_on, last_on, known_at=known_at))


def fold(kind: str, approvals: list[Row]) -> list[Row]:
    """Add rows of `rows` up, in the order in which the kind is read."""
    key, name, order = _KEYS[By(kind)]
    groups: dict[Any, list[Row]] = {}
    for row in sorted(approvals, key=order):
        groups.setdefault(key(row), []).append(row)
    return [
        {"key": each, "name": name(group[0]) if name else "", **summed(group)}
        for each, group in groups.items()
    ]


def summed(approvals: list[Row]) -> Row:
    """The sums over rows of `rows`: minutes, visits, reports, and different people who helped."""
    return {
        "minutes": sum(row["minutes"] for row in approvals),
        "people_helped": sum(row["people_helped"] for row in approvals),
        "reports": len(approvals),
        "supporters": len({row["person_id"] for row in approvals}),
    }


def behind(kind: str, key: str, approvals: list[Row]) -> list[Row]:
    """The rows that make up the figure with that key, as it stands in an address (T5)."""
    of = _KEYS[By(kind)][0]
    return [row for row in approvals if str(of(row) or "") == key]


async def rows(
    first_on: date,
    last_on: date,
    *,
    known_at: datetime | None = None,
    person_id: int | None = None,
    section_id: int | None = None,
) -> list[Row]:
    """The approvals of days from first to last, both included, as known at an instant (T5).

    One row each with its report, the person (a merged duplicate is the one that stays), district
    and class; one statement. `person_id` given: what that person did; `section_id`: what was done
    at that section's classes (C4).
    """
    known = QueryString("activity_approval.voided_at IS NULL")
    if known_at is not None:
        known = QueryString(_KNOWN, known_at, known_at)
    whose = QueryString("1 = 1") if person_id is None else QueryString("stays.id = {}", person_id)
    if section_id is not None:
        whose = QueryString("{} AND course.section = {}", whose, section_id)
    found: list[Row] = await ActivityApproval.raw(
        "{}", QueryString(_ROWS, first_on, last_on, known, whose)
    )
    return found


async def first_on() -> date | None:
    """The first day that counts, if there is one."""
    row = (
        await ActivityApproval.select(ActivityApproval.effective_on)
        .where(ActivityApproval.voided_at.is_null())
        .order_by(ActivityApproval.effective_on)
        .first()
    )
    return row["effective_on"] if row else None


def _month(row: Row) -> str:
    return f"{row['effective_on']:%Y-%m}"


Key = Callable[[Row], Any]

_KEYS: dict[By, tuple[Key, Callable[[Row], str] | None, Key]] = {
    By.supporter: (
        lambda row: row["person_id"],
        lambda row: row["person_name"],
        lambda row: (row["person_reading"], row["person_id"]),
    ),
    By.district: (
        lambda row: row["district_id"],
        lambda row: row["district_name"] or "",
        lambda row: (row["district_id"] is None, row["district_position"], row["district_id"]),
    ),
    By.month: (_month, None, _month),
    By.year: (
        lambda row: clock.fiscal_year(row["effective_on"]),
        None,
        lambda row: row["effective_on"],
    ),
}

_ROWS = """
SELECT activity_approval.id, activity_approval.report AS report_id,
    activity_approval.supporter AS supporter_id, activity_approval.effective_on,
    activity_approval.minutes, activity_approval.people_helped, activity_approval.recorded_at,
    stays.id AS person_id, stays.name AS person_name, stays.reading AS person_reading,
    district.id AS district_id, district.name AS district_name,
    district.position AS district_position,
    activity_report.kind, activity_report.place, course.title AS course_title,
    venue.name AS venue_name
FROM activity_approval
JOIN activity_report ON activity_report.id = activity_approval.report
JOIN supporter ON supporter.id = activity_approval.supporter
JOIN person ON person.id = supporter.person
JOIN person AS stays ON stays.id = COALESCE(person.merged_into, person.id)
LEFT JOIN district ON district.id = activity_approval.district
LEFT JOIN class_session ON class_session.id = activity_report.session
LEFT JOIN course ON course.id = class_session.course
LEFT JOIN venue ON venue.id = activity_report.venue
WHERE activity_approval.effective_on >= {} AND activity_approval.effective_on <= {} AND {} AND {}
ORDER BY activity_approval.effective_on, activity_approval.id
"""

_KNOWN = (
    "activity_approval.recorded_at <= {}"
    " AND (activity_approval.voided_at IS NULL OR activity_approval.voided_at > {})"
)
