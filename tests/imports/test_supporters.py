"""Supporters from before, from a file (S1, F3)."""

from datetime import date
from io import BytesIO
from typing import Any

import openpyxl
import pytest

from server.imports import reading, supporters
from server.imports.supporters import COLUMNS, load
from server.refusals import Refused
from server.supporters.tables import Credential, Supporter, SupporterStage
from server.training.tables import TrainingRecord
from tests import factories
from tests.databases import Database

HANAKO = {
    "氏名": "𠮷田花子",
    "ふりがな": "よしだはなこ",
    "電話": "０５９－０００－１１１１",
    "地区": "富田",
    "段階": "登録",
    "年月日": "令和6年6月1日",
    "修了日": "2024-03-20",
    "登録証番号": "１２",
    "誓約日": "R6.6.1",
    "保険開始日": "2026/4/1",
    "保険終了日": "2027/3/31",
    "推進委員任命日": "2024-05-01",
}
TARO = {
    "氏名": "佐藤太郎",
    "ふりがな": "サトウタロウ",
    "生年月日": "昭和30年4月1日",
    "段階": "修了",
    "年月日": "2025-03-31",
}


def csv_of(*people: dict[str, str], encoding: str = "utf-8-sig") -> bytes:
    lines = [",".join(COLUMNS)]
    lines += [",".join(person.get(column, "") for column in COLUMNS) for person in people]
    return "\r\n".join(lines).encode(encoding)


def excel_of(*people: dict[str, Any]) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["サポーター名簿（令和8年度）"])
    sheet.append(list(reversed(COLUMNS)))
    for person in people:
        sheet.append([person.get(column) for column in reversed(COLUMNS)])
    out = BytesIO()
    book.save(out)
    return out.getvalue()


async def stages() -> list[tuple[str, date, str]]:
    rows = await SupporterStage.select().order_by(SupporterStage.id)
    return [(row["stage"], row["effective_on"], row["basis"]) for row in rows]


async def test_s1_people_from_before_come_with_stage_date_and_basis(
    database: Database, frozen_now: None
) -> None:
    district = await factories.make_district(name="富田")

    result = await load(csv_of(HANAKO, TARO), by=None)

    assert (result.added, result.unchanged, result.problems) == (2, 0, [])
    assert await stages() == [
        ("completed", date(2024, 3, 20), "migration"),
        ("registered", date(2024, 6, 1), "migration"),
        ("completed", date(2025, 3, 31), "migration"),
    ]
    rows = await Supporter.select().order_by(Supporter.id)
    assert [(row["district"], row["badge_number"]) for row in rows] == [
        (district.id, "12"),
        (None, None),
    ]
    papers = await Credential.select().order_by(Credential.id)
    assert [(row["kind"], row["valid_from"], row["valid_until"]) for row in papers] == [
        ("pledge", date(2024, 6, 1), None),
        ("insurance", date(2026, 4, 1), date(2027, 3, 31)),
        ("promotion_member", date(2024, 5, 1), None),
    ]
    assert await TrainingRecord.count() == 0


async def test_f3_the_same_file_again_changes_nothing(database: Database, frozen_now: None) -> None:
    await factories.make_district(name="富田")
    await load(csv_of(HANAKO, TARO), by=None)

    result = await load(csv_of(TARO, HANAKO, encoding="utf-16"), by=None)

    assert (result.added, result.unchanged, result.problems) == (0, 2, [])
    assert len(await stages()) == 3


@pytest.mark.parametrize("make", [csv_of, lambda one: csv_of(one, encoding="cp932"), excel_of])
async def test_f3_csv_in_either_encoding_and_excel(
    database: Database, frozen_now: None, make: Any
) -> None:
    assert (await load(make(TARO), by=None)).added == 1


async def test_f3_excel_keeps_its_days_as_days(database: Database, frozen_now: None) -> None:
    result = await load(excel_of(TARO | {"年月日": date(2025, 3, 31)}), by=None)

    assert (result.added, result.problems) == (1, [])


async def test_f3_errors_name_row_column_value_and_reason_and_nothing_is_written(
    database: Database, frozen_now: None
) -> None:
    wrong = HANAKO | {"地区": "東京", "段階": "会員", "年月日": "6月1日", "保険終了日": ""}

    result = await load(csv_of(TARO, wrong, {"氏名": "名前だけ"}), by=None)

    assert [(each.row, each.column, each.value) for each in result.problems] == [
        (3, "段階", "会員"),
        (3, "年月日", "6月1日"),
        (3, "地区", "東京"),
        (3, "保険終了日", ""),
        (4, "ふりがな", ""),
        (4, "段階", ""),
        (4, "年月日", ""),
        (4, "電話", ""),
    ]
    assert await Supporter.count() == 0


async def test_a_check_writes_nothing(database: Database, frozen_now: None) -> None:
    result = await load(csv_of(TARO), check_only=True, by=None)

    assert (result.added, await Supporter.count()) == (1, 0)


async def test_a_stage_that_has_not_come_yet_is_refused(
    database: Database, frozen_now: None
) -> None:
    result = await load(csv_of(TARO | {"年月日": "2026-11-22"}), by=None)

    assert [(each.column, each.reason.msgid) for each in result.problems] == [
        ("年月日", "This day has not come yet.")
    ]


async def test_f3_a_mistyped_year_is_told(database: Database, frozen_now: None) -> None:
    old = {"年月日": "0202-06-01", "修了日": "0001-01-01", "誓約日": "1006-06-01"}
    more = {"保険開始日": "0206-04-01", "保険終了日": "9999-12-31", "推進委員任命日": "0204-05-01"}

    result = await load(csv_of(HANAKO | {"地区": ""} | old | more), by=None)

    assert {(each.column, each.reason.msgid) for each in result.problems} == {
        (column, "Please check the year.") for column in old | more
    }
    assert await Supporter.count() == 0


async def test_somebody_who_is_there_with_another_date_is_not_overwritten(
    database: Database, frozen_now: None
) -> None:
    await load(csv_of(TARO), by=None)

    result = await load(csv_of(TARO | {"年月日": "2025-03-30"}), by=None)

    assert [each.row for each in result.problems] == [2]
    assert await stages() == [("completed", date(2025, 3, 31), "migration")]


async def test_a_badge_number_is_given_once(database: Database, frozen_now: None) -> None:
    twins = [TARO | {"登録証番号": "7"}, TARO | {"登録証番号": "7", "生年月日": "昭和30年4月2日"}]

    result = await load(csv_of(*twins), by=None)

    assert [(each.row, each.reason.values) for each in result.problems] == [(3, {"number": "7"})]
    assert await Supporter.count() == 0


@pytest.mark.parametrize(
    "content", [b"PK\x03\x04 no workbook", b"\x00\x01\x02", b'"never closed', b""]
)
def test_what_is_no_table_is_refused(content: bytes) -> None:
    with pytest.raises(Refused):
        reading.read(content, COLUMNS, supporters.REQUIRED)


@pytest.mark.parametrize(
    ("words", "means"),
    [
        ("2026-11-21", date(2026, 11, 21)),
        ("２０２６／４／１", date(2026, 4, 1)),
        ("令和元年5月1日", date(2019, 5, 1)),
        ("S30.4.1", date(1955, 4, 1)),
        ("平成 3年 12月 9日", date(1991, 12, 9)),
    ],
)
def test_days_are_read_as_coordinators_write_them(words: str, means: date) -> None:
    assert reading.day(words) == means


@pytest.mark.parametrize("words", ["2026-02-30", "11/21", "昨日", "令和8年", ""])
def test_what_is_no_day_is_no_day(words: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - date's own words
        reading.day(words)


async def test_a_phone_that_a_spreadsheet_took_for_a_number_is_told(
    database: Database, frozen_now: None
) -> None:
    result = await load(excel_of(TARO | {"電話": 591110004}), by=None)

    [problem] = result.problems
    assert (problem.column, problem.reason.msgid[:16]) == ("電話", "The phone number")


async def test_the_badge_may_stand_under_its_earlier_heading(
    database: Database, frozen_now: None
) -> None:
    content = csv_of(HANAKO).replace("登録証番号".encode(), "登録番号".encode())

    await factories.make_district(name="富田地区")
    result = await load(content, by=None)

    assert result.problems == []
    assert [row["badge_number"] for row in await Supporter.select()] == ["12"]
