"""Pages that are the same for everyone are rendered once per change."""

import gzip
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Any

from litestar.datastructures import MutableScopeHeaders
from litestar.enums import ScopeType
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from server import clock
from server.web.sessions import is_personal
from server.web.validators import QUICKLY, WORTH_PACKING, Ready, takes_gzip, wants_block
from server.web.words import current_locale

LARGEST_CACHE = 12_000_000  # bytes, both encodings together


class PageCache(ASGIMiddleware):
    """Keeps the pages of handlers that say `cached=True`, until anything changes or a minute ends.

    Whoever is signed in or has a booking open gets a page of their own. All other pages are
    packed on their way out; what a handler with `streams=True` sends is not touched.
    """

    scopes = (ScopeType.HTTP,)

    def __init__(self, version: Callable[[], Awaitable[str]]) -> None:
        """Learn how to ask whether anything has changed."""
        self.version = version
        self.stamp = ""
        self.pages: OrderedDict[tuple[Any, ...], Ready] = OrderedDict()
        self.size = 0

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        """Answer from the cache where that is right, else have the page made."""
        opt = scope["route_handler"].opt
        if opt.get("sessionless") or opt.get("streams"):
            await next_app(scope, receive, send)
        elif scope.get("method") == "GET" and opt.get("cached") and not is_personal(scope):
            await self._answer(scope, receive, send, next_app)
        else:
            page = Caught()
            await next_app(scope, receive, page)
            await page.pack(scope).release(send)

    async def _answer(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        stamp = f"{await self.version()} {clock.now():%F %H:%M}"
        if stamp != self.stamp:
            self.pages.clear()
            self.stamp, self.size = stamp, 0
        # The query as it came: the page shows it where it links back to itself.
        key = (scope["path"], scope["query_string"], current_locale(), wants_block(scope))
        found = self.pages.get(key)
        if found is None:
            page = Caught()
            await next_app(scope, receive, page)
            if not page.is_plain_success:
                await page.pack(scope).release(send)
                return
            found = page.ready()
            if stamp == self.stamp:
                self._keep(key, found)
        else:
            self.pages.move_to_end(key)
        await found(scope, receive, send)

    def _keep(self, key: tuple[Any, ...], page: Ready) -> None:
        self.pages[key] = page
        self.size += page.size
        while self.size > LARGEST_CACHE:
            self.size -= self.pages.popitem(last=False)[1].size


class Caught:
    """An answer held back until it is whole."""

    def __init__(self) -> None:
        """Wait for the messages of one answer."""
        self.start: Any = None
        self.body = b""

    async def __call__(self, message: Message) -> None:
        """Take a message where it would have been sent."""
        if message["type"] == "http.response.start":
            self.start = message
        elif message["type"] == "http.response.body":
            self.body += message["body"]

    @property
    def headers(self) -> MutableScopeHeaders:
        """The headers, to read and to change."""
        return MutableScopeHeaders.from_message(self.start)

    @property
    def is_plain_success(self) -> bool:
        """Is it a page that may be kept for everyone?"""
        return self.start["status"] == 200 and "set-cookie" not in self.headers

    def ready(self) -> Ready:
        """The same page, to be sent to everyone."""
        headers = dict(self.headers.items())
        media_type = headers.pop("content-type")
        headers.pop("content-length", None)
        headers["cache-control"] = "no-cache"
        return Ready(self.body, media_type, headers, effort=QUICKLY)

    def pack(self, scope: Scope) -> "Caught":
        """Make it smaller on the way, where the client takes that and it is text."""
        headers = self.headers
        if (
            len(self.body) >= WORTH_PACKING
            and takes_gzip(scope)
            and headers.get("content-type", "").startswith("text/")
            and "content-encoding" not in headers
        ):
            self.body = gzip.compress(self.body, QUICKLY)
            headers["content-encoding"] = "gzip"
            headers["content-length"] = str(len(self.body))
            headers["vary"] = ", ".join(filter(None, ["Accept-Encoding", headers.get("vary")]))
        return self

    async def release(self, send: Send) -> None:
        """Send it on."""
        await send(self.start)
        await send({"type": "http.response.body", "body": self.body, "more_body": False})
