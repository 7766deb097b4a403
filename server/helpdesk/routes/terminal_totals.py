"""How much the terminals are used, and the uses behind every figure (H7, T5)."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from litestar import Request, Response, get

from server import clock
from server.helpdesk import uses
from server.helpdesk.routes.terminals import LIST, SEES, use_words
from server.helpdesk.uses import By
from server.web import dates
from server.web.pages import page
from server.web.sheets import Cell, download
from server.web.words import gettext as _

AnyRequest = Request[Any, Any, Any]
Row = dict[str, Any]

FIRST_YEAR = 2000


@dataclass(frozen=True)
class Asked:
    """What totals were asked for, of which fiscal year; `key` None opens no figure."""

    by: By
    year: int
    key: str | None

    @property
    def days(self) -> tuple[date, date]:
        """The first and the last day that are added up."""
        return clock.fiscal_days(self.year)

    def query(self, **changed: str) -> str:
        """The address's words for this, with changes."""
        return urlencode({"by": str(self.by), "year": str(self.year)} | changed)


@get(f"{LIST}/totals", roles=SEES)
async def show_totals(request: AnyRequest) -> Response[str]:
    """Uses by terminal, month or procedure; each figure opens its rows."""
    wanted = asked(request)
    found = await uses.rows(*wanted.days)
    behind = [] if wanted.key is None else _behind(wanted, found)
    lines = [_line(wanted, each) for each in uses.fold(wanted.by, found)]
    this_year = clock.fiscal_year(clock.today())
    return page(
        request,
        "helpdesk/terminal_totals.html",
        "results",
        asked=wanted,
        heading=heading(wanted.by),
        headings=[(each, heading(each)) for each in By],
        lines=lines,
        total=_with_rate(uses.summed(found)),
        behind=[use_words(row) for row in behind],
        behind_words=next((row["words"] for row in lines if str(row["key"]) == wanted.key), ""),
        behind_total=uses.summed(behind),
        years=sorted({this_year, this_year - 1, this_year - 2, wanted.year}, reverse=True),
    )


@get(f"{LIST}/totals/file", roles=SEES)
async def download_totals(request: AnyRequest) -> Response[bytes]:
    """The same table, or the uses behind one of its figures, as CSV or Excel."""
    wanted = asked(request)
    found = await uses.rows(*wanted.days)
    if wanted.key is not None:
        behind = [use_words(row) for row in _behind(wanted, found)]
        return download(request, "terminal-uses", _row_headings(), map(_row_cells, behind))
    lines = [_line(wanted, each) for each in uses.fold(wanted.by, found)]
    lines.append(_with_rate(uses.summed(found)) | {"words": _("In all")})
    headings = [
        heading(wanted.by),
        _("Uses"),
        _("Finished"),
        _("Finished of them"),
        _("Alone"),
        _("Minutes"),
    ]
    return download(request, f"terminal-totals-{wanted.by}", headings, map(_cells, lines))


def asked(request: AnyRequest) -> Asked:
    """Read the address; nonsense is this fiscal year by terminal."""
    query = request.query_params
    kind, year = str(query.get("by", "")), str(query.get("year", ""))
    this_year = clock.fiscal_year(clock.today())
    known = year in {str(each) for each in range(FIRST_YEAR, this_year + 1)}
    return Asked(
        by=By(kind) if kind in set(By) else By.terminal,
        year=int(year) if known else this_year,
        key=str(query["key"]) if "key" in query else None,
    )


def heading(by: By) -> str:
    """What the lines are."""
    return {By.terminal: _("Terminal"), By.month: _("Month"), By.procedure: _("Procedure")}[by]


def _behind(wanted: Asked, found: list[Row]) -> list[Row]:
    return [row for row in found if uses.key_of(wanted.by, row) == wanted.key]


def _line(wanted: Asked, total: Row) -> Row:
    key = str(total["key"])
    words = total["name"] or _("None, or not said")
    if wanted.by is By.month:
        words = dates.month(date.fromisoformat(f"{key}-01"))
    return _with_rate(total) | {
        "words": words,
        "url": f"{LIST}/totals?{wanted.query(key=key)}#behind",
    }


def _with_rate(total: Row) -> Row:
    """The sums with how many of the uses came to an end; nothing has no rate."""
    rate = f"{total['finished'] / total['number']:.1%}" if total["number"] else ""
    return total | {"rate": rate}


def _cells(line: Row) -> list[Cell]:
    return [line[name] for name in ("words", "number", "finished", "rate", "alone", "minutes")]


def _row_headings() -> list[str]:
    return [
        _("When"),
        _("Terminal"),
        _("Venue"),
        _("Procedure"),
        _("Finished"),
        _("Minutes"),
        _("Helped by"),
    ]


def _row_cells(row: Row) -> list[Cell]:
    return [
        row["used_at"],
        row["terminal_name"],
        row["venue_name"],
        row["procedure_name"] or "",
        row["finished_words"],
        row["minutes"],
        row["helped_words"],
    ]


handlers: list[Any] = [show_totals, download_totals]
