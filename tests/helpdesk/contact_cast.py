"""A contact as the tests of contacts log it, and as its form is opened for a correction."""

from typing import Any

from server import clock
from server.helpdesk import contacts
from server.helpdesk.contacts import ContactFacts
from server.helpdesk.tables import Contact
from server.roles import Role
from tests import factories
from tests.classes.staff_cast import Staff

MARI = Staff(id=7, roles=frozenset({Role.helpdesk}))
ADMINISTRATOR = Staff(id=9, roles=frozenset({Role.administrator}))
PRESS = "press-0000000001"


async def asked(**facts: Any) -> ContactFacts:
    """A question on the phone about sending photos, answered."""
    if "desk_id" not in facts:
        facts["desk_id"] = (await factories.make_desk()).id
    if "topic_id" not in facts:
        facts["topic_id"] = (await factories.make_topic()).id
    return ContactFacts(**{"channel": "phone", "outcome": "answered", **facts})


async def log(facts: ContactFacts, submission: str = PRESS) -> dict[str, Any]:
    """Mari logs it."""
    return await contacts.log(facts, submission=submission, by=MARI)


async def about_photos() -> Contact:
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
