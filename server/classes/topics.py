"""The topics (分野) that a course teaches: how a class finds who asks about it (H3, H6)."""

from collections.abc import Iterable
from typing import Any

from server import clock
from server.classes.tables import PUBLIC_KINDS, Course, CourseTopic
from server.topics import topics

Row = dict[str, Any]


async def taught(course_id: int) -> list[Row]:
    """The topics of a course in the city's order: `id` and `name`, retired ones too."""
    topic = CourseTopic.topic
    return await (
        CourseTopic.select(topic.id.as_alias("id"), topic.name.as_alias("name"))
        .where(CourseTopic.course == course_id)
        .order_by(topic.position, topic.id)
    )


async def ids(course_id: int) -> tuple[int, ...]:
    """The topics of a course by id, the smallest first."""
    return tuple(sorted(row["id"] for row in await taught(course_id)))


async def texts(course_id: int) -> Row | None:
    """What another class on its topics may begin with: all that is not about date and place.

    None where there is no such class that residents may read of.
    """
    copied = (
        Course.kind,
        Course.title,
        Course.reading,
        Course.description,
        Course.audience,
        Course.bring,
        Course.fee,
        Course.section,
        Course.scope,
        Course.seats,
    )
    shown = Course.published_at.is_not_null() & Course.kind.is_in(list(PUBLIC_KINDS))
    found = await Course.select(*copied).where((Course.id == course_id) & shown).first()
    if found is None:
        return None
    return found | {"seats": found["seats"] or None, "topics": await ids(course_id)}


async def set_topics(course_id: int, topic_ids: Iterable[int], known: Iterable[int] = ()) -> None:
    """Make a course teach these topics; `known` are those that it teaches.

    Refused where one that is new to it is not offered today; one that has been retired since
    may stay. Belongs inside the change of the course.
    """
    wanted, kept = set(topic_ids), set(known)
    for topic_id in sorted(wanted - kept):
        await topics.check_offered(topic_id, clock.today())
    if kept - wanted:
        gone = CourseTopic.topic.is_in(sorted(kept - wanted))
        await CourseTopic.delete().where((CourseTopic.course == course_id) & gone)
    if wanted - kept:
        rows = [CourseTopic(course=course_id, topic=each) for each in sorted(wanted - kept)]
        await CourseTopic.insert(*rows)
