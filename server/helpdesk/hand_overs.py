"""Hand-overs (引継ぎ): a question goes to a section, and its answer comes back (H4)."""

from typing import Any

from server import clock, notes, text
from server.audit import entries
from server.database import locked, writing
from server.helpdesk import corrections, desks, queries
from server.helpdesk.tables import CallBack, HandOver
from server.places.tables import Section
from server.refusals import Refused, Stale
from server.roles import Actor, Role

Row = dict[str, Any]


async def ask(
    contact_id: int, section_id: int, question: str, *, submission: str | None, by: Actor
) -> Row:
    """Hand a question from a contact to a section, and return the hand-over (H4).

    `submission` names one press of the button: pressed again, it answers with the first result.
    Refused without a question, for a section that does not exist, for a My Number (H1).
    """
    question = _checked(question, "Please write what the section is asked.")
    async with writing():
        contact_id = (await corrections.hold_standing(contact_id))["id"]
        first = await queries.pressed(HandOver, submission)
        if first is not None:
            return first
        if not await Section.exists().where(Section.id == section_id):
            raise Refused("There is no such section.")
        rows = await HandOver.insert(
            HandOver(
                contact=contact_id,
                section=section_id,
                question=question,
                asked_at=clock.now(),
                asked_by=by.id,
                submission=submission,
            )
        ).returning(*HandOver.all_columns())
        await entries.record(
            "hand_over.asked",
            "hand_over",
            rows[0]["id"],
            by=by,
            contact=contact_id,
            section=section_id,
        )
        return dict(rows[0])


async def answer(hand_over_id: int, words: str, *, version: int, by: Actor) -> Row:
    """Answer for the section; the desk sees that it came back. Returns the hand-over.

    The same answer given twice is one. Refused for another section's, without an answer, for a My
    Number; Stale when somebody else has answered first.
    """
    words = _checked(words, "Please write the answer.")
    async with writing():
        row = await _held(hand_over_id)
        check_may_answer(row, by)
        if row["answered_at"] is not None and (row["answered_by"], row["answer"]) == (by.id, words):
            return row
        if row["answered_at"] is not None or row["version"] != version:
            raise Stale(row)
        return await _change(
            row,
            {
                HandOver.answer: words,
                HandOver.answered_at: clock.now(),
                HandOver.answered_by: by.id,
            },
            "hand_over.answered",
            by,
        )


async def take_up(hand_over_id: int, *, by: Actor) -> Row:
    """Note that the desk has seen the answer, and return the hand-over; twice, it stays so.

    Refused before there is an answer.
    """
    async with writing():
        row = await _held(hand_over_id)
        if row["answered_at"] is None:
            raise Refused("The section has not answered yet.")
        if row["seen_at"] is not None:
            return row
        return await _seen(row, by)


async def take_up_of(contact_id: int, *, by: Actor) -> None:
    """Note that every answer to the contact has been seen: its caller has been told.

    Belongs inside `writing()`.
    """
    rows = await HandOver.select().where(
        (HandOver.contact == contact_id)
        & HandOver.answered_at.is_not_null()
        & HandOver.seen_at.is_null()
    )
    for row in rows:
        await _seen(row, by)


def may_answer(row: Row, by: Actor) -> bool:
    """Coordinators of the section that was asked; those of the overseeing section answer all."""
    own = by.sees_all_sections or by.section_id == row["section"]
    return Role.coordinator in by.roles and own


def check_may_answer(row: Row, by: Actor) -> None:
    """Refused for whoever may not answer."""
    if not may_answer(row, by):
        raise Refused("This question was handed to another section.")


async def get(hand_over_id: int) -> Row | None:
    """A hand-over with what the lists show of it, or None; `call_back_id` is one still to make."""
    rows = await HandOver.raw(_LISTED.format(where="hand_over.id = {}"), hand_over_id)
    return dict(rows[0]) if rows else None


async def waiting(by: Actor) -> list[Row]:
    """What her section is asked and has not answered, oldest first; the overseeing one sees all."""
    if Role.coordinator not in by.roles:
        return []
    where = "hand_over.answered_at IS NULL AND ({} = 1 OR hand_over.section = {})"
    rows = await HandOver.raw(
        _LISTED.format(where=where), int(by.sees_all_sections), by.section_id or 0
    )
    return [dict(row) for row in rows]


async def asked(by: Actor) -> list[Row]:
    """What her desks have handed on and is not answered yet, oldest first."""
    rows = await HandOver.raw(_LISTED.format(where="hand_over.answered_at IS NULL"))
    return [dict(row) for row in rows if is_of(row, by)]


async def answered(by: Actor) -> list[Row]:
    """What came back and no desk has taken up yet, oldest first, as far as it is hers.

    Helpdesk and the overseeing section see all, others those of their own desks and questions.
    """
    rows = await HandOver.raw(
        _LISTED.format(where="hand_over.answered_at IS NOT NULL AND hand_over.seen_at IS NULL")
    )
    return [dict(row) for row in rows if is_of(row, by)]


async def of_contact(contact_id: int, by: Actor) -> list[Row]:
    """The questions from a contact that her desk has asked or her section answers (P1)."""
    rows = await HandOver.raw(_LISTED.format(where="hand_over.contact = {}"), contact_id)
    return [dict(row) for row in rows if is_of(row, by) or may_answer(row, by)]


def is_of(row: Row, by: Actor) -> bool:
    """Does what a desk waits for belong to her?

    `row` has `desk_section` and `desk_venue`, and in `asked_by` who promised or asked it (P1).
    """
    desk = {"section": row["desk_section"], "venue": row["desk_venue"]}
    return desks.may_log(desk, by) or row["asked_by"] == by.id


async def of_contacts(contact_ids: list[int]) -> dict[int, list[Row]]:
    """The hand-overs of each contact, oldest first; one statement."""
    found: dict[int, list[Row]] = {each: [] for each in contact_ids}
    if not contact_ids:
        return found
    rows = (
        await HandOver.select(
            *HandOver.all_columns(), HandOver.section.name.as_alias("section_name")
        )
        .where(HandOver.contact.is_in(contact_ids))
        .order_by(HandOver.id)
    )
    for row in rows:
        found[row["contact"]].append(row)
    return found


def _checked(words: str, empty: str) -> str:
    words = text.typed(words)
    if not words:
        raise Refused(empty)
    notes.check(words)
    return words


async def _held(hand_over_id: int) -> Row:
    await locked(f"hand_over:{hand_over_id}")
    row = await HandOver.select().where(HandOver.id == hand_over_id).first()
    if row is None:
        raise Refused("There is no such question.")
    return row


async def _seen(row: Row, by: Actor) -> Row:
    values = {HandOver.seen_at: clock.now(), HandOver.seen_by: by.id}
    return await _change(row, values, "hand_over.taken_up", by)


async def _change(row: Row, values: dict[Any, Any], action: str, by: Actor) -> Row:
    """Whoever has a call-back of the contact open sees that something has changed."""
    rows = (
        await HandOver.update({**values, HandOver.version: row["version"] + 1})
        .where(HandOver.id == row["id"])
        .returning(*HandOver.all_columns())
    )
    if HandOver.answer in values:
        await CallBack.update({CallBack.version: CallBack.version + 1}).where(
            (CallBack.contact == row["contact"]) & CallBack.done_at.is_null()
        )
    await entries.record(action, "hand_over", row["id"], by=by)
    return dict(rows[0])


_LISTED = """
SELECT hand_over.*, section.name AS section_name, topic.name AS topic_name,
    procedure.name AS procedure_name, desk.name AS desk_name, desk.section AS desk_section,
    desk.venue AS desk_venue, contact.contacted_at, contact.channel,
    asker.name AS asked_by_name, answerer.name AS answered_by_name,
    (SELECT MIN(call_back.id) FROM call_back
        WHERE call_back.contact = hand_over.contact AND call_back.done_at IS NULL) AS call_back_id
FROM hand_over
JOIN section ON section.id = hand_over.section
JOIN contact ON contact.id = hand_over.contact
JOIN desk ON desk.id = contact.desk
JOIN topic ON topic.id = contact.topic
LEFT JOIN procedure ON procedure.id = contact.procedure
LEFT JOIN account AS asker ON asker.id = hand_over.asked_by
LEFT JOIN account AS answerer ON answerer.id = hand_over.answered_by
WHERE {where}
ORDER BY hand_over.asked_at, hand_over.id
"""
