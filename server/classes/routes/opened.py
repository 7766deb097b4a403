"""Which bookings this browser may open: a signed cookie that lasts half an hour (B8)."""

from typing import Any, NamedTuple

from itsdangerous import BadData, URLSafeTimedSerializer
from litestar import Request, Response

from server.settings import settings
from server.web.sessions import BOOKINGS_COOKIE, cookie

AnyRequest = Request[Any, Any, Any]

HALF_AN_HOUR = 1800  # seconds
MOST = 40


class Opened(NamedTuple):
    """References that are open, the newest first, and those that were booked just now."""

    references: list[str]
    fresh: list[str]


def opened(request: AnyRequest) -> Opened:
    """What the cookie opens: nothing when it is missing, forged or too old."""
    signed = cookie(request.scope, BOOKINGS_COOKIE)
    try:
        references, fresh = _signer().loads(signed or "", max_age=HALF_AN_HOUR)
    except (BadData, ValueError):
        return Opened([], [])
    return Opened(references, fresh)


def open_up(
    request: AnyRequest, response: Response[Any], references: list[str], *, fresh: bool
) -> None:
    """Let this browser open `references` too; `fresh` where they were booked just now."""
    before = opened(request)
    every = list(dict.fromkeys([*references, *before.references]))[:MOST]
    newly = [each for each in before.fresh if each in every and each not in references]
    response.set_cookie(
        key=BOOKINGS_COOKIE,
        value=_signer().dumps([every, newly + references if fresh else newly]),
        max_age=HALF_AN_HOUR,
        path="/bookings",
        httponly=True,
        samesite="lax",
        secure=settings().https,
    )


def close(response: Response[Any]) -> None:
    """Let this browser open no booking any more."""
    response.delete_cookie(key=BOOKINGS_COOKIE, path="/bookings")


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(settings().secret_key, salt="bookings")
