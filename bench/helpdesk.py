"""The helpdesk with ten years of contacts: saving one, listing, searching, on both engines."""

import secrets
from collections.abc import Callable
from datetime import timedelta
from itertools import count
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import quote

from bench import client
from bench.bookings import connected
from bench.figures import Figure, Row, Rows, compared
from server import database
from server.database import writing
from server.demo.city import PASSWORD, add_all
from server.helpdesk.tables import Article, Contact
from tests.servers import serving

CONTACTS, ARTICLES = 100_000, 5_000
YEARS = 10
NAMED = ("id", "submission")
SIGN_IN = {"login": "helpdesk", "password": PASSWORD}
WORDS = ("暗証番号", "写真", "封筒", "充電", "入力の途中")


async def fill(url: str) -> None:
    """Contacts and articles like those of the demonstration city, until there are so many.

    The engine then knows how they are spread, as it would after ten years.
    """
    random = Random(4)
    async with connected(url):
        await _add(random)
        await database.engine().run_ddl("ANALYZE")


async def _add(random: Random) -> None:
    async with writing():
        contacts = await Contact.select().order_by(Contact.id)
        await add_all([_contact(random, contacts) for _ in range(CONTACTS - len(contacts))])
        articles = await Article.select().order_by(Article.id)
        await add_all(
            [_article(random, articles, number) for number in range(ARTICLES - len(articles))]
        )


def _contact(random: Random, known: list[dict[str, Any]]) -> Contact:
    """Another one like one of those that are there, some weeks before it."""
    one = random.choice(known)
    back = timedelta(weeks=random.randrange(YEARS * 52))
    moved = {name: one[name] - back for name in ("contacted_at", "contacted_on", "recorded_at")}
    kept = {name: value for name, value in one.items() if name not in NAMED}
    return Contact(**kept | moved | {"submission": f"bench-{random.getrandbits(64):016x}"})


def _article(random: Random, known: list[dict[str, Any]], number: int) -> Article:
    kept = {name: value for name, value in random.choice(known).items() if name != "id"}
    return Article(**kept | {"question": f"{kept['question']}（{number}）"})


async def rows(engine: str, url: str, yardstick: str, log: Path) -> Rows:
    """A contact saved, the list and the search of an operator who is signed in."""
    async with serving(url, log) as tonari:
        cookie = await sign_in(tonari.address)

        async def ask(request: Callable[[], bytes], status: int = 200) -> Figure:
            return await compared(yardstick, tonari.address, request, status)

        name = f"contact saved, until its 303, {engine}"
        return [
            Row(name, "250 per s", await ask(presses(cookie), 303)),
            Row(f"— list of {CONTACTS:,}", "20 ‰", await ask(always("/staff/contacts", cookie))),
            Row("— search in them", "10 ‰", await ask(each("/staff/contacts?q={}", cookie))),
            Row(f"— search in {ARTICLES:,} answers", "10 ‰", await ask(each("/faq?q={}", cookie))),
        ]


async def sign_in(address: str) -> str:
    """The cookie of an operator."""
    answer = await client.fetch(address, client.post("/sign-in", SIGN_IN))
    assert answer.status == 303, answer.text
    return answer.headers["set-cookie"].split(";")[0]


def presses(cookie: str) -> Callable[[], bytes]:
    """The commonest contact, each press with a submission of its own."""
    typed = {"topic": "1", "channel": "phone", "outcome": "answered"}

    def press() -> bytes:
        fields = {**typed, "submission": secrets.token_urlsafe(16)}
        return client.post(
            "/staff/desks/1/contacts", fields, cookie=cookie, sec_fetch_site="same-origin"
        )

    return press


def always(path: str, cookie: str) -> Callable[[], bytes]:
    """The same page every time, made anew: nothing is kept of a page that is signed in to."""
    request = client.get(path, cookie=cookie)
    return lambda: request


def each(path: str, cookie: str) -> Callable[[], bytes]:
    """Searches for one word after another."""
    number = count()
    return lambda: client.get(path.format(quote(WORDS[next(number) % len(WORDS)])), cookie=cookie)
