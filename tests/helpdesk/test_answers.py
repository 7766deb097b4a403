"""Looking for articles: what residents find, and what staff do."""

from dataclasses import replace

import pytest

from server import clock
from server.accounts.tables import Account
from server.database import writing
from server.helpdesk import answers, articles
from server.roles import Role
from tests.databases import Database
from tests.factories import (
    make_account,
    make_article,
    make_topic,
)
from tests.helpdesk.answering_cast import actor, facts, ids
from tests.statements import counted


async def test_search_shows_residents_only_what_is_for_them(database: Database) -> None:
    public = await make_article(question="写真を送る", staff_answer="内緒の合言葉")
    staff = await make_article(question="写真の苦情", staff_answer="課長へ", public=False)
    draft = await make_article(question="写真を消す", published_at=None)
    retired = await make_article(question="写真を撮る", retired_at=clock.now())

    for_residents, _ = await answers.search("写真", public=True)
    for_staff, _ = await answers.search("写真", public=False)

    assert ids(for_residents) == [public.id]
    assert ids(for_staff) == [staff.id, public.id]
    drafts, _ = await answers.search("写真", public=False, state="draft")
    gone, _ = await answers.search("写真", public=False, state="retired")
    assert (ids(drafts), ids(gone)) == ([draft.id], [retired.id])
    assert await answers.search("合言葉", public=True) == ([], False)
    assert ids((await answers.search("課長", public=False))[0]) == [staff.id]


async def test_a_public_search_never_tells_what_only_staff_read(database: Database) -> None:
    by = await actor(Role.helpdesk)
    typed = await facts(staff_answer="内緒の合言葉", public=True)
    written = await articles.create(typed, by=by)
    await articles.publish(written["id"], version=1, by=by)
    assert await answers.search("合言葉", public=True) == ([], False)

    await articles.edit(written["id"], replace(typed, public=False), version=2, by=by)

    assert ids((await answers.search("合言葉", public=False))[0]) == [written["id"]]
    assert await answers.search("合言葉", public=True) == ([], False)


async def test_search_gives_fifty_and_says_whether_there_is_more(database: Database) -> None:
    topic = await make_topic()
    for _ in range(51):
        await make_article(topic=topic.id)

    with counted() as sent:
        first, more = await answers.search("質問", topic.id, public=True)
    last, no_more = await answers.search("質問", topic.id, 2, public=True)

    assert (len(first), more, len(last), no_more) == (50, True, 1, False)
    assert len(sent) == 2


@pytest.mark.parametrize("words", ["'", '"', "%", "*", "!!!", "。", "a'\"; --", "(", "NEAR"])
async def test_marks_in_a_search_are_harmless(database: Database, words: str) -> None:
    await make_article()

    assert await answers.search(words, public=True) == ([], False)


async def test_owners_are_those_who_are_still_here(database: Database) -> None:
    helpdesk = await make_account(Role.helpdesk, name="い")
    coordinator = await make_account(Role.coordinator, name="あ")
    await make_account(Role.venue)
    gone = await make_account(Role.helpdesk)
    async with writing():
        await Account.update(disabled_at=clock.now()).where(Account.id == gone.id)

    assert await answers.owners() == [(coordinator.id, "あ"), (helpdesk.id, "い")]
