"""T5: a contact is taken back, brought back and corrected, and never overwritten."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from server import clock
from server.audit.tables import AuditEntry
from server.classes import bookings
from server.helpdesk import class_bookings, contacts, corrections, desks, hand_overs
from server.helpdesk.contacts import ContactFacts
from server.helpdesk.tables import CallBack, Contact, ContactBooking, ContactOutcome, HandOver
from server.refusals import Refused
from server.roles import Role
from server.topics import topics
from tests import factories
from tests.classes.staff_cast import HANAKO, Staff
from tests.databases import Database
from tests.helpdesk.call_back_cast import operator, promised
from tests.helpdesk.contact_cast import ADMINISTRATOR, MARI, asked, log
from tests.unlocked import unlock

TAKEN_BACK = "^This contact has been taken back in the meantime.$"


@pytest.fixture(autouse=True)
async def now(database: Database, frozen_now: datetime) -> None:
    """Saturday 21 November 2026, 10 in the morning, for every test here."""


async def test_p2_the_audit_keeps_no_word_of_why_a_contact_was_taken_back() -> None:
    contact = await log(await asked())

    voided = await corrections.void(contact["id"], "山田花子さんは別の記録", by=MARI)

    assert voided["void_reason"] == "山田花子さんは別の記録"
    [entry] = await AuditEntry.select().where(AuditEntry.action == "contact.voided")
    assert (entry["subject_id"], entry["facts"]) == (contact["id"], "{}")


async def test_t5_a_contact_taken_back_stays_and_counts_no_more() -> None:
    facts = await asked()
    contact = await log(facts)
    assert await contacts.count_today(facts.desk_id) == 1

    voided = await corrections.void(contact["id"], "undone", by=MARI)

    assert await contacts.count_today(facts.desk_id) == 0
    assert (voided["voided_at"], voided["voided_by"]) == (clock.now(), MARI.id)
    assert voided["void_reason"] == "undone"
    with pytest.raises(Refused, match=TAKEN_BACK):
        await corrections.void(contact["id"], "again", by=MARI)


async def test_t5_an_undo_is_undone_by_entering_the_contact_anew() -> None:
    facts = await asked(note="送り方")
    contact = await log(facts)
    await corrections.void(contact["id"], "undone", by=MARI)

    again, twice = [await corrections.bring_back(contact["id"], by=MARI) for _ in range(2)]

    assert again["id"] == twice["id"]
    assert (again["replaces"], again["note"]) == (contact["id"], "送り方")
    assert await contacts.count_today(facts.desk_id) == 1
    assert await corrections.current_id(contact["id"]) == again["id"]
    assert [row["id"] for row in await contacts.last(facts.desk_id)] == [again["id"]]
    with pytest.raises(Refused, match=r"^This contact stands"):
        await corrections.bring_back(again["id"], by=MARI)


async def test_t5_a_correction_voids_and_enters_anew_and_what_hung_on_it_follows() -> None:
    contact = await log(await asked())
    call_back = CallBack(
        contact=contact["id"],
        name="山田花子",
        reading="",
        phone="059-354-0000",
        phone_key="0593540000",
        about="",
        due_at=clock.now(),
        recorded_at=clock.now(),
        outcome="",
    )
    hand_over = HandOver(
        contact=contact["id"],
        section=(await factories.make_section()).id,
        question="いつからですか",
        asked_at=clock.now(),
        answer="",
    )
    for row in (call_back, hand_over):
        await row.save()
    changed = await asked(desk_id=contact["desk"], outcome="shown", minutes=20)

    new = await corrections.correct(contact["id"], changed, by=MARI)

    old = await contacts.get(contact["id"])
    assert old is not None
    assert (old["voided_at"], old["void_reason"], old["outcome"]) == (
        clock.now(),
        "corrected",
        "answered",
    )
    assert (new["replaces"], new["outcome"], new["minutes"]) == (contact["id"], "shown", 20)
    assert new["contacted_at"] == contact["contacted_at"]
    assert await CallBack.select(CallBack.contact).output(as_list=True) == [new["id"]]
    assert await HandOver.select(HandOver.contact).output(as_list=True) == [new["id"]]
    with pytest.raises(Refused, match=TAKEN_BACK):
        await corrections.correct(contact["id"], changed, by=MARI)


async def test_t5_what_was_not_changed_may_be_corrected_after_the_topic_has_gone() -> None:
    facts = await asked()
    contact = await log(facts)
    await topics.retire(facts.topic_id, clock.today(), version=1, by=ADMINISTRATOR)

    new = await corrections.correct(
        contact["id"], ContactFacts(**{**vars(facts), "note": "追記"}), by=MARI
    )

    assert (new["topic"], new["note"]) == (facts.topic_id, "追記")


async def test_t5_two_corrections_at_once_leave_one(database: Database) -> None:
    facts = await asked()
    contact = await log(facts)

    answers = await asyncio.gather(
        *(corrections.correct(contact["id"], facts, by=MARI) for _ in range(4)),
        return_exceptions=True,
    )

    assert sum(isinstance(answer, Refused) for answer in answers) == 3
    assert await Contact.count().where(Contact.voided_at.is_null()) == 1


@pytest.mark.engine("postgres")
async def test_t5_without_its_lock_nobody_is_told_that_the_contact_was_corrected_already(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    facts = await asked()
    contact = await log(facts)
    unlock(monkeypatch, corrections)

    answers = await asyncio.gather(
        *(corrections.correct(contact["id"], facts, by=MARI) for _ in range(2)),
        return_exceptions=True,
    )

    assert not any(isinstance(answer, Refused) for answer in answers)


async def test_h3_a_contact_remembers_the_booking(database: Database) -> None:
    contact = await log(await asked())
    course = await factories.make_course()

    await factories.make_class_session(course=course.id)
    booking = await bookings.book(HANAKO, course.id, submission="a")

    await class_bookings.link(contact["id"], booking["id"], by=MARI)
    new = await corrections.correct(contact["id"], await asked(outcome="class_booked"), by=MARI)

    rows = await ContactBooking.select(ContactBooking.contact, ContactBooking.booking)
    assert rows == [{"contact": new["id"], "booking": booking["id"]}]


async def test_t5_undone_twice_the_newest_of_the_chain_counts_again() -> None:
    facts = await asked(note="送り方")
    first = await log(facts)
    await corrections.void(first["id"], "undone", by=MARI)
    second = await corrections.bring_back(first["id"], by=MARI)
    await corrections.void(second["id"], "undone", by=MARI)

    again, twice = [await corrections.bring_back(first["id"], by=MARI) for _ in range(2)]

    assert (again["replaces"], again["voided_at"]) == (second["id"], None)
    assert twice["id"] == again["id"]
    assert await contacts.count_today(facts.desk_id) == 1


async def test_t5_at_an_archived_desk_a_contact_is_corrected_taken_back_and_back_again() -> None:
    facts = await asked()
    contact = await log(facts)
    await desks.archive(facts.desk_id, version=1, by=ADMINISTRATOR)

    new = await corrections.correct(contact["id"], replace(facts, note="追記"), by=MARI)
    await corrections.void(new["id"], "mistaken", by=MARI)
    again = await corrections.bring_back(new["id"], by=MARI)

    assert (again["note"], again["voided_at"]) == ("追記", None)
    with pytest.raises(Refused, match="no longer in use"):
        await log(facts, "press-0000000002")
    elsewhere = await log(await asked(topic_id=facts.topic_id), "press-0000000003")
    with pytest.raises(Refused, match="no longer in use"):
        await corrections.correct(elsewhere["id"], facts, by=MARI)


async def test_t5_a_contact_of_long_ago_is_corrected_where_its_moment_stays() -> None:
    long_ago = clock.now() - timedelta(days=400)
    contact = await factories.make_contact(contacted_at=long_ago, note="山田花子")
    facts = await asked(desk_id=contact.desk, topic_id=contact.topic)

    new = await corrections.correct(contact.id, facts, by=MARI)

    assert (new["note"], new["contacted_at"]) == ("", long_ago)
    moved = replace(facts, contacted_at=long_ago + timedelta(minutes=1))
    with pytest.raises(Refused, match="more than a year ago"):
        await corrections.correct(new["id"], moved, by=MARI)


async def test_h1_the_reason_holds_no_my_number() -> None:
    contact = await log(await asked())
    with pytest.raises(Refused, match="My Number"):
        await corrections.void(contact["id"], "本人 1234-5678-9018", by=MARI)
    assert (await contacts.get(contact["id"]) or {})["voided_at"] is None


@pytest.mark.parametrize("outcome", ["class_booked", "call_back", "handed_on"])
async def test_h3_h4_nothing_is_promised_by_a_correction(outcome: str) -> None:
    contact = await log(await asked())
    facts = await asked(desk_id=contact["desk"], topic_id=contact["topic"], outcome=outcome)
    await hang(outcome, (await factories.make_contact()).id)

    assert await corrections.outcomes(contact) == ["answered", "shown"]
    with pytest.raises(Refused, match="on the page of the contact first"):
        await corrections.correct(contact["id"], facts, by=MARI)

    assert (await contacts.get(contact["id"]) or {})["voided_at"] is None


@pytest.mark.parametrize("outcome", ["class_booked", "call_back", "handed_on"])
async def test_h3_h4_an_outcome_stays_and_may_be_said_of_what_hangs_on_the_contact(
    outcome: str,
) -> None:
    facts = await asked()
    said = await log(replace(facts, outcome=outcome))
    assert outcome in await corrections.outcomes(said)
    stays = await corrections.correct(said["id"], replace(facts, outcome=outcome), by=MARI)
    assert stays["outcome"] == outcome

    contact = await log(facts, "press-0000000002")
    await hang(outcome, contact["id"])
    assert await corrections.outcomes(contact) == [
        each for each in ContactOutcome if each in {"answered", "shown", outcome}
    ]
    new = await corrections.correct(contact["id"], replace(facts, outcome=outcome), by=MARI)
    assert new["outcome"] == outcome


async def hang(outcome: str, contact_id: int) -> None:
    """What the outcome promises."""
    if outcome == "class_booked":
        session = await factories.make_class_session(seats=5)
        booking = await bookings.book(HANAKO, session.course, submission="a")
        await class_bookings.link(contact_id, booking["id"], by=MARI)
    elif outcome == "call_back":
        await promised(await operator(), contact_id)
    else:
        section = await factories.make_section()
        await hand_overs.ask(contact_id, section.id, "質問", submission=None, by=MARI)


async def test_t5_taken_back_twice_by_the_same_person_is_once() -> None:
    facts = await asked()
    contact = await log(facts)
    first, second = [await corrections.void(contact["id"], "twice", by=MARI) for _ in range(2)]

    assert first == second
    assert await AuditEntry.count().where(AuditEntry.action == "contact.voided") == 1
    taro = Staff(id=8, roles=MARI.roles)
    with pytest.raises(Refused, match=TAKEN_BACK):
        await corrections.void(contact["id"], "twice", by=taro)
    await corrections.bring_back(contact["id"], by=MARI)
    with pytest.raises(Refused, match=TAKEN_BACK):
        await corrections.void(contact["id"], "twice", by=MARI)


async def test_p1_what_a_correction_moved_to_another_building_is_brought_back_there() -> None:
    here, elsewhere = [await factories.make_venue() for _ in range(2)]
    facts = await asked(desk_id=(await factories.make_desk(venue=here.id)).id)
    contact = await log(facts)
    moved = replace(facts, desk_id=(await factories.make_desk(venue=elsewhere.id)).id)
    new = await corrections.correct(contact["id"], moved, by=MARI)
    await corrections.void(new["id"], "twice", by=MARI)
    of_here, of_elsewhere = [
        Staff(id=8, roles=frozenset({Role.venue}), venue_ids=frozenset({venue.id}))
        for venue in (here, elsewhere)
    ]

    with pytest.raises(Refused, match="another section or building"):
        await corrections.bring_back(contact["id"], by=of_here)

    assert await contacts.count_today(moved.desk_id) == 0
    await corrections.bring_back(contact["id"], by=of_elsewhere)
    assert await contacts.count_today(moved.desk_id) == 1


async def test_p1_a_correction_moves_a_contact_to_a_desk_of_hers_only() -> None:
    here, elsewhere = [await factories.make_venue() for _ in range(2)]
    facts = await asked(desk_id=(await factories.make_desk(venue=here.id)).id)
    contact = await log(facts)
    moved = replace(facts, desk_id=(await factories.make_desk(venue=elsewhere.id)).id)
    tomo = Staff(id=8, roles=frozenset({Role.venue}), venue_ids=frozenset({here.id}))

    with pytest.raises(Refused, match="another section or building"):
        await corrections.correct(contact["id"], moved, by=tomo)

    row = await contacts.get(contact["id"])
    assert row is not None
    assert (row["desk"], row["voided_at"]) == (facts.desk_id, None)
