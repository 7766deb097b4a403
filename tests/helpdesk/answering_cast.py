"""Who writes articles in the tests, with accounts that exist; and pictures that they send."""

from io import BytesIO
from typing import Any

from PIL import Image

from server.helpdesk import missing
from server.helpdesk.articles import ArticleFacts
from server.helpdesk.queries import ContactFilters
from server.roles import Role
from tests.classes.staff_cast import Staff
from tests.factories import make_account, make_topic


async def actor(role: Role, section: int | None = None) -> Staff:
    """An account in a role; a coordinator without a section oversees all."""
    account = await make_account(role, section=section)
    return Staff(
        id=account.id,
        roles=frozenset({role}),
        section_id=section,
        sees_all_sections=role is Role.coordinator and section is None,
    )


async def facts(**more: Any) -> ArticleFacts:
    """What somebody writes about the ringing tone."""
    topic = more.pop("topic_id", None) or (await make_topic()).id
    words = {
        "question": "着信音を大きくするには",
        "steps": "設定を開きます。\n音を押します。",
        "staff_answer": "機種を先に聞く。",
        "keywords": "ベル 呼び出し",
    }
    return ArticleFacts(**{**words, "topic_id": topic, **more})


def ids(rows: list[dict[str, Any]]) -> list[int]:
    """The rows by their ids, in their order."""
    return [row["id"] for row in rows]


async def with_notes(topic: int, procedure: int | None) -> list[dict[str, Any]]:
    """The contacts of a line of the articles to write that have a note."""
    return [
        row for row in await missing.standing(topic, procedure, ContactFilters()) if row["note"]
    ]


def picture(kind: str = "PNG", size: tuple[int, int] = (60, 40), **more: Any) -> bytes:
    """A plain picture as somebody sends it."""
    out = BytesIO()
    Image.new("RGB", size, "teal").save(out, kind, **more)
    return out.getvalue()
