"""Shared-terminal mode (H7): a browser that many people use, and that keeps nothing of any.

A cookie marks the browser and names the sitting. Whatever is sent from a page of an earlier
sitting is not taken: going back, and sending again what somebody before had typed, shows nothing.
"""

import re
import secrets
from typing import Any, NamedTuple

from litestar import Request, Response
from litestar.types import Scope

from server.settings import settings
from server.web.sessions import (
    BOOKINGS_COOKIE,
    SIGN_IN_COOKIE,
    TERMINAL_COOKIE,
    cookie,
)
from server.web.words import LANGUAGE_COOKIE

IDLE_SECONDS = 120
LONGER_SECONDS = 1200  # where somebody asked for more time: ten times as long (WCAG 2.2.1)
LONGER = ".longer"
ONE_YEAR = 365 * 24 * 3600
OVER = "/terminal/over"
FIELD = "sitting"
FORGETS = '"cache", "storage"'

POST_FORM = re.compile(r'<form\b[^>]*\bmethod="post"[^>]*>')
FORM = re.compile(r"<form\b")
AUTOCOMPLETE = re.compile(r' autocomplete="[^"]*"')
INPUT = re.compile(r"<(?:input|select|textarea)\b")
SOUND = re.compile(r"[0-9a-f]{16}(?:\.longer)?")


class Sitting(NamedTuple):
    """The time that one person spends at a shared terminal."""

    key: str
    longer: bool

    @property
    def seconds(self) -> int:
        """After how many idle seconds everything is forgotten."""
        return LONGER_SECONDS if self.longer else IDLE_SECONDS


def sitting(scope: Scope) -> Sitting | None:
    """The sitting that a request belongs to; None where the browser is nobody else's."""
    held = cookie(scope, TERMINAL_COOKIE) or ""
    if not SOUND.fullmatch(held):
        return None
    return Sitting(held.removesuffix(LONGER), held.endswith(LONGER))


def begin(response: Response[Any], *, longer: str = "") -> None:
    """Begin a sitting, or give the one of key `longer` more time."""
    key = longer + LONGER if longer else secrets.token_hex(8)
    _set(response, TERMINAL_COOKIE, key, "/", ONE_YEAR)


def end(response: Response[Any]) -> None:
    """The browser is nobody else's any more; what it kept goes too."""
    _forget(response)
    _set(response, TERMINAL_COOKIE, "", "/", 0)


def next_sitting(response: Response[Any]) -> None:
    """Forget whatever the browser kept of the person before."""
    _forget(response)
    begin(response)


def keeps_for(scope: Scope, usual: int) -> int:
    """For how many seconds something is open in this browser that is open `usual` elsewhere."""
    here = sitting(scope)
    return min(here.seconds, usual) if here else usual


def without_traces(html: str, here: Sitting | None) -> str:
    """A page whose forms the browser does not fill in, and that belong to this sitting only.

    Pages of other browsers stay as they are.
    """
    if here is None:
        return html
    html = AUTOCOMPLETE.sub("", html)
    html = INPUT.sub(lambda found: f'{found[0]} autocomplete="off"', html)
    html = FORM.sub('<form autocomplete="off"', html)
    mark = f'<input type="hidden" name="{FIELD}" value="{here.key}">'
    return POST_FORM.sub(lambda found: found[0] + mark, html)


async def is_of_earlier(request: Request[Any, Any, Any]) -> bool:
    """Was something sent at a shared terminal from a page of an earlier sitting?"""
    here = sitting(request.scope)
    own_page = request.scope["path"].startswith("/terminal")
    if here is None or request.method != "POST" or own_page:
        return False
    return (await request.form()).get(FIELD) != here.key


def _forget(response: Response[Any]) -> None:
    response.headers["clear-site-data"] = FORGETS
    for name, path in (
        (BOOKINGS_COOKIE, "/bookings"),
        (SIGN_IN_COOKIE, "/"),
        (LANGUAGE_COOKIE, "/"),
    ):
        _set(response, name, "", path, 0)


def _set(response: Response[Any], name: str, value: str, path: str, seconds: int) -> None:
    response.set_cookie(
        key=name,
        value=value,
        max_age=seconds,
        path=path,
        httponly=True,
        samesite="lax",
        secure=settings().https,
    )
