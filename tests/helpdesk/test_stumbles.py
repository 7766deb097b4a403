"""H6: the monthly つまずき票 of each section: its procedures, counts, stuck where."""

import shutil
import subprocess
from collections.abc import Awaitable, Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.async_api import Page

from server.helpdesk import stumbles
from server.roles import Role
from tests import factories
from tests.browser import axe, fits
from tests.databases import Database
from tests.helpdesk.opened import links, rows_of, sign_in
from tests.helpdesk.quarter import contact, quarter
from tests.statements import counted

ClientAs = Callable[..., Awaitable[httpx.AsyncClient]]
Row = dict[str, Any]

JULY, AUGUST, SEPTEMBER = (date(2026, month, 1) for month in (7, 8, 9))


@pytest.fixture(autouse=True)
async def now(database: Database, frozen_now: datetime) -> None:
    """Saturday 21 November 2026, 10 in the morning, for every test here."""


def numbers(sheet: Row) -> list[tuple[Any, ...]]:
    return [
        (line["procedure_id"], line["number"], line["before"], line["change"],
         {where: number for where, number in line["stuck"].items() if number})
        for line in sheet["lines"]
    ]  # fmt: skip


async def test_h6_each_section_has_its_procedures_and_where_people_got_stuck(
    database: Database,
) -> None:
    who = await quarter()
    (july,) = await stumbles.sheets(JULY)
    assert (july["section_name"], numbers(july)) == (
        "市民課",
        [(who.form, 2, 0, 2, {"identity": 1, "entering": 1})],
    )
    assert july["most"] == ["identity", "entering"]

    # In August only the old form, merged into the one of the other section (H2).
    (august,) = await stumbles.sheets(AUGUST)
    assert numbers(august) == [(who.form, 1, 2, -1, {"identity": 1})]

    september = {each["section_name"]: each for each in await stumbles.sheets(SEPTEMBER)}
    assert numbers(september["税務課"]) == [(who.tax, 1, 0, 1, {"paying": 1})]
    assert numbers(september["市民課"]) == [(who.form, 0, 1, -1, {})]
    assert september["市民課"]["most"] == []


async def test_h6_the_totals_of_a_sheet_are_the_sums_of_its_lines(database: Database) -> None:
    who = await quarter()
    other = (await factories.make_procedure(section=who.residents)).id
    await contact("2026-08-31 23:59", who.first_desk, who.photos, procedure=other, stuck="finding")
    await contact("2026-09-01 00:00", who.first_desk, who.photos, procedure=other)
    await contact(
        "2026-08-02 10:00", who.first_desk, who.photos, procedure=other, number=4, tally=True
    )
    (sheet,) = await stumbles.sheets(AUGUST)
    assert numbers(sheet) == [
        (other, 5, 0, 5, {"finding": 1, "": 4}),
        (who.form, 1, 2, -1, {"identity": 1}),
    ]
    total = sheet["total"]
    assert (total["number"], total["before"], total["change"]) == (6, 2, 4)
    assert {where: number for where, number in total["stuck"].items() if number} == {
        "finding": 1,
        "identity": 1,
        "": 4,
    }


async def test_h6_procedures_of_no_section_have_a_sheet_of_their_own(database: Database) -> None:
    who = await quarter()
    nobodys = (await factories.make_procedure()).id
    await contact("2026-08-02 10:00", who.first_desk, who.photos, procedure=nobodys)
    sheets = await stumbles.sheets(AUGUST)
    assert [sheet["section_name"] for sheet in sheets] == ["市民課", None]
    (own,) = await stumbles.sheets(AUGUST, None)
    assert [line["procedure_id"] for line in own["lines"]] == [nobodys]
    (taxes,) = await stumbles.sheets(AUGUST, who.taxes)  # asked for, with nothing on it
    assert (taxes["section_name"], taxes["lines"]) == ("税務課", [])


async def test_t5_every_number_of_a_sheet_opens_its_contacts(
    database: Database, client_as: ClientAs
) -> None:
    await quarter()
    reader = await client_as(Role.helpdesk)
    seen = 0
    for month in ("2026-07", "2026-08", "2026-09"):
        text = (await reader.get(f"/staff/learning/stumbles?month={month}")).text
        for asked, number in links(text, "/staff/contacts"):
            assert await rows_of(asked) == number, asked
            seen += 1
    assert seen == 9


async def test_a_sheet_has_no_notes_and_is_a_file_too(
    database: Database, client_as: ClientAs
) -> None:
    who = await quarter()
    await contact(
        "2026-08-02 10:00", who.first_desk, who.photos, procedure=who.tax, note="秘密のメモ"
    )
    reader = await client_as(Role.coordinator)
    page = (await reader.get("/staff/learning/stumbles?month=2026-08")).text
    assert ("税務課 御中" in page, "秘密のメモ" in page) == (True, False)
    sheet = (await reader.get("/staff/learning/stumbles?month=2026-08&format=csv")).content
    lines = sheet.decode("utf-8-sig").splitlines()
    assert lines[1:] == [
        "2026-08,市民課,住民票の写し,1,0,1,0,0,0,0,2,-1",
        "2026-08,税務課,納税証明,1,0,0,0,0,0,1,0,1",
    ]
    xlsx = await reader.get("/staff/learning/stumbles?month=2026-08&format=xlsx")
    assert xlsx.content.startswith(b"PK")


async def test_as_many_statements_for_many_procedures_as_for_one(database: Database) -> None:
    who = await quarter()
    with counted() as few:
        await stumbles.sheets(AUGUST)
    for _ in range(10):
        other = (await factories.make_procedure(section=who.taxes)).id
        await contact("2026-08-02 10:00", who.first_desk, who.photos, procedure=other)
    with counted() as many:
        await stumbles.sheets(AUGUST)
    assert len(many) == len(few)


async def test_h6_a_sheet_says_when_it_was_issued_by_when_to_reply_and_to_whom(
    database: Database, client_as: ClientAs
) -> None:
    await quarter()
    await factories.make_municipality(
        contact_section="デジタル課", phone="059-354-1111", fax="059-354-2222"
    )
    reader = await client_as(Role.helpdesk)

    text = (await reader.get("/staff/learning/stumbles?month=2026-08")).text

    assert "発行日 令和8年11月21日（土）" in text
    assert (
        "令和8年12月7日（月）までにご回答ください" in text
    )  # ten days of reception from Tuesday the 24th
    for words in ("返送先：デジタル課", "（電話 059-354-1111）", "（ファクス 059-354-2222）"):
        assert words in text
    kept = (await reader.get("/staff/learning/stumbles?month=2026-08&reply_by=2026-12-18")).text
    assert "令和8年12月18日（金）までにご回答ください" in kept
    assert 'value="2026-12-18"' in kept


@pytest.mark.parametrize("asked", ["2026-11-20", "2027-11-24", "あした", "2026-02-30", "+"])
async def test_a_day_to_reply_by_that_cannot_be_is_said(
    database: Database, client_as: ClientAs, asked: str
) -> None:
    await quarter()
    reader = await client_as(Role.helpdesk)
    path = "/staff/learning/stumbles?month=2026-08"

    answer = await reader.get(path, params={"month": "2026-08", "reply_by": asked})

    assert (answer.status_code, "きょうから一年以内の日" in answer.text) == (200, True)
    assert "きょうから一年以内の日" not in (await reader.get(path)).text


@pytest.mark.engine("sqlite")
async def test_h6_one_sheet_of_a4_per_section_on_paper(desk: Page, tmp_path: Path) -> None:
    who = await quarter()
    await contact("2026-10-02 10:00", who.first_desk, who.photos, procedure=who.tax)
    await contact("2026-10-03 10:00", who.first_desk, who.photos, procedure=who.form)
    await sign_in(desk)
    await desk.goto("/staff/learning/stumbles?month=2026-10")
    await axe(desk)
    await fits(desk)
    paper = tmp_path / "sheets.pdf"
    await desk.pdf(path=paper, prefer_css_page_size=True)
    assert pages(paper) == ["市民課 御中", "税務課 御中"]


def pages(paper: Path) -> list[str]:
    """The first line of each page of a PDF."""
    program = shutil.which("pdftotext")
    assert program, "poppler is not installed: apt-get install poppler-utils"
    done = subprocess.run([program, "-layout", str(paper), "-"], check=True, capture_output=True)
    sheets = done.stdout.decode().split("\f")
    return [sheet.strip().splitlines()[0].strip() for sheet in sheets if sheet.strip()]


async def test_h6_a_past_month_says_that_procedures_stand_with_their_section_of_today(
    database: Database, client_as: ClientAs
) -> None:
    await quarter()
    reader = await client_as(Role.helpdesk)
    words = "手続は、今の担当課の票に載ります。"

    for month, said in (("2026-09", True), ("2026-11", False)):
        text = (await reader.get(f"/staff/learning/stumbles?month={month}")).text
        assert (words in text) is said, month
