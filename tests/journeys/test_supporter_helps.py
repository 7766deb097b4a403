"""A supporter helps, all by phone: signs up, prepares, leaves, logs, reports a call and trouble.

What she hands in reaches the coordinator, who approves it and sees it in the totals.
"""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect

from server import clock
from server.classes.bookings import Applicant
from server.classes.tables import ClassSession, HelpRole
from server.roles import Role
from tests import factories
from tests.activity.my_cast import class_on, helps, midori
from tests.browser import screen
from tests.classes.staff_cast import TARO, book
from tests.journeys.hands import begins, has_ended, noted, press, sign_in, sound

pytestmark = pytest.mark.engine("sqlite")

HANAKO = Applicant(
    name="山田花子",
    reading="やまだはなこ",
    phone="090-0000-1234",
    device="iphone",
    needs=("wheelchair",),
)
ALARM = "トラブル報告が1件あります"
WITHIN = 30_000  # milliseconds in which trouble is on the coordinator's screen


@dataclass(frozen=True)
class City:
    """The classes that みどり meets."""

    near: ClassSession
    other: ClassSession
    taught: ClassSession


@pytest.fixture
async def city(database: Any) -> City:
    """みどり of 日永; a class there that needs a lead, and two at which she is down to lead."""
    await factories.make_municipality()
    section = await factories.make_section(name="ICT戦略課", oversees_all=True)
    await factories.make_account(section=section.id, login="tanaka", name="田中")
    district = (await factories.make_district(name="日永")).id
    venue = await factories.make_venue(name="日永地区市民センター", district=district)
    place: dict[str, Any] = {"venue": venue.id, "room": None, "assistants_needed": 0}
    her = await midori(district=district)
    who = her.person.id
    await factories.make_account(Role.supporter, person=who, login="midori", name="佐藤みどり")
    dates = {}
    for days, title in ((9, "LINEの使い方"), (12, "防災アプリ"), (3, "写真の撮り方")):
        day = clock.today() + timedelta(days=days)
        until = clock.now() + timedelta(days=2)
        course = await factories.make_course(title=title, closes_at=until)
        dates[title] = await class_on(day, course=course.id, **place)
        await book(HANAKO, course)
        await book(TARO, course)
    near, other, taught = dates.values()
    for session in (other, taught):
        await helps(her, session, HelpRole.lead)
    await has_ended(taught, timedelta(minutes=50))
    return City(near, other, taught)


@pytest.fixture(params=[True, False], ids=["javascript", "plain"])
async def screens(
    request: pytest.FixtureRequest, browser: Browser, city: City, running_server: str
) -> AsyncIterator[tuple[Page, Page]]:
    """みどり's phone and the coordinator's screen."""
    scripts = {"javascript": request.param}
    async with (
        screen(browser, running_server, "phone", **scripts) as hers,
        screen(browser, running_server, "desk", **scripts) as desk,
    ):
        await sign_in(hers, "/my", "midori")
        await sign_in(desk, "/staff", "tanaka")
        yield hers, desk


async def sign_up(page: Page, near: ClassSession) -> None:
    """She finds a class near home, and sees who comes no earlier than the day before (S8)."""
    await sound(page, "佐藤みどりさんのページ")
    await press(page, "手伝える教室をさがす", "link")
    await expect(page.get_by_role("heading", name="日永")).to_be_visible()
    await sound(page, "手伝いを待っている教室")
    await press(page, "LINEの使い方", "link")
    await press(page, "講師として手伝う")
    await noted(page, "この教室のお手伝いが決まりました")
    await expect(page.locator("main")).not_to_contain_text("やまだはなこ")
    await sound(page, "LINEの使い方")

    await begins(near, timedelta(hours=20))
    await page.goto("/my")
    await press(page, "LINEの使い方", "link")
    her = page.get_by_role("listitem").filter(has_text="やまだはなこ")
    await expect(her).to_contain_text("iPhone")
    await expect(her).to_contain_text("車いす")
    for hidden in ("090-0000-1234", "山田花子"):
        await expect(page.locator("main")).not_to_contain_text(hidden)
    await expect(page.get_by_role("link", name="行けなくなったことを知らせる")).to_have_count(0)
    await sound(page, "LINEの使い方")


async def leave(page: Page) -> None:
    """There is time enough to leave the class after that."""
    await page.goto("/my")
    await press(page, "防災アプリ", "link")
    await press(page, "行けなくなったことを知らせる", "link")
    await sound(page, "行けなくなりましたか")
    await press(page, "この活動予定を取り消す")
    await noted(page, "活動予定を取り消しました")


async def log(page: Page) -> None:
    """Three presses, one of them to take off the tick of who did not come."""
    await page.goto("/my")
    await press(page, "開催報告を書く", "link")
    await sound(page, "開催報告")
    await page.get_by_label(re.compile("やまだたろう")).uncheck()
    await press(page, "開催報告を保存する")
    await noted(page, "開催報告を保存しました")
    await expect(page.locator("main")).to_contain_text("90分")
    await sound(page, "開催報告")


async def report_call(page: Page) -> None:
    await press(page, "活動報告", "link")
    await sound(page, "活動報告")
    await press(page, "電話で手伝った活動を報告する", "link")
    await press(page, "この内容で報告する")
    await expect(page.locator("#minutes")).to_have_attribute("aria-invalid", "true")
    await sound(page, "電話で手伝った活動を報告する")
    await page.locator("#minutes").fill("20")
    await page.locator("#people_helped").fill("1")
    await press(page, "この内容で報告する")
    await noted(page, "報告が事務局に届きました")
    await expect(page.get_by_text("承認待ち")).to_be_visible()
    await sound(page, "活動報告")


async def approve(page: Page) -> None:
    """The class was approved as she saved it (S4); the call waits for the coordinator."""
    await page.goto("/staff")
    await press(page, "承認を待つ活動報告", "link")
    await expect(page.get_by_role("rowheader", name="佐藤みどり")).to_have_count(1)
    await sound(page, "活動報告")
    await press(page, "印の付いた報告を承認する")
    await noted(page, "1件を承認しました")
    await press(page, "集計を見る", "link")
    await page.locator("#by").select_option("supporter")
    await press(page, "この条件で集計する")
    hers = page.get_by_role("row", name=re.compile("佐藤みどり 1時間 ?50分 2 2 1"))
    await expect(hers).to_be_visible()
    await sound(page, "活動の集計")
    await hers.get_by_role("link").click()
    await expect(page.get_by_role("table", name="この数字の内訳").get_by_role("row")).to_have_count(
        3
    )
    await sound(page, "活動の集計")


async def call_for_help(hers: Page, desk: Page) -> None:
    """Trouble is on the coordinator's screen within half a minute, whatever page it shows (S8)."""
    await desk.goto("/staff/courses")
    await press(hers, "トラブルを報告する", "link")
    await sound(hers, "トラブルを報告する")
    await hers.locator("#words").fill("参加した方が転びました。けがはありません。")
    await press(hers, "事務局へすぐに知らせる")
    await noted(hers, "事務局に届きました")
    await sound(hers, "トラブルを報告する")
    if not await desk.evaluate("matchMedia('(scripting: enabled)').matches"):
        await desk.reload()
    await expect(desk.locator("#alarm")).to_contain_text(ALARM, timeout=WITHIN)
    await press(desk, ALARM, "link")
    await expect(desk.locator("main")).to_contain_text("参加した方が転びました。")
    await sound(desk, "トラブル")
    await desk.get_by_label("どう対応しましたか").fill("電話で様子を確かめました。")
    await press(desk, "対応済みにする")
    await expect(desk.get_by_text(ALARM)).to_have_count(0)


async def test_a_supporter_helps_from_signing_up_to_the_totals(
    screens: tuple[Page, Page], city: City
) -> None:
    hers, desk = screens
    await sign_up(hers, city.near)
    await leave(hers)
    await log(hers)
    await report_call(hers)
    await approve(desk)

    await hers.goto("/my")
    await expect(hers.locator("main")).to_contain_text(re.compile("1時間 ?50分"))
    await call_for_help(hers, desk)
