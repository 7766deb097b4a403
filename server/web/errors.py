"""Error pages: plain words and a way on, without session and without database."""

import logging
from typing import Any
from urllib.parse import quote

from litestar import MediaType, Request, Response
from litestar.exceptions import HTTPException
from litestar.types import ExceptionHandlersMap

from server.refusals import N_, Refused
from server.web.access import SAFE_METHODS, OtherSite, PasswordFirst, SignedOut, local_path
from server.web.pages import see_other, surroundings, template
from server.web.saying import say
from server.web.shared import without_traces
from server.web.validators import wants_block
from server.web.words import gettext as _

AnyRequest = Request[Any, Any, Any]

log = logging.getLogger(__name__)

SIGNED_OUT = N_("Your time signed in is over. What you typed is still here.")
LAST_RESORT = """<!DOCTYPE html>
<html lang="ja"><head><meta charset="utf-8"><title>500</title></head>
<body><h1>ただいま表示できません</h1><p>しばらくしてから、もう一度お試しください。</p></body></html>
"""


def on_http(request: AnyRequest, failure: HTTPException) -> Response[str]:
    """What the address or the request itself got wrong; 5xx are ours and logged."""
    if failure.status_code >= 500:
        return on_unexpected(request, failure)
    said = _("Please open the page here and send it from there.")
    return error_page(
        request,
        failure.status_code,
        detail_words=said if isinstance(failure, OtherSite) else None,
        headers=failure.headers,
    )


def on_refused(request: AnyRequest, refused: Refused) -> Response[str]:
    """A rule's refusal that no handler put into its own page."""
    return error_page(request, 409, detail_words=say(refused))


def on_signed_out(request: AnyRequest, signed_out: SignedOut) -> Response[Any]:
    """Off to the sign-in page, and back afterwards to where a page can be asked for again.

    What was typed stays on a page of its own until she has signed in beside it.
    """
    if request.headers.get("accept") == MediaType.JSON:
        return _for_script()
    if signed_out.typed:
        return _page(request, "signed_out.html", 401, said=_(SIGNED_OUT), typed=signed_out.typed)
    wanted = local_path(surroundings(request)["here"], "/staff")
    if request.method not in SAFE_METHODS:
        wanted = "/staff"
    path = f"/sign-in?next={quote(wanted, safe='/')}"
    if wants_block(request.scope):
        return Response("", status_code=401, headers={"hx-redirect": path})
    return see_other(path)


def on_given_password(request: AnyRequest, __: PasswordFirst) -> Response[Any]:
    """Off to choosing one's own password."""
    if request.headers.get("accept") == MediaType.JSON:
        return _for_script()
    return see_other("/sign-in/password")


def _for_script() -> Response[Any]:
    """A page's own script keeps what was typed, and shows these words."""
    return Response({"words": _(SIGNED_OUT)}, status_code=401, media_type=MediaType.JSON)


def on_undecodable(request: AnyRequest, failure: Exception) -> Response[str]:
    """A body in letters that nobody can read, or in an encoding that does not exist."""
    if isinstance(failure, UnicodeDecodeError) or type(failure) is LookupError:
        return error_page(request, 400)
    return on_unexpected(request, failure)


def on_unexpected(request: AnyRequest, failure: Exception) -> Response[str]:
    """Anything that nobody foresaw: logged in full, shown as nothing but our fault."""
    log.error("%s %s failed", request.method, request.scope["path"], exc_info=failure)
    return error_page(request, 500)


def error_page(
    request: AnyRequest,
    status_code: int,
    detail_words: str | None = None,
    headers: dict[str, str] | None = None,
) -> Response[str]:
    """The page for a status; where htmx asked for a block it takes the whole body's place."""
    try:
        return _page(
            request,
            "error.html",
            status_code,
            headers,
            status=status_code,
            detail_words=detail_words,
        )
    except Exception:
        log.exception("the error page for %s failed", status_code)
        return _html(request, LAST_RESORT, status_code, headers)


def _page(
    request: AnyRequest,
    name: str,
    status_code: int,
    headers: dict[str, str] | None = None,
    **context: Any,
) -> Response[str]:
    content = template(name).render(surroundings(request) | context)
    return _html(request, without_traces(content, request.scope), status_code, headers)


def _html(
    request: AnyRequest, content: str, status_code: int, headers: dict[str, str] | None
) -> Response[str]:
    retarget = {"hx-retarget": "body", "hx-reswap": "innerHTML"}
    return Response(
        content,
        status_code=status_code,
        media_type=MediaType.HTML,
        headers=(headers or {}) | (retarget if wants_block(request.scope) else {}),
    )


HANDLERS: ExceptionHandlersMap = {
    SignedOut: on_signed_out,
    PasswordFirst: on_given_password,
    HTTPException: on_http,
    Refused: on_refused,
    UnicodeDecodeError: on_undecodable,
    LookupError: on_undecodable,
    Exception: on_unexpected,
}
