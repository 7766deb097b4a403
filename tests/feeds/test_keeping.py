"""A feed is asked for every hour by everybody: what it costs, and what goes over the line."""

import asyncio
from datetime import datetime, timedelta
from http.client import HTTPConnection
from urllib.parse import urlsplit

import httpx
import pytest

from server.places.tables import Venue
from tests.databases import Database
from tests.factories import make_class_session, make_municipality, make_venue
from tests.feeds.test_feeds import FEED, call_off, move, planned
from tests.statements import counted


@pytest.fixture
async def venue(database: Database, frozen_now: datetime) -> Venue:
    await make_municipality()
    return await make_venue(slug="chubu")


async def test_a_feed_that_has_not_changed_asks_nothing_of_the_database(
    venue: Venue, client: httpx.AsyncClient
) -> None:
    await planned(venue)
    await client.get(FEED)

    with counted() as sent:
        for _ in range(3):
            await client.get(FEED)

    assert sent == []


async def test_many_who_ask_at_once_have_it_made_once(
    venue: Venue, client: httpx.AsyncClient
) -> None:
    session = await planned(venue)
    with counted() as for_one:
        await client.get(FEED)
    await call_off(session)

    with counted() as for_all:
        answers = await asyncio.gather(*(client.get(FEED) for _ in range(20)))

    assert len(for_all) == len(for_one)
    assert len({answer.headers["etag"] for answer in answers}) == 1


async def test_it_takes_as_many_statements_for_a_hundred_sessions_as_for_one(
    venue: Venue, client: httpx.AsyncClient
) -> None:
    session = await planned(venue)
    with counted() as for_one:
        await client.get("/feeds/venues/chubu.ics")
    for _ in range(99):
        await make_class_session(course=session.course, venue=venue.id)

    with counted() as for_hundred:
        answer = await client.get("/feeds/venues/chubu.ics")

    assert answer.content.count(b"BEGIN:VEVENT") == 100
    assert len(for_hundred) == len(for_one) <= 4


async def test_over_the_line_who_has_it_is_sent_nothing_until_it_changes(
    database: Database, running_server: str
) -> None:
    await make_municipality()
    session = await planned(await make_venue(slug="chubu"))
    subscriber = Subscriber(running_server)

    assert await subscriber.sync() == (200, 1)
    assert await subscriber.sync() == (304, 0)
    await move(session, timedelta(days=1))
    await asyncio.sleep(1.1)  # another process sees a change within two seconds
    assert await subscriber.sync() == (200, 1)
    assert await subscriber.sync() == (304, 0)


class Subscriber:
    """A program that sends nothing but what HTTP/1.1 asks for, and the tag that it was given."""

    def __init__(self, address: str) -> None:
        self.host = urlsplit(address).netloc
        self.tag = ""

    async def sync(self) -> tuple[int, int]:
        """The status, and how many events came over the line."""
        return await asyncio.to_thread(self._sync)

    def _sync(self) -> tuple[int, int]:
        connection = HTTPConnection(self.host)
        connection.putrequest("GET", "/feeds/venues/chubu.ics", skip_accept_encoding=True)
        if self.tag:
            connection.putheader("If-None-Match", self.tag)
        connection.endheaders()
        answer = connection.getresponse()
        self.tag = answer.headers["etag"]
        body = answer.read()
        connection.close()
        return answer.status, body.count(b"BEGIN:VEVENT")
