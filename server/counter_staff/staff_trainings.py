"""Trainings for counter staff (研修): dated, or by address or video any time in a period (H5)."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from server import clock, duration, notes
from server.audit import entries
from server.classes.tables import ClassSession, Course, CourseKind
from server.counter_staff.memberships import manages_all, may_manage
from server.counter_staff.tables import StaffCompletion, StaffTraining, StaffTrainingKind
from server.database import locked, writing
from server.refusals import Refused, Stale
from server.roles import Actor
from server.topics.procedures import is_address

Row = dict[str, Any]


@dataclass(frozen=True)
class TrainingFacts:
    """What a training is, for whom, and in which days it can be taken, both included.

    `course_id` belongs to a dated one, `address` to one that lies elsewhere on the city's network.
    """

    name: str
    kind: StaffTrainingKind
    offered_to: str
    first_on: date
    last_on: date
    description: str = ""
    course_id: int | None = None
    address: str = ""
    minutes: int = 0

    def columns(self) -> Row:
        """The columns that a training is saved with, by name."""
        return {"course" if k == "course_id" else k: v for k, v in vars(self).items()}


async def create(facts: TrainingFacts, *, by: Actor | None) -> Row:
    """Offer a training, and return it. Refused for facts that do not fit together.

    Whoever is neither of the overseeing section nor keeps the course is refused too, and a My
    Number in its words (H1).
    """
    async with writing():
        await locked("staff trainings")
        await check_may_manage(facts.course_id, by)
        await _check_facts(facts, None)
        row = StaffTraining(created_at=clock.now(), **facts.columns())
        [kept] = await StaffTraining.insert(row).returning(*StaffTraining.all_columns())
        await entries.record(
            "staff_training.created", "staff_training", kept["id"], by=by, now=facts.columns()
        )
        return kept


async def edit(training_id: int, facts: TrainingFacts, *, version: int, by: Actor) -> None:
    """Keep what has changed. Stale where somebody else has saved in between.

    Once somebody has completed it, its kind and its course stay, and its days still hold those
    on which it was completed.
    """
    async with writing():
        await locked("staff trainings")
        await locked(f"staff_training:{training_id}")
        row = await known(training_id)
        await check_may_manage(row["course"], by)
        await check_may_manage(facts.course_id, by)
        if row["version"] != version:
            raise Stale(row)
        await _check_facts(facts, training_id)
        await _check_completed(row, facts)
        now = {name: value for name, value in facts.columns().items() if row[name] != value}
        was = {name: row[name] for name in now}
        await StaffTraining.update(**facts.columns(), version=version + 1).where(
            StaffTraining.id == training_id
        )
        await entries.record(
            "staff_training.changed", "staff_training", training_id, by=by, was=was, now=now
        )


async def retire(training_id: int, *, by: Actor) -> None:
    """Offer it no more; what was completed stays counted. Done twice, it does nothing."""
    await _set_retired(training_id, retired=True, by=by)


async def bring_back(training_id: int, *, by: Actor) -> None:
    """Offer it again. Done twice, it does nothing; refused where another has taken its place."""
    await _set_retired(training_id, retired=False, by=by)


async def get(training_id: int) -> Row | None:
    """A training with `course_title` and `section_id` of a dated one, retired or not."""
    row: Row | None = await _select().where(StaffTraining.id == training_id).first()
    return row


async def known(training_id: int) -> Row:
    """As `get`; Refused where there is none."""
    row = await get(training_id)
    if row is None:
        raise Refused("There is no such training.")
    return row


async def listed(*, retired: bool = False) -> list[Row]:
    """The trainings as `get` gives them, the latest first; retired ones too where asked for."""
    query = _select().order_by(StaffTraining.last_on, StaffTraining.id, ascending=False)
    rows: list[Row] = await (query if retired else query.where(StaffTraining.retired_at.is_null()))
    return rows


async def days(training: Row) -> list[date]:
    """The days on which a dated training met so far; what was called off is none of them."""
    rows = await (
        ClassSession.select(ClassSession.held_on)
        .where(ClassSession.course == training["course"])
        .where(ClassSession.called_off_at.is_null())
        .where(ClassSession.held_on <= clock.today())
        .order_by(ClassSession.held_on)
    )
    return list(dict.fromkeys(row["held_on"] for row in rows))


async def courses() -> list[Row]:
    """The courses that a dated training may stand on, the newest first."""
    rows: list[Row] = await (
        Course.select(Course.id, Course.title, Course.section)
        .where(Course.kind == CourseKind.staff_training)
        .order_by(Course.id, ascending=False)
    )
    return rows


def is_offered(training: Row, on: date) -> bool:
    """Can it be taken on that day?"""
    return bool(
        training["retired_at"] is None and training["first_on"] <= on <= training["last_on"]
    )


def years(training: Row) -> range:
    """The fiscal years in which it can be taken: it is completed once in each (H5)."""
    first, last = clock.fiscal_year(training["first_on"]), clock.fiscal_year(training["last_on"])
    return range(first, last + 1)


def year_on(training: Row, on: date) -> int:
    """The fiscal year of a day, or the nearest in which the training can be taken."""
    known = years(training)
    return min(max(clock.fiscal_year(on), known[0]), known[-1])


async def may_edit(course_id: int | None, by: Actor | None) -> bool:
    """May this account change a training: the overseeing section, or that of its course (C4)?"""
    if manages_all(by):
        return True
    course = await Course.select(Course.section).where(Course.id == course_id).first()
    return course is not None and may_manage(course["section"], by)


async def check_may_manage(course_id: int | None, by: Actor | None) -> None:
    """Refused for whoever may not change a training that stands on that course, or on none."""
    if not await may_edit(course_id, by):
        raise Refused(
            "Trainings are kept by the overseeing section, dated ones by that of their course too."
        )


def _select() -> Any:
    return StaffTraining.select(
        *StaffTraining.all_columns(),
        StaffTraining.course.title.as_alias("course_title"),
        StaffTraining.course.section.as_alias("section_id"),
    )


async def _check_facts(facts: TrainingFacts, training_id: int | None) -> None:
    _check_words(facts)
    if facts.last_on < facts.first_on:
        raise Refused("It cannot end before it begins.")
    duration.check(facts.minutes)
    if facts.kind == StaffTrainingKind.address and not is_address(facts.address):
        raise Refused("Please write the whole address, beginning with https or http.")
    if facts.kind != StaffTrainingKind.address and facts.address:
        raise Refused("Only a training at an address has one.")
    if (facts.kind == StaffTrainingKind.dated) != (facts.course_id is not None):
        raise Refused("A dated training stands on a course, and only such a one.")
    if facts.course_id is not None:
        await _check_course(facts.course_id, training_id)
    await _check_not_there(facts.columns(), training_id)


def _check_words(facts: TrainingFacts) -> None:
    for words in (facts.name, facts.offered_to, facts.description):
        notes.check(words)
    if not facts.offered_to:
        raise Refused("Please write for whom this training is.")


async def _check_not_there(training: Row, training_id: int | None) -> None:
    """A button pressed twice is no second training, which would count a second time (S5)."""
    rows = await StaffTraining.select(StaffTraining.id).where(
        (StaffTraining.name == training["name"])
        & (StaffTraining.first_on == training["first_on"])
        & (StaffTraining.last_on == training["last_on"])
        & StaffTraining.retired_at.is_null()
    )
    if any(row["id"] != training_id for row in rows):
        raise Refused("There is a training of this name in these days already.")


async def _check_course(course_id: int, training_id: int | None) -> None:
    course = await Course.select(Course.kind).where(Course.id == course_id).first()
    if course is None or course["kind"] != CourseKind.staff_training:
        raise Refused("Please choose a course that is a training for staff.")
    other = (
        await StaffTraining.select(StaffTraining.id)
        .where(StaffTraining.course == course_id)
        .first()
    )
    if other is not None and other["id"] != training_id:
        raise Refused("There is a training for this course already.")


async def _check_completed(row: Row, facts: TrainingFacts) -> None:
    rows = await (
        StaffCompletion.select(StaffCompletion.completed_on)
        .where(StaffCompletion.training == row["id"])
        .where(StaffCompletion.voided_at.is_null())
    )
    if not rows:
        return
    if facts.kind != row["kind"] or facts.course_id != row["course"]:
        raise Refused("Somebody has completed it already, so its kind and its course stay.")
    if any(not facts.first_on <= each["completed_on"] <= facts.last_on for each in rows):
        raise Refused("Somebody has completed it on a day outside of these.")


async def _set_retired(training_id: int, *, retired: bool, by: Actor) -> None:
    async with writing():
        await locked("staff trainings")
        row = await known(training_id)
        await check_may_manage(row["course"], by)
        if retired == (row["retired_at"] is not None):
            return
        if not retired:
            await _check_not_there(row, training_id)
        await StaffTraining.update(
            {
                StaffTraining.retired_at: clock.now() if retired else None,
                StaffTraining.version: row["version"] + 1,
            }
        ).where(StaffTraining.id == training_id)
        action = "staff_training.retired" if retired else "staff_training.brought_back"
        await entries.record(action, "staff_training", training_id, by=by)
