"""The register of counter staff: who is in post on a day, on the screen and as a file."""

from typing import Any
from urllib.parse import urlencode

from litestar import Request, Response, get

from server import clock
from server.counter_staff import counter_staff, memberships
from server.counter_staff.counter_staff import FILE_COLUMNS, FILE_EMPLOYMENTS, Filters
from server.counter_staff.routes.counter_staff import LIST, employment_words, sections
from server.counter_staff.routes.staff_notes import (
    COORDINATORS,
    NOTES,
    note_reading,
    own_section,
)
from server.counter_staff.tables import Employment
from server.web import sheets
from server.web.addresses import day, sought, whole
from server.web.pages import note_of, page

AnyRequest = Request[Any, Any, Any]
Row = dict[str, Any]


@get(LIST, roles=COORDINATORS)
async def list_members(request: AnyRequest) -> Response[str]:
    """Who is in post on a day, fifty on a page."""
    filters = _filters(request)
    number = whole(request.query_params.get("page")) or 1
    rows, more = await counter_staff.listed(filters, number)
    await note_reading(request, [row["id"] for row in rows])
    return page(
        request,
        "counter_staff/staff_members.html",
        "results",
        filters=filters,
        sections=await sections(request),
        rows=[row | {"employment_words": employment_words(row["employment"])} for row in rows],
        query=_query(filters),
        previous_url=_url(filters, number - 1) if number > 1 else None,
        next_url=_url(filters, number + 1) if more else None,
        note_words=note_of(request, NOTES),
    )


@get(f"{LIST}/file", roles=COORDINATORS)
async def export_members(request: AnyRequest) -> Response[bytes]:
    """The same list, all of it, as CSV or Excel: a file that an import reads (F3).

    Who is in no section stands there with her last one; who never was in one is left out.
    """
    rows, _more = await counter_staff.listed(_filters(request), page=None)
    without = [row["id"] for row in rows if row["section_id"] is None]
    last = {post["member"]: post for post in reversed(await memberships.of(without))}
    rows = [row | last.get(row["id"], {}) for row in rows if row["section_id"] or row["id"] in last]
    await note_reading(request, [row["id"] for row in rows])
    cells = [_cells(row) for row in rows]
    return sheets.download(request, "counter-staff", [*FILE_COLUMNS], cells)


def _filters(request: AnyRequest) -> Filters:
    query, own = request.query_params, own_section(request.user)
    return Filters(
        on=day(query.get("on")) or clock.today(),
        section_id=whole(query.get("section")) if own is None else own,
        words=sought(query.get("q")),
        everybody=own is None and query.get("everybody") == "y",
    )


def _query(filters: Filters) -> str:
    asked = {
        "q": filters.words,
        "section": filters.section_id,
        "on": filters.on.isoformat() if filters.on != clock.today() else "",
        "everybody": "y" if filters.everybody else "",
    }
    return urlencode({name: value for name, value in asked.items() if value})


def _url(filters: Filters, number: int) -> str:
    pages = [urlencode({"page": number})] if number > 1 else []
    asked = "&".join([*filter(None, [_query(filters)]), *pages])
    return f"{LIST}?{asked}" if asked else LIST


def _cells(row: Row) -> list[sheets.Cell]:
    employment = FILE_EMPLOYMENTS[Employment(row["employment"])]
    return [
        *(row["number"], row["name"], row["reading"], row["section_name"]),
        *(employment, row["first_on"], row["last_on"]),
    ]


handlers: list[Any] = [list_members, export_members]
