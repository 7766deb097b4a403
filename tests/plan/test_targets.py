"""A target is a number, a milestone or nothing; where a figure stands against it (S6)."""

from dataclasses import replace
from datetime import date

import pytest

from server.audit.tables import AuditEntry
from server.plan import queries, targets
from server.plan.figures import Figure
from server.plan.tables import Target, Unit
from server.refusals import Refused, Stale
from tests.databases import Database
from tests.plan.plan_cast import ICT, loaded

AT_LEAST = {"direction": "at_least"}
AT_MOST = {"direction": "at_most"}


def figure(number: int | None, *milestones: str) -> Figure:
    return Figure(number, Unit.supporter, tuple({"milestone": each} for each in milestones))


def aim(number: int | None = None, milestone: str = "") -> dict[str, object]:
    return {"number": number, "milestone": milestone}


def test_s6_at_least_says_rate_and_what_is_missing_by_when() -> None:
    found = targets.compare(AT_LEAST, 2026, figure(10), aim(24))

    assert (found.rate, found.missing, found.is_met) == (41.6, 14, False)
    assert found.due_on == date(2027, 3, 31)


@pytest.mark.parametrize(
    ("number", "of", "rate", "met"),
    [(24, 24, 100.0, True), (2399, 2400, 99.9, False), (0, 24, 0.0, False), (30, 24, 125.0, True)],
)
def test_s6_a_rate_is_cut_so_that_almost_never_reads_as_reached(
    number: int, of: int, rate: float, met: bool
) -> None:
    found = targets.compare(AT_LEAST, 2026, figure(number), aim(of))

    assert (found.rate, found.is_met, found.missing) == (rate, met, max(of - number, 0))


def test_s6_at_most_is_met_below_and_has_no_rate() -> None:
    below = targets.compare(AT_MOST, 2026, figure(0), aim(1))
    above = targets.compare(AT_MOST, 2026, figure(4), aim(1))

    assert (below.is_met, below.rate, below.missing) == (True, None, 0)
    assert (above.is_met, above.rate, above.missing) == (False, None, 3)


@pytest.mark.parametrize("target", [None, aim()])
def test_s6_no_target_is_blank_never_nought(target: dict[str, object] | None) -> None:
    found = targets.compare(AT_LEAST, 2026, figure(3), target)

    assert found.is_blank
    assert (found.number, found.rate, found.missing, found.is_met) == (None, None, None, None)


def test_s6_a_target_of_nought_is_a_target() -> None:
    found = targets.compare(AT_MOST, 2026, figure(0), aim(0))

    assert not found.is_blank
    assert (found.number, found.is_met) == (0, True)


def test_s6_a_milestone_is_met_by_an_entry_that_says_it() -> None:
    met = targets.compare(AT_LEAST, 2026, figure(None, "検討", "試行"), aim(milestone="試行"))
    open_ = targets.compare(AT_LEAST, 2026, figure(None, "検討"), aim(milestone="試行"))

    assert (met.is_met, open_.is_met) == (True, False)
    assert (met.rate, met.missing, met.number) == (None, None, None)


def test_an_indicator_nobody_has_entered_has_no_rate() -> None:
    found = targets.compare(AT_LEAST, 2026, figure(None), aim(2))

    assert (found.number, found.rate, found.missing, found.is_met) == (2, None, None, None)


async def test_set_writes_who_changed_what_from_and_to(database: Database) -> None:
    trained = (await loaded())["trained"]["id"]

    row = await targets.set(trained, 2026, number=30, version=1, by=ICT)

    assert (row["number"], row["version"]) == (30, 2)
    [entry] = await AuditEntry.select().where(AuditEntry.action == "target.set")
    assert (entry["actor"], entry["subject_id"]) == (ICT.id, trained)
    assert '"was": {"number": 24' in entry["facts"]
    assert '"now": {"number": 30' in entry["facts"]


async def test_s6_a_target_can_be_made_blank_again(database: Database) -> None:
    trained = (await loaded())["trained"]["id"]

    row = await targets.set(trained, 2026, version=1, by=ICT)

    assert (row["number"], row["milestone"]) == (None, "")


async def test_a_year_without_a_target_gets_one(database: Database) -> None:
    trained = (await loaded())["trained"]["id"]

    await targets.set(trained, 2025, number=3, version=0, by=ICT)

    assert (await queries.targets([trained]))[trained][2025]["number"] == 3
    assert await Target.count() == 9


@pytest.mark.parametrize("seen", [0, 2])
async def test_a_stale_save_shows_what_stands(database: Database, seen: int) -> None:
    trained = (await loaded())["trained"]["id"]

    with pytest.raises(Stale) as stale:
        await targets.set(trained, 2026, number=1, version=seen, by=ICT)

    assert stale.value.current["number"] == 24


@pytest.mark.parametrize(
    ("code", "year", "given"),
    [
        ("helpdesk", 2026, {"number": 1}),
        ("trained", 2026, {"milestone": "試行"}),
        ("trained", 2024, {"number": 1}),
        ("trained", 2028, {"number": 1}),
    ],
)
async def test_s6_a_target_fits_its_indicator_and_the_plan(
    database: Database, code: str, year: int, given: dict[str, object]
) -> None:
    indicator = (await loaded())[code]["id"]

    with pytest.raises(Refused):
        await targets.set(indicator, year, version=0, by=ICT, **given)  # type: ignore[arg-type]


async def test_c4_only_the_overseeing_section_sets_targets(database: Database) -> None:
    trained = (await loaded())["trained"]["id"]

    with pytest.raises(Refused):
        somebody = replace(ICT, sees_all_sections=False, section_id=7)
        await targets.set(trained, 2026, number=1, version=1, by=somebody)
