"""The register of terminals, and the taps that log their use (H7)."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.exceptions import NotFoundException, PermissionDeniedException
from litestar.params import FromPath

from server import clock
from server.helpdesk import terminals, uses
from server.helpdesk.desks import AT_DESKS
from server.helpdesk.routes.terminal_forms import (
    FINISHED_WORDS,
    HELPED_WORDS,
    TerminalForm,
    UseForm,
)
from server.helpdesk.tables import TerminalUse
from server.places.tables import Venue
from server.refusals import Refused
from server.roles import Role
from server.topics import procedures
from server.web.form_page import Asking, form_page
from server.web.pages import note_of, page, see_other
from server.web.words import gettext
from server.web.words import lazy as _

AnyRequest = Request[Any, Any, Any]
Row = dict[str, Any]

SEES = {*AT_DESKS, Role.administrator}
EDITS = {Role.coordinator, Role.administrator}
LIST = "/staff/terminals"
NOTES = {
    "created": _("The terminal is in the register."),
    "saved": _("Saved."),
    "merged": _("Saved. What somebody else changed in the meantime has been kept."),
    "logged": _("Saved."),
    "undone": _("Taken back. It counts no more."),
}


@get(LIST, roles=SEES)
async def list_terminals(request: AnyRequest) -> Response[str]:
    """Every terminal, with how often it was used today and this month."""
    today = clock.today()
    rows, day = await terminals.everything(), await uses.counts_since(today)
    month = await uses.counts_since(today.replace(day=1))
    shown = [
        row
        | {
            "today": day.get(row["id"], 0),
            "month": month.get(row["id"], 0),
            "logs": row["in_use"] and terminals.may_log(row, request.user),
        }
        for row in rows
    ]
    return page(
        request,
        "helpdesk/terminals.html",
        rows=shown,
        can_edit=terminals.may_edit(request.user),
        note_words=note_of(request, NOTES),
    )


@get(f"{LIST}/new", roles=EDITS)
async def new_terminal(request: AnyRequest) -> Response[str]:
    """The form for a terminal that stands there from today on."""
    _check_keeps(request)
    form = TerminalForm(None, await _venues(), {"placed_on": clock.today()})
    return _form_page(request, form)


@post(f"{LIST}/new", roles=EDITS)
async def create_terminal(request: AnyRequest) -> Response[Any]:
    """Add a terminal."""
    _check_keeps(request)
    form = TerminalForm(await request.form(), await _venues())
    if not form.validate():
        return _form_page(request, form, status_code=422)
    try:
        await terminals.create(form.facts(), by=request.user)
    except Refused as refused:
        form.refuse(refused)
        return _form_page(request, form, status_code=409)
    return see_other(f"{LIST}?done=created")


@get(LIST + "/{terminal_id:int}/edit", roles=EDITS)
async def edit_terminal(request: AnyRequest, terminal_id: FromPath[int]) -> Response[str]:
    """The form for a terminal as it stands."""
    _check_keeps(request)
    terminal = await _provide(terminal_id)
    return _form_page(request, TerminalForm(None, await _venues(terminal), terminal), terminal)


@post(LIST + "/{terminal_id:int}/edit", roles=EDITS)
async def update_terminal(request: AnyRequest, terminal_id: FromPath[int]) -> Response[Any]:
    """Save a terminal beside what others have saved; show what two have changed."""
    _check_keeps(request)
    terminal = await _provide(terminal_id)
    venues = await _venues(terminal)
    form = TerminalForm(await request.form(), venues)
    if not form.validate():
        return _form_page(request, form, terminal, status_code=422)
    note = "saved"
    if form.seen != terminal["version"]:
        conflict = form.merge(TerminalForm(None, venues, terminal))
        if conflict:
            return _form_page(request, form, terminal, conflict=conflict, status_code=409)
        note = "merged"
    try:
        await terminals.edit(terminal_id, form.facts(), version=form.seen, by=request.user)
    except Refused as refused:
        form.refuse(refused)
        return _form_page(request, form, terminal, status_code=409)
    return see_other(f"{LIST}?done={note}")


@get(LIST + "/{terminal_id:int}/uses", roles=AT_DESKS)
async def show_uses(request: AnyRequest, terminal_id: FromPath[int]) -> Response[str]:
    """The taps, and what was logged last."""
    terminal = await _provide_own(request, terminal_id)
    return await _uses_page(request, terminal, UseForm(None, await procedures.listed()))


@post(LIST + "/{terminal_id:int}/uses", roles=AT_DESKS)
async def create_use(request: AnyRequest, terminal_id: FromPath[int]) -> Response[Any]:
    """Log one use; pressed twice, it is one."""
    terminal = await _provide_own(request, terminal_id)
    form = UseForm(await request.form(), await procedures.listed())
    if not form.validate():
        return await _uses_page(request, terminal, form, status_code=422)
    try:
        await uses.log(
            form.facts(terminal_id), submission=form.typed("submission"), by=request.user
        )
    except Refused as refused:
        form.refuse(refused)
        return await _uses_page(request, terminal, form, status_code=409)
    return see_other(f"{LIST}/{terminal_id}/uses?done=logged")


@post(LIST + "/{terminal_id:int}/uses/{use_id:int}/undoing", roles=AT_DESKS)
async def create_undoing(
    request: AnyRequest, terminal_id: FromPath[int], use_id: FromPath[int]
) -> Response[Any]:
    """Take one of the last ones back."""
    await _provide_own(request, terminal_id)
    own = (TerminalUse.id == use_id) & (TerminalUse.terminal == terminal_id)
    if not await TerminalUse.exists().where(own):
        raise NotFoundException
    await uses.void(use_id, by=request.user)
    return see_other(f"{LIST}/{terminal_id}/uses?done=undone")


def use_words(row: Row) -> Row:
    """A use with its words: whether it came to an end, and who helped."""
    ended = FINISHED_WORDS["y" if row["finished"] else "n"]
    helped = HELPED_WORDS[row["helped_by"]]
    return row | {"finished_words": gettext(ended), "helped_words": gettext(helped)}


async def _provide(terminal_id: int) -> Row:
    terminal = await terminals.get(terminal_id)
    if terminal is None:
        raise NotFoundException
    return terminal


async def _provide_own(request: AnyRequest, terminal_id: int) -> Row:
    """The terminal, where she may log its use (P1)."""
    terminal = await _provide(terminal_id)
    if not terminals.may_log(terminal, request.user):
        raise PermissionDeniedException
    return terminal


def _check_keeps(request: AnyRequest) -> None:
    if not terminals.may_edit(request.user):
        raise PermissionDeniedException


async def _venues(terminal: Row | None = None) -> list[Row]:
    """The venues in use, and the one where the terminal stands."""
    kept = terminal["venue"] if terminal else 0
    return await (
        Venue.select(Venue.id, Venue.name)
        .where(Venue.archived_at.is_null() | (Venue.id == kept))
        .order_by(Venue.reading)
    )


def _form_page(
    request: AnyRequest,
    form: TerminalForm,
    terminal: Row | None = None,
    *,
    conflict: list[tuple[str, str, str]] | None = None,
    status_code: int = 200,
) -> Response[str]:
    return form_page(
        request,
        form,
        Asking(
            title=gettext("Change this terminal") if terminal else gettext("Add a terminal"),
            back=LIST,
            action=f"{LIST}/{terminal['id']}/edit" if terminal else f"{LIST}/new",
            button=gettext("Save") if terminal else gettext("Add this terminal"),
        ),
        conflict=conflict,
        status_code=status_code,
    )


async def _uses_page(
    request: AnyRequest, terminal: Row, form: UseForm, *, status_code: int = 200
) -> Response[str]:
    logged = await uses.last(terminal["id"])
    today = await uses.counts_since(clock.today())
    return page(
        request,
        "helpdesk/terminal_uses.html",
        terminal=terminal,
        form=form,
        last=[use_words(row) for row in logged],
        count=today.get(terminal["id"], 0),
        note_words=note_of(request, NOTES) if status_code == 200 else None,
        status_code=status_code,
    )


handlers: list[Any] = [
    list_terminals,
    new_terminal,
    create_terminal,
    edit_terminal,
    update_terminal,
    show_uses,
    create_use,
    create_undoing,
]
