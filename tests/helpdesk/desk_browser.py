"""The desk in a real browser, as the tests of its screens use it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from playwright.async_api import Browser, Page, expect

from server.helpdesk.tables import Contact, Desk
from server.roles import Role
from tests import factories
from tests.browser import SCREENS

NAMES = ("写真・動画", "電話・連絡先", "地図・乗り物")
ARRIVES = 20_000  # milliseconds


async def desk_of_mari() -> Desk:
    """A desk, three topics, and Mari who logs there."""
    await factories.make_municipality()
    for position, name in enumerate(NAMES):
        await factories.make_topic(name=name, position=position)
    await factories.make_account(Role.helpdesk, login="mari")
    return await factories.make_desk(name="本庁相談窓口")


async def sign_in(page: Page, login: str = "mari") -> None:
    """Sign in on the page that asks for it."""
    await page.locator("[name=login]").fill(login)
    await page.locator("[name=password]").fill(factories.PASSWORD)
    await page.locator("main form button").last.click()


@asynccontextmanager
async def mari_at(browser: Browser, address: str, desk: Desk) -> AsyncIterator[Page]:
    """Mari's browser with the desk open; its network may be cut."""
    context = await browser.new_context(
        base_url=address, viewport=SCREENS["desk"], locale="ja-JP", timezone_id="Asia/Tokyo"
    )
    page = await context.new_page()
    await page.goto(f"/sign-in?next=/staff/desks/{desk.id}")
    await sign_in(page)
    await expect(page.locator("form[data-keys]")).to_be_visible()
    yield page
    await context.close()


async def tap(page: Page, topic: str, outcome: str = "answered", note: str = "") -> None:
    """Log a contact with three taps, and a note where there is one."""
    await page.locator(".chip", has_text=topic).click()
    await page.locator(f"[name=outcome][value={outcome}]").click()
    if note:
        await page.locator("[name=note]").fill(note)
    await page.locator("button[value=clear]").click()


async def topics_logged() -> list[str]:
    """What has arrived, in the order in which it did."""
    rows = await Contact.select(Contact.topic.name.as_alias("name")).order_by(Contact.id)
    return [row["name"] for row in rows]


def waiting(page: Page) -> Any:
    """Where the page says how many wait."""
    return page.locator("#queue [data-number]")


async def another_signs_in(page: Page, desk: Desk, login: str) -> Page:
    """Somebody else at the same browser, in a window of her own; the first one stays open."""
    await page.context.clear_cookies()
    other = await page.context.new_page()
    await other.goto(f"/sign-in?next=/staff/desks/{desk.id}")
    await sign_in(other, login)
    await expect(other.locator("form[data-keys]")).to_be_visible()
    return other


async def recorded_by() -> list[int]:
    """Under whose names contacts have arrived."""
    rows = await Contact.select(Contact.recorded_by).order_by(Contact.id)
    return [row["recorded_by"] for row in rows]
