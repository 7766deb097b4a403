"""What stands though its contact was taken back, to be ended by whoever it is hers to end."""

from typing import Any

from server.classes import roster
from server.classes.tables import LIVE_STATES
from server.helpdesk import call_list, hand_overs, queries
from server.roles import Actor

Row = dict[str, Any]


async def standing(contact_id: int, by: Actor) -> Row:
    """The live bookings, open call-backs and unseen hand-overs of a contact that are hers (P1).

    `others` are how many of each are not.
    """
    promised = await call_list.of_contact(contact_id, by)
    asked = await hand_overs.of_contact(contact_id, by)
    live = [row for row in await queries.booked(contact_id) if row["state"] in LIVE_STATES]
    hers = {
        "bookings": [row for row in live if await roster.sees_booking(by, row["id"])],
        "call_backs": [row for row in promised if row["done_at"] is None],
        "hand_overs": [row for row in asked if row["seen_at"] is None],
    }
    hanging = await queries.hanging_on(contact_id)
    return {**hers, "others": {kind: hanging[kind] - len(rows) for kind, rows in hers.items()}}
