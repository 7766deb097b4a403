"""S3: which sessions are short of people, and who could help, the best first."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from server import clock
from server.classes import candidates, clashes, eligibility, staffing, vacancies
from server.classes.tables import ClassSession, HelpRole
from server.supporters import register
from server.supporters.tables import CredentialKind, SignUp, Stage, Supporter
from server.training.tables import RequirementKind
from tests.classes.helpers_cast import (
    ASSISTANT,
    HERSELF,
    LEAD,
    TRAINEE,
    assigned,
    make_lead,
    make_lecturer,
    make_practising,
    make_session,
    named,
    save_scheme,
)
from tests.classes.staff_cast import ICT, Staff, in_days
from tests.databases import Database
from tests.factories import (
    make_course,
    make_credential,
    make_district,
    make_enrolment,
    make_programme,
    make_requirement,
    make_room,
    make_section,
    make_supporter,
    make_training_record,
    make_venue,
)
from tests.statements import counted
from tests.supporters.cast import merged

EVERY_HALF_DAY = ",".join(
    f"{day}_{half}"
    for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    for half in ("am", "pm")
)


@pytest.fixture(autouse=True)
async def now(database: Database, frozen_now: datetime) -> None:
    """Every test has a database, on Saturday 2026-11-21 at 10:00."""


async def session_in(district: int, **facts: Any) -> ClassSession:
    venue = await make_venue(district=district)
    room = await make_room(venue=venue.id)
    return await make_session(venue=venue.id, room=room.id, **facts)


async def near(supporter: Supporter, **asked: Any) -> list[tuple[int, str | None]]:
    """The sessions offered to her, each with why not."""
    row = await register.get(supporter.id)
    assert row is not None
    return [
        (each["id"], each["why_not"].msgid if each["why_not"] else None)
        for each in await vacancies.near(row, **asked)
    ]


async def could(session: ClassSession, role: HelpRole) -> list[int]:
    return [each["id"] for each in await candidates.of_session(session.id, role)]


async def test_s3_a_supporter_finds_sessions_near_her_first() -> None:
    home, far = await make_district(), await make_district()
    later = await session_in(home.id, starts_at=in_days(9))
    elsewhere = await session_in(far.id, starts_at=in_days(2))
    sooner = await session_in(home.id, starts_at=in_days(8))
    midori = await make_supporter(district=home.id)

    found = await near(midori, roles=[ASSISTANT])

    assert found == [(sooner.id, None), (later.id, None), (elsewhere.id, None)]
    assert await near(midori, roles=[ASSISTANT], limit=1) == [(sooner.id, None)]
    assert await near(midori, roles=[]) == []


async def test_s3_only_sessions_to_come_with_a_place_left_are_offered() -> None:
    await make_session(in_days(-1))
    await make_session(in_days(5), called_off_at=clock.now())
    await make_session(in_days(5), course=(await make_course(published_at=None)).id)
    await make_session(in_days(5), assistants_needed=0)
    taken, hers = (
        await make_session(in_days(5), assistants_needed=1),
        await make_session(in_days(6)),
    )
    open_one, midori = await make_session(in_days(7)), await make_supporter()
    await assigned(taken, ASSISTANT, await make_supporter())
    await assigned(hers, ASSISTANT, midori)

    assert await near(midori, roles=[ASSISTANT]) == [(open_one.id, None)]


async def test_s3_what_is_offered_says_why_not_as_signing_up_would() -> None:
    session, clashing = await make_session(in_days(7)), await make_session(in_days(7))
    alone = await make_session(in_days(9), assistants_needed=0, leads_needed=0)
    midori, hana = await make_supporter(), await make_practising()
    await assigned(session, ASSISTANT, midori)

    assert await near(midori, roles=[ASSISTANT]) == [(clashing.id, clashes.CLASH)]
    assert (alone.id, eligibility.NO_LEAD) in await near(hana, roles=[TRAINEE])
    assert await near(hana, roles=[ASSISTANT]) == [
        (each.id, "Only registered supporters can take this place.") for each in (session, clashing)
    ]
    await save_scheme(sign_up=SignUp.coordinators)
    said = "The city office decides who helps where. Please phone us."
    assert await near(await make_supporter(), roles=[ASSISTANT]) == [
        (session.id, said),
        (clashing.id, said),
    ]


async def test_s8_a_paper_that_ends_before_the_day_is_said_to() -> None:
    soon, later = await make_session(in_days(3)), await make_session(in_days(30))
    midori = await make_supporter(papers=False)
    await make_credential(midori.id, CredentialKind.pledge)
    await make_credential(
        midori.id, CredentialKind.insurance, valid_until=clock.today() + timedelta(days=10)
    )

    assert await near(midori, roles=[ASSISTANT]) == [
        (soon.id, None),
        (later.id, "There is no volunteer insurance that is valid on {day}."),
    ]


async def test_s3_short_of_leads_of_assistants_and_a_trainee_without_a_lead() -> None:
    nobody, full = await make_session(in_days(3)), await make_session(in_days(4))
    alone = await make_session(in_days(5), leads_needed=0, assistants_needed=0)
    await make_session(in_days(20))
    people = [await make_lead(), *[await make_supporter() for _ in range(2)]]
    for role, helper in zip((LEAD, ASSISTANT, ASSISTANT), people, strict=True):
        await assigned(full, role, helper)
    await assigned(alone, TRAINEE, await make_practising())

    found = await vacancies.short(14)

    assert [(each["id"], each["lacks"], each["trainee_alone"]) for each in found] == [
        (nobody.id, {LEAD: 1, ASSISTANT: 2}, False),
        (alone.id, {}, True),
    ]


async def test_c4_a_coordinator_sees_what_is_short_in_her_own_section() -> None:
    own = await make_section()
    mine = await make_session(course=(await make_course(section=own.id)).id)
    await make_session()

    found = await vacancies.short(14, by=Staff(section_id=own.id))

    assert [each["id"] for each in found] == [mine.id]
    assert len(await vacancies.short(14, by=ICT)) == 2


async def test_s3_a_lecturer_from_outside_fills_a_place() -> None:
    session, outside = await make_session(assistants_needed=0), await make_lecturer()

    await staffing.assign(session.id, LEAD, lecturer_id=outside.id, by=ICT)

    assert await vacancies.short(14) == []


async def test_a_month_shows_who_helps_and_who_is_in_two_places() -> None:
    first, second = await make_session(in_days(14)), await make_session(in_days(14))
    third = await make_session(in_days(15), course=(await make_course(published_at=None)).id)
    await make_session(in_days(45))
    midori = await make_supporter()
    for session in (first, second, third):
        await assigned(session, ASSISTANT, midori)

    rows = await vacancies.month(ICT, date(2026, 12, 1))

    assert [(each["id"], each["helpers"][0]["clashes"]) for each in rows] == [
        (first.id, True),
        (second.id, True),
        (third.id, False),
    ]


async def test_s3_candidates_by_role() -> None:
    session = await make_session()
    lead = await named("講師花子", "あ", may_lead=True)
    midori, hana = await named("佐藤みどり", "い"), await make_practising()
    await make_supporter((Stage.applied, date(2026, 6, 1)))
    await make_supporter((Stage.withdrawn, date(2026, 6, 1)))
    duplicate = await make_supporter()
    await merged(duplicate, midori)

    assert await could(session, LEAD) == [lead.id]
    assert await could(session, ASSISTANT) == [lead.id, midori.id]
    assert await could(session, TRAINEE) == [hana.id]
    await assigned(session, ASSISTANT, midori)
    assert await could(session, ASSISTANT) == [lead.id]


async def test_s3_the_same_district_then_the_day_then_the_longest_not_helped() -> None:
    home = await make_district()
    session = await session_in(home.id, starts_at=in_days(7))
    recently = await make_supporter(district=home.id)
    long_ago = await make_supporter(district=home.id)
    never = await make_supporter(district=home.id)
    fits = await make_supporter(district=home.id, days=EVERY_HALF_DAY)
    stranger = await make_supporter(days=EVERY_HALF_DAY)
    await assigned(await make_session(in_days(-2)), ASSISTANT, recently)
    await assigned(await make_session(in_days(-200)), ASSISTANT, long_ago)
    await assigned(await make_session(in_days(-1)), ASSISTANT, fits)

    found = await candidates.of_session(session.id, ASSISTANT)

    assert [each["id"] for each in found] == [
        each.id for each in (fits, never, long_ago, recently, stranger)
    ]
    assert found[3]["last_on"] == clock.today() - timedelta(days=2)


@pytest.mark.parametrize(
    ("hour", "day", "fits"), [(10, "sat_am", True), (13, "sat_am", False), (13, "sat_pm", True)]
)
async def test_s3_half_days_are_those_of_the_city(hour: int, day: str, fits: bool) -> None:
    starts = clock.at(date(2026, 11, 28), datetime.min.time().replace(hour=hour))
    session = await make_session(starts)
    await make_supporter(days=day)

    [found] = await candidates.of_session(session.id, ASSISTANT)

    assert found["day_fits"] == fits


async def test_s3_who_cannot_come_stands_last_with_the_reason() -> None:
    session, other = await make_session(in_days(7)), await make_session(in_days(7))
    busy, without = await make_supporter(), await make_supporter(papers=False)
    free = await make_supporter()
    await assigned(other, ASSISTANT, busy)

    found = await candidates.of_session(session.id, ASSISTANT)

    assert [each["id"] for each in found] == [free.id, busy.id, without.id]
    assert found[1]["clash"].msgid == clashes.CLASH
    assert found[2]["why_not"].msgid == "There is no pledge that is valid on {day}."


async def test_s3_trainees_who_still_miss_practice_come_first() -> None:
    session, programme = await make_session(), await make_programme()
    practice = await make_requirement(
        programme=programme.id, kind=RequirementKind.practice, needed=2
    )
    done, missing, unknown = [
        await named(f"実習{kana}", kana, (Stage.in_training, date(2026, 6, 1))) for kana in "あいう"
    ]
    for supporter, times in ((done, 2), (missing, 1)):
        await make_enrolment(person=supporter.person, programme=programme.id)
        for day in range(times):
            await make_training_record(
                person=supporter.person,
                requirement=practice.id,
                done_on=date(2026, 10, 1 + day),
                minutes=90,
                source="coordinator",
                reason="前年度",
            )

    found = await candidates.of_session(session.id, TRAINEE)

    assert [(each["id"], each["missing"]) for each in found] == [
        (missing.id, 1),
        (done.id, 0),
        (unknown.id, 0),
    ]


async def test_s3_a_suggestion_for_each_missing_place_names_nobody_twice_at_a_time() -> None:
    first, second = await make_session(in_days(12)), await make_session(in_days(12))
    later = await make_session(in_days(13), leads_needed=0)
    lead = await named("講師花子", "あ", may_lead=True)
    midori = await named("佐藤みどり", "い")

    best = await candidates.suggestions(await vacancies.month(ICT, date(2026, 12, 1)))

    assert {key: row["id"] for key, row in best.items()} == {
        (first.id, "lead"): lead.id,
        (first.id, "assistant"): midori.id,
        (later.id, "assistant"): lead.id,
    }
    assert (second.id, "lead") not in best


async def test_lists_take_as_many_statements_for_thirty_as_for_one() -> None:
    sent: dict[str, list[int]] = {"near": [], "month": [], "candidates": [], "short": []}
    midori = await make_supporter()
    for more in (1, 12):
        for day in range(more):
            session = await make_session(in_days(10 + day))
            await assigned(session, LEAD, await make_lead())
        for name, asked in (
            ("near", lambda: near(midori, roles=[ASSISTANT])),
            ("month", month_with_suggestions),
            ("candidates", lambda: could(session, ASSISTANT)),  # noqa: B023  (called at once)
            ("short", lambda: vacancies.short(60, by=ICT)),
        ):
            with counted() as statements:
                await asked()
            sent[name].append(len(statements))

    assert all(few == many for few, many in sent.values()), sent
    assert max(many for _few, many in sent.values()) <= 12


async def month_with_suggestions() -> Any:
    return await candidates.suggestions(await vacancies.month(ICT, date(2026, 12, 1)))


async def test_s3_signing_up_and_the_offer_agree() -> None:
    session, midori = await make_session(), await make_supporter()

    await eligibility.check_sign_up(session.id, midori.id, ASSISTANT)
    await staffing.sign_up(session.id, midori.id, ASSISTANT, by=HERSELF)

    assert await near(midori, roles=[ASSISTANT]) == []
