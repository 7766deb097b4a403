"""What is looked for among the articles, and what none of them answers."""

from collections import defaultdict
from typing import Any

from piccolo.querystring import QueryString

from server import clock
from server.accounts.tables import Account
from server.database import has_words
from server.database.conditions import among, every
from server.helpdesk import wordings
from server.helpdesk.articles import PUBLISHED
from server.helpdesk.matches import ASKED, LATELY, family
from server.helpdesk.tables import Article
from server.topics import topics

Row = dict[str, Any]

PAGE = 50
NEAREST = 10  # what is shown where no article has every word
STATES = {
    "published": PUBLISHED,
    "draft": "article.published_at IS NULL AND article.retired_at IS NULL",
    "retired": "article.retired_at IS NOT NULL",
}


async def search(
    words: str = "",
    topic_id: int | None = None,
    page: int = 1,
    *,
    public: bool,
    state: str = "published",
    size: int = PAGE,
) -> tuple[list[Row], bool]:
    """A page of the articles on the topic that hold what the words say; and are there more?

    What is said in the question comes before keywords and steps, then what answered most
    contacts in the last 90 days (`number`), then the newest. Where none has every word, the
    nearest ten: rows that are not `exact`. `public`: only those that residents may read. Two
    statements.
    """
    about = [QueryString(STATES[state])]
    if public:
        about.append(QueryString("article.public"))
    if topic_id is not None:
        own, _ = await family(topic_id)
        about.append(among("article.topic", own))
    sought = wordings.asked(words)
    if words and not sought:
        return [], False
    query = QueryString(
        _FOUND,
        _scored(sought) if sought else QueryString(_EVERY),
        clock.today() - LATELY,
        every(about),
        size + 1,
        (page - 1) * size,
    )
    rows: list[Row] = await Article.raw("{}", query)
    for row in rows:
        row["exact"] = row["found"] == len(sought)
    if rows and page == 1 and not rows[0]["exact"]:
        return rows[:NEAREST], False
    exact = [row for row in rows if row["exact"]]
    return exact[:size], len(exact) > size


def _scored(sought: list[str]) -> QueryString:
    """Of each article how many of the words it has; how many in its question, its keywords.

    One look into the index for a word and a place: quick however many articles there are.
    """
    places = (("", "1, 0, 0"), (wordings.IN_QUESTION, "0, 1, 0"), (wordings.IN_KEYWORDS, "0, 0, 1"))
    hits = [
        QueryString(
            f"{_HIT.format(score)} {{}}", has_words("article", [mark + word], by_index=True)
        )
        for word in sought
        for mark, score in places
    ]
    return QueryString(_SCORES, QueryString(" UNION ALL ".join(["{}"] * len(hits)), *hits))


async def public_topics() -> list[Row]:
    """The topics in use about which residents find something: id, name, number of articles.

    What stands on a merged topic counts with the one that it was merged into. Two statements.
    """
    counts: dict[int, int] = defaultdict(int)
    every = await topics.everything()
    standing = {row["id"]: row["merged_into"] or row["id"] for row in every}
    for row in await Article.raw(_PER_TOPIC):
        counts[standing[row["topic"]]] += row["number"]
    return [
        {"id": row["id"], "name": row["name"], "number": counts[row["id"]]}
        for row in every
        if row["in_use"] and row["id"] in counts
    ]


def is_public(article: Row) -> bool:
    """May residents read it?"""
    in_use = article["published_at"] is not None and article["retired_at"] is None
    return bool(article["public"]) and in_use


async def shown(article_id: int) -> Row | None:
    """One article with the names of what it belongs to; None where there is no such."""
    row: Row | None = await (
        Article.select(
            *Article.all_columns(),
            Article.topic.name.as_alias("topic_name"),
            Article.procedure.name.as_alias("procedure_name"),
            Article.procedure.address.as_alias("procedure_address"),
            Article.section.name.as_alias("section_name"),
            Article.owner.name.as_alias("owner_name"),
            Article.owner.disabled_at.as_alias("owner_left_at"),
        )
        .where(Article.id == article_id)
        .first()
    )
    return row


async def owners() -> list[tuple[int, str]]:
    """Who can look after an article: the helpdesk and coordinators who are still here."""
    rows = await Account.raw(_OWNERS)
    return [(row["id"], row["name"]) for row in rows]


# Whole columns and counts only: SQLite knows the type of a column, not of an expression.
_FOUND = f"""
SELECT article.id, article.question, article.public, article.review_on, article.published_at,
    article.retired_at, article.topic, article.procedure, article.section, found.number,
    found.found, topic.name AS topic_name, procedure.name AS procedure_name,
    account.name AS owner_name, account.disabled_at AS owner_left_at
FROM (
    SELECT article.id AS found_id, COALESCE(asked.number, 0) AS number, scored.found,
        scored.titled, scored.named
    FROM {{}} JOIN article ON article.id = scored.answer
    LEFT JOIN {ASKED} ON asked.answer = article.id
    WHERE {{}}
    ORDER BY scored.found DESC, scored.titled DESC, scored.named DESC,
        COALESCE(asked.number, 0) DESC, article.id DESC
    LIMIT {{}} OFFSET {{}}
) AS found
JOIN article ON article.id = found.found_id
JOIN topic ON topic.id = article.topic
LEFT JOIN procedure ON procedure.id = article.procedure
LEFT JOIN account ON account.id = article.owner
ORDER BY found.found DESC, found.titled DESC, found.named DESC, found.number DESC, article.id DESC
"""  # noqa: S608

_EVERY = """(
    SELECT article.id AS answer, 0 AS found, 0 AS titled, 0 AS named FROM article
) AS scored"""

_SCORES = """(
    SELECT hit.answer, SUM(hit.found) AS found, SUM(hit.titled) AS titled, SUM(hit.named) AS named
    FROM (SELECT 0 AS answer, 0 AS found, 0 AS titled, 0 AS named UNION ALL {}) AS hit
    GROUP BY hit.answer
) AS scored"""

_HIT = "SELECT article.id, {} FROM article WHERE"

_PER_TOPIC = f"""
SELECT article.topic AS topic, COUNT(*) AS number FROM article
WHERE article.public AND {STATES["published"]} GROUP BY article.topic
"""  # noqa: S608

_OWNERS = """
SELECT account.id, account.name FROM account
WHERE account.disabled_at IS NULL AND account.id IN (
    SELECT account_role.account FROM account_role
    WHERE account_role.role IN ('helpdesk', 'coordinator'))
ORDER BY account.name, account.id
"""
