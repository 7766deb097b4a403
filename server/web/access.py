"""Who may: closed unless a handler opens itself, and no change asked for by another site.

A handler says `public=True`, or `roles={Role.…}`; both land in its `opt`. `sessionless=True`
marks what never asks who is there (assets, health, feeds), `first=True` what is open while a
given password has not been changed yet.
"""

from collections.abc import Awaitable, Callable
from ipaddress import ip_address, ip_network
from typing import Any, Protocol
from urllib.parse import parse_qsl

from litestar import Request
from litestar.connection import ASGIConnection
from litestar.enums import RequestEncodingType, ScopeType
from litestar.exceptions import NotAuthorizedException, NotFoundException, PermissionDeniedException
from litestar.handlers import BaseRouteHandler
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Receive, Scope, Send

from server.roles import Actor, Role
from server.settings import settings
from server.web.sessions import SIGN_IN_COOKIE, cookie

EVERY_ROLE = frozenset(Role)
STAFF = EVERY_ROLE - {Role.supporter}
SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}
BEYOND_ANY_ID = 2**31
MOST_GIVEN_BACK = 256 * 1024  # bytes: nobody types more
MOST_FIELDS = 5000  # no page asks so much

Connection = ASGIConnection[Any, Any, Any, Any]


class OtherSite(PermissionDeniedException):
    """A change was asked for by a page of another site."""


class Viewer(Actor, Protocol):
    """Who is signed in, as pages know them."""

    @property
    def name(self) -> str:
        """The name that the page greets."""

    @property
    def must_change_password(self) -> bool:
        """Was the password given by somebody else?"""


class SignedOut(NotAuthorizedException):
    """Nobody is signed in any more; what a form sent meanwhile is kept in `typed`."""

    def __init__(self, typed: list[tuple[str, str]]) -> None:
        """Keep the names and values of the form, in their order."""
        super().__init__()
        self.typed = typed


class PasswordFirst(PermissionDeniedException):
    """Whoever was given a password chooses her own before anything else."""


class WhoIsThere(ASGIMiddleware):
    """Puts a Viewer, or None, on every request; asks the database only where a cookie came."""

    scopes = (ScopeType.HTTP,)

    def __init__(self, viewer_of: Callable[[str], Awaitable[Viewer | None]]) -> None:
        """Learn how the token of a cookie becomes a Viewer."""
        self.viewer_of = viewer_of

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        """Look up who sent the request."""
        asks = not scope["route_handler"].opt.get("sessionless")
        token = cookie(scope, SIGN_IN_COOKIE) if asks else None
        scope["user"] = await self.viewer_of(token) if token else None
        await next_app(scope, receive, send)


async def check_address(connection: Connection, _: BaseRouteHandler) -> None:
    """No row has a number beyond what its column holds, or a NUL in its text: not found."""
    if "\0" in connection.scope["path"] or b"%00" in connection.scope["query_string"]:
        raise NotFoundException
    for value in connection.path_params.values():
        if isinstance(value, int) and not 0 < value < BEYOND_ANY_ID:
            raise NotFoundException


async def check_same_site(connection: Connection, _: BaseRouteHandler) -> None:
    """Refuse a change that another site's page asked this browser for.

    Browsers say where a post comes from. A client that says nothing may post as nobody, never
    with somebody's sign-in.
    """
    if connection.scope.get("method") in SAFE_METHODS:
        return
    site = connection.headers.get("sec-fetch-site")
    origin = connection.headers.get("origin")
    if site is not None:
        allowed = site in ("same-origin", "none")
    elif origin is not None:
        allowed = is_own_origin(origin, connection.headers.get("host", ""))
    else:
        allowed = connection.scope.get("user") is None
    if not allowed:
        raise OtherSite


def is_own_origin(origin: str, host: str) -> bool:
    """Is an Origin header ours: the public address, or the host that was asked?"""
    return origin == settings().base_url or (bool(host) and origin.partition("://")[2] == host)


async def check_may(connection: Connection, handler: BaseRouteHandler) -> None:
    """Refuse whoever the handler was not opened for."""
    if handler.opt.get("public") or connection.scope.get("method") == "OPTIONS":
        return
    viewer: Viewer | None = connection.scope.get("user")
    if viewer is None:
        raise SignedOut(await _typed(connection))
    if not viewer.roles & handler.opt.get("roles", frozenset()):
        raise PermissionDeniedException
    if viewer.must_change_password and not handler.opt.get("first"):
        raise PasswordFirst


async def _typed(connection: Connection) -> list[tuple[str, str]]:
    """The texts that a form sent; a file, a password or a flood is not given back.

    Nobody is signed in: whatever the handler itself would take, no more than that is read.
    """
    kind = connection.headers.get("content-type", "").partition(";")[0]
    if not isinstance(connection, Request) or kind != RequestEncodingType.URL_ENCODED:
        return []
    body = bytearray()
    async for piece in connection.stream():
        body += piece
        if len(body) > MOST_GIVEN_BACK:
            return []
    words = body.decode(errors="replace")
    try:
        typed = parse_qsl(words, keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError:
        return []
    return [] if any("password" in name for name, _ in typed) else typed


def local_path(path: str | None, otherwise: str) -> str:
    """A path of this site to go on to, never another host's; what is not one becomes otherwise."""
    sound = (
        path is not None
        and path.startswith("/")
        and not path.startswith("//")
        and "\\" not in path
        and path.isascii()
        and path.isprintable()
        and len(path) <= 500
    )
    return path if sound and path else otherwise


def sender(connection: Connection) -> str:
    """The address that limits are counted by; of an IPv6 line its whole network."""
    host = connection.client.host if connection.client else ""
    try:
        address = ip_address(host)
    except ValueError:
        return host
    return host if address.version == 4 else str(ip_network((host, 64), strict=False))
