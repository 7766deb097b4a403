"""T5 on the screen: every figure of what people ask opens the rows that make it up."""

from collections.abc import Awaitable, Callable
from datetime import date, datetime
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import httpx
import pytest
from playwright.async_api import Page

from server.helpdesk import counting
from server.helpdesk.learning import Dimension
from server.roles import Role
from tests import factories
from tests.browser import axe, fits
from tests.databases import Database
from tests.helpdesk.opened import links, rows_of, sign_in
from tests.helpdesk.quarter import contact, quarter
from tests.statements import counted

ClientAs = Callable[..., Awaitable[httpx.AsyncClient]]

DAYS = "first_on=2026-07-01&last_on=2026-09-30"


@pytest.fixture(autouse=True)
async def now(database: Database, frozen_now: datetime) -> None:
    """Saturday 21 November 2026, 10 in the morning, for every test here."""


FILTERS = {
    "": 19,
    "channel=phone": 16,
    "weekday=6": 14,
    "stuck=identity": 2,
    "stuck=none": 15,
    "outcome=answered": 15,
    "hour=10": 2,
    "district=none": 13,
}


@pytest.mark.parametrize("by", list(Dimension))
async def test_t5_every_figure_opens_its_rows(
    database: Database, client_as: ClientAs, by: Dimension
) -> None:
    await quarter()
    reader = await client_as(Role.helpdesk)
    for filters, whole in FILTERS.items():
        text = (await reader.get(f"/staff/learning?by={by}&{DAYS}&{filters}")).text
        opened = links(text, "/staff/contacts")
        assert opened[0][1] == whole
        assert sum(number for _, number in opened) == 2 * whole  # of the whole, and of its lines
        for asked, number in opened:
            assert 0 < number == await rows_of(asked), asked
        for asked, number in links(text, "/staff/learning/contacts"):
            sheet = await reader.get("/staff/learning/contacts", params={**asked, "format": "csv"})
            lines = sheet.content.decode("utf-8-sig").splitlines()[1:]
            assert 0 < number == sum(int(line.split(",")[-2]) for line in lines), asked


async def test_t5_as_of_an_earlier_day_the_rows_are_those_of_that_day(
    database: Database, client_as: ClientAs
) -> None:
    await quarter()
    reader = await client_as(Role.coordinator)
    text = (await reader.get(f"/staff/learning?{DAYS}&as_of=2026-09-30")).text
    assert "/staff/contacts?" not in text
    opened = links(text, "/staff/learning/contacts")
    assert [number for _, number in opened] == [20, 18, 18, 17, 2, 1]
    for asked, number in opened:
        assert asked["as_of"] == "2026-09-30"
        page = await reader.get("/staff/learning/contacts", params=asked)
        assert f"{number}件" in page.text


async def test_t5_each_month_of_two_years_opens_its_rows(
    database: Database, client_as: ClientAs
) -> None:
    who = await quarter()
    await contact("2025-07-10 10:00", who.first_desk, who.photos, number=4, tally=True)
    reader = await client_as(Role.helpdesk)
    opened = links((await reader.get("/staff/learning/trend")).text, "/staff/contacts")
    for asked, number in opened:
        assert await rows_of(asked) == number, asked
    # The months in which somebody asked, and both sums up to the same day: a nought opens nothing.
    assert sorted(number for _, number in opened) == [1, 1, 2, 2, 4, 4, 15, 21]


@pytest.mark.parametrize(
    ("path", "numbers"),
    [
        (f"?by=topic&{DAYS}", [4, 3, 1]),
        ("/trend?year=2026", [2, 1, 1, 4]),
        ("/demand", [1]),
        ("/stumbles?month=2026-08", [1, 1, 2]),
        ("/stumbles?month=2026-08&section=2", [1, 1, 2]),
    ],
)
async def test_p1_t5_a_section_counts_what_it_may_read(
    database: Database, client_as: ClientAs, path: str, numbers: list[int]
) -> None:
    who = await quarter()
    own = await factories.make_desk(section=who.residents)
    await contact("2026-09-01 10:00", own.id, who.photos, district=who.north)
    coordinator = await client_as(Role.coordinator, section=who.residents)

    text = (await coordinator.get(f"/staff/learning{path}")).text

    opened = links(text, "/staff/contacts")
    assert [number for _, number in opened] == numbers
    for asked, number in opened:
        rows = await coordinator.get("/staff/contacts/file", params={**asked, "format": "csv"})
        assert len(rows.content.decode("utf-8-sig").splitlines()) - 1 == number, asked
    for asked, number in links(text, "/staff/learning/contacts"):
        rows = await coordinator.get("/staff/learning/contacts", params={**asked, "format": "csv"})
        assert len(rows.content.decode("utf-8-sig").splitlines()) - 1 == number, asked


async def test_p1_a_section_is_told_what_is_counted(
    database: Database, client_as: ClientAs
) -> None:
    who = await quarter()
    coordinator = await client_as(Role.coordinator, section=who.residents)
    overseer = await client_as(Role.coordinator)
    words = "あなたの課の手続についての問い合わせを数えています。"

    pages = ("", "/trend", "/contacts", "/classes", "/demand")
    for path in (*(f"/staff/learning{page}" for page in pages), "/staff/articles/missing"):
        told = [words in (await client.get(path)).text for client in (coordinator, overseer)]
        assert told == [True, False], path


async def test_the_figures_are_files_too(database: Database, client_as: ClientAs) -> None:
    await quarter()
    reader = await client_as(Role.helpdesk)
    sheet = await reader.get(f"/staff/learning/file?by=topic&{DAYS}&format=csv")
    assert sheet.content.decode("utf-8-sig").splitlines() == [
        "分野,件数,一次解決,一次解決率（％）,時間（分）",
        "行政手続,16,14,87.5,111",
        "写真,3,2,66.7,23",
    ]
    older = await reader.get(f"/staff/learning/file?by=month&{DAYS}&format=csv&encoding=cp932")
    assert older.content.decode("cp932").splitlines()[2] == "2026-08,15,13,86.7,66"
    excel = await reader.get(f"/staff/learning/file?by=times&{DAYS}&format=xlsx")
    assert "xl/worksheets/sheet1.xml" in ZipFile(BytesIO(excel.content)).namelist()
    trend = await reader.get("/staff/learning/trend?format=csv")
    assert trend.content.decode("utf-8-sig").splitlines()[4:6] == [
        "2026-07,2,0,100.0,,30,0",
        "2026-08,15,0,86.7,,66,0",
    ]


@pytest.mark.parametrize(
    "query",
    [
        "by=nonsense&first_on=2026-13-45&last_on=x&topic=abc&district=-1&hour=99&as_of=never",
        "first_on=2026-09-30&last_on=2026-07-01",
        "topic=99999999999999&page=0&by=stuck",
        "q=%27%3B--&year=99999&month=2026-99&page=2147483647",
    ],
)
async def test_nonsense_in_an_address_asks_for_nothing(
    database: Database, client_as: ClientAs, query: str
) -> None:
    await quarter()
    reader = await client_as(Role.helpdesk)
    for path in ("", "/trend", "/contacts", "/classes", "/demand", "/stumbles", "/file"):
        answer = await reader.get(f"/staff/learning{path}?{query}")
        assert answer.status_code == 200, path


async def test_a_page_takes_as_many_statements_for_a_hundred_contacts_as_for_one(
    database: Database, client_as: ClientAs
) -> None:
    who = await quarter()
    reader = await client_as(Role.helpdesk)
    pages = ("/staff/learning", "/staff/learning/trend", "/staff/learning/contacts")

    async def statements() -> list[int]:
        found = []
        for path in pages:
            with counted() as sent:
                assert (await reader.get(path)).status_code == 200
            found.append(len(sent))
        return found

    await statements()
    few = await statements()
    for day in range(1, 29):
        topic = (await factories.make_topic()).id
        await contact(f"2026-10-{day:02d} 12:00", who.first_desk, topic)
    await statements()
    assert await statements() == few


async def test_the_rows_come_in_pages_of_fifty(database: Database, client_as: ClientAs) -> None:
    desk, topic = (await factories.make_desk()).id, (await factories.make_topic()).id
    for minute in range(52):
        await contact(f"2026-11-20 10:{minute:02d}", desk, topic)
    reader = await client_as(Role.helpdesk)
    first = await reader.get("/staff/learning/contacts?solved=1")
    assert ("一次解決 52件" in first.text, first.text.count('href="/staff/contacts/')) == (True, 50)
    assert 'rel="next"' in first.text
    second = await reader.get("/staff/learning/contacts?solved=1&page=2")
    assert second.text.count('href="/staff/contacts/') == 2
    everything, more = await counting.rows(
        date(2026, 11, 20), date(2026, 11, 20), solved=True, page=None
    )
    assert (len(everything), more) == (52, False)


@pytest.mark.engine("sqlite")
async def test_the_pages_on_the_screen(desk: Page, phone: Page) -> None:
    who = await quarter()
    await contact("2026-11-20 10:00", who.first_desk, who.photos, district=who.north)
    paths: list[Any] = ["", "?by=times", "/trend", "/contacts?solved=1", "/classes", "/demand"]
    for each in (desk, phone):
        await sign_in(each)
        for path in paths:
            await each.goto(f"/staff/learning{path}")
            await axe(each)
            await fits(each)
