"""S2, T5: records arise from what took place or a word; they are voided, never changed."""

import asyncio
from datetime import UTC, date, datetime
from typing import Any

import pytest

from server import clock
from server.audit.tables import AuditEntry
from server.database import Conflict
from server.people import merging
from server.refusals import Refused
from server.training import enrolments, records
from server.training.tables import RequirementKind, Source, TrainingRecord
from tests.classes.staff_cast import ICT
from tests.databases import Database
from tests.factories import make_person, make_programme, make_requirement
from tests.training.trainees import Basics, basics, trainee
from tests.unlocked import unlock

DAY = date(2026, 11, 14)


@pytest.fixture(autouse=True)
async def city(database: Database, frozen_now: datetime) -> None:
    """Every test has a database, and the clock stands still."""


async def live() -> list[dict[str, Any]]:
    return await (
        TrainingRecord.select()
        .where(TrainingRecord.voided_at.is_null())
        .order_by(TrainingRecord.id)
    )


async def test_s2_a_record_of_an_attendance_arises_once() -> None:
    programme = await basics()
    hanako = await trainee(programme)

    first = await records.of_attendance(hanako.id, programme.lecture.id, DAY, 90, 7, by=ICT)
    again = await records.of_attendance(hanako.id, programme.lecture.id, DAY, 90, 7, by=ICT)

    assert again == first
    assert [
        (row["done_on"], row["minutes"], row["source"], row["source_id"], row["recorded_by"])
        for row in await live()
    ] == [(DAY, 90, "attendance", 7, ICT.id)]


async def test_t5_an_attendance_told_differently_makes_a_new_record() -> None:
    programme = await basics()
    hanako = await trainee(programme)
    first = await records.of_attendance(hanako.id, programme.lecture.id, DAY, 90, 7, by=ICT)

    second = await records.of_attendance(hanako.id, programme.video.id, DAY, 60, 7, by=ICT)

    assert [row["id"] for row in await live()] == [second["id"]]
    [kept] = await TrainingRecord.select().where(TrainingRecord.id == first["id"])
    assert (kept["minutes"], kept["voided_at"]) == (90, clock.now())


async def test_s2_practice_fills_the_first_practice_that_is_not_done() -> None:
    programme = await make_programme()
    kind = RequirementKind.practice
    await make_requirement(programme=programme.id, position=1)
    first = await make_requirement(programme=programme.id, kind=kind, position=2)
    last = await make_requirement(programme=programme.id, kind=kind, position=3)
    hanako = await make_person()

    await enrolments.enrol(hanako.id, programme.id, DAY, by=ICT)

    made = [
        await records.of_assignment(hanako.id, DAY, 90, assignment, by=ICT)
        for assignment in (1, 2, 3)
    ]
    again = await records.of_assignment(hanako.id, DAY, 90, 1, by=ICT)

    assert [row["requirement"] for row in made if row] == [first.id, last.id, last.id]
    assert again == made[0]


async def test_s2_practice_of_who_is_in_no_programme_makes_no_record() -> None:
    hanako = await make_person()
    lectures_only = await make_requirement()
    taro = await make_person(name="山田太郎")

    await enrolments.enrol(taro.id, int(lectures_only.programme), DAY, by=ICT)

    assert await records.of_assignment(hanako.id, DAY, 90, 1, by=ICT) is None
    assert await records.of_assignment(taro.id, DAY, 90, 2, by=ICT) is None
    assert await live() == []


async def test_s2_a_record_by_hand_says_why() -> None:
    programme = await basics()
    hanako = await trainee(programme)

    row = await records.add(hanako.id, programme.lecture.id, DAY, 90, "他市で受講", by=ICT)

    assert (row["source"], row["reason"], row["done_on"]) == ("coordinator", "他市で受講", DAY)
    [entry] = await AuditEntry.select().where(AuditEntry.action == "training_record.added")
    assert (entry["subject_id"], entry["actor"]) == (row["id"], ICT.id)


@pytest.mark.parametrize(
    ("done_on", "minutes", "reason", "said"),
    [
        (date(2026, 11, 22), 90, "r", "Please give a day up to today."),
        (DAY, 90, "", "Please write why you enter this by hand."),
        (DAY, 1441, "r", "Please give from {least} to {most} minutes."),
        (DAY, -1, "r", "Please give from {least} to {most} minutes."),
    ],
)
async def test_s2_a_record_by_hand_is_refused(
    done_on: date, minutes: int, reason: str, said: str
) -> None:
    programme = await basics()
    hanako = await trainee(programme)

    with pytest.raises(Refused) as refused:
        await records.add(hanako.id, programme.lecture.id, done_on, minutes, reason, by=ICT)

    assert (refused.value.msgid, await live()) == (said, [])


async def test_s2_where_hours_count_a_record_by_hand_has_minutes() -> None:
    programme = await basics()
    hanako = await trainee(programme)

    with pytest.raises(Refused, match="minutes"):
        await records.add(hanako.id, programme.practice.id, DAY, 0, "r", by=ICT)


async def test_t1_today_in_japan_is_not_to_come() -> None:
    programme = await basics()
    hanako = await trainee(programme)
    with clock.freeze(datetime(2027, 3, 31, 15, 30, tzinfo=UTC)):  # 1 April, 00:30 in Japan
        row = await records.add(hanako.id, programme.lecture.id, date(2027, 4, 1), 90, "r", by=ICT)

    assert row["done_on"] == date(2027, 4, 1)


async def test_s2_nothing_is_recorded_of_a_draft() -> None:
    draft = await make_programme(published_at=None)
    requirement = await make_requirement(programme=draft.id)
    hanako = await make_person()

    with pytest.raises(Refused, match="not been published"):
        await records.add(hanako.id, requirement.id, DAY, 90, "r", by=ICT)


async def test_t5_a_mistaken_record_is_voided_with_its_reason_and_stays() -> None:
    programme = await basics()
    hanako = await trainee(programme)
    row = await records.add(hanako.id, programme.lecture.id, DAY, 90, "r", by=ICT)

    voided = await records.void(row["id"], "別の人でした", by=ICT)

    facts = (voided["minutes"], voided["voided_by"], voided["void_reason"], voided["voided_at"])
    assert facts == (90, ICT.id, "別の人でした", clock.now())
    with pytest.raises(Refused, match="taken back already"):
        await records.void(row["id"], "もう一度", by=ICT)
    with pytest.raises(Refused, match="why this was a mistake"):
        await records.void(row["id"], "", by=ICT)
    with pytest.raises(Refused, match="no such record"):
        await records.void(999, "x", by=ICT)


async def test_t5_what_arose_from_an_attendance_goes_with_it_and_may_come_again() -> None:
    programme = await basics()
    hanako = await trainee(programme)
    first = await records.of_attendance(hanako.id, programme.lecture.id, DAY, 90, 7, by=ICT)
    await records.of_assignment(hanako.id, DAY, 90, 7, by=ICT)

    await records.void_source(Source.attendance, 7, "欠席でした", by=ICT)
    await records.void_source(Source.attendance, 7, "欠席でした", by=ICT)
    assert [row["source"] for row in await live()] == ["assignment"]

    second = await records.of_attendance(hanako.id, programme.lecture.id, DAY, 90, 7, by=ICT)
    assert second["id"] != first["id"]


async def one_human_in_two_rows() -> tuple[Basics, list[int]]:
    programme = await basics()
    hanako, duplicate = await trainee(programme), await make_person(name="山田はなこ")
    await merging.merge(duplicate.id, hanako.id, by=ICT)
    return programme, [hanako.id, duplicate.id]


async def ten_tell_of_one_attendance(programme: Basics, rows: list[int]) -> list[Any]:
    """Half of them by the row that stays, half by its duplicate."""
    return await asyncio.gather(
        *(records.of_attendance(row, programme.lecture.id, DAY, 90, 7, by=ICT) for row in rows * 5),
        return_exceptions=True,
    )


async def test_s2_an_attendance_told_by_ten_at_once_is_one_record() -> None:
    answers = await ten_tell_of_one_attendance(*await one_human_in_two_rows())

    assert [answer for answer in answers if isinstance(answer, Exception)] == []
    assert len(await live()) == 1


@pytest.mark.engine("postgres")
async def test_s2_without_the_lock_an_attendance_would_be_several_records(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    known = await one_human_in_two_rows()
    unlock(monkeypatch, merging)

    answers = await ten_tell_of_one_attendance(*known)

    refused = [answer for answer in answers if isinstance(answer, Conflict)]
    assert refused != [] or len(await live()) > 1
