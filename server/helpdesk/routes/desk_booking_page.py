"""The page on which somebody is booked in from a desk or a contact: its class, its form."""

from dataclasses import dataclass, field
from typing import Any

from litestar import Request, Response
from litestar.datastructures import FormMultiDict
from litestar.exceptions import NotFoundException

from server.audit import entries
from server.classes import details
from server.classes.tables import BookingScope
from server.helpdesk import nearby
from server.helpdesk.class_bookings import WantedClass
from server.helpdesk.routes.desk_booking_forms import BookedPersonForm
from server.places import directory
from server.refusals import Refused
from server.web.addresses import whole
from server.web.pages import page

AnyRequest = Request[Any, Any, Any]
Row = dict[str, Any]

OTHERS = 5


@dataclass(frozen=True)
class Origin:
    """Where a class is booked from: `path` of the desk or contact, and what was typed there.

    It `stands` unless the contact was taken back or is a tally, or its desk is no longer in use.
    """

    path: str
    desk: Row
    topic_id: int
    district_id: int | None
    carried: list[tuple[str, str]] = field(default_factory=list)
    contact_id: int | None = None
    stands: bool = True


async def first_look(
    request: AnyRequest,
    origin: Origin,
    formdata: FormMultiDict,
    known: dict[str, Any] | None = None,
) -> Response[str]:
    """The form as it is opened, or with another class and all that was typed."""
    asked, course = await class_asked(formdata)
    typed = formdata if known is None or "name" in formdata else None
    form = BookedPersonForm(typed, await directory.districts(), known)
    form.press_anew()
    refused = _refusal(course, asked)
    if refused is not None:
        form.refuse(refused)
    return await form_page(request, origin, form, asked, course, 409 if refused else 200)


async def form_page(
    request: AnyRequest,
    origin: Origin,
    form: BookedPersonForm,
    asked: WantedClass,
    course: Row,
    status: int,
) -> Response[str]:
    """The form for a class, with what may be booked in its place. Who saw whom is written down."""
    if origin.contact_id is not None:
        await entries.record_reading(
            request.url.path, "contact", [origin.contact_id], by=request.user
        )
    return page(
        request,
        "helpdesk/desk_booking.html",
        status_code=status,
        origin=origin,
        form=form,
        course=course,
        sessions=_sessions(course, asked),
        book=f"{asked.course_id}:{asked.session_id}" if asked.session_id else asked.course_id,
        can_book=_refusal(course, asked) is None,
        others=await _others(origin, asked, course),
    )


async def class_asked(formdata: FormMultiDict) -> tuple[WantedClass, Row]:
    """The class in `book`, COURSE or COURSE:SESSION; the button that was pressed comes last."""
    values = formdata.getall("book", [])
    typed = [whole(each) or 0 for each in str(values[-1] if values else "").split(":")]
    courses = await details.published(typed[:1])
    if not courses or not courses[0]["sessions"]:
        raise NotFoundException
    course = courses[0]
    picks = course["scope"] == BookingScope.session
    own = [each["id"] for each in course["sessions"] if each["id"] in typed[1:]]
    if picks and not own:
        raise NotFoundException
    return WantedClass(course["id"], own[0] if picks else None), course


def _refusal(course: Row, asked: WantedClass) -> Refused | None:
    if asked.session_id is not None:
        return details.session_refusal(course, asked.session_id)
    return details.refusal(course)


def _sessions(course: Row, asked: WantedClass) -> list[Row]:
    """The dates that the booking would be for."""
    sessions: list[Row] = course["sessions"]
    if asked.session_id is not None:
        return [each for each in sessions if each["id"] == asked.session_id]
    return [each for each in sessions if each["called_off_at"] is None] or sessions


async def _others(origin: Origin, asked: WantedClass, course: Row) -> list[Row]:
    """Other dates of the same course, then other classes on the topic nearby."""
    dates = []
    if asked.session_id is not None:
        dates = [
            each | {"course_id": course["id"], "session_id": each["id"], "title": course["title"]}
            for each in course["sessions"]
            if each["open"] and each["id"] != asked.session_id
        ]
    rows = await nearby.open_classes(origin.topic_id, origin.district_id, OTHERS)
    return dates + [row for row in rows if row["course_id"] != course["id"]]
