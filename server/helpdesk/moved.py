"""What counts with another topic or procedure once it is merged with it (H2)."""

from datetime import date
from typing import Any

from piccolo.columns.combination import Where

from server.classes.tables import Course
from server.database.conditions import among
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
    ids = masters.counting_under(await masters.standing(table), row_id)
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


async def _courses(topic_ids: list[int]) -> list[Row]:
    rows = await Course.raw(_COURSES, among("course_topic.topic", topic_ids))
    first = {row["id"]: row for row in rows}  # the last of a course's rows is its first date
    return sorted(first.values(), key=lambda row: row["held_on"] or date.max, reverse=True)


_COURSES = """
SELECT course.id, course.title AS name, class_session.held_on
FROM course
LEFT JOIN class_session ON class_session.course = course.id
WHERE course.id IN (SELECT course_topic.course FROM course_topic
    WHERE {})
ORDER BY course.id, class_session.held_on DESC
"""
