"""Frequently asked questions, as residents read them."""

from typing import Any
from urllib.parse import urlencode

from litestar import Request, Response, get
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from server import clock
from server.helpdesk import answers, nearby, pictures
from server.helpdesk.routes.article_changes import picture_answer
from server.helpdesk.routes.article_steps import steps_of
from server.places import opening
from server.places.tables import Municipality
from server.topics import topics
from server.web.addresses import sought, whole
from server.web.pages import page

AnyRequest = Request[Any, Any, Any]

MOST_ASKED = 10
LAST_PAGE = 9999


@get("/faq", public=True, cached=True)
async def list_questions(request: AnyRequest) -> Response[str]:
    """The topics and what is asked most; or what a search, or a topic, brings.

    Three statements; four more where nothing is found and the way on is shown.
    """
    query = request.query_params
    words, topic_id = sought(query.get("q")), whole(query.get("topic"))
    at = min(whole(query.get("page")) or 1, LAST_PAGE)
    looking = bool(words or topic_id)
    rows: list[dict[str, Any]] = []
    more = False
    if looking:
        rows, more = await answers.search(words, topic_id, at, public=True)
    name = (await topics.names()).get(topic_id) if topic_id else None
    given = {name: value for name, value in (("q", words), ("topic", topic_id)) if value}

    def url(page_number: int) -> str:
        return f"/faq?{urlencode(given | {'page': page_number})}"

    return page(
        request,
        "helpdesk/faq.html",
        rows=rows,
        more=more,
        nearest=bool(rows) and not rows[0]["exact"],
        asked=[] if rows else (await answers.search(public=True, size=MOST_ASKED))[0],
        topics=[] if rows else await answers.public_topics(),
        reception_open=not rows and await _reception_is_open(request),
        words=words,
        topic_name=name,
        looking=looking,
        previous_url=url(at - 1) if at > 1 else None,
        next_url=url(at + 1) if more else None,
    )


@get("/faq/{article_id:int}", public=True, cached=True)
async def show_question(request: AnyRequest, article_id: FromPath[int]) -> Response[str]:
    """One question: its steps with their pictures, the telephone, classes on the same."""
    article = await answers.shown(article_id)
    if article is None or not answers.is_public(article):
        raise NotFoundException
    return page(
        request,
        "helpdesk/faq_article.html",
        article=article,
        steps=steps_of(article, await pictures.of_article(article_id)),
        classes=await nearby.open_classes(article["topic"], None),
        reception_open=await _reception_is_open(request),
    )


async def _reception_is_open(request: AnyRequest) -> bool:
    city = request.app.state.municipality
    return bool(city) and await opening.reception_is_open(Municipality(**city), clock.now())


@get("/faq/pictures/{picture_id:int}/{digest:str}", public=True, sessionless=True)
async def show_picture(
    request: AnyRequest, picture_id: FromPath[int], digest: FromPath[str]
) -> Response[bytes]:
    """A picture of an article that residents may read."""
    return await picture_answer(request, picture_id, digest, public=True)


handlers = [list_questions, show_question, show_picture]
