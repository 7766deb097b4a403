"""Files that are damaged, cells that no form would take, and files that come again (F3)."""

import asyncio
import zipfile
from collections.abc import Callable
from datetime import date
from io import BytesIO
from typing import Any

import pytest

from server.database import locked, writing
from server.imports.reading import NOT_READABLE
from server.imports.supporters import load
from server.people import merging
from server.refusals import Refused
from server.supporters import register, stages
from server.supporters.tables import Supporter, SupporterStage
from tests import factories
from tests.classes.staff_cast import ICT
from tests.databases import Database
from tests.imports.test_supporters import HANAKO, TARO, csv_of, excel_of

HANAKO_AGAIN = {
    **HANAKO,
    "電話": "059-000-2222",
    "段階": "修了",
    "年月日": "2024-03-01",
    "修了日": "",
    "登録証番号": "",
}


@pytest.fixture(autouse=True)
async def city(database: Database, frozen_now: Any) -> None:
    await factories.make_district(name="富田地区")


def packed(change: Callable[[str, bytes], bytes]) -> bytes:
    """An Excel file with one of its parts changed."""
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(excel_of(TARO))) as whole, zipfile.ZipFile(out, "w") as broken:
        for name in whole.namelist():
            broken.writestr(name, change(name, whole.read(name)))
    return out.getvalue()


def locked_with_a_password() -> bytes:
    """An Excel file whose every part says that it is encrypted."""
    content = bytearray(excel_of(TARO))
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        found = content.find(mark)
        while found >= 0:
            content[found + at] |= 1
            found = content.find(mark, found + 4)
    return bytes(content)


DAMAGED: dict[str, Callable[[], bytes]] = {
    "book": lambda: packed(lambda name, part: b"<broken" if name == "xl/workbook.xml" else part),
    "sheet": lambda: packed(
        lambda name, part: part[: len(part) // 2] if "sheet1" in name else part
    ),
    "cut short": lambda: excel_of(TARO)[:900],
    "locked": locked_with_a_password,
    "no book": lambda: b"PK\x03\x04",
}


@pytest.mark.parametrize("what", DAMAGED)
async def test_a_damaged_file_is_refused_in_words(what: str) -> None:
    with pytest.raises(Refused) as refused:
        await load(DAMAGED[what](), by=ICT)

    assert refused.value.msgid == NOT_READABLE


@pytest.mark.parametrize(
    ("column", "value"),
    [("ふりがな", "㌀" * 60), ("電話", "0" * 30), ("電話", "123"), ("メール", "taro＠")],
)
async def test_a_cell_that_no_form_would_take_is_said_by_its_line(column: str, value: str) -> None:
    result = await load(csv_of(TARO | {column: value}), by=ICT)

    assert (result.added, await Supporter.count()) == (0, 0)
    assert [each.column for each in result.problems] == [column]


async def test_f3_the_file_changes_nothing_after_two_of_it_were_merged() -> None:
    file = csv_of(HANAKO, HANAKO_AGAIN)
    await load(file, by=ICT)
    first, second = await Supporter.select().order_by(Supporter.id)
    await merging.merge(second["person"], first["person"], by=ICT)
    before = await SupporterStage.count()

    again = await load(file, by=ICT)

    assert (again.added, again.unchanged, again.problems) == (0, 2, [])
    assert await SupporterStage.count() == before


async def test_f3_a_duplicate_of_who_is_no_supporter_row_herself_is_known() -> None:
    await load(csv_of(TARO), by=ICT)
    [taro] = await Supporter.select()
    into = await factories.make_person(name="佐藤太郎", reading="さとうたろう")
    await merging.merge(taro["person"], into.id, by=ICT)

    again = await load(csv_of(TARO), by=ICT)

    assert (again.unchanged, await Supporter.count()) == (1, 1)


async def test_f3_where_a_wrong_stage_was_undone_the_corrected_file_is_taken() -> None:
    await load(csv_of(TARO), by=ICT)
    [wrong] = await SupporterStage.select()
    await stages.undo(wrong["id"], "日付の誤り", by=ICT)

    corrected = await load(csv_of(TARO | {"年月日": "2025-04-01"}), by=ICT)
    before = await load(csv_of(TARO), by=ICT)

    assert corrected.problems == []
    assert [each.column for each in before.problems] == ["氏名"]
    live = await SupporterStage.select().where(SupporterStage.voided_at.is_null())
    assert [row["effective_on"] for row in live] == [date(2025, 4, 1)]


async def test_f3_the_file_with_the_undone_stage_is_not_taken_again() -> None:
    await load(csv_of(TARO), by=ICT)
    [wrong] = await SupporterStage.select()
    await stages.undo(wrong["id"], "日付の誤り", by=ICT)

    again = await load(csv_of(TARO), by=ICT)

    assert [each.reason.msgid for each in again.problems] == [
        "This stage was undone here. Please correct the file."
    ]


async def test_a_file_waits_for_who_gives_a_badge_number() -> None:
    there = asyncio.Event()

    async def take_in() -> Any:
        await there.wait()
        return await load(csv_of(HANAKO), by=ICT)

    task = asyncio.create_task(take_in())
    async with writing():
        await locked("badge numbers")
        there.set()
        await asyncio.wait([task], timeout=0.4)
        waits = not task.done()
    result = await task

    assert waits
    assert result.added == 1
    supporter = await register.of_person((await Supporter.select())[0]["person"])
    assert supporter is not None
    assert supporter["badge_number"] is not None
