"""The POST that books: how many in a second, and two hundred who race for twenty seats."""

import re
import secrets
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from html import unescape
from itertools import count
from pathlib import Path
from statistics import median

from bench import client
from bench.figures import Row, compared
from server import database
from server.classes.tables import Booking, BookingState
from tests import factories
from tests.servers import serving

SEATS, RESIDENTS, RACES = 20, 200, 3
HIDDEN = re.compile(r'<input type="hidden" name="([^"]*)" value="([^"]*)"')
KANA = "あいうえおかきくけこさしすせそたちつてと"
TYPED = {"name": "見本 花子", "reading": "みほん はなこ", "phone": "090-0000-0000"}


async def rate(engine: str, url: str, yardstick: str, log: Path) -> Row:
    """Bookings per second by one process: person matched, seat taken, audit written."""
    course = await new_course(url, seats=1_000_000)
    async with serving(url, log) as tonari:
        requests = presses(await confirmation(tonari.address, course), course)
        figure = await compared(yardstick, tonari.address, lambda: next(requests), 303)
    return Row(f"booking, until its 303, {engine}", "200 per s", figure)


async def race(engine: str, url: str, log: Path, processes: int = 1) -> Row:
    """Seconds until two hundred who press at once all have an answer."""
    seconds = []
    async with serving(url, log, WORKERS=str(processes)) as tonari:
        for _ in range(RACES):
            course = await new_course(url, seats=SEATS)
            presses_of = presses(await confirmation(tonari.address, course), course)
            requests = [next(presses_of) for _ in range(RESIDENTS)]
            tally = await client.rush(tonari.address, requests)
            assert tally.answers == {303: SEATS, 409: RESIDENTS - SEATS}, tally.answers
            assert await seated(url, course) == SEATS
            seconds.append(tally.slowest)
    name = f"{RESIDENTS} racing for {SEATS} seats, {engine}"
    return Row(name, "1 s, no 5xx", f"{median(seconds):.2f} s; {SEATS} placed, no 5xx")


async def confirmation(address: str, course: int) -> dict[str, str]:
    """The hidden fields of the page that asks: is this right?"""
    path = f"/bookings/new?course={course}"
    form = await client.fetch(address, client.get(path))
    fields = {**hidden(form.text), "course": str(course), **TYPED}
    page = await client.fetch(address, client.post("/bookings/new", fields))
    assert page.status == 200, page.text
    return hidden(page.text)


def hidden(page: str) -> dict[str, str]:
    """The hidden fields of a page."""
    return {unescape(name): unescape(value) for name, value in HIDDEN.findall(page)}


def presses(fields: dict[str, str], course: int) -> Iterator[bytes]:
    """One press of the last button after another, each by somebody else."""
    for number in count(course * 10_000_000):
        reading = "".join(KANA[int(digit)] for digit in str(number))
        phone = f"090-0000-{number % 10_000:04d}"
        own = {"name": f"見本 {number}", "reading": f"みほん {reading}", "phone": phone}
        press = {**fields, **own, "submission": secrets.token_urlsafe(16)}
        yield client.post("/bookings", press)


async def new_course(url: str, *, seats: int) -> int:
    """One more open course with one session, put straight into the database."""
    async with connected(url):
        course = await factories.make_course(seats=seats)
        await factories.make_class_session(course=course.id)
        return int(course.id)


async def seated(url: str, course: int) -> int:
    """How many people have a place in a course."""
    async with connected(url):
        confirmed = Booking.state == BookingState.confirmed
        return int(await Booking.count().where((Booking.course == course) & confirmed))


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[None]:
    """This process on the database of the server."""
    database.use(database.engine_for(url))
    await database.open_pool(size=2)
    try:
        yield
    finally:
        await database.close_pool()
