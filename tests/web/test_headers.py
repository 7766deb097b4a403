"""Every answer says: nothing from elsewhere, no guessing, no framing."""

import httpx
import pytest

pytestmark = pytest.mark.engine("sqlite")

EXPECTED = {
    "content-security-policy": "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; "
    "form-action 'self'; object-src 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "cross-origin-opener-policy": "same-origin",
}


@pytest.mark.parametrize(
    "path", ["/privacy", "/sign-in", "/healthz", "/nowhere", "/staff/accounts"]
)
async def test_every_answer_has_the_headers(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.get(path)

    assert {name: answer.headers.get(name) for name in EXPECTED} == EXPECTED
    assert "strict-transport-security" not in answer.headers


@pytest.mark.parametrize("path", ["/privacy", "/sign-in", "/nowhere"])
async def test_no_page_has_script_or_style_inside_or_names_another_host(
    client: httpx.AsyncClient, path: str
) -> None:
    text = (await client.get(path)).text

    assert " style=" not in text
    assert "<style" not in text
    assert text.count("<script") == text.count("<script src=")
    assert "//" not in text.replace("http://127.0.0.1:8000", "")
