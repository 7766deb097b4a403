"""The monthly つまずき票 of each section, on paper and as a file (H6)."""

from typing import Any
from urllib.parse import urlencode

from litestar import Request, Response, get

from server import clock
from server.helpdesk import desks, stumbles
from server.helpdesk.queries import NOT_SAID
from server.helpdesk.routes.contact_words import STUCK_WORDS, pairs
from server.helpdesk.routes.learning import READERS
from server.helpdesk.routes.learning_forms import day_to_come, month_of
from server.helpdesk.stumbles import EVERY
from server.helpdesk.tables import Stuck
from server.places import directory
from server.web.addresses import wants_file, whole
from server.web.pages import page
from server.web.sheets import Cell, download
from server.web.words import gettext as _

AnyRequest = Request[Any, Any, Any]
Row = dict[str, Any]


@get("/staff/learning/stumbles", roles=READERS)
async def show_stumbles(request: AnyRequest) -> Response[Any]:
    """The sheets of a month: one section's, or all; each on a page of its own when printed."""
    month = month_of(request.query_params)
    section = _asked_section(request)
    sheets = await stumbles.sheets(month, _section(section))
    if wants_file(request.query_params):
        return _file(request, sheets, f"{month:%Y-%m}")
    reply_by = day_to_come(request.query_params, "reply_by")
    days, before = clock.month_days(month), clock.month_before(month)
    return page(
        request,
        "helpdesk/stumbles.html",
        month=month,
        month_before=before,
        is_over=days[1] < clock.today(),
        months_end=clock.today(),
        section=section,
        sections=await directory.sections(),
        only=desks.reach(request.user),
        sheets=sheets,
        reply_by=reply_by or await stumbles.reply_by(),
        reply_refused=bool(request.query_params.get("reply_by")) and reply_by is None,
        stuck_words=pairs(STUCK_WORDS),
        rows_url=lambda line, stuck=None: _rows_url(days, line, stuck),
        before_url=lambda line: _rows_url(clock.month_days(before), line),
        sheet_query=urlencode({"month": f"{month:%Y-%m}", "section": section}),
    )


def _asked_section(request: AnyRequest) -> str:
    """Whose sheet; a section's own alone is whole for who reads no other section's contacts."""
    hers = desks.reach(request.user)
    return str(request.query_params.get("section", "") if hers is None else hers.section)


def _section(asked: str) -> object:
    return None if asked == NOT_SAID else whole(asked) or EVERY


def _rows_url(days: Any, line: Row, stuck: str | None = None) -> str:
    """The contacts behind a number of a line; where stuck "" is those that do not say."""
    words = {"procedure": line["procedure_id"], "first_on": days[0], "last_on": days[1]}
    where = {} if stuck is None else {"stuck": stuck or NOT_SAID}
    return f"/staff/contacts?{urlencode(words | where)}"


def _file(request: AnyRequest, sheets: list[Row], month: str) -> Response[bytes]:
    headings = [
        _("Month"),
        _("Section in charge"),
        _("Procedure"),
        _("Number of contacts"),
        *(_(words) for words in STUCK_WORDS.values()),
        _("Not said"),
        _("Month before"),
        _("Change in number"),
    ]
    cells = [_cells(month, sheet, line) for sheet in sheets for line in sheet["lines"]]
    return download(request, f"stumbles-{month}", headings, cells)


def _cells(month: str, sheet: Row, line: Row) -> list[Cell]:
    return [
        month,
        sheet["section_name"] or _("No section"),
        line["name"],
        line["number"],
        *(line["stuck"][str(where)] for where in (*Stuck, "")),
        line["before"],
        line["change"],
    ]


handlers: list[Any] = [show_stumbles]
