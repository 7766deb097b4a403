"""Totals of what supporters did, and the approvals behind every figure (T5)."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from litestar import Request, Response, get

from server import clock
from server.activity import approvals, totals
from server.activity.totals import By
from server.audit import entries
from server.roles import Role
from server.web import dates
from server.web.addresses import day
from server.web.pages import page
from server.web.sheets import Cell, download
from server.web.words import gettext as _

AnyRequest = Request[Any, Any, Any]
Row = dict[str, Any]

COORDINATORS = {Role.coordinator}
FIRST_YEAR = 2000


@dataclass(frozen=True)
class Asked:
    """What totals were asked for; `year` None means every year, `key` None no rows."""

    by: By
    year: int | None
    as_of: date | None
    key: str | None

    @property
    def days(self) -> tuple[date, date]:
        """The first and the last day that are added up."""
        if self.year is None:
            return clock.fiscal_days(FIRST_YEAR)[0], clock.today()
        return clock.fiscal_days(self.year)

    @property
    def known_at(self) -> datetime | None:
        """The last instant of the day as of which it was asked."""
        return clock.end_of(self.as_of) if self.as_of else None

    def query(self, **changed: str) -> str:
        """The address's words for this, with changes."""
        words = {"by": str(self.by), "year": str(self.year or "")}
        words |= {"as_of": self.as_of.isoformat()} if self.as_of else {}
        return urlencode(words | changed)


@get("/staff/activities/totals", roles=COORDINATORS)
async def show_totals(request: AnyRequest) -> Response[str]:
    """Minutes and people by supporter, district, month or fiscal year; each opens its rows."""
    wanted = asked(request)
    rows = await _rows(request, wanted)
    behind = [] if wanted.key is None else totals.behind(wanted.by, wanted.key, rows)
    if wanted.by is By.supporter or behind:
        await _audit(request, rows if wanted.by is By.supporter else behind)
    return page(
        request,
        "activity/staff/totals.html",
        "results",
        asked=wanted,
        heading=heading(wanted.by),
        headings=[(each, heading(each)) for each in By],
        lines=[_line(wanted, each) for each in totals.fold(wanted.by, rows)],
        total=totals.summed(rows),
        behind=behind,
        behind_total=totals.summed(behind),
        years=await _years(),
    )


@get("/staff/activities/totals/file", roles=COORDINATORS)
async def download_totals(request: AnyRequest) -> Response[bytes]:
    """The same table, or the rows behind one of its figures, as CSV or Excel."""
    wanted = asked(request)
    rows = await _rows(request, wanted)
    if wanted.key is not None:
        rows = totals.behind(wanted.by, wanted.key, rows)
    if wanted.by is By.supporter or wanted.key is not None:
        await _audit(request, rows)
    if wanted.key is not None:
        return download(request, "activities", _row_headings(), map(_row_cells, rows))
    return download(
        request,
        f"activity-totals-{wanted.by}",
        [
            heading(wanted.by),
            _("Minutes"),
            _("People helped (visits)"),
            _("Activities"),
            _("Different supporters"),
        ],
        [_cells(wanted, each) for each in totals.fold(wanted.by, rows)],
    )


async def _rows(request: AnyRequest, wanted: Asked) -> list[Row]:
    """The approvals that the viewer may see, as the list of reports has them (C4)."""
    share = approvals.scope(request.user)
    return await totals.rows(*wanted.days, known_at=wanted.known_at, **share)


def asked(request: AnyRequest) -> Asked:
    """Read the address; nonsense is this fiscal year by month, as it stands now."""
    query = request.query_params
    kind, year = str(query.get("by", "")), str(query.get("year", ""))
    this_year = clock.fiscal_year(clock.today())
    by = By(kind) if kind in set(By) else By.month
    known = int(year) if year in {str(each) for each in range(FIRST_YEAR, this_year)} else this_year
    every = by is By.year and not year
    return Asked(
        by=by,
        year=None if every else known,
        as_of=day(query.get("as_of"), FIRST_YEAR, clock.today().year),
        key=str(query["key"]) if "key" in query else None,
    )


def heading(by: By) -> str:
    """What the lines are."""
    return {
        By.supporter: _("Supporter"),
        By.district: _("District"),
        By.month: _("Month"),
        By.year: _("Fiscal year"),
    }[by]


def _line(wanted: Asked, total: Row) -> Row:
    key = str(total["key"] or "")
    return total | {"words": _words(wanted.by, total), "url": f"?{wanted.query(key=key)}#behind"}


def _words(by: By, total: Row) -> str:
    if by is By.month:
        return dates.month(date.fromisoformat(f"{total['key']}-01"))
    if by is By.year:
        return dates.fiscal_year(total["key"])
    return total["name"] or _("District not known")


def _cells(wanted: Asked, total: Row) -> list[Cell]:
    plain = wanted.by in (By.month, By.year)
    first = str(total["key"]) if plain else _words(wanted.by, total)
    names = ("minutes", "people_helped", "reports", "supporters")
    return [first, *(total[name] for name in names)]


def _row_headings() -> list[str]:
    return [
        _("Day of the activity"),
        _("Supporter"),
        _("Kind"),
        _("Class"),
        _("Where"),
        _("District"),
        _("Minutes"),
        _("People helped (visits)"),
    ]


def _row_cells(row: Row) -> list[Cell]:
    kinds = {
        "session": _("Class"),
        "salon": _("Salon"),
        "call": _("Phone"),
        "home_visit": _("Visit at home"),
        "other": _("Other help"),
    }
    return [
        row["effective_on"],
        row["person_name"],
        kinds[row["kind"]],
        row["course_title"] or "",
        row["venue_name"] or row["place"],
        row["district_name"] or "",
        row["minutes"],
        row["people_helped"],
    ]


async def _years() -> list[int]:
    """The fiscal years from the first with a report on, the present one first."""
    this_year = clock.fiscal_year(clock.today())
    first_on = await totals.first_on()
    first = clock.fiscal_year(first_on) if first_on else this_year
    return list(range(this_year, first - 1, -1))


async def _audit(request: AnyRequest, rows: list[Row]) -> None:
    ids = sorted({row["supporter_id"] for row in rows})
    await entries.record_reading("/staff/activities/totals", "supporter", ids, by=request.user)


handlers: list[Any] = [show_totals, download_totals]
