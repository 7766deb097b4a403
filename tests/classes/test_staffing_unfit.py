"""Helpers who may not help any more, though they are down for a session (S1, S8)."""

from datetime import date, timedelta

from server.classes import candidates, sessions, staffing, vacancies
from server.classes.sessions import SessionFacts
from server.classes.tables import Course, HelpRole
from server.notices.tables import Notice
from server.supporters import credentials, stages
from server.supporters.tables import CredentialKind, Stage
from tests import factories
from tests.classes.helpers_cast import assigned, make_session, named
from tests.classes.staff_cast import ICT, course_with_sessions, in_days
from tests.databases import Database
from tests.factories import make_supporter


async def unfit() -> list[str | None]:
    """Of the first session to come that is short: why each helper may not help."""
    rows = await vacancies.short(30)
    return [
        each["unfit"].msgid if each["unfit"] else None for row in rows for each in row["helpers"]
    ]


async def test_s1_who_has_left_makes_the_session_short(
    database: Database, frozen_now: None
) -> None:
    _, [session] = await course_with_sessions(1)
    await factories.make_account()
    helper = await factories.make_supporter()
    stays = await factories.make_supporter()
    for each in (helper, stays):
        await staffing.assign(session.id, HelpRole.assistant, supporter_id=each.id, by=ICT)
    lead = await factories.make_supporter(may_lead=True)
    await staffing.assign(session.id, HelpRole.lead, supporter_id=lead.id, by=ICT)
    numbers = {"leads_needed": 1, "assistants_needed": 2, "trainee_places": 0}
    await staffing.need(session.id, numbers, version=1, by=ICT)
    before = await vacancies.short(30)

    await stages.reach(helper.id, Stage.withdrawn, date(2026, 11, 21), by=ICT)

    assert before == []
    assert await unfit() == [None, "This supporter rests, or has left.", None]


async def test_s8_whose_insurance_does_not_hold_on_the_day_makes_the_session_short(
    database: Database, frozen_now: None
) -> None:
    _, [session] = await course_with_sessions(1)
    await factories.make_account()
    lead = await factories.make_supporter(may_lead=True)
    await staffing.assign(session.id, HelpRole.lead, supporter_id=lead.id, by=ICT)
    [insurance] = [
        each for each in await credentials.of(lead.id) if each["kind"] == CredentialKind.insurance
    ]

    await credentials.void(insurance["id"], "解約", by=ICT)

    found = await unfit()
    assert len(found) == 1
    assert found[0] is not None


async def test_s8_a_move_beyond_a_paper_says_who_could_not_help_then(
    database: Database, frozen_now: None
) -> None:
    session = await make_session(in_days(5))
    midori = await named("佐藤みどり", "さとうみどり", papers=False)
    await factories.make_credential(midori.id, CredentialKind.pledge)
    await factories.make_credential(
        midori.id, CredentialKind.insurance, valid_until=in_days(10).date()
    )
    await assigned(session, HelpRole.assistant, midori)
    course = await Course.select().where(Course.id == session.course).first()
    assert course is not None

    async def told(days: int) -> list[tuple[object, object]]:
        starts_at = in_days(days)
        facts = SessionFacts(starts_at, starts_at + timedelta(minutes=90), int(session.venue))
        found = await sessions.warnings(course, facts, but_for=session.id)
        unfit = [each for each in found if each.msgid == sessions.HELPER_UNFIT]
        return [(each.values["name"], each.values["day"]) for each in unfit]

    assert await told(9) == []
    assert await told(20) == [("佐藤みどり", date(2026, 12, 11))]


async def test_s8_who_cannot_help_any_more_leaves_her_place_free(
    database: Database, frozen_now: None
) -> None:
    session = await make_session(in_days(5), assistants_needed=1)
    midori, hanako = await named("佐藤みどり", "さとうみどり"), await make_supporter()
    await assigned(session, HelpRole.lead, await factories.make_supporter(may_lead=True))
    await assigned(session, HelpRole.assistant, midori)
    assert await vacancies.short(30) == []

    await stages.reach(midori.id, Stage.resting, date(2026, 11, 21), by=ICT)

    [row] = await vacancies.short(30)
    assert (row["there"][HelpRole.assistant], row["lacks"]) == (0, {HelpRole.assistant: 1})
    found = await candidates.suggestions([row])
    assert found[session.id, "assistant"]["id"] == hanako.id
    await staffing.assign(session.id, HelpRole.assistant, supporter_id=hanako.id, by=ICT)
    assert [each["lacks"] for each in await vacancies.short(30)] == [{}]


async def test_b10_who_has_no_page_of_her_own_comes_onto_the_call_list(
    database: Database, frozen_now: None
) -> None:
    session = await make_session(in_days(5))
    midori = await make_supporter(phone="090-0000-7777")

    row = await staffing.assign(session.id, HelpRole.assistant, supporter_id=midori.id, by=ICT)

    [notice] = await Notice.select()
    assert (notice["occasion"], notice["subject_id"]) == ("assignment.added", row["id"])
    await staffing.take_off(row["id"], "人数の見直し", by=ICT)
    [notice] = await Notice.select()
    assert notice["withdrawn_at"] is not None
