"""Presses of the desk's button, as the tests of its page send them."""

from typing import Any

import httpx

from server.helpdesk.tables import Contact, Desk
from server.topics.tables import Topic

PRESS = "press-0000000001"
SCRIPT = {"accept": "application/json"}


def tapped(topic: Topic, **more: Any) -> dict[str, Any]:
    """Three taps: what a form sends of them."""
    known = {"topic": topic.id, "channel": "phone", "outcome": "answered", "submission": PRESS}
    return {**known, **more}


async def press(
    mari: httpx.AsyncClient, desk: Desk, typed: dict[str, Any], **headers: str
) -> httpx.Response:
    """What the desk answers to a press of its button."""
    return await mari.post(f"/staff/desks/{desk.id}/contacts", data=typed, headers=headers)


async def entered() -> list[dict[str, Any]]:
    """The contacts that were entered, in order."""
    return await Contact.select().order_by(Contact.id)


def called_back(**more: Any) -> dict[str, Any]:
    """Who is to be phoned, and by when: Tuesday's noon."""
    return {
        "outcome": "call_back",
        "name": "山田花子",
        "phone": "059-354-0000",
        "due": "2026-11-24T03:00:00+00:00",
        "owner": "",
        **more,
    }
