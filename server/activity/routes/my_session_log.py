"""The lead's report of a session, on a phone, in a minute (S4)."""

from collections.abc import Sequence
from typing import Any

from litestar import Request, Response, get, post
from litestar.params import FromPath

from server.activity.routes.log_forms import LogForm, log_form
from server.activity.routes.session_log import (
    NOTES,
    known_of,
    note_reading,
    provide_session,
    refuse,
    save,
    why_not,
)
from server.classes import attendance, roster
from server.refusals import Refused
from server.roles import Role
from server.web.pages import note_of, page, see_other

AnyRequest = Request[Any, Any, Any]
Row = dict[str, Any]

SUPPORTER = {Role.supporter}


@get("/my/sessions/{session_id:int}/log", roles=SUPPORTER)
async def show_my_log(request: AnyRequest, session_id: FromPath[int]) -> Response[str]:
    """The report that stands; the form to write or correct it, with everything filled in."""
    session = await provide_session(request, session_id)
    known = await known_of(session_id)
    asks = known["report"] is None or "correct" in request.query_params
    form = people = None
    if asks and why_not(session) is None:
        people = await _people(session)
        form = log_form(None, session, known["helpers"], people, known)
    return await _page(request, session, known, form, people)


@post("/my/sessions/{session_id:int}/log", roles=SUPPORTER)
async def create_my_log(request: AnyRequest, session_id: FromPath[int]) -> Response[Any]:
    """Save it all with one button."""
    session = await provide_session(request, session_id)
    known = await known_of(session_id)
    people = await _people(session)
    form = log_form(await request.form(), session, known["helpers"], people, known)
    if not form.validate():
        return await _page(request, session, known, form, people, status_code=422)
    try:
        await save(session_id, form, known["helpers"], request)
    except Refused as refused:
        known = await known_of(session_id)
        conflict = refuse(form, refused, known, people)
        return await _page(request, session, known, form, people, conflict, status_code=409)
    return see_other(f"/my/sessions/{session_id}/log?done=saved")


async def _people(session: Row) -> list[Row] | None:
    """Their readings, from the day before to the day after; later only a number is asked (S8)."""
    try:
        roster.check_day_to_see(session)
    except Refused:
        return None
    rows = await attendance.roster(session["id"])
    return [{"id": each["id"], "reading": each["reading"]} for each in rows]


async def _page(
    request: AnyRequest,
    session: Row,
    known: Row,
    form: LogForm | None,
    people: Sequence[Row] | None,
    conflict: list[tuple[str, str, str]] | None = None,
    status_code: int = 200,
) -> Response[str]:
    if people:
        await note_reading(request, session["id"], people)
    return page(
        request,
        "activity/my_session_log.html",
        session=session,
        known=known,
        form=form,
        conflict=conflict,
        why_not=why_not(session),
        note_words=note_of(request, NOTES),
        status_code=status_code,
    )


handlers = [show_my_log, create_my_log]
