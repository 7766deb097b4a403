"""What a course teaches: chosen on its form, kept with its history, gone with its draft."""

import json
import re
from collections.abc import Awaitable, Callable
from html import unescape
from typing import Any

import httpx
import pytest

from server import clock
from server.audit.tables import AuditEntry
from server.classes import courses, drafts, topics
from server.classes.tables import Course, CourseTopic
from server.database import writing
from server.refusals import Refused
from server.roles import Role
from server.topics.tables import Topic
from tests import factories
from tests.classes.staff_cast import ICT, course_facts, facts_of
from tests.databases import Database


@pytest.fixture
async def coordinator(
    database: Database, client_as: Callable[..., Awaitable[httpx.AsyncClient]]
) -> httpx.AsyncClient:
    await factories.make_municipality()
    return await client_as(Role.coordinator)


async def _retire(topic: Topic) -> None:
    async with writing():
        await Topic.update({Topic.retired_on: clock.today()}).where(Topic.id == topic.id)


async def test_a_course_teaches_what_was_chosen(database: Database) -> None:
    maps, photos = await factories.make_topic(name="地図"), await factories.make_topic(name="写真")

    course = await courses.create(await course_facts(topics=(photos.id, maps.id)), by=ICT)

    assert [row["name"] for row in await topics.taught(course["id"])] == ["地図", "写真"]


async def test_changing_the_topics_is_a_change_of_the_course(database: Database) -> None:
    maps, photos = await factories.make_topic(), await factories.make_topic()
    course = await courses.create(await course_facts(topics=(maps.id,)), by=ICT)

    now = await courses.update(
        course["id"], facts_of(course, topics=(photos.id,)), version=course["version"], by=ICT
    )

    assert now["version"] == course["version"] + 1
    assert await topics.ids(course["id"]) == (photos.id,)
    entry = await AuditEntry.select().order_by(AuditEntry.id, ascending=False).first()
    assert entry
    assert f'"topics": [{maps.id}]' in entry["facts"]
    assert f'"topics": [{photos.id}]' in entry["facts"]


async def test_saving_the_same_again_changes_nothing(database: Database) -> None:
    maps = await factories.make_topic()
    course = await courses.create(await course_facts(topics=(maps.id,)), by=ICT)

    now = await courses.update(
        course["id"], facts_of(course, topics=(maps.id,)), version=course["version"], by=ICT
    )

    assert now["version"] == course["version"]


async def test_a_retired_topic_is_not_chosen_anew_but_may_stay(database: Database) -> None:
    maps, photos = await factories.make_topic(name="地図"), await factories.make_topic()
    course = await courses.create(await course_facts(topics=(maps.id,)), by=ICT)
    await _retire(maps)

    with pytest.raises(Refused, match="地図"):
        await courses.create(await course_facts(topics=(maps.id,)), by=ICT)
    await courses.update(
        course["id"], facts_of(course, topics=(maps.id, photos.id)), version=1, by=ICT
    )

    assert await topics.ids(course["id"]) == (maps.id, photos.id)


async def test_a_discarded_draft_takes_its_topics_along(database: Database) -> None:
    maps = await factories.make_topic()
    course = await courses.create(await course_facts(topics=(maps.id,)), by=ICT)

    await drafts.discard(course["id"], version=course["version"], by=ICT)

    assert await CourseTopic.count() == 0


async def test_the_form_offers_the_topics_in_use(coordinator: httpx.AsyncClient) -> None:
    maps, old = await factories.make_topic(name="地図"), await factories.make_topic(name="昔のこと")
    await _retire(old)

    html = (await coordinator.get("/staff/courses/new")).text

    assert f'name="topics" value="{maps.id}"' in html
    assert "昔のこと" not in html


async def test_a_topic_retired_overnight_is_refused_by_name(
    coordinator: httpx.AsyncClient,
) -> None:
    old = await factories.make_topic(name="昔のこと")
    section = await factories.make_section()
    await _retire(old)

    answer = await coordinator.post(
        "/staff/courses/new", data=_typed(section=str(section.id), topics=str(old.id))
    )

    assert answer.status_code == 409
    assert "昔のこと" in answer.text
    assert 'value="地図の教室"' in answer.text
    assert await Course.count() == 0


async def test_an_address_begins_a_draft_for_a_topic_and_a_district(
    coordinator: httpx.AsyncClient,
) -> None:
    maps = await factories.make_topic(name="地図")
    await factories.make_room()
    venue = await factories.make_venue()
    room = await factories.make_room(venue=venue.id)
    section = await factories.make_section()

    wanted = f"title=地図の教室&topic={maps.id}&district={venue.district}&kind=consultation"
    html = (await coordinator.get(f"/staff/courses/new?{wanted}")).text
    assert 'value="地図の教室"' in html
    assert '<option selected value="consultation">' in html
    assert f'name="topics" value="{maps.id}" checked' in html

    posted = _typed(section=section.id, topics=maps.id, district=venue.district)
    answer = await coordinator.post("/staff/courses/new", data=posted)
    [course] = await Course.select()
    path = f"/staff/courses/{course['id']}"
    assert answer.headers["location"] == f"{path}/sessions/new?district={venue.district}"
    form = (await coordinator.get(answer.headers["location"])).text
    assert f'<option selected value="{venue.id}-{room.id}">' in form
    assert "地図" in (await coordinator.get(path)).text


async def test_an_address_begins_a_draft_with_the_words_of_another_class(
    coordinator: httpx.AsyncClient,
) -> None:
    maps, trains = await factories.make_topic(), await factories.make_topic()
    last = await factories.make_course(
        title="地図で出かけよう",
        reading="ちずででかけよう",
        description="行き先を調べます。",
        audience="はじめての方",
        bring="老眼鏡",
        fee=150,
        seats=7,
        scope="session",
        kind="consultation",
    )
    async with writing():
        await CourseTopic(course=last.id, topic=trains.id).save()
    wanted = f"title=地図の教室&topic={maps.id}&kind=smartphone"

    html = (await coordinator.get(f"/staff/courses/new?{wanted}&like={last.id}")).text

    assert "前回の教室「地図で出かけよう」の文を写しました" in html
    for words in ("地図で出かけよう", "ちずででかけよう", "はじめての方", "老眼鏡", "150", "7"):
        assert f'value="{words}"' in html
    assert ">行き先を調べます。</textarea>" in html.replace("\r\n", "")
    assert '<option selected value="consultation">' in html
    for topic in (maps, trains):
        assert f'name="topics" value="{topic.id}" checked' in html
    blank = re.search(r'href="(/staff/courses/new\?[^"]+)"', html)
    assert blank
    plain = (await coordinator.get(unescape(blank[1]))).text
    assert 'value="地図の教室"' in plain
    assert "老眼鏡" not in plain


@pytest.mark.parametrize("facts", [{"published_at": None}, {"kind": "supporter_training"}])
async def test_only_what_residents_may_read_of_is_copied(
    coordinator: httpx.AsyncClient, facts: dict[str, Any]
) -> None:
    course = await factories.make_course(title="ひみつの教室", **facts)

    html = (await coordinator.get(f"/staff/courses/new?like={course.id}")).text

    assert "ひみつの教室" not in html
    assert "前回の教室" not in html


@pytest.mark.parametrize(
    "query", ["topic=99999999999999&district=x&kind=party", "like=99999999999999", "like=x"]
)
async def test_nonsense_in_the_address_is_passed_over(
    coordinator: httpx.AsyncClient, query: str
) -> None:
    answer = await coordinator.get(f"/staff/courses/new?{query}")

    assert answer.status_code == 200


async def test_two_who_change_different_things_both_keep_theirs(
    coordinator: httpx.AsyncClient,
) -> None:
    maps, photos = await factories.make_topic(), await factories.make_topic(position=0)
    course = await courses.create(await course_facts(topics=(maps.id, photos.id)), by=ICT)
    path = f"/staff/courses/{course['id']}/edit"
    html = (await coordinator.get(path)).text
    opened = unescape(re.findall(r'name="opened"[^>]*value="([^"]*)"', html)[0])
    await courses.update(
        course["id"], facts_of(course, topics=(maps.id, photos.id), fee=500), version=1, by=ICT
    )

    section = course["section"]
    posted = _known(opened) | {"section": section, "topics": maps.id, "opened": opened}
    answer = await coordinator.post(path, data=posted | {"version": "1"})

    assert answer.headers["location"].endswith("done=merged")
    [now] = await Course.select()
    assert now["fee"] == 500
    assert await topics.ids(course["id"]) == (maps.id,)


def _known(opened: str) -> dict[str, Any]:
    return {name: value for name, value in json.loads(opened).items() if name != "topics"}


def _typed(**facts: Any) -> dict[str, Any]:
    return {
        "kind": "consultation",
        "title": "地図の教室",
        "reading": "ちずのきょうしつ",
        "fee": "0",
        "scope": "course",
        "seats": "10",
        "opens_on": "2026-12-01",
        "opens_time": "09:00",
        "closes_on": "2026-12-20",
        "closes_time": "17:00",
        **facts,
    }
