"""Call-backs (折り返し): due at an instant, each with an owner, until they are done (H4)."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from server import clock, notes, text
from server.audit import entries
from server.database import locked, writing
from server.helpdesk import call_list, corrections, due_times, hand_overs, queries
from server.helpdesk.tables import AttemptResult, CallAttempt, CallBack
from server.people import matching
from server.people.matching import Identity
from server.refusals import Refused, Stale
from server.roles import Actor

Row = dict[str, Any]


@dataclass(frozen=True)
class CallBackFacts:
    """Whom to phone, at which number, what about, by when, and who sees to it.

    Without a reading nobody is looked for among the people that are known; without an owner it is
    for whoever is there.
    """

    name: str
    reading: str
    phone: str
    about: str
    due_at: datetime
    owner_id: int | None = None
    waited_since: datetime | None = None  # when it was promised, where it comes in late


async def promise(
    contact_id: int, facts: CallBackFacts, *, submission: str | None, by: Actor
) -> Row:
    """Promise that somebody will be phoned, and return the call-back; it mails nobody (H4).

    `submission` names one press of the button: pressed again, it answers with the first result.
    Refused without a name or a sound phone number, due in the past or beyond 60 days, for a My
    Number (H1), for an owner who stands at no desk.
    """
    facts = _checked(facts)
    async with writing():
        person_id = await _person(facts)  # before the contact: the order in which all are held
        contact = await corrections.hold_standing(contact_id)
        first = await queries.pressed(CallBack, submission)
        if first is not None:
            return first
        due_times.check(facts.due_at, waited_since=facts.waited_since)
        await _check_owner(facts.owner_id)
        rows = await CallBack.insert(
            CallBack(
                contact=contact["id"],
                person=person_id,
                name=facts.name,
                reading=facts.reading,
                phone=facts.phone,
                phone_key=text.phone_key(facts.phone),
                about=facts.about,
                due_at=facts.due_at,
                owner=facts.owner_id,
                submission=submission,
                recorded_at=clock.now(),
                recorded_by=by.id,
            )
        ).returning(*CallBack.all_columns())
        await entries.record(
            "call_back.promised",
            "call_back",
            rows[0]["id"],
            by=by,
            contact=contact["id"],
            due_at=facts.due_at,
            owner=facts.owner_id,
        )
        return dict(rows[0])


async def attempt(
    call_back_id: int, result: AttemptResult, note: str, *, submission: str | None, by: Actor
) -> Row:
    """Note one try to phone, and return it; the call-back stays open.

    `submission` names one press of the button. Refused once somebody has settled it.
    """
    note = _checked_words(note)
    async with writing():
        row = await _held(call_back_id)
        first = await queries.pressed(CallAttempt, submission)
        if first is not None:
            return first
        check_open(row, by)
        rows = await CallAttempt.insert(
            CallAttempt(
                call_back=call_back_id,
                result=result,
                note=note,
                attempted_at=clock.now(),
                attempted_by=by.id,
                submission=submission,
            )
        ).returning(*CallAttempt.all_columns())
        await entries.record("call_back.tried", "call_back", call_back_id, by=by, result=result)
        return dict(rows[0])


async def withdraw(attempt_id: int, *, by: Actor) -> None:
    """Take back a try that was noted by mistake: it stays on record, and is shown nowhere (T5).

    Twice, it stays so. Refused for somebody else's.
    """
    async with writing():
        await locked(f"call_attempt:{attempt_id}")
        row = await CallAttempt.select().where(CallAttempt.id == attempt_id).first()
        if row is None or row["voided_at"] is not None:
            return
        if row["attempted_by"] != by.id:
            raise Refused("Somebody else has noted this try.")
        await CallAttempt.update({CallAttempt.voided_at: clock.now()}).where(
            CallAttempt.id == attempt_id
        )
        await entries.record(
            "call_back.try_withdrawn",
            "call_back",
            row["call_back"],
            by=by,
            result=row["result"],
            attempted_at=row["attempted_at"],
        )


async def finish(call_back_id: int, outcome: str, *, version: int, by: Actor) -> Row:
    """It is done: it stands on no list any more. Returns the call-back (H4).

    Answers of sections that had come back are taken up with it. Finished twice by the same person
    with the same words it is one; refused once it is settled otherwise; Stale when it was moved or
    an answer has come back since `version`.
    """
    outcome = _checked_words(outcome)
    async with writing():
        row = await _held(call_back_id)
        done = row["done_at"] is not None
        if done and (row["done_by"], row["outcome"]) == (by.id, outcome):
            return row
        check_open(row, by)
        _check_version(row, version)
        await hand_overs.take_up_of(row["contact"], by=by)
        values = {
            CallBack.done_at: clock.now(),
            CallBack.done_by: by.id,
            CallBack.outcome: outcome,
        }
        return await _change(row, values, "call_back.done", by)


async def reopen(call_back_id: int, *, by: Actor) -> Row:
    """It is not done after all and stands on the list again; twice, it stays so."""
    async with writing():
        row = await _held(call_back_id)
        if row["done_at"] is None:
            return row
        values = {CallBack.done_at: None, CallBack.done_by: None}
        return await _change(row, values, "call_back.reopened", by)


async def move(
    call_back_id: int, due_at: datetime, owner_id: int | None, *, version: int, by: Actor
) -> Row:
    """Another time, another owner. Returns the call-back; the same values twice are one change.

    Refused for a new time in the past or beyond 60 days, for an owner who stands at no desk,
    and once it is settled; Stale when somebody else has changed it since `version`.
    """
    async with writing():
        row = await _held(call_back_id)
        check_open(row, by)
        if (row["due_at"], row["owner"]) == (due_at, owner_id):
            return row
        _check_version(row, version)
        if due_at != row["due_at"]:
            due_times.check(due_at)
        if owner_id != row["owner"]:
            await _check_owner(owner_id)
        return await _change(
            row,
            {CallBack.due_at: due_at, CallBack.owner: owner_id},
            "call_back.moved",
            by,
            was_due_at=row["due_at"],
            due_at=due_at,
            was_owner=row["owner"],
            owner=owner_id,
        )


def check_open(row: Row, by: Actor) -> None:
    """Once it is settled there is nobody to phone."""
    if row["done_at"] is None:
        return
    if row["done_by"] == by.id:
        raise Refused("You have already settled this call-back yourself.")
    raise Refused("Somebody else has already settled this call-back.")


def _check_version(row: Row, version: int) -> None:
    if row["version"] != version:
        raise Stale(row)


async def _check_owner(owner_id: int | None) -> None:
    if owner_id is None:
        return
    if all(each["id"] != owner_id for each in await call_list.owners()):
        raise Refused("This person calls nobody back any more. Please pick somebody else.")


def _checked(facts: CallBackFacts) -> CallBackFacts:
    name, phone = text.typed(facts.name), text.typed(facts.phone)
    if not name:
        raise Refused("Please write whom to call back.")
    notes.check_name(name)
    if not text.is_phone(phone):
        raise Refused("Please write the number to call back, 10 or 11 digits beginning with 0.")
    reading = text.typed(facts.reading)
    if reading and not text.is_reading(reading):
        raise Refused("Please write the reading in hiragana, katakana or Latin letters.")
    about = _checked_words(facts.about)
    return replace(facts, name=name, reading=reading, phone=phone, about=about)


def _checked_words(words: str) -> str:
    words = text.typed(words)
    notes.check(words)
    return words


async def _person(facts: CallBackFacts) -> int | None:
    if not facts.reading:
        return None
    return await matching.find_or_add(Identity(facts.name, facts.reading, (facts.phone,)))


async def _held(call_back_id: int) -> Row:
    await locked(f"call_back:{call_back_id}")
    row = await CallBack.select().where(CallBack.id == call_back_id).first()
    if row is None:
        raise Refused("There is no such call-back.")
    return row


async def _change(row: Row, values: dict[Any, Any], action: str, by: Actor, **facts: object) -> Row:
    """Stale when an answer has come back in this very moment: nobody holds it off."""
    rows = (
        await CallBack.update({**values, CallBack.version: row["version"] + 1})
        .where((CallBack.id == row["id"]) & (CallBack.version == row["version"]))
        .returning(*CallBack.all_columns())
    )
    if not rows:
        raise Stale(await _held(row["id"]))
    await entries.record(action, "call_back", row["id"], by=by, **facts)
    return dict(rows[0])
