"""H3: a class booked from a contact; B4 on this path too."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from server import clock
from server.audit.tables import AuditEntry
from server.classes import attendance, bookings
from server.classes.bookings import AlreadyApplied
from server.classes.tables import Booking, BookingScope, ClassSession, Course, Presence
from server.database import Conflict, writing
from server.helpdesk import class_bookings, corrections
from server.helpdesk.class_bookings import WantedClass
from server.helpdesk.contacts import ContactFacts
from server.helpdesk.tables import Contact, ContactBooking
from server.refusals import Refused
from server.roles import Role
from tests import factories
from tests.classes.staff_cast import HANAKO, ICT, TARO, Staff
from tests.databases import Database
from tests.unlocked import both_before, hold_nobody

PRESS = "press-0000000001"


@pytest.fixture(autouse=True)
def on_saturday(database: Database, frozen_now: object) -> None:
    """A database of the test's own, and a clock that stands still."""


@pytest.fixture
async def facts() -> ContactFacts:
    """Somebody who phones, and is booked in."""
    desk, topic = await factories.make_desk(), await factories.make_topic()
    return ContactFacts(desk.id, topic.id, "phone", "class_booked")


async def one_class(scope: BookingScope = BookingScope.course, seats: int = 5) -> ClassSession:
    course = await factories.make_course(scope=scope, seats=seats)
    return await factories.make_class_session(course=course.id, seats=seats)


async def saved() -> tuple[int, int, int]:
    return await Contact.count(), await Booking.count(), await ContactBooking.count()


@pytest.mark.parametrize("scope", list(BookingScope))
async def test_h3_b9_contact_and_booking_are_entered_together(
    facts: ContactFacts, scope: BookingScope
) -> None:
    session = await one_class(scope)
    picked = session.id if scope == BookingScope.session else None
    booking = await class_bookings.book_and_log(
        facts, HANAKO, WantedClass(int(session.course), picked), submission=PRESS, by=ICT
    )

    [contact] = await Contact.select()
    assert (booking["state"], booking["channel"], booking["session"]) == (
        "confirmed",
        "phone",
        picked,
    )
    assert booking["booked_by"] == ICT.id
    assert (contact["outcome"], contact["person"]) == ("class_booked", booking["person"])
    assert booking["contact"] == contact["id"]
    [link] = await ContactBooking.select()
    assert (link["contact"], link["booking"]) == (contact["id"], booking["id"])


async def test_p2_each_change_is_in_the_audit_without_names(facts: ContactFacts) -> None:
    session = await one_class()
    await class_bookings.book_and_log(
        facts, HANAKO, WantedClass(int(session.course)), submission=PRESS, by=ICT
    )

    entries = await AuditEntry.select()
    assert {row["action"] for row in entries} >= {
        "booking.booked",
        "contact.logged",
        "contact.booked",
    }
    assert HANAKO.name not in "".join(row["facts"] for row in entries)


@pytest.mark.parametrize("at_once", [True, False])
async def test_h3_a_double_tap_books_once(facts: ContactFacts, at_once: bool) -> None:
    session = await one_class(seats=1)
    asked = WantedClass(int(session.course))

    async def press() -> Any:
        return await class_bookings.book_and_log(facts, HANAKO, asked, submission=PRESS, by=ICT)

    one, two = await asyncio.gather(press(), press()) if at_once else (await press(), await press())

    assert one["id"] == two["id"]
    assert one["contact"] == two["contact"]
    assert await saved() == (1, 1, 1)


async def test_b4_two_operators_on_the_last_seat(facts: ContactFacts) -> None:
    session = await one_class(seats=1)
    answers = await last_seat(facts, int(session.course))

    assert sorted(type(each).__name__ for each in answers) == ["Refused", "dict"]
    assert await saved() == (1, 1, 1)
    [course] = await Course.select()
    assert course["taken"] == 1


async def test_b4_without_the_seats_guard_the_last_seat_would_be_given_twice(
    facts: ContactFacts, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A control: the race above is one."""
    session = await one_class(seats=1)

    async def let_through(what: Any) -> None:
        """Take no seat."""

    def let_pass(what: Any) -> None:
        """Look at nothing."""

    monkeypatch.setattr(bookings, "_take_seat", let_through)
    monkeypatch.setattr(bookings, "check_bookable", let_pass)
    answers = await last_seat(facts, int(session.course))

    assert [type(each) for each in answers] == [dict, dict]
    assert await saved() == (2, 2, 2)


async def last_seat(facts: ContactFacts, course_id: int) -> list[Any]:
    return await asyncio.gather(
        *(
            class_bookings.book_and_log(
                facts, applicant, WantedClass(course_id), submission=f"{PRESS}-{number}", by=ICT
            )
            for number, applicant in enumerate((HANAKO, TARO))
        ),
        return_exceptions=True,
    )


async def test_h3_a_press_is_looked_up_again_once_it_was_refused(
    facts: ContactFacts, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two taps that both saw nothing entered; a control shows that one would fail otherwise."""
    session = await one_class(seats=1)
    asked = WantedClass(int(session.course))
    look = class_bookings._entered
    first_look = both_before(look)
    looked = []

    async def seen_by_both(submission: str) -> Any:
        looked.append(submission)
        return await (first_look if len(looked) <= 2 else look)(submission)

    monkeypatch.setattr(class_bookings, "_entered", seen_by_both)
    one, two = await asyncio.gather(
        *(
            class_bookings.book_and_log(facts, HANAKO, asked, submission=PRESS, by=ICT)
            for _ in range(2)
        )
    )
    assert (one["id"], len(looked)) == (two["id"], 3)

    async def sees_nothing(submission: str) -> None:
        """Nobody looks."""

    monkeypatch.setattr(class_bookings, "_entered", sees_nothing)
    with pytest.raises(Conflict):
        await class_bookings.book_and_log(facts, HANAKO, asked, submission=PRESS, by=ICT)


async def test_h3_a_refused_booking_leaves_no_contact(facts: ContactFacts) -> None:
    session = await one_class(seats=0)

    with pytest.raises(Refused, match="full"):
        await class_bookings.book_and_log(
            facts, HANAKO, WantedClass(int(session.course)), submission=PRESS, by=ICT
        )
    assert await saved() == (0, 0, 0)


async def test_h1_h3_a_refused_contact_leaves_no_booking(facts: ContactFacts) -> None:
    session = await one_class()
    noted = ContactFacts(
        facts.desk_id, facts.topic_id, "phone", "class_booked", note="番号は 123456789018 です"
    )

    with pytest.raises(Refused, match="My Number"):
        await class_bookings.book_and_log(
            noted, HANAKO, WantedClass(int(session.course)), submission=PRESS, by=ICT
        )
    assert await saved() == (0, 0, 0)
    [course] = await Course.select()
    assert course["taken"] == 0


async def test_b2_h3_who_has_a_place_already_is_told_so(facts: ContactFacts) -> None:
    session = await one_class()
    await bookings.book(HANAKO, int(session.course), submission="before-000000000001")

    with pytest.raises(AlreadyApplied):
        await class_bookings.book_and_log(
            facts, HANAKO, WantedClass(int(session.course)), submission=PRESS, by=ICT
        )
    assert (await saved())[::2] == (0, 0)


async def test_p1_venue_staff_book_at_the_desks_of_their_building_only(facts: ContactFacts) -> None:
    session = await one_class()
    elsewhere = Staff(roles=frozenset({"venue"}), venue_ids=frozenset({12345}))  # type: ignore[arg-type]

    with pytest.raises(Refused, match="another section or building"):
        await class_bookings.book_and_log(
            facts, HANAKO, WantedClass(int(session.course)), submission=PRESS, by=elsewhere
        )
    assert await saved() == (0, 0, 0)


async def test_h3_a_class_is_booked_for_a_contact_that_was_logged_before() -> None:
    session = await one_class()
    contact = await factories.make_contact(channel="counter")
    booking = await class_bookings.book_for(
        contact.id, HANAKO, WantedClass(int(session.course)), submission=PRESS, by=ICT
    )
    again = await class_bookings.book_for(
        contact.id, HANAKO, WantedClass(int(session.course)), submission=PRESS, by=ICT
    )

    assert (booking["contact"], booking["channel"]) == (contact.id, "counter")
    assert again["id"] == booking["id"]
    assert await saved() == (1, 1, 1)


async def test_h3_a_corrected_contact_is_booked_under_what_replaced_it() -> None:
    session = await one_class()
    contact = await factories.make_contact()
    facts = ContactFacts(int(contact.desk), int(contact.topic), "counter", "shown")
    newer = await corrections.correct(contact.id, facts, by=ICT)
    booking = await class_bookings.book_for(
        contact.id, HANAKO, WantedClass(int(session.course)), submission=PRESS, by=ICT
    )

    assert booking["contact"] == newer["id"]


async def test_t5_nothing_is_booked_from_a_contact_that_was_taken_back() -> None:
    session = await one_class()
    contact = await factories.make_contact()
    await corrections.void(contact.id, "mistaken", by=ICT)

    with pytest.raises(Refused, match="taken back"):
        await class_bookings.book_for(
            contact.id, HANAKO, WantedClass(int(session.course)), submission=PRESS, by=ICT
        )
    assert await saved() == (1, 0, 0)


async def test_h3_the_contact_knows_whether_the_person_came(facts: ContactFacts) -> None:
    session = await one_class()
    room = WantedClass(int(session.course))
    booked = await class_bookings.book_and_log(facts, HANAKO, room, submission=PRESS, by=ICT)
    other = await class_bookings.book_and_log(facts, TARO, room, submission=f"{PRESS}-2", by=ICT)
    plain = await factories.make_contact()
    asked = [booked["contact"], other["contact"], plain.id]

    assert await class_bookings.came([]) == {}
    assert await class_bookings.came(asked) == {asked[0]: "booked", asked[1]: "booked"}
    await bookings.cancel(other["id"], by=ICT)
    with clock.freeze(session.ends_at):
        await attendance.mark(session.id, {booked["id"]: Presence.absent}, by=ICT)
        assert await class_bookings.came(asked) == {asked[0]: "absent", asked[1]: "cancelled"}
        await attendance.mark(session.id, {booked["id"]: Presence.present}, by=ICT)
        assert await class_bookings.came(asked) == {asked[0]: "came", asked[1]: "cancelled"}


async def test_p1_nothing_is_booked_from_a_contact_of_another_building() -> None:
    session, here = await one_class(), await factories.make_venue()
    desk = await factories.make_desk(venue=(await factories.make_venue()).id)
    contact = await factories.make_contact(desk=desk.id)
    tomo = Staff(id=8, roles=frozenset({Role.venue}), venue_ids=frozenset({here.id}))

    with pytest.raises(Refused, match="another section or building"):
        await class_bookings.book_for(
            contact.id, HANAKO, WantedClass(int(session.course)), submission=PRESS, by=tomo
        )
    assert await saved() == (1, 0, 0)


@pytest.mark.parametrize("text", ["name", "remarks", "needs_other", "address"])
async def test_h1_no_text_of_a_booking_holds_a_my_number(facts: ContactFacts, text: str) -> None:
    session = await one_class()
    said: dict[str, Any] = {"postcode": "510-8601", text: "番号 1234-5678-9018"}
    applicant = replace(HANAKO, **said)

    assert class_bookings.holding_my_number(applicant) == text
    with pytest.raises(Refused, match="My Number"):
        await class_bookings.book_and_log(
            facts, applicant, WantedClass(int(session.course)), submission=PRESS, by=ICT
        )
    assert await saved() == (0, 0, 0)


class Corrector:
    """Corrects the contact between the booking and its link, and ends before or after it."""

    def __init__(self, contact: Contact) -> None:
        self.contact = contact
        self.begun = asyncio.Event()

    async def correct(self) -> dict[str, Any]:
        """Hold the contact, and only then let the booking go on to its link."""
        old = self.contact
        facts = ContactFacts(int(old.desk), int(old.topic), "phone", "shown", minutes=9)
        async with writing():
            new = await corrections.correct(old.id, facts, by=ICT)
            self.begun.set()
            await asyncio.sleep(0.2)  # the booking asks for the contact, and waits
            return new


@pytest.mark.engine("postgres")
async def test_h3_a_class_booked_while_its_contact_is_corrected_is_not_lost(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    session, contact = await one_class(), await factories.make_contact()
    corrector, book = Corrector(contact), bookings.book

    async def book_meanwhile(*given: Any, **named: Any) -> Any:
        booking = await book(*given, **named)
        correcting.set()
        await corrector.begun.wait()
        return booking

    correcting = asyncio.Event()
    monkeypatch.setattr(bookings, "book", book_meanwhile)

    async def correct() -> dict[str, Any]:
        await correcting.wait()
        return await corrector.correct()

    booking, new = await asyncio.gather(
        class_bookings.book_for(
            contact.id, HANAKO, WantedClass(int(session.course)), submission=PRESS, by=ICT
        ),
        correct(),
    )

    [link] = await ContactBooking.select()
    assert (link["booking"], link["contact"]) == (booking["id"], new["id"])
    assert booking["contact"] == new["id"]
    assert await class_bookings.came([new["id"]]) == {new["id"]: "booked"}


@pytest.mark.engine("postgres")
async def test_h3_without_its_lock_the_class_would_be_of_the_contact_before(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(corrections, "locked", hold_nobody)

    with pytest.raises(AssertionError):
        await test_h3_a_class_booked_while_its_contact_is_corrected_is_not_lost(
            database, monkeypatch
        )


async def test_t5_no_class_is_hung_on_a_contact_taken_back_in_that_moment() -> None:
    session, contact = await one_class(), await factories.make_contact()
    booking = await bookings.book(HANAKO, int(session.course), submission="before-000000000001")
    await corrections.void(contact.id, "mistaken", by=ICT)

    with pytest.raises(Refused, match="taken back"):
        await class_bookings.link(contact.id, booking["id"], by=ICT)

    assert await ContactBooking.count() == 0


@pytest.mark.parametrize(
    ("channel", "way"),
    [
        ("phone", "phone"),
        ("counter", "counter"),
        ("visit", "counter"),
        ("fax", "fax"),
        ("email", "web"),
    ],
)
async def test_b9_a_booking_keeps_how_its_contact_came_in(
    facts: ContactFacts, channel: str, way: str
) -> None:
    session = await one_class()
    asked = replace(facts, channel=channel)

    booking = await class_bookings.book_and_log(
        asked, HANAKO, WantedClass(int(session.course)), submission=PRESS, by=ICT
    )

    assert (booking["channel"], booking["booked_by"]) == (way, ICT.id)
