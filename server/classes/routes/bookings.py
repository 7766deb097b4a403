"""Applying for classes: write, check, done; nothing is saved before the last step."""

from typing import Any, NamedTuple

from litestar import Request, Response, get, post
from litestar.datastructures import FormMultiDict
from litestar.exceptions import NotFoundException

from server.classes import bookings, details
from server.classes.forms import SUBMISSION, BookingForm, booking_form, pick_name
from server.classes.routes.applying import as_picked, confirmation_page, form_page
from server.classes.routes.opened import open_up
from server.classes.tables import BookingScope
from server.places import directory
from server.refusals import Refused
from server.web.access import BEYOND_ANY_ID
from server.web.pages import page, see_other
from server.web.words import say

AnyRequest = Request[Any, Any, Any]
Row = dict[str, Any]

MOST_AT_ONCE = 20


class Result(NamedTuple):
    """What became of one of the courses that somebody applied for."""

    course_id: int
    booking: Row | None
    refused: Refused | None


@get("/bookings/new", public=True)
async def new_booking(request: AnyRequest) -> Response[str]:
    """The form for the courses in the address."""
    query = request.query_params
    courses = await _courses_asked(query.getall("course", []))
    picked = _ids(query.getall("session", []))
    form = booking_form(None, courses, await directory.districts(), picked)
    if not courses:
        form.refuse(Refused("Please choose a class first."))
        return form_page(request, form, [], [], 422)
    open_courses, refused = _parted(courses)
    if len(_ids(query.getall("course", []))) > MOST_AT_ONCE:
        form.refuse(Refused("Only the first {most} classes are shown here.", most=MOST_AT_ONCE))
        return form_page(request, form, open_courses, refused, 422)
    return form_page(request, form, open_courses, refused, 200 if open_courses else 409)


@post("/bookings/new", public=True, status_code=200)
async def create_confirmation(request: AnyRequest) -> Response[str]:
    """The page on which everything is read once more; or the form, to correct."""
    formdata = await request.form()
    courses = await _courses_asked(formdata.getall("course", []))
    form = booking_form(formdata, courses, await directory.districts())
    if not courses:
        form.refuse(Refused("Please choose a class first."))
        return form_page(request, form, [], [], 422)
    if "correct" in formdata:
        return form_page(request, form, courses, [], 200)
    return _confirm(request, form, courses, formdata)


@post("/bookings", public=True, status_code=200)
async def create_booking(request: AnyRequest) -> Response[Any]:
    """Book each of the courses, one change each; pressed twice, the first result again."""
    formdata = await request.form()
    ids = _ids(formdata.getall("course", []))[:MOST_AT_ONCE]
    districts = await directory.districts() if formdata.get("district") else ()
    form, submission = BookingForm(formdata, districts), str(formdata.get("submission", ""))
    if not ids or not form.validate() or not SUBMISSION.fullmatch(submission):
        return await _confirm_again(request, formdata)
    picks = {course_id: _ids(formdata.getall(pick_name(course_id), [])) for course_id in ids}
    applicant = form.applicant()
    results = []
    for course_id in ids:
        session_id = picks[course_id][0] if picks[course_id] else None
        try:
            booked = await bookings.book(applicant, course_id, session_id, submission=submission)
            results.append(Result(course_id, booked, None))
        except Refused as refused:
            results.append(Result(course_id, None, refused))
    return await _answer(request, formdata, results)


async def _answer(
    request: AnyRequest, formdata: FormMultiDict, results: list[Result]
) -> Response[Any]:
    """One booking: its own page. Several: what became of each. One that is refused: said so."""
    booked = [str(result.booking["reference"]) for result in results if result.booking]
    if booked and len(results) == 1:
        response: Response[Any] = see_other(f"/bookings/{booked[0]}")
    elif len(results) == 1:
        return await _refused(request, formdata, results[0])
    else:
        response = await _done(request, formdata, results)
    if booked:
        open_up(request, response, booked, fresh=True)
    return response


async def _refused(request: AnyRequest, formdata: FormMultiDict, result: Result) -> Response[str]:
    courses = await _courses_asked([str(result.course_id)])
    form = booking_form(formdata, courses, await directory.districts())
    if not form.validate():
        return form_page(request, form, courses, [], 422)
    assert result.refused is not None
    form.refuse(result.refused)
    return confirmation_page(request, form, courses, formdata, 409)


async def _done(
    request: AnyRequest, formdata: FormMultiDict, results: list[Result]
) -> Response[str]:
    courses = await _courses_asked([str(result.course_id) for result in results])
    by_id = {course["id"]: course for course in courses}
    said = [
        {
            "course": as_picked(by_id[result.course_id], formdata),
            "reference": result.booking["reference"] if result.booking else None,
            "state": result.booking["state"] if result.booking else None,
            "refused": say(result.refused) if result.refused else None,
        }
        for result in results
        if result.course_id in by_id
    ]
    return page(
        request,
        "classes/bookings_done.html",
        status_code=200 if any(result.booking for result in results) else 409,
        results=said,
        applicant_name=BookingForm(formdata)["name"].data,
    )


async def _confirm_again(request: AnyRequest, formdata: FormMultiDict) -> Response[str]:
    """What came was not the confirmation page as we sent it: show what is missing."""
    courses = await _courses_asked(formdata.getall("course", []))
    form = booking_form(formdata, courses, await directory.districts())
    if not courses:
        form.refuse(Refused("Please choose a class first."))
        return form_page(request, form, [], [], 422)
    if not form.validate():
        return form_page(request, form, courses, [], 422)
    form.refuse(Refused("Nothing was sent yet. Please press the button once more."))
    return confirmation_page(request, form, courses, formdata, 422)


def _confirm(
    request: AnyRequest, form: BookingForm, courses: list[Row], formdata: FormMultiDict
) -> Response[str]:
    open_courses, refused = _parted(courses)
    if not form.validate():
        return form_page(request, form, open_courses or courses, refused, 422)
    closed_picks = _refuse_picks(form, open_courses)
    if refused or closed_picks:
        return form_page(request, form, open_courses or courses, refused, 409)
    return confirmation_page(request, form, courses, formdata, 200)


def _refuse_picks(form: BookingForm, courses: list[Row]) -> bool:
    """Say beside each date that was picked why it cannot be had, if so."""
    before = dict(form.errors)
    for course in courses:
        if course["scope"] != BookingScope.session:
            continue
        name = pick_name(course["id"])
        refused = details.session_refusal(course, int(form[name].data))
        if refused is not None:
            form.refuse(refused, name)
    return dict(form.errors) != before


async def _courses_asked(typed: list[Any]) -> list[Row]:
    """The public courses that were asked for. Raises NotFound where none of them exists."""
    courses = await details.published(_ids(typed)[:MOST_AT_ONCE])
    courses = [course for course in courses if course["sessions"]]
    if typed and not courses:
        raise NotFoundException
    return courses


def _parted(courses: list[Row]) -> tuple[list[Row], list[Row]]:
    """Those that can be booked now, and those that cannot, with the reason."""
    open_courses, refused = [], []
    for course in courses:
        why = details.refusal(course)
        if why is None:
            open_courses.append(course)
        else:
            refused.append(course | {"why_not": say(why)})
    return open_courses, refused


def _ids(typed: list[Any]) -> list[int]:
    """The ids among what came, each once."""
    numbers = (str(each) for each in typed)
    sound = (int(each) for each in numbers if each.isascii() and each.isdigit() and len(each) < 11)
    return list(dict.fromkeys(each for each in sound if 0 < each < BEYOND_ANY_ID))


handlers = [new_booking, create_confirmation, create_booking]
