"""トラブル報告: a supporter's own button (S8)."""

import secrets
from datetime import timedelta
from typing import Any

from litestar import Response, get, post
from litestar.datastructures import FormMultiDict

from server import clock
from server.activity import troubles
from server.activity.forms import TroubleForm
from server.activity.routes.supporter import SUPPORTER, AnyRequest, Row, provide_supporter
from server.classes import assignments
from server.refusals import Refused
from server.web.dates import moment
from server.web.pages import page, see_other

THESE_DAYS = timedelta(days=3)
SOON = timedelta(hours=2)
NEXT_ONES = 5


@get("/my/trouble", roles=SUPPORTER)
async def new_my_trouble(request: AnyRequest) -> Response[str]:
    """What has happened? And the phone number, which is quicker."""
    supporter = await provide_supporter(request)
    asked = str(request.query_params.get("session", ""))
    known = {"submission": secrets.token_urlsafe(16), "session": asked}
    form = await _form(None, supporter, known)
    return page(request, "activity/my_trouble.html", form=form, done="done" in request.query_params)


@post("/my/trouble", roles=SUPPORTER)
async def create_my_trouble(request: AnyRequest) -> Response[Any]:
    """Tell the coordinators at once; pressed twice it is the same report."""
    supporter = await provide_supporter(request)
    form, status_code = await _form(await request.form(), supporter, {}), 422
    if form.validate():
        try:
            await troubles.report(
                form.typed("words"),
                supporter_id=supporter["id"],
                session_id=form.session_id,
                submission=form.typed("submission"),
                by=request.user,
            )
            return see_other("/my/trouble?done")
        except Refused as refused:
            form.refuse(refused)
            status_code = 409
    return page(request, "activity/my_trouble.html", form=form, done=False, status_code=status_code)


async def _form(formdata: FormMultiDict | None, supporter: Row, known: Row) -> TroubleForm:
    """With her sessions of these days to pick from: the one that began last stands first."""
    rows = await assignments.of_supporter(supporter["id"], clock.now() - THESE_DAYS)
    begun = [row for row in reversed(rows) if row["starts_at"] <= clock.now() + SOON]
    near = begun + [row for row in rows if row not in begun][:NEXT_ONES]
    offered = [(str(row["session"]), f"{moment(row['starts_at'])} {row['title']}") for row in near]
    return TroubleForm(formdata, offered, known)


handlers: list[Any] = [new_my_trouble, create_my_trouble]
