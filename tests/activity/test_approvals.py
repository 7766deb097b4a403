"""S4: minutes and people count when, and as long as, a coordinator has approved them."""

import asyncio
from datetime import datetime

import pytest

from server.activity import activities, approvals, queries
from server.activity.tables import ActivityApproval, ActivityReport
from server.classes.tables import ClassSession, Course
from server.refusals import Refused, Stale
from tests.activity.cast import ICT, Staff, another, called, neighbour
from tests.activity.test_activities import facts, helped_at_class
from tests.databases import Database
from tests.factories import make_section
from tests.unlocked import unlock

DECIDED = r"^Somebody has already decided about this report"


@pytest.fixture(autouse=True)
async def now(database: Database, frozen_now: datetime) -> None:
    """Saturday 21 November 2026, 10 in the morning, for every test here."""


async def test_s4_an_approval_keeps_what_was_approved(database: Database) -> None:
    haruko = await neighbour()
    report = await called(haruko, people_helped=3)

    approval = await approvals.approve(report["id"], version=1, by=ICT)

    assert (approval["minutes"], approval["people_helped"]) == (60, 3)
    assert (approval["effective_on"], approval["district"]) == (
        report["done_on"],
        haruko.district_id,
    )
    [row] = await ActivityReport.select()
    assert (row["state"], row["version"]) == ("approved", 2)


async def test_s4_approving_twice_counts_once(database: Database) -> None:
    report = await called(await neighbour())

    first, second = [await approvals.approve(report["id"], version=1, by=ICT) for _ in range(2)]

    assert first["id"] == second["id"]
    assert await ActivityApproval.count() == 1


async def test_s4_two_coordinators_who_decide_at_once_agree_in_the_end(
    database: Database,
) -> None:
    report = await called(await neighbour())

    answers = await asyncio.gather(
        approvals.approve(report["id"], version=1, by=ICT),
        approvals.send_back(report["id"], "人数を確かめてください。", by=another()),
        return_exceptions=True,
    )

    [row] = await ActivityReport.select()
    live = await ActivityApproval.count().where(ActivityApproval.voided_at.is_null())
    assert sum(isinstance(answer, Refused) for answer in answers) == 1
    assert (row["state"], live) in {("approved", 1), ("returned", 0)}


async def test_s4_ten_coordinators_approve_at_once_and_it_counts_once(database: Database) -> None:
    report = await called(await neighbour())

    await asyncio.gather(*(approvals.approve(report["id"], by=ICT) for _ in range(10)))

    assert await ActivityApproval.count() == 1


@pytest.mark.engine("postgres")
async def test_s4_without_the_lock_on_the_supporter_both_would_decide(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = await called(await neighbour())
    unlock(monkeypatch, queries)

    answers = await asyncio.gather(
        approvals.approve(report["id"], by=ICT),
        approvals.send_back(report["id"], "人数を確かめてください。", by=another()),
        return_exceptions=True,
    )

    assert [answer for answer in answers if isinstance(answer, Refused)] == []


async def test_s4_nobody_approves_returns_or_reopens_her_own(database: Database) -> None:
    haruko = await neighbour()
    report = await called(haruko)
    own = haruko.as_coordinator()

    for attempt in (
        approvals.approve(report["id"], by=own),
        approvals.send_back(report["id"], "直す", by=own),
        approvals.withdraw(report["id"], "直す", by=own),
    ):
        with pytest.raises(Refused, match=r"^This is your own report\."):
            await attempt


@pytest.mark.parametrize("by", [Staff(id=903, roles=frozenset()), Staff(id=903, section_id=None)])
async def test_p1_only_coordinators_decide(database: Database, by: Staff) -> None:
    report = await called(await neighbour())

    with pytest.raises(Refused, match=r"^This report belongs to another section\.$"):
        await approvals.approve(report["id"], by=by)


async def test_c4_a_section_decides_about_its_own_classes_only(database: Database) -> None:
    haruko = await neighbour()
    call = await called(haruko, "2026-11-19 10:00")
    helped = await helped_at_class(haruko, "2026-11-20 10:00")
    session = await ClassSession.select().where(ClassSession.id == helped["session"]).first()
    assert session is not None
    course = await Course.select().where(Course.id == session["course"]).first()
    assert course is not None
    own = Staff(id=903, section_id=course["section"])
    other = Staff(id=903, section_id=(await make_section()).id)

    assert [row["id"] for row in await approvals.waiting(ICT)] == [call["id"], helped["id"]]
    assert [row["id"] for row in await approvals.waiting(own)] == [helped["id"]]
    assert await approvals.waiting(other) == []
    assert await approvals.waiting(Staff(id=903, roles=frozenset(), sees_all_sections=True)) == []
    with pytest.raises(Refused, match=r"^This report belongs to another section\.$"):
        await approvals.approve(call["id"], by=own)
    await approvals.approve(helped["id"], by=own)


async def test_s4_a_changed_report_is_not_approved_unseen(database: Database) -> None:
    haruko = await neighbour()
    report = await called(haruko)
    await activities.change(report["id"], facts(minutes=300), version=1, by=haruko)

    with pytest.raises(Stale):
        await approvals.approve(report["id"], version=1, by=ICT)


async def test_s4_a_report_is_returned_with_a_word_and_only_so(database: Database) -> None:
    report = await called(await neighbour())

    with pytest.raises(Refused, match=r"^Please write what is to be corrected\.$"):
        await approvals.send_back(report["id"], "　 ", by=ICT)
    returned = await approvals.send_back(report["id"], "人数を確かめてください。", by=ICT)

    assert (returned["state"], returned["word"]) == ("returned", "人数を確かめてください。")
    assert (await approvals.send_back(report["id"], returned["word"], by=ICT))["version"] == 2
    with pytest.raises(Refused, match=DECIDED):
        await approvals.approve(report["id"], by=ICT)


async def test_s4_what_was_decided_is_not_decided_again(database: Database) -> None:
    haruko = await neighbour()
    approved, withdrawn = await called(haruko), await called(haruko, "2026-11-19 10:00")
    await approvals.approve(approved["id"], by=ICT)
    await activities.withdraw(withdrawn["id"], by=haruko)

    with pytest.raises(Refused, match=DECIDED):
        await approvals.send_back(approved["id"], "直す", by=another())
    with pytest.raises(Refused, match=DECIDED):
        await approvals.approve(withdrawn["id"], by=ICT)


async def test_s4_an_approval_withdrawn_with_a_reason_waits_again(database: Database) -> None:
    report = await called(await neighbour())
    await approvals.approve(report["id"], by=ICT)

    with pytest.raises(Refused, match=r"^Please write why the approval is withdrawn\.$"):
        await approvals.withdraw(report["id"], "", by=ICT)
    row = await approvals.withdraw(report["id"], "別の人の分だった", by=another())

    assert row["state"] == "submitted"
    [approval] = await ActivityApproval.select()
    assert (approval["void_reason"], approval["voided_by"]) == ("別の人の分だった", 902)
    with pytest.raises(Refused, match=r"^This report is not approved\.$"):
        await approvals.withdraw(report["id"], "もう一度", by=ICT)
    await approvals.approve(report["id"], by=ICT)
    assert await ActivityApproval.count() == 2


async def test_s4_the_leads_report_approves_prefilled_help_her_own_too(
    database: Database,
) -> None:
    haruko = await neighbour()
    report = await helped_at_class(haruko, "2026-11-20 10:00")

    for _ in range(2):
        row = await approvals.approve_prefilled(report["id"], by=haruko)

    assert row["state"] == "approved"
    assert await ActivityApproval.count() == 1
