"""The helpdesk's pages with the demonstration city in them: sound, and easy to press."""

import pytest
from playwright.async_api import Browser, Page, expect

from server.demo.city import PASSWORD
from tests.browser import axe, fits, screen

pytestmark = pytest.mark.engine("sqlite")

PAGES = (
    *("/staff", "/staff/desks", "/staff/desks/1", "/staff/desks/1/tally", "/staff/contacts"),
    *("/staff/call-backs", "/staff/call-backs?settled", "/staff/call-backs/1", "/staff/hand-overs"),
    *("/staff/articles", "/staff/articles/new", "/staff/articles/missing"),
    *("/staff/articles/1", "/staff/articles/1/edit", "/staff/articles/1/history"),
    *("/staff/counter-staff", "/staff/counter-staff/1"),
    *("/staff/counter-staff/1/edit", "/staff/trainings/1/edit", "/staff/training-rates"),
    *("/staff/terminals", "/staff/terminals/new", "/staff/terminals/1/edit"),
    *("/staff/terminals/1/uses", "/staff/terminals/totals", "/staff/learning"),
    *("/staff/learning/trend", "/staff/learning/stumbles"),
)
PRESSED = "a.button, button, summary, select, input, textarea"
TOO_LOW = """(pressed) => [...document.querySelectorAll(pressed)]
    .map((each) => (each.matches("[type=radio], [type=checkbox]") ? each.closest("label") : each))
    .filter((each) => each.getClientRects().length && !each.closest(".hidden-text"))
    .filter((each) => each.checkVisibility({contentVisibilityAuto: true}))
    .filter((each) => each.getBoundingClientRect().height < 43.5)
    .map((each) => each.outerHTML.slice(0, 120))"""


async def sign_in(page: Page) -> None:
    """As the section that may look at everything."""
    await page.goto("/sign-in")
    await page.fill("[name=login]", "ict")
    await page.fill("[name=password]", PASSWORD)
    await page.click("main button")
    await page.wait_for_url("**/staff")


@pytest.mark.parametrize("size", ["phone", "desk"])
async def test_every_page_is_sound_and_is_pressed_with_a_thumb(
    browser: Browser, demo_server: str, size: str
) -> None:
    async with screen(browser, demo_server, size) as page:
        await sign_in(page)
        await page.goto("/staff/articles/missing")
        missing = await page.locator("main td a").first.get_attribute("href")
        for path in (*PAGES, str(missing)):
            answer = await page.goto(path)
            assert getattr(answer, "status", None) == 200, path
            await axe(page)
            await fits(page)
            if size == "phone":
                assert await page.evaluate(TOO_LOW, PRESSED) == [], path


@pytest.mark.parametrize("javascript", [True, False])
async def test_the_menu_folds_on_a_phone_and_says_where_one_is(
    browser: Browser, demo_server: str, javascript: bool
) -> None:
    async with screen(browser, demo_server, "phone", javascript=javascript) as page:
        await sign_in(page)
        await page.goto("/staff/hand-overs")
        menu = page.locator(".menu > summary")
        await expect(menu).to_have_text("メニュー折り返し")
        there = page.get_by_role("link", name="回答例", exact=True)
        await expect(there).to_be_hidden()
        above = await page.locator("main").evaluate("each => each.getBoundingClientRect().top")
        assert above < 260  # 500 when it was open

        await menu.click()
        await there.click()
        await expect(menu).to_have_text("メニュー回答例")


@pytest.mark.parametrize("javascript", [True, False])
async def test_the_menu_is_open_at_a_desk(
    browser: Browser, demo_server: str, javascript: bool
) -> None:
    async with screen(browser, demo_server, "desk", javascript=javascript) as page:
        await sign_in(page)
        await expect(page.locator(".menu > summary")).to_be_hidden()
        await page.get_by_role("link", name="窓口端末", exact=True).press("Enter")
        await page.wait_for_url("**/staff/terminals")
        await expect(page.locator(".menu [aria-current]")).to_have_text("窓口端末")
