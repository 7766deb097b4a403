"""The sign-in cookie. What it stands for is a row that only accounts knows."""

from typing import Any

from litestar import Response
from litestar.types import Scope

from server.settings import settings

SIGN_IN_COOKIE = "sign_in"
SIGN_IN_HOURS = 12
BOOKINGS_COOKIE = "bookings"
TERMINAL_COOKIE = "terminal"  # a browser that many use (web/shared.py)


def cookie(scope: Scope, name: str) -> str | None:
    """The value of a cookie that came with a request, or None."""
    for header, value in scope["headers"]:
        if header == b"cookie":
            for pair in value.decode("latin-1").split(";"):
                key, _, held = pair.strip().partition("=")
                if key == name and held:
                    return held.strip('"')
    return None


def is_personal(scope: Scope) -> bool:
    """Does a request carry a cookie with which one person's own data may be shown, or kept?"""
    names = (SIGN_IN_COOKIE, BOOKINGS_COOKIE, TERMINAL_COOKIE)
    return any(cookie(scope, name) for name in names)


def remember_sign_in(response: Response[Any], token: str) -> None:
    """Give the browser the token of a fresh sign-in; it ends when the row does."""
    _set(response, token, SIGN_IN_HOURS * 3600)


def forget_sign_in(response: Response[Any]) -> None:
    """Take the sign-in cookie back."""
    _set(response, "", 0)


def _set(response: Response[Any], token: str, seconds: int) -> None:
    response.set_cookie(
        key=SIGN_IN_COOKIE,
        value=token,
        max_age=seconds,
        path="/",
        httponly=True,
        samesite="lax",
        secure=settings().https,
    )
