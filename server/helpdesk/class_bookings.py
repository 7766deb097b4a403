"""Booking a class for whoever turned to a desk, and whether the person came (H3)."""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

from server import clock, notes, text
from server.audit import entries
from server.classes import bookings
from server.classes.bookings import BOOKED_ALREADY, REFERENCE_TAKEN, AlreadyApplied, Applicant
from server.classes.tables import LIVE_STATES, Booking, Channel, Presence
from server.database import Conflict, writing
from server.database.conditions import among
from server.helpdesk import contacts, corrections, desks
from server.helpdesk.contacts import ContactFacts
from server.helpdesk.tables import ContactBooking, ContactChannel
from server.refusals import Refused
from server.roles import Actor

Row = dict[str, Any]

# How a booking came in, by how the person turned to the desk (B9). There is no e-mail among the
# ways of a booking: what comes in by it stands with the web, beside who entered it.
CHANNELS = {
    ContactChannel.phone: Channel.phone,
    ContactChannel.counter: Channel.counter,
    ContactChannel.visit: Channel.counter,
    ContactChannel.fax: Channel.fax,
    ContactChannel.email: Channel.web,
}


@dataclass(frozen=True)
class WantedClass:
    """The class that somebody would like to come to; `session_id` where one date is picked."""

    course_id: int
    session_id: int | None = None


async def book_and_log(
    facts: ContactFacts, applicant: Applicant, asked: WantedClass, *, submission: str, by: Actor
) -> Row:
    """Log a contact, give the caller a place, and link both: all of it, or nothing (H3, B4).

    Returns the booking with its `contact`; the same `submission` answers with the first result.
    Refused as `contacts.log` and `bookings.book` are, and for a My Number (H1).
    """

    async def enter() -> Row:
        booking = await _book(applicant, asked, facts.channel, submission, by)
        person = replace(facts, person_id=booking["person"])
        contact = await contacts.log(person, submission=submission, by=by)
        return booking | {"contact": await link(contact["id"], booking["id"], by=by)}

    return await _once(submission, enter)


async def book_for(
    contact_id: int, applicant: Applicant, asked: WantedClass, *, submission: str, by: Actor
) -> Row:
    """Give a place to the person of a contact that is logged already, say when phoning back.

    As `book_and_log`. Refused when the contact was taken back in the meantime; corrected in the
    meantime, the class is of what replaced it.
    """

    async def enter() -> Row:
        contact = await standing(contact_id, by)
        booking = await _book(applicant, asked, contact["channel"], submission, by)
        return booking | {"contact": await link(contact["id"], booking["id"], by=by)}

    return await _once(submission, enter)


async def link(contact_id: int, booking_id: int, *, by: Actor) -> int:
    """Remember that a class was booked from a contact, or from what replaced it (H3).

    Returns the id of that contact. Refused where it was taken back. A booking is made before the
    contact is held: the order in which all are held.
    """
    async with writing():
        current = int((await corrections.hold_standing(contact_id))["id"])
        await ContactBooking.insert(
            ContactBooking(
                contact=current,
                booking=booking_id,
                recorded_at=clock.now(),
                recorded_by=by.id,
            )
        )
        await entries.record("contact.booked", "contact", current, by=by, booking=booking_id)
        return current


async def standing(contact_id: int, by: Actor) -> Row:
    """The contact that stands for this one. Refused where it was taken back, or is not hers."""
    contact = await corrections.current(contact_id)
    if contact is None or contact["voided_at"] is not None:
        raise Refused(corrections.VOIDED)
    desk = await desks.get(contact["desk"])
    assert desk is not None
    desks.check_may_log(desk, by)
    return contact


def holding_my_number(applicant: Applicant) -> str | None:
    """The first text of the applicant that holds a My Number, by its name; None where none does."""
    texts = ("name", "remarks", "needs_other", "address")
    return next((name for name in texts if text.holds_my_number(getattr(applicant, name))), None)


async def came(contact_ids: Iterable[int]) -> dict[int, str]:
    """What became of the class booked from each contact: booked, came, absent or cancelled.

    The one booked last speaks where there are several; a contact without one is left out.
    """
    ids = sorted(set(contact_ids))
    if not ids:
        return {}
    said: dict[int, str] = {}
    for row in await Booking.raw(_CAME, among("contact_booking.contact", ids)):
        said[row["contact"]] = _became(row)
    return said


def _became(row: Row) -> str:
    if row["present"]:
        return "came"
    if row["absent"]:
        return "absent"
    return "booked" if row["state"] in LIVE_STATES else "cancelled"


async def _once(submission: str, enter: Callable[[], Awaitable[Row]]) -> Row:
    """What `enter` enters in one change; pressed again, the first result (B4)."""
    while True:
        first = await _entered(submission)
        if first is not None:
            return first
        try:
            async with writing():
                return await enter()
        except (Conflict, Refused) as no:
            first = await _entered(submission)
            if first is not None:
                return first
            name = no.name if isinstance(no, Conflict) else ""
            if name in BOOKED_ALREADY:
                raise AlreadyApplied from no
            if name != REFERENCE_TAKEN:  # one number in a hundred million: draw again
                raise


async def _entered(submission: str) -> Row | None:
    rows: list[Row] = await Booking.raw(_ENTERED, submission)
    return rows[0] if rows else None


async def _book(
    applicant: Applicant, asked: WantedClass, channel: str, submission: str, by: Actor
) -> Row:
    if holding_my_number(applicant):
        raise Refused(notes.HOLDS_MY_NUMBER)
    return await bookings.book(
        applicant,
        asked.course_id,
        asked.session_id,
        submission=submission,
        channel=CHANNELS[ContactChannel(channel)],
        by=by,
    )


_ENTERED = """
SELECT booking.*, contact_booking.contact FROM booking
JOIN contact_booking ON contact_booking.booking = booking.id
WHERE booking.submission = {}
"""

_CAME = f"""
SELECT contact_booking.contact, booking.state,
    (SELECT COUNT(*) FROM attendance WHERE attendance.booking = booking.id
        AND attendance.voided_at IS NULL AND presence = '{Presence.present}') AS present,
    (SELECT COUNT(*) FROM attendance WHERE attendance.booking = booking.id
        AND attendance.voided_at IS NULL AND presence = '{Presence.absent}') AS absent
FROM contact_booking JOIN booking ON booking.id = contact_booking.booking
WHERE {{}}
ORDER BY contact_booking.id
"""  # noqa: S608
