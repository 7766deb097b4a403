"""The people and the programme that the tests of the register know by name."""

from datetime import UTC, date, datetime
from typing import Any

from server import clock
from server.database import writing
from server.people.tables import Person
from server.supporters import queries
from server.supporters.tables import Stage, Supporter
from server.training.tables import Enrolment, Programme, Requirement, TrainingRecord
from tests.classes.staff_cast import ICT, Staff

__all__ = ["ICT", "Staff", "days_by_supporter", "instant", "make_trainee", "merged"]

YEAR_END = date(2027, 3, 31)


def instant(text: str) -> datetime:
    """2026-04-01 00:30 on the wall clock of Japan."""
    return datetime.fromisoformat(f"{text}+09:00").astimezone(UTC)


async def make_trainee(person: int, *, done_on: date | None, code: str = "basic") -> Programme:
    """Put a person into a programme that asks for one lecture; done on a day, or missing."""
    async with writing():
        programme = Programme(
            code=code,
            name="スマホサポーター養成",
            published_at=clock.now(),
            created_at=clock.now(),
        )
        await programme.save()
        asked = Requirement(programme=programme.id, code="lecture", name="講義", kind="lecture")
        await asked.save()
        since: dict[str, Any] = {"person": person, "recorded_at": clock.now()}
        await Enrolment(programme=programme.id, enrolled_on=date(2026, 1, 1), **since).save()
        if done_on is not None:
            await TrainingRecord(
                requirement=asked.id,
                done_on=done_on,
                minutes=90,
                source="coordinator",
                reason="受講を確認",
                **since,
            ).save()
    return programme


async def merged(duplicate: Supporter, into: Supporter) -> None:
    """Let the duplicate's person point to the one that stays."""
    async with writing():
        await Person.update(merged_into=into.person).where(Person.id == duplicate.person)


async def days_by_supporter(stage: Stage, until: date = YEAR_END) -> list[tuple[int, date]]:
    """Who counts for a stage, and since which day."""
    rows = await queries.counted(stage, until)
    return [(row["supporter_id"], row["effective_on"]) for row in rows]
