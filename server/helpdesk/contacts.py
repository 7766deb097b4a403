"""Contacts (対応記録): logged, and never overwritten (H1, H2, T5)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from server import clock, duration, kanji, notes, text
from server.audit import entries
from server.database import make_anew, writing
from server.helpdesk import desks, queries
from server.helpdesk.tables import Contact, Desk
from server.refusals import N_, Refused
from server.roles import Actor
from server.topics import procedures, topics

Row = dict[str, Any]

FURTHEST_BACK = timedelta(days=366)
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
    known = await known_of(facts, submission)
    shown = {name: known[name] for name in ("topic_name", "procedure_name", "logged_today")}
    if known["entered"] is not None:
        desks.check_own(known, by)
        first = await queries.pressed(Contact, submission)
        assert first is not None
        return _entered_here(first, facts) | shown
    desks.check_may_log(known, by)
    check_day(facts.contacted_at or clock.now(), hour_known=facts.hour_known)
    values = await columns_of(facts, known)
    shown["logged_today"] += values["contacted_on"] == clock.today()
    async with writing():
        return await enter(values, submission, by) | shown


async def columns_of(facts: ContactFacts, known: Row) -> Row:
    """The columns of a contact that may stand, wherever and whenever it was.

    `known` is its desk, with names (`_KNOWN`).
    """
    notes.check(facts.note)
    at = facts.contacted_at or clock.now()
    day = clock.on(at)
    minutes = facts.minutes
    if minutes is None:
        minutes = desks.default_minutes(known, facts.channel)
    duration.check(minutes)
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


async def get(contact_id: int) -> Row | None:
    """The contact of an id, or None."""
    found: Row | None = await Contact.select().where(Contact.id == contact_id).first()
    return found


async def last(desk_id: int, limit: int = 8) -> list[Row]:
    """What was logged last at a desk, newest first: with names, taken back ones too."""
    rows: list[Row] = await Contact.raw(_LAST, desk_id, limit)
    return rows


async def count_today(desk_id: int) -> int:
    """How many contacts of today stand at a desk."""
    rows = await Contact.raw(_TODAY, desk_id, clock.today())
    return int(rows[0]["number"] or 0)


async def index_anew() -> int:
    """Let contacts be found whichever kanji somebody writes; how many differed."""
    return await make_anew(Contact, Contact.search_text, Contact.search_text, kanji.common)


async def known_of(facts: ContactFacts, submission: str) -> Row:
    """The desk, the names that a search finds, and what the press has entered before.

    One statement. Refused for a desk that does not exist.
    """
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


async def enter(values: Row, submission: str, by: Actor, **facts: object) -> Row:
    """Insert a contact with checked `values`, once for a press; belongs inside `writing()`."""
    contact = Contact(
        submission=submission, recorded_at=clock.now(), recorded_by=by.id, void_reason="", **values
    )
    rows = await (
        Contact.insert(contact)
        .on_conflict(target=Contact.submission, action="DO NOTHING")
        .returning(*Contact.all_columns())
    )
    if not rows:  # the same press, a moment earlier
        first = await queries.pressed(Contact, submission)
        assert first is not None
        return first
    await entries.record("contact.logged", "contact", rows[0]["id"], by=by, **facts)
    return dict(rows[0])


def _entered_here(contact: Row, facts: ContactFacts) -> Row:
    """What a press has entered, for the desk where it was pressed (P1)."""
    if contact["desk"] != facts.desk_id:
        raise Refused(ANOTHER_DESK)
    return contact


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
