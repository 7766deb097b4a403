"""What time it is for the municipality: instants in UTC, days and fiscal years in its zone (T1)."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from server.settings import settings

_frozen: list[datetime] = []


def now() -> datetime:
    """The present instant, aware, in UTC."""
    return _frozen[-1] if _frozen else datetime.now(UTC)


def today() -> date:
    """The municipality's date of now."""
    return on(now())


def zone() -> ZoneInfo:
    """The municipality's time zone, `TONARI_TIME_ZONE`."""
    return ZoneInfo(settings().time_zone)


def local(instant: datetime) -> datetime:
    """The same instant on the municipality's wall clock. Raises ValueError for a naive one."""
    if instant.tzinfo is None:
        raise ValueError(f"an instant needs a time zone: {instant.isoformat()}")
    return instant.astimezone(zone())


def on(instant: datetime) -> date:
    """The municipal date of an instant: at 15:00 UTC a new day has begun in Japan."""
    return local(instant).date()


def at(day: date, hour: time) -> datetime:
    """The instant, in UTC, at which the municipality's wall clock shows that day and hour."""
    return datetime.combine(day, hour.replace(tzinfo=None), zone()).astimezone(UTC)


def end_of(day: date) -> datetime:
    """The last instant of a municipal day."""
    return at(day + timedelta(days=1), time()) - timedelta(microseconds=1)


def fiscal_year(day: date) -> int:
    """The fiscal year (年度) of a municipal date: 1 April to 31 March, named by its first year."""
    return day.year if day.month >= 4 else day.year - 1


def fiscal_days(year: int) -> tuple[date, date]:
    """The first and the last day of a fiscal year."""
    return date(year, 4, 1), date(year + 1, 3, 31)


def months(first_on: date, last_on: date) -> list[date]:
    """The first days of the months that a span touches."""
    found, month = [], first_on.replace(day=1)
    while month <= last_on:
        found.append(month)
        month = month_after(month)
    return found


def month_days(day: date) -> tuple[date, date]:
    """The first and the last day of the month of a day."""
    return day.replace(day=1), month_after(day) - timedelta(days=1)


def month_after(day: date) -> date:
    """The first day of the month after that of a day."""
    return (day.replace(day=1) + timedelta(days=31)).replace(day=1)


def month_before(day: date) -> date:
    """The first day of the month before that of a day."""
    return (day.replace(day=1) - timedelta(days=1)).replace(day=1)


def age(born_on: date, on: date) -> int:
    """Full years on a day; who was born on 29 February is a year older on 1 March."""
    return on.year - born_on.year - ((on.month, on.day) < (born_on.month, born_on.day))


@contextmanager
def freeze(instant: datetime) -> Iterator[datetime]:
    """Hold the clock until the block ends, for the whole process: in tests and invented data."""
    held = local(instant).astimezone(UTC)
    _frozen.append(held)
    try:
        yield held
    finally:
        _frozen.pop()
