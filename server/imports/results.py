"""What taking a file in did: all of it, or nothing."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

from server.database import writing
from server.imports.reading import Line, Problem


@dataclass
class Result:
    """What an import did, or what is wrong with the file: then it did nothing.

    `retired` stand in the file, but are no longer offered here; they were left alone.
    """

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    retired: int = 0
    problems: list[Problem] = field(default_factory=list)


class _Undone(Exception):
    """Takes back what was written."""


@asynccontextmanager
async def taking_in(lines: list[Line], *, check_only: bool) -> AsyncIterator[Result]:
    """What is written inside stands; with a problem, or if only a check was asked for, nothing.

    The problems are those of the lines.
    """
    result = Result()
    with suppress(_Undone):
        async with writing():
            yield result
            result.problems = [each for line in lines for each in line.problems]
            if check_only or result.problems:
                raise _Undone
