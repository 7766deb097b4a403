"""Procedures (手続) from a file: code, name, reading, topic, section, address, since when (F3)."""

from dataclasses import replace
from typing import Any

from server import text
from server.imports import masters
from server.imports.masters import Kind
from server.imports.reading import OUR_TIME, Line, read
from server.imports.results import Result
from server.places import directory
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
LONGEST = {NAME: 120, READING: 200, ADDRESS: 500}
YEARS = range(rules.EARLIEST, OUR_TIME.stop)  # as the form has it
NEW: Row = {
    "reading": "",
    "topic": None,
    "section": None,
    "address": "",
    "online_since": None,
    "position": 0,
}
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
    sections = await directory.section_ids()

    def understood(line: Line, row: Row | None) -> ProcedureFacts:
        return _facts(line, row, codes, sections)

    return await masters.take_in(KIND, lines, understood, check_only=check_only, by=by)


def _facts(
    line: Line, row: Row | None, codes: dict[str, int], sections: dict[str, int]
) -> ProcedureFacts:
    """The facts as the line says them; what it has no column for stays as it was."""
    was = row or NEW
    no_topic = Refused("There is no topic with this code.")
    no_section = Refused(procedures.NO_SECTION)
    line.check_texts((NAME,), LONGEST)
    if line.of(READING) and not text.contains_only_kana(line.of(READING)):
        line.wrong(READING, Refused("Please write the reading in hiragana or katakana."))
    return ProcedureFacts(
        name=line.of(NAME),
        reading=line.of(READING) if READING in line.cells else was["reading"],
        topic_id=masters.chosen(line, TOPIC, codes, was["topic"], no_topic),
        section_id=masters.chosen(line, SECTION, sections, was["section"], no_section),
        address=line.of(ADDRESS) if ADDRESS in line.cells else was["address"],
        online_since=line.day(SINCE, YEARS) if SINCE in line.cells else was["online_since"],
        position=masters.position(line, POSITION, was["position"]),
        code=line.of(CODE),
    )


def _as_kept(line: Line) -> Line:
    cells = dict(line.cells)
    if TOPIC in cells:
        cells[TOPIC] = rules.code_key(cells[TOPIC])
    if SECTION in cells:
        cells[SECTION] = text.normalised(cells[SECTION])
    return replace(line, cells=cells)
