"""Error pages: the right status, plain words, a way on; even without a database."""

import logging
import re
from collections.abc import Awaitable, Callable

import httpx
import pytest

from server.database import changes
from server.places.tables import Municipality
from server.roles import Role
from tests import factories


def is_plain_page(answer: httpx.Response) -> bool:
    return (
        answer.headers["content-type"] == "text/html; charset=utf-8"
        and '<html lang="ja">' in answer.text
        and 'href="/"' in answer.text
        and "<h1>" in answer.text
        and "Traceback" not in answer.text
    )


@pytest.mark.engine("sqlite")
@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nowhere", 404),
        ("GET", "/staff/nowhere", 404),
        ("GET", "/privacy/%00", 404),
        ("GET", "/privacy?q=%00", 404),
        ("GET", "/%ff%fe", 404),
        ("POST", "/privacy", 405),
        ("DELETE", "/sign-in", 405),
        ("PROPFIND", "/", 405),
        ("POST", "/staff/accounts/abc/password", 404),
        ("POST", "/staff/accounts/2147483648/password", 404),
        ("POST", "/staff/accounts/0/password", 404),
        ("POST", "/staff/accounts/-1/password", 404),
        ("POST", f"/staff/accounts/{'9' * 5000}/password", 404),
    ],
)
async def test_a_wrong_address_gets_a_plain_page(
    client: httpx.AsyncClient, method: str, path: str, status: int
) -> None:
    answer = await client.request(method, path)

    assert answer.status_code == status
    assert is_plain_page(answer)


@pytest.mark.engine("sqlite")
async def test_405_says_what_is_allowed(client: httpx.AsyncClient) -> None:
    answer = await client.post("/privacy")

    assert answer.headers["allow"] == "GET, OPTIONS"


@pytest.mark.engine("sqlite")
@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"next=" + b"x" * 300_000, "application/x-www-form-urlencoded", 413),
        (b"--x\r\nbroken", "multipart/form-data; boundary=x", 400),
        (b"", "multipart/form-data", 400),
    ],
)
async def test_an_unreadable_or_endless_body_gets_a_plain_page(
    client: httpx.AsyncClient, body: bytes, kind: str, status: int
) -> None:
    answer = await client.post("/language", content=body, headers={"content-type": kind})

    assert answer.status_code == status
    assert is_plain_page(answer)
    assert "こちらの不具合" not in answer.text


@pytest.mark.engine("sqlite")
@pytest.mark.parametrize(
    "query",
    ["%", "&&&==", "next=%ff", "next=%ED%A0%80", "next[]=1", "a=1;b=2", "next=" + "x" * 5000],
)
async def test_a_malformed_query_is_never_our_fault(client: httpx.AsyncClient, query: str) -> None:
    answer = await client.get(f"/sign-in?{query}")

    assert answer.status_code == 200


@pytest.mark.engine("sqlite")
async def test_an_error_speaks_the_chosen_language(
    new_client: Callable[..., httpx.AsyncClient],
) -> None:
    answer = await new_client(cookie="language=en").get("/nowhere")

    assert '<html lang="en">' in answer.text


async def test_an_error_page_shows_no_number_and_says_where_data_are_invented(
    client: httpx.AsyncClient,
) -> None:
    await factories.make_municipality(demonstration=True, phone="", fax="")

    answer = await client.get("/nowhere")
    known = await client.get("/privacy")
    again = await client.get("/nowhere")

    words = re.sub(r"<head>.*?</head>|<[^>]+>", "", again.text, flags=re.DOTALL)
    assert (answer.status_code, known.status_code, again.status_code) == (404, 200, 404)
    assert "見本" in words
    assert "404" not in words


async def test_a_wrong_role_gets_403(
    client_as: Callable[..., Awaitable[httpx.AsyncClient]],
) -> None:
    helpdesk = await client_as(Role.helpdesk)

    answer = await helpdesk.get("/staff/accounts")

    assert answer.status_code == 403
    assert is_plain_page(answer)


async def test_an_unforeseen_error_is_logged_in_full_and_shown_plainly(
    client: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    await Municipality.raw("DROP TABLE municipality")
    changes.committed()

    answer = await client.get("/sign-in?next=/my/secret")

    assert answer.status_code == 500
    assert is_plain_page(answer)
    [record] = [each for each in caplog.records if each.levelno == logging.ERROR]
    assert record.getMessage() == "GET /sign-in failed"
    assert record.exc_info is not None
    assert "municipality" in str(record.exc_info[1])


@pytest.mark.engine("sqlite")
async def test_an_error_takes_the_place_of_the_page_when_htmx_asked_for_a_block(
    new_client: Callable[..., httpx.AsyncClient],
) -> None:
    htmx = new_client(**{"hx-request": "true"})

    gone, closed = await htmx.get("/nowhere"), await htmx.get("/staff/accounts")

    assert (gone.headers["hx-retarget"], gone.headers["hx-reswap"]) == ("body", "innerHTML")
    assert (closed.status_code, closed.headers["hx-redirect"]) == (
        401,
        "/sign-in?next=/staff/accounts",
    )


async def test_health_needs_no_database_and_readiness_does(client: httpx.AsyncClient) -> None:
    ready = await client.get("/readyz")
    await Municipality.raw("DELETE FROM migration")

    assert (ready.status_code, ready.text) == (200, "ready\n")
    assert (await client.get("/readyz")).status_code == 503
    assert (await client.get("/healthz")).text == "ok\n"


@pytest.mark.engine("sqlite")
async def test_robots_may_read_feeds_and_open_data(client: httpx.AsyncClient) -> None:
    answer = await client.get("/robots.txt")

    assert [line for line in answer.text.splitlines() if line.startswith("Disallow")] == [
        "Disallow: /bookings",
        "Disallow: /my",
        "Disallow: /sign-in",
        "Disallow: /staff",
    ]


async def test_pages_stand_before_the_city_is_entered(client: httpx.AsyncClient) -> None:
    before = await client.get("/privacy")
    await factories.make_municipality()
    after = await client.get("/privacy")

    assert (before.status_code, after.status_code) == (200, 200)
    assert "四日市市" in after.text
