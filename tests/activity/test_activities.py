"""Activity reports: handed in, corrected, withdrawn; nobody is in two places at once."""

import asyncio
from datetime import date, datetime
from typing import Any

import pytest

from server import clock
from server.activity import activities, approvals, queries
from server.activity.activities import ActivityFacts
from server.activity.tables import (
    ActivityApproval,
    ActivityKind,
    ActivityReport,
    ActivityTopic,
    ReportState,
)
from server.audit.tables import AuditEntry
from server.classes import reports
from server.classes.reports import ReportFacts
from server.classes.tables import Assignment, HelpRole, Outcome
from server.database import writing
from server.people import merging
from server.refusals import Refused, Stale
from server.supporters import schemes
from server.supporters.schemes import SchemeFacts
from server.topics import topics
from server.topics.tables import Topic
from tests.activity.cast import ICT, Neighbour, called, instant, neighbour
from tests.databases import Database
from tests.factories import (
    make_class_session,
    make_venue,
)
from tests.unlocked import unlock

OVERLAP = r"^Another report covers some of that time already"


@pytest.fixture(autouse=True)
async def now(database: Database, frozen_now: datetime) -> None:
    """Saturday 21 November 2026, 10 in the morning, for every test here."""


def facts(at: str = "2026-11-20 10:00", minutes: int = 60, **typed: Any) -> ActivityFacts:
    return ActivityFacts(typed.pop("kind", ActivityKind.call), instant(at), minutes, **typed)


async def helped_at_class(who: Neighbour, at: str, minutes: int = 90) -> dict[str, Any]:
    """The lead has saved the report of a session at which she helped."""
    session = await make_class_session(starts_at=instant(at))
    assignment = Assignment(
        session=session.id,
        supporter=who.supporter_id,
        role=HelpRole.assistant,
        recorded_at=clock.now(),
    )
    async with writing():
        await assignment.save()
        return await activities.add_for_assignment(
            assignment.to_dict(), session.to_dict(), minutes, 3, by=ICT
        )


async def test_submit_keeps_what_was_done_and_waits(database: Database) -> None:
    haruko, venue = await neighbour(), await make_venue()
    await topics.load()
    asked = await Topic.select(Topic.id).where(Topic.code.is_in(["photos", "maps"]))
    about = tuple(row["id"] for row in asked)

    report = await called(
        haruko,
        kind=ActivityKind.salon,
        people_helped=4,
        venue_id=venue.id,
        place="2階の和室",
        note="写真の整理",
        topics=about,
    )

    assert (report["state"], report["minutes"], report["people_helped"]) == ("submitted", 60, 4)
    assert report["district"] == venue.district  # of the place, not of where she lives
    assert await ActivityTopic.count() == 2
    [entry] = await AuditEntry.select()
    assert entry["action"] == "activity.submitted"
    assert "写真" not in entry["facts"]


async def test_t1_a_report_belongs_to_the_municipal_day_on_which_it_began(
    database: Database,
) -> None:
    report = await called(await neighbour(), "2026-04-01 00:30", 30)

    assert report["done_on"] == date(2026, 4, 1)
    assert clock.fiscal_year(report["done_on"]) == 2026


@pytest.mark.parametrize(
    ("at", "minutes"), [("2026-11-21 09:30", 31), ("2026-11-22 09:00", 10), ("2027-11-20 09:00", 5)]
)
async def test_a_time_that_is_not_over_is_refused(
    database: Database, at: str, minutes: int
) -> None:
    with pytest.raises(Refused, match=r"^That time is not over yet\."):
        await called(await neighbour(), at, minutes)


async def test_a_time_that_has_just_ended_is_taken(database: Database) -> None:
    report = await called(await neighbour(), "2026-11-21 09:30", 30)

    assert report["state"] == ReportState.submitted


@pytest.mark.parametrize("minutes", [-1, 0, 1441, 10**9])
async def test_s4_no_report_has_more_minutes_than_a_day(database: Database, minutes: int) -> None:
    with pytest.raises(Refused, match=r"^A report covers between 1 minute and 24 hours\.$"):
        await called(await neighbour(), "2026-11-01 10:00", minutes)


@pytest.mark.parametrize(
    ("at", "minutes"),
    [
        ("2026-11-20 09:30", 31),
        ("2026-11-20 10:00", 60),
        ("2026-11-20 10:20", 10),
        ("2026-11-20 10:59", 5),
        ("2026-11-19 12:00", 1440),
    ],
)
async def test_s4_two_reports_never_share_time(database: Database, at: str, minutes: int) -> None:
    haruko = await neighbour()
    await called(haruko)

    with pytest.raises(Refused, match=OVERLAP) as no:
        await called(haruko, at, minutes)

    assert no.value.values["span"] == (instant("2026-11-20 10:00"), instant("2026-11-20 11:00"))
    assert await ActivityReport.count() == 1


@pytest.mark.parametrize(("at", "minutes"), [("2026-11-20 09:00", 60), ("2026-11-20 11:00", 60)])
async def test_s4_one_report_may_follow_another(database: Database, at: str, minutes: int) -> None:
    haruko = await neighbour()
    await called(haruko)
    await called(haruko, at, minutes)

    assert await ActivityReport.count() == 2


async def test_s4_no_day_holds_more_minutes_than_it_has_however_they_are_spread(
    database: Database,
) -> None:
    haruko = await neighbour()
    await called(haruko, "2026-11-17 20:00", 600)  # over midnight, until six in the morning
    await called(haruko, "2026-11-18 06:00", 1080)  # until the end of that day

    for at in ("2026-11-18 00:00", "2026-11-18 05:59", "2026-11-18 23:59", "2026-11-17 23:59"):
        with pytest.raises(Refused, match=OVERLAP):
            await called(haruko, at, 2)
    await called(haruko, "2026-11-19 00:00", 1440)


async def test_s4_a_merged_duplicate_is_the_same_pair_of_hands(database: Database) -> None:
    haruko, double = await neighbour(), await neighbour()
    await called(haruko)
    await merging.merge(double.person_id, haruko.person_id, by=ICT)

    with pytest.raises(Refused, match=OVERLAP):
        await called(double, "2026-11-20 10:30", 10)


async def test_two_supporters_may_help_at_the_same_time(database: Database) -> None:
    await called(await neighbour())
    await called(await neighbour("木村夏夫", "きむらなつお"))

    assert await ActivityReport.count() == 2


async def test_s8_visits_at_home_are_off_until_the_city_allows_them(database: Database) -> None:
    haruko = await neighbour()
    with pytest.raises(Refused, match=r"^Visits at home are not part"):
        await called(haruko, kind=ActivityKind.home_visit)

    await schemes.save(SchemeFacts(home_visits=True), version=0, by=ICT)
    assert (await called(haruko, kind=ActivityKind.home_visit))["kind"] == "home_visit"


async def test_help_at_a_class_is_not_reported_twice(database: Database) -> None:
    with pytest.raises(Refused, match=r"^Help at a class is reported with the class\.$"):
        await called(await neighbour(), kind=ActivityKind.session)


async def test_a_double_tap_answers_with_the_first_report(database: Database) -> None:
    haruko = await neighbour()

    reports = await asyncio.gather(*(called(haruko, submission="press-1") for _ in range(4)))

    assert len({report["id"] for report in reports}) == 1
    assert await ActivityReport.count() == 1


async def ten_reports_of_one_hour() -> list[Refused]:
    """The same hour, pressed ten times as different reports; who was refused."""
    haruko = await neighbour()
    answers = await asyncio.gather(
        *(called(haruko, submission=f"press-{number}") for number in range(10)),
        return_exceptions=True,
    )
    return [answer for answer in answers if isinstance(answer, Refused)]


async def test_s4_ten_reports_of_one_hour_at_the_same_moment_become_one(
    database: Database,
) -> None:
    refused = await ten_reports_of_one_hour()

    assert len(refused) == 9
    assert await ActivityReport.count() == 1


@pytest.mark.engine("postgres")
async def test_s4_without_the_lock_on_the_supporter_several_would_stand(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    unlock(monkeypatch, queries)

    await ten_reports_of_one_hour()

    assert await ActivityReport.count() > 1


async def test_p1_nobody_reports_changes_or_withdraws_for_somebody_else(
    database: Database,
) -> None:
    haruko, natsuo = await neighbour(), await neighbour("木村夏夫", "きむらなつお")
    report = await called(haruko)

    for attempt in (
        activities.submit(haruko.supporter_id, facts(), submission=None, by=natsuo),
        activities.change(report["id"], facts(), version=1, by=natsuo),
        activities.withdraw(report["id"], by=natsuo),
    ):
        with pytest.raises(Refused, match=r"^This report belongs to somebody else\.$"):
            await attempt


async def test_s4_changing_an_approved_report_voids_the_approval_and_waits_again(
    database: Database,
) -> None:
    haruko = await neighbour()
    report = await called(haruko)
    await approvals.approve(report["id"], by=ICT)

    changed = await activities.change(
        report["id"], facts(minutes=45, people_helped=2), version=2, by=haruko
    )

    assert (changed["state"], changed["minutes"]) == ("submitted", 45)
    [approval] = await ActivityApproval.select()
    assert (approval["minutes"], approval["voided_by"]) == (60, haruko.id)
    assert approval["voided_at"] is not None


async def test_a_returned_report_is_handed_in_again(database: Database) -> None:
    haruko = await neighbour()
    report = await called(haruko)
    await approvals.send_back(report["id"], "時間を確かめてください。", by=ICT)

    changed = await activities.change(report["id"], facts(minutes=30), version=2, by=haruko)

    assert (changed["state"], changed["word"]) == ("submitted", "")


async def test_a_change_meets_the_checks_of_a_new_report(database: Database) -> None:
    haruko = await neighbour()
    await called(haruko)
    second = await called(haruko, "2026-11-20 13:00")

    with pytest.raises(Refused, match=OVERLAP):
        await activities.change(second["id"], facts("2026-11-20 10:30"), version=1, by=haruko)
    with pytest.raises(Refused, match=r"^That time is not over yet"):
        await activities.change(second["id"], facts("2026-11-21 13:00"), version=1, by=haruko)
    with pytest.raises(Refused, match=r"^Visits at home"):
        home = facts("2026-11-20 13:00", kind=ActivityKind.home_visit)
        await activities.change(second["id"], home, version=1, by=haruko)
    longer = facts("2026-11-20 13:00", minutes=90)  # its own hours are no hindrance
    assert (await activities.change(second["id"], longer, version=1, by=haruko))["minutes"] == 90


async def test_a_stale_change_is_refused(database: Database) -> None:
    haruko = await neighbour()
    report = await called(haruko)
    await activities.change(report["id"], facts(minutes=30), version=1, by=haruko)

    with pytest.raises(Stale):
        await activities.change(report["id"], facts(minutes=20), version=1, by=haruko)


async def test_of_a_class_only_minutes_people_note_and_topics_change(database: Database) -> None:
    haruko = await neighbour()
    report = await helped_at_class(haruko, "2026-11-20 10:00")
    typed = facts("2026-11-01 08:00", 120, people_helped=5, place="自宅", note="準備も手伝った")

    changed = await activities.change(report["id"], typed, version=1, by=haruko)

    kept = ("kind", "starts_at", "venue", "district", "place", "session")
    assert {name: changed[name] for name in kept} == {name: report[name] for name in kept}
    assert (changed["minutes"], changed["people_helped"]) == (120, 5)
    assert changed["note"] == "準備も手伝った"


async def test_a_withdrawn_report_takes_its_approval_along_and_frees_its_time(
    database: Database,
) -> None:
    haruko = await neighbour()
    report = await called(haruko)
    await approvals.approve(report["id"], by=ICT)

    for _ in range(2):
        assert (await activities.withdraw(report["id"], by=haruko))["state"] == "withdrawn"

    assert await ActivityApproval.count().where(ActivityApproval.voided_at.is_null()) == 0
    await called(haruko)
    with pytest.raises(Refused, match=r"^This report was withdrawn\."):
        await activities.change(report["id"], facts(), version=3, by=haruko)
    actions = await AuditEntry.select(AuditEntry.action).output(as_list=True)
    assert actions.count("activity.withdrawn") == 1


async def test_s4_help_at_a_class_that_shares_time_with_a_report_waits_for_a_coordinator(
    database: Database,
) -> None:
    haruko = await neighbour()
    await called(haruko)
    report = await helped_at_class(haruko, "2026-11-20 10:30")

    kept = await approvals.approve_prefilled(report["id"], by=haruko)

    assert kept["state"] == ReportState.submitted
    with pytest.raises(Refused, match=OVERLAP):
        await approvals.approve(report["id"], by=ICT)


async def test_withdraw_for_assignment_takes_the_report_of_the_class_back(
    database: Database,
) -> None:
    haruko = await neighbour()
    report = await helped_at_class(haruko, "2026-11-20 10:00")
    await approvals.approve_prefilled(report["id"], by=haruko)

    for _ in range(2):
        await activities.withdraw_for_assignment(report["assignment"], "中止だった", by=ICT)

    [row] = await ActivityReport.select()
    [approval] = await ActivityApproval.select()
    assert (row["state"], approval["void_reason"]) == ("withdrawn", "中止だった")


async def test_of_supporter_lists_the_newest_first_without_withdrawn_ones(
    database: Database,
) -> None:
    haruko, other = await neighbour(), await neighbour("木村夏夫", "きむらなつお")
    early = await called(haruko, "2026-11-01 10:00")
    late = await called(haruko, "2026-11-02 10:00")
    gone = await called(haruko, "2026-11-03 10:00")
    await activities.withdraw(gone["id"], by=haruko)
    await called(other)

    rows, more = await activities.of_supporter(haruko.supporter_id)

    assert ([row["id"] for row in rows], more) == ([late["id"], early["id"]], False)
    assert rows[0]["supporter_name"] == "山本春子"


async def test_t4_a_corrected_report_of_a_class_helps_no_more_people_than_came(
    database: Database,
) -> None:
    haruko = await neighbour()
    report = await helped_at_class(haruko, "2026-11-20 10:00")
    await reports.save(report["session"], ReportFacts(Outcome.held, 3), by=ICT)

    with pytest.raises(Refused, match="more people than came"):
        await activities.change(report["id"], facts(people_helped=4), version=1, by=haruko)
    changed = await activities.change(report["id"], facts(people_helped=3), version=1, by=haruko)

    assert changed["people_helped"] == 3
