"""Reads of contacts: which ones fit, a page of them, and everything about one (H1-H4, T5)."""

from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from piccolo.querystring import QueryString

from server.classes.tables import LIVE_STATES
from server.database import has_words
from server.database.conditions import among, every
from server.helpdesk.tables import CallAttempt, CallBack, Contact, HandOver, TerminalUse
from server.text import search_words

Row = dict[str, Any]
Unsaid = Literal["none"]

PAGE = 50
MOST_COUNTED = 1000  # beyond that a count over all would cost more than it tells
NOT_SAID: Unsaid = "none"


@dataclass(frozen=True)
class ContactFilters:
    """Which contacts: None is any, NOT_SAID those where it is not said. Days are both included.

    A topic or procedure means what was merged into it, too; the names are those of the address.
    """

    desk: int | None = None
    topic: int | None = None
    procedure: int | Unsaid | None = None
    stuck: str | None = None
    channel: str | None = None
    outcome: str | None = None
    district: int | Unsaid | None = None
    first_on: date | None = None
    last_on: date | None = None
    weekday: int | None = None  # ISO
    hour: int | Unsaid | None = None
    article: int | None = None
    missing: bool = False  # only what no article said
    q: str = ""
    only: "Own | None" = None  # what a person may read, where that is not everything


@dataclass(frozen=True)
class Own:
    """The contacts that are a person's to read (P1): of her buildings' and her section's desks.

    And those about a procedure of her section, whichever desk was asked; a merged one is of the
    section of the one that it counts with.
    """

    venues: tuple[int, ...] = ()
    section: int | None = None


async def listed(
    filters: ContactFilters, page: int = 1, *, size: int = PAGE
) -> tuple[list[Row], bool]:
    """A page of contacts that stand and fit, newest first, and are there more?

    Each with the names of its desk, topic, procedure, district and article. One statement; a page
    is found by its narrow columns before anything else is read of it.
    """
    listed_ = _LISTED.format("{}", int(size) + 1, (int(page) - 1) * int(size))
    rows: list[Row] = await Contact.raw(listed_, fits(filters))
    return rows[:size], len(rows) > size


async def number(filters: ContactFilters) -> int | None:
    """How many contacts stand and fit; None for more than MOST_COUNTED. One statement."""
    [row] = await Contact.raw(_NUMBER, fits(filters))
    return row["number"] if row["number"] <= MOST_COUNTED else None


async def whole(contact_id: int) -> Row | None:
    """One contact with its names, who entered it and who took it back, what replaced it; or None.

    `replaced_by` is the id of the contact that was entered in its place.
    """
    rows: list[Row] = await Contact.raw(_WHOLE, contact_id)
    return rows[0] if rows else None


async def booked(contact_id: int) -> list[Row]:
    """The classes booked from a contact, in order, with title, start and booking state (H3)."""
    rows: list[Row] = await Contact.raw(_BOOKED, contact_id)
    return rows


async def hanging_on(contact_id: int) -> Row:
    """How many hang on a contact and stay when it is taken back (H3, H4).

    `bookings` that are live, `call_backs` still to make, `hand_overs` whose answer no desk has
    seen. One statement, and nothing of what they say.
    """
    rows: list[Row] = await Contact.raw("{}", QueryString(_HANGING, *[contact_id] * 3))
    return rows[0]


async def choices(article_id: int | None = None) -> dict[str, list[Row]]:
    """What the filters offer, by name: rows of `id`, `name` and `gone` (no longer in use).

    `article` holds the question of the one asked for. One statement.
    """
    kinds = ("desk", "topic", "procedure", "district", "article")
    found: dict[str, list[Row]] = {kind: [] for kind in kinds}
    for row in await Contact.raw(_CHOICES, article_id or 0):
        found[row["kind"]].append({**row, "gone": bool(row["gone"])})
    return found


async def pressed(
    table: type[CallAttempt | CallBack | Contact | HandOver | TerminalUse], submission: str | None
) -> Row | None:
    """What this press of a button has entered already, if anything (B4)."""
    if submission is None:
        return None
    return await table.select().where(table.submission == submission).first()


def fits(filters: ContactFilters) -> QueryString:
    """The condition of a row of `contact` that fits, taken back or not."""
    conditions = [
        *_said(filters),
        *_within("topic", filters.topic),
        *_within("procedure", filters.procedure),
    ]
    if filters.first_on is not None:
        conditions.append(QueryString("contact.contacted_on >= {}", filters.first_on))
    if filters.last_on is not None:
        conditions.append(QueryString("contact.contacted_on <= {}", filters.last_on))
    if filters.missing:
        conditions.append(QueryString("contact.answer_missing"))
    if filters.only is not None:
        conditions.append(_own(filters.only))
    if filters.q:
        words = search_words(filters.q)
        found = has_words("contact", words, by_index=True)
        conditions.append(found if words else QueryString("1 = 0"))
    return every(conditions)


def _said(filters: ContactFilters) -> list[QueryString]:
    """The columns that are simply equal."""
    conditions = []
    for name in ("desk", "channel", "outcome", "weekday", "article", "district", "hour", "stuck"):
        value = getattr(filters, name)
        if value == NOT_SAID:
            empty = "= ''" if name == "stuck" else "IS NULL"
            conditions.append(QueryString(f"contact.{name} {empty}"))
        elif value is not None:
            conditions.append(QueryString(f"contact.{name} = {{}}", value))
    return conditions


def _within(name: str, wanted: int | Unsaid | None) -> list[QueryString]:
    if wanted is None:
        return []
    if wanted == NOT_SAID:
        return [QueryString(f"contact.{name} IS NULL")]
    return [QueryString(_MERGED.replace("MASTER", name), wanted, wanted, wanted)]


def _own(only: Own) -> QueryString:
    # The plus keeps SQLite from sorting all of a building's: the newest come first by the day.
    own = """(+contact.desk IN (SELECT desk.id FROM desk
            WHERE {} OR desk.section = {})
        OR contact.procedure IN (SELECT own.id FROM procedure AS own
            JOIN procedure AS stands ON stands.id = COALESCE(own.merged_into, own.id)
            WHERE stands.section = {}))"""
    return QueryString(own, among("desk.venue", only.venues), only.section, only.section)


# What counts under the same id: itself, its target where it was merged, and all merged into that.
_MERGED = """contact.MASTER IN (SELECT same.id FROM MASTER AS same WHERE same.id = {}
    OR same.merged_into = {} OR (SELECT asked.merged_into FROM MASTER AS asked
        WHERE asked.id = {}) IN (same.id, same.merged_into))"""

# contacted_on is the day of contacted_at, so its index gives the order by both.
_ORDER = "contact.contacted_on DESC, contact.contacted_at DESC, contact.id DESC"

_NAMES = """
    topic.name AS topic_name, procedure.name AS procedure_name, desk.name AS desk_name,
    district.name AS district_name, article.question AS article_question
"""

_JOINS = """
JOIN topic ON topic.id = contact.topic
JOIN desk ON desk.id = contact.desk
LEFT JOIN procedure ON procedure.id = contact.procedure
LEFT JOIN district ON district.id = contact.district
LEFT JOIN article ON article.id = contact.article
"""

_LISTED = f"""
SELECT contact.id, contact.desk, contact.topic, contact.channel, contact.outcome, contact.stuck,
    contact.age_band, contact.minutes, contact.number, contact.tally, contact.note,
    contact.answer_missing, contact.contacted_at, contact.contacted_on, contact.hour, {_NAMES}
FROM (
    SELECT contact.id AS found_id FROM contact
    WHERE contact.voided_at IS NULL AND {{}} ORDER BY {_ORDER}
    LIMIT {{}} OFFSET {{}}
) AS found
JOIN contact ON contact.id = found.found_id
{_JOINS}
ORDER BY {_ORDER}
"""  # noqa: S608

# How many are wanted stands in the text: PostgreSQL plans a small LIMIT that it knows otherwise.
_NUMBER = f"""
SELECT COUNT(*) AS number FROM (
    SELECT contact.id FROM contact WHERE contact.voided_at IS NULL AND {{}}
    LIMIT {MOST_COUNTED + 1}
) AS found
"""  # noqa: S608

_WHOLE = f"""
SELECT contact.*, {_NAMES}, desk.venue AS venue_id, desk.section AS section_id,
    stands.section AS procedure_section, entered.name AS recorded_by_name,
    taken.name AS voided_by_name, newer.id AS replaced_by
FROM contact
{_JOINS}
LEFT JOIN procedure AS stands ON stands.id = COALESCE(procedure.merged_into, procedure.id)
LEFT JOIN account AS entered ON entered.id = contact.recorded_by
LEFT JOIN account AS taken ON taken.id = contact.voided_by
LEFT JOIN contact AS newer ON newer.replaces = contact.id
WHERE contact.id = {{}}
"""  # noqa: S608

_BOOKED = """
SELECT booking.id, booking.reference, booking.state, course.id AS course_id,
    course.title AS course_title, class_session.starts_at
FROM contact_booking
JOIN booking ON booking.id = contact_booking.booking
JOIN course ON course.id = booking.course
LEFT JOIN class_session ON class_session.id = booking.session
WHERE contact_booking.contact = {}
ORDER BY contact_booking.id
"""

_HANGING = f"""
SELECT (SELECT COUNT(*) FROM contact_booking JOIN booking ON booking.id = contact_booking.booking
        WHERE contact_booking.contact = {{}}
        AND booking.state IN ({", ".join(f"'{state}'" for state in sorted(LIVE_STATES))}))
        AS bookings,
    (SELECT COUNT(*) FROM call_back WHERE contact = {{}} AND done_at IS NULL) AS call_backs,
    (SELECT COUNT(*) FROM hand_over WHERE contact = {{}} AND seen_at IS NULL) AS hand_overs
"""  # noqa: S608

_CHOICES = """
SELECT 'desk' AS kind, id, name, position,
    CASE WHEN archived_at IS NULL THEN 0 ELSE 1 END AS gone FROM desk
UNION ALL SELECT 'topic', id, name, position,
    CASE WHEN retired_on IS NULL AND merged_into IS NULL THEN 0 ELSE 1 END FROM topic
UNION ALL SELECT 'procedure', id, name, position,
    CASE WHEN retired_on IS NULL AND merged_into IS NULL THEN 0 ELSE 1 END FROM procedure
UNION ALL SELECT 'district', id, name, position, 0 FROM district
UNION ALL SELECT 'article', id, question, 0, 0 FROM article WHERE id = {}
ORDER BY 1, 5, 4, 2
"""
