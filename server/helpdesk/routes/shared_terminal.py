"""Shared-terminal mode: set a browser up for many people, and make it forget (H7)."""

from typing import Any

from litestar import Request, Response, get, post

from server.web import shared
from server.web.access import local_path
from server.web.pages import page, see_other

AnyRequest = Request[Any, Any, Any]


@get("/terminal", public=True)
async def show_terminal(request: AnyRequest) -> Response[str]:
    """What the mode does, with the button that begins it or the way to end it."""
    ended = "ended" in request.query_params and shared.sitting(request.scope) is None
    return page(request, "helpdesk/shared_terminal.html", ended=ended)


@post("/terminal/beginning", public=True)
async def create_beginning() -> Response[str]:
    """From now on this browser forgets."""
    answer = see_other("/terminal")
    shared.next_sitting(answer)
    return answer


@get("/terminal/ending", public=True)
async def new_ending(request: AnyRequest) -> Response[str]:
    """Asked once, because everybody who uses the device can come here."""
    if shared.sitting(request.scope) is None:
        return see_other("/terminal")
    return page(request, "helpdesk/shared_ending.html")


@post("/terminal/ending", public=True)
async def create_ending() -> Response[str]:
    """This browser is one person's again; what was open in it is forgotten once more."""
    answer = see_other("/terminal?ended=1")
    shared.end(answer)
    return answer


@get(shared.OVER, public=True)
async def show_over(request: AnyRequest) -> Response[str]:
    """Nobody touched the terminal: forget, and begin again at the first page.

    It comes by a refresh where there is no JavaScript, so it is a GET; it changes nothing but
    what this one browser keeps, and nothing at all in any other.
    """
    return _forget(request, shared.OVER_IDLE)


@post(shared.OVER, public=True)
async def create_over(request: AnyRequest) -> Response[str]:
    """Somebody is done: forget, and begin again at the first page."""
    return _forget(request, shared.OVER_DONE)


@post("/terminal/time", public=True)
async def create_time(request: AnyRequest) -> Response[str]:
    """Ten times as long for whoever asks, until everything is forgotten (WCAG 2.2.1)."""
    here = shared.sitting(request.scope)
    form = await request.form()
    answer = see_other(local_path(str(form.get("next", "")), "/"))
    if here is not None:
        shared.begin(answer, longer=here.key)
    return answer


def _forget(request: AnyRequest, path: str) -> Response[str]:
    if shared.sitting(request.scope) is None:
        return see_other("/")
    answer = see_other(path)
    shared.next_sitting(answer)
    return answer


handlers: list[Any] = [
    show_terminal,
    create_beginning,
    new_ending,
    create_ending,
    show_over,
    create_over,
    create_time,
]
