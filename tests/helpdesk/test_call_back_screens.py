"""H4 in a real browser, without JavaScript too: whom to phone now, and the result by one tap."""

import pytest
from playwright.async_api import Browser, Page, expect

from server import clock
from server.helpdesk import hand_overs
from server.helpdesk.tables import CallAttempt, CallBack
from server.roles import Role
from tests import factories
from tests.browser import axe, fits, screen
from tests.databases import Database
from tests.helpdesk.call_back_cast import in_hours, operator, promised


async def sign_in(page: Page, login: str) -> None:
    await page.goto("/sign-in")
    await page.fill("[name=login]", login)
    await page.fill("[name=password]", factories.PASSWORD)
    await page.click("main button")
    await page.wait_for_load_state()


@pytest.mark.engine("sqlite")
@pytest.mark.parametrize(("size", "javascript"), [("phone", True), ("desk", True), ("desk", False)])
async def test_h4_whom_to_phone_and_the_result_by_one_tap(
    database: Database, browser: Browser, running_server: str, size: str, javascript: bool
) -> None:
    await factories.make_municipality()
    mari, section = await operator(), await factories.make_section(name="市民課")
    with clock.freeze(in_hours(-20)):
        row = await promised(mari)
    await promised(mari, name="田中一", due_at=in_hours(48))
    asked = await hand_overs.ask(row["contact"], section.id, "？", submission=None, by=mari)
    ict = await operator(Role.coordinator)
    await hand_overs.answer(asked["id"], "窓口でできます。", version=1, by=ict)
    account = await factories.make_account(Role.helpdesk)

    async def looks_right(page: Page) -> None:
        if javascript:
            await axe(page)
            await fits(page)

    async with screen(browser, running_server, size, javascript=javascript) as page:
        await sign_in(page, account.login)
        await page.get_by_role("link", name="期限を過ぎた折り返し").click()
        await looks_right(page)
        first = page.locator(".call").first
        await expect(first).to_contain_text("窓口でできます。")
        await expect(first.get_by_role("link", name="059-000-0123")).to_be_visible()
        await first.get_by_role("button", name="出なかった").click()
        await expect(page.get_by_text("記録しました（山田花子さん、出なかった）。")).to_be_visible()
        await looks_right(page)
        await page.get_by_role("button", name="元に戻す").click()
        await page.locator(".call").first.get_by_role("button", name="つながった・済み").click()
        await expect(page.get_by_text("済みにしました（山田花子さん）。")).to_be_visible()
        await expect(page.locator(".call")).to_have_count(1)
        await page.get_by_role("link", name="くわしく見る・日時を変える").click()
        await looks_right(page)

    standing = await CallAttempt.select().where(CallAttempt.voided_at.is_null())
    assert [each["result"] for each in standing] == ["reached"]
    assert await CallBack.count().where(CallBack.done_at.is_null()) == 1


@pytest.mark.engine("sqlite")
@pytest.mark.parametrize("size", ["phone", "desk"])
async def test_h4_a_section_answers_and_the_desk_reads_it(
    database: Database, browser: Browser, running_server: str, size: str
) -> None:
    await factories.make_municipality()
    contact = await factories.make_contact()
    section = await factories.make_section(name="市民課")
    desk = await factories.make_account(Role.helpdesk)
    civic = await factories.make_account(Role.coordinator, section=section.id)

    async with screen(browser, running_server, size) as page:
        await sign_in(page, desk.login)
        await page.goto(f"/staff/contacts/{contact.id}/hand-overs/new")
        await axe(page)
        await fits(page)
        await page.get_by_label("担当課").select_option(label="市民課")
        await page.get_by_label("質問").fill("再発行は窓口でもできますか。")
        await page.get_by_role("button", name="この質問を引き継ぐ").click()
        await expect(page.get_by_text("再発行は窓口でもできますか。")).to_be_visible()
    async with screen(browser, running_server, size) as page:
        await sign_in(page, civic.login)
        await page.get_by_role("link", name="回答する質問").click()
        await page.get_by_role("textbox", name="回答").fill("はい、できます。")
        await page.get_by_role("button", name="回答を窓口に戻す").click()
        await expect(page.get_by_text("回答を窓口に戻しました。")).to_be_visible()
    async with screen(browser, running_server, size) as page:
        await sign_in(page, desk.login)
        await page.get_by_role("link", name="担当課から戻った回答").click()
        await expect(page.get_by_text("はい、できます。")).to_be_visible()
        await axe(page)
        await fits(page)
        await page.get_by_role("button", name="相手に伝えた").click()
        await expect(page.get_by_text("戻ってきた回答はありません。")).to_be_visible()
