"""Ready-made answers: encodings, validators, 304, HEAD."""

import gzip
from typing import Any, cast

import httpx
import pytest

from server.web.validators import Ready
from tests import factories

pytestmark = pytest.mark.engine("sqlite")


def client_of(ready: Ready) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(cast(Any, ready)),
        base_url="http://tonari",
        headers={"accept": "*/*"},
    )


LONG = "となりの教室".encode() * 100
FEED = Ready(
    LONG, "text/calendar; charset=utf-8", {"Last-Modified": "Sat, 21 Nov 2026 01:00:00 GMT"}
)


async def test_each_encoding_has_a_strong_validator_of_its_own() -> None:
    async with client_of(FEED) as client:
        packed = await client.get("/", headers={"accept-encoding": "gzip"})
        plain = await client.get("/", headers={"accept-encoding": "identity"})

    assert packed.content == plain.content == LONG
    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert int(packed.headers["content-length"]) < int(plain.headers["content-length"])
    assert packed.headers["etag"] == plain.headers["etag"][:-1] + '-gz"'
    assert {packed.headers["vary"], plain.headers["vary"]} == {"Accept-Encoding"}


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [
        ("gzip", "gzip"),
        ("br, gzip;q=0.5", "gzip"),
        ("*", "gzip"),
        ("gzip;q=0", None),
        ("gzip; q=0.0", None),
        ("br", None),
        ("", None),
    ],
)
async def test_only_who_takes_gzip_gets_it(accepted: str, encoding: str | None) -> None:
    async with client_of(FEED) as client:
        answer = await client.get("/", headers={"accept-encoding": accepted})

    assert answer.headers.get("content-encoding") == encoding


async def test_a_short_body_is_not_packed() -> None:
    async with client_of(Ready(b"ok", "text/plain")) as client:
        answer = await client.get("/")

    assert (answer.content, answer.headers.get("content-encoding")) == (b"ok", None)


async def test_304_for_a_matching_validator_and_only_then() -> None:
    async with client_of(FEED) as client:
        tag = (await client.get("/")).headers["etag"]
        answers = {
            known: (await client.get("/", headers={"if-none-match": known})).status_code
            for known in (tag, f'W/{tag}, "other"', "*", '"other"', tag[:-1])
        }

    assert answers == {tag: 304, f'W/{tag}, "other"': 304, "*": 304, '"other"': 200, tag[:-1]: 200}


async def test_304_has_no_body_and_keeps_its_validators() -> None:
    async with client_of(FEED) as client:
        whole = await client.get("/")
        answer = await client.get("/", headers={"if-none-match": whole.headers["etag"]})

    assert answer.content == b""
    assert {name: answer.headers.get(name) for name in ("etag", "vary", "last-modified")} == {
        "etag": whole.headers["etag"],
        "vary": "Accept-Encoding",
        "last-modified": "Sat, 21 Nov 2026 01:00:00 GMT",
    }
    assert "content-length" not in answer.headers


@pytest.mark.parametrize(
    ("since", "tag", "status"),
    [
        ("Sat, 21 Nov 2026 01:00:00 GMT", None, 304),
        ("Sun, 22 Nov 2026 01:00:00 GMT", None, 200),
        ("Sat, 21 Nov 2026 01:00:00 GMT", '"other"', 200),
        ("yesterday", None, 200),
    ],
)
async def test_a_date_counts_only_where_it_is_ours_and_no_tag_is_known(
    since: str, tag: str | None, status: int
) -> None:
    headers = {"if-modified-since": since} | ({"if-none-match": tag} if tag else {})

    async with client_of(FEED) as client:
        answer = await client.get("/", headers=headers)

    assert answer.status_code == status


async def test_the_same_body_has_the_same_bytes() -> None:
    again = Ready(LONG, "text/calendar; charset=utf-8")

    assert (again.packed.body, again.packed.tag) == (FEED.packed.body, FEED.packed.tag)
    assert gzip.decompress(again.packed.body) == LONG


@pytest.mark.parametrize("path", ["/privacy", "/healthz", "/sign-in"])
async def test_head_answers_like_get_without_a_body(client: httpx.AsyncClient, path: str) -> None:
    await factories.make_municipality()

    get, head = await client.get(path), await client.head(path)

    assert head.status_code == get.status_code == 200
    assert head.content == b""
    assert dict(head.headers) == dict(get.headers)
