"""Conditions that many statements ask, each to stand in the place of a `{}`."""

from collections.abc import Iterable
from datetime import datetime

from piccolo.querystring import QueryString


def stood(table: str, known_at: datetime | None) -> QueryString:
    """Which rows of `table` stood at an instant: recorded by then, not voided by then (T5).

    None: those that stand now.
    """
    if known_at is None:
        return QueryString(f"{table}.voided_at IS NULL")
    by_then = (
        f"{table}.recorded_at <= {{}} AND ({table}.voided_at IS NULL OR {table}.voided_at > {{}})"
    )
    return QueryString(f"({by_then})", known_at, known_at)


def among(column: str, values: Iterable[object]) -> QueryString:
    """The column is one of these; it never is where there is none."""
    listed = list(values)
    places = ", ".join(["{}"] * len(listed))
    return QueryString(f"{column} IN ({places})", *listed) if listed else QueryString("1 = 0")


def every(conditions: Iterable[QueryString]) -> QueryString:
    """All of these hold; so it is where there is none."""
    asked = list(conditions)
    return QueryString(" AND ".join(["{}"] * len(asked)) or "1 = 1", *asked)


def either(conditions: Iterable[QueryString]) -> QueryString:
    """One of these holds; none does where there is none."""
    asked = list(conditions)
    return QueryString(f"({' OR '.join(['{}'] * len(asked)) or '1 = 0'})", *asked)
