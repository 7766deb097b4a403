"""Writing the audit log, inside the change that it tells of."""

import json
from collections.abc import Iterable
from datetime import date, datetime

from server import clock
from server.audit.tables import AuditEntry
from server.database import writing
from server.roles import Actor


async def record(
    action: str, subject: str, subject_id: int, *, by: Actor | None, **facts: object
) -> None:
    """Write who did what to which row; `facts` are ids and values from and to, never names (P2).

    Nor are they what somebody wrote: why a row was taken back stands in the row.

    Belongs inside the `writing()` of the change itself. `by` is None for a resident.
    """
    await _write(action, subject, subject_id, by, facts)


async def record_reading(
    page: str, subject: str, ids: Iterable[int], *, by: Actor, **filters: object
) -> None:
    """Write that a member of staff is about to see residents' data; call it before answering."""
    async with writing():
        await _write("read", subject, None, by, {"page": page, "ids": list(ids), **filters})


async def _write(
    action: str, subject: str, subject_id: int | None, by: Actor | None, facts: dict[str, object]
) -> None:
    told = json.dumps(facts, ensure_ascii=False, default=_plain)
    actor = by.id if by else None
    await AuditEntry.raw(_INSERT, clock.now(), actor, action, subject, subject_id, told)


# As it stands: every change and every page of personal data writes one.
_INSERT = """
INSERT INTO audit_entry (recorded_at, actor, action, subject, subject_id, facts)
VALUES ({}, {}, {}, {}, {}, {})
"""


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, date | datetime) else str(value)
