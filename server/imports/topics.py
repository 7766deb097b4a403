"""Topics (分野) from a file: 分野コード, 分野名, 上位分野コード, 並び順 (F3)."""

from dataclasses import replace
from typing import Any

from server.imports import masters
from server.imports.masters import Kind
from server.imports.reading import Line, read
from server.imports.results import Result
from server.refusals import Refused
from server.roles import Actor
from server.topics import masters as rules
from server.topics import topics
from server.topics.tables import Topic
from server.topics.topics import TopicFacts

Row = dict[str, Any]

COLUMNS = topics.COLUMNS
CODE, NAME, PARENT, POSITION = COLUMNS
REQUIRED = (CODE, NAME)
TEXTS = (CODE, NAME, PARENT)  # Excel keeps 001 as it is typed
LONGEST = {NAME: 80}
KIND = Kind(
    Topic,
    topics,
    CODE,
    NAME,
    {topics.TOO_DEEP: PARENT, topics.HAS_SOME_UNDER: PARENT, topics.PARENT_NOT_IN_USE: PARENT},
)


async def load(content: bytes, *, check_only: bool = False, by: Actor | None) -> Result:
    """Take in a file of topics: all of it, or, with any problem, nothing.

    A known code is changed where the file says otherwise, a new one added, and what the file
    does not name stays. The same file again changes nothing. Refused where the file cannot be
    read at all, and for who may not edit topics.
    """
    rules.check_may_edit(by)
    lines = [_with_codes(line) for line in read(content, COLUMNS, REQUIRED)]
    every = await topics.everything()
    codes = {row["code"]: row["id"] for row in every}
    last = max((row["position"] for row in every), default=-1)

    def understood(line: Line, row: Row | None) -> TopicFacts:
        line.check_texts((NAME,), LONGEST)
        unknown = Refused("There is no topic with this code.")
        was = row["parent"] if row else None
        usual = row["position"] if row else min(last + line.row, masters.MOST_POSITION)
        return TopicFacts(
            name=line.of(NAME),
            parent_id=masters.chosen(line, PARENT, codes, was, unknown),
            position=masters.position(line, POSITION, usual),
            code=line.of(CODE),
        )

    tops_first = sorted(lines, key=lambda line: bool(line.of(PARENT)))
    return await masters.take_in(
        KIND, tops_first, understood, check_only=check_only, by=by, codes=codes
    )


def _with_codes(line: Line) -> Line:
    if PARENT not in line.cells:
        return line
    return replace(line, cells=line.cells | {PARENT: rules.code_key(line.of(PARENT))})
