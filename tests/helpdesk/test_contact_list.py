"""T5, P1, P2: the list of contacts as its address asks for it, and its file."""

import json
import re
from collections.abc import Awaitable, Callable
from datetime import datetime
from io import BytesIO

import httpx
import pytest
from openpyxl import load_workbook

from server import clock, text
from server.audit.tables import AuditEntry
from server.database import writing
from server.helpdesk import queries
from server.helpdesk.queries import ContactFilters
from server.helpdesk.routes import contacts as contact_list
from server.helpdesk.tables import Contact
from server.roles import Role
from server.topics import topics
from tests import factories
from tests.classes.staff_cast import ICT
from tests.databases import Database
from tests.helpdesk.contact_cast import about_photos, said
from tests.statements import counted

ClientAs = Callable[..., Awaitable[httpx.AsyncClient]]

SCRIPT = "<script>alert(1)</script>"


@pytest.fixture(autouse=True)
async def here(database: Database, frozen_now: datetime) -> None:
    """Saturday 21 November 2026, 10 in the morning, for every test here."""
    await factories.make_municipality()


@pytest.fixture
async def contact() -> Contact:
    return await about_photos()


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


async def test_p2_the_audit_keeps_no_word_that_was_searched_for(
    client_as: ClientAs, contact: Contact
) -> None:
    mari = await client_as(Role.helpdesk)

    await mari.get("/staff/contacts", params={"q": "山田花子", "channel": "phone", "x": "山田"})
    await mari.get("/staff/contacts", params={"q": "059-354-0000"})

    read = await AuditEntry.select().where(AuditEntry.action == "read").order_by(AuditEntry.id)
    told = [json.loads(entry["facts"]) for entry in read]
    page = {"page": "/staff/contacts", "ids": [], "sought_by": "words"}
    assert told == [page | {"filter": "channel=phone"}, page]


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


async def test_what_is_out_of_use_is_offered_only_where_it_is_asked_for(
    client_as: ClientAs, contact: Contact
) -> None:
    async with writing():
        await topics.retire(contact.topic, clock.today(), version=1, by=ICT)
    mari = await client_as(Role.helpdesk)
    option = re.compile(rf'<option value="{contact.topic}"[^>]*>写真・動画')

    assert not option.search((await mari.get("/staff/contacts")).text)
    assert option.search((await mari.get(f"/staff/contacts?topic={contact.topic}")).text)
