"""Figures and the rows behind them: which year, which unit, as known when (S5, T1, T3, T5)."""

from datetime import UTC, date, datetime, timedelta

import pytest

from server import clock
from server.classes.tables import CourseKind, Outcome, SessionReport
from server.database import writing
from server.plan import entered, figures, plans, queries
from server.supporters.tables import Stage, SupporterStage
from tests import factories
from tests.databases import Database
from tests.plan.plan_cast import APRIL_1, ICT, MARCH_31, PLAN, held, loaded, trained
from tests.statements import counted


@pytest.fixture(autouse=True)
async def here(database: Database, frozen_now: datetime) -> None:
    pass


async def number(code: str, year: int, text: str = PLAN) -> int | None:
    indicator = (await loaded(text))[code]
    figure = await figures.actual(indicator, year)
    assert figure.number is None or figure.number == sum(row["number"] for row in figure.rows)
    return figure.number


async def test_t3_only_a_session_reported_as_held_counts() -> None:
    await held(date(2026, 5, 12))
    await held(date(2026, 5, 19), outcome=None)  # 未報告
    await held(date(2026, 5, 26), outcome=Outcome.called_off)
    await held(date(2026, 6, 2), kind=CourseKind.online_meeting)

    assert await number("classes", 2026) == 1


async def test_s5_a_course_across_31_march_counts_each_session_in_its_own_year() -> None:
    course = (await factories.make_course()).id
    await held(MARCH_31, course=course, number=1)
    await held(APRIL_1, course=course, number=2)

    assert (await number("classes", 2025), await number("classes", 2026)) == (1, 1)


async def test_s5_ten_slots_in_an_afternoon_are_one_session() -> None:
    await held(date(2026, 5, 12), seats=10, taken=10, head_count=10)

    assert await number("classes", 2026) == 1


async def test_s5_sessions_courses_and_visits_are_counted_each_in_its_own_unit() -> None:
    course = (await factories.make_course()).id
    await held(date(2026, 5, 12), course=course, number=1, head_count=8)
    await held(date(2026, 5, 19), course=course, number=2, head_count=7)
    await held(date(2026, 5, 12), head_count=5)

    in_units = {
        unit: await number("classes", 2026, PLAN.replace('unit = "session"', f'unit = "{unit}"'))
        for unit in ("session", "course", "visit")
    }

    assert in_units == {"session": 3, "course": 2, "visit": 20}


async def test_s1_the_cumulative_count_grows_and_never_falls() -> None:
    await trained(date(2025, 6, 1))
    gone = await trained(date(2025, 7, 1))
    await trained(date(2026, 6, 1))
    left = SupporterStage(
        supporter=gone.id,
        stage=Stage.withdrawn,
        effective_on=date(2026, 2, 1),
        recorded_at=clock.now(),
    )
    async with writing():
        await left.save()

    found = [await number("trained", year) for year in (2025, 2026, 2027)]
    assert found == [2, 3, 3]


async def test_t1_certified_half_past_midnight_on_1_april_counts_in_the_new_year() -> None:
    just_after = datetime(2026, 3, 31, 15, 30, tzinfo=UTC)  # 00:30 on 1 April in Japan
    with clock.freeze(just_after):
        await trained(clock.today())
        await held(clock.today(), hour=0)

    assert (await number("trained", 2025), await number("trained", 2026)) == (0, 1)
    assert (await number("classes", 2025), await number("classes", 2026)) == (0, 1)


async def test_t5_as_of_a_day_is_what_was_recorded_and_not_voided_by_then() -> None:
    indicator = (await loaded())["classes"]
    first, late = datetime(2026, 6, 1, tzinfo=UTC), datetime(2026, 9, 1, tzinfo=UTC)
    await held(date(2026, 5, 12), recorded_at=first)
    mistaken = await held(date(2026, 5, 19), recorded_at=first)
    await held(date(2026, 5, 26), recorded_at=late)
    async with writing():
        await SessionReport.update({SessionReport.voided_at: late}).where(
            SessionReport.session == mistaken
        )

    def at(month: int) -> datetime:
        return datetime(2026, month, 15, tzinfo=UTC)

    found = [
        (await figures.actual(indicator, 2026, known_at=at(each))).number for each in (5, 6, 9)
    ]
    assert found == [0, 2, 2]
    rows = await figures.rows(indicator, 2026, known_at=at(9))
    assert [row["effective_on"] for row in rows] == [date(2026, 5, 12), date(2026, 5, 26)]


async def test_until_a_day_leaves_out_what_came_after_it() -> None:
    indicator = (await loaded())["classes"]
    await held(date(2026, 5, 12))
    await held(date(2026, 6, 12))

    assert (await figures.actual(indicator, 2026, until=date(2026, 6, 11))).number == 1


async def test_s6_an_indicator_by_hand_without_entries_is_not_nought() -> None:
    assert await number("initiatives", 2026) is None


async def test_s6_a_milestone_is_the_last_one_reached_by_the_end_of_the_year() -> None:
    indicator = (await loaded())["helpdesk"]
    for day, milestone in ((date(2025, 9, 1), "検討"), (date(2026, 5, 1), "試行")):
        await entered.add(indicator["id"], day, milestone=milestone, evidence="会議録", by=ICT)

    found = [await figures.actual(indicator, year) for year in (2025, 2026)]
    assert [(each.number, each.milestone) for each in found] == [(None, "検討"), (None, "試行")]


async def test_t5_the_rows_of_the_districts_add_up_to_the_figure() -> None:
    indicator = (await loaded())["trained"]
    north, south = await factories.make_district(), await factories.make_district()
    for district in (north.id, north.id, south.id, None):
        await trained(date(2026, 6, 1), district=district)

    figure = await figures.actual(indicator, 2026)
    parts = [figures.in_district(figure.rows, each) for each in (north.id, south.id, None)]
    assert (figure.number, [len(part) for part in parts]) == (4, [2, 1, 1])


async def test_helping_are_the_registered_and_active_of_the_day() -> None:
    await trained(date(2026, 6, 1))
    await factories.make_supporter((Stage.active, date(2026, 6, 1)))
    await factories.make_supporter(
        (Stage.active, date(2026, 6, 1)), (Stage.resting, date(2026, 7, 1))
    )

    before, after = await figures.helping(date(2026, 6, 30)), await figures.helping(clock.today())
    assert (len(before), len(after)) == (2, 1)


async def test_a_whole_plan_takes_as_many_statements_for_thirty_rows_as_for_one() -> None:
    done = await plans.load(PLAN, by=None)
    indicators = await queries.indicators([done.plan_id])

    async def statements() -> int:
        with counted() as sent:
            await figures.collect(indicators)
        return len(sent)

    await held(date(2026, 5, 12))
    await trained(date(2026, 5, 12))
    few = await statements()
    for later in range(15):
        await held(date(2026, 5, 13) + timedelta(days=later))
        await trained(date(2026, 5, 13) + timedelta(days=later))
    assert (few, await statements()) == (4, 4)
