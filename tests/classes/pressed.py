"""What a browser would post of a page's own form, as it was opened."""

import html
import re

FIELD = re.compile(
    r"<input(?P<input>[^>]*)>"
    r"|<textarea(?P<area>[^>]*)>(?P<text>.*?)</textarea>"
    r"|<select(?P<select>[^>]*)>(?P<options>.*?)</select>",
    re.DOTALL,
)
CHOSEN = re.compile(r'<option[^>]*selected[^>]*value="([^"]*)"')


def filled(page: str, action: str) -> dict[str, str]:
    """Name and value of each field of the form that posts to `action`."""
    form = page.split(f'action="{action}"')[1].split("</form>", maxsplit=1)[0]
    found = {}
    for field in FIELD.finditer(form):
        tag = field["input"] or field["area"] or field["select"] or ""
        name, value = _of(tag, "name"), _of(tag, "value")
        if field["area"]:
            value = html.unescape(field["text"]).strip().replace("\n", "\r\n")
        if field["select"]:
            chosen = CHOSEN.search(field["options"])
            value = html.unescape(chosen[1]) if chosen else ""
        if name and (_of(tag, "type") != "radio" or "checked" in tag):
            found[name] = value
    return found


def _of(tag: str, attribute: str) -> str:
    found = re.search(rf'\b{attribute}="([^"]*)"', tag)
    return html.unescape(found[1]) if found else ""
