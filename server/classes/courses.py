"""Courses: made, changed, published and called off by the section that owns them (C3, C4)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from server import clock, text
from server.audit import entries
from server.classes import drafts, scheduling, telling, topics
from server.classes.editing import (
    check_may_edit,
    check_not_called_off,
    check_overruled,
    check_publishable,
    check_published,
    check_scope_kept,
    check_seats_kept,
    check_version,
    check_window,
    current,
    locked_course,
    sessions_to_come,
    standing_sessions,
)
from server.classes.tables import PUBLIC_KINDS, BookingScope, ClassSession, Course, CourseKind
from server.classes.telling import Effect
from server.database import writing
from server.refusals import Refused
from server.roles import Actor

Row = dict[str, Any]

SHOWN_IN_CALENDARS = ("title", "description", "kind", "audience", "bring")


@dataclass(frozen=True)
class CourseFacts:
    """What a coordinator has typed about a course; `fee` in yen.

    `seats` are those of the whole course; where one session is picked, what each begins with.
    """

    kind: CourseKind
    title: str
    reading: str
    section_id: int
    scope: BookingScope
    seats: int
    opens_at: datetime
    closes_at: datetime
    description: str = ""
    audience: str = ""
    bring: str = ""
    fee: int = 0
    topics: tuple[int, ...] = ()

    def columns(self) -> Row:
        """The columns that a course is saved with, by name."""
        words = f"{self.title} {self.reading} {self.description}"
        return {
            "kind": self.kind,
            "title": self.title,
            "reading": self.reading,
            "description": self.description,
            "audience": self.audience,
            "bring": self.bring,
            "fee": self.fee,
            "section": self.section_id,
            "scope": self.scope,
            "seats": self.seats,
            "opens_at": self.opens_at,
            "closes_at": self.closes_at,
            "search_text": text.search_text(words),
        }


async def create(facts: CourseFacts, *, by: Actor) -> Row:
    """Make a draft, which only staff see, and return it. Refused for another's section (C4)."""
    async with writing():
        check_may_edit(by, facts.section_id)
        check_window(facts.opens_at, facts.closes_at)
        now = clock.now()
        course = Course(
            **facts.columns(), listed=facts.kind in PUBLIC_KINDS, created_at=now, changed_at=now
        )
        rows = await Course.insert(course).returning(*Course.all_columns())
        await topics.set_topics(rows[0]["id"], facts.topics)
        said = _without_index(facts.columns()) | {"topics": sorted(set(facts.topics))}
        await entries.record("course.created", "course", rows[0]["id"], by=by, **said)
        return rows[0]


async def update(
    course_id: int, facts: CourseFacts, overruled: str = "", *, version: int, by: Actor
) -> Row:
    """Save what was changed, and return the course as it stands.

    Stale when somebody else has saved since `version` was read. Refused for another section's
    course, for one that is called off, and for fewer seats than people who have one (B4).
    Unheeded where a published course would get a new warning (C1) and `overruled`, the reason
    to do it all the same, is empty. What it is called reaches the calendars of its sessions.
    """
    async with writing():
        course = await locked_course(course_id)
        check_may_edit(by, course["section"], facts.section_id)
        check_version(course, version)
        check_not_called_off(course)
        check_window(facts.opens_at, facts.closes_at)
        await check_scope_kept(course, facts.scope)
        check_seats_kept(course, facts.seats)
        changed = {n: value for n, value in facts.columns().items() if course[n] != value}
        taught, wanted = await topics.ids(course_id), tuple(sorted(set(facts.topics)))
        if taught != wanted:
            await topics.set_topics(course_id, wanted, taught)
            course, changed = course | {"topics": taught}, changed | {"topics": wanted}
        if changed:
            if course["published_at"] is not None:
                check_overruled(await _new_warnings(course, changed), overruled)
            await _save(course, changed, facts, by, overruled)
        return await current(course_id)


async def publish(course_id: int, overruled: str = "", *, version: int, by: Actor) -> Row:
    """Show the course to the public. Done twice, it does nothing the second time.

    Stale as `update`; Refused while there is nothing that people could come to; Unheeded where
    there are warnings (C1) and `overruled`, the reason to publish all the same, is empty.
    """
    async with writing():
        course = await locked_course(course_id)
        check_may_edit(by, course["section"])
        if course["published_at"] is not None:
            return course
        check_version(course, version)
        await check_publishable(course)
        against = scheduling.to_overrule(await warnings(course))
        check_overruled(against, overruled)
        await drafts.clear(course)
        now = clock.now()
        await _set(course_id, {"published_at": now, "changed_at": now})
        await ClassSession.update({ClassSession.changed_at: now}).where(
            ClassSession.course == course_id
        )
        why = {"overruled": overruled, "warnings": _plainly(against)} if against else {}
        await entries.record("course.published", "course", course_id, by=by, **why)
        return await current(course_id)


async def call_off(course_id: int, reason: str, *, version: int, by: Actor) -> Effect:
    """Call off the course with all its sessions to come, tell everybody, say how many (B10).

    The row stays (C3). Done twice, it does nothing the second time. Stale as `update`; Refused
    for a draft, which is discarded.
    """
    async with writing():
        course = await locked_course(course_id)
        check_may_edit(by, course["section"])
        if course["called_off_at"] is not None:
            return Effect()
        check_published(course)
        check_version(course, version)
        sessions = await sessions_to_come(course_id)
        now = clock.now()
        await _set(course_id, {"called_off_at": now, "changed_at": now})
        effect = await telling.call_off(course, sessions, "course.called_off", reason, by=by)
        await entries.record(
            "course.called_off", "course", course_id, by=by, reason=reason, bookings=effect.bookings
        )
        return effect


async def affected(course_id: int) -> Effect:
    """What calling off the course would do."""
    course = await current(course_id)
    return await telling.effect(course, await sessions_to_come(course_id), calls_off=True)


async def warnings(course: Row) -> list[Refused]:
    """What to know before residents see the course so (C1)."""
    return await scheduling.warnings(course, await standing_sessions(course["id"]))


async def _new_warnings(course: Row, changed: Row) -> list[Refused]:
    known = [str(each) for each in await warnings(course)]
    found = scheduling.to_overrule(await warnings(course | changed))
    return [each for each in found if str(each) not in known]


def _plainly(found: list[Refused]) -> list[Row]:
    return [{"warning": each.msgid, **each.values} for each in found]


async def _save(
    course: Row, changed: Row, facts: CourseFacts, by: Actor, overruled: str = ""
) -> None:
    now = clock.now()
    taught = {"topics": changed.pop("topics")} if "topics" in changed else {}
    changed |= {"listed": facts.kind in PUBLIC_KINDS} if "kind" in changed else {}
    await _set(course["id"], changed | {"changed_at": now})
    if "scope" in changed:
        seats = facts.seats if facts.scope == BookingScope.session else 0
        await ClassSession.update({ClassSession.seats: seats}).where(
            ClassSession.course == course["id"]
        )
    if course["published_at"] is not None and changed.keys() & set(SHOWN_IN_CALENDARS):
        await ClassSession.update(
            {ClassSession.changed_at: now, ClassSession.sequence: ClassSession.sequence + 1}
        ).where(ClassSession.course == course["id"])
    await entries.record(
        "course.updated",
        "course",
        course["id"],
        by=by,
        was=_without_index({name: course[name] for name in (*changed, *taught)}),
        now=_without_index(changed | taught),
        **({"overruled": overruled} if overruled else {}),
    )


async def _set(course_id: int, values: Row) -> None:
    counted: dict[Any, Any] = {**values, Course.version: Course.version + 1}
    await Course.update(counted).where(Course.id == course_id)


def _without_index(values: Row) -> Row:
    return {name: value for name, value in values.items() if name != "search_text"}
