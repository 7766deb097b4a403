"""The migration that kept off the list of articles to write what an article had taken off it."""

from datetime import datetime, timedelta
from importlib import import_module

from server import clock
from server.database import writing
from server.helpdesk import missing
from server.helpdesk.queries import ContactFilters
from server.helpdesk.tables import Article, Contact, MissingSettled
from tests.databases import Database
from tests.factories import make_article, make_contact, make_procedure, make_topic

HOUR = timedelta(hours=1)


async def test_h3_what_an_article_on_the_topic_had_settled_stays_settled(
    database: Database, frozen_now: datetime
) -> None:
    now = clock.now()
    topic, other = (await make_topic()).id, (await make_topic()).id
    merged = (await make_topic(merged_into=topic)).id
    procedure = (await make_procedure()).id

    async def asked(**more: object) -> Contact:
        known = {"topic": topic, "answer_missing": True, "recorded_at": now - HOUR}
        return await make_contact(**{**known, **more})

    async def written(**more: object) -> Article:
        return await make_article(**{"topic": topic, "changed_at": now, **more})

    await written()
    newest = await written(topic=merged)
    with_procedure = await written(procedure=procedure)
    await written(topic=other, published_at=None)
    await written(topic=other, retired_at=now)
    settled = [
        await asked(),
        await asked(topic=merged),
        await asked(recorded_at=now),
        await asked(procedure=procedure),
    ]
    corrected = await asked(voided_at=now + HOUR, void_reason="corrected")
    settled.append(await asked(replaces=corrected.id, recorded_at=now + HOUR))
    await asked(answer_missing=False)
    await asked(voided_at=now)
    standing = [
        await asked(recorded_at=now + HOUR),
        await asked(topic=other),
        await asked(procedure=(await make_procedure()).id),
    ]

    migration = import_module("migrations.tonari_0016_settled_before")
    async with writing():
        await MissingSettled.raw(migration.SETTLED)

    rows = await MissingSettled.select().order_by(MissingSettled.contact)
    articles = [newest.id, newest.id, newest.id, with_procedure.id, newest.id]
    assert [(row["contact"], row["article"]) for row in rows] == [
        (contact.id, article) for contact, article in zip(settled, articles, strict=True)
    ]
    assert {(row["settled_at"], row["settled_by"]) for row in rows} == {(now, None)}
    left = [
        entry["id"]
        for line in await missing.lines()
        for entry in await missing.standing(line["topic"], line["procedure"], ContactFilters())
    ]
    assert sorted(left) == [contact.id for contact in standing]
