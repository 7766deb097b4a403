"""The programmes and trainees that the tests of training know by name."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from server.people.tables import Person
from server.training import enrolments
from server.training.tables import Programme, Requirement, RequirementKind, Unit
from tests.classes.staff_cast import ICT
from tests.factories import make_person, make_programme, make_requirement

AUTUMN = date(2026, 10, 1)


@dataclass(frozen=True)
class Basics:
    """養成講座の基礎編: one lecture, one video, three hours of practice."""

    programme: Programme
    lecture: Requirement
    video: Requirement
    practice: Requirement

    @property
    def id(self) -> int:
        """The edition."""
        return int(self.programme.id)


async def basics(**facts: Any) -> Basics:
    """The first edition, published; `facts` are of the programme."""
    programme = await make_programme(**{"code": "basics", "name": "基礎編", **facts})
    lecture = await make_requirement(
        programme=programme.id, code="lecture", name="第1講", position=1
    )
    video = await make_requirement(
        programme=programme.id, code="video", kind=RequirementKind.video, position=2
    )
    practice = await make_requirement(
        programme=programme.id,
        code="practice",
        kind=RequirementKind.practice,
        unit=Unit.hours,
        needed=3,
        position=3,
    )
    return Basics(programme, lecture, video, practice)


async def trainee(programme: Basics, **facts: Any) -> Person:
    """山田花子, in the programme since autumn."""
    person = await make_person(**facts)
    await enrolments.enrol(person.id, programme.id, AUTUMN, by=ICT)
    return person
