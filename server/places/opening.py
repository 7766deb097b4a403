"""When a venue and the telephone reception are open."""

from datetime import date, datetime, timedelta
from itertools import islice

import jpholiday

from server import clock
from server.places.tables import HolidayChange, Municipality, Venue, VenueClosure

DAYS_AHEAD = 60


async def holiday_name(day: date) -> str | None:
    """The public holiday on `day`, the city's own corrections first; None on other days (T2)."""
    change = await HolidayChange.select().where(HolidayChange.on == day).first()
    if change is not None:
        return str(change["name"]) if change["holiday"] else None
    found: str | None = jpholiday.is_holiday_name(day)
    return found


async def closed_because(venue_id: int, day: date) -> str | None:
    """Why the venue is closed on `day`, in the city's own words; None when it is open.

    An empty text means the venue's weekly closing day.
    """
    venue = await Venue.select(Venue.closed_weekdays).where(Venue.id == venue_id).first()
    if venue and str(day.isoweekday()) in venue["closed_weekdays"]:
        return ""
    closure = (
        await VenueClosure.select(VenueClosure.reason)
        .where(VenueClosure.venue == venue_id)
        .where((VenueClosure.first_on <= day) & (VenueClosure.last_on >= day))
        .first()
    )
    return str(closure["reason"]) if closure else None


async def reception_is_open(municipality: Municipality, at: datetime) -> bool:
    """Does somebody answer the reception's telephone at the instant `at`? Never on holidays."""
    local = clock.local(at)
    opens, closes = municipality.reception_opens, municipality.reception_closes
    return (
        str(local.isoweekday()) in municipality.reception_weekdays
        and opens <= local.time() < closes
        and await holiday_name(local.date()) is None
    )


async def reception_days(municipality: Municipality, after: date, number: int) -> list[date]:
    """The next days after `after` on which the reception's telephone is answered, in order.

    Looks two months ahead; one statement.
    """
    days = [after + timedelta(days=each) for each in range(1, DAYS_AHEAD + 1)]
    changes = await HolidayChange.select().where(HolidayChange.on.is_in(days))
    changed = {change["on"]: change["holiday"] for change in changes}
    found = (
        day
        for day in days
        if str(day.isoweekday()) in municipality.reception_weekdays
        and not changed.get(day, jpholiday.is_holiday(day))
    )
    return list(islice(found, number))
