"""A fiscal year of contacts beside the one before."""

from datetime import date
from typing import Any

from litestar import Request, Response, get

from server import clock
from server.helpdesk import counting, desks, trends
from server.helpdesk.routes import learning_forms as forms
from server.helpdesk.routes.learning import READERS, choices
from server.helpdesk.routes.learning_forms import Asked, asked
from server.helpdesk.routes.learning_words import rate_words
from server.web.addresses import wants_file
from server.web.pages import page
from server.web.sheets import Cell, download
from server.web.words import gettext as _

AnyRequest = Request[Any, Any, Any]
Row = dict[str, Any]


@get("/staff/learning/trend", roles=READERS)
async def show_trend(request: AnyRequest) -> Response[Any]:
    """A fiscal year month by month, beside the one before; of one topic or place where asked."""
    year = forms.year_of(request.query_params)
    wanted = asked(request.query_params, desks.reach(request.user))
    trend = await trends.of(year, wanted.filters, wanted.known_at)
    if wants_file(request.query_params):
        return _trend_file(request, trend)
    first_on = await counting.first_on()
    this_year = clock.fiscal_year(clock.today())
    first = min(year, clock.fiscal_year(first_on)) if first_on else year
    return page(
        request,
        "helpdesk/learning_trend.html",
        asked=wanted,
        year=year,
        years=range(this_year, first - 1, -1),
        trend=trend,
        chart=trends.chart(trend),
        month_url=lambda month: _span_url(wanted, clock.month_days(month)),
        span_url=lambda days: _span_url(wanted, days),
        choices=await choices(),
        sheet_query=wanted.query(by=None, first_on=None, last_on=None, year=year),
    )


def _span_url(wanted: Asked, days: tuple[date, date]) -> str:
    return wanted.rows_url(first_on=days[0], last_on=days[1])


def _trend_file(request: AnyRequest, trend: trends.Trend) -> Response[bytes]:
    headings = [
        _("Month"),
        _("Number of contacts"),
        _("Contacts a year before"),
        _("Rate solved at once (%)"),
        _("Rate a year before (%)"),
        _("Minutes"),
        _("Minutes a year before"),
    ]
    return download(request, "contacts-trend", headings, map(_month_cells, trend.months))


def _month_cells(month: Row) -> list[Cell]:
    this, before = month["this"], month["before"]
    return [
        f"{month['month']:%Y-%m}",
        this["number"] if this else None,
        before["number"],
        rate_words(this["rate"]) if this else "",
        rate_words(before["rate"]),
        this["minutes"] if this else None,
        before["minutes"],
    ]


handlers: list[Any] = [show_trend]
