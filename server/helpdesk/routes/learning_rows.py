"""The contacts that make up a figure: those solved at once, or as known on an earlier day (T5)."""

from typing import Any

from litestar import Request, Response, get

from server.helpdesk import counting, desks
from server.helpdesk.routes.contact_words import word
from server.helpdesk.routes.learning import READERS
from server.helpdesk.routes.learning_forms import asked
from server.web.addresses import wants_file
from server.web.pages import page
from server.web.sheets import Cell, download
from server.web.words import gettext as _

AnyRequest = Request[Any, Any, Any]
Row = dict[str, Any]


@get("/staff/learning/contacts", roles=READERS)
async def list_behind(request: AnyRequest) -> Response[Any]:
    """The contacts that make up a figure, as known on a day, without notes and persons (T5)."""
    wanted = asked(request.query_params, desks.reach(request.user))
    in_file = wants_file(request.query_params)
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


handlers: list[Any] = [list_behind]
