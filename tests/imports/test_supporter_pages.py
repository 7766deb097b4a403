"""The page that takes supporters from before in, and the command."""

from collections.abc import Awaitable, Callable
from io import BytesIO
from pathlib import Path

import httpx
import openpyxl
import pytest

from server.imports.supporters import COLUMNS
from server.roles import Role
from server.supporters.tables import Supporter
from tests.databases import Database
from tests.imports.test_supporters import TARO, csv_of
from tests.servers import run_command

ClientAs = Callable[..., Awaitable[httpx.AsyncClient]]
PATH = "/staff/supporters/import"


async def test_a_coordinator_checks_a_file_and_takes_it_in(
    database: Database, client_as: ClientAs
) -> None:
    browser = await client_as(Role.coordinator)
    file = {"file": ("before.csv", csv_of(TARO))}

    checked = await browser.post(PATH, files=file, data={"check": "1"})
    before = await Supporter.count()
    taken = await browser.post(PATH, files=file)

    assert (checked.status_code, before, taken.status_code) == (200, 0, 200)
    assert "まだ何も取り込んでいません" in checked.text
    assert "取り込みました" in taken.text
    assert await Supporter.count() == 1


async def test_what_is_wrong_is_shown_cell_by_cell(database: Database, client_as: ClientAs) -> None:
    browser = await client_as(Role.coordinator)
    wrong = TARO | {"段階": "<b>会員</b>"}

    answer = await browser.post(PATH, files={"file": ("before.csv", csv_of(wrong))})

    assert answer.status_code == 422
    assert "&lt;b&gt;会員&lt;/b&gt;" in answer.text
    assert await Supporter.count() == 0


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"\x00"])
async def test_no_file_or_no_table_is_said(
    database: Database, client_as: ClientAs, content: bytes
) -> None:
    browser = await client_as(Role.coordinator)

    answer = await browser.post(PATH, files={"file": ("before.xlsx", content)})

    assert answer.status_code == 422
    assert "data-error-summary" in answer.text


async def test_the_empty_sheet_has_the_headings(database: Database, client_as: ClientAs) -> None:
    browser = await client_as(Role.coordinator)

    answer = await browser.get(f"{PATH}/form?format=xlsx")

    sheet = openpyxl.load_workbook(BytesIO(answer.content)).active
    assert sheet is not None
    assert [[cell.value for cell in row] for row in sheet.iter_rows()] == [list(COLUMNS)]


async def test_the_command_takes_a_file_in(database: Database, tmp_path: Path) -> None:
    file = tmp_path / "before.csv"
    file.write_bytes(csv_of(TARO))

    said = await run_command(database.url, "import", "supporters", str(file))

    assert "new: 1, changed: 0, unchanged: 0" in said
    assert await Supporter.count() == 1
