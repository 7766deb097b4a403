"""Reports of trouble for coordinators: on top of every page until somebody took them up (S8)."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from server.activity import troubles
from server.activity.forms import OutcomeForm
from server.audit import entries
from server.refusals import Refused
from server.roles import Role
from server.web.pages import page, see_other
from server.web.words import gettext as _

AnyRequest = Request[Any, Any, Any]

COORDINATORS = {Role.coordinator}


@get("/staff/troubles", roles=COORDINATORS)
async def list_troubles(request: AnyRequest) -> Response[str]:
    """What has happened and nobody has taken up; below what has been."""
    return await _page(request)


@get("/staff/troubles/alarm", public=True)
async def show_alarm(request: AnyRequest) -> Response[str]:
    """How many reports wait, for the top of a page that stands open; empty where none does.

    Public, so that a page never jumps to the sign-in under somebody who is typing: whoever is no
    coordinator gets nothing.
    """
    viewer = request.user
    if viewer is None or Role.coordinator not in viewer.roles:
        return Response("", status_code=204)
    number = len(await troubles.waiting(viewer))
    if request.query_params.get("seen") == str(number):
        return Response("", status_code=204)
    return page(request, "activity/staff/alarm.html", alarms=number)


@post("/staff/troubles/{trouble_id:int}/beginning", roles=COORDINATORS)
async def create_beginning(request: AnyRequest, trouble_id: FromPath[int]) -> Response[Any]:
    """Say that one sees to it now."""
    if all(row["id"] != trouble_id for row in await troubles.waiting(request.user)):
        raise NotFoundException
    form = OutcomeForm()
    try:
        await troubles.begin(trouble_id, by=request.user)
    except Refused as refused:
        form.refuse(refused)
        return await _page(request, form=form, about=trouble_id, status_code=409)
    return see_other("/staff/troubles?begun")


@post("/staff/troubles/{trouble_id:int}/outcome", roles=COORDINATORS)
async def create_outcome(request: AnyRequest, trouble_id: FromPath[int]) -> Response[Any]:
    """Say what was done about one."""
    seen = [*await troubles.waiting(request.user)]
    seen += await troubles.listed(request.user, taken_up=True)
    if all(row["id"] != trouble_id for row in seen):
        raise NotFoundException
    form = OutcomeForm(await request.form())
    if not form.validate():
        return await _page(request, form=form, about=trouble_id, status_code=422)
    try:
        await troubles.take_up(trouble_id, form.typed("outcome"), by=request.user)
    except Refused as refused:
        form.refuse(refused)
        return await _page(request, form=form, about=trouble_id, status_code=409)
    return see_other("/staff/troubles?done")


def _note(request: AnyRequest) -> str | None:
    if "begun" in request.query_params:
        return _("Noted: you see to it now.")
    return _("What was done is noted.") if "done" in request.query_params else None


async def _page(
    request: AnyRequest,
    *,
    form: OutcomeForm | None = None,
    about: int | None = None,
    status_code: int = 200,
) -> Response[str]:
    waiting = await troubles.waiting(request.user)
    taken_up = await troubles.listed(request.user, taken_up=True)
    await entries.record_reading(
        "/staff/troubles",
        "trouble_report",
        [row["id"] for row in [*waiting, *taken_up]],
        by=request.user,
    )
    forms = {row["id"]: OutcomeForm() for row in waiting}
    if form is not None and about in forms:
        forms[about] = form
    for trouble_id, each in forms.items():
        each.outcome.id = f"outcome-{trouble_id}"
    return page(
        request,
        "activity/staff/troubles.html",
        waiting=waiting,
        forms=forms,
        form=form,
        taken_up=taken_up,
        note_words=_note(request),
        status_code=status_code,
    )


handlers: list[Any] = [list_troubles, show_alarm, create_beginning, create_outcome]
