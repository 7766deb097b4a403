"""Procedures (手続) from a file: code, name, reading, topic, section, address, since when (F3)."""

from datetime import date
from typing import Any

from server import text
from server.imports import masters
from server.imports.masters import Kind, Wrong
from server.imports.reading import Line, day, read
from server.imports.results import Result
from server.places.tables import Section
from server.refusals import Refused
from server.roles import Actor
from server.topics import masters as rules
from server.topics import procedures, topics
from server.topics.procedures import ProcedureFacts
from server.topics.tables import Procedure

Row = dict[str, Any]

COLUMNS = procedures.COLUMNS
CODE, NAME, READING, TOPIC, SECTION, ADDRESS, SINCE, POSITION = COLUMNS
REQUIRED = (CODE, NAME)
TEXTS = tuple(name for name in COLUMNS if name != POSITION)  # codes and days
KIND = Kind(
    Procedure,
    procedures,
    CODE,
    NAME,
    {procedures.NO_ADDRESS: ADDRESS, rules.OFFERED_INSTEAD: TOPIC, rules.NOT_OFFERED: TOPIC},
)


async def load(content: bytes, *, check_only: bool = False, by: Actor | None) -> Result:
    """Take in a file of procedures: all of it, or, with any problem, nothing.

    A known code is changed where the file says otherwise, a new one added, and what the file
    does not name stays. The same file again changes nothing. Refused where the file cannot be
    read at all, and for who may not edit procedures.
    """
    rules.check_may_edit(by)
    lines = [_as_kept(line) for line in read(content, COLUMNS, REQUIRED)]
    codes = {row["code"]: row["id"] for row in await topics.everything()}
    sections = {
        text.normalised(row["name"]): row["id"]
        for row in await Section.select(Section.id, Section.name)
    }

    def understood(line: Line, row: Row | None, wrong: Wrong) -> ProcedureFacts:
        return _facts(line, row, codes, sections, wrong)

    return await masters.take_in(KIND, lines, understood, check_only=check_only, by=by)


def _facts(
    line: Line, row: Row | None, codes: dict[str, int], sections: dict[str, int], wrong: Wrong
) -> ProcedureFacts:
    was = row or {"topic": None, "section": None, "position": 0, "online_since": None}
    no_topic = Refused("There is no topic with this code.")
    no_section = Refused(procedures.NO_SECTION)
    return ProcedureFacts(
        name=masters.needed(line, NAME, 120, wrong),
        reading=_reading(line, was, wrong),
        topic_id=masters.chosen(line, TOPIC, codes, was["topic"], no_topic, wrong),
        section_id=masters.chosen(line, SECTION, sections, was["section"], no_section, wrong),
        address=_kept(line, ADDRESS, was.get("address", ""), 500, wrong),
        online_since=_since(line, was["online_since"], wrong),
        position=masters.position(line, POSITION, was["position"], wrong),
        code=line.of(CODE),
    )


def _as_kept(line: Line) -> Line:
    cells = dict(line.cells)
    if TOPIC in cells:
        cells[TOPIC] = rules.code_key(cells[TOPIC])
    if SECTION in cells:
        cells[SECTION] = text.normalised(cells[SECTION])
    return Line(line.row, cells)


def _kept(line: Line, column: str, was: str, longest: int, wrong: Wrong) -> str:
    if column not in line.cells:
        return was
    return masters.check_length(line, column, longest, wrong)


def _reading(line: Line, was: Row, wrong: Wrong) -> str:
    reading = _kept(line, READING, was.get("reading", ""), 200, wrong)
    if line.of(READING) and not text.contains_only_kana(reading):
        wrong(READING, Refused("Please write the reading in hiragana or katakana."))
    return reading


def _since(line: Line, was: date | None, wrong: Wrong) -> date | None:
    if SINCE not in line.cells:
        return was
    try:
        return day(line.of(SINCE)) if line.of(SINCE) else None
    except ValueError:
        wrong(SINCE, Refused("This is not a day. Please write it like 2026-11-21."))
        return None
