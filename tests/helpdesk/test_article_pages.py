"""The pages on which staff write, change and look after articles."""

import re
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime
from html import unescape
from typing import Any

import httpx
import pytest
from playwright.async_api import Page, expect

from server.helpdesk import articles, pictures
from server.helpdesk.tables import Article, ArticlePicture
from server.roles import Role
from tests.browser import sound_everywhere
from tests.databases import Database
from tests.factories import (
    PASSWORD,
    make_account,
    make_article,
    make_contact,
    make_desk,
    make_section,
    make_topic,
)
from tests.helpdesk.answering_cast import actor, picture
from tests.statements import counted

SignIn = Callable[..., Awaitable[httpx.AsyncClient]]

LIST = "/staff/articles"
SCRIPT = "<script>alert(1)</script>"


async def typed(**more: Any) -> dict[str, Any]:
    """What somebody types into the form."""
    words = {"question": "写真を送るには", "steps": "写真を開きます。\n\n  矢印を押します。  "}
    if "topic" not in more:
        more["topic"] = (await make_topic()).id
    return {**words, "public": "y", **more}


async def stored() -> dict[str, Any]:
    row = await Article.select().first()
    assert row is not None
    return row


async def test_an_article_is_written_published_and_read(
    database: Database, client_as: SignIn
) -> None:
    helpdesk = await client_as(Role.helpdesk)

    answer = await helpdesk.post(f"{LIST}/new", data=await typed(staff_answer="裏の答え"))

    article = await stored()
    assert answer.headers["location"] == f"{LIST}/{article['id']}?done=created"
    assert article["steps"] == "写真を開きます。\n矢印を押します。"
    assert article["published_at"] is None
    show = f"{LIST}/{article['id']}"
    html = (await helpdesk.get(answer.headers["location"])).text
    assert "下書きとして保存しました" in html
    assert "裏の答え" in html

    answer = await helpdesk.post(f"{show}/publication", data={"version": 1})
    assert answer.headers["location"] == f"{show}?done=published"
    assert (await helpdesk.get(f"/faq/{article['id']}")).status_code == httpx.codes.OK
    assert "写真を送るには" in (await helpdesk.get(LIST)).text


@pytest.mark.parametrize(
    ("more", "status", "why"),
    [
        ({"question": "  "}, 422, "入力してください"),
        ({"question": "あ" * 201}, 422, "200"),
        ({"topic": ""}, 422, "入力してください"),
        ({"topic": "9999"}, 422, "選んで"),
        ({"review_on": "2026-02-30"}, 422, "日付"),
        ({"steps": "", "staff_answer": ""}, 409, "手順か、職員向けの回答例を書いてください"),
        ({"steps": "番号は123456789018"}, 409, "マイナンバー"),
        ({"steps": "あ" * 4001}, 422, "4000"),
        ({"steps": SCRIPT, "question": " "}, 422, "&lt;script&gt;"),
    ],
)
async def test_what_was_typed_is_kept_when_it_is_refused(
    database: Database, client_as: SignIn, more: dict[str, str], status: int, why: str
) -> None:
    helpdesk = await client_as(Role.helpdesk)

    answer = await helpdesk.post(f"{LIST}/new", data=await typed(keywords="アルバム", **more))

    assert answer.status_code == status
    assert why in answer.text
    assert "アルバム" in answer.text
    assert SCRIPT not in answer.text
    assert await Article.count() == 0


async def test_a_body_of_300_kb_is_refused(database: Database, client_as: SignIn) -> None:
    helpdesk = await client_as(Role.helpdesk)

    answer = await helpdesk.post(f"{LIST}/new", data=await typed(steps="あ" * 100_000))

    assert answer.status_code == httpx.codes.REQUEST_ENTITY_TOO_LARGE


async def test_two_who_change_one_article_lose_nothing(
    database: Database, client_as: SignIn
) -> None:
    article = await make_article(question="はじめ")
    one, other = await client_as(Role.helpdesk), await client_as(Role.coordinator)
    edit = f"{LIST}/{article.id}/edit"
    seen = fields_of((await one.get(edit)).text, article)

    first = await other.post(edit, data={**seen, "question": "ほかの人の質問"})
    beside = await one.post(edit, data={**seen, "keywords": "わたしの言葉"})
    clash = await one.post(edit, data={**seen, "question": "わたしの質問"})

    assert (first.status_code, beside.status_code, clash.status_code) == (303, 303, 409)
    assert "ほかの人の質問" in clash.text
    assert "わたしの質問" in clash.text
    article_now = await stored()
    assert (article_now["question"], article_now["keywords"]) == ("ほかの人の質問", "わたしの言葉")


def fields_of(html: str, article: Article) -> dict[str, Any]:
    """What the form of an article shows, as a browser would send it back."""
    opened = re.search('name="opened" type="hidden" value="([^"]*)"', html)
    assert opened
    said = {name: getattr(article, name) for name in ("question", "steps", "staff_answer", "topic")}
    empty = dict.fromkeys(("procedure", "keywords", "section", "owner", "review_on"), "")
    return {**said, **empty, "public": "y", "version": 1, "opened": unescape(opened[1])}


async def test_the_history_shows_what_changed(database: Database, client_as: SignIn) -> None:
    helpdesk = await client_as(Role.helpdesk)
    words = await typed()
    await helpdesk.post(f"{LIST}/new", data=words)
    article = await stored()
    changed = {**words, "steps": f"写真を開きます。\n{SCRIPT}", "version": 1}
    await helpdesk.post(f"{LIST}/{article['id']}/edit", data=changed)

    html = (await helpdesk.get(f"{LIST}/{article['id']}/history")).text

    assert '<li class="change-gone">' in html
    assert "矢印を押します。" in html
    assert "&lt;script&gt;" in html
    assert SCRIPT not in html
    assert html.count("写真を開きます。") == 0  # what stayed is not a change
    assert html.index("第2版") < html.index("第1版")


async def test_the_list_shows_what_is_due_and_finds_by_state(
    database: Database, client_as: SignIn, frozen_now: datetime
) -> None:
    await make_article(question="古くなった", review_on=date(2026, 11, 1))
    await make_article(question="書きかけ", published_at=None)
    helpdesk, venue = await client_as(Role.helpdesk), await client_as(Role.venue)

    html = (await helpdesk.get(LIST)).text
    assert "見直しの時期が来た回答例が1件あります" in html
    assert "書きかけ" not in html
    assert "書きかけ" in (await helpdesk.get(f"{LIST}?state=draft")).text
    assert "書きかけ" not in (await helpdesk.get(f"{LIST}?state=nonsense&page=x&topic=y")).text
    read_only = (await venue.get(LIST)).text
    assert "見直しの時期" not in read_only
    assert f"{LIST}/new" not in read_only


async def test_looked_at_again_retired_and_offered_again(
    database: Database, client_as: SignIn, frozen_now: datetime
) -> None:
    article = await make_article(review_on=date(2026, 11, 1))
    helpdesk = await client_as(Role.helpdesk)
    show = f"{LIST}/{article.id}"

    for number, (act, note) in enumerate(
        [("review", "reviewed"), ("retirement", "retired"), ("return", "brought_back")], start=1
    ):
        answer = await helpdesk.post(f"{show}/{act}", data={"version": number})
        assert answer.headers["location"] == f"{show}?done={note}"
        assert (await helpdesk.get(answer.headers["location"])).status_code == httpx.codes.OK

    row = await stored()
    assert (row["review_on"], row["retired_at"], row["version"]) == (date(2027, 11, 21), None, 4)
    stale = await helpdesk.post(f"{show}/retirement", data={"version": 1})
    assert stale.status_code == httpx.codes.CONFLICT
    assert (await stored())["retired_at"] is None
    forged = await helpdesk.post(f"{show}/retirement", data={"version": "x"})
    assert forged.status_code == httpx.codes.CONFLICT


@pytest.mark.parametrize(
    ("act", "note", "now"),
    [
        ("publication", "published", {"published_at": None}),
        ("retirement", "retired", {}),
        ("return", "brought_back", {"retired_at": datetime(2026, 11, 1, tzinfo=UTC)}),
    ],
)
async def test_a_button_pressed_twice_answers_as_the_first_time(
    database: Database, client_as: SignIn, act: str, note: str, now: dict[str, Any]
) -> None:
    article = await make_article(**now)
    helpdesk = await client_as(Role.helpdesk)
    show = f"{LIST}/{article.id}"

    for _ in range(2):
        answer = await helpdesk.post(f"{show}/{act}", data={"version": 1})
        assert answer.headers["location"] == f"{show}?done={note}"

    assert (await stored())["version"] == 2


async def test_a_review_day_gone_by_is_refused_where_it_is_set_or_changed(
    database: Database, client_as: SignIn, frozen_now: datetime
) -> None:
    helpdesk = await client_as(Role.helpdesk)
    gone = {"review_on": "2026-11-21"}
    refused = await helpdesk.post(f"{LIST}/new", data=await typed(**gone))
    assert refused.status_code == httpx.codes.CONFLICT
    assert 'id="review_on-error"' in refused.text

    article = await make_article(review_on=date(2026, 11, 1))
    edit = f"{LIST}/{article.id}/edit"
    words = await typed(topic=article.topic, version=1)
    assert (await helpdesk.post(edit, data=words | gone)).status_code == httpx.codes.CONFLICT
    kept = await helpdesk.post(edit, data=words | {"review_on": "2026-11-01"})
    assert kept.status_code == httpx.codes.SEE_OTHER


async def test_p1_another_sections_article_is_read_not_changed(
    database: Database, client_as: SignIn
) -> None:
    section, other = await make_section(), await make_section()
    article = await make_article(section=section.id)
    stranger = await client_as(Role.coordinator, section=other.id)
    show = f"{LIST}/{article.id}"

    html = (await stranger.get(show)).text
    assert f"{show}/edit" not in html
    assert f"{show}/retirement" not in html
    assert (await stranger.get(f"{show}/edit")).status_code == httpx.codes.CONFLICT
    words = await typed(version=1)
    for path in ("edit", "retirement", "publication", "review"):
        answer = await stranger.post(f"{show}/{path}", data=words)
        assert answer.status_code == httpx.codes.CONFLICT, path
    assert (await stored())["version"] == 1


@pytest.mark.parametrize(
    ("content", "status", "why"),
    [
        (b"", 422, "ファイルを選んでください"),
        (b"<svg onload=alert(1)>", 409, "画像として読めませんでした"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 50, 409, "画像として読めませんでした"),
        (picture() + b"\0" * (5 * 1024 * 1024), 409, "5MBまで"),
        (b"\0" * (6 * 1024 * 1024), 413, "413"),
    ],
)
async def test_a_hostile_file_is_refused_and_what_was_typed_is_kept(
    database: Database, client_as: SignIn, content: bytes, status: int, why: str
) -> None:
    article = await make_article()
    helpdesk = await client_as(Role.helpdesk)

    answer = await helpdesk.post(
        f"{LIST}/{article.id}/pictures",
        data={"step": "1", "description": "右上のボタン"},
        files={"file": ("../../x.png", content, "image/png")},
    )

    assert answer.status_code == status
    assert status == 413 or (why in answer.text and "右上のボタン" in answer.text)
    assert await ArticlePicture.count() == 0


async def test_a_picture_is_added_seen_and_taken_away(
    database: Database, client_as: SignIn
) -> None:
    article = await make_article(published_at=None)
    helpdesk, venue = await client_as(Role.helpdesk), await client_as(Role.venue)
    show = f"{LIST}/{article.id}"

    answer = await helpdesk.post(
        f"{show}/pictures",
        data={"step": "2", "description": f"右上の{SCRIPT}"},
        files={"file": ("x.png", picture(), "text/html")},
    )

    assert answer.headers["location"] == f"{show}?done=picture"
    added = (await pictures.of_article(article.id))[0]
    path = f"/staff/articles/pictures/{added['id']}/{added['digest']}"
    html = (await helpdesk.get(show)).text
    assert path in html
    assert SCRIPT not in html
    sent = await venue.get(path)
    assert sent.headers["content-type"] == "image/jpeg"
    assert sent.headers["cache-control"] == "private, max-age=86400"
    public = f"/faq/pictures/{added['id']}/{added['digest']}"
    assert (await venue.get(public)).status_code == httpx.codes.NOT_FOUND  # a draft

    away = await helpdesk.post(f"{show}/pictures/{added['id']}/voiding")
    assert away.headers["location"] == f"{show}?done=picture_gone"
    assert await pictures.of_article(article.id) == []


async def test_a_picture_of_a_step_that_is_gone_stands_at_the_last(
    database: Database, client_as: SignIn
) -> None:
    by = await actor(Role.helpdesk)
    article = await make_article()
    await pictures.add(article.id, 2, "右上のボタン", picture(), by=by)
    facts = articles.ArticleFacts(article.question, "一つだけの手順", "", "", article.topic)
    await articles.edit(article.id, facts, version=1, by=by)
    helpdesk = await client_as(Role.helpdesk)

    html = (await helpdesk.get(f"{LIST}/{article.id}")).text

    assert html.index("一つだけの手順") < html.index('alt="右上のボタン"')


async def test_lists_take_as_many_statements_for_one_as_for_thirty(
    database: Database, client_as: SignIn, frozen_now: datetime
) -> None:
    helpdesk, topic = await client_as(Role.helpdesk), await make_topic()
    desk = await make_desk()
    taken: dict[str, list[int]] = {LIST: [], f"{LIST}/missing": []}
    for number in (1, 29):
        for _ in range(number):
            await make_article(topic=topic.id, review_on=date(2026, 11, 1))
            await make_contact(desk=desk.id, topic=(await make_topic()).id, answer_missing=True)
        for path, each in taken.items():
            await helpdesk.get(path)
            with counted() as sent:
                await helpdesk.get(path)
            each.append(len(sent))

    assert [first == then for first, then in taken.values()] == [True, True]


@pytest.mark.engine("sqlite")
async def test_staff_write_an_article(desk: Page) -> None:
    await make_topic(name="写真・動画")
    helpdesk = await make_account(Role.helpdesk)
    await make_contact(answer_missing=True)

    await desk.goto("/sign-in?next=/staff/articles")
    await desk.locator("[name=login]").fill(helpdesk.login)
    await desk.locator("[name=password]").fill(PASSWORD)
    await desk.keyboard.press("Enter")
    await desk.get_by_role("link", name="回答例を書く").click()
    await sound_everywhere(desk)
    await desk.locator("[name=question]").fill("写真を送るには")
    await desk.locator("[name=topic]").select_option(label="写真・動画")
    await desk.locator("[name=steps]").fill("写真を開きます。\n矢印を押します。")
    await desk.get_by_role("button", name="下書きとして保存する").click()
    await desk.get_by_text("画像を加える", exact=True).click()
    await desk.locator("[name=file]").set_input_files(
        {"name": "x.png", "mimeType": "image/png", "buffer": picture("PNG", (900, 500))}
    )
    await desk.locator("[name=step]").fill("2")
    await desk.locator("[name=description]").fill("右上の矢印")
    await desk.get_by_role("button", name="この画像を加える").click()
    await expect(desk.get_by_role("img", name="右上の矢印")).to_be_visible()
    await desk.get_by_role("button", name="公開する").click()
    await expect(desk.get_by_text("公開しました。")).to_be_visible()
    await sound_everywhere(desk)
    for link in ("変更の履歴を見る", "回答例へ戻る", "回答例の一覧へ戻る", "これから書く回答例"):
        await desk.get_by_role("link", name=link).click()
        await sound_everywhere(desk)
    await desk.locator("tbody td a").first.click()
    await sound_everywhere(desk)
