"""What was done of a requirement (S2): a mistaken record is voided, never changed (T5)."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from server import clock, duration
from server.audit import entries
from server.database import writing
from server.people import merging
from server.refusals import N_, Refused
from server.roles import Actor
from server.training import progress
from server.training.tables import Requirement, RequirementKind, Source, TrainingRecord, Unit

Row = dict[str, Any]

CORRECTED = "corrected"
SAME_DAY = N_("There is a record of the same day already.")


class SameDay(Refused):
    """The requirement has a record of that day; who says so may enter another one."""


async def of_attendance(
    person_id: int,
    requirement_id: int,
    done_on: date,
    minutes: int,
    attendance_id: int,
    *,
    by: Actor | None,
) -> Row:
    """The record of somebody who was present at a session of a training course.

    Once per attendance: told again with the same facts it stays, with others it is voided and
    made anew. `done_on` is the municipal date of the session.
    """
    async with writing():
        await merging.hold(person_id)
        before = await _live_of(Source.attendance, attendance_id)
        return await _from_source(
            before,
            {
                "person": person_id,
                "requirement": requirement_id,
                "done_on": done_on,
                "minutes": minutes,
                "source": Source.attendance,
                "source_id": attendance_id,
            },
            by,
        )


async def of_assignment(
    person_id: int, done_on: date, minutes: int, assignment_id: int, *, by: Actor | None
) -> Row | None:
    """The record of a trainee beside a lead, at a session that took place.

    It counts for the first practice of her programme that is not yet filled, else for the last
    one; None where she is in no programme, or it asks for no practice. Once per assignment, as
    `of_attendance`.
    """
    async with writing():
        await merging.hold(person_id)
        before = await _live_of(Source.assignment, assignment_id)
        requirement_id = before[0]["requirement"] if before else await _practice_to_fill(person_id)
        if requirement_id is None:
            return None
        return await _from_source(
            before,
            {
                "person": person_id,
                "requirement": requirement_id,
                "done_on": done_on,
                "minutes": minutes,
                "source": Source.assignment,
                "source_id": assignment_id,
            },
            by,
        )


async def add(
    person_id: int,
    requirement_id: int,
    done_on: date,
    minutes: int,
    reason: str,
    *,
    submission: str | None = None,
    same_day: bool = False,
    by: Actor,
) -> Row:
    """A record entered by a coordinator, who says why.

    `submission` names one press of the button: pressed again, it answers with the first result.
    Refused for a day to come, without a reason, for a draft's requirement, for more minutes than
    a day has, and for none where hours are counted. SameDay where the requirement has a record
    of that day already, unless `same_day` says that it was done twice.
    """
    async with writing():
        await merging.hold(person_id)
        first = await _submitted_before(person_id, submission)
        if first is not None:
            return first
        requirement = await _requirement(requirement_id)
        if not same_day and await _was_done(person_id, requirement_id, done_on):
            raise SameDay(SAME_DAY)
        if done_on > clock.today():
            raise Refused("Please give a day up to today.")
        if not reason:
            raise Refused("Please write why you enter this by hand.")
        _check_minutes(minutes, requirement)
        return await _insert(
            {
                "person": person_id,
                "requirement": requirement_id,
                "done_on": done_on,
                "minutes": minutes,
                "source": Source.coordinator,
                "source_id": None,
                "reason": reason,
            },
            by,
            submission,
        )


async def void(record_id: int, reason: str, *, by: Actor) -> Row:
    """Take back a mistaken record, and return it; it stays to be seen (T5).

    Refused without a reason, and for one that was voided already.
    """
    async with writing():
        found = await TrainingRecord.select().where(TrainingRecord.id == record_id).first()
        if found is None:
            raise Refused("There is no such record.")
        await merging.hold(found["person"])
        if not reason:
            raise Refused("Please write why this was a mistake.")
        if not await _void([record_id], reason, by):
            raise Refused("This record has been taken back already.")
        return (await TrainingRecord.select().where(TrainingRecord.id == record_id))[0]


async def voided(person_ids: Sequence[int]) -> list[Row]:
    """Records of these people that were taken back by hand, with the requirement's `name`."""
    return await (
        TrainingRecord.select(
            *TrainingRecord.all_columns(), TrainingRecord.requirement.name.as_alias("name")
        )
        .where(TrainingRecord.person.is_in(list(person_ids)))
        .where(TrainingRecord.voided_at.is_not_null() & (TrainingRecord.void_reason != CORRECTED))
        .order_by(TrainingRecord.done_on, TrainingRecord.id)
    )


async def void_source(source: Source, source_id: int, reason: str, *, by: Actor | None) -> None:
    """Take back what arose from an attendance or an assignment; nothing where nothing did."""
    async with writing():
        for record in await _live_of(source, source_id):
            await merging.hold(record["person"])
            await _void([record["id"]], reason, by)


async def _live_of(source: Source, source_id: int) -> list[Row]:
    return await (
        TrainingRecord.select()
        .where((TrainingRecord.source == source) & (TrainingRecord.source_id == source_id))
        .where(TrainingRecord.voided_at.is_null())
        .order_by(TrainingRecord.id)
    )


async def _was_done(person_id: int, requirement_id: int, done_on: date) -> bool:
    selves = (await merging.selves([person_id]))[person_id]
    return await (
        TrainingRecord.exists()
        .where(TrainingRecord.person.is_in(list(selves)))
        .where((TrainingRecord.requirement == requirement_id) & (TrainingRecord.done_on == done_on))
        .where(TrainingRecord.voided_at.is_null())
    )


async def _submitted_before(person_id: int, submission: str | None) -> Row | None:
    if submission is None:
        return None
    pressed = TrainingRecord.submission == submission
    return (
        await TrainingRecord.select().where(pressed & (TrainingRecord.person == person_id)).first()
    )


async def _practice_to_fill(person_id: int) -> int | None:
    known = await progress.of(person_id)
    practice = [
        line
        for line in (known.lines if known else ())
        if line.requirement["kind"] == RequirementKind.practice
    ]
    if not practice:
        return None
    line = next((each for each in practice if not each.is_done), practice[-1])
    return int(line.requirement["id"])


async def _requirement(requirement_id: int) -> Row:
    rows = await Requirement.select(
        *Requirement.all_columns(), Requirement.programme.published_at.as_alias("published_at")
    ).where(Requirement.id == requirement_id)
    if not rows or rows[0]["published_at"] is None:
        raise Refused("This programme has not been published.")
    return rows[0]


def _check_minutes(minutes: int, requirement: Row) -> None:
    least = 1 if requirement["unit"] == Unit.hours else 0
    if not least <= minutes <= duration.MINUTES_OF_A_DAY:
        raise Refused(
            "Please give from {least} to {most} minutes.",
            least=least,
            most=duration.MINUTES_OF_A_DAY,
        )


async def _from_source(before: list[Row], facts: Row, by: Actor | None) -> Row:
    same = [row for row in before if all(row[name] == value for name, value in facts.items())]
    if same:
        return same[0]
    await _void([row["id"] for row in before], CORRECTED, by)
    return await _insert(facts, by)


async def _insert(facts: Row, by: Actor | None, submission: str | None = None) -> Row:
    marks: Row = {"recorded_at": clock.now(), "recorded_by": by.id if by else None}
    record = TrainingRecord(**facts, **marks, submission=submission)
    rows = await TrainingRecord.insert(record).returning(*TrainingRecord.all_columns())
    await entries.record("training_record.added", "training_record", rows[0]["id"], by=by, **facts)
    return rows[0]


async def _void(record_ids: list[int], reason: str, by: Actor | None) -> bool:
    """Void those of the records that still stand; was there one?"""
    voided = False
    for record_id in record_ids:
        rows = await (
            TrainingRecord.update(
                {
                    TrainingRecord.voided_at: clock.now(),
                    TrainingRecord.voided_by: by.id if by else None,
                    TrainingRecord.void_reason: reason,
                }
            )
            .where((TrainingRecord.id == record_id) & TrainingRecord.voided_at.is_null())
            .returning(TrainingRecord.id)
        )
        if rows:
            voided = True
            await entries.record("training_record.voided", "training_record", record_id, by=by)
    return voided
