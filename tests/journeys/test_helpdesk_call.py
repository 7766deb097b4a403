"""A call becomes a class: answered and booked at the desk with the keyboard only, held, counted.

The contact says that she came, and the figures for learning are those of the rows behind them.
"""

import re
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pytest
from playwright.async_api import Browser, Locator, Page, expect

from server import clock
from server.classes.tables import Booking, ClassSession, CourseTopic
from server.database import writing
from server.helpdesk.tables import Contact, ContactBooking, Desk
from server.roles import Role
from tests import factories
from tests.browser import screen
from tests.journeys.hands import go_by, noted, press, reach, sign_in, sound, strike, write

CLASS = "スマートフォンで届出"
QUESTION = "転出届をスマートフォンで出せますか。"
DAYS_TO_THE_CLASS = 6
READ_BACK = re.compile(r"「スマートフォンで届出」.*日永地区市民センター")
BEHIND = re.compile("^(対応記録|この数字の内訳)$")
Row = dict[str, Any]


@dataclass(frozen=True)
class City:
    """What is asked at the desk, and the class that teaches it near the caller."""

    desk: Desk
    session: ClassSession
    topic: int
    district: int
    procedure: int
    article: int


@pytest.fixture
async def city(database: Any) -> City:
    """Calls of ten days ago about the same, one of them a tally of four; two classes to come."""
    await factories.make_municipality()
    ict = await factories.make_section(name="ICT戦略課", oversees_all=True)
    civic = await factories.make_section(name="市民課")
    far = (await factories.make_district(name="楠")).id
    near = (await factories.make_district(name="日永")).id
    other = (await factories.make_topic(name="写真・動画")).id
    topic = (await factories.make_topic(name="オンライン手続")).id
    procedure = (await factories.make_procedure(name="転出届", topic=topic, section=civic.id)).id
    article = (await factories.make_article(question=QUESTION, topic=topic)).id
    session = await class_on(topic, near, "日永地区市民センター", DAYS_TO_THE_CLASS)
    await class_on(topic, far, "楠地区市民センター", 4)
    await factories.make_account(Role.helpdesk, login="mari", name="鈴木まり")
    await factories.make_account(Role.venue, venue=session.venue, login="tomo", name="伊藤とも")
    await factories.make_account(section=ict.id, login="tanaka", name="田中")
    desk = await factories.make_desk(name="デジタル相談窓口")
    place: dict[str, Any] = {"desk": desk.id, "contacted_at": clock.now() - timedelta(days=10)}
    for about, where, more in (
        (topic, near, {"stuck": "identity", "procedure": procedure}),
        (topic, near, {"outcome": "handed_on"}),
        (topic, near, {"number": 4, "tally": True}),
        (topic, far, {}),
        (other, near, {}),
    ):
        await factories.make_contact(topic=about, district=where, **more, **place)
    return City(desk, session, topic, near, procedure, article)


async def class_on(topic: int, district: int, place: str, days: int) -> ClassSession:
    """A class on the topic in so many days, with two places."""
    venue = await factories.make_venue(name=place, district=district)
    begins = clock.now() + timedelta(days=days)
    course = await factories.make_course(title=CLASS, seats=2, bring="マイナンバーカード")
    async with writing():
        await CourseTopic.insert(CourseTopic(course=course.id, topic=topic))
    return await factories.make_class_session(
        course=course.id, starts_at=begins, venue=venue.id, assistants_needed=0
    )


@pytest.fixture
async def desks(
    browser: Browser, city: City, running_server: str
) -> AsyncIterator[Callable[..., Any]]:
    """Signs somebody in at a desk screen of her own."""
    async with screen(browser, running_server, "desk") as one:

        async def at(login: str, path: str = "/staff") -> Page:
            await one.context.clear_cookies()
            await sign_in(one, path, login)
            return one

        yield at


async def arrow(page: Page, key: str = "ArrowRight", times: int = 1) -> None:
    """Choose further on among chips; each choice asks anew what may answer."""
    for _ in range(times):
        await settled(page)
        await page.keyboard.press(key)
    await settled(page)


async def settled(page: Page) -> None:
    """What may answer stands there: htmx writes an error of a look-up that another replaces."""
    await expect(page.locator("#matches.htmx-request")).to_have_count(0)


async def answer(page: Page, city: City) -> None:
    """Topic and where she got stuck by a key; what may answer it and the nearest class appear."""
    await expect(page.locator("form[data-keys]")).to_be_visible()
    await sound(page, "相談を記録")
    await page.keyboard.press("2")
    await expect(page.get_by_role("radio", name="オンライン手続")).to_be_checked()
    matches = page.locator("#matches")
    await expect(matches.get_by_text(QUESTION).first).to_be_visible()
    await reach(page, "#procedure-0")
    await arrow(page)
    await expect(page.get_by_role("radio", name="転出届", exact=True)).to_be_checked()
    await page.keyboard.press("j")
    await expect(page.get_by_role("radio", name="本人確認")).to_be_checked()
    await reach(page, "#district-0")
    await arrow(page, times=2)
    await expect(page.get_by_role("radio", name="日永", exact=True)).to_be_checked()
    classes = matches.locator(".nearby li")
    await expect(classes).to_have_count(2)
    await expect(classes.first).to_contain_text("日永地区市民センター")
    await expect(classes.first).to_contain_text("あと2席")
    await reach(page, "選ばない")
    await arrow(page, "ArrowDown")
    await expect(matches.get_by_role("radio", name=QUESTION)).to_be_checked()
    await sound(page, "相談を記録")


async def book(page: Page) -> str:
    """Only the person is written; the words to read back stand there before and after."""
    async with page.expect_navigation():
        await page.keyboard.press("[")
    await sound(page, "この教室に申し込む")
    await expect(page.get_by_role("main")).to_contain_text(READ_BACK)
    await expect(page.locator("#district")).to_have_value(re.compile(r"\d+"))
    await write(page, "#name", "山田花子")
    await write(page, "#reading", "やまだはなこ")
    await write(page, "#phone", "090-0000-1234")
    await expect(page.locator(".read-back")).to_contain_text("マイナンバーカード")
    await strike(page, "この内容で申し込む")
    await sound(page, "申し込みました")
    await expect(page.locator(".read-back")).to_contain_text(READ_BACK)
    reference = re.sub(r"\D", "", await page.locator(".reference").inner_text())
    await strike(page, "窓口の画面へ戻る")
    await expect(page.locator("[data-logged] li").first).to_contain_text("教室の申込")
    return reference


async def check_rows(city: City, reference: str) -> int:
    """One contact, one booking of the caller's near class, and the link between them (H3)."""
    [booking] = await Booking.select()
    [link] = await ContactBooking.select()
    contact = await Contact.select().where(Contact.id == link["contact"]).first()
    assert contact is not None
    assert (booking["reference"], booking["course"]) == (reference, city.session.course)
    assert (booking["name"], booking["phone"]) == ("山田花子", "090-0000-1234")
    assert (booking["channel"], link["booking"]) == ("phone", booking["id"])
    facts = ("topic", "procedure", "district", "article", "stuck", "outcome", "channel")
    assert tuple(contact[name] for name in facts) == (
        *(city.topic, city.procedure, city.district, city.article),
        *("identity", "class_booked", "phone"),
    )
    return int(contact["id"])


async def report_the_class(page: Page) -> None:
    """The clerk of the building ticks who came, and saves the report."""
    await press(page, CLASS, "link")
    await sound(page, "開催報告")
    await page.get_by_role("checkbox", name="山田花子").check()
    await press(page, "開催報告を保存する")
    await noted(page, "開催報告を保存しました")
    await expect(page.locator("main")).to_contain_text("1人")
    await sound(page, "開催報告")


async def ask_again(page: Page) -> None:
    """Two days after the class somebody from 日永 asks about the same."""
    await page.keyboard.press("2")
    await reach(page, "#district-0")
    await arrow(page, times=2)
    await page.keyboard.press("a")
    await page.keyboard.press("Enter")
    await settled(page)
    await expect(page.locator("[data-logged] li").first).to_contain_text("回答した")
    await expect(page.locator("#last [data-count]")).to_have_text("1")


async def see_that_she_came(page: Page, contact_id: int) -> None:
    await page.goto("/staff/contacts")
    await sound(page, "対応記録")
    await page.locator(f"a[href='/staff/contacts/{contact_id}']").click()
    booked = page.get_by_role("region", name="教室の申込")
    await expect(booked.get_by_role("listitem")).to_contain_text("参加しました")
    await sound(page, "オンライン手続")


async def numbers(page: Page, link: Locator, wanted: int) -> None:
    """The figure is this one, and opens the rows that add up to it."""
    words = await link.evaluate("link => link.firstChild.textContent")
    assert int(words.replace(",", "")) == wanted
    await link.click()
    await expect(page.get_by_role("heading", level=1)).to_have_text(BEHIND)
    cells = await page.locator("tbody td[data-label=件数]").all_inner_texts()
    assert sum(int(cell) for cell in cells) == wanted
    await page.go_back()


async def added_up(**facts: Any) -> int:
    """The contacts of the database with these facts, each as many as it stands for."""
    rows = await Contact.select().where(Contact.voided_at.is_null())
    return sum(row["number"] for row in rows if _has(row, facts))


def _has(row: Row, facts: Row) -> bool:
    return all(
        wanted(row[name]) if callable(wanted) else row[name] == wanted
        for name, wanted in facts.items()
    )


async def learn(page: Page, city: City, held_on: date) -> None:
    """What people ask, whether the class helped, where classes are missing."""
    await press(page, "問い合わせの傾向", "link")
    await page.locator("#first_on").fill((clock.today() - timedelta(days=60)).isoformat())
    await press(page, "この条件で集計する")
    await sound(page, "問い合わせの傾向")
    line = page.get_by_role("row", name=re.compile("^オンライン手続"))
    await numbers(page, line.get_by_role("link").first, await added_up(topic=city.topic))
    solved = await added_up(topic=city.topic, outcome=lambda said: said != "handed_on")
    await numbers(page, line.get_by_role("link").nth(1), solved)

    await press(page, "教室の前後の比較", "link")
    await sound(page, "教室の前後の比較")
    here = {"topic": city.topic, "district": city.district}
    row = page.get_by_role("row").filter(has_text=CLASS)
    before = await added_up(**here, contacted_on=lambda on: on < held_on)
    after = await added_up(**here, contacted_on=lambda on: on > held_on)
    assert (before, after) == (7, 1)
    for link, wanted in ((1, before), (2, after)):
        await numbers(page, row.get_by_role("link").nth(link), wanted)

    await press(page, "教室が足りない分野と地区", "link")
    await sound(page, "教室が足りない分野と地区")
    first = page.locator("tbody tr").first
    await expect(first).to_contain_text("日永")
    await numbers(page, first.get_by_role("link").first, await added_up(**here))


async def stumble(page: Page, city: City) -> None:
    """The sheet of the section counts where she got stuck, in the month of the call."""
    [called] = await ContactBooking.select(ContactBooking.contact.contacted_on.as_alias("on"))
    month = called["on"].replace(day=1)
    await press(page, "つまずき票", "link")
    await page.locator("#month").fill(f"{month:%Y-%m}")
    await press(page, "このつまずき票を見る")
    await sound(page, "つまずき票")
    sheet = page.get_by_role("region", name="市民課")
    line = sheet.get_by_role("row", name=re.compile("^転出届"))
    of_month = {"procedure": city.procedure, "contacted_on": lambda on: on.replace(day=1) == month}
    await numbers(page, line.get_by_role("link").first, await added_up(**of_month))
    stuck = await added_up(**of_month, stuck="identity")
    await numbers(page, line.get_by_role("link").nth(1), stuck)


async def test_a_call_is_answered_booked_attended_and_counted(
    desks: Callable[..., Any], city: City
) -> None:
    operator = await desks("mari", f"/staff/desks/{city.desk.id}")
    await answer(operator, city)
    reference = await book(operator)
    contact_id = await check_rows(city, reference)

    await go_by(DAYS_TO_THE_CLASS + 2)
    await report_the_class(await desks("tomo"))
    await ask_again(await desks("mari", f"/staff/desks/{city.desk.id}"))

    coordinator = await desks("tanaka")
    await see_that_she_came(coordinator, contact_id)
    held = await ClassSession.select().where(ClassSession.id == city.session.id).first()
    assert held is not None
    await learn(coordinator, city, held["held_on"])
    await stumble(coordinator, city)
