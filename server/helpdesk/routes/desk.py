"""The desk page: it stays open all day, and logs a contact with three taps (H1)."""

from typing import Any
from urllib.parse import urlencode

from litestar import MediaType, Request, Response, get, post
from litestar.datastructures import FormMultiDict
from litestar.exceptions import NotFoundException, PermissionDeniedException
from litestar.params import FromPath

from server.database import writing
from server.helpdesk import call_backs, call_list, contacts, desks, hand_overs, queries
from server.helpdesk.routes.desk_forms import (
    CHANNEL_WORDS,
    KEPT,
    OUTCOME_WORDS,
    DeskForm,
    DeskForms,
    keys,
)
from server.helpdesk.routes.due_forms import due_options
from server.helpdesk.tables import ContactChannel, ContactOutcome
from server.places.tables import District, Section
from server.refusals import N_, Refused
from server.roles import Role
from server.topics import procedures, topics
from server.web.access import PasswordFirst
from server.web.pages import environment, page, see_other
from server.web.saying import say
from server.web.words import gettext
from server.web.words import lazy as _

AnyRequest = Request[Any, Any, Any]
Row = dict[str, Any]

LOGGERS = {Role.helpdesk, Role.coordinator, Role.venue}
FURTHER = {ContactOutcome.call_back, ContactOutcome.handed_on}
NOTES = {
    "saved": _("Saved."),
    "undone": _("Taken back. It counts no more."),
    "undone_further": _("Taken back. Its booked class, call-back or question still stands."),
    "redone": _("The contact counts again."),
}
LARGEST_BODY = 2 * 1024 * 1024  # bytes: even a far too long text is given back
UNDONE = "undone at the desk"  # the reason that is kept of an undo
NO_CLASS = N_(
    "A class is recorded when it is booked from the list of classes. Without a booking, please"
    " choose another outcome."
)
SIGNED_OUT = N_("Your time signed in is over. What you typed is still here.")


@get("/staff/desks", roles={*LOGGERS, Role.administrator})
async def list_desks(request: AnyRequest) -> Response[Any]:
    """One's desks; a single one opens at once."""
    viewer = request.user
    can_edit = desks.may_edit(viewer.roles, viewer.sees_all_sections)
    rows = await desks.listed(viewer)
    if len(rows) == 1 and not can_edit and "all" not in request.query_params:
        return see_other(f"/staff/desks/{rows[0]['id']}")
    shown = await desks.everything() if can_edit else rows
    own = {row["id"] for row in rows}
    return page(request, "helpdesk/desk_list.html", rows=shown, own=own, can_edit=can_edit)


@get("/staff/desks/{desk_id:int}", roles=LOGGERS)
async def show_desk(request: AnyRequest, desk_id: FromPath[int]) -> Response[str]:
    """The page of a desk, with what is kept of the contact before."""
    desk = await provide_desk(request, desk_id)
    query = request.query_params
    kept = {name: str(query[name]) for name in KEPT if name in query}
    known = {"channel": usual_channel(desk), **kept}
    forms = DeskForms.begun(known, str(request.user.id))
    note = NOTES.get(str(query.get("done", "")))
    return await _desk_page(request, desk, forms, note_words=str(note) if note else None)


@post("/staff/desks/{desk_id:int}/contacts", public=True, request_max_body_size=LARGEST_BODY)
async def create_contact(request: AnyRequest, desk_id: FromPath[int]) -> Response[Any]:
    """Log a contact. It is open so that whoever's time has run out gets back what she typed."""
    formdata = await request.form()
    if request.user is None or _of_another(request, formdata):
        return _signed_out(request, formdata)
    if request.user.must_change_password:
        return _password_first(request)
    if not request.user.roles & LOGGERS:
        raise PermissionDeniedException
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


async def provide_desk(request: AnyRequest, desk_id: int) -> Row:
    """The desk, where she may log; one that is archived says so (409)."""
    desk = await desks.get(desk_id)
    if desk is None:
        raise NotFoundException
    if not desks.may_log(desk, request.user):
        raise PermissionDeniedException
    desks.check_may_log(desk, request.user)
    return desk


async def posted(formdata: FormMultiDict) -> DeskForms:
    """What was sent from a desk; sections are looked up only where one is asked."""
    forms = DeskForms.posted(formdata)
    if forms.contact.outcome.data == ContactOutcome.handed_on:
        forms.hand_over.offer(await _sections())
    return forms


async def save(forms: DeskForms, desk_id: int, request: AnyRequest) -> Row:
    """Log the contact with its hand-over and call-back, all or nothing; one press, one contact."""
    by, press = request.user, forms.contact.typed("submission")
    facts = forms.contact.facts(desk_id)
    if facts.outcome not in FURTHER:
        return await contacts.log(facts, submission=press, by=by)
    first = await contacts.entered(press)
    if first is not None:
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


def usual_channel(desk: Row) -> str:
    """The way that is chosen already: the counter in a building, else the phone."""
    return ContactChannel.counter if desk["venue"] else ContactChannel.phone


def wants_json(request: AnyRequest) -> bool:
    """Did the desk's own script ask, rather than a form?"""
    return request.headers.get("accept", "") == "application/json"


def _sound_outcome(form: DeskForm) -> bool:
    """A booked class has a booking, so it is logged with it and not from here (H3)."""
    if form.outcome.data != ContactOutcome.class_booked:
        return True
    form.outcome.errors = [gettext(NO_CLASS)]
    return False


async def _sections() -> list[Row]:
    return await Section.select(Section.id, Section.name).order_by(Section.name)


async def _desk_page(
    request: AnyRequest,
    desk: Row,
    forms: DeskForms,
    *,
    note_words: str | None = None,
    status_code: int = 200,
) -> Response[str]:
    ever, known = await topics.everything(), await procedures.listed()
    offered = [row for row in ever if row["in_use"]]
    districts = await District.select(District.id, District.name).order_by(District.position)
    forms.contact.offer(offered, known, districts)
    dues, owners = await due_options(), await call_list.owners()
    forms.call_back.offer(dues, owners)
    forms.tell.offer(dues, owners)
    forms.hand_over.offer(await _sections())
    parents = {row["id"]: row["parent"] for row in offered}
    return page(
        request,
        "helpdesk/desk.html",
        "last",
        desk=desk,
        form=forms,
        keys=keys(ever),
        no_class=gettext(NO_CLASS),
        topic_of={str(row["id"]): _families(row["topic"], parents) for row in known},
        usual={"channel": usual_channel(desk), "minutes": _usual_minutes(desk)},
        note_words=note_words,
        status_code=status_code,
        **await _logged_here(desk["id"]),
    )


def _usual_minutes(desk: Row) -> dict[str, int]:
    return {str(each): desks.default_minutes(desk, each) for each in ContactChannel}


def _families(topic_id: int | None, parents: dict[int, int | None]) -> str:
    """The topics that a procedure is offered under: its own and the one above; "" for all."""
    found = (topic_id, parents.get(topic_id) if topic_id else None)
    return " ".join(str(each) for each in found if each)


async def _logged_here(desk_id: int) -> Row:
    return {
        "last": [_readable(row) for row in await contacts.last(desk_id)],
        "count": await contacts.count_today(desk_id),
    }


def _readable(contact: Row) -> Row:
    """A contact with the words of its channel and outcome."""
    channel, outcome = ContactChannel(contact["channel"]), ContactOutcome(contact["outcome"])
    return {
        **contact,
        "channel_words": gettext(CHANNEL_WORDS[channel]),
        "outcome_words": gettext(OUTCOME_WORDS[outcome]),
    }


def _logged(contact: Row) -> Response[Any]:
    """What the script shows of a contact that has arrived."""
    line = environment().globals["desk_line"]
    assert callable(line)
    answer = {
        "id": contact["id"],
        "count": contact["logged_today"],
        "line": str(line(_readable(contact), contact["desk"])),
    }
    return Response(answer, status_code=201, media_type=MediaType.JSON)


async def _no(
    request: AnyRequest, desk_id: int, forms: DeskForms, status_code: int
) -> Response[Any]:
    """What is wrong: in words for the script, else the page with what was typed."""
    if wants_json(request):
        words = {"words": forms.words(), "field": forms.first_wrong()}
        return Response(words, status_code=status_code, media_type=MediaType.JSON)
    desk = await provide_desk(request, desk_id)
    return await _desk_page(request, desk, forms, status_code=status_code)


def _of_another(request: AnyRequest, formdata: FormMultiDict) -> bool:
    """Does the script send what waited for somebody other than who is signed in by now?"""
    return wants_json(request) and formdata.get("account", "") not in ("", str(request.user.id))


def _signed_out(request: AnyRequest, formdata: FormMultiDict) -> Response[Any]:
    """What was typed, kept on the page until she has signed in again in another."""
    if wants_json(request):
        words = {"words": gettext(SIGNED_OUT)}
        return Response(words, status_code=401, media_type=MediaType.JSON)
    typed = [(name, str(value)) for name, value in formdata.multi_items()]
    return page(
        request,
        "helpdesk/desk_signed_out.html",
        typed=typed,
        said=gettext(SIGNED_OUT),
        status_code=401,
    )


def _password_first(request: AnyRequest) -> Response[Any]:
    if wants_json(request):
        words = {"words": gettext(SIGNED_OUT)}
        return Response(words, status_code=401, media_type=MediaType.JSON)
    raise PasswordFirst


def _next(formdata: FormMultiDict, desk_id: int) -> str:
    """Back to the desk, with what the next one is to begin with."""
    kept = {"done": "saved"}
    if formdata.get("save") == "keep":
        kept |= {name: str(formdata[name]) for name in KEPT if formdata.get(name)}
    return f"/staff/desks/{desk_id}?{urlencode(kept)}"


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
        here = await _logged_here(desk["id"])
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
    return await _desk_page(request, desk, forms, note_words=words, status_code=409)


handlers: list[Any] = [list_desks, show_desk, create_contact, create_undoing, create_redoing]
