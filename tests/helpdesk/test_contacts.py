"""H1, H2, T1, T5: what is logged at a desk."""

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from server import clock
from server.audit.tables import AuditEntry
from server.database import has_words, writing
from server.helpdesk import contacts, corrections, desks, tallies
from server.helpdesk.contacts import ContactFacts
from server.helpdesk.desks import DeskFacts
from server.helpdesk.tables import Contact, ContactChannel, Desk
from server.refusals import Refused, Stale
from server.roles import Role
from server.text import search_words
from server.topics import procedures, topics
from server.web.fields import SUBMISSION
from tests import factories
from tests.classes.staff_cast import ICT, Staff
from tests.databases import Database
from tests.helpdesk.contact_cast import ADMINISTRATOR, MARI, PRESS, asked, log
from tests.statements import counted


@pytest.fixture(autouse=True)
async def now(database: Database, frozen_now: datetime) -> None:
    """Saturday 21 November 2026, 10 in the morning, for every test here."""


async def refusal(facts: ContactFacts) -> str:
    """Why it cannot be logged; nothing is kept of it."""
    with pytest.raises(Refused) as refused:
        await log(facts)
    assert await Contact.count() == 0
    return str(refused.value)


async def test_h1_topic_channel_and_outcome_are_enough() -> None:
    desk = await factories.make_desk(phone_minutes=12)
    facts = await asked(desk_id=desk.id)

    contact = await log(facts)

    kept = {name: contact[name] for name in ("desk", "topic", "channel", "outcome", "minutes")}
    assert kept == {
        "desk": desk.id,
        "topic": facts.topic_id,
        "channel": "phone",
        "outcome": "answered",
        "minutes": 12,
    }
    assert (contact["number"], contact["person"], contact["recorded_by"]) == (1, None, MARI.id)
    assert contact["contacted_at"] == clock.now()


@pytest.mark.parametrize("channel", list(ContactChannel))
async def test_h1_minutes_default_by_the_desks_channel(channel: ContactChannel) -> None:
    own = {f"{each}_minutes": 3 + place for place, each in enumerate(ContactChannel)}
    desk = await factories.make_desk(**own)

    contact = await log(await asked(desk_id=desk.id, channel=channel))

    assert contact["minutes"] == own[f"{channel}_minutes"]


async def test_h1_a_note_with_a_my_number_is_refused_saying_why() -> None:
    said = await refusal(await asked(note="番号は 1234-5678-9018 とのこと"))

    assert said.startswith("This holds a My Number")


async def test_h1_a_hostile_note_is_kept_as_words_or_refused_for_its_length() -> None:
    assert "4000 characters" in await refusal(await asked(note="あ" * 100_000))

    contact = await log(await asked(note="<script>alert(1)</script> =1+1"))

    assert contact["note"] == "<script>alert(1)</script> =1+1"


@pytest.mark.parametrize("minutes", [-1, 1441])
async def test_h1_minutes_of_no_day_are_refused(minutes: int) -> None:
    assert (await refusal(await asked(minutes=minutes))).startswith("Minutes are at least 0")


@pytest.mark.parametrize("minutes", [0, 1440])
async def test_h1_minutes_may_be_none_or_a_whole_day(minutes: int) -> None:
    assert (await log(await asked(minutes=minutes)))["minutes"] == minutes


async def test_h1_back_dating_goes_back_a_year_and_never_forward() -> None:
    now = clock.now()
    facts = await asked(contacted_at=now + timedelta(minutes=1))
    assert await refusal(facts) == "This lies in the future."
    facts = await asked(contacted_at=now - timedelta(days=367))
    assert await refusal(facts) == "This is more than a year ago."

    await log(await asked(contacted_at=now - timedelta(days=366)), "a")
    await log(await asked(contacted_at=now), "b")

    assert await Contact.count() == 2


async def test_t1_a_contact_counts_on_the_citys_day_and_hour() -> None:
    before_midnight = datetime(2026, 11, 18, 14, 59, tzinfo=UTC)
    after = before_midnight + timedelta(minutes=1)

    evening = await log(await asked(contacted_at=before_midnight), "a")
    night = await log(await asked(contacted_at=after), "b")

    assert (evening["contacted_on"], evening["weekday"], evening["hour"]) == (
        date(2026, 11, 18),
        3,
        23,
    )
    assert (night["contacted_on"], night["weekday"], night["hour"]) == (date(2026, 11, 19), 4, 0)


async def test_t1_where_only_the_day_is_known_there_is_no_hour() -> None:
    this_evening = clock.now() + timedelta(hours=8)

    contact = await log(await asked(contacted_at=this_evening, hour_known=False))

    assert (contact["contacted_on"], contact["hour"]) == (date(2026, 11, 21), None)
    tomorrow = await asked(contacted_at=clock.now() + timedelta(days=1), hour_known=False)
    with pytest.raises(Refused, match=r"^This lies in the future\.$"):
        await log(tomorrow, "b")


async def test_h2_a_retired_topic_is_refused_from_the_day_on_which_it_ended() -> None:
    topic = await factories.make_topic(retired_on=date(2026, 11, 20))
    yesterday = clock.now() - timedelta(days=1)
    for at in (yesterday, None):
        assert topic.name in await refusal(await asked(topic_id=topic.id, contacted_at=at))

    before = await asked(topic_id=topic.id, contacted_at=clock.now() - timedelta(days=2))

    assert (await log(before))["topic"] == topic.id


async def test_h2_a_merged_topic_names_the_one_to_use_instead() -> None:
    old, new = (
        await factories.make_topic(name="写真"),
        await factories.make_topic(name="写真・動画"),
    )
    await topics.merge(old.id, new.id, version=1, by=ADMINISTRATOR)

    assert "写真・動画" in await refusal(await asked(topic_id=old.id))


async def test_h2_a_retired_procedure_is_refused() -> None:
    procedure = await factories.make_procedure()
    await procedures.retire(procedure.id, clock.today(), version=1, by=ADMINISTRATOR)

    assert procedure.name in await refusal(await asked(procedure_id=procedure.id))


async def test_h2_a_topic_or_procedure_that_is_not_there_is_refused() -> None:
    await refusal(await asked(topic_id=2_000_000))
    await refusal(await asked(procedure_id=2_000_000))
    await refusal(await asked(desk_id=2_000_000))


async def test_p1_venue_staff_log_at_the_desks_of_their_building() -> None:
    venue = await factories.make_venue()
    own = await factories.make_desk(name="本町窓口", venue=venue.id)
    other = await factories.make_desk(name="市役所", venue=None)
    gone = await factories.make_desk(name="旧窓口", venue=venue.id, archived_at=clock.now())
    tomo = Staff(roles=frozenset({Role.venue}), venue_ids=frozenset({venue.id}))

    assert [row["id"] for row in await desks.listed(tomo)] == [own.id]
    assert {row["id"] for row in await desks.listed(MARI)} == {own.id, other.id}
    assert await desks.listed(ADMINISTRATOR) == []
    for desk, by in ((other, tomo), (gone, tomo), (gone, MARI), (own, ADMINISTRATOR)):
        with pytest.raises(Refused):
            await contacts.log(await asked(desk_id=desk.id), submission=PRESS, by=by)
    assert await Contact.count() == 0


async def test_h1_one_press_enters_one_contact() -> None:
    facts = await asked()

    rows = await asyncio.gather(*(log(facts) for _ in range(8)))

    assert {row["id"] for row in rows} == {rows[0]["id"]}
    assert await Contact.count() == 1
    assert await AuditEntry.count().where(AuditEntry.action == "contact.logged") == 1


async def test_h1_the_same_press_answers_even_when_the_topic_has_gone_since() -> None:
    facts = await asked()
    first = await log(facts)
    await topics.retire(facts.topic_id, clock.today(), version=1, by=ADMINISTRATOR)

    assert (await log(facts))["id"] == first["id"]


async def test_h1_the_same_press_inside_another_change_keeps_the_change() -> None:
    facts = await asked()
    first = await log(facts)

    async with writing():
        again = await log(facts)
        desk = Desk(name="二つ目")
        await desk.save()

    assert again["id"] == first["id"]
    assert await Desk.exists().where(Desk.name == "二つ目")


async def test_saving_a_contact_takes_three_statements() -> None:
    facts = await asked(procedure_id=(await factories.make_procedure()).id)

    with counted() as sent:
        await log(facts)

    assert len(sent) == 3


async def test_p2_the_audit_keeps_no_word_of_the_note() -> None:
    await log(await asked(note="山田花子さんから"))

    [entry] = await AuditEntry.select()
    assert "山田" not in entry["facts"]


async def test_h2_a_contact_is_found_by_the_words_of_note_topic_and_procedure() -> None:
    topic = await factories.make_topic(name="写真・動画")
    procedure = await factories.make_procedure(name="子育て申請")
    contact = await log(
        await asked(topic_id=topic.id, procedure_id=procedure.id, note="送り方がわからない")
    )

    for words in ("写真", "子育て", "送り方", "写真 送り方"):
        found = await Contact.raw(
            "SELECT contact.id FROM contact WHERE {}", has_words("contact", search_words(words))
        )
        assert [row["id"] for row in found] == [contact["id"]], words


async def test_todays_count_adds_up_paper_tallies_of_today_only() -> None:
    desk = await factories.make_desk()
    yesterday = clock.now() - timedelta(days=1)
    await factories.make_contact(desk=desk.id)
    await factories.make_contact(desk=desk.id, number=12, tally=True)
    await factories.make_contact(desk=desk.id, contacted_at=yesterday)
    await factories.make_contact()

    assert await contacts.count_today(desk.id) == 13


async def test_desks_are_kept_by_administrators_and_the_overseeing_section() -> None:
    for by in (MARI, Staff()):
        with pytest.raises(Refused, match=r"^Only administrators"):
            await desks.create(DeskFacts("本庁"), by=by)
    desk_id = await desks.create(DeskFacts("本庁"), by=ICT)
    with pytest.raises(Refused, match=r"^There is already a desk"):
        await desks.create(DeskFacts("本庁"), by=ADMINISTRATOR)

    await desks.edit(desk_id, DeskFacts("本庁舎"), version=1, by=ADMINISTRATOR)

    with pytest.raises(Stale):
        await desks.edit(desk_id, DeskFacts("本町"), version=1, by=ICT)
    with pytest.raises(Refused, match=r"^Minutes are at least 0"):
        minutes = dict.fromkeys(ContactChannel, 1441)
        await desks.edit(desk_id, DeskFacts("本町", minutes=minutes), version=2, by=ICT)
    await desks.archive(desk_id, version=2, by=ICT)
    assert await desks.listed(MARI) == []
    await desks.bring_back(desk_id, version=3, by=ICT)
    assert [row["name"] for row in await desks.listed(MARI)] == ["本庁舎"]


async def test_p1_a_press_of_another_desk_shows_nothing_of_it() -> None:
    venue, secret = await factories.make_venue(), await factories.make_topic(name="秘密の分野")
    await log(await asked(topic_id=secret.id))
    tomo = Staff(id=8, roles=frozenset({Role.venue}), venue_ids=frozenset({venue.id}))
    own = await asked(desk_id=(await factories.make_desk(venue=venue.id)).id)
    other = await asked(desk_id=(await factories.make_desk()).id)

    with pytest.raises(Refused, match="another desk"):
        await contacts.log(own, submission=PRESS, by=tomo)
    await contacts.log(other, submission="press-0000000002", by=MARI)
    with pytest.raises(Refused, match="another section or building"):
        await contacts.log(other, submission="press-0000000002", by=tomo)


async def test_h1_no_page_can_send_the_word_of_a_correction_an_undo_or_a_tally() -> None:
    facts = await asked()
    contact = await log(facts)
    new = await corrections.correct(contact["id"], facts, by=MARI)
    await corrections.void(new["id"], "undone", by=MARI)
    again = await corrections.bring_back(new["id"], by=MARI)
    await tallies.enter(
        *(facts.desk_id, clock.today(), "counter", {(facts.topic_id, "shown"): 2}),
        submission="press-0000000002",
        by=MARI,
    )
    [tally] = await Contact.select().where(Contact.tally.eq(True))

    for row in (new, again, tally):
        assert SUBMISSION.fullmatch(row["submission"]) is None
        assert len(row["submission"]) <= 40


async def test_h1_a_contact_of_another_day_is_not_counted_today() -> None:
    facts = await asked()
    await log(facts)
    yesterday = replace(facts, contacted_at=clock.now() - timedelta(days=1))

    before = await log(yesterday, "press-0000000002")
    today = await log(facts, "press-0000000003")

    assert (before["logged_today"], today["logged_today"]) == (1, 2)
    assert await contacts.count_today(facts.desk_id) == 2


async def test_t5_what_was_taken_back_is_not_counted_today() -> None:
    facts = await asked()
    mistaken = await log(facts)
    await corrections.void(mistaken["id"], "undone", by=MARI)

    assert (await log(facts, "press-0000000002"))["logged_today"] == 1
