"""H4: what a desk promises with a contact: a call-back, a question to a section, or both."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from server import clock
from server.helpdesk import call_list, hand_overs
from server.helpdesk.tables import CallBack, Contact, Desk, HandOver
from server.roles import Role
from server.topics.tables import Topic
from tests import factories
from tests.databases import Database
from tests.helpdesk.call_back_cast import MY_NUMBER, operator
from tests.helpdesk.desk_cast import SCRIPT, called_back, entered, press, tapped

ClientAs = Callable[..., Awaitable[httpx.AsyncClient]]

DUE = "2026-11-24T03:00:00+00:00"  # Tuesday's noon


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
async def asked() -> dict[str, Any]:
    """A question that is handed to the tax section."""
    section = await factories.make_section(name="市民税課")
    return {"outcome": "handed_on", "section": section.id, "question": "いつからですか"}


def told(**more: Any) -> dict[str, Any]:
    """Who is told the answer, and by when."""
    known = {"name": "山田花子", "reading": "やまだはなこ", "phone": "059-354-0000", "due": DUE}
    return {f"tell-{name}": value for name, value in (known | more).items()}


async def promises() -> tuple[int, int, int]:
    """How many contacts, hand-overs and call-backs there are."""
    return await Contact.count(), await HandOver.count(), await CallBack.count()


async def test_h4_a_call_back_is_promised_with_the_contact(
    client_as: ClientAs, desk: Desk, topic: Topic
) -> None:
    mari = await client_as(Role.helpdesk)

    for _ in range(2):
        answer = await press(mari, desk, tapped(topic, **called_back()), **SCRIPT)
        assert answer.status_code == 201, answer.text

    [contact] = await entered()
    [call_back] = await CallBack.select()
    assert (call_back["contact"], call_back["name"]) == (contact["id"], "山田花子")
    assert contact["outcome"] == "call_back"


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        ({"phone": ""}, 422),
        ({"phone": "12"}, 422),
        ({"due": ""}, 422),
        ({"due": "2026-11-20T03:00:00+00:00"}, 409),
        ({"due": "other", "due_day": "0001-01-01", "due_hour": "00:00"}, 422),
        ({"due": "2026-11-20T15:00:00+00:00", "on": "2026-11-20", "at": "14:00"}, 409),
        ({"about": "1234 5678 9018"}, 409),
    ],
)
async def test_h4_a_call_back_that_cannot_be_logs_no_contact(
    client_as: ClientAs, desk: Desk, topic: Topic, wrong: dict[str, str], status: int
) -> None:
    mari = await client_as(Role.helpdesk)

    answer = await press(mari, desk, tapped(topic, **called_back(**wrong)))

    assert answer.status_code == status
    assert "山田花子" in answer.text
    assert await entered() == []
    assert await CallBack.count() == 0


async def test_h4_a_question_is_handed_to_a_section_with_the_contact(
    client_as: ClientAs, desk: Desk, topic: Topic
) -> None:
    mari = await client_as(Role.helpdesk)
    section = await factories.make_section()
    typed = tapped(topic, outcome="handed_on", section=section.id, question="いつからですか")

    without = await press(mari, desk, {**typed, "question": ""})
    answer = await press(mari, desk, typed)

    assert (without.status_code, answer.status_code) == (422, 303)
    [contact] = await entered()
    [hand_over] = await HandOver.select()
    assert (hand_over["contact"], hand_over["section"]) == (contact["id"], section.id)


async def test_h4_a_call_back_that_waited_with_its_contact_is_overdue(
    client_as: ClientAs, desk: Desk, topic: Topic
) -> None:
    mari = await client_as(Role.helpdesk)
    soon_over = called_back(due=(clock.now() - timedelta(hours=1)).isoformat())

    answer = await press(mari, desk, tapped(topic, **soon_over, waited="7200"), **SCRIPT)

    assert answer.status_code == 201
    assert await CallBack.count() == 1


@pytest.mark.parametrize("kind", ["call_back", "handed_on"])
async def test_h4_within_an_hour_counts_from_when_it_was_promised_not_from_when_it_arrives(
    client_as: ClientAs, desk: Desk, topic: Topic, asked: dict[str, Any], kind: str
) -> None:
    mari = await client_as(Role.helpdesk)
    soon = called_back(due="soon") if kind == "call_back" else asked | told(due="soon")

    answer = await press(mari, desk, tapped(topic, **soon, waited="10800"), **SCRIPT)

    assert answer.status_code == 201
    [row] = await CallBack.select()
    assert row["due_at"] == clock.now() - timedelta(hours=2)


async def test_h4_with_a_hand_over_goes_the_call_back_that_tells_its_answer(
    client_as: ClientAs, desk: Desk, topic: Topic, asked: dict[str, Any]
) -> None:
    mari = await client_as(Role.helpdesk)

    for _ in range(2):
        answer = await press(mari, desk, tapped(topic, **asked, **told()), **SCRIPT)
        assert answer.status_code == 201, answer.text

    [contact] = await entered()
    [hand_over] = await HandOver.select()
    [call_back] = await CallBack.select()
    assert contact["outcome"] == "handed_on"
    assert hand_over["contact"] == call_back["contact"] == contact["id"]
    assert (call_back["name"], call_back["phone"]) == ("山田花子", "059-354-0000")
    assert (call_back["due_at"], call_back["owner"]) == (datetime.fromisoformat(DUE), None)
    assert call_back["person"] is not None


async def test_h4_the_same_press_at_once_hands_over_and_promises_once(
    client_as: ClientAs, desk: Desk, topic: Topic, asked: dict[str, Any]
) -> None:
    mari = await client_as(Role.helpdesk)
    typed = tapped(topic, **asked, **told())

    answers = await asyncio.gather(*(press(mari, desk, typed, **SCRIPT) for _ in range(4)))

    assert {answer.status_code for answer in answers} == {201}
    assert await promises() == (1, 1, 1)


async def test_h4_without_a_number_a_hand_over_asks_nothing_more(
    client_as: ClientAs, desk: Desk, topic: Topic, asked: dict[str, Any]
) -> None:
    mari = await client_as(Role.helpdesk)
    owner = {"tell-owner": "1", "tell-name": "", "tell-phone": " ", "tell-due": ""}

    answer = await press(mari, desk, tapped(topic, **asked, **owner), **SCRIPT)

    assert answer.status_code == 201
    assert await promises() == (1, 1, 0)


@pytest.mark.parametrize(
    ("wrong", "status", "beside"),
    [
        ({"phone": ""}, 422, "tell-phone"),
        ({"phone": "12"}, 422, "tell-phone"),
        ({"name": ""}, 422, "tell-name"),
        ({"due": ""}, 422, "tell-due"),
        ({"due": "gone"}, 422, "tell-due"),
        ({"due": "other"}, 422, "tell-due_day"),
        ({"name": "", "phone": "", "due": ""}, 422, "tell-phone"),
        ({"due": "2026-11-20T03:00:00+00:00"}, 409, ""),
        ({"owner": "2000000"}, 409, ""),
        ({"name": MY_NUMBER}, 409, "tell-name"),
    ],
)
async def test_h4_half_a_call_back_or_none_that_can_be_hands_nothing_over(
    client_as: ClientAs,
    desk: Desk,
    topic: Topic,
    asked: dict[str, Any],
    wrong: dict[str, str],
    status: int,
    beside: str,
) -> None:
    mari = await client_as(Role.helpdesk)
    typed = tapped(topic, **asked, **told(**wrong))

    answer = await press(mari, desk, typed)
    said = await press(mari, desk, typed, **SCRIPT)

    assert (answer.status_code, said.status_code) == (status, status)
    assert "いつからですか" in answer.text
    assert 'value="やまだはなこ"' in answer.text
    if beside:
        assert re.search(rf'href="#{beside}(-0)?"', answer.text)
        assert f'id="{beside}-error"' in answer.text
    if len(wrong) == 1:
        assert said.json()["field"] == beside
    assert await promises() == (0, 0, 0)


async def test_h4_a_hand_over_that_waited_with_its_call_back_may_be_overdue(
    client_as: ClientAs, desk: Desk, topic: Topic, asked: dict[str, Any]
) -> None:
    mari = await client_as(Role.helpdesk)
    over = told(due=(clock.now() - timedelta(hours=1)).isoformat())

    answer = await press(mari, desk, tapped(topic, **asked, **over, waited="7200"), **SCRIPT)

    assert answer.status_code == 201
    assert await promises() == (1, 1, 1)


async def test_h4_the_question_its_answer_and_the_call_back_stand_together(
    client_as: ClientAs, desk: Desk, topic: Topic, asked: dict[str, Any]
) -> None:
    mari, yuki = await client_as(Role.helpdesk), await operator(Role.coordinator)
    await press(mari, desk, tapped(topic, **asked, **told()), **SCRIPT)
    [row] = await CallBack.select()
    [question] = await HandOver.select()

    waits = (await mari.get("/staff/call-backs")).text
    out = (await mari.get("/staff/hand-overs")).text
    await hand_overs.answer(question["id"], "四月からです", version=1, by=yuki)
    back = (await mari.get("/staff/call-backs")).text
    contact = (await mari.get(f"/staff/contacts/{row['contact']}")).text

    assert "市民税課へ引き継ぎました。回答はまだです。" in waits
    assert "聞いたこと：いつからですか" in waits
    assert f'href="/staff/call-backs/{row["id"]}"' in out
    assert "四月からです" in back
    assert "聞いたこと：いつからですか" in back
    for words in ("山田花子", "四月からです"):
        assert words in (await mari.get(f"/staff/call-backs/{row['id']}")).text
    assert f'href="/staff/call-backs/{row["id"]}"' in contact
    assert "四月からです" in contact
    [listed] = await call_list.waiting(await operator())
    assert [each["answer"] for each in listed["hand_overs"]] == ["四月からです"]
