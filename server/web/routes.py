"""What stands beside the slices: alive, robots, the choice of a language, the fixed pages."""

from typing import Any

from litestar import MediaType, Request, Response, get, post

from server.settings import settings
from server.web.access import local_path
from server.web.pages import page, see_other
from server.web.words import LANGUAGE_COOKIE, LANGUAGES

ONE_YEAR = 365 * 24 * 3600
ROBOTS = """\
User-agent: *
Disallow: /bookings
Disallow: /my
Disallow: /sign-in
Disallow: /staff
"""


@get("/healthz", public=True, sessionless=True, media_type=MediaType.TEXT)
async def show_health() -> str:
    """The process is alive; it asks nothing of the database."""
    return "ok\n"


@get("/robots.txt", public=True, sessionless=True, media_type=MediaType.TEXT)
async def show_robots() -> str:
    """What search engines leave alone; feeds and open data are theirs to read."""
    return ROBOTS


@post("/language", public=True)
async def create_language_choice(request: Request[Any, Any, Any]) -> Response[str]:
    """Remember the language that somebody chose, and go back to the page."""
    form = await request.form()
    chosen = str(form.get("language", ""))
    answer = see_other(local_path(str(form.get("next", "")), "/"))
    if chosen in LANGUAGES:
        answer.set_cookie(
            key=LANGUAGE_COOKIE,
            value=chosen,
            max_age=ONE_YEAR,
            httponly=True,
            samesite="lax",
            secure=settings().https,
        )
    return answer


@get("/privacy", public=True, cached=True)
async def show_privacy(request: Request[Any, Any, Any]) -> Response[str]:
    """How personal information is used."""
    return page(request, "information/privacy.html")


@get("/accessibility", public=True, cached=True)
async def show_accessibility(request: Request[Any, Any, Any]) -> Response[str]:
    """What these pages promise to everybody, and whom to tell where they fail."""
    return page(request, "information/accessibility.html")


both = [show_health, show_robots, create_language_choice]
public = [show_privacy, show_accessibility]
