"""What people ask about: figures by every dimension, the rows behind them, two years compared."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from litestar import Request, Response, get

from server import clock
from server.helpdesk import counting, learning, trends
from server.helpdesk.learning import Dimension
from server.helpdesk.queries import NOT_SAID
from server.helpdesk.routes import learning_forms as forms
from server.helpdesk.routes.learning_forms import Asked, asked
from server.helpdesk.routes.learning_words import (
    CHANNEL_WORDS,
    WEEKDAY_WORDS,
    heading,
    hour_words,
    key_words,
    rate_words,
    word,
)
from server.roles import Role
from server.web.pages import page
from server.web.sheets import Cell, download
from server.web.words import gettext as _

AnyRequest = Request[Any, Any, Any]
Row = dict[str, Any]

READERS = {Role.helpdesk, Role.coordinator}


@get("/staff/learning", roles=READERS)
async def show_learning(request: AnyRequest) -> Response[str]:
    """Contacts by one dimension with what was solved at once and minutes; each opens its rows."""
    wanted = asked(request.query_params)
    rows = await _counts(wanted)
    return page(
        request,
        "helpdesk/learning.html",
        "results",
        asked=wanted,
        heading=heading(wanted.by),
        headings=[(each, heading(each)) for each in Dimension],
        lines=[_line(wanted, row) for row in rows],
        grid=_grid(wanted, rows) if wanted.by is Dimension.times else None,
        total=counting.total(rows),
        choices=await choices(),
    )


@get("/staff/learning/file", roles=READERS)
async def download_learning(request: AnyRequest) -> Response[bytes]:
    """The same figures as CSV or Excel."""
    wanted = asked(request.query_params)
    headings = [
        heading(wanted.by),
        _("Number of contacts"),
        _("Solved at once"),
        _("Rate solved at once (%)"),
        _("Minutes"),
    ]
    rows = await _counts(wanted)
    return download(
        request, f"contacts-by-{wanted.by}", headings, (_cells(wanted.by, row) for row in rows)
    )


@get("/staff/learning/contacts", roles=READERS)
async def list_behind(request: AnyRequest) -> Response[Any]:
    """The contacts that make up a figure, as known on a day, without notes and persons (T5)."""
    wanted = asked(request.query_params)
    in_file = request.query_params.get("format") in ("csv", "xlsx")
    rows, more = await counting.rows(
        wanted.first_on,
        wanted.last_on,
        wanted.filters,
        wanted.known_at,
        solved=wanted.solved,
        page=None if in_file else wanted.page,
    )
    if in_file:
        return download(request, "contacts-counted", _row_headings(), map(_row_cells, rows))
    added = await counting.added_up(
        ("contact.outcome",), wanted.first_on, wanted.last_on, wanted.filters, wanted.known_at
    )
    own = {"by": None, "solved": "1" if wanted.solved else None}
    pages = {"previous": wanted.page - 1, "next": wanted.page + 1}
    urls = {name: f"?{wanted.query(**own, page=number)}" for name, number in pages.items()}
    return page(
        request,
        "helpdesk/learning_rows.html",
        asked=wanted,
        rows=rows,
        total=counting.total(added),
        word=word,
        sheet_query=wanted.query(**own),
        back_query=wanted.query(),
        previous_url=urls["previous"] if wanted.page > 1 else None,
        next_url=urls["next"] if more else None,
    )


@get("/staff/learning/trend", roles=READERS)
async def show_trend(request: AnyRequest) -> Response[Any]:
    """A fiscal year month by month, beside the one before; of one topic or place where asked."""
    year = forms.year_of(request.query_params)
    wanted = asked(request.query_params)
    trend = await trends.of(year, wanted.filters, wanted.known_at)
    if request.query_params.get("format") in ("csv", "xlsx"):
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
        month_url=lambda month: _span_url(wanted, (month, learning.end_of_month(month))),
        span_url=lambda days: _span_url(wanted, days),
        choices=await choices(),
        sheet_query=wanted.query(by=None, first_on=None, last_on=None, year=year),
    )


async def _counts(wanted: Asked) -> list[Row]:
    return await learning.counts(
        wanted.by, wanted.first_on, wanted.last_on, wanted.filters, wanted.known_at
    )


def _line(wanted: Asked, row: Row) -> Row:
    more = wanted.key_words(row["key"])
    return row | {
        "words": key_words(wanted.by, row),
        "url": wanted.rows_url(**more),
        "solved_url": wanted.rows_url(solved=True, **more),
    }


def _grid(wanted: Asked, rows: Iterable[Row]) -> Row:
    """Weekdays across, hours down: a busy hour is seen at once."""
    by_key = {row["key"]: row for row in rows}
    hours = sorted({key[1] for key in by_key}, key=lambda hour: (hour is None, hour or 0))
    return {
        "weekdays": [_(words) for words in WEEKDAY_WORDS.values()],
        "lines": [
            {
                "words": hour_words(hour),
                "cells": [_cell(wanted, by_key.get((day, hour))) for day in WEEKDAY_WORDS],
            }
            for hour in hours
        ],
    }


def _cell(wanted: Asked, row: Row | None) -> Row | None:
    if row is None:
        return None
    url = wanted.rows_url(**wanted.key_words(row["key"]))
    return {"number": row["number"], "url": url, "words": key_words(Dimension.times, row)}


def _cells(by: Dimension, row: Row) -> list[Cell]:
    month = by is Dimension.month
    first = f"{row['key']:%Y-%m}" if month else key_words(by, row)
    return [first, row["number"], row["solved"], rate_words(row["rate"]), row["minutes"]]


async def choices() -> dict[str, list[tuple[str, str]]]:
    """What the filters offer, by name: pairs of a value and its words."""
    named = (Dimension.topic, Dimension.desk, Dimension.district)
    found = {
        str(by): [(str(key), name) for key, name in (await learning.names_of(by)).items()]
        for by in named
    }
    found["district"].append((NOT_SAID, _("Not said")))
    found["channel"] = [(str(key), _(words)) for key, words in CHANNEL_WORDS.items()]
    return found


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


def _row_headings() -> list[str]:
    return [
        _("Number of the record"),
        _("Day of the contact"),
        _("Desk"),
        _("Topic"),
        _("Procedure"),
        _("Where people got stuck"),
        _("How they turned to us"),
        _("Outcome of the contact"),
        _("District"),
        _("Number of contacts"),
        _("Minutes of each"),
    ]


def _row_cells(row: Row) -> list[Cell]:
    return [
        row["id"],
        row["contacted_on"],
        row["desk_name"],
        row["topic_name"],
        row["procedure_name"] or "",
        word(row["stuck"]),
        word(row["channel"]),
        word(row["outcome"]),
        row["district_name"] or "",
        row["number"],
        row["minutes"],
    ]


handlers: list[Any] = [show_learning, download_learning, list_behind, show_trend]
