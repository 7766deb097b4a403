"""Helpers who may not help any more, though they are down for a session (S1, S8)."""

from datetime import date

from server.classes import staffing, vacancies
from server.classes.tables import HelpRole
from server.supporters import credentials, stages
from server.supporters.tables import CredentialKind, Stage
from tests import factories
from tests.classes.staff_cast import ICT, course_with_sessions
from tests.databases import Database


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
