"""Writing the audit log, inside the change that it tells of."""

import json
from collections.abc import Iterable
from datetime import date, datetime

from server import clock
from server.audit.tables import AuditEntry
from server.roles import Actor


async def record(
    action: str, subject: str, subject_id: int, *, by: Actor | None, **facts: object
) -> None:
    """Write who did what to which row; `facts` are ids and values from and to, never names (P2).

    Belongs inside the `writing()` of the change itself. `by` is None for a resident.
    """
    await _write(action, subject, subject_id, by, facts)


async def record_reading(
    page: str, subject: str, ids: Iterable[int], *, by: Actor, **filters: object
) -> None:
    """Write that a member of staff is about to see residents' data; call it before answering."""
    await _write("read", subject, None, by, {"page": page, "ids": list(ids), **filters})


async def _write(
    action: str, subject: str, subject_id: int | None, by: Actor | None, facts: dict[str, object]
) -> None:
    entry = AuditEntry(
        recorded_at=clock.now(),
        actor=by.id if by else None,
        action=action,
        subject=subject,
        subject_id=subject_id,
        facts=json.dumps(facts, ensure_ascii=False, default=_plain),
    )
    await AuditEntry.insert(entry)


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, date | datetime) else str(value)
