"""H7: a shared terminal in Chromium forgets after two idle minutes, by a press, and going back."""

from contextlib import suppress
from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect
from playwright.async_api import Error as PlaywrightError

from server.classes.tables import Booking
from tests import factories
from tests.browser import axe, fits, screen
from tests.databases import Database


@pytest.fixture(autouse=True)
async def here(database: Database) -> None:
    await factories.make_municipality()


async def make_class() -> int:
    course = await factories.make_course()
    await factories.make_class_session(course=course.id)
    return int(course.id)


async def at_terminal(page: Page) -> None:
    await page.goto("/terminal")
    await page.get_by_role("button", name="この端末を共用にする").click()
    await expect(page.get_by_text("共用の端末です。").first).to_be_visible()


async def write(page: Page, course: int) -> None:
    await page.goto(f"/bookings/new?course={course}")
    await page.get_by_role("textbox", name="お名前 ※必須").fill("山田花子")


async def test_h7_two_idle_minutes_forget_what_was_typed(phone: Page) -> None:
    course = await make_class()
    await phone.clock.install()
    await at_terminal(phone)
    await write(phone, course)
    await phone.clock.run_for(80_000)
    await phone.keyboard.press("Shift")  # not idle
    await phone.clock.run_for(80_000)
    assert "/bookings/new" in phone.url
    await phone.clock.run_for(15_000)
    warning = phone.get_by_role("dialog", name="まだお使いですか")
    await expect(warning).to_be_visible()
    await axe(phone)
    await warning.get_by_role("button", name="続けて使う").click()
    await expect(warning).to_be_hidden()
    assert await phone.get_by_role("textbox", name="お名前 ※必須").input_value() == "山田花子"

    await phone.clock.run_for(121_000)
    await phone.wait_for_url("**/")
    await expect(phone.get_by_text("共用の端末です。").first).to_be_visible()
    await phone.go_back()
    await phone.wait_for_load_state()
    assert "山田花子" not in await shown(phone)


async def asked(page: Page) -> Any:
    """The question before everything is forgotten."""
    await page.clock.run_for(95_000)
    warning = page.get_by_role("dialog", name="まだお使いですか")
    await expect(warning).to_be_visible()
    return warning


async def test_h7_whoever_types_or_clicks_while_asked_goes_on(phone: Page) -> None:
    course = await make_class()
    await phone.clock.install()
    await at_terminal(phone)
    await write(phone, course)
    name = phone.get_by_role("textbox", name="お名前 ※必須")
    warning = await asked(phone)
    await expect(warning.get_by_text("あと2")).to_be_visible()
    await phone.keyboard.type("abc")
    await expect(warning).to_be_hidden()
    await expect(name).to_be_focused()
    await expect(name).to_have_value("山田花子abc")

    warning = await asked(phone)
    await phone.mouse.click(3, 3)
    await expect(warning).to_be_hidden()
    await expect(name).to_be_focused()

    warning = await asked(phone)
    for step in range(4):  # a hand on the mouse: somebody is here
        await phone.mouse.move(10 + step, 10 + step)
        await phone.clock.run_for(20_000)
    assert "/bookings/new" in phone.url


async def test_h7_the_question_covers_the_page_and_speaks_to_the_next_person(phone: Page) -> None:
    await make_class()
    await phone.clock.install()
    await at_terminal(phone)
    await phone.goto("/courses")
    warning = await asked(phone)
    await expect(warning.get_by_text("はじめて使う方は、「終わって消す」")).to_be_visible()
    cover = "getComputedStyle(document.querySelector('dialog'), '::backdrop').backgroundColor"
    assert await phone.evaluate(cover) == "rgb(26, 26, 26)"
    await phone.evaluate("document.documentElement.style.fontSize = '200%'")
    button = warning.get_by_role("button", name="終わって消す")
    box = await button.bounding_box()
    assert box is not None
    assert box["y"] + box["height"] < 740
    await button.click()
    await expect(phone.get_by_text("消しました。")).to_be_visible()


async def test_h7_who_is_busy_in_one_tab_is_not_thrown_out_by_another(phone: Page) -> None:
    course = await make_class()
    await phone.clock.install()
    await at_terminal(phone)
    await phone.goto("/courses")
    writing = await phone.context.new_page()
    await write(writing, course)
    for _ in range(4):
        await phone.clock.run_for(50_000)
        await writing.keyboard.press("Shift")
        await writing.wait_for_timeout(100)

    assert phone.url.endswith("/courses")
    await expect(writing.get_by_role("textbox", name="お名前 ※必須")).to_have_value("山田花子")
    await writing.get_by_role("button", name="終わって消す").first.click()
    await expect(phone.get_by_text("消しました。")).to_be_visible()


async def test_h7_going_back_on_the_way_opens_a_page_again(phone: Page) -> None:
    course = await make_class()
    await at_terminal(phone)
    await write(phone, course)
    await phone.get_by_role("textbox", name="お名前のふりがな").fill("やまだはなこ")
    await phone.get_by_label("電話番号").first.fill("059-000-0123")
    await phone.get_by_role("button", name="確認").click()
    await expect(phone.get_by_role("heading", name="この内容でよろしいですか")).to_be_visible()
    await phone.locator(".mark").click()
    await expect(phone.get_by_role("heading", name="お近くのスマートフォン教室")).to_be_visible()
    await phone.go_back()

    assert phone.url.endswith(f"/bookings/new?course={course}")
    await expect(phone.get_by_role("textbox", name="お名前 ※必須")).to_be_visible()


async def shown(page: Page) -> str:
    """All that stands on the page, in its fields too."""
    return str(
        await page.evaluate(
            "document.body.innerText + [...document.querySelectorAll('input, textarea')]"
            ".map((field) => field.value).join(' ')"
        )
    )


@pytest.mark.parametrize("javascript", [True, False])
async def test_h7_after_done_going_back_shows_nothing(
    browser: Browser, running_server: str, javascript: bool
) -> None:
    course = await make_class()
    async with screen(browser, running_server, "phone", javascript=javascript) as page:
        await at_terminal(page)
        await write(page, course)
        await page.get_by_role("textbox", name="お名前のふりがな").fill("やまだはなこ")
        await page.get_by_label("電話番号").first.fill("059-000-0123")
        await page.get_by_role("button", name="確認").click()
        await expect(page.get_by_text("山田花子")).to_be_visible()
        await page.get_by_role("button", name="終わって消す").first.click()
        await expect(page.get_by_text("消しました。")).to_be_visible()

        seen = [await page.content()]
        for step in (page.go_back, page.go_back, page.go_back, page.reload):
            # Chromium may ask whether to send it again, and shows nothing meanwhile.
            with suppress(PlaywrightError):
                await step(timeout=5000)
                seen.append(await (shown(page) if javascript else page.content()))
        assert [words for words in seen if "山田花子" in words] == []
    assert await Booking.count() == 0


async def test_p5_without_javascript_two_idle_minutes_forget_too(
    browser: Browser, running_server: str
) -> None:
    course = await make_class()
    async with screen(browser, running_server, "phone", javascript=False) as page:
        await at_terminal(page)
        # The same page with a shorter wait: Chromium's own clock is not in our hands.
        await page.route(
            "**/bookings/new?**",
            lambda route: shortened(page, route),
        )
        await page.goto(f"/bookings/new?course={course}")
        await page.get_by_role("textbox", name="お名前 ※必須").fill("山田花子")
        await page.wait_for_url("**/?over=idle", timeout=15_000)

        await expect(page.get_by_text("時間がたったので消えました。")).to_be_visible()
        assert "山田花子" not in await page.content()
        await expect(page.get_by_role("button", name="20分まで使う")).to_be_visible()


async def shortened(page: Page, route: Any) -> None:
    answer = await route.fetch()
    body = (await answer.text()).replace('content="1200;', 'content="3;')
    await route.fulfill(response=answer, body=body)


@pytest.mark.parametrize("size", ["phone", "desk"])
async def test_h7_the_bar_hides_nothing(browser: Browser, running_server: str, size: str) -> None:
    course = await make_class()
    async with screen(browser, running_server, size) as page:
        await at_terminal(page)
        for path in ("/terminal", "/", f"/courses/{course}", f"/bookings/new?course={course}"):
            await page.goto(path)
            await fits(page)
            # At the end of the page the bar stands in its own place and halves no link.
            await page.evaluate("scrollTo(0, document.body.scrollHeight)")
            await axe(page)
            button = page.get_by_role("button", name="終わって消す").first
            box = await button.bounding_box()
            assert box is not None
            assert box["height"] >= 44
        await page.evaluate("document.documentElement.style.fontSize = '200%'")
        height = "document.querySelector('.shared-bar').getBoundingClientRect().height"
        assert await page.evaluate(height) < 200  # WCAG 1.4.4: the page keeps the screen
        await page.evaluate("document.documentElement.style.fontSize = ''")
        await page.get_by_role("textbox", name="お名前 ※必須").focus()
        for _ in range(12):  # WCAG 2.4.11: what has the focus is never behind the bar
            await page.keyboard.press("Tab")
            assert await page.evaluate(
                "(() => { const at = document.activeElement.getBoundingClientRect();"
                " const bar = document.querySelector('.shared-bar').getBoundingClientRect();"
                " return document.activeElement.closest('.shared-bar') !== null"
                " || at.top < bar.top; })()"
            )
