"""Courses as staff see them: the list, one course, who applied, and today."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from piccolo.querystring import QueryString

from server import clock, text
from server.classes.details import COURSE_COLUMNS, with_sessions
from server.classes.editing import check_may_edit
from server.classes.queries import literally
from server.classes.tables import BookingScope, ClassSession, Course
from server.database.conditions import among, either, every
from server.places.tables import Venue
from server.refusals import Refused
from server.roles import Actor, Role, oversees

Row = dict[str, Any]

PAGE = 50
SOON = timedelta(days=7)
STATES = ("draft", "published", "ended", "called_off")
MONTHS_BACK, MONTHS_AHEAD = 12, 12


@dataclass(frozen=True)
class StaffFilters:
    """What a member of staff looks for; "" and None mean anything."""

    q: str = ""
    state: str = ""
    kind: str = ""
    section: int | None = None
    venue: int | None = None
    month: str = ""  # 2026-11


async def courses(
    by: Actor, filters: StaffFilters, page: int = 1, named: Sequence[Row] = ()
) -> tuple[list[Row], bool]:
    """A page of the courses that `by` may see, drafts first, then by date; and is there more?

    The words looked for stand in the course or in the name of one of its venues, out of `named`.
    Two statements for any number.
    """
    fits = [visible(by), *_fits(filters), *_words_fit(filters.q, named)]
    return await _courses(fits, PAGE, (page - 1) * PAGE)


async def venues() -> list[Row]:
    """The venues to pick from, by their readings."""
    return await Venue.select(Venue.id, Venue.name, Venue.reading).order_by(Venue.reading)


def months() -> list[date]:
    """The first days of the months to pick from, the past year's too."""
    today = clock.today()
    counted = today.year * 12 + today.month - 1
    return [
        date(month // 12, month % 12 + 1, 1)
        for month in range(counted - MONTHS_BACK, counted + MONTHS_AHEAD + 1)
    ]


async def course(by: Actor, course_id: int) -> Row | None:
    """One course with its sessions and state, if `by` may see it (C4, P1)."""
    rows, _ = await _courses([visible(by), QueryString("course.id = {}", course_id)], 1, 0)
    return rows[0] if rows else None


async def drafts(by: Actor) -> list[Row]:
    """What is still to be published."""
    rows, _ = await courses(by, StaffFilters(state="draft"))
    return rows


async def sessions_between(by: Actor, first_day: int, last_day: int) -> list[Row]:
    """The sessions that stand from so many days after today to so many, in order."""
    today = clock.today()
    query = QueryString(
        _SESSIONS_OF_DAYS,
        today + timedelta(days=first_day),
        today + timedelta(days=last_day),
        visible(by),
    )
    rows = await ClassSession.raw("{}", query)
    return [_with_its_seats(row) for row in rows]


def state_of(course: Row) -> str:
    """Draft, published or called off."""
    if course["called_off_at"] is not None:
        return "called_off"
    return "published" if course["published_at"] is not None else "draft"


async def runs(by: Actor, course: Row) -> bool:
    """Does `by` run this course, so that she may know of 配慮 (P2)? Never the helpdesk."""
    if edits(by, course):
        return True
    if Role.venue not in by.roles or not by.venue_ids:
        return False
    return await ClassSession.exists().where(
        (ClassSession.course == course["id"]) & ClassSession.venue.is_in(sorted(by.venue_ids))
    )


def edits(by: Actor, course: Row) -> bool:
    """Would the checks let `by` change this course?"""
    try:
        check_may_edit(by, course["section"])
    except Refused:
        return False
    return True


def visible(by: Actor) -> QueryString:
    """Coordinators see their section's courses, venues their building's, the helpdesk all (P1)."""
    return allowed(by, _COURSE_THERE)


def allowed(by: Actor, in_venues: str) -> QueryString:
    """Which rows beside `course` the roles of `by` may see; `in_venues` is a building's share."""
    allowed = []
    if Role.helpdesk in by.roles or oversees(by):
        allowed.append(QueryString("1 = 1"))
    elif Role.coordinator in by.roles and by.section_id is not None:
        allowed.append(QueryString("course.section = {}", by.section_id))
    if Role.venue in by.roles and by.venue_ids:
        allowed.append(QueryString(in_venues, among("held.venue", sorted(by.venue_ids))))
    return either(allowed)


def _fits(filters: StaffFilters) -> list[QueryString]:
    found = []
    if filters.state in STATES:
        found.append(QueryString(_STATE[filters.state]))
    if filters.kind:
        found.append(QueryString("course.kind = {}", filters.kind))
    if filters.section is not None:
        found.append(QueryString("course.section = {}", filters.section))
    held = list(_held(filters))
    if held:
        found.append(QueryString(_HOLDS, every(held)))
    return found


def _held(filters: StaffFilters) -> Iterator[QueryString]:
    """What one of the course's dates must be."""
    if filters.venue is not None:
        yield QueryString("held.venue = {}", filters.venue)
    if filters.month:
        first = date.fromisoformat(f"{filters.month}-01")
        after = clock.month_after(first)
        yield QueryString("held.held_on >= {} AND held.held_on < {}", first, after)


def _words_fit(q: str, named: Sequence[Row]) -> Iterator[QueryString]:
    known = {row["id"]: f" {text.search_text(row['name'] + ' ' + row['reading'])}" for row in named}
    for word in text.search_words(q):
        stands = QueryString(_STANDS, f"% {literally(word)}%")
        there = [venue for venue, words in known.items() if f" {word}" in words]
        held = QueryString(_HOLDS, among("held.venue", there))
        yield either([stands, held]) if there else stands


async def _courses(fits: list[QueryString], size: int, offset: int) -> tuple[list[Row], bool]:
    rows = await Course.raw(_COURSES, clock.now(), every(fits), size + 1, offset)
    found = await with_sessions(rows[:size])
    return [_with_state(row) for row in found], len(rows) > size


def _with_state(course: Row) -> Row:
    """Its state, when it is next, and the seats of all its sessions where one is picked."""
    standing = [each for each in course["sessions"] if each["called_off_at"] is None]
    course |= {"preset": course["own_seats"], "state": state_of(course)}
    course |= {name: course.get(name) for name in ("starts_at", "ends_at", "venue_name")}
    if course["scope"] == BookingScope.session:
        course["seats"] = sum(each["seats"] for each in standing)
        course["taken"] = sum(each["taken"] for each in standing)
        course["waiting"] = sum(each["waiting"] for each in standing)
    now = clock.now()
    if course["state"] == "published" and standing and all(x["ends_at"] <= now for x in standing):
        course["state"] = "ended"
        course |= {name: standing[-1][name] for name in ("starts_at", "ends_at", "venue_name")}
    for each in course["sessions"]:
        over = "ended" if each["ends_at"] <= now else "planned"
        each["state"] = "called_off" if each["called_off_at"] is not None else over
        if course["scope"] == BookingScope.course:
            each |= {"seats": course["seats"], "taken": course["taken"]}
    return course


def _with_its_seats(row: Row) -> Row:
    if row["scope"] == BookingScope.course:
        row |= {"seats": row["course_seats"], "taken": row["course_taken"]}
    return row


_STANDS = "(' ' || course.search_text) LIKE {} ESCAPE '!'"
_HOLDS = "EXISTS (SELECT 1 FROM class_session AS held WHERE held.course = course.id AND {})"
_OVER = (
    "(next.id IS NULL AND EXISTS (SELECT 1 FROM class_session AS held"
    " WHERE held.course = course.id AND held.called_off_at IS NULL))"
)

_PUBLISHED = "course.published_at IS NOT NULL AND course.called_off_at IS NULL"
_STATE = {
    "draft": "course.published_at IS NULL AND course.called_off_at IS NULL",
    "published": f"{_PUBLISHED} AND NOT {_OVER}",
    "ended": f"{_PUBLISHED} AND {_OVER}",
    "called_off": "course.called_off_at IS NOT NULL",
}

_COURSE_THERE = "EXISTS (SELECT 1 FROM class_session AS held WHERE held.course = course.id AND {})"

_COURSES = f"""
SELECT {COURSE_COLUMNS}, course.reading, course.section, course.version,
    course.seats AS own_seats, section.name AS section_name
FROM course
JOIN section ON section.id = course.section
LEFT JOIN class_session AS next ON next.id = (
    SELECT id FROM class_session WHERE class_session.course = course.id
        AND called_off_at IS NULL AND ends_at > {{}} ORDER BY starts_at, id LIMIT 1)
WHERE {{}}
ORDER BY (course.published_at IS NULL AND course.called_off_at IS NULL) DESC,
    next.starts_at IS NULL, next.starts_at, course.id DESC
LIMIT {{}} OFFSET {{}}
"""  # noqa: S608

_SESSIONS_OF_DAYS = """
SELECT held.id, held.course, held.number, held.starts_at, held.ends_at, held.seats, held.taken,
    course.title, course.scope, course.seats AS course_seats, course.taken AS course_taken,
    venue.name AS venue_name
FROM class_session AS held
JOIN course ON course.id = held.course
JOIN venue ON venue.id = held.venue
WHERE held.held_on >= {} AND held.held_on <= {} AND held.called_off_at IS NULL
    AND course.published_at IS NOT NULL AND {}
ORDER BY held.starts_at, held.id
"""
