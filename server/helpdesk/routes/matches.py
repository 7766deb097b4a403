"""What may answer a contact while its topic is tapped: articles, and classes near the caller."""

from typing import Any

from litestar import Request, Response, get

from server import text
from server.helpdesk import matches, nearby
from server.helpdesk.desks import AT_DESKS
from server.places.tables import District
from server.web.access import BEYOND_ANY_ID
from server.web.pages import page

AnyRequest = Request[Any, Any, Any]

LONGEST_SEARCH = 100  # characters


@get("/staff/desks/matches", roles=AT_DESKS)
async def list_matches(request: AnyRequest) -> Response[str]:
    """The five articles and three classes that fit best; at most four statements (H3).

    Reads `topic`, `procedure`, `district`, `desk` and `words`, and keeps what was chosen: nothing
    of these is about a person.
    """
    topic_id = number(request, "topic")
    desk_id = number(request, "desk")
    found: list[dict[str, Any]] = []
    classes: list[dict[str, Any]] = []
    if topic_id is not None:
        words = text.typed(str(request.query_params.get("words", "")))[:LONGEST_SEARCH]
        found = await matches.best(topic_id, number(request, "procedure"), words)
        classes = await nearby.open_classes(topic_id, number(request, "district"))
    return page(
        request,
        "helpdesk/matches.html",
        "matches",
        topic_id=topic_id,
        desk_id=desk_id,
        district_name=await _district_name(request),
        found=found,
        classes=classes,
        chosen=number(request, "article"),
        answer_missing=bool(request.query_params.get("answer_missing")),
    )


async def _district_name(request: AnyRequest) -> str:
    """The name of the district that was tapped; "" for none."""
    district_id = number(request, "district")
    if district_id is None:
        return ""
    found = await District.select(District.name).where(District.id == district_id).first()
    return str(found["name"]) if found else ""


def number(request: AnyRequest, name: str) -> int | None:
    """The id that an address gives under a name; None where there is none or nonsense."""
    said = str(request.query_params.get(name, ""))
    sound = said.isascii() and said.isdecimal() and len(said) <= 10
    return int(said) if sound and 0 < int(said) < BEYOND_ANY_ID else None


handlers = [list_matches]
