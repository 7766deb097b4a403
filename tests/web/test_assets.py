"""Style sheets, scripts and icons: content in the address, kept for ever, nothing else served."""

import re
from pathlib import Path

import httpx
import pytest

from server.settings import SettingsError
from server.web import assets

pytestmark = pytest.mark.engine("sqlite")


async def test_a_page_names_assets_that_may_be_kept_for_ever(client: httpx.AsyncClient) -> None:
    page = await client.get("/privacy")
    paths = re.findall(r'(?:href|src)="(/static/[^"]+)"', page.text)

    answers = [await client.get(path) for path in paths]

    assert len(answers) == 4
    assert {answer.status_code for answer in answers} == {200}
    assert {answer.headers["cache-control"] for answer in answers} == {
        "public, max-age=31536000, immutable"
    }
    assert [answer.headers["content-type"].partition(";")[0] for answer in answers] == [
        "text/css",
        "image/svg+xml",
        "text/javascript",
        "text/javascript",
    ]


async def test_assets_stand_outside_sessions(client: httpx.AsyncClient) -> None:
    answer = await client.get(assets.asset("css"), headers={"cookie": "sign_in=anything"})

    assert answer.status_code == 200
    assert answer.headers["vary"] == "Accept-Encoding"


@pytest.mark.parametrize(
    "path",
    [
        "/static/000000000000/tonari.css",
        "/static/tonari.css",
        "/static/",
        "/static/css/base.css",
        "/static/x/../../../etc/passwd",
        "/static/%2e%2e/%2e%2e/server/settings.py",
        "/static//etc/passwd",
        "/static/..%2f..%2fpyproject.toml",
    ],
)
async def test_nothing_else_is_served(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.get(path)

    assert answer.status_code == 404


def test_the_style_sheet_begins_with_tokens_and_ends_with_print() -> None:
    css = assets.STATIC / "css"

    sheet = assets.style_sheet()

    assert sheet.startswith((css / "tokens.css").read_bytes())
    assert sheet.endswith((css / "print.css").read_bytes())
    assert all(path.read_bytes() in sheet for path in css.glob("*.css"))


def test_htmx_is_refused_in_one_line_when_it_is_missing_or_another(tmp_path: Path) -> None:
    other = tmp_path / "htmx.min.js"

    with pytest.raises(SettingsError, match=r"^\S+/htmx\.min\.js is missing; make run") as missing:
        assets.htmx(other)
    other.write_text("alert()")
    with pytest.raises(SettingsError, match=r"is not the pinned htmx") as wrong:
        assets.htmx(other)

    assert "\n" not in f"{missing.value}{wrong.value}"
