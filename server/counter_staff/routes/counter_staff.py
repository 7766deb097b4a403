"""One of the counter staff: her page, who she is, by which account she signs in."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from server import clock
from server.counter_staff import completions, counter_staff, memberships, staff_accounts
from server.counter_staff.routes.counter_staff_forms import (
    EMPLOYMENT_WORDS,
    SOURCE_WORDS,
    LoginForm,
    MemberForm,
    NewMemberForm,
)
from server.counter_staff.routes.staff_notes import (
    COORDINATORS,
    NOTES,
    done,
    note_reading,
    own_section,
)
from server.counter_staff.tables import CompletionSource, Employment
from server.places import directory
from server.refusals import Refused, Stale
from server.web.form_page import Asking, form_page
from server.web.pages import note_of, page
from server.web.words import gettext as _

AnyRequest = Request[Any, Any, Any]
Row = dict[str, Any]

LIST = "/staff/counter-staff"


@get(f"{LIST}/new", roles=COORDINATORS)
async def new_member(request: AnyRequest) -> Response[str]:
    """A form for a new member with her first section."""
    return _new_page(request, NewMemberForm(None, await sections(request)))


@post(f"{LIST}/new", roles=COORDINATORS)
async def create_member(request: AnyRequest) -> Response[Any]:
    """Put a member on the register."""
    form = NewMemberForm(await request.form(), await sections(request))
    if not form.validate():
        return _new_page(request, form, status_code=422)
    try:
        row = await counter_staff.add(form.facts(), form.membership(), by=request.user)
    except Refused as refused:
        form.refuse(refused)
        return _new_page(request, form, status_code=409)
    return done(f"{LIST}/{row['id']}", "added")


@get(LIST + "/{member_id:int}", roles=COORDINATORS)
async def show_member(request: AnyRequest, member_id: FromPath[int]) -> Response[str]:
    """One member: her sections, what she has completed, her account."""
    member = await provide_member(request, member_id)
    return await member_page(request, member, LoginForm())


@get(LIST + "/{member_id:int}/edit", roles=COORDINATORS)
async def edit_member(request: AnyRequest, member_id: FromPath[int]) -> Response[str]:
    """Who she is, to be changed."""
    member = await provide_member(request, member_id)
    return _edit_page(request, MemberForm(None, member), member)


@post(LIST + "/{member_id:int}/edit", roles=COORDINATORS)
async def update_member(request: AnyRequest, member_id: FromPath[int]) -> Response[Any]:
    """Save what was changed beside what others have saved; show what two have changed."""
    member = await provide_member(request, member_id)
    form = MemberForm(await request.form(), member)
    if not form.validate():
        return _edit_page(request, form, member, status_code=422)
    note = "saved"
    if form.seen != member["version"]:
        conflict = form.merge(MemberForm(None, member))
        if conflict:
            return _edit_page(request, form, member, conflict=conflict, status_code=409)
        note = "merged_changes"
    try:
        await counter_staff.edit(
            member_id, form.facts(), version=member["version"], by=request.user
        )
    except (Stale, Refused) as refused:
        form.refuse(refused)
        return _edit_page(request, form, member, status_code=409)
    return done(f"{LIST}/{member_id}", note)


@post(LIST + "/{member_id:int}/account", roles=COORDINATORS)
async def create_account_link(request: AnyRequest, member_id: FromPath[int]) -> Response[Any]:
    """Say by which account she signs in."""
    member = await provide_member(request, member_id)
    form = LoginForm(await request.form())
    if not form.validate():
        return await member_page(request, member, form, status_code=422)
    try:
        await staff_accounts.link(member_id, form.typed("login"), by=request.user)
    except Refused as refused:
        form.refuse(refused, "login")
        return await member_page(request, member, form, status_code=409)
    return done(f"{LIST}/{member_id}", "linked")


@post(LIST + "/{member_id:int}/account/removal", roles=COORDINATORS)
async def create_account_removal(request: AnyRequest, member_id: FromPath[int]) -> Response[Any]:
    """Take the link with her account off."""
    member = await provide_member(request, member_id)
    try:
        await staff_accounts.unlink(member_id, by=request.user)
    except Refused as refused:
        form = LoginForm()
        form.refuse(refused)
        return await member_page(request, member, form, status_code=409)
    return done(f"{LIST}/{member_id}", "unlinked")


async def provide_member(request: AnyRequest, member_id: int) -> Row:
    """A member whose section she keeps, or 404; the reading is written down first (P2)."""
    member = await counter_staff.get(member_id)
    if member is None or not await counter_staff.may_edit(member_id, request.user):
        raise NotFoundException
    await note_reading(request, [member_id])
    return member


async def member_page(
    request: AnyRequest, member: Row, form: LoginForm, status_code: int = 200
) -> Response[str]:
    """One member, with the form for her account."""
    posts = await memberships.of([member["id"]])
    taken = await completions.of_member(member["id"])
    return page(
        request,
        "counter_staff/staff_member.html",
        member=member,
        form=form,
        may_link=staff_accounts.may_link(request.user),
        posts=[
            row
            | {
                "employment_words": employment_words(row["employment"]),
                "may_change": memberships.may_manage(row["section"], request.user),
            }
            for row in posts
        ],
        here_now=any(memberships.covers(row, clock.today()) for row in posts),
        taken=[
            row | {"source_words": str(SOURCE_WORDS[CompletionSource(row["source"])])}
            for row in taken
        ],
        note_words=note_of(request, NOTES),
        status_code=status_code,
    )


async def sections(request: AnyRequest) -> list[Row]:
    """The sections whose people she keeps."""
    own = own_section(request.user)
    return [row for row in await directory.sections() if own in (None, row["id"])]


def employment_words(employment: str | None) -> str:
    """How somebody is employed, as the screen says it."""
    return str(EMPLOYMENT_WORDS[Employment(employment)]) if employment else ""


def _new_page(request: AnyRequest, form: NewMemberForm, status_code: int = 200) -> Response[str]:
    return form_page(
        request,
        form,
        Asking(
            title=_("Add a member of the counter staff"),
            back=LIST,
            action=f"{LIST}/new",
            button=_("Add to the counter staff"),
        ),
        status_code=status_code,
    )


def _edit_page(
    request: AnyRequest,
    form: MemberForm,
    member: Row,
    *,
    conflict: list[tuple[str, str, str]] | None = None,
    status_code: int = 200,
) -> Response[str]:
    return form_page(
        request,
        form,
        Asking(
            title=_("Change name or number"),
            back=f"{LIST}/{member['id']}",
            action=f"{LIST}/{member['id']}/edit",
            button=_("Save"),
        ),
        conflict=conflict,
        status_code=status_code,
    )


handlers: list[Any] = [
    new_member,
    create_member,
    show_member,
    edit_member,
    update_member,
    create_account_link,
    create_account_removal,
]
