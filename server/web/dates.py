"""Dates and hours in the language of the page (T2)."""

from datetime import date, datetime, time

from server import clock
from server.text import date_words, hour_words, hours_words, short_date_words, wareki_year
from server.web.words import current_locale

BEFORE_REIWA = 2018  # 令和N年度 is the fiscal year 2018 + N
BEFORE_HEISEI = 1988


def day(value: date | datetime) -> str:
    """令和8年11月21日（土）; Saturday 21 November 2026."""
    on = _date(value)
    if current_locale() == "ja":
        return date_words(on)
    return _english(on, "EEEE d MMMM y")


def day_plain(value: date) -> str:
    """令和8年11月21日, as a certificate has it; 21 November 2026."""
    if current_locale() == "ja":
        return f"{wareki_year(value)}{value.month}月{value.day}日"
    return _english(value, "d MMMM y")


def day_short(value: date | datetime) -> str:
    """11月21日（土）; Sat 21 Nov. With the year where it is not the present one."""
    on = _date(value)
    same_year = on.year == clock.today().year
    if current_locale() == "ja":
        return short_date_words(on) if same_year else date_words(on)
    return _english(on, "EEE d MMM" if same_year else "EEE d MMM y")


def hours(start: datetime | time, end: datetime | time) -> str:
    """午前10時から11時30分まで; 10:00 am to 11:30 am."""
    first, last = _time(start), _time(end)
    if current_locale() == "ja":
        return hours_words(first, last)
    return f"{clock_words(first)} to {clock_words(last)}"


def moment(value: datetime) -> str:
    """11月21日（土）午後5時; Sat 21 Nov, 5:00 pm."""
    at = clock.local(value)
    if current_locale() == "ja":
        return f"{day_short(at.date())}{hour_words(at.time())}"
    return f"{day_short(at.date())}, {clock_words(at.time())}"


def month(value: date) -> str:
    """令和8年11月; November 2026."""
    if current_locale() == "ja":
        return f"{wareki_year(value)}{value.month}月"
    return _english(value, "MMMM y")


def fiscal_year(value: int) -> str:
    """令和8年度, which begins in April 2026 (T1); FY2026."""
    if current_locale() != "ja":
        return f"FY{value}"
    if value <= BEFORE_REIWA:
        return f"平成{value - BEFORE_HEISEI}年度"
    since = value - BEFORE_REIWA
    return f"令和{'元' if since == 1 else since}年度"


def clock_words(value: time) -> str:
    """10:00 am."""
    from babel.dates import format_time  # noqa: PLC0415 - takes memory that few need

    return format_time(value, "h:mm a", locale="en").lower()


def _english(on: date, pattern: str) -> str:
    from babel.dates import format_date  # noqa: PLC0415 - takes memory that few need

    return format_date(on, pattern, locale="en")


def _date(value: date | datetime) -> date:
    return clock.on(value) if isinstance(value, datetime) else value


def _time(value: datetime | time) -> time:
    return clock.local(value).time() if isinstance(value, datetime) else value
