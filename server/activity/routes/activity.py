"""One activity report as coordinators see it: approve it, return it, withdraw its approval."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from server.activity import approvals, queries
from server.activity.forms import ReasonForm, WordForm
from server.activity.queries import Filters
from server.activity.tables import ActivityApproval
from server.audit import entries
from server.refusals import Refused
from server.roles import Role
from server.web.addresses import whole
from server.web.forms import Form
from server.web.pages import note_of, page, see_other
from server.web.saying import say
from server.web.words import lazy as _

AnyRequest = Request[Any, Any, Any]
Row = dict[str, Any]

COORDINATORS = {Role.coordinator}
NOTES = {
    "approved": _("Approved."),
    "returned": _("Returned to the supporter."),
    "withdrawn": _("The approval is withdrawn. The report waits again."),
}


@get("/staff/activities/{report_id:int}", roles=COORDINATORS)
async def show_activity(request: AnyRequest, report_id: FromPath[int]) -> Response[str]:
    """One report with all its approvals, and what can be done with it."""
    row = await provide_report(request, report_id)
    return await _report_page(request, row, note_words=note_of(request, NOTES))


@post("/staff/activities/{report_id:int}/approval", roles=COORDINATORS)
async def create_approval(request: AnyRequest, report_id: FromPath[int]) -> Response[Any]:
    """Approve one report as it was on the screen."""
    row = await provide_report(request, report_id)
    seen = str((await request.form()).get("version", ""))
    try:
        await approvals.approve(report_id, version=whole(seen) or 0, by=request.user)
    except Refused as no:
        row = await provide_report(request, report_id)
        return await _report_page(request, row, refused=say(no), status_code=409)
    return see_other(f"/staff/activities/{report_id}?done=approved")


@post("/staff/activities/{report_id:int}/return", roles=COORDINATORS)
async def create_return(request: AnyRequest, report_id: FromPath[int]) -> Response[Any]:
    """Return a report with a word (差戻し)."""
    row = await provide_report(request, report_id)
    form = WordForm(await request.form())
    if not form.validate():
        return await _report_page(request, row, word_form=form, status_code=422)
    try:
        await approvals.send_back(report_id, form.typed("word"), by=request.user)
    except Refused as no:
        form.refuse(no)
        row = await provide_report(request, report_id)
        return await _report_page(request, row, word_form=form, status_code=409)
    return see_other(f"/staff/activities/{report_id}?done=returned")


@post("/staff/activities/{report_id:int}/approval-withdrawal", roles=COORDINATORS)
async def create_approval_withdrawal(
    request: AnyRequest, report_id: FromPath[int]
) -> Response[Any]:
    """Withdraw an approval, with a reason."""
    row = await provide_report(request, report_id)
    form = ReasonForm(await request.form())
    if not form.validate():
        return await _report_page(request, row, reason_form=form, status_code=422)
    try:
        await approvals.withdraw(report_id, form.typed("reason"), by=request.user)
    except Refused as no:
        form.refuse(no)
        row = await provide_report(request, report_id)
        return await _report_page(request, row, reason_form=form, status_code=409)
    return see_other(f"/staff/activities/{report_id}?done=withdrawn")


async def provide_report(request: AnyRequest, report_id: int) -> Row:
    """A report that the viewer may see: another section's is not found (C4)."""
    filters = Filters(report_id=report_id, **approvals.scope(request.user))
    rows, _more = await queries.listed(filters)
    if not rows:
        raise NotFoundException
    return rows[0]


async def _report_page(
    request: AnyRequest,
    row: Row,
    *,
    note_words: str | None = None,
    refused: str | None = None,
    word_form: Form | None = None,
    reason_form: Form | None = None,
    status_code: int = 200,
) -> Response[str]:
    given = (
        await ActivityApproval.select()
        .where(ActivityApproval.report == row["id"])
        .order_by(ActivityApproval.id)
    )
    try:
        await approvals.check_may_decide(row, request.user)
        why_not = None
    except Refused as no:
        why_not = say(no)
    await entries.record_reading(
        "/staff/activities/…", "activity_report", [row["id"]], by=request.user
    )
    return page(
        request,
        "activity/staff/activity.html",
        row=row,
        given=given,
        why_not=why_not,
        note_words=note_words,
        refused=refused,
        word_form=word_form or WordForm(),
        reason_form=reason_form or ReasonForm(),
        status_code=status_code,
    )


handlers: list[Any] = [
    show_activity,
    create_approval,
    create_return,
    create_approval_withdrawal,
]
