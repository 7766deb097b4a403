"""Reading the files that coordinators have: CSV in either encoding, or an Excel sheet."""

import csv
import re
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from io import BytesIO, StringIO

from server import text
from server.refusals import N_, Refused

MOST_ROWS = 5000
LARGEST_UNPACKED = 50 * 1024 * 1024  # bytes
ZIP_BEGINS = b"PK"
ERAS = {"明治": 1867, "大正": 1911, "昭和": 1925, "平成": 1988, "令和": 2018}
ERAS |= {"M": 1867, "T": 1911, "S": 1925, "H": 1988, "R": 2018}
PROTECTED = re.compile(r"^'(?=[=+\-@\t\r＝＋－＠])")  # as tables taken along are (web.sheets)
WESTERN = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")
JAPANESE = re.compile(
    r"(明治|大正|昭和|平成|令和|[MTSHR])(元|\d{1,2})[-/.年](\d{1,2})[-/.月](\d{1,2})日?"
)
LONGEST_READING = 200  # characters
OUR_TIME = range(1950, 2101)  # years
NOT_READABLE = N_("This file could not be read. Please save it as an Excel file (xlsx) or as CSV.")


@dataclass(frozen=True)
class Problem:
    """What is wrong with one cell: its row in the file, counted from 1, its column, its value."""

    row: int
    column: str
    value: str
    reason: Refused


@dataclass(frozen=True)
class Line:
    """One row of a file: its number in the file, its texts by heading, trimmed, and what is wrong.

    What a check finds wrong is said beside its column.
    """

    row: int
    cells: dict[str, str]
    problems: list[Problem] = field(default_factory=list)

    def of(self, column: str) -> str:
        """The text in a column, empty where the file has none."""
        return self.cells.get(column, "")

    @property
    def is_sound(self) -> bool:
        """Whether nothing was found wrong up to now."""
        return not self.problems

    def wrong(self, column: str, refused: Refused) -> None:
        """Say what is wrong with a column."""
        self.problems.append(Problem(self.row, column, self.of(column), refused))

    def check_texts(self, needed: Iterable[str], longest: Mapping[str, int]) -> None:
        """What is needed is there, and no text is longer than its place in the database."""
        for column in needed:
            if not self.of(column):
                self.wrong(column, Refused("This is empty."))
        for column, number in longest.items():
            if len(self.of(column)) > number:
                self.wrong(
                    column, Refused("Please use at most {number} characters.", number=number)
                )

    def check_reading(self, column: str) -> None:
        """What stands in a column is the reading of a person's name, or nothing.

        It fits as it is compared, too: one sign may stand for a whole word.
        """
        if self.of(column) and not text.is_reading(self.of(column)):
            self.wrong(column, Refused("Please write the reading in hiragana or katakana."))
        if len(text.reading_key(self.of(column))) > LONGEST_READING:
            self.wrong(column, Refused("Please use fewer characters."))

    def day(self, column: str, years: range | None = None) -> date | None:
        """The day in a column, in one of the years; None where there is none, or it is wrong."""
        if not self.of(column):
            return None
        try:
            found = day(self.of(column))
        except ValueError:
            self.wrong(column, Refused("This is not a day. Please write it like 2026-11-21."))
            return None
        if years is not None and found.year not in years:
            self.wrong(column, Refused("Please check the year."))
            return None
        return found


def read(content: bytes, headings: Sequence[str], required: Iterable[str]) -> list[Line]:
    """The lines of a file below its heading; what stands above the heading is passed over.

    Columns may stand in any order, others beside them are ignored. Refused where the file cannot
    be read, a required column is missing, or it has too many rows.
    """
    rows = _excel(content) if content.startswith(ZIP_BEGINS) else _csv(content)
    wanted = set(headings)
    names: list[str] = []
    lines: list[Line] = []
    for number, row in enumerate(rows, start=1):
        cells = [text.typed(cell) for cell in row]
        if not names:
            names = _as_headings(cells) if wanted & set(_as_headings(cells)) else []
        elif any(cells):
            known = zip(names, cells, strict=False)
            lines.append(Line(number, {name: cell for name, cell in known if name in wanted}))
        if len(lines) > MOST_ROWS:
            raise Refused("The file has more than {number} rows.", number=MOST_ROWS)
    missing = [name for name in required if name not in names]
    if missing:
        raise Refused("The file lacks these columns: {columns}", columns="、".join(missing))
    return lines


def day(words: str) -> date:
    """2026-11-21, 2026/11/21, 令和8年11月21日 or R8.11.21. Raises ValueError for anything else."""
    plain = re.sub(r"\s", "", text.normalised(words)).upper()
    if western := WESTERN.fullmatch(plain):
        return date(*(int(part) for part in western.groups()))
    if japanese := JAPANESE.fullmatch(plain):
        era, year, month, on = japanese.groups()
        return date(ERAS[era] + (1 if year == "元" else int(year)), int(month), int(on))
    raise ValueError(words)


def _as_headings(cells: Sequence[str]) -> list[str]:
    return [re.sub(r"\s|[(（].*", "", cell) for cell in cells]


def _csv(content: bytes) -> list[list[str]]:
    for encoding in ("utf-8-sig", "cp932", "utf-16"):
        try:
            words = content.decode(encoding)
        except UnicodeError:
            continue
        if "\0" not in words:
            return _records(words)
    raise Refused(NOT_READABLE)


def _records(words: str) -> list[list[str]]:
    try:
        rows = csv.reader(StringIO(words, newline=""))
        return [[PROTECTED.sub("", cell) for cell in row] for row in rows]
    except csv.Error as broken:
        raise Refused(NOT_READABLE) from broken


def _excel(content: bytes) -> list[list[str]]:
    from openpyxl import load_workbook  # noqa: PLC0415 - takes memory that few need

    try:
        with zipfile.ZipFile(BytesIO(content)) as packed:
            if sum(part.file_size for part in packed.infolist()) > LARGEST_UNPACKED:
                raise Refused(NOT_READABLE)
        book = load_workbook(BytesIO(content), read_only=True, data_only=True)
        rows = book.worksheets[0].iter_rows(values_only=True, max_row=MOST_ROWS + 100)
        return [[_cell(value) for value in row] for row in rows]
    except Refused:
        raise
    except Exception as broken:  # a damaged file breaks its reader in a dozen ways
        raise Refused(NOT_READABLE) from broken


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return value.isoformat() if isinstance(value, date) else str(value)
