"""How supporters who do not exist were trained: a programme, its course, certificates (P7, S2)."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from server import clock
from server.classes.tables import (
    Attendance,
    BookingState,
    ClassSession,
    Outcome,
    Presence,
    SessionReport,
)
from server.demo.applications import Desk
from server.demo.city import add_all, facts
from server.demo.timetable import Plan
from server.demo.volunteers import Volunteer
from server.supporters.tables import Lecturer, Scheme, Stage
from server.training.tables import (
    Certificate,
    Enrolment,
    Programme,
    Requirement,
    Source,
    TrainingRecord,
)

FROM_PAPER = "紙の出席簿から"
ISSUER = "四日市市長（見本）"
HOURS_AFTER = timedelta(hours=3)
# What was done so many days before the completion.
TRAINED_BEFORE = (
    ("lecture", 60),
    ("lecture", 53),
    ("lecture", 46),
    ("video", 40),
    ("practice", 25),
    ("practice", 4),
)


@dataclass
class Crew:
    """Everybody who helps, or learns to."""

    volunteers: list[Volunteer]
    trainees: list[Volunteer]
    lecturers: list[Lecturer]
    programme: Programme
    requirements: dict[str, Requirement]

    @property
    def helping(self) -> list[Volunteer]:
        """Who takes part in classes now."""
        return [each for each in self.volunteers if each.now in (Stage.active, Stage.registered)]


async def train(everybody: list[Volunteer], today: date) -> Crew:
    """Write the programme, and how each of those trained here came to the certificate."""
    known = facts("volunteers")
    began_at = clock.at(date(clock.fiscal_year(today) - 1, 4, 1), time(9))
    programme = Programme(published_at=began_at, created_at=began_at, **known["programme"])
    await add_all([programme])
    requirements = [
        Requirement(programme=programme.id, position=position, **one)
        for position, one in enumerate(known["requirements"], 1)
    ]
    await add_all(requirements)
    lecturers = [Lecturer(**one) for one in known["lecturers"]]
    await add_all(lecturers)
    await add_all([Scheme(issuer=ISSUER)])
    crew = Crew(
        [each for each in everybody if each.has(Stage.completed)],
        [each for each in everybody if not each.has(Stage.completed)],
        lecturers,
        programme,
        {str(each.code): each for each in requirements},
    )
    await _enrol(crew)
    await _certify(crew)
    return crew


def apply(desk: Desk, crew: Crew, plan: Plan) -> None:
    """The trainees book the course, before it is written."""
    for each in crew.trainees:
        desk.book(plan, None, each.resident, BookingState.confirmed)
    plan.course.taken = len(crew.trainees)
    plan.course.seats = max(int(plan.course.seats), len(crew.trainees))


def teach(crew: Crew, plan: Plan) -> None:
    """Each session of the course is a lecture of the programme."""
    for session in plan.sessions:
        session.requirement = crew.requirements["lecture"].id


async def attend(crew: Crew, plan: Plan, by: int) -> None:
    """Who was at the lectures of the past course: two missed one, and nobody forgot the video."""
    bookings = {one.resident: one.booking for one in plan.applications}
    for number, session in enumerate(plan.sessions):
        at = session.ends_at + HOURS_AFTER
        missing = crew.trainees[-2:] if number == 2 else []
        rows = [
            Attendance(
                booking=bookings[each.resident].id,
                session=session.id,
                presence=Presence.absent if each in missing else Presence.present,
                effective_on=session.held_on,
                recorded_at=at,
                recorded_by=by,
            )
            for each in crew.trainees
        ]
        await add_all(rows)
        there = [
            (each, row)
            for each, row in zip(crew.trainees, rows, strict=True)
            if each not in missing
        ]
        await add_all([_attended(crew, each, session, row, by) for each, row in there])
        report = SessionReport(
            session=session.id,
            outcome=Outcome.held,
            head_count=len(there),
            effective_on=session.held_on,
            recorded_at=at,
            recorded_by=by,
        )
        await add_all([report])
    seen_on = plan.sessions[-1].held_on + timedelta(days=2)
    videos = [_record(crew, each, "video", seen_on) for each in crew.trainees[:-3]]
    await add_all(videos)


def _attended(
    crew: Crew, each: Volunteer, session: ClassSession, row: Attendance, by: int
) -> TrainingRecord:
    return TrainingRecord(
        person=each.person.id,
        requirement=crew.requirements["lecture"].id,
        done_on=session.held_on,
        minutes=round((session.ends_at - session.starts_at).total_seconds() / 60),
        source=Source.attendance,
        source_id=row.id,
        recorded_at=row.recorded_at,
        recorded_by=by,
    )


async def _enrol(crew: Crew) -> None:
    here = [each for each in crew.volunteers if not each.migrated]
    enrolments = [
        Enrolment(
            person=each.person.id,
            programme=crew.programme.id,
            enrolled_on=each.since(Stage.in_training),
            recorded_at=_at(each.since(Stage.in_training)),
        )
        for each in [*here, *crew.trainees]
    ]
    await add_all(enrolments)


async def _certify(crew: Crew) -> None:
    """Records from paper and certificates of those trained here, numbered by fiscal year."""
    here = [each for each in crew.volunteers if not each.migrated]
    await add_all([row for each in here for row in _records(crew, each)])
    numbers: Counter[int] = Counter()
    certificates = []
    for each in sorted(here, key=lambda one: one.since(Stage.completed)):
        on = each.since(Stage.completed)
        year = clock.fiscal_year(on)
        numbers[year] += 1
        certificates.append(
            Certificate(
                number=f"R{year - 2018}-{numbers[year]:04d}",
                person=each.person.id,
                programme=crew.programme.id,
                completed_on=on,
                recorded_at=_at(on),
            )
        )
    await add_all(certificates)


def _records(crew: Crew, each: Volunteer) -> Iterator[TrainingRecord]:
    completed = each.since(Stage.completed)
    for code, days in TRAINED_BEFORE:
        yield _record(crew, each, code, completed - timedelta(days=days))


def _record(crew: Crew, each: Volunteer, code: str, on: date) -> TrainingRecord:
    return TrainingRecord(
        person=each.person.id,
        requirement=crew.requirements[code].id,
        done_on=on,
        minutes=20 if code == "video" else 90,
        source=Source.coordinator,
        reason=FROM_PAPER,
        recorded_at=_at(on),
    )


def _at(day: date) -> datetime:
    return clock.at(day, time(16))
