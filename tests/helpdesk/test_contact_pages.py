"""T5, H3, P1, P2: the list of contacts and one of them, as forms use them."""

import re
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from io import BytesIO
from typing import Any

import httpx
import pytest
from openpyxl import load_workbook

from server import clock, text
from server.audit.tables import AuditEntry
from server.classes.bookings import book
from server.classes.tables import LIVE_STATES, Booking
from server.database import writing
from server.helpdesk import call_backs, class_bookings, corrections, hand_overs, queries
from server.helpdesk.queries import ContactFilters
from server.helpdesk.routes import contacts as contact_list
from server.helpdesk.tables import AttemptResult, CallBack, Contact, Desk, HandOver
from server.roles import Role
from server.topics import topics
from tests import factories
from tests.classes.staff_cast import HANAKO, ICT
from tests.databases import Database
from tests.helpdesk.call_back_cast import operator, promised
from tests.statements import counted

ClientAs = Callable[..., Awaitable[httpx.AsyncClient]]

VALID_MY_NUMBER = "1234-5678-9018"
SCRIPT = "<script>alert(1)</script>"
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
    """A question on the phone about photos, at a desk of no building."""
    desk = await factories.make_desk(name="本庁相談窓口")
    topic = await factories.make_topic(name="写真・動画")
    return await factories.make_contact(desk=desk.id, topic=topic.id, note="送り方がわからない")


def said(contact: Contact, **changes: Any) -> dict[str, str]:
    """The form of a correction as it was opened, with changes."""
    at = clock.local(contact.contacted_at)
    typed = {
        **{name: getattr(contact, name) for name in ("desk", "topic", "channel", "outcome")},
        "on": f"{at:%Y-%m-%d}",
        "at": f"{at:%H:%M}",
        "note": contact.note,
        "minutes": contact.minutes,
        **changes,
    }
    return {name: str(value) for name, value in typed.items()}


async def correct(client: httpx.AsyncClient, contact: Contact, **changes: Any) -> httpx.Response:
    url = f"/staff/contacts/{contact.id}/correction"
    return await client.post(url, data=said(contact, **changes))


async def rows() -> list[dict[str, Any]]:
    return await Contact.select().order_by(Contact.id)


async def test_t5_the_list_shows_what_its_address_asks_for(
    client_as: ClientAs, contact: Contact
) -> None:
    other = await factories.make_contact(channel="fax")
    mari = await client_as(Role.helpdesk)

    words = (await mari.get("/staff/contacts?channel=phone&q=送り方&stuck=none")).text

    assert f'href="/staff/contacts/{contact.id}"' in words
    assert f'href="/staff/contacts/{other.id}"' not in words
    assert 'value="送り方"' in words
    assert '<option value="phone" selected>' in words
    assert "/staff/contacts/file?stuck=none&amp;channel=phone&amp;q=" in words


async def test_nonsense_in_the_address_is_no_filter(client_as: ClientAs, contact: Contact) -> None:
    mari = await client_as(Role.helpdesk)

    answer = await mari.get(
        "/staff/contacts?topic=x&hour=99&page=-1&first_on=2026-02-30&desk=" + "9" * 30
    )

    assert answer.status_code == 200
    assert f'href="/staff/contacts/{contact.id}"' in answer.text


async def test_pages_lead_on_and_back_with_the_filters(client_as: ClientAs) -> None:
    topic, desk = await factories.make_topic(), await factories.make_desk()
    for _ in range(51):
        await factories.make_contact(topic=topic.id, desk=desk.id)
    mari = await client_as(Role.helpdesk)

    first = (await mari.get(f"/staff/contacts?topic={topic.id}")).text
    second = (await mari.get(f"/staff/contacts?topic={topic.id}&page=2")).text

    assert f'rel="next" href="/staff/contacts?topic={topic.id}&amp;page=2"' in first
    assert f'rel="prev" href="/staff/contacts?topic={topic.id}"' in second
    assert 'rel="next"' not in second


async def test_t5_a_longer_list_says_how_many_fit(
    client_as: ClientAs, monkeypatch: pytest.MonkeyPatch
) -> None:
    topic, desk = await factories.make_topic(), await factories.make_desk()
    for _ in range(51):
        await factories.make_contact(topic=topic.id, desk=desk.id)
    await factories.make_contact(topic=topic.id, desk=desk.id, voided_at=clock.now())
    await factories.make_contact()
    mari = await client_as(Role.helpdesk)
    path = f"/staff/contacts?topic={topic.id}"

    assert "全51件の記録のうち1–50件目" in (await mari.get(path)).text
    assert "全51件の記録のうち51–51件目" in (await mari.get(f"{path}&page=2")).text
    assert "件目" not in (await mari.get("/staff/contacts")).text  # all of them are not counted
    assert await queries.number(ContactFilters()) == 52
    monkeypatch.setattr(queries, "MOST_COUNTED", 50)
    assert "50件を超える記録のうち1–50件目" in (await mari.get(path)).text


async def test_a_list_of_thirty_asks_as_much_as_a_list_of_one(
    client_as: ClientAs, contact: Contact
) -> None:
    mari = await client_as(Role.helpdesk)
    with counted() as for_one:
        await mari.get("/staff/contacts?q=写真")
    for _ in range(30):
        await factories.make_contact(search_text=text.search_text("写真"))

    with counted() as for_thirty:
        await mari.get("/staff/contacts?q=写真")

    # One of them reads the municipality anew, because something was written just before.
    assert len(for_thirty) == len(for_one) <= 5 + 1


async def test_p2_who_read_which_contacts_is_written_down(
    client_as: ClientAs, contact: Contact
) -> None:
    mari = await client_as(Role.helpdesk)

    for path in ("", f"/{contact.id}", "/file?channel=phone", f"/{contact.id}/correction"):
        await mari.get(f"/staff/contacts{path}")

    read = await AuditEntry.select().where(AuditEntry.action == "read").order_by(AuditEntry.id)
    assert [entry["subject"] for entry in read] == ["contact"] * 4
    assert all(f'"ids": [{contact.id}]' in entry["facts"] for entry in read)
    assert "channel=phone" in read[2]["facts"]


async def test_p1_venue_staff_read_those_of_their_desks(
    client_as: ClientAs, contact: Contact
) -> None:
    venue = await factories.make_venue()
    own = await factories.make_contact(desk=(await factories.make_desk(venue=venue.id)).id)
    tomo = await client_as(Role.venue, venue=venue.id)

    for path in ("/staff/contacts", f"/staff/contacts?desk={contact.desk}", "/staff/contacts/file"):
        assert "送り方" not in (await tomo.get(path)).text
    assert f'href="/staff/contacts/{own.id}"' in (await tomo.get("/staff/contacts")).text
    assert (await tomo.get(f"/staff/contacts/{own.id}")).status_code == 200
    for path in ("", "/correction", "/voiding"):
        assert (await tomo.get(f"/staff/contacts/{contact.id}{path}")).status_code == 403
    for path in ("correction", "voiding", "redoing"):
        answer = await tomo.post(f"/staff/contacts/{contact.id}/{path}", data=said(contact))
        assert answer.status_code == 403
    assert await Contact.count().where(Contact.voided_at.is_not_null()) == 0


async def test_the_file_has_a_line_for_each_and_no_formula(client_as: ClientAs) -> None:
    topic = await factories.make_topic(name="写真・動画")
    desk = await factories.make_desk(name="本庁相談窓口")
    made = await factories.make_contact(
        topic=topic.id, desk=desk.id, note="=1+1", hour=None, stuck="paying", age_band="70s"
    )
    mari = await client_as(Role.helpdesk)

    csv = (await mari.get("/staff/contacts/file")).content.decode("utf-8-sig")
    sheet = load_workbook(
        BytesIO((await mari.get("/staff/contacts/file?format=xlsx")).content)
    ).active

    assert csv.splitlines()[1] == (
        f"{made.id},2026-11-21,,本庁相談窓口,写真・動画,,支払い,電話,回答した,,70代,1,10,'=1+1,,"
    )
    assert sheet is not None
    assert [cell.value for cell in sheet[2]][:2] == [made.id, "2026-11-21"]
    assert (sheet["N2"].value, sheet["N2"].data_type) == ("=1+1", "s")


async def test_a_file_that_is_too_long_is_refused_and_nothing_is_cut(
    client_as: ClientAs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(contact_list, "MOST_IN_A_FILE", 1)
    mari = await client_as(Role.helpdesk)
    await factories.make_contact()
    assert (await mari.get("/staff/contacts/file")).status_code == 200
    await factories.make_contact()

    assert (await mari.get("/staff/contacts/file")).status_code == 409


async def test_a_hostile_note_is_only_words(client_as: ClientAs) -> None:
    made = await factories.make_contact(note=SCRIPT)
    mari = await client_as(Role.helpdesk)

    for path in ("", f"/{made.id}", f"/{made.id}/correction"):
        words = (await mari.get(f"/staff/contacts{path}")).text
        assert SCRIPT not in words
        assert "&lt;script&gt;alert(1)" in words


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


async def test_t5_a_correction_is_entered_anew(client_as: ClientAs, contact: Contact) -> None:
    mari = await client_as(Role.helpdesk)
    district = await factories.make_district()
    page = (await mari.get(f"/staff/contacts/{contact.id}/correction")).text
    assert "送り方がわからない</textarea>" in page

    answer = await correct(
        mari, contact, channel="fax", district=district.id, minutes=25, at="09:15"
    )

    before, after = await rows()
    assert answer.status_code == 303
    assert answer.headers["location"] == f"/staff/contacts/{after['id']}?done=corrected"
    assert (before["channel"], before["void_reason"]) == ("phone", "corrected")
    assert (after["channel"], after["district"], after["minutes"], after["hour"]) == (
        "fax",
        district.id,
        25,
        9,
    )
    assert after["replaces"] == contact.id
    old = (await mari.get(f"/staff/contacts/{contact.id}")).text
    assert f'href="/staff/contacts/{after["id"]}"' in old
    assert "redoing" not in old
    new = (await mari.get(answer.headers["location"])).text
    assert f'href="/staff/contacts/{contact.id}"' in new


async def test_t1_a_moment_that_is_left_alone_stays_to_the_second(client_as: ClientAs) -> None:
    at = clock.now() - timedelta(days=1, seconds=17)
    known = await factories.make_contact(contacted_at=at)
    unknown = await factories.make_contact(contacted_at=at, hour=None)
    mari = await client_as(Role.helpdesk)

    await correct(mari, known, channel="fax")
    await correct(mari, unknown, channel="fax", at="")

    _known, _unknown, first, second = await rows()
    assert (first["contacted_at"], first["hour"]) == (at, known.hour)
    assert (second["contacted_at"], second["hour"]) == (at, None)


async def test_t5_a_correction_pressed_twice_is_one(client_as: ClientAs, contact: Contact) -> None:
    mari = await client_as(Role.helpdesk)

    first, second = [await correct(mari, contact, channel="fax") for _ in range(2)]

    assert first.headers["location"] == second.headers["location"]
    assert len(await rows()) == 2
    assert (await correct(mari, contact, channel="email")).status_code == 409


async def test_t5_what_was_taken_back_meanwhile_is_not_corrected(
    client_as: ClientAs, contact: Contact
) -> None:
    mari = await client_as(Role.helpdesk)
    await corrections.void(contact.id, "twice", by=ICT)

    answer = await correct(mari, contact, note="送り方と消し方")

    assert answer.status_code == 409
    assert "送り方と消し方" in answer.text
    for path in ("correction", "voiding"):
        answer = await mari.get(f"/staff/contacts/{contact.id}/{path}")
        assert answer.headers["location"] == f"/staff/contacts/{contact.id}"


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"note": f"番号は{VALID_MY_NUMBER}"}, 409),
        ({"on": "2026-11-22"}, 409),
        ({"on": "2025-11-01"}, 409),
        ({"minutes": "-1"}, 422),
        ({"minutes": "1441"}, 422),
        ({"minutes": ""}, 422),
        ({"note": "あ" * 4_001}, 422),
        ({"channel": "pigeon"}, 422),
        ({"topic": "999"}, 422),
        ({"on": ""}, 422),
        ({"on": "0001-01-01", "at": "00:00"}, 422),
    ],
)
async def test_h1_a_wrong_correction_is_refused_and_kept(
    client_as: ClientAs, contact: Contact, changes: dict[str, str], status: int
) -> None:
    mari = await client_as(Role.helpdesk)

    answer = await correct(mari, contact, **{"note": "消し方", **changes})

    assert answer.status_code == status
    assert changes.get("note", "消し方") in answer.text
    assert [row["voided_at"] for row in await rows()] == [None]


async def test_h2_a_retired_topic_stays_with_its_contact(
    client_as: ClientAs, contact: Contact
) -> None:
    mari = await client_as(Role.helpdesk)
    await topics.retire(contact.topic, clock.today(), version=1, by=ICT)

    assert (await correct(mari, contact, channel="fax")).status_code == 303

    other = await factories.make_contact()
    assert (await correct(mari, other, topic=contact.topic)).status_code == 422


async def test_t5_a_contact_is_taken_back_with_a_reason_and_counts_again(
    client_as: ClientAs, contact: Contact
) -> None:
    mari = await client_as(Role.helpdesk)
    url = f"/staff/contacts/{contact.id}"
    assert (await mari.post(f"{url}/voiding", data={"reason": " "})).status_code == 422

    twice = [await mari.post(f"{url}/voiding", data={"reason": "二重に入力"}) for _ in range(2)]

    assert [answer.headers["location"] for answer in twice] == [f"{url}?done=voided"] * 2
    assert (await mari.post(f"{url}/voiding", data={"reason": "別の理由"})).status_code == 409
    page = (await mari.get(url)).text
    assert "二重に入力" in page
    assert f"{url}/correction" not in page

    answer = await mari.post(f"{url}/redoing")

    before, after = await rows()
    assert answer.headers["location"] == f"/staff/contacts/{after['id']}?done=redone"
    assert (before["voided_at"], after["voided_at"]) == (clock.now(), None)
    assert (await mari.post(f"/staff/contacts/{after['id']}/redoing")).status_code == 409


async def test_the_words_of_an_undo_are_in_the_readers_language(
    client_as: ClientAs, contact: Contact
) -> None:
    mari = await client_as(Role.helpdesk)
    await mari.post(f"/staff/desks/{contact.desk}/contacts/{contact.id}/undoing")

    assert "窓口で取り消し" in (await mari.get(f"/staff/contacts/{contact.id}")).text


async def test_a_contact_that_is_not_there(client_as: ClientAs, contact: Contact) -> None:
    mari = await client_as(Role.helpdesk)

    assert (await mari.get("/staff/contacts/99")).status_code == 404


async def test_what_is_out_of_use_is_offered_only_where_it_is_asked_for(
    client_as: ClientAs, contact: Contact
) -> None:
    async with writing():
        await topics.retire(contact.topic, clock.today(), version=1, by=ICT)
    mari = await client_as(Role.helpdesk)
    option = re.compile(rf'<option value="{contact.topic}"[^>]*>写真・動画')

    assert not option.search((await mari.get("/staff/contacts")).text)
    assert option.search((await mari.get(f"/staff/contacts?topic={contact.topic}")).text)


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


async def test_h1_a_reason_with_a_my_number_is_refused_beside_its_field(
    client_as: ClientAs, contact: Contact
) -> None:
    mari = await client_as(Role.helpdesk)

    answer = await mari.post(
        f"/staff/contacts/{contact.id}/voiding", data={"reason": f"本人 {VALID_MY_NUMBER}"}
    )

    assert answer.status_code == 409
    assert 'href="#reason"' in answer.text
    assert (await rows())[0]["voided_at"] is None


async def test_t5_a_contact_of_an_archived_desk_is_corrected_on_its_page(
    client_as: ClientAs, contact: Contact
) -> None:
    mari = await client_as(Role.helpdesk)
    async with writing():
        await Desk.update({Desk.archived_at: clock.now()}).where(Desk.id == contact.desk)
    url = f"/staff/contacts/{contact.id}/correction"

    assert "本庁相談窓口" in (await mari.get(url)).text
    answer = await mari.post(url, data=said(contact, note="追記"))

    assert answer.status_code == httpx.codes.SEE_OTHER


PROMISES = ("class_booked", "call_back", "handed_on")


@pytest.mark.parametrize("outcome", PROMISES)
async def test_h3_h4_a_correction_says_where_a_promise_is_made(
    client_as: ClientAs, contact: Contact, outcome: str
) -> None:
    mari = await client_as(Role.helpdesk)
    form = (await mari.get(f"/staff/contacts/{contact.id}/correction")).text

    answer = await correct(mari, contact, outcome=outcome, note="消し方")

    assert [f'<option value="{each}"' in form for each in ("shown", *PROMISES)] == [
        *(True, False, False, False)
    ]
    assert "対応記録のページのボタンから" in form
    assert answer.status_code == 409
    assert 'href="#outcome"' in answer.text
    assert "先に、対応記録のページの" in answer.text
    assert "消し方</textarea>" in answer.text
    assert f'<option selected value="{outcome}">' in answer.text
    assert [row["voided_at"] for row in await rows()] == [None]


async def test_h4_a_correction_to_what_hangs_on_it_pressed_twice_is_one(
    client_as: ClientAs, contact: Contact
) -> None:
    mari = await client_as(Role.helpdesk)
    await promised(await operator(), contact.id)
    form = (await mari.get(f"/staff/contacts/{contact.id}/correction")).text

    first, second = [await correct(mari, contact, outcome="call_back") for _ in range(2)]

    assert '<option value="call_back"' in form
    assert (first.status_code, second.headers["location"]) == (303, first.headers["location"])
    assert [row["outcome"] for row in await rows()] == ["answered", "call_back"]


@pytest.mark.parametrize("minutes", ["-5", "−5", "abc", "1.5", "1441", "１４４１"])
async def test_h1_minutes_of_no_day_are_refused_beside_their_field(
    client_as: ClientAs, contact: Contact, minutes: str
) -> None:
    mari = await client_as(Role.helpdesk)

    answer = await correct(mari, contact, minutes=minutes)

    assert answer.status_code == 422
    assert 'href="#minutes"' in answer.text
    assert f'value="{minutes}"' in answer.text


async def test_h1_full_width_minutes_are_numbers_too(client_as: ClientAs, contact: Contact) -> None:
    mari = await client_as(Role.helpdesk)

    await correct(mari, contact, minutes="２５")

    assert [row["minutes"] for row in await rows()] == [10, 25]


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
