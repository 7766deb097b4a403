"""Activity reports as coordinators see them: what waits, approved in one go."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from litestar import Request, Response, get, post
from litestar.exceptions import NotFoundException

from server import clock
from server.activity import approvals, queries
from server.activity.queries import Filters
from server.activity.routes.activity import provide_report
from server.activity.tables import ReportState
from server.audit import entries
from server.classes import overview
from server.places.tables import District
from server.refusals import Refused
from server.roles import Role
from server.supporters.queries import same_human
from server.web.addresses import whole
from server.web.dates import moment
from server.web.pages import page, see_other
from server.web.saying import say
from server.web.words import gettext, ngettext

AnyRequest = Request[Any, Any, Any]
Row = dict[str, Any]

COORDINATORS = {Role.coordinator}
ALL = "all"
MOST_AT_ONCE = 200


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


def asked(request: AnyRequest) -> Asked:
    """Read the filters of the address."""
    query = request.query_params
    state = str(query.get("state", ""))
    month = str(query.get("month", ""))
    known = {f"{each:%Y-%m}": each for each in overview.months()}
    return Asked(
        state=state if state in {*ReportState, ALL} else ReportState.submitted,
        district=whole(query.get("district")),
        supporter=whole(query.get("supporter")),
        month=known.get(month),
        page=whole(query.get("page")) or 1,
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
    twice = await approvals.told_twice(request.user)
    shown = {row["id"] for row in [*rows, *(each for pair in twice for each in pair)]}
    await entries.record_reading(
        "/staff/activities", "activity_report", sorted(shown), by=request.user
    )
    return page(
        request,
        "activity/staff/activities.html",
        "results",
        rows=rows,
        twice=twice,
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


def _refused_words(row: Row, no: Refused) -> str:
    return gettext("%(name)s, %(when)s: %(why)s") % {
        "name": row["supporter_name"],
        "when": moment(row["starts_at"]),
        "why": say(no),
    }


def _as_seen(value: object) -> tuple[int, int]:
    report_id, _dash, version = str(value).partition("-")
    known = whole(report_id), whole(version)
    if known[0] is None or known[1] is None:
        raise NotFoundException
    return known[0], known[1]


def _note(request: AnyRequest) -> str | None:
    return _done_words(whole(request.query_params.get("approved")) or 0)


def _done_words(done: int) -> str | None:
    words = ngettext("%(num)s report is approved.", "%(num)s reports are approved.", done)
    return words % {"num": done} if done else None


handlers: list[Any] = [list_activities, create_approvals]
