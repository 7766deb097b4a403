"""What stands in the tables: who has completed a training, and what the audit was told."""

import json
from typing import Any

from server.audit.tables import AuditEntry
from server.counter_staff.tables import StaffCompletion


async def completions_of(training_id: int) -> list[dict[str, Any]]:
    """The completions of a training that stand, in the order in which they were entered."""
    return await (
        StaffCompletion.select()
        .where((StaffCompletion.training == training_id) & StaffCompletion.voided_at.is_null())
        .order_by(StaffCompletion.id)
    )


async def facts_told(action: str) -> dict[str, Any]:
    """What the one audit entry of an action says."""
    [entry] = await AuditEntry.select().where(AuditEntry.action == action)
    told: dict[str, Any] = json.loads(entry["facts"])
    return told
