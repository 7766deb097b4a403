"""Supporters at their own pages: みどり, who leads, and 一郎, who is in training."""

from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple

from server import clock
from server.classes.tables import Assignment, ClassSession, Course, CourseKind, HelpRole
from server.people.tables import Person
from server.supporters.tables import Stage, Supporter
from server.training.tables import Programme, Requirement, RequirementKind
from tests.factories import (
    make_class_session,
    make_course,
    make_enrolment,
    make_person,
    make_programme,
    make_requirement,
    make_supporter,
)


class Helper(NamedTuple):
    """A supporter and who she is."""

    supporter: Supporter
    person: Person


class Training(NamedTuple):
    """A programme of one lecture and two times of practice."""

    programme: Programme
    lecture: Requirement
    practice: Requirement


async def midori(**facts: Any) -> Helper:
    """佐藤みどり, active since April; she may lead, her papers hold."""
    person = await make_person("090-0000-0042", name="佐藤みどり", reading="さとうみどり")
    told = {"may_lead": True, "phone": "090-0000-0042", **facts}
    return Helper(await make_supporter(person=person.id, **told), person)


async def ichiro(**facts: Any) -> Helper:
    """田中一郎, in training since September; his papers hold."""
    person = await make_person("090-0000-0043", name="田中一郎", reading="たなかいちろう")
    steps = ((Stage.applied, date(2026, 9, 1)), (Stage.in_training, date(2026, 9, 10)))
    told = {"phone": "090-0000-0043", **facts}
    return Helper(await make_supporter(*steps, person=person.id, **told), person)


async def training(*trainees: Helper) -> Training:
    """The programme, with these people in it."""
    programme = await make_programme(name="サポーター養成講座")
    lecture = await make_requirement(programme=programme.id, name="サポーターの役割", position=1)
    practice = await make_requirement(
        programme=programme.id,
        name="教室での実習",
        kind=RequirementKind.practice,
        needed=2,
        position=2,
    )
    for trainee in trainees:
        await make_enrolment(person=trainee.person.id, programme=programme.id)
    return Training(programme, lecture, practice)


async def lecture_on(
    requirement: Requirement, day: date, **facts: Any
) -> tuple[Course, ClassSession]:
    """A training that residents do not see, with one date that teaches the requirement."""
    named = {"kind": CourseKind.supporter_training, "listed": False, "title": "養成講座 第1回"}
    course = await make_course(**{**named, **facts})
    session = await make_class_session(
        course=course.id, starts_at=at(day, 10), requirement=requirement.id
    )
    return course, session


async def class_on(day: date, hour: int = 14, **facts: Any) -> ClassSession:
    """A class for residents that needs a lead, two assistants and a trainee."""
    if "course" not in facts:
        closes = max(at(day, hour), clock.now()) + timedelta(days=1)
        facts["course"] = (await make_course(closes_at=closes)).id
    needed = {"leads_needed": 1, "assistants_needed": 2, "trainee_places": 1}
    return await make_class_session(starts_at=at(day, hour), **{**needed, **facts})


async def helps(helper: Helper, session: ClassSession, role: HelpRole, **facts: Any) -> Assignment:
    """She is down to help there."""
    assignment = Assignment(
        session=session.id,
        supporter=helper.supporter.id,
        role=role,
        recorded_at=clock.now(),
        **facts,
    )
    await assignment.save()
    return assignment


def at(day: date, hour: int) -> datetime:
    """That hour on the city's clock."""
    return clock.at(day, time(hour))
