"""A supporter's activity reports: what she did, handed in from the phone."""

import secrets
from datetime import datetime, time, timedelta
from typing import Any

from litestar import Response, get, post
from litestar.datastructures import FormMultiDict
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from server import clock
from server.activity import activities, queries
from server.activity.forms import ActivityForm
from server.activity.queries import STANDING, Filters
from server.activity.routes.supporter import SUPPORTER, AnyRequest, Row, provide_supporter
from server.activity.tables import ActivityKind, ActivityTopic, ReportState
from server.places import directory
from server.refusals import Refused, Stale
from server.supporters import schemes
from server.supporters.queries import same_human
from server.topics import topics
from server.web.addresses import whole
from server.web.pages import note_of, page, see_other
from server.web.words import gettext
from server.web.words import lazy as _

NOTES = {
    "submitted": _("Handed in. The office looks at it."),
    "changed": _("Handed in again. The office looks at it."),
    "withdrawn": _("The report is taken back."),
}
TITLES = {
    ActivityKind.session: _("Report help at a class"),
    ActivityKind.salon: _("Report help at a salon"),
    ActivityKind.call: _("Report help on the phone"),
    ActivityKind.home_visit: _("Report a visit at home"),
    ActivityKind.other: _("Report other help"),
}
JUST_NOW = {ActivityKind.call: timedelta(minutes=30)}
A_WHILE_AGO = timedelta(hours=2)


@get("/my/activities", roles=SUPPORTER)
async def list_my_activities(request: AnyRequest) -> Response[str]:
    """One's own reports, those that came back first; and buttons to write another."""
    supporter = await provide_supporter(request)
    number = whole(request.query_params.get("page")) or 1
    ids = await same_human(supporter["id"])
    rows, more = await queries.listed(Filters(supporter_ids=ids), number)
    return page(
        request,
        "activity/my_activities.html",
        kinds=await kinds(),
        returned=[row for row in rows if row["state"] == ReportState.returned],
        rows=[row for row in rows if row["state"] != ReportState.returned],
        note_words=note_of(request, NOTES),
        previous_url=f"/my/activities?page={number - 1}" if number > 1 else None,
        next_url=f"/my/activities?page={number + 1}" if more else None,
    )


@get("/my/activities/new", roles=SUPPORTER)
async def new_my_activity(request: AnyRequest) -> Response[str]:
    """The form for one activity, mostly filled in already."""
    supporter = await provide_supporter(request)
    kind = await _kind(request.query_params.get("kind"))
    known = await _prefilled(supporter, kind)
    known["submission"] = secrets.token_urlsafe(16)
    form = await _form(None, kind, known)
    return _form_page(request, form)


@post("/my/activities/new", roles=SUPPORTER)
async def create_my_activity(request: AnyRequest) -> Response[Any]:
    """Hand a report in; pressed twice it is the same report."""
    supporter = await provide_supporter(request)
    kind = await _kind(request.query_params.get("kind"))
    form = await _form(await request.form(), kind, {})
    if not form.validate():
        return _form_page(request, form, status_code=422)
    try:
        await activities.submit(
            supporter["id"], form.facts(), submission=form.typed("submission"), by=request.user
        )
    except Refused as refused:
        form.refuse(refused)
        return _form_page(request, form, status_code=409)
    return see_other("/my/activities?done=submitted")


@get("/my/activities/{report_id:int}/edit", roles=SUPPORTER)
async def edit_my_activity(request: AnyRequest, report_id: FromPath[int]) -> Response[str]:
    """The form that corrects a report."""
    row = await _own(request, report_id)
    form = await _form(None, ActivityKind(row["kind"]), await _known(row))
    return _form_page(request, form, row)


@post("/my/activities/{report_id:int}/edit", roles=SUPPORTER)
async def update_my_activity(request: AnyRequest, report_id: FromPath[int]) -> Response[Any]:
    """Hand a corrected report in again."""
    row = await _own(request, report_id)
    form = await _form(await request.form(), ActivityKind(row["kind"]), {})
    if not form.validate():
        return _form_page(request, form, row, status_code=422)
    try:
        await activities.change(report_id, form.facts(row), version=form.seen, by=request.user)
    except Stale as stale:
        form.refuse(stale)
        form.version.data = str(stale.current["version"])
        return _form_page(request, form, row, shown=stale.current, status_code=409)
    except Refused as refused:
        form.refuse(refused)
        return _form_page(request, form, row, status_code=409)
    return see_other("/my/activities?done=changed")


@get("/my/activities/{report_id:int}/withdrawal", roles=SUPPORTER)
async def new_my_withdrawal(request: AnyRequest, report_id: FromPath[int]) -> Response[str]:
    """Ask before a report is taken back."""
    return page(request, "activity/my_withdrawal.html", row=await _own(request, report_id))


@post("/my/activities/{report_id:int}/withdrawal", roles=SUPPORTER)
async def create_my_withdrawal(request: AnyRequest, report_id: FromPath[int]) -> Response[Any]:
    """Take a report back; twice it stays so."""
    await _own(request, report_id, withdrawn=True)
    await activities.withdraw(report_id, by=request.user)
    return see_other("/my/activities?done=withdrawn")


async def kinds() -> list[ActivityKind]:
    """What a supporter reports by herself here: visits at home only where the city has them."""
    offered = [ActivityKind.salon, ActivityKind.call]
    if (await schemes.current()).home_visits:
        offered.append(ActivityKind.home_visit)
    return [*offered, ActivityKind.other]


async def _kind(typed: object) -> ActivityKind:
    offered = await kinds()
    if typed not in offered:
        raise NotFoundException
    return ActivityKind(str(typed))


async def _own(request: AnyRequest, report_id: int, *, withdrawn: bool = False) -> Row:
    supporter = await provide_supporter(request)
    ids = await same_human(supporter["id"])
    rows, _more = await queries.listed(Filters(report_id=report_id, supporter_ids=ids))
    if not rows or (rows[0]["state"] == ReportState.withdrawn and not withdrawn):
        raise NotFoundException
    return rows[0]


async def _form(formdata: FormMultiDict | None, kind: ActivityKind, known: Row) -> ActivityForm:
    places = await directory.districts()
    offered = {
        "venue": [(str(each["id"]), each["name"]) for place in places for each in place.venues],
        "district": [(str(place.id), place.name) for place in places if place.id],
        "topics": [(str(row["id"]), row["name"]) for row in await topics.listed()],
    }
    return ActivityForm(formdata, kind, offered, known)


async def _prefilled(supporter: Row, kind: ActivityKind) -> Row:
    """As the last one of its kind was: hour and place; today, else a little while ago."""
    rows, _more = await activities.of_supporter(supporter["id"])
    last = next((row for row in rows if row["kind"] == kind), None)
    begins = clock.now() - JUST_NOW.get(kind, A_WHILE_AGO)
    hour = _round(clock.local(begins))
    if last and kind is not ActivityKind.call:
        usual = clock.local(last["starts_at"]).time()
        if clock.at(clock.today(), usual) < clock.now():
            begins, hour = clock.now(), usual
    before = max((row["ends_at"] for row in rows if row["state"] in STANDING), default=None)
    if before and clock.at(clock.on(begins), hour) < before <= begins:
        ended = clock.local(before + timedelta(seconds=59))  # not while the last one went on
        hour = time(ended.hour, ended.minute)
    known: Row = {"day": clock.on(begins), "starts": hour}
    if supporter["district"]:
        known["district"] = str(supporter["district"])
    if last and last["venue"]:
        known["venue"] = str(last["venue"])
    return known | ({"place": last["place"]} if last else {})


def _round(begins: datetime) -> time:
    return time(begins.hour, begins.minute // 30 * 30)


async def _known(row: Row) -> Row:
    asked = await ActivityTopic.select(ActivityTopic.topic).where(ActivityTopic.report == row["id"])
    begins = clock.local(row["starts_at"])
    return {
        "submission": secrets.token_urlsafe(16),
        "version": str(row["version"]),
        "day": begins.date(),
        "starts": begins.time(),
        "minutes": row["minutes"],
        "people_helped": row["people_helped"],
        "venue": str(row["venue"] or ""),
        "district": str(row["district"] or ""),
        "place": row["place"],
        "note": row["note"],
        "topics": [str(each["topic"]) for each in asked],
    }


def _form_page(
    request: AnyRequest,
    form: ActivityForm,
    row: Row | None = None,
    *,
    shown: Row | None = None,
    status_code: int = 200,
) -> Response[str]:
    return page(
        request,
        "activity/my_activity_form.html",
        form=form,
        row=row,
        shown=shown,
        action=f"/my/activities/{row['id']}/edit"
        if row
        else f"/my/activities/new?kind={form.kind}",
        title_words=title_words(form.kind, again=row is not None),
        status_code=status_code,
    )


def title_words(kind: ActivityKind, *, again: bool) -> str:
    """What the page is called."""
    if again:
        return gettext("Correct an activity report")
    return str(TITLES[kind])


handlers: list[Any] = [
    list_my_activities,
    new_my_activity,
    create_my_activity,
    edit_my_activity,
    update_my_activity,
    new_my_withdrawal,
    create_my_withdrawal,
]
