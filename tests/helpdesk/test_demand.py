"""H6: demand meets supply per topic and district, and what was asked around a class."""

from collections.abc import Awaitable, Callable
from datetime import date, datetime
from typing import Any

import httpx
import pytest

from server.classes.tables import ClassSession, CourseTopic, SessionReport
from server.database import writing
from server.helpdesk import demand, repeats
from server.roles import Role
from tests import factories
from tests.databases import Database
from tests.helpdesk.opened import links, rows_of
from tests.helpdesk.quarter import contact, japan
from tests.statements import counted

ClientAs = Callable[..., Awaitable[httpx.AsyncClient]]
Row = dict[str, Any]


@pytest.fixture(autouse=True)
async def now(database: Database, frozen_now: datetime) -> None:
    """Saturday 21 November 2026, 10 in the morning, for every test here."""


async def taught(topic: int, district: int | None, starts: str, **facts: Any) -> Row:
    """A session on a topic in a district, with a course of its own."""
    course_facts = {name: facts.pop(name) for name in COURSE if name in facts}
    course = await factories.make_course(**course_facts)
    venue = await factories.make_venue(district=district)
    session = await factories.make_class_session(
        course=course.id, venue=venue.id, starts_at=japan(starts), **facts
    )
    async with writing():
        await CourseTopic(course=course.id, topic=topic).save()
    return {"course_id": course.id, "session_id": session.id}


COURSE = (
    "seats", "taken", "closes_at", "published_at", "called_off_at", "kind", "scope", "listed",
    "opens_at", "admission",
)  # fmt: skip


async def place() -> tuple[int, int, int]:
    """A topic, a district and a desk."""
    topic = await factories.make_topic(name="地図")
    district = await factories.make_district(name="北地区")
    desk = await factories.make_desk()
    return topic.id, district.id, desk.id


def line(rows: list[Row]) -> list[tuple[Any, ...]]:
    names = ("topic_id", "district_id", "number", "seats_left", "missing")
    return [(*(row[name] for name in names), len(row["sessions"])) for row in rows]


async def test_h6_contacts_of_ninety_days_beside_classes_of_sixty(database: Database) -> None:
    topic, north, desk = await place()
    for day in ("2026-08-24 00:00", "2026-11-21 09:00"):  # the first and the last of ninety days
        await contact(day, desk, topic, district=north)
    await contact("2026-08-23 23:59", desk, topic, district=north)
    await contact("2026-11-20 10:00", desk, topic, district=north, number=9, tally=True)

    assert line(await demand.listed()) == [(topic, north, 11, 0, 11, 0)]

    await taught(topic, north, "2027-01-20 23:00", seats=8, taken=5)  # the sixtieth day
    await taught(topic, north, "2027-01-21 00:00")
    await taught(topic, north, "2026-11-21 09:00")  # has begun
    assert line(await demand.listed()) == [(topic, north, 11, 3, 8, 1)]


async def test_h6_only_what_residents_can_apply_for_meets_demand(database: Database) -> None:
    topic, north, desk = await place()
    south = (await factories.make_district()).id
    other = (await factories.make_topic()).id
    await contact("2026-11-20 10:00", desk, topic, district=north)
    coming = "2026-12-01 10:00"
    await taught(topic, north, coming, published_at=None)
    await taught(topic, north, coming, called_off_at=japan("2026-11-20 10:00"))
    await taught(topic, north, coming, kind="supporter_training")
    off = await taught(topic, north, coming)
    async with writing():
        await ClassSession.update({ClassSession.called_off_at: japan("2026-11-20 10:00")}).where(
            ClassSession.id == off["session_id"]
        )
    await taught(topic, north, coming, listed=False)
    await taught(topic, south, coming)
    await taught(other, north, coming)
    assert line(await demand.listed()) == [(topic, north, 1, 0, 1, 0)]

    await taught(topic, north, coming, closes_at=japan("2026-11-21 09:00"))
    await taught(topic, north, coming, seats=5, taken=5)
    assert line(await demand.listed()) == [(topic, north, 1, 0, 1, 2)]


async def test_h6_places_of_a_whole_course_count_once(database: Database) -> None:
    topic, north, desk = await place()
    await contact("2026-11-20 10:00", desk, topic, district=north, number=30, tally=True)
    whole = await taught(topic, north, "2026-12-01 10:00", seats=10, taken=4)
    venue = await factories.make_venue(district=north)
    await factories.make_class_session(
        course=whole["course_id"], venue=venue.id, number=2, starts_at=japan("2026-12-08 10:00")
    )
    single = await taught(topic, north, "2026-12-02 10:00", scope="session", seats=0)
    await factories.make_class_session(
        course=single["course_id"], venue=venue.id, number=2, seats=3, taken=1,
        starts_at=japan("2026-12-09 10:00"),
    )  # fmt: skip
    assert line(await demand.listed()) == [(topic, north, 30, 8, 22, 4)]


async def test_h2_h6_merged_topics_count_together_and_a_class_serves_what_lies_below(
    database: Database,
) -> None:
    topic, north, desk = await place()
    below = (await factories.make_topic(parent=topic)).id
    merged = (await factories.make_topic(merged_into=below)).id
    await contact("2026-11-20 10:00", desk, below, district=north)
    await contact("2026-11-20 10:00", desk, merged, district=north)
    await taught(topic, north, "2026-12-01 10:00", seats=1)
    await taught(merged, north, "2026-12-02 10:00", seats=1)
    assert line(await demand.listed()) == [(below, north, 2, 2, 0, 2)]


async def test_h6_what_lacks_most_stands_first_and_no_district_is_the_whole_city(
    database: Database,
) -> None:
    topic, north, desk = await place()
    south = (await factories.make_district()).id
    for _ in range(3):
        await contact("2026-11-20 10:00", desk, topic)
    for _ in range(2):
        await contact("2026-11-20 10:00", desk, topic, district=north)
    await contact("2026-11-20 10:00", desk, topic, district=south)
    await taught(topic, south, "2026-12-01 10:00", seats=1)
    assert line(await demand.listed()) == [
        (topic, None, 3, 1, 2, 1),
        (topic, north, 2, 0, 2, 0),
        (topic, south, 1, 1, 0, 1),
    ]


async def test_t5_demand_opens_its_contacts_and_a_prefilled_draft(
    database: Database, client_as: ClientAs
) -> None:
    topic, north, desk = await place()
    await contact("2026-11-20 10:00", desk, topic, district=north)
    await contact("2026-11-20 10:00", desk, topic)
    coordinator = await client_as(Role.coordinator)
    answer = await coordinator.get("/staff/learning/demand")
    assert answer.status_code == 200
    assert "この地区では、この分野の教室が予定されていません" in answer.text

    opened = links(answer.text, "/staff/contacts")
    assert [number for _, number in opened] == [1, 1]
    for asked, number in opened:
        assert await rows_of(asked) == number
        assert (await coordinator.get("/staff/contacts", params=asked)).status_code == 200
    hrefs = [part.split('"')[0] for part in answer.text.split('href="')[1:]]
    drafts = [each.replace("&amp;", "&") for each in hrefs if "/staff/courses/new?" in each]
    form = await coordinator.get(drafts[0])
    assert (form.status_code, "地図の教室" in form.text) == (200, True)

    helper = await client_as(Role.helpdesk)  # makes no courses
    assert "/staff/courses/new" not in (await helper.get("/staff/learning/demand")).text


async def test_h6_a_suggestion_begins_with_the_words_of_the_last_class(
    database: Database, client_as: ClientAs
) -> None:
    topic, north, desk = await place()
    merged = (await factories.make_topic(merged_into=topic)).id
    await contact("2026-11-20 10:00", desk, topic, district=north)
    await taught(topic, north, "2026-09-01 10:00")
    last = await taught(merged, north, "2026-10-01 10:00", kind="consultation")
    await taught(topic, north, "2026-12-01 10:00", published_at=None)
    await taught(topic, north, "2026-12-01 10:00", called_off_at=japan("2026-11-20 10:00"))
    await taught(topic, north, "2026-12-01 10:00", kind="supporter_training")

    (row,) = await demand.listed()

    assert (row["last"]["course"], row["last"]["kind"]) == (last["course_id"], "consultation")
    coordinator = await client_as(Role.coordinator)
    page = (await coordinator.get("/staff/learning/demand")).text
    assert f"kind=consultation&amp;like={last['course_id']}" in page


async def test_h6_a_draft_on_the_topic_is_told_so_that_nobody_makes_a_second(
    database: Database, client_as: ClientAs
) -> None:
    topic, north, desk = await place()
    await contact("2026-11-20 10:00", desk, topic, district=north)
    draft = await taught(topic, north, "2026-12-01 10:00", published_at=None)
    elsewhere = (await factories.make_district()).id
    await taught(topic, elsewhere, "2026-12-01 10:00", published_at=None)
    await taught(
        topic,
        north,
        "2026-12-02 10:00",
        published_at=None,
        called_off_at=japan("2026-11-20 10:00"),
    )

    (row,) = await demand.listed()

    assert [each["course_id"] for each in row["drafts"]] == [draft["course_id"]]
    page = (await (await client_as(Role.coordinator)).get("/staff/learning/demand")).text
    assert f'href="/staff/courses/{draft["course_id"]}"' in page
    assert "もう一つ下書きをつくる" in page


async def test_as_many_statements_for_many_topics_as_for_one(database: Database) -> None:
    topic, north, desk = await place()
    await contact("2026-11-20 10:00", desk, topic, district=north)
    with counted() as few:
        await demand.listed()
    for _ in range(10):
        other = (await factories.make_topic()).id
        await contact("2026-11-20 10:00", desk, other, district=north)
        await taught(other, north, "2026-12-01 10:00")
    with counted() as many:
        await demand.listed()
    assert len(many) == len(few)


async def held(topic: int, district: int, starts: str) -> Row:
    """A session that took place."""
    session = await taught(topic, district, starts)
    async with writing():
        await SessionReport(
            session=session["session_id"], outcome="held", head_count=5, incidents="",
            effective_on=date.fromisoformat(starts[:10]), recorded_at=japan(starts),
            void_reason="",
        ).save()  # fmt: skip
    return session


async def test_h6_t5_contacts_on_the_topic_around_a_class_in_its_district(
    database: Database, client_as: ClientAs
) -> None:
    topic, north, desk = await place()
    south = (await factories.make_district()).id
    merged = (await factories.make_topic(merged_into=topic)).id
    await held(topic, north, "2026-09-15 10:00")
    planned = await taught(topic, north, "2026-09-16 10:00")  # nobody has reported it (T3)
    for day in ("2026-08-15", "2026-08-16", "2026-09-14", "2026-09-15"):
        await contact(f"{day} 10:00", desk, topic, district=north)
    for day in ("2026-09-16", "2026-10-15", "2026-10-16"):
        await contact(f"{day} 10:00", desk, merged, district=north, number=3, tally=True)
    await contact("2026-09-10 10:00", desk, topic, district=south)
    await contact("2026-09-10 10:00", desk, topic)

    rows = await repeats.after_classes(date(2026, 4, 1), date(2026, 11, 21))
    assert [(row["topic_name"], row["before"], row["after"], row["over"]) for row in rows] == [
        ("地図", 2, 6, True)
    ]
    assert planned["session_id"] not in {row["session_id"] for row in rows}

    text = (await (await client_as(Role.helpdesk)).get("/staff/learning/classes")).text
    opened = links(text, "/staff/contacts")
    assert [number for _, number in opened] == [2, 6]
    for asked, number in opened:
        assert await rows_of(asked) == number


async def test_p1_t5_a_section_counts_what_it_may_read_around_a_class(
    database: Database, client_as: ClientAs
) -> None:
    topic, north, desk = await place()
    section = await factories.make_section()
    own = await factories.make_desk(section=section.id)
    await held(topic, north, "2026-09-15 10:00")
    for at in (desk, own.id):
        await contact("2026-09-14 10:00", at, topic, district=north)

    coordinator = await client_as(Role.coordinator, section=section.id)
    text = (await coordinator.get("/staff/learning/classes")).text

    assert [number for _, number in links(text, "/staff/contacts")] == [1]


async def test_h6_thirty_days_that_are_not_over_say_so(
    database: Database, client_as: ClientAs
) -> None:
    topic, north, desk = await place()
    await held(topic, north, "2026-11-10 10:00")
    await contact("2026-11-12 10:00", desk, topic, district=north)
    (row,) = await repeats.after_classes(date(2026, 4, 1), date(2026, 11, 21))
    assert (row["after"], row["until"], row["over"]) == (1, date(2026, 12, 10), False)

    answer = await (await client_as(Role.helpdesk)).get("/staff/learning/classes")
    assert "12月10日（木）まで集計中" in answer.text
    sheet = await (await client_as(Role.helpdesk)).get("/staff/learning/classes?format=csv")
    assert sheet.content.decode("utf-8-sig").splitlines()[1].startswith("2026-11-10,")
