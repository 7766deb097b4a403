"""Topics and procedures from a file: new ones are added, changed ones changed, none is retired."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from server.imports.reading import Line
from server.imports.results import Result, taking_in
from server.refusals import Refused
from server.roles import Actor
from server.topics import masters
from server.topics.masters import Master

Row = dict[str, Any]

MOST_POSITION = 9999

Understood = Callable[[Line, Row | None], Any]


@dataclass(frozen=True)
class Kind:
    """What is taken in: its table and rules, and which column a refusal is about."""

    table: Master
    rules: Any  # the module topics or procedures
    code: str
    name: str
    about: dict[str, str]


async def take_in(
    kind: Kind,
    lines: list[Line],
    understood: Understood,
    *,
    check_only: bool,
    by: Actor | None,
    codes: dict[str, int] | None = None,
) -> Result:
    """Take in every line, or, with any problem, none.

    `understood` makes the facts of a line, given the row as it stands, or says what is wrong.
    `codes` learns the ids of what is added.
    """
    async with taking_in(lines, check_only=check_only) as result:
        await masters.hold(kind.table)
        known = {row["code"]: row for row in await kind.table.select()}
        for line in _coded(kind, lines):
            row = await _take_in(kind, line, known.get(line.of(kind.code)), understood, result, by)
            if row and codes is not None:
                codes[row["code"]] = row["id"]
    return result


def _coded(kind: Kind, lines: list[Line]) -> Iterator[Line]:
    """The lines that have a code of their own."""
    seen: dict[str, int] = {}
    for line in lines:
        code = masters.code_key(line.of(kind.code))
        refused = None
        if not code:
            refused = Refused("This is empty.")
        elif not masters.is_code(code):
            refused = Refused(masters.NO_CODE)
        elif code in seen:
            refused = Refused("This code stands in row {row} already.", row=seen[code])
        if refused:
            line.wrong(kind.code, refused)
        else:
            seen[code] = line.row
            yield replace(line, cells=line.cells | {kind.code: code})


async def _take_in(
    kind: Kind,
    line: Line,
    row: Row | None,
    understood: Understood,
    result: Result,
    by: Actor | None,
) -> Row | None:
    if row is not None and row["retired_on"] is not None:
        result.retired += 1
        return row
    facts = understood(line, row)
    if not line.is_sound:
        return row
    try:
        if row is None:
            row = await kind.rules.create(facts, by=by)
            result.added += 1
        else:
            now = await kind.rules.edit(row["id"], facts, version=row["version"], by=by)
            result.changed += now["version"] != row["version"]
            result.unchanged += now["version"] == row["version"]
    except Refused as refused:
        line.wrong(kind.about.get(refused.msgid, kind.name), refused)
    return row


def position(line: Line, column: str, usual: int) -> int:
    """A place in the order; `usual` where the file does not say one."""
    words = line.of(column)
    if not words:
        return usual
    if not (words.isascii() and words.isdecimal() and len(words) <= 4):
        line.wrong(column, Refused("Please write a number from 0 to {most}.", most=MOST_POSITION))
        return usual
    return int(words)


def chosen(
    line: Line, column: str, known: dict[str, int], was: int | None, refused: Refused
) -> int | None:
    """The row that a column names; `was` where the file has no such column, none where empty."""
    if column not in line.cells:
        return was
    words = line.of(column)
    if not words:
        return None
    if words not in known:
        line.wrong(column, refused)
    return known.get(words)
