"""Booking a place in a course or session, and giving it back."""

import secrets
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from server import clock, text
from server.audit import entries
from server.classes.admission import check_bookable
from server.classes.queries import Bookable, bookable, lock_course
from server.classes.tables import (
    LIVE_STATES,
    SEATED_STATES,
    Booking,
    BookingState,
    Channel,
    ClassSession,
    Course,
    CourseKind,
)
from server.database import Conflict, writing
from server.notices import outbox
from server.notices.tables import NoticeChannel
from server.people import matching
from server.refusals import N_, Refused
from server.roles import Actor
from server.training import enrolments

Row = dict[str, Any]

REFERENCE_TAKEN = "booking_reference_key"
BOOKED_ALREADY = ("uq_booking_live_course", "uq_booking_live_session")
SUBMITTED_ALREADY = ("uq_booking_submission_course", "uq_booking_submission_session")


class AlreadyApplied(Refused):
    """The same person has a live booking of the same class."""

    def __init__(self) -> None:
        super().__init__(
            N_("You have already applied for this class. There is no need to apply again.")
        )


@dataclass(frozen=True)
class Applicant:
    """What a person who applies has typed (B1); the form has checked its shape."""

    name: str
    reading: str
    phone: str = ""
    fax: str = ""
    email: str = ""
    postcode: str = ""
    address: str = ""
    birth_on: date | None = None
    district_id: int | None = None
    age_band: str = ""
    device: str = ""
    needs: tuple[str, ...] = field(default=())
    needs_other: str = ""
    remarks: str = ""
    language: str = "ja"


async def book(
    applicant: Applicant,
    course_id: int,
    session_id: int | None = None,
    *,
    submission: str,
    channel: Channel = Channel.web,
    by: Actor | None = None,
    person_id: int | None = None,
    invited: bool = False,
) -> Row:
    """Give the applicant a place, and return the booking.

    `submission` names one press of the button: pressed again, it answers with the first result.
    `person_id` is who the applicant is, where that is known; else the person is matched (B2).
    `invited`: that person is in training, and a supporter_training course that is not listed is
    open to her too. Refused when the course is not open, is full, or the same person has booked
    it already.
    """
    press = _Press(applicant, submission, channel, by, person_id, invited)
    try:
        return await _book_with_free_reference(press, course_id, session_id)
    except (Conflict, Refused) as no:
        first = await _submitted_before(submission, course_id, session_id)
        if first is not None:
            return first
        if isinstance(no, Conflict) and no.name in BOOKED_ALREADY:
            raise AlreadyApplied from no
        raise


async def cancel(booking_id: int, *, by: Actor | None = None) -> Row:
    """Give the place back, at the person's own wish, and return the booking.

    Before a decision it becomes cancelled (取消), after it declined (辞退). Done twice, it does
    nothing the second time. Refused once the class has begun or the city has called it off.
    """
    async with writing():
        booking = await _locked_booking(booking_id)
        if booking["state"] in (BookingState.cancelled, BookingState.declined):
            return booking
        await check_cancellable(booking)
        decided = is_decided(booking["state"])
        state = BookingState.declined if decided else BookingState.cancelled
        await end(booking, state, by=by)
        await outbox.withdraw(booking_id)
        return await _booking(booking_id)


def is_decided(state: str) -> bool:
    """Has it been decided about the application? Whoever ends it then declines (辞退)."""
    return state in (*SEATED_STATES, BookingState.waitlisted)


async def check_cancellable(booking: Row) -> None:
    """A place can be given back until the class begins, while the booking stands."""
    if booking["state"] not in LIVE_STATES:
        raise Refused("This application is already closed.")
    what = await bookable(booking["course"], booking["session"])
    check_not_begun(what.starts_at if what else None)


def check_not_begun(starts_at: datetime | None) -> None:
    """Of the first date of what is booked: a place can be given back until then."""
    if starts_at is None or clock.now() >= starts_at:
        raise Refused("This class has already begun.")


async def end(booking: Row, state: BookingState, *, by: Actor | None) -> None:
    """Close a live booking with `state` and free its seat, inside `writing()`.

    The course is locked already; the row stays, voided from now on (T5).
    """
    now = clock.now()
    await Booking.update(
        {Booking.state: state, Booking.voided_at: now, Booking.version: Booking.version + 1}
    ).where(Booking.id == booking["id"])
    if booking["state"] in SEATED_STATES:
        await _free_seat(booking)
    await entries.record(f"booking.{state}", "booking", booking["id"], by=by, was=booking["state"])


def reachable(booking: Row) -> outbox.Reachable:
    """The one way to reach the person of a booking, telephone first (B1)."""
    channels = (
        (NoticeChannel.phone, booking["phone"]),
        (NoticeChannel.fax, booking["fax"]),
        (NoticeChannel.email, booking["email"]),
        (NoticeChannel.post, f"{booking['postcode']} {booking['address']}".strip()),
    )
    channel, address = next((one for one in channels if one[1]), channels[0])
    return outbox.Reachable(booking["person"], booking["id"], channel, address, booking["language"])


@dataclass(frozen=True)
class _Press:
    """Who asks for a place, and how."""

    applicant: Applicant
    submission: str
    channel: Channel
    by: Actor | None
    person_id: int | None
    invited: bool


async def _book_with_free_reference(press: _Press, course_id: int, session_id: int | None) -> Row:
    while True:
        try:
            async with writing():
                await lock_course(course_id)
                what = await bookable(course_id, session_id)
                if what is None:
                    raise Refused("This class is not open to applications.")
                if press.invited and await _invites(course_id, press.person_id):
                    what = what._replace(listed=True)
                check_bookable(what)
                return await _add(press, what)
        except Conflict as conflict:
            if conflict.name != REFERENCE_TAKEN:  # one number in a hundred million: draw again
                raise


async def _invites(course_id: int, person_id: int | None) -> bool:
    """Is it a training for supporters, and the person enrolled in a programme?"""
    if person_id is None or await enrolments.current(person_id) is None:
        return False
    return await Course.exists().where(
        (Course.id == course_id) & (Course.kind == CourseKind.supporter_training)
    )


async def _add(press: _Press, what: Bookable) -> Row:
    applicant, by, channel = press.applicant, press.by, press.channel
    person_id = press.person_id or await matching.find_or_add(
        matching.Identity(
            applicant.name,
            applicant.reading,
            (applicant.phone, applicant.fax),
            applicant.birth_on,
        )
    )
    await _take_seat(what)
    booking = _row(applicant, what, person_id)
    booking.submission, booking.channel = press.submission, channel
    booking.booked_by = by.id if by else None
    rows = await Booking.insert(booking).returning(*Booking.all_columns())
    await entries.record(
        "booking.booked", "booking", rows[0]["id"], by=by, course=what.course_id, channel=channel
    )
    if applicant.email:
        await outbox.post("booking.confirmed", [_mail_to(rows[0])], {})
    return rows[0]


async def _take_seat(what: Bookable) -> None:
    """The guard of B4: one conditional UPDATE, with the table's CHECK behind it."""
    if what.session_id is None:
        took = (
            await Course.update({Course.taken: Course.taken + 1})
            .where((Course.id == what.course_id) & (Course.taken < Course.seats))
            .returning(Course.id)
        )
    else:
        took = (
            await ClassSession.update({ClassSession.taken: ClassSession.taken + 1})
            .where((ClassSession.id == what.session_id) & (ClassSession.taken < ClassSession.seats))
            .returning(ClassSession.id)
        )
    if not took:
        raise Refused("This class is full.")


async def _free_seat(booking: Row) -> None:
    if booking["session"] is None:
        await Course.update({Course.taken: Course.taken - 1}).where(Course.id == booking["course"])
    else:
        await ClassSession.update({ClassSession.taken: ClassSession.taken - 1}).where(
            ClassSession.id == booking["session"]
        )


def _row(applicant: Applicant, what: Bookable, person_id: int) -> Booking:
    now = clock.now()
    number = f"{secrets.randbelow(10**8):08d}"
    return Booking(
        reference=number + text.check_digit(number),
        course=what.course_id,
        session=what.session_id,
        person=person_id,
        state=BookingState.confirmed,
        name=applicant.name,
        name_key=text.name_key(applicant.name),
        reading=applicant.reading,
        phone=applicant.phone,
        phone_key=text.phone_key(applicant.phone),
        fax=applicant.fax,
        fax_key=text.phone_key(applicant.fax),
        email=applicant.email,
        email_key=text.email_key(applicant.email),
        postcode=applicant.postcode,
        postcode_key=text.postcode_key(applicant.postcode),
        address=applicant.address,
        district=applicant.district_id,
        age_band=applicant.age_band,
        device=applicant.device,
        needs=",".join(applicant.needs),
        needs_other=applicant.needs_other,
        remarks=applicant.remarks,
        language=applicant.language,
        booked_at=now,
        booked_on=clock.on(now),
        recorded_at=now,
    )


def _mail_to(booking: Row) -> outbox.Reachable:
    return outbox.Reachable(
        booking["person"],
        booking["id"],
        NoticeChannel.email,
        booking["email"],
        booking["language"],
    )


async def _submitted_before(submission: str, course_id: int, session_id: int | None) -> Row | None:
    rows = await Booking.select().where(
        (Booking.submission == submission) & (Booking.course == course_id)
    )
    return next((row for row in rows if row["session"] in (None, session_id)), None)


async def _booking(booking_id: int) -> Row:
    return (await Booking.select().where(Booking.id == booking_id))[0]


async def _locked_booking(booking_id: int) -> Row:
    """The booking as it stands once its course is locked: courses are locked first."""
    booking = await _booking(booking_id)
    await lock_course(booking["course"])
    return await _booking(booking_id)
