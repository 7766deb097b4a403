"""The steps of an article as they are shown: with their pictures, and numbers to be dialled."""

import re
from typing import Any

from server import text

Row = dict[str, Any]

PHONE = re.compile(
    r"(?<![\d-])(?:0\d{1,4}-\d{1,4}-\d{3,4}|0\d{9,10})(?![\d-])"
    r"|(?<![\d-])(?:188|110|119)番(?!目)|[#＃]9110番?",
    re.ASCII,
)


def steps_of(article: Row, shown: list[Row]) -> list[Row]:
    """Each step with its pictures; those of a step that is gone stand beside the last one."""
    lines = article["steps"].splitlines()
    last = max(len(lines), 1)
    beside: dict[int, list[Row]] = {}
    for picture in shown:
        beside.setdefault(min(picture["step"], last), []).append(picture)
    return [
        {"parts": parts_of(words), "pictures": beside.get(place, [])}
        for place, words in enumerate(lines or [""] * bool(shown), start=1)
    ]


def parts_of(words: str) -> list[Row]:
    """A step in parts: its words, and each telephone number with what is dialled for it.

    Numbers of ten or eleven digits, short ones only as 188番, and #9110 (police, advice).
    """
    parts: list[Row] = []
    at = 0
    for found in PHONE.finditer(words):
        digits = text.phone_key(found[0])
        if found[0][0] == "0" and not text.is_phone(found[0]):
            continue
        dial = f"%23{digits}" if found[0][0] in "#＃" else digits
        parts += [{"words": words[at : found.start()], "dial": ""}]
        parts += [{"words": found[0], "dial": dial}]
        at = found.end()
    return [*parts, {"words": words[at:], "dial": ""}]
