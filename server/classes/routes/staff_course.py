"""One course as its staff see it, and the button that shows it to residents."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.params import FromPath

from server.classes import courses, reports, roster, scheduling, topics
from server.classes.editing import check_publishable
from server.classes.overview import edits
from server.classes.routes.course_forms import PublicationForm
from server.classes.routes.staff import SEES_COURSES, provide_course
from server.classes.routes.staff_courses import COORDINATORS
from server.classes.routes.staff_words import done, done_words
from server.refusals import Refused, Stale
from server.web.pages import page
from server.web.saying import say

AnyRequest = Request[Any, Any, Any]
Row = dict[str, Any]


@get("/staff/courses/{course_id:int}", roles=SEES_COURSES)
async def show_course(request: AnyRequest, course_id: FromPath[int]) -> Response[str]:
    """One course: its dates, how applications stand, what residents read."""
    course = await provide_course(request, course_id)
    return await _course_page(request, PublicationForm(data={"version": course["version"]}), course)


@post("/staff/courses/{course_id:int}/publication", roles=COORDINATORS)
async def create_publication(request: AnyRequest, course_id: FromPath[int]) -> Response[Any]:
    """Show the course to residents."""
    course = await provide_course(request, course_id)
    form = PublicationForm(await request.form())
    if not form.validate():
        return await _course_page(request, form, course, status_code=422)
    try:
        await courses.publish(
            course_id, form.typed("overruled"), version=form.seen, by=request.user
        )
    except Refused as refused:
        form.refuse(refused)
        if isinstance(refused, Stale):
            form.version.data = str(course["version"])
        return await _course_page(request, form, course, status_code=409)
    return done(f"/staff/courses/{course_id}", "published")


async def _course_page(
    request: AnyRequest, form: PublicationForm, course: Row, status_code: int = 200
) -> Response[str]:
    own = edits(request.user, course)
    can_edit = own and course["state"] != "called_off"
    why_not = await _publish_why_not(course)
    found = [] if course["state"] == "called_off" else await courses.warnings(course)
    form.overruled.flags.required = True
    return page(
        request,
        "classes/staff/course.html",
        form=form,
        course=course,
        sessions=await _with_reports(request, course),
        topics=await topics.taught(course["id"]),
        counts=await roster.counts(request.user, course["id"]),
        can_edit=can_edit,
        can_discard=own and course["published_at"] is None,
        can_publish=can_edit and why_not is None,
        publish_why_not=why_not,
        warnings=[say(each) for each in found],
        must_overrule=bool(scheduling.to_overrule(found)),
        note_words=done_words(request),
        status_code=status_code,
    )


async def _with_reports(request: AnyRequest, course: Row) -> list[Row]:
    said = await reports.of_course(course["id"], request.user)
    return [each | {"log": said.get(each["id"])} for each in course["sessions"]]


async def _publish_why_not(course: Row) -> str | None:
    try:
        await check_publishable(course)
    except Refused as refused:
        return say(refused)
    return None


handlers = [show_course, create_publication]
