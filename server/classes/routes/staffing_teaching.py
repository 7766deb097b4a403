"""Which requirement each session of a course for supporters teaches (S2)."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from server.classes import teaching
from server.classes.editing import standing_sessions
from server.classes.routes.staff import provide_course
from server.classes.routes.staff_courses import COORDINATORS
from server.classes.routes.staffing_forms import TeachingForm, teaching_form
from server.classes.routes.staffing_words import NOTES
from server.classes.tables import CourseKind
from server.database import writing
from server.refusals import Refused
from server.web.pages import note_of, page, see_other

AnyRequest = Request[Any, Any, Any]
Row = dict[str, Any]


@get("/staff/courses/{course_id:int}/teaching", roles=COORDINATORS)
async def edit_teaching(request: AnyRequest, course_id: FromPath[int]) -> Response[str]:
    """What each session teaches."""
    course, sessions = await _provide(request, course_id)
    form = teaching_form(None, sessions, await teaching.to_choose())
    return _teaching_page(request, form, course, sessions)


@post("/staff/courses/{course_id:int}/teaching", roles=COORDINATORS)
async def update_teaching(request: AnyRequest, course_id: FromPath[int]) -> Response[Any]:
    """Save what each session teaches, all of them or none."""
    course, sessions = await _provide(request, course_id)
    form = teaching_form(await request.form(), sessions, await teaching.to_choose())
    if not form.validate():
        return _teaching_page(request, form, course, sessions, status_code=422)
    asking = sessions[0] if sessions else None
    try:
        async with writing():
            for asking in sessions:
                chosen = form.typed(f"session_{asking['id']}")
                await teaching.teach(asking["id"], int(chosen) if chosen else None, by=request.user)
    except Refused as refused:
        form.refuse(refused, f"session_{asking['id']}" if asking else None)
        return _teaching_page(request, form, course, sessions, status_code=409)
    return see_other(f"/staff/courses/{course_id}/teaching?done=teaches")


async def _provide(request: AnyRequest, course_id: int) -> tuple[Row, list[Row]]:
    course = await provide_course(request, course_id)
    if course["kind"] != CourseKind.supporter_training:
        raise NotFoundException
    return course, await standing_sessions(course_id)


def _teaching_page(
    request: AnyRequest,
    form: TeachingForm,
    course: Row,
    sessions: list[Row],
    status_code: int = 200,
) -> Response[str]:
    return page(
        request,
        "classes/staff/teaching.html",
        form=form,
        course=course,
        lines=[(each, form[f"session_{each['id']}"]) for each in sessions],
        note_words=note_of(request, NOTES),
        status_code=status_code,
    )


handlers = [edit_teaching, update_teaching]
