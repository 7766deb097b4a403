"""The two pages on which somebody applies: the form, and what was typed read back."""

import secrets
from typing import Any

from litestar import Request, Response
from litestar.datastructures import FormMultiDict
from litestar.exceptions import NotFoundException
from wtforms import SelectField

from server import phones, text
from server.classes import details, lookup
from server.classes.forms import WAYS, BookingForm, pick_name
from server.classes.overlaps import overlap
from server.classes.routes.opened import opened
from server.classes.tables import LIVE_STATES, BookingScope
from server.web.addresses import whole
from server.web.pages import page
from server.web.words import gettext

AnyRequest = Request[Any, Any, Any]
Row = dict[str, Any]

MOST_AT_ONCE = 20


def form_page(
    request: AnyRequest,
    form: BookingForm,
    courses: list[Row],
    refused: list[Row],
    status_code: int,
) -> Response[str]:
    """The form for `courses`; `refused` are those that were asked for too, with the reason."""
    return page(
        request,
        "classes/booking_new.html",
        status_code=status_code,
        form=form,
        courses=courses,
        refused_courses=refused,
        not_by_phone=any(form[name].data or form[name].errors for name in WAYS if name != "phone"),
    )


async def confirmation_page(
    request: AnyRequest,
    form: BookingForm,
    courses: list[Row],
    formdata: FormMultiDict,
    status_code: int,
) -> Response[str]:
    """All that was typed, to be read once more; its button carries the fields as hidden ones."""
    names = {field.name for field in form}
    hidden = [
        (name, value)
        for name, value in formdata.multi_items()
        if name in names and isinstance(value, str) and value
    ]
    hidden += [("course", course["id"]) for course in courses]
    hidden.append(("submission", secrets.token_urlsafe(16)))
    picked = [as_picked(course, formdata) for course in courses]
    return page(
        request,
        "classes/booking_confirmation.html",
        status_code=status_code,
        form=form,
        courses=picked,
        overlap=overlap([*picked, *await _booked_before(request, form.typed("reading"), courses)]),
        answers=_answers(form),
        hidden=hidden,
    )


async def _booked_before(request: AnyRequest, reading: str, courses: list[Row]) -> list[Row]:
    """Other courses that the same person has booked, as far as this browser has them open."""
    key, asked = text.reading_key(reading), {course["id"] for course in courses}
    booked = [
        each
        for each in await lookup.by_references(opened(request).references)
        if each["state"] in LIVE_STATES
        and each["course"] not in asked
        and text.reading_key(each["reading"]) == key
    ]
    return await lookup.courses_of(booked)


def _answers(form: BookingForm) -> list[tuple[str, str]]:
    """What was answered, in words, in reading order; what was left out is left out."""
    said = []
    for field in form:
        if field.name.startswith("session_") or not field.data:
            continue
        offered = field.iter_choices() if isinstance(field, SelectField) else ()
        chosen = {str(value): str(label) for value, label, *_ in offered}
        if isinstance(field.data, list):
            words = gettext(", ").join(chosen[each] for each in dict.fromkeys(field.data))
        else:
            words = chosen.get(field.data, field.data)
        if field.name in ("phone", "fax"):
            words = phones.shown(words)
        said.append((gettext(field.label.text), words))
    return said


def as_picked(course: Row, formdata: FormMultiDict) -> Row:
    """The course with only the date that was picked, where one is."""
    if course["scope"] != BookingScope.session:
        return course
    session = _picked_session(course, formdata.get(pick_name(course["id"])))
    if session is None:
        return course
    names = ("starts_at", "ends_at", "venue_name", "district_name")
    return course | {"sessions": [session]} | {name: session[name] for name in names}


def _picked_session(course: Row, value: Any) -> Row | None:
    return next((each for each in course["sessions"] if str(each["id"]) == str(value)), None)


async def courses_asked(typed: list[Any]) -> list[Row]:
    """The public courses that were asked for. Raises NotFound where none of them exists."""
    courses = await details.published(ids(typed)[:MOST_AT_ONCE])
    courses = [course for course in courses if course["sessions"]]
    if typed and not courses:
        raise NotFoundException
    return courses


def ids(typed: list[Any]) -> list[int]:
    """The ids among what came, each once."""
    return list(dict.fromkeys(found for each in typed if (found := whole(each))))
