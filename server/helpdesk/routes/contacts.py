"""The list of contacts: found by words and filters of the address, and taken along as a file."""

import asyncio
from dataclasses import fields, replace
from typing import Any

from litestar import Request, Response, get

from server import clock
from server.audit import entries
from server.helpdesk import desks, queries
from server.helpdesk.desks import AT_DESKS
from server.helpdesk.queries import NOT_SAID, ContactFilters
from server.helpdesk.routes.contact_forms import filters_of, query_of
from server.helpdesk.routes.contact_words import (
    CHANNEL_WORDS,
    OUTCOME_WORDS,
    STUCK_WORDS,
    WEEKDAY_WORDS,
    in_words,
    pairs,
)
from server.refusals import Refused
from server.web import sheets
from server.web.addresses import whole
from server.web.pages import page
from server.web.words import gettext as _

AnyRequest = Request[Any, Any, Any]
Row = dict[str, Any]
Options = list[tuple[str, str]]

MOST_IN_A_FILE = 20_000
OFTEN = frozenset({"q", "first_on", "last_on", "desk", "topic"})  # always in sight


@get("/staff/contacts", roles=AT_DESKS)
async def list_contacts(request: AnyRequest) -> Response[str]:
    """The contacts that fit, fifty on a page; notes may tell of people, so it is audited."""
    filters = desks.readable(filters_of(request.query_params), request.user)
    number = whole(request.query_params.get("page")) or 1
    rows, more = await queries.listed(filters, number)
    await note_reading(request, rows)
    options, article_words = await _options(filters)
    return page(
        request,
        "helpdesk/contacts.html",
        "results",
        rows=[in_words(row) for row in rows],
        filters=filters,
        options=options,
        article_words=article_words,
        further=bool(_asked(filters) - OFTEN),
        total_words=await _total_words(filters, number, len(rows)) if more or number > 1 else None,
        query=query_of(filters),
        previous_url=_url(filters, number - 1) if number > 1 else None,
        next_url=_url(filters, number + 1) if more else None,
    )


@get("/staff/contacts/file", roles=AT_DESKS)
async def export_contacts(request: AnyRequest) -> Response[bytes]:
    """The same list as CSV or Excel. Refused where it is longer than a spreadsheet is good for."""
    filters = desks.readable(filters_of(request.query_params), request.user)
    rows, more = await queries.listed(filters, size=MOST_IN_A_FILE)
    if more:
        raise Refused(
            "These are more than {number} contacts. Please choose fewer, say one fiscal year.",
            number=MOST_IN_A_FILE,
        )
    await note_reading(request, rows)
    cells = (_cells(row) for row in rows)
    return await asyncio.to_thread(sheets.download, request, "contacts", _headings(), cells)


async def note_reading(request: AnyRequest, rows: list[Row]) -> None:
    """Write down who is about to read which contacts, and not the words searched for (P2)."""
    filters = filters_of(request.query_params)
    said = {"filter": query_of(replace(filters, q="")), "sought_by": "words" if filters.q else ""}
    asked = {name: value for name, value in said.items() if value}
    await entries.record_reading(
        request.url.path, "contact", [row["id"] for row in rows], by=request.user, **asked
    )


async def _options(filters: ContactFilters) -> tuple[dict[str, Options], str]:
    """What each filter offers, by its name, and the question of the article that is asked for.

    What is out of use is offered where it is asked for.
    """
    masters = await queries.choices(filters.article)
    unsaid = (NOT_SAID, _("Not said"))
    options: dict[str, Options] = {
        name: [
            (str(row["id"]), row["name"])
            for row in masters[name]
            if not row["gone"] or row["id"] == getattr(filters, name)
        ]
        for name in ("desk", "topic", "procedure", "district")
    }
    options["procedure"].append(unsaid)
    options["district"].append(unsaid)
    options["stuck"] = [*pairs(STUCK_WORDS), unsaid]
    options["channel"], options["outcome"] = pairs(CHANNEL_WORDS), pairs(OUTCOME_WORDS)
    options["weekday"] = pairs(WEEKDAY_WORDS)
    hours = [(str(hour), _("from {hour}:00").format(hour=hour)) for hour in range(24)]
    options["hour"] = [*hours, (NOT_SAID, _("Not known"))]
    return options, "".join(row["name"] for row in masters["article"])


async def _total_words(filters: ContactFilters, number: int, here: int) -> str | None:
    """How many fit, and which of them the page shows; None where every contact would fit."""
    if not _asked(filters) or not here:
        return None
    first = (number - 1) * queries.PAGE + 1
    known = {"first": f"{first:,}", "last": f"{first + here - 1:,}"}
    total = await queries.number(filters)
    if total is None:
        most = f"{queries.MOST_COUNTED:,}"
        return _("{first} to {last} of more than {most} records").format(most=most, **known)
    return _("{first} to {last} of {total} records").format(total=f"{total:,}", **known)


def _asked(filters: ContactFilters) -> set[str]:
    """The names of the filters that are set."""
    names = {each.name for each in fields(filters)} - {"only"}
    return {name for name in names if getattr(filters, name) not in (None, "", False)}


def _url(filters: ContactFilters, number: int) -> str:
    asked = query_of(filters, number)
    return f"/staff/contacts?{asked}" if asked else "/staff/contacts"


def _headings() -> list[str]:
    return [
        *(
            _("Number of the record"),
            _("Day of the contact"),
            _("Time of day"),
            _("Desk"),
            _("Topic"),
            _("Procedure"),
        ),
        *(_("Where people got stuck"), _("How they turned to us"), _("Outcome of the contact")),
        *(
            _("District of the person"),
            _("Age"),
            _("Number of contacts"),
            _("Minutes of each"),
            _("Note"),
        ),
        *(_("Answer used"), _("No answer says it")),
    ]


def _cells(row: Row) -> list[sheets.Cell]:
    row = in_words(row)
    at = None if row["hour"] is None else f"{clock.local(row['contacted_at']):%H:%M}"
    return [
        *(row["id"], row["contacted_on"], at, row["desk_name"], row["topic_name"]),
        *(row["procedure_name"], row["stuck_words"], row["channel_words"], row["outcome_words"]),
        *(row["district_name"], row["age_words"], row["number"], row["minutes"]),
        *(row["note"], row["article_question"], _("Yes") if row["answer_missing"] else None),
    ]


handlers: list[Any] = [list_contacts, export_contacts]
