"""Contacts taken back, brought back and corrected: none is ever overwritten (T5)."""

from dataclasses import replace
from typing import Any

from server import clock, notes
from server.audit import entries
from server.database import locked, writing
from server.helpdesk import contacts, desks
from server.helpdesk.contacts import ContactFacts
from server.helpdesk.tables import (
    CallBack,
    Contact,
    ContactBooking,
    ContactOutcome,
    HandOver,
    MissingSettled,
)
from server.refusals import N_, Refused
from server.roles import Actor

Row = dict[str, Any]

VOIDED = N_("This contact has been taken back in the meantime.")
STANDS = N_("This contact stands; there is nothing to undo.")

# An outcome that promises something, with what then hangs on its contact (H3, H4) ...
HANGING: dict[str, Any] = {
    ContactOutcome.class_booked: ContactBooking,
    ContactOutcome.call_back: CallBack,
    ContactOutcome.handed_on: HandOver,
}
# ... and where that is done, for nothing of it comes about by a correction.
INSTEAD: dict[str, str] = {
    ContactOutcome.class_booked: N_(
        "No class is booked from this contact yet. Please book it with “Book a class” on the page"
        " of the contact first; then this outcome can be chosen."
    ),
    ContactOutcome.call_back: N_(
        "No call-back of this contact is promised yet. Please promise it with “Promise a call-back”"
        " on the page of the contact first; then this outcome can be chosen."
    ),
    ContactOutcome.handed_on: N_(
        "No question of this contact is handed on yet. Please hand it on with “Hand to a section”"
        " on the page of the contact first; then this outcome can be chosen."
    ),
}


async def void(contact_id: int, reason: str, *, by: Actor) -> Row:
    """Take a contact back: it stays, and counts no more (T5). Returns it as it stands.

    Twice by the same person for the same reason it is done once. Refused without a reason, for a
    My Number in it (H1), when somebody else has taken it back before, and at a desk that is not
    hers; one that is archived does not matter.
    """
    reason = reason.strip()
    if not reason:
        raise Refused("Please write why.")
    notes.check(reason)
    async with writing():
        contact = await _locked(contact_id, by)
        if await _is_voided_by(contact, reason, by):
            return contact
        _check_stands(contact)
        await _void(contact, reason, by)
        await entries.record("contact.voided", "contact", contact_id, by=by)
        return await _row(contact_id)


async def bring_back(contact_id: int, *, by: Actor) -> Row:
    """Undo an undo: the contact is entered anew as it was last, and what hung on it follows.

    Returns what counts now. Twice it is done once: where what replaced it stands, that is the
    answer. Refused for a contact that stands, and at a desk that is not hers.
    """
    async with writing():
        newest = await _hold(contact_id)
        await _check_own(newest, by)
        if newest["voided_at"] is not None:
            return await _entered_anew(newest, {}, f"~again-{newest['id']}", by)
        if newest["id"] == contact_id:
            raise Refused(STANDS)
        return newest


async def correct(contact_id: int, facts: ContactFacts, *, by: Actor) -> Row:
    """Void a contact and enter it anew with `facts`; returns the new one (T5).

    Its call-back, hand-over and booked class follow it. `contacted_at` None keeps the moment, and
    what was not changed is not checked again: an archived desk, a day long ago, a retired topic.
    Refused when it was voided in the meantime, and for an outcome that is not one of `outcomes`.
    """
    async with writing():
        contact = await _locked(contact_id, by)
        _check_stands(contact)
        if not await _may_be(contact, facts.outcome):
            raise Refused(INSTEAD[facts.outcome])
        keeps_moment = facts.contacted_at is None
        if keeps_moment:
            facts = replace(
                facts,
                contacted_at=contact["contacted_at"],
                hour_known=contact["hour"] is not None,
            )
        known = await contacts.known_of(facts, _correction(contact_id))
        known["topic_unsure"] &= contact["topic"] != facts.topic_id
        known["procedure_unsure"] &= contact["procedure"] != facts.procedure_id
        if facts.desk_id != contact["desk"]:
            desks.check_may_log(known, by)
        if not keeps_moment:
            assert facts.contacted_at is not None
            contacts.check_day(facts.contacted_at, hour_known=facts.hour_known)
        values = await contacts.columns_of(facts, known)
        await _void(contact, "corrected", by)
        return await _entered_anew(contact, values, _correction(contact_id), by)


async def outcomes(contact: Row) -> list[str]:
    """The outcomes that a correction may give a contact (H3, H4).

    That a class was booked, a call-back promised or a question handed on is among them only where
    the contact says so already, or where that hangs on it.
    """
    return [each for each in ContactOutcome if await _may_be(contact, each)]


async def current_id(contact_id: int) -> int:
    """The contact that stands for this one: what replaced it at last, else itself."""
    rows = await Contact.raw(_REPLACED, contact_id)
    return max((int(row["id"]) for row in rows), default=contact_id)


async def current(contact_id: int) -> Row | None:
    """What stands for the contact at last, which may have been taken back; None without one."""
    return await contacts.get(await current_id(contact_id))


async def hold_standing(contact_id: int) -> Row:
    """What stands for the contact at last, held for others until something hangs on it.

    Refused for one that does not exist or was taken back, and for a tally: it is of nobody in
    particular.
    """
    contact = await _hold(contact_id)
    _check_stands(contact)
    if contact["tally"]:
        raise Refused("Nothing is booked, promised or handed on from a paper tally.")
    return contact


def takes_on(contact: Row) -> bool:
    """May something be booked, promised or handed on from it?"""
    return contact["voided_at"] is None and not contact["tally"]


async def _hold(contact_id: int) -> Row:
    """What stands for the contact at last, held; it may have been taken back.

    Refused for one that does not exist.
    """
    held = 0
    while (newest := await current_id(contact_id)) != held:  # corrected while we waited for it
        await locked(f"contact:{newest}")
        held = newest
    row = await contacts.get(held)
    if row is None:
        raise Refused("There is no such contact.")
    return row


def _correction(contact_id: int) -> str:
    """The submission of a correction. No page sends a word that begins with `~`."""
    return f"~correction-{contact_id}"


async def _row(contact_id: int) -> Row:
    return dict((await Contact.select().where(Contact.id == contact_id))[0])


async def _locked(contact_id: int, by: Actor) -> Row:
    """The contact, held for others until the change ends; Refused at a desk that is not hers."""
    await locked(f"contact:{contact_id}")
    contact = await _row(contact_id)
    await _check_own(contact, by)
    return contact


def _check_stands(contact: Row) -> None:
    if contact["voided_at"] is not None:
        raise Refused(VOIDED)


async def _is_voided_by(contact: Row, reason: str, by: Actor) -> bool:
    """Has she taken it back for this reason, and does nothing stand in its place?"""
    same = (contact["voided_by"], contact["void_reason"]) == (by.id, reason)
    return same and await current_id(contact["id"]) == contact["id"]


async def _may_be(contact: Row, outcome: str) -> bool:
    if outcome == contact["outcome"] or outcome not in HANGING:
        return True
    table = HANGING[outcome]
    return bool(await table.exists().where(table.contact == contact["id"]))


async def _check_own(contact: Row, by: Actor) -> None:
    desk = await desks.get(contact["desk"])
    assert desk is not None
    desks.check_own(desk, by)


async def _void(contact: Row, reason: str, by: Actor) -> None:
    await Contact.update(
        {
            Contact.voided_at: clock.now(),
            Contact.voided_by: by.id,
            Contact.void_reason: reason,
        }
    ).where((Contact.id == contact["id"]) & Contact.voided_at.is_null())


async def _entered_anew(contact: Row, changes: Row, submission: str, by: Actor) -> Row:
    """Enter a contact again with changes; what hung on the one before follows."""
    dropped = {"id", "submission", *(each for each in contact if each.startswith(("rec", "void")))}
    kept = {name: value for name, value in contact.items() if name not in dropped}
    values = {**kept, **changes, "replaces": contact["id"]}
    new = await contacts.enter(values, submission, by, replaces=contact["id"])
    await locked("missing")  # nobody settles the one before in this moment
    for table in (CallBack, HandOver, ContactBooking, MissingSettled):
        await table.update({"contact": new["id"]}).where(table.contact == contact["id"])
    return new


_REPLACED = """
WITH RECURSIVE chain (id) AS (
    SELECT contact.id FROM contact WHERE contact.id = {}
    UNION ALL
    SELECT contact.id FROM contact JOIN chain ON contact.replaces = chain.id
)
SELECT id FROM chain
"""
