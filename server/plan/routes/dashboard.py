"""What staff open first: what needs a person now, the classes of today, and the plan."""

from typing import Any

from litestar import Request, Response, get

from server.classes import overview
from server.plan import queries
from server.plan.routes import lines, needs
from server.roles import Role
from server.web.access import STAFF
from server.web.addresses import whole
from server.web.pages import page

AnyRequest = Request[Any, Any, Any]

SEES_COURSES = {Role.coordinator, Role.helpdesk, Role.venue}


@get("/staff", roles=STAFF)
async def show_today(request: AnyRequest) -> Response[str]:
    """What needs a person now, the classes of today; for coordinators how the plan stands."""
    viewer = request.user
    finds = bool(viewer.roles & SEES_COURSES)
    today = await overview.sessions_between(viewer, 0, 0) if finds else []
    outlines = []
    if Role.coordinator in viewer.roles:
        city = request.app.state.municipality
        plans = await queries.plans_of(city["name"] if city else "")
        outlines = await lines.outlines(plans, whole(request.query_params.get("year")))
    return page(
        request,
        "staff_home.html",
        needs=await needs.of(viewer) if finds else [],
        sessions=[needs.session_line(each) for each in today],
        finds=finds,
        outlines=outlines,
        sees_plan=Role.coordinator in viewer.roles,
    )


handlers = [show_today]
