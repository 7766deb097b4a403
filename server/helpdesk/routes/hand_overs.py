"""Hand-overs (引継ぎ): what sections are asked, and answers that came back (H4)."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from server.audit import entries
from server.helpdesk import hand_overs
from server.helpdesk.desks import AT_DESKS
from server.helpdesk.routes.hand_over_forms import AnswerForm
from server.refusals import Refused, Stale
from server.roles import Role
from server.web.forms import LARGEST_BODY
from server.web.pages import page, see_other
from server.web.words import gettext as _

AnyRequest = Request[Any, Any, Any]
Row = dict[str, Any]

COORDINATORS = {Role.coordinator}
LIST = "/staff/hand-overs"


@get(LIST, roles=AT_DESKS)
async def list_hand_overs(request: AnyRequest) -> Response[str]:
    """Questions to her section; answers to her desk; what is still out."""
    return await _page(request)


@post(
    "/staff/hand-overs/{hand_over_id:int}/answer",
    roles=COORDINATORS,
    request_max_body_size=LARGEST_BODY,
)
async def create_answer(request: AnyRequest, hand_over_id: FromPath[int]) -> Response[Any]:
    """Answer for the section that was asked."""
    row = await hand_overs.get(hand_over_id)
    if row is None or not hand_overs.may_answer(row, request.user):
        raise NotFoundException
    form = AnswerForm(await request.form())
    if not form.validate():
        return await _page(request, form=form, about=row, status_code=422)
    try:
        await hand_overs.answer(
            hand_over_id, form.typed("answer"), version=form.seen, by=request.user
        )
    except Stale as stale:
        form.version.data = str(stale.current["version"])
        row = await hand_overs.get(hand_over_id)
        return await _page(request, form=form, about=row, stale=True, status_code=409)
    except Refused as refused:
        form.refuse(refused)
        return await _page(request, form=form, about=row, status_code=409)
    return see_other(f"{LIST}?answered")


@post("/staff/hand-overs/{hand_over_id:int}/taking-up", roles=AT_DESKS)
async def create_taking_up(request: AnyRequest, hand_over_id: FromPath[int]) -> Response[Any]:
    """The desk has seen the answer."""
    row = await hand_overs.get(hand_over_id)
    if row is None or not hand_overs.is_of(row, request.user):
        raise NotFoundException
    try:
        await hand_overs.take_up(hand_over_id, by=request.user)
    except Refused as refused:
        form = AnswerForm()
        form.refuse(refused)
        return await _page(request, form=form, status_code=409)
    return see_other(f"{LIST}?taken_up")


def _note(request: AnyRequest) -> str | None:
    if "asked" in request.query_params:
        return _("The section has the question. Its answer comes back to this page.")
    if "answered" in request.query_params:
        return _("The answer is on its way back to the desk.")
    return _("Noted: the answer has been taken up.") if "taken_up" in request.query_params else None


async def _page(
    request: AnyRequest,
    *,
    form: AnswerForm | None = None,
    about: Row | None = None,
    stale: bool = False,
    status_code: int = 200,
) -> Response[str]:
    """The page; `about` stands on it with what was typed even when it waits no more."""
    waiting = await hand_overs.waiting(request.user)
    returned = await hand_overs.answered(request.user)
    open_ids = {row["id"] for row in waiting}
    out = [row for row in await hand_overs.asked(request.user) if row["id"] not in open_ids]
    if about is not None and about["id"] not in open_ids:
        waiting = [about, *waiting]
    ids = [row["id"] for row in [*waiting, *returned, *out]]
    await entries.record_reading(LIST, "hand_over", ids, by=request.user)
    forms = {row["id"]: AnswerForm(data={"version": row["version"]}) for row in waiting}
    if form is not None and about is not None:
        forms[about["id"]] = form
    for each, one in forms.items():
        one.answer.id = f"answer-{each}"
    return page(
        request,
        "helpdesk/hand_overs.html",
        waiting=waiting,
        forms=forms,
        returned=returned,
        out=out,
        form=form,
        stale=about if stale else None,
        answers=Role.coordinator in request.user.roles,
        note_words=_note(request),
        status_code=status_code,
    )


handlers: list[Any] = [list_hand_overs, create_answer, create_taking_up]
