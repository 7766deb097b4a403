"""H3, H4, P1: one contact, with what hangs on it and who may see and change it."""

import re
from collections.abc import Awaitable, Callable
from datetime import datetime

import httpx
import pytest

from server import clock
from server.audit.tables import AuditEntry
from server.classes.bookings import book
from server.classes.tables import LIVE_STATES, Booking
from server.database import writing
from server.helpdesk import call_backs, class_bookings, corrections, hand_overs
from server.helpdesk.tables import AttemptResult, CallBack, Contact, Desk, HandOver
from server.roles import Role
from tests import factories
from tests.classes.staff_cast import HANAKO, ICT
from tests.databases import Database
from tests.helpdesk.call_back_cast import operator, promised
from tests.helpdesk.contact_cast import about_photos

ClientAs = Callable[..., Awaitable[httpx.AsyncClient]]

STAYING = (
    "教室の申込はそのまま残ります",
    "折り返しは、終わるまで一覧に残ります",
    "担当課への引継ぎはそのまま",
)
LEFT = ("この折り返しを取りやめる", "への引継ぎは残っています", "の申込は残っています")


@pytest.fixture(autouse=True)
async def here(database: Database, frozen_now: datetime) -> None:
    """Saturday 21 November 2026, 10 in the morning, for every test here."""
    await factories.make_municipality()


@pytest.fixture
async def contact() -> Contact:
    return await about_photos()


async def test_h3_h4_a_contact_shows_what_hangs_on_it(
    client_as: ClientAs, contact: Contact
) -> None:
    mari = await client_as(Role.helpdesk)
    session = await factories.make_class_session(seats=5)
    booking = await book(HANAKO, session.course, by=ICT, submission="press-booking-001")
    await class_bookings.link(contact.id, booking["id"], by=ICT)
    section = await factories.make_section(name="高齢福祉課")
    async with writing():
        await _call_back(contact.id).save()
        await _hand_over(contact.id, section.id).save()

    words = (await mari.get(f"/staff/contacts/{contact.id}")).text

    assert f'href="/staff/contacts/{contact.id}/bookings/{booking["id"]}"' in words
    assert "教室の申込" in words
    assert 'href="/staff/call-backs/1"' in words
    assert "高齢福祉課" in words
    assert "家族でも申請できますか。" in words
    assert "山田" not in words


def _call_back(contact_id: int) -> CallBack:
    return CallBack(
        contact=contact_id,
        name="山田花子",
        reading="",
        phone="059-354-0000",
        phone_key="0593540000",
        about="",
        due_at=clock.now(),
        recorded_at=clock.now(),
        outcome="",
    )


def _hand_over(contact_id: int, section_id: int) -> HandOver:
    return HandOver(
        contact=contact_id,
        section=section_id,
        question="家族でも申請できますか。",
        asked_at=clock.now(),
        answer="",
    )


async def test_a_contact_that_is_not_there(client_as: ClientAs, contact: Contact) -> None:
    mari = await client_as(Role.helpdesk)

    assert (await mari.get("/staff/contacts/99")).status_code == 404


async def test_h4_a_settled_call_back_tells_who_phoned_and_every_try(
    client_as: ClientAs, contact: Contact
) -> None:
    mari, taro = await operator(name="鈴木まり"), await operator(name="佐藤太郎")
    row = await promised(mari, contact.id)
    mistaken = await call_backs.attempt(
        row["id"], AttemptResult.wrong_number, "", submission=None, by=mari
    )
    await call_backs.withdraw(mistaken["id"], by=mari)
    await call_backs.attempt(
        row["id"], AttemptResult.busy, "夜にかけ直す", submission=None, by=mari
    )
    await call_backs.attempt(row["id"], AttemptResult.reached, "", submission=None, by=taro)
    await call_backs.finish(row["id"], "手順を伝えた", version=row["version"], by=taro)
    client = await client_as(Role.helpdesk)

    words = (await client.get(f"/staff/contacts/{contact.id}")).text

    told = [
        words.index(each) for each in ("済", "佐藤太郎", "鈴木まり", "夜にかけ直す", "手順を伝えた")
    ]
    assert told == sorted(told)
    assert "番号違い" not in words
    [reading] = (
        await AuditEntry.select()
        .where(AuditEntry.subject == "call_back")
        .where(AuditEntry.action == "read")
    )
    assert f'"ids": [{row["id"]}]' in reading["facts"]


async def test_p1_another_section_sees_neither_questions_nor_call_backs(
    client_as: ClientAs,
) -> None:
    own, other = await factories.make_section(), await factories.make_section()
    asked_one = await factories.make_section(name="市民課")
    contact = await factories.make_contact(desk=(await factories.make_desk(section=own.id)).id)
    by = await operator()
    await promised(by, contact.id, about="滞納の相談")
    await hand_overs.ask(contact.id, asked_one.id, "市民課だけへの問い", submission=None, by=by)

    seen = {}
    for section in (own, asked_one, other):
        client = await client_as(Role.coordinator, section=section.id)
        answer = await client.get(f"/staff/contacts/{contact.id}")
        words = answer.text
        seen[section.id] = (
            answer.status_code,
            "滞納の相談" in words,
            "市民課だけへの問い" in words,
            "/staff/call-backs/1" in words,
        )

    assert seen == {
        own.id: (200, False, True, True),  # what it is about stands on the call-back's own page
        asked_one.id: (200, False, True, False),
        other.id: (403, False, False, False),
    }


async def test_p1_a_coordinator_reads_and_changes_the_contacts_of_her_section_only(
    client_as: ClientAs,
) -> None:
    """Of her desks all, of her procedures she reads what other desks were asked."""
    own, other = await factories.make_section(), await factories.make_section()
    desk = await factories.make_desk(section=own.id, name="高齢福祉課の窓口")
    asked = await factories.make_procedure(section=own.id)
    hers = await factories.make_contact(desk=desk.id, note="自分の窓口")
    about = await factories.make_contact(procedure=asked.id, note="自分の手続")
    not_hers = await factories.make_contact(
        desk=(await factories.make_desk(section=other.id, name="税務課の窓口")).id, note="ほかの課"
    )
    client = await client_as(Role.coordinator, section=own.id)

    for path in ("/staff/contacts", "/staff/contacts/file"):
        told = (await client.get(path)).text
        assert [note in told for note in ("自分の窓口", "自分の手続", "ほかの課")] == [
            *(True, True, False)
        ]
    desks = (await client.get("/staff/desks", follow_redirects=True)).text
    assert ("高齢福祉課の窓口" in desks, "税務課の窓口" in desks) == (True, False)

    allowed = {}
    for contact in (hers, about, not_hers):
        url = f"/staff/contacts/{contact.id}"
        allowed[contact.id] = [
            (await client.get(url)).status_code,
            (await client.get(f"{url}/correction")).status_code,
            (await client.post(f"{url}/voiding", data={"reason": "重複"})).status_code,
            (await client.post(f"{url}/redoing")).status_code,
        ]
    assert allowed == {
        hers.id: [200, 200, 303, 303],
        about.id: [200, 403, 403, 403],
        not_hers.id: [403, 403, 403, 403],
    }


async def test_p1_t5_a_merged_procedure_is_read_by_the_section_where_it_counts(
    client_as: ClientAs,
) -> None:
    before, now = await factories.make_section(), await factories.make_section()
    stands = await factories.make_procedure(section=now.id)
    merged = await factories.make_procedure(section=before.id, merged_into=stands.id)
    contact = await factories.make_contact(procedure=merged.id, note="統合前の手続")

    read = {}
    for section in (before, now):
        client = await client_as(Role.coordinator, section=section.id)
        listed = (await client.get("/staff/contacts")).text
        page = await client.get(f"/staff/contacts/{contact.id}")
        read[section.id] = ("統合前の手続" in listed, page.status_code)

    assert read == {before.id: (False, 403), now.id: (True, 200)}


async def test_p1_what_is_only_read_offers_no_change(client_as: ClientAs) -> None:
    section = await factories.make_section()
    procedure = await factories.make_procedure(section=section.id)
    contact = await factories.make_contact(procedure=procedure.id)
    client = await client_as(Role.coordinator, section=section.id)

    words = (await client.get(f"/staff/contacts/{contact.id}")).text

    for act in ("correction", "voiding", "booking", "call-backs/new", "hand-overs/new"):
        assert f"/staff/contacts/{contact.id}/{act}" not in words


async def test_h3_h4_what_stays_is_said_before_and_after_a_contact_is_taken_back(
    client_as: ClientAs, contact: Contact
) -> None:
    mari, by = await client_as(Role.helpdesk), await operator()
    url = f"/staff/contacts/{contact.id}"
    nothing = (await mari.get(f"{url}/voiding")).text
    session = await factories.make_class_session(seats=5)
    booking = await book(HANAKO, session.course, by=ICT, submission="press-booking-001")
    await class_bookings.link(contact.id, booking["id"], by=ICT)
    call_back = await promised(by, contact.id)
    section = await factories.make_section()
    await hand_overs.ask(contact.id, section.id, "質問", submission=None, by=by)

    before = (await mari.get(f"{url}/voiding")).text
    await mari.post(f"{url}/voiding", data={"reason": "二重に入力"})
    after = (await mari.get(url)).text
    ended = await mari.post(
        f"/staff/call-backs/{call_back['id']}/outcome",
        data=dict(re.findall(r'name="(outcome|version)" value="([^"]+)"', after)),
    )
    later = (await mari.get(url)).text

    assert not any(each in nothing for each in STAYING)
    assert all(each in before for each in STAYING)
    cancelling = f'href="/staff/bookings/{booking["id"]}/cancellation"'
    assert [each in after for each in (*LEFT, cancelling)] == [True] * 4
    assert ended.headers["location"] == f"/staff/call-backs?done={call_back['id']}"
    assert [each in later for each in (*LEFT, cancelling)] == [False, True, True, True]
    [done] = await CallBack.select()
    assert done["outcome"] == "対応記録を取り消したので、取りやめました。"
    assert await Booking.count().where(Booking.state.is_in(list(LIVE_STATES))) == 1


async def test_p1_a_booking_that_is_left_is_shown_to_those_alone_who_see_it(
    client_as: ClientAs,
) -> None:
    section = await factories.make_section()
    desk = await factories.make_desk(section=section.id)
    contact = await factories.make_contact(desk=desk.id)
    session = await factories.make_class_session(seats=5)
    booking = await book(HANAKO, session.course, by=ICT, submission="press-booking-001")
    await class_bookings.link(contact.id, booking["id"], by=ICT)
    await corrections.void(contact.id, "twice", by=ICT)

    seen = {}
    for own in (section.id, None):
        client = await client_as(Role.coordinator, section=own)
        words = (await client.get(f"/staff/contacts/{contact.id}")).text
        seen[own] = [f"/staff/bookings/{booking['id']}/" in words, STAYING[0] in words]

    assert seen == {section.id: [False, True], None: [True, False]}


async def test_h3_from_an_archived_desk_no_class_is_booked(
    client_as: ClientAs, contact: Contact
) -> None:
    mari = await client_as(Role.helpdesk)
    url = f"/staff/contacts/{contact.id}"
    offered = f'href="{url}/booking"'
    assert offered in (await mari.get(url)).text

    async with writing():
        await Desk.update({Desk.archived_at: clock.now()}).where(Desk.id == contact.desk)

    words = (await mari.get(url)).text
    assert offered not in words
    assert f'href="{url}/call-backs/new"' in words


async def test_t5_from_a_contact_that_was_taken_back_nothing_is_promised(
    client_as: ClientAs, contact: Contact
) -> None:
    mari = await client_as(Role.helpdesk)
    await corrections.void(contact.id, "twice", by=ICT)
    url = f"/staff/contacts/{contact.id}"

    for path in ("call-backs/new", "hand-overs/new"):
        answer = await mari.get(f"{url}/{path}")
        assert (answer.status_code, answer.headers["location"]) == (303, url)
    assert "数に入りません" in (await mari.get(url)).text
