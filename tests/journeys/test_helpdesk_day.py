"""A promise outlives whoever gave it: call-back, question to a section, answer, another operator.

The desk promises to phone back; nobody answers; a section is asked; the operator's account is
disabled; her colleague finds the call, the try and the answer, and settles it.
"""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect

from server import clock
from server.database import writing
from server.helpdesk.tables import CallAttempt, CallBack, Contact, Desk, HandOver
from server.roles import Role
from tests import factories
from tests.browser import screen
from tests.journeys.hands import press, sign_in, sound

ABOUT = "パスワードを忘れた"
QUESTION = "窓口で初期化できますか。"
ANSWER = "本人確認書類があれば、その場でできます。"
HANAKO, PHONE = "山田花子", "090-0000-1234"
Row = dict[str, Any]


@dataclass(frozen=True)
class City:
    """The desk, and the accounts of those who see to one call."""

    desk: Desk
    mari: int
    nao: int
    civic: int
    section: int


@pytest.fixture
async def city(database: Any) -> City:
    await factories.make_municipality()
    await factories.make_topic(name="写真・動画")
    await factories.make_topic(name="マイナンバーカード")
    section = await factories.make_section(name="市民課")
    await factories.make_section(name="税務課")
    mari = await factories.make_account(Role.helpdesk, login="mari", name="鈴木まり")
    nao = await factories.make_account(Role.helpdesk, login="nao", name="中村なお")
    civic = await factories.make_account(section=section.id, login="civic", name="小川")
    await factories.make_account(Role.administrator, login="admin", name="管理者")
    desk = await factories.make_desk(name="デジタル相談窓口")
    return City(desk, mari.id, nao.id, civic.id, section.id)


@pytest.fixture(params=[True, False], ids=["javascript", "plain"])
async def desks(
    request: pytest.FixtureRequest, browser: Browser, city: City, running_server: str
) -> AsyncIterator[Callable[..., Any]]:
    """Signs somebody in at the desk's screen, where another one may have sat before."""
    async with screen(browser, running_server, "desk", javascript=request.param) as page:

        async def at(login: str, path: str = "/staff") -> Page:
            await page.context.clear_cookies()
            await sign_in(page, path, login)
            return page

        yield at


async def promise(page: Page) -> None:
    """She logs the contact, and with it whom to call back (H4)."""
    await sound(page, "相談を記録")
    await page.locator(".chip", has_text="マイナンバーカード").click()
    await page.locator("[name=outcome][value=call_back]").check(force=True)
    await page.locator("#name").fill(HANAKO)
    await page.locator("#phone").fill(PHONE)
    await page.locator("[data-field=due] .chip").first.click()
    await page.locator("#about").fill(ABOUT)
    await sound(page, "相談を記録")
    await press(page, "保存して次へ")
    await expect(page.locator("[data-logged] li").first).to_contain_text("マイナンバーカード")
    await expect(page.locator("#last [data-count]")).to_have_text("1")


async def nobody_answers(page: Page) -> None:
    """It stands on her first page until it is done; a try is one tap."""
    await page.goto("/staff")
    await press(page, "約束した折り返し", "link")
    await sound(page, "折り返し")
    call = page.locator(".call")
    await expect(call).to_contain_text(ABOUT)
    await call.get_by_role("button", name="出なかった").click()
    await expect(page.get_by_text(f"記録しました（{HANAKO}さん、出なかった）。")).to_be_visible()
    await sound(page, "折り返し")


async def ask(page: Page) -> None:
    """From the call-back the section in charge is asked."""
    await press(page, "くわしく見る・日時を変える", "link")
    await sound(page, HANAKO)
    await press(page, "担当課にたずねる", "link")
    await sound(page, "担当課にたずねる")
    await page.locator("#section").select_option(label="市民課")
    await page.locator("#question").fill(QUESTION)
    await press(page, "この質問を引き継ぐ")
    await expect(page.get_by_text(QUESTION).first).to_be_visible()
    await sound(page, "担当課への引継ぎ")


async def leave(page: Page, city: City) -> None:
    """Her account is disabled: she is signed out, and signs in no more."""
    await page.goto(f"/staff/accounts/{city.mari}/disablement")
    await sound(page, "使用停止にしますか")
    await press(page, "このアカウントを使用停止にする")
    await expect(page.get_by_text("mari を使用停止にしました。")).to_be_visible()
    await page.context.clear_cookies()
    await page.goto("/sign-in?next=/staff")
    await page.locator("#login").fill("mari")
    await page.locator("#password").fill(factories.PASSWORD)
    await page.locator("#password").press("Enter")
    await expect(page.locator("#password")).to_be_visible()
    await page.goto("/staff")
    await expect(page.locator("#login")).to_be_visible()


async def reply(page: Page) -> None:
    """The section finds the question on her first page, and answers it there."""
    await press(page, "回答する質問", "link")
    await sound(page, "担当課への引継ぎ")
    await expect(page.locator("main")).to_contain_text(QUESTION)
    for hidden in (HANAKO, PHONE):
        await expect(page.locator("main")).not_to_contain_text(hidden)
    await page.get_by_role("textbox", name="回答").fill(ANSWER)
    await press(page, "回答を窓口に戻す")
    await expect(page.get_by_text("回答を窓口に戻しました。")).to_be_visible()
    await sound(page, "担当課への引継ぎ")


async def fall_due() -> None:
    """The hour comes at which she was to be phoned, and goes by."""
    async with writing():
        late = clock.now() - timedelta(hours=1)
        await CallBack.update({CallBack.due_at: late}, force=True)


async def settle(page: Page) -> None:
    """A colleague sees that nobody has it, what was tried and answered; she gets through."""
    await press(page, "担当課から戻った回答", "link")
    await expect(page.locator("main")).to_contain_text(ANSWER)
    await sound(page, "担当課への引継ぎ")
    await page.goto("/staff")
    await press(page, "期限を過ぎた折り返し", "link")
    await sound(page, "折り返し")
    call = page.locator(".call")
    for words in (HANAKO, ABOUT, ANSWER, "担当者なし", "出なかった"):
        await expect(call).to_contain_text(words)
    await expect(call.get_by_role("link", name=PHONE)).to_be_visible()
    await call.get_by_role("button", name="つながった・済み").click()
    await expect(page.get_by_text(f"済みにしました（{HANAKO}さん）。")).to_be_visible()
    await expect(page.locator(".call")).to_have_count(0)


async def nothing_waits(page: Page) -> None:
    """With the call the answer is passed on: neither stands on her first page any more."""
    await page.goto("/staff/hand-overs")
    await expect(page.get_by_text("戻ってきた回答はありません。")).to_be_visible()
    await sound(page, "担当課への引継ぎ")
    await page.goto("/staff")
    for words in ("期限を過ぎた折り返し", "約束した折り返し", "担当課から戻った回答"):
        await expect(page.get_by_role("link", name=words)).to_have_count(0)


async def told(page: Page) -> None:
    """The contact tells it all."""
    [contact] = await Contact.select()
    await page.goto(f"/staff/contacts/{contact['id']}")
    for words in ("鈴木まり", QUESTION, ANSWER, "済"):
        await expect(page.locator("main")).to_contain_text(words)
    await sound(page, "マイナンバーカード")


async def check_rows(city: City) -> None:
    """One contact, one call-back, two tries, one question: each by whom it was."""
    [contact] = await Contact.select()
    [call] = await CallBack.select()
    [question] = await HandOver.select()
    tries = await CallAttempt.select().order_by(CallAttempt.id)
    assert (contact["recorded_by"], contact["outcome"]) == (city.mari, "call_back")
    assert (call["contact"], call["name"], call["phone"]) == (contact["id"], HANAKO, PHONE)
    assert (call["owner"], call["done_by"]) == (city.mari, city.nao)
    assert [(each["result"], each["attempted_by"]) for each in tries] == [
        ("no_answer", city.mari),
        ("reached", city.nao),
    ]
    assert (question["contact"], question["section"]) == (contact["id"], city.section)
    by = tuple(question[name] for name in ("asked_by", "answered_by", "seen_by"))
    assert by == (city.mari, city.civic, city.nao)
    assert (question["question"], question["answer"]) == (QUESTION, ANSWER)


async def test_h4_a_promise_outlives_whoever_gave_it(desks: Callable[..., Any], city: City) -> None:
    hers = await desks("mari", f"/staff/desks/{city.desk.id}")
    await promise(hers)
    await nobody_answers(hers)
    await ask(hers)
    await leave(await desks("admin"), city)
    await reply(await desks("civic"))
    await fall_due()

    colleague = await desks("nao")
    await settle(colleague)
    await nothing_waits(colleague)
    await told(colleague)
    await check_rows(city)
