"""H1: what is far too long is given back with words wherever it is typed, never a bare error."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

import httpx
import pytest

from server.classes.tables import CourseTopic
from server.database import writing
from server.helpdesk import hand_overs
from server.helpdesk.tables import Contact
from server.roles import Role
from tests import factories
from tests.databases import Database
from tests.helpdesk.call_back_cast import operator, promised

ClientAs = Callable[..., Awaitable[httpx.AsyncClient]]

FAR_TOO_LONG = "あ" * 100_000
PRESS = "press-0000000001"


@pytest.fixture(autouse=True)
async def here(database: Database, frozen_now: datetime) -> None:
    """Saturday 21 November 2026, 10 in the morning, for every test here."""
    await factories.make_municipality()


@pytest.fixture
async def forms() -> dict[str, dict[str, Any]]:
    """Each form of the helpdesk that takes a text: where it is sent, and what it holds else."""
    contact = await factories.make_contact()
    session = await factories.make_class_session(seats=5)
    async with writing():
        await CourseTopic.insert(CourseTopic(course=session.course, topic=contact.topic))
    call_back = await promised(await operator(), contact.id)
    section = await factories.make_section()
    asked = await hand_overs.ask(
        contact.id, section.id, "質問", submission=None, by=await operator()
    )
    tapped = {"topic": contact.topic, "channel": "phone", "submission": PRESS}
    caller = {"name": "山田花子", "reading": "やまだはなこ", "phone": "059-000-0123"}
    desk, own = f"/staff/desks/{contact.desk}", f"/staff/contacts/{contact.id}"
    booked = {**tapped, **caller, "book": session.course, "device": "none"}
    return {
        f"{desk}/contacts note": {**tapped, "outcome": "answered"},
        f"{desk}/bookings note": booked,
        f"{own}/bookings remarks": booked,
        f"{own}/correction note": {
            **tapped,
            "desk": contact.desk,
            "outcome": "answered",
            "on": "2026-11-21",
            "minutes": 5,
        },
        f"{own}/voiding reason": {},
        f"{own}/call-backs about": {**caller, "due": "soon", "owner": "", "submission": PRESS},
        f"{own}/hand-overs question": {"section": section.id, "submission": PRESS},
        f"/staff/call-backs/{call_back['id']}/attempts note": {
            "result": "busy",
            "submission": PRESS,
            "version": 1,
        },
        f"/staff/call-backs/{call_back['id']}/outcome outcome": {"version": 1},
        f"/staff/hand-overs/{asked['id']}/answer answer": {"version": 1},
    }


async def test_h1_a_text_far_too_long_is_given_back_by_every_form(
    client_as: ClientAs, forms: dict[str, dict[str, Any]]
) -> None:
    mari, yuki = await client_as(Role.helpdesk), await client_as(Role.coordinator)
    number = await Contact.count()
    answered = {}
    for form, known in forms.items():
        path, name = form.split()
        client = yuki if name == "answer" else mari

        answer = await client.post(path, data={**known, name: FAR_TOO_LONG})

        answered[form] = (answer.status_code, FAR_TOO_LONG in answer.text, "文字" in answer.text)

    assert answered == dict.fromkeys(forms, (422, True, True))
    assert await Contact.count() == number


async def test_h1_what_no_form_takes_is_told_on_a_page_in_words(
    client_as: ClientAs, forms: dict[str, dict[str, Any]]
) -> None:
    mari, yuki = await client_as(Role.helpdesk), await client_as(Role.coordinator)
    for form, known in forms.items():
        path, name = form.split()
        client = yuki if name == "answer" else mari

        answer = await client.post(path, data={**known, name: FAR_TOO_LONG * 3})

        assert answer.status_code == 413, form
        assert "<h1>一度に送れる量を超えました</h1>" in answer.text
        assert "少し短く" in answer.text
