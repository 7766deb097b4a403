"""H3, B9: the caller is booked in from the desk, with the keyboard only and nothing asked twice."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest
from playwright.async_api import Browser, expect

from server import clock
from server.audit.tables import AuditEntry
from server.classes.tables import Booking, BookingScope, ClassSession, Course, CourseTopic
from server.database import writing
from server.helpdesk import call_backs, due_times
from server.helpdesk.call_backs import CallBackFacts
from server.helpdesk.tables import Contact, ContactBooking, Desk
from server.roles import Role
from server.topics import topics
from tests import factories
from tests.browser import axe, fits, screen
from tests.classes.staff_cast import ICT
from tests.databases import Database
from tests.helpdesk.call_back_cast import operator, promised
from tests.statements import counted

ClientAs = Callable[..., Awaitable[httpx.AsyncClient]]
HANAKO = {"name": "山田花子", "reading": "やまだはなこ", "phone": "059-000-0123", "device": "none"}


@pytest.fixture(autouse=True)
async def here(database: Database, frozen_now: object) -> None:
    await factories.make_municipality()


class Cast:
    """A desk, a topic, and one class on it in the caller's district."""

    desk: Desk
    topic: int
    district: int
    session: ClassSession

    @property
    def course(self) -> int:
        return int(self.session.course)

    @property
    def tapped(self) -> dict[str, str]:
        """The desk page's form, as its button for a class sends it."""
        return {
            "topic": str(self.topic),
            "channel": "phone",
            "district": str(self.district),
            "age_band": "70s",
            "note": "写真の送り方",
            "minutes": "15",
            "submission": "the-desks-own-press-0001",
            "book": str(self.course),
        }


async def make_cast(seats: int = 5, scope: BookingScope = BookingScope.course) -> Cast:
    cast = Cast()
    venue = await factories.make_venue()
    cast.desk, cast.district = await factories.make_desk(), int(venue.district)
    cast.topic = (await factories.make_topic(name="写真")).id
    course = await factories.make_course(title="写真を送ろう", seats=seats, scope=scope)
    cast.session = await factories.make_class_session(course=course.id, venue=venue.id, seats=seats)
    await on_topic(course.id, cast.topic)
    return cast


async def on_topic(course: int, topic: int) -> None:
    async with writing():
        await CourseTopic.insert(CourseTopic(course=course, topic=topic))


def hidden(words: str) -> list[tuple[str, str]]:
    """What the page carries along."""
    return re.findall(r'<input[^>]*type="hidden"[^>]*name="(\w+)"[^>]*value="([^"]*)"', words) + [
        (name, value)
        for name, value in re.findall(
            r'<input id="\w+" name="(\w+)" type="hidden" value="(.*?)">', words
        )
    ]


def as_sent(words: str, **typed: str) -> dict[str, str]:
    """The booking form as the browser sends it: what it carries, what was chosen, what is typed."""
    chosen = re.findall(r'<select[^>]*name="(\w+)".*?</select>', words, re.DOTALL)
    picked = {
        name: value
        for name in chosen
        for value in re.findall(
            rf'<select[^>]*name="{name}".*?<option selected value="(\w*)"', words, re.DOTALL
        )[:1]
    }
    return dict(hidden(words)) | picked | typed


async def saved() -> tuple[int, int, int]:
    return await Contact.count(), await Booking.count(), await ContactBooking.count()


@pytest.mark.parametrize("role", [Role.helpdesk, Role.coordinator])
async def test_h3_a_caller_is_booked_in_without_retyping(client_as: ClientAs, role: Role) -> None:
    cast, client = await make_cast(), await client_as(role)
    desk = f"/staff/desks/{cast.desk.id}"
    shown = await client.post(f"{desk}/booking", data=cast.tapped)

    assert shown.status_code == 200
    assert "写真を送ろう" in shown.text
    assert "令和8年11月28日（土）" in shown.text
    assert await saved() == (0, 0, 0)
    sent = as_sent(shown.text, **HANAKO)
    assert (sent["district"], sent["age_band"]) == (str(cast.district), "70s")
    assert sent["submission"] != "the-desks-own-press-0001"
    answer = await client.post(f"{desk}/bookings", data=sent)

    assert answer.status_code == httpx.codes.SEE_OTHER, answer.text
    [contact], [booking] = await Contact.select(), await Booking.select()
    assert (contact["topic"], contact["district"], contact["age_band"], contact["minutes"]) == (
        cast.topic,
        cast.district,
        "70s",
        15,
    )
    assert (contact["note"], contact["outcome"]) == ("写真の送り方", "class_booked")
    assert (booking["name"], booking["district"], booking["channel"], booking["device"]) == (
        "山田花子",
        cast.district,
        "phone",
        "none",
    )
    done = await client.get(answer.headers["location"])
    digits = booking["reference"]
    assert f"<span>{digits[:3]}</span><span>{digits[3:6]}</span>" in done.text
    assert f'href="{desk}"' in done.text
    assert "お使いのスマートフォン" in done.text


async def test_h3_a_double_tap_on_the_page_books_once(client_as: ClientAs) -> None:
    cast, client = await make_cast(seats=1), await client_as(Role.helpdesk)
    desk = f"/staff/desks/{cast.desk.id}"
    sent = as_sent((await client.post(f"{desk}/booking", data=cast.tapped)).text, **HANAKO)
    one, two = await asyncio.gather(*(client.post(f"{desk}/bookings", data=sent) for _ in range(2)))

    assert one.headers["location"] == two.headers["location"]
    assert await saved() == (1, 1, 1)


async def test_b4_the_class_became_full_and_everything_typed_is_kept(client_as: ClientAs) -> None:
    cast, client = await make_cast(seats=1), await client_as(Role.helpdesk)
    desk = f"/staff/desks/{cast.desk.id}"
    other = await factories.make_class_session(
        course=(await factories.make_course(title="写真の整理")).id
    )
    await on_topic(int(other.course), cast.topic)
    sent = as_sent((await client.post(f"{desk}/booking", data=cast.tapped)).text, **HANAKO)
    await Course.update({Course.taken: 1}).where(Course.id == cast.course)
    full = await client.post(f"{desk}/bookings", data=sent)

    assert full.status_code == 409
    assert "満席" in full.text
    assert 'value="山田花子"' in full.text
    assert 'value="写真の送り方"' in full.text
    assert "写真の整理" in full.text
    assert await saved() == (0, 0, 0)

    # Another class by one button: nothing is typed again.
    again = await client.post(
        f"{desk}/booking", data={**as_sent(full.text, **HANAKO), "book": str(other.course)}
    )
    assert again.status_code == 200
    assert 'value="059-000-0123"' in again.text
    booked = await client.post(f"{desk}/bookings", data=as_sent(again.text, **HANAKO))
    assert booked.status_code == httpx.codes.SEE_OTHER
    [booking] = await Booking.select()
    assert booking["course"] == other.course


async def test_b4_two_operators_press_for_the_last_seat(client_as: ClientAs) -> None:
    cast = await make_cast(seats=1)
    desk = f"/staff/desks/{cast.desk.id}"
    clients = [await client_as(Role.helpdesk) for _ in range(2)]
    people = [HANAKO, HANAKO | {"name": "佐藤太郎", "reading": "さとうたろう"}]
    sent = [
        as_sent((await client.post(f"{desk}/booking", data=cast.tapped)).text, **person)
        for client, person in zip(clients, people, strict=True)
    ]
    answers = await asyncio.gather(
        *(
            client.post(f"{desk}/bookings", data=data)
            for client, data in zip(clients, sent, strict=True)
        )
    )

    assert sorted(each.status_code for each in answers) == [303, 409]
    assert await saved() == (1, 1, 1)


async def test_h3_one_date_is_booked_where_dates_are_picked(client_as: ClientAs) -> None:
    cast, client = await make_cast(scope=BookingScope.session), await client_as(Role.helpdesk)
    later = await factories.make_class_session(
        course=cast.course, venue=cast.session.venue, seats=5, starts_at=cast.session.ends_at
    )
    desk = f"/staff/desks/{cast.desk.id}"
    nowhere = await client.post(f"{desk}/booking", data=cast.tapped)
    assert nowhere.status_code == 404

    shown = await client.post(
        f"{desk}/booking", data=cast.tapped | {"book": f"{cast.course}:{cast.session.id}"}
    )
    assert f'value="{cast.course}:{later.id}"' in shown.text  # the other date, by one button
    answer = await client.post(f"{desk}/bookings", data=as_sent(shown.text, **HANAKO))

    assert answer.status_code == httpx.codes.SEE_OTHER
    [booking] = await Booking.select()
    assert booking["session"] == cast.session.id


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"name": " "}, "お名前"),
        ({"reading": "山田"}, "ひらがな"),
        ({"phone": ""}, "連絡"),
        ({"phone": "12"}, "市外局番"),
        ({"postcode": "510-0001"}, "住所"),
    ],
)
async def test_b1_what_is_missing_is_said_and_nothing_is_lost(
    client_as: ClientAs, wrong: dict[str, str], said: str
) -> None:
    cast, client = await make_cast(), await client_as(Role.helpdesk)
    desk = f"/staff/desks/{cast.desk.id}"
    sent = as_sent((await client.post(f"{desk}/booking", data=cast.tapped)).text, **HANAKO)
    answer = await client.post(f"{desk}/bookings", data=sent | wrong)

    assert answer.status_code == 422
    assert said in answer.text.split("</h2>")[0] + answer.text.split("</h2>")[1]
    assert 'value="写真の送り方"' in answer.text
    assert await saved() == (0, 0, 0)


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        ({"note": "123456789018"}, 409),
        ({"minutes_other": "1441"}, 422),
        ({"minutes": "abc"}, 422),
        ({"topic": ""}, 422),
        ({"on": "2026-11-22"}, 409),
    ],
)
async def test_h1_what_the_contact_may_not_say_books_nothing(
    client_as: ClientAs, wrong: dict[str, str], status: int
) -> None:
    cast, client = await make_cast(), await client_as(Role.helpdesk)
    desk = f"/staff/desks/{cast.desk.id}"
    sent = as_sent((await client.post(f"{desk}/booking", data=cast.tapped)).text, **HANAKO)
    answer = await client.post(f"{desk}/bookings", data=sent | wrong)

    assert answer.status_code == status
    assert "error-summary" in answer.text
    assert 'value="山田花子"' in answer.text
    assert await saved() == (0, 0, 0)


async def test_h2_a_retired_topic_of_a_page_left_open_books_nothing(client_as: ClientAs) -> None:
    cast, client = await make_cast(), await client_as(Role.helpdesk)
    desk = f"/staff/desks/{cast.desk.id}"
    newer = await factories.make_topic(name="カメラ")
    shown = await client.post(f"{desk}/booking", data=cast.tapped)
    await topics.merge(cast.topic, newer.id, version=1, by=ICT)
    answer = await client.post(f"{desk}/bookings", data=as_sent(shown.text, **HANAKO))

    assert answer.status_code == 409
    assert "カメラ" in answer.text
    assert await saved() == (0, 0, 0)


async def test_p1_venue_staff_only_at_the_desks_of_their_building(client_as: ClientAs) -> None:
    cast = await make_cast()
    own = await factories.make_desk(venue=cast.session.venue)
    client = await client_as(Role.venue, venue=cast.session.venue)

    elsewhere = await client.post(f"/staff/desks/{cast.desk.id}/booking", data=cast.tapped)
    here = await client.post(f"/staff/desks/{own.id}/booking", data=cast.tapped)

    assert (elsewhere.status_code, here.status_code) == (403, 200)


async def test_p1_a_booked_page_is_of_that_contact_and_desk_only(client_as: ClientAs) -> None:
    cast, client = await make_cast(), await client_as(Role.helpdesk)
    desk = f"/staff/desks/{cast.desk.id}"
    sent = as_sent((await client.post(f"{desk}/booking", data=cast.tapped)).text, **HANAKO)
    path = (await client.post(f"{desk}/bookings", data=sent)).headers["location"]
    other = await factories.make_contact()
    foreign = path.replace(
        f"/contacts/{(await Contact.select())[0]['id']}/", f"/contacts/{other.id}/"
    )
    venue = await client_as(Role.venue)

    assert (await client.get(path)).status_code == 200
    assert (await client.get(foreign)).status_code == 404
    assert (await venue.get(path)).status_code == 404


async def test_p2_who_saw_the_booking_is_written_down_first(client_as: ClientAs) -> None:
    cast, client = await make_cast(), await client_as(Role.helpdesk)
    desk = f"/staff/desks/{cast.desk.id}"
    sent = as_sent((await client.post(f"{desk}/booking", data=cast.tapped)).text, **HANAKO)
    path = (await client.post(f"{desk}/bookings", data=sent)).headers["location"]
    before = await AuditEntry.count().where(AuditEntry.action == "read")
    await client.get(path)

    assert await AuditEntry.count().where(AuditEntry.action == "read") == before + 1


async def test_h3_h4_from_a_call_back_name_and_number_come_along(client_as: ClientAs) -> None:
    cast, client = await make_cast(), await client_as(Role.helpdesk)
    contact = await factories.make_contact(
        desk=cast.desk.id, topic=cast.topic, district=cast.district, outcome="call_back"
    )
    due = (await due_times.choices())[0][1]
    facts = CallBackFacts("山田花子", "やまだはなこ", "059-000-0123", "写真", due)
    await call_backs.promise(contact.id, facts, submission="call-back-0000000001", by=ICT)
    path = f"/staff/contacts/{contact.id}"
    choice = await client.get(f"{path}/booking")
    assert f'value="{cast.course}"' in choice.text

    shown = await client.post(f"{path}/booking", data={"book": str(cast.course)})
    for value in ("山田花子", "やまだはなこ", "059-000-0123"):
        assert f'value="{value}"' in shown.text
    answer = await client.post(f"{path}/bookings", data=as_sent(shown.text, **HANAKO))

    assert answer.status_code == httpx.codes.SEE_OTHER
    assert (await saved()) == (1, 1, 1)
    [booking] = await Booking.select()
    assert booking["district"] == cast.district


@pytest.mark.parametrize("book", ["", "nonsense", "0", "99999999999999", "0:1", "²"])
async def test_a_class_that_is_none_is_not_found(client_as: ClientAs, book: str) -> None:
    cast, client = await make_cast(), await client_as(Role.helpdesk)
    answer = await client.post(
        f"/staff/desks/{cast.desk.id}/booking", data=cast.tapped | {"book": book}
    )

    assert answer.status_code == 404


async def test_a_hostile_note_comes_along_as_words_only(client_as: ClientAs) -> None:
    cast, client = await make_cast(), await client_as(Role.helpdesk)
    note = '"><script>alert(1)</script>'
    answer = await client.post(
        f"/staff/desks/{cast.desk.id}/booking", data=cast.tapped | {"note": note}
    )

    assert "<script>alert" not in answer.text
    assert answer.status_code == 200


async def test_the_booking_takes_few_statements(client_as: ClientAs) -> None:
    cast, client = await make_cast(), await client_as(Role.helpdesk)
    desk = f"/staff/desks/{cast.desk.id}"
    sent: Any = as_sent((await client.post(f"{desk}/booking", data=cast.tapped)).text, **HANAKO)
    with counted() as statements:
        await client.post(f"{desk}/bookings", data=sent)

    assert len(statements) <= 24


async def test_a_session_that_ran_out_loses_nothing(
    client: httpx.AsyncClient, client_as: ClientAs
) -> None:
    cast, signed_in = await make_cast(), await client_as(Role.helpdesk)
    desk = f"/staff/desks/{cast.desk.id}"
    sent = as_sent((await signed_in.post(f"{desk}/booking", data=cast.tapped)).text, **HANAKO)
    answer = await client.post(f"{desk}/bookings", data=sent)

    assert answer.status_code == 401
    assert 'value="山田花子"' in answer.text
    assert 'value="写真の送り方"' in answer.text
    assert await saved() == (0, 0, 0)
    again = await signed_in.post(f"{desk}/bookings", data=dict(hidden(answer.text)))
    assert again.status_code == httpx.codes.SEE_OTHER


async def test_h3_b9_from_a_call_to_the_reference_with_the_keyboard_only(
    browser: Browser, running_server: str
) -> None:
    cast = await make_cast()
    account = await factories.make_account(Role.helpdesk)
    async with screen(browser, running_server, "desk") as page:
        await page.goto(f"/sign-in?next=/staff/desks/{cast.desk.id}")
        await page.get_by_label("ログインID").fill(account.login)
        await page.get_by_label("パスワード").first.fill(factories.PASSWORD)
        await page.keyboard.press("Enter")
        await page.wait_for_url(f"**/staff/desks/{cast.desk.id}")

        await page.wait_for_selector("form[data-keys]")
        await page.keyboard.press("1")  # the topic
        await expect(page.get_by_role("button", name="この教室に申し込む")).to_be_visible()
        await page.keyboard.press("[")  # the class
        await expect(page.get_by_role("textbox", name="名前")).to_be_focused()
        await axe(page)
        for words in ("山田花子", "やまだはなこ", "059-000-0123"):
            await page.keyboard.insert_text(words)
            await page.keyboard.press("Tab")
        await page.get_by_role("textbox", name="電話").press("Enter")
        await expect(page.get_by_text("受付番号は")).to_be_visible()
        await axe(page)
        await fits(page)
        await page.keyboard.press("Enter")  # back to the desk
        await page.wait_for_url(f"**/staff/desks/{cast.desk.id}")
    assert await saved() == (1, 1, 1)


async def test_p1_p2_a_name_and_number_come_along_only_for_whom_they_are(
    client_as: ClientAs,
) -> None:
    cast, own = await make_cast(), await factories.make_section()
    desk = await factories.make_desk(section=own.id)
    contact = await factories.make_contact(desk=desk.id, topic=cast.topic)
    row = await promised(await operator(), contact.id)
    path, book = f"/staff/contacts/{contact.id}/booking", {"book": str(cast.course)}
    other = await client_as(Role.coordinator, section=(await factories.make_section()).id)

    refused = await other.post(path, data=book)
    hidden_from = refused.text
    unread = (
        await AuditEntry.exists()
        .where(AuditEntry.subject == "call_back")
        .where(AuditEntry.action == "read")
    )
    coordinator = await client_as(Role.coordinator, section=own.id)
    shown = (await coordinator.post(path, data=book)).text

    assert refused.status_code == httpx.codes.NOT_FOUND
    assert not any(each in hidden_from for each in ("山田花子", "059-000-0123"))
    assert not unread
    assert all(each in shown for each in ("山田花子", "059-000-0123"))
    [reading] = (
        await AuditEntry.select()
        .where(AuditEntry.subject == "call_back")
        .where(AuditEntry.action == "read")
    )
    assert f'"ids": [{row["id"]}]' in reading["facts"]


@pytest.mark.parametrize("field", ["name", "remarks", "needs_other"])
async def test_h1_a_my_number_is_refused_beside_its_field_and_books_nothing(
    client_as: ClientAs, field: str
) -> None:
    cast, client = await make_cast(), await client_as(Role.helpdesk)
    shown = await client.post(f"/staff/desks/{cast.desk.id}/booking", data=cast.tapped)
    typed = HANAKO | {field: "1234-5678-9018"}

    answer = await client.post(
        f"/staff/desks/{cast.desk.id}/bookings", data=as_sent(shown.text, **typed)
    )

    assert answer.status_code == httpx.codes.CONFLICT
    assert f'href="#{field}"' in answer.text
    assert await saved() == (0, 0, 0)


async def test_p1_another_sections_booking_is_not_found_from_its_contact(
    client_as: ClientAs,
) -> None:
    """Whose desk it is may see the contact; the booking, only who sees the class's bookings."""
    cast, own = await make_cast(), await factories.make_section()
    desk = await factories.make_desk(section=own.id)
    contact = await factories.make_contact(desk=desk.id, topic=cast.topic)
    helpdesk = await client_as(Role.helpdesk)
    path, book = f"/staff/contacts/{contact.id}/booking", {"book": str(cast.course)}
    shown = await helpdesk.post(path, data=book)
    booked = await helpdesk.post(f"{path}s", data=as_sent(shown.text, **HANAKO))
    url = booked.headers["location"]
    coordinator = await client_as(Role.coordinator, section=own.id)

    assert (await helpdesk.get(url)).status_code == httpx.codes.OK
    assert (await coordinator.get(url)).status_code == httpx.codes.NOT_FOUND
    assert url not in (await coordinator.get(f"/staff/contacts/{contact.id}")).text
    assert url in (await helpdesk.get(f"/staff/contacts/{contact.id}")).text


async def test_h3_at_a_desk_taken_out_of_use_meanwhile_what_was_typed_stays(
    client_as: ClientAs,
) -> None:
    cast, helpdesk = await make_cast(), await client_as(Role.helpdesk)
    desk = f"/staff/desks/{cast.desk.id}"
    shown = await helpdesk.post(f"{desk}/booking", data=cast.tapped)
    async with writing():
        await Desk.update({Desk.archived_at: clock.now()}).where(Desk.id == cast.desk.id)

    answer = await helpdesk.post(f"{desk}/bookings", data=as_sent(shown.text, **HANAKO))
    begun = await helpdesk.post(f"{desk}/booking", data=cast.tapped)

    assert (answer.status_code, begun.status_code) == (409, 409)
    assert f'value="{HANAKO["name"]}"' in answer.text
    assert await Booking.count() == 0


@pytest.mark.parametrize("gone", ["contact", "desk"])
async def test_h3_what_can_only_be_refused_shows_no_form(client_as: ClientAs, gone: str) -> None:
    cast, helpdesk = await make_cast(), await client_as(Role.helpdesk)
    contact = await factories.make_contact(desk=cast.desk.id, topic=cast.topic)
    path, book = f"/staff/contacts/{contact.id}/booking", {"book": str(cast.course)}
    shown = [
        (await helpdesk.get(path)).status_code,
        (await helpdesk.post(path, data=book)).status_code,
    ]
    async with writing():
        if gone == "contact":
            await Contact.update({Contact.voided_at: clock.now()}).where(Contact.id == contact.id)
        else:
            await Desk.update({Desk.archived_at: clock.now()}).where(Desk.id == cast.desk.id)

    answers = [await helpdesk.get(path), await helpdesk.post(path, data=book)]

    assert shown == [httpx.codes.OK] * 2
    assert [each.headers["location"] for each in answers] == [f"/staff/contacts/{contact.id}"] * 2


async def test_p2_whose_contact_a_class_is_booked_from_is_written_down(
    client_as: ClientAs,
) -> None:
    cast, client = await make_cast(), await client_as(Role.helpdesk)
    contact = await factories.make_contact(desk=cast.desk.id, topic=cast.topic)

    await client.post(f"/staff/contacts/{contact.id}/booking", data={"book": str(cast.course)})

    [seen] = await AuditEntry.select().where(AuditEntry.action == "read")
    assert (seen["subject"], f'"ids": [{contact.id}]' in seen["facts"]) == ("contact", True)
