"""create_app(): the only place where everything meets."""

import logging
from collections.abc import Sequence
from types import ModuleType
from typing import Any

from litestar import Litestar, MediaType, Request, Response, get
from litestar.plugins.htmx import HTMXPlugin
from litestar.types import ControllerRouterHandler, Message, Send

from server import database
from server.accounts import routes as accounts
from server.accounts.sign_in import viewer_of
from server.activity import routes as activity
from server.activity import troubles
from server.classes import routes as classes
from server.classes.routes.opened import stay_open
from server.counter_staff import routes as counter_staff
from server.feeds import routes as feeds
from server.helpdesk import routes as helpdesk
from server.imports import routes as imports
from server.notices import routes as notices
from server.opendata import routes as opendata
from server.places.tables import Municipality
from server.plan import routes as plan
from server.roles import Role
from server.settings import Settings, Surface, settings
from server.supporters import routes as supporters
from server.training import routes as training
from server.web import access, assets, errors, pages, shared
from server.web import routes as web
from server.web.headers import add_headers
from server.web.page_cache import PageCache
from server.web.sessions import cookie
from server.web.words import LANGUAGE_COOKIE, catalogue, speak

log = logging.getLogger(__name__)

LARGEST_BODY = 256 * 1024  # bytes; nobody types more, and no page takes a file yet

# Each names its handlers in a list `public`, `staff` or `both`.
SLICES: Sequence[ModuleType] = (
    web,
    accounts,
    notices,
    training,
    supporters,
    classes,
    activity,
    counter_staff,
    helpdesk,
    plan,
    feeds,
    opendata,
    imports,
)


class Tonari(Litestar):
    """Litestar, with HEAD on every page, and the language known before anything is looked for."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer one request; HEAD is GET without its body."""
        if scope["type"] == "http":
            speak(cookie(scope, LANGUAGE_COOKIE))
            if scope["method"] == "HEAD":
                state = {**scope.get("state", {}), "head": True}  # for who would read a whole file
                scope, send = {**scope, "method": "GET", "state": state}, without_body(send)
        await super().__call__(scope, receive, send)


def without_body(send: Send) -> Send:
    """Send headers only."""

    async def send_head(message: Message) -> None:
        if message["type"] == "http.response.body":
            message = {**message, "body": b""}
        await send(message)

    return send_head


def create_app(given: Settings | None = None) -> Litestar:
    """The whole program for one surface. Raises SettingsError where set-up is not complete."""
    surface = (given or settings()).surface
    catalogue("ja")
    assets.shelf()
    pages.environment()
    return Tonari(
        route_handlers=handlers(surface),
        plugins=[HTMXPlugin()],
        middleware=[access.WhoIsThere(viewer_of), PageCache(database.version)],
        guards=[access.check_address, access.check_same_site, access.check_may],
        before_request=before_request,
        before_send=[add_headers, stay_open],
        exception_handlers=errors.HANDLERS,
        on_startup=[open_database],
        on_shutdown=[database.close_pool],
        openapi_config=None,
        logging_config=None,
        request_max_body_size=LARGEST_BODY,
    )


async def open_database(app: Litestar) -> None:
    """Connect, and learn the city's name and phone: even a first answer of 404 shows them."""
    await database.open_pool()
    app.state.municipality = await own_municipality()


async def own_municipality() -> dict[str, Any] | None:
    """The city's row, or None before `tonari init`."""
    rows: list[dict[str, Any]] = await Municipality.raw("SELECT * FROM municipality LIMIT 1")
    return rows[0] if rows else None


def handlers(surface: Surface) -> list[ControllerRouterHandler]:
    """The handlers that a surface mounts: `public` has no staff route, `staff` no public one."""
    lists = {"all": ("both", "public", "staff")}.get(surface, ("both", surface))
    found = [each for slice_ in SLICES for name in lists for each in getattr(slice_, name, ())]
    door = [show_staff_door] if surface == "staff" else []
    return [show_readiness, assets.show_asset, *door, *found]


@get("/", public=True)
async def show_staff_door() -> Response[str]:
    """Where there are no pages for residents, the bare address leads to the staff's."""
    return pages.see_other("/staff")


@get("/readyz", public=True, sessionless=True, media_type=MediaType.TEXT)
async def show_readiness() -> Response[str]:
    """Whether this process can serve: database reachable, migrations current."""
    try:
        ready = await database.migrations_current()
    except Exception:
        log.exception("the database cannot be reached")
        return Response("the database cannot be reached\n", status_code=503)
    if not ready:
        return Response("migrations are not current: run tonari migrate\n", status_code=503)
    return Response("ready\n")


async def before_request(request: Request[Any, Any, Any]) -> Response[str] | None:
    """What every request meets first; at a shared terminal nothing of an earlier sitting passes."""
    await know_municipality(request)
    if await shared.is_of_earlier(request):
        return pages.see_other(shared.way_out(request))
    return None


async def know_municipality(request: Request[Any, Any, Any]) -> None:
    """Have the city's row at hand for pages; read again only once anything has changed."""
    if request.route_handler.opt.get("sessionless"):
        return
    known = request.app.state
    version = await database.version()
    if known.get("municipality_version") != version:
        known.municipality = await own_municipality()
        known.municipality_version = version
    await know_alarms(request, version)


async def know_alarms(request: Request[Any, Any, Any], version: str) -> None:
    """Have at hand how much trouble waits for a coordinator, on every page (S8)."""
    viewer, known = request.scope.get("user"), request.app.state
    if viewer is None or Role.coordinator not in viewer.roles:
        return
    if known.get("troubles_version") != version:
        known.open_troubles = await troubles.sections_waiting()
        known.troubles_version = version
    request.state.alarms = troubles.number_for(viewer, known.open_troubles)
