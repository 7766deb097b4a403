"""T3, T5, S2, P1: what took place at a session, and what counts of it."""

import asyncio
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from server import clock
from server.audit.tables import AuditEntry
from server.classes import attendance, reports, sessions
from server.classes.editing import current
from server.classes.reports import ReportFacts
from server.classes.tables import (
    Assignment,
    ClassSession,
    CourseKind,
    HelpRole,
    Outcome,
    Presence,
    SessionReport,
)
from server.database import writing
from server.refusals import Refused, Stale
from server.roles import Role
from server.supporters.tables import Stage, SupporterStage
from tests.classes.logged_cast import (
    CALLED_OFF,
    HANAKO,
    TARO,
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
from tests.factories import make_class_session, make_course, make_section
from tests.refusals import refusal
from tests.statements import counted
from tests.unlocked import unlock

ALWAYS = (date(2000, 1, 1), date(2100, 1, 1))


async def held_ever(**facts: Any) -> list[dict[str, Any]]:
    return await reports.held(*ALWAYS, **facts)


async def came(session_id: int) -> list[bool | None]:
    rows = await Assignment.select().where(Assignment.session == session_id).order_by(Assignment.id)
    return [row["came"] for row in rows]


async def test_t3_what_ended_without_a_report_is_work_to_do_and_counts_nowhere(
    database: Database, frozen_now: Any
) -> None:
    session = await yesterday_session()
    await books(HANAKO, session)

    assert await held_ever() == []
    assert [row["session_id"] for row in await reports.unreported(ICT)] == [session.id]

    await reports.save(session.id, held(7), by=ICT)

    [row] = await held_ever()
    assert (row["session_id"], row["head_count"]) == (session.id, 7)
    assert row["effective_on"] == date(2026, 11, 20)
    assert await reports.unreported(ICT) == []


async def test_t3_a_session_reported_as_called_off_counts_nowhere_and_is_no_work(
    database: Database, frozen_now: Any
) -> None:
    session = await yesterday_session()

    await reports.save(session.id, CALLED_OFF, by=ICT)

    assert await held_ever() == []
    assert await reports.unreported(ICT) == []


async def test_t3_only_what_ended_stands_and_was_published_is_unreported(
    database: Database, frozen_now: Any
) -> None:
    ended = await yesterday_session()
    await session_at(clock.now() - timedelta(minutes=30))  # still on
    await session_at(clock.now() + timedelta(days=1))
    await yesterday_session(called_off_at=clock.now() - timedelta(days=2))
    draft = await make_course(published_at=None)
    await make_class_session(course=draft.id, starts_at=clock.now() - timedelta(days=1))

    assert [row["session_id"] for row in await reports.unreported(ICT)] == [ended.id]


async def test_t3_before_it_began_there_is_nothing_to_report(
    database: Database, frozen_now: Any
) -> None:
    session = await session_at(clock.now() + timedelta(minutes=1))

    words = await refusal(reports.save(session.id, held(3), by=ICT))

    assert words == "This session has not begun yet."
    assert await SessionReport.count() == 0


async def test_t3_what_was_called_off_cannot_be_held_but_may_be_said_to_be_called_off(
    database: Database, frozen_now: Any
) -> None:
    with clock.freeze(frozen_now - timedelta(days=3)):
        session = await session_at(clock.now() + timedelta(days=2))
        await sessions.call_off(session.id, "警報", version=1, by=ICT)

    words = await refusal(reports.save(session.id, held(3), by=ICT))
    report = await reports.save(session.id, CALLED_OFF, by=ICT)

    assert words == "This session has been called off, so it was not held."
    assert report["outcome"] == "called_off"
    assert await held_ever() == []


async def test_nobody_took_part_in_what_was_called_off(database: Database, frozen_now: Any) -> None:
    session = await yesterday_session()
    booking = await books(HANAKO, session)

    words = await refusal(
        reports.save(session.id, ReportFacts(Outcome.called_off, head_count=1), by=ICT)
    )
    await attendance.mark(session.id, {booking: Presence.present}, by=ICT)
    ticked = await refusal(reports.save(session.id, CALLED_OFF, by=ICT))

    assert words == "Nobody took part in a session that was called off."
    assert ticked == "The report says that this session was called off, so nobody came."


async def test_t4_walk_ins_count_the_head_count_is_never_below_the_ticks(
    database: Database, frozen_now: Any
) -> None:
    session = await yesterday_session()
    for who in (HANAKO, TARO):
        await attendance.mark(session.id, {await books(who, session): Presence.present}, by=ICT)

    words = await refusal(reports.save(session.id, held(1), by=ICT))
    await reports.save(session.id, held(5), by=ICT)

    assert words.startswith("{number} people are ticked")
    assert [row["head_count"] for row in await held_ever()] == [5]
    assert len(await attendance.people(*ALWAYS)) == 2


async def test_t5_a_second_report_takes_the_place_of_the_first_and_the_past_stays_known(
    database: Database, frozen_now: Any
) -> None:
    session = await yesterday_session()
    first = await reports.save(session.id, held(7), by=ICT)
    then = clock.now() + timedelta(minutes=5)
    with clock.freeze(clock.now() + timedelta(hours=1)):
        second = await reports.save(session.id, held(8), by=ICT)

        assert second["id"] != first["id"]
        assert [row["head_count"] for row in await held_ever()] == [8]
        assert [row["head_count"] for row in await held_ever(known_at=then)] == [7]
        assert await held_ever(known_at=first["recorded_at"] - timedelta(seconds=1)) == []


async def test_the_same_said_twice_is_one_report(database: Database, frozen_now: Any) -> None:
    session = await yesterday_session()
    lead = await helps(session)

    first = await reports.save(session.id, held(7, [lead]), by=ICT)
    again = await reports.save(session.id, held(7, [lead]), by=ICT, seen=0)

    assert again["id"] == first["id"]
    assert await SessionReport.count() == 1


async def test_a_report_is_stale_once_somebody_else_has_saved_another(
    database: Database, frozen_now: Any
) -> None:
    session = await yesterday_session()
    theirs = await reports.save(session.id, held(7), by=ICT)

    with pytest.raises(Stale) as stale:
        await reports.save(session.id, held(9), by=ICT, seen=0)
    mine = await reports.save(session.id, held(9), by=ICT, seen=theirs["id"])

    assert stale.value.current["head_count"] == 7
    assert mine["head_count"] == 9


async def test_t5_a_mistaken_report_is_taken_back_and_figures_fall(
    database: Database, frozen_now: Any
) -> None:
    session = await yesterday_session()
    booking = await books(HANAKO, session)
    lead = await helps(session)
    await attendance.mark(session.id, {booking: Presence.present}, by=ICT)
    report = await reports.save(session.id, held(1, [lead]), by=ICT)
    then = clock.now() + timedelta(minutes=5)
    with clock.freeze(clock.now() + timedelta(hours=1)):
        voided = await reports.void(report["id"], "別の日の報告でした", by=ICT)
        again = await reports.void(report["id"], "もう一度", by=ICT)

        assert voided["void_reason"] == again["void_reason"] == "別の日の報告でした"
        assert await held_ever() == []
        assert await attendance.people(*ALWAYS) == []
        assert await came(session.id) == [None]
        assert [row["session_id"] for row in await reports.unreported(ICT)] == [session.id]
        assert len(await held_ever(known_at=then)) == 1
        assert len(await attendance.people(*ALWAYS, known_at=then)) == 1


async def test_taking_a_report_back_needs_a_reason(database: Database, frozen_now: Any) -> None:
    session = await yesterday_session()
    report = await reports.save(session.id, held(1), by=ICT)

    assert await refusal(reports.void(report["id"], "", by=ICT)) == "Please write why."
    assert len(await held_ever()) == 1


async def test_s2_a_trainee_beside_a_lead_who_came_has_practised(
    database: Database, frozen_now: Any
) -> None:
    session = await yesterday_session()
    lead = await helps(session)
    trainee = await helps(session, HelpRole.trainee, "伊藤めぐみ")
    _, practice = await in_training(trainee.person)

    await reports.save(session.id, held(5, [lead, trainee]), by=lead.actor)

    [record] = await live_records(trainee.person)
    assert (record["requirement"], record["source_id"]) == (practice.id, trainee.id)
    assert (record["done_on"], record["minutes"]) == (date(2026, 11, 20), 90)
    assert await came(session.id) == [True, True]


async def test_s2_a_lead_from_outside_is_a_lead(database: Database, frozen_now: Any) -> None:
    session = await yesterday_session()
    lecturer = await lecturer_at(session)
    trainee = await helps(session, HelpRole.trainee, "伊藤めぐみ")
    await in_training(trainee.person)

    await reports.save(session.id, held(5, [lecturer, trainee]), by=ICT)

    assert len(await live_records(trainee.person)) == 1


async def test_s2_a_trainee_whose_lead_did_not_come_has_not_practised(
    database: Database, frozen_now: Any
) -> None:
    session = await yesterday_session()
    await helps(session)
    assistant = await helps(session, HelpRole.assistant, "中村進")
    trainee = await helps(session, HelpRole.trainee, "伊藤めぐみ")
    await in_training(trainee.person)

    await reports.save(session.id, held(5, [assistant, trainee]), by=ICT)

    assert await live_records(trainee.person) == []
    assert await came(session.id) == [False, True, True]


@pytest.mark.parametrize("otherwise", ["lead away", "trainee away", "called off", "taken back"])
async def test_s2_practice_falls_with_what_it_stood_on(
    database: Database, frozen_now: Any, otherwise: str
) -> None:
    session = await yesterday_session()
    lead = await helps(session)
    trainee = await helps(session, HelpRole.trainee, "伊藤めぐみ")
    await in_training(trainee.person)
    report = await reports.save(session.id, held(5, [lead, trainee]), by=ICT)
    assert len(await live_records(trainee.person)) == 1

    if otherwise == "taken back":
        await reports.void(report["id"], "誤り", by=ICT)
    else:
        facts = {
            "lead away": held(5, [trainee]),
            "trainee away": held(5, [lead]),
            "called off": CALLED_OFF,
        }[otherwise]
        await reports.save(session.id, facts, by=ICT)

    assert await live_records(trainee.person) == []


async def test_s2_practice_stays_the_same_record_when_only_the_number_is_corrected(
    database: Database, frozen_now: Any
) -> None:
    session = await yesterday_session()
    lead = await helps(session)
    trainee = await helps(session, HelpRole.trainee, "伊藤めぐみ")
    await in_training(trainee.person)

    await reports.save(session.id, held(5, [lead, trainee]), by=ICT)
    before = await live_records(trainee.person)
    await reports.save(session.id, held(6, [lead, trainee]), by=ICT)

    assert await live_records(trainee.person) == before


async def test_who_does_not_help_there_did_not_come(database: Database, frozen_now: Any) -> None:
    session, other = await yesterday_session(), await yesterday_session()
    elsewhere = await helps(other)

    words = await refusal(reports.save(session.id, held(5, [elsewhere]), by=ICT))

    assert words == "Who helps at this session has changed in the meantime."


async def test_p1_the_lead_the_building_and_the_section_report_and_nobody_else(
    database: Database, frozen_now: Any
) -> None:
    own, foreign = await make_section(), await make_section()
    session = await session_at(
        clock.now() - timedelta(days=1), course=await make_course(section=own.id)
    )
    lead = await helps(session)
    assistant = await helps(session, HelpRole.assistant, "中村進")
    gone = await helps(
        session, HelpRole.lead, "前の講師", voided_at=clock.now() - timedelta(days=5)
    )
    venue = frozenset({Role.venue})
    coordinator = frozenset({Role.coordinator})
    may = {
        "lead": lead.actor,
        "building": Staff(roles=venue, venue_ids=frozenset({int(session.venue)})),
        "section": Staff(roles=coordinator, section_id=own.id),
        "ICT": ICT,
        "assistant": assistant.actor,
        "lead before": gone.actor,
        "other building": Staff(roles=venue, venue_ids=frozenset({2_000_000})),
        "other section": Staff(roles=coordinator, section_id=foreign.id),
        "helpdesk": Staff(roles=frozenset({Role.helpdesk})),
        "administrator": Staff(roles=frozenset({Role.administrator})),
        "section's venue account": Staff(roles=venue, section_id=own.id),
    }

    found = set()
    for who, actor in may.items():
        assert bool(await reports.unreported(actor)) is (who in list(may)[:4]), who
        try:
            await reports.check_may_report(session.to_dict(), actor)
        except Refused:
            continue
        found.add(who)

    assert found == {"lead", "building", "section", "ICT"}
    words = await refusal(reports.save(session.id, held(3), by=assistant.actor))
    assert words == "Only those who run this session say what became of it."


async def test_t1_the_day_of_the_session_decides_the_year(database: Database) -> None:
    late = datetime.fromisoformat("2026-03-31T23:30:00+09:00")
    with clock.freeze(late + timedelta(days=3)):
        over_midnight = await session_at(late, minutes=60)
        morning = await session_at(late + timedelta(hours=1))  # 00:30 on 1 April in Japan
        for session in (over_midnight, morning):
            await reports.save(session.id, held(2), by=ICT)

        year_2025 = await reports.held(date(2025, 4, 1), date(2026, 3, 31))
        year_2026 = await reports.held(date(2026, 4, 1), date(2027, 3, 31))

    assert [row["session_id"] for row in year_2025] == [over_midnight.id]
    assert [row["session_id"] for row in year_2026] == [morning.id]


async def test_t5_held_is_one_statement_and_takes_the_kinds_asked_for(
    database: Database, frozen_now: Any
) -> None:
    ids = {}
    for kind in (CourseKind.smartphone, CourseKind.consultation, CourseKind.staff_training):
        course = await make_course(kind=kind)
        session = await session_at(clock.now() - timedelta(days=1), course=course)
        await reports.save(session.id, held(1), by=ICT)
        ids[kind] = session.id

    with counted() as sent:
        rows = await held_ever(kinds=(CourseKind.smartphone, CourseKind.consultation))

    assert [row["session_id"] for row in rows] == [
        ids[CourseKind.smartphone],
        ids[CourseKind.consultation],
    ]
    assert len(sent) == 1


async def test_p2_a_report_is_audited_with_what_it_says_and_no_name(
    database: Database, frozen_now: Any
) -> None:
    session = await yesterday_session()
    lead = await helps(session)

    report = await reports.save(session.id, held(7, [lead]), by=lead.actor)

    [entry] = await AuditEntry.select().where(AuditEntry.action == "session_report.saved")
    assert (entry["actor"], entry["subject_id"]) == (lead.account.id, report["id"])
    assert '"head_count": 7' in entry["facts"]
    assert "佐藤" not in entry["facts"]


async def _two_at_once(session_id: int) -> list[Any]:
    saves = (reports.save(session_id, held(number), by=ICT, seen=0) for number in (7, 8))
    return await asyncio.gather(*saves, return_exceptions=True)


async def test_two_who_save_the_report_at_once_leave_one_and_one_is_told(
    database: Database,
) -> None:
    session = await yesterday_session()

    answers = await _two_at_once(session.id)

    assert sorted(type(each).__name__ for each in answers) == ["Stale", "dict"]
    assert len(await held_ever()) == 1


@pytest.mark.engine("postgres")
async def test_without_the_lock_the_second_is_told_nothing(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control of the test above: what the lock of the course is for."""
    session = await yesterday_session()
    unlock(monkeypatch, reports, "locked_course", instead=current)

    answers = await _two_at_once(session.id)

    assert sorted(type(each).__name__ for each in answers) == ["Conflict", "dict"]


async def test_an_assignment_added_after_the_report_is_noted_when_it_is_saved_again(
    database: Database, frozen_now: Any
) -> None:
    session = await yesterday_session()
    lead = await helps(session)
    await reports.save(session.id, held(7, [lead]), by=ICT)
    await helps(session, HelpRole.assistant, "中村進")

    await reports.save(session.id, held(7, [lead]), by=ICT)

    assert await came(session.id) == [True, False]


async def test_t3_what_is_reported_as_held_is_not_called_off_any_more(
    database: Database, frozen_now: Any
) -> None:
    session = await session_at(clock.now() - timedelta(minutes=30))  # still on
    report = await reports.save(session.id, held(3), by=ICT)

    words = await refusal(sessions.call_off(session.id, "警報", version=1, by=ICT))
    assert words == "This has been reported as held. Please take the report back first."

    await reports.void(report["id"], "途中で中止", by=ICT)
    await sessions.call_off(session.id, "警報", version=1, by=ICT)
    assert await reports.unreported(ICT) == []


async def test_a_second_report_waits_for_the_first_and_learns_of_it(database: Database) -> None:
    session = await yesterday_session()
    start, go = asyncio.Event(), asyncio.Event()

    async def ask() -> str:
        start.set()
        await go.wait()
        with pytest.raises(Refused) as refused:
            await reports.save(session.id, held(8), by=ICT, seen=0)
        return type(refused.value).__name__

    asking = asyncio.create_task(ask())  # before the change: a task of its own, outside it
    await start.wait()
    async with writing():
        await reports.save(session.id, held(7), by=ICT, seen=0)
        go.set()
        await asyncio.sleep(0.3)

    assert await asking == "Stale"
    assert [row["head_count"] for row in await held_ever()] == [7]


async def test_t5_a_report_that_nobody_saw_is_not_taken_back(
    database: Database, frozen_now: Any
) -> None:
    session = await yesterday_session()
    first = await reports.save(session.id, held(7), by=ICT)
    second = await reports.save(session.id, held(8), by=ICT)

    with pytest.raises(Stale) as stale:
        await reports.void(first["id"], "誤り", by=ICT)

    assert stale.value.current["id"] == second["id"]
    assert await reports.current(session.id) == second


@pytest.mark.parametrize("stage", [Stage.resting, Stage.withdrawn])
async def test_s8_who_rests_or_has_left_leads_nothing(
    database: Database, frozen_now: Any, stage: Stage
) -> None:
    session = await yesterday_session()
    lead = await helps(session)
    assert len(await reports.unreported(lead.actor)) == 1
    async with writing():
        await SupporterStage(
            supporter=lead.supporter.id,
            stage=stage,
            effective_on=clock.today(),
            recorded_at=clock.now(),
        ).save()

    words = await refusal(reports.save(session.id, held(7), by=lead.actor))

    assert words == "Only those who run this session say what became of it."
    row = await ClassSession.select().where(ClassSession.id == session.id).first()
    assert row is not None
    assert not await reports.leads(row, lead.actor)
    assert await reports.unreported(lead.actor) == []
    assert len(await reports.unreported(ICT)) == 1
