"""H5: who has completed a training for counter staff, and who does not count in its rate."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from server import clock
from server.audit.tables import AuditEntry
from server.classes.tables import CourseKind
from server.counter_staff import completions, exclusions, staff_accounts
from server.counter_staff.tables import (
    CompletionSource,
    StaffCompletion,
    StaffExclusion,
    StaffTrainingKind,
)
from server.database import writing
from server.people import merging
from server.refusals import Refused
from server.roles import Role
from tests import factories
from tests.classes.staff_cast import Staff
from tests.counter_staff.standing import completions_of, facts_told
from tests.databases import Database

pytestmark = pytest.mark.usefixtures("frozen_now")
ICT = Staff(sees_all_sections=True)
MY_NUMBER = "番号は1234 5678 9018"
TODAY, MAY = date(2026, 11, 21), date(2026, 5, 1)
DATED, ADDRESS, VIDEO = (
    StaffTrainingKind.dated,
    StaffTrainingKind.address,
    StaffTrainingKind.video,
)


async def dated(*days: date, **more: Any) -> Any:
    """A training on a class for staff that met on these days."""
    course = (await factories.make_course(kind=CourseKind.staff_training, listed=False)).id
    for number, on in enumerate(days, start=1):
        starts = datetime(on.year, on.month, on.day, 1, tzinfo=UTC)
        await factories.make_class_session(course=course, number=number, starts_at=starts)
    span = {"first_on": min(days), "last_on": max(days)}
    return await factories.make_staff_training(
        kind=DATED, address="", course=course, **{**span, **more}
    )


async def test_h5_who_was_at_a_dated_training_is_ticked_for_a_day_on_which_it_met(
    database: Database,
) -> None:
    training = await dated(date(2026, 6, 10), date(2026, 12, 10))
    member = await factories.make_staff_member((await factories.make_section()).id)

    with pytest.raises(Refused, match="did not meet"):
        await completions.complete(training.id, [member.id], date(2026, 6, 11), by=ICT)
    with pytest.raises(Refused, match="not come yet"):
        await completions.complete(training.id, [member.id], date(2026, 12, 10), by=ICT)
    await completions.complete(training.id, [member.id], date(2026, 6, 10), by=ICT)

    [row] = await completions.of_member(member.id)
    assert (row["source"], row["completed_on"]) == (CompletionSource.session, date(2026, 6, 10))


async def test_h5_a_training_any_time_is_completed_in_its_period_by_who_was_in_post(
    database: Database,
) -> None:
    training = (await factories.make_staff_training(first_on=MAY)).id
    member = await factories.make_staff_member(
        (await factories.make_section()).id, last_on=date(2026, 9, 30)
    )

    for day, words in (
        (date(2026, 4, 30), "not offered"),
        (date(2026, 11, 22), "not come yet"),
        (date(2026, 10, 1), "in post"),
    ):
        with pytest.raises(Refused, match=words):
            await completions.complete(training, [member.id], day, by=ICT)
    assert await completions.complete(training, [member.id], date(2026, 9, 30), by=ICT) == 1


async def test_completed_twice_is_completed_once_and_the_first_day_stays(
    database: Database,
) -> None:
    training = (await factories.make_staff_training()).id
    section = (await factories.make_section()).id
    first = await factories.make_staff_member(section)
    second = await factories.make_staff_member(section)

    assert await completions.complete(training, [first.id, first.id], MAY, by=ICT) == 1
    assert await completions.complete(training, [first.id, second.id], TODAY, by=ICT) == 1

    rows = await completions_of(training)
    assert [(row["member"], row["completed_on"]) for row in rows] == [
        (first.id, MAY),
        (second.id, TODAY),
    ]


async def test_c4_a_coordinator_says_so_of_her_own_people(database: Database) -> None:
    tax = (await factories.make_section()).id
    other = (await factories.make_section()).id
    training = (await factories.make_staff_training()).id
    mine = await factories.make_staff_member(tax)
    their = await factories.make_staff_member(other)
    by = Staff(section_id=tax)

    assert await completions.complete(training, [mine.id], MAY, by=by) == 1
    with pytest.raises(Refused, match="overseeing"):
        await completions.complete(training, [their.id], MAY, by=by)
    with pytest.raises(Refused, match="overseeing"):
        await exclusions.exclude(training, their.id, "休職", by=by)


async def test_t5_a_completion_is_taken_back_with_a_reason_and_can_be_entered_anew(
    database: Database,
) -> None:
    training = (await factories.make_staff_training()).id
    member = await factories.make_staff_member((await factories.make_section()).id)
    await completions.complete(training, [member.id], MAY, by=ICT)
    [row] = await completions_of(training)

    with pytest.raises(Refused, match="why"):
        await completions.void(row["id"], "", by=ICT)
    await completions.void(row["id"], "人違い", by=ICT)
    with pytest.raises(Refused, match="already"):
        await completions.void(row["id"], "人違い", by=ICT)

    assert await completions_of(training) == []
    assert await completions.complete(training, [member.id], TODAY, by=ICT) == 1


async def test_h5_she_says_herself_that_she_has_watched_it(database: Database) -> None:
    training = (await factories.make_staff_training(kind=VIDEO, address="")).id
    member = await factories.make_staff_member((await factories.make_section()).id)
    account = await factories.make_account(Role.helpdesk, login="desk")
    her = Staff(id=account.id, roles=frozenset({Role.helpdesk}))

    with pytest.raises(Refused, match="not linked"):
        await completions.complete_own(training, by=her)
    await staff_accounts.link(member.id, "desk", by=ICT)
    await completions.complete_own(training, by=her)
    await completions.complete_own(training, by=her)

    [row] = await completions_of(training)
    assert (row["member"], row["completed_on"], row["source"], row["recorded_by"]) == (
        member.id,
        TODAY,
        CompletionSource.own,
        account.id,
    )


async def test_h5_out_of_post_she_says_nothing_of_herself(database: Database) -> None:
    training = (await factories.make_staff_training()).id
    section = (await factories.make_section()).id
    member = await factories.make_staff_member(section, last_on=date(2026, 11, 20))
    account = await factories.make_account(Role.venue, login="centre", person=member.person)

    with pytest.raises(Refused, match="in no section today"):
        await completions.complete_own(training, by=Staff(id=account.id))

    assert await completions_of(training) == []


async def test_p1_who_keeps_neither_her_nor_the_training_lets_nobody_count_again(
    database: Database,
) -> None:
    training = (await factories.make_staff_training()).id
    section = (await factories.make_section()).id
    member = await factories.make_staff_member(section)
    await exclusions.exclude(training, member.id, "休職", by=ICT)
    await completions.complete(training, [member.id], MAY, by=ICT)
    [out], [done] = await StaffExclusion.select(), await completions_of(training)
    stranger = Staff(section_id=section + 1)

    with pytest.raises(Refused, match="overseeing"):
        await exclusions.include(out["id"], by=stranger)
    with pytest.raises(Refused, match="overseeing"):
        await completions.void(done["id"], "人違い", by=stranger)

    [out], [_] = await StaffExclusion.select(), await completions_of(training)
    assert out["voided_at"] is None


async def test_she_does_not_say_so_of_a_dated_one_or_one_that_is_over(
    database: Database,
) -> None:
    member = await factories.make_staff_member((await factories.make_section()).id)
    account = await factories.make_account(Role.venue, login="centre", person=member.person)
    her = Staff(id=account.id, roles=frozenset({Role.venue}))
    meeting = await dated(date(2026, 6, 10))
    over = await factories.make_staff_training(last_on=date(2026, 11, 20))

    with pytest.raises(Refused, match="dated training"):
        await completions.complete_own(meeting.id, by=her)
    with pytest.raises(Refused, match="not offered today"):
        await completions.complete_own(over.id, by=her)


async def test_an_exclusion_needs_a_reason_and_stands_once(database: Database) -> None:
    training = (await factories.make_staff_training()).id
    member = await factories.make_staff_member((await factories.make_section()).id)

    with pytest.raises(Refused, match="why"):
        await exclusions.exclude(training, member.id, "", by=ICT)
    await exclusions.exclude(training, member.id, "育児休業", by=ICT)
    with pytest.raises(Refused, match="already"):
        await exclusions.exclude(training, member.id, "育児休業", by=ICT)


async def test_h1_no_my_number_in_a_reason(database: Database) -> None:
    training = (await factories.make_staff_training()).id
    member = await factories.make_staff_member((await factories.make_section()).id)
    await completions.complete(training, [member.id], MAY, by=ICT)
    [row] = await completions_of(training)

    with pytest.raises(Refused, match="My Number"):
        await exclusions.exclude(training, member.id, MY_NUMBER, by=ICT)
    with pytest.raises(Refused, match="My Number"):
        await completions.void(row["id"], MY_NUMBER, by=ICT)


async def test_p2_an_exclusion_tells_whom_it_is_about(database: Database) -> None:
    training = (await factories.make_staff_training()).id
    member = await factories.make_staff_member((await factories.make_section()).id)
    await exclusions.exclude(training, member.id, "育児休業", by=ICT)
    entry = await AuditEntry.select().where(AuditEntry.action == "staff_exclusion.entered").first()
    assert entry is not None
    await exclusions.include(entry["subject_id"], by=ICT)

    about = {"training": training, "member": member.id}
    assert await facts_told("staff_exclusion.entered") == about | {"fiscal_year": 2026}
    assert await facts_told("staff_exclusion.voided") == about


async def completed(training: int, member: int, on: date) -> None:
    """A completion as it may stand there from before, whatever the rules say now."""
    async with writing():
        await StaffCompletion(
            training=training,
            member=member,
            completed_on=on,
            source="entered",
            recorded_at=clock.now(),
        ).save()


async def test_s5_only_what_a_named_group_completed_in_the_period_is_held(
    database: Database,
) -> None:
    member = (await factories.make_staff_member((await factories.make_section()).id)).id
    counts = await factories.make_staff_training(name="数える", last_on=date(2026, 6, 30))
    nobodys = await factories.make_staff_training(name="だれにでも", offered_to="")
    await completed(counts.id, member, date(2026, 7, 1))
    await completed(nobodys.id, member, MAY)
    assert await completions.offered_and_taken(TODAY) == []

    await completed(counts.id, (await factories.make_staff_member(1)).id, date(2026, 6, 30))

    [row] = await completions.offered_and_taken(TODAY)
    assert (row["title"], row["people"]) == ("数える", 1)


async def test_s5_two_members_who_are_one_person_are_one_of_the_people(database: Database) -> None:
    section = (await factories.make_section()).id
    first, second = [await factories.make_staff_member(section) for _ in range(2)]
    training = (await factories.make_staff_training()).id
    await completions.complete(training, [first.id, second.id], MAY, by=ICT)
    await merging.merge(second.person, first.person, by=ICT)

    [row] = await completions.offered_and_taken(TODAY)
    assert row["people"] == 1


async def test_p2_the_audit_keeps_no_word_of_why_a_completion_was_taken_back(
    database: Database,
) -> None:
    training = (await factories.make_staff_training()).id
    member = await factories.make_staff_member((await factories.make_section()).id)
    await completions.complete(training, [member.id], MAY, by=ICT)
    [row] = await completions_of(training)

    voided = await completions.void(row["id"], "田中恵さんの分", by=ICT)

    about = {"training": training, "member": member.id}
    assert await facts_told("staff_completion.voided") == about
    [kept] = await StaffCompletion.select(StaffCompletion.void_reason)
    assert (voided["id"], kept["void_reason"]) == (row["id"], "田中恵さんの分")
