"""The plans: which are loaded, how each indicator stood in each year, loading one that ships."""

from typing import Any

from litestar import Request, Response, get, post

from server.plan import figures, plans, queries
from server.plan.routes import lines
from server.plan.routes.notes import note_of
from server.refusals import Refused
from server.roles import Role
from server.web.pages import page, see_other
from server.web.saying import say

AnyRequest = Request[Any, Any, Any]
Row = dict[str, Any]

COORDINATORS = {Role.coordinator}


@get("/staff/plan", roles=COORDINATORS)
async def list_plans(request: AnyRequest) -> Response[str]:
    """Every plan that is loaded, year by year, and those that can be."""
    return await _plans_page(request)


@post("/staff/plan/loading", roles=COORDINATORS)
async def create_loading(request: AnyRequest) -> Response[Any]:
    """Load a plan that comes with Tonari; loaded again it changes nothing."""
    code = str((await request.form()).get("code", ""))
    try:
        loaded = await plans.load_shipped(code, by=request.user)
    except Refused as refused:
        return await _plans_page(request, said=say(refused), status_code=409)
    did = "loaded" if loaded.added or loaded.changed else "same"
    return see_other(f"/staff/plan?done={did}")


async def _plans_page(request: AnyRequest, said: str = "", status_code: int = 200) -> Response[str]:
    loaded = await queries.plans()
    shipped = [each | {"is_loaded": _is_in(loaded, each)} for each in plans.shipped()]
    return page(
        request,
        "plan/plans.html",
        outlines=await _by_year(loaded),
        shipped=shipped,
        may_plan=_may_plan(request),
        note_words=note_of(request.query_params),
        said=said,
        status_code=status_code,
    )


async def _by_year(loaded: list[Row]) -> list[Row]:
    """Each plan with its indicators, each with its line of every year; five statements in all."""
    indicators = await queries.indicators([plan["id"] for plan in loaded])
    aims = await queries.targets([each["id"] for each in indicators])
    collected = await figures.collect(indicators)
    return [
        {
            "plan": plan,
            "years": lines.years_of(plan),
            "kept": await plans.kept(plan["code"]),
            "indicators": [
                {
                    "indicator": each,
                    "lines": [
                        lines.line(each, collected[each["id"]], aims[each["id"]], year)
                        for year in lines.years_of(plan)
                    ],
                }
                for each in indicators
                if each["plan"] == plan["id"]
            ],
        }
        for plan in loaded
    ]


def _is_in(loaded: list[Row], shipped: Row) -> bool:
    return any(plan["code"] == shipped["code"] for plan in loaded)


def _may_plan(request: AnyRequest) -> bool:
    try:
        plans.check_may_plan(request.user)
    except Refused:
        return False
    return True


handlers = [list_plans, create_loading]
