"""Files that anyone may take away, what is to come, and under which licence."""

import json
from typing import Any

from litestar import Request, Response, get
from litestar.types import ASGIApp

from server import clock, database
from server.helpdesk.masking import LEAST_SHOWN
from server.opendata import contacts
from server.places.tables import Municipality
from server.settings import settings
from server.web.pages import page
from server.web.sheets import ENCODINGS, charset, csv_text, encoded
from server.web.validators import Ready
from server.web.words import gettext as _
from server.web.words import speaking

AnyRequest = Request[Any, Any, Any]
Row = dict[str, Any]

JSON = "application/json; charset=utf-8"
CACHING = {"cache-control": "public, no-cache", "access-control-allow-origin": "*"}

_kept: dict[str, tuple[str, Ready]] = {}


@get("/opendata", public=True, cached=True)
async def show_opendata(request: AnyRequest) -> Response[str]:
    """The files that are here, those to come, and the licence."""
    return page(request, "opendata/opendata.html", least=LEAST_SHOWN)


@get("/opendata/contacts.csv", public=True, sessionless=True)
async def show_contacts_csv(request: AnyRequest) -> ASGIApp:
    """Contacts by month and topic, as `?encoding=cp932`, or `utf-8-sig`, which is the default."""
    asked = str(request.query_params.get("encoding", ""))
    return await _file("csv", ENCODINGS.get(asked, "utf-8-sig"))


@get("/opendata/contacts.json", public=True, sessionless=True)
async def show_contacts_json() -> ASGIApp:
    """The same as JSON."""
    return await _file("json", "utf-8")


async def _file(kind: str, encoding: str) -> Ready:
    """The file, made again only when anything has changed or a day has begun."""
    stamp = f"{await database.version()} {clock.today()}"
    name = f"{kind} {encoding}"
    kept = _kept.get(name)
    if kept is None or kept[0] != stamp:
        with speaking(settings().locale):
            made = _json if kind == "json" else _csv
            kept = _kept[name] = (stamp, await made(encoding))
    return kept[1]


async def _csv(encoding: str) -> Ready:
    rows = [[_cell(row, name) for name in _NAMES] for row in await contacts.monthly()]
    sample = [[_("Sample (invented data)")]] if await _invented() else []
    headings = [_("Fiscal year"), _("Month"), _("Topic"), _("Number of contacts")]
    content, _lost = encoded(csv_text([*sample, headings, *rows]), encoding)
    return Ready(content, f"text/csv; charset={charset(encoding)}", CACHING)


async def _json(_encoding: str) -> Ready:
    rows = [{name: _cell(row, name) for name in _NAMES} for row in await contacts.monthly()]
    told = {"sample": await _invented(), "contacts": rows}
    return Ready(json.dumps(told, ensure_ascii=False).encode(), JSON, CACHING)


def _cell(row: Row, name: str) -> str | int:
    value = row[name]
    if name == "month":
        return f"{value:%Y-%m}"
    return _("under {number}").format(number=LEAST_SHOWN) if value is None else value


async def _invented() -> bool:
    city = await Municipality.select(Municipality.demonstration).first()
    return bool(city and city["demonstration"])


_NAMES = ("fiscal_year", "month", "topic", "number")

public = [show_opendata, show_contacts_csv, show_contacts_json]
