"""H1: what waits in a browser is its own operator's, whoever signs in or out there."""

import pytest
from playwright.async_api import Browser, expect

from server.accounts.tables import Account
from server.helpdesk.tables import Desk
from server.roles import Role
from tests import factories
from tests.browser import axe, fits
from tests.databases import Database
from tests.helpdesk.desk_browser import (
    ARRIVES,
    NAMES,
    another_signs_in,
    desk_of_mari,
    mari_at,
    recorded_by,
    sign_in,
    tap,
    topics_logged,
    waiting,
)


@pytest.fixture
async def desk(database: Database) -> Desk:
    return await desk_of_mari()


async def test_h1_what_waits_is_sent_under_the_name_of_its_own_operator(
    browser: Browser, running_server: str, desk: Desk
) -> None:
    taro = await factories.make_account(Role.helpdesk, login="taro")
    mari = await Account.objects().get(Account.login == "mari")
    assert mari is not None
    async with mari_at(browser, running_server, desk) as page:
        await page.route("**/contacts", lambda route: route.abort())
        await tap(page, NAMES[0], note="山田花子")
        await tap(page, NAMES[1])
        await expect(waiting(page)).to_have_text("2")
        other = await another_signs_in(page, desk, "taro")
        await expect(other.locator("#others [data-wait]")).to_contain_text("2")
        await expect(other.locator("#others")).to_contain_text(mari.name)
        await expect(other.locator("#queue")).to_be_hidden()
        assert NAMES[0] not in await other.locator("#others").inner_text()
        await axe(other)
        await fits(other)

        await tap(other, NAMES[2])
        await expect(other.locator("[data-logged] li")).to_have_count(1, timeout=ARRIVES)
        assert await recorded_by() == [taro.id]
        await other.locator("#others button").click()
        await expect(other.locator("#others")).to_be_hidden(timeout=ARRIVES)
    assert await recorded_by() == [taro.id, taro.id, taro.id]


async def test_h1_a_page_of_one_operator_sends_nothing_as_another(
    browser: Browser, running_server: str, desk: Desk
) -> None:
    await factories.make_account(Role.helpdesk, login="taro")
    async with mari_at(browser, running_server, desk) as page:
        second = await another_signs_in(page, desk, "taro")

        await tap(page, NAMES[0])

        await expect(page.locator("#signed-out")).to_be_visible()
        await expect(second.locator("#others [data-wait]")).to_contain_text("1")
        assert await topics_logged() == []


async def test_h1_signing_out_tries_to_send_and_asks_once(
    browser: Browser, running_server: str, desk: Desk
) -> None:
    async with mari_at(browser, running_server, desk) as page:
        await page.route("**/contacts", lambda route: route.abort())
        await tap(page, NAMES[0])
        await expect(waiting(page)).to_have_text("1")
        out = page.locator("form[action='/sign-out'] button")

        await out.click()
        await expect(page.locator("#leaving [data-number]")).to_have_text("1")
        await axe(page)
        await fits(page)
        await page.locator("#leaving [data-stay]").click()
        await expect(page.locator("#leaving")).to_be_hidden()
        await out.click()
        await page.locator("#leaving [data-go]").click()
        await page.wait_for_url("**/sign-in")

        await page.goto(f"/sign-in?next=/staff/desks/{desk.id}")
        await sign_in(page)
        await expect(page.locator("form[data-keys]")).to_be_visible()
        await expect(waiting(page)).to_have_text("1")
        await page.unroute("**/contacts")
        await page.locator("form[action='/sign-out'] button").click()
        await page.wait_for_url("**/sign-in")
    assert await topics_logged() == [NAMES[0]]
