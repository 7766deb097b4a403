"""What may answer a contact while its topic is tapped: articles, and classes near the caller."""

from typing import Any

from litestar import Request, Response, get

from server.helpdesk import matches, nearby
from server.helpdesk.desks import AT_DESKS
from server.places.tables import District
from server.web.addresses import sought, whole
from server.web.pages import page

AnyRequest = Request[Any, Any, Any]


@get("/staff/desks/matches", roles=AT_DESKS)
async def list_matches(request: AnyRequest) -> Response[str]:
    """The five articles and three classes that fit best; at most four statements (H3).

    Reads `topic`, `procedure`, `district`, `desk` and `words`, and keeps what was chosen: nothing
    of these is about a person.
    """
    topic_id = whole(request.query_params.get("topic"))
    desk_id = whole(request.query_params.get("desk"))
    found: list[dict[str, Any]] = []
    classes: list[dict[str, Any]] = []
    if topic_id is not None:
        words = sought(request.query_params.get("words"))
        found = await matches.best(topic_id, whole(request.query_params.get("procedure")), words)
        classes = await nearby.open_classes(topic_id, whole(request.query_params.get("district")))
    return page(
        request,
        "helpdesk/matches.html",
        "matches",
        topic_id=topic_id,
        desk_id=desk_id,
        district_name=await _district_name(request),
        found=found,
        classes=classes,
        chosen=whole(request.query_params.get("article")),
        answer_missing=bool(request.query_params.get("answer_missing")),
    )


async def _district_name(request: AnyRequest) -> str:
    """The name of the district that was tapped; "" for none."""
    district_id = whole(request.query_params.get("district"))
    if district_id is None:
        return ""
    found = await District.select(District.name).where(District.id == district_id).first()
    return str(found["name"]) if found else ""


handlers = [list_matches]
