"""Ticking who has completed a training in a fiscal year, by hand or from those present."""

from datetime import date
from typing import Any

from litestar import Request, Response, get, post
from litestar.datastructures import FormMultiDict
from litestar.params import FromPath

from server import clock
from server.audit import entries
from server.counter_staff import attendees, completions, rates, staff_trainings
from server.counter_staff.attendees import Attendees
from server.counter_staff.rates import Scope
from server.counter_staff.routes.staff_notes import (
    COORDINATORS,
    NOTES,
    done,
    note_reading,
    own_section,
)
from server.counter_staff.routes.staff_training_forms import DatedTickForm, ExclusionForm, TickForm
from server.counter_staff.routes.staff_trainings import LIST, provide_training, shown
from server.counter_staff.tables import StaffTrainingKind
from server.refusals import Refused
from server.web import addresses
from server.web.addresses import whole
from server.web.dates import day
from server.web.pages import note_of, page

AnyRequest = Request[Any, Any, Any]
Row = dict[str, Any]


@get(LIST + "/{training_id:int}/completions", roles=COORDINATORS)
async def list_completions(request: AnyRequest, training_id: FromPath[int]) -> Response[str]:
    """Everybody in post: who has completed it, who has not, who is left out."""
    row = await provide_training(training_id)
    return await ticks_page(request, row)


@post(LIST + "/{training_id:int}/completions", roles=COORDINATORS)
async def create_completions(request: AnyRequest, training_id: FromPath[int]) -> Response[Any]:
    """Enter that those who are ticked have completed it on a day."""
    row = await provide_training(training_id)
    typed = await request.form()
    form = await tick_form(row, year_of(request, row), typed)
    ticked = [found for each in typed.getall("member", []) if (found := whole(each))]
    if form.validate() and not ticked:
        form.refuse(Refused("Please tick at least one member."))
    if form.errors or form.refusals:
        return await ticks_page(request, row, form=form, ticked=ticked, status_code=422)
    on = _day(form)
    try:
        await completions.complete(training_id, ticked, on, by=request.user)
    except Refused as refused:
        form.refuse(refused)
        return await ticks_page(request, row, form=form, ticked=ticked, status_code=409)
    return done(ticks_url(training_id, clock.fiscal_year(on)), "entered")


def ticks_url(training_id: int, year: int) -> str:
    """Where the completions of a training in a fiscal year are ticked."""
    return f"{LIST}/{training_id}/completions?year={year}"


def year_of(request: AnyRequest, row: Row) -> int:
    """The fiscal year that the address asks about, or that of today, as the training has it."""
    asked = whole(request.query_params.get("year"))
    on_day = clock.fiscal_days(asked)[0] if asked and asked < date.max.year else clock.today()
    return staff_trainings.year_on(row, on_day)


async def tick_form(
    row: Row, year: int, typed: FormMultiDict | None = None, on: date | None = None
) -> TickForm | DatedTickForm:
    """What was posted; else the form for a day, or for the last on which it can be completed."""
    if row["kind"] != StaffTrainingKind.dated:
        usual = rates.default_day(Scope(row["id"], year), row)
        return TickForm(typed, data={"completed_on": usual})
    days = [(each.isoformat(), day(each)) for each in reversed(await staff_trainings.days(row))]
    return DatedTickForm(typed, days, on)


async def ticks_page(
    request: AnyRequest,
    row: Row,
    *,
    form: TickForm | DatedTickForm | None = None,
    out_form: ExclusionForm | None = None,
    ticked: list[int] | None = None,
    status_code: int = 200,
) -> Response[str]:
    """The members to tick in a year, those present as proposals, and whom to leave out."""
    year, keeps = year_of(request, row), await _keeps(request, row)
    people = await people_of(request, row, year)
    missing = {each["member_id"] for each in people if each["state"] == "missing"}
    there = await _proposals(request, row, year, missing) if keeps else []
    picked = addresses.day(request.query_params.get("present")) if ticked is None else None
    proposed = next((each for each in there if each.day == picked), None)
    await note_reading(request, [each["member_id"] for each in people])
    return page(
        request,
        "counter_staff/staff_training_ticks.html",
        training=shown(row),
        year=year,
        other_years=[each for each in _years(row) if each != year],
        people=people,
        figures=rates.fold(people),
        on=rates.default_day(Scope(row["id"], year), row),
        form=form or await tick_form(row, year, on=picked),
        out_form=out_form or ExclusionForm(None, [p for p in people if p["state"] == "missing"]),
        there=there,
        proposed=proposed,
        ticked=proposed.sure if proposed else ticked or [],
        note_words=note_of(request, NOTES),
        status_code=status_code,
    )


async def people_of(request: AnyRequest, row: Row, year: int) -> list[Row]:
    """Those of the sections that she keeps; of every section where she keeps the training."""
    keeps, scope = await _keeps(request, row), Scope(row["id"], year)
    section_id = None if keeps else own_section(request.user)
    return await rates.people(scope, rates.default_day(scope, row), section_id=section_id)


async def _keeps(request: AnyRequest, row: Row) -> bool:
    return await staff_trainings.may_edit(row["course"], request.user)


def _years(row: Row) -> list[int]:
    """The years that have something to tick: none that is to come."""
    this_year = clock.fiscal_year(clock.today())
    return [year for year in staff_trainings.years(row) if year <= this_year]


async def _proposals(
    request: AnyRequest, row: Row, year: int, missing: set[int]
) -> list[Attendees]:
    """Who was ticked as present in a year, by day; found only who is missing (P2: noted)."""
    found = [
        each for each in await attendees.of_training(row) if clock.fiscal_year(each.day) == year
    ]
    for each in found:
        each.sure = [member_id for member_id in each.sure if member_id in missing]
    named = [booking for each in found for booking in (*each.unsure, *each.unknown)]
    if named:
        ids = sorted({booking["booking_id"] for booking in named})
        await entries.record_reading(request.url.path, "booking", ids, by=request.user)
    return found


def _day(form: TickForm | DatedTickForm) -> date:
    on: Any = form.completed_on.data
    return on if isinstance(on, date) else date.fromisoformat(on)


handlers: list[Any] = [list_completions, create_completions]
