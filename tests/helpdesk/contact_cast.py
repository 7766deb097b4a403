"""A contact as the tests of contacts log it."""

from typing import Any

from server.helpdesk import contacts
from server.helpdesk.contacts import ContactFacts
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
