"""A page whole, or the block of it that htmx asked for; and what every template may use."""

import logging
from collections.abc import Iterable, Mapping, MutableMapping
from functools import cache
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template, pass_environment
from jinja2_fragments import render_block
from litestar import MediaType, Request, Response

from server import clock, phones, text
from server.settings import ROOT, settings
from server.web import dates, shared, words
from server.web.access import STAFF
from server.web.assets import HTMX_CONFIG, asset
from server.web.sessions import SIGN_IN_COOKIE, cookie, is_personal
from server.web.validators import wants_block

TEMPLATES = ROOT / "templates"
SEE_OTHER = 303

log = logging.getLogger(__name__)


class Quick(Environment):
    """Jinja, without what it does over and over for pages like ours."""

    def getattr(self, obj: Any, attribute: str) -> Any:
        """A name of a row is the row's before it is a method of dict; found without a try."""
        if type(obj) is dict and attribute in obj:
            return obj[attribute]
        return super().getattr(obj, attribute)

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """One dict for all templates: it is copied for every page that is made."""
        return {**self.globals, **d} if d else self.globals


@cache
def environment() -> Environment:
    """The one Jinja environment: escaping, strict, with our words, filters and macros."""
    made = Quick(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        cache_size=-1,
    )
    made.globals |= {
        "_": words.marked,
        "ngettext": words.marked_number,
        "asset": asset,
        "htmx_config": HTMX_CONFIG,
        "languages": words.LANGUAGES,
        "now": clock.now,
        "today": clock.today,
        "surface": settings().surface,
        "STAFF": STAFF,
    }
    made.filters |= {
        "day": dates.day,
        "day_plain": dates.day_plain,
        "day_short": dates.day_short,
        "dial": text.phone_key,
        "fiscal_year": dates.fiscal_year,
        "hours": dates.hours,
        "moment": dates.moment,
        "month": dates.month,
        "named": named,
        "phone": phones.shown,
    }
    _add_macros(made)
    return made


def _add_macros(made: Environment) -> None:
    """Macros are globals, because a block rendered alone does not see a page's imports."""
    for path in sorted((TEMPLATES / "macros").glob("*.html")):
        module = made.get_template(f"macros/{path.name}").module
        made.globals |= {n: v for n, v in vars(module).items() if not n.startswith("_")}


@pass_environment
def named(made: Environment, rows: Iterable[Any], key: str = "id") -> list[tuple[Any, str]]:
    """What a choice among rows offers: of each row its key, and its name."""
    return [(made.getattr(row, key), made.getattr(row, "name")) for row in rows]


def template(name: str) -> Template:
    """A template by its path below templates/."""
    return environment().get_template(name)


def page(
    request: Request[Any, Any, Any],
    name: str,
    block: str | None = None,
    *,
    status_code: int = 200,
    **context: Any,
) -> Response[str]:
    """The page of a template; only `block` of it where htmx asked for a part.

    Every template also knows `viewer`, `municipality` (None before `tonari init`), `language`,
    `path`, `here` (the path with its query), `alarms` (reports of trouble that wait for her) and
    `shared` (the sitting at a shared terminal, else None).
    """
    known = surroundings(request) | context
    if block and wants_block(request.scope):
        content = render_block(environment(), name, block, **known)
    else:
        content = template(name).render(known)
    return Response(
        shared.without_traces(content, request.scope),
        status_code=status_code,
        media_type=MediaType.HTML,
        headers=keeping(request),
    )


def surroundings(request: Request[Any, Any, Any]) -> dict[str, Any]:
    """What every template may ask of the request; needs neither session nor database."""
    query = request.scope["query_string"].decode("latin-1")
    path = request.scope["path"]
    return {
        "viewer": request.scope.get("user"),
        "municipality": getattr(request.app.state, "municipality", None),
        "language": words.current_locale(),
        "path": path,
        "here": f"{path}?{query}" if query else path,
        "alarms": request.scope.get("state", {}).get("alarms", 0),
        "shared": shared.sitting(request.scope),
    }


def keeping(request: Request[Any, Any, Any]) -> dict[str, str]:
    """How long a browser may keep a page: one that shows somebody's data, not at all.

    A handler that says `history=True` shows only what was typed here just now. Unless somebody is
    signed in, or others use the browser too, it may keep that, so that the way back shows it again.
    It has no `Vary`: Chromium finds no answer to a form again once a cookie that it varies by has
    changed.
    """
    alone = not cookie(request.scope, SIGN_IN_COOKIE) and not shared.mark(request.scope)
    if request.route_handler.opt.get("history") and alone:
        return {"cache-control": "private, no-cache"}
    personal = is_personal(request.scope) or shared.mark(request.scope) or request.method != "GET"
    kept = "private, no-store" if personal else "private, no-cache"
    return {"cache-control": kept, "vary": "Cookie, HX-Request"}


def note_of(request: Request[Any, Any, Any], notes: Mapping[str, str]) -> str | None:
    """What an address says has been `done`, out of the notes that a page knows; else None."""
    note = notes.get(str(request.query_params.get("done", "")))
    return str(note) if note else None


def see_other(path: str) -> Response[str]:
    """Go on to another page after a change."""
    return Response(
        "", status_code=SEE_OTHER, media_type=MediaType.TEXT, headers={"location": path}
    )
