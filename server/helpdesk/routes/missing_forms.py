"""Contacts that nothing answered, to be ticked one by one."""

from typing import Any
from urllib.parse import urlencode

from litestar import Request
from litestar.datastructures import FormMultiDict

from server.audit import entries
from server.helpdesk import desks, missing
from server.helpdesk.missing import MOST_SHOWN, Picked
from server.web.addresses import whole

AnyRequest = Request[Any, Any, Any]
Row = dict[str, Any]


async def ticks(
    request: AnyRequest,
    topic_id: int,
    procedure_id: int | None,
    posted: Picked | None = None,
    *,
    beside: int | None = None,
) -> Row | None:
    """What stands on a line of the articles to write, ticked as posted; None where nothing does.

    At first all is ticked that no draft is to answer. What the article `beside` is to answer
    already is left out, and so are contacts of others (P1). Whoever reads the notes is written
    down.
    """
    wanted = (topic_id, procedure_id)
    own = desks.readable(missing.ANY, request.user)
    lines = await missing.lines(own)
    line = next((row for row in lines if (row["topic"], row["procedure"]) == wanted), None)
    if line is None:
        return None
    entered = await missing.standing(topic_id, procedure_id, own)
    await entries.record_reading(
        "/staff/articles/missing/…",
        "contact",
        [row["id"] for row in entered],
        by=request.user,
        topic=topic_id,
    )
    shown = [row for row in entered if row["note"]]
    free = {row["id"] for row in shown if row["draft"] is None}
    return {
        "line": line | urls(line),
        "rows": [row for row in shown if row["draft"] is None or row["draft"] != beside],
        "more": line["noted"] - len(shown),
        "without_note": [row for row in entered if not row["note"] and row["draft"] is None],
        "ticked": free if posted is None else set(posted.ids),
        "unnoted": posted is None or bool(posted.unnoted_until),
    }


async def asked_ticks(
    request: AnyRequest, posted: Picked | None = None, *, beside: int | None = None
) -> Row | None:
    """As `ticks`, of the line that the address of an article's form names."""
    topic_id = whole(request.query_params.get("topic"))
    if topic_id is None:
        return None
    procedure_id = whole(request.query_params.get("procedure"))
    return await ticks(request, topic_id, procedure_id, posted, beside=beside)


def picked(request: AnyRequest, posted: FormMultiDict, topic_id: int | None) -> Picked:
    """What was ticked of the line of a topic and of the procedure in the address."""
    return Picked(
        topic_id=topic_id or 0,
        procedure_id=whole(request.query_params.get("procedure")),
        ids=tuple(filter(None, map(whole, posted.getall("answers", []))))[:MOST_SHOWN],
        until=whole(posted.get("until")) or 0,
        unnoted_until=whole(posted.get("unnoted")) or 0,
    )


def urls(line: Row) -> Row:
    """Where a line of the articles to write leads to."""
    procedure = {"procedure": line["procedure"]} if line["procedure"] else {}
    contacts, about = f"/staff/articles/missing/{line['topic']}", {"topic": line["topic"]}
    return {
        "query": urlencode(about | procedure),
        "contacts_url": f"{contacts}?{urlencode(procedure)}" if procedure else contacts,
        "aside_url": f"{contacts}/setting-aside"
        + (f"?{urlencode(procedure)}" if procedure else ""),
    }
