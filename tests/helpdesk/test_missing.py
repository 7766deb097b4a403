"""What no article answered: each contact stands until it is settled (H3)."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

import pytest

from server import clock
from server.audit.tables import AuditEntry
from server.database import writing
from server.helpdesk import articles, corrections, missing
from server.helpdesk.contacts import ContactFacts
from server.helpdesk.missing import Picked
from server.helpdesk.queries import ContactFilters
from server.helpdesk.tables import Contact
from server.refusals import Refused
from server.roles import Role
from tests.databases import Database
from tests.factories import (
    make_article,
    make_contact,
    make_desk,
    make_procedure,
    make_topic,
)
from tests.helpdesk.answering_cast import actor, facts, ids, with_notes
from tests.statements import counted, rows_read
from tests.unlocked import hold_nobody

UP_TO_ANY = 999_999


async def noted(**more: Any) -> Contact:
    """A contact that nothing answered, with a note."""
    return await make_contact(**{"answer_missing": True, "note": "音が出ない", **more})


async def standing() -> list[int]:
    """How many entries stand on each line."""
    return [row["contacts"] for row in await missing.lines()]


async def written_for(*contacts_: Contact) -> int:
    """A draft that was written for contacts of one line; its id."""
    by = await actor(Role.helpdesk)
    topic, procedure = contacts_[0].topic, contacts_[0].procedure
    article = await articles.create(
        await facts(topic_id=topic, question=f"質問 {clock.now()} {contacts_[0].id}"), by=by
    )
    await missing.answer(
        article["id"], Picked(topic, procedure, tuple(each.id for each in contacts_)), by=by
    )
    return int(article["id"])


async def publish(article_id: int) -> None:
    await articles.publish(article_id, version=1, by=await actor(Role.helpdesk))


async def test_h3_what_nothing_answered_is_the_list_of_articles_to_write(
    database: Database, frozen_now: datetime
) -> None:
    desk, topic = await make_desk(), await make_topic(name="電話")
    procedure = await make_procedure(name="転出届")
    here = {"desk": desk.id, "topic": topic.id}
    first = await noted(**here)
    await noted(**here, note="")
    await make_contact(**here)
    await noted(**here, voided_at=clock.now())
    last = await noted(**here, procedure=procedure.id, note="", number=3, tally=True)

    rows = await missing.lines()

    assert [(r["topic_name"], r["procedure_name"], r["number"]) for r in rows] == [
        ("電話", "転出届", 3),
        ("電話", "", 2),
    ]
    assert [(r["contacts"], r["noted"], r["unnoted"], r["last_on"]) for r in rows] == [
        (1, 0, 1, clock.today()),
        (2, 1, 1, clock.today()),
    ]
    assert rows[0]["newest"] == last.id
    assert [(r["id"], r["note"]) for r in await with_notes(topic.id, None)] == [
        (first.id, "音が出ない")
    ]
    assert await with_notes(topic.id, procedure.id) == []
    assert ids(await missing.standing(topic.id, procedure.id, ContactFilters())) == [last.id]


async def test_h3_each_contact_stands_until_an_article_for_it_is_published(
    database: Database, frozen_now: datetime
) -> None:
    one, other = await noted(), await noted()
    topic = (await make_topic()).id
    first, second = await noted(topic=topic), await noted(topic=topic)

    await make_article(topic=topic, changed_at=clock.now() + timedelta(minutes=1))
    assert await standing() == [2, 1, 1]  # an article on the topic is not yet its answer
    draft = await written_for(first)
    [line, *_] = await missing.lines()
    assert (line["contacts"], line["drafted"], line["draft"]) == (2, 1, draft)
    await publish(draft)
    assert await standing() == [1, 1, 1]
    assert ids(await with_notes(topic, None)) == [second.id]
    assert await missing.number_behind(draft) == 1
    await articles.retire(draft, version=2, by=await actor(Role.helpdesk))
    assert await standing() == [1, 1, 1]  # it was answered all the same
    assert {one.topic, other.topic} == {row["topic"] for row in await missing.lines()} - {topic}


async def test_a_draft_that_is_retired_answers_nobody(
    database: Database, frozen_now: datetime
) -> None:
    contact = await noted()
    draft = await written_for(contact)
    await articles.retire(draft, version=1, by=await actor(Role.helpdesk))

    [line] = await missing.lines()

    assert (line["contacts"], line["drafted"]) == (1, 0)
    better = await written_for(contact)
    assert (await missing.lines())[0]["draft"] == better


async def test_what_is_picked_is_settled_and_nothing_else(
    database: Database, frozen_now: datetime
) -> None:
    by = await actor(Role.helpdesk)
    topic, procedure = (await make_topic()).id, (await make_procedure()).id
    seen = [await noted(topic=topic, note=note) for note in ("あ", "い", "")]
    later = [await noted(topic=topic, note=note) for note in ("う", "")]
    elsewhere = await noted(topic=topic, procedure=procedure)
    picked = Picked(topic, None, (seen[0].id, elsewhere.id), unnoted_until=seen[2].id)

    await missing.set_aside(picked, by=by)

    assert sorted(ids(await with_notes(topic, None))) == [seen[1].id, later[0].id]
    assert await standing() == [3, 1]
    await missing.set_aside(Picked(topic, None, until=seen[2].id), by=by)
    assert ids(await with_notes(topic, None)) == [later[0].id]
    assert await missing.set_aside(Picked(topic, None, until=seen[2].id), by=by) is None


async def test_what_a_draft_is_to_answer_is_not_set_aside_with_the_rest(
    database: Database, frozen_now: datetime
) -> None:
    by, topic = await actor(Role.helpdesk), (await make_topic()).id
    first, _ = await noted(topic=topic), await noted(topic=topic)
    await written_for(first)

    await missing.set_aside(Picked(topic, None, until=UP_TO_ANY), by=by)

    assert [(r["contacts"], r["drafted"]) for r in await missing.lines()] == [(1, 1)]
    await missing.set_aside(Picked(topic, None, (first.id,)), by=by)
    assert await missing.lines() == []


async def test_setting_aside_is_undone_and_audited(
    database: Database, frozen_now: datetime
) -> None:
    by, topic = await actor(Role.helpdesk), (await make_topic()).id
    first, second = await noted(topic=topic), await noted(topic=topic)
    await missing.set_aside(Picked(topic, None, (first.id,)), by=by)
    with clock.freeze(clock.now() + timedelta(minutes=1)):
        settled = await missing.set_aside(Picked(topic, None, until=UP_TO_ANY), by=by)
    assert settled is not None
    assert [(r["number"], r["article"], r["settled_by_name"]) for r in await missing.latest()] == [
        (1, None, "鈴木一郎"),
        (1, None, "鈴木一郎"),
    ]

    await missing.put_back(settled, by=by)
    await missing.put_back(settled, by=by)

    assert ids(await with_notes(topic, None)) == [second.id]
    assert len(await missing.latest()) == 1
    kept = await AuditEntry.select(AuditEntry.action, AuditEntry.facts)
    assert [row["action"] for row in kept] == [
        "missing.set_aside",
        "missing.set_aside",
        "missing.put_back",
    ]
    assert f"[{second.id}]" in kept[-1]["facts"]


@pytest.mark.parametrize("role", [Role.venue, Role.administrator])
async def test_p1_who_writes_no_articles_sets_nothing_aside(database: Database, role: Role) -> None:
    contact, by = await noted(), await actor(role)

    with pytest.raises(Refused):
        await missing.set_aside(Picked(contact.topic, None, (contact.id,)), by=by)
    with pytest.raises(Refused):
        await missing.put_back(1, by=by)


async def test_t5_what_was_corrected_while_its_answer_was_a_draft_is_answered_with_it(
    database: Database, frozen_now: datetime
) -> None:
    contact, by = await noted(), await actor(Role.helpdesk)
    draft = await written_for(contact)
    told = ContactFacts(contact.desk, contact.topic, "phone", "answered", answer_missing=True)
    await corrections.correct(contact.id, told, by=by)
    assert await standing() == [1]

    await publish(draft)

    assert await missing.lines() == []


@pytest.mark.parametrize("settled", ["answered", "set aside"])
async def test_t5_a_correction_brings_nothing_back(
    database: Database, frozen_now: datetime, settled: str
) -> None:
    contact, by = await noted(), await actor(Role.helpdesk)
    if settled == "answered":
        await publish(await written_for(contact))
    else:
        await missing.set_aside(Picked(contact.topic, None, (contact.id,)), by=by)
    told = ContactFacts(
        contact.desk, contact.topic, "phone", "answered", answer_missing=True, note="別の音"
    )

    corrected = await corrections.correct(contact.id, told, by=by)
    assert await missing.lines() == []

    await corrections.void(corrected["id"], "まちがい", by=by)
    await corrections.bring_back(corrected["id"], by=by)
    assert await missing.lines() == []


async def test_h2_what_is_missing_is_one_line_where_topics_and_procedures_were_merged(
    database: Database, frozen_now: datetime
) -> None:
    into = await make_topic(name="電話")
    was = await make_topic(name="スマホ", merged_into=into.id)
    form = await make_procedure(name="転出届")
    old = await make_procedure(name="転出", merged_into=form.id)
    desk, earlier = (await make_desk()).id, clock.now() - timedelta(days=3)
    await noted(desk=desk, topic=was.id, procedure=old.id, contacted_at=earlier)
    await noted(desk=desk, topic=into.id, procedure=form.id, number=4, tally=True)

    [row] = await missing.lines()

    assert (row["topic_name"], row["procedure_name"], row["number"]) == ("電話", "転出届", 5)
    assert (row["contacts"], row["last_on"]) == (2, clock.today())
    await missing.set_aside(
        Picked(into.id, form.id, until=UP_TO_ANY), by=await actor(Role.helpdesk)
    )
    assert await missing.lines() == []


async def test_articles_that_may_say_it_stand_beside(database: Database) -> None:
    topic, procedure = (await make_topic()).id, (await make_procedure()).id
    plain = await make_article(topic=topic, published_at=None)
    same = await make_article(topic=topic, procedure=procedure)
    newer = await make_article(topic=topic)
    await make_article(topic=topic, retired_at=clock.now())
    await make_article()

    assert ids(await missing.candidates(topic, procedure)) == [same.id, newer.id, plain.id]


async def test_what_is_missing_is_read_as_lines_and_never_as_contacts(
    database: Database, frozen_now: datetime
) -> None:
    desk, topic = (await make_desk()).id, (await make_topic()).id
    read: list[int] = []
    for _ in range(2):
        for _again in range(15):
            await noted(desk=desk, topic=topic)
        with rows_read() as numbers:
            await missing.lines()
        read.append(sum(numbers))

    assert read[0] == read[1]


async def test_settling_takes_as_many_statements_for_one_as_for_thirty(
    database: Database, frozen_now: datetime
) -> None:
    by, sent = await actor(Role.helpdesk), []
    for number in (1, 30):
        topic = (await make_topic()).id
        for _ in range(number):
            await noted(topic=topic)
        with counted() as statements:
            settled = await missing.set_aside(Picked(topic, None, until=UP_TO_ANY), by=by)
            await missing.put_back(settled or 0, by=by)
        sent.append(len(statements))

    assert sent[0] == sent[1]


@pytest.mark.parametrize("locked", [True, False])
@pytest.mark.engine("postgres")  # SQLite has one writer at a time
async def test_t5_what_is_corrected_in_the_moment_it_is_settled_stays_settled(
    database: Database, locked: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    contact, by = await noted(), await actor(Role.helpdesk)
    told = ContactFacts(contact.desk, contact.topic, "phone", "answered", answer_missing=True)
    if not locked:
        monkeypatch.setattr(corrections, "locked", hold_nobody)
    settled = asyncio.Event()

    async def correct() -> None:
        await settled.wait()
        await corrections.correct(contact.id, told, by=by)

    correcting = asyncio.create_task(correct())  # a task of its own, outside the change
    async with writing():
        await missing.set_aside(Picked(contact.topic, None, (contact.id,)), by=by)
        settled.set()
        await asyncio.wait([correcting], timeout=0.5)
    await correcting

    assert await standing() == ([] if locked else [1])
