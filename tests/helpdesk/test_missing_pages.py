"""The pages of the articles to write: contacts ticked, set aside, put back."""

import re
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

import httpx
import pytest
from playwright.async_api import Page, expect

from server.audit.tables import AuditEntry
from server.helpdesk import missing
from server.helpdesk.tables import Article, Contact, MissingSettled
from server.roles import Role
from tests.browser import sound_everywhere
from tests.databases import Database
from tests.factories import (
    PASSWORD,
    make_account,
    make_article,
    make_contact,
    make_desk,
    make_procedure,
    make_section,
    make_topic,
)
from tests.helpdesk.answering_cast import with_notes
from tests.statements import counted

SignIn = Callable[..., Awaitable[httpx.AsyncClient]]

LIST = "/staff/articles/missing"
SCRIPT = "<script>alert(1)</script>"


async def one_line(*notes: str) -> tuple[str, list[Contact]]:
    """Contacts of one topic and procedure that nothing answered; what an address says of both."""
    topic, procedure = await make_topic(name="電話"), await make_procedure(name="転出届")
    about = {"topic": topic.id, "procedure": procedure.id, "answer_missing": True}
    found = [await make_contact(**about, note=note) for note in notes]
    return f"topic={topic.id}&procedure={procedure.id}", found


def line_path(query: str) -> str:
    """The page of the contacts of a line."""
    topic, procedure = query.removeprefix("topic=").split("&")
    return f"{LIST}/{topic}?{procedure}"


def aside_path(query: str) -> str:
    """Where a line's contacts are set aside."""
    topic, procedure = query.removeprefix("topic=").split("&")
    return f"{LIST}/{topic}/setting-aside?{procedure}"


def ticks(html: str) -> dict[str, bool]:
    """The contacts that a page offers, and whether they are ticked."""
    boxes = re.findall(r'<input type="checkbox" name="answers" value="(\d+)"( checked)?>', html)
    return {value: bool(checked) for value, checked in boxes}


async def typed(**more: Any) -> dict[str, Any]:
    """An article as somebody writes it, on another topic: what is ticked decides."""
    words = {"question": "転出届を出すには", "steps": "画面を開きます。"}
    return {**words, "topic": (await make_topic()).id, **more}


async def test_h3_the_list_opens_its_contacts_and_an_article_with_all_ticked(
    database: Database, client_as: SignIn
) -> None:
    query, (first, second, unnoted) = await one_line("困った", SCRIPT, "")
    helpdesk = await client_as(Role.helpdesk)

    html = (await helpdesk.get(LIST)).text
    assert f'href="{line_path(query)}">3<' in html
    assert f'href="/staff/articles/new?{query.replace("&", "&amp;")}"' in html
    for path in (line_path(query), f"/staff/articles/new?{query}"):
        opened = (await helpdesk.get(path)).text
        assert "困った" in opened
        assert SCRIPT not in opened
        assert ticks(opened) == {str(second.id): True, str(first.id): True}
        assert "メモのない記録 1件" in opened
        assert set(re.findall(r'href="/staff/contacts/(\d+)"', opened)) == {
            str(each.id) for each in (first, second, unnoted)
        }
    read = await AuditEntry.select().where(AuditEntry.action == "read")
    assert [
        f'"ids": [{second.id}, {first.id}, {unnoted.id}]' in each["facts"] for each in read
    ] == [True, True]
    assert (await helpdesk.get(f"{LIST}/999")).status_code == httpx.codes.NOT_FOUND
    assert ticks((await helpdesk.get("/staff/articles/new")).text) == {}


async def test_h3_what_is_ticked_leaves_the_list_once_the_article_is_published(
    database: Database, client_as: SignIn
) -> None:
    query, (first, second, unnoted) = await one_line("困った", "違う話", "")
    helpdesk = await client_as(Role.helpdesk)
    data = await typed(answers=[first.id], unnoted=unnoted.id)

    answer = await helpdesk.post(f"/staff/articles/new?{query}", data=data)

    assert answer.status_code == httpx.codes.SEE_OTHER
    html = (await helpdesk.get(LIST)).text
    assert "うち2件は下書きで答える予定です" in html
    article = (await Article.select())[0]
    show = f"/staff/articles/{article['id']}"
    assert "この回答例を書くきっかけになった問い合わせ" in (await helpdesk.get(show)).text
    again = (await helpdesk.get(f"{show}/edit?{query}")).text
    assert ticks(again) == {str(second.id): True}  # its own are no longer asked about
    await helpdesk.post(f"{show}/publication", data={"version": 1})
    [line] = await missing.lines()
    assert [row["id"] for row in await with_notes(line["topic"], line["procedure"])] == [second.id]


async def test_h3_an_article_that_is_there_answers_once_it_is_changed(
    database: Database, client_as: SignIn
) -> None:
    query, (first, second) = await one_line("困った", "別の困りごと")
    article = await make_article(topic=first.topic, question="近い回答例")
    helpdesk = await client_as(Role.helpdesk)
    edit = f"/staff/articles/{article.id}/edit"
    assert (
        f'href="{edit}?{query.replace("&", "&amp;")}"'
        in (await helpdesk.get(line_path(query))).text
    )

    data = await typed(version=1, answers=[first.id])
    answer = await helpdesk.post(f"{edit}?{query}", data=data)

    assert answer.status_code == httpx.codes.SEE_OTHER
    assert [r["contact"] for r in await MissingSettled.select()] == [first.id]
    assert [row["contacts"] for row in await missing.lines()] == [1]
    assert second.id != first.id


async def test_ticks_are_kept_when_an_article_is_refused(
    database: Database, client_as: SignIn
) -> None:
    query, (first, second, unnoted) = await one_line("困った", "違う話", "")
    helpdesk = await client_as(Role.helpdesk)
    article = await make_article()

    for path in ("/staff/articles/new", f"/staff/articles/{article.id}/edit"):
        for words, status in (({"question": ""}, 422), ({"steps": ""}, 409)):
            data = await typed(answers=[second.id], version=1, staff_answer="", **words)
            answer = await helpdesk.post(f"{path}?{query}", data=data)
            assert answer.status_code == status
            assert ticks(answer.text) == {str(second.id): True, str(first.id): False}
            assert f'value="{unnoted.id}">' in answer.text
    assert await MissingSettled.count() == 0


async def test_setting_a_line_aside_is_one_press_and_undone_by_another(
    database: Database, client_as: SignIn, frozen_now: datetime
) -> None:
    query, (first, _) = await one_line("困った", "")
    helpdesk = await client_as(Role.helpdesk)
    html = (await helpdesk.get(LIST)).text
    until = re.search(r'name="until" value="(\d+)"', html)
    assert until

    answer = await helpdesk.post(aside_path(query), data={"until": until[1]})

    assert await missing.lines() == []
    told = (await helpdesk.get(answer.headers["location"])).text
    assert "回答例を書かないことにしました（2件）" in told
    back = re.search(rf'action="({LIST}/settled/\d+/return)"', told)
    assert back
    answer = await helpdesk.post(back[1])
    assert answer.headers["location"] == LIST
    assert [row["contacts"] for row in await missing.lines()] == [2]
    assert (await helpdesk.post(back[1])).status_code == httpx.codes.SEE_OTHER
    assert first.id


async def test_a_line_that_a_draft_is_to_answer_offers_nothing_to_tick(
    database: Database, client_as: SignIn
) -> None:
    query, (unnoted,) = await one_line("")
    helpdesk = await client_as(Role.helpdesk)
    data = await typed(unnoted=unnoted.id)
    await helpdesk.post(f"/staff/articles/new?{query}", data=data)

    html = (await helpdesk.get(line_path(query))).text

    assert "すべて下書きで答える予定です" in html
    assert "印を付けた分は" not in html


@pytest.mark.parametrize(
    "data",
    [{}, {"answers": "x"}, {"answers": "0"}, {"until": "99999999999999999999"}, {"unnoted": "-1"}],
)
async def test_nothing_ticked_sets_nothing_aside(
    database: Database, client_as: SignIn, data: dict[str, str]
) -> None:
    query, _ = await one_line("困った")
    helpdesk = await client_as(Role.helpdesk)

    answer = await helpdesk.post(aside_path(query), data=data)

    assert answer.status_code == httpx.codes.UNPROCESSABLE_ENTITY
    assert "一つ以上" in answer.text
    assert await MissingSettled.count() == 0


async def test_the_list_takes_as_many_statements_for_one_as_for_thirty(
    database: Database, client_as: SignIn, frozen_now: datetime
) -> None:
    helpdesk = await client_as(Role.helpdesk)
    topic = (await make_topic()).id
    taken: list[list[int]] = []
    for number in (1, 29):
        for _ in range(number):
            await make_contact(topic=topic, answer_missing=True, note="困った")
            other = await make_contact(topic=(await make_topic()).id, answer_missing=True)
            answer = {"answers": other.id}
            await helpdesk.post(f"{LIST}/{other.topic}/setting-aside", data=answer)
            await make_contact(topic=(await make_topic()).id, answer_missing=True)
        pages = []
        for path in (LIST, f"{LIST}/{topic}", f"/staff/articles/new?topic={topic}"):
            await helpdesk.get(path)
            with counted() as sent:
                await helpdesk.get(path)
            pages.append(len(sent))
        taken.append(pages)

    assert taken[0] == taken[1]


@pytest.mark.engine("sqlite")
async def test_staff_settle_what_is_missing(desk: Page) -> None:
    helpdesk = await make_account(Role.helpdesk)
    _, (first, second) = await one_line("長いメモ" * 60, "")
    await make_article(topic=first.topic, question="近い回答例")
    await desk.goto(f"/sign-in?next={LIST}")
    await desk.locator("[name=login]").fill(helpdesk.login)
    await desk.locator("[name=password]").fill(PASSWORD)
    await desk.keyboard.press("Enter")
    await expect(desk.get_by_role("link", name="2 電話 転出届")).to_be_visible()
    await sound_everywhere(desk)
    await desk.get_by_role("link", name="2 電話 転出届").click()
    await expect(desk.get_by_role("link", name="近い回答例")).to_be_visible()
    await sound_everywhere(desk)
    await desk.get_by_role("link", name="近い回答例").click()
    await expect(desk.get_by_role("heading", level=1)).to_have_text("回答例を直す")
    await sound_everywhere(desk)
    await desk.go_back()
    await desk.get_by_label("メモのない記録 1件").uncheck()
    await desk.get_by_role("button", name="印を付けた分は、回答例を書かない").press("Enter")
    await expect(desk.get_by_text("回答例を書かないことにしました（1件）")).to_be_visible()
    await sound_everywhere(desk)
    await desk.get_by_role("status").get_by_role("button", name="一覧に戻す").press("Enter")
    await expect(desk.get_by_role("link", name="2 電話 転出届")).to_be_visible()
    assert second.id


async def test_p1_notes_of_another_sections_desk_are_not_shown(client_as: SignIn) -> None:
    query, [contact] = await one_line("ほかの課の窓口のメモ")
    desk = await make_desk(section=(await make_section()).id)
    own = await make_contact(
        topic=contact.topic,
        procedure=contact.procedure,
        answer_missing=True,
        desk=desk.id,
        note="自分の課のメモ",
    )
    coordinator = await client_as(Role.coordinator, section=desk.section)
    helpdesk = await client_as(Role.helpdesk)

    for path in (line_path(query), f"/staff/articles/new?{query}"):
        shown = (await coordinator.get(path)).text
        assert ticks(shown) == {str(own.id): True}
        assert "ほかの課の窓口のメモ" not in shown
        assert "ほかに、メモのある記録が" not in shown
        assert set(ticks((await helpdesk.get(path)).text)) == {str(contact.id), str(own.id)}


async def test_p1_a_section_settles_only_what_it_may_read(client_as: SignIn) -> None:
    query, [hers] = await one_line("自分の課のメモ")
    desk = await make_desk(section=(await make_section()).id)
    await Contact.update({Contact.desk: desk.id}).where(Contact.id == hers.id)
    about = {"topic": hers.topic, "procedure": hers.procedure, "answer_missing": True}
    other = await make_contact(**about, note="ほかの課の窓口のメモ")
    newest = await make_contact(**about)
    elsewhere = await make_contact(answer_missing=True)
    coordinator = await client_as(Role.coordinator, section=desk.section)
    data = await typed(answers=[hers.id, other.id], unnoted=newest.id)

    listed = (await coordinator.get(LIST)).text
    assert f'href="{line_path(query)}">1<' in listed
    assert f'name="until" value="{hers.id}"' in listed
    assert f"{LIST}/{elsewhere.topic}" not in listed
    await coordinator.post(f"/staff/articles/new?{query}", data=data)
    assert [row["contact"] for row in await MissingSettled.select()] == [hers.id]
    for picked in ({"answers": [hers.id, other.id]}, {"until": newest.id}, {"unnoted": newest.id}):
        await coordinator.post(aside_path(query), data=picked)

    settled = await MissingSettled.select()
    assert [(row["contact"], row["article"]) for row in settled] == [(hers.id, None)]
