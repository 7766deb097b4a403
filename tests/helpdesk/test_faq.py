"""Frequently asked questions as residents find them."""

from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
from playwright.async_api import Browser, Page, expect

from server import clock
from server.classes.tables import CourseTopic
from server.database import writing
from server.helpdesk import pictures
from server.roles import Role
from tests.browser import axe, fits, screen
from tests.databases import Database
from tests.factories import (
    make_article,
    make_class_session,
    make_contact,
    make_course,
    make_municipality,
    make_procedure,
    make_topic,
)
from tests.helpdesk.answering_cast import actor, picture
from tests.statements import counted

SCRIPT = "<script>alert(1)</script>"


async def page_of(client: httpx.AsyncClient, path: str, **asked: Any) -> str:
    answer = await client.get(path, params=asked)
    assert answer.status_code == httpx.codes.OK
    return answer.text


async def test_what_is_asked_most_stands_first_and_topics_below(
    database: Database, client: httpx.AsyncClient, frozen_now: datetime
) -> None:
    await make_municipality()
    topic, other = await make_topic(name="電話"), await make_topic(name="写真")
    await make_topic(name="だれも書いていない")
    quiet = await make_article(topic=topic.id)
    asked = await make_article(topic=other.id)
    await make_contact(article=asked.id, topic=other.id)

    html = await page_of(client, "/faq")

    assert html.index(f"/faq/{asked.id}") < html.index(f"/faq/{quiet.id}")
    assert f'<a href="/faq?topic={topic.id}">電話<small>1件</small></a>' in html
    assert "だれも書いていない" not in html


async def test_a_search_finds_two_characters_kana_and_keywords(
    database: Database, client: httpx.AsyncClient
) -> None:
    sound = await make_article(question="着信音を大きくする", keywords="ベル よびだし")
    other = await make_article(question="地図で道を知る")

    for words in ("音", "着信", "べる", "ヨビダシ", "ﾍﾞﾙ", "電源"):
        html = await page_of(client, "/faq", q=words)
        assert f"/faq/{sound.id}" in html, words
        assert (f"/faq/{other.id}" in html) is (words == "電源"), words


async def test_a_search_that_finds_nothing_shows_the_telephone(
    database: Database, client: httpx.AsyncClient
) -> None:
    await make_municipality()
    await make_article()

    html = await page_of(client, "/faq", q="ない言葉")

    body = html[html.index("<main") : html.index("</main>")]
    assert "質問が見つかりませんでした" in body
    assert "例：マイナンバーカード 封筒" in body
    assert body.count("/faq/") == 1  # what is asked most, and below it
    assert "/faq?topic=" in body
    assert "tel:0593540000" in body
    assert "午前8時30分から午後5時15分まで" in body


async def test_what_residents_may_not_read_is_not_found(
    database: Database, client: httpx.AsyncClient
) -> None:
    staff = await make_article(question="苦情の受け方", public=False)
    draft = await make_article(question="下書きの質問", published_at=None)
    retired = await make_article(question="古い質問", retired_at=clock.now())

    for path in ("/faq", "/faq?q=質問", f"/faq?topic={staff.topic}"):
        html = await page_of(client, path)
        assert [each for each in (staff, draft, retired) if f"/faq/{each.id}" in html] == []
    for each in (staff, draft, retired):
        assert (await client.get(f"/faq/{each.id}")).status_code == httpx.codes.NOT_FOUND


async def test_an_answer_has_numbered_steps_and_the_telephone_and_classes(
    database: Database, client: httpx.AsyncClient, frozen_now: datetime
) -> None:
    await make_municipality()
    procedure = await make_procedure(name="転出届", address="https://city.example.jp/move")
    article = await make_article(
        question="写真を送るには", staff_answer="内緒の合言葉", procedure=procedure.id
    )
    course = await make_course(title="写真の教室")
    await make_class_session(course=course.id)
    async with writing():
        await CourseTopic(course=course.id, topic=article.topic).save()

    html = await page_of(client, f"/faq/{article.id}")

    assert html.count("<li><p>") == 2
    assert "内緒の合言葉" not in html
    assert 'href="https://city.example.jp/move"' in html
    assert f'<a href="/courses/{course.id}">写真の教室</a>' in html
    assert html.index("写真を送るには") < html.index("画面を上になぞります") < html.index("059-354")


async def test_hostile_words_are_shown_as_they_are(
    database: Database, client: httpx.AsyncClient
) -> None:
    article = await make_article(question=f"質問{SCRIPT}", steps=f"=1+1\n{SCRIPT}")

    for path in ("/faq", f"/faq/{article.id}", f"/faq?q=質問{SCRIPT}"):
        html = await page_of(client, path)
        assert SCRIPT not in html
        assert "&lt;script&gt;" in html


@pytest.mark.parametrize("asked", ["page=0", "page=x", "page=99999", "topic=0", "topic=9999999999"])
async def test_nonsense_in_the_address_is_no_error(
    database: Database, client: httpx.AsyncClient, asked: str
) -> None:
    await make_article()

    assert (await client.get(f"/faq?{asked}")).status_code == httpx.codes.OK
    assert (await client.get(f"/faq?q={'あ' * 3000}")).status_code == httpx.codes.OK


async def test_more_than_fifty_are_on_the_next_page(
    database: Database, client: httpx.AsyncClient
) -> None:
    topic = await make_topic()
    for _ in range(51):
        await make_article(topic=topic.id)

    first = await page_of(client, "/faq", topic=topic.id)
    second = await page_of(client, "/faq", topic=topic.id, page=2)

    assert first.count('<li><a href="/faq/') == 50
    assert f"/faq?topic={topic.id}&amp;page=2" in first
    assert second.count('<li><a href="/faq/') == 1


async def test_pages_are_kept_for_everybody_until_something_changes(
    database: Database, client: httpx.AsyncClient, frozen_now: datetime
) -> None:
    article = await make_article(question="はじめの質問")
    await client.get("/faq")
    with counted() as sent:
        kept = await client.get("/faq")
    assert sent == []

    tagged = await client.get("/faq", headers={"if-none-match": kept.headers["etag"]})
    assert tagged.status_code == httpx.codes.NOT_MODIFIED
    assert "set-cookie" not in kept.headers

    await make_article(topic=article.topic, question="あたらしい質問")
    assert "あたらしい質問" in await page_of(client, "/faq")


async def test_a_list_takes_as_many_statements_for_one_as_for_thirty(
    database: Database, client: httpx.AsyncClient
) -> None:
    topic = await make_topic()
    taken = []
    for number in (1, 29):
        for _ in range(number):
            await make_article(topic=topic.id)
        with counted() as sent:
            await client.get(f"/faq?q=質問&topic={topic.id}&page=1&n={number}")
        taken.append(len([each for each in sent if "municipality" not in each]))

    assert taken == [3, 3]


async def test_a_picture_is_sent_once_and_only_while_it_may_be_seen(
    database: Database, client: httpx.AsyncClient
) -> None:
    by = await actor(Role.helpdesk)
    article = await make_article()
    added = await pictures.add(article.id, 2, "右上のボタン", picture(), by=by)
    path = f"/faq/pictures/{added['id']}/{added['digest']}"

    html = await page_of(client, f"/faq/{article.id}")
    assert f'<img src="{path}" width="60" height="40" alt="右上のボタン"' in html
    sent = await client.get(path)
    assert sent.status_code == httpx.codes.OK
    assert sent.headers["content-type"] == "image/jpeg"
    assert sent.headers["x-content-type-options"] == "nosniff"
    assert sent.headers["cache-control"] == "public, max-age=86400"
    assert sent.headers["etag"] == f'"{added["digest"]}"'
    again = await client.get(path, headers={"if-none-match": sent.headers["etag"]})
    assert (again.status_code, again.content) == (httpx.codes.NOT_MODIFIED, b"")
    assert (await client.get(f"/faq/pictures/{added['id']}/other")).status_code == 404

    await pictures.void(added["id"], by=by)

    assert (await client.get(path)).status_code == httpx.codes.NOT_FOUND


async def test_home_and_every_page_lead_to_the_questions(
    database: Database, client: httpx.AsyncClient
) -> None:
    home = await page_of(client, "/")

    assert home.count('href="/faq"') == 3  # in the menu, on the page, and at its foot
    assert home.index("画面が真っ暗、あやしい知らせ") < home.index("お住まいの地区")
    assert 'href="/faq"' in await page_of(client, "/courses")


@pytest.mark.engine("sqlite")
async def test_a_resident_finds_an_answer(phone: Page, frozen_now: datetime) -> None:
    await make_municipality()
    article = await make_article(question="写真を大きくして見るには", steps="二本の指で広げます。")
    by = await actor(Role.helpdesk)
    await pictures.add(article.id, 1, "二本の指", picture("JPEG", (600, 900)), by=by)
    course = await make_course(title="写真の教室", closes_at=clock.now() + timedelta(days=3650))
    await make_class_session(course=course.id, starts_at=clock.now() + timedelta(days=3651))
    async with writing():
        await CourseTopic(course=course.id, topic=article.topic).save()

    await phone.goto("/")
    await phone.get_by_role("link", name="困ったとき").first.click()
    await phone.wait_for_url("**/faq")
    await axe(phone)
    await fits(phone)
    await phone.get_by_label("知りたいことを入れてください").fill("写真")
    await phone.get_by_role("button", name="さがす").click()
    await phone.wait_for_url("**/faq?*")
    await axe(phone)
    await fits(phone)
    await phone.get_by_role("link", name="写真を大きくして見るには").click()

    await expect(phone.get_by_role("heading", level=1)).to_have_text("写真を大きくして見るには")
    await expect(phone.get_by_role("img", name="二本の指")).to_be_visible()
    await expect(phone.get_by_role("link", name="写真の教室")).to_be_visible()
    await axe(phone)
    await fits(phone)


@pytest.mark.engine("sqlite")
async def test_a_search_in_vain_says_where_to_phone(phone: Page) -> None:
    await make_municipality()
    await phone.goto("/faq?q=ない言葉")

    await expect(phone.locator("main").get_by_role("link", name="059-354-0000")).to_be_visible()
    await axe(phone)
    await fits(phone)


async def test_a_search_says_how_many_it_found_before_all_else(
    database: Database, client: httpx.AsyncClient
) -> None:
    for name in ("青い封筒", "白い封筒"):
        await make_article(question=name)

    html = await page_of(client, "/faq", q="封筒")
    near = await page_of(client, "/faq", q="封筒の消印")

    assert "<title>「封筒」2件 |" in html
    assert html.index("<h1>「封筒」2件</h1>") < html.index("青い封筒") < html.index('role="search"')
    assert "<h1>ぴったりの質問はありませんでした。近いものです</h1>" in near
    assert "青い封筒" in near


async def test_numbers_in_steps_are_dialled_with_a_tap(
    database: Database, client: httpx.AsyncClient
) -> None:
    steps = (
        "消費者ホットライン（188番）か059-354-0000、＃9110へ。\n"
        "1188番、2026-11-21、100-1000番、09-1、119番目は番号ではありません。<b>110番</b>"
    )
    article = await make_article(steps=steps)

    html = await page_of(client, f"/faq/{article.id}")

    said = html[html.index('<ol class="answer-steps">') : html.index("</ol>")]
    assert '（<a class="tel" href="tel:188">188番</a>）か' in said
    assert '<a class="tel" href="tel:0593540000">059-354-0000</a>、' in said
    assert '<a class="tel" href="tel:%239110">＃9110</a>へ。' in said
    assert '&lt;b&gt;<a class="tel" href="tel:110">110番</a>&lt;/b&gt;' in said
    assert said.count("<a ") == 4


async def test_the_telephone_stands_once_and_says_whether_it_is_answered(
    database: Database, client: httpx.AsyncClient, frozen_now: datetime
) -> None:
    await make_municipality()
    article = await make_article()

    html = await page_of(client, f"/faq/{article.id}")

    assert html.count("tel:0593540000") == 1
    assert "ただいま電話の受付時間外です" in html  # Saturday


async def test_english_pages_say_that_answers_are_in_japanese(
    database: Database, client: httpx.AsyncClient
) -> None:
    article = await make_article()
    client.cookies["language"] = "en"

    for path in ("/faq", "/faq?q=質問", f"/faq/{article.id}"):
        html = await page_of(client, path)
        assert "The questions and answers are in Japanese." in html
        assert ' lang="ja">' in html[html.index("<main") : html.index("</main>")]


@pytest.mark.engine("sqlite")
async def test_what_is_hidden_does_not_show(browser: Browser, running_server: str) -> None:
    article = await make_article()

    async with screen(browser, running_server, "phone", javascript=False) as page:
        await page.goto(f"/faq/{article.id}")
        await expect(page.locator("[data-print]")).to_be_hidden()


@pytest.mark.engine("sqlite")
async def test_a_printed_answer_is_large_and_whole(phone: Page) -> None:
    await make_municipality()
    procedure = await make_procedure(name="転出届", address="https://city.example.jp/move")
    article = await make_article(procedure=procedure.id)
    await phone.goto(f"/faq/{article.id}")
    await phone.emulate_media(media="print")

    size = await phone.locator(".answer-steps p").first.evaluate(
        "p => parseFloat(getComputedStyle(p).fontSize)"
    )

    assert size == pytest.approx(16 / 0.75, abs=0.1)  # 16 point in pixels
    await expect(phone.get_by_text("https://city.example.jp/move")).to_be_visible()
    await expect(phone.locator("[data-print]")).to_be_hidden()
