"""In which section a member is from when to when: enter, move, end, take back."""

from collections.abc import Awaitable
from typing import Any

from litestar import Request, Response, get, post
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from server.counter_staff import memberships
from server.counter_staff.routes.counter_staff import (
    LIST,
    employment_words,
    provide_member,
    sections,
)
from server.counter_staff.routes.counter_staff_forms import EndingForm, MembershipForm, ReasonForm
from server.counter_staff.routes.staff_notes import COORDINATORS, done
from server.places import directory
from server.refusals import Refused
from server.web.dates import day
from server.web.form_page import Asking, form_page
from server.web.forms import Form
from server.web.words import gettext as _

AnyRequest = Request[Any, Any, Any]
Row = dict[str, Any]


@get(LIST + "/{member_id:int}/memberships", roles=COORDINATORS)
async def new_membership(request: AnyRequest, member_id: FromPath[int]) -> Response[str]:
    """A form for another time in a section."""
    member = await provide_member(request, member_id)
    return _new_page(request, MembershipForm(None, await sections(request)), member)


@post(LIST + "/{member_id:int}/memberships", roles=COORDINATORS)
async def create_membership(request: AnyRequest, member_id: FromPath[int]) -> Response[Any]:
    """Enter another time in a section."""
    member = await provide_member(request, member_id)
    form = MembershipForm(await request.form(), await sections(request))
    if not form.validate():
        return _new_page(request, form, member, status_code=422)
    refused = await _refusal(memberships.begin(member_id, form.membership(), by=request.user))
    if refused:
        form.refuse(refused)
        return _new_page(request, form, member, status_code=409)
    return done(f"{LIST}/{member_id}", "entered")


@get(LIST + "/{member_id:int}/move", roles=COORDINATORS)
async def new_move(request: AnyRequest, member_id: FromPath[int]) -> Response[str]:
    """A form for the change to another section."""
    member = await provide_member(request, member_id)
    now = await memberships.of([member_id])
    known = {"employment": now[0]["employment"]} if now else {}
    return _move_page(request, MembershipForm(None, await directory.sections(), **known), member)


@post(LIST + "/{member_id:int}/move", roles=COORDINATORS)
async def create_move(request: AnyRequest, member_id: FromPath[int]) -> Response[Any]:
    """End the one and begin the other."""
    member = await provide_member(request, member_id)
    form = MembershipForm(await request.form(), await directory.sections())
    if not form.validate():
        return _move_page(request, form, member, status_code=422)
    refused = await _refusal(memberships.move(member_id, form.membership(), by=request.user))
    if refused:
        form.refuse(refused)
        return _move_page(request, form, member, status_code=409)
    own = request.user.sees_all_sections or form.section.data == request.user.section_id
    return done(f"{LIST}/{member_id}" if own else LIST, "moved")


@get(LIST + "/{member_id:int}/memberships/{membership_id:int}/ending", roles=COORDINATORS)
async def new_ending(
    request: AnyRequest, member_id: FromPath[int], membership_id: FromPath[int]
) -> Response[str]:
    """A form for the last day."""
    member, row = await _provide(request, member_id, membership_id)
    return _ending_page(request, EndingForm(data=row), member, row)


@post(LIST + "/{member_id:int}/memberships/{membership_id:int}/ending", roles=COORDINATORS)
async def create_ending(
    request: AnyRequest, member_id: FromPath[int], membership_id: FromPath[int]
) -> Response[Any]:
    """Enter the last day."""
    member, row = await _provide(request, member_id, membership_id)
    form = EndingForm(await request.form())
    if not form.validate():
        return _ending_page(request, form, member, row, status_code=422)
    refused = await _refusal(memberships.end(membership_id, form.last_on.data, by=request.user))
    if refused:
        form.refuse(refused)
        return _ending_page(request, form, member, row, status_code=409)
    return done(f"{LIST}/{member_id}", "ended")


@get(LIST + "/{member_id:int}/memberships/{membership_id:int}/voiding", roles=COORDINATORS)
async def new_membership_voiding(
    request: AnyRequest, member_id: FromPath[int], membership_id: FromPath[int]
) -> Response[str]:
    """Ask why it is taken back."""
    member, row = await _provide(request, member_id, membership_id)
    return _voiding_page(request, ReasonForm(), member, row)


@post(LIST + "/{member_id:int}/memberships/{membership_id:int}/voiding", roles=COORDINATORS)
async def create_membership_voiding(
    request: AnyRequest, member_id: FromPath[int], membership_id: FromPath[int]
) -> Response[Any]:
    """Take a mistaken time in a section back."""
    member, row = await _provide(request, member_id, membership_id)
    form = ReasonForm(await request.form())
    if not form.validate():
        return _voiding_page(request, form, member, row, status_code=422)
    refused = await _refusal(memberships.void(membership_id, form.typed("reason"), by=request.user))
    if refused:
        form.refuse(refused)
        return _voiding_page(request, form, member, row, status_code=409)
    return done(LIST, "taken_back")


async def _refusal(change: Awaitable[object]) -> Refused | None:
    try:
        await change
    except Refused as refused:
        return refused
    return None


async def _provide(request: AnyRequest, member_id: int, membership_id: int) -> tuple[Row, Row]:
    member = await provide_member(request, member_id)
    rows = await memberships.of([member_id])
    row = next((each for each in rows if each["id"] == membership_id), None)
    if row is None:
        raise NotFoundException
    return member, row


def _facts(member: Row, row: Row | None = None) -> list[tuple[str, str]]:
    known = [(_("Name"), member["name"])]
    if row is not None:
        known += [
            (_("Belongs to"), row["section_name"]),
            (_("Employment"), employment_words(row["employment"])),
            (_("First day there"), day(row["first_on"])),
            (_("Last day there"), day(row["last_on"]) if row["last_on"] else _("still there")),
        ]
    return known


def _new_page(
    request: AnyRequest, form: Form, member: Row, status_code: int = 200
) -> Response[str]:
    return form_page(
        request,
        form,
        Asking(
            title=_("Enter another time in a section"),
            back=f"{LIST}/{member['id']}",
            action=f"{LIST}/{member['id']}/memberships",
            button=_("Enter this time"),
            facts=_facts(member),
        ),
        status_code=status_code,
    )


def _move_page(
    request: AnyRequest, form: Form, member: Row, status_code: int = 200
) -> Response[str]:
    return form_page(
        request,
        form,
        Asking(
            title=_("Move to another section"),
            back=f"{LIST}/{member['id']}",
            action=f"{LIST}/{member['id']}/move",
            button=_("Move to this section"),
            lead=_("The time in the section before ends the day before."),
            facts=_facts(member),
        ),
        status_code=status_code,
    )


def _ending_page(
    request: AnyRequest, form: Form, member: Row, row: Row, status_code: int = 200
) -> Response[str]:
    return form_page(
        request,
        form,
        Asking(
            title=_("Last day in the section"),
            back=f"{LIST}/{member['id']}",
            action=f"{LIST}/{member['id']}/memberships/{row['id']}/ending",
            button=_("Correct the last day") if row["last_on"] else _("Enter the last day"),
            facts=_facts(member, row),
        ),
        status_code=status_code,
    )


def _voiding_page(
    request: AnyRequest, form: Form, member: Row, row: Row, status_code: int = 200
) -> Response[str]:
    return form_page(
        request,
        form,
        Asking(
            title=_("Take this time in a section back"),
            back=f"{LIST}/{member['id']}",
            action=f"{LIST}/{member['id']}/memberships/{row['id']}/voiding",
            button=_("Take it back"),
            lead=_("It stays to be seen in the records, but counts no longer."),
            facts=_facts(member, row),
            stop=True,
        ),
        status_code=status_code,
    )


handlers: list[Any] = [
    new_membership,
    create_membership,
    new_move,
    create_move,
    new_ending,
    create_ending,
    new_membership_voiding,
    create_membership_voiding,
]
