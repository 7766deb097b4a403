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


async def coordinator(page: Page) -> None:
    """Today, a course and the call list, at the desk."""
    await page.goto("/sign-in")
    await page.locator("input[name=login]").fill("ict")
    await page.locator("input[name=password]").fill("tonari-demo")
    await page.locator("main form button").click()
    await page.wait_for_url("**/staff")
    await take(page, "staff-today-desk")
    await page.goto("/staff/calls")
    await take(page, "staff-calls-desk")
    await page.goto("/staff/courses")
    await page.locator("main table a").first.click()
    await take(page, "staff-course-desk")


async def take(page: Page, name: str) -> None:
    """What the screen shows without scrolling."""
    await page.wait_for_load_state("networkidle")
    await page.screenshot(path=PICTURES / f"{name}.png")
    sys.stdout.write(f"docs/screenshots/{name}.png\n")


if __name__ == "__main__":
    asyncio.run(take_all())
