"""What coordinators do with courses: make, change, publish, call off."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from litestar import Request, Response, get, post
from litestar.params import FromPath

from server.classes import courses
from server.classes import topics as taught
from server.classes.editing import Unheeded
from server.classes.overview import edits
from server.classes.routes.course_forms import CallOffForm, CourseForm
from server.classes.routes.staff import provide_course
from server.classes.routes.staff_words import done
from server.classes.tables import PUBLIC_KINDS
from server.places import directory
from server.places.tables import District
from server.refusals import Refused, Stale
from server.roles import Role
from server.text import typed
from server.topics import topics
from server.web.access import Viewer
from server.web.addresses import whole
from server.web.pages import page, see_other
from server.web.saying import say

AnyRequest = Request[Any, Any, Any]
Row = dict[str, Any]

COORDINATORS = {Role.coordinator}
LONGEST_TITLE = 120
ADDRESS = ("title", "topic", "district", "kind")  # what it may say of a new course


@get("/staff/courses/new", roles=COORDINATORS)
async def new_course(request: AnyRequest) -> Response[str]:
    """The form for a new course, begun with what the address says of it."""
    offered = await topics.listed()
    query = request.query_params
    like = await taught.texts(whole(query.get("like")) or 0)
    form = CourseForm(
        None, await sections_of(request.user), offered, asked=_asked(query, offered, like or {})
    )
    blank = urlencode({name: query[name] for name in ADDRESS if name in query})
    return _form_page(
        request, form, district=await _district(query), like=like and like | {"without": blank}
    )


@post("/staff/courses/new", roles=COORDINATORS)
async def create_course(request: AnyRequest) -> Response[Any]:
    """Save a draft; one that is meant for a district goes on to its first date there."""
    posted = await request.form()
    form = CourseForm(posted, await sections_of(request.user), await topics.listed())
    district = await _district(posted)
    if not form.validate():
        return _form_page(request, form, district=district, status_code=422)
    try:
        course = await courses.create(form.facts(), by=request.user)
    except Refused as refused:
        form.refuse(refused)
        return _form_page(request, form, district=district, status_code=409)
    if district:
        return see_other(f"{_path(course['id'])}/sessions/new?district={district['id']}")
    return done(_path(course["id"]), "created")


@get("/staff/courses/{course_id:int}/edit", roles=COORDINATORS)
async def edit_course(request: AnyRequest, course_id: FromPath[int]) -> Response[str]:
    """The form for a course that exists."""
    course = await _with_topics(await provide_course(request, course_id))
    form = CourseForm(None, await sections_of(request.user), await _offered(course), course)
    return _form_page(request, form, course)


@post("/staff/courses/{course_id:int}/edit", roles=COORDINATORS)
async def update_course(request: AnyRequest, course_id: FromPath[int]) -> Response[Any]:
    """Save what was changed beside what others have saved; show what two have changed."""
    course = await _with_topics(await provide_course(request, course_id))
    sections, offered = await sections_of(request.user), await _offered(course)
    form = CourseForm(await request.form(), sections, offered, course)
    if not form.validate():
        return _form_page(request, form, course, status_code=422)
    note = "saved"
    if form.seen != course["version"]:
        conflict = form.merge(CourseForm(None, sections, offered, course))
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
    return [row for row in await directory.sections() if edits(viewer, {"section": row["id"]})]


async def _with_topics(course: Row) -> Row:
    """The course with its topics: those that it may keep, and by id those ticked."""
    kept = await taught.taught(course["id"])
    return course | {"taught": kept, "topics": [row["id"] for row in kept]}


async def _offered(course: Row) -> list[Row]:
    """The topics in use; below them those that the course has kept though they were retired."""
    offered = await topics.listed()
    known = {row["id"] for row in offered}
    return [*offered, *(row for row in course["taught"] if row["id"] not in known)]


def _asked(query: Mapping[str, Any], offered: list[Row], like: Row) -> Row:
    """What an address asks a new course to begin with; nonsense is passed over.

    The words are those of the class that it is to be `like`, where there is one.
    """
    kind, topic = str(query.get("kind", "")), str(query.get("topic", ""))
    topics_ = [row["id"] for row in offered if str(row["id"]) == topic]
    asked: Row = {"topics": [*topics_, *like.get("topics", ())]}
    if title := typed(str(query.get("title", "")))[:LONGEST_TITLE]:
        asked["title"] = title
    if kind in PUBLIC_KINDS:
        asked["kind"] = kind
    return asked | {name: value for name, value in like.items() if name != "topics"}


async def _district(given: Mapping[str, Any]) -> Row | None:
    """The district that a new course is meant for, where it is one."""
    words = str(given.get("district", ""))
    rows = await District.select(District.id, District.name) if words else []
    return next((row for row in rows if str(row["id"]) == words), None)


def _form_page(
    request: AnyRequest,
    form: CourseForm,
    course: Row | None = None,
    *,
    district: Row | None = None,
    like: Row | None = None,
    conflict: list[tuple[str, str, str]] | None = None,
    warnings: list[str] | None = None,
    status_code: int = 200,
) -> Response[str]:
    return page(
        request,
        "classes/staff/course_form.html",
        form=form,
        course=course,
        district=district,
        like=like,
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
