"""Putting notices into the outbox, and ticking off who has been told (B10)."""

import json
from dataclasses import dataclass

from server import clock
from server.audit import entries
from server.database import writing
from server.notices.tables import Notice, NoticeChannel
from server.refusals import Refused
from server.roles import Actor


@dataclass(frozen=True)
class Reachable:
    """Somebody to be told: the person, the booking it is about, and the one way to reach them."""

    person_id: int
    booking_id: int
    channel: NoticeChannel
    address: str
    language: str = "ja"


async def post(occasion: str, to: list[Reachable], facts: dict[str, object]) -> None:
    """Put one notice per person into the outbox, inside the change that it tells of.

    A phone notice is a line on the call list until someone has called. `facts` are plain values
    (texts, ISO dates) that the words are made of.
    """
    if not to:
        return
    now, plain = clock.now(), json.dumps(facts, ensure_ascii=False)
    rows = [
        Notice(
            person=one.person_id,
            occasion=occasion,
            channel=one.channel,
            address=one.address,
            language=one.language,
            facts=plain,
            subject_id=one.booking_id,
            recorded_at=now,
        )
        for one in to
    ]
    await Notice.insert(*rows)


async def mark_told(notice_id: int, *, by: Actor) -> None:
    """The person has been told. Refused when somebody else has already ticked it off."""
    async with writing():
        told = (
            await Notice.update({Notice.told_at: clock.now(), Notice.told_by: by.id})
            .where((Notice.id == notice_id) & Notice.told_at.is_null())
            .returning(Notice.id)
        )
        if not told:
            raise Refused("Somebody has already marked this person as told.")
        await entries.record("notice.told", "notice", notice_id, by=by)


async def is_told(notice_id: int) -> bool:
    """Has this notice been ticked off already?"""
    return await Notice.exists().where((Notice.id == notice_id) & Notice.told_at.is_not_null())
