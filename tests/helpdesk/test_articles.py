"""Articles: written, changed, published, looked at again and retired."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from server import clock
from server.audit.tables import AuditEntry
from server.helpdesk import articles, editions, matches
from server.helpdesk.tables import Article, ArticleEdition
from server.refusals import Refused, Stale
from server.roles import Role
from tests.databases import Database
from tests.factories import (
    make_account,
    make_article,
    make_section,
)
from tests.helpdesk.answering_cast import actor, facts, ids
from tests.unlocked import unlock


async def test_each_change_is_an_edition_and_audited(database: Database) -> None:
    by = await actor(Role.helpdesk)
    first = await facts()
    written = await articles.create(first, by=by)

    louder = replace(first, steps="設定を開きます。\n音とバイブを押します。")
    changed = await articles.edit(written["id"], louder, version=1, by=by)
    same = await articles.edit(written["id"], louder, version=2, by=by)

    assert (changed["version"], same["version"]) == (2, 2)
    rows = await editions.listed(written["id"])
    assert [(row["number"], row["steps"], row["changed_by_name"]) for row in rows] == [
        (2, louder.steps, "鈴木一郎"),
        (1, first.steps, "鈴木一郎"),
    ]
    actions = await AuditEntry.select(AuditEntry.action).output(as_list=True)
    assert actions == ["article.created", "article.changed"]
    assert "設定" not in str(await AuditEntry.select(AuditEntry.facts))


async def test_a_double_tap_writes_one_article(database: Database) -> None:
    by = await actor(Role.helpdesk)
    typed = await facts()

    first = await articles.create(typed, by=by)
    second = await articles.create(typed, by=by)

    assert first["id"] == second["id"]
    assert await Article.count() == 1
    with pytest.raises(Refused, match="question already"):
        await articles.create(replace(typed, steps="ほかの手順"), by=by)


async def test_a_stale_save_is_refused(database: Database) -> None:
    by = await actor(Role.helpdesk)
    typed = await facts()
    written = await articles.create(typed, by=by)
    await articles.edit(written["id"], replace(typed, keywords="音"), version=1, by=by)

    with pytest.raises(Stale):
        await articles.edit(written["id"], replace(typed, keywords="鈴"), version=1, by=by)

    assert (await Article.select(Article.keywords))[0]["keywords"] == "音"


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"steps": "", "staff_answer": ""}, "Please write the steps"),
        ({"staff_answer": "番号は 1234 5678 9018 です"}, "My Number"),
        ({"topic_id": 99_999}, "no such topic"),
        ({"procedure_id": 99_999}, "no such procedure"),
        ({"steps": "あ" * 4001}, "at most 4000"),
    ],
)
async def test_what_cannot_be_saved_is_refused(
    database: Database, more: dict[str, Any], why: str
) -> None:
    by = await actor(Role.helpdesk)

    with pytest.raises(Refused, match=why):
        await articles.create(await facts(**more), by=by)

    assert await Article.count() == 0
    assert await ArticleEdition.count() == 0


async def test_residents_are_never_shown_an_empty_answer(database: Database) -> None:
    by = await actor(Role.helpdesk)
    typed = await facts(steps="", public=True)
    written = await articles.create(typed, by=by)

    with pytest.raises(Refused, match="Residents would see no answer"):
        await articles.publish(written["id"], version=1, by=by)


@pytest.mark.parametrize(
    ("role", "own", "may"),
    [
        (Role.helpdesk, False, True),
        (Role.coordinator, True, True),
        (Role.coordinator, False, False),
        (Role.venue, True, False),
        (Role.administrator, True, False),
    ],
)
async def test_p1_who_writes_articles(database: Database, role: Role, own: bool, may: bool) -> None:
    section = await make_section()
    other = section if own else await make_section()
    by = await actor(role, section=other.id if role is Role.coordinator else None)
    typed = await facts(section_id=section.id)

    if may:
        await articles.create(typed, by=by)
    else:
        with pytest.raises(Refused, match="another section"):
            await articles.create(typed, by=by)
    assert await Article.count() == int(may)


async def test_published_retired_and_back(database: Database, frozen_now: datetime) -> None:
    by = await actor(Role.coordinator)
    typed = await facts()
    written = await articles.create(typed, by=by)
    assert await matches.best(typed.topic_id) == []

    published = await articles.publish(written["id"], version=1, by=by)
    assert ids(await matches.best(typed.topic_id)) == [written["id"]]
    retired = await articles.retire(written["id"], version=published["version"], by=by)
    assert await matches.best(typed.topic_id) == []
    await articles.bring_back(written["id"], version=retired["version"], by=by)
    assert ids(await matches.best(typed.topic_id)) == [written["id"]]


async def test_a_retired_one_stays_where_its_question_has_a_newer_article(
    database: Database, frozen_now: datetime
) -> None:
    by = await actor(Role.helpdesk)
    old = await make_article(question="充電するには", retired_at=clock.now())
    await make_article(question="充電するには")

    with pytest.raises(Refused, match="question already"):
        await articles.bring_back(old.id, version=1, by=by)

    row = await articles.get(old.id)
    assert row is not None
    assert row["retired_at"] is not None


async def test_who_saw_it_before_it_changed_does_not_publish_or_retire_it(
    database: Database,
) -> None:
    by = await actor(Role.helpdesk)
    draft, out = await make_article(published_at=None, version=2), await make_article(version=2)

    with pytest.raises(Stale):
        await articles.publish(draft.id, version=1, by=by)
    with pytest.raises(Stale):
        await articles.retire(out.id, version=1, by=by)


async def test_due_is_what_she_looks_after_and_what_nobody_does(
    database: Database, frozen_now: datetime
) -> None:
    today = clock.today()
    own_section, other_section = await make_section(), await make_section()
    operator = await actor(Role.helpdesk)
    coordinator = await actor(Role.coordinator, section=own_section.id)
    overseer = await actor(Role.coordinator)
    gone = await make_account(Role.helpdesk, disabled_at=clock.now())
    somebody = await make_account(Role.helpdesk)
    late = today - timedelta(days=3)
    own = await make_article(owner=operator.id, review_on=today, section=other_section.id)
    left = await make_article(owner=gone.id, review_on=late, section=other_section.id)
    section = await make_article(owner=somebody.id, review_on=today, section=own_section.id)
    await make_article(owner=operator.id, review_on=today + timedelta(days=1))
    await make_article(owner=operator.id, review_on=late, retired_at=clock.now())
    await make_article(owner=operator.id)

    assert ids(await articles.due(operator)) == [left.id, own.id]
    assert ids(await articles.due(coordinator)) == [left.id, section.id]
    assert ids(await articles.due(overseer)) == [left.id, own.id, section.id]
    assert await articles.due(await actor(Role.venue)) == []


async def test_a_review_puts_the_day_off(database: Database, frozen_now: datetime) -> None:
    by = await actor(Role.helpdesk)
    article = await make_article(owner=by.id, review_on=clock.today())

    with pytest.raises(Refused, match="a day to come"):
        await articles.review(article.id, clock.today(), version=1, by=by)
    await articles.review(article.id, date(2027, 11, 21), version=1, by=by)

    assert await articles.due(by) == []
    assert await ArticleEdition.count() == 0


async def _twice(act: Callable[[], Awaitable[Any]]) -> list[str]:
    """What two get who press at the same moment: an id, or why not."""

    async def one() -> str:
        try:
            return str((await act())["id"])
        except Refused as refused:
            return type(refused).__name__

    return sorted(await asyncio.gather(one(), one()))


@pytest.mark.parametrize("locked", [True, False])
@pytest.mark.engine("postgres")  # SQLite has one writer at a time
async def test_two_presses_at_once_write_one_article(
    database: Database, locked: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    by = await actor(Role.helpdesk)
    typed = await facts()
    if not locked:
        unlock(monkeypatch, articles)

    await _twice(lambda: articles.create(typed, by=by))

    assert await Article.count() == (1 if locked else 2)


@pytest.mark.parametrize("locked", [True, False])
@pytest.mark.engine("postgres")
async def test_of_two_saves_at_once_one_is_stale(
    database: Database, locked: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    by = await actor(Role.helpdesk)
    typed = await facts()
    article = await articles.create(typed, by=by)
    if not locked:
        unlock(monkeypatch, articles)
    words = iter(("ベル", "鈴"))

    got = await _twice(
        lambda: articles.edit(article["id"], replace(typed, keywords=next(words)), version=1, by=by)
    )

    assert ("Stale" in got) is locked


@pytest.mark.parametrize("locked", [True, False])
@pytest.mark.engine("postgres")
async def test_of_two_edits_at_once_one_article_asks_the_question(
    database: Database, locked: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    by = await actor(Role.helpdesk)
    typed = await facts(question="写真はどう送りますか。")
    two = iter([(await make_article()).id, (await make_article()).id])
    if not locked:
        unlock(monkeypatch, articles)

    await _twice(lambda: articles.edit(next(two), typed, version=1, by=by))

    asking = Article.count().where(Article.question == typed.question)
    assert await asking == (1 if locked else 2)
