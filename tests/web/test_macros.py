"""Macros are globals of every template: one name is one macro."""

import re
from collections import Counter

from server.web.pages import TEMPLATES

MACRO = re.compile(r"\{%-? macro (\w+)")


def test_no_two_macros_share_a_name() -> None:
    files = sorted((TEMPLATES / "macros").glob("*.html"))
    names = Counter(name for file in files for name in MACRO.findall(file.read_text("utf-8")))

    assert [name for name, times in names.items() if times > 1] == []
