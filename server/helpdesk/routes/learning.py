"""What people ask about: contacts by every dimension, each figure with its way to its rows."""

from collections.abc import Iterable
from typing import Any

from litestar import Request, Response, get

from server.helpdesk import counting, desks, learning
from server.helpdesk.learning import Dimension
from server.helpdesk.queries import NOT_SAID
from server.helpdesk.routes.contact_words import CHANNEL_WORDS, WEEKDAY_WORDS, pairs
from server.helpdesk.routes.learning_forms import Asked, asked
from server.helpdesk.routes.learning_words import (
    heading,
    hour_words,
    key_words,
    rate_words,
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
    wanted = asked(request.query_params, desks.reach(request.user))
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
    wanted = asked(request.query_params, desks.reach(request.user))
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
    found["channel"] = pairs(CHANNEL_WORDS)
    return found


handlers: list[Any] = [show_learning, download_learning]
