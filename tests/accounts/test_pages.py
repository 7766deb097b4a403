"""An administrator signs in, opens an account and changes a password, in a real browser."""

import pytest
from playwright.async_api import Browser, expect

from server.roles import Role
from tests import factories
from tests.browser import screen, sound
from tests.factories import PASSWORD


@pytest.mark.engine("sqlite")
@pytest.mark.parametrize("size", ["phone", "desk"])
async def test_an_administrator_opens_an_account(
    browser: Browser, running_server: str, size: str
) -> None:
    await factories.make_municipality()
    admin = await factories.make_account(Role.administrator)
    await factories.make_venue(name="富田地区市民センター")

    async with screen(browser, running_server, size) as page:
        await page.goto("/staff/accounts")
        await sound(page)
        await page.get_by_label("ログインID").fill(admin.login)
        await page.get_by_label("パスワード").fill(PASSWORD)
        await page.get_by_role("button", name="ログイン").click()
        await page.wait_for_url("**/staff/accounts")
        await sound(page)
        await page.get_by_role("link", name="アカウントを追加する").click()
        await page.get_by_label("ログインID").fill("tomida")
        await page.get_by_label("名前").fill("田中太郎")
        await page.get_by_label("役割").select_option(label="会場職員")
        await sound(page)
        await page.get_by_role("button", name="このアカウントを追加する").click()
        await expect(page.get_by_text("会場を選んでください。")).to_have_count(1)
        await sound(page)
        await page.get_by_label("会場").select_option(label="富田地区市民センター")
        await page.get_by_role("button", name="このアカウントを追加する").click()
        await expect(page.get_by_role("heading", name="新しいパスワード")).to_be_visible()
        await sound(page)
        await page.goto("/sign-in/password")
        await sound(page)
