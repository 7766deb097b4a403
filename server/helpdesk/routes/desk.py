"""The desk page: it stays open all day, and logs a contact with three taps (H1)."""

from typing import Any
from urllib.parse import urlencode

from litestar import MediaType, Request, Response, get, post
from litestar.datastructures import FormMultiDict
from litestar.params import FromPath

from server.database import writing
from server.helpdesk import call_backs, contacts, desks, hand_overs, queries
from server.helpdesk.desks import AT_DESKS
from server.helpdesk.routes import desk_undoing
from server.helpdesk.routes.contact_words import in_words
from server.helpdesk.routes.desk_forms import KEPT, DeskForm
from server.helpdesk.routes.desk_page import (
    NO_CLASS,
    desk_page,
    provide_desk,
    provide_own_desk,
    usual_channel,
)
from server.helpdesk.routes.desk_undoing import NOTES, standing_of
from server.helpdesk.routes.press_forms import DeskForms
from server.helpdesk.tables import Contact, ContactOutcome
from server.places import directory
from server.refusals import Refused
from server.roles import Role
from server.web.access import SignedOut
from server.web.addresses import whole
from server.web.forms import LARGEST_BODY
from server.web.pages import environment, note_of, page, see_other
from server.web.words import gettext

AnyRequest = Request[Any, Any, Any]
Row = dict[str, Any]

FURTHER = {ContactOutcome.call_back, ContactOutcome.handed_on}


@get("/staff/desks", roles={*AT_DESKS, Role.administrator})
async def list_desks(request: AnyRequest) -> Response[Any]:
    """One's desks; a single one opens at once."""
    viewer = request.user
    can_edit = desks.may_edit(viewer)
    rows = await desks.listed(viewer)
    if len(rows) == 1 and not can_edit and "all" not in request.query_params:
        return see_other(f"/staff/desks/{rows[0]['id']}")
    shown = await desks.everything() if can_edit else rows
    own = {row["id"] for row in rows}
    return page(request, "helpdesk/desk_list.html", rows=shown, own=own, can_edit=can_edit)


@get("/staff/desks/{desk_id:int}", roles=AT_DESKS)
async def show_desk(request: AnyRequest, desk_id: FromPath[int]) -> Response[str]:
    """The page of a desk, with what is kept of the contact before."""
    desk = await provide_desk(request, desk_id)
    query = request.query_params
    kept = {name: str(query[name]) for name in KEPT if name in query}
    known = {"channel": usual_channel(desk), **kept}
    forms = DeskForms.begun(known, str(request.user.id))
    return await desk_page(
        request,
        desk,
        forms,
        note_words=note_of(request, NOTES),
        standing=await standing_of(request, desk, whole(query.get("undone")) or 0),
    )


@post("/staff/desks/{desk_id:int}/contacts", roles=AT_DESKS, request_max_body_size=LARGEST_BODY)
async def create_contact(request: AnyRequest, desk_id: FromPath[int]) -> Response[Any]:
    """Log a contact; what waited for another operator waits on."""
    formdata = await request.form()
    if _of_another(request, formdata):
        raise SignedOut([])
    forms = await posted(formdata)
    if not (forms.validate() & _sound_outcome(forms.contact)):
        return await _no(request, desk_id, forms, 422)
    try:
        contact = await save(forms, desk_id, request)
    except Refused as refused:
        forms.refuse(refused)
        return await _no(request, desk_id, forms, 409)
    if wants_json(request):
        return _logged(contact)
    return see_other(_next(formdata, desk_id))


async def posted(formdata: FormMultiDict) -> DeskForms:
    """What was sent from a desk; sections are looked up only where one is asked."""
    forms = DeskForms.posted(formdata)
    if forms.contact.outcome.data == ContactOutcome.handed_on:
        forms.hand_over.offer(await directory.sections())
    return forms


async def save(forms: DeskForms, desk_id: int, request: AnyRequest) -> Row:
    """Log the contact with its hand-over and call-back, all or nothing; one press, one contact."""
    by, press = request.user, forms.contact.typed("submission")
    facts = forms.contact.facts(desk_id)
    if facts.outcome not in FURTHER or await queries.pressed(Contact, press):
        return await contacts.log(facts, submission=press, by=by)
    async with writing():
        contact = await contacts.log(facts, submission=press, by=by)
        promised = forms.promised()
        if promised is not None:  # before the section is asked: a person is held before a contact
            await call_backs.promise(contact["id"], promised, submission=press, by=by)
        if facts.outcome == ContactOutcome.handed_on:
            section, question = (forms.hand_over.typed(each) for each in ("section", "question"))
            await hand_overs.ask(contact["id"], int(section), question, submission=press, by=by)
        return contact


def wants_json(request: AnyRequest) -> bool:
    """Did the desk's own script ask, rather than a form?"""
    return request.headers.get("accept", "") == "application/json"


def _sound_outcome(form: DeskForm) -> bool:
    """A booked class has a booking, so it is logged with it and not from here (H3)."""
    if form.outcome.data != ContactOutcome.class_booked:
        return True
    form.outcome.errors = [gettext(NO_CLASS)]
    return False


def _logged(contact: Row) -> Response[Any]:
    """What the script shows of a contact that has arrived."""
    line = environment().globals["desk_line"]
    assert callable(line)
    answer = {
        "id": contact["id"],
        "count": contact["logged_today"],
        "line": str(line(in_words(contact), contact["desk"])),
    }
    return Response(answer, status_code=201, media_type=MediaType.JSON)


async def _no(
    request: AnyRequest, desk_id: int, forms: DeskForms, status_code: int
) -> Response[Any]:
    """What is wrong: in words for the script, else the page with what was typed."""
    if wants_json(request):
        words = {"words": forms.words(), "field": forms.first_wrong()}
        return Response(words, status_code=status_code, media_type=MediaType.JSON)
    desk = await provide_own_desk(request, desk_id)
    return await desk_page(request, desk, forms, status_code=status_code)


def _of_another(request: AnyRequest, formdata: FormMultiDict) -> bool:
    """Does the script send what waited for somebody other than who is signed in by now?"""
    return wants_json(request) and formdata.get("account", "") not in ("", str(request.user.id))


def _next(formdata: FormMultiDict, desk_id: int) -> str:
    """Back to the desk, with what the next one is to begin with."""
    kept = {"done": "saved"}
    if formdata.get("save") == "keep":
        kept |= {name: str(formdata[name]) for name in KEPT if formdata.get(name)}
    return f"/staff/desks/{desk_id}?{urlencode(kept)}"


handlers: list[Any] = [list_desks, show_desk, create_contact, *desk_undoing.handlers]
