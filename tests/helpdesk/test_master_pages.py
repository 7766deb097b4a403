"""The pages of topics and procedures: what their editors do, and what others see."""

import re
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
from playwright.async_api import Browser

from server import clock
from server.classes.topics import set_topics
from server.roles import Role
from server.topics import procedures, topics
from server.topics.tables import Procedure, Topic
from tests.browser import axe, fits, screen
from tests.classes.staff_cast import ICT
from tests.databases import Database
from tests.factories import (
    PASSWORD,
    make_account,
    make_article,
    make_class_session,
    make_contact,
    make_course,
    make_municipality,
    make_procedure,
    make_section,
    make_topic,
)
from tests.pages import hidden
from tests.statements import counted

ClientAs = Callable[..., Awaitable[httpx.AsyncClient]]


@pytest.fixture
async def administrator(
    database: Database, frozen_now: datetime, client_as: ClientAs
) -> httpx.AsyncClient:
    await make_municipality()
    return await client_as(Role.administrator)


async def test_a_topic_is_added_and_changed(administrator: httpx.AsyncClient) -> None:
    top = await make_topic(name="電話", position=3)
    form = (await administrator.get("/staff/topics/new")).text
    assert hidden(form, "position") == "4"

    posted = {"name": "かける", "parent": str(top.id), "position": "4", "code": "ｃａｌｌ"}
    added = await administrator.post("/staff/topics/new", data=posted)
    assert (added.status_code, added.headers["location"]) == (303, "/staff/topics?done=created")
    [row] = await Topic.select().where(Topic.parent == top.id)
    assert (row["name"], row["code"]) == ("かける", "call")

    path = f"/staff/topics/{row['id']}/edit"
    form = (await administrator.get(path)).text
    posted = {"name": "電話をかける", "parent": "", "position": "5"}
    seen = {name: hidden(form, name) for name in ("version", "opened")}
    changed = await administrator.post(path, data=posted | seen)
    assert changed.headers["location"] == "/staff/topics?done=saved"
    history = (await administrator.get(path)).text
    assert "かける → 電話をかける" in history
    assert "電話 → （空欄）" in history


async def test_a_procedure_is_added_and_what_is_wrong_stands_beside_its_field(
    administrator: httpx.AsyncClient,
) -> None:
    topic, section = await make_topic(), await make_section()
    typed = {
        "name": "転出届",
        "reading": "漢字",
        "topic": str(topic.id),
        "section": str(section.id),
        "address": "javascript:alert(1)",
        "online_since": "1899-01-01",
        "position": "",
        "code": "あ",
    }

    wrong = await administrator.post("/staff/procedures/new", data=typed)
    assert wrong.status_code == 422
    for name in ("reading", "online_since", "position", "code"):
        assert f'id="{name}-error"' in wrong.text
    good = {"reading": "てんしゅつ", "online_since": "2023-02-06", "position": "1", "code": "a-1"}
    refused = await administrator.post("/staff/procedures/new", data=typed | good)
    assert refused.status_code == 409
    assert 'id="address-error"' in refused.text
    assert 'value="javascript:alert(1)"' in refused.text
    done = await administrator.post(
        "/staff/procedures/new", data=typed | good | {"address": "https://example.jp/"}
    )

    assert done.status_code == 303
    [row] = await Procedure.select()
    assert (row["topic"], row["section"], row["address"]) == (
        topic.id,
        section.id,
        "https://example.jp/",
    )


async def test_a_stale_save_shows_both_and_keeps_what_was_typed(
    administrator: httpx.AsyncClient,
) -> None:
    procedure = await make_procedure(name="転出届", position=1)
    path = f"/staff/procedures/{procedure.id}/edit"
    form = (await administrator.get(path)).text
    seen = {name: hidden(form, name) for name in ("version", "opened")}
    facts = procedures.ProcedureFacts(name="転出の届出", position=1)
    await procedures.edit(procedure.id, facts, version=1, by=ICT)

    both: dict[str, Any] = {"name": "転出の手続", "reading": "", "position": "1"}
    answer = await administrator.post(path, data=both | seen)
    assert answer.status_code == 409
    assert "転出の届出" in answer.text
    assert 'value="転出の手続"' in answer.text
    assert [row["name"] for row in await procedures.listed()] == ["転出の届出"]

    other = {"name": "転出届", "reading": "てんしゅつ", "position": "1"}
    merged = await administrator.post(path, data=other | seen)
    assert merged.headers["location"] == "/staff/procedures?done=merged"
    [row] = await procedures.listed()
    assert (row["name"], row["reading"]) == ("転出の届出", "てんしゅつ")


async def test_a_topic_is_retired_and_offered_again(administrator: httpx.AsyncClient) -> None:
    topic = await make_topic(name="電話")
    path = f"/staff/topics/{topic.id}"
    form = (await administrator.get(f"{path}/retirement")).text
    today = hidden(form, "retired_on")

    past = {"version": "1", "retired_on": "2000-01-01"}
    assert (await administrator.post(f"{path}/retirement", data=past)).status_code == 409
    typed = {"version": "1", "retired_on": today}
    gone = await administrator.post(f"{path}/retirement", data=typed)
    again = await administrator.post(f"{path}/retirement", data=typed)
    assert [gone.status_code, again.status_code] == [303, 303]
    assert await topics.listed() == []
    assert "電話" in (await administrator.get("/staff/topics")).text

    stale = await administrator.post(f"{path}/return", data={"version": "1"})
    assert (stale.status_code, hidden(stale.text, "version")) == (409, "2")
    back = await administrator.post(f"{path}/return", data={"version": "2"})
    assert back.headers["location"] == "/staff/topics?done=back"
    assert [row["name"] for row in await topics.listed()] == ["電話"]


async def test_merging_shows_its_effect_before_it_is_done(
    administrator: httpx.AsyncClient,
) -> None:
    topic, into = await make_topic(name="LINE"), await make_topic(name="メッセージ")
    earlier = await make_topic(name="チャット")
    await topics.merge(earlier.id, topic.id, version=1, by=ICT)
    await make_procedure(name="友だち登録", topic=topic.id)
    path = f"/staff/topics/{topic.id}/merging"
    typed = {"version": "1", "into": str(into.id)}

    shown = await administrator.post(path, data=typed)
    assert (shown.status_code, hidden(shown.text, "confirmed")) == (200, str(into.id))
    assert "チャット" in shown.text
    assert "友だち登録" in shown.text
    assert (await topics.standing())[topic.id] == topic.id

    done = await administrator.post(path, data=typed | {"confirmed": str(into.id)})
    assert done.headers["location"] == "/staff/topics?done=counted"
    assert await topics.standing() == dict.fromkeys([topic.id, into.id, earlier.id], into.id)


async def test_t5_merging_says_what_moves_along_as_the_lists_have_it(
    database: Database, frozen_now: datetime, client_as: ClientAs
) -> None:
    await make_municipality()
    coordinator = await client_as(Role.coordinator)
    topic, into, earlier = [await make_topic(name=each) for each in ("LINE", "連絡", "チャット")]
    for each, number in ((topic, 2), (earlier, 1), (into, 4)):
        for _ in range(number):
            await make_contact(topic=each.id)
    await make_contact(topic=topic.id, voided_at=clock.now(), void_reason="誤り")
    answer = await make_article(topic=earlier.id, question="既読とは何ですか。")
    course = await make_course(title="LINEの教室")
    await make_class_session(course=course.id, starts_at=clock.now() + timedelta(days=9))
    await make_class_session(course=course.id)
    await set_topics(course.id, [topic.id, earlier.id])
    await topics.merge(earlier.id, topic.id, version=1, by=ICT)
    typed = {"version": "1", "into": str(into.id)}

    shown = (await coordinator.post(f"/staff/topics/{topic.id}/merging", data=typed)).text

    assert f'<a href="/staff/contacts?topic={topic.id}">対応記録 3件</a>' in shown
    listed = (await coordinator.get(f"/staff/contacts?topic={topic.id}")).text
    assert len(re.findall(r'href="/staff/contacts/\d+"', listed)) == 3
    assert "<summary>回答例・よくある質問 1件</summary>" in shown
    assert f'<a href="/staff/articles/{answer.id}">既読とは何ですか。</a>' in shown
    assert "<summary>1件の教室</summary>" in shown
    assert f'<a href="/staff/courses/{course.id}">LINEの教室</a>' in shown
    assert "令和8年11月28日" in shown


async def test_t5_merging_a_procedure_says_what_moves_along(
    administrator: httpx.AsyncClient,
) -> None:
    procedure, into = await make_procedure(name="転出"), await make_procedure(name="転出届")
    await make_contact(procedure=procedure.id)
    await make_article(procedure=procedure.id)
    typed = {"version": "1", "into": str(into.id)}

    shown = (await administrator.post(f"/staff/procedures/{procedure.id}/merging", data=typed)).text

    assert "<li>対応記録 1件</li>" in shown
    assert re.search(r"<li>\s*回答例・よくある質問 1件\s*</li>", shown)
    assert "件の教室" not in shown
    assert "/staff/contacts?" not in shown  # P1: an administrator sees no residents' data


async def test_the_history_says_who_changed_it(database: Database, client_as: ClientAs) -> None:
    await make_municipality()
    topic = await make_topic(name="電話")
    browser = await client_as(Role.administrator)
    typed = {"version": "1", "name": "かける", "parent": "", "position": "1"}
    await browser.post(f"/staff/topics/{topic.id}/edit", data=typed)
    await topics.retire(topic.id, clock.today(), version=2, by=None)

    history = (await browser.get(f"/staff/topics/{topic.id}/edit")).text.split("<tbody>")[1]

    lines = re.findall(r"<tr>(.*?)</tr>", history, re.DOTALL)
    assert [re.findall(r"<td>(.*?)</td>", line)[0] for line in lines] == ["", "鈴木一郎"]


async def test_merging_into_what_has_gone_meanwhile_is_refused(
    administrator: httpx.AsyncClient,
) -> None:
    topic, into = await make_topic(name="LINE"), await make_topic(name="メッセージ")
    await topics.retire(into.id, clock.today(), version=1, by=ICT)
    path = f"/staff/topics/{topic.id}/merging"
    typed = {"version": "1", "confirmed": str(into.id)}

    answers = [
        await administrator.post(path, data=typed | {"into": chosen})
        for chosen in (str(into.id), str(topic.id), "9" * 30, "x", "")
    ]

    assert [each.status_code for each in answers] == [409, 409, 409, 409, 422]
    assert "メッセージ" in answers[0].text


async def test_another_sections_coordinator_reads_but_does_not_change(
    database: Database, client_as: ClientAs
) -> None:
    await make_municipality()
    topic = await make_topic(name="電話")
    section = await make_section()
    browser = await client_as(Role.coordinator, section=section.id)

    listed = await browser.get("/staff/topics")
    assert listed.status_code == 200
    assert "電話" in listed.text
    assert "/staff/topics/new" not in listed.text
    assert "/retirement" not in listed.text
    typed = {"version": "1", "name": "別の名前", "position": "1"}
    assert (await browser.post(f"/staff/topics/{topic.id}/edit", data=typed)).status_code == 409
    assert [row["name"] for row in await topics.listed()] == ["電話"]


async def test_what_is_not_there_is_not_found(administrator: httpx.AsyncClient) -> None:
    for name in ("topics", "procedures"):
        for page in ("edit", "retirement", "return", "merging"):
            answer = await administrator.get(f"/staff/{name}/999/{page}")
            assert answer.status_code == 404


async def test_a_hostile_name_is_only_text(administrator: httpx.AsyncClient) -> None:
    await make_topic(name="<script>alert(1)</script>")
    procedure = await make_procedure(name="=1+1", reading="")

    assert "<script>alert" not in (await administrator.get("/staff/topics")).text
    for page in ("edit", "retirement", "return", "merging"):
        answer = await administrator.get(f"/staff/procedures/{procedure.id}/{page}")
        assert answer.status_code == 200
    assert "'=1+1" in (await administrator.get("/staff/procedures/file")).text


async def test_procedures_are_found_by_name_reading_code_and_section(
    administrator: httpx.AsyncClient,
) -> None:
    section = await make_section(name="市民課")
    await make_procedure(name="転出届", reading="てんしゅつとどけ", code="T-1", section=section.id)
    await make_procedure(name="介護認定", reading="かいごにんてい", code="K-1")

    for asked in ("転出", "テンシュツ", "ｔ-1", "市民課"):
        found = (await administrator.get("/staff/procedures", params={"q": asked})).text
        assert "転出届" in found
        assert "介護認定" not in found
    nothing = (await administrator.get("/staff/procedures", params={"q": "<b>ない"})).text
    assert "当てはまる手続はありません。" in nothing


@pytest.mark.parametrize("name", ["topics", "procedures"])
async def test_a_list_takes_as_many_statements_for_thirty_as_for_one(
    administrator: httpx.AsyncClient, name: str
) -> None:
    make: Any = make_topic if name == "topics" else make_procedure
    await make()
    await administrator.get(f"/staff/{name}")
    with counted() as one:
        await administrator.get(f"/staff/{name}")
    for _number in range(29):
        await make()
    await administrator.get(f"/staff/{name}")
    with counted() as thirty:
        await administrator.get(f"/staff/{name}")

    assert len(one) == len(thirty)


async def test_a_long_list_goes_on_overleaf(administrator: httpx.AsyncClient) -> None:
    for number in range(101):
        await make_procedure(name=f"手続その{number:03}")

    first = (await administrator.get("/staff/procedures")).text
    second = (await administrator.get("/staff/procedures?page=2")).text

    assert "/staff/procedures?page=2" in first
    assert first.count("手続その") >= 100
    assert "手続その100" in second
    assert "手続その099" not in second


@pytest.mark.browser
@pytest.mark.engine("sqlite")
@pytest.mark.parametrize("size", ["phone", "desk"])
async def test_every_page_is_accessible_and_fits(
    running_server: str, browser: Browser, size: str
) -> None:
    await make_municipality()
    account = await make_account(Role.administrator)
    top = await make_topic(name="スマートフォンの基本操作")
    topic = await make_topic(name="電話・連絡先", parent=top.id)
    gone = await make_topic(name="昔のこと")
    await topics.merge(gone.id, topic.id, version=1, by=ICT)
    facts = procedures.ProcedureFacts("転出届（引越しの手続）", address="https://example.jp/")
    procedure = await procedures.create(facts, by=ICT)

    async with screen(browser, running_server, size) as page:
        await page.goto("/staff/topics")
        await page.locator("input[name=login]").fill(account.login)
        await page.locator("input[name=password]").fill(PASSWORD)
        await page.locator("main form button").click()
        await page.wait_for_url("**/staff/topics")
        paths = [
            *("/staff/topics", "/staff/topics/new", f"/staff/topics/{topic.id}/edit"),
            *(f"/staff/topics/{topic.id}/merging", f"/staff/topics/{gone.id}/return"),
            *("/staff/procedures", "/staff/procedures/new", "/staff/procedures/import"),
            f"/staff/procedures/{procedure['id']}/edit",
            f"/staff/procedures/{procedure['id']}/retirement",
        ]
        for path in paths:
            await page.goto(path)
            await axe(page)
            await fits(page)
