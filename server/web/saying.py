"""A refusal in words, with its days and hours as people read them."""

from datetime import date, datetime
from typing import Any

from server.refusals import Refused
from server.web import dates
from server.web.words import current_locale, gettext


def say(refused: Refused) -> str:
    """A refusal or a warning in the words of the current language.

    Of its values an instant becomes a moment, a date a day, a pair of either a span.
    """
    words = gettext(refused.msgid)
    readable = {name: _read(value) for name, value in refused.values.items()}
    return words.format(**readable) if readable else words


def _read(value: object) -> object:
    if isinstance(value, tuple):
        return _span(*value)
    if isinstance(value, datetime):
        return dates.moment(value)
    return dates.day(value) if isinstance(value, date) else value


def _span(start: Any, end: Any) -> str:
    """Hours of a day, with the day where instants are given."""
    hours = dates.hours(start, end)
    if not isinstance(start, datetime):
        return hours
    gap = "" if current_locale() == "ja" else ", "
    return f"{dates.day_short(start)}{gap}{hours}"
