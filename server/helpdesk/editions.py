"""What an article said after each change, and its pictures, which go along with their step."""

from difflib import SequenceMatcher
from typing import Any

from server.helpdesk.tables import ArticleEdition, ArticlePicture
from server.roles import Actor

Row = dict[str, Any]

WORDS = ("question", "steps", "staff_answer")  # what an edition keeps


async def add(article: Row, *, by: Actor) -> None:
    """Keep what an article says now; inside the change that saved it."""
    edition = ArticleEdition(
        article=article["id"],
        number=1 + await ArticleEdition.count().where(ArticleEdition.article == article["id"]),
        changed_at=article["changed_at"],
        changed_by=by.id,
        **{name: article[name] for name in WORDS},
    )
    await ArticleEdition.insert(edition)


async def move_pictures(article_id: int, was: str, now: str) -> None:
    """Pictures go along with their step where steps were added, taken out or changed before it."""
    before, after = was.splitlines(), now.splitlines()
    places: dict[int, int] = {}
    for _, start, end, new_start, new_end in SequenceMatcher(
        None, before, after, autojunk=False
    ).get_opcodes():
        for place in range(start, end):
            last = max(new_end - 1, new_start - 1, 0)
            places[place + 1] = 1 + min(new_start + place - start, last)
    live = (ArticlePicture.article == article_id) & ArticlePicture.voided_at.is_null()
    for row in await ArticlePicture.select(ArticlePicture.id, ArticlePicture.step).where(live):
        step = places.get(row["step"], row["step"])
        if step != row["step"]:
            await ArticlePicture.update({ArticlePicture.step: step}).where(
                ArticlePicture.id == row["id"]
            )


async def listed(article_id: int) -> list[Row]:
    """What an article said, the newest edition first, each with `changed_by_name`."""
    rows: list[Row] = await ArticleEdition.raw(_LISTED, article_id)
    return rows


_LISTED = """
SELECT article_edition.number, article_edition.question, article_edition.steps,
    article_edition.staff_answer, article_edition.changed_at, account.name AS changed_by_name
FROM article_edition LEFT JOIN account ON account.id = article_edition.changed_by
WHERE article_edition.article = {}
ORDER BY article_edition.number DESC
"""
