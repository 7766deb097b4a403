"""The list of courses, as staff look for them."""

from typing import Any
from urllib.parse import urlencode

from litestar import Request, Response, get
from litestar.exceptions import NotFoundException

from server.classes import overview
from server.classes.overview import STATES, StaffFilters
from server.classes.routes.staff_words import done_words
from server.classes.tables import CourseKind
from server.places import directory
from server.roles import Role
from server.web.addresses import sought, whole
from server.web.pages import page
from server.web.words import gettext as _

AnyRequest = Request[Any, Any, Any]
Row = dict[str, Any]

SEES_COURSES = {Role.coordinator, Role.helpdesk, Role.venue}


@get("/staff/courses", roles=SEES_COURSES)
async def list_courses(request: AnyRequest) -> Response[str]:
    """The courses that one may see, drafts first, fifty on a page; four statements."""
    query = request.query_params
    filters = _filters(query)
    number = whole(query.get("page")) or 1
    venues = await overview.venues()
    rows, more = await overview.courses(request.user, filters, number, venues)
    return page(
        request,
        "classes/staff/courses.html",
        "results",
        filters=filters,
        sections=await directory.sections(),
        venues=venues,
        months=overview.months(),
        rows=[row | {"next_words": _next_words(row)} for row in rows],
        previous_url=_url(filters, number - 1) if number > 1 else None,
        next_url=_url(filters, number + 1) if more else None,
        can_create=Role.coordinator in request.user.roles,
        note_words=done_words(request),
    )


async def provide_course(request: AnyRequest, course_id: int) -> Row:
    """The course, if the viewer may see it; else there is none for her (P1)."""
    course = await overview.course(request.user, course_id)
    if course is None:
        raise NotFoundException
    return course


def _next_words(course: Row) -> str:
    if course["state"] != "draft":
        return ""
    return _("Check and publish") if course["sessions"] else _("Add the dates")


def _filters(query: Any) -> StaffFilters:
    state, kind = str(query.get("state", "")), str(query.get("kind", ""))
    return StaffFilters(
        q=sought(query.get("q")),
        state=state if state in STATES else "",
        kind=kind if kind in list(CourseKind) else "",
        section=whole(query.get("section")),
        venue=whole(query.get("venue")),
        month=_month(str(query.get("month", ""))),
    )


def _month(words: str) -> str:
    return words if words in [f"{first:%Y-%m}" for first in overview.months()] else ""


def _url(filters: StaffFilters, number: int) -> str:
    asked = {name: value for name, value in vars(filters).items() if value}
    asked |= {"page": number} if number > 1 else {}
    return f"/staff/courses?{urlencode(asked)}" if asked else "/staff/courses"


handlers = [list_courses]
