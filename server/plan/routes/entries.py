"""Entering by hand, with evidence, and taking an entry back."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from server import clock
from server.plan import entered
from server.plan.forms import EntryForm, VoidForm
from server.plan.routes.indicators import COORDINATORS, provide_indicator
from server.refusals import Refused
from server.web.pages import page, see_other

AnyRequest = Request[Any, Any, Any]
Row = dict[str, Any]


@get("/staff/plan/indicators/{indicator_id:int}/entries/new", roles=COORDINATORS)
async def new_entry(request: AnyRequest, indicator_id: FromPath[int]) -> Response[str]:
    """A form for one entry."""
    indicator = await provide_indicator(indicator_id)
    return _entry_page(request, EntryForm(None, indicator), indicator)


@post("/staff/plan/indicators/{indicator_id:int}/entries/new", roles=COORDINATORS)
async def create_entry(request: AnyRequest, indicator_id: FromPath[int]) -> Response[Any]:
    """Save an entry; it counts in the fiscal year of its day (T1)."""
    indicator = await provide_indicator(indicator_id)
    form = EntryForm(await request.form(), indicator)
    if not form.validate():
        return _entry_page(request, form, indicator, status_code=422)
    typed = form.data
    try:
        entry = await entered.add(
            indicator_id,
            typed["effective_on"],
            number=typed.get("number"),
            milestone=typed.get("milestone") or "",
            evidence=typed["evidence"],
            submission=form.typed("submission"),
            by=request.user,
        )
    except Refused as refused:
        form.say(refused)
        return _entry_page(request, form, indicator, status_code=409)
    year = clock.fiscal_year(entry["effective_on"])
    return see_other(f"/staff/plan/indicators/{indicator_id}?year={year}&done=entered")


@get("/staff/plan/entries/{entry_id:int}/voiding", roles=COORDINATORS)
async def new_voiding(request: AnyRequest, entry_id: FromPath[int]) -> Response[str]:
    """Ask why an entry is taken back."""
    indicator, entry = await _provide_entry(entry_id)
    return _void_page(request, VoidForm(), indicator, entry)


@post("/staff/plan/entries/{entry_id:int}/voiding", roles=COORDINATORS)
async def create_voiding(request: AnyRequest, entry_id: FromPath[int]) -> Response[Any]:
    """Take an entry back; what was known before stays known (T5)."""
    indicator, entry = await _provide_entry(entry_id)
    form = VoidForm(await request.form())
    if not form.validate():
        return _void_page(request, form, indicator, entry, status_code=422)
    try:
        await entered.void(entry_id, form.typed("reason"), by=request.user)
    except Refused as refused:
        form.refuse(refused)
        return _void_page(request, form, indicator, entry, status_code=409)
    year = clock.fiscal_year(entry["effective_on"])
    return see_other(f"/staff/plan/indicators/{indicator['id']}?year={year}&done=voided")


async def _provide_entry(entry_id: int) -> tuple[Row, Row]:
    entry = await entered.get(entry_id)
    if entry is None:
        raise NotFoundException
    return await provide_indicator(entry["indicator"]), entry


def _entry_page(
    request: AnyRequest, form: EntryForm, indicator: Row, *, status_code: int = 200
) -> Response[str]:
    return page(request, "plan/entry.html", form=form, indicator=indicator, status_code=status_code)


def _void_page(
    request: AnyRequest, form: VoidForm, indicator: Row, entry: Row, *, status_code: int = 200
) -> Response[str]:
    return page(
        request,
        "plan/entry_voiding.html",
        form=form,
        indicator=indicator,
        entry=entry,
        status_code=status_code,
    )


handlers = [new_entry, create_entry, new_voiding, create_voiding]
