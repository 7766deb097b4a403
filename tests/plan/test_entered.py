"""Entries by hand carry evidence, and are never overwritten (S5, T5)."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from server import clock
from server.plan import entered, figures
from server.plan.tables import IndicatorEntry
from server.refusals import Refused
from tests import factories
from tests.databases import Database
from tests.plan.plan_cast import ICT, loaded

TODAY = date(2026, 11, 21)
EVIDENCE = "動画研修の受講記録（令和8年10月）"


@pytest.fixture(autouse=True)
async def here(database: Database, frozen_now: datetime) -> None:
    pass


async def test_s5_an_entry_adds_to_what_is_counted_with_its_evidence() -> None:
    indicator = (await loaded())["classes"]

    await entered.add(indicator["id"], TODAY, number=2, evidence=EVIDENCE, by=ICT)

    figure = await figures.actual(indicator, 2026)
    assert figure.number == 2
    [row] = figure.rows
    assert (row["kind"], row["title"], row["number"]) == ("entry", EVIDENCE, 2)


@pytest.mark.parametrize(
    ("code", "day", "given"),
    [
        ("classes", TODAY, {"number": 2, "evidence": ""}),
        ("classes", TODAY + timedelta(days=1), {"number": 2}),
        ("classes", TODAY, {"number": 0}),
        ("classes", TODAY, {}),
        ("classes", TODAY, {"number": 1, "milestone": "試行"}),
        ("helpdesk", TODAY, {"number": 1}),
        ("helpdesk", TODAY, {}),
        ("trained", TODAY, {"number": 24}),
    ],
)
async def test_s5_what_is_no_entry_is_refused(code: str, day: date, given: dict[str, Any]) -> None:
    indicator = (await loaded())[code]

    with pytest.raises(Refused):
        await entered.add(indicator["id"], day, by=ICT, **{"evidence": EVIDENCE, **given})

    assert await IndicatorEntry.count() == 0


async def test_t5_an_entry_taken_back_stays_to_be_seen_and_counts_no_longer() -> None:
    indicator = (await loaded())["initiatives"]
    entry = await entered.add(indicator["id"], TODAY, number=1, evidence=EVIDENCE, by=ICT)
    before = clock.now()

    with clock.freeze(before + timedelta(days=1)):
        await entered.void(entry["id"], "二重に入力した", by=ICT)
        now = await figures.actual(indicator, 2026)
        then = await figures.actual(indicator, 2026, known_at=before)

    assert (now.number, then.number) == (None, 1)
    [row] = await entered.of(indicator["id"])
    assert (row["void_reason"], row["voided_by"], row["number"]) == ("二重に入力した", ICT.id, 1)


async def test_an_entry_is_taken_back_once_and_with_a_reason() -> None:
    indicator = (await loaded())["initiatives"]
    entry = await entered.add(indicator["id"], TODAY, number=1, evidence=EVIDENCE, by=ICT)

    with pytest.raises(Refused):
        await entered.void(entry["id"], "", by=ICT)
    await entered.void(entry["id"], "誤り", by=ICT)
    with pytest.raises(Refused):
        await entered.void(entry["id"], "もう一度", by=ICT)

    assert [row["void_reason"] for row in await entered.of(indicator["id"])] == ["誤り"]


async def test_c4_the_section_in_charge_enters_for_its_own_indicator_only() -> None:
    section = await factories.make_section(name="ICT戦略課")
    indicators = await loaded()
    own = replace(ICT, sees_all_sections=False, section_id=section.id)

    await entered.add(indicators["classes"]["id"], TODAY, number=1, evidence=EVIDENCE, by=own)
    with pytest.raises(Refused):
        initiatives = indicators["initiatives"]["id"]
        await entered.add(initiatives, TODAY, number=1, evidence=EVIDENCE, by=own)

    assert await IndicatorEntry.count() == 1
