"""No change is asked for by another site, and only local pages are gone on to."""

from collections.abc import Awaitable, Callable

import httpx
import pytest

from server.roles import Role
from server.web.access import local_path

SIGNED_IN = Callable[..., Awaitable[httpx.AsyncClient]]


@pytest.mark.parametrize(
    ("headers", "anonymous", "signed_in"),
    [
        ({"sec-fetch-site": "same-origin"}, 303, 303),
        ({"sec-fetch-site": "none"}, 303, 303),
        ({"sec-fetch-site": "same-site"}, 403, 403),
        ({"sec-fetch-site": "cross-site"}, 403, 403),
        ({"sec-fetch-site": "cross-site", "origin": "http://127.0.0.1:8000"}, 403, 403),
        ({"origin": "http://127.0.0.1:8000"}, 303, 303),
        ({"origin": "https://tonari.local", "host": "tonari.local"}, 303, 303),
        ({"origin": "https://evil.example"}, 403, 403),
        ({"origin": "null"}, 403, 403),
        ({"origin": "http://["}, 403, 403),
        ({}, 303, 403),
    ],
)
@pytest.mark.engine("sqlite")
async def test_a_post_from_another_site_is_refused(
    client: httpx.AsyncClient,
    client_as: SIGNED_IN,
    headers: dict[str, str],
    anonymous: int,
    signed_in: int,
) -> None:
    somebody = await client_as(Role.coordinator)
    statuses = []
    for each in (client, somebody):
        del each.headers["sec-fetch-site"]
        answer = await each.post("/language", data={"language": "en"}, headers=headers)
        statuses.append(answer.status_code)
        if answer.status_code == 403:
            assert "set-cookie" not in answer.headers

    assert statuses == [anonymous, signed_in]


@pytest.mark.parametrize(
    ("path", "gone_on_to"),
    [
        ("/staff/courses?page=2", "/staff/courses?page=2"),
        ("/", "/"),
        (None, "/otherwise"),
        ("", "/otherwise"),
        ("staff", "/otherwise"),
        ("//evil.example", "/otherwise"),
        ("/\\evil.example", "/otherwise"),
        ("https://evil.example", "/otherwise"),
        ("/\t/evil.example", "/otherwise"),
        ("/a\r\nset-cookie: x=y", "/otherwise"),
        ("/" + "a" * 500, "/otherwise"),
    ],
)
def test_local_path_goes_on_to_this_site_only(path: str | None, gone_on_to: str) -> None:
    assert local_path(path, "/otherwise") == gone_on_to


@pytest.mark.engine("sqlite")
async def test_the_chosen_language_is_remembered_and_nothing_else(
    client: httpx.AsyncClient,
) -> None:
    chosen = await client.post("/language", data={"language": "en", "next": "/privacy?a=1"})
    unknown = await client.post("/language", data={"language": "xx", "next": "//evil.example"})

    assert (chosen.status_code, chosen.headers["location"]) == (303, "/privacy?a=1")
    assert chosen.headers["set-cookie"] == (
        "language=en; HttpOnly; Max-Age=31536000; Path=/; SameSite=lax"
    )
    assert (unknown.headers["location"], "set-cookie" in unknown.headers) == ("/", False)
    assert '<html lang="en">' in (await client.get("/privacy")).text
