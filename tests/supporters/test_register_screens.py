"""The register in Chromium: at both widths, and the certificate on A4."""

import re
from collections.abc import AsyncIterator
from datetime import date
from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect

from server.supporters import schemes, stages
from server.supporters.tables import CredentialKind, Stage, Supporter
from server.training import certificates
from tests import factories
from tests.browser import axe, fits, screen
from tests.supporters.cast import ICT, make_trainee

pytestmark = pytest.mark.engine("sqlite")

APRIL = date(2026, 4, 1)
MAY = date(2026, 5, 1)


@pytest.fixture
async def hanako(database: Any) -> Supporter:
    """山田花子, who has done all; 鈴木ゆき, active, whose insurance ends; the coordinator 田中."""
    await factories.make_municipality(demonstration=True)
    section = await factories.make_section(name="ICT戦略課", oversees_all=True)
    await factories.make_account(section=section.id, login="tanaka", name="田中")
    district = await factories.make_district(name="中部地区")
    person = await factories.make_person(birth_on=date(1960, 2, 3))
    hanako = await factories.make_supporter(
        (Stage.applied, APRIL),
        (Stage.in_training, APRIL),
        person=person.id,
        district=district.id,
        phone="059-354-1111",
        languages="ja,pt",
        devices="android,iphone",
        days="mon_am,mon_pm,thu_am",
    )
    await make_trainee(person.id, done_on=MAY)
    yuki = await factories.make_person("090-0000-9999", name="鈴木ゆき", reading="すずきゆき")
    active = await factories.make_supporter(person=yuki.id, badge_number="12", may_lead=True)
    await factories.make_credential(
        active.id,
        CredentialKind.qualification,
        name="手話通訳",
        valid_from=APRIL,
        valid_until=APRIL,
    )
    await schemes.save(schemes.SchemeFacts(issuer="四日市市長　見本 太郎"), version=0, by=ICT)
    return hanako


async def signed_in(page: Page) -> Page:
    await page.goto("/staff/supporters")
    await page.locator("#login").fill("tanaka")
    await page.locator("#password").fill(factories.PASSWORD)
    await page.locator("#password").press("Enter")
    await expect(page.get_by_role("heading", name="サポーター", exact=True)).to_be_visible()
    return page


@pytest.fixture(params=["phone", "desk"])
async def page(
    request: pytest.FixtureRequest, browser: Browser, hanako: Supporter, running_server: str
) -> AsyncIterator[Page]:
    async with screen(browser, running_server, request.param) as page:
        yield await signed_in(page)


async def test_every_page_of_the_register_is_sound(page: Page, hanako: Supporter) -> None:
    own = f"/staff/supporters/{hanako.id}"
    history = await stages.history(hanako.id)
    for path in (
        "/staff/supporters",
        own,
        f"{own}/edit",
        f"{own}/stages/new?stage=completed",
        f"{own}/stages/new?stage=withdrawn",
        f"{own}/stages/{history[-1]['id']}/undoing",
        f"{own}/papers/new?kind=insurance",
        f"{own}/records/new",
        f"{own}/merging?q=すずき",
        f"{own}/merging/{hanako.id + 1}",
        "/staff/supporters/due",
        "/staff/supporters/papers",
        "/staff/scheme",
        "/staff/lecturers",
        "/staff/lecturers/new",
    ):
        await page.goto(path)
        await fits(page)
        await axe(page)


@pytest.fixture
async def desk(browser: Browser, hanako: Supporter, running_server: str) -> AsyncIterator[Page]:
    async with screen(browser, running_server, "desk") as page:
        yield await signed_in(page)


async def test_s2_completed_by_keyboard_and_printed_on_one_a4(
    desk: Page, hanako: Supporter
) -> None:
    await desk.goto("/staff/supporters/due")
    await desk.get_by_role("link", name="修了にする").press("Enter")
    await desk.get_by_role("button", name="修了にする").press("Enter")
    await expect(desk.get_by_text("修了証を印刷できます")).to_be_visible()
    given = (await certificates.of(int(hanako.person)))[0]
    await desk.get_by_role("link", name=re.compile(given["number"])).press("Enter")
    await expect(desk.get_by_role("heading", name="修了証")).to_be_visible()
    await axe(desk)

    paper = await desk.pdf(format="A4", prefer_css_page_size=True)

    assert len(re.findall(rb"/Type\s*/Page\b", paper)) == 1
