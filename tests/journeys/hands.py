"""What people do on every page of a journey, and the time that goes by between two of them."""

import re
from datetime import timedelta
from typing import Any

from playwright.async_api import Page, expect

from server import clock
from server.classes.tables import Booking, ClassSession, Course
from server.database import writing
from server.helpdesk.tables import Contact
from tests import factories
from tests.browser import axe, fits

MOST_TABS = 200
FOCUSED = """() => {
    const e = document.activeElement
    const own = e.getAttribute('aria-label') || (e.labels && e.labels[0]?.textContent)
    return [e.tagName === 'BODY' ? '' : '#' + e.id, (own || e.textContent).replace(/\\s+/g, ' ')]
}"""


async def sound(page: Page, title: str) -> None:
    """The page has this title, keeps to the screen and to WCAG 2.2 AA.

    Axe is a script: where the browser runs none, it is not asked.
    """
    await expect(page.get_by_role("heading", level=1)).to_have_text(re.compile(title))
    await fits(page)
    if await page.evaluate("matchMedia('(scripting: enabled)').matches"):
        await axe(page)


async def press(page: Page, words: str, role: Any = "button") -> None:
    """Press the first button, or follow the first link, of these words."""
    await page.get_by_role(role, name=words).first.click()


async def noted(page: Page, words: str) -> None:
    """The page says that it is done."""
    await expect(page.locator(".notice[data-kind=done]").first).to_contain_text(words)


async def sign_in(page: Page, path: str, login: str, password: str = factories.PASSWORD) -> None:
    """Open a page that asks who is there."""
    await page.goto(path)
    await page.locator("#login").fill(login)
    await page.locator("#password").fill(password)
    await page.locator("#password").press("Enter")
    await page.wait_for_url(f"**{path}")


async def reach(page: Page, wanted: str) -> None:
    """Tab to what has these words, or to the `#id`, as people do who use no mouse."""
    for _ in range(MOST_TABS):
        await page.keyboard.press("Tab")
        name, words = await page.evaluate(FOCUSED)
        if name == wanted or (name and not wanted.startswith("#") and wanted in words):
            return
    raise AssertionError(f"the Tab key does not reach {wanted} on {page.url}")


async def strike(page: Page, wanted: str) -> None:
    """Tab there and press Enter."""
    await reach(page, wanted)
    async with page.expect_navigation():
        await page.keyboard.press("Enter")


async def write(page: Page, field: str, words: str) -> None:
    """Tab there and write over what stands there."""
    await reach(page, field)
    await page.keyboard.press("Control+a")
    await page.keyboard.type(words)


async def has_ended(session: ClassSession, ago: timedelta) -> None:
    """Time goes by, until the session ended so long ago."""
    ends_at = clock.now() - ago
    starts_at = ends_at - (session.ends_at - session.starts_at)
    hours: dict[Any, Any] = {
        ClassSession.starts_at: starts_at,
        ClassSession.ends_at: ends_at,
        ClassSession.held_on: clock.on(starts_at),
    }
    async with writing():
        await ClassSession.update(hours).where(ClassSession.id == session.id)


async def begins(session: ClassSession, ahead: timedelta) -> None:
    """Time goes by, until the session is only so far ahead."""
    length = session.ends_at - session.starts_at
    await has_ended(session, -(ahead + length))


async def go_by(days: int) -> None:
    """Days go by: what was logged, booked and planned lies so much further back."""
    for table, names in _DATED.items():
        for row in await table.select(table.id, *names):
            earlier: dict[Any, Any] = {name: row[name] - timedelta(days) for name in names}
            if table is Contact:
                earlier["weekday"] = earlier["contacted_on"].isoweekday()
            async with writing():
                await table.update(earlier).where(table.id == row["id"])


_DATED: dict[Any, tuple[str, ...]] = {
    Contact: ("contacted_at", "contacted_on", "recorded_at"),
    Booking: ("booked_at", "booked_on", "recorded_at"),
    ClassSession: ("starts_at", "ends_at", "held_on"),
    Course: ("opens_at", "closes_at"),
}


async def sheets(page: Page) -> list[tuple[bytes, bytes]]:
    """Width and height of each sheet that the page prints on, in points."""
    printed = await page.pdf(prefer_css_page_size=True)
    boxes = re.finditer(rb"/MediaBox\s*\[0 0 (\d+)[\d.]* (\d+)", printed)
    return [(box[1], box[2]) for box in boxes]
