"""Finding a booking again by its reference and one thing that only its applicant knows (B8)."""

from collections.abc import Iterable
from hmac import compare_digest
from typing import Any

from server import text
from server.classes import details
from server.classes.tables import LIVE_STATES, Booking
from server.refusals import Refused

Row = dict[str, Any]

KEYS = ("phone_key", "fax_key", "email_key", "postcode_key")
NOBODY = dict.fromkeys(KEYS, "")


async def find(reference: str, contact: str) -> Row:
    """The booking with that reference, if `contact` is the full phone, fax, e-mail or postcode.

    Refused in the same words, after the same work, whether or not the reference exists.
    """
    digits = text.reference_digits(reference)[:20]
    booking = await Booking.select().where(Booking.reference == digits).first()
    known = booking or NOBODY
    fits = [
        bool(given) and compare_digest(given.encode(), known[key].encode())
        for key, given in _keys(contact).items()
    ]
    if booking is None or not any(fits):
        raise Refused(
            "We found no booking with this number and this phone number. Please look at both again."
        )
    return booking


async def of_person(person_id: int, references: list[str]) -> list[Row]:
    """Those of the references that are one person's, in order, with the titles of the courses."""
    if not references:
        return []
    rows = await Booking.select(Booking.reference, Booking.course.title.as_alias("title")).where(
        Booking.reference.is_in(references) & (Booking.person == person_id)
    )
    titles = {row["reference"]: row for row in rows}
    return [titles[reference] for reference in references if reference in titles]


async def by_references(references: list[str]) -> list[Row]:
    """The bookings with those references, in that order; unknown ones are left out."""
    if not references:
        return []
    rows = await Booking.select().where(Booking.reference.is_in(references))
    known = {row["reference"]: row for row in rows}
    return [known[reference] for reference in references if reference in known]


async def has_applied(people: Iterable[int], course_id: int, session_id: int | None) -> bool:
    """Has one of these people a live booking of the course, or of that session of it?"""
    return await Booking.exists().where(
        (Booking.course == course_id)
        & Booking.state.is_in(list(LIVE_STATES))
        & Booking.person.is_in(list(people))
        & (Booking.session.is_null() if session_id is None else Booking.session == session_id)
    )


async def courses_of(booked: list[Row]) -> list[Row]:
    """The course of each booking, with only those sessions that the booking has."""
    courses = await details.by_id([booking["course"] for booking in booked])
    known = {course["id"]: course for course in courses}
    return [_booked_part(known[booking["course"]], booking["session"]) for booking in booked]


def _booked_part(course: Row, session_id: int | None) -> Row:
    own = [each for each in course["sessions"] if session_id in (None, each["id"])]
    return course | {"sessions": own}


async def by_reference(reference: str) -> Row | None:
    """The booking with that reference."""
    return await Booking.select().where(Booking.reference == reference).first()


def _keys(contact: str) -> dict[str, str]:
    phone = text.phone_key(contact)
    keys = (phone, phone, text.email_key(contact), text.postcode_key(contact))
    return dict(zip(KEYS, keys, strict=True))
