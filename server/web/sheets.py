"""Tables to take along: CSV in either encoding, and Excel, for people who live in Excel."""

import csv
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from io import BytesIO, StringIO
from typing import Any
from urllib.parse import quote

from litestar import Request, Response

from server import clock
from server.web.words import gettext as _

Cell = str | int | float | date | datetime | None

ENCODINGS = {"utf-8-sig": "utf-8-sig", "cp932": "cp932"}
CANNOT_HOLD = "〓"  # the geta mark: printers' sign for a character that is missing
FORMULA_BEGINS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")  # as OWASP names them
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
OPTIONS = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
WIDEST = 40


def download(
    request: Request[Any, Any, Any],
    stem: str,
    headings: Sequence[str],
    rows: Iterable[Sequence[Cell]],
) -> Response[bytes]:
    """The rows as a file named `stem` and today's date, in the format that the address asks for.

    `?format=xlsx`, or `csv`, which is the default; for CSV `?encoding=cp932`, or `utf-8-sig`,
    which is the default. Dates read 2026-11-21, instants 2026-11-21 10:00 on the municipality's
    clock (T2). With invented data the first line says so (P7).
    """
    city = request.app.state.municipality
    sample = [_("Sample (invented data)")] if city and city["demonstration"] else None
    lines = [*([sample] if sample else []), list(headings), *rows]
    name = f"{stem}-{clock.today().isoformat()}"
    if request.query_params.get("format") == "xlsx":
        return _file(workbook(lines, heading=1 if sample else 0), XLSX, f"{name}.xlsx")
    encoding = ENCODINGS.get(str(request.query_params.get("encoding", "")), "utf-8-sig")
    content, lost = encoded(csv_text(lines), encoding)
    answer = _file(content, f"text/csv; charset={charset(encoding)}", f"{name}.csv")
    answer.headers["x-characters-substituted"] = str(lost)
    return answer


def csv_text(rows: Iterable[Sequence[Cell]]) -> str:
    """Rows as CSV (RFC 4180): CRLF, quotes where needed, no newline inside a record.

    A text that a spreadsheet would take for a formula gets an apostrophe before it, which our own
    imports take off again.
    """
    out = StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    for row in rows:
        writer.writerow([_harmless(_plain(cell)) for cell in row])
    return out.getvalue()


def encoded(text: str, encoding: str) -> tuple[bytes, int]:
    """The text in an encoding, and how many characters had to be substituted by 〓 (F2)."""
    if encoding != "cp932":
        return text.encode(encoding), 0
    held = [char if _holds(char) else CANNOT_HOLD for char in text]
    lost = sum(1 for was, now in zip(text, held, strict=True) if was != now)
    return "".join(held).encode("cp932"), lost


def blank(
    request: Request[Any, Any, Any], stem: str, headings: Sequence[str], texts: Iterable[str]
) -> Response[bytes]:
    """An empty sheet with these headings, as `download`.

    What is typed under `texts` Excel keeps as it is typed: 0125 stays 0125.
    """
    if request.query_params.get("format") != "xlsx":
        return download(request, stem, headings, [])
    columns = [list(headings).index(each) for each in texts]
    name = f"{stem}-{clock.today().isoformat()}.xlsx"
    return _file(workbook([list(headings)], texts=columns), XLSX, name)


def workbook(rows: Iterable[Sequence[Cell]], heading: int = 0, texts: Iterable[int] = ()) -> bytes:
    """Rows as an Excel file of one sheet: its heading stays in sight, texts are never formulas.

    The columns `texts`, counted from 0, keep what is typed into them as text.
    """
    from xlsxwriter import Workbook  # noqa: PLC0415 - takes memory that few need

    out = BytesIO()
    with Workbook(out, OPTIONS) as book:
        sheet = book.add_worksheet()
        bold = book.add_format({"bold": True})
        as_text, keeps = book.add_format({"num_format": "@"}), set(texts)
        widths: dict[int, int] = {}
        for number, row in enumerate(rows):
            for column, cell in enumerate(row):
                value = _plain(cell)
                widths[column] = max(widths.get(column, 0), _width(str(value)))
                sheet.write(number, column, value, bold if number <= heading else None)
        for column, width in widths.items():
            kept = as_text if column in keeps else None
            sheet.set_column(column, column, min(width, WIDEST) + 2, kept)
        sheet.freeze_panes(heading + 1, 0)
    return out.getvalue()


def charset(encoding: str) -> str:
    """An encoding's name in a content type."""
    return "utf-8" if encoding == "utf-8-sig" else "windows-31j"


def _plain(cell: Cell) -> str | int | float:
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return f"{clock.local(cell):%Y-%m-%d %H:%M}"
    if isinstance(cell, date):
        return cell.isoformat()
    return " ".join(cell.split()) if isinstance(cell, str) else cell


def _harmless(value: str | float) -> str | int | float:
    begins = isinstance(value, str) and len(value) > 1 and value.startswith(FORMULA_BEGINS)
    return f"'{value}" if begins else value


def _holds(char: str) -> bool:
    try:
        char.encode("cp932")
    except UnicodeEncodeError:
        return False
    return True


def _width(text: str) -> int:
    return sum(2 if ord(char) > 0x2E7F else 1 for char in text)


def _file(content: bytes, media_type: str, name: str) -> Response[bytes]:
    return Response(
        content,
        headers={
            "content-type": media_type,
            "content-disposition": f"attachment; filename*=UTF-8''{quote(name)}",
            "cache-control": "private, no-store",
        },
    )
