"""Who helps elsewhere at that time: times, not dates (C1)."""

from datetime import datetime
from typing import Any

from piccolo.querystring import QueryString

from server.classes.tables import Assignment
from server.refusals import N_, Refused
from server.supporters.queries import same_human

Row = dict[str, Any]

CLASH = N_("At that time there is “{title}” already: {span}.")


async def of_supporter(
    supporter_id: int, starts_at: datetime, ends_at: datetime, *, but_for: int | None = None
) -> list[Row]:
    """Where else the same human being helps at that time, but for one session (C1).

    Rows with `session`, `title`, `starts_at`, `ends_at` and `venue_name`; drafts hold their
    helpers too, what is called off does not. One that ends when the other begins is no clash.
    """
    rows: list[Row] = await Assignment.raw(
        "{}", QueryString(_CLASHES, but_for or 0, ends_at, starts_at, await whose(supporter_id))
    )
    return rows


async def of_lecturer(
    lecturer_id: int, starts_at: datetime, ends_at: datetime, *, but_for: int | None = None
) -> list[Row]:
    """Where else a lecturer from outside is at that time, as `of_supporter`."""
    whose = QueryString("assignment.lecturer = {}", lecturer_id)
    rows: list[Row] = await Assignment.raw(
        "{}", QueryString(_CLASHES, but_for or 0, ends_at, starts_at, whose)
    )
    return rows


def clash(other: Row) -> Refused:
    """The words for being at `other`, a row of `of_supporter`, at that time."""
    return Refused(CLASH, title=other["title"], span=(other["starts_at"], other["ends_at"]))


async def whose(supporter_id: int) -> QueryString:
    """The places of one human being, those of merged duplicates too."""
    rows = await same_human(supporter_id)
    return QueryString(
        f"assignment.supporter IN ({', '.join(['{}'] * len(rows)) or 'NULL'})", *rows
    )


_CLASHES = """
SELECT assignment.id, assignment.session, assignment.role, held.starts_at, held.ends_at,
    course.title, venue.name AS venue_name
FROM assignment
JOIN class_session AS held ON held.id = assignment.session
JOIN course ON course.id = held.course
JOIN venue ON venue.id = held.venue
WHERE assignment.voided_at IS NULL AND held.called_off_at IS NULL AND held.id <> {}
    AND held.starts_at < {} AND held.ends_at > {} AND {}
ORDER BY held.starts_at, held.id
"""
