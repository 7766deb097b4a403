"""Style sheets, scripts and icons under an address that names their content, kept for ever."""

import json
from collections.abc import Iterator
from functools import cache
from hashlib import blake2b, sha256
from pathlib import Path
from typing import NamedTuple

from litestar import get
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from server.settings import ROOT, SettingsError
from server.web.validators import Ready

STATIC = ROOT / "static"
HTMX = ROOT / "build" / "assets" / "htmx.min.js"
HTMX_SHA256 = "71ea67185bfa8c98c39d31717c6fce5d852370fcdfd129db4543774d3145c0de"  # htmx.org 2.0.10
FIRST_SHEETS = ("tokens", "base")
LAST_SHEETS = ("print",)
FOR_EVER = {"cache-control": "public, max-age=31536000, immutable"}
MEDIA_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
}

# No inline style or eval under our policy; a refusal or an error comes with words to show.
HTMX_CONFIG = json.dumps(
    {
        "includeIndicatorStyles": False,
        "allowEval": False,
        "historyCacheSize": 0,
        "responseHandling": [
            {"code": "204", "swap": False},
            {"code": "[23]..", "swap": True},
            {"code": "409|422", "swap": True, "error": False},
            {"code": "[45]..", "swap": True, "error": True},
        ],
    },
    separators=(",", ":"),
)


class Asset(NamedTuple):
    """A file as it is served, and where."""

    path: str
    ready: Ready


@cache
def shelf() -> dict[str, Asset]:
    """Every asset by its name: css, htmx, and what lies in static/ by its path.

    Raises SettingsError, in one line, where set-up has not put htmx in its place.
    """
    return {name: _asset(file, content) for name, file, content in _files()}


def asset(name: str) -> str:
    """The address of an asset. Raises KeyError for one that does not exist."""
    return shelf()[name].path


def _files() -> Iterator[tuple[str, str, bytes]]:
    yield "css", "tonari.css", style_sheet()
    yield "htmx", "htmx.js", htmx()
    for path in sorted(STATIC.rglob("*")):
        if path.suffix in MEDIA_TYPES and path.suffix != ".css":
            name = path.relative_to(STATIC).as_posix()
            yield name, name, path.read_bytes()


def style_sheet() -> bytes:
    """All style sheets as one: tokens, base, the components by name, print."""
    sheets = {path.stem: path for path in sorted((STATIC / "css").glob("*.css"))}
    middle = [name for name in sheets if name not in FIRST_SHEETS + LAST_SHEETS]
    order = [n for n in (*FIRST_SHEETS, *middle, *LAST_SHEETS) if n in sheets]
    return b"\n".join(sheets[name].read_bytes() for name in order)


def htmx(path: Path = HTMX) -> bytes:
    """The pinned htmx, as its authors published it."""
    try:
        script = path.read_bytes()
    except OSError as missing:
        raise SettingsError(f"{path} is missing; make run or make test puts it there") from missing
    if sha256(script).hexdigest() != HTMX_SHA256:
        raise SettingsError(f"{path} is not the pinned htmx; delete it and run set-up again")
    return script


def _asset(file: str, content: bytes) -> Asset:
    signature = blake2b(content, digest_size=6).hexdigest()
    ready = Ready(content, MEDIA_TYPES[Path(file).suffix], FOR_EVER)
    return Asset(f"/static/{signature}/{file}", ready)


@cache
def _by_path() -> dict[str, Ready]:
    return {each.path: each.ready for each in shelf().values()}


@get("/static/{file:path}", public=True, sessionless=True)
async def show_asset(file: FromPath[Path]) -> Ready:
    """An asset at exactly the address that a page named; any other is not found."""
    found = _by_path().get(f"/static{file}")
    if found is None:
        raise NotFoundException
    return found
