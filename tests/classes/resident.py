"""What a resident sees on a page and sends from it, without JavaScript."""

import re
from html import unescape
from typing import Any

import httpx

HANAKO = {"name": "山田花子", "reading": "やまだ はなこ", "phone": "090-0000-1234"}
TARO = {"name": "山田太郎", "reading": "やまだ たろう", "phone": "090-0000-1234"}

_CARD = re.compile(r'<a href="/courses/(\d+)">')
_HIDDEN = re.compile(r'<input type="hidden" name="([^"]*)" value="([^"]*)"')
_FORM = re.compile(r'<form[^>]* action="/bookings".*?</form>', re.DOTALL)
_ERROR = re.compile(r'<p class="field-error" id="([\w-]+)-error">(.*?)</p>', re.DOTALL)
_SUMMARY = re.compile(r"<section [^>]*data-error-summary.*?</section>", re.DOTALL)


def cards(page: httpx.Response) -> list[int]:
    """The ids of the courses in a list, in order."""
    return [int(found) for found in _CARD.findall(page.text)]


def said(page: httpx.Response) -> str:
    """The words of a page, in one line."""
    return words(page.text)


def words(html: str) -> str:
    """The words of a piece of a page, in one line."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def field_errors(page: httpx.Response) -> dict[str, str]:
    """What is said under which field."""
    return {name: words(message) for name, message in _ERROR.findall(page.text)}


def summary(page: httpx.Response) -> str:
    """What stands in the summary of errors."""
    found = _SUMMARY.search(page.text)
    return words(found[0]) if found else ""


def kept(page: httpx.Response, name: str) -> str:
    """What stands in a text field."""
    found = re.search(rf'<input[^>]* name="{name}"[^>]* value="([^"]*)"', page.text)
    return unescape(found[1]) if found else ""


def confirmed(page: httpx.Response) -> dict[str, list[str]]:
    """The hidden fields of the confirmation page, as its button sends them."""
    form = _FORM.search(page.text)
    assert form, said(page)
    fields: dict[str, list[str]] = {}
    for name, value in _HIDDEN.findall(form[0]):
        fields.setdefault(name, []).append(unescape(value))
    return fields


async def confirm(client: httpx.AsyncClient, **typed: Any) -> dict[str, list[str]]:
    """Fill in the form, and go on to the page on which it is read once more."""
    page = await client.post("/bookings/new", data={**HANAKO, **typed})
    assert page.status_code == httpx.codes.OK, summary(page)
    return confirmed(page)


async def book(client: httpx.AsyncClient, **typed: Any) -> str:
    """Apply from the form to the end, and return the reference."""
    answer = await client.post("/bookings", data=await confirm(client, **typed))
    assert answer.status_code == httpx.codes.SEE_OTHER, said(answer)
    return answer.headers["location"].rpartition("/")[2]
