"""Classes to help at: near home, on one day; signing up, and leaving again (S3, S8)."""

from datetime import timedelta
from typing import Any, NamedTuple
from urllib.parse import urlencode

from litestar import Response, get, post
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from server import clock
from server.activity import troubles
from server.activity.routes.supporter import (
    SUPPORTER,
    AnyRequest,
    Row,
    learns_first,
    provide_supporter,
    with_moves,
)
from server.audit import entries
from server.classes import assignments, details, eligibility, reports, roster, staffing, vacancies
from server.classes.tables import ClassSession, HelpRole
from server.places import directory
from server.refusals import Refused
from server.supporters import register
from server.supporters.tables import Weekday
from server.web.addresses import whole
from server.web.pages import note_of, page, see_other
from server.web.saying import say
from server.web.words import lazy as _

MOST = 20  # cards at once
MOST_LOOKED_AT = 500
NOON = 12
FEW = 5
NOTES = {
    "signed_up": _("You help at this class. Thank you! It now stands on your first page."),
    "left": _("You no longer help at this class."),
    "told": _("The office knows that you cannot come. It phones you if there is a question."),
}


class Asked(NamedTuple):
    """What the list is narrowed to, and how many cards it shows."""

    district: int | None
    fits: bool
    most: int


@get("/my/sessions", roles=SUPPORTER)
async def list_sessions(request: AnyRequest) -> Response[str]:
    """Classes to come with a place that she may take, her own district first (S3)."""
    supporter = await provide_supporter(request)
    if await learns_first(supporter):
        return _list_page(request, supporter, learns_first=True)
    roles = fitting_roles(supporter)
    rows = await vacancies.near(supporter, roles=roles, limit=MOST_LOOKED_AT)
    every = [row for row in rows if row["why_not"] is None]
    asked = _asked(request)
    possible = [row for row in every if _is_asked_for(row, supporter, asked)]
    shown = possible[: asked.most]
    reasons = {
        row["why_not"].msgid: say(row["why_not"]) for row in reversed(rows) if row["why_not"]
    }
    return _list_page(
        request,
        supporter,
        roles=roles,
        near=[row for row in shown if row["own_district"]],
        elsewhere=[row for row in shown if not row["own_district"]],
        reasons=[] if every else list(reasons.values()),
        districts=[
            {"slug": str(place.id), "name": place.name}
            for place in await directory.districts()
            if place.id
        ],
        asked_district=str(asked.district or ""),
        fits=asked.fits,
        is_filtered=bool(asked.district or asked.fits),
        offers_filters=len(every) > FEW,
        more_url=_more_url(asked) if len(possible) > len(shown) else None,
    )


def _list_page(request: AnyRequest, supporter: Row, **shown: Any) -> Response[str]:
    nothing: Row = dict.fromkeys(("roles", "near", "elsewhere", "reasons", "districts"), ())
    names = ("learns_first", "asked_district", "fits", "is_filtered", "offers_filters", "more_url")
    plain = nothing | dict.fromkeys(names)
    return page(
        request,
        "activity/my_sessions.html",
        district_name=supporter["district_name"],
        days_known=bool(supporter["days"]),
        note_words=note_of(request, NOTES),
        **{**plain, **shown},
    )


def _asked(request: AnyRequest) -> Asked:
    query = request.query_params
    most = max(whole(query.get("most")) or 0, MOST)
    return Asked(whole(query.get("district")), "fits" in query, most)


def _is_asked_for(row: Row, supporter: Row, asked: Asked) -> bool:
    """Is it in the district that is asked for, on a half day that suits her?"""
    if asked.district and row["district"] != asked.district:
        return False
    begins = clock.local(row["starts_at"])
    half = f"{list(Weekday)[begins.weekday()]}_{'am' if begins.hour < NOON else 'pm'}"
    return not asked.fits or half in supporter["days"].split(",")


def _more_url(asked: Asked) -> str:
    said = {"district": asked.district or "", "most": asked.most + MOST}
    return f"/my/sessions?{urlencode(said | ({'fits': 'y'} if asked.fits else {}))}"


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


def came_from(request: AnyRequest) -> str:
    """The page that the way back leads to, where it is not the list."""
    return "training" if request.query_params.get("from") == "training" else ""


async def provide_session(supporter: Row, session_id: int) -> tuple[Row, Row | None]:
    """A session that supporters see, with its course and place, and her assignment there.

    Published ones; a draft only for whoever is down for it already. Else not found.
    """
    row: Row | None = await ClassSession.select().where(ClassSession.id == session_id).first()
    if row is None:
        raise NotFoundException
    [course] = await details.by_id([row["course"]])
    down = await assignments.of_supporter(supporter["id"], row["starts_at"])
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
    there = await assignments.of_session(session_id)
    people, hidden = await _people(request, session, supporter) if mine else ([], None)
    return page(
        request,
        "activity/my_session.html",
        session=session,
        mine=(await with_moves([mine]))[0] if mine else None,
        has_told=mine is not None and await troubles.has_told_absence(mine["id"]),
        is_reported=bool(mine) and await reports.current(session_id) is not None,
        came_from=came_from(request),
        colleagues=[each for each in there if mine and each["id"] != mine["id"]],
        free=_free(session, there),
        offers=[] if mine else await _offers(supporter, session),
        people=people,
        people_hidden=say(hidden) if hidden else None,
        day_before=session["held_on"] - timedelta(days=1),
        is_over=session["ends_at"] <= clock.now(),
        last_day=await eligibility.last_day_to_leave(session, mine["id"] if mine else None),
        may_report=bool(mine) and await _may_report(request, session),
        refused_words=say(refused) if refused else None,
        note_words=note_of(request, NOTES),
        status_code=status_code,
    )


def _free(session: Row, there: list[Row]) -> list[tuple[str, int]]:
    """Places that are left, by role, without names."""
    taken = [each["role"] for each in there]
    left = {
        role: session[column] - taken.count(role) for role, column in assignments.NEEDED.items()
    }
    return [(str(role), number) for role, number in left.items() if number > 0]


async def _offers(supporter: Row, session: Row) -> list[tuple[str, str | None]]:
    """The roles that she may take there, each with why she cannot have it now, or None."""
    found: list[tuple[str, str | None]] = []
    for role in fitting_roles(supporter):
        if not session[assignments.NEEDED[role]]:
            continue
        try:
            await eligibility.check_sign_up(session["id"], supporter["id"], role)
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
    await entries.record_reading(
        request.url.path, "booking", [row["id"] for row in rows], by=request.user
    )
    return rows, None


async def _may_report(request: AnyRequest, session: Row) -> bool:
    """The lead writes the report, once the class has begun."""
    begun = session["starts_at"] <= clock.now() and session["called_off_at"] is None
    return begun and await reports.leads(session, request.user)


handlers = [list_sessions, show_session, create_assignment]
