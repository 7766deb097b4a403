"""Tables to take along: what a spreadsheet makes of them."""

from datetime import UTC, date, datetime
from io import BytesIO

import openpyxl
import pytest

from server.web import sheets


def test_f2_csv_writes_dates_and_instants_for_machines() -> None:
    row: list[sheets.Cell] = [
        "山田花子",
        90,
        1.5,
        date(2026, 11, 21),
        datetime(2026, 11, 20, 15, 0, tzinfo=UTC),
        None,
    ]

    text = sheets.csv_text([["氏名", "分", "時間", "日", "時刻", "備考"], row])

    assert text == ("氏名,分,時間,日,時刻,備考\r\n山田花子,90,1.5,2026-11-21,2026-11-21 00:00,\r\n")


@pytest.mark.parametrize("begins", ["=", "+", "-", "@", "＝", "＋", "－", "＠"])
def test_a_text_never_becomes_a_formula(begins: str) -> None:
    hostile = f'{begins}HYPERLINK("x")'

    text = sheets.csv_text([[hostile, -5]])
    book = openpyxl.load_workbook(BytesIO(sheets.workbook([["氏名"], [hostile]])))

    assert text == f'"\'{begins}HYPERLINK(""x"")",-5\r\n'
    cell = book.active["A2"]  # type: ignore[index]
    assert (cell.value, cell.data_type) == (hostile, "s")


def test_a_lone_mark_is_no_formula() -> None:
    assert sheets.csv_text([["-", "－", "@"]]) == "-,－,@\r\n"


def test_a_record_holds_no_newline() -> None:
    assert sheets.csv_text([["一行目\n二行目, 終わり"]]) == '"一行目 二行目, 終わり"\r\n'


def test_f2_what_cp932_cannot_hold_is_substituted_visibly_and_counted() -> None:
    assert sheets.encoded("𠮷田①", "cp932") == ("〓田①".encode("cp932"), 1)
    assert sheets.encoded("𠮷田", "utf-8-sig") == ("𠮷田".encode("utf-8-sig"), 0)


def test_excel_shows_every_row_under_its_heading() -> None:
    made = sheets.workbook([["氏名", "分"], ["𠮷田", 90], ["佐藤", None]])

    book = openpyxl.load_workbook(BytesIO(made))

    assert [[cell.value for cell in row] for row in book.active.iter_rows()] == [  # type: ignore[union-attr]
        ["氏名", "分"],
        ["𠮷田", 90],
        ["佐藤", None],
    ]
