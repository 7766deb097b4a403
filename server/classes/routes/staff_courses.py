"""What coordinators do with courses: make, change, publish, call off."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.params import FromPath

from server.classes import courses
from server.classes.editing import Unheeded
from server.classes.overview import edits
from server.classes.routes.course_forms import CallOffForm, CourseForm
from server.classes.routes.staff import provide_course
from server.classes.routes.staff_words import done
from server.places.tables import Section
from server.refusals import Refused, Stale
from server.roles import Role
from server.web.access import Viewer
from server.web.pages import page
from server.web.saying import say

AnyRequest = Request[Any, Any, Any]
Row = dict[str, Any]

COORDINATORS = {Role.coordinator}


@get("/staff/courses/new", roles=COORDINATORS)
async def new_course(request: AnyRequest) -> Response[str]:
    """The form for a new course."""
    return _form_page(request, CourseForm(None, await sections_of(request.user)))


@post("/staff/courses/new", roles=COORDINATORS)
async def create_course(request: AnyRequest) -> Response[Any]:
    """Save a draft."""
    form = CourseForm(await request.form(), await sections_of(request.user))
    if not form.validate():
        return _form_page(request, form, status_code=422)
    try:
        course = await courses.create(form.facts(), by=request.user)
    except Refused as refused:
        form.refuse(refused)
        return _form_page(request, form, status_code=409)
    return done(_path(course["id"]), "created")


@get("/staff/courses/{course_id:int}/edit", roles=COORDINATORS)
async def edit_course(request: AnyRequest, course_id: FromPath[int]) -> Response[str]:
    """The form for a course that exists."""
    course = await provide_course(request, course_id)
    form = CourseForm(None, await sections_of(request.user), course)
    return _form_page(request, form, course)


@post("/staff/courses/{course_id:int}/edit", roles=COORDINATORS)
async def update_course(request: AnyRequest, course_id: FromPath[int]) -> Response[Any]:
    """Save what was changed beside what others have saved; show what two have changed."""
    course = await provide_course(request, course_id)
    sections = await sections_of(request.user)
    form = CourseForm(await request.form(), sections, course)
    if not form.validate():
        return _form_page(request, form, course, status_code=422)
    note = "saved"
    if form.seen != course["version"]:
        conflict = form.merge(CourseForm(None, sections, course))
        if conflict:
            return _form_page(request, form, course, conflict=conflict, status_code=409)
        note = "merged"
    try:
        await courses.update(
            course_id, form.facts(), form.typed("overruled"), version=form.seen, by=request.user
        )
    except Stale as stale:  # in the very moment since the course was read
        form.refuse(stale)
        return _form_page(request, form, course, status_code=409)
    except Unheeded as unheeded:
        form.refuse(unheeded)
        form.overruled.flags.required = True
        said = [say(each) for each in unheeded.warnings]
        return _form_page(request, form, course, warnings=said, status_code=409)
    except Refused as refused:
        form.refuse(refused)
        return _form_page(request, form, course, status_code=409)
    return done(_path(course_id), note)


@get("/staff/courses/{course_id:int}/calling-off", roles=COORDINATORS)
async def new_calling_off(request: AnyRequest, course_id: FromPath[int]) -> Response[str]:
    """Whom calling off the course would touch, and why it is done."""
    course = await provide_course(request, course_id)
    return await _call_off_page(request, CallOffForm(data={"version": course["version"]}), course)


@post("/staff/courses/{course_id:int}/calling-off", roles=COORDINATORS)
async def create_calling_off(request: AnyRequest, course_id: FromPath[int]) -> Response[Any]:
    """Call the course off with all its dates to come."""
    course = await provide_course(request, course_id)
    form = CallOffForm(await request.form())
    if not form.validate():
        return await _call_off_page(request, form, course, status_code=422)
    try:
        effect = await courses.call_off(
            course_id, form.data["reason"], version=form.seen, by=request.user
        )
    except Refused as refused:
        form.refuse(refused)
        course = await provide_course(request, course_id)
        form.version.data = str(course["version"])
        return await _call_off_page(request, form, course, status_code=409)
    return done(_path(course_id), "course_called_off", effect)


async def sections_of(viewer: Viewer) -> list[Row]:
    """The sections whose courses the viewer edits (C4)."""
    every = await Section.select(Section.id, Section.name).order_by(Section.name)
    return [row for row in every if edits(viewer, {"section": row["id"]})]


def _form_page(
    request: AnyRequest,
    form: CourseForm,
    course: Row | None = None,
    *,
    conflict: list[tuple[str, str, str]] | None = None,
    warnings: list[str] | None = None,
    status_code: int = 200,
) -> Response[str]:
    return page(
        request,
        "classes/staff/course_form.html",
        form=form,
        course=course,
        conflict=conflict,
        warnings=warnings or [],
        status_code=status_code,
    )


async def _call_off_page(
    request: AnyRequest, form: CallOffForm, course: Row, status_code: int = 200
) -> Response[str]:
    return page(
        request,
        "classes/staff/course_call_off.html",
        form=form,
        course=course,
        effect=await courses.affected(course["id"]),
        status_code=status_code,
    )


def _path(course_id: int) -> str:
    return f"/staff/courses/{course_id}"


handlers = [
    new_course,
    create_course,
    edit_course,
    update_course,
    new_calling_off,
    create_calling_off,
]
