"""Shared-terminal mode (H7): a browser that many people use, and that keeps nothing of any.

A cookie marks the browser and names the sitting. Whatever is sent from a page of an earlier
sitting is not taken: going back, and sending again what somebody before had typed, shows nothing.
Whoever finishes with a borrowed device leaves the same kind of mark on the pages of bookings.
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
CLOSED_COOKIE = "closed"  # somebody finished with this screen: what was typed before is not taken
ONE_YEAR = 365 * 24 * 3600
OVER = "/terminal/over"
OVER_DONE = "/?over=done"
OVER_IDLE = "/?over=idle"
FIELD = "sitting"
FORGETS = '"cache", "storage"'

FORM = re.compile(r"<form\b([^>]*)>")
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

    @property
    def writing_seconds(self) -> int:
        """How long a page with a form stays where no JavaScript sees that somebody writes."""
        return LONGER_SECONDS

    @property
    def receipt_seconds(self) -> int:
        """How long somebody's own booking stays on the screen, whoever asked for more time."""
        return IDLE_SECONDS


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


def finish(request: Request[Any, Any, Any], response: Response[Any]) -> None:
    """Somebody is done with this screen: nothing of what she typed is shown or taken again.

    On a device of one's own, what waits in the browser to be sent (desk.js) is left alone.
    """
    if sitting(request.scope):
        next_sitting(response)
        return
    response.headers["clear-site-data"] = '"cache"'
    _set(response, BOOKINGS_COOKIE, "", "/bookings", 0)
    _set(response, CLOSED_COOKIE, secrets.token_hex(8), "/bookings", None)


def keeps_for(scope: Scope, usual: int) -> int:
    """For how many seconds something is open in this browser that is open `usual` elsewhere."""
    return min(IDLE_SECONDS, usual) if sitting(scope) else usual


def mark(scope: Scope) -> str:
    """What the forms of this browser carry: its sitting, or that somebody finished; else empty."""
    here, closed = sitting(scope), cookie(scope, CLOSED_COOKIE) or ""
    if here is not None:
        return here.key
    return closed if SOUND.fullmatch(closed) else ""


def without_traces(html: str, scope: Scope) -> str:
    """A page whose forms the browser does not fill in, and that belong to this sitting only.

    Pages of other browsers stay as they are.
    """
    carried = mark(scope)
    if not carried:
        return html
    html = AUTOCOMPLETE.sub("", html)
    html = INPUT.sub(lambda found: f'{found[0]} autocomplete="off"', html)
    hidden = f'<input type="hidden" name="{FIELD}" value="{carried}">'
    return FORM.sub(lambda found: f'<form autocomplete="off"{found[1]}>{hidden}', html)


async def is_of_earlier(request: Request[Any, Any, Any]) -> bool:
    """Was something sent, or searched for, from a page of an earlier sitting?"""
    here = mark(request.scope)
    if not here or request.scope["path"].startswith("/terminal"):
        return False
    if request.method == "POST":
        return (await request.form()).get(FIELD) != here
    return bool(request.query_params.get(FIELD, here) != here)


def way_out(request: Request[Any, Any, Any]) -> str:
    """Where a request of an earlier sitting leads: a search to its empty page, else the start."""
    return OVER if request.method == "POST" else request.scope["path"]


def _forget(response: Response[Any]) -> None:
    response.headers["clear-site-data"] = FORGETS
    for name, path in (
        (BOOKINGS_COOKIE, "/bookings"),
        (SIGN_IN_COOKIE, "/"),
        (LANGUAGE_COOKIE, "/"),
    ):
        _set(response, name, "", path, 0)


def _set(response: Response[Any], name: str, value: str, path: str, seconds: int | None) -> None:
    response.set_cookie(
        key=name,
        value=value,
        max_age=seconds,
        path=path,
        httponly=True,
        samesite="lax",
        secure=settings().https,
    )
