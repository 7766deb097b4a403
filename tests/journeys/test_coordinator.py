"""A coordinator makes a class, publishes it, sees who applied, moves a date, calls one off."""

from collections.abc import AsyncIterator
from datetime import date, timedelta
from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect

from server import clock
from tests import factories
from tests.browser import screen, sound
from tests.classes.staff_cast import HANAKO, TARO, book, course_with_sessions
from tests.journeys.hands import press

pytestmark = pytest.mark.engine("sqlite")

MOST_TABS = 80


@pytest.fixture
async def room(database: Any) -> Any:
    """The meeting room of 中部, and 田中, the coordinator of ICT戦略課."""
    await factories.make_municipality()
    section = await factories.make_section(name="ICT戦略課", oversees_all=True)
    await factories.make_account(section=section.id, login="tanaka", name="田中")
    venue = await factories.make_venue(name="中部地区市民センター")
    return await factories.make_room(venue=venue.id, name="第1会議室", capacity=12)


@pytest.fixture(params=["phone", "desk"])
async def page(
    request: pytest.FixtureRequest, browser: Browser, room: Any, running_server: str
) -> AsyncIterator[Page]:
    async with screen(browser, running_server, request.param) as page:
        yield page


@pytest.fixture
async def plain(browser: Browser, room: Any, running_server: str) -> AsyncIterator[Page]:
    """A desk whose browser runs no JavaScript."""
    async with screen(browser, running_server, "desk", javascript=False) as page:
        yield page


async def choose(page: Page, words: str) -> None:
    """A place of the menu, which is folded on a phone."""
    menu = page.locator(".menu > summary")
    if await menu.is_visible():
        await menu.click()
    await press(page, words, "link")


async def sign_in(page: Page) -> None:
    await page.goto("/staff")
    await page.locator("#login").fill("tanaka")
    await page.locator("#password").fill(factories.PASSWORD)
    await page.locator("#password").press("Enter")
    await expect(page.get_by_role("heading", name="今日", exact=False).first).to_be_visible()


async def give_title(page: Page) -> None:
    await page.locator("#title").fill("はじめてのスマートフォン")
    await page.locator("#reading").fill("はじめてのすまーとふぉん")
    await page.locator("#seats").fill("20")
    await page.locator("#opens_on").fill((clock.today() - timedelta(days=1)).isoformat())


async def add_date(page: Page, day: date) -> None:
    await press(page, "日程を加える", "link")
    await page.locator("#day").fill(day.isoformat())
    await page.locator("#starts").fill("10:00")
    await page.locator("#ends").fill("11:30")
    await page.locator("#place").select_option(label="中部地区市民センター　第1会議室（定員12名）")
    await press(page, "この日程を保存する")
    await expect(page.get_by_text("第1会議室の定員は12名ですが、募集は20名です。")).to_be_visible()
    await press(page, "このまま保存する")


async def publish(page: Page) -> None:
    await press(page, "この教室を公開する")
    await expect(page.locator("[data-error-summary]")).to_be_focused()
    await sound(page)
    await page.locator("#overruled").fill("椅子を足すため")
    await press(page, "この教室を公開する")
    await expect(page.get_by_text("公開しました。")).to_be_visible()


async def resident_books(page: Page, path: str) -> None:
    await page.goto(path)
    await press(page, "この教室に申し込む", "link")
    await page.locator("#name").fill("山田 花子")
    await page.locator("#reading").fill("やまだ はなこ")
    await page.locator("#phone").fill("090-0000-1234")
    await press(page, "確認へ進む")
    await press(page, "この内容で申し込む")
    await expect(page.locator(".reference")).to_be_visible()


async def a_draft_with_two_dates(page: Page) -> None:
    await choose(page, "教室・相談会")
    await press(page, "新しい教室を作る", "link")
    await give_title(page)
    await press(page, "下書きとして保存する")
    await expect(page.get_by_text("下書きとして保存しました。")).to_be_visible()
    for weeks in (2, 3):
        await add_date(page, clock.today() + timedelta(weeks=weeks))
        await expect(page.get_by_text("日程を加えました。")).to_be_visible()


async def test_every_page_on_the_way_is_sound(page: Page) -> None:
    await sign_in(page)
    await sound(page)
    await choose(page, "教室・相談会")
    await sound(page)
    await press(page, "新しい教室を作る", "link")
    await sound(page)
    await press(page, "下書きとして保存する")
    await expect(page.locator("[data-error-summary]")).to_be_focused()
    await sound(page)
    await give_title(page)
    await press(page, "下書きとして保存する")
    await expect(page.get_by_text("下書きとして保存しました。")).to_be_visible()
    await sound(page)
    await press(page, "日程を加える", "link")
    await sound(page)


async def test_from_a_new_class_to_the_call_list(page: Page) -> None:
    await sign_in(page)
    await a_draft_with_two_dates(page)
    await publish(page)
    address = page.url.split("?")[0]

    await resident_books(page, address.replace("/staff", ""))

    await page.goto(address)
    await press(page, "申込者を見る", "link")
    await expect(page.get_by_role("rowheader", name="山田 花子")).to_be_visible()
    await sound(page)

    await page.goto(address)
    await page.get_by_role("link", name="変更する").first.click()
    await sound(page)
    await page.locator("#starts").fill("13:30")
    await page.locator("#ends").fill("15:00")
    await press(page, "変更する前に影響を確かめる")
    await expect(page.get_by_text("電話で知らせる方 1名")).to_be_visible()
    await sound(page)
    await press(page, "申込を残したまま変更する")
    await expect(page.get_by_text("お知らせする方が1名います。")).to_be_visible()
    await expect(page.get_by_text("午後1時30分から3時まで")).to_be_visible()

    await page.get_by_role("link", name="中止する 第2回").click()
    await expect(page.get_by_text("申込はそのまま残ります")).to_be_visible()
    await sound(page)
    await page.locator("#reason").fill("台風の接近のため")
    await press(page, "この日程を中止する")
    await expect(page.get_by_text("日程を中止しました。")).to_be_visible()
    await sound(page)

    await choose(page, "連絡の一覧")
    await sound(page)
    await expect(page.get_by_role("rowheader", name="山田 花子")).to_have_count(2)
    await page.get_by_role("button", name="連絡済みにする").first.click()
    await expect(page.get_by_text("お知らせしたことを記録しました。")).to_be_visible()
    await expect(page.get_by_role("rowheader", name="山田 花子")).to_have_count(1)


async def test_calling_the_whole_class_off_and_giving_a_place_back(page: Page) -> None:
    course, _ = await course_with_sessions()
    await book(HANAKO, course)
    await book(TARO, course)
    await sign_in(page)

    await page.goto(f"/staff/courses/{course.id}/bookings")
    await page.get_by_role("link", name="取消・辞退 山田太郎").click()
    await sound(page)
    await press(page, "辞退を受け付ける")
    await expect(page.get_by_text("取消・辞退を受け付けました。")).to_be_visible()
    await sound(page)

    await page.goto(f"/staff/courses/{course.id}")
    await press(page, "この教室をすべて中止する", "link")
    await sound(page)
    await page.locator("#reason").fill("講師急病のため")
    await press(page, "この教室をすべて中止する")
    await expect(page.get_by_text("申込1件が中止により終わりました。")).to_be_visible()
    await expect(page.get_by_role("link", name="日程を加える")).to_have_count(0)


async def test_without_javascript(plain: Page) -> None:
    await sign_in(plain)
    await a_draft_with_two_dates(plain)
    await plain.locator("#overruled").fill("椅子を足すため")
    await press(plain, "この教室を公開する")

    await expect(plain.get_by_text("公開しました。")).to_be_visible()


async def tab_to(page: Page, selector: str) -> None:
    """Go there as people do who use no mouse."""
    for _ in range(MOST_TABS):
        await page.keyboard.press("Tab")
        if await page.evaluate("wanted => document.activeElement.matches(wanted)", selector):
            return
    raise AssertionError(f"the Tab key does not reach {selector}")


async def test_with_the_keyboard_only(browser: Browser, room: Any, running_server: str) -> None:
    async with screen(browser, running_server, "desk") as page:
        await sign_in(page)
        for path in ("/staff/courses", "/staff/courses/new"):
            await tab_to(page, f"a[href='{path}']")
            await page.keyboard.press("Enter")
            await page.wait_for_url(f"**{path}")
        for field, words in (
            ("#title", "はじめてのスマートフォン"),
            ("#reading", "はじめてのすまーとふぉん"),
            ("#seats", "12"),
        ):
            await tab_to(page, field)
            await page.keyboard.type(words)
        await page.keyboard.press("Enter")
        await expect(page.get_by_text("下書きとして保存しました。")).to_be_visible()
        await tab_to(page, "a[href$='/sessions/new']")
        await page.keyboard.press("Enter")
        await page.wait_for_url("**/sessions/new")
        await tab_to(page, "#place")
        await page.keyboard.press("ArrowDown")
        await expect(page.locator("#place")).not_to_have_value("")


async def test_filters_swap_the_table_and_stay_in_the_address(page: Page) -> None:
    await course_with_sessions(title="写真教室")
    await course_with_sessions(title="地図の使い方", published_at=None)
    await sign_in(page)
    await page.goto("/staff/courses")

    await page.locator("#state").select_option("draft")

    await expect(page.get_by_role("link", name="写真教室")).to_have_count(0)
    await expect(page.get_by_role("link", name="地図の使い方")).to_be_visible()
    assert "state=draft" in page.url
    await sound(page)
