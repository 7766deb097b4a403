"""What an address, or a value of a form, asks for in its words; nonsense asks for nothing."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from server import text
from server.web.access import BEYOND_ANY_ID

LONGEST_SEARCH = 100  # characters


def whole(words: object) -> int | None:
    """A whole number from 1 on that an id may be; None for nothing and for nonsense."""
    said = str(words or "")
    number = int(said) if said.isascii() and said.isdecimal() and len(said) <= 10 else 0
    return number if 0 < number < BEYOND_ANY_ID else None


def row_id(words: object) -> int | None:
    """The row that was chosen: None for nothing, and 0, which no row has, for nonsense."""
    return whole(words) or 0 if words else None


def day(words: object, first: int = 2000, last: int = 2100) -> date | None:
    """A day as 2026-11-21, in a year from `first` to `last`; None for nothing and for nonsense."""
    said = str(words or "")
    try:
        found = date.fromisoformat(said) if len(said) == 10 else None
    except ValueError:
        return None
    return found if found and first <= found.year <= last else None


def sought(words: object) -> str:
    """What is searched for, as it was typed; at most a hundred characters of it."""
    return text.typed(str(words or ""))[:LONGEST_SEARCH]


def wants_file(query: Mapping[str, Any]) -> bool:
    """Is it asked for as a file, in CSV or for Excel?"""
    return query.get("format") in ("csv", "xlsx")
