"""Setting a year's target by hand."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from server.plan import queries, targets
from server.plan.forms import TargetForm
from server.plan.routes.indicators import COORDINATORS, provide_indicator
from server.refusals import Refused, Stale
from server.web.pages import page, see_other

AnyRequest = Request[Any, Any, Any]
Row = dict[str, Any]

PATH = "/staff/plan/indicators/{indicator_id:int}/targets/{year:int}"


@get(PATH, roles=COORDINATORS)
async def edit_target(
    request: AnyRequest, indicator_id: FromPath[int], year: FromPath[int]
) -> Response[str]:
    """A year's target as it stands, to change it."""
    indicator, target = await _provide_target(indicator_id, year)
    return _target_page(request, TargetForm(None, indicator, target), indicator, year)


@post(PATH, roles=COORDINATORS)
async def update_target(
    request: AnyRequest, indicator_id: FromPath[int], year: FromPath[int]
) -> Response[Any]:
    """Set it; left empty, no target is stated: blank, never 0 (S6)."""
    indicator, target = await _provide_target(indicator_id, year)
    form = TargetForm(await request.form(), indicator, target)
    if not form.validate():
        return _target_page(request, form, indicator, year, status_code=422)
    typed = form.data
    try:
        await targets.set(
            indicator_id,
            year,
            number=typed.get("number"),
            milestone=typed.get("milestone") or "",
            version=form.seen,
            by=request.user,
        )
    except Refused as refused:
        form.refuse(refused)
        current = refused.current if isinstance(refused, Stale) else None
        if current is not None:
            form.version.data = str(current.get("version", 0))
        return _target_page(request, form, indicator, year, current=current, status_code=409)
    return see_other(f"/staff/plan/indicators/{indicator_id}?year={year}&done=target")


async def _provide_target(indicator_id: int, year: int) -> tuple[Row, Row | None]:
    indicator = await provide_indicator(indicator_id)
    if not indicator["first_year"] <= year <= indicator["last_year"]:
        raise NotFoundException
    return indicator, (await queries.targets([indicator_id]))[indicator_id].get(year)


def _target_page(
    request: AnyRequest,
    form: TargetForm,
    indicator: Row,
    year: int,
    *,
    current: Row | None = None,
    status_code: int = 200,
) -> Response[str]:
    """The form; where somebody else was quicker, both targets (409)."""
    return page(
        request,
        "plan/target.html",
        form=form,
        indicator=indicator,
        year=year,
        conflict=_both(form, current) if current is not None else [],
        status_code=status_code,
    )


def _both(form: TargetForm, current: Row) -> list[tuple[str, str, str]]:
    name = "number" if "number" in form else "milestone"
    theirs, yours = current.get(name), form[name].data
    return [(str(form[name].label.text), _shown(theirs), _shown(yours))]


def _shown(value: object) -> str:
    return "" if value is None else str(value)


handlers = [edit_target, update_target]
