"""Booking a class for whoever turned to a desk, or is phoned back: nothing is asked twice (H3)."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.datastructures import FormMultiDict
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from server import notes
from server.audit import entries
from server.classes import lookup, roster
from server.classes.tables import Booking
from server.helpdesk import call_list, class_bookings, corrections, desks, nearby
from server.helpdesk.desks import AT_DESKS
from server.helpdesk.routes.desk_booking_forms import BookedPersonForm
from server.helpdesk.routes.desk_booking_page import (
    OTHERS,
    Origin,
    class_asked,
    first_look,
    form_page,
)
from server.helpdesk.routes.desk_page import provide_current, provide_own_desk, usual_channel
from server.helpdesk.routes.press_forms import DeskForms
from server.helpdesk.tables import ContactBooking, ContactOutcome
from server.places import directory
from server.refusals import Refused
from server.web.addresses import whole
from server.web.forms import LARGEST_BODY
from server.web.pages import page, see_other

AnyRequest = Request[Any, Any, Any]
Row = dict[str, Any]


@post(
    "/staff/desks/{desk_id:int}/booking",
    roles=AT_DESKS,
    status_code=200,
    request_max_body_size=LARGEST_BODY,
)
async def new_booking(request: AnyRequest, desk_id: FromPath[int]) -> Response[Any]:
    """Who is booked in; the contact comes along as it was tapped, and nothing is saved yet."""
    formdata = await request.form()
    origin = await _from_desk(request, desk_id, formdata)
    desks.check_may_log(origin.desk, request.user)
    return await first_look(request, origin, formdata)


@post("/staff/desks/{desk_id:int}/bookings", roles=AT_DESKS, request_max_body_size=LARGEST_BODY)
async def create_booking(request: AnyRequest, desk_id: FromPath[int]) -> Response[Any]:
    """Log the contact and give the place, both or neither; pressed twice, it is one (H3)."""
    formdata = await request.form()
    origin = await _from_desk(request, desk_id, formdata)
    asked, course = await class_asked(formdata)
    form = BookedPersonForm(formdata, await directory.districts())
    contact = _contact(formdata, origin.desk)
    if not (form.validate() & contact.validate()):
        form.refusals += [contact.words()] if contact.errors else []
        return await form_page(request, origin, form, asked, course, 422)
    try:
        booking = await class_bookings.book_and_log(
            contact.contact.facts(desk_id),
            form.applicant(),
            asked,
            submission=form.typed("submission"),
            by=request.user,
        )
    except Refused as refused:
        form.refuse(refused, _beside(refused, form))
        return await form_page(request, origin, form, asked, course, 409)
    return _done(booking)


@get("/staff/contacts/{contact_id:int}/booking", roles=AT_DESKS)
async def choose_class(request: AnyRequest, contact_id: FromPath[int]) -> Response[str]:
    """The next open classes on what a contact that is logged already was about."""
    origin = await _from_contact(request, contact_id)
    if not origin.stands:
        return see_other(origin.path)
    return page(
        request,
        "helpdesk/desk_booking_choice.html",
        origin=origin,
        rows=await nearby.open_classes(origin.topic_id, origin.district_id, OTHERS),
    )


@post(
    "/staff/contacts/{contact_id:int}/booking",
    roles=AT_DESKS,
    status_code=200,
    request_max_body_size=LARGEST_BODY,
)
async def new_contact_booking(request: AnyRequest, contact_id: FromPath[int]) -> Response[str]:
    """Who is booked in, with what her call-back says of her."""
    origin = await _from_contact(request, contact_id)
    if not origin.stands:
        return see_other(origin.path)
    known = await _known_of(request, contact_id)
    return await first_look(request, origin, await request.form(), known)


@post(
    "/staff/contacts/{contact_id:int}/bookings", roles=AT_DESKS, request_max_body_size=LARGEST_BODY
)
async def create_contact_booking(request: AnyRequest, contact_id: FromPath[int]) -> Response[Any]:
    """Give the place; pressed twice, it is one."""
    formdata = await request.form()
    origin = await _from_contact(request, contact_id)
    asked, course = await class_asked(formdata)
    form = BookedPersonForm(formdata, await directory.districts())
    if not form.validate():
        return await form_page(request, origin, form, asked, course, 422)
    try:
        booking = await class_bookings.book_for(
            contact_id,
            form.applicant(),
            asked,
            submission=form.typed("submission"),
            by=request.user,
        )
    except Refused as refused:
        form.refuse(refused, _beside(refused, form))
        return await form_page(request, origin, form, asked, course, 409)
    return _done(booking)


@get("/staff/contacts/{contact_id:int}/bookings/{booking_id:int}", roles=AT_DESKS)
async def show_booked(
    request: AnyRequest, contact_id: FromPath[int], booking_id: FromPath[int]
) -> Response[str]:
    """The reference in large digits, with the words to read out."""
    origin = await _from_contact(request, contact_id)
    linked = await ContactBooking.exists().where(
        (ContactBooking.contact == origin.contact_id) & (ContactBooking.booking == booking_id)
    )
    booking = await Booking.select().where(Booking.id == booking_id).first()
    if not linked or booking is None:
        raise NotFoundException
    own = booking["booked_by"] == request.user.id  # she has just asked the caller for all of it
    if not own and not await roster.sees_booking(request.user, booking_id):
        raise NotFoundException
    await entries.record_reading(
        request.url.path, "booking", [booking_id], by=request.user, contact=contact_id
    )
    [course] = await lookup.courses_of([booking])
    return page(request, "helpdesk/desk_booked.html", origin=origin, booking=booking, course=course)


def _done(booking: Row) -> Response[str]:
    return see_other(f"/staff/contacts/{booking['contact']}/bookings/{booking['id']}")


async def _from_desk(request: AnyRequest, desk_id: int, formdata: FormMultiDict) -> Origin:
    """A desk of hers with what was tapped there."""
    desk = await provide_own_desk(request, desk_id)
    topic, district = (whole(formdata.get(name)) for name in ("topic", "district"))
    own = {*BookedPersonForm(None)._fields, "book", "save"}
    carried = [(n, str(v)) for n, v in formdata.multi_items() if n not in own and str(v)]
    return Origin(f"/staff/desks/{desk_id}", desk, topic or 0, district, carried)


def _contact(formdata: FormMultiDict, desk: Row) -> DeskForms:
    """The contact that was tapped: its outcome is that a class is booked."""
    forms = DeskForms.posted(formdata)
    forms.contact.outcome.data = str(ContactOutcome.class_booked)
    forms.contact.channel.data = forms.contact.channel.data or usual_channel(desk)
    return forms


async def _from_contact(request: AnyRequest, contact_id: int) -> Origin:
    """The contact, or what replaced it, as far as its desk is hers."""
    contact, desk = await provide_current(request, contact_id)
    path = f"/staff/contacts/{contact['id']}"
    return Origin(
        path,
        desk,
        contact["topic"],
        contact["district"],
        contact_id=int(contact["id"]),
        stands=corrections.takes_on(contact) and desk["archived_at"] is None,
    )


async def _known_of(request: AnyRequest, contact_id: int) -> dict[str, Any]:
    """What is known of the person of a contact: what was written down to call her back.

    Only where the call-back is the viewer's to make (P1); that she saw it is written down (P2).
    """
    contact = await corrections.current(contact_id)
    assert contact is not None
    known = {"age_band": contact["age_band"], "district": str(contact["district"] or "")}
    promised = await call_list.of_contact(contact["id"], request.user)
    if not promised:
        return known
    row = promised[-1]
    await entries.record_reading(request.url.path, "call_back", [row["id"]], by=request.user)
    return known | {name: row[name] for name in ("name", "reading", "phone")}


def _beside(refused: Refused, form: BookedPersonForm) -> str | None:
    """The field that a refusal is about: the one in which a My Number stands (H1)."""
    if refused.msgid != notes.HOLDS_MY_NUMBER:
        return None
    return class_bookings.holding_my_number(form.applicant())


handlers: list[Any] = [
    new_booking,
    create_booking,
    choose_class,
    new_contact_booking,
    create_contact_booking,
    show_booked,
]
