"""Plans as files: what the cities wrote, loaded once and only once (S6)."""

from dataclasses import replace
from datetime import date

import pytest

from server import clock
from server.audit.tables import AuditEntry
from server.plan import plans, queries, targets
from server.plan.plans import Kept
from server.plan.tables import Indicator, IndicatorEntry, Plan, Target
from server.refusals import Refused
from server.roles import Role
from tests import factories
from tests.databases import Database
from tests.plan.plan_cast import ICT, PLAN, loaded


@pytest.fixture(autouse=True)
async def here(database: Database) -> None:
    pass


async def stated(code: str) -> dict[str, dict[int, int | str]]:
    """What a shipped plan says for which year, once it is loaded."""
    done = await plans.load_shipped(code, by=None)
    indicators = await queries.indicators([done.plan_id])
    aims = await queries.targets([each["id"] for each in indicators])
    return {
        each["code"]: {
            year: row["milestone"] if row["number"] is None else row["number"]
            for year, row in aims[each["id"]].items()
        }
        for each in indicators
    }


async def test_s6_yokkaichi_states_24_72_and_120_supporters_and_no_number_for_2022() -> None:
    found = await stated("yokkaichi-2022")

    assert found == {
        "smartphone-classes": {2022: 1, 2023: 1, 2024: 1, 2025: 1},
        "online-meeting-classes": {2022: 2, 2023: 2, 2024: 2, 2025: 2},
        "supporters-trained": {2023: 24, 2024: 72, 2025: 120},
        "supporter-training-set-up": {2022: "検討", 2023: "育成"},
        "counter-staff-training": {2022: 1, 2023: 1, 2024: 1, 2025: 1},
        "counter-staff-support": {2022: "構築・試行", 2024: "維持管理"},
    }


async def test_s6_yotsukaido_states_one_initiative_a_year_until_2030() -> None:
    assert await stated("yotsukaido-2026") == {
        "initiatives": {2026: 1, 2027: 1, 2028: 1, 2029: 1, 2030: 1}
    }


async def test_s6_tomi_states_no_number_only_that_it_is_done() -> None:
    assert await stated("tomi-2022") == {
        "digital-divide": {2022: "実施", 2023: "実施", 2024: "実施", 2025: "実施"}
    }


async def test_s5_the_plans_count_in_the_units_that_they_mean() -> None:
    for each in plans.shipped():
        await plans.load_shipped(each["code"], by=None)

    rows = await Indicator.select(
        Indicator.code, Indicator.unit, Indicator.counting, Indicator.measure, Indicator.kinds
    ).order_by(Indicator.code)
    assert [tuple(row.values()) for row in rows] == [
        ("counter-staff-support", "item", "milestone", "by_hand", ""),
        ("counter-staff-training", "session", "annual", "sessions_held", "staff_training"),
        ("digital-divide", "item", "milestone", "by_hand", ""),
        ("initiatives", "initiative", "annual", "by_hand", ""),
        ("online-meeting-classes", "session", "annual", "sessions_held", "online_meeting"),
        ("smartphone-classes", "session", "annual", "sessions_held", "smartphone"),
        ("supporter-training-set-up", "item", "milestone", "by_hand", ""),
        ("supporters-trained", "supporter", "cumulative", "supporters_trained", ""),
    ]


async def test_loading_twice_adds_and_changes_nothing() -> None:
    first = await plans.load(PLAN, by=ICT)
    entries = await AuditEntry.count()

    again = await plans.load(PLAN, by=ICT)

    assert (first.added, first.changed, first.kept) == (1 + 5 + 8, 0, [])
    assert (again.plan_id, again.added, again.changed, again.kept) == (first.plan_id, 0, 0, [])
    assert (await Plan.count(), await Indicator.count(), await Target.count()) == (1, 5, 8)
    assert await AuditEntry.count() == entries


async def test_a_newer_file_changes_what_nobody_has_touched() -> None:
    indicators = await loaded()

    again = await plans.load(
        PLAN.replace("2026 = 24", "2026 = 30").replace("2025 = 1, ", ""), by=None
    )

    aims = await queries.targets([each["id"] for each in indicators.values()])
    assert (again.added, again.changed, again.kept) == (0, 2, [])
    assert aims[indicators["trained"]["id"]][2026]["number"] == 30
    assert aims[indicators["classes"]["id"]][2025]["number"] is None


async def test_a_target_changed_by_hand_is_kept_and_told() -> None:
    indicators = await loaded()
    trained = indicators["trained"]["id"]
    await targets.set(trained, 2026, number=20, version=1, by=ICT)
    await targets.set(trained, 2025, number=5, version=0, by=ICT)

    again = await plans.load(PLAN.replace("2026 = 24", "2026 = 30"), by=None)

    aims = (await queries.targets([trained]))[trained]
    assert {year: row["number"] for year, row in aims.items()} == {2025: 5, 2026: 20, 2027: 72}
    assert again.kept == [
        Kept("養成数（累積）", 2025, "5", ""),
        Kept("養成数（累積）", 2026, "20", "30"),
    ]
    assert (again.added, again.changed) == (0, 0)


async def test_kept_tells_how_a_shipped_plan_differs_from_its_file() -> None:
    done = await plans.load_shipped("yokkaichi-2022", by=None)
    by_code = {each["code"]: each for each in await queries.indicators([done.plan_id])}
    await targets.set(by_code["supporters-trained"]["id"], 2024, number=60, version=1, by=ICT)
    await targets.set(by_code["smartphone-classes"]["id"], 2022, version=1, by=ICT)

    assert await plans.kept("yokkaichi-2022") == [
        Kept("スマートフォン教室数", 2022, "", "1"),
        Kept("サポート人材の養成数（累積）", 2024, "60", "72"),
    ]
    assert await plans.kept("elsewhere-2022") == []


async def test_an_indicator_belongs_to_the_section_of_that_name_where_there_is_one() -> None:
    section = await factories.make_section(name="ICT戦略課")

    indicators = await loaded()

    assert indicators["classes"]["section"] == section.id
    assert indicators["classes"]["section_name"] == "ICT戦略課"
    assert indicators["trained"]["section"] is None


@pytest.mark.parametrize(
    ("words", "instead"),
    [
        ('unit = "session"', 'unit = "回"'),
        ('unit = "supporter"', 'unit = "visit"'),
        ('counting = "annual"', 'counting = "monthly"'),
        ('code = "classes"', 'code = "trained"'),
        ("2026 = 24", '2026 = "24"'),
        ("2026 = 24", "2026 = -1"),
        ("2026 = 24", "2031 = 24"),
        ('2026 = "試行"', "2026 = 1"),
        ("first_year = 2025", "first_year = 2028"),
        ('name = "テスト計画"', 'name = ""'),
        ('name = "テスト計画"', "name = "),
        ('name = "養成数（累積）"', f'name = "{"長" * 201}"'),
    ],
)
async def test_a_file_that_says_nonsense_is_refused_whole(words: str, instead: str) -> None:
    with pytest.raises(Refused):
        await plans.load(PLAN.replace(words, instead), by=None)

    assert (await Plan.count(), await Indicator.count(), await Target.count()) == (0, 0, 0)


async def test_c4_only_the_overseeing_section_loads_plans() -> None:
    other = replace(ICT, sees_all_sections=False, section_id=7)
    desk = replace(ICT, roles=frozenset({Role.helpdesk}))

    for somebody in (other, desk):
        with pytest.raises(Refused):
            await plans.load(PLAN, by=somebody)

    assert await Plan.count() == 0


async def test_a_plan_that_does_not_ship_is_refused() -> None:
    with pytest.raises(Refused):
        await plans.load_shipped("../secret", by=ICT)


async def test_a_plan_is_taken_off_with_its_targets_and_can_be_loaded_again(
    frozen_now: None,
) -> None:
    done = await plans.load_shipped("yotsukaido-2026", by=ICT)

    await plans.remove(done.plan_id, by=ICT)
    await plans.remove(done.plan_id, by=ICT)

    assert await queries.plans() == []
    assert (await plans.load_shipped("yotsukaido-2026", by=ICT)).added > 0


async def test_t5_a_plan_with_an_entry_by_hand_stays(frozen_now: None) -> None:
    done = await plans.load_shipped("yotsukaido-2026", by=ICT)
    [indicator] = await queries.indicators([done.plan_id])
    await IndicatorEntry.insert(
        IndicatorEntry(
            indicator=indicator["id"],
            effective_on=date(2026, 6, 1),
            number=1,
            evidence="起案",
            recorded_at=clock.now(),
        )
    )

    with pytest.raises(Refused):
        await plans.remove(done.plan_id, by=ICT)

    assert len(await queries.plans()) == 1
