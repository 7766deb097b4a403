"""The last ones of a desk: taken back by one tap, and let count again (T5)."""

from typing import Any

from litestar import Request, Response, post
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from server.helpdesk import contacts, queries
from server.helpdesk.routes.desk_page import (
    LOGGERS,
    desk_page,
    logged_here,
    provide_desk,
    usual_channel,
)
from server.helpdesk.routes.press_forms import DeskForms
from server.refusals import Refused
from server.web.pages import page, see_other
from server.web.saying import say
from server.web.words import lazy as _

AnyRequest = Request[Any, Any, Any]
Row = dict[str, Any]

UNDONE = "undone at the desk"  # the reason that is kept of an undo
NOTES = {
    "saved": _("Saved."),
    "undone": _("Taken back. It counts no more."),
    "undone_further": _("Taken back. Its booked class, call-back or question still stands."),
    "redone": _("The contact counts again."),
}


@post("/staff/desks/{desk_id:int}/contacts/{contact_id:int}/undoing", roles=LOGGERS)
async def create_undoing(
    request: AnyRequest, desk_id: FromPath[int], contact_id: FromPath[int]
) -> Response[Any]:
    """Take one of the last ones back."""
    desk = await _desk_of(request, desk_id, contact_id)
    try:
        await contacts.void(contact_id, UNDONE, by=request.user)
    except Refused as refused:
        return await _last(request, desk, refused=refused)
    stays = any((await queries.hanging_on(contact_id)).values())
    return await _last(request, desk, done="undone_further" if stays else "undone")


@post("/staff/desks/{desk_id:int}/contacts/{contact_id:int}/redoing", roles=LOGGERS)
async def create_redoing(
    request: AnyRequest, desk_id: FromPath[int], contact_id: FromPath[int]
) -> Response[Any]:
    """Undo an undo."""
    desk = await _desk_of(request, desk_id, contact_id)
    try:
        await contacts.bring_back(contact_id, by=request.user)
    except Refused as refused:
        return await _last(request, desk, refused=refused)
    return await _last(request, desk, done="redone")


async def _desk_of(request: AnyRequest, desk_id: int, contact_id: int) -> Row:
    contact = await contacts.get(contact_id)
    if contact is None or contact["desk"] != desk_id:
        raise NotFoundException
    return await provide_desk(request, desk_id)


async def _last(
    request: AnyRequest, desk: Row, *, done: str = "", refused: Refused | None = None
) -> Response[Any]:
    """The last ones as they stand now, alone where htmx asked; else the page."""
    if not request.headers.get("hx-request") and refused is None:
        return see_other(f"/staff/desks/{desk['id']}?done={done}#last")
    words = say(refused) if refused else str(NOTES[done])
    if request.headers.get("hx-request"):
        here = await logged_here(desk["id"])
        return page(
            request,
            "helpdesk/desk.html",
            "last",
            desk=desk,
            note_words=words,
            **here,
            status_code=409 if refused else 200,
        )
    forms = DeskForms.begun({"channel": usual_channel(desk)}, str(request.user.id))
    return await desk_page(request, desk, forms, note_words=words, status_code=409)


handlers: list[Any] = [create_undoing, create_redoing]
