"""The people and promises that the tests of call-backs know by name."""

from datetime import datetime, timedelta
from itertools import count
from typing import Any

from server import clock
from server.helpdesk import call_backs
from server.helpdesk.call_backs import CallBackFacts
from server.roles import Role
from tests import factories
from tests.classes.staff_cast import Staff

PHONE = "059-000-0123"
MY_NUMBER = "123456789018"  # its last digit fits the eleven before it

_number = count(1)


async def operator(role: Role = Role.helpdesk, **facts: Any) -> Staff:
    """Somebody with an account of the role who acts; `name` is the account's."""
    name = facts.pop("name", "鈴木まり")
    account = await factories.make_account(role, name=name, **facts)
    return Staff(
        id=account.id,
        roles=frozenset({role}),
        section_id=facts.get("section"),
        sees_all_sections=role is Role.coordinator and "section" not in facts,
        venue_ids=frozenset({facts["venue"]} if "venue" in facts else ()),
    )


def in_hours(hours: float) -> datetime:
    """So many hours from now."""
    return clock.now() + timedelta(hours=hours)


def hanako(**facts: Any) -> CallBackFacts:
    """山田花子 is to be phoned in two hours, by whoever is there."""
    typed = {"name": "山田花子", "reading": "", "phone": PHONE, "about": "パスワードを忘れた"}
    return CallBackFacts(**{**typed, "due_at": in_hours(2), **facts})


async def promised(by: Staff, contact_id: int | None = None, **facts: Any) -> dict[str, Any]:
    """A call-back of a contact of its own where none is given."""
    submission = facts.pop("submission", f"promise-{next(_number):016d}")
    if contact_id is None:
        contact_id = (await factories.make_contact()).id
    return await call_backs.promise(contact_id, hanako(**facts), submission=submission, by=by)
