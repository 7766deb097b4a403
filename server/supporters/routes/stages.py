"""Steps from stage to stage, and undoing a mistaken one."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from server.refusals import Refused
from server.roles import Actor
from server.supporters import stages
from server.supporters.forms import ReasonForm, StageForm
from server.supporters.routes.notes import done, stage_words
from server.supporters.routes.register import COORDINATORS, provide_managed
from server.supporters.tables import Stage
from server.training import programmes, progress
from server.web.pages import page

AnyRequest = Request[Any, Any, Any]
Row = dict[str, Any]


@get("/staff/supporters/{supporter_id:int}/stages/new", roles=COORDINATORS)
async def new_stage(request: AnyRequest, supporter_id: FromPath[int]) -> Response[str]:
    """Since when, and what else the step needs; `?stage=` says which."""
    supporter = await provide_managed(request, supporter_id)
    stage = _asked(request.query_params.get("stage"))
    form = StageForm(None, stage, await programmes.published(), **await _proposed(supporter, stage))
    return await _stage_page(request, form, supporter, stage)


@post("/staff/supporters/{supporter_id:int}/stages/new", roles=COORDINATORS)
async def create_stage(request: AnyRequest, supporter_id: FromPath[int]) -> Response[Any]:
    """Take the step."""
    supporter = await provide_managed(request, supporter_id)
    typed = await request.form()
    stage = _asked(typed.get("stage"))
    form = StageForm(typed, stage, await programmes.published())
    if not form.validate():
        return await _stage_page(request, form, supporter, stage, status_code=422)
    try:
        await _take(form, supporter_id, stage, by=request.user)
    except Refused as refused:
        form.refuse(refused)
        return await _stage_page(request, form, supporter, stage, status_code=409)
    note = "certified" if stage == Stage.completed else "reached"
    return done(f"/staff/supporters/{supporter_id}", note)


@get("/staff/supporters/{supporter_id:int}/stages/{stage_id:int}/undoing", roles=COORDINATORS)
async def new_undoing(
    request: AnyRequest, supporter_id: FromPath[int], stage_id: FromPath[int]
) -> Response[str]:
    """Which step is undone, what goes with it, and why."""
    supporter, row = await _provide_stage(request, supporter_id, stage_id)
    return _undo_page(request, ReasonForm(), supporter, row)


@post("/staff/supporters/{supporter_id:int}/stages/{stage_id:int}/undoing", roles=COORDINATORS)
async def create_undoing(
    request: AnyRequest, supporter_id: FromPath[int], stage_id: FromPath[int]
) -> Response[Any]:
    """Undo a mistaken step: it no longer counts."""
    supporter, row = await _provide_stage(request, supporter_id, stage_id)
    form = ReasonForm(await request.form())
    if not form.validate():
        return _undo_page(request, form, supporter, row, status_code=422)
    try:
        await stages.undo(stage_id, form.typed("reason"), by=request.user)
    except Refused as refused:
        form.refuse(refused)
        return _undo_page(request, form, supporter, row, status_code=409)
    return done(f"/staff/supporters/{supporter_id}", "undone")


async def _proposed(supporter: Row, stage: Stage) -> dict[str, Any]:
    """The day on which all was done decides the fiscal year; the next badge number is free."""
    if stage == Stage.completed:
        training = await progress.of(supporter["person_id"])
        return {"since": training.completed_on if training else None}
    return {"badge_number": await stages.next_badge()} if stage == Stage.registered else {}


async def _provide_stage(request: AnyRequest, supporter_id: int, stage_id: int) -> tuple[Row, Row]:
    supporter = await provide_managed(request, supporter_id)
    for row in await stages.history(supporter_id):
        if row["id"] == stage_id:
            return supporter, row
    raise NotFoundException


async def _take(form: StageForm, supporter_id: int, stage: Stage, *, by: Actor) -> None:
    typed = form.data
    day = typed["effective_on"]
    if stage == Stage.completed:
        await stages.certify(supporter_id, day, by=by)
    elif stage == Stage.registered:
        await stages.register(supporter_id, typed["badge_number"], day, by=by)
    elif stage == Stage.in_training:
        await stages.train(supporter_id, day, typed["programme"], by=by)
    else:
        await stages.reach(supporter_id, stage, day, reason=form.typed("reason"), by=by)


def _asked(words: Any) -> Stage:
    """The stage that is asked for; nobody applies for somebody else."""
    if words not in list(Stage) or words == Stage.applied:
        raise NotFoundException
    return Stage(words)


async def _stage_page(
    request: AnyRequest, form: StageForm, supporter: Row, stage: Stage, status_code: int = 200
) -> Response[str]:
    training = await progress.of(supporter["person_id"]) if stage == Stage.completed else None
    return page(
        request,
        "supporters/stage_form.html",
        form=form,
        supporter=supporter,
        stage=stage.value,
        now_words=stage_words(supporter["stage"]),
        stage_words=stage_words(stage),
        progress=training,
        status_code=status_code,
    )


def _undo_page(
    request: AnyRequest, form: ReasonForm, supporter: Row, row: Row, status_code: int = 200
) -> Response[str]:
    return page(
        request,
        "supporters/stage_undoing.html",
        form=form,
        supporter=supporter,
        row=row,
        stage_words=stage_words(row["stage"]),
        status_code=status_code,
    )


handlers = [new_stage, create_stage, new_undoing, create_undoing]
