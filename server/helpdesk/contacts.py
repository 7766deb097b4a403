"""Contacts (対応記録): logged, undone, corrected; none is ever overwritten (H1, H2, T5)."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from server import clock, kanji, text
from server.audit import entries
from server.database import locked, make_anew, writing
from server.helpdesk import desks
from server.helpdesk.tables import (
    CallBack,
    Contact,
    ContactBooking,
    Desk,
    HandOver,
    MissingSettled,
)
from server.refusals import N_, Refused
from server.roles import Actor
from server.topics import procedures, topics

Row = dict[str, Any]

LONGEST_NOTE = 4000  # characters
FURTHEST_BACK = timedelta(days=366)
HOLDS_MY_NUMBER = N_(
    "This holds a My Number, which must not be written down here. Please take the twelve digits"
    " out and save again."
)
TOO_LONG = N_("Please use at most {number} characters.")
FUTURE = N_("This lies in the future.")
ANOTHER_DESK = N_("This press of the button was for another desk. Please begin anew.")


@dataclass(frozen=True)
class ContactFacts:
    """What is known of one contact. Everything but the first four is optional (H1, H2).

    `minutes` None are the desk's own for the channel, `contacted_at` None is now.
    """

    desk_id: int
    topic_id: int
    channel: str
    outcome: str
    procedure_id: int | None = None
    stuck: str = ""
    district_id: int | None = None
    age_band: str = ""
    minutes: int | None = None
    note: str = ""
    article_id: int | None = None
    answer_missing: bool = False
    contacted_at: datetime | None = None
    hour_known: bool = True
    person_id: int | None = None


async def log(facts: ContactFacts, *, submission: str, by: Actor) -> Row:
    """Enter a contact and return it, with `topic_name`, `procedure_name` and `logged_today`.

    The same `submission` answers with the first result of that desk. Three statements. Refused at
    a desk that is not hers, in the future or more than 366 days ago, for minutes of no day, for a
    topic or procedure that was retired by that day, and for a note with a My Number (H1).
    """
    known = await _known(facts, submission)
    shown = {name: known[name] for name in ("topic_name", "procedure_name", "logged_today")}
    if known["entered"] is not None:
        desks.check_own(known, by)
        return _entered_here(await _row(known["entered"]), facts) | shown
    desks.check_may_log(known, by)
    check_day(facts.contacted_at or clock.now(), hour_known=facts.hour_known)
    values = await _checked(facts, known)
    shown["logged_today"] += values["contacted_on"] == clock.today()
    async with writing():
        return await _insert(values, submission, by) | shown


async def _checked(facts: ContactFacts, known: Row) -> Row:
    """The columns of a contact that may stand, wherever and whenever it was.

    `known` is its desk, with names (`_KNOWN`).
    """
    check_note(facts.note)
    at = facts.contacted_at or clock.now()
    day = clock.on(at)
    minutes = facts.minutes
    if minutes is None:
        minutes = desks.default_minutes(known, facts.channel)
    check_minutes(minutes)
    if known["topic_unsure"]:
        await topics.check_offered(facts.topic_id, day)
    if facts.procedure_id is not None and known["procedure_unsure"]:
        await procedures.check_offered(facts.procedure_id, day)
    check_there(facts, known)
    return _columns(facts, known) | {
        "minutes": minutes,
        "contacted_at": at,
        "contacted_on": day,
        "weekday": day.isoweekday(),
        "hour": clock.local(at).hour if facts.hour_known else None,
    }


def check_note(words: str) -> None:
    """Free text of the helpdesk: at most 4,000 characters, and no valid My Number (H1)."""
    if len(words) > LONGEST_NOTE:
        raise Refused(TOO_LONG, number=LONGEST_NOTE)
    if text.holds_my_number(words):
        raise Refused(HOLDS_MY_NUMBER)


def check_minutes(minutes: int) -> None:
    """The minutes of one contact: none below zero, none above a day."""
    if not 0 <= minutes <= desks.MINUTES_OF_A_DAY:
        raise Refused("Minutes are at least 0 and at most 1440, a whole day.")


def check_day(at: datetime, *, hour_known: bool = True) -> None:
    """What is logged has happened, within the last 366 days; without its hour the day decides."""
    day, today = clock.on(at), clock.today()
    if day > today or (hour_known and at > clock.now()):
        raise Refused(FUTURE)
    if day < today - FURTHEST_BACK:
        raise Refused("This is more than a year ago.")


def check_there(facts: ContactFacts, known: Row) -> None:
    """The district and the answer that were picked exist."""
    if facts.district_id is not None and known["district_there"] is None:
        raise Refused("There is no such district.")
    if facts.article_id is not None and known["article_there"] is None:
        raise Refused("There is no such answer any more.")


async def void(contact_id: int, reason: str, *, by: Actor) -> Row:
    """Take a contact back: it stays, and counts no more (T5). Returns it as it stands.

    Refused without a reason, for a My Number in it (H1), when it has been taken back before, and
    at a desk that is not hers; one that is archived does not matter.
    """
    reason = reason.strip()
    if not reason:
        raise Refused("Please write why.")
    check_note(reason)
    async with writing():
        contact = await _held(contact_id, by)
        await _void(contact, reason, by)
        await entries.record("contact.voided", "contact", contact_id, by=by, reason=reason)
        return await _row(contact_id)


async def bring_back(contact_id: int, *, by: Actor) -> Row:
    """Undo an undo: the contact is entered anew as it was last, and what hung on it follows.

    Returns what counts now. Twice it is done once: where what replaced it stands, that is the
    answer. Refused for a contact that stands, and at a desk that is not hers.
    """
    async with writing():
        newest = await hold(contact_id)
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
    Refused when it was voided in the meantime.
    """
    async with writing():
        contact = await _held(contact_id, by)
        keeps_moment = facts.contacted_at is None
        if keeps_moment:
            facts = replace(
                facts,
                contacted_at=contact["contacted_at"],
                hour_known=contact["hour"] is not None,
            )
        known = await _known(facts, _correction(contact_id))
        known["topic_unsure"] &= contact["topic"] != facts.topic_id
        known["procedure_unsure"] &= contact["procedure"] != facts.procedure_id
        if facts.desk_id != contact["desk"]:
            desks.check_may_log(known, by)
        if not keeps_moment:
            assert facts.contacted_at is not None
            check_day(facts.contacted_at, hour_known=facts.hour_known)
        values = await _checked(facts, known)
        await _void(contact, "corrected", by)
        return await _entered_anew(contact, values, _correction(contact_id), by)


async def get(contact_id: int) -> Row | None:
    """The contact of an id, or None."""
    found: Row | None = await Contact.select().where(Contact.id == contact_id).first()
    return found


async def entered(submission: str) -> Row | None:
    """What one press has entered already, or None."""
    found: Row | None = await Contact.select().where(Contact.submission == submission).first()
    return found


async def current_id(contact_id: int) -> int:
    """The contact that stands for this one: what replaced it at last, else itself."""
    rows = await Contact.raw(_REPLACED, contact_id)
    return max((int(row["id"]) for row in rows), default=contact_id)


async def last(desk_id: int, limit: int = 8) -> list[Row]:
    """What was logged last at a desk, newest first: with names, taken back ones too."""
    rows: list[Row] = await Contact.raw(_LAST, desk_id, limit)
    return rows


async def count_today(desk_id: int) -> int:
    """How many contacts of today stand at a desk."""
    rows = await Contact.raw(_TODAY, desk_id, clock.today())
    return int(rows[0]["number"] or 0)


async def hold(contact_id: int) -> Row:
    """What stands for the contact at last, held for others until the change ends.

    It may have been taken back. Refused for one that does not exist.
    """
    held = 0
    while (current := await current_id(contact_id)) != held:  # corrected while we waited for it
        await locked(f"contact:{current}")
        held = current
    row = await get(held)
    if row is None:
        raise Refused("There is no such contact.")
    return row


async def link_booking(contact_id: int, booking_id: int, *, by: Actor) -> int:
    """Remember that a class was booked from a contact, or from what replaced it (H3).

    Returns the id of that contact. Refused where it was taken back. A booking is made before the
    contact is held: the order in which all are held.
    """
    async with writing():
        contact = await hold(contact_id)
        if contact["voided_at"] is not None:
            raise Refused(VOIDED)
        current = int(contact["id"])
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


async def index_anew() -> int:
    """Let contacts be found whichever kanji somebody writes; how many differed."""
    return await make_anew(Contact, Contact.search_text, Contact.search_text, kanji.common)


async def _known(facts: ContactFacts, submission: str) -> Row:
    """The desk, the names that a search finds, and whether the press has been entered before."""
    picked = (facts.district_id or 0, facts.article_id or 0)
    masters = (facts.topic_id, facts.procedure_id or 0)
    rows = await Desk.raw(_KNOWN, submission, *picked, clock.today(), *masters, facts.desk_id)
    if not rows:
        raise Refused("There is no such desk.")
    return {
        **rows[0],
        "logged_today": int(rows[0]["logged_today"] or 0),
        "topic_unsure": bool(rows[0]["topic_unsure"]),
        "procedure_unsure": bool(rows[0]["procedure_unsure"]),
    }


def _columns(facts: ContactFacts, known: Row) -> Row:
    words = (facts.note, known["topic_name"] or "", known["procedure_name"] or "")
    return {
        "desk": facts.desk_id,
        "topic": facts.topic_id,
        "procedure": facts.procedure_id,
        "stuck": facts.stuck,
        "channel": facts.channel,
        "outcome": facts.outcome,
        "district": facts.district_id,
        "age_band": facts.age_band,
        "note": facts.note,
        "article": facts.article_id,
        "answer_missing": facts.answer_missing,
        "person": facts.person_id,
        "search_text": text.search_text("\n".join(words)),
    }


async def _insert(values: Row, submission: str, by: Actor, **facts: object) -> Row:
    contact = Contact(
        submission=submission, recorded_at=clock.now(), recorded_by=by.id, void_reason="", **values
    )
    rows = await (
        Contact.insert(contact)
        .on_conflict(target=Contact.submission, action="DO NOTHING")
        .returning(*Contact.all_columns())
    )
    if not rows:  # the same press, a moment earlier
        first = await entered(submission)
        assert first is not None
        return first
    await entries.record("contact.logged", "contact", rows[0]["id"], by=by, **facts)
    return dict(rows[0])


def _entered_here(contact: Row, facts: ContactFacts) -> Row:
    """What a press has entered, for the desk where it was pressed (P1)."""
    if contact["desk"] != facts.desk_id:
        raise Refused(ANOTHER_DESK)
    return contact


def _correction(contact_id: int) -> str:
    """The submission of a correction. No page sends a word that begins with `~`."""
    return f"~correction-{contact_id}"


async def _row(contact_id: int) -> Row:
    return dict((await Contact.select().where(Contact.id == contact_id))[0])


async def _held(contact_id: int, by: Actor) -> Row:
    """The contact as it stands, held for others until the change ends."""
    await locked(f"contact:{contact_id}")
    contact = await _row(contact_id)
    await _check_own(contact, by)
    if contact["voided_at"] is not None:
        raise Refused(VOIDED)
    return contact


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
    new = await _insert(values, submission, by, replaces=contact["id"])
    await locked("missing")  # nobody settles the one before in this moment
    for table in (CallBack, HandOver, ContactBooking, MissingSettled):
        await table.update({"contact": new["id"]}).where(table.contact == contact["id"])
    return new


VOIDED = N_("This contact has been taken back in the meantime.")
STANDS = N_("This contact stands; there is nothing to undo.")

_KNOWN = """
SELECT desk.*, topic.name AS topic_name, procedure.name AS procedure_name,
    CASE WHEN topic.id IS NULL OR topic.retired_on IS NOT NULL OR topic.merged_into IS NOT NULL
        THEN 1 ELSE 0 END AS topic_unsure,
    CASE WHEN procedure.id IS NULL OR procedure.retired_on IS NOT NULL
        OR procedure.merged_into IS NOT NULL THEN 1 ELSE 0 END AS procedure_unsure,
    (SELECT contact.id FROM contact WHERE contact.submission = {}) AS entered,
    (SELECT district.id FROM district WHERE district.id = {}) AS district_there,
    (SELECT article.id FROM article WHERE article.id = {}) AS article_there,
    (SELECT SUM(contact.number) FROM contact WHERE contact.desk = desk.id
        AND contact.contacted_on = {} AND contact.voided_at IS NULL) AS logged_today
FROM desk
LEFT JOIN topic ON topic.id = {}
LEFT JOIN procedure ON procedure.id = {}
WHERE desk.id = {}
"""

_LAST = """
SELECT contact.*, topic.name AS topic_name, procedure.name AS procedure_name
FROM contact
JOIN topic ON topic.id = contact.topic
LEFT JOIN procedure ON procedure.id = contact.procedure
WHERE contact.desk = {}
    AND NOT EXISTS (SELECT 1 FROM contact AS newer WHERE newer.replaces = contact.id)
ORDER BY contact.id DESC LIMIT {}
"""

_TODAY = """
SELECT SUM(number) AS number FROM contact
WHERE desk = {} AND contacted_on = {} AND voided_at IS NULL
"""

_REPLACED = """
WITH RECURSIVE chain (id) AS (
    SELECT contact.id FROM contact WHERE contact.id = {}
    UNION ALL
    SELECT contact.id FROM contact JOIN chain ON contact.replaces = chain.id
)
SELECT id FROM chain
"""
