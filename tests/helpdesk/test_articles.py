"""Articles: written, changed, published; which answers a contact, and what none does (H3)."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from server import clock
from server.accounts.tables import Account
from server.audit.tables import AuditEntry
from server.database import writing
from server.helpdesk import answers, articles
from server.helpdesk.articles import ArticleFacts
from server.helpdesk.tables import Article, ArticleEdition, Contact
from server.refusals import Refused, Stale
from server.roles import Role
from server.topics.tables import Procedure, Topic
from tests.databases import Database
from tests.factories import (
    make_account,
    make_article,
    make_contact,
    make_desk,
    make_procedure,
    make_section,
    make_topic,
)
from tests.helpdesk.answering_cast import actor
from tests.statements import counted, rows_read
from tests.unlocked import unlock

NOBODY = 0


async def facts(**more: Any) -> ArticleFacts:
    """What somebody writes about the ringing tone."""
    topic = more.pop("topic_id", None) or (await make_topic()).id
    words = {
        "question": "着信音を大きくするには",
        "steps": "設定を開きます。\n音を押します。",
        "staff_answer": "機種を先に聞く。",
        "keywords": "ベル 呼び出し",
    }
    return ArticleFacts(**{**words, "topic_id": topic, **more})


async def ids(rows: list[dict[str, Any]]) -> list[int]:
    return [row["id"] for row in rows]


async def test_each_change_is_an_edition_and_audited(database: Database) -> None:
    by = await actor(Role.helpdesk)
    first = await facts()
    written = await articles.create(first, by=by)

    louder = replace(first, steps="設定を開きます。\n音とバイブを押します。")
    changed = await articles.edit(written["id"], louder, version=1, by=by)
    same = await articles.edit(written["id"], louder, version=2, by=by)

    assert (changed["version"], same["version"]) == (2, 2)
    rows = await answers.editions(written["id"])
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
    assert await articles.matches(typed.topic_id) == []

    published = await articles.publish(written["id"], version=1, by=by)
    assert await ids(await articles.matches(typed.topic_id)) == [written["id"]]
    retired = await articles.retire(written["id"], version=published["version"], by=by)
    assert await articles.matches(typed.topic_id) == []
    await articles.bring_back(written["id"], version=retired["version"], by=by)
    assert await ids(await articles.matches(typed.topic_id)) == [written["id"]]


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

    plain = await articles.matches(topic.id)
    on_it = await articles.matches(topic.id, procedure.id)

    assert await ids(plain) == [asked.id, once.id, same.id, quiet.id]
    assert [row["number"] for row in plain] == [2, 1, 0, 0]
    assert await ids(on_it) == [same.id, asked.id, once.id, quiet.id]
    assert await ids(await articles.matches(topic.id, limit=1)) == [asked.id]
    assert await articles.answered([asked.id, once.id, quiet.id]) == {
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

    assert await ids(await articles.matches(into.id, kept.id)) == [old.id, above.id]
    assert await ids(await articles.matches(was.id)) == [above.id, old.id]
    assert await ids(await articles.matches(child.id)) == [below.id, above.id, old.id]
    rows, _ = await answers.search("", into.id, public=True)
    assert set(await ids(rows)) == {old.id, above.id}


async def test_h3_words_find_answers_on_any_topic(database: Database) -> None:
    topic = await make_topic()
    far = await make_article(question="ワクチンの予約")
    near = await make_article(question="ワクチンの接種券", topic=topic.id)
    await make_article(topic=topic.id)

    found = await articles.matches(topic.id, None, "わくちん")

    assert await ids(found) == [near.id, far.id]
    assert await articles.matches(topic.id, None, "ワクチン 雨") == []


async def test_matches_take_three_statements_however_many_there_are(database: Database) -> None:
    topic = await make_topic()
    procedure = await make_procedure()
    for _ in range(6):
        await make_article(topic=topic.id)

    with counted() as sent:
        await articles.matches(topic.id, procedure.id)

    assert len(sent) == 3


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

    assert await ids(await articles.due(operator)) == [left.id, own.id]
    assert await ids(await articles.due(coordinator)) == [left.id, section.id]
    assert await ids(await articles.due(overseer)) == [left.id, own.id, section.id]
    assert await articles.due(await actor(Role.venue)) == []


async def test_a_review_puts_the_day_off(database: Database, frozen_now: datetime) -> None:
    by = await actor(Role.helpdesk)
    article = await make_article(owner=by.id, review_on=clock.today())

    with pytest.raises(Refused, match="a day to come"):
        await articles.review(article.id, clock.today(), version=1, by=by)
    await articles.review(article.id, date(2027, 11, 21), version=1, by=by)

    assert await articles.due(by) == []
    assert await ArticleEdition.count() == 0


async def test_h3_what_nothing_answered_is_the_list_of_articles_to_write(
    database: Database, frozen_now: datetime
) -> None:
    by = await actor(Role.helpdesk)
    desk, topic = await make_desk(), await make_topic(name="電話")
    procedure = await make_procedure(name="転出届")
    await make_contact(desk=desk.id, topic=topic.id, answer_missing=True, note="音が出ない")
    await make_contact(desk=desk.id, topic=topic.id, answer_missing=True)
    await make_contact(desk=desk.id, topic=topic.id)
    await make_contact(desk=desk.id, topic=topic.id, answer_missing=True, voided_at=clock.now())
    await make_contact(desk=desk.id, topic=topic.id, procedure=procedure.id, answer_missing=True)

    rows = await answers.missing()

    assert [(r["topic_name"], r["procedure_name"], r["number"]) for r in rows] == [
        ("電話", "", 2),
        ("電話", "転出届", 1),
    ]
    assert [(r["contacts"], r["noted"], r["last_on"]) for r in rows] == [
        (2, 1, clock.today()),
        (1, 0, clock.today()),
    ]
    listed = await answers.missing_ids(topic.id, None, 200)
    assert [r["note"] for r in await answers.asked(listed)] == ["", "音が出ない"]
    assert await answers.missing_ids(topic.id, None, 1) == listed[1:]
    assert len(await answers.missing_ids(topic.id, procedure.id, 200)) == 1

    typed = await facts(topic_id=topic.id)
    written = await articles.create(typed, by=by)
    assert len(await answers.missing()) == 2  # a draft answers nobody
    with clock.freeze(clock.now() + timedelta(minutes=1)):
        await articles.publish(written["id"], version=1, by=by)
    assert [r["procedure_name"] for r in await answers.missing()] == ["転出届"]

    with clock.freeze(clock.now() + timedelta(minutes=2)):
        await make_contact(desk=desk.id, topic=topic.id, answer_missing=True)
    assert [r["number"] for r in await answers.missing()] == [1, 1]


async def test_h3_what_is_missing_is_one_line_where_topics_and_procedures_were_merged(
    database: Database, frozen_now: datetime
) -> None:
    into = await make_topic(name="電話")
    was = await make_topic(name="スマホ", merged_into=into.id)
    form = await make_procedure(name="転出届")
    old = await make_procedure(name="転出", merged_into=form.id)
    desk, earlier = (await make_desk()).id, clock.now() - timedelta(days=3)
    await make_contact(
        desk=desk, topic=was.id, procedure=old.id, answer_missing=True, contacted_at=earlier
    )
    last = {"desk": desk, "topic": into.id, "procedure": form.id, "number": 4, "tally": True}
    await make_contact(**last, answer_missing=True)

    [row] = await answers.missing()
    assert (row["topic_name"], row["procedure_name"], row["number"]) == ("電話", "転出届", 5)
    assert (row["contacts"], row["last_on"]) == (2, clock.today())
    with clock.freeze(clock.now() - timedelta(days=1)):  # on the merged ones, between the two
        await make_article(topic=was.id, procedure=old.id, changed_at=clock.now())
    [row] = await answers.missing()
    assert (row["number"], row["contacts"]) == (4, 1)


async def test_what_is_missing_is_read_as_lines_and_never_as_contacts(
    database: Database, frozen_now: datetime
) -> None:
    desk, topic = (await make_desk()).id, (await make_topic()).id
    read: list[int] = []
    for _ in range(2):
        for _again in range(15):
            await make_contact(desk=desk, topic=topic, answer_missing=True)
        with rows_read() as numbers:
            await answers.missing()
        read.append(sum(numbers))

    assert read[0] == read[1]


async def test_search_shows_residents_only_what_is_for_them(database: Database) -> None:
    public = await make_article(question="写真を送る", staff_answer="内緒の合言葉")
    staff = await make_article(question="写真の苦情", staff_answer="課長へ", public=False)
    draft = await make_article(question="写真を消す", published_at=None)
    retired = await make_article(question="写真を撮る", retired_at=clock.now())

    for_residents, _ = await answers.search("写真", public=True)
    for_staff, _ = await answers.search("写真", public=False)

    assert await ids(for_residents) == [public.id]
    assert await ids(for_staff) == [staff.id, public.id]
    drafts, _ = await answers.search("写真", public=False, state="draft")
    gone, _ = await answers.search("写真", public=False, state="retired")
    assert (await ids(drafts), await ids(gone)) == ([draft.id], [retired.id])
    assert await answers.search("合言葉", public=True) == ([], False)
    assert await ids((await answers.search("課長", public=False))[0]) == [staff.id]


async def test_a_public_search_never_tells_what_only_staff_read(database: Database) -> None:
    by = await actor(Role.helpdesk)
    typed = await facts(staff_answer="内緒の合言葉", public=True)
    written = await articles.create(typed, by=by)
    await articles.publish(written["id"], version=1, by=by)
    assert await answers.search("合言葉", public=True) == ([], False)

    await articles.edit(written["id"], replace(typed, public=False), version=2, by=by)

    assert await ids((await answers.search("合言葉", public=False))[0]) == [written["id"]]
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


async def test_the_answer_of_a_contact_counts_once_it_is_voided_no_more(
    database: Database,
) -> None:
    desk, article = await make_desk(), await make_article()
    contact = await make_contact(desk=desk.id, topic=article.topic, article=article.id)
    assert await articles.answered([article.id, NOBODY]) == {article.id: 1}

    async with writing():
        await Contact.update(voided_at=clock.now()).where(Contact.id == contact.id)

    assert await articles.answered([article.id]) == {}
    assert await articles.answered([]) == {}


async def test_owners_are_those_who_are_still_here(database: Database) -> None:
    helpdesk = await make_account(Role.helpdesk, name="い")
    coordinator = await make_account(Role.coordinator, name="あ")
    await make_account(Role.venue)
    gone = await make_account(Role.helpdesk)
    async with writing():
        await Account.update(disabled_at=clock.now()).where(Account.id == gone.id)

    assert await answers.owners() == [(coordinator.id, "あ"), (helpdesk.id, "い")]


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


@pytest.mark.engine("sqlite")
async def test_what_answered_is_counted_by_its_index(database: Database) -> None:
    topic = await make_topic()
    with counted() as sent:
        await articles.matches(topic.id)

    plan = await Article.raw(f"EXPLAIN QUERY PLAN {sent[-1]}")

    assert "ix_contact_answered" in str(plan)
