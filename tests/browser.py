"""A real Chromium: phone and desk, with and without JavaScript, and what every page must keep."""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page, ViewportSize, async_playwright, expect

SCREENS: dict[str, ViewportSize] = {
    "phone": {"width": 360, "height": 780},
    "desk": {"width": 1280, "height": 900},
}
PATIENCE = 20_000  # milliseconds: the machine may be busy with other tests
expect.set_options(timeout=PATIENCE)
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
]
AXE = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice"],
    "rules": {"target-size": {"enabled": True}},  # new in WCAG 2.2, off unless asked for
    "resultTypes": ["violations"],
}


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """The machine's own Chromium."""
    program = shutil.which("chromium")
    assert program, "Chromium is not installed: apt-get install chromium"
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        yield browser
        await browser.close()


@asynccontextmanager
async def screen(
    browser: Browser, address: str, size: str = "phone", *, javascript: bool = True, **more: Any
) -> AsyncIterator[Page]:
    """A page of a fresh browser profile in Japanese, so that `page.goto("/courses")` works.

    Fails when the page asked another host for anything (P5), or when the browser reported an
    error: of a script, of the content security policy, of a file that is not there.
    """
    context = await browser.new_context(
        base_url=address,
        viewport=SCREENS[size],
        java_script_enabled=javascript,
        locale="ja-JP",
        timezone_id="Asia/Tokyo",
        **more,
    )
    context.set_default_timeout(PATIENCE)
    wrong: list[str] = []
    page = await context.new_page()
    page.on("request", lambda request: _note_other_host(request.url, address, wrong))
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda said: _note_error(said.type, said.text, wrong))
    yield page
    await context.close()
    assert wrong == []


async def axe(page: Page) -> None:
    """No violation of WCAG 2.2 AA or of good practice on the page as it stands.

    What the bar of a shared terminal covers now, scrolling uncovers: where there is one, the
    screen is as high as the page while axe looks, for links half under it are no small links.
    """
    await page.wait_for_load_state()
    size = page.viewport_size
    if size and await page.locator(".shared-bar").count():
        height = await page.evaluate("document.documentElement.scrollHeight")
        await page.set_viewport_size({**size, "height": max(height, size["height"])})
    results = await Axe().run(page, options=AXE)
    if size and size != page.viewport_size:
        await page.set_viewport_size(size)
    found = [
        f"{rule['id']} ({rule['impact']}): {node['html'][:160]}"
        for rule in results.response["violations"]
        for node in rule["nodes"]
    ]
    assert found == [], f"{page.url}\n" + "\n".join(found)


async def fits(page: Page) -> None:
    """Nothing makes the page scroll sideways."""
    await page.wait_for_load_state()
    wider = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert await page.evaluate(wider) <= 0, f"{page.url} is wider than the screen"


async def sound(page: Page) -> None:
    """The page keeps to the screen and to WCAG 2.2 AA."""
    await fits(page)
    await axe(page)


async def sound_everywhere(page: Page) -> None:
    """On a phone and at a desk."""
    for size in SCREENS.values():
        await page.set_viewport_size(size)
        await sound(page)


def _note_other_host(url: str, address: str, wrong: list[str]) -> None:
    parts = urlsplit(url)
    if parts.scheme in ("http", "https", "ws", "wss") and parts.netloc != urlsplit(address).netloc:
        wrong.append(f"asked another host: {url}")


def _note_error(kind: str, text: str, wrong: list[str]) -> None:
    # Chromium reports every answer of 4xx as an error: a refused form is none of ours.
    if kind == "error" and "the server responded with a status of 4" not in text:
        wrong.append(text)
