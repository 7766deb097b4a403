"""By when somebody is called back: times to offer, and which ones can be (T2)."""

from datetime import datetime, time, timedelta
from typing import Any

from server import clock
from server.places import opening
from server.places.tables import Municipality
from server.refusals import Refused

Row = dict[str, Any]

DAYS_AHEAD = 60
NOON = time(12, 0)
SOON = timedelta(hours=1)
LATE = timedelta(days=1)


async def choices() -> list[tuple[str, datetime]]:
    """The times to offer for calling back, soonest first: what each means, and until when.

    "soon" and "today" while the reception's telephone is answered, then "morning" and "day" (its
    end) of the next two days of reception (T2).
    """
    city = await Municipality.objects().first()
    if city is None:
        return [("soon", soon())]
    now, offered = clock.now(), []
    today = clock.on(now)
    closes = clock.at(today, city.reception_closes)
    opens = clock.at(today, city.reception_opens)
    if now < closes and await opening.reception_is_open(city, max(now, opens)):
        if opens <= now < closes - SOON:
            offered.append(("soon", soon()))
        offered.append(("today", closes))
    for day in await opening.reception_days(city, today, 2):
        if city.reception_opens < NOON < city.reception_closes:
            offered.append(("morning", clock.at(day, NOON)))
        offered.append(("day", clock.at(day, city.reception_closes)))
    return offered


async def on_closed_days(rows: list[Row]) -> set[int]:
    """The ids of the call-backs due from today on when the reception is closed all day (T2)."""
    city = await Municipality.objects().first()
    days = {row["id"]: clock.on(row["due_at"]) for row in rows}
    today = clock.today()
    ahead = [day for day in days.values() if day >= today]
    if city is None or not ahead:
        return set()
    open_days = await opening.reception_days(city, today - timedelta(days=1), DAYS_AHEAD)
    known_until = today + timedelta(days=opening.DAYS_AHEAD - 1)
    return {
        each for each, day in days.items() if today <= day <= known_until and day not in open_days
    }


def check(due_at: datetime, *, waited_since: datetime | None = None) -> None:
    """Nobody can be phoned yesterday, and nobody waits longer than two months.

    What was promised within the last day and waited since then, because the connection was down,
    may be overdue already.
    """
    now = clock.now()
    earliest = max(waited_since, now - LATE) if waited_since else now
    if due_at < _to_the_minute(min(earliest, now)):
        raise Refused("The time to call back has passed: {due_at}.", due_at=due_at)
    if due_at > now + timedelta(days=DAYS_AHEAD):
        raise Refused("Please call back within {days} days.", days=DAYS_AHEAD)


def soon(since: datetime | None = None) -> datetime:
    """An hour from when it was promised; None is now."""
    return _to_the_minute((since or clock.now()) + SOON)


def _to_the_minute(instant: datetime) -> datetime:
    return instant.replace(second=0, microsecond=0)
