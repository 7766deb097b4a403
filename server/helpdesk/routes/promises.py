"""From a contact that stands already: promise a call-back, or hand a question to a section."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.params import FromPath

from server import notes
from server.audit import entries
from server.helpdesk import call_backs, corrections, hand_overs
from server.helpdesk.desks import AT_DESKS
from server.helpdesk.routes.call_back_forms import CallBackForm
from server.helpdesk.routes.desk_page import provide_current
from server.helpdesk.routes.due_forms import due_options, offered
from server.helpdesk.routes.hand_over_forms import HandOverForm
from server.places import directory
from server.refusals import Refused
from server.web.forms import LARGEST_BODY, Form
from server.web.pages import page, see_other

AnyRequest = Request[Any, Any, Any]
Row = dict[str, Any]


@get("/staff/contacts/{contact_id:int}/call-backs/new", roles=AT_DESKS)
async def new_call_back(request: AnyRequest, contact_id: FromPath[int]) -> Response[Any]:
    """Whom to call back, at which number, by when; one from which nothing is promised is shown."""
    contact, _desk = await provide_current(request, contact_id)
    if not corrections.takes_on(contact):
        return see_other(f"/staff/contacts/{contact['id']}")
    dues = await due_options()
    known = {"due": dues[0][0] if dues else "", "about": contact["note"]}
    form = await offered(CallBackForm(data=known))
    return await _page(request, "helpdesk/call_back_new.html", contact, form)


@post(
    "/staff/contacts/{contact_id:int}/call-backs",
    roles=AT_DESKS,
    request_max_body_size=LARGEST_BODY,
)
async def create_call_back(request: AnyRequest, contact_id: FromPath[int]) -> Response[Any]:
    """Promise it; pressed twice, it is one."""
    contact, _desk = await provide_current(request, contact_id)
    form = await offered(CallBackForm(await request.form()))
    template = "helpdesk/call_back_new.html"
    if not form.validate():
        return await _page(request, template, contact, form, status_code=422)
    try:
        row = await call_backs.promise(
            contact["id"], form.facts(), submission=form.typed("submission"), by=request.user
        )
    except Refused as refused:
        named = refused.msgid == notes.NAME_HOLDS_MY_NUMBER
        form.refuse(refused, "name" if named else None)
        return await _page(request, template, contact, form, status_code=409)
    return see_other(f"/staff/call-backs/{row['id']}")


@get("/staff/contacts/{contact_id:int}/hand-overs/new", roles=AT_DESKS)
async def new_hand_over(request: AnyRequest, contact_id: FromPath[int]) -> Response[Any]:
    """Which section is asked what; one from which nothing is handed on is shown."""
    contact, _desk = await provide_current(request, contact_id)
    if not corrections.takes_on(contact):
        return see_other(f"/staff/contacts/{contact['id']}")
    form = await _to_sections(HandOverForm(data={"question": contact["note"]}))
    return await _page(request, "helpdesk/hand_over_new.html", contact, form)


@post(
    "/staff/contacts/{contact_id:int}/hand-overs",
    roles=AT_DESKS,
    request_max_body_size=LARGEST_BODY,
)
async def create_hand_over(request: AnyRequest, contact_id: FromPath[int]) -> Response[Any]:
    """Hand it over; pressed twice, it is one."""
    contact, _desk = await provide_current(request, contact_id)
    form = await _to_sections(HandOverForm(await request.form()))
    template = "helpdesk/hand_over_new.html"
    if not form.validate():
        return await _page(request, template, contact, form, status_code=422)
    try:
        await hand_overs.ask(
            contact["id"],
            int(form.typed("section")),
            form.typed("question"),
            submission=form.typed("submission"),
            by=request.user,
        )
    except Refused as refused:
        form.refuse(refused)
        return await _page(request, template, contact, form, status_code=409)
    return see_other("/staff/hand-overs?asked")


async def _to_sections(form: HandOverForm) -> HandOverForm:
    form.offer(await directory.sections())
    return form


async def _page(
    request: AnyRequest, template: str, contact: Row, form: Form, *, status_code: int = 200
) -> Response[str]:
    await entries.record_reading("/staff/contacts/…", "contact", [contact["id"]], by=request.user)
    return page(request, template, contact=contact, form=form, status_code=status_code)


handlers: list[Any] = [new_call_back, create_call_back, new_hand_over, create_hand_over]
