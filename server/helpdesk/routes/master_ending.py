"""A topic or procedure is no longer offered, or offered again."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.params import FromPath

from server import clock
from server.helpdesk.routes.masters import SEES_MASTERS, Noun, done, noun_of, provide
from server.helpdesk.routes.topic_forms import RetirementForm
from server.refusals import Refused, Stale
from server.web.pages import page
from server.web.versions import VersionedForm

AnyRequest = Request[Any, Any, Any]
Row = dict[str, Any]

RETIREMENT = ("/staff/topics/{row_id:int}/retirement", "/staff/procedures/{row_id:int}/retirement")
RETURN = ("/staff/topics/{row_id:int}/return", "/staff/procedures/{row_id:int}/return")


@get([*RETIREMENT], roles=SEES_MASTERS)
async def new_retirement(request: AnyRequest, row_id: FromPath[int]) -> Response[str]:
    """Ask from which day it is no longer offered, today unless another is chosen."""
    noun = noun_of(request)
    row = await provide(noun, row_id)
    form = RetirementForm(data={"version": row["version"], "retired_on": clock.today()})
    return _retirement_page(request, noun, row, form)


@post([*RETIREMENT], roles=SEES_MASTERS)
async def create_retirement(request: AnyRequest, row_id: FromPath[int]) -> Response[Any]:
    """Offer it no longer from that day on."""
    noun = noun_of(request)
    row = await provide(noun, row_id)
    form = RetirementForm(await request.form())
    if not form.validate():
        return _retirement_page(request, noun, row, form, status_code=422)
    try:
        await noun.rules.retire(row_id, form.data["retired_on"], version=form.seen, by=request.user)
    except Refused as refused:
        row = await provide(noun, row_id)
        _refuse(form, refused)
        return _retirement_page(request, noun, row, form, status_code=409)
    return done(noun, "retired")


@get([*RETURN], roles=SEES_MASTERS)
async def new_return(request: AnyRequest, row_id: FromPath[int]) -> Response[str]:
    """Ask once whether it is to be offered again."""
    noun = noun_of(request)
    row = await provide(noun, row_id)
    form = VersionedForm(data={"version": row["version"]})
    return await _return_page(request, noun, row, form)


@post([*RETURN], roles=SEES_MASTERS)
async def create_return(request: AnyRequest, row_id: FromPath[int]) -> Response[Any]:
    """Offer it again; merged ones count by themselves again."""
    noun = noun_of(request)
    form = VersionedForm(await request.form())
    try:
        await noun.rules.bring_back(row_id, version=form.seen, by=request.user)
    except Refused as refused:
        row = await provide(noun, row_id)
        _refuse(form, refused)
        return await _return_page(request, noun, row, form, status_code=409)
    return done(noun, "back")


def _refuse(form: VersionedForm, refused: Refused) -> None:
    form.refuse(refused)
    if isinstance(refused, Stale):
        form.version.data = str(refused.current["version"])


def _retirement_page(
    request: AnyRequest, noun: Noun, row: Row, form: RetirementForm, status_code: int = 200
) -> Response[str]:
    return page(
        request,
        "helpdesk/master_retirement.html",
        form=form,
        row=row,
        path=noun.path,
        status_code=status_code,
    )


async def _return_page(
    request: AnyRequest, noun: Noun, row: Row, form: VersionedForm, status_code: int = 200
) -> Response[str]:
    return page(
        request,
        "helpdesk/master_return.html",
        form=form,
        row=row,
        merged_name=(await noun.rules.names()).get(row["merged_into"]),
        path=noun.path,
        status_code=status_code,
    )


handlers = [new_retirement, create_retirement, new_return, create_return]
