"""Finding a booking again by its reference and one thing that only its applicant knows (B8)."""

from hmac import compare_digest
from typing import Any

from server import text
from server.classes.tables import Booking
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


async def of_references(references: list[str]) -> list[Row]:
    """The references, in the order asked, with the titles of their courses."""
    if not references:
        return []
    rows = await Booking.select(Booking.reference, Booking.course.title.as_alias("title")).where(
        Booking.reference.is_in(references)
    )
    titles = {row["reference"]: row for row in rows}
    return [titles[reference] for reference in references if reference in titles]


async def by_reference(reference: str) -> Row | None:
    """The booking with that reference."""
    return await Booking.select().where(Booking.reference == reference).first()


def _keys(contact: str) -> dict[str, str]:
    phone = text.phone_key(contact)
    keys = (phone, phone, text.email_key(contact), text.postcode_key(contact))
    return dict(zip(KEYS, keys, strict=True))
