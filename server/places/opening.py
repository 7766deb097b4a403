"""When a venue and the telephone reception are open."""

from datetime import date, datetime

import jpholiday

from server import clock
from server.places.tables import HolidayChange, Municipality, Venue, VenueClosure


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
