"""What stands in a page, read without a browser."""

import re
from html import unescape


def hidden(page: str, name: str) -> str:
    """The value of an input of that name, as its form would post it."""
    found = re.search(rf'<input[^>]*name="{name}"[^>]*value="([^"]*)"', page)
    assert found, f"no {name} in the page"
    return unescape(found[1])
