"""Applying for classes: write, check, done; nothing is saved before the last step."""

from typing import Any, NamedTuple

from litestar import Request, Response, get, post
from litestar.datastructures import FormMultiDict

from server.classes import bookings, details
from server.classes.forms import BookingForm, booking_form, pick_name
from server.classes.routes.applying import (
    MOST_AT_ONCE,
    as_picked,
    confirmation_page,
    courses_asked,
    form_page,
    ids,
)
from server.classes.routes.done import done_page, done_path, refused_entry
from server.classes.routes.opened import address, open_up
from server.classes.tables import BookingScope
from server.places import directory
from server.refusals import Refused
from server.web import shared
from server.web.fields import SUBMISSION
from server.web.pages import see_other
from server.web.saying import say

AnyRequest = Request[Any, Any, Any]
Row = dict[str, Any]


class Result(NamedTuple):
    """What became of one of the courses that somebody applied for."""

    course_id: int
    session_id: int | None
    booking: Row | None
    refused: Refused | None


@get("/bookings/new", public=True, history=True)
async def new_booking(request: AnyRequest) -> Response[str]:
    """The form for the courses in the address."""
    query = request.query_params
    courses = await courses_asked(query.getall("course", []))
    picked = ids(query.getall("session", []))
    form = booking_form(None, courses, await directory.districts(), picked)
    if not courses:
        form.refuse(Refused("Please choose a class first."))
        return form_page(request, form, [], [], 422)
    open_courses, refused = _parted(courses)
    if len(ids(query.getall("course", []))) > MOST_AT_ONCE:
        form.refuse(Refused("Only the first {most} classes are shown here.", most=MOST_AT_ONCE))
        return form_page(request, form, open_courses, refused, 422)
    return form_page(request, form, open_courses, refused, 200 if open_courses else 409)


@post("/bookings/new", public=True, status_code=200, history=True)
async def create_confirmation(request: AnyRequest) -> Response[str]:
    """The page on which everything is read once more; or the form, to correct."""
    formdata = await request.form()
    courses = await courses_asked(formdata.getall("course", []))
    form = booking_form(formdata, courses, await directory.districts())
    if not courses:
        form.refuse(Refused("Please choose a class first."))
        return form_page(request, form, [], [], 422)
    if "correct" in formdata:
        return form_page(request, form, courses, [], 200)
    return await _confirm(request, form, courses, formdata)


@post("/bookings", public=True, status_code=200, history=True)
async def create_booking(request: AnyRequest) -> Response[Any]:
    """Book each of the courses, one change each; pressed twice, the first result again."""
    formdata = await request.form()
    course_ids = ids(formdata.getall("course", []))[:MOST_AT_ONCE]
    districts = await directory.districts() if formdata.get("district") else ()
    form, submission = BookingForm(formdata, districts), str(formdata.get("submission", ""))
    if not course_ids or not form.validate() or not SUBMISSION.fullmatch(submission):
        return await _confirm_again(request, formdata)
    picks = {course_id: ids(formdata.getall(pick_name(course_id), [])) for course_id in course_ids}
    applicant = form.applicant()
    results = []
    for course_id in course_ids:
        session_id = picks[course_id][0] if picks[course_id] else None
        try:
            booked = await bookings.book(applicant, course_id, session_id, submission=submission)
            results.append(Result(course_id, session_id, booked, None))
        except Refused as refused:
            results.append(Result(course_id, session_id, None, refused))
    return await _answer(request, formdata, results)


async def _answer(
    request: AnyRequest, formdata: FormMultiDict, results: list[Result]
) -> Response[Any]:
    """One booking: its own page. Several: what became of each. None at all: said so."""
    booked = [str(result.booking["reference"]) for result in results if result.booking]
    if not booked:
        return await _nothing_booked(request, formdata, results)
    refused = [result for result in results if result.refused]
    named = [(each.course_id, each.session_id) for each in refused]
    path = done_path(booked, named)
    if shared.sitting(request.scope):
        path = done_path([], named)
    response = see_other(address(request, booked[0]) if len(results) == 1 else path)
    open_up(request, response, booked, fresh=True)
    return response


async def _nothing_booked(
    request: AnyRequest, formdata: FormMultiDict, results: list[Result]
) -> Response[str]:
    courses = await courses_asked([str(result.course_id) for result in results])
    form = booking_form(formdata, courses, await directory.districts())
    if not form.validate():
        return form_page(request, form, courses, [], 422)
    refusals = {result.course_id: result.refused for result in results}
    said = [refused_entry(as_picked(each, formdata), refusals[each["id"]]) for each in courses]
    return done_page(request, said, form["name"].data, status_code=409)


async def _confirm_again(request: AnyRequest, formdata: FormMultiDict) -> Response[str]:
    """What came was not the confirmation page as we sent it: show what is missing."""
    courses = await courses_asked(formdata.getall("course", []))
    form = booking_form(formdata, courses, await directory.districts())
    if not courses:
        form.refuse(Refused("Please choose a class first."))
        return form_page(request, form, [], [], 422)
    if not form.validate():
        return form_page(request, form, courses, [], 422)
    form.refuse(Refused("Nothing was sent yet. Please press the button once more."))
    return await confirmation_page(request, form, courses, formdata, 422)


async def _confirm(
    request: AnyRequest, form: BookingForm, courses: list[Row], formdata: FormMultiDict
) -> Response[str]:
    open_courses, refused = _parted(courses)
    if not open_courses:
        said = [refused_entry(as_picked(each, formdata), details.refusal(each)) for each in courses]
        return done_page(request, said, form.typed("name"), status_code=409)
    if not form.validate():
        return form_page(request, form, open_courses, refused, 422)
    closed_picks = _refuse_picks(form, open_courses)
    if refused or closed_picks:
        return form_page(request, form, open_courses, refused, 409)
    return await confirmation_page(request, form, courses, formdata, 200)


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


handlers = [new_booking, create_confirmation, create_booking]
