"""Finding a caller's booking while she waits on the phone."""

from typing import Any

from litestar import Request, Response, get

from server import clock
from server.audit import entries
from server.classes import finding
from server.classes.routes.staff import SEES_COURSES
from server.classes.routes.staff_words import can_be_left, contact_words
from server.web import addresses
from server.web.pages import page

AnyRequest = Request[Any, Any, Any]
Row = dict[str, Any]


@get("/staff/bookings", roles=SEES_COURSES)
async def list_found(request: AnyRequest) -> Response[str]:
    """The newest bookings that fit what was typed. Who saw whom is written down first (P2)."""
    words = addresses.sought(request.query_params.get("q"))
    rows, more = await finding.bookings(request.user, words)
    sought = finding.sought_by(words)
    if sought is not None:
        await entries.record_reading(
            "/staff/bookings",
            "booking",
            [row["id"] for row in rows],
            by=request.user,
            sought_by=sought,
        )
    return page(
        request,
        "classes/staff/found_bookings.html",
        q=words,
        rows=[_row(row) for row in rows],
        more=more,
    )


def _row(booking: Row) -> Row:
    names = ("name", "reading", "phone", "reference", "state", "title", "starts_at", "venue_name")
    return {name: booking[name] for name in names} | {
        "contact_words": contact_words(booking),
        "over": booking["ends_at"] is not None and booking["ends_at"] <= clock.now(),
        "course_url": f"/staff/courses/{booking['course']}",
        "cancel_url": f"/staff/bookings/{booking['id']}/cancellation"
        if can_be_left(booking["state"], booking["begins_at"])
        else None,
    }


handlers = [list_found]
