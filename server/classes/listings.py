"""The list of courses that are still to come, and how many of them are open where."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from piccolo.querystring import QueryString

from server import clock
from server.classes.details import CARD_COLUMNS, Card, card, with_sessions
from server.classes.queries import literally
from server.classes.tables import ClassSession
from server.database.conditions import among, every

PAGE = 50
LONGEST_SESSION = timedelta(days=1)


@dataclass(frozen=True)
class Filters:
    """What somebody looks for; `venue_ids` None means anywhere, `month` is its first day.

    `words` are those of `text.search_words`, and a course must have them all.
    """

    venue_ids: tuple[int, ...] | None = None
    kind: str = ""
    month: date | None = None
    open: bool = False
    words: tuple[str, ...] = ()


async def coming(filters: Filters, page: int = 1, size: int = PAGE) -> tuple[list[Card], bool]:
    """The cards of a page of public courses by date, and whether there are more.

    A course stands there once, with its first session that has not ended and that fits the
    filters; called-off ones stay until their day is over. Two statements for any number.
    """
    query = QueryString(
        _COMING,
        every(_course_fits(filters)),
        _session_fits("shown", filters),
        _session_fits("better", filters),
        size + 1,
        (page - 1) * size,
    )
    rows = await ClassSession.raw("{}", query)
    courses = await with_sessions(rows[:size])
    return [card(course) for course in courses], len(rows) > size


async def open_counts(by: Literal["district", "venue"]) -> dict[int, int]:
    """How many courses take applications now, per district or venue that has one."""
    column = {"district": "venue.district", "venue": "venue.id"}[by]
    query = QueryString(
        f"SELECT {column} AS place, COUNT(DISTINCT course.id) AS number"  # noqa: S608
        " FROM class_session AS shown JOIN course ON course.id = shown.course"
        " JOIN venue ON venue.id = shown.venue WHERE {} AND {}"
        f" AND {column} IS NOT NULL GROUP BY {column}",
        QueryString(_PUBLIC),
        _session_fits("shown", Filters(open=True)),
    )
    rows = await ClassSession.raw("{}", query)
    return {row["place"]: row["number"] for row in rows}


def _course_fits(filters: Filters) -> Iterator[QueryString]:
    if filters.kind:
        yield QueryString("course.kind = {}", filters.kind)
    for word in filters.words:
        yield QueryString("(' ' || course.search_text) LIKE {} ESCAPE '!'", f"% {literally(word)}%")


def _session_fits(alias: str, filters: Filters) -> QueryString:
    """The session `alias` of `course` has not ended, and fits."""
    now = clock.now()
    fits = [
        QueryString(f"{alias}.starts_at > {{}}", now - LONGEST_SESSION),
        QueryString(f"{alias}.ends_at > {{}}", now),
    ]
    if filters.venue_ids is not None:
        fits.append(among(f"{alias}.venue", filters.venue_ids))
    if filters.month is not None:
        after = clock.month_after(filters.month)
        fits.append(
            QueryString(f"{alias}.held_on >= {{}} AND {alias}.held_on < {{}}", filters.month, after)
        )
    if filters.open:
        fits.append(QueryString(_OPEN.replace("shown", alias), now, now, now, now))
    return every(fits)


def months(count: int = 6) -> list[date]:
    """The first days of this month and the following ones, to pick from."""
    found = [clock.today().replace(day=1)]
    while len(found) < count:
        found.append(clock.month_after(found[-1]))
    return found


_PUBLIC = "course.published_at IS NOT NULL AND course.listed"

# What admission.check_bookable says, for many courses at once; a test holds both together.
_OPEN = """
course.called_off_at IS NULL AND course.admission = 'first_come'
AND course.opens_at <= {} AND course.closes_at > {}
AND shown.called_off_at IS NULL AND shown.starts_at > {}
AND (
    (course.scope = 'course' AND course.taken < course.seats
        AND NOT EXISTS (SELECT 1 FROM class_session AS begun WHERE begun.course = course.id
            AND begun.called_off_at IS NULL AND begun.starts_at <= {})
        AND NOT EXISTS (SELECT 1 FROM booking WHERE booking.course = course.id
            AND booking.state = 'waitlisted' AND booking.session IS NULL))
    OR (course.scope = 'session' AND shown.taken < shown.seats
        AND NOT EXISTS (SELECT 1 FROM booking WHERE booking.course = course.id
            AND booking.state = 'waitlisted' AND booking.session = shown.id)))
"""

_COMING = f"""
SELECT {CARD_COLUMNS}, shown.id AS shown_id
FROM class_session AS shown
JOIN course ON course.id = shown.course
WHERE {_PUBLIC} AND {{}} AND {{}}
AND NOT EXISTS (
    SELECT 1 FROM class_session AS better WHERE better.course = course.id AND {{}}
    AND ((better.called_off_at IS NULL AND shown.called_off_at IS NOT NULL)
        OR ((better.called_off_at IS NULL) = (shown.called_off_at IS NULL)
            AND (better.starts_at < shown.starts_at
                OR (better.starts_at = shown.starts_at AND better.id < shown.id)))))
ORDER BY shown.starts_at, shown.id
LIMIT {{}} OFFSET {{}}
"""  # noqa: S608
