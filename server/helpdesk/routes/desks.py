"""The desks themselves: added, changed, taken out of use and brought back."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from server.helpdesk import desks
from server.helpdesk.routes.desks_forms import KeptDeskForm, offered
from server.refusals import Refused, Stale
from server.roles import Role
from server.web.pages import page, see_other

AnyRequest = Request[Any, Any, Any]
Row = dict[str, Any]

EDITORS = {Role.administrator, Role.coordinator}
LIST = "/staff/desks"


@get(f"{LIST}/new", roles=EDITORS)
async def new_desk(request: AnyRequest) -> Response[str]:
    """A form for a desk."""
    desks.check_may_edit(request.user)
    return _form_page(request, KeptDeskForm(None, await offered()))


@post(f"{LIST}/new", roles=EDITORS)
async def create_desk(request: AnyRequest) -> Response[Any]:
    """Add a desk."""
    desks.check_may_edit(request.user)
    form = KeptDeskForm(await request.form(), await offered())
    if not form.validate():
        return _form_page(request, form, status_code=422)
    try:
        await desks.create(form.facts(), by=request.user)
    except Refused as refused:
        form.refuse(refused)
        return _form_page(request, form, status_code=409)
    return see_other(LIST)


@get(LIST + "/{desk_id:int}/edit", roles=EDITORS)
async def edit_desk(request: AnyRequest, desk_id: FromPath[int]) -> Response[str]:
    """A desk, to be changed."""
    desk = await _provide(request, desk_id)
    return _form_page(request, KeptDeskForm(None, await offered(), desk), desk)


@post(LIST + "/{desk_id:int}/edit", roles=EDITORS)
async def update_desk(request: AnyRequest, desk_id: FromPath[int]) -> Response[Any]:
    """Save what was changed beside what others have saved; show what two have changed."""
    desk = await _provide(request, desk_id)
    known = await offered()
    form = KeptDeskForm(await request.form(), known, desk)
    if not form.validate():
        return _form_page(request, form, desk, status_code=422)
    if form.seen != desk["version"]:
        conflict = form.merge(KeptDeskForm(None, known, desk))
        if conflict:
            return _form_page(request, form, desk, conflict=conflict, status_code=409)
    try:
        await desks.edit(desk_id, form.facts(), version=desk["version"], by=request.user)
    except Refused as refused:  # a name that exists, or changed in this very moment
        form.refuse(refused)
        return _form_page(request, form, desk, status_code=409)
    return see_other(LIST)


@post(LIST + "/{desk_id:int}/archiving", roles=EDITORS)
async def create_archiving(request: AnyRequest, desk_id: FromPath[int]) -> Response[Any]:
    """Take a desk out of use; its contacts stay and count."""
    return await _turned(request, desk_id, desks.archive)


@post(LIST + "/{desk_id:int}/return", roles=EDITORS)
async def create_return(request: AnyRequest, desk_id: FromPath[int]) -> Response[Any]:
    """Put an archived desk to use again."""
    return await _turned(request, desk_id, desks.bring_back)


async def _turned(request: AnyRequest, desk_id: int, turn: Any) -> Response[Any]:
    """Archive or bring back, as it was on the screen; a press that changes nothing is done."""
    desk = await _provide(request, desk_id)
    known = await offered()
    seen = KeptDeskForm(await request.form(), known, desk).seen
    done = (desk["archived_at"] is not None) == (turn is desks.archive)
    try:
        if not done:
            await turn(desk_id, version=seen, by=request.user)
    except Stale as stale:
        desk = await _provide(request, desk_id)
        form = KeptDeskForm(None, known, desk)
        form.refuse(stale)
        return _form_page(request, form, desk, status_code=409)
    return see_other(LIST)


async def _provide(request: AnyRequest, desk_id: int) -> Row:
    desks.check_may_edit(request.user)
    desk = await desks.get(desk_id)
    if desk is None:
        raise NotFoundException
    return desk


def _form_page(
    request: AnyRequest,
    form: KeptDeskForm,
    desk: Row | None = None,
    *,
    conflict: list[tuple[str, str, str]] | None = None,
    status_code: int = 200,
) -> Response[str]:
    return page(
        request,
        "helpdesk/desks_form.html",
        form=form,
        desk=desk,
        conflict=conflict,
        status_code=status_code,
    )


handlers: list[Any] = [
    *(new_desk, create_desk, edit_desk, update_desk),
    *(create_archiving, create_return),
]
