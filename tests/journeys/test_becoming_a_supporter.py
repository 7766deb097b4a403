"""A neighbour applies on the phone, is accepted at the desk, and comes in by her letter."""

import re
from collections.abc import AsyncIterator
from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect

from server import clock
from server.database import writing
from server.training.tables import Programme
from tests import factories
from tests.browser import screen
from tests.journeys.hands import press, sound

pytestmark = pytest.mark.engine("sqlite")

PASSWORD = "sakura momiji yuki"


@pytest.fixture
async def city(database: Any) -> None:
    """四日市 with one district, one programme, and 田中 of the ICT section."""
    await factories.make_municipality()
    await factories.make_district(name="中部")
    section = await factories.make_section(name="ICT戦略課", oversees_all=True)
    await factories.make_account(section=section.id, login="tanaka", name="田中")
    async with writing():
        await Programme.insert(
            Programme(
                code="basic",
                name="デジタルサポーター養成講座",
                published_at=clock.now(),
                created_at=clock.now(),
            )
        )


@pytest.fixture
async def hanako(browser: Browser, city: None, running_server: str) -> AsyncIterator[Page]:
    """Her phone."""
    async with screen(browser, running_server, "phone") as page:
        yield page


@pytest.fixture
async def plain(browser: Browser, city: None, running_server: str) -> AsyncIterator[Page]:
    """A phone whose browser runs no JavaScript: axe cannot look at it."""
    async with screen(browser, running_server, "phone", javascript=False) as page:
        yield page


@pytest.fixture
async def tanaka(browser: Browser, running_server: str) -> AsyncIterator[Page]:
    """The coordinator's screen."""
    async with screen(browser, running_server, "desk") as page:
        yield page


async def fill_in(page: Page) -> None:
    await page.get_by_label("元号").select_option(label="昭和")
    for label, typed in (("年", "31"), ("月", "5"), ("日", "3")):
        await page.get_by_label(label, exact=True).fill(typed)
    await page.locator("#name").fill("山田花子")
    await page.locator("#reading").fill("やまだ はなこ")
    await page.locator("#district").select_option(label="中部")
    await page.locator("#phone").fill("059-000-0123")
    await page.get_by_label("土曜日の午前").check()


async def apply(page: Page) -> None:
    await page.goto("/")
    await page.get_by_role("link", name="サポーターになる").first.click()
    await sound(page, "サポーターになる")
    await press(page, "確認へ進む")
    await sound(page, "サポーターになる")
    await page.get_by_role("link", name="生年月日を入力してください。").click()
    await expect(page.get_by_label("元号")).to_be_focused()
    await fill_in(page)
    await press(page, "確認へ進む")
    await sound(page, "この内容で")
    await expect(page.get_by_text("昭和31年5月3日生まれ、70歳")).to_be_visible()
    await press(page, "この内容で申し込む")
    await sound(page, "お申し込みを")


async def accept(page: Page) -> str:
    """Accept her, and return the address in the letter."""
    await page.goto("/staff/applications")
    await page.locator("#login").fill("tanaka")
    await page.locator("#password").fill(factories.PASSWORD)
    await page.locator("#password").press("Enter")
    await sound(page, "サポーターの申込")
    await page.get_by_role("link", name="山田花子").click()
    await sound(page, "山田花子")
    await page.locator("#programme").select_option(label="デジタルサポーター養成講座")
    await press(page, "この申込を承諾する")
    await sound(page, "山田花子")
    await press(page, "招待状を作る")
    await sound(page, "サポーターのページへのご招待")
    return await page.locator(".letter .address").inner_text()


async def come_in(page: Page, address: str) -> None:
    await page.goto(address)
    await sound(page, "パスワードを決める")
    await page.locator("#new").fill(PASSWORD)
    await page.locator("#again").fill(PASSWORD)
    await press(page, "このパスワードに決めて進む")
    await expect(page).to_have_url(re.compile("/my$"))
    await page.goto(address)
    await sound(page, "この招待状は使えません")


async def test_from_the_first_page_to_her_own(hanako: Page, tanaka: Page) -> None:
    await apply(hanako)
    address = await accept(tanaka)
    sheets = re.findall(rb"/Type\s*/Page\b", await tanaka.pdf(prefer_css_page_size=True))
    assert len(sheets) == 1
    await come_in(hanako, address)


async def test_p5_she_applies_without_javascript(plain: Page) -> None:
    await plain.goto("/supporters/apply")
    await fill_in(plain)
    await press(plain, "確認へ進む")
    await press(plain, "この内容で申し込む")

    await expect(plain.get_by_role("heading", level=1)).to_have_text(
        "お申し込みを受け付けました", use_inner_text=True
    )
