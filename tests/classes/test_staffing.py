"""S3, S8, C4: who takes a place at a session, who gives it, and how it is given back."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from server import clock
from server.audit.tables import AuditEntry
from server.classes import assignments, drafts, eligibility, reports, sessions, staffing
from server.classes.editing import Unheeded
from server.classes.reports import ReportFacts
from server.classes.tables import Assignment, ClassSession, Course, Outcome
from server.notices.tables import Notice
from server.people import merging
from server.refusals import Refused, Stale
from server.supporters.tables import CredentialKind, SignUp, Stage
from tests.classes.helpers_cast import (
    ASSISTANT,
    HERSELF,
    LEAD,
    TRAINEE,
    assigned,
    live,
    make_lead,
    make_lecturer,
    make_practising,
    make_session,
    save_scheme,
    signed_in_as,
)
from tests.classes.staff_cast import ICT, Staff, in_days
from tests.databases import Database
from tests.factories import make_course, make_credential, make_section, make_supporter
from tests.refusals import refusal


@pytest.fixture(autouse=True)
async def now(database: Database, frozen_now: datetime) -> None:
    """Every test has a database, on 2026-11-21 at 10:00."""


async def test_s3_a_supporter_takes_a_place_by_herself() -> None:
    session, midori = await make_session(), await make_supporter()

    row = await staffing.sign_up(session.id, midori.id, ASSISTANT, by=HERSELF)

    assert (row["session"], row["supporter"], row["role"]) == (session.id, midori.id, "assistant")
    assert await live(session) == [("assistant", midori.id)]
    [entry] = await AuditEntry.select().where(AuditEntry.action == "assignment.added")
    assert (entry["actor"], entry["subject_id"]) == (HERSELF.id, row["id"])


async def test_s3_a_second_tap_answers_with_the_first_place() -> None:
    session, midori = await make_session(), await make_supporter()

    first = await staffing.sign_up(session.id, midori.id, ASSISTANT, by=HERSELF)
    second = await staffing.sign_up(session.id, midori.id, ASSISTANT, by=HERSELF)

    assert second["id"] == first["id"]
    assert await Assignment.count() == 1


async def test_s3_nobody_has_two_roles_at_one_session() -> None:
    session, midori = await make_session(), await make_lead()
    await staffing.sign_up(session.id, midori.id, ASSISTANT, by=HERSELF)

    said = "This person already helps at this session in another role."
    assert await refusal(staffing.sign_up(session.id, midori.id, LEAD, by=HERSELF)) == said
    assert await refusal(staffing.assign(session.id, LEAD, supporter_id=midori.id, by=ICT)) == said


@pytest.mark.parametrize(
    ("who", "allowed"),
    [(SignUp.supporters, True), (SignUp.both, True), (SignUp.coordinators, False)],
)
async def test_s3_the_city_says_who_fills_places(who: SignUp, allowed: bool) -> None:
    await save_scheme(sign_up=who)
    session, midori = await make_session(), await make_supporter()

    if allowed:
        await staffing.sign_up(session.id, midori.id, ASSISTANT, by=HERSELF)
    else:
        said = await refusal(staffing.sign_up(session.id, midori.id, ASSISTANT, by=HERSELF))
        assert said == "The city office decides who helps where. Please phone us."
    assert len(await live(session)) == int(allowed)


async def test_s3_a_trainee_needs_a_lead_on_the_same_session() -> None:
    session, hana, lead = await make_session(), await make_practising(), await make_lead()

    alone = await refusal(staffing.sign_up(session.id, hana.id, TRAINEE, by=HERSELF))
    await staffing.sign_up(session.id, lead.id, LEAD, by=HERSELF)
    await staffing.sign_up(session.id, hana.id, TRAINEE, by=HERSELF)

    assert alone == eligibility.NO_LEAD
    assert await live(session) == [("lead", lead.id), ("trainee", hana.id)]


async def test_s3_a_lecturer_from_outside_leads_trainees_and_counts_for_staffing_only() -> None:
    session, hana, outside = await make_session(), await make_practising(), await make_lecturer()

    await staffing.assign(session.id, LEAD, lecturer_id=outside.id, by=ICT)
    await staffing.sign_up(session.id, hana.id, TRAINEE, by=HERSELF)

    [lecturer, trainee] = await assignments.of_session(session.id)
    assert (lecturer["name"], lecturer["supporter"], lecturer["person"]) == ("外部太郎", None, None)
    assert trainee["supporter"] == hana.id
    said = await refusal(staffing.assign(session.id, TRAINEE, lecturer_id=outside.id, by=ICT))
    assert said == "A lecturer from outside is no trainee."


@pytest.mark.parametrize(
    ("stage", "role", "allowed"),
    [
        (Stage.applied, TRAINEE, False),
        (Stage.in_training, TRAINEE, True),
        (Stage.in_training, ASSISTANT, False),
        (Stage.completed, TRAINEE, True),
        (Stage.completed, ASSISTANT, False),
        (Stage.registered, ASSISTANT, True),
        (Stage.active, LEAD, True),
        (Stage.active, TRAINEE, False),
        (Stage.resting, ASSISTANT, False),
        (Stage.withdrawn, ASSISTANT, False),
    ],
)
async def test_s3_the_stage_says_which_role(stage: Stage, role: Any, allowed: bool) -> None:
    session, lead = await make_session(leads_needed=2), await make_lead()
    await assigned(session, LEAD, lead)
    hana = await make_supporter((stage, date(2026, 6, 1)), may_lead=True)

    if allowed:
        await staffing.sign_up(session.id, hana.id, role, by=HERSELF)
    else:
        await refusal(staffing.sign_up(session.id, hana.id, role, by=HERSELF))

    assert ((role, hana.id) in await live(session)) == allowed


async def test_s3_only_whom_the_office_has_named_leads() -> None:
    session, midori = await make_session(), await make_supporter()

    said = "Only supporters whom the office has named can lead."
    assert await refusal(staffing.sign_up(session.id, midori.id, LEAD, by=HERSELF)) == said
    assert await refusal(staffing.assign(session.id, LEAD, supporter_id=midori.id, by=ICT)) == said


@pytest.mark.parametrize("kind", [CredentialKind.pledge, CredentialKind.insurance])
@pytest.mark.parametrize(("ends_before", "allowed"), [(0, True), (1, False)])
async def test_s8_pledge_and_insurance_hold_on_the_day_of_the_session(
    kind: CredentialKind, ends_before: int, allowed: bool
) -> None:
    session, midori = await make_session(), await make_supporter(papers=False)
    for each in (CredentialKind.pledge, CredentialKind.insurance):
        last = session.held_on - timedelta(days=ends_before) if each == kind else None
        await make_credential(midori.id, each, valid_until=last)

    if allowed:
        await staffing.sign_up(session.id, midori.id, ASSISTANT, by=HERSELF)
    else:
        await refusal(staffing.sign_up(session.id, midori.id, ASSISTANT, by=HERSELF))
    assert len(await live(session)) == int(allowed)


async def test_s8_no_coordinator_overrules_a_missing_insurance() -> None:
    session, midori = await make_session(), await make_supporter(papers=False)
    await make_credential(midori.id, CredentialKind.pledge)

    with pytest.raises(Refused) as refused:
        await assigned(session, ASSISTANT, midori)

    assert not isinstance(refused.value, Unheeded)
    assert refused.value.values == {"day": session.held_on}
    assert await live(session) == []


async def test_s3_no_more_than_the_places_that_there_are() -> None:
    session = await make_session(assistants_needed=1)
    first, second = await make_supporter(), await make_supporter()
    await staffing.sign_up(session.id, first.id, ASSISTANT, by=HERSELF)

    said = await refusal(staffing.sign_up(session.id, second.id, ASSISTANT, by=HERSELF))

    assert said == eligibility.FULL
    assert await live(session) == [("assistant", first.id)]


async def test_s3_a_coordinator_goes_past_a_warning_with_a_reason() -> None:
    session = await make_session(assistants_needed=0)
    midori = await make_supporter()

    with pytest.raises(Unheeded) as refused:
        await staffing.assign(session.id, ASSISTANT, supporter_id=midori.id, by=ICT)
    row = await staffing.assign(
        session.id, ASSISTANT, supporter_id=midori.id, overruled="耳の遠い人が多い", by=ICT
    )

    assert [each.msgid for each in refused.value.warnings] == [eligibility.FULL]
    assert (refused.value.msgid, row["overruled"]) == (staffing.UNHEEDED, "耳の遠い人が多い")


async def test_s3_a_reason_is_kept_only_where_something_spoke_against_it() -> None:
    session, midori = await make_session(), await make_supporter()

    assert (await assigned(session, ASSISTANT, midori))["overruled"] == ""


@pytest.mark.parametrize("state", ["draft", "called_off", "begun"])
async def test_s3_nobody_signs_up_for_what_is_not_to_come(state: str) -> None:
    course = await make_course(published_at=None if state == "draft" else clock.now())
    starts = in_days(-0.01) if state == "begun" else in_days(7)
    gone = clock.now() if state == "called_off" else None
    session = await make_session(starts, course=course.id, called_off_at=gone)
    midori = await make_supporter()

    said = await refusal(staffing.sign_up(session.id, midori.id, ASSISTANT, by=HERSELF))

    assert (
        said
        == {
            "draft": "This class is not open yet.",
            "called_off": "This session has been called off.",
            "begun": "This session has already begun.",
        }[state]
    )


async def test_s3_a_coordinator_staffs_a_draft_but_nothing_that_is_called_off() -> None:
    draft = await make_session(course=(await make_course(published_at=None)).id)
    gone = await make_session(called_off_at=clock.now())
    midori = await make_supporter()

    await staffing.assign(draft.id, ASSISTANT, supporter_id=midori.id, by=ICT)

    with pytest.raises(Refused, match="called off"):
        await assigned(gone, ASSISTANT, midori)
    assert await live(draft) == [("assistant", midori.id)]


async def test_s3_who_helped_unplanned_is_added_afterwards_with_a_reason() -> None:
    session, midori = await make_session(in_days(-1)), await make_supporter()

    with pytest.raises(Unheeded) as refused:
        await staffing.assign(session.id, ASSISTANT, supporter_id=midori.id, by=ICT)
    await assigned(session, ASSISTANT, midori)

    assert [each.msgid for each in refused.value.warnings] == [eligibility.OVER]
    assert len(await live(session)) == 1


async def test_c4_a_section_staffs_its_own_courses() -> None:
    own, other = await make_section(), await make_section()
    session = await make_session(course=(await make_course(section=own.id)).id)
    midori = await make_supporter()
    theirs, ours = Staff(section_id=other.id), Staff(section_id=own.id)

    asked = staffing.assign(session.id, ASSISTANT, supporter_id=midori.id, by=theirs)
    assert await refusal(asked) == "This class belongs to another section."
    row = await staffing.assign(session.id, ASSISTANT, supporter_id=midori.id, by=ours)
    taking_off = staffing.take_off(row["id"], "都合", by=theirs)
    assert await refusal(taking_off) == "This class belongs to another section."
    needing = staffing.need(session.id, {"leads_needed": 2}, version=1, by=theirs)
    assert await refusal(needing) == "This class belongs to another section."


@pytest.mark.parametrize(("hours_too_late", "allowed"), [(-1, True), (0, False)])
async def test_s3_leaving_is_possible_until_a_set_time_later_it_is_a_call(
    hours_too_late: int, allowed: bool
) -> None:
    await save_scheme(leave_days=3)
    session, midori = await make_session(in_days(7)), await make_supporter()
    herself = await signed_in_as(midori)
    row = await staffing.sign_up(session.id, midori.id, ASSISTANT, by=herself)
    day_begins = clock.at(session.held_on - timedelta(days=3), datetime.min.time())

    with clock.freeze(day_begins + timedelta(hours=hours_too_late)):
        if allowed:
            await staffing.leave(row["id"], by=herself)
            await staffing.leave(row["id"], by=herself)
        else:
            with pytest.raises(Refused) as refused:
                await staffing.leave(row["id"], by=herself)
            assert refused.value.values == {"last_day": session.held_on - timedelta(days=4)}

    assert len(await live(session)) == int(not allowed)


async def test_s3_nobody_leaves_for_somebody_else() -> None:
    session, midori = await make_session(), await make_supporter()
    row = await staffing.sign_up(session.id, midori.id, ASSISTANT, by=HERSELF)
    other = await signed_in_as(await make_supporter())

    assert await refusal(staffing.leave(row["id"], by=other)) == "This is somebody else's place."


async def test_s3_a_place_given_back_can_be_taken_again() -> None:
    session, midori = await make_session(assistants_needed=1), await make_supporter()
    herself, other = await signed_in_as(midori), await make_supporter()
    row = await staffing.sign_up(session.id, midori.id, ASSISTANT, by=herself)

    await staffing.leave(row["id"], by=herself)
    await staffing.sign_up(session.id, other.id, ASSISTANT, by=HERSELF)

    assert await live(session) == [("assistant", other.id)]
    assert await Assignment.count() == 2


async def test_s3_a_trainee_stays_when_her_lead_leaves_and_no_other_comes() -> None:
    session, hana, lead = await make_session(), await make_practising(), await make_lead()
    herself = await signed_in_as(lead)
    row = await staffing.sign_up(session.id, lead.id, LEAD, by=herself)
    await staffing.sign_up(session.id, hana.id, TRAINEE, by=HERSELF)

    await staffing.leave(row["id"], by=herself)

    assert await live(session) == [("trainee", hana.id)]
    another = await make_practising()
    said = await refusal(staffing.sign_up(session.id, another.id, TRAINEE, by=HERSELF))
    assert said == eligibility.NO_LEAD


async def test_b10_who_is_taken_off_is_told_unless_she_knows() -> None:
    session = await make_session()
    midori, sakura = await make_supporter(phone="090-0000-7777"), await make_supporter()
    first = await assigned(session, ASSISTANT, midori)
    second = await assigned(session, ASSISTANT, sakura)

    await staffing.take_off(first["id"], "定員が減ったため", by=ICT)
    await staffing.take_off(second["id"], "本人から電話", tell=False, by=ICT)
    await staffing.take_off(first["id"], "もう一度", by=ICT)

    assert await live(session) == []
    [notice] = await Notice.select()
    assert (notice["occasion"], notice["address"]) == ("assignment.taken_off", "090-0000-7777")
    assert notice["subject_id"] == first["id"]
    [row] = await Assignment.select().where(Assignment.id == first["id"])
    assert row["void_reason"] == "定員が減ったため"


async def test_b10_who_is_put_back_before_the_call_need_not_be_called() -> None:
    session, midori = await make_session(), await make_supporter()
    row = await assigned(session, ASSISTANT, midori)
    await staffing.take_off(row["id"], "人数の見直し", by=ICT)

    await assigned(session, ASSISTANT, midori)

    [notice] = await Notice.select()
    assert notice["withdrawn_at"] is not None


async def test_s3_taking_off_needs_a_reason_and_no_report() -> None:
    session, midori = await make_session(in_days(-1)), await make_supporter()
    row = await assigned(session, ASSISTANT, midori)
    assert await refusal(staffing.take_off(row["id"], "", by=ICT)) == "Please write why."
    facts = ReportFacts(Outcome.held, 5, came=frozenset({row["id"]}))
    await reports.save(session.id, facts, by=ICT)

    said = await refusal(staffing.take_off(row["id"], "まちがい", by=ICT))

    assert said == "The report of this session names this helper. Please correct it first."
    assert len(await live(session)) == 1


async def test_s3_the_numbers_that_are_needed() -> None:
    session = await make_session()

    await staffing.need(session.id, {"leads_needed": 2, "trainee_places": 0}, version=1, by=ICT)

    [row] = await ClassSession.select().where(ClassSession.id == session.id)
    assert (row["leads_needed"], row["assistants_needed"], row["trainee_places"]) == (2, 2, 0)
    with pytest.raises(Stale):
        await staffing.need(session.id, {"leads_needed": 1}, version=1, by=ICT)


async def test_a_drafts_date_with_helpers_is_not_removed() -> None:
    course = await make_course(published_at=None)
    session, midori = await make_session(course=course.id), await make_supporter()
    row = await assigned(session, ASSISTANT, midori)
    said = "Somebody is down to help on this date. Please take them off first."

    assert await refusal(drafts.remove(session.id, version=1, by=ICT)) == said
    assert await refusal(drafts.discard(course.id, version=1, by=ICT)) == said
    await staffing.take_off(row["id"], "日程を取りやめる", by=ICT)
    await drafts.remove(session.id, version=1, by=ICT)

    assert await ClassSession.count() == 0
    assert await Course.count() == 1


async def test_b10_helpers_of_a_session_called_off_are_told() -> None:
    session = await make_session()
    midori, outside = await make_supporter(phone="090-0000-7777"), await make_lecturer()
    row = await assigned(session, ASSISTANT, midori)
    await staffing.assign(session.id, LEAD, lecturer_id=outside.id, by=ICT)

    foreseen = await sessions.affected(session.id)
    effect = await sessions.call_off(session.id, "警報", version=1, by=ICT)

    assert effect == foreseen
    assert (effect.helpers, effect.lecturers, effect.bookings) == (1, 1, 0)
    [notice] = await Notice.select()
    assert (notice["occasion"], notice["subject_id"]) == ("session.called_off", row["id"])
    [mine] = await assignments.of_supporter(midori.id, clock.now())
    assert mine["state"] == "called_off"


async def test_s3_a_place_under_a_merged_row_is_her_own() -> None:
    session = await make_session()
    haruko, double = await make_supporter(), await make_supporter()
    row = await assigned(session, ASSISTANT, double)
    await merging.merge(double.person, haruko.person, by=ICT)

    await staffing.leave(row["id"], by=await signed_in_as(haruko))

    assert await live(session) == []
