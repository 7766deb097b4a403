"""The README's pictures: `make screenshots` takes them from today's program and its demo city."""

import asyncio
import sys
import tempfile
from pathlib import Path

from playwright.async_api import Page

from tests.browser import chromium, screen
from tests.servers import run_command, serving

PICTURES = Path(__file__).parent / "screenshots"


async def take_all() -> None:
    """Fill a new database with the demonstration city and walk through it."""
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        url = f"sqlite:///{folder}/tonari.db"
        for command in ("migrate", "demo"):
            await run_command(url, command)
        async with serving(url, folder / "server.log") as tonari, chromium() as browser:
            async with screen(browser, tonari.address, "phone") as page:
                await resident(page)
            async with screen(browser, tonari.address, "desk") as page:
                await coordinator(page)
            async with screen(browser, tonari.address, "phone") as page:
                await supporter(page)
            async with screen(browser, tonari.address, "desk") as page:
                await operator(page)


async def resident(page: Page) -> None:
    """From the first page to the receipt, on a phone."""
    await page.goto("/")
    await take(page, "home-phone")
    await page.goto("/courses?open=1")
    await take(page, "courses-phone")
    await page.get_by_role("link", name="はじめてのスマートフォン").first.click()
    await take(page, "course-phone")
    await page.get_by_role("link", name="この教室に申し込む").first.click()
    await page.locator("input[name=name]").fill("見本 花子")
    await page.locator("input[name=reading]").fill("みほん はなこ")
    await page.locator("input[name=phone]").fill("090-0000-0000")
    for date in await page.locator("input[type=radio][name^=session_]").all():
        await date.check()
    await page.get_by_role("button", name="確認へ進む").click()
    await page.get_by_role("button", name="この内容で申し込む").click()
    await page.wait_for_url("**/bookings/*")
    await take(page, "booking-phone")
    await page.goto("/faq")
    await take(page, "faq-phone")
    await page.locator("main .questions a").first.click()
    await take(page, "answer-phone")


async def sign_in(page: Page, login: str) -> None:
    """With a sign-in of the demonstration."""
    await page.goto("/sign-in")
    await page.locator("input[name=login]").fill(login)
    await page.locator("input[name=password]").fill("tonari-demo")
    await page.locator("main form button").click()


async def coordinator(page: Page) -> None:
    """Today, a course, the call list, the plan and a month's staffing, at the desk."""
    await sign_in(page, "ict")
    await page.wait_for_url("**/staff")
    await take(page, "staff-today-desk")
    await page.goto("/staff/calls")
    await take(page, "staff-calls-desk")
    await page.goto("/staff/courses")
    await page.locator("main table a").first.click()
    await take(page, "staff-course-desk")
    await page.goto("/staff/staffing")
    await take(page, "staff-staffing-desk")
    await page.goto("/staff/plan")
    await take(page, "staff-plan-desk")


async def supporter(page: Page) -> None:
    """A supporter's own pages: what comes next, where help is needed, the report of a class."""
    await sign_in(page, "supporter")
    await page.wait_for_url("**/my")
    await take(page, "my-phone")
    log = page.locator("main a[href$='/log']")
    path = await log.first.get_attribute("href") if await log.count() else None
    await page.goto("/my/sessions")
    await take(page, "my-sessions-phone")
    if path:
        await page.goto(path)
        await take(page, "my-log-phone")


async def operator(page: Page) -> None:
    """The desk while somebody asks, whom to phone back, and where classes are missing."""
    await sign_in(page, "helpdesk")
    await page.wait_for_url("**/staff")
    await page.goto("/staff/desks/1")
    await page.keyboard.press("0")
    await page.locator("#nearby-title").wait_for()
    await take(page, "desk-desk")
    await page.goto("/staff/call-backs")
    await take(page, "call-backs-desk")
    await page.goto("/staff/learning/demand")
    await take(page, "demand-desk")


async def take(page: Page, name: str) -> None:
    """What the screen shows without scrolling."""
    await page.wait_for_load_state("networkidle")
    await page.screenshot(path=PICTURES / f"{name}.png")
    sys.stdout.write(f"docs/screenshots/{name}.png\n")


if __name__ == "__main__":
    asyncio.run(take_all())
