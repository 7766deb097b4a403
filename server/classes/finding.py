"""Finding a caller's booking: by name, reading, phone or reference, among those one may see."""

from enum import StrEnum
from typing import Any

from piccolo.querystring import QueryString

from server import clock, kanji, text
from server.classes.roster import visible_bookings
from server.classes.tables import Booking, Course
from server.database import engine, make_anew
from server.roles import Actor

Row = dict[str, Any]

MOST = 50
LAST = "\U0010ffff"


class SoughtBy(StrEnum):
    """What somebody has typed into the field."""

    number = "number"
    reading = "reading"
    name = "name"


def sought_by(words: str) -> SoughtBy | None:
    """What the words are: a phone or reference number, a reading, a name; None where nothing."""
    plain = text.normalised(words)
    if any(char.isalpha() for char in plain):
        return SoughtBy.reading if text.is_reading(words) else SoughtBy.name
    return SoughtBy.number if text.reference_digits(plain) else None


async def bookings(by: Actor, words: str) -> tuple[list[Row], bool]:
    """The newest fifty bookings that `by` may see (P1) and that fit; and are there more?

    A number must be whole, blanks and dashes do not matter; of a reading or a name the beginning
    is enough, in whichever kanji (B2). One statement, narrow by its indexes. Each row tells of
    its course, and of the date that is next, or first where all are over; `begins_at` is when it
    can no longer be left.
    """
    found = _found(words)
    if found is None:
        return [], False
    query = QueryString(_BOOKINGS, clock.now(), found, visible_bookings(by), MOST + 1)
    rows = await Booking.raw("{}", query)
    return rows[:MOST], len(rows) > MOST


async def index_anew() -> int:
    """Let bookings and courses be found by their words as we now read them; how many differed."""
    names = await make_anew(Booking, Booking.name_key, Booking.name, text.name_key)
    return names + await make_anew(Course, Course.search_text, Course.search_text, kanji.common)


def _found(words: str) -> QueryString | None:
    sought = sought_by(words)
    if sought is None:
        return None
    if sought is SoughtBy.number:
        return QueryString(
            "booking.reference = {} OR booking.phone_key = {}",
            text.reference_digits(words),
            text.phone_key(words),
        )
    found = [QueryString(_BY_NAME, _begins("booking.name_key", text.name_key(words)))]
    if sought is SoughtBy.reading:
        key = text.reading_key(words)
        found.append(QueryString(_BY_READING, _begins("person.reading_key", key)))
    return QueryString("booking.id IN (" + " UNION ".join(["{}"] * len(found)) + ")", *found)


def _begins(what: str, words: str) -> QueryString:
    """In the order of bytes, so that an index serves on either engine."""
    least, most = ("~>=~", "~<~") if engine().engine_type == "postgres" else (">=", "<")
    return QueryString(f"{what} {least} {{}} AND {what} {most} {{}}", words, words + LAST)


_BY_NAME = "SELECT booking.id FROM booking WHERE {}"
_BY_READING = "SELECT booking.id FROM booking JOIN person ON person.id = booking.person WHERE {}"

# Whole columns only: SQLite knows the type of a column, not of an expression.
_BOOKINGS = """
SELECT booking.id, booking.reference, booking.name, booking.reading, booking.phone, booking.fax,
    booking.email, booking.postcode, booking.address, booking.person, booking.language,
    booking.state, course.id AS course, course.title, course.called_off_at,
    shown.starts_at, shown.ends_at, venue.name AS venue_name, begins.starts_at AS begins_at
FROM booking
JOIN course ON course.id = booking.course
LEFT JOIN class_session AS begins ON begins.id = COALESCE(booking.session,
    (SELECT id FROM class_session WHERE class_session.course = course.id
        AND called_off_at IS NULL ORDER BY starts_at, id LIMIT 1))
LEFT JOIN class_session AS shown ON shown.id = COALESCE(booking.session,
    (SELECT id FROM class_session WHERE class_session.course = course.id
        AND called_off_at IS NULL AND ends_at > {} ORDER BY starts_at, id LIMIT 1),
    begins.id)
LEFT JOIN venue ON venue.id = shown.venue
WHERE ({}) AND {}
ORDER BY booking.id DESC
LIMIT {}
"""
