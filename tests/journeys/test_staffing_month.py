"""A coordinator staffs a month at her desk, with the keyboard only."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date, time
from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect

from server import clock
from server.classes.tables import ClassSession
from server.supporters.tables import Supporter
from tests import factories
from tests.activity.my_cast import Helper, ichiro, training
from tests.browser import screen
from tests.classes.helpers_cast import ASSISTANT, LEAD, assigned, live, make_session, named
from tests.journeys.hands import noted, sign_in, sound, strike, write

pytestmark = pytest.mark.engine("sqlite")

NEXT_MONTH = date(clock.today().year + clock.today().month // 12, clock.today().month % 12 + 1, 1)


@dataclass(frozen=True)
class City:
    """The sessions of the month, and the people who help."""

    staffed: ClassSession
    first: ClassSession
    same: ClassSession
    lead: Supporter
    midori: Supporter
    ichiro: Helper


@pytest.fixture
async def city(database: Any) -> City:
    """A session that is staffed, and two after it at one time that are not."""
    await factories.make_municipality()
    section = await factories.make_section(name="ICT戦略課", oversees_all=True)
    await factories.make_account(section=section.id, login="tanaka", name="田中")
    near = {"district": (await factories.make_district(name="中部")).id}
    sessions = []
    for day, title in ((5, "防災アプリ"), (10, "はじめてのスマートフォン"), (10, "写真の撮り方")):
        course = await factories.make_course(title=title)
        venue = (await factories.make_venue(**near)).id
        starts_at = clock.at(NEXT_MONTH.replace(day=day), time(10))
        places = {"assistants_needed": 1, "trainee_places": 0, "venue": venue}
        sessions.append(await make_session(starts_at, course=course.id, **places))
    lead = await named("講師花子", "こうしはなこ", may_lead=True, **near)
    hers = await named("佐藤みどり", "さとうみどり", **near)
    away = await named(
        "遠山とおる", "とおやまとおる", district=(await factories.make_district()).id
    )
    him = await ichiro(**near)
    await training(him)
    for role, supporter in ((LEAD, lead), (ASSISTANT, away)):
        await assigned(sessions[0], role, supporter)
    staffed, first, same = sessions
    return City(staffed, first, same, lead, hers, him)


@pytest.fixture(params=[True, False], ids=["javascript", "plain"])
async def page(
    request: pytest.FixtureRequest, browser: Browser, city: City, running_server: str
) -> AsyncIterator[Page]:
    """Her desk."""
    async with screen(browser, running_server, "desk", javascript=request.param) as page:
        yield page


async def look_at_the_month(page: Page) -> None:
    """What is short stands first, though another date comes before it."""
    await strike(page, "配置")
    await strike(page, "次の月")
    await sound(page, "の配置")
    await expect(page.get_by_role("heading", level=2)).to_have_text(
        ["人が足りない日程（2件）", "そのほかの日程（1件）"]
    )
    short = page.get_by_role("table", name="人が足りない日程")
    await expect(short).to_contain_text("はじめてのスマートフォン")
    await expect(short).not_to_contain_text("防災アプリ")
    await expect(page.get_by_role("link", name="2件中2件不足")).to_be_visible()


async def press_what_fits_best(page: Page) -> None:
    await strike(page, "講師花子さんを講師に")
    await noted(page, "配置しました")
    await strike(page, "佐藤みどりさんを補助に")
    await expect(page.get_by_role("heading", name="人が足りない日程（1件）")).to_be_visible()
    await sound(page, "の配置")


async def add_lecturer(page: Page) -> None:
    await strike(page, "サポーター")
    await strike(page, "外部講師")
    await sound(page, "外部講師")
    await strike(page, "外部講師を加える")
    await write(page, "#name", "外部太郎")
    await write(page, "#reading", "がいぶたろう")
    await write(page, "#organisation", "携帯ショップ")
    await sound(page, "外部講師を加える")
    await strike(page, "名簿に加える")
    await expect(page.get_by_role("rowheader", name="外部太郎")).to_be_visible()


async def settle_the_clash(page: Page) -> None:
    """The class at the same time: a lecturer leads, and みどり goes over, for a reason."""
    await strike(page, "配置")
    await strike(page, "次の月")
    await strike(page, "写真の撮り方")
    await sound(page, "写真の撮り方")
    await expect(page.locator("main")).to_contain_text("同じ時間に、")
    await strike(page, "講師に配置する 外部太郎")
    await noted(page, "配置しました")
    await strike(page, "補助 0／1人")
    names = page.get_by_role("table", name="候補者").get_by_role("rowheader")
    await expect(names).to_have_text([re.compile(each) for each in ("遠山", "講師花子", "佐藤")])
    await strike(page, "補助に配置する 佐藤みどり")
    await sound(page, "佐藤みどりさんを補助に")
    await strike(page, "それでも配置する")
    await expect(page.locator("#overruled")).to_have_attribute("aria-invalid", "true")
    await sound(page, "佐藤みどりさんを補助に")
    await write(page, "#overruled", "となりの部屋なので")
    await strike(page, "それでも配置する")
    await expect(page.locator("main")).to_contain_text("理由：となりの部屋なので")
    await sound(page, "写真の撮り方")


async def make_room_to_practise(page: Page) -> None:
    await strike(page, "配置へ戻る")
    await strike(page, "はじめてのスマートフォン")
    await write(page, "#trainee_places", "1")
    await strike(page, "人数を保存する")
    await noted(page, "必要な人数を保存しました")
    await strike(page, "実習生 0／1人")
    await sound(page, "はじめてのスマートフォン")
    await strike(page, "実習生に配置する 田中一郎")
    await noted(page, "配置しました")


async def test_a_month_is_staffed_with_the_keyboard_only(page: Page, city: City) -> None:
    await sign_in(page, "/staff", "tanaka")
    await look_at_the_month(page)
    await press_what_fits_best(page)
    await add_lecturer(page)
    await settle_the_clash(page)
    await make_room_to_practise(page)

    await strike(page, "配置へ戻る")
    await expect(page.get_by_text("人が足りない日程はありません。")).to_be_visible()
    await expect(page.get_by_text("同じ時間に別の予定").first).to_be_visible()
    await sound(page, "の配置")
    trainee = ("trainee", city.ichiro.supporter.id)
    assert await live(city.first) == [
        ("lead", city.lead.id),
        ("assistant", city.midori.id),
        trainee,
    ]
    assert await live(city.same) == [("lead", None), ("assistant", city.midori.id)]
