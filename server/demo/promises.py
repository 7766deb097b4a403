"""What the invented helpdesk has promised in the last months, and kept (P7)."""

from datetime import timedelta
from itertools import cycle
from random import Random

from server import text
from server.demo.city import City, Facts, add_all, facts
from server.demo.people import Resident
from server.helpdesk.tables import (
    AttemptResult,
    CallAttempt,
    CallBack,
    Contact,
    ContactOutcome,
    HandOver,
)
from server.topics.tables import Topic

ANSWERED_AFTER, SEEN_AFTER = timedelta(minutes=30), timedelta(minutes=50)
CALLED_AFTER, DUE_AFTER = timedelta(minutes=40), timedelta(hours=1)


async def keep(random: Random, city: City, logged: list[Contact], callers: list[Resident]) -> None:
    """Behind each contact that promises something: the call that was made, the answer that came."""
    known: Facts = facts("helpdesk")["kept"]
    codes = {row["id"]: row["code"] for row in await Topic.select(Topic.id, Topic.code)}
    who = cycle(random.sample(callers, len(callers)))
    calls = [
        _call_back(known, contact, next(who))
        for contact in logged
        if contact.outcome == ContactOutcome.call_back
    ]
    await add_all(calls)
    await add_all([_reached(call) for call in calls])
    await add_all(
        [
            _hand_over(known, city, contact, codes[contact.topic])
            for contact in logged
            if contact.outcome == ContactOutcome.handed_on
        ]
    )


def _call_back(known: Facts, contact: Contact, caller: Resident) -> CallBack:
    return CallBack(
        contact=contact.id,
        name=caller.name,
        reading=caller.reading,
        phone=caller.phone,
        phone_key=text.phone_key(caller.phone),
        about=contact.note or known["about"],
        due_at=contact.contacted_at + DUE_AFTER,
        owner=contact.recorded_by,
        recorded_at=contact.recorded_at,
        recorded_by=contact.recorded_by,
        done_at=contact.contacted_at + CALLED_AFTER,
        done_by=contact.recorded_by,
        outcome=known["done"],
    )


def _reached(call: CallBack) -> CallAttempt:
    return CallAttempt(
        call_back=call.id,
        result=AttemptResult.reached,
        attempted_at=call.done_at,
        attempted_by=call.done_by,
    )


def _hand_over(known: Facts, city: City, contact: Contact, code: str) -> HandOver:
    one = next(each for each in known["questions"] if code in each["topics"] or not each["topics"])
    return HandOver(
        contact=contact.id,
        section=city.sections[one["section"]],
        question=one["question"],
        asked_at=contact.contacted_at,
        asked_by=contact.recorded_by,
        answer=one["answer"],
        answered_at=contact.contacted_at + ANSWERED_AFTER,
        answered_by=city.accounts["ict"],
        seen_at=contact.contacted_at + SEEN_AFTER,
        seen_by=contact.recorded_by,
    )
