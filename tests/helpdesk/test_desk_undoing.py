"""T5: the last ones of a desk are taken back by one tap; what still stands is ended or not."""

import re
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

import httpx
import pytest

from server.classes.bookings import book
from server.classes.tables import LIVE_STATES, Booking
from server.helpdesk import call_backs, call_list, class_bookings, contacts, hand_overs
from server.helpdesk.tables import CallBack, Desk, HandOver
from server.roles import Role
from server.topics.tables import Topic
from tests import factories
from tests.classes.staff_cast import HANAKO, ICT
from tests.databases import Database
from tests.helpdesk.call_back_cast import operator, promised
from tests.helpdesk.desk_cast import entered, press, tapped

ClientAs = Callable[..., Awaitable[httpx.AsyncClient]]

HTMX = {"hx-request": "true"}


@pytest.fixture(autouse=True)
async def here(database: Database, frozen_now: datetime) -> None:
    """Saturday 21 November 2026, 10 in the morning, for every test here."""
    await factories.make_municipality()


@pytest.fixture
async def desk() -> Desk:
    return await factories.make_desk(name="本庁相談窓口")


@pytest.fixture
async def topic() -> Topic:
    return await factories.make_topic(name="写真・動画")


@pytest.fixture
async def full(desk: Desk, topic: Topic) -> dict[str, Any]:
    """A contact on which a call-back, a question and a booked class hang."""
    contact = await factories.make_contact(desk=desk.id, topic=topic.id)
    by = await operator()
    session = await factories.make_class_session(seats=5)
    booking = await book(HANAKO, session.course, by=ICT, submission="press-booking-001")
    await class_bookings.link(contact.id, booking["id"], by=ICT)
    call_back = await promised(by, contact.id)
    section = await factories.make_section(name="市民税課")
    await hand_overs.ask(contact.id, section.id, "質問", submission=None, by=by)
    path = f"/staff/desks/{desk.id}/contacts/{contact.id}"
    return {"path": path, "contact": contact.id, "call_back": call_back, "booking": booking["id"]}


def ending(full: dict[str, Any], words: str) -> tuple[str, dict[str, str]]:
    """Where the button that cancels the call-back leads, and what it sends."""
    path = f"{full['path']}/call-backs/{full['call_back']['id']}/ending"
    [version] = re.findall(rf'action="{path}".*?name="version" value="(\d+)"', words, re.DOTALL)
    return path, {"version": version}


async def test_t5_the_last_ones_are_undone_and_the_undo_is_undone(
    client_as: ClientAs, desk: Desk, topic: Topic
) -> None:
    mari = await client_as(Role.helpdesk)
    await press(mari, desk, tapped(topic))
    [contact] = await entered()
    path = f"/staff/desks/{desk.id}/contacts/{contact['id']}"

    undone = await mari.post(f"{path}/undoing", headers={"hx-request": "true"})

    assert undone.status_code == 200
    assert "data-undone" in undone.text
    assert "<html" not in undone.text
    assert await contacts.count_today(desk.id) == 0
    again = await mari.post(f"{path}/undoing")
    assert (again.status_code, "done=undone" in again.headers["location"]) == (303, True)
    tapped_twice = await mari.post(f"{path}/undoing", headers=HTMX)
    assert (tapped_twice.status_code, tapped_twice.text) == (200, undone.text)
    late = await (await client_as(Role.helpdesk)).post(f"{path}/undoing")
    assert late.status_code == 409
    redone = await mari.post(f"{path}/redoing")
    assert redone.status_code == 303
    assert await contacts.count_today(desk.id) == 1
    assert [row["replaces"] for row in await contacts.last(desk.id)] == [contact["id"]]


async def test_a_contact_is_undone_only_at_its_own_desk(
    client_as: ClientAs, desk: Desk, topic: Topic
) -> None:
    mari = await client_as(Role.helpdesk)
    contact = await factories.make_contact(topic=topic.id)

    answer = await mari.post(f"/staff/desks/{desk.id}/contacts/{contact.id}/undoing")

    assert answer.status_code == 404


async def test_h3_h4_undone_at_the_desk_each_standing_thing_has_its_end_and_none_ends_itself(
    client_as: ClientAs, full: dict[str, Any]
) -> None:
    mari = await client_as(Role.helpdesk)

    block = (await mari.post(f"{full['path']}/undoing", headers=HTMX)).text

    assert "折り返し（期限 11月21日（土）正午）は残っています" in block
    assert "市民税課への引継ぎは残っています" in block
    assert f'href="/staff/bookings/{full["booking"]}/cancellation"' in block
    assert "花子" not in block
    assert await CallBack.count().where(CallBack.done_at.is_null()) == 1
    assert await HandOver.count().where(HandOver.seen_at.is_null()) == 1
    assert await Booking.count().where(Booking.state.is_in(list(LIVE_STATES))) == 1


async def test_h4_the_call_back_of_an_undone_contact_is_cancelled_from_the_desk(
    client_as: ClientAs, full: dict[str, Any]
) -> None:
    mari = await client_as(Role.helpdesk)
    undone = await mari.post(f"{full['path']}/undoing", follow_redirects=True)
    path, typed = ending(full, undone.text)

    answer = await mari.post(path, data=typed, follow_redirects=True)
    again = await mari.post(path, data=typed, headers=HTMX)

    assert "折り返しを取りやめました。" in answer.text
    assert "この折り返しを取りやめる" not in answer.text
    assert "の申込は残っています" in answer.text
    assert again.status_code == 200
    assert await call_list.waiting(await operator()) == []
    [done] = await CallBack.select()
    assert done["outcome"] == "対応記録を取り消したので、取りやめました。"


async def test_h4_a_call_back_that_somebody_else_has_settled_is_said(
    client_as: ClientAs, full: dict[str, Any]
) -> None:
    mari = await client_as(Role.helpdesk)
    path, typed = ending(full, (await mari.post(f"{full['path']}/undoing", headers=HTMX)).text)
    await call_backs.finish(full["call_back"]["id"], "済み", version=1, by=await operator())

    answers = [await mari.post(path, data=typed, headers=more) for more in (HTMX, {})]

    assert [answer.status_code for answer in answers] == [409, 409]
    assert all("ほかの人" in answer.text for answer in answers)
    assert (await CallBack.select())[0]["outcome"] == "済み"


async def test_p1_a_call_back_is_cancelled_only_from_its_own_contact(
    client_as: ClientAs, desk: Desk, full: dict[str, Any]
) -> None:
    mari = await client_as(Role.helpdesk)
    other = await factories.make_contact(desk=desk.id)
    tail = f"/call-backs/{full['call_back']['id']}/ending"

    answer = await mari.post(f"/staff/desks/{desk.id}/contacts/{other.id}{tail}")

    assert answer.status_code == 404
    assert await CallBack.count().where(CallBack.done_at.is_null()) == 1


async def test_h3_h4_only_of_a_contact_of_the_desk_that_was_taken_back_an_end_is_offered(
    client_as: ClientAs, desk: Desk, full: dict[str, Any]
) -> None:
    mari, elsewhere = await client_as(Role.helpdesk), await factories.make_desk()

    async def offered(desk_id: int) -> bool:
        page = await mari.get(f"/staff/desks/{desk_id}?undone={full['contact']}")
        return "この折り返しを取りやめる" in page.text

    standing = await offered(desk.id)
    await mari.post(f"{full['path']}/undoing")
    undone = (await offered(desk.id), await offered(elsewhere.id))
    await mari.post(f"{full['path']}/redoing")

    assert (standing, undone, await offered(desk.id)) == (False, (True, False), False)
    assert (await mari.get(f"/staff/desks/{desk.id}?undone=x")).status_code == 200


async def test_h4_a_call_back_whose_contact_stands_is_not_cancelled_with_it(
    client_as: ClientAs, full: dict[str, Any]
) -> None:
    mari = await client_as(Role.helpdesk)
    path = f"{full['path']}/call-backs/{full['call_back']['id']}/ending"

    answer = await mari.post(path, data={"version": "1"}, headers=HTMX)

    assert answer.status_code == 409
    assert "この記録は取り消されていません。" in answer.text
    assert await CallBack.count().where(CallBack.done_at.is_null()) == 1
