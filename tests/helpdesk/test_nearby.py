"""H3: the next open classes on what somebody asks about, nearest to where she lives."""

from datetime import timedelta
from typing import Any

import pytest

from server import clock
from server.classes.tables import BookingScope, CourseKind, CourseTopic
from server.database import writing
from server.helpdesk import nearby
from server.web.pages import environment
from tests import factories
from tests.statements import counted

pytestmark = pytest.mark.usefixtures("database", "frozen_now")


async def make_class(topic: int, *, days: int = 7, title: str, **facts: Any) -> int:
    """An open class on a topic at a venue of its own, unless `venue` says which."""
    place = {"venue": facts.pop("venue")} if "venue" in facts else {}
    seats = {"seats": 5, "taken": facts.pop("held_taken", 0)}
    course = await factories.make_course(title=title, **facts)
    await factories.make_class_session(
        course=course.id, starts_at=clock.now() + timedelta(days=days), **place, **seats
    )
    async with writing():
        await CourseTopic.insert(CourseTopic(course=course.id, topic=topic))
    return int(course.id)


async def titles(topic: int, district: int | None = None, limit: int = 9) -> list[str]:
    return [row["title"] for row in await nearby.open_classes(topic, district, limit)]


async def test_h3_the_callers_district_comes_first_then_the_nearest_then_the_soonest() -> None:
    topic = (await factories.make_topic()).id
    own = await factories.make_venue(latitude=34.90, longitude=136.60)
    near = await factories.make_venue(latitude=34.93, longitude=136.60)
    far = await factories.make_venue(latitude=35.10, longitude=136.60)
    nowhere = await factories.make_venue(latitude=None, longitude=None)
    await make_class(topic, title="far, soon", venue=far.id, days=1)
    await make_class(topic, title="near, late", venue=near.id, days=9)
    await make_class(topic, title="near, soon", venue=near.id, days=2)
    await make_class(topic, title="own, late", venue=own.id, days=10)
    await make_class(topic, title="place unknown", venue=nowhere.id, days=1)

    assert await titles(topic, own.district) == [
        "own, late",
        "near, soon",
        "near, late",
        "far, soon",
        "place unknown",
    ]
    assert (await titles(topic, own.district, limit=2)) == ["own, late", "near, soon"]


async def test_h3_without_a_district_the_soonest_comes_first() -> None:
    topic = (await factories.make_topic()).id
    await make_class(topic, title="later", days=3)
    await make_class(topic, title="sooner", days=2)

    assert await titles(topic) == ["sooner", "later"]


async def test_h3_only_what_can_be_booked_now_is_offered() -> None:
    topic, now = (await factories.make_topic()).id, clock.now()
    await make_class(topic, title="open")
    await make_class(topic, title="full", seats=3, taken=3)
    await make_class(topic, title="no date has a seat", scope=BookingScope.session, held_taken=5)
    await make_class(topic, title="draft", published_at=None)
    await make_class(topic, title="closed", closes_at=now - timedelta(minutes=1))
    await make_class(topic, title="not yet", opens_at=now + timedelta(minutes=1))
    await make_class(topic, title="called off", called_off_at=now)
    await make_class(topic, title="training", kind=CourseKind.supporter_training)
    await make_class((await factories.make_topic()).id, title="on something else")

    assert await titles(topic) == ["open"]


async def test_h2_h3_topics_above_below_and_merged_ones_count() -> None:
    top = await factories.make_topic()
    under = await factories.make_topic(parent=top.id)
    beside = await factories.make_topic(parent=top.id)
    old = await factories.make_topic(merged_into=under.id, retired_on=clock.today())
    for days, (topic, title) in enumerate(
        [(top, "top"), (under, "under"), (beside, "beside"), (old, "old")], 1
    ):
        await make_class(topic.id, title=title, days=days)

    assert await titles(top.id) == ["top", "under", "beside", "old"]
    assert await titles(under.id) == ["top", "under", "old"]
    assert await titles(old.id) == ["top", "under", "old"]


async def test_h3_a_course_stands_there_once_with_the_date_to_pick() -> None:
    topic = (await factories.make_topic()).id
    course = await make_class(topic, title="choose", scope=BookingScope.session, seats=0)
    later = await factories.make_class_session(
        course=course, seats=5, starts_at=clock.now() + timedelta(days=8)
    )
    whole = await make_class(topic, title="all of it", days=20)
    first, second = await nearby.open_classes(topic, None)

    assert (first["course_id"], first["seats_left"]) == (course, 5)
    assert first["session_id"] not in (None, later.id)
    assert (second["course_id"], second["session_id"]) == (whole, None)
    button: Any = environment().globals["nearby_classes"]
    words = str(button([first, second], 4))
    assert f'value="{course}:{first["session_id"]}"' in words
    assert f'value="{whole}"' in words
    assert 'formaction="/staff/desks/4/booking"' in words


async def test_one_statement_for_thirty_as_for_one() -> None:
    topic = (await factories.make_topic()).id
    for number in range(5):
        await make_class(topic, title=f"class {number}")
    with counted() as sent:
        await nearby.open_classes(topic, None)

    assert len(sent) == 1


async def test_h3_a_date_that_was_called_off_is_not_offered() -> None:
    topic = (await factories.make_topic()).id
    gone: dict[str, Any] = {"called_off_at": clock.now(), "seats": 5}
    course = await make_class(topic, title="choose", scope=BookingScope.session, days=8)
    await factories.make_class_session(
        course=course, starts_at=clock.now() + timedelta(days=2), **gone
    )
    whole = await make_class(topic, title="all of it", days=20)
    await factories.make_class_session(
        course=whole, starts_at=clock.now() + timedelta(days=3), **gone
    )

    rows = await nearby.open_classes(topic, None)

    days = {row["title"]: (row["starts_at"] - clock.now()).days for row in rows}
    assert days == {"choose": 8, "all of it": 20}


async def test_h3_near_is_measured_from_the_callers_district() -> None:
    """Not from the middle of the city, which lies further north here."""
    topic = (await factories.make_topic()).id
    home = await factories.make_venue(latitude=34.90, longitude=136.60)
    near = await factories.make_venue(latitude=34.95, longitude=136.60)
    middle = await factories.make_venue(latitude=35.20, longitude=136.60)
    await factories.make_venue(latitude=36.00, longitude=136.60)
    await make_class(topic, title="of the middle", venue=middle.id, days=1)
    await make_class(topic, title="near", venue=near.id, days=2)

    assert await titles(topic, home.district) == ["near", "of the middle"]
