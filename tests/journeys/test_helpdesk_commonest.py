"""The commonest contact, measured: how many taps and seconds it takes until its row is saved."""

import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect

from server.helpdesk.tables import Contact, Desk
from server.roles import Role
from tests import factories
from tests.browser import SCREENS
from tests.journeys.hands import sign_in, sound

TOPICS = ("LINE", "写真・動画", "電話・連絡先", "地図・乗り物")
COMMONEST = "写真・動画"
TAPS = 3
IN_A_ROW = 5

# What a person does with finger or keyboard: what a script or a label clicks is none of it.
COUNT_TAPS = """() => {
    window.taps = 0
    const tap = (event) => { if (event.isTrusted) window.taps += 1 }
    for (const kind of ['pointerdown', 'keydown']) addEventListener(kind, tap, true)
}"""


@pytest.fixture
async def desk(database: Any) -> Desk:
    """A desk with four topics and the districts of a city, and Mari who logs there."""
    await factories.make_municipality()
    for name in TOPICS:
        await factories.make_topic(name=name)
    for name in ("日永", "楠", "中部"):
        await factories.make_district(name=name)
    await factories.make_account(Role.helpdesk, login="mari", name="鈴木まり")
    return await factories.make_desk(name="デジタル相談窓口", phone_minutes=12)


@pytest.fixture
async def page(browser: Browser, desk: Desk, running_server: str) -> AsyncIterator[Page]:
    """The desk page, open, with the taps counted.

    Not `screen`: htmx writes an error of each look-up that the next tap replaces.
    """
    context = await browser.new_context(
        base_url=running_server, viewport=SCREENS["desk"], locale="ja-JP", timezone_id="Asia/Tokyo"
    )
    page = await context.new_page()
    await sign_in(page, f"/staff/desks/{desk.id}", "mari")
    await expect(page.locator("form[data-keys]")).to_be_visible()
    await sound(page, "相談を記録")
    await page.evaluate(COUNT_TAPS)
    yield page
    await context.close()


async def by_pointer(page: Page, button: str = "clear") -> None:
    for chip in (COMMONEST, "回答した"):
        await page.locator(".chip", has_text=chip).click()
    await page.locator(f"button[name=save][value={button}]").click()


async def by_keys(page: Page) -> None:
    for key in ("2", "a", "Enter"):
        await page.keyboard.press(key)


async def taps(page: Page) -> int:
    """How many since it was asked last."""
    return int(await page.evaluate("() => { const n = window.taps; window.taps = 0; return n }"))


def say(capsys: pytest.CaptureFixture[str], words: str) -> None:
    with capsys.disabled():
        sys.stdout.write(f"\n{words}\n")


async def logged() -> list[tuple[Any, ...]]:
    """What has arrived, in order."""
    facts = ("name", "channel", "outcome", "minutes", "number")
    rows = await Contact.select(
        Contact.topic.name.as_alias("name"), *(getattr(Contact, each) for each in facts[1:])
    ).order_by(Contact.id)
    return [tuple(row[each] for each in facts) for row in rows]


SAVED = (COMMONEST, "phone", "answered", 12, 1)


@pytest.mark.parametrize("way", [by_pointer, by_keys])
async def test_h1_the_commonest_contact_takes_three_taps(
    page: Page,
    way: Callable[[Page], Awaitable[None]],
    engine_name: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    began = time.monotonic()
    await way(page)
    await expect(page.locator("[data-logged] li")).to_have_count(1)
    seconds = time.monotonic() - began

    number = await taps(page)
    manner = way.__name__.replace("_", " ")
    say(capsys, f"commonest contact: {number} taps, {seconds:.1f} s ({manner}, {engine_name})")
    assert number == TAPS
    assert await logged() == [SAVED]
    await expect(page.locator("#last [data-count]")).to_have_text("1")
    await expect(page.locator("[name=topic]:checked")).to_have_count(0)
    await sound(page, "相談を記録")


async def test_h1_five_in_a_row_with_save_and_keep(
    page: Page, engine_name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """After the first one a contact of the same kind takes two taps: its outcome, and saving."""
    district = page.locator("[data-field=district] .chip", has_text="日永")
    await district.click()
    await taps(page)
    began = time.monotonic()
    await by_pointer(page, "keep")
    for number in range(2, IN_A_ROW + 1):
        await expect(page.locator("[data-logged] li")).to_have_count(number - 1)
        await expect(page.locator("[name=outcome][value=answered]")).to_be_checked()
        await page.locator(".chip", has_text="回答した").click()
        await page.locator("button[name=save][value=keep]").click()
    await expect(page.locator("[data-logged] li")).to_have_count(IN_A_ROW)
    seconds = time.monotonic() - began

    number = await taps(page)
    say(capsys, f"{IN_A_ROW} in a row kept: {number} taps, {seconds:.1f} s ({engine_name})")
    assert number == TAPS + 2 * (IN_A_ROW - 1)
    assert await logged() == [SAVED] * IN_A_ROW
    districts = await Contact.select(Contact.district.name.as_alias("name"))
    assert {row["name"] for row in districts} == {"日永"}
    await expect(page.locator("#last [data-count]")).to_have_text(str(IN_A_ROW))
    await expect(district.locator("input")).to_be_checked()
    await sound(page, "相談を記録")


async def test_h1_five_in_a_row_by_keys_with_shift_and_enter(
    page: Page, engine_name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    began = time.monotonic()
    for key in ("2", "a", "Shift+Enter"):
        await page.keyboard.press(key)
    for number in range(2, IN_A_ROW + 1):
        await expect(page.locator("[data-logged] li")).to_have_count(number - 1)
        await page.keyboard.press("a")
        await page.keyboard.press("Shift+Enter")
    await expect(page.locator("[data-logged] li")).to_have_count(IN_A_ROW)
    seconds = time.monotonic() - began

    say(capsys, f"{IN_A_ROW} in a row kept: by keys, {seconds:.1f} s ({engine_name})")
    assert await logged() == [SAVED] * IN_A_ROW
