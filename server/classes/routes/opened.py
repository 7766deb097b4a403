"""Which bookings this browser may open: a signed cookie that lasts half an hour (B8)."""

from typing import Any, NamedTuple

from itsdangerous import BadData, URLSafeTimedSerializer
from litestar import Request, Response
from litestar.datastructures import Cookie, MutableScopeHeaders
from litestar.types import Message, Scope

from server.settings import settings
from server.web import shared
from server.web.sessions import BOOKINGS_COOKIE, cookie

AnyRequest = Request[Any, Any, Any]

HALF_AN_HOUR = 1800  # seconds
MOST = 40
NEWEST = "newest"


class Opened(NamedTuple):
    """References that are open, the newest first, and those that were booked just now."""

    references: list[str]
    fresh: list[str]


def opened(request: AnyRequest) -> Opened:
    """What the cookie opens: nothing when it is missing, forged or too old."""
    return _read(request.scope)


def _read(scope: Scope) -> Opened:
    signed = cookie(scope, BOOKINGS_COOKIE)
    lasts = shared.keeps_for(scope, HALF_AN_HOUR)
    try:
        references, fresh = _signer().loads(signed or "", max_age=lasts)
    except (BadData, ValueError):
        return Opened([], [])
    return Opened(references, fresh)


def address(request: AnyRequest, reference: str) -> str:
    """Where a booking that is open is shown; at a shared terminal the number stays out of it.

    An address stays behind in the history of a browser, for whoever comes next.
    """
    return f"/bookings/{NEWEST if shared.sitting(request.scope) else reference}"


def reference_of(request: AnyRequest, named: str) -> str | None:
    """The reference that an address names, where this browser has it open."""
    references = opened(request).references
    if named == NEWEST:
        return references[0] if references else None
    return named if named in references else None


def open_up(
    request: AnyRequest, response: Response[Any], references: list[str], *, fresh: bool
) -> None:
    """Let this browser open `references` too; `fresh` where they were booked just now."""
    before = opened(request)
    every = list(dict.fromkeys([*references, *before.references]))[:MOST]
    newly = [each for each in before.fresh if each in every and each not in references]
    response.set_cookie(_cookie(request.scope, every, newly + references if fresh else newly))


async def stay_open(message: Message, scope: Scope) -> None:
    """At a shared terminal what is open stays so for a short time after each page, no longer."""
    if message["type"] != "http.response.start" or shared.sitting(scope) is None:
        return
    headers = MutableScopeHeaders.from_message(message)
    said = any(each.startswith(f"{BOOKINGS_COOKIE}=") for each in headers.getall("set-cookie", []))
    before = _read(scope)
    if before.references and not said:
        header = _cookie(scope, *before).to_header(header="")
        headers.add("set-cookie", header)


def _cookie(scope: Scope, references: list[str], fresh: list[str]) -> Cookie:
    return Cookie(
        key=BOOKINGS_COOKIE,
        value=_signer().dumps([references, fresh]),
        max_age=shared.keeps_for(scope, HALF_AN_HOUR),
        path="/bookings",
        httponly=True,
        samesite="lax",
        secure=settings().https,
    )


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(settings().secret_key, salt="bookings")
