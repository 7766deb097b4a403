"""What counts with another topic or procedure once it is merged with it (H2)."""

from collections.abc import Sequence
from typing import Any

from piccolo.columns.combination import Where

from server.classes.tables import ClassSession, CourseTopic
from server.helpdesk import queries
from server.helpdesk.queries import ContactFilters
from server.helpdesk.tables import Article
from server.topics import masters
from server.topics.masters import Master
from server.topics.tables import Topic

Row = dict[str, Any]

MOST_NAMED = 100


async def along(table: Master, row_id: int) -> Row:
    """What counts under a topic or procedure, and those merged into it, as the lists have it.

    `contacts`: how many stand, None for more than the list counts; `articles` and `courses`: rows
    of `id` and `name`, the newest first, a course with the day of its first date, `held_on`.
    """
    standing = await masters.standing(table)
    ids = [row_id, *(each for each, under in standing.items() if under == row_id != each)]
    if table is Topic:
        return {
            "contacts": await queries.number(ContactFilters(topic=row_id)),
            "articles": await _articles(Article.topic.is_in(ids)),
            "courses": await _courses(ids),
        }
    return {
        "contacts": await queries.number(ContactFilters(procedure=row_id)),
        "articles": await _articles(Article.procedure.is_in(ids)),
        "courses": [],
    }


async def _articles(about: Where) -> list[Row]:
    return await (
        Article.select(Article.id, Article.question.as_alias("name"))
        .where(about)
        .order_by(Article.id, ascending=False)
    )


async def _courses(ids: Sequence[int]) -> list[Row]:
    course = CourseTopic.course
    rows = await (
        CourseTopic.select(course.id.as_alias("id"), course.title.as_alias("name"))
        .where(CourseTopic.topic.is_in(list(ids)))
        .order_by(course.id, ascending=False)
    )
    found: dict[int, Row] = {row["id"]: row | {"held_on": None} for row in rows}
    shown = list(found)[:MOST_NAMED]
    if shown:
        sessions = (
            await ClassSession.select(ClassSession.course, ClassSession.held_on)
            .where(ClassSession.course.is_in(shown))
            .order_by(ClassSession.held_on, ascending=False)
        )
        for session in sessions:
            found[session["course"]]["held_on"] = session["held_on"]
    return list(found.values())
