"""The list of call-backs (折り返し): whom to phone now, and the result by one tap (H4)."""

from typing import Any

from litestar import Request, Response, get

from server import clock
from server.helpdesk import call_list, due_times
from server.helpdesk.desks import AT_DESKS
from server.helpdesk.routes.call_back import LIST, note_reading
from server.helpdesk.routes.call_back_forms import AttemptForm
from server.helpdesk.routes.due_forms import due_options
from server.web.addresses import whole
from server.web.pages import page
from server.web.words import gettext as _

AnyRequest = Request[Any, Any, Any]
Row = dict[str, Any]


@get(LIST, roles=AT_DESKS)
async def list_call_backs(request: AnyRequest) -> Response[str]:
    """Whom to phone, the longest overdue first; names and numbers, so the reading is audited."""
    shows_settled = "settled" in request.query_params
    mine = "mine" in request.query_params and not shows_settled
    seen = call_list.settled if shows_settled else call_list.waiting
    rows = await seen(request.user)
    number = len(rows)
    if mine:
        rows = [row for row in rows if row["owner"] == request.user.id or not row["owner_name"]]
    after = await _after(request)
    await note_reading(request, LIST, [*rows, *([after["row"]] if after else [])])
    return page(
        request,
        "helpdesk/call_backs.html",
        groups=[] if shows_settled else _groups(rows),
        settled=rows if shows_settled else [],
        shows_settled=shows_settled,
        mine=mine,
        number=number,
        forms={row["id"]: AttemptForm() for row in rows},
        after=after,
        dues=[] if shows_settled else await due_options(),
        closed=await due_times.on_closed_days(rows),
    )


def _groups(rows: list[Row]) -> list[Row]:
    """Whom to phone now, later today, and after that."""
    today = clock.today()
    now = [row for row in rows if row["overdue"]]
    later = [row for row in rows if not row["overdue"] and clock.on(row["due_at"]) == today]
    after = [row for row in rows if not row["overdue"] and clock.on(row["due_at"]) > today]
    named = (
        ("now", _("Time to call"), now),
        ("today", _("Later today"), later),
        ("after", _("From tomorrow on"), after),
    )
    return [{"id": key, "words": words, "rows": own} for key, words, own in named if own]


async def _after(request: AnyRequest) -> Row | None:
    """What was just done, to be told and undone."""
    for kind in ("done", "noted", "moved", "undone"):
        asked = whole(request.query_params.get(kind))
        row = await call_list.get(asked, request.user) if asked else None
        if row is not None and (kind == "done") == (row["done_at"] is not None):
            tried = whole(request.query_params.get("try"))
            mine = [each for each in row["attempts"] if each["id"] == tried]
            if kind != "noted" or mine:
                return {"kind": kind, "row": row, "try": mine[0] if mine else None}
    return None


handlers: list[Any] = [list_call_backs]
