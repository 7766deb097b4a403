"""A coordinator loads the plan, sees what is missing, opens a figure, corrects a target."""

from collections.abc import AsyncIterator
from datetime import date
from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect

from tests import factories
from tests.browser import screen, sound
from tests.plan.plan_cast import held, trained

pytestmark = pytest.mark.engine("sqlite")


@pytest.fixture(params=["phone", "desk"])
async def page(
    request: pytest.FixtureRequest, browser: Browser, database: Any, running_server: str
) -> AsyncIterator[Page]:
    """田中 of ICT戦略課 has signed in and looks at the plan."""
    await factories.make_municipality()
    section = await factories.make_section(name="ICT戦略課", oversees_all=True)
    await factories.make_account(section=section.id, login="tanaka", name="田中")
    north = await factories.make_district(name="北")
    await factories.make_district(name="西")
    for month in (6, 9, 12):
        await trained(date(2023, month, 1), district=north.id)
    await held(date(2025, 6, 7))
    await factories.make_supporter(district=north.id, papers=False)
    async with screen(browser, running_server, request.param) as page:
        await page.goto("/staff/plan")
        await page.locator("#login").fill("tanaka")
        await page.locator("#password").fill(factories.PASSWORD)
        await page.locator("#password").press("Enter")
        yield page


async def test_from_the_plan_s_file_to_the_rows_of_a_figure(page: Page) -> None:
    await sound(page)
    await page.get_by_role("button", name="この計画を読み込む 四日市市情報化実行計画").click()
    await expect(page.get_by_text("計画を読み込みました。")).to_be_visible()
    await sound(page)

    await page.goto("/staff?year=2023")
    await expect(page.get_by_text("令和6年3月31日（日）の時点で21名不足")).to_be_visible()
    await expect(page.get_by_text("サポーターがいない地区： 西")).to_be_visible()
    await sound(page)

    drawing = page.get_by_role("img", name="サポート人材の養成数（累積）の推移")
    await expect(drawing).to_be_visible()
    described = await drawing.locator("desc").text_content()
    assert described is not None
    assert "令和5年度の目標値は24名です。" in described
    await page.get_by_text("同じ数字を表で見る").click()
    table = page.get_by_role("table", name="サポート人材の養成数（累積）の推移の数字")
    await expect(table.get_by_role("row", name="令和5年12月31日（日） 3名 24名")).to_be_visible()
    await sound(page)

    await page.get_by_role("link", name="3名").first.click()
    await expect(page.get_by_text("3件の記録、合わせて3名")).to_be_visible()
    await sound(page)


async def test_a_target_and_an_entry_by_hand(page: Page) -> None:
    await page.get_by_role("button", name="この計画を読み込む 四日市市情報化実行計画").click()
    await page.get_by_role("link", name="令和7年度の目標値を変える： 120名以上").click()
    await sound(page)
    await page.locator("#number").fill("100")
    await page.get_by_role("button", name="この目標値を保存する").click()
    await expect(page.get_by_text("目標値を保存しました。")).to_be_visible()
    await expect(page.get_by_text("100名以上").first).to_be_visible()

    await page.goto("/staff/plan")
    await page.get_by_role("link", name="窓口職員向け研修開催数").click()
    await page.get_by_role("link", name="実績を手で入力する").click()
    await page.locator("#effective_on").fill("2025-10-01")
    await page.locator("#number").fill("1")
    await page.get_by_role("button", name="この実績を保存する").click()
    await expect(page.locator("#evidence-error")).to_be_visible()
    await sound(page)
    await page.locator("#evidence").fill("動画研修の受講記録")
    await page.get_by_role("button", name="この実績を保存する").click()
    await expect(page.get_by_text("1件の記録、合わせて1開催")).to_be_visible()
    await sound(page)

    await page.get_by_role("link", name="取り消す").click()
    await page.locator("#reason").fill("重複")
    await sound(page)
    await page.get_by_role("button", name="この入力を取り消す").click()
    await expect(page.get_by_text("0件の記録、合わせて0開催")).to_be_visible()
    await sound(page)
