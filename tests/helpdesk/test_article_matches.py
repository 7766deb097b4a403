"""Which articles answer a contact, the best first (H3)."""

from datetime import datetime, timedelta

import pytest

from server import clock
from server.database import writing
from server.helpdesk import answers, matches
from server.helpdesk.tables import Article, Contact
from server.topics.tables import Procedure, Topic
from tests.databases import Database
from tests.factories import (
    make_article,
    make_contact,
    make_desk,
    make_procedure,
    make_topic,
)
from tests.helpdesk.answering_cast import ids
from tests.statements import counted

NOBODY = 0


async def test_h3_best_answers_first(database: Database, frozen_now: datetime) -> None:
    topic, desk = await make_topic(), await make_desk()
    procedure = await make_procedure(topic=topic.id)
    quiet = await make_article(topic=topic.id)
    asked = await make_article(topic=topic.id)
    once = await make_article(topic=topic.id)
    same = await make_article(topic=topic.id, procedure=procedure.id)
    await make_article(topic=topic.id, published_at=None)
    await make_article(topic=topic.id, retired_at=clock.now())
    await make_article()
    for _ in range(2):
        await make_contact(desk=desk.id, topic=topic.id, article=asked.id)
    await make_contact(desk=desk.id, topic=topic.id, article=once.id)
    await make_contact(desk=desk.id, topic=topic.id, article=quiet.id, voided_at=clock.now())
    long_ago = clock.now() - timedelta(days=91)
    for _ in range(3):
        await make_contact(
            desk=desk.id,
            topic=topic.id,
            article=quiet.id,
            contacted_at=long_ago,
            contacted_on=clock.on(long_ago),
        )

    plain = await matches.best(topic.id)
    on_it = await matches.best(topic.id, procedure.id)

    assert ids(plain) == [asked.id, once.id, same.id, quiet.id]
    assert [row["number"] for row in plain] == [2, 1, 0, 0]
    assert ids(on_it) == [same.id, asked.id, once.id, quiet.id]
    assert ids(await matches.best(topic.id, limit=1)) == [asked.id]
    assert await matches.answered([asked.id, once.id, quiet.id]) == {
        asked.id: 2,
        once.id: 1,
        quiet.id: 3,
    }


async def test_h2_merged_topics_and_procedures_keep_their_answers(database: Database) -> None:
    into, was = await make_topic(), await make_topic()
    child = await make_topic(parent=into.id)
    kept, gone = await make_procedure(), await make_procedure()
    old = await make_article(topic=was.id, procedure=gone.id)
    above = await make_article(topic=into.id)
    below = await make_article(topic=child.id)
    async with writing():
        await Topic.update(merged_into=into.id).where(Topic.id == was.id)
        await Procedure.update(merged_into=kept.id).where(Procedure.id == gone.id)

    assert ids(await matches.best(into.id, kept.id)) == [old.id, above.id]
    assert ids(await matches.best(was.id)) == [above.id, old.id]
    assert ids(await matches.best(child.id)) == [below.id, above.id, old.id]
    rows, _ = await answers.search("", into.id, public=True)
    assert set(ids(rows)) == {old.id, above.id}


async def test_h3_words_find_answers_on_any_topic(database: Database) -> None:
    topic = await make_topic()
    far = await make_article(question="ワクチンの予約")
    near = await make_article(question="ワクチンの接種券", topic=topic.id)
    await make_article(topic=topic.id)

    found = await matches.best(topic.id, None, "わくちん")

    assert ids(found) == [near.id, far.id]
    assert await matches.best(topic.id, None, "ワクチン 雨") == []


async def test_matches_take_three_statements_however_many_there_are(database: Database) -> None:
    topic = await make_topic()
    procedure = await make_procedure()
    for _ in range(6):
        await make_article(topic=topic.id)

    with counted() as sent:
        await matches.best(topic.id, procedure.id)

    assert len(sent) == 3


async def test_the_answer_of_a_contact_counts_once_it_is_voided_no_more(
    database: Database,
) -> None:
    desk, article = await make_desk(), await make_article()
    contact = await make_contact(desk=desk.id, topic=article.topic, article=article.id)
    assert await matches.answered([article.id, NOBODY]) == {article.id: 1}

    async with writing():
        await Contact.update(voided_at=clock.now()).where(Contact.id == contact.id)

    assert await matches.answered([article.id]) == {}
    assert await matches.answered([]) == {}


@pytest.mark.engine("sqlite")
async def test_what_answered_is_counted_by_its_index(database: Database) -> None:
    topic = await make_topic()
    with counted() as sent:
        await matches.best(topic.id)

    plan = await Article.raw(f"EXPLAIN QUERY PLAN {sent[-1]}")

    assert "ix_contact_answered" in str(plan)
