"""H1, H3, P1, P2: the desk page as it is shown, and to whom."""

import re
from collections.abc import Awaitable, Callable
from datetime import datetime

import httpx
import pytest

from server import clock
from server.audit.tables import AuditEntry
from server.classes.tables import CourseTopic
from server.database import writing
from server.helpdesk.tables import Desk
from server.roles import Role
from server.topics import topics
from server.topics.tables import Topic
from tests import factories
from tests.classes.staff_cast import ICT
from tests.databases import Database
from tests.helpdesk.desk_cast import PRESS, SCRIPT, entered, press, tapped
from tests.statements import counted

ClientAs = Callable[..., Awaitable[httpx.AsyncClient]]


@pytest.fixture(autouse=True)
async def here(database: Database, frozen_now: datetime) -> None:
    """Saturday 21 November 2026, 10 in the morning, for every test here."""
    await factories.make_municipality()


@pytest.fixture
async def desk() -> Desk:
    return await factories.make_desk(name="本庁相談窓口", phone_minutes=12)


@pytest.fixture
async def topic() -> Topic:
    return await factories.make_topic(name="写真・動画")


async def test_h1_the_way_is_chosen_already(client_as: ClientAs, topic: Topic) -> None:
    mari = await client_as(Role.helpdesk)
    venue = await factories.make_venue()
    for building, channel in ((None, "phone"), (venue.id, "counter")):
        desk = await factories.make_desk(venue=building)

        words = (await mari.get(f"/staff/desks/{desk.id}")).text

        chosen = re.findall(r'name="(\w+)" value="(\w+)" checked', words)
        assert ("channel", channel) in chosen
        assert {name for name, _value in chosen} == {"channel"}


async def test_h1_save_and_keep_keeps_what_is_of_no_person(
    client_as: ClientAs, desk: Desk, topic: Topic
) -> None:
    mari = await client_as(Role.helpdesk)
    district = await factories.make_district()
    typed = tapped(topic, district=district.id, age_band="70s", note="送り方", save="keep")

    answer = await press(mari, desk, typed)
    words = (await mari.get(answer.headers["location"])).text

    chosen = dict(re.findall(r'name="(\w+)" value="([\w-]+)" checked', words))
    assert chosen == {
        "topic": str(topic.id),
        "channel": "phone",
        "outcome": "answered",
        "district": str(district.id),
        "age_band": "70s",
    }
    assert "送り方" not in words.split('id="last"')[0]
    fresh = re.findall(r'name="submission"[^>]*value="([^"]+)"', words)
    assert fresh != [PRESS]


async def test_the_page_takes_as_many_statements_for_thirty_contacts(
    client_as: ClientAs, desk: Desk, topic: Topic
) -> None:
    mari = await client_as(Role.helpdesk)
    await factories.make_contact(desk=desk.id, topic=topic.id)
    await mari.get(f"/staff/desks/{desk.id}")
    with counted() as one:
        await mari.get(f"/staff/desks/{desk.id}")
    for _ in range(29):
        await factories.make_contact(desk=desk.id)
    await mari.get(f"/staff/desks/{desk.id}")
    with counted() as thirty:
        await mari.get(f"/staff/desks/{desk.id}")

    assert len(thirty) == len(one)


async def test_whose_time_has_run_out_keeps_what_she_typed(
    client: httpx.AsyncClient, client_as: ClientAs, desk: Desk, topic: Topic
) -> None:
    typed = tapped(topic, note="送り方 <がわからない")

    answer = await press(client, desk, typed)
    told = await press(client, desk, typed, **SCRIPT)

    assert (answer.status_code, told.status_code) == (401, 401)
    assert told.json()["words"]
    kept = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', answer.text))
    assert kept == {
        "topic": str(topic.id),
        "channel": "phone",
        "outcome": "answered",
        "submission": PRESS,
        "note": "送り方 &lt;がわからない",
    }
    assert f'action="/staff/desks/{desk.id}/contacts"' in answer.text
    assert await entered() == []


async def test_p1_a_supporter_or_another_site_logs_nothing(
    client: httpx.AsyncClient, client_as: ClientAs, desk: Desk, topic: Topic
) -> None:
    haruko = await client_as(Role.supporter)
    mari = await client_as(Role.helpdesk)

    answers = [
        await press(haruko, desk, tapped(topic)),
        await press(mari, desk, tapped(topic), **{"sec-fetch-site": "cross-site"}),
        await press(client, desk, tapped(topic), **{"sec-fetch-site": "cross-site"}),
    ]

    assert [answer.status_code for answer in answers] == [403, 403, 403]
    assert await entered() == []


async def test_p1_venue_staff_open_the_desk_of_their_building_at_once(
    client_as: ClientAs, desk: Desk, topic: Topic
) -> None:
    venue = await factories.make_venue()
    own = await factories.make_desk(venue=venue.id)
    tomo = await client_as(Role.venue, venue=venue.id)

    assert (await tomo.get("/staff/desks")).headers["location"] == f"/staff/desks/{own.id}"
    assert (await tomo.get(f"/staff/desks/{desk.id}")).status_code == 403
    assert (await press(tomo, desk, tapped(topic), **SCRIPT)).status_code == 409
    assert (await press(tomo, own, tapped(topic))).status_code == 303


async def test_a_desk_no_longer_in_use_is_not_opened(
    client_as: ClientAs, desk: Desk, topic: Topic
) -> None:
    mari = await client_as(Role.helpdesk)
    async with writing():
        await Desk.update({Desk.archived_at: clock.now()}).where(Desk.id == desk.id)

    assert (await mari.get(f"/staff/desks/{desk.id}")).status_code == 409
    assert (await press(mari, desk, tapped(topic), **SCRIPT)).status_code == 409
    assert (await mari.get("/staff/desks/2000000")).status_code == 404


@pytest.mark.parametrize("more", [{}, {"outcome": ""}])
async def test_h1_at_a_desk_taken_out_of_use_meanwhile_what_was_typed_stays(
    client_as: ClientAs, desk: Desk, topic: Topic, more: dict[str, str]
) -> None:
    mari = await client_as(Role.helpdesk)
    async with writing():
        await Desk.update({Desk.archived_at: clock.now()}).where(Desk.id == desk.id)

    answer = await press(mari, desk, tapped(topic, note="写真が送れない", **more))

    assert answer.status_code == (422 if more else 409)
    assert "写真が送れない" in answer.text
    assert more or "いまは使われていません" in answer.text
    assert await entered() == []


async def test_p2_the_desk_page_shows_no_note(
    client_as: ClientAs, desk: Desk, topic: Topic
) -> None:
    mari = await client_as(Role.helpdesk)
    await press(mari, desk, tapped(topic, note="山田さんから"))

    answer = await mari.get(f"/staff/desks/{desk.id}")

    assert "写真・動画" in answer.text
    assert "山田さん" not in answer.text
    assert await AuditEntry.count().where(AuditEntry.action == "read") == 0


async def test_the_list_of_desks_is_for_whoever_has_several_or_keeps_them(
    client_as: ClientAs, desk: Desk
) -> None:
    mari = await client_as(Role.helpdesk)
    assert (await mari.get("/staff/desks")).status_code == 303
    other = await factories.make_desk(name="本町窓口")
    gone = await factories.make_desk(name="旧窓口", archived_at=clock.now())

    seen = (await mari.get("/staff/desks")).text
    kept = (await (await client_as(Role.administrator)).get("/staff/desks")).text

    assert f'href="/staff/desks/{other.id}"' in seen
    assert "旧窓口" not in seen
    assert f"/staff/desks/{gone.id}/edit" in kept
    assert f'href="/staff/desks/{desk.id}"' not in kept


async def test_h1_a_topic_keeps_its_key_when_another_is_merged_and_comes_back(
    client_as: ClientAs, desk: Desk, topic: Topic
) -> None:
    mari = await client_as(Role.helpdesk)
    last = await factories.make_topic(name="行政手続", position=9)

    async def key_of_last() -> list[str]:
        words = (await mari.get(f"/staff/desks/{desk.id}")).text
        return re.findall(rf'name="topic" value="{last.id}"[^>]* data-key="(\w)"', words)

    assert await key_of_last() == ["2"]
    await topics.merge(topic.id, last.id, version=1, by=ICT)
    assert await key_of_last() == ["2"]
    await factories.make_topic(name="まえの分野", position=-1)
    assert await key_of_last() == ["2"]


async def test_the_page_says_the_usual_minutes_of_each_way_and_how_the_last_ones_stand(
    client_as: ClientAs, desk: Desk
) -> None:
    mari = await client_as(Role.helpdesk)

    words = (await mari.get(f"/staff/desks/{desk.id}")).text

    assert 'data-channel="phone">（12分）' in words
    assert "入力した順" in words


async def test_h3_a_district_without_an_open_class_is_told(
    client_as: ClientAs, desk: Desk, topic: Topic
) -> None:
    mari = await client_as(Role.helpdesk)
    own = await factories.make_district(name="塩浜")
    other = await factories.make_district(name="日永")
    venue = await factories.make_venue(district=other.id)
    course = await factories.make_course()
    await factories.make_class_session(course=course.id, venue=venue.id)
    async with writing():
        await CourseTopic.insert(CourseTopic(course=course.id, topic=topic.id))

    told = {}
    for district in (own, other):
        asked = {"topic": topic.id, "district": district.id, "desk": desk.id}
        told[district.id] = (await mari.get("/staff/desks/matches", params=asked)).text

    assert "お住まいの地区（塩浜）には" in told[own.id]
    assert "お住まいの地区" not in told[other.id]
