"""Putting notices into the outbox, ticking off who has been told, and taking it back (B10)."""

import json
from collections.abc import Iterable
from dataclasses import dataclass

from server import clock
from server.audit import entries
from server.database import writing
from server.notices.tables import CALLING_OFF, Notice, NoticeChannel, subject_kind
from server.refusals import Refused
from server.roles import Actor


@dataclass(frozen=True)
class Reachable:
    """Somebody to be told: the person, the row it is about, and the one way to reach them."""

    person_id: int
    subject_id: int
    channel: NoticeChannel
    address: str
    language: str = "ja"


async def post(
    occasion: str, to: list[Reachable], facts: dict[str, object], *, about: str = "booking"
) -> None:
    """Put one notice per person into the outbox, inside the change that it tells of.

    A phone notice is a line on the call list until someone has called. `facts` are plain values
    (texts, ISO dates) that the words are made of; `about` names the kind of row whose ids the
    subjects are.
    """
    if not to:
        return
    now, plain = clock.now(), json.dumps(facts | {"about": about}, ensure_ascii=False)
    rows = [
        Notice(
            person=one.person_id,
            occasion=occasion,
            channel=one.channel,
            address=one.address,
            language=one.language,
            facts=plain,
            subject_id=one.subject_id,
            recorded_at=now,
        )
        for one in to
    ]
    await Notice.insert(*rows)


async def withdraw(subject_id: int, *, about: str = "booking") -> None:
    """Somebody has given the place back herself: what changed of it needs no telling any more.

    What the city has called off is told all the same. Belongs inside the `writing()` of the change.
    """
    waiting = (
        await Notice.select(Notice.id, Notice.facts)
        .where((Notice.subject_id == subject_id) & Notice.occasion.not_in(list(CALLING_OFF)))
        .where(Notice.told_at.is_null() & Notice.withdrawn_at.is_null())
    )
    moot = [row["id"] for row in waiting if subject_kind(json.loads(row["facts"])) == about]
    if moot:
        await Notice.update({Notice.withdrawn_at: clock.now()}).where(Notice.id.is_in(moot))


async def is_waiting(subject_id: int, occasion: str, *, about: str) -> bool:
    """Has nobody told her yet of this occasion?"""
    waiting = (
        await Notice.select(Notice.facts)
        .where((Notice.subject_id == subject_id) & (Notice.occasion == occasion))
        .where(Notice.told_at.is_null() & Notice.withdrawn_at.is_null())
    )
    return any(subject_kind(json.loads(row["facts"])) == about for row in waiting)


async def mark_told(notice_ids: Iterable[int], *, by: Actor) -> None:
    """The person has been told all of this. Refused when somebody has already ticked it off."""
    now = clock.now()
    async with writing():
        for notice_id in notice_ids:
            told = (
                await Notice.update({Notice.told_at: now, Notice.told_by: by.id})
                .where((Notice.id == notice_id) & Notice.told_at.is_null())
                .returning(Notice.id)
            )
            if not told:
                raise Refused("Somebody has already marked this person as told.")
            await entries.record("notice.told", "notice", notice_id, by=by)


async def mark_untold(notice_ids: Iterable[int], *, by: Actor) -> None:
    """The person has not been told after all. Those not ticked off stay what they were."""
    async with writing():
        for notice_id in notice_ids:
            undone = (
                await Notice.update({Notice.told_at: None, Notice.told_by: None})
                .where((Notice.id == notice_id) & Notice.told_at.is_not_null())
                .returning(Notice.id)
            )
            if undone:
                await entries.record("notice.untold", "notice", notice_id, by=by)
