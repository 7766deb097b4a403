"""One session's helpers: who there is, who could, and changing it (S3)."""

from typing import Any
from urllib.parse import urlencode

from litestar import Request, Response, get, post
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from server import clock
from server.audit import entries
from server.classes import assignments, candidates, clashes, staffing, vacancies
from server.classes.editing import Unheeded
from server.classes.overview import edits
from server.classes.routes.staff_courses import COORDINATORS
from server.classes.routes.staff_sessions import provide_session
from server.classes.routes.staffing import month_url
from server.classes.routes.staffing_forms import AssignmentForm, NeededForm, TakingOffForm
from server.classes.routes.staffing_words import NOTES
from server.classes.tables import Assignment, HelpRole
from server.refusals import Refused, Stale
from server.supporters import credentials, lecturers, register
from server.web.pages import note_of, page, see_other
from server.web.saying import say

AnyRequest = Request[Any, Any, Any]
Row = dict[str, Any]

SHOWN_AT_ONCE = 30


@get("/staff/sessions/{session_id:int}/staffing", roles=COORDINATORS)
async def show_staffing(request: AnyRequest, session_id: FromPath[int]) -> Response[str]:
    """Who helps at a session, how many it needs, and who could help."""
    _course, session = await provide_session(request, session_id)
    form = NeededForm(data=session)
    return await _staffing_page(request, session, form)


@post("/staff/sessions/{session_id:int}/staffing", roles=COORDINATORS)
async def create_assignment(request: AnyRequest, session_id: FromPath[int]) -> Response[Any]:
    """Put somebody at a session in one press; where something speaks against it, ask why."""
    session = await provide_titled(request, session_id)
    form = AssignmentForm(await request.form())
    whom, role = form.whom(), form.help_role()
    if not form.validate() or whom is None or role is None:
        raise NotFoundException
    try:
        await staffing.assign(
            session_id, role, **whom, overruled=form.typed("overruled"), by=request.user
        )
    except Refused as refused:
        return await _refusal_page(request, session, form, whom, role, refused)
    note = "lecturer"
    if "supporter_id" in whom:
        signs_in = await assignments.signs_in(whom["supporter_id"])
        note = "assigned" if signs_in else "assigned_call"
    return _back(session, form.typed("back"), note, role)


@post("/staff/sessions/{session_id:int}/helpers-needed", roles=COORDINATORS)
async def update_needed(request: AnyRequest, session_id: FromPath[int]) -> Response[Any]:
    """Say how many people the session takes."""
    _course, session = await provide_session(request, session_id)
    form = NeededForm(await request.form())
    if not form.validate():
        return await _staffing_page(request, session, form, status_code=422)
    try:
        await staffing.need(session_id, form.numbers(), version=form.seen, by=request.user)
    except Refused as refused:
        form.refuse(refused)
        if isinstance(refused, Stale):
            form.version.data = str(refused.current["version"])
        return await _staffing_page(request, session, form, status_code=409)
    return _back(session, "session", "needed")


@get("/staff/assignments/{assignment_id:int}/removal", roles=COORDINATORS)
async def new_taking_off(request: AnyRequest, assignment_id: FromPath[int]) -> Response[str]:
    """Why somebody is taken off a session."""
    session, helper = await provide_helper(request, assignment_id)
    form = TakingOffForm(data={"reason": await _why_unfit(session["id"], helper), "tell": True})
    return await _taking_off_page(request, form, session, helper)


@post("/staff/assignments/{assignment_id:int}/removal", roles=COORDINATORS)
async def create_taking_off(request: AnyRequest, assignment_id: FromPath[int]) -> Response[Any]:
    """Take somebody off a session."""
    session, helper = await provide_helper(request, assignment_id)
    form = TakingOffForm(await request.form())
    if not form.validate():
        return await _taking_off_page(request, form, session, helper, status_code=422)
    tells = bool(form.data["tell"]) and helper["supporter"] is not None
    try:
        await staffing.take_off(assignment_id, form.typed("reason"), tell=tells, by=request.user)
    except Refused as refused:
        form.refuse(refused)
        return await _taking_off_page(request, form, session, helper, status_code=409)
    return _back(session, "session", "taken_off" if tells else "taken_off_known", helper["role"])


async def provide_titled(request: AnyRequest, session_id: int) -> Row:
    """A session that the viewer may see, with the title of its course."""
    course, session = await provide_session(request, session_id)
    return session | {"title": course["title"]}


async def provide_helper(request: AnyRequest, assignment_id: int) -> tuple[Row, Row]:
    """A session that the viewer may see, and somebody who helps there."""
    found = await Assignment.select().where(Assignment.id == assignment_id).first()
    if found is None:
        raise NotFoundException
    session = await provide_titled(request, found["session"])
    for helper in await assignments.of_session(found["session"]):
        if helper["id"] == assignment_id:
            return session, helper
    raise NotFoundException


async def _staffing_page(
    request: AnyRequest, session: Row, form: NeededForm, *, status_code: int = 200
) -> Response[str]:
    row = await vacancies.session(session["id"])
    if row is None:  # called off
        raise NotFoundException
    there = row["helpers"] = await assignments.of_session(session["id"])
    await vacancies.mark_unfit([row])
    query = request.query_params
    role = _role(str(query.get("role", "")), row)
    found = await candidates.of_session(session["id"], role)
    shown = found if "all" in query else found[:SHOWN_AT_ONCE]
    await _record_reading(request, session["id"], there, shown)
    busy = await candidates.at_that_time(row)
    return page(
        request,
        "classes/staff/staffing_session.html",
        form=form,
        session=session | row,
        role=role,
        roles=[_tab(each, row, session["id"]) for each in HelpRole],
        helpers=[_helper(each, row, busy) for each in there],
        candidates=[_candidate(each) for each in shown],
        more=len(found) - len(shown),
        lecturers=await lecturers.listed() if role != HelpRole.trainee else [],
        can_edit=edits(request.user, row),
        over=row["ends_at"] <= clock.now(),
        month_url=month_url(row["held_on"]),
        note_words=note_of(request, NOTES),
        status_code=status_code,
    )


async def _refusal_page(
    request: AnyRequest,
    session: Row,
    form: AssignmentForm,
    whom: dict[str, int],
    role: HelpRole,
    refused: Refused,
) -> Response[str]:
    """What speaks against it, and a field for the reason where that is enough."""
    warnings = refused.warnings if isinstance(refused, Unheeded) else []
    asked_before = "overruled" in (await request.form())
    if not warnings or asked_before:
        form.refuse(refused, form.about.get(refused.msgid))
    form.overruled.flags.required = True
    name = await _name_of(whom)
    await _record_reading(request, session["id"], [], [{"id": whom.get("supporter_id", 0)}])
    return page(
        request,
        "classes/staff/staffing_overruled.html",
        form=form,
        session=session,
        who=name,
        role=role,
        warnings=[say(each) for each in warnings],
        can_overrule=bool(warnings),
        back_url=_url(session["id"], role=role),
        status_code=409,
    )


async def _taking_off_page(
    request: AnyRequest, form: TakingOffForm, session: Row, helper: Row, status_code: int = 200
) -> Response[str]:
    if helper["supporter"] is None:
        del form.tell
    await _record_reading(request, session["id"], [helper], [])
    return page(
        request,
        "classes/staff/staffing_removal.html",
        form=form,
        session=session,
        helper=helper,
        back_url=_url(session["id"]),
        status_code=status_code,
    )


async def _why_unfit(session_id: int, helper: Row) -> str:
    row = await vacancies.session(session_id)
    if row is None:
        return ""
    row["helpers"] = [helper]
    await vacancies.mark_unfit([row])
    return say(helper["unfit"]) if helper["unfit"] else ""


async def _name_of(whom: dict[str, int]) -> str:
    if "supporter_id" in whom:
        found = await register.get(whom["supporter_id"])
    else:
        found = await lecturers.get(whom["lecturer_id"])
    return str(found["name"]) if found else ""


async def _record_reading(
    request: AnyRequest, session_id: int, there: list[Row], shown: list[Row]
) -> None:
    """Names, and how to reach people, stand on the page."""
    helping = {each["supporter"] for each in there if each["supporter"] is not None}
    await entries.record_reading(
        "/staff/sessions/staffing",
        "supporter",
        sorted(helping | {each["id"] for each in shown}),
        by=request.user,
        session=session_id,
    )


def _role(words: str, row: Row) -> HelpRole:
    """The role asked for, else the first one that is missing."""
    if words in list(HelpRole):
        return HelpRole(words)
    return next((role for role in HelpRole if row["free"][role]), HelpRole.assistant)


def _tab(role: HelpRole, row: Row, session_id: int) -> Row:
    return {
        "role": role,
        "there": row["there"][role],
        "needed": row["needed"][role],
        "url": _url(session_id, role=role),
    }


def _helper(helper: Row, row: Row, busy: dict[int, list[Row]]) -> Row:
    others = [each for each in busy.get(helper["person"] or 0, []) if each["session"] != row["id"]]
    return helper | {
        "clash_words": say(clashes.clash(others[0])) if others else "",
        "unfit_words": say(helper["unfit"]) if helper["unfit"] else "",
        "paper_missing": _paper_missing(helper["unfit"]),
    }


def _paper_missing(unfit: Refused | None) -> str:
    """The kind of paper that she needs to be able to help again; or ""."""
    asked = unfit.msgid if unfit else ""
    return next((kind.value for kind, msgid in credentials.NEEDED.items() if msgid == asked), "")


def _candidate(row: Row) -> Row:
    speaks = row["why_not"] or row["clash"]
    return row | {"words": say(speaks) if speaks else "", "can": row["why_not"] is None}


def _back(session: Row, back: str, note: str, role: str = "") -> Response[str]:
    if back == "month":
        return see_other(month_url(session["held_on"], done=note))
    more = {"role": role} if role and note == "taken_off" else {}
    return see_other(_url(session["id"], done=note, **more))


def _url(session_id: int, **query: str) -> str:
    asked = f"?{urlencode(query)}" if query else ""
    return f"/staff/sessions/{session_id}/staffing{asked}"


handlers = [
    show_staffing,
    create_assignment,
    update_needed,
    new_taking_off,
    create_taking_off,
]
