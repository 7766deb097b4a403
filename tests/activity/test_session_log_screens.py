"""The report of a session in a real browser, without JavaScript too."""

from datetime import timedelta

import pytest
from playwright.async_api import Browser, Page, expect

from server import clock
from server.classes import attendance, reports
from server.classes.tables import HelpRole, Presence
from server.roles import Role
from tests.browser import axe, fits, screen
from tests.classes.logged_cast import HANAKO, TARO, books, held, helps, session_at
from tests.classes.staff_cast import ICT
from tests.databases import Database
from tests.factories import PASSWORD, make_account, make_municipality


async def sign_in(page: Page, login: str) -> None:
    await page.goto("/sign-in")
    await page.fill("[name=login]", login)
    await page.fill("[name=password]", PASSWORD)
    await page.click("main button")
    await page.wait_for_load_state()


@pytest.mark.engine("sqlite")
@pytest.mark.parametrize("javascript", [True, False])
async def test_s4_the_lead_reports_on_a_phone_with_one_button(
    database: Database, browser: Browser, running_server: str, javascript: bool
) -> None:
    await make_municipality()
    session = await session_at(clock.now() - timedelta(hours=3))
    for who in (HANAKO, TARO):
        await books(who, session)
    lead = await helps(session)
    await helps(session, HelpRole.assistant, "中村進")

    async with screen(browser, running_server, "phone", javascript=javascript) as page:
        await sign_in(page, lead.account.login)
        await page.goto(f"/my/sessions/{session.id}/log")
        if javascript:
            await axe(page)
            await fits(page)
        await page.get_by_label("やまだたろう").uncheck()
        await page.get_by_role("button", name="開催報告を保存する").click()
        await expect(page.get_by_text("開催報告を保存しました。")).to_be_visible()
        if javascript:
            await axe(page)
            await fits(page)

    report = await reports.current(session.id)
    assert report is not None
    assert report["head_count"] == 1


@pytest.mark.engine("sqlite")
@pytest.mark.parametrize("size", ["phone", "desk"])
async def test_staff_see_the_report_its_correction_and_its_taking_back(
    database: Database, browser: Browser, running_server: str, size: str
) -> None:
    await make_municipality()
    session = await session_at(clock.now() - timedelta(hours=3))
    await books(HANAKO, session)
    await helps(session)
    coordinator = await make_account(Role.coordinator)

    async with screen(browser, running_server, size) as page:
        await sign_in(page, coordinator.login)
        await page.goto(f"/staff/sessions/{session.id}/log")
        await page.get_by_text("時間や人数が違う人がいる").click()
        await axe(page)
        await fits(page)
        await page.get_by_label("時間（分）").fill("0")
        await page.get_by_role("button", name="開催報告を保存する").click()
        await expect(page.get_by_label("時間（分）")).to_be_visible()  # the fold stays open
        await axe(page)
        await page.get_by_label("時間（分）").fill("120")
        await page.get_by_role("button", name="開催報告を保存する").click()
        for path in ("log", "log?correct=1", "log/voiding"):
            await page.goto(f"/staff/sessions/{session.id}/{path}")
            await axe(page)
            await fits(page)


@pytest.mark.engine("sqlite")
@pytest.mark.parametrize("size", ["phone", "desk"])
async def test_what_somebody_else_saved_is_compared_at_both_widths(
    database: Database, browser: Browser, running_server: str, size: str
) -> None:
    await make_municipality()
    session = await session_at(clock.now() - timedelta(hours=3))
    hanako, taro = await books(HANAKO, session), await books(TARO, session)
    coordinator = await make_account(Role.coordinator)

    async with screen(browser, running_server, size) as page:
        await sign_in(page, coordinator.login)
        await page.goto(f"/staff/sessions/{session.id}/log")
        await attendance.mark(session.id, {hanako: Presence.present, taro: Presence.absent}, by=ICT)
        await page.get_by_role("button", name="出欠だけ保存する").click()
        await expect(page.get_by_text("その間に、ほかの人が保存しました")).to_be_visible()
        await axe(page)
        await fits(page)
        await reports.save(session.id, held(3), by=ICT)
        await page.goto(f"/staff/sessions/{session.id}/log/voiding")
        await reports.save(session.id, held(4), by=ICT)
        await page.get_by_label("理由").fill("誤り")
        await page.get_by_role("button", name="この報告を取り消す").click()
        await expect(page.get_by_text("ほかの人が先に内容を変えました。")).to_be_visible()
        await axe(page)
        await fits(page)
