"""Calendar feeds, ready made for programs that ask every hour, and the page about them."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, time, timedelta
from email.utils import format_datetime
from typing import Any, NamedTuple

from litestar import Request, Response, get
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from litestar.types import ASGIApp

from server import clock, database
from server.classes.tables import Course, CourseKind
from server.feeds import queries
from server.feeds.calendars import KIND_WORDS, Feed, calendar
from server.feeds.queries import Selection, Session
from server.places.tables import Municipality, Venue
from server.settings import settings
from server.web.addresses import whole
from server.web.pages import page
from server.web.validators import Ready
from server.web.words import gettext, speaking

SHOWN_BACK = timedelta(days=90)
CALENDAR = "text/calendar; charset=utf-8"
FEEDS_KEPT = 500
SETTLED_AFTER = timedelta(seconds=2)  # by then every process has seen a change

# A program may keep a feed, and asks each time whether it still holds.
CACHING = {"cache-control": "public, no-cache"}

Named = Callable[[], Awaitable[tuple[str, str, Selection]]]


class Kept(NamedTuple):
    """A feed as it was made, and for how long it holds."""

    stamp: str
    settles_at: datetime | None
    modified: str
    ready: Ready

    def holds(self, stamp: str) -> bool:
        """Is it still what would be made now?"""
        steady = self.settles_at is None or clock.now() < self.settles_at
        return steady and self.stamp == stamp


_kept: OrderedDict[str, Kept] = OrderedDict()
_making: dict[str, asyncio.Lock] = {}


@get("/feeds", public=True, cached=True)
async def list_feeds(request: Request[Any, Any, Any]) -> Response[str]:
    """How to subscribe, and how soon each calendar program shows a change."""
    base = settings().base_url
    venues = (
        await Venue.select(Venue.slug, Venue.name)
        .where(Venue.archived_at.is_null())
        .order_by(Venue.reading)
    )
    return page(
        request,
        "feeds/feeds.html",
        all_feed={"url": f"{base}/feeds/all.ics", "name": gettext("All classes")},
        kind_feeds=[{"url": f"{base}/feeds/kinds/{kind}.ics", "kind": kind} for kind in KIND_WORDS],
        venue_feeds=[
            {"url": f"{base}/feeds/venues/{venue['slug']}.ics", "name": venue["name"]}
            for venue in venues
        ],
    )


@get("/feeds/all.ics", public=True, sessionless=True)
async def show_all() -> ASGIApp:
    """Every public session."""

    async def named() -> tuple[str, str, Selection]:
        return gettext("All classes"), "/courses", Selection()

    return await _feed("/feeds/all.ics", named)


@get("/feeds/venues/{file:str}", public=True, sessionless=True)
async def show_venue_feed(file: FromPath[str]) -> ASGIApp:
    """The public sessions at a venue."""
    slug = _stem(file)

    async def named() -> tuple[str, str, Selection]:
        venue = await Venue.select(Venue.id, Venue.name).where(Venue.slug == slug).first()
        if venue is None:
            raise NotFoundException
        return venue["name"], f"/venues/{slug}", Selection(venue_id=venue["id"])

    return await _feed(f"/feeds/venues/{slug}.ics", named)


@get("/feeds/kinds/{file:str}", public=True, sessionless=True)
async def show_kind_feed(file: FromPath[str]) -> ASGIApp:
    """The public sessions of a kind."""
    kind = _stem(file)
    if kind not in KIND_WORDS:
        raise NotFoundException

    async def named() -> tuple[str, str, Selection]:
        return gettext(KIND_WORDS[kind]), f"/courses?kind={kind}", Selection(kind=kind)

    return await _feed(f"/feeds/kinds/{kind}.ics", named)


@get("/feeds/courses/{file:str}", public=True, sessionless=True)
async def show_course_feed(file: FromPath[str]) -> ASGIApp:
    """The sessions of a course."""
    course_id = whole(_stem(file))
    if course_id is None:
        raise NotFoundException

    async def named() -> tuple[str, str, Selection]:
        course = (
            await Course.select(Course.title)
            .where((Course.id == course_id) & Course.published_at.is_not_null())
            .where(Course.listed.eq(True) & (Course.kind != CourseKind.staff_training))
            .first()
        )
        if course is None:
            raise NotFoundException
        return course["title"], f"/courses/{course_id}", Selection(course_id=course_id)

    return await _feed(f"/feeds/courses/{course_id}.ics", named)


handlers = [list_feeds, show_all, show_venue_feed, show_kind_feed, show_course_feed]
public = handlers


def _stem(file: str) -> str:
    stem, dot, ending = file.rpartition(".")
    if (dot, ending) != (".", "ics") or len(stem) > 60 or not stem.isprintable():
        raise NotFoundException
    return stem


async def _feed(path: str, named: Named) -> Ready:
    """The feed at `path`, made again only when anything has changed or a day has begun."""
    stamp = f"{await database.version()} {clock.today()}"
    kept = _kept.get(path)
    if kept is None or not kept.holds(stamp):
        kept = await _made_once(path, named, stamp)
    _kept.move_to_end(path)
    return kept.ready


async def _made_once(path: str, named: Named, stamp: str) -> Kept:
    """Make it, or wait for whoever is making it already."""
    lock = _making.setdefault(path, asyncio.Lock())
    try:
        async with lock:
            kept = _kept.get(path)
            if kept is None or not kept.holds(stamp):
                with speaking(settings().locale):
                    kept = _kept[path] = await _made(path, named, stamp)
                while len(_kept) > FEEDS_KEPT:
                    _kept.popitem(last=False)
            return kept
    finally:
        _making.pop(path, None)


async def _made(path: str, named: Named, stamp: str) -> Kept:
    feed, selection = await _described(path, named)
    since_on = clock.today() - SHOWN_BACK
    since = clock.at(since_on, time())
    rows = await queries.sessions(selection, since, since_on)
    changed = max(await queries.last_change() or since, clock.at(clock.today(), time()))
    modified, settles_at = _last_modified(changed)
    before = _kept.get(path)
    ready = await asyncio.to_thread(_ready, feed, rows, modified, before)
    if settles_at is not None:
        ready.last_modified = None  # only the tag tells apart what one second has changed twice
    return Kept(stamp, settles_at, modified, ready)


async def _described(path: str, named: Named) -> tuple[Feed, Selection]:
    name, about, selection = await named()
    city = await Municipality.select(Municipality.name, Municipality.demonstration).first()
    invented = bool(city and city["demonstration"])
    said = gettext("{name} ({more})").format(name=name, more=city["name"]) if city else name
    if invented:
        said = f"{gettext('Sample (invented data)')} {said}"
    base = settings().base_url
    return Feed(said, f"{base}{path}", f"{base}{about}", invented), selection


def _ready(feed: Feed, rows: list[Session], modified: str, before: Kept | None) -> Ready:
    """The feed to be sent; nothing is packed again where a change was of something else."""
    body = calendar(feed, rows)
    if before and (before.modified, before.ready.plain.body) == (modified, body):
        return before.ready
    return Ready(body, CALENDAR, {"last-modified": modified, **CACHING})


def _last_modified(changed: datetime) -> tuple[str, datetime | None]:
    """The HTTP date of a change, and when it settles; None once it has.

    A date counts seconds. While a second change may still fall into the same one, the feed has
    a date of its own, which matches nothing later.
    """
    second = changed.astimezone(UTC).replace(microsecond=0)
    settles_at = second + SETTLED_AFTER
    if clock.now() < settles_at:
        return format_datetime(second, usegmt=True), settles_at
    return format_datetime(second + timedelta(seconds=1), usegmt=True), None
