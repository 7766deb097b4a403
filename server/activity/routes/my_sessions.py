"""Classes to help at: near home, on one day; signing up, and leaving again (S3, S8)."""

from typing import Any

from litestar import Response, get, post
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from server import clock
from server.activity.routes.supporter import SUPPORTER, AnyRequest, Row, provide_supporter
from server.audit import entries
from server.classes import details, reports, roster, staffing, vacancies
from server.classes.tables import ClassSession, HelpRole
from server.database import writing
from server.refusals import Refused
from server.supporters import register
from server.web.pages import page, see_other
from server.web.saying import say
from server.web.words import lazy as _

MOST = 20
NOTES = {
    "signed_up": _("You help at this class. Thank you! It now stands on your first page."),
    "left": _("You no longer help at this class."),
}


@get("/my/sessions", roles=SUPPORTER)
async def list_sessions(request: AnyRequest) -> Response[str]:
    """Classes to come with a place that she may take, her own district first (S3)."""
    supporter = await provide_supporter(request)
    roles = fitting_roles(supporter)
    rows = await vacancies.near(supporter, roles=roles, limit=MOST)
    possible = [row for row in rows if row["why_not"] is None]
    reasons = {
        row["why_not"].msgid: say(row["why_not"]) for row in reversed(rows) if row["why_not"]
    }
    return page(
        request,
        "activity/my_sessions.html",
        roles=roles,
        near=[row for row in possible if row["own_district"]],
        elsewhere=[row for row in possible if not row["own_district"]],
        district_name=supporter["district_name"],
        reasons=[] if possible else list(reasons.values()),
        note_words=NOTES.get(str(request.query_params.get("done", ""))),
    )


def fitting_roles(supporter: Row) -> list[HelpRole]:
    """The roles that she may take by her stage, the one that she is asked for most first."""
    found = []
    for role in (HelpRole.lead, HelpRole.assistant, HelpRole.trainee):
        try:
            register.check_role(supporter, supporter["stage"], role)
        except Refused:
            continue
        found.append(role)
    return found


@get("/my/sessions/{session_id:int}", roles=SUPPORTER)
async def show_session(request: AnyRequest, session_id: FromPath[int]) -> Response[str]:
    """What, when, where; who helps there with her, and around the day who comes (S8)."""
    return await _session_page(request, session_id)


@post("/my/sessions/{session_id:int}/assignment", roles=SUPPORTER)
async def create_assignment(request: AnyRequest, session_id: FromPath[int]) -> Response[Any]:
    """Take a place at a class (S3)."""
    supporter = await provide_supporter(request)
    await provide_session(supporter, session_id)
    asked = (await request.form()).get("role")
    if asked not in set(HelpRole):
        return await _session_page(request, session_id, status_code=422)
    try:
        await staffing.sign_up(session_id, supporter["id"], HelpRole(asked), by=request.user)
    except Refused as refused:
        return await _session_page(request, session_id, refused, status_code=409)
    return see_other(f"/my/sessions/{session_id}?done=signed_up")


@get("/my/sessions/{session_id:int}/leaving", roles=SUPPORTER)
async def new_leaving(request: AnyRequest, session_id: FromPath[int]) -> Response[str]:
    """Ask once before she gives her place back; too late, whom to phone (S3)."""
    return await _leaving_page(request, session_id)


@post("/my/sessions/{session_id:int}/leaving", roles=SUPPORTER)
async def create_leaving(request: AnyRequest, session_id: FromPath[int]) -> Response[Any]:
    """Give the place back; pressed twice, nothing happens the second time."""
    supporter = await provide_supporter(request)
    _session, mine = await provide_session(supporter, session_id)
    try:
        if mine:
            await staffing.leave(mine["id"], by=request.user)
    except Refused as refused:
        return await _leaving_page(request, session_id, refused, status_code=409)
    return see_other("/my/sessions?done=left")


async def provide_session(supporter: Row, session_id: int) -> tuple[Row, Row | None]:
    """A session that supporters see, with its course and place, and her assignment there.

    Published ones; a draft only for whoever is down for it already. Else not found.
    """
    row: Row | None = await ClassSession.select().where(ClassSession.id == session_id).first()
    if row is None:
        raise NotFoundException
    [course] = await details.by_id([row["course"]])
    down = await staffing.of_supporter(supporter["id"], row["starts_at"])
    mine = next((each for each in down if each["session"] == session_id), None)
    if course["published_at"] is None and mine is None:
        raise NotFoundException
    shown = next(each for each in course["sessions"] if each["id"] == session_id)
    off = row["called_off_at"] or course["called_off_at"]
    return {**shown, **row, "called_off_at": off, "all": course}, mine


async def _session_page(
    request: AnyRequest,
    session_id: int,
    refused: Refused | None = None,
    status_code: int = 200,
) -> Response[str]:
    supporter = await provide_supporter(request)
    session, mine = await provide_session(supporter, session_id)
    there = await staffing.of_session(session_id)
    people, hidden = await _people(request, session, supporter) if mine else ([], None)
    return page(
        request,
        "activity/my_session.html",
        session=session,
        mine=mine,
        colleagues=[each for each in there if mine and each["id"] != mine["id"]],
        free=_free(session, there),
        offers=[] if mine else await _offers(supporter, session),
        people=people,
        people_hidden=say(hidden) if hidden else None,
        is_over=session["ends_at"] <= clock.now(),
        last_day=await staffing.last_day_to_leave(session),
        may_report=bool(mine) and await _may_report(request, session),
        refused_words=say(refused) if refused else None,
        note_words=NOTES.get(str(request.query_params.get("done", ""))),
        status_code=status_code,
    )


def _free(session: Row, there: list[Row]) -> list[tuple[str, int]]:
    """Places that are left, by role, without names."""
    taken = [each["role"] for each in there]
    left = {role: session[column] - taken.count(role) for role, column in staffing.NEEDED.items()}
    return [(str(role), number) for role, number in left.items() if number > 0]


async def _offers(supporter: Row, session: Row) -> list[tuple[str, str | None]]:
    """The roles that she may take there, each with why she cannot have it now, or None."""
    found: list[tuple[str, str | None]] = []
    for role in fitting_roles(supporter):
        if not session[staffing.NEEDED[role]]:
            continue
        try:
            await staffing.check_sign_up(session["id"], supporter["id"], role)
            found.append((str(role), None))
        except Refused as refused:
            found.append((str(role), say(refused)))
    return found


async def _people(
    request: AnyRequest, session: Row, supporter: Row
) -> tuple[list[Row], Refused | None]:
    """Who comes, as S8 lets her see them; what she is about to see is written down first (P2)."""
    try:
        rows = await roster.seen_by_supporter(session, supporter["id"])
    except Refused as refused:
        return [], refused
    async with writing():
        await entries.record_reading(
            request.url.path, "booking", [row["id"] for row in rows], by=request.user
        )
    return rows, None


async def _may_report(request: AnyRequest, session: Row) -> bool:
    """The lead writes the report, once the class has begun."""
    begun = session["starts_at"] <= clock.now() and session["called_off_at"] is None
    return begun and await reports.leads(session, request.user)


async def _leaving_page(
    request: AnyRequest,
    session_id: int,
    refused: Refused | None = None,
    status_code: int = 200,
) -> Response[Any]:
    supporter = await provide_supporter(request)
    session, mine = await provide_session(supporter, session_id)
    if mine is None:
        return see_other(f"/my/sessions/{session_id}")
    try:
        await staffing.check_may_leave(session)
    except Refused as late:
        refused = refused or late
    return page(
        request,
        "activity/my_leaving.html",
        session=session,
        mine=mine,
        why_not=say(refused) if refused else None,
        status_code=status_code,
    )


handlers = [list_sessions, show_session, create_assignment, new_leaving, create_leaving]
