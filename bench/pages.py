"""What a resident and a calendar ask for: pages, the feed, the first visit, what it all takes."""

import re
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from itertools import count
from pathlib import Path
from statistics import median

from bench import client
from bench.bookings import connected
from bench.figures import CONNECTIONS, ROUNDS, TURN, Row, Rows, compared
from server import clock
from server.classes.tables import ClassSession
from tests import factories

SESSIONS = 500
LIST = "/courses"
FEED = "/feeds/all.ics"
COURSE = re.compile(r'href="(/courses/\d+)"')
ASSET = re.compile(r'(?:src|href)="(/static/[^"]+)"')


async def rows(yardstick: str, tonari: str) -> Rows:
    """Pages and the feed: kept, made anew, and not changed."""
    from_nothing = await client.fetch(tonari, client.get(FEED))
    ask = partial(compared, yardstick, tonari)
    sessions = from_nothing.text.count("BEGIN:VEVENT")
    listed = (await client.fetch(tonari, client.get(LIST))).text
    course = COURSE.findall(listed)[0]
    classes = f"list of {len(set(COURSE.findall(listed)))} classes"
    return [
        Row(f"{classes}, cached", "140 ‰", await ask(always(LIST), 200)),
        Row("— rebuilt", "60 ‰", await ask(anew(LIST), 200)),
        Row("— 304", "250 ‰", await ask(await unchanged(tonari, LIST), 304)),
        Row("class page, cached", "150 ‰", await ask(always(course), 200)),
        Row("— rebuilt", "60 ‰", await ask(anew(course), 200)),
        Row(f"feed of {sessions} sessions, cached", "150 ‰", await ask(always(FEED), 200)),
        Row("— 304", "300 ‰", await ask(await unchanged(tonari, FEED), 304)),
        Row("— from nothing", "0.5 s", f"{from_nothing.seconds:.2f} s"),
    ]


async def fill_feed(url: str) -> None:
    """Past sessions of one course, so that the feed holds SESSIONS; no list shows them."""
    async with connected(url):
        now = clock.now()
        last_year = {"opens_at": now - timedelta(days=200), "closes_at": now - timedelta(days=100)}
        course, room = await factories.make_course(**last_year), await factories.make_room()
        held = {"course": course.id, "room": room.id, "venue": room.venue}
        missing = SESSIONS - await ClassSession.count().where(
            ClassSession.starts_at > now - timedelta(days=89)
        )
        for number in range(missing):
            starts_at = now - timedelta(days=1 + number % 80, minutes=number)
            await factories.make_class_session(starts_at=starts_at, **held)


async def first_visit(tonari: str) -> Row:
    """All that a browser which has never been here is sent, heads included."""
    home = await client.fetch(tonari, client.get("/"))
    files = sorted(set(ASSET.findall(home.text)))
    sizes = [(await client.fetch(tonari, client.get(file))).size for file in files]
    total = (home.size + sum(sizes)) / 1000
    return Row(f"first visit, {1 + len(files)} transfers", "under 60 kB", f"{total:.1f} kB")


async def growth(small: str, large: str) -> Rows:
    """How much longer the large city's pages take to be made."""
    found: Rows = []
    for name, path in (("list", LIST), ("class page", "/courses/{}")):
        times: list[float] = []
        asked = [anew(await _path(path, address)) for address in (small, large)]
        for _ in range(ROUNDS):
            speeds = [
                (await client.load(address, ask, seconds=TURN, connections=CONNECTIONS)).per_second
                for address, ask in zip((small, large), asked, strict=True)
            ]
            times.append(speeds[0] / speeds[1])
        found.append(Row(f"ten times the data: {name}", "1.2 × the time", f"{median(times):.2f} ×"))
    return found


async def _path(path: str, address: str) -> str:
    listed = (await client.fetch(address, client.get(LIST))).text
    return path.replace("/courses/{}", COURSE.findall(listed)[0])


def memory(process: int) -> Row:
    """What one worker holds after all this, shared pages counted by halves (PSS)."""
    rollup = Path(f"/proc/{process}/smaps_rollup").read_text(encoding="ascii")
    held = int(re.findall(r"^Pss:\s+(\d+) kB", rollup, re.MULTILINE)[0]) / 1024
    return Row("memory of one worker", "under 120 MB", f"{held:.0f} MB")


def always(path: str) -> Callable[[], bytes]:
    """The same request every time."""
    request = client.get(path)
    return lambda: request


def anew(path: str) -> Callable[[], bytes]:
    """A request that no page is kept for: each asks for an address of its own."""
    number = count()
    return lambda: client.get(f"{path}?nobody={next(number)}")


async def unchanged(tonari: str, path: str) -> Callable[[], bytes]:
    """A request by somebody who has the page already."""
    tag = (await client.fetch(tonari, client.get(path))).headers["etag"]
    request = client.get(path, if_none_match=tag)
    return lambda: request
