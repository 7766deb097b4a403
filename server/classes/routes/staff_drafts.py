"""Removing what only staff have seen: a date of a draft, or the whole draft."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.params import FromPath

from server.classes import drafts
from server.classes.routes.staff import provide_course
from server.classes.routes.staff_courses import COORDINATORS
from server.classes.routes.staff_sessions import provide_session
from server.classes.routes.staff_words import done
from server.refusals import Refused, Stale
from server.web.pages import page
from server.web.versions import VersionedForm

AnyRequest = Request[Any, Any, Any]
Row = dict[str, Any]


@get("/staff/sessions/{session_id:int}/removal", roles=COORDINATORS)
async def new_removal(request: AnyRequest, session_id: FromPath[int]) -> Response[str]:
    """Ask once whether a date of a draft is to go."""
    course, session = await provide_session(request, session_id)
    form = VersionedForm(data={"version": session["version"]})
    return _removal_page(request, form, course, session)


@post("/staff/sessions/{session_id:int}/removal", roles=COORDINATORS)
async def create_removal(request: AnyRequest, session_id: FromPath[int]) -> Response[Any]:
    """Remove a date of a draft."""
    course, session = await provide_session(request, session_id)
    form = VersionedForm(await request.form())
    try:
        await drafts.remove(session_id, version=form.seen, by=request.user)
    except Refused as refused:
        form.refuse(refused)
        if isinstance(refused, Stale):
            form.version.data = str(session["version"])
        return _removal_page(request, form, course, session, status_code=409)
    return done(f"/staff/courses/{course['id']}", "removed")


@get("/staff/courses/{course_id:int}/discarding", roles=COORDINATORS)
async def new_discarding(request: AnyRequest, course_id: FromPath[int]) -> Response[str]:
    """Ask once whether a whole draft is to go."""
    course = await provide_course(request, course_id)
    return _discard_page(request, VersionedForm(data={"version": course["version"]}), course)


@post("/staff/courses/{course_id:int}/discarding", roles=COORDINATORS)
async def create_discarding(request: AnyRequest, course_id: FromPath[int]) -> Response[Any]:
    """Discard a draft with its dates."""
    course = await provide_course(request, course_id)
    form = VersionedForm(await request.form())
    try:
        await drafts.discard(course_id, version=form.seen, by=request.user)
    except Refused as refused:
        form.refuse(refused)
        if isinstance(refused, Stale):
            form.version.data = str(course["version"])
        return _discard_page(request, form, course, status_code=409)
    return done("/staff/courses", "discarded")


def _removal_page(
    request: AnyRequest, form: VersionedForm, course: Row, session: Row, status_code: int = 200
) -> Response[str]:
    return page(
        request,
        "classes/staff/session_removal.html",
        form=form,
        course=course,
        session=session,
        status_code=status_code,
    )


def _discard_page(
    request: AnyRequest, form: VersionedForm, course: Row, status_code: int = 200
) -> Response[str]:
    return page(
        request,
        "classes/staff/course_discard.html",
        form=form,
        course=course,
        status_code=status_code,
    )


handlers = [new_removal, create_removal, new_discarding, create_discarding]
