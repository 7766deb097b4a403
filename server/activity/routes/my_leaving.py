"""Not coming after all: giving a place back, or telling the office when it is late (S3)."""

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from server.activity import troubles
from server.activity.routes.my_sessions import came_from, provide_session
from server.activity.routes.supporter import SUPPORTER, AnyRequest, provide_supporter
from server.classes import eligibility, staffing
from server.refusals import Refused
from server.web.pages import page, see_other
from server.web.saying import say
from server.web.words import gettext


@get("/my/sessions/{session_id:int}/leaving", roles=SUPPORTER)
async def new_leaving(request: AnyRequest, session_id: FromPath[int]) -> Response[str]:
    """Ask once before she gives her place back; too late, whom to phone (S3)."""
    return await _leaving_page(request, session_id)


@post("/my/sessions/{session_id:int}/leaving", roles=SUPPORTER)
async def create_leaving(request: AnyRequest, session_id: FromPath[int]) -> Response[Any]:
    """Give the place back; pressed twice, nothing happens the second time."""
    supporter = await provide_supporter(request)
    _session, mine = await provide_session(supporter, session_id)
    try:
        if mine:
            await staffing.leave(mine["id"], by=request.user)
    except Refused as refused:
        return await _leaving_page(request, session_id, refused, status_code=409)
    back = "/my/training?done=left" if came_from(request) else "/my/sessions?done=left"
    return see_other(back)


@post("/my/sessions/{session_id:int}/absence", roles=SUPPORTER)
async def create_absence(request: AnyRequest, session_id: FromPath[int]) -> Response[Any]:
    """Too late to leave by herself: tell the coordinators at any hour; twice it is one report."""
    supporter = await provide_supporter(request)
    _session, mine = await provide_session(supporter, session_id)
    if mine:
        await troubles.tell_absence(
            mine,
            gettext("I cannot come to this class. Please look for somebody in my place."),
            supporter_id=supporter["id"],
            by=request.user,
        )
    return see_other(f"/my/sessions/{session_id}?done=told")


async def _leaving_page(
    request: AnyRequest,
    session_id: int,
    refused: Refused | None = None,
    status_code: int = 200,
) -> Response[Any]:
    supporter = await provide_supporter(request)
    session, mine = await provide_session(supporter, session_id)
    if mine is None:
        return see_other(f"/my/sessions/{session_id}")
    try:
        await eligibility.check_may_leave(session, mine["id"])
    except Refused as late:
        refused = refused or late
    return page(
        request,
        "activity/my_leaving.html",
        session=session,
        mine=mine,
        has_told=await troubles.has_told_absence(mine["id"]),
        came_from=came_from(request),
        why_not=say(refused) if refused else None,
        status_code=status_code,
    )


handlers = [new_leaving, create_leaving, create_absence]
