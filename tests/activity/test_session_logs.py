"""S4, T4, T5: a session's report brings and approves the activity reports of its helpers."""

import asyncio
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from server import clock
from server.activity import activities, approvals, queries, session_logs
from server.activity.activities import ActivityFacts
from server.activity.session_logs import HelpDone
from server.activity.tables import ActivityApproval, ActivityKind, ActivityReport
from server.classes import attendance, reports
from server.classes.tables import ClassSession, HelpRole, Presence, SessionReport
from server.database import locked, writing
from server.refusals import Refused, Stale
from server.roles import Role
from tests.classes.logged_cast import (
    CALLED_OFF,
    HANAKO,
    TARO,
    Helper,
    assigned,
    books,
    held,
    helps,
    in_training,
    lecturer_at,
    live_records,
    session_at,
    yesterday_session,
)
from tests.classes.staff_cast import ICT, Staff
from tests.databases import Database

CAST = {
    HelpRole.lead: "佐藤みどり",
    HelpRole.assistant: "中村進",
    HelpRole.trainee: "伊藤めぐみ",
}
CITY = replace(ICT, id=2_000_000)  # nobody's account in these tests


async def three_at(session: ClassSession) -> list[Helper]:
    """A lead, an assistant and a trainee."""
    return [await helps(session, role, name) for role, name in CAST.items()]


def came(*helpers: Helper, **hours: int) -> list[HelpDone]:
    return [HelpDone(each.id, came=True, **hours) for each in helpers]


async def told(session: ClassSession) -> dict[int, tuple[str, int, int]]:
    """State, minutes and people of each assignment's report that was not withdrawn."""
    rows = await ActivityReport.select().where(
        (ActivityReport.session == session.id) & (ActivityReport.state != "withdrawn")
    )
    return {row["assignment"]: (row["state"], row["minutes"], row["people_helped"]) for row in rows}


async def counting() -> list[tuple[int, int, int]]:
    """Supporter, minutes and people of each approval that counts."""
    rows = (
        await ActivityApproval.select()
        .where(ActivityApproval.voided_at.is_null())
        .order_by(ActivityApproval.supporter)
    )
    return [(row["supporter"], row["minutes"], row["people_helped"]) for row in rows]


async def test_s4_the_leads_report_approves_what_is_as_long_as_the_session(
    database: Database, frozen_now: Any
) -> None:
    session = await yesterday_session()
    lead, assistant, trainee = await three_at(session)

    await session_logs.save(
        session.id, held(8), came(lead, assistant, trainee), by=lead.actor, seen=0
    )

    assert await told(session) == {
        lead.id: ("approved", 90, 3),
        assistant.id: ("approved", 90, 3),
        trainee.id: ("approved", 90, 2),
    }
    assert sum(people for *_, people in await counting()) == 8
    [report] = await ActivityReport.select().where(ActivityReport.assignment == lead.id)
    assert (report["kind"], report["done_on"]) == ("session", date(2026, 11, 20))
    assert report["venue"] == session.venue


async def test_s4_changed_hours_wait_for_the_coordinator(
    database: Database, frozen_now: Any
) -> None:
    session = await yesterday_session()
    lead, assistant, _ = await three_at(session)

    helps_done = [*came(lead), HelpDone(assistant.id, came=True, minutes=150)]
    await session_logs.save(session.id, held(4), helps_done, by=lead.actor)

    assert await told(session) == {
        lead.id: ("approved", 90, 2),
        assistant.id: ("submitted", 150, 2),
    }
    assert await counting() == [(lead.supporter.id, 90, 2)]


async def test_s4_the_buildings_report_approves_nothing_the_leads_then_does(
    database: Database, frozen_now: Any
) -> None:
    session = await yesterday_session()
    lead, *_ = await three_at(session)
    building = Staff(roles=frozenset({Role.venue}), venue_ids=frozenset({int(session.venue)}))

    await session_logs.save(session.id, held(4), came(lead), by=building)
    assert await told(session) == {lead.id: ("submitted", 90, 4)}

    await session_logs.save(session.id, held(4), came(lead), by=lead.actor)
    assert await told(session) == {lead.id: ("approved", 90, 4)}
    assert await ActivityReport.count() == 1


async def test_s4_a_coordinator_approves_with_her_report_but_not_her_own_help(
    database: Database, frozen_now: Any
) -> None:
    session = await yesterday_session()
    lead, assistant, _ = await three_at(session)
    both = Staff(
        id=assistant.account.id,
        roles=frozenset({Role.coordinator, Role.supporter}),
        sees_all_sections=True,
    )

    await session_logs.save(session.id, held(4), came(lead, assistant), by=both)

    assert await told(session) == {
        lead.id: ("approved", 90, 2),
        assistant.id: ("submitted", 90, 2),
    }


async def test_s4_saved_again_what_is_unchanged_stays_and_the_rest_is_made_anew(
    database: Database, frozen_now: Any
) -> None:
    session = await yesterday_session()
    lead, assistant, trainee = await three_at(session)
    await session_logs.save(
        session.id, held(4), came(lead, assistant, people_helped=2), by=lead.actor
    )
    before = await ActivityReport.select().order_by(ActivityReport.id)

    again = [
        HelpDone(lead.id, came=True, people_helped=2),
        HelpDone(assistant.id, came=False),
        HelpDone(trainee.id, came=True, people_helped=2),
    ]
    await session_logs.save(session.id, held(4), again, by=lead.actor)

    assert await told(session) == {lead.id: ("approved", 90, 2), trainee.id: ("approved", 90, 2)}
    kept = await ActivityReport.select().where(ActivityReport.id == before[0]["id"])
    assert kept == before[:1]
    assert len(await counting()) == 2
    assert await ActivityApproval.count() == 3


async def test_s4_what_the_coordinator_approved_stays_when_the_report_is_corrected(
    database: Database, frozen_now: Any
) -> None:
    session = await yesterday_session()
    lead, *_ = await three_at(session)
    done = [HelpDone(lead.id, came=True, minutes=120, people_helped=4)]
    await session_logs.save(session.id, held(4), done, by=lead.actor)
    [row] = await ActivityReport.select()
    await approvals.approve(row["id"], by=CITY)

    await session_logs.save(session.id, held(5), done, by=lead.actor)

    assert await told(session) == {lead.id: ("approved", 120, 4)}


async def test_t5_a_report_taken_back_voids_approvals_and_the_past_stays_known(
    database: Database, frozen_now: Any
) -> None:
    session = await yesterday_session()
    lead, _, trainee = await three_at(session)
    await in_training(trainee.person)
    report = await session_logs.save(session.id, held(4), came(lead, trainee), by=lead.actor)
    assert len(await live_records(trainee.person)) == 1

    with clock.freeze(clock.now() + timedelta(hours=1)):
        for _ in range(2):
            await session_logs.void(report["id"], "別の日の報告でした", by=CITY)

    assert await told(session) == {}
    assert await counting() == []
    assert await live_records(trainee.person) == []
    approved = await ActivityApproval.select()
    assert {row["void_reason"] for row in approved} == {"別の日の報告でした"}
    assert {row["voided_at"] for row in approved} == {frozen_now + timedelta(hours=1)}


async def test_after_a_mistake_the_right_report_is_made_anew(
    database: Database, frozen_now: Any
) -> None:
    session = await yesterday_session()
    lead, *_ = await three_at(session)
    report = await session_logs.save(session.id, held(4), came(lead), by=lead.actor)
    await session_logs.void(report["id"], "誤り", by=lead.actor)

    await session_logs.save(session.id, held(4), came(lead), by=lead.actor)

    assert await told(session) == {lead.id: ("approved", 90, 4)}
    assert await SessionReport.count() == 2


async def test_a_session_that_turns_out_called_off_leaves_nothing_behind(
    database: Database, frozen_now: Any
) -> None:
    session = await yesterday_session()
    hanako = await books(HANAKO, session)
    lead, *_ = await three_at(session)
    await session_logs.save(
        session.id, held(1), came(lead), by=lead.actor, marks={hanako: Presence.present}
    )

    await session_logs.save(session.id, CALLED_OFF, [], by=lead.actor)

    assert await told(session) == {}
    assert await attendance.of_session(session.id) == {}
    assert await reports.held(date(2026, 4, 1), date(2027, 3, 31)) == []


async def test_attendance_and_report_are_saved_together_or_not_at_all(
    database: Database, frozen_now: Any
) -> None:
    session = await yesterday_session()
    hanako, taro = await books(HANAKO, session), await books(TARO, session)
    lead, *_ = await three_at(session)
    marks = {hanako: Presence.present, taro: Presence.present}

    with pytest.raises(Refused, match="2 people are ticked"):
        await session_logs.save(session.id, held(1), came(lead), by=lead.actor, marks=marks)

    assert await attendance.of_session(session.id) == {}
    assert await told(session) == {}


async def test_nobody_helps_more_people_than_came(database: Database, frozen_now: Any) -> None:
    session = await yesterday_session()
    lead, *_ = await three_at(session)

    with pytest.raises(Refused, match="more people than came"):
        await session_logs.save(session.id, held(3), came(lead, people_helped=4), by=lead.actor)

    assert await SessionReport.count() == 0


@pytest.mark.parametrize("minutes", [0, 1441])
async def test_nobody_helps_longer_than_a_day(
    database: Database, frozen_now: Any, minutes: int
) -> None:
    session = await yesterday_session()
    lead, *_ = await three_at(session)

    with pytest.raises(Refused, match="between 1 minute and 24 hours"):
        await session_logs.save(session.id, held(3), came(lead, minutes=minutes), by=lead.actor)

    assert await SessionReport.count() == 0


async def test_a_report_that_shares_time_with_another_is_kept_and_waits(
    database: Database, frozen_now: Any
) -> None:
    session = await yesterday_session()
    lead, assistant, _ = await three_at(session)
    salon = ActivityFacts(ActivityKind.salon, session.starts_at + timedelta(minutes=30), 60)
    await activities.submit(assistant.supporter.id, salon, submission="salon", by=assistant.actor)

    await session_logs.save(session.id, held(4), came(lead, assistant), by=lead.actor)

    assert await told(session) == {
        lead.id: ("approved", 90, 2),
        assistant.id: ("submitted", 90, 2),
    }


async def test_an_outside_lecturer_shares_the_people_and_reports_no_activity(
    database: Database, frozen_now: Any
) -> None:
    session = await yesterday_session()
    lecturer = await lecturer_at(session)
    assistant = await helps(session, HelpRole.assistant, "中村進")

    helped = [HelpDone(lecturer.id, came=True), *came(assistant)]
    await session_logs.save(session.id, held(7), helped, by=CITY)

    assert await told(session) == {assistant.id: ("approved", 90, 3)}


async def test_t1_a_session_over_midnight_on_31_march_counts_in_the_old_year(
    database: Database,
) -> None:
    begins = datetime.fromisoformat("2026-03-31T23:00:00+09:00")
    with clock.freeze(begins + timedelta(hours=3)):
        session = await session_at(begins, minutes=120)
        lead = await helps(session)
        await session_logs.save(session.id, held(4), came(lead), by=lead.actor)

    [approval] = await ActivityApproval.select()
    assert (approval["effective_on"], approval["minutes"]) == (date(2026, 3, 31), 120)


@pytest.mark.parametrize("heads", [0, 1, 2, 7, 30])
def test_t4_the_shares_are_as_many_as_came(heads: int) -> None:
    shares = session_logs.shares(heads, [5, 6, 7])

    assert sum(shares.values()) == heads
    assert max(shares.values()) - min(shares.values()) <= 1
    assert session_logs.shares(heads, []) == {}


async def test_two_who_save_at_once_leave_one_report_and_one_of_each_helper(
    database: Database,
) -> None:
    session = await yesterday_session()
    lead, assistant, _ = await three_at(session)

    saves = (
        session_logs.save(session.id, held(heads), came(lead, assistant), by=by, seen=0)
        for heads, by in ((4, lead.actor), (6, CITY))
    )
    answers = await asyncio.gather(*saves, return_exceptions=True)

    assert sorted(type(each).__name__ for each in answers) == [Stale.__name__, "dict"]
    assert len(await told(session)) == 2
    assert len(await counting()) == 2


@pytest.mark.parametrize("differs", ["ticks", "hours", "nothing"])
async def test_ticks_and_hours_that_nobody_saw_are_not_replaced_either(
    database: Database, frozen_now: Any, differs: str
) -> None:
    session = await yesterday_session()
    hanako, taro = await books(HANAKO, session), await books(TARO, session)
    lead, *_ = await three_at(session)
    first = {hanako: Presence.present, taro: Presence.absent}
    other = {hanako: Presence.absent, taro: Presence.present}
    theirs = await session_logs.save(
        session.id, held(1), came(lead), by=lead.actor, marks=first, seen=0
    )

    mine = session_logs.save(
        session.id,
        held(1),
        came(lead, minutes=120) if differs == "hours" else came(lead),
        by=CITY,
        marks=other if differs == "ticks" else first,
        seen=0,
    )

    if differs == "nothing":
        assert await mine == theirs
    else:
        with pytest.raises(Stale):
            await mine
    assert await told(session) == {lead.id: ("approved", 90, 1)}
    ticked = await attendance.of_session(session.id)
    assert ticked[hanako]["presence"] == "present"


async def test_a_report_waits_for_who_is_just_ticking_at_the_door(database: Database) -> None:
    session = await yesterday_session()
    hanako = await books(HANAKO, session)
    start, go = asyncio.Event(), asyncio.Event()

    async def ask() -> Any:
        start.set()
        await go.wait()
        return await session_logs.save(session.id, CALLED_OFF, [], by=CITY)

    asking = asyncio.create_task(ask())  # before the change: a task of its own, outside it
    await start.wait()
    async with writing():
        await attendance.mark(session.id, {hanako: Presence.present}, by=ICT)
        go.set()
        await asyncio.sleep(0.3)

    assert (await asking)["outcome"] == "called_off"
    assert await attendance.of_session(session.id) == {}


@pytest.mark.engine("postgres")
async def test_two_sessions_with_the_same_helpers_do_not_wait_for_each_other(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = await yesterday_session(), await yesterday_session()
    lead = await helps(one)
    assistant = await helps(one, HelpRole.assistant, "中村進")
    there = [
        HelpDone((await assigned(other, role, supporter=who.supporter.id)).id, came=True)
        for role, who in ((HelpRole.lead, lead), (HelpRole.assistant, assistant))
    ]
    await session_logs.save(one.id, held(3), came(lead, assistant), by=CITY)

    async def slowly(name: str) -> None:
        await locked(name)
        await asyncio.sleep(0.2)

    monkeypatch.setattr(queries, "locked", slowly)

    only = [HelpDone(lead.id, came=False), *came(assistant)]
    await asyncio.gather(
        session_logs.save(one.id, held(3), only, by=CITY),
        session_logs.save(other.id, held(3), there, by=CITY),
    )

    assert (await told(one)).keys() == {assistant.id}
    assert (await told(other)).keys() == {each.assignment_id for each in there}
