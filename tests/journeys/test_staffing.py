"""A coordinator staffs a month: sees which dates are short, fills them, settles what clashes."""

from collections.abc import AsyncIterator
from datetime import date, time
from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect

from server import clock
from tests import factories
from tests.browser import screen, sound
from tests.classes.helpers_cast import (
    ASSISTANT,
    LEAD,
    assigned,
    live,
    make_lecturer,
    make_session,
    named,
)
from tests.journeys.hands import noted

pytestmark = pytest.mark.engine("sqlite")

NEXT_MONTH = date(clock.today().year + clock.today().month // 12, clock.today().month % 12 + 1, 1)


@pytest.fixture
async def city(database: Any) -> dict[str, Any]:
    """Two sessions at one time in 中部, a third on another day, and three people who help."""
    await factories.make_municipality()
    section = await factories.make_section(name="ICT戦略課", oversees_all=True)
    await factories.make_account(section=section.id, login="tanaka", name="田中")
    district = await factories.make_district(name="中部")
    found: dict[str, Any] = {}
    for name, day, hour in (("first", 10, 10), ("same", 10, 10), ("other", 12, 13)):
        venue = await factories.make_venue(district=district.id)
        room = await factories.make_room(venue=venue.id)
        found[name] = await make_session(
            clock.at(NEXT_MONTH.replace(day=day), time(hour)),
            venue=venue.id,
            room=room.id,
            assistants_needed=1,
        )
    near = {"district": district.id}
    found["lead"] = await named("講師花子", "こうしはなこ", may_lead=True, **near)
    found["midori"] = await named("佐藤みどり", "さとうみどり", **near)
    found["outside"] = await make_lecturer("外部太郎")
    return found


@pytest.fixture(params=["phone", "desk"])
async def page(
    request: pytest.FixtureRequest, browser: Browser, city: Any, running_server: str
) -> AsyncIterator[Page]:
    async with screen(browser, running_server, request.param) as page:
        yield page


@pytest.fixture
async def plain(browser: Browser, city: Any, running_server: str) -> AsyncIterator[Page]:
    """A desk whose browser runs no JavaScript."""
    async with screen(browser, running_server, "desk", javascript=False) as page:
        yield page


async def sign_in(page: Page) -> None:
    await page.goto("/staff")
    await page.locator("#login").fill("tanaka")
    await page.locator("#password").fill(factories.PASSWORD)
    await page.locator("#password").press("Enter")
    await expect(page.get_by_role("heading", level=1)).to_be_visible()


async def month(page: Page) -> None:
    await page.goto(f"/staff/staffing?month={NEXT_MONTH:%Y-%m}")


async def test_a_coordinator_staffs_a_month(page: Page, city: dict[str, Any]) -> None:
    await sign_in(page)
    await month(page)
    await expect(page.get_by_role("heading", name="人が足りない日程（3件）")).to_be_visible()
    await expect(page.get_by_role("link", name="2件中2件不足")).to_be_visible()
    await sound(page)

    await page.get_by_role("button", name="講師花子さんを講師に").first.click()
    await noted(page, "配置しました")
    await page.get_by_role("button", name="佐藤みどりさんを補助に").first.click()
    await expect(page.get_by_role("heading", name="人が足りない日程（2件）")).to_be_visible()
    await expect(page.locator("main")).to_contain_text("講師花子")
    await sound(page)

    await page.goto(f"/staff/sessions/{city['same'].id}/staffing")
    await sound(page)
    await expect(page.locator("main")).to_contain_text("同じ時間に、")
    await page.get_by_role("button", name="講師に配置する 外部太郎").click()
    await noted(page, "配置しました")

    await page.get_by_role("button", name="補助に配置する 佐藤みどり").click()
    await expect(page.get_by_role("heading", name="佐藤みどりさんを補助に")).to_be_visible()
    await sound(page)
    await page.locator("#overruled").fill("同じ建物なので")
    await page.get_by_role("button", name="それでも配置する").click()
    await expect(page.locator("main")).to_contain_text("理由：同じ建物なので")

    await page.get_by_role("link", name="配置から外す 佐藤みどり").click()
    await page.get_by_role("button", name="配置から外す").click()
    await expect(page.locator("#reason")).to_have_attribute("aria-invalid", "true")
    await sound(page)
    await page.locator("#reason").fill("人数の見直し")
    await page.get_by_role("button", name="配置から外す").click()
    await noted(page, "連絡の一覧に載せました")

    assert await live(city["same"]) == [("lead", None)]
    assert await live(city["first"]) == [
        ("lead", city["lead"].id),
        ("assistant", city["midori"].id),
    ]


async def test_staffing_works_without_javascript(plain: Page, city: dict[str, Any]) -> None:
    await sign_in(plain)
    await month(plain)

    await plain.get_by_role("button", name="講師花子さんを講師に").first.click()
    await plain.get_by_role("link", name="次の月").click()
    await expect(plain.get_by_role("heading", level=1)).to_contain_text("の配置")
    await plain.get_by_role("link", name="前の月").click()
    await expect(plain.get_by_role("heading", name="人が足りない日程（3件）")).to_be_visible()

    assert await live(city["first"]) == [("lead", city["lead"].id)]


async def test_a_helper_in_two_places_stands_out_in_the_month(
    page: Page, city: dict[str, Any]
) -> None:
    for session, role in ((city["first"], LEAD), (city["same"], ASSISTANT)):
        await assigned(session, role, city["lead"])
    await sign_in(page)
    await month(page)

    await expect(page.get_by_text("同じ時間に別の予定").first).to_be_visible()
    await sound(page)
