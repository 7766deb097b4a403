"""Contacts, tallies and desks in Chromium: both widths, with and without JavaScript."""

from dataclasses import dataclass
from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect

from server.helpdesk import contacts, corrections
from server.helpdesk.contacts import ContactFacts
from tests import factories
from tests.browser import axe, fits, screen
from tests.classes.staff_cast import ICT

pytestmark = pytest.mark.engine("sqlite")


@dataclass(frozen=True)
class Scene:
    """A desk with a contact that stands, one that was corrected, and the topic of both."""

    desk: int
    topic: int
    contact: int
    corrected: int


@pytest.fixture
async def scene(database: Any) -> Scene:
    await factories.make_municipality(demonstration=True)
    section = await factories.make_section(name="ICT戦略課", oversees_all=True)
    await factories.make_account(section=section.id, login="tanaka", name="田中")
    desk = await factories.make_desk(name="デジタルヘルプデスク（電話）")
    topic = await factories.make_topic(name="写真・動画")
    procedure = await factories.make_procedure(name="子育て応援アプリの利用登録")
    more: Any = {"procedure_id": procedure.id, "stuck": "identity", "age_band": "70s"}
    facts = ContactFacts(desk.id, topic.id, "phone", "handed_on", **more, note="写真" * 200)
    rows = [await contacts.log(facts, submission=f"press-{n:011}", by=ICT) for n in range(2)]
    await corrections.correct(rows[1]["id"], facts, by=ICT)
    return Scene(desk.id, topic.id, rows[0]["id"], rows[1]["id"])


async def _signed_in(page: Page, path: str) -> None:
    await page.goto(path)
    await page.locator("#login").fill("tanaka")
    await page.locator("#password").fill(factories.PASSWORD)
    await page.locator("#password").press("Enter")
    await expect(page.locator("#password")).to_have_count(0)


@pytest.mark.parametrize("size", ["phone", "desk"])
async def test_every_page_is_sound(
    browser: Browser, running_server: str, scene: Scene, size: str
) -> None:
    async with screen(browser, running_server, size) as page:
        await _signed_in(page, "/staff/contacts")
        for path in (
            "/staff/contacts",
            "/staff/contacts?stuck=identity&article=1",
            "/staff/contacts?q=ない言葉",
            f"/staff/contacts/{scene.contact}",
            f"/staff/contacts/{scene.corrected}",
            f"/staff/contacts/{scene.contact}/correction",
            f"/staff/contacts/{scene.contact}/voiding",
            f"/staff/desks/{scene.desk}/tally",
            f"/staff/desks/{scene.desk}/edit",
            "/staff/desks/new",
        ):
            await page.goto(path)
            await axe(page)
            await fits(page)


@pytest.mark.parametrize("javascript", [True, False])
async def test_h1_a_tally_is_typed_with_the_keyboard_and_taken_back(
    browser: Browser, running_server: str, scene: Scene, javascript: bool
) -> None:
    async with screen(browser, running_server, "desk", javascript=javascript) as page:
        await _signed_in(page, f"/staff/desks/{scene.desk}/tally")
        await page.locator(f"#n-{scene.topic}-answered").fill("12")
        await page.keyboard.press("Tab")
        await page.keyboard.type("3")
        await page.keyboard.press("Enter")

        await expect(page.locator(".notice[role=status]")).to_contain_text("15件を登録しました。")
        await fits(page)
        await page.locator(".notice[role=status] button").click()

        await expect(page.locator(".notice[role=status]")).to_contain_text("15件を取り消しました。")


@pytest.mark.parametrize("javascript", [True, False])
async def test_the_list_is_narrowed_by_words_and_filters(
    browser: Browser, running_server: str, scene: Scene, javascript: bool
) -> None:
    async with screen(browser, running_server, "desk", javascript=javascript) as page:
        await _signed_in(page, "/staff/contacts")
        await expect(page.locator("tbody tr")).to_have_count(2)

        await page.locator("#q").fill("封筒")
        await page.locator("#q").press("Tab" if javascript else "Enter")

        await expect(page.locator("#results")).to_contain_text(
            "この条件に合う対応記録はありません。"
        )
        await page.locator("#q").fill("子育て")
        await page.locator("#q").press("Tab" if javascript else "Enter")
        await expect(page.locator("tbody tr")).to_have_count(2)
