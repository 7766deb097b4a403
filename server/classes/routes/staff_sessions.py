"""What coordinators do with the dates of a course: add, move, call off."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from server.classes import sessions
from server.classes.routes.course_forms import CallOffForm
from server.classes.routes.session_forms import (
    MoveForm,
    SessionForm,
    session_after,
    session_known,
)
from server.classes.routes.staff import provide_course
from server.classes.routes.staff_courses import COORDINATORS
from server.classes.routes.staff_words import done
from server.classes.sessions import SessionFacts
from server.classes.tables import BookingScope, ClassSession
from server.classes.telling import Effect
from server.places import rooms
from server.refusals import Refused
from server.web.pages import page
from server.web.saying import say
from server.web.words import gettext as _
from server.web.words import ngettext

AnyRequest = Request[Any, Any, Any]
Row = dict[str, Any]


@get("/staff/courses/{course_id:int}/sessions/new", roles=COORDINATORS)
async def new_session(request: AnyRequest, course_id: FromPath[int]) -> Response[str]:
    """The form for one more date, filled with what mostly follows the last one.

    The first one of a course begins in the district that the address names.
    """
    course = await provide_course(request, course_id)
    last = (
        await ClassSession.select()
        .where(ClassSession.course == course_id)
        .order_by(ClassSession.starts_at, ascending=False)
        .first()
    )
    known = session_after(course, last)
    if last is None:
        known |= {"place": await _place_in(str(request.query_params.get("district", "")))}
    form = SessionForm(None, course, await _places(), known)
    return _session_page(request, form, course)


@post("/staff/courses/{course_id:int}/sessions/new", roles=COORDINATORS)
async def create_session(request: AnyRequest, course_id: FromPath[int]) -> Response[Any]:
    """Add a date."""
    course = await provide_course(request, course_id)
    form = SessionForm(await request.form(), course, await _places(), {})
    if not form.validate():
        return _session_page(request, form, course, status_code=422)
    try:
        await sessions.check_add(course_id, form.facts(), by=request.user)
        warnings = await _warnings(course, form.facts())
        if warnings and form.confirmed.data != form.shown():
            form.confirmed.data = form.shown()
            return _session_page(request, form, course, warnings)
        await sessions.add(course_id, form.facts(), by=request.user)
    except Refused as refused:
        form.refuse(refused)
        return _session_page(request, form, course, status_code=409)
    return done(f"/staff/courses/{course_id}", "added")


@get("/staff/sessions/{session_id:int}/move", roles=COORDINATORS)
async def edit_session(request: AnyRequest, session_id: FromPath[int]) -> Response[str]:
    """The form that moves a date."""
    course, session = await provide_session(request, session_id)
    form = MoveForm(None, course, await _places(), session_known(session))
    return _move_page(request, form, course, session)


@post("/staff/sessions/{session_id:int}/move", roles=COORDINATORS)
async def update_session(request: AnyRequest, session_id: FromPath[int]) -> Response[Any]:
    """Show whom the move touches; once that was shown, move the date."""
    course, session = await provide_session(request, session_id)
    form = MoveForm(await request.form(), course, await _places(), {})
    if not form.validate():
        return _move_page(request, form, course, session, status_code=422)
    if form.seen != session["version"]:
        theirs = MoveForm(None, course, await _places(), session_known(session))
        conflict = form.merge(theirs)
        if conflict:
            return _move_page(request, form, course, session, conflict=conflict, status_code=409)
    facts = form.facts()
    by, seen = request.user, form.seen
    try:
        effect = await sessions.check_move(session_id, facts, version=seen, by=by)
        warnings = await _warnings(course, facts, session_id)
        told = effect if course["state"] == "published" else None
        if (warnings or told) and form.confirmed.data != form.shown():
            form.confirmed.data = form.shown()
            return _move_page(request, form, course, session, effect=told, warnings=warnings)
        moved = await sessions.move(
            session_id, facts, form.data["reason"] or "", version=seen, by=by
        )
    except Refused as refused:
        form.refuse(refused)
        return _move_page(request, form, course, session, status_code=409)
    return done(f"/staff/courses/{course['id']}", "moved" if effect else "saved", moved)


@get("/staff/sessions/{session_id:int}/call-off", roles=COORDINATORS)
async def new_session_calling_off(request: AnyRequest, session_id: FromPath[int]) -> Response[str]:
    """Whom calling off a date would touch, and why it is done."""
    course, session = await provide_session(request, session_id)
    form = CallOffForm(data={"version": session["version"]})
    return await _call_off_page(request, form, course, session)


@post("/staff/sessions/{session_id:int}/call-off", roles=COORDINATORS)
async def create_session_calling_off(
    request: AnyRequest, session_id: FromPath[int]
) -> Response[Any]:
    """Call a date off."""
    course, session = await provide_session(request, session_id)
    form = CallOffForm(await request.form())
    if not form.validate():
        return await _call_off_page(request, form, course, session, status_code=422)
    try:
        effect = await sessions.call_off(
            session_id, form.data["reason"], version=form.seen, by=request.user
        )
    except Refused as refused:
        form.refuse(refused)
        course, session = await provide_session(request, session_id)
        form.version.data = str(session["version"])
        return await _call_off_page(request, form, course, session, status_code=409)
    return done(f"/staff/courses/{course['id']}", "called_off", effect)


async def provide_session(request: AnyRequest, session_id: int) -> tuple[Row, Row]:
    """A course that the viewer may see, and a session of it with the names of its place."""
    found = await ClassSession.select().where(ClassSession.id == session_id).first()
    if found is None:
        raise NotFoundException
    course = await provide_course(request, found["course"])
    named = next(each for each in course["sessions"] if each["id"] == session_id)
    return course, named | found


async def _places() -> list[tuple[str, str]]:
    """Each room by its venue, and each venue whose room is not known yet."""
    found: list[tuple[str, str]] = []
    rows = await rooms.to_choose()
    for row, following in zip(rows, [*rows[1:], None], strict=True):
        if row["room_id"] is not None:
            words = _("%(venue)s %(room)s (for %(capacity)s)") % {
                "venue": row["venue_name"],
                "room": row["room_name"],
                "capacity": row["capacity"],
            }
            found.append((f"{row['venue_id']}-{row['room_id']}", words))
        if following is None or following["venue_id"] != row["venue_id"]:
            words = _("%(venue)s (room not known yet)") % {"venue": row["venue_name"]}
            found.append((f"{row['venue_id']}-", words))
    return found


async def _place_in(district: str) -> str:
    """The first place of a district, as the form names it; empty where there is none."""
    found = (row for row in await rooms.to_choose() if str(row["district_id"]) == district)
    return next((f"{row['venue_id']}-{row['room_id'] or ''}" for row in found), "")


async def _warnings(course: Row, facts: SessionFacts, moved: int | None = None) -> list[str]:
    found = await sessions.warnings(course, facts, but_for=moved)
    return [say(each) for each in found]


def _session_page(
    request: AnyRequest,
    form: SessionForm,
    course: Row,
    warnings: list[str] | None = None,
    status_code: int = 200,
) -> Response[str]:
    told = course["taken"] if course["scope"] == BookingScope.course else 0
    said = ngettext(
        "%(num)s person has booked all dates, and is to be told of this one.",
        "%(num)s people have booked all dates, and are to be told of this one.",
        told,
    ) % {"num": told}
    return page(
        request,
        "classes/staff/session_form.html",
        form=form,
        course=course,
        warnings=[*(warnings or []), *([said] if told else [])],
        asks=bool(warnings),
        status_code=status_code,
    )


def _move_page(
    request: AnyRequest,
    form: MoveForm,
    course: Row,
    session: Row,
    *,
    effect: Effect | None = None,
    warnings: list[str] | None = None,
    conflict: list[tuple[str, str, str]] | None = None,
    status_code: int = 200,
) -> Response[str]:
    return page(
        request,
        "classes/staff/session_move.html",
        form=form,
        course=course,
        session=session,
        effect=effect,
        warnings=warnings or [],
        conflict=conflict,
        status_code=status_code,
    )


async def _call_off_page(
    request: AnyRequest, form: CallOffForm, course: Row, session: Row, status_code: int = 200
) -> Response[str]:
    return page(
        request,
        "classes/staff/session_call_off.html",
        form=form,
        course=course,
        session=session,
        effect=await sessions.affected(session["id"]),
        status_code=status_code,
    )


handlers = [
    new_session,
    create_session,
    edit_session,
    update_session,
    new_session_calling_off,
    create_session_calling_off,
]
