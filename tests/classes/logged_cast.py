"""A session that took place, with those who came and those who helped, for the tests of reports."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from server import clock
from server.accounts.tables import Account
from server.classes import bookings
from server.classes.bookings import Applicant
from server.classes.reports import ReportFacts
from server.classes.tables import (
    Assignment,
    ClassSession,
    Course,
    HelpRole,
    Outcome,
)
from server.database import writing
from server.roles import Role
from server.supporters.tables import Lecturer, Supporter
from server.training import enrolments
from server.training.tables import Programme, Requirement, TrainingRecord
from tests.classes.staff_cast import ICT, Staff
from tests.factories import make_account, make_class_session, make_course, make_person

HANAKO = Applicant(
    name="山田花子", reading="やまだはなこ", phone="059-354-0000", needs=("wheelchair",)
)
TARO = Applicant(name="山田太郎", reading="やまだたろう", phone="059-354-0000")
YUKI = Applicant(name="鈴木ゆき", reading="すずきゆき", phone="059-354-0003")


@dataclass(frozen=True)
class Helper:
    """A supporter at a session, as whom somebody can act."""

    supporter: Supporter
    assignment: Assignment
    account: Account
    actor: Staff

    @property
    def id(self) -> int:
        """Of the assignment."""
        return int(self.assignment.id)

    @property
    def person(self) -> int:
        """Who it is."""
        return int(self.supporter.person)


def held(head_count: int = 0, came: Any = (), incidents: str = "") -> ReportFacts:
    """A report of a session that took place."""
    ids = frozenset(each.id for each in came)
    return ReportFacts(Outcome.held, head_count, incidents, ids)


CALLED_OFF = ReportFacts(Outcome.called_off)


async def open_course(**facts: Any) -> Course:
    """A published course that has taken applications for a month."""
    a_month_ago = clock.now() - timedelta(days=30)
    return await make_course(**{"opens_at": a_month_ago, "published_at": a_month_ago, **facts})


async def session_at(
    starts_at: datetime, minutes: int = 90, *, course: Course | None = None, **facts: Any
) -> ClassSession:
    """A session of a published course, at any time, gone by or to come."""
    course = course or await open_course(opens_at=starts_at - timedelta(days=30))
    return await make_class_session(course=course.id, starts_at=starts_at, minutes=minutes, **facts)


async def yesterday_session(**facts: Any) -> ClassSession:
    """A session of an hour and a half that ended a day ago."""
    return await session_at(clock.now() - timedelta(days=1), **facts)


async def books(who: Applicant, session: ClassSession) -> int:
    """Somebody books the class in time; the id of the booking."""
    with clock.freeze(session.starts_at - timedelta(days=3)):
        row = await bookings.book(
            who, int(session.course), submission=f"{who.name}-{session.course}"
        )
    return int(row["id"])


async def helps(
    session: ClassSession, role: HelpRole = HelpRole.lead, name: str = "佐藤みどり", **facts: Any
) -> Helper:
    """A supporter of that name, with an account, helps at the session."""
    person = await make_person(name=name, reading=name, phone="")
    account = await make_account(Role.supporter, person=person.id, name=name)
    async with writing():
        supporter = Supporter(person=person.id, created_at=clock.now(), may_lead=True)
        await supporter.save()
    assignment = await assigned(session, role, supporter=supporter.id, **facts)
    actor = Staff(id=account.id, roles=frozenset({Role.supporter}))
    return Helper(supporter, assignment, account, actor)


async def lecturer_at(session: ClassSession) -> Assignment:
    """Somebody from outside leads."""
    async with writing():
        lecturer = Lecturer(name="講師の田中", reading="たなか")
        await lecturer.save()
    return await assigned(session, HelpRole.lead, lecturer=lecturer.id)


async def assigned(session: ClassSession, role: HelpRole, **whom: Any) -> Assignment:
    """Put somebody at a session."""
    assignment = Assignment(session=session.id, role=role, recorded_at=clock.now(), **whom)
    async with writing():
        await assignment.save()
    return assignment


async def in_training(person: int) -> list[Requirement]:
    """Put a person into a programme of one lecture and two practices; its requirements."""
    found = []
    async with writing():
        programme = Programme(
            code="basic", name="養成講座", published_at=clock.now(), created_at=clock.now()
        )
        await programme.save()
        for position, (kind, needed) in enumerate([("lecture", 1), ("practice", 2)]):
            requirement = Requirement(
                programme=programme.id,
                code=kind,
                name=kind,
                kind=kind,
                needed=needed,
                position=position,
            )
            await requirement.save()
            found.append(requirement)
    await enrolments.enrol(person, programme.id, clock.today() - timedelta(days=30), by=ICT)
    return found


async def live_records(person: int) -> list[dict[str, Any]]:
    """What a person has done, as it stands."""
    return await (
        TrainingRecord.select()
        .where((TrainingRecord.person == person) & TrainingRecord.voided_at.is_null())
        .order_by(TrainingRecord.id)
    )
