"""H4: a question goes to a section, and its answer comes back to the desk."""

import asyncio
from collections.abc import Awaitable
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from server.audit.tables import AuditEntry
from server.helpdesk import call_backs, contacts, corrections, hand_overs
from server.helpdesk.contacts import ContactFacts
from server.helpdesk.tables import HandOver
from server.notices.tables import Notice
from server.refusals import Refused, Stale
from server.roles import Role
from tests import factories
from tests.classes.staff_cast import Staff
from tests.databases import Database
from tests.helpdesk.call_back_cast import MY_NUMBER, operator, promised
from tests.unlocked import unlock

PRESS = "press-0000000001"
QUESTION = "再発行は窓口でもできますか。"
ANSWER = "はい、市民課の窓口でできます。"


@pytest.fixture(autouse=True)
async def now(database: Database, frozen_now: datetime) -> None:
    """Saturday 21 November 2026, 10 in the morning, for every test here."""


async def asked(by: Staff, section_id: int, submission: str | None = None) -> dict[str, Any]:
    contact = await factories.make_contact()
    return await hand_overs.ask(contact.id, section_id, QUESTION, submission=submission, by=by)


async def outcome_of(doing: Awaitable[Any]) -> Any:
    try:
        return await doing
    except Refused as refused:
        return type(refused)


async def test_h4_a_question_goes_to_a_section_and_its_answer_comes_back(
    database: Database,
) -> None:
    section = await factories.make_section(name="市民課")
    mari = await operator()
    civic = await operator(Role.coordinator, section=section.id, name="課の人")
    row = await asked(mari, section.id)

    [question] = await hand_overs.waiting(civic)
    assert (question["id"], question["question"]) == (row["id"], QUESTION)
    assert [each["id"] for each in await hand_overs.asked(mari)] == [row["id"]]
    assert await hand_overs.answered(mari) == []
    await hand_overs.answer(row["id"], ANSWER, version=1, by=civic)

    assert await hand_overs.waiting(civic) == await hand_overs.asked(mari) == []
    [came] = await hand_overs.answered(mari)
    assert (came["answer"], came["section_name"], came["answered_by_name"]) == (
        ANSWER,
        "市民課",
        "課の人",
    )
    for _ in range(2):
        await hand_overs.take_up(row["id"], by=mari)
    assert await hand_overs.answered(mari) == []
    actions = await AuditEntry.select(AuditEntry.action).order_by(AuditEntry.id)
    assert [each["action"] for each in actions] == [
        "hand_over.asked",
        "hand_over.answered",
        "hand_over.taken_up",
    ]
    assert await Notice.count() == 0


async def test_h4_another_section_does_not_answer(database: Database) -> None:
    section, other = await factories.make_section(), await factories.make_section()
    mari, ict = await operator(), await operator(Role.coordinator)
    elsewhere = await operator(Role.coordinator, section=other.id)
    row = await asked(mari, section.id)

    assert await hand_overs.waiting(elsewhere) == await hand_overs.waiting(mari) == []
    assert [each["id"] for each in await hand_overs.waiting(ict)] == [row["id"]]
    for by in (elsewhere, mari):
        with pytest.raises(Refused, match=r"^This question was handed to another section\.$"):
            await hand_overs.answer(row["id"], ANSWER, version=1, by=by)
    await hand_overs.answer(row["id"], ANSWER, version=1, by=ict)


async def test_h4_two_who_answer_at_once_are_one_answer(database: Database) -> None:
    section = await factories.make_section()
    people = [await operator(Role.coordinator, section=section.id) for _ in range(2)]
    row = await asked(await operator(), section.id)

    answers = await asyncio.gather(
        *(
            outcome_of(hand_overs.answer(row["id"], f"{ANSWER}{by.id}", version=1, by=by))
            for by in people
        )
    )

    [won] = [each for each in answers if each is not Stale]
    assert answers.count(Stale) == 1
    assert (await HandOver.select())[0]["answer"] == won["answer"]


@pytest.mark.engine("postgres")
async def test_h4_without_the_lock_the_first_answer_would_be_lost(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    section = await factories.make_section()
    people = [await operator(Role.coordinator, section=section.id) for _ in range(2)]
    row = await asked(await operator(), section.id)
    unlock(monkeypatch, hand_overs)

    answers = await asyncio.gather(
        *(
            outcome_of(hand_overs.answer(row["id"], f"{ANSWER}{by.id}", version=1, by=by))
            for by in people
        )
    )

    assert Stale not in answers


async def test_h4_one_press_asks_once_and_one_answer_twice_is_one(database: Database) -> None:
    section = await factories.make_section()
    mari, ict = await operator(), await operator(Role.coordinator)
    contact = await factories.make_contact()

    async def ask() -> Any:
        return await hand_overs.ask(contact.id, section.id, QUESTION, submission=PRESS, by=mari)

    rows = await asyncio.gather(*(ask() for _ in range(5)))
    first = await hand_overs.answer(rows[0]["id"], ANSWER, version=1, by=ict)
    again = await hand_overs.answer(rows[0]["id"], ANSWER, version=1, by=ict)

    assert len({row["id"] for row in rows}) == 1
    assert first == again
    assert await HandOver.count() == 1


@pytest.mark.parametrize(
    ("question", "words"),
    [
        (" ", "Please write what the section is asked."),
        (f"番号は{MY_NUMBER}", "This holds a My Number"),
        ("長" * 4001, "at most 4000 characters"),
    ],
)
async def test_h4_bad_input_asks_nothing(database: Database, question: str, words: str) -> None:
    contact, section = await factories.make_contact(), await factories.make_section()
    with pytest.raises(Refused, match=words):
        await hand_overs.ask(contact.id, section.id, question, submission=None, by=await operator())
    assert await HandOver.count() == 0


async def test_h4_neither_an_unknown_section_nor_an_empty_answer(database: Database) -> None:
    mari, ict = await operator(), await operator(Role.coordinator)
    with pytest.raises(Refused, match=r"^There is no such section\.$"):
        await asked(mari, 99999)
    row = await asked(mari, (await factories.make_section()).id)
    with pytest.raises(Refused, match=r"^Please write the answer\.$"):
        await hand_overs.answer(row["id"], " ", version=1, by=ict)
    with pytest.raises(Refused, match=r"^The section has not answered yet\.$"):
        await hand_overs.take_up(row["id"], by=mari)


async def test_h4_a_question_follows_its_contact_when_that_is_corrected(
    database: Database,
) -> None:
    mari = await operator()
    row = await asked(mari, (await factories.make_section()).id)
    contact = await contacts.get(row["contact"])
    assert contact is not None

    new = await corrections.correct(
        contact["id"],
        ContactFacts(contact["desk"], contact["topic"], "counter", "handed_on"),
        by=mari,
    )
    late = await hand_overs.ask(contact["id"], row["section"], "もう一つ", submission=None, by=mari)

    assert [each["contact"] for each in await hand_overs.asked(mari)] == [new["id"]] * 2
    assert late["contact"] == new["id"]


async def test_p1_answers_belong_to_the_desk_that_asked(database: Database) -> None:
    venue = await factories.make_venue()
    desk = await factories.make_desk(venue=venue.id)
    contact = await factories.make_contact(desk=desk.id)
    mari, ict = await operator(), await operator(Role.coordinator)
    own, other = await operator(Role.venue, venue=venue.id), await operator(Role.venue)
    section = await factories.make_section()
    row = await hand_overs.ask(contact.id, section.id, QUESTION, submission=None, by=mari)
    await hand_overs.answer(row["id"], ANSWER, version=1, by=ict)

    seen = {by.id: bool(await hand_overs.answered(by)) for by in (mari, ict, own, other)}

    assert seen == {mari.id: True, ict.id: True, own.id: True, other.id: False}


async def test_p1_a_coordinator_of_no_section_has_no_share_in_desks_of_none(
    database: Database,
) -> None:
    contact = await factories.make_contact()  # at a desk of no section
    section, mari = await factories.make_section(), await operator()
    nobody = replace(await operator(Role.coordinator), sees_all_sections=False)
    row = await hand_overs.ask(contact.id, section.id, QUESTION, submission=None, by=mari)
    seen = [await hand_overs.asked(nobody), await hand_overs.of_contact(contact.id, nobody)]
    ict = await operator(Role.coordinator)
    await hand_overs.answer(row["id"], ANSWER, version=1, by=ict)

    assert [*seen, await hand_overs.answered(nobody)] == [[], [], []]


async def test_p1_the_questions_of_a_contact_are_of_its_desk_and_the_section_asked(
    database: Database,
) -> None:
    own, asked_one = await factories.make_section(), await factories.make_section()
    contact = await factories.make_contact(desk=(await factories.make_desk(section=own.id)).id)
    await hand_overs.ask(contact.id, asked_one.id, QUESTION, submission=None, by=await operator())
    third = await factories.make_section()

    seen = [
        len(await hand_overs.of_contact(contact.id, await operator(Role.coordinator, section=each)))
        for each in (own.id, asked_one.id, third.id)
    ]

    assert seen == [1, 1, 0]


@pytest.mark.engine("postgres")
async def test_h4_an_answer_that_comes_while_its_call_back_is_settled_is_not_taken_up_unread(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    section, mari = await factories.make_section(), await operator()
    ict = await operator(Role.coordinator)
    call_back = await promised(mari)
    row = await hand_overs.ask(call_back["contact"], section.id, QUESTION, submission=None, by=mari)
    take_up, looked, came = hand_overs.take_up_of, asyncio.Event(), asyncio.Event()

    async def slowly(contact_id: int, *, by: Any) -> None:
        looked.set()
        await came.wait()
        await take_up(contact_id, by=by)

    async def answering() -> None:
        await looked.wait()
        await hand_overs.answer(row["id"], ANSWER, version=1, by=ict)
        came.set()

    monkeypatch.setattr(hand_overs, "take_up_of", slowly)
    settled = call_backs.finish(call_back["id"], "", version=1, by=mari)
    outcome, _answered = await asyncio.gather(outcome_of(settled), answering())

    assert outcome is Stale
    [kept] = await HandOver.select()
    assert (kept["answer"], kept["seen_at"]) == (ANSWER, None)


async def test_h4_whoever_saw_that_it_is_answered_does_not_overwrite_the_answer(
    database: Database,
) -> None:
    """The page that says so carries the new version: a second press must not pass with it."""
    section = await factories.make_section()
    first, second = [await operator(Role.coordinator, section=section.id) for _ in range(2)]
    row = await asked(await operator(), section.id)
    answered = await hand_overs.answer(row["id"], ANSWER, version=1, by=first)

    for by in (first, second):
        with pytest.raises(Stale):
            await hand_overs.answer(row["id"], "できません。", version=answered["version"], by=by)

    assert [each["answer"] for each in await HandOver.select()] == [ANSWER]
