"""The staff that the tests of courses and sessions know by name."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from server import clock
from server.classes import bookings
from server.classes.bookings import Applicant
from server.classes.courses import CourseFacts
from server.classes.sessions import SessionFacts
from server.classes.tables import BookingScope, ClassSession, Course, CourseKind
from server.places.tables import Room
from server.roles import Role
from tests import factories

HANAKO = Applicant(name="山田花子", reading="やまだはなこ", phone="059-354-0000")
TARO = Applicant(name="山田太郎", reading="やまだたろう", phone="059-354-0000")
YUKI = Applicant(name="鈴木ゆき", reading="すずきゆき", email="yuki@example.jp")


@dataclass(frozen=True)
class Staff:
    """Somebody who acts."""

    id: int = 1
    roles: frozenset[Role] = frozenset({Role.coordinator})
    section_id: int | None = None
    sees_all_sections: bool = False
    venue_ids: frozenset[int] = field(default=frozenset())


ICT = Staff(sees_all_sections=True)


def in_days(days: float) -> datetime:
    """So many days from now, to the hour of now."""
    return clock.now() + timedelta(days=days)


async def course_facts(**facts: Any) -> CourseFacts:
    """A course as typed, of a section of its own where none is given."""
    if "section_id" not in facts:
        facts["section_id"] = (await factories.make_section()).id
    return CourseFacts(
        **{
            "kind": CourseKind.smartphone,
            "title": "はじめてのスマートフォン",
            "reading": "はじめてのすまーとふぉん",
            "scope": BookingScope.course,
            "seats": 20,
            "opens_at": in_days(-1),
            "closes_at": in_days(20),
            **facts,
        }
    )


def facts_of(course: Course | dict[str, Any], **changed: Any) -> CourseFacts:
    """What a form would hold for a course that exists, with what is typed over it."""
    row = course.to_dict() if isinstance(course, Course) else course
    names = ("kind", "title", "reading", "scope", "seats", "opens_at", "closes_at")
    texts = ("description", "audience", "bring", "fee")
    kept = {name: row[name] for name in names + texts}
    return CourseFacts(**{**kept, "section_id": row["section"], **changed})


def session_facts(room: Room, starts_at: datetime, minutes: int = 90, seats: int = 0) -> Any:
    """A session as typed."""
    ends_at = starts_at + timedelta(minutes=minutes)
    return SessionFacts(starts_at, ends_at, room.venue, room.id, seats)


async def course_with_sessions(
    count: int = 2, *, scope: BookingScope = BookingScope.course, seats: int = 20, **facts: Any
) -> tuple[Course, list[ClassSession]]:
    """A published course with a session a week from now, and each week after.

    Applications close when the first one begins.
    """
    whole = scope == BookingScope.course
    facts = {"closes_at": in_days(7), **facts}
    course = await factories.make_course(scope=scope, seats=seats if whole else 0, **facts)
    sessions = [
        await factories.make_class_session(
            course=course.id,
            number=number,
            starts_at=in_days(7 * number),
            seats=0 if whole else seats,
        )
        for number in range(1, count + 1)
    ]
    return course, sessions


async def book(who: Applicant, course: Course, session: ClassSession | None = None) -> Any:
    """A resident books."""
    return await bookings.book(
        who, course.id, session.id if session else None, submission=f"{who.name}-{course.id}"
    )


async def again(row: Any) -> dict[str, Any]:
    """The row as it stands now."""
    table = type(row)
    [found] = await table.select().where(table.id == row.id)
    return dict(found)
