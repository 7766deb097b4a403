"""One call-back: everything about it, what came of each try, another time, done (H4)."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from server.audit import entries
from server.database import writing
from server.helpdesk import call_backs, call_list, desks, due_times
from server.helpdesk.desks import AT_DESKS
from server.helpdesk.routes.call_back_forms import (
    SETTLED,
    AttemptForm,
    MoveForm,
    SettlingForm,
)
from server.helpdesk.routes.due_forms import offered
from server.helpdesk.tables import AttemptResult
from server.refusals import Refused, Stale
from server.web.addresses import whole
from server.web.forms import LARGEST_BODY
from server.web.pages import page, see_other
from server.web.saying import say

AnyRequest = Request[Any, Any, Any]
Row = dict[str, Any]

LIST = "/staff/call-backs"


@get("/staff/call-backs/{call_back_id:int}", roles=AT_DESKS)
async def show_call_back(request: AnyRequest, call_back_id: FromPath[int]) -> Response[str]:
    """Everything about one: what was asked, what was tried, what the section answered."""
    return await _one(request, await provide(request, call_back_id))


@post(
    "/staff/call-backs/{call_back_id:int}/attempts",
    roles=AT_DESKS,
    request_max_body_size=LARGEST_BODY,
)
async def create_attempt(request: AnyRequest, call_back_id: FromPath[int]) -> Response[Any]:
    """Note what came of one try; where everything is said, it is settled by the same tap."""
    row = await provide(request, call_back_id)
    form = AttemptForm(await request.form())
    if not form.validate():
        return await _one(request, row, attempt_form=form, status_code=422)
    settles = form.result.data == SETTLED
    result = AttemptResult.reached if settles else AttemptResult(str(form.result.data))
    try:
        async with writing():
            tried = await call_backs.attempt(
                call_back_id,
                result,
                form.typed("note"),
                submission=form.typed("submission"),
                by=request.user,
            )
            if settles:
                await call_backs.finish(
                    call_back_id, form.typed("note"), version=form.seen, by=request.user
                )
    except Refused as refused:
        row = await provide(request, call_back_id)
        return await _one(request, row, refused=refused, attempt_form=form, status_code=409)
    return see_other(f"{LIST}?{'done' if settles else 'noted'}={call_back_id}&try={tried['id']}")


@post(
    "/staff/call-backs/{call_back_id:int}/outcome",
    roles=AT_DESKS,
    request_max_body_size=LARGEST_BODY,
)
async def create_outcome(request: AnyRequest, call_back_id: FromPath[int]) -> Response[Any]:
    """It is done without a call, because the person came by, or need not be phoned any more."""
    row = await provide(request, call_back_id)
    form = SettlingForm(await request.form())
    if not form.validate():
        return await _one(request, row, settling_form=form, status_code=422)
    try:
        await call_backs.finish(
            call_back_id, form.typed("outcome"), version=form.seen, by=request.user
        )
    except Refused as refused:
        row = await provide(request, call_back_id)
        return await _one(request, row, refused=refused, settling_form=form, status_code=409)
    return see_other(f"{LIST}?done={call_back_id}")


@post("/staff/call-backs/{call_back_id:int}/reopening", roles=AT_DESKS)
async def create_reopening(request: AnyRequest, call_back_id: FromPath[int]) -> Response[Any]:
    """Undo: it is not done after all, and the try that was tapped with it did not happen."""
    await provide(request, call_back_id)
    await call_backs.reopen(call_back_id, by=request.user)
    return await _withdrawn(request, call_back_id)


@post("/staff/call-backs/{call_back_id:int}/withdrawal", roles=AT_DESKS)
async def create_withdrawal(request: AnyRequest, call_back_id: FromPath[int]) -> Response[Any]:
    """Undo of a try that was tapped by mistake."""
    await provide(request, call_back_id)
    return await _withdrawn(request, call_back_id)


@post("/staff/call-backs/{call_back_id:int}/due", roles=AT_DESKS)
async def create_due(request: AnyRequest, call_back_id: FromPath[int]) -> Response[Any]:
    """Another time, another owner."""
    row = await provide(request, call_back_id)
    form = await offered(MoveForm(await request.form()))
    if not form.validate():
        return await _one(request, row, move_form=form, status_code=422)
    try:
        await call_backs.move(
            call_back_id, form.due_at, form.owner_id, version=form.seen, by=request.user
        )
    except Stale:
        row = await provide(request, call_back_id)
        conflict = form.merge(await offered(MoveForm.of(row)))
        await offered(form)
        return await _one(request, row, move_form=form, conflict=conflict, status_code=409)
    except Refused as refused:
        return await _one(request, row, refused=refused, move_form=form, status_code=409)
    return see_other(f"{LIST}?moved={call_back_id}")


@post("/staff/call-backs/{call_back_id:int}/owner", roles=AT_DESKS)
async def create_owner(request: AnyRequest, call_back_id: FromPath[int]) -> Response[Any]:
    """Say that one calls oneself, before dialling."""
    row = await provide(request, call_back_id)
    seen = whole((await request.form()).get("version")) or 0
    try:
        await call_backs.move(
            call_back_id, row["due_at"], request.user.id, version=seen, by=request.user
        )
    except Refused as refused:
        row = await provide(request, call_back_id)
        return await _one(request, row, refused=refused, status_code=409)
    return see_other(f"/staff/call-backs/{call_back_id}")


async def provide(request: AnyRequest, call_back_id: int) -> Row:
    """A call-back that the viewer may see; others are not found (P1)."""
    row = await call_list.get(call_back_id, request.user)
    if row is None:
        raise NotFoundException
    return row


async def note_reading(request: AnyRequest, path: str, rows: list[Row]) -> None:
    """Write down who is about to see whom (P2)."""
    ids = [row["id"] for row in rows]
    await entries.record_reading(path, "call_back", ids, by=request.user)


async def _withdrawn(request: AnyRequest, call_back_id: int) -> Response[Any]:
    tried = await call_list.attempt(whole((await request.form()).get("try")) or 0)
    if tried is not None and tried["call_back"] == call_back_id:
        try:
            await call_backs.withdraw(tried["id"], by=request.user)
        except Refused as refused:
            row = await provide(request, call_back_id)
            return await _one(request, row, refused=refused, status_code=409)
    return see_other(f"{LIST}?undone={call_back_id}")


async def _one(
    request: AnyRequest,
    row: Row,
    *,
    refused: Refused | None = None,
    attempt_form: AttemptForm | None = None,
    settling_form: SettlingForm | None = None,
    move_form: MoveForm | None = None,
    conflict: Any = None,
    status_code: int = 200,
) -> Response[str]:
    await note_reading(request, "/staff/call-backs/…", [row])
    desk = {"section": row["desk_section"], "venue": row["desk_venue"]}
    seen = {"version": str(row["version"])}
    for form in (attempt_form, settling_form):
        if form is not None:
            form.version.data = seen["version"]  # what she typed, upon what she sees now
    return page(
        request,
        "helpdesk/call_back.html",
        row=row,
        own=desks.may_log(desk, request.user),
        refused_words=say(refused) if refused else None,
        attempt_form=attempt_form or AttemptForm(data=seen),
        settling_form=settling_form or SettlingForm(data=seen),
        move_form=move_form or await offered(MoveForm.of(row)),
        conflict=conflict,
        closed=await due_times.on_closed_days([row]),
        status_code=status_code,
    )


handlers: list[Any] = [
    show_call_back,
    create_attempt,
    create_outcome,
    create_reopening,
    create_withdrawal,
    create_due,
    create_owner,
]
