"""Correcting who a supporter is: name, reading, date of birth, badge."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.params import FromPath

from server.refusals import Refused, Stale
from server.supporters import register
from server.supporters.forms import CorrectionForm
from server.supporters.routes.notes import done
from server.supporters.routes.register import COORDINATORS, provide_managed
from server.web.addresses import whole
from server.web.pages import page

AnyRequest = Request[Any, Any, Any]
Row = dict[str, Any]


@get("/staff/supporters/{supporter_id:int}/correction", roles=COORDINATORS)
async def edit_person(request: AnyRequest, supporter_id: FromPath[int]) -> Response[str]:
    """Name, reading, date of birth and badge as they stand."""
    supporter = await provide_managed(request, supporter_id)
    return _correction_page(request, CorrectionForm(None, supporter), supporter)


@post("/staff/supporters/{supporter_id:int}/correction", roles=COORDINATORS)
async def update_person(request: AnyRequest, supporter_id: FromPath[int]) -> Response[Any]:
    """Correct what was entered wrongly, with the reason."""
    supporter = await provide_managed(request, supporter_id)
    form = CorrectionForm(await request.form(), supporter)
    if not form.validate():
        return _correction_page(request, form, supporter, status_code=422)
    try:
        await register.correct(
            supporter_id,
            form.facts(),
            form.typed("reason"),
            version=whole(form.typed("version")) or 0,
            by=request.user,
        )
    except Refused as refused:
        form.refuse(refused)
        if isinstance(refused, Stale):
            form.version.data = str(refused.current["version"])
        return _correction_page(request, form, supporter, status_code=409)
    return done(f"/staff/supporters/{supporter_id}", "corrected")


def _correction_page(
    request: AnyRequest, form: CorrectionForm, supporter: Row, status_code: int = 200
) -> Response[str]:
    return page(
        request,
        "supporters/correction.html",
        form=form,
        supporter=supporter,
        status_code=status_code,
    )


handlers = [edit_person, update_person]
