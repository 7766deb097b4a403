"""Leaving members out of the rate of a training in a fiscal year, and counting them again."""

from typing import Any

from litestar import Request, Response, post
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from server.counter_staff import exclusions
from server.counter_staff.routes.completions import (
    people_of,
    tick_form,
    ticks_page,
    ticks_url,
    year_of,
)
from server.counter_staff.routes.staff_notes import COORDINATORS, done
from server.counter_staff.routes.staff_training_forms import ExclusionForm
from server.counter_staff.routes.staff_trainings import LIST, provide_training
from server.counter_staff.tables import StaffExclusion
from server.refusals import Refused

AnyRequest = Request[Any, Any, Any]


@post(LIST + "/{training_id:int}/exclusions", roles=COORDINATORS)
async def create_exclusion(request: AnyRequest, training_id: FromPath[int]) -> Response[Any]:
    """Leave a member out of the rate, with a reason."""
    row = await provide_training(training_id)
    year = year_of(request, row)
    form = ExclusionForm(await request.form(), await people_of(request, row, year))
    if not form.validate():
        return await ticks_page(request, row, out_form=form, status_code=422)
    member_id, reason = form.member.data, form.typed("reason")
    try:
        await exclusions.exclude(training_id, member_id, reason, fiscal_year=year, by=request.user)
    except Refused as refused:
        form.refuse(refused)
        return await ticks_page(request, row, out_form=form, status_code=409)
    return done(ticks_url(training_id, year), "excluded")


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
        form = await tick_form(row, known["fiscal_year"])
        form.refuse(refused)
        return await ticks_page(request, row, form=form, status_code=409)
    return done(ticks_url(row["id"], known["fiscal_year"]), "included")


handlers: list[Any] = [create_exclusion, create_exclusion_voiding]
