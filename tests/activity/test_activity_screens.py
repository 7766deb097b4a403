"""Activity reports and trouble in Chromium: both widths, and the alarm on an open page."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect

from server import clock
from server.accounts.tables import Account
from server.activity import activities, approvals, troubles
from server.activity.activities import ActivityFacts
from server.activity.tables import ActivityKind, ActivityReport
from server.database import writing
from server.topics import topics
from tests import factories
from tests.activity.cast import ICT, Neighbour, neighbour
from tests.browser import axe, fits, screen

pytestmark = pytest.mark.engine("sqlite")

POLLED_WITHIN = 30_000  # milliseconds (S8)


@dataclass(frozen=True)
class Scene:
    """山本春子 with a report in each state; the coordinator 田中."""

    haruko: Neighbour
    waiting: int
    approved: int
    returned: int


@pytest.fixture
async def scene(database: Any) -> Scene:
    await factories.make_municipality(demonstration=True)
    await topics.load()
    section = await factories.make_section(name="ICT戦略課", oversees_all=True)
    await factories.make_account(section=section.id, login="tanaka", name="田中")
    haruko = await neighbour()
    async with writing():
        await Account.update({Account.login: "haruko"}).where(Account.id == haruko.id)
    reports = [await _helped(haruko, days) for days in (1, 2, 3)]
    await approvals.approve(reports[1], by=ICT)
    await approvals.send_back(reports[2], "時間を確かめてください。", by=ICT)
    return Scene(haruko, *reports)


async def _helped(who: Neighbour, days: int) -> int:
    facts = ActivityFacts(
        ActivityKind.salon,
        clock.now() - timedelta(days=days, hours=3),
        90,
        people_helped=4,
        district_id=who.district_id,
        place="本町集会所の2階にある和室",
        note="写真の整理と、家族への送り方をいっしょに練習しました。",
    )
    report = await activities.submit(who.supporter_id, facts, submission=None, by=who)
    return int(report["id"])


async def _signed_in(page: Page, login: str, path: str) -> None:
    await page.goto(path)
    await page.locator("#login").fill(login)
    await page.locator("#password").fill(factories.PASSWORD)
    await page.locator("#password").press("Enter")
    await expect(page.locator("#password")).to_have_count(0)


@pytest.fixture(params=["phone", "desk"])
async def page(
    request: pytest.FixtureRequest, browser: Browser, scene: Scene, running_server: str
) -> AsyncIterator[Page]:
    async with screen(browser, running_server, request.param) as page:
        yield page


async def test_every_page_of_her_own_is_sound(page: Page, scene: Scene) -> None:
    await _signed_in(page, "haruko", "/my/activities")
    for path in (
        "/my/activities",
        "/my/activities/new?kind=salon",
        "/my/activities/new?kind=call",
        "/my/activities/new?kind=other",
        f"/my/activities/{scene.returned}/edit",
        f"/my/activities/{scene.approved}/edit",
        f"/my/activities/{scene.waiting}/withdrawal",
        "/my/trouble",
        "/my/trouble?done",
    ):
        await page.goto(path)
        await fits(page)
        await axe(page)
    await page.goto("/my/activities/new?kind=call")
    await page.get_by_role("button", name="この内容で報告する").click()
    await expect(page.get_by_role("heading", name="もう一度ご確認ください")).to_be_visible()
    await axe(page)


async def test_every_page_of_the_coordinator_is_sound(page: Page, scene: Scene) -> None:
    await troubles.report(
        "転んだ方がいます。",
        supporter_id=scene.haruko.supporter_id,
        submission=None,
        by=scene.haruko,
    )
    await _signed_in(page, "tanaka", "/staff/activities")
    for path in (
        "/staff/activities",
        "/staff/activities?state=all",
        f"/staff/activities/{scene.waiting}",
        f"/staff/activities/{scene.approved}",
        f"/staff/activities/{scene.returned}",
        "/staff/activities/totals",
        "/staff/activities/totals?by=year",
        f"/staff/activities/totals?by=supporter&key={scene.haruko.person_id}",
        "/staff/troubles",
    ):
        await page.goto(path)
        await fits(page)
        await axe(page)


@pytest.mark.parametrize("javascript", [True, False], ids=["javascript", "plain"])
async def test_a_salon_is_reported_on_the_phone_in_three_fields(
    browser: Browser, scene: Scene, running_server: str, javascript: bool
) -> None:
    async with screen(browser, running_server, "phone", javascript=javascript) as hand:
        await _signed_in(hand, "haruko", "/my/activities")
        await hand.get_by_role("link", name="サロンの活動を報告する").click()
        await hand.get_by_label("お手伝いした時間（分）").fill("5")
        await hand.get_by_label("お手伝いした人数（人）").fill("3")
        await hand.get_by_role("button", name="この内容で報告する").click()
        await expect(hand.get_by_text("報告が事務局に届きました。")).to_be_visible()

    rows = await ActivityReport.select().where(ActivityReport.minutes == 5)
    assert [row["people_helped"] for row in rows] == [3]


async def test_s8_a_page_that_stands_open_is_alarmed_and_keeps_what_is_typed(
    browser: Browser, scene: Scene, running_server: str
) -> None:
    async with screen(browser, running_server, "desk") as desk:
        await desk.clock.install()
        await _signed_in(desk, "tanaka", f"/staff/activities/{scene.waiting}")
        await desk.get_by_role("textbox", name="直してほしいところ").fill("人数を")
        await troubles.report(
            "転んだ方がいます。",
            supporter_id=scene.haruko.supporter_id,
            submission=None,
            by=scene.haruko,
        )
        await desk.clock.run_for(POLLED_WITHIN)

        alarm = desk.get_by_role("link", name="トラブル報告が1件あります。")
        await expect(alarm).to_be_visible()
        await expect(desk.get_by_role("textbox", name="直してほしいところ")).to_have_value("人数を")
        await axe(desk)
        await alarm.click()
        await desk.get_by_label("どう対応しましたか").fill("ご家族に電話しました。")
        await desk.get_by_role("button", name="対応済みにする").click()
        await expect(desk.get_by_text("対応を記録しました。")).to_be_visible()
        await expect(alarm).to_have_count(0)


async def test_s4_a_coordinator_approves_by_keyboard(
    browser: Browser, scene: Scene, running_server: str
) -> None:
    async with screen(browser, running_server, "desk") as desk:
        await _signed_in(desk, "tanaka", "/staff/activities")
        await desk.get_by_role("button", name="印の付いた報告を承認する").press("Enter")
        await expect(desk.get_by_text("1件を承認しました。")).to_be_visible()

    rows = await ActivityReport.select().where(ActivityReport.id == scene.waiting)
    assert rows[0]["state"] == "approved"
