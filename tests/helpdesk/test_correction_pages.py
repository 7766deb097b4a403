"""T5, H1: a contact is corrected, taken back and brought back, as forms do it."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from server import clock
from server.database import writing
from server.helpdesk import corrections
from server.helpdesk.tables import Contact, Desk
from server.roles import Role
from server.topics import topics
from tests import factories
from tests.classes.staff_cast import ICT
from tests.databases import Database
from tests.helpdesk.call_back_cast import operator, promised
from tests.helpdesk.contact_cast import about_photos, said

ClientAs = Callable[..., Awaitable[httpx.AsyncClient]]

VALID_MY_NUMBER = "1234-5678-9018"
PROMISES = ("class_booked", "call_back", "handed_on")


@pytest.fixture(autouse=True)
async def here(database: Database, frozen_now: datetime) -> None:
    """Saturday 21 November 2026, 10 in the morning, for every test here."""
    await factories.make_municipality()


@pytest.fixture
async def contact() -> Contact:
    return await about_photos()


async def correct(client: httpx.AsyncClient, contact: Contact, **changes: Any) -> httpx.Response:
    url = f"/staff/contacts/{contact.id}/correction"
    return await client.post(url, data=said(contact, **changes))


async def rows() -> list[dict[str, Any]]:
    return await Contact.select().order_by(Contact.id)


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


@pytest.mark.parametrize(
    "other",
    [
        {"on": "2026-11-19"},
        {"at": "09:30"},
        {"at": ""},
        {"age_band": "60s"},
        {"answer_missing": "y"},
    ],
)
async def test_t5_a_second_correction_that_says_something_else_is_refused(
    client_as: ClientAs, contact: Contact, other: dict[str, str]
) -> None:
    mari = await client_as(Role.helpdesk)
    typed = {"on": "2026-11-20", "at": "09:15"}
    assert (await correct(mari, contact, **typed)).status_code == 303

    answer = await correct(mari, contact, **{**typed, **other})

    assert answer.status_code == 409
    assert len(await rows()) == 2


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
