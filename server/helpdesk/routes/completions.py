"""Ticking who has completed a training, leaving members out of its rate, taking both back."""

from datetime import date
from typing import Any

from litestar import Request, Response, get, post
from litestar.datastructures import FormMultiDict
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from server.helpdesk import completions, counter_staff, exclusions, rates, staff_trainings
from server.helpdesk.rates import Scope
from server.helpdesk.routes.counter_staff_forms import (
    DatedTickForm,
    ExclusionForm,
    ReasonForm,
    TickForm,
)
from server.helpdesk.routes.staff_notes import (
    COORDINATORS,
    done,
    form_page,
    note_of,
    note_reading,
    own_section,
    whole,
)
from server.helpdesk.routes.staff_trainings import LIST, provide_training, shown
from server.helpdesk.tables import StaffCompletion, StaffExclusion, StaffTrainingKind
from server.refusals import Refused
from server.web.dates import day
from server.web.pages import page
from server.web.words import gettext as _

AnyRequest = Request[Any, Any, Any]
Row = dict[str, Any]


@get(LIST + "/{training_id:int}/completions", roles=COORDINATORS)
async def list_completions(request: AnyRequest, training_id: FromPath[int]) -> Response[str]:
    """Everybody in post: who has completed it, who has not, who is left out."""
    row = await provide_training(training_id)
    return await _ticks_page(request, row)


@post(LIST + "/{training_id:int}/completions", roles=COORDINATORS)
async def create_completions(request: AnyRequest, training_id: FromPath[int]) -> Response[Any]:
    """Enter that those who are ticked have completed it on a day."""
    row = await provide_training(training_id)
    typed = await request.form()
    form = await _tick_form(row, typed)
    ticked = [found for each in typed.getall("member", []) if (found := whole(each))]
    if form.validate() and not ticked:
        form.refuse(Refused("Please tick at least one member."))
    if form.errors or form.refusals:
        return await _ticks_page(request, row, form=form, ticked=ticked, status_code=422)
    try:
        await completions.complete(training_id, ticked, _day(form), by=request.user)
    except Refused as refused:
        form.refuse(refused)
        return await _ticks_page(request, row, form=form, ticked=ticked, status_code=409)
    return done(f"{LIST}/{training_id}/completions", "entered")


@post(LIST + "/{training_id:int}/exclusions", roles=COORDINATORS)
async def create_exclusion(request: AnyRequest, training_id: FromPath[int]) -> Response[Any]:
    """Leave a member out of the rate, with a reason."""
    row = await provide_training(training_id)
    form = ExclusionForm(await request.form(), await _people(request, row))
    if not form.validate():
        return await _ticks_page(request, row, out_form=form, status_code=422)
    try:
        await exclusions.exclude(
            training_id, form.member.data, form.typed("reason"), by=request.user
        )
    except Refused as refused:
        form.refuse(refused)
        return await _ticks_page(request, row, out_form=form, status_code=409)
    return done(f"{LIST}/{training_id}/completions", "excluded")


@post("/staff/exclusions/{exclusion_id:int}/voiding", roles=COORDINATORS)
async def create_exclusion_voiding(
    request: AnyRequest, exclusion_id: FromPath[int]
) -> Response[Any]:
    """Let a member count again."""
    known = await StaffExclusion.select().where(StaffExclusion.id == exclusion_id).first()
    if known is None:
        raise NotFoundException
    row = await provide_training(known["training"])
    try:
        await exclusions.include(exclusion_id, by=request.user)
    except Refused as refused:
        form = await _tick_form(row, None)
        form.refuse(refused)
        return await _ticks_page(request, row, form=form, status_code=409)
    return done(f"{LIST}/{row['id']}/completions", "included")


@get("/staff/completions/{completion_id:int}/voiding", roles=COORDINATORS)
async def new_completion_voiding(
    request: AnyRequest, completion_id: FromPath[int]
) -> Response[str]:
    """Ask why a completion is taken back."""
    row, member, training = await _provide_completion(request, completion_id)
    return _voiding_page(request, ReasonForm(), row, member, training)


@post("/staff/completions/{completion_id:int}/voiding", roles=COORDINATORS)
async def create_completion_voiding(
    request: AnyRequest, completion_id: FromPath[int]
) -> Response[Any]:
    """Take a mistaken completion back."""
    row, member, training = await _provide_completion(request, completion_id)
    form = ReasonForm(await request.form())
    if not form.validate():
        return _voiding_page(request, form, row, member, training, status_code=422)
    try:
        await completions.void(completion_id, form.typed("reason"), by=request.user)
    except Refused as refused:
        form.refuse(refused)
        return _voiding_page(request, form, row, member, training, status_code=409)
    return done(f"{LIST}/{training['id']}/completions", "taken_back")


async def _provide_completion(request: AnyRequest, completion_id: int) -> tuple[Row, Row, Row]:
    row = await StaffCompletion.select().where(StaffCompletion.id == completion_id).first()
    member = await counter_staff.get(row["member"]) if row else None
    if row is None or member is None:
        raise NotFoundException
    training = await provide_training(row["training"])
    keeps = await staff_trainings.may_edit(training["course"], request.user)
    if not keeps and not await counter_staff.may_edit(member["id"], request.user):
        raise NotFoundException
    await note_reading(request, [member["id"]])
    return row, member, training


async def _tick_form(row: Row, typed: FormMultiDict | None) -> TickForm | DatedTickForm:
    if row["kind"] != StaffTrainingKind.dated:
        on = rates.default_day(Scope(training_id=row["id"]), row)
        return TickForm(typed, data={"completed_on": on})
    days = reversed(await staff_trainings.days(row))
    return DatedTickForm(typed, [(each.isoformat(), day(each)) for each in days])


def _day(form: TickForm | DatedTickForm) -> date:
    on: Any = form.completed_on.data
    return on if isinstance(on, date) else date.fromisoformat(on)


async def _people(request: AnyRequest, row: Row) -> list[Row]:
    """Those of the sections that she keeps; of every section where she keeps the training."""
    keeps = await staff_trainings.may_edit(row["course"], request.user)
    scope = Scope(training_id=row["id"])
    return await rates.people(
        scope,
        rates.default_day(scope, row),
        section_id=None if keeps else own_section(request.user),
    )


async def _ticks_page(
    request: AnyRequest,
    row: Row,
    *,
    form: TickForm | DatedTickForm | None = None,
    out_form: ExclusionForm | None = None,
    ticked: list[int] | None = None,
    status_code: int = 200,
) -> Response[str]:
    people = await _people(request, row)
    await note_reading(request, [each["member_id"] for each in people])
    scope = Scope(training_id=row["id"])
    return page(
        request,
        "helpdesk/staff_training_ticks.html",
        training=shown(row),
        people=people,
        figures=rates.fold(people),
        on=rates.default_day(scope, row),
        form=form or await _tick_form(row, None),
        out_form=out_form or ExclusionForm(None, [p for p in people if p["state"] == "missing"]),
        ticked=ticked or [],
        note_words=note_of(request.query_params),
        status_code=status_code,
    )


def _voiding_page(
    request: AnyRequest,
    form: ReasonForm,
    row: Row,
    member: Row,
    training: Row,
    status_code: int = 200,
) -> Response[str]:
    return form_page(
        request,
        form,
        title=_("Take a completion back"),
        back=f"{LIST}/{training['id']}/completions",
        action=f"/staff/completions/{row['id']}/voiding",
        button=_("Take it back"),
        lead=_("It stays to be seen in the records, but counts no longer."),
        facts=[
            (_("Name"), member["name"]),
            (_("Counter staff training"), training["name"]),
            (_("Day of completion"), day(row["completed_on"])),
        ],
        stop=True,
        status_code=status_code,
    )


handlers: list[Any] = [
    list_completions,
    create_completions,
    create_exclusion,
    create_exclusion_voiding,
    new_completion_voiding,
    create_completion_voiding,
]
