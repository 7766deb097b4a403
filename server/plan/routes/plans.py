"""The plans: which are loaded, how each indicator stood in each year, loading one that ships."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from server.plan import figures, plans, queries
from server.plan.routes import lines
from server.plan.routes.notes import NOTES
from server.refusals import Refused
from server.roles import Role
from server.web.pages import note_of, page, see_other
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


@get("/staff/plan/loading", roles=COORDINATORS)
async def new_loading(request: AnyRequest) -> Response[str]:
    """Ask once before the plan of another city stands beside one's own."""
    code = request.query_params.get("code", "")
    plan = next((each for each in plans.shipped() if each["code"] == code), None)
    if plan is None:
        raise NotFoundException
    return page(request, "plan/loading.html", plan=plan, own=_own(request))


@get("/staff/plan/{plan_id:int}/removal", roles=COORDINATORS)
async def new_plan_removal(request: AnyRequest, plan_id: FromPath[int]) -> Response[str]:
    """Ask once before a plan goes from the pages."""
    return _removal_page(request, await provide_plan(plan_id))


@post("/staff/plan/{plan_id:int}/removal", roles=COORDINATORS)
async def create_plan_removal(request: AnyRequest, plan_id: FromPath[int]) -> Response[Any]:
    """Take a plan off the pages."""
    plan = await provide_plan(plan_id)
    try:
        await plans.remove(plan_id, by=request.user)
    except Refused as refused:
        return _removal_page(request, plan, say(refused), status_code=409)
    return see_other("/staff/plan?done=removed")


async def provide_plan(plan_id: int) -> Row:
    """A loaded plan, or 404."""
    for plan in await queries.plans():
        if plan["id"] == plan_id:
            return plan
    raise NotFoundException


def _removal_page(
    request: AnyRequest, plan: Row, said: str = "", status_code: int = 200
) -> Response[str]:
    return page(request, "plan/removal.html", plan=plan, said=said, status_code=status_code)


def _own(request: AnyRequest) -> str:
    city = request.app.state.municipality
    return str(city["name"]) if city else ""


async def _plans_page(request: AnyRequest, said: str = "", status_code: int = 200) -> Response[str]:
    own = _own(request)
    loaded = await queries.plans(own)
    shipped = [
        each | {"is_loaded": _is_in(loaded, each), "is_own": each["municipality"] == own}
        for each in plans.shipped()
    ]
    return page(
        request,
        "plan/plans.html",
        outlines=await _by_year(loaded),
        shipped=shipped,
        may_plan=_may_plan(request),
        note_words=note_of(request, NOTES),
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


handlers = [list_plans, new_loading, create_loading, new_plan_removal, create_plan_removal]
