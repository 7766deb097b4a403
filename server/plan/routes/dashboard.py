"""What staff open first: what needs a person now, and the classes of today."""

from typing import Any

from litestar import Request, Response, get

from server.classes import overview
from server.notices import queries as notices
from server.roles import Role
from server.web.access import STAFF, Viewer
from server.web.pages import page
from server.web.words import gettext as _

AnyRequest = Request[Any, Any, Any]
Row = dict[str, Any]

SEES_COURSES = {Role.coordinator, Role.helpdesk, Role.venue}
SHOWN_AT_ONCE = 5


@get("/staff", roles=STAFF)
async def show_today(request: AnyRequest) -> Response[str]:
    """What needs a person now, and the classes of today."""
    viewer = request.user
    needs = await _needs(viewer) if viewer.roles & SEES_COURSES else []
    today = await overview.sessions_between(viewer, 0, 0) if viewer.roles & SEES_COURSES else []
    return page(
        request,
        "staff_home.html",
        needs=[need for need in needs if need["count"]],
        sessions=[_session_line(each) for each in today],
        finds=bool(viewer.roles & SEES_COURSES),
    )


async def _needs(viewer: Viewer) -> list[Row]:
    calls = await notices.calls(viewer)
    drafts = await overview.drafts(viewer) if Role.coordinator in viewer.roles else []
    soon = await overview.sessions_between(viewer, 1, 7)
    return [
        {
            "title_words": _("People to tell"),
            "count": len(calls),
            "url": "/staff/calls",
            "rows": [],
        },
        {
            "title_words": _("Drafts that residents cannot see yet"),
            "count": len(drafts),
            "url": "/staff/courses?state=draft",
            "rows": [_draft_line(each) for each in drafts[:SHOWN_AT_ONCE]],
        },
        {
            "title_words": _("Classes of the next seven days"),
            "count": len(soon),
            "url": None,  # all of them stand here
            "rows": [_soon_line(each) for each in soon],
        },
    ]


def _draft_line(course: Row) -> Row:
    return {
        "starts_at": course["starts_at"],
        "title": course["title"],
        "url": f"/staff/courses/{course['id']}",
        "detail_words": _("Check and publish") if course["sessions"] else _("Add the dates"),
    }


def _soon_line(session: Row) -> Row:
    taken = _("%(taken)s of %(seats)s") % session
    return _session_line(session) | {"detail_words": f"{session['venue_name']} {taken}"}


def _session_line(session: Row) -> Row:
    names = ("starts_at", "ends_at", "title", "venue_name", "taken", "seats")
    return {name: session[name] for name in names} | {"url": f"/staff/courses/{session['course']}"}


handlers = [show_today]
