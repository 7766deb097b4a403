"""Whom to phone now: the open call-backs, and those that were settled lately (H4)."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from server import clock
from server.accounts.tables import AccountRole
from server.helpdesk import hand_overs
from server.helpdesk.desks import AT_DESKS
from server.helpdesk.tables import CallAttempt, CallBack
from server.roles import Actor

Row = dict[str, Any]

SETTLED_DAYS = 14
MOST_SETTLED = 50


async def waiting(by: Actor) -> list[Row]:
    """All open call-backs that are hers to make, the longest overdue first; four statements.

    Each with `overdue`, `owner_name` ("" where the owner's account is disabled or calls nobody
    any more: `owner_left`, then it is for everybody), `attempts` oldest first, `hand_overs` with
    their answers, and what the contact was about.
    """
    rows = await CallBack.raw(_LISTED.format(where="call_back.done_at IS NULL"))
    return await _told(rows, by)


async def settled(by: Actor) -> list[Row]:
    """Those settled in the last two weeks, the newest first; as `waiting`."""
    where = "call_back.done_at > {}"
    rows = await CallBack.raw(_LISTED.format(where=where), clock.now() - timedelta(SETTLED_DAYS))
    found = sorted(rows, key=lambda row: (row["done_at"], row["id"]), reverse=True)
    return await _told(found, by, MOST_SETTLED)


async def get(call_back_id: int, by: Actor) -> Row | None:
    """One call-back as `waiting` has it, settled or not; None where it is not hers to make."""
    rows = await CallBack.raw(_LISTED.format(where="call_back.id = {}"), call_back_id)
    found = await _told(rows, by)
    return found[0] if found else None


async def of_contact(contact_id: int, by: Actor) -> list[Row]:
    """The call-backs promised at a contact as far as they are hers to make; as `waiting` (P1)."""
    where = "call_back.contact = {}"
    rows = await CallBack.raw(_LISTED.format(where=where), contact_id)
    return await _told(sorted(rows, key=lambda row: row["id"]), by)


async def owners() -> list[Row]:
    """Who may be the owner of a call-back: `id` and `name` of each account in use, by name."""
    rows = await AccountRole.select(
        AccountRole.account.id.as_alias("id"), AccountRole.account.name.as_alias("name")
    ).where(AccountRole.role.is_in(list(AT_DESKS)) & AccountRole.account.disabled_at.is_null())
    named = {row["id"]: row["name"] for row in rows}
    return [{"id": each, "name": named[each]} for each in sorted(named, key=lambda n: named[n])]


async def _told(rows: Iterable[Row], by: Actor, most: int | None = None) -> list[Row]:
    """With what is told of each; those that belong to other desks are left out (P1).

    Of what is left the first `most`.
    """
    callers = await _callers()
    found = []
    for row in rows:
        row["owner_left"] = row["owner"] is not None and row["owner"] not in callers
        row["asked_by"] = row["recorded_by"]
        if hand_overs.is_of(row, by) or row["owner"] == by.id:
            found.append(row)
    found = found[:most]
    tried = await _attempts([row["id"] for row in found])
    asked = await hand_overs.of_contacts([row["contact"] for row in found])
    now = clock.now()
    return [
        row
        | {
            "overdue": row["done_at"] is None and row["due_at"] <= now,
            "owner_name": "" if row["owner_left"] else row["owner_name"] or "",
            "attempts": tried.get(row["id"], []),
            "hand_overs": asked[row["contact"]],
        }
        for row in found
    ]


async def _callers() -> set[int]:
    return {row["id"] for row in await owners()}


async def attempt(attempt_id: int) -> Row | None:
    """One try as it was noted, or None."""
    found: Row | None = await CallAttempt.select().where(CallAttempt.id == attempt_id).first()
    return found


async def _attempts(call_back_ids: list[int]) -> dict[int, list[Row]]:
    found: dict[int, list[Row]] = {}
    if call_back_ids:
        ids = ", ".join(str(int(each)) for each in call_back_ids)
        for row in await CallAttempt.raw(_ATTEMPTS.format(ids=ids)):
            found.setdefault(row["call_back"], []).append(row)
    return found


_LISTED = """
SELECT call_back.*, owner.name AS owner_name, finisher.name AS done_by_name,
    topic.name AS topic_name, procedure.name AS procedure_name,
    desk.name AS desk_name, desk.section AS desk_section, desk.venue AS desk_venue,
    contact.contacted_at, contact.channel, contact.note, contact.voided_at AS contact_voided_at,
    article.question AS article_question
FROM call_back
JOIN contact ON contact.id = call_back.contact
JOIN desk ON desk.id = contact.desk
JOIN topic ON topic.id = contact.topic
LEFT JOIN procedure ON procedure.id = contact.procedure
LEFT JOIN article ON article.id = contact.article
LEFT JOIN account AS owner ON owner.id = call_back.owner
LEFT JOIN account AS finisher ON finisher.id = call_back.done_by
WHERE {where}
ORDER BY call_back.due_at, call_back.id
"""

_ATTEMPTS = """
SELECT call_attempt.*, account.name AS by_name FROM call_attempt
LEFT JOIN account ON account.id = call_attempt.attempted_by
WHERE call_attempt.call_back IN ({ids}) AND call_attempt.voided_at IS NULL
ORDER BY call_attempt.id
"""
