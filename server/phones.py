"""Phone and fax numbers as they are read out and dialled: with hyphens behind the area code."""

from functools import lru_cache

import phonenumbers

from server import text

MARKS = frozenset("-+().・ー ")
HELD = 1_000  # numbers kept in mind: a page tells the city's own number three times


@lru_cache(HELD)
def shown(typed: str) -> str:
    """A Japanese number in its one readable form: 059-354-0001, however it was typed.

    Where its area code is unknown, where it is from abroad, or where words stand beside it
    (内線 12), it is shown as typed. The area codes are those of Google's libphonenumber, which
    follows the ministry's numbering plan.
    """
    if not text.is_phone(typed) or _says_more(typed):
        return typed
    number = phonenumbers.parse(text.phone_key(typed), "JP")
    if not phonenumbers.is_valid_number(number):
        return typed
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.NATIONAL)


def _says_more(typed: str) -> bool:
    plain = text.normalised(typed)
    return any(not char.isdecimal() and char not in MARKS for char in plain)
