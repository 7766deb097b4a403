"""A resident finds a class near home, applies, looks the booking up and cancels it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect

from server import clock
from tests import factories
from tests.browser import screen, sound
from tests.journeys.hands import press

pytestmark = pytest.mark.engine("sqlite")


@dataclass(frozen=True)
class City:
    """The classes of 中部 that the residents of these journeys meet."""

    open: Any
    second: Any
    full: Any


@pytest.fixture
async def city(database: Any) -> City:
    await factories.make_municipality(phone="059-354-8000")
    district = await factories.make_district(slug="chubu", name="中部")
    venue = await factories.make_venue(
        district=district.id, slug="chubu-centre", name="中部地区市民センター"
    )
    room = await factories.make_room(venue=venue.id)
    courses = []
    for days, title, taken in (
        (7, "はじめてのスマートフォン", 17),
        (14, "LINEの使い方", 0),
        (21, "防災アプリ", 20),
    ):
        course = await factories.make_course(title=title, taken=taken)
        await factories.make_class_session(
            course=course.id,
            venue=venue.id,
            room=room.id,
            starts_at=clock.now() + timedelta(days=days),
        )
        courses.append(course)
    return City(*courses)


@pytest.fixture(params=["phone", "desk"])
async def page(
    request: pytest.FixtureRequest, browser: Browser, city: City, running_server: str
) -> AsyncIterator[Page]:
    async with screen(browser, running_server, request.param) as page:
        yield page


@pytest.fixture
async def plain(browser: Browser, city: City, running_server: str) -> AsyncIterator[Page]:
    """A phone whose browser runs no JavaScript."""
    async with screen(browser, running_server, "phone", javascript=False) as page:
        yield page


async def give_name(page: Page) -> None:
    await page.get_by_label("お名前", exact=False).first.fill("山田 花子")
    await page.get_by_label("お名前のふりがな").fill("ヤマダ ハナコ")
    await page.get_by_label("電話番号", exact=False).first.fill("０９０－００００－１２３４")


async def test_from_the_first_page_to_cancelling(page: Page) -> None:
    await page.goto("/")
    await sound(page)
    await press(page, "中部地区", "link")
    await expect(page.get_by_role("heading", name="2件の教室")).to_be_visible()
    await sound(page)

    await press(page, "はじめてのスマートフォン", "link")
    await expect(page.get_by_text("あと3席")).to_be_visible()
    await sound(page)
    await press(page, "この教室に申し込む", "link")
    await sound(page)

    await press(page, "確認へ進む")
    summary = page.locator("[data-error-summary]")
    await expect(summary).to_be_focused()
    await sound(page)
    await summary.get_by_role("link").first.click()
    await expect(page.locator("#name")).to_be_focused()
    await give_name(page)
    await press(page, "確認へ進む")
    await expect(page.get_by_role("heading", name="この内容でよろしいですか")).to_be_visible()
    await sound(page)

    await press(page, "戻って直す")
    await expect(page.locator("#name")).to_have_value("山田 花子")
    await press(page, "確認へ進む")
    await press(page, "この内容で申し込む")
    await expect(page.get_by_role("heading", name="お申し込みを受け付けました")).to_be_visible()
    await sound(page)
    reference = (await page.locator(".reference").inner_text()).replace("\n", "").replace(" ", "")
    assert page.url.endswith(f"/bookings/{reference}")

    await page.context.clear_cookies()
    await page.reload()
    await expect(page.locator("#reference")).to_have_value(reference)
    await page.locator("#contact").fill("090-0000-0000")
    await press(page, "申込を確認する")
    await expect(page.locator("[data-error-summary]")).to_be_focused()
    await sound(page)
    await page.locator("#contact").fill("090-0000-1234")
    await press(page, "申込を確認する")
    await expect(page.get_by_text("参加決定").first).to_be_visible()
    await sound(page)

    await press(page, "この申込を取り消す", "link")
    await sound(page)
    await press(page, "取り消す")
    await expect(page.get_by_text("辞退").first).to_be_visible()
    await sound(page)


async def test_full_class_says_so(page: Page, city: City) -> None:
    await page.goto("/courses")
    card = page.locator(".card", has_text="防災アプリ")
    await expect(card.get_by_text("満席")).to_be_visible()
    await expect(card.get_by_role("checkbox")).to_have_count(0)

    await card.get_by_role("link").click()

    await expect(page.get_by_text("この教室は満席になりました。")).to_be_visible()
    await expect(page.get_by_role("link", name="この教室に申し込む")).to_have_count(0)
    await sound(page)
    await page.goto(f"/bookings/new?course={city.full.id}")
    await expect(page.get_by_text("この教室は満席になりました。")).to_be_visible()
    await sound(page)


async def test_two_classes_at_once(page: Page) -> None:
    await page.goto("/courses?open=1")
    await page.get_by_role("checkbox", name="この教室を選ぶ").nth(0).check()
    await page.get_by_role("checkbox", name="この教室を選ぶ").nth(1).check()
    await sound(page)
    await press(page, "選んだ教室にまとめて申し込む")

    await give_name(page)
    await press(page, "確認へ進む")
    await press(page, "この内容で申し込む")

    await expect(page.locator(".reference")).to_have_count(2)
    await sound(page)
    await press(page, "LINEの使い方", "link")
    await expect(page.get_by_text("参加決定").first).to_be_visible()


async def test_back_from_the_end_shows_the_confirmation_and_pressing_again_books_once(
    page: Page, city: City
) -> None:
    await page.goto(f"/bookings/new?course={city.open.id}")
    await press(page, "確認へ進む")
    await give_name(page)
    await press(page, "確認へ進む")
    await press(page, "この内容で申し込む")
    await expect(page.get_by_role("heading", name="お申し込みを受け付けました")).to_be_visible()
    booking = page.url

    await page.go_back()
    await expect(page.get_by_role("heading", name="この内容でよろしいですか")).to_be_visible()
    await press(page, "この内容で申し込む")

    await expect(page.get_by_role("heading", name="お申し込みを受け付けました")).to_be_visible()
    assert page.url == booking
    await page.go_back()
    await page.go_back()
    await expect(page.locator("[data-error-summary]")).to_be_visible()


async def test_second_application_of_one_person_says_so_and_leads_to_the_booking(
    page: Page, city: City
) -> None:
    for _ in range(2):
        await page.goto(f"/bookings/new?course={city.open.id}")
        await give_name(page)
        await press(page, "確認へ進む")
        await press(page, "この内容で申し込む")

    await expect(page.locator("[data-error-summary]")).to_be_focused()
    await expect(page.get_by_role("button", name="この内容で申し込む")).to_have_count(0)
    await sound(page)
    await press(page, "申込を確認する", "link")
    await expect(page.locator("#reference")).to_be_visible()


async def test_finishing_with_the_screen_leaves_nothing_open(page: Page, city: City) -> None:
    await page.goto(f"/bookings/new?course={city.open.id}")
    await give_name(page)
    await press(page, "確認へ進む")
    await press(page, "この内容で申し込む")
    await expect(page.locator(".reference")).to_be_visible()

    await press(page, "この画面を終える")
    await expect(page.get_by_role("heading", name="お近くのスマートフォン教室")).to_be_visible()
    await page.go_back()

    await expect(page.locator("#reference")).to_be_visible()


async def test_pressing_the_button_shows_what_was_found(page: Page) -> None:
    await page.goto("/courses")
    await page.get_by_label("さがす言葉").fill("LINE")

    await press(page, "この条件でさがす")

    heading = page.get_by_role("heading", name="1件の教室")
    await expect(heading).to_be_focused()
    await expect(heading).to_be_in_viewport()


async def test_way_back_to_the_list_keeps_its_filters(page: Page) -> None:
    await page.goto("/courses?open=1&q=LINE")
    await press(page, "LINEの使い方", "link")

    await press(page, "教室の一覧へ戻る", "link")

    await expect(page.get_by_role("heading", name="1件の教室")).to_be_visible()
    assert page.url.endswith("/courses?open=1&q=LINE")


async def test_list_on_paper_has_no_boxes_to_tick_and_whom_to_phone(page: Page) -> None:
    await page.goto("/courses")
    await page.emulate_media(media="print")

    await expect(page.get_by_role("checkbox").first).to_be_hidden()
    await expect(page.locator("#results .print-only")).to_contain_text("059-354-8000")


async def test_list_answers_without_loading_the_page_anew(page: Page) -> None:
    await page.goto("/courses")
    await page.evaluate("window.sameDocument = true")

    await page.get_by_label("いま申し込める教室だけ").check()

    await expect(page.get_by_role("heading", name="2件の教室")).to_be_visible()
    await expect(page.locator("#live")).to_have_text("2件の教室")
    assert await page.evaluate("window.sameDocument") is True
    assert page.url.endswith("open=1")


async def test_everything_works_without_javascript(plain: Page, city: City) -> None:
    page = plain
    await page.goto("/")
    await press(page, "中部地区", "link")
    await press(page, "LINEの使い方", "link")
    await press(page, "この教室に申し込む", "link")
    await press(page, "確認へ進む")
    await expect(page.locator(".field-error").first).to_be_visible()
    await give_name(page)
    await press(page, "確認へ進む")
    await press(page, "この内容で申し込む")
    await expect(page.get_by_role("heading", name="お申し込みを受け付けました")).to_be_visible()
    await press(page, "この申込を取り消す", "link")
    await press(page, "取り消す")
    await expect(page.get_by_text("辞退").first).to_be_visible()

    await page.goto("/courses")
    await page.get_by_label("いま申し込める教室だけ").check()
    await press(page, "この条件でさがす")
    await expect(page.get_by_role("heading", name="2件の教室")).to_be_visible()


async def test_apply_with_the_keyboard_only(
    browser: Browser, city: City, running_server: str
) -> None:
    async with screen(browser, running_server, "desk") as page:
        await page.goto(f"/courses/{city.open.id}")
        await tab_to(page, "#apply")
        await page.keyboard.press("Enter")
        await page.wait_for_url("**/bookings/new**")
        for field, words in (
            ("name", "山田花子"),
            ("reading", "やまだはなこ"),
            ("phone", "09000001234"),
        ):
            await tab_to(page, f"#{field}")
            await page.keyboard.type(words)
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("heading", name="この内容でよろしいですか")).to_be_visible()
        await tab_to(page, "form[action='/bookings'] button")
        await page.keyboard.press("Enter")
        await expect(page.locator(".reference")).to_be_visible()


async def tab_to(page: Page, selector: str) -> None:
    """Press the tab key until the element has focus."""
    wanted = page.locator(selector).first
    for _ in range(60):
        await page.keyboard.press("Tab")
        if await wanted.evaluate("element => element === document.activeElement"):
            return
    raise AssertionError(f"the tab key never reached {selector}")


@pytest.mark.parametrize("path", ["/venues", "/venues/chubu-centre", "/bookings/find", "/nowhere"])
async def test_page_is_sound(page: Page, path: str) -> None:
    await page.goto(path)

    await sound(page)
