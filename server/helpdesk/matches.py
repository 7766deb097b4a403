"""Which articles answer a contact: the topic, what stands under it, how often they did (H3)."""

from datetime import timedelta
from typing import Any

from piccolo.querystring import QueryString

from server import clock
from server.database import has_words
from server.database.conditions import among
from server.helpdesk import wordings
from server.helpdesk.articles import PUBLISHED
from server.helpdesk.tables import Article
from server.topics import procedures
from server.topics.masters import counting_under
from server.topics.tables import Topic

Row = dict[str, Any]

LATELY = timedelta(days=90)  # how far back an article counts as asked for


async def best(
    topic_id: int, procedure_id: int | None = None, words: str = "", limit: int = 5
) -> list[Row]:
    """The published articles that best answer a contact, at most `limit` (H3).

    Those on the topic, on what was merged into it and on the topic above; with `words` those
    that have them all, wherever they stand. First the same procedure, then the same topic, then
    what answered most contacts (`number`) in the last 90 days. Three statements at most.
    """
    own, above = await family(topic_id)
    sought = wordings.asked(words)
    about = (
        has_words("article", sought, by_index=True)
        if sought
        else among("article.topic", own + above)
    )
    query = QueryString(
        _MATCHES,
        clock.today() - LATELY,
        about,
        among("article.procedure", await _same_procedure(procedure_id)),
        among("article.topic", own),
        limit,
    )
    rows: list[Row] = await Article.raw("{}", query)
    return rows


async def answered(article_ids: list[int]) -> dict[int, int]:
    """How many contacts each of these articles has answered; none where there is no entry."""
    if not article_ids:
        return {}
    rows = await Article.raw("{}", QueryString(_ANSWERED, among("contact.article", article_ids)))
    return {row["article"]: row["number"] for row in rows}


async def family(topic_id: int) -> tuple[list[int], list[int]]:
    """A topic with whatever was merged into it; and the same of the topic above it."""
    rows = await Topic.select(Topic.id, Topic.parent, Topic.merged_into)
    standing = {row["id"]: row["merged_into"] or row["id"] for row in rows}
    own = standing.get(topic_id, topic_id)
    above = next((row["parent"] for row in rows if row["id"] == own), None)
    return counting_under(standing, own), counting_under(standing, standing[above]) if above else []


async def _same_procedure(procedure_id: int | None) -> list[int]:
    if procedure_id is None:
        return []
    standing = await procedures.standing()
    return counting_under(standing, standing.get(procedure_id, procedure_id))


# How often each article has answered a contact since a day. The cast keeps SQLite from walking
# every contact there ever was in the order of articles: 2 ms instead of 70 at 100,000 contacts.
ASKED = """(
    SELECT CAST(contact.article AS INTEGER) AS answer, COUNT(*) AS number FROM contact
    WHERE contact.contacted_on >= {} AND contact.voided_at IS NULL AND contact.article IS NOT NULL
    GROUP BY CAST(contact.article AS INTEGER)
) AS asked"""

_MATCHES = f"""
SELECT article.id, article.question, article.steps, article.staff_answer, article.topic,
    article.procedure, article.public, article.review_on, COALESCE(asked.number, 0) AS number
FROM article LEFT JOIN {ASKED} ON asked.answer = article.id
WHERE {PUBLISHED} AND {{}}
ORDER BY CASE WHEN {{}} THEN 0 ELSE 1 END, CASE WHEN {{}} THEN 0 ELSE 1 END,
    COALESCE(asked.number, 0) DESC, article.id DESC
LIMIT {{}}
"""  # noqa: S608

_ANSWERED = """
SELECT contact.article AS article, COUNT(*) AS number
FROM contact
WHERE {} AND contact.voided_at IS NULL
GROUP BY contact.article
"""
