"""The last ones of a desk: taken back by one tap, and let count again (T5)."""

from typing import Any

from litestar import Request, Response, post
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from server.helpdesk import call_backs, call_list, contacts, corrections
from server.helpdesk.desks import AT_DESKS
from server.helpdesk.routes.desk_page import (
    desk_page,
    logged_here,
    provide_desk,
    usual_channel,
)
from server.helpdesk.routes.press_forms import DeskForms
from server.helpdesk.routes.standing import standing
from server.refusals import N_, Refused
from server.web.pages import page, see_other
from server.web.saying import say
from server.web.versions import VersionedForm
from server.web.words import gettext
from server.web.words import lazy as _

AnyRequest = Request[Any, Any, Any]
Row = dict[str, Any]

UNDONE = "undone at the desk"  # the reason that is kept of an undo
NOTES = {
    "saved": _("Saved."),
    "undone": _("Taken back. It counts no more."),
    "redone": _("The contact counts again."),
    "call_back_ended": _("The call-back is cancelled."),
}
ENDED = N_("Cancelled, because its contact was taken back.")


@post("/staff/desks/{desk_id:int}/contacts/{contact_id:int}/undoing", roles=AT_DESKS)
async def create_undoing(
    request: AnyRequest, desk_id: FromPath[int], contact_id: FromPath[int]
) -> Response[Any]:
    """Take one of the last ones back."""
    desk = await _desk_of(request, desk_id, contact_id)
    try:
        await corrections.void(contact_id, UNDONE, by=request.user)
    except Refused as refused:
        return await _last(request, desk, refused=refused)
    return await _last(request, desk, done="undone", of=contact_id)


@post(
    "/staff/desks/{desk_id:int}/contacts/{contact_id:int}/call-backs/{call_back_id:int}/ending",
    roles=AT_DESKS,
)
async def create_ending(
    request: AnyRequest,
    desk_id: FromPath[int],
    contact_id: FromPath[int],
    call_back_id: FromPath[int],
) -> Response[Any]:
    """Cancel a call-back whose contact was taken back; it can be put back on the list."""
    desk = await _desk_of(request, desk_id, contact_id)
    row = await call_list.get(call_back_id, request.user)
    if row is None or row["contact"] != contact_id:
        raise NotFoundException
    if row["contact_voided_at"] is None:
        return await _last(request, desk, refused=Refused(corrections.STANDS))
    seen = VersionedForm(await request.form()).seen
    try:
        await call_backs.finish(call_back_id, gettext(ENDED), version=seen, by=request.user)
    except Refused as refused:
        return await _last(request, desk, of=contact_id, refused=refused)
    return await _last(request, desk, done="call_back_ended", of=contact_id)


@post("/staff/desks/{desk_id:int}/contacts/{contact_id:int}/redoing", roles=AT_DESKS)
async def create_redoing(
    request: AnyRequest, desk_id: FromPath[int], contact_id: FromPath[int]
) -> Response[Any]:
    """Undo an undo."""
    desk = await _desk_of(request, desk_id, contact_id)
    try:
        await corrections.bring_back(contact_id, by=request.user)
    except Refused as refused:
        return await _last(request, desk, refused=refused)
    return await _last(request, desk, done="redone")


async def _desk_of(request: AnyRequest, desk_id: int, contact_id: int) -> Row:
    contact = await contacts.get(contact_id)
    if contact is None or contact["desk"] != desk_id:
        raise NotFoundException
    return await provide_desk(request, desk_id)


async def standing_of(request: AnyRequest, desk: Row, contact_id: int) -> Row | None:
    """A contact of the desk that was taken back, with what of it stands; None where none is."""
    contact = await contacts.get(contact_id) if contact_id else None
    if contact is None or contact["desk"] != desk["id"] or contact["voided_at"] is None:
        return None
    return {"contact": contact, **await standing(contact_id, request.user)}


async def _last(
    request: AnyRequest, desk: Row, *, done: str = "", of: int = 0, refused: Refused | None = None
) -> Response[Any]:
    """The last ones as they stand now, alone where htmx asked; else the page.

    With what still stands of the contact `of`, which was taken back.
    """
    if not request.headers.get("hx-request") and refused is None:
        undone = f"&undone={of}" if of else ""
        return see_other(f"/staff/desks/{desk['id']}?done={done}{undone}#last")
    words = say(refused) if refused else str(NOTES[done])
    if request.headers.get("hx-request"):
        here = await logged_here(desk["id"])
        return page(
            request,
            "helpdesk/desk.html",
            "last",
            desk=desk,
            note_words=words,
            standing=await standing_of(request, desk, of),
            **here,
            status_code=409 if refused else 200,
        )
    forms = DeskForms.begun({"channel": usual_channel(desk)}, str(request.user.id))
    left = await standing_of(request, desk, of)
    return await desk_page(request, desk, forms, note_words=words, standing=left, status_code=409)


handlers: list[Any] = [create_undoing, create_ending, create_redoing]
