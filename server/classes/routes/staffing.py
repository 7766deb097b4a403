"""A month of sessions and who helps at them, for the coordinator who staffs them (S3)."""

from collections.abc import Iterable
from datetime import date
from typing import Any
from urllib.parse import urlencode

from litestar import Request, Response, get

from server import clock
from server.audit import entries
from server.classes import candidates, overview, vacancies
from server.classes.overview import edits
from server.classes.routes.staff_courses import COORDINATORS
from server.classes.routes.staffing_words import NOTES
from server.classes.tables import HelpRole
from server.web.pages import note_of, page

AnyRequest = Request[Any, Any, Any]
Row = dict[str, Any]


@get("/staff/staffing", roles=COORDINATORS)
async def show_month(request: AnyRequest) -> Response[str]:
    """A month at a glance: the sessions short of people first, each with who could help."""
    viewer, query = request.user, request.query_params
    first = _first_day(str(query.get("month", "")))
    rows = await vacancies.month(viewer, first)
    short = [row for row in rows if row["is_short"] and row["ends_at"] > clock.now()]
    best = await candidates.suggestions([row for row in short if edits(viewer, row)])
    await _record_reading(request, rows, best, first)
    return page(
        request,
        "classes/staff/staffing.html",
        "month",
        first=first,
        months=overview.months(),
        before=clock.month_before(first),
        after=clock.month_after(first),
        short=[_offered(row, best) for row in short],
        others=[row for row in rows if row not in short],
        days=_days(rows, short),
        missing={role: sum(row["lacks"].get(role, 0) for row in short) for role in HelpRole},
        note_words=note_of(request, NOTES),
    )


def month_url(day: date, **more: str) -> str:
    """The page of the month that a day is in."""
    return f"/staff/staffing?{urlencode({'month': f'{day:%Y-%m}'} | more)}"


def _days(rows: list[Row], short: list[Row]) -> list[Row]:
    """Each day with sessions: how many, how many of them short, and the one to look at first."""
    found: dict[date, Row] = {}
    for row in [*short, *rows]:
        line = found.setdefault(row["held_on"], {"day": row["held_on"], "first": row["id"]})
        line["sessions"] = sum(each["held_on"] == row["held_on"] for each in rows)
        line["short"] = sum(each["held_on"] == row["held_on"] for each in short)
    return sorted(found.values(), key=lambda line: line["day"])


def _offered(row: Row, best: dict[tuple[int, str], Row]) -> Row:
    found = {role: best[row["id"], role] for role in row["lacks"] if (row["id"], role) in best}
    return row | {"best": found}


async def _record_reading(
    request: AnyRequest, rows: Iterable[Row], best: dict[tuple[int, str], Row], first: date
) -> None:
    """Names of supporters stand on the page."""
    there = {each["supporter"] for row in rows for each in row["helpers"] if each["supporter"]}
    offered = {each["id"] for each in best.values()}
    await entries.record_reading(
        "/staff/staffing",
        "supporter",
        sorted(there | offered),
        by=request.user,
        month=f"{first:%Y-%m}",
    )


def _first_day(words: str) -> date:
    known = {f"{first:%Y-%m}": first for first in overview.months()}
    return known.get(words) or clock.today().replace(day=1)


handlers = [show_month]
