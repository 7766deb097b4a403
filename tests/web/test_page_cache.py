"""Pages that are the same for everyone are kept until anything changes."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, cast

import httpx
import pytest

from server import clock
from server.database import writing
from server.places.tables import Municipality
from server.roles import Role
from server.web import page_cache
from server.web.page_cache import PageCache
from tests import factories
from tests.statements import counted


@pytest.fixture
async def city(database: object) -> Municipality:
    return await factories.make_municipality()


async def test_a_kept_page_asks_the_database_nothing(
    client: httpx.AsyncClient, city: Municipality, frozen_now: datetime
) -> None:
    first = await client.get("/privacy")

    with counted() as sent:
        second = await client.get("/privacy")

    assert second.text == first.text
    assert sent == []


async def test_a_change_is_seen_at_once(client: httpx.AsyncClient, city: Municipality) -> None:
    before = await client.get("/privacy")

    async with writing():
        await Municipality.update({Municipality.name: "鈴鹿市"}).where(Municipality.id == city.id)
    after = await client.get("/privacy", headers={"if-none-match": before.headers["etag"]})

    assert after.status_code == 200
    assert ("四日市市" in before.text, "鈴鹿市" in before.text) == (True, False)
    assert ("四日市市" in after.text, "鈴鹿市" in after.text) == (False, True)


async def test_an_anonymous_page_is_asked_for_again_and_sets_no_cookie(
    client: httpx.AsyncClient, city: Municipality
) -> None:
    answer = await client.get("/privacy")
    again = await client.get("/privacy", headers={"if-none-match": answer.headers["etag"]})

    assert answer.headers["cache-control"] == "no-cache"
    assert answer.headers["vary"] == "Accept-Encoding, Cookie, HX-Request"
    assert "set-cookie" not in answer.headers
    assert (again.status_code, again.content) == (304, b"")


async def test_each_language_has_its_own_page(
    new_client: Callable[..., httpx.AsyncClient], city: Municipality
) -> None:
    japanese, english = new_client(), new_client(cookie="language=en")

    answers = [await each.get("/privacy") for each in (japanese, english, japanese)]

    assert ['<html lang="ja">' in each.text for each in answers] == [True, False, True]
    assert ['<html lang="en">' in each.text for each in answers] == [False, True, False]


async def test_who_is_signed_in_gets_a_page_that_nobody_keeps(
    client: httpx.AsyncClient,
    client_as: Callable[..., Awaitable[httpx.AsyncClient]],
    city: Municipality,
) -> None:
    await client.get("/privacy")
    signed_in = await client_as(Role.coordinator)

    answer = await signed_in.get("/privacy")

    assert answer.headers["cache-control"] == "private, no-store"
    assert "etag" not in answer.headers


class Kitchen:
    """Makes a page for PageCache, and knows how often."""

    def __init__(self) -> None:
        self.made = 0
        self.answer = {"content-type": "text/html"}
        self.status = 200

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.made += 1
        headers = [(k.encode(), v.encode()) for k, v in self.answer.items()]
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        await send({"type": "http.response.body", "body": b"x" * 1000})


async def ask(cache: PageCache, kitchen: Kitchen, query: str = "", **headers: str) -> None:
    async def send(message: Any) -> None:
        pass

    scope = {
        "type": "http",
        "method": "GET",
        "path": "/courses",
        "query_string": query.encode(),
        "headers": [(k.replace("_", "-").encode(), v.encode()) for k, v in headers.items()],
        "route_handler": SimpleNamespace(opt={"cached": True}),
    }
    await cache.handle(cast(Any, scope), cast(Any, None), send, cast(Any, kitchen))


async def unchanged() -> str:
    return "1"


async def test_a_minute_later_the_page_is_made_anew() -> None:
    cache, kitchen = PageCache(unchanged), Kitchen()

    made = []
    for minute, second in ((0, 0), (0, 59), (1, 0), (1, 30)):
        with clock.freeze(datetime(2026, 11, 21, 1, minute, second, tzinfo=UTC)):
            await ask(cache, kitchen)
        made.append(kitchen.made)

    assert made == [1, 1, 2, 2]


async def test_a_block_and_its_page_are_kept_apart(frozen_now: datetime) -> None:
    cache, kitchen = PageCache(unchanged), Kitchen()

    for headers in ({}, {"hx_request": "true"}, {"hx_request": "true", "hx_boosted": "true"}):
        await ask(cache, kitchen, **headers)

    assert kitchen.made == 2


@pytest.mark.parametrize("cookie", ["sign_in=token", "a=b; bookings=signed"])
async def test_a_personal_cookie_is_never_answered_from_the_cache(
    cookie: str, frozen_now: datetime
) -> None:
    cache, kitchen = PageCache(unchanged), Kitchen()

    for _ in range(2):
        await ask(cache, kitchen, cookie=cookie)

    assert (kitchen.made, len(cache.pages)) == (2, 0)


@pytest.mark.parametrize(
    ("status", "answer"),
    [(404, {}), (422, {}), (303, {"location": "/"}), (200, {"set-cookie": "language=en"})],
)
async def test_only_a_plain_success_is_kept(
    status: int, answer: dict[str, str], frozen_now: datetime
) -> None:
    cache, kitchen = PageCache(unchanged), Kitchen()
    kitchen.status, kitchen.answer = status, kitchen.answer | answer

    await ask(cache, kitchen)

    assert len(cache.pages) == 0


async def test_the_cache_stays_within_its_size(
    frozen_now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page_cache, "LARGEST_CACHE", 5_000)
    cache, kitchen = PageCache(unchanged), Kitchen()

    for number in range(100):
        await ask(cache, kitchen, f"q={number}")

    assert cache.size == sum(page.size for page in cache.pages.values())
    assert 0 < cache.size <= 5_000
    assert [key[1] for key in cache.pages][-1] == b"q=99"


async def test_a_page_is_kept_for_the_very_query_that_it_shows(frozen_now: datetime) -> None:
    cache, kitchen = PageCache(unchanged), Kitchen()

    for query in ("", "&&&", "q=", "q=&&"):
        await ask(cache, kitchen, query)

    assert kitchen.made == 4
