"""S2: what is done of a programme, what is missing, and when it was complete."""

from datetime import date, datetime

import pytest

from server.people import merging
from server.training import enrolments, programmes, progress, records, requirements
from server.training.progress import Progress
from server.training.requirements import RequirementFacts
from server.training.tables import RequirementKind, Source, TrainingRecord, Unit
from tests.classes.staff_cast import ICT
from tests.databases import Database
from tests.factories import make_enrolment, make_person, make_requirement, make_training_record
from tests.statements import counted
from tests.training.trainees import AUTUMN, basics, trainee

OCTOBER_5 = date(2026, 10, 5)
OCTOBER_9 = date(2026, 10, 9)
NOVEMBER_3 = date(2026, 11, 3)


@pytest.fixture(autouse=True)
async def city(database: Database, frozen_now: datetime) -> None:
    """Every test has a database, and the clock stands still."""


async def known(person_id: int) -> Progress:
    found = await progress.of(person_id)
    assert found is not None
    return found


def said(of: Progress) -> dict[str, tuple[float, int, float, bool]]:
    return {
        line.requirement["code"]: (line.done, line.needed, line.missing, line.is_done)
        for line in of.lines
    }


async def test_s2_a_beginner_misses_everything() -> None:
    programme = await basics()
    hanako = await trainee(programme)

    at_first = await known(hanako.id)

    assert said(at_first) == {
        "lecture": (0, 1, 1, False),
        "video": (0, 1, 1, False),
        "practice": (0, 3, 3, False),
    }
    assert (at_first.is_complete, at_first.completed_on) == (False, None)
    assert at_first.programme["name"] == "基礎編"


async def test_s2_nobody_outside_a_programme_has_progress() -> None:
    person = await make_person()

    assert await progress.of(person.id) is None
    assert await progress.of_many([person.id, 999]) == {}
    assert await progress.of_many([]) == {}


async def test_s2_several_hours_of_practice_add_up_across_records() -> None:
    programme = await basics()
    hanako = await trainee(programme)
    for done_on, minutes, assignment in ((OCTOBER_5, 90, 1), (OCTOBER_9, 45, 2)):
        await records.of_assignment(hanako.id, done_on, minutes, assignment, by=ICT)

    assert said(await known(hanako.id))["practice"] == (2.25, 3, 0.75, False)

    await records.of_assignment(hanako.id, NOVEMBER_3, 45, 3, by=ICT)
    filled = (await known(hanako.id)).lines[2]
    assert (filled.done, filled.missing, filled.is_done) == (3, 0, True)
    assert filled.done_on == NOVEMBER_3


async def test_s2_a_session_counts_once_however_long_it_was() -> None:
    programme = await basics()
    two = await make_requirement(programme=programme.id, code="two", needed=2, position=4)
    hanako = await trainee(programme)
    await records.of_attendance(hanako.id, two.id, OCTOBER_5, 480, 1, by=ICT)

    assert said(await known(hanako.id))["two"] == (1, 2, 1, False)


async def test_s2_complete_on_the_day_of_the_last_missing_piece() -> None:
    programme = await basics()
    hanako = await trainee(programme)
    await records.add(hanako.id, programme.practice.id, NOVEMBER_3, 180, "紙の記録", by=ICT)
    await records.of_attendance(hanako.id, programme.lecture.id, OCTOBER_5, 90, 1, by=ICT)
    await records.add(hanako.id, programme.video.id, OCTOBER_9, 0, "視聴を確認", by=ICT)
    await records.of_attendance(hanako.id, programme.lecture.id, date(2026, 11, 20), 90, 2, by=ICT)

    done = await known(hanako.id)

    assert (done.is_complete, done.completed_on) == (True, NOVEMBER_3)


async def test_s2_a_revoked_record_is_missing_again() -> None:
    programme = await basics()
    hanako = await trainee(programme)
    record = await records.add(hanako.id, programme.lecture.id, OCTOBER_5, 90, "紙の記録", by=ICT)

    await records.void(record["id"], "別の人の記録でした", by=ICT)

    assert said(await known(hanako.id))["lecture"] == (0, 1, 1, False)


async def test_s2_a_programme_changed_midway_loses_nothing_done() -> None:
    """A newer edition renames the lecture, drops the video and asks for something new."""
    programme = await basics()
    hanako = await trainee(programme)
    await records.of_attendance(hanako.id, programme.lecture.id, OCTOBER_5, 90, 1, by=ICT)
    await records.add(hanako.id, programme.video.id, OCTOBER_9, 30, "視聴を確認", by=ICT)
    await records.of_assignment(hanako.id, NOVEMBER_3, 120, 2, by=ICT)
    before = await TrainingRecord.select().order_by(TrainingRecord.id)

    newer = await edition_with_other_lectures(programme.id)
    await enrolments.move(hanako.id, newer, by=ICT)
    now = await known(hanako.id)

    assert now.programme["edition"] == 2
    assert said(now) == {
        "morals": (1, 1, 0, True),
        "practice": (2, 3, 1, False),
        "safety": (0, 1, 1, False),
    }
    assert [record["code"] for record in now.other_records] == ["video"]
    assert await TrainingRecord.select().order_by(TrainingRecord.id) == before


async def edition_with_other_lectures(programme_id: int) -> int:
    newer = await programmes.add_edition(programme_id, by=ICT)
    rows = {row["code"]: row for row in await programmes.requirements(newer["id"])}
    await requirements.remove(rows["lecture"]["id"], version=1, by=ICT)
    await requirements.remove(rows["video"]["id"], version=2, by=ICT)
    lecture = RequirementKind.lecture
    morals = RequirementFacts("morals", "心構え", lecture, Unit.sessions, 1, 1, ("lecture",))
    safety = RequirementFacts("safety", "安全", lecture, Unit.sessions, 1, 9)
    await requirements.add(newer["id"], morals, version=3, by=ICT)
    await requirements.add(newer["id"], safety, version=4, by=ICT)
    await programmes.publish(newer["id"], version=5, by=ICT)
    return int(newer["id"])


async def test_s2_what_was_replaced_twice_still_counts() -> None:
    programme = await basics()
    hanako = await trainee(programme)
    await records.of_attendance(hanako.id, programme.lecture.id, OCTOBER_5, 90, 1, by=ICT)
    second = await edition_with_other_lectures(programme.id)
    third = await programmes.add_edition(second, by=ICT)
    rows = {row["code"]: row for row in await programmes.requirements(third["id"])}
    facts = RequirementFacts(
        "ethics", "倫理", RequirementKind.lecture, Unit.sessions, 1, 1, ("morals",)
    )
    await requirements.edit(rows["morals"]["id"], facts, version=1, by=ICT)
    await programmes.publish(third["id"], version=2, by=ICT)

    await enrolments.move(hanako.id, third["id"], by=ICT)

    assert said(await known(hanako.id))["ethics"] == (1, 1, 0, True)


async def test_s2_records_of_a_merged_duplicate_count_and_leave_when_parted() -> None:
    programme = await basics()
    hanako = await trainee(programme)
    duplicate = await make_person(phone="059-354-0099", name="山田はなこ")
    await records.of_attendance(duplicate.id, programme.lecture.id, OCTOBER_5, 90, 1, by=ICT)

    await merging.merge(duplicate.id, hanako.id, by=ICT)
    merged = await progress.of_many([hanako.id, duplicate.id])
    assert said(merged[hanako.id])["lecture"] == (1, 1, 0, True)
    assert merged[duplicate.id] == merged[hanako.id]
    assert merged[hanako.id].person_id == hanako.id

    await merging.separate(duplicate.id, by=ICT)
    assert said(await known(hanako.id))["lecture"] == (0, 1, 1, False)


async def test_s2_who_was_enrolled_under_the_duplicate_is_in_the_programme() -> None:
    programme = await basics()
    duplicate = await trainee(programme)
    hanako = await make_person(phone="059-354-0099")

    await merging.merge(duplicate.id, hanako.id, by=ICT)

    assert (await known(hanako.id)).programme["id"] == programme.id
    assert (await enrolments.current(hanako.id) or {})["person"] == duplicate.id


async def test_s2_records_of_another_programme_are_kept_apart() -> None:
    programme = await basics()
    other = await basics(code="advanced")
    hanako = await trainee(programme)
    await records.of_attendance(hanako.id, other.lecture.id, OCTOBER_5, 90, 1, by=ICT)

    now = await known(hanako.id)

    assert said(now)["lecture"] == (0, 1, 1, False)
    assert [record["programme_code"] for record in now.other_records] == ["advanced"]


async def test_progress_of_thirty_takes_as_many_statements_as_of_one() -> None:
    programme = await basics()
    people = [await make_person(name=f"{number}") for number in range(30)]
    for person in people:
        await make_enrolment(person=person.id, programme=programme.id, enrolled_on=AUTUMN)
        await make_training_record(
            person=person.id, requirement=programme.lecture.id, source=Source.coordinator
        )

    with counted() as for_one:
        await progress.of(people[0].id)
    with counted() as for_all:
        found = await progress.of_many([person.id for person in people])

    assert (len(found), len(for_all)) == (30, len(for_one))
    assert len(for_one) == 6
