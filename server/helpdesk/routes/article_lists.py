"""Articles as lists: the answers of the desks, and those that are still to be written."""

from typing import Any
from urllib.parse import urlencode

from litestar import Request, Response, get
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from server import text
from server.audit import entries
from server.helpdesk import answers, articles
from server.helpdesk.routes.articles import READS_ARTICLES, WRITES_ARTICLES
from server.helpdesk.routes.matches import LONGEST_SEARCH, number
from server.topics import topics
from server.web.pages import page

AnyRequest = Request[Any, Any, Any]
Row = dict[str, Any]

LAST_PAGE = 9999
MOST_SHOWN = 200  # contacts


@get("/staff/articles", roles=READS_ARTICLES)
async def list_articles(request: AnyRequest) -> Response[str]:
    """The articles, what is asked most first; those to be looked at again; five statements."""
    words = text.typed(str(request.query_params.get("q", "")))[:LONGEST_SEARCH]
    topic_id, at = number(request, "topic"), min(number(request, "page") or 1, LAST_PAGE)
    asked = str(request.query_params.get("state", ""))
    state = asked if asked in answers.STATES else "published"
    rows, more = await answers.search(words, topic_id, at, public=False, state=state)
    filters = {"q": words, "topic": topic_id, "state": state}

    def url(page_number: int) -> str:
        given = {name: value for name, value in filters.items() if value}
        return f"/staff/articles?{urlencode(given | {'page': page_number})}"

    return page(
        request,
        "helpdesk/articles.html",
        rows=rows,
        filters=filters,
        topics=await topics.listed(),
        due=await articles.due(request.user),
        can_write=articles.may_edit(request.user),
        previous_url=url(at - 1) if at > 1 else None,
        next_url=url(at + 1) if more else None,
    )


@get("/staff/articles/missing", roles=READS_ARTICLES)
async def list_missing(request: AnyRequest) -> Response[str]:
    """What nothing answered: the articles to write."""
    rows = [row | _missing_urls(row) for row in await answers.missing()]
    return page(
        request,
        "helpdesk/articles_missing.html",
        rows=rows,
        can_write=articles.may_edit(request.user),
        reads_contacts=bool(WRITES_ARTICLES & request.user.roles),
    )


@get("/staff/articles/missing/{topic_id:int}", roles=WRITES_ARTICLES)
async def show_missing(request: AnyRequest, topic_id: FromPath[int]) -> Response[str]:
    """The contacts that one line of the articles to write counts, to write from their notes."""
    procedure = number(request, "procedure")
    rows = [
        r for r in await answers.missing() if (r["topic"], r["procedure"]) == (topic_id, procedure)
    ]
    if not rows:
        raise NotFoundException
    shown = await answers.missing_ids(topic_id, procedure, MOST_SHOWN)
    await entries.record_reading(
        "/staff/articles/missing/…", "contact", shown, by=request.user, topic=topic_id
    )
    return page(
        request,
        "helpdesk/articles_missing_contacts.html",
        missing=rows[0] | _missing_urls(rows[0]),
        more=rows[0]["contacts"] - len(shown),
        rows=await answers.asked(shown),
    )


def _missing_urls(row: Row) -> Row:
    procedure = {"procedure": row["procedure"]} if row["procedure"] else {}
    contacts = f"/staff/articles/missing/{row['topic']}"
    return {
        "new_url": f"/staff/articles/new?{urlencode({'topic': row['topic']} | procedure)}",
        "contacts_url": f"{contacts}?{urlencode(procedure)}" if procedure else contacts,
    }


handlers = [list_articles, list_missing, show_missing]
