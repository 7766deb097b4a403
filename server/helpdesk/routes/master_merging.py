"""Two topics or procedures that are one: the effect is shown before it is done (H2)."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.params import FromPath

from server.helpdesk import moved
from server.helpdesk.queries import MOST_COUNTED
from server.helpdesk.routes.masters import SEES_MASTERS, Noun, done, noun_of, provide
from server.helpdesk.routes.topic_forms import MergingIntoForm
from server.refusals import Refused, Stale
from server.roles import Role
from server.topics import procedures
from server.web.pages import page

AnyRequest = Request[Any, Any, Any]
Row = dict[str, Any]

MERGING = ("/staff/topics/{row_id:int}/merging", "/staff/procedures/{row_id:int}/merging")


@get([*MERGING], roles=SEES_MASTERS)
async def new_merging(request: AnyRequest, row_id: FromPath[int]) -> Response[str]:
    """Ask with which one it is to count."""
    noun = noun_of(request)
    row = await provide(noun, row_id)
    form = MergingIntoForm(None, await _others(noun, row), row["version"])
    return await _merging_page(request, noun, row, form)


@post([*MERGING], roles=SEES_MASTERS)
async def create_merging(request: AnyRequest, row_id: FromPath[int]) -> Response[Any]:
    """Show what merging does; once that was shown, merge."""
    noun = noun_of(request)
    row = await provide(noun, row_id)
    form = MergingIntoForm(await request.form(), await _others(noun, row), row["version"])
    if not form.validate():
        return await _merging_page(request, noun, row, form, status_code=422)
    into = next((each for each in await _others(noun, row) if each["id"] == form.into_id), None)
    if into and form.confirmed.data != form.typed("into"):
        form.confirmed.data = form.typed("into")
        return await _merging_page(request, noun, row, form, into)
    try:
        await noun.rules.merge(row_id, form.into_id, version=form.seen, by=request.user)
    except Refused as refused:
        form.refuse(refused)
        if isinstance(refused, Stale):
            row, form.version.data = refused.current, str(refused.current["version"])
        form.confirmed.data = ""
        return await _merging_page(request, noun, row, form, status_code=409)
    return done(noun, "counted")


async def _others(noun: Noun, row: Row) -> list[Row]:
    rows: list[Row] = await noun.rules.listed()
    return [each for each in rows if each["id"] != row["id"]]


async def _merging_page(
    request: AnyRequest,
    noun: Noun,
    row: Row,
    form: MergingIntoForm,
    into: Row | None = None,
    status_code: int = 200,
) -> Response[str]:
    """`into` where the effect is shown: who and what moves along, which procedures change topic."""
    every = await noun.rules.everything() if into else []
    under = await procedures.listed() if into and noun.rules is not procedures else []
    return page(
        request,
        "helpdesk/master_merging.html",
        form=form,
        row=row,
        into=into,
        along=[each["name"] for each in every if each["merged_into"] == row["id"]],
        under=[each["name"] for each in under if each["topic"] == row["id"]],
        moved=await moved.along(noun.table, row["id"]) if into else {},
        most=moved.MOST_NAMED,
        most_counted=MOST_COUNTED,
        opens=noun.name,
        sees_lists=Role.coordinator in request.user.roles,
        path=noun.path,
        status_code=status_code,
    )


handlers = [new_merging, create_merging]
