"""The call list: who is still to be told, in the order in which their classes start."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from server.notices.tables import CALLING_OFF, Notice, subject_kind
from server.roles import Actor, Role

DECIDED = ("supporter.accepted", "supporter.declined")
OCCASIONS = (
    *("session.moved", "session.added", "assignment.added", "assignment.taken_off"),
    *CALLING_OFF,
    *DECIDED,
)
NO_START = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Call:
    """One person to be told about one thing; `ids` are all notices that this says at once.

    `starts_at` is when the person would come, by what was told before, None where it is about
    no class; `channel` how to reach her: mail is not sent by itself yet, so every channel stands
    here.
    """

    ids: tuple[int, ...]
    occasion: str
    channel: str
    address: str
    name: str
    reading: str
    starts_at: datetime | None
    facts: dict[str, Any]

    @property
    def id(self) -> int:
        """The newest of its notices."""
        return self.ids[-1]


async def calls(by: Actor) -> list[Call]:
    """Who is still to be told, as far as `by` may see it (P1); one statement.

    Several changes of one session are one call: from what the person knows to what holds now.
    """
    rows = await Notice.raw(_WAITING)
    found: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
    for row in rows:
        row["facts"] = json.loads(row["facts"])
        if row["occasion"] in OCCASIONS:
            key = (*_subject(row), row["facts"].get("session_id", 0))
            found.setdefault(key, []).append(row)
    told = [_call(notices) for notices in _without_what_is_over(found.values())]
    seen = [call for call in told if _may_see(by, call.facts)]
    return sorted(seen, key=lambda call: (call.starts_at or NO_START, call.reading, call.id))


async def moves(assignment_ids: Iterable[int]) -> dict[int, dict[str, Any]]:
    """Of each assignment whose class was moved since: `moved_at`, and `was`, its hour before.

    The last move counts for `moved_at`, the first one for `was`; one statement.
    """
    wanted = list(assignment_ids)
    if not wanted:
        return {}
    rows = (
        await Notice.select(Notice.subject_id, Notice.facts, Notice.recorded_at)
        .where((Notice.occasion == "session.moved") & Notice.subject_id.is_in(wanted))
        .where(Notice.withdrawn_at.is_null())
        .order_by(Notice.id)
    )
    found: dict[int, dict[str, Any]] = {}
    for row in rows:
        facts = json.loads(row["facts"])
        if subject_kind(facts) == "assignment":
            was = datetime.fromisoformat(facts["was_starts_at"])
            first = found.setdefault(row["subject_id"], {"was": was})
            first["moved_at"] = row["recorded_at"]
    return found


async def told(by: Actor, notice_id: int) -> Call | None:
    """What was ticked off at once with this notice, if `by` may see it; None where nothing was."""
    rows = await Notice.raw(_TOLD, notice_id)
    for row in rows:
        row["facts"] = json.loads(row["facts"])
    asked = [_subject(row) for row in rows if row["id"] == notice_id]
    same = [row for row in rows if _subject(row) in asked]
    call = _call(same) if same else None
    return call if call and _may_see(by, call.facts) else None


def _subject(row: dict[str, Any]) -> tuple[str, int]:
    return subject_kind(row["facts"]), row["subject_id"]


def _may_see(by: Actor, facts: dict[str, Any]) -> bool:
    if subject_kind(facts) == "application":
        return Role.coordinator in by.roles
    own = by.sees_all_sections or by.section_id == facts.get("section_id")
    if Role.coordinator in by.roles and own:
        return True
    if subject_kind(facts) == "assignment":  # a supporter's number is for those who staff
        return False
    if Role.helpdesk in by.roles:
        return True
    return Role.venue in by.roles and facts.get("venue_id") in by.venue_ids


def _without_what_is_over(
    found: Iterable[list[dict[str, Any]]],
) -> Iterable[list[dict[str, Any]]]:
    """Where the whole course is called off, nothing else about it needs to be said."""
    every = list(found)
    called_off = {
        (*_subject(row), row["facts"].get("course_id"))
        for notices in every
        for row in notices
        if row["occasion"] == "course.called_off"
    }
    merged: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
    for notices in every:
        key = (*_subject(notices[0]), notices[0]["facts"].get("course_id"))
        if key in called_off:
            merged.setdefault(key, []).extend(notices)
        else:
            yield notices
    for notices in merged.values():
        yield sorted(notices, key=lambda row: (row["occasion"] == "course.called_off", row["id"]))


def _call(notices: list[dict[str, Any]]) -> Call:
    first, last = notices[0], notices[-1]
    known = {name: value for name, value in first["facts"].items() if name.startswith("was_")}
    facts = last["facts"] | known
    starts = [facts[name] for name in ("starts_at", "was_starts_at") if name in facts]
    return Call(
        ids=tuple(row["id"] for row in notices),
        occasion=last["occasion"],
        channel=last["channel"],
        address=last["address"],
        name=last["name"],
        reading=last["reading"],
        starts_at=datetime.fromisoformat(min(starts)) if starts else None,
        facts=facts,
    )


_NOTICES = """
SELECT notice.id, notice.subject_id, notice.occasion, notice.channel, notice.address,
    notice.facts, person.name, person.reading
FROM notice
JOIN person ON person.id = notice.person
"""

_WAITING = f"""
{_NOTICES}
WHERE notice.told_at IS NULL AND notice.withdrawn_at IS NULL
ORDER BY notice.id
"""

_TOLD = f"""
{_NOTICES}
JOIN notice AS asked ON asked.id = {{}} AND asked.subject_id = notice.subject_id
    AND asked.told_at = notice.told_at AND asked.told_by = notice.told_by
ORDER BY notice.id
"""
