"""Contacts that count, added up or as rows: those of some days, as known at an instant (T5)."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from piccolo.querystring import QueryString

from server.database.conditions import every, stood
from server.helpdesk import queries
from server.helpdesk.queries import ContactFilters
from server.helpdesk.tables import SOLVED_AT_ONCE, Contact

Row = dict[str, Any]

ANY = ContactFilters()
SUMS = ("number", "solved", "minutes")
PAGE = 50


async def added_up(
    columns: Sequence[str],
    first_on: date,
    last_on: date,
    filters: ContactFilters = ANY,
    known_at: datetime | None = None,
) -> list[Row]:
    """`number`, `solved` at once (H2) and `minutes` for every set of values of these columns.

    The columns are those of `contact` as they stand, merged topics apart. Both days included,
    within the filters, as known at an instant, or now. One statement.
    """
    wanted = ", ".join(columns)
    sums = QueryString(
        f"SELECT {wanted}, {_SUMS} FROM contact WHERE {{}} GROUP BY {wanted}",  # noqa: S608
        _counted(first_on, last_on, filters, known_at),
    )
    rows: list[Row] = await Contact.raw("{}", _with_further(sums, known_at))
    return [row | {name: int(row[name]) for name in SUMS} for row in rows]


async def rows(
    first_on: date,
    last_on: date,
    filters: ContactFilters = ANY,
    known_at: datetime | None = None,
    *,
    solved: bool = False,
    page: int | None = 1,
) -> tuple[list[Row], bool]:
    """A page of fifty rows that make up a figure of `added_up`, newest first, and are there more?

    All for None. Only those `solved` at once where asked. Without notes and persons.
    """
    fits = [_counted(first_on, last_on, filters, known_at)]
    fits += [QueryString(_SOLVED)] if solved else []
    span = QueryString("") if page is None else QueryString(_PAGE, PAGE + 1, (page - 1) * PAGE)
    listed = QueryString(_ROWS, every(fits), span)
    found: list[Row] = await Contact.raw("{}", _with_further(listed, known_at))
    shown = found if page is None else found[:PAGE]
    return shown, len(found) > len(shown)


def total(added: Iterable[Row]) -> Row:
    """The sums over rows of `added_up`, with the `rate` solved at once (一次解決率), in percent.

    Of nothing there is no rate.
    """
    every = list(added)
    sums = {name: sum(row[name] for row in every) for name in SUMS}
    rate = 100 * sums["solved"] / sums["number"] if sums["number"] else None
    return {**sums, "rate": rate}


async def first_on() -> date | None:
    """The day of the first contact that counts, if there is one."""
    row = (
        await Contact.select(Contact.contacted_on)
        .where(Contact.voided_at.is_null())
        .order_by(Contact.contacted_on)
        .first()
    )
    return row["contacted_on"] if row else None


def _counted(
    first_on: date, last_on: date, filters: ContactFilters, known_at: datetime | None
) -> QueryString:
    within = replace(filters, first_on=first_on, last_on=last_on)
    return every([stood("contact", known_at), queries.fits(within)])


def _with_further(query: QueryString, known_at: datetime | None) -> QueryString:
    """The query, which may ask `further`: contacts that were called back or handed on."""
    if known_at is None:
        return QueryString(_FURTHER + "{}", QueryString("1 = 1"), QueryString("1 = 1"), query)
    return QueryString(
        _FURTHER + "{}",
        QueryString("call_back.recorded_at <= {}", known_at),
        QueryString("hand_over.asked_at <= {}", known_at),
        query,
    )


# A call-back hangs at the newest correction of its contact: it was one of those before, too.
_FURTHER = """
WITH RECURSIVE further (contact) AS (
    SELECT asked.contact FROM (
        SELECT call_back.contact FROM call_back WHERE {}
        UNION SELECT hand_over.contact FROM hand_over WHERE {}
    ) AS asked
    UNION
    SELECT contact.replaces FROM contact JOIN further ON contact.id = further.contact
    WHERE contact.replaces IS NOT NULL
)
"""

_AT_ONCE = ", ".join(f"'{outcome}'" for outcome in SOLVED_AT_ONCE)

_SOLVED = f"""contact.outcome IN ({_AT_ONCE})
    AND contact.id NOT IN (SELECT further.contact FROM further)"""  # noqa: S608

_SUMS = (
    "SUM(contact.number) AS number, SUM(contact.number * contact.minutes) AS minutes,"
    f" SUM(CASE WHEN {_SOLVED} THEN contact.number ELSE 0 END) AS solved"
)

_ORDER = "contact.contacted_on DESC, contact.contacted_at DESC, contact.id DESC"

# Found by what an index holds before anything else is read of them.
_ROWS = f"""
SELECT contact.id, contact.contacted_at, contact.contacted_on, contact.hour, contact.channel,
    contact.outcome, contact.stuck, contact.number, contact.minutes, contact.tally,
    topic.name AS topic_name, procedure.name AS procedure_name, desk.name AS desk_name,
    district.name AS district_name
FROM (SELECT contact.id AS found_id FROM contact WHERE {{}} ORDER BY {_ORDER} {{}}) AS found
JOIN contact ON contact.id = found.found_id
JOIN topic ON topic.id = contact.topic
JOIN desk ON desk.id = contact.desk
LEFT JOIN procedure ON procedure.id = contact.procedure
LEFT JOIN district ON district.id = contact.district
ORDER BY {_ORDER}
"""  # noqa: S608

_PAGE = "LIMIT {} OFFSET {}"
