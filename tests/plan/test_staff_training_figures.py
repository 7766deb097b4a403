"""S5: a video training counts once per fiscal year; a dated one by its session reports alone."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from server import clock
from server.classes.tables import CourseKind
from server.counter_staff import completions
from server.counter_staff.tables import StaffTrainingKind
from server.plan import figures
from tests import factories
from tests.counter_staff.standing import completions_of
from tests.databases import Database
from tests.plan.plan_cast import APRIL_1, ICT, MARCH_31, PLAN, held, loaded

OF_STAFF = PLAN.replace('kinds = ["smartphone"]', 'kinds = ["staff_training"]')


@pytest.fixture(autouse=True)
async def here(database: Database, frozen_now: datetime) -> None:
    pass


async def member() -> int:
    section = (await factories.make_section()).id
    return int((await factories.make_staff_member(section, date(2020, 4, 1))).id)


async def figure(year: int, text: str = OF_STAFF, **more: Any) -> figures.Figure:
    indicator = (await loaded(text))["classes"]
    found = await figures.actual(indicator, year, **more)
    assert found.number == sum(row["number"] for row in found.rows)
    return found


async def completed(training: int, *days: date) -> None:
    for on in days:
        await completions.complete(training, [await member()], on, by=ICT)


@pytest.mark.parametrize("kind", [StaffTrainingKind.address, StaffTrainingKind.video])
async def test_s5_a_training_any_time_counts_once_however_many_completed_it(
    kind: StaffTrainingKind,
) -> None:
    training = await factories.make_staff_training(kind=kind)
    assert (await figure(2026)).number == 0  # offered, and nobody has completed it
    await completed(training.id, date(2026, 7, 2), date(2026, 5, 1), date(2026, 7, 2))

    found = await figure(2026)

    assert found.number == 1
    assert [(row["kind"], row["id"], row["effective_on"]) for row in found.rows] == [
        ("training", training.id, date(2026, 5, 1))
    ]


async def test_s5_across_31_march_it_counts_once_in_each_year() -> None:
    training = await factories.make_staff_training(
        first_on=date(2025, 10, 1), last_on=date(2026, 9, 30)
    )
    await completed(training.id, MARCH_31, APRIL_1, date(2026, 9, 30))

    assert ((await figure(2025)).number, (await figure(2026)).number) == (1, 1)


async def test_s5_a_dated_training_counts_by_its_reports_and_never_twice() -> None:
    day = date(2026, 6, 10)
    course = (await factories.make_course(kind=CourseKind.staff_training, listed=False)).id
    training = await factories.make_staff_training(
        kind=StaffTrainingKind.dated, address="", course=course, first_on=day, last_on=day
    )
    await held(day, course=course)
    await completed(training.id, day)

    found = await figure(2026)

    assert (found.number, [row["kind"] for row in found.rows]) == (1, ["session"])


async def test_s5_a_dated_training_without_a_report_counts_nowhere() -> None:
    day = date(2026, 6, 10)
    course = (await factories.make_course(kind=CourseKind.staff_training, listed=False)).id
    starts = datetime(2026, 6, 10, 1, tzinfo=UTC)
    await factories.make_class_session(course=course, starts_at=starts)
    training = await factories.make_staff_training(
        kind=StaffTrainingKind.dated, address="", course=course, first_on=day, last_on=day
    )
    await completed(training.id, day)

    assert (await figure(2026)).number == 0


async def test_s5_it_counts_toward_its_own_kind_and_unit_only() -> None:
    training = await factories.make_staff_training()
    await completed(training.id, date(2026, 5, 1))

    in_units = {
        unit: (await figure(2026, OF_STAFF.replace('unit = "session"', f'unit = "{unit}"'))).number
        for unit in ("course", "visit")
    }

    assert in_units == {"course": 0, "visit": 0}
    assert (await figure(2026, PLAN)).number == 0  # classes for residents


async def test_t5_a_voided_completion_falls_away_and_as_of_before_it_stands() -> None:
    training = await factories.make_staff_training()
    await completed(training.id, date(2026, 5, 1))
    before = clock.now()
    [row] = await completions_of(training.id)
    with clock.freeze(before.replace(hour=5)):
        await completions.void(row["id"], "人違い", by=ICT)

        assert (await figure(2026)).number == 0
        assert (await figure(2026, known_at=before)).number == 1


async def test_until_a_day_leaves_out_what_was_completed_after_it() -> None:
    training = await factories.make_staff_training()
    await completed(training.id, date(2026, 5, 1))

    assert (await figure(2026, until=date(2026, 4, 30))).number == 0
    assert (await figure(2026, until=date(2026, 5, 1))).number == 1
