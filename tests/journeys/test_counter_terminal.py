"""A shared terminal: one resident books and is done; whoever comes next sees nothing of her."""

import re
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect
from playwright.async_api import Error as PlaywrightError

from server.classes.tables import Booking
from tests import factories
from tests.browser import screen
from tests.journeys.hands import press, sound

HERS = ("山田花子", "やまだはなこ", "090-0000-1234")
IDLE = 121_000  # milliseconds: two minutes, and a little
WARNED = 95_000
SHOWN = """() => document.body.innerText + [...document.querySelectorAll('input, textarea')]
    .map((field) => field.value).join(' ')"""


@pytest.fixture
async def course(database: Any) -> int:
    """A class with places left."""
    await factories.make_municipality()
    venue = await factories.make_venue(name="中部地区市民センター")
    course = await factories.make_course(title="はじめてのスマートフォン")
    await factories.make_class_session(course=course.id, venue=venue.id)
    return int(course.id)


@pytest.fixture(params=["phone", "desk"])
async def page(
    request: pytest.FixtureRequest, browser: Browser, course: int, running_server: str
) -> AsyncIterator[Page]:
    """A terminal at 360 and at 1280 px, whose clock is in our hands."""
    async with screen(browser, running_server, request.param) as page:
        await page.clock.install()
        yield page


async def begin(page: Page) -> None:
    """The clerk sets the device up."""
    await page.goto("/terminal")
    await sound(page, ".")
    await press(page, "この端末を共用にする")
    await expect(page.get_by_text("共用の端末です。").first).to_be_visible()
    await sound(page, ".")


async def write(page: Page) -> None:
    """She finds the class, and writes who she is."""
    await page.goto("/")
    await sound(page, ".")
    await page.goto("/courses")
    await press(page, "はじめてのスマートフォン", "link")
    await press(page, "この教室に申し込む", "link")
    for name, words in zip(("#name", "#reading", "#phone"), HERS, strict=True):
        assert await page.locator(name).get_attribute("autocomplete") == "off"
        await page.locator(name).fill(words)
    await sound(page, ".")


async def apply(page: Page) -> str:
    """She applies; gives the address of her booking."""
    await press(page, "確認へ進む")
    await expect(page.get_by_role("heading", name="この内容でよろしいですか")).to_be_visible()
    await sound(page, "この内容でよろしいですか")
    await press(page, "この内容で申し込む")
    await expect(page.get_by_role("heading", name="お申し込みを受け付けました")).to_be_visible()
    await sound(page, "お申し込みを受け付けました")
    return page.url


async def shows_nothing(page: Page) -> None:
    """Neither on the page nor in its fields stands anything of hers."""
    await page.wait_for_load_state()
    words = await page.evaluate(SHOWN)
    assert [each for each in HERS if each in words] == [], page.url


async def go_back(page: Page, times: int) -> None:
    """The next person presses Back, again and again."""
    for _ in range(times):
        try:
            await page.go_back(timeout=5000)
        except PlaywrightError:  # Chromium asks whether to send it again: nothing is shown
            with suppress(PlaywrightError):
                await page.wait_for_url("chrome-error://**", timeout=3000)
            continue
        await page.clock.run_for(1000)
        await shows_nothing(page)


async def test_h7_she_books_and_is_done_and_the_next_person_sees_nothing(
    page: Page, course: int
) -> None:
    await begin(page)
    await write(page)
    address = await apply(page)
    await press(page, "終わって消す")
    await page.wait_for_url("**/")
    await shows_nothing(page)

    await page.goto(address)
    await shows_nothing(page)
    await sound(page, ".")
    await page.goto(f"/bookings/new?course={course}")
    await shows_nothing(page)
    await page.goto("/my")
    await expect(page).to_have_url(re.compile("/sign-in"))
    await go_back(page, 6)

    [booking] = await Booking.select()
    assert booking["name"] == "山田花子"
    await find_again(page, booking["reference"])


async def find_again(page: Page, reference: str) -> None:
    """What she applied for stays: with her number and her telephone she finds it again."""
    await page.goto("/bookings/find")
    await page.locator("#reference").fill(reference)
    await page.locator("#contact").fill("090-0000-1234")
    await press(page, "申込を確認する")
    await expect(page.get_by_text("参加決定").first).to_be_visible()
    await sound(page, ".")
    await press(page, "終わって消す")
    await page.wait_for_url("**/")
    await go_back(page, 2)


async def test_h7_who_walks_away_is_asked_once_and_forgotten(page: Page, course: int) -> None:
    await begin(page)
    await write(page)
    await page.clock.run_for(WARNED)
    warning = page.get_by_role("dialog", name="まだお使いですか")
    await expect(warning).to_be_visible()
    await sound(page, ".")
    await press(page, "続けて使う")
    await expect(warning).to_be_hidden()
    await expect(page.locator("#name")).to_have_value("山田花子")
    await page.clock.run_for(IDLE)
    await page.wait_for_url("**/")
    await shows_nothing(page)

    await go_back(page, 4)
    await page.goto(f"/bookings/new?course={course}")
    await shows_nothing(page)
    assert await Booking.count() == 0


async def test_h7_after_booking_and_walking_away_the_booking_is_closed(page: Page) -> None:
    await begin(page)
    await write(page)
    address = await apply(page)
    await page.clock.run_for(IDLE)
    await page.wait_for_url("**/")

    await page.goto(address)
    await shows_nothing(page)
    await go_back(page, 6)
    assert await Booking.count() == 1


async def test_h7_a_device_that_is_not_shared_any_more_says_no_more(page: Page) -> None:
    await begin(page)
    await page.goto("/terminal")
    await press(page, "共用をやめる", "link")
    await sound(page, "この端末の共用をやめますか")
    await press(page, "共用をやめる")
    await expect(page.get_by_text("共用をやめました。")).to_be_visible()
    await expect(page.get_by_role("button", name="この端末を共用にする")).to_be_visible()
    await page.goto("/courses")
    await expect(page.get_by_text("共用の端末です。")).to_have_count(0)
    await sound(page, ".")
