"""A supporter signs up for a class, leaves it, logs another and reports trouble, on the phone."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect

from server import clock
from server.activity.tables import ActivityApproval
from server.classes.tables import Assignment, ClassSession, HelpRole
from server.roles import Role
from tests import factories
from tests.activity.my_cast import class_on, helps, ichiro, lecture_on, midori, training
from tests.browser import axe, fits, screen
from tests.classes.staff_cast import HANAKO, TARO, book
from tests.factories import make_course, make_room, make_venue
from tests.journeys.hands import press, sound

pytestmark = pytest.mark.engine("sqlite")


@pytest.fixture
async def city(database: Any) -> ClassSession:
    """四日市, みどり, 一郎 who is in training, a class to come, and one of today that she led."""
    await factories.make_municipality()
    venue = await make_venue(name="日永地区市民センター")
    room = (await make_room(venue=venue.id, name="第1会議室")).id
    her, him = await midori(district=venue.district), await ichiro(district=venue.district)
    for each, login in ((her, "midori"), (him, "ichiro")):
        await factories.make_account(
            Role.supporter, person=each.person.id, login=login, name=each.person.name
        )
    coming = await class_on(
        clock.today() + timedelta(days=9), venue=venue.id, room=room, assistants_needed=0
    )
    taught = await training(him)
    await lecture_on(taught.lecture, clock.today() + timedelta(days=12))
    course = await make_course(title="写真の撮り方", closes_at=clock.now() + timedelta(days=1))
    starts = clock.now() + timedelta(hours=1)
    over = await factories.make_class_session(
        course=course.id, starts_at=starts, venue=venue.id, room=room
    )
    await helps(her, over, HelpRole.lead)
    for person in (HANAKO, TARO):
        await book(person, course)
    await ClassSession.update(
        starts_at=starts - timedelta(hours=3), ends_at=starts - timedelta(hours=2)
    ).where(ClassSession.id == over.id)
    return coming


@pytest.fixture(params=[True, False], ids=["javascript", "plain"])
async def hand(
    request: pytest.FixtureRequest, browser: Browser, city: ClassSession, running_server: str
) -> AsyncIterator[Page]:
    """A phone, with and without JavaScript."""
    async with screen(browser, running_server, "phone", javascript=request.param) as page:
        yield page


async def sign_in(page: Page, login: str) -> None:
    await page.goto("/my")
    await page.locator("#login").fill(login)
    await page.locator("#password").fill(factories.PASSWORD)
    await page.locator("#password").press("Enter")


async def test_midori_signs_up_leaves_logs_and_reports_trouble(
    hand: Page, city: ClassSession
) -> None:
    await sign_in(hand, "midori")
    await sound(hand, "佐藤みどりさんのページ")

    await press(hand, "手伝える教室をさがす", "link")
    await sound(hand, "手伝いを待っている教室")
    await press(hand, "はじめてのスマートフォン", "link")
    await sound(hand, "はじめてのスマートフォン")
    await press(hand, "講師として手伝う")
    await expect(hand.get_by_text("この教室のお手伝いが決まりました")).to_be_visible()
    await sound(hand, "はじめてのスマートフォン")
    await press(hand, "行けなくなったことを知らせる", "link")
    await sound(hand, "行けなくなりましたか")
    await press(hand, "この活動予定を取り消す")
    await expect(hand.get_by_text("活動予定を取り消しました")).to_be_visible()
    left = await Assignment.select().where(Assignment.session == city.id)
    assert [each["voided_at"] is not None for each in left] == [True]

    await press(hand, "ホーム", "link")
    await press(hand, "開催報告を書く", "link")
    await sound(hand, "開催報告")
    await press(hand, "保存")
    await expect(hand.get_by_text("2人").first).to_be_visible()
    [approved] = await ActivityApproval.select()  # unchanged as prefilled: approved with it (S4)
    assert (approved["minutes"], approved["people_helped"]) == (60, 2)

    await press(hand, "ホーム", "link")
    await expect(hand.get_by_text("1時間")).to_be_visible()
    await press(hand, "トラブルを報告する", "link")
    await sound(hand, "トラブル")


async def test_ichiro_books_the_next_lecture_of_his_training(hand: Page) -> None:
    await sign_in(hand, "ichiro")
    await press(hand, "受講のようす", "link")
    await sound(hand, "受講のようす")
    await press(hand, "この日程に申し込む")
    await expect(hand.get_by_text("申込済み")).to_be_visible()
    await sound(hand, "受講のようす")
    await press(hand, "行けなくなったことを知らせる", "link")
    await sound(hand, "行けなくなりましたか")
    await press(hand, "この申込を取り消す")
    await expect(hand.get_by_role("button", name="この日程に申し込む")).to_be_visible()


@pytest.mark.parametrize("size", ["phone", "desk"])
async def test_every_page_of_a_supporter_keeps_to_the_screen(
    browser: Browser, city: ClassSession, running_server: str, size: str
) -> None:
    async with screen(browser, running_server, size) as page:
        await sign_in(page, "midori")
        await expect(page.get_by_role("heading", level=1)).to_be_visible()
        own = ("/my", "/my/sessions", f"/my/sessions/{city.id}", "/my/training", "/my/profile")
        for path in (*own, "/my/activities", "/my/trouble"):
            await page.goto(path)
            await fits(page)
            await axe(page)
