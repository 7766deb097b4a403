"""What every answer says about itself: nothing from elsewhere, no guessing, no framing."""

from litestar.datastructures import MutableScopeHeaders
from litestar.types import Message, Scope

from server.settings import settings

CONTENT_SECURITY_POLICY = (
    "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; "
    "form-action 'self'; object-src 'none'"
)
ALWAYS = {
    "content-security-policy": CONTENT_SECURITY_POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "cross-origin-opener-policy": "same-origin",
}
TWO_YEARS = 63_072_000


async def add_headers(message: Message, _: Scope) -> None:
    """Put the headers of every answer on this one, where the handler did not say otherwise."""
    if message["type"] != "http.response.start":
        return
    headers = MutableScopeHeaders.from_message(message)
    for name, value in ALWAYS.items():
        headers.setdefault(name, value)
    headers.setdefault("cache-control", "private, no-store")
    if settings().https:
        headers["strict-transport-security"] = f"max-age={TWO_YEARS}"
