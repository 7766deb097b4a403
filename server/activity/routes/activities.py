"""Activity reports as coordinators see them: to approve, to return, to look at."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from litestar import Request, Response, get, post
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from server import clock
from server.activity import approvals, queries
from server.activity.forms import ReasonForm, WordForm
from server.activity.queries import Filters
from server.activity.tables import ActivityApproval, ReportState
from server.audit import entries
from server.classes import overview
from server.database import writing
from server.places.tables import District
from server.refusals import Refused
from server.roles import Role
from server.supporters.queries import same_human
from server.web.dates import moment
from server.web.forms import Form
from server.web.pages import page, see_other
from server.web.saying import say
from server.web.words import gettext, ngettext
from server.web.words import lazy as _

AnyRequest = Request[Any, Any, Any]
Row = dict[str, Any]

COORDINATORS = {Role.coordinator}
ALL = "all"
MOST_AT_ONCE = 200
LONGEST_ID = 9  # digits
NOTES = {
    "approved": _("Approved."),
    "returned": _("Returned to the supporter."),
    "withdrawn": _("The approval is withdrawn. The report waits again."),
}


@dataclass(frozen=True)
class Asked:
    """What somebody asked for in words of the address; nonsense is nothing."""

    state: str = ReportState.submitted
    district: int | None = None
    supporter: int | None = None
    month: date | None = None
    page: int = 1

    def url(self, number: int) -> str:
        """The address of a page of this list."""
        asked = {"state": self.state, "page": str(number)}
        asked |= {"district": str(self.district)} if self.district else {}
        asked |= {"supporter": str(self.supporter)} if self.supporter else {}
        asked |= {"month": f"{self.month:%Y-%m}"} if self.month else {}
        return f"/staff/activities?{urlencode(asked)}"


@get("/staff/activities", roles=COORDINATORS)
async def list_activities(request: AnyRequest) -> Response[str]:
    """What waits for approval, or what the filters ask for; names, so the reading is audited."""
    return await _list_page(request, asked(request), note_words=_note(request))


@post("/staff/activities/approvals", roles=COORDINATORS)
async def create_approvals(request: AnyRequest) -> Response[Any]:
    """Approve what was ticked, each as it was on the screen; what cannot be is said."""
    formdata = await request.form()
    ticked = [_as_seen(value) for value in formdata.getall("report", [])[:MOST_AT_ONCE]]
    rows = {each: await provide_report(request, each) for each, _version in ticked}
    done, refused = 0, []
    for report_id, version in ticked:
        try:
            await approvals.approve(report_id, version=version, by=request.user)
            done += 1
        except Refused as no:
            refused.append(_refused_words(rows[report_id], no))
    if refused:
        return await _list_page(
            request, asked(request), note_words=_done_words(done), refused=refused, status_code=409
        )
    return see_other(f"/staff/activities?approved={done}")


@get("/staff/activities/{report_id:int}", roles=COORDINATORS)
async def show_activity(request: AnyRequest, report_id: FromPath[int]) -> Response[str]:
    """One report with all its approvals, and what can be done with it."""
    row = await provide_report(request, report_id)
    return await _report_page(request, row, note_words=_note(request))


@post("/staff/activities/{report_id:int}/approval", roles=COORDINATORS)
async def create_approval(request: AnyRequest, report_id: FromPath[int]) -> Response[Any]:
    """Approve one report as it was on the screen."""
    row = await provide_report(request, report_id)
    seen = str((await request.form()).get("version", ""))
    try:
        await approvals.approve(report_id, version=_number(seen) or 0, by=request.user)
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


def asked(request: AnyRequest) -> Asked:
    """Read the filters of the address."""
    query = request.query_params
    state = str(query.get("state", ""))
    month = str(query.get("month", ""))
    known = {f"{each:%Y-%m}": each for each in overview.months()}
    return Asked(
        state=state if state in {*ReportState, ALL} else ReportState.submitted,
        district=_number(query.get("district")),
        supporter=_number(query.get("supporter")),
        month=known.get(month),
        page=_number(query.get("page")) or 1,
    )


async def _list_page(
    request: AnyRequest,
    wanted: Asked,
    *,
    note_words: str | None,
    refused: list[str] | None = None,
    status_code: int = 200,
) -> Response[str]:
    states = tuple(ReportState) if wanted.state == ALL else (ReportState(wanted.state),)
    filters = Filters(
        states=states,
        supporter_ids=await same_human(wanted.supporter) if wanted.supporter else None,
        district_id=wanted.district,
        month=wanted.month,
        **approvals.scope(request.user),
    )
    rows, more = await queries.listed(filters, wanted.page)
    async with writing():
        await entries.record_reading(
            "/staff/activities", "activity_report", [row["id"] for row in rows], by=request.user
        )
    return page(
        request,
        "activity/staff/activities.html",
        "results",
        rows=rows,
        asked=wanted,
        states=[*ReportState, ALL],
        districts=await District.select(District.id, District.name).order_by(District.position),
        months=[each for each in reversed(overview.months()) if each <= clock.today()],
        note_words=note_words,
        refused=refused or [],
        previous_url=wanted.url(wanted.page - 1) if wanted.page > 1 else None,
        next_url=wanted.url(wanted.page + 1) if more else None,
        status_code=status_code,
    )


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
    async with writing():
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


def _refused_words(row: Row, no: Refused) -> str:
    return gettext("%(name)s, %(when)s: %(why)s") % {
        "name": row["supporter_name"],
        "when": moment(row["starts_at"]),
        "why": say(no),
    }


def _as_seen(value: object) -> tuple[int, int]:
    report_id, _dash, version = str(value).partition("-")
    known = _number(report_id), _number(version)
    if known[0] is None or known[1] is None:
        raise NotFoundException
    return known[0], known[1]


def _number(typed: object) -> int | None:
    words = str(typed or "")
    sound = words.isascii() and words.isdecimal() and len(words) <= LONGEST_ID
    return int(words) or None if sound else None


def _note(request: AnyRequest) -> str | None:
    done = _number(request.query_params.get("approved"))
    if done:
        return _done_words(done)
    note = NOTES.get(str(request.query_params.get("done", "")))
    return str(note) if note else None


def _done_words(done: int) -> str | None:
    words = ngettext("%(num)s report is approved.", "%(num)s reports are approved.", done)
    return words % {"num": done} if done else None


handlers: list[Any] = [
    list_activities,
    create_approvals,
    show_activity,
    create_approval,
    create_return,
    create_approval_withdrawal,
]
