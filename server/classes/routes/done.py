"""What became of several applications at once: a page that can be opened and printed again."""

from typing import Any
from urllib.parse import urlencode

from litestar import Request, Response, get

from server.classes import details, lookup
from server.classes.bookings import AlreadyApplied
from server.classes.routes.applying import MOST_AT_ONCE, ids
from server.classes.routes.found import contact_of
from server.classes.routes.opened import opened
from server.classes.tables import BookingScope
from server.refusals import Refused
from server.web import shared
from server.web.pages import page, see_other
from server.web.saying import say

AnyRequest = Request[Any, Any, Any]
Row = dict[str, Any]


def done_path(booked: list[str], refused: list[tuple[int, int | None]]) -> str:
    """The address of the page: references, and (course, session picked) of what was refused."""
    asked = [("booked", reference) for reference in booked]
    asked += [("refused", str(course_id)) for course_id, _ in refused]
    asked += [("session", str(session_id)) for _, session_id in refused if session_id]
    return f"/bookings/done?{urlencode(asked)}"


@get("/bookings/done", public=True)
async def show_done(request: AnyRequest) -> Response[str]:
    """Those bookings in the address that this browser has opened, and why others failed."""
    query, seen = request.query_params, opened(request)
    asked = query.getall("booked", [])
    if shared.sitting(request.scope) and not asked:  # no number stays in its history
        asked = seen.fresh
    references = [each for each in asked if each in seen.references]
    booked = await lookup.by_references(list(dict.fromkeys(references)))
    if not booked:
        return see_other("/bookings/find")
    people = {booking["person"] for booking in booked}
    courses = await details.published(ids(query.getall("refused", []))[:MOST_AT_ONCE])
    refused = [
        await _refused_again(course, people, ids(query.getall("session", []))) for course in courses
    ]
    results = [*(await _booked_entries(booked)), *refused]
    return done_page(request, results, booked[0]["name"], contact_of(booked[0]))


def done_page(
    request: AnyRequest,
    results: list[Row],
    applicant_name: str,
    contact: dict[str, str] | None = None,
    status_code: int = 200,
) -> Response[str]:
    """The page; without a `contact` where nothing was booked."""
    return page(
        request,
        "classes/bookings_done.html",
        status_code=status_code,
        results=results,
        applicant_name=applicant_name,
        contact=contact,
        already=any(each["already"] for each in results),
    )


def refused_entry(course: Row, refused: Refused | None) -> Row:
    """What the page shows of a course that could not be booked."""
    return {
        "course": course,
        "reference": None,
        "state": None,
        "refused": say(refused) if refused else "",
        "already": isinstance(refused, AlreadyApplied),
    }


async def _booked_entries(booked: list[Row]) -> list[Row]:
    return [
        {"course": course, "refused": "", "already": False}
        | {name: booking[name] for name in ("reference", "state")}
        for booking, course in zip(booked, await lookup.courses_of(booked), strict=True)
    ]


async def _refused_again(course: Row, people: set[int], picked: list[int]) -> Row:
    """The course with the reason as it stands now."""
    session_id = None
    if course["scope"] == BookingScope.session:
        own = [each for each in course["sessions"] if each["id"] in picked]
        session_id = own[0]["id"] if own else None
        course = course | {"sessions": own}
    if await lookup.has_applied(people, course["id"], session_id):
        return refused_entry(course, AlreadyApplied())
    if session_id is not None:
        return refused_entry(course, details.session_refusal(course, session_id))
    return refused_entry(course, details.refusal(course))


handlers = [show_done]
