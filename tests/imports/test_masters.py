"""Topics and procedures from a file (F3), by page and by command."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx
import openpyxl
import pytest

from server import clock
from server.audit.tables import AuditEntry
from server.imports import procedures as procedure_file
from server.imports import topics as topic_file
from server.refusals import Refused
from server.roles import Role
from server.topics import procedures, topics
from server.topics.tables import Procedure, Topic
from server.web import sheets
from tests.classes.staff_cast import ICT, Staff
from tests.databases import Database
from tests.factories import make_procedure, make_section, make_topic
from tests.servers import run_command

ClientAs = Callable[..., Awaitable[httpx.AsyncClient]]

TOPICS = [
    ["分野コード", "分野名", "上位分野コード", "並び順"],
    ["ｃａｌｌ-１", "かける", "calls", "2"],
    ["calls", "電話", "", "1"],
]
PROCEDURES = [
    [
        *("手続コード", "手続名", "ふりがな", "分野コード", "担当課", "アドレス"),
        "オンライン化年月日",
    ],
    ["0125", "転出届", "てんしゅつとどけ", "calls", "市民課", "https://example.jp/a", "R5.2.6"],
    ["0126", "転入予約", "", "", "", "", ""],
]


def csv_of(rows: Sequence[Sequence[str]], encoding: str = "utf-8-sig") -> bytes:
    return "\r\n".join(",".join(row) for row in rows).encode(encoding)


def excel_of(rows: Sequence[Sequence[Any]]) -> bytes:
    book = openpyxl.Workbook()
    assert book.active is not None
    for row in rows:
        book.active.append(list(row))
    out = BytesIO()
    book.save(out)
    return out.getvalue()


async def wrong_cells(module: Any, rows: Sequence[Sequence[str]]) -> list[tuple[int, str, str]]:
    result = await module.load(csv_of(rows), by=ICT)
    return [(each.row, each.column, str(each.reason)) for each in result.problems]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp932", "excel"])
async def test_f3_topics_come_in_whatever_the_order_of_their_lines(
    database: Database, encoding: str
) -> None:
    content = excel_of(TOPICS) if encoding == "excel" else csv_of(TOPICS, encoding)

    result = await topic_file.load(content, by=ICT)

    assert (result.added, result.changed, result.unchanged) == (2, 0, 0)
    top, under = await topics.listed()
    assert (top["code"], top["name"], top["position"]) == ("calls", "電話", 1)
    assert (under["code"], under["parent"]) == ("call-1", top["id"])


async def test_f3_procedures_come_in_with_topic_and_section(database: Database) -> None:
    topic, section = await make_topic(code="calls"), await make_section(name="市民課")

    result = await procedure_file.load(csv_of(PROCEDURES), by=ICT)

    assert result.added == 2
    rows = {row["code"]: row for row in await procedures.listed()}
    row = rows["0125"]
    assert (row["topic"], row["section"], row["reading"]) == (
        topic.id,
        section.id,
        "てんしゅつとどけ",
    )
    assert (row["address"], row["online_since"]) == ("https://example.jp/a", date(2023, 2, 6))
    assert rows["0126"]["online_since"] is None


async def test_f3_twice_changes_nothing_and_the_export_is_such_a_file(
    database: Database, client_as: ClientAs
) -> None:
    await make_section(name="市民課")
    await topic_file.load(csv_of(TOPICS), by=ICT)
    await procedure_file.load(csv_of([*PROCEDURES, ["0127", "=1+1", *[""] * 5]]), by=ICT)
    entries = await AuditEntry.count()
    browser = await client_as(Role.coordinator)
    formats = {"": "text/csv; charset=utf-8", "?encoding=cp932": "text/csv; charset=windows-31j"}

    for module, name, lines in ((topic_file, "topics", 2), (procedure_file, "procedures", 3)):
        for query, media_type in (formats | {"?format=xlsx": sheets.XLSX}).items():
            answer = await browser.get(f"/staff/{name}/file{query}")
            result = await module.load(answer.content, by=ICT)
            assert answer.headers["content-type"] == media_type
            assert (result.changed, result.unchanged) == (0, lines), result.problems
    assert await AuditEntry.count() == entries


async def test_f3_only_what_the_file_says_is_changed(database: Database) -> None:
    section = await make_section(name="市民課")
    await make_procedure(
        code="0125", name="転出届", reading="てんしゅつ", section=section.id, position=5
    )
    await make_procedure(code="9", name="残るもの")

    result = await procedure_file.load(
        csv_of([["手続コード", "手続名"], ["０１２５", "転出の届出"]]), by=ICT
    )

    assert (result.added, result.changed, result.unchanged) == (0, 1, 0)
    [row] = await Procedure.select().where(Procedure.code == "0125")
    assert (row["name"], row["version"]) == ("転出の届出", 2)
    assert (row["reading"], row["section"], row["position"]) == ("てんしゅつ", section.id, 5)
    assert await Procedure.count() == 2


async def test_f3_what_is_retired_here_is_left_alone(database: Database) -> None:
    topic = await make_topic(code="calls", name="電話連絡")
    await topics.retire(topic.id, clock.today(), version=1, by=ICT)

    result = await topic_file.load(csv_of([TOPICS[0], TOPICS[2]]), by=ICT)

    assert (result.retired, result.changed, result.problems) == (1, 0, [])
    assert await Topic.select(Topic.name).output(as_list=True) == ["電話連絡"]


async def test_f3_a_wrong_topic_stops_the_file_and_is_named(database: Database) -> None:
    old = await make_topic(code="old", name="昔のこと")
    await topics.retire(old.id, clock.today(), version=1, by=ICT)
    rows = [
        TOPICS[0],
        ["ok", "よいもの", "", "1"],
        ["", "コードなし", "", ""],
        ["分野", "日本語のコード", "", ""],
        ["ok", "二度目", "", ""],
        ["a", "", "", ""],
        ["b", "な" * 81, "", "x"],
        ["c", "下のもの", "nowhere", ""],
        ["d", "よいもの", "", ""],
        ["e", "古いものの下", "old", ""],
    ]

    found = await wrong_cells(topic_file, rows)

    assert sorted((row, column) for row, column, _why in found) == [
        (3, "分野コード"),
        (4, "分野コード"),
        (5, "分野コード"),
        (6, "分野名"),
        (7, "並び順"),
        (7, "分野名"),
        (8, "上位分野コード"),
        (9, "分野名"),
        (10, "上位分野コード"),
    ]
    assert await Topic.count() == 1


async def test_f3_a_wrong_procedure_stops_the_file_and_is_named(database: Database) -> None:
    old = await make_topic(code="old", name="昔のこと")
    await topics.retire(old.id, clock.today(), version=1, by=ICT)
    rows = [
        PROCEDURES[0],
        ["1", "漢字のよみ", "漢字", "", "", "", ""],
        ["2", "ない分野", "", "nowhere", "", "", ""],
        ["3", "ない課", "", "", "どこか課", "", ""],
        ["4", "変なアドレス", "", "", "", "javascript:alert(1)", ""],
        ["5", "変な日", "", "", "", "", "R5.13.1"],
        ["6", "遠い昔の日", "", "", "", "", "1989-12-31"],
        ["7", "遠い先の日", "", "", "", "", "2101-01-01"],
        ["8", "古い分野", "", "old", "", "", ""],
    ]

    found = await wrong_cells(procedure_file, rows)

    assert [(row, column) for row, column, _why in found] == [
        (2, "ふりがな"),
        (3, "分野コード"),
        (4, "担当課"),
        (5, "アドレス"),
        (6, "オンライン化年月日"),
        (7, "オンライン化年月日"),
        (8, "オンライン化年月日"),
        (9, "分野コード"),
    ]
    assert "昔のこと" in found[-1][2]
    assert await Procedure.count() == 0


async def test_a_check_writes_nothing(database: Database) -> None:
    result = await topic_file.load(csv_of(TOPICS), check_only=True, by=ICT)

    assert (result.added, result.problems) == (2, [])
    assert (await Topic.count(), await AuditEntry.count()) == (0, 0)


async def test_who_may_not_edit_them_takes_no_file_in(database: Database) -> None:
    with pytest.raises(Refused, match="oversees all"):
        await topic_file.load(csv_of(TOPICS), by=Staff(section_id=7))


async def test_a_page_checks_a_file_and_takes_it_in(
    database: Database, client_as: ClientAs
) -> None:
    browser = await client_as(Role.administrator)
    file = {"file": ("topics.csv", csv_of(TOPICS))}

    empty = await browser.post("/staff/topics/import", files={"file": ("a.csv", b"")})
    checked = await browser.post("/staff/topics/import", files=file, data={"check": "1"})
    before = await Topic.count()
    taken = await browser.post("/staff/topics/import", files=file)

    assert [each.status_code for each in (empty, checked, taken)] == [422, 200, 200]
    assert "まだ何も取り込んでいません" in checked.text
    assert "新しく加えたもの 2件" in taken.text
    assert (before, await Topic.count()) == (0, 2)


async def test_a_page_shows_what_is_wrong_cell_by_cell(
    database: Database, client_as: ClientAs
) -> None:
    browser = await client_as(Role.coordinator)
    rows = [PROCEDURES[0], ["1", "<b>手続</b>", "", "<i>", "", "", ""]]

    answer = await browser.post("/staff/procedures/import", files={"file": ("p.csv", csv_of(rows))})

    assert answer.status_code == 422
    assert "&lt;i&gt;" in answer.text
    assert "このコードの分野はありません。" in answer.text


@pytest.mark.parametrize("module", [topic_file, procedure_file])
async def test_the_empty_sheet_has_the_headings(
    database: Database, client_as: ClientAs, module: Any
) -> None:
    browser = await client_as(Role.coordinator)
    name = module.__name__.rpartition(".")[2]

    answer = await browser.get(f"/staff/{name}/import/form?format=xlsx")

    sheet = openpyxl.load_workbook(BytesIO(answer.content)).active
    assert sheet is not None
    assert [[cell.value for cell in row] for row in sheet.iter_rows()] == [list(module.COLUMNS)]


async def test_the_command_takes_files_in(database: Database, tmp_path: Path) -> None:
    await make_section(name="市民課")
    for name, rows in (("topics", TOPICS), ("procedures", PROCEDURES)):
        file = tmp_path / f"{name}.csv"
        file.write_bytes(csv_of(rows))
        checked = await run_command(database.url, "import", name, str(file), "--check")
        assert "Nothing was taken in" in checked
        said = await run_command(database.url, "import", name, str(file))
        assert "new: 2, changed: 0, unchanged: 0" in said
    assert (await Topic.count(), await Procedure.count()) == (2, 2)
