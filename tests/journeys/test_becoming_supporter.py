"""A neighbour becomes a supporter: applies, trains, practises, is certified and counted."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect

from server import clock
from server.classes.tables import ClassSession, HelpRole
from server.plan import plans
from server.roles import Role
from tests import factories
from tests.activity.my_cast import class_on, helps, lecture_on, midori
from tests.browser import screen
from tests.factories import make_programme, make_requirement
from tests.journeys.hands import has_ended, noted, press, sheets, sign_in, sound

pytestmark = pytest.mark.engine("sqlite")

PASSWORD = "sakura momiji yuki"
A4 = [(b"594", b"841")]
YEAR = clock.fiscal_year(clock.today())
PLAN = f"""
code = "journey"
name = "情報化実行計画"
municipality = "四日市市"
first_year = {YEAR}
last_year = {YEAR}

[[indicators]]
code = "trained"
name = "サポート人材の養成数（累積）"
unit = "supporter"
counting = "cumulative"
measure = "supporters_trained"
targets = {{ {YEAR} = 24 }}
"""


@dataclass(frozen=True)
class City:
    """What stood before she applied."""

    lecture: ClassSession
    practice: ClassSession


@pytest.fixture
async def city(database: Any) -> City:
    """A programme of a lecture and a practice, a date for each, and みどり who leads the latter."""
    await factories.make_municipality()
    section = await factories.make_section(name="ICT戦略課", oversees_all=True)
    await factories.make_account(section=section.id, login="tanaka", name="田中")
    venue = await factories.make_venue(
        name="中部地区市民センター", district=(await factories.make_district(name="中部")).id
    )
    place = {"venue": venue.id, "room": (await factories.make_room(venue=venue.id)).id}
    programme = await make_programme(name="デジタルサポーター養成講座")
    asked = await make_requirement(programme=programme.id, name="サポーターの役割")
    await make_requirement(programme=programme.id, name="教室での実習", kind="practice")
    _course, lecture = await lecture_on(asked, clock.today() + timedelta(days=3))
    practice = await class_on(clock.today() + timedelta(days=5), assistants_needed=0, **place)
    lead = await midori(district=venue.district)
    await helps(lead, practice, HelpRole.lead)
    who = lead.person.id
    await factories.make_account(Role.supporter, person=who, login="midori", name="佐藤みどり")
    await plans.load(PLAN, by=None)
    return City(lecture, practice)


@pytest.fixture(params=[True, False], ids=["javascript", "plain"])
def javascript(request: pytest.FixtureRequest) -> bool:
    """Does her browser run JavaScript?"""
    return bool(request.param)


@pytest.fixture
async def hanako(
    browser: Browser, city: City, running_server: str, javascript: bool
) -> AsyncIterator[Page]:
    """Her phone."""
    async with screen(browser, running_server, "phone", javascript=javascript) as page:
        yield page


@pytest.fixture
async def lead(
    browser: Browser, city: City, running_server: str, javascript: bool
) -> AsyncIterator[Page]:
    """みどり's phone."""
    async with screen(browser, running_server, "phone", javascript=javascript) as page:
        yield page


@pytest.fixture
async def tanaka(
    browser: Browser, city: City, running_server: str, javascript: bool
) -> AsyncIterator[Page]:
    """The coordinator's screen."""
    async with screen(browser, running_server, "desk", javascript=javascript) as page:
        await sign_in(page, "/staff", "tanaka")
        yield page


async def apply(page: Page) -> None:
    await page.goto("/supporters/apply")
    await sound(page, "サポーターになる")
    await page.locator("#name").fill("山田花子")
    await page.locator("#reading").fill("やまだ はなこ")
    await page.get_by_label("元号").select_option(label="昭和")
    for label, typed in (("年", "31"), ("月", "5"), ("日", "3")):
        await page.get_by_label(label, exact=True).fill(typed)
    await page.locator("#district").select_option(label="中部")
    await page.locator("#phone").fill("059-000-0123")
    await page.get_by_label("土曜日の午前").check()
    await press(page, "確認へ進む")
    await sound(page, "この内容で")
    await press(page, "この内容で申し込む")
    await sound(page, "お申し込みを")


async def accept(page: Page) -> str:
    """Accept her into the programme, invite her; the address in her letter."""
    await page.goto("/staff")
    await press(page, "サポーターの申込", "link")
    await sound(page, "サポーターの申込")
    await press(page, "山田花子", "link")
    await page.locator("#programme").select_option(label="デジタルサポーター養成講座")
    await sound(page, "山田花子")
    await press(page, "この申込を承諾する")
    await press(page, "招待状を作る")
    await sound(page, "サポーターのページへのご招待")
    await expect(page.get_by_text("0590000123")).to_be_visible()
    assert await sheets(page) == A4
    return await page.locator(".letter .address").inner_text()


async def come_in(page: Page, address: str) -> None:
    await page.goto(address)
    await sound(page, "パスワードを決める")
    await page.locator("#new").fill(PASSWORD)
    await page.locator("#again").fill(PASSWORD)
    await press(page, "このパスワードに決めて進む")
    await sound(page, "山田花子さんのページ")
    await expect(page.get_by_text("修了要件は2件です。これから始めましょう")).to_be_visible()


async def open_her(page: Page) -> None:
    """The coordinator finds her in the register."""
    await page.goto("/staff/supporters")
    await press(page, "山田花子", "link")
    await expect(page.get_by_role("heading", level=1)).to_contain_text("山田花子")


async def enter_paper(page: Page, kind: str) -> None:
    await open_her(page)
    await press(page, "書類を登録する", "link")
    await page.locator("#kind").select_option(label=kind)
    await page.locator("#valid_from").fill(f"{clock.today() - timedelta(days=30)}")
    await page.locator("#valid_until").fill(f"{clock.today() + timedelta(days=120)}")
    await sound(page, "書類を登録する")
    await press(page, "この書類を登録する")
    await noted(page, "書類を登録しました")


async def tick(page: Page, session: ClassSession) -> None:
    """The coordinator ticks who came to the lecture."""
    await page.goto(f"/staff/courses/{session.course}/bookings")
    await press(page, "出欠と開催報告", "link")
    await expect(page.get_by_label(re.compile("山田花子")).first).to_be_checked()
    await sound(page, "開催報告")
    await press(page, "出欠だけ保存する")
    await noted(page, "保存しました")


async def report(page: Page, session: ClassSession) -> None:
    """みどり reports the class in which somebody practised beside her."""
    await sign_in(page, "/my", "midori")
    await press(page, "開催報告を書く", "link")
    await expect(page.get_by_label(re.compile("山田花子")).first).to_be_checked()
    await sound(page, "開催報告")
    await page.locator("#walk_ins").fill("5")
    await press(page, "開催報告を保存する")
    await noted(page, "開催報告を保存しました")


async def train(hanako: Page, tanaka: Page, city: City) -> None:
    """The lecture, from the button of the next chance to the tick."""
    await press(hanako, "受講のようす", "link")
    await sound(hanako, "受講のようす")
    await press(hanako, "この日程に申し込む")
    await expect(hanako.get_by_text("申込済み")).to_be_visible()
    await has_ended(city.lecture, timedelta(hours=4))
    await tick(tanaka, city.lecture)
    await hanako.goto("/my/training")
    await expect(hanako.locator("main")).to_contain_text("2つの修了要件のうち、1つが済みました")


async def practise(hanako: Page, tanaka: Page, lead: Page, city: City) -> None:
    """The practice, once her papers are there (S8)."""
    await expect(hanako.get_by_role("button", name="この教室で実習する")).to_have_count(0)
    await sound(hanako, "受講のようす")
    for kind in ("誓約書", "ボランティア保険"):
        await enter_paper(tanaka, kind)
    await hanako.reload()
    await press(hanako, "この教室で実習する")
    await noted(hanako, "お手伝いが決まりました")
    await sound(hanako, "はじめてのスマートフォン")
    await has_ended(city.practice, timedelta(minutes=10))
    await report(lead, city.practice)
    await hanako.goto("/my/training")
    await expect(hanako.locator("main")).to_contain_text("2つの修了要件のうち、2つが済みました")
    await sound(hanako, "受講のようす")


async def certify(page: Page) -> None:
    await page.goto("/staff")
    await press(page, "修了にする人", "link")
    await sound(page, "修了にする人")
    await press(page, "修了にする", "link")
    await sound(page, "修了")
    today = clock.today().isoformat()  # the practice was yesterday where midnight has just been
    await page.get_by_label("この段階になった日").fill(today)
    await press(page, "修了にする")
    await noted(page, "修了")
    await sound(page, "山田花子")
    await press(page, "修了証", "link")
    await sound(page, "修了証")
    await expect(page.get_by_text("山田花子 様")).to_be_visible()
    assert await sheets(page) == A4


async def register(page: Page) -> None:
    await open_her(page)
    await press(page, "「登録」にする", "link")
    await press(page, "「登録」にする")
    await expect(page.locator("#badge_number")).to_have_attribute("aria-invalid", "true")
    await sound(page, "「登録」にする")
    await page.locator("#badge_number").fill("1")
    await press(page, "「登録」にする")
    await expect(page.get_by_role("heading", level=1)).to_contain_text("登録")
    await sound(page, "山田花子")


async def count(page: Page, trained: str, helping: str) -> None:
    """The dashboard's figures."""
    await page.goto("/staff")
    indicators = page.get_by_role("table", name="情報化実行計画の指標")
    await expect(indicators.get_by_role("link", name=trained, exact=True)).to_be_visible()
    of_chubu = page.get_by_role("row", name=re.compile(f"^中部 {trained} {helping}$"))
    await expect(of_chubu).to_be_visible()


async def test_from_her_application_to_the_count(
    hanako: Page, tanaka: Page, lead: Page, city: City
) -> None:
    await count(tanaka, "1名", "1名")  # みどり alone
    await apply(hanako)
    await come_in(hanako, await accept(tanaka))
    await train(hanako, tanaka, city)
    await practise(hanako, tanaka, lead, city)
    await certify(tanaka)
    await register(tanaka)

    await count(tanaka, "2名", "2名")
    await sound(tanaka, "今日")
    await press(tanaka, "2名", "link")
    await expect(tanaka.get_by_role("rowheader", name="山田花子")).to_be_visible()
    await hanako.goto("/my/training")
    await press(hanako, "修了証を見る", "link")
    await sound(hanako, "修了証")
