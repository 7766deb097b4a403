"""The list of articles: the answers of the desks."""

from typing import Any
from urllib.parse import urlencode

from litestar import Request, Response, get

from server.helpdesk import answers, articles
from server.helpdesk.routes.articles import READS_ARTICLES
from server.topics import topics
from server.web.addresses import sought, whole
from server.web.pages import page

AnyRequest = Request[Any, Any, Any]
Row = dict[str, Any]

LAST_PAGE = 9999


@get("/staff/articles", roles=READS_ARTICLES)
async def list_articles(request: AnyRequest) -> Response[str]:
    """The articles, what is asked most first; those to be looked at again; five statements."""
    query = request.query_params
    words, topic_id = sought(query.get("q")), whole(query.get("topic"))
    at = min(whole(query.get("page")) or 1, LAST_PAGE)
    asked = str(query.get("state", ""))
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


handlers = [list_articles]
