"""Counter staff and trainings in Chromium: at both widths, and with the keyboard alone."""

from datetime import date
from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect

from server.counter_staff import completions
from server.counter_staff.tables import Employment, StaffTrainingKind
from server.roles import Role
from tests import factories
from tests.browser import axe, fits, screen
from tests.classes.staff_cast import Staff

pytestmark = pytest.mark.engine("sqlite")

ICT = Staff(sees_all_sections=True)


@pytest.fixture
async def city(database: Any) -> dict[str, int]:
    """Three members in two sections, two trainings, a coordinator, and a member's own account."""
    await factories.make_municipality(demonstration=True)
    ict = (await factories.make_section(name="ICT戦略課", oversees_all=True)).id
    tax = (await factories.make_section(name="市民税課")).id
    await factories.make_account(Role.coordinator, section=ict, login="ict")
    names: dict[str, Any] = {"name": "田中恵", "reading": "たなかめぐみ", "number": "0125"}
    megumi = await factories.make_staff_member(tax, date(2020, 4, 1), **names)
    ai = await factories.make_staff_member(
        ict,
        date(2020, 4, 1),
        employment=Employment.contracted,
        name="鈴木愛",
        reading="すずきあい",
    )
    await factories.make_account(Role.helpdesk, login="desk", person=megumi.person)
    span = {"first_on": date(2020, 4, 1), "last_on": date(2099, 3, 31)}
    learning = await factories.make_staff_training(**span)
    await factories.make_staff_training(
        kind=StaffTrainingKind.video, address="", name="聞き取りの動画", **span
    )
    await completions.complete(learning.id, [ai.id], date(2026, 5, 1), by=ICT)
    return {"megumi": megumi.id, "training": learning.id}


async def sign_in(page: Page, login: str) -> None:
    await page.goto("/sign-in")
    await page.locator("#login").fill(login)
    await page.locator("#password").fill(factories.PASSWORD)
    await page.locator("#password").press("Enter")
    await page.wait_for_url("**/staff**")


@pytest.mark.parametrize("size", ["phone", "desk"])
async def test_pages_fit_and_axe_finds_nothing(
    city: dict[str, int], running_server: str, browser: Browser, size: str
) -> None:
    member, training = city["megumi"], city["training"]
    async with screen(browser, running_server, size) as page:
        await sign_in(page, "ict")
        for path in (
            "/staff/counter-staff",
            "/staff/counter-staff/new",
            f"/staff/counter-staff/{member}",
            f"/staff/counter-staff/{member}/move",
            "/staff/counter-staff/import",
            "/staff/trainings",
            "/staff/trainings/new",
            f"/staff/trainings/{training}",
            f"/staff/trainings/{training + 1}",
            f"/staff/trainings/{training}/completions",
            f"/staff/trainings/{training}/completions/import",
            f"/staff/training-rates?of=training-{training}&state=in_post",
        ):
            await page.goto(path)
            await axe(page)
            await fits(page)


async def test_without_javascript_she_ticks_and_a_colleague_says_it_herself(
    city: dict[str, int], running_server: str, browser: Browser
) -> None:
    training = city["training"]
    async with screen(browser, running_server, "desk", javascript=False) as page:
        await sign_in(page, "desk")
        await page.goto(f"/staff/trainings/{training}")
        await page.get_by_role("button", name="今日、この研修を最後まで受けました").press("Enter")
        await expect(page.locator("main [role=status]")).to_contain_text("記録しました")
    async with screen(browser, running_server, "desk", javascript=False) as page:
        await sign_in(page, "ict")
        await page.goto(f"/staff/training-rates?of=training-{training}")
        await expect(page.locator("tfoot")).to_contain_text("100.0%")
        await page.locator("tfoot a").first.press("Enter")
        await expect(page.locator("#behind")).to_contain_text("田中恵")
        await page.goto(f"/staff/trainings/{training + 1}/completions")
        await page.get_by_role("checkbox").first.press("Space")
        await page.get_by_role("button", name="印を付けた人の受講を記録する").press("Enter")
        await expect(page.locator("main [role=status]")).to_have_text("入力しました。")


async def test_a_training_asks_only_what_its_way_of_taking_needs(
    city: dict[str, int], running_server: str, browser: Browser
) -> None:
    async with screen(browser, running_server, "phone", javascript=False) as page:
        await sign_in(page, "ict")
        await page.goto("/staff/trainings/new")
        for kind, course, address in (
            ("address", False, True),
            ("dated", True, False),
            ("video", False, False),
        ):
            await page.locator(f'input[name="kind"][value="{kind}"]').check()
            await expect(page.locator("#course")).to_be_visible(visible=course)
            await expect(page.locator("#address")).to_be_visible(visible=address)
