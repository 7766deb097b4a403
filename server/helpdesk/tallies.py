"""A paper tally, entered as totals: one contact row per topic and outcome, all or nothing (H1)."""

import hashlib
from collections.abc import Mapping
from datetime import date, time
from typing import Any

from server import clock, text
from server.audit import entries
from server.database import locked, writing
from server.helpdesk import contacts, corrections, desks
from server.helpdesk.tables import Contact, ContactOutcome
from server.refusals import N_, Refused
from server.roles import Actor
from server.topics import topics

Row = dict[str, Any]

MOST_IN_A_CELL = 999
MOST_CELLS = 10_000
NOON = time(12, 0)
NOTHING = N_("There is no number in the tally yet.")
BOOKED_APART = N_(
    "A class is booked together with its contact, so a tally does not count it. Please book these"
    " at the desk; the contact is logged along with the booking."
)
OUTCOMES = tuple(each for each in ContactOutcome if each != ContactOutcome.class_booked)


async def enter(
    desk_id: int,
    on: date,
    channel: str,
    numbers: Mapping[tuple[int, str], int],
    *,
    submission: str,
    by: Actor,
) -> int:
    """Enter the numbers of one day by topic id and outcome; returns how many contacts that is.

    The hour is not known, the minutes are the desk's own for the channel. The same `submission`
    answers with the first result. Refused as `contacts.log`, for nothing at all, for a cell of
    less than one or more than 999, and for classes booked: each has a booking (H3).
    """
    desk = await desks.get(desk_id)
    if desk is None:
        raise Refused("There is no such desk.")
    desks.check_may_log(desk, by)
    _check_numbers(numbers)
    _check_day(on)
    async with writing():
        await locked(f"tally:{submission}")
        first = await entered(submission)
        if first:
            if all(row["desk"] != desk_id for row in first):
                raise Refused(contacts.ANOTHER_DESK)
            return sum(row["number"] for row in first)
        if any(outcome not in OUTCOMES for _topic, outcome in numbers):
            raise Refused(BOOKED_APART)
        names = {each: await _offered_name(each, on) for each, _outcome in numbers}
        common = _common(desk, on, channel, by)
        rows = [
            Contact(
                **common,
                **_cell(topic_id, names[topic_id], outcome, number),
                submission=_submission(submission, place),
            )
            for place, ((topic_id, outcome), number) in enumerate(sorted(numbers.items()))
        ]
        await Contact.insert(*rows)
        total = sum(numbers.values())
        await entries.record(
            "tally.entered", "desk", desk_id, by=by, on=on, channel=channel, number=total
        )
        return total


async def void(submission: str, reason: str, *, by: Actor) -> int:
    """Take all of a tally back that still stands; returns how many contacts that were.

    What was corrected meanwhile is taken back as well. Twice by the same person it is done once.
    Refused where nothing of it stands.
    """
    async with writing():
        await locked(f"tally:{submission}")
        rows = await entered(submission)
        standing = [row for row in rows if row["voided_at"] is None]
        for row in standing:
            await corrections.void(row["id"], reason, by=by)
        taken = standing or [
            row for row in rows if (row["voided_by"], row["void_reason"]) == (by.id, reason)
        ]
        if not taken:
            raise Refused("This tally has been taken back already.")
        return sum(row["number"] for row in taken)


async def entered(submission: str) -> list[Row]:
    """The rows that one press has entered, or what replaced them; taken back ones too."""
    first, last = _submission(submission, 0), _submission(submission, MOST_CELLS - 1)
    rows: list[Row] = await Contact.raw(_ENTERED, first, last)
    return rows


def _check_numbers(numbers: Mapping[tuple[int, str], int]) -> None:
    if not numbers:
        raise Refused(NOTHING)
    if len(numbers) > MOST_CELLS:
        raise Refused("One tally takes at most {number} numbers.", number=MOST_CELLS)
    if any(not 1 <= number <= MOST_IN_A_CELL for number in numbers.values()):
        raise Refused("A number in the tally is at least 1 and at most 999.")


def _check_day(on: date) -> None:
    contacts.check_day(clock.at(on, NOON), hour_known=False)


async def _offered_name(topic_id: int, on: date) -> str:
    return str((await topics.check_offered(topic_id, on))["name"])


def _common(desk: Row, on: date, channel: str, by: Actor) -> Row:
    now = clock.now()
    return {
        "desk": desk["id"],
        "stuck": "",
        "channel": channel,
        "age_band": "",
        "minutes": desks.default_minutes(desk, channel),
        "tally": True,
        "note": "",
        "contacted_at": min(clock.at(on, NOON), now),
        "contacted_on": on,
        "weekday": on.isoweekday(),
        "hour": None,
        "recorded_at": now,
        "recorded_by": by.id,
        "void_reason": "",
    }


def _cell(topic_id: int, topic_name: str, outcome: str, number: int) -> Row:
    found_by = text.search_text(topic_name)
    return {"topic": topic_id, "outcome": outcome, "number": number, "search_text": found_by}


def _submission(press: str, place: int) -> str:
    """The submission of a tally's row: a press's own words may be 40 long already.

    All are equally long, with their digits and marks in the same places, so that those of a press
    are a range in any collation. No page sends a word that begins with `~`.
    """
    return f"~tally-{hashlib.sha256(press.encode()).hexdigest()[:24]}-{place:04d}"


_ENTERED = """
WITH RECURSIVE chain (id) AS (
    SELECT contact.id FROM contact WHERE contact.submission >= {} AND contact.submission <= {}
        AND contact.tally AND contact.replaces IS NULL
    UNION ALL
    SELECT contact.id FROM contact JOIN chain ON contact.replaces = chain.id
)
SELECT contact.id, contact.desk, contact.number, contact.voided_at, contact.voided_by,
    contact.void_reason, contact.contacted_on, contact.channel
FROM chain JOIN contact ON contact.id = chain.id
WHERE NOT EXISTS (SELECT 1 FROM contact AS newer WHERE newer.replaces = contact.id)
ORDER BY contact.id
"""
