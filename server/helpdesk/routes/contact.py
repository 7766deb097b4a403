"""One contact: everything about it, corrected or taken back, and undone again (H3, T5)."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.datastructures import FormMultiDict
from litestar.exceptions import NotFoundException, PermissionDeniedException
from litestar.params import FromPath

from server import notes
from server.audit import entries
from server.classes import roster
from server.helpdesk import call_list, class_bookings, corrections, desks, hand_overs, queries
from server.helpdesk.desks import AT_DESKS
from server.helpdesk.routes.contact_words import in_words
from server.helpdesk.routes.contacts import note_reading
from server.helpdesk.routes.correction_forms import CorrectionForm, VoidingForm
from server.helpdesk.routes.desk_undoing import ENDED, UNDONE
from server.helpdesk.routes.standing import standing
from server.helpdesk.routes.tally import TAKEN_BACK
from server.refusals import Refused
from server.roles import Actor, Role
from server.web.forms import LARGEST_BODY, Form
from server.web.pages import note_of, page, see_other
from server.web.words import gettext
from server.web.words import lazy as _

AnyRequest = Request[Any, Any, Any]
Row = dict[str, Any]

NOTES = {
    "corrected": _("Corrected. The record before is kept, and counts no more."),
    "voided": _("Taken back. It counts no more."),
    "redone": _("The contact counts again."),
}
REASONS = {  # those that are kept as fixed words
    UNDONE: _("Undone at the desk"),
    TAKEN_BACK: _("The whole tally was taken back"),
    "corrected": _("Corrected"),
}


@get("/staff/contacts/{contact_id:int}", roles=AT_DESKS)
async def show_contact(request: AnyRequest, contact_id: FromPath[int]) -> Response[str]:
    """Everything about one: what was booked from it and who came, what was promised and asked."""
    return await _contact_page(request, await provide_contact(request, contact_id), Form())


@get("/staff/contacts/{contact_id:int}/correction", roles=AT_DESKS)
async def edit_contact(request: AnyRequest, contact_id: FromPath[int]) -> Response[Any]:
    """The contact as it stands, to be corrected; one that stands no more is shown."""
    contact = await provide_contact(request, contact_id, to_change=True)
    if contact["voided_at"] is not None:
        return see_other(_url(contact_id))
    form = await _correction_form(request, contact)
    return await _correction_page(request, contact, form)


@post(
    "/staff/contacts/{contact_id:int}/correction",
    roles=AT_DESKS,
    request_max_body_size=LARGEST_BODY,
)
async def update_contact(request: AnyRequest, contact_id: FromPath[int]) -> Response[Any]:
    """Void it and enter it anew as it should be; pressed twice, it is done once."""
    contact = await provide_contact(request, contact_id, to_change=True)
    form = await _correction_form(request, contact, await request.form())
    if not form.validate():
        return await _correction_page(request, contact, form, status_code=422)
    try:
        new = await corrections.correct(contact_id, form.facts(), by=request.user)
    except Refused as refused:
        first = await _already(request, contact_id, form)
        if first is not None:
            return see_other(_url(first, "corrected"))
        form.refuse(refused, _beside(refused))
        return await _correction_page(request, contact, form, status_code=409)
    return see_other(_url(new["id"], "corrected"))


@get("/staff/contacts/{contact_id:int}/voiding", roles=AT_DESKS)
async def new_voiding(request: AnyRequest, contact_id: FromPath[int]) -> Response[Any]:
    """What is about to be taken back, and why."""
    contact = await provide_contact(request, contact_id, to_change=True)
    if contact["voided_at"] is not None:
        return see_other(_url(contact_id))
    return await _voiding_page(request, contact, VoidingForm())


@post(
    "/staff/contacts/{contact_id:int}/voiding", roles=AT_DESKS, request_max_body_size=LARGEST_BODY
)
async def create_voiding(request: AnyRequest, contact_id: FromPath[int]) -> Response[Any]:
    """Take it back: it stays, and counts no more."""
    contact = await provide_contact(request, contact_id, to_change=True)
    form = VoidingForm(await request.form())
    if not form.validate():
        return await _voiding_page(request, contact, form, status_code=422)
    try:
        await corrections.void(contact_id, form.typed("reason"), by=request.user)
    except Refused as refused:
        form.refuse(refused, "reason" if refused.msgid == notes.HOLDS_MY_NUMBER else None)
        return await _voiding_page(request, contact, form, status_code=409)
    return see_other(_url(contact_id, "voided"))


@post("/staff/contacts/{contact_id:int}/redoing", roles=AT_DESKS)
async def create_redoing(request: AnyRequest, contact_id: FromPath[int]) -> Response[Any]:
    """Undo the taking back: it is entered anew as it was."""
    contact = await provide_contact(request, contact_id, to_change=True)
    try:
        new = await corrections.bring_back(contact_id, by=request.user)
    except Refused as refused:
        form = Form()
        form.refuse(refused)
        return await _contact_page(request, contact, form, status_code=409)
    return see_other(_url(new["id"], "redone"))


async def provide_contact(request: AnyRequest, contact_id: int, *, to_change: bool = False) -> Row:
    """The contact, to whom it is open; who looked is written down first (P1, P2).

    Whose desk it is may change it. The section of its procedure, and one that a question from it
    was handed to, read it: `changes` says which.
    """
    contact = await queries.whole(contact_id)
    if contact is None:
        raise NotFoundException
    desk = {"section": contact["section_id"], "venue": contact["venue_id"]}
    changes = desks.may_log(desk, request.user)
    if not changes and (to_change or not await _reads(contact, request.user)):
        raise PermissionDeniedException
    await note_reading(request, [contact])
    return in_words(contact | {"changes": changes})


async def _reads(contact: Row, by: Actor) -> bool:
    section = by.section_id if Role.coordinator in by.roles else None
    own = section is not None and contact["procedure_section"] == section
    return own or bool(await hand_overs.of_contact(contact["id"], by))


async def _already(request: AnyRequest, contact_id: int, form: CorrectionForm) -> int | None:
    """The contact that this very press, a moment earlier, has entered in its place, or None."""
    contact = await queries.whole(contact_id)
    newer = await queries.whole(contact["replaced_by"] or 0) if contact else None
    if newer is None or newer["recorded_by"] != request.user.id:
        return None
    return int(newer["id"]) if form.says(newer) else None


def _beside(refused: Refused) -> str | None:
    """The field of a correction that a refusal is about."""
    if refused.msgid in corrections.INSTEAD.values():
        return "outcome"
    return "note" if refused.msgid == notes.HOLDS_MY_NUMBER else None


async def _correction_form(
    request: AnyRequest, contact: Row, formdata: FormMultiDict | None = None
) -> CorrectionForm:
    """The form with what it offers; the desk of the contact stays, where it is archived too."""
    own = [{**row, "gone": False} for row in await desks.listed(request.user)]
    if all(row["id"] != contact["desk"] for row in own):
        own.append({"id": contact["desk"], "name": contact["desk_name"], "gone": True})
    offered = {**await queries.choices(), "desk": own}
    return CorrectionForm(formdata, contact, offered, await corrections.outcomes(contact))


async def _contact_page(
    request: AnyRequest, contact: Row, form: Form, *, status_code: int = 200
) -> Response[str]:
    contact_id = contact["id"]
    desk = await desks.get(contact["desk"])
    promised = await call_list.of_contact(contact_id, request.user)
    if promised:
        await entries.record_reading(
            request.url.path, "call_back", [row["id"] for row in promised], by=request.user
        )
    return page(
        request,
        "helpdesk/contact.html",
        contact=contact,
        books=desk is not None and desk["archived_at"] is None,
        form=form,
        reason=str(REASONS.get(contact["void_reason"], contact["void_reason"])),
        booked=[
            row | {"sees": await roster.sees_booking(request.user, row["id"])}
            for row in await queries.booked(contact_id)
        ],
        came=(await class_bookings.came([contact_id])).get(contact_id),
        call_backs=promised,
        hand_overs=await hand_overs.of_contact(contact_id, request.user),
        standing=await standing(contact_id, request.user) if contact["voided_at"] else None,
        ended_words=gettext(ENDED),
        note_words=note_of(request, NOTES),
        status_code=status_code,
    )


async def _correction_page(
    request: AnyRequest, contact: Row, form: CorrectionForm, *, status_code: int = 200
) -> Response[str]:
    return page(
        request,
        "helpdesk/contact_correction.html",
        contact=contact,
        form=form,
        status_code=status_code,
    )


async def _voiding_page(
    request: AnyRequest, contact: Row, form: VoidingForm, *, status_code: int = 200
) -> Response[str]:
    return page(
        request,
        "helpdesk/contact_voiding.html",
        contact=contact,
        form=form,
        hanging=await queries.hanging_on(contact["id"]),
        status_code=status_code,
    )


def _url(contact_id: int, done: str = "") -> str:
    return f"/staff/contacts/{contact_id}" + (f"?done={done}" if done else "")


handlers: list[Any] = [
    *(show_contact, edit_contact, update_contact),
    *(new_voiding, create_voiding, create_redoing),
]
