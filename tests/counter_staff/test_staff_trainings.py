"""H5: trainings for counter staff, and who has completed them."""

from datetime import date
from typing import Any

import pytest

from server.classes.tables import CourseKind
from server.counter_staff import completions, staff_trainings
from server.counter_staff.staff_trainings import TrainingFacts
from server.counter_staff.tables import StaffTrainingKind
from server.refusals import Refused, Stale
from tests import factories
from tests.classes.staff_cast import Staff
from tests.counter_staff.standing import facts_told
from tests.databases import Database

pytestmark = pytest.mark.usefixtures("frozen_now")
ICT = Staff(sees_all_sections=True)
MY_NUMBER = "番号は1234 5678 9018"
TODAY, MAY = date(2026, 11, 21), date(2026, 5, 1)
DATED, ADDRESS, VIDEO = (
    StaffTrainingKind.dated,
    StaffTrainingKind.address,
    StaffTrainingKind.video,
)


def facts(**more: Any) -> TrainingFacts:
    usual = {
        "name": "窓口対応の基本",
        "kind": ADDRESS,
        "offered_to": "窓口職員全員",
        "first_on": date(2026, 4, 1),
        "last_on": date(2027, 3, 31),
        "address": "https://learn.city.example.jp/counter",
    }
    return TrainingFacts(**{**usual, **more})


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"last_on": date(2026, 3, 31)}, "cannot end before"),
        ({"offered_to": ""}, "for whom"),
        ({"minutes": 1441}, "at least 0"),
        ({"minutes": -1}, "at least 0"),
        ({"address": ""}, "whole address"),
        ({"address": "javascript:alert(1)"}, "whole address"),
        ({"address": "https://"}, "whole address"),
        ({"address": 'https://learn.city.example.jp/"><b>'}, "whole address"),
        ({"kind": VIDEO}, "Only a training at an address"),
        ({"kind": DATED, "address": ""}, "stands on a course"),
        ({"course_id": 1}, "stands on a course"),
        ({"name": MY_NUMBER}, "My Number"),
        ({"offered_to": MY_NUMBER}, "My Number"),
        ({"description": MY_NUMBER}, "My Number"),
    ],
)
async def test_facts_that_do_not_fit_together_are_refused(
    database: Database, changed: dict[str, Any], words: str
) -> None:
    with pytest.raises(Refused, match=words):
        await staff_trainings.create(facts(**changed), by=ICT)


async def test_a_dated_training_stands_on_one_class_for_staff(database: Database) -> None:
    wrong = (await factories.make_course()).id
    right = (await factories.make_course(kind=CourseKind.staff_training)).id
    sound = {"kind": DATED, "address": ""}

    with pytest.raises(Refused, match="training for staff"):
        await staff_trainings.create(facts(course_id=wrong, **sound), by=ICT)
    await staff_trainings.create(facts(course_id=right, **sound), by=ICT)
    with pytest.raises(Refused, match="already"):
        await staff_trainings.create(facts(course_id=right, **sound), by=ICT)


async def test_c4_the_overseeing_section_keeps_trainings_and_a_course_its_own(
    database: Database,
) -> None:
    tax = (await factories.make_section()).id
    course = await factories.make_course(kind=CourseKind.staff_training, section=tax)
    own = Staff(section_id=tax)

    with pytest.raises(Refused, match="overseeing"):
        await staff_trainings.create(facts(), by=own)
    kept = await staff_trainings.create(facts(kind=DATED, address="", course_id=course.id), by=own)
    with pytest.raises(Refused, match="overseeing"):
        await staff_trainings.retire(kept["id"], by=Staff(section_id=tax + 1))


async def test_c4_nobody_hangs_a_training_on_the_course_of_another_section(
    database: Database,
) -> None:
    tax = (await factories.make_section()).id
    kind = CourseKind.staff_training
    own = await factories.make_course(kind=kind, section=tax)
    other = await factories.make_course(kind=kind, section=(await factories.make_section()).id)
    sound = {"kind": DATED, "address": ""}
    her = Staff(section_id=tax)
    kept = await staff_trainings.create(facts(course_id=own.id, **sound), by=her)

    with pytest.raises(Refused, match="overseeing"):
        await staff_trainings.edit(
            kept["id"], facts(course_id=other.id, **sound), version=1, by=her
        )

    assert (await staff_trainings.known(kept["id"]))["course"] == own.id


async def test_once_completed_kind_and_course_stay_and_its_days_are_kept(
    database: Database,
) -> None:
    training = (await factories.make_staff_training()).id
    member = await factories.make_staff_member((await factories.make_section()).id)
    await completions.complete(training, [member.id], MAY, by=ICT)

    with pytest.raises(Refused, match="kind and its course stay"):
        await staff_trainings.edit(training, facts(kind=VIDEO, address=""), version=1, by=ICT)
    with pytest.raises(Refused, match="outside of these"):
        await staff_trainings.edit(training, facts(first_on=date(2026, 6, 1)), version=1, by=ICT)
    await staff_trainings.edit(training, facts(name="新しい名前", first_on=MAY), version=1, by=ICT)
    with pytest.raises(Stale):
        await staff_trainings.edit(training, facts(), version=1, by=ICT)


async def test_s5_a_button_pressed_twice_is_no_second_training(database: Database) -> None:
    await staff_trainings.create(facts(), by=ICT)

    with pytest.raises(Refused, match="of this name in these days"):
        await staff_trainings.create(facts(), by=ICT)
    await staff_trainings.create(facts(first_on=MAY), by=ICT)


async def test_a_retired_training_can_come_back(database: Database) -> None:
    training = (await factories.make_staff_training()).id

    await staff_trainings.retire(training, by=ICT)
    await staff_trainings.retire(training, by=ICT)
    assert await staff_trainings.listed() == []
    assert len(await staff_trainings.listed(retired=True)) == 1
    await staff_trainings.bring_back(training, by=ICT)
    assert len(await staff_trainings.listed()) == 1


async def test_s5_a_retired_training_comes_back_beside_no_other_of_its_name(
    database: Database,
) -> None:
    retired = await staff_trainings.create(facts(), by=ICT)
    await staff_trainings.retire(retired["id"], by=ICT)
    await staff_trainings.create(facts(), by=ICT)

    with pytest.raises(Refused, match="of this name in these days"):
        await staff_trainings.bring_back(retired["id"], by=ICT)


async def test_c4_nobody_changes_the_training_of_another_sections_course(
    database: Database,
) -> None:
    tax = (await factories.make_section()).id
    kind = CourseKind.staff_training
    own = await factories.make_course(kind=kind, section=tax)
    other = await factories.make_course(kind=kind, section=(await factories.make_section()).id)
    sound = {"kind": DATED, "address": ""}
    kept = await staff_trainings.create(facts(course_id=other.id, **sound), by=ICT)

    with pytest.raises(Refused, match="overseeing"):
        await staff_trainings.edit(
            kept["id"], facts(course_id=own.id, **sound), version=1, by=Staff(section_id=tax)
        )

    assert (await staff_trainings.known(kept["id"]))["course"] == other.id


async def test_p2_a_changed_training_tells_from_what_to_what(database: Database) -> None:
    made = await staff_trainings.create(facts(), by=ICT)
    assert (await facts_told("staff_training.created"))["now"]["last_on"] == "2027-03-31"

    await staff_trainings.edit(
        made["id"], facts(minutes=30, last_on=date(2026, 12, 31)), version=1, by=ICT
    )

    assert await facts_told("staff_training.changed") == {
        "was": {"last_on": "2027-03-31", "minutes": 0},
        "now": {"last_on": "2026-12-31", "minutes": 30},
    }
