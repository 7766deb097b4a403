"""F1 and the contract's calendar feeds: what a subscriber is sent, byte by byte."""

import gzip
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
from icalendar import Calendar

from server import clock
from server.classes import courses, sessions
from server.classes.sessions import SessionFacts
from server.classes.tables import ClassSession, Course, CourseKind
from server.places.tables import Venue
from server.roles import Role
from tests.databases import Database
from tests.factories import (
    make_class_session,
    make_course,
    make_municipality,
    make_room,
    make_venue,
)
from tests.statements import counted

FEED = "/feeds/all.ics"


class Coordinator:
    """Somebody of the section that oversees all."""

    id = 1
    roles = frozenset({Role.coordinator})
    section_id = None
    sees_all_sections = True
    venue_ids: frozenset[int] = frozenset()


BY = Coordinator()


@pytest.fixture
async def venue(database: Database, frozen_now: datetime) -> Venue:
    await make_municipality()
    return await make_venue(slug="chubu", name="中部地区市民センター")


async def planned(venue: Venue, **facts: Any) -> ClassSession:
    course = await make_course(**facts)
    room = await make_room(venue=venue.id)
    return await make_class_session(course=course.id, venue=venue.id, room=room.id)


async def move(session: ClassSession, by: timedelta) -> None:
    [row] = await ClassSession.select().where(ClassSession.id == session.id)
    facts = SessionFacts(row["starts_at"] + by, row["ends_at"] + by, row["venue"], row["room"])
    await sessions.move(session.id, facts, version=row["version"], by=BY)


async def call_off(session: ClassSession) -> None:
    [row] = await ClassSession.select().where(ClassSession.id == session.id)
    await sessions.call_off(session.id, "警報のため", version=row["version"], by=BY)


async def events(client: httpx.AsyncClient, path: str = FEED) -> list[Any]:
    answer = await client.get(path)
    assert answer.status_code == httpx.codes.OK
    return list(parsed(answer.content).walk("VEVENT"))


def parsed(body: bytes | str) -> Any:
    return Calendar.from_ical(body)


async def test_a_session_says_all_that_a_calendar_needs(
    venue: Venue, client: httpx.AsyncClient
) -> None:
    session = await planned(venue)

    [event] = await events(client, "/feeds/venues/chubu.ics")

    assert event["UID"] == session.uid
    assert event["SEQUENCE"] == 0
    assert event["SUMMARY"] == "はじめてのスマートフォン"
    assert event["LOCATION"] == f"中部地区市民センター 第1会議室（{venue.address}）"
    assert event.start == clock.local(session.starts_at)
    assert event.end == clock.local(session.ends_at)
    assert event["DTSTART"].params["TZID"] == "Asia/Tokyo"
    assert event["DTSTAMP"].dt == event["LAST-MODIFIED"].dt == session.changed_at
    assert event["GEO"].to_ical() == "34.965;136.624"
    assert event["CATEGORIES"].cats == ["スマートフォン教室"]
    assert event["URL"] == f"http://127.0.0.1:8000/courses/{session.course}"
    assert event["STATUS"] == "CONFIRMED"


async def test_the_calendar_says_how_it_is_called_and_how_often_to_ask(
    venue: Venue, client: httpx.AsyncClient
) -> None:
    body = (await client.get("/feeds/venues/chubu.ics")).text
    calendar = parsed(body)

    assert calendar["NAME"] == calendar["X-WR-CALNAME"] == "中部地区市民センター（四日市市）"
    assert calendar["X-PUBLISHED-TTL"] == "PT1H"
    assert "METHOD" not in calendar
    assert "\r\nREFRESH-INTERVAL;VALUE=DURATION:PT1H\r\n" in body
    assert "\r\nSOURCE;VALUE=URI:http://127.0.0.1:8000/feeds/venues/chubu.ics\r\n" in body
    [zone] = calendar.walk("VTIMEZONE")
    assert zone["TZID"] == "Asia/Tokyo"


async def test_every_property_is_a_known_one_and_none_asks_for_an_answer(
    venue: Venue, client: httpx.AsyncClient
) -> None:
    await planned(venue)

    calendar = Calendar.from_ical((await client.get(FEED)).content)
    [event] = calendar.walk("VEVENT")

    assert " ".join(sorted(calendar)) == (
        "NAME PRODID REFRESH-INTERVAL SOURCE URL VERSION X-PUBLISHED-TTL X-WR-CALNAME X-WR-TIMEZONE"
    )
    assert " ".join(sorted(event)) == (
        "CATEGORIES DESCRIPTION DTEND DTSTAMP DTSTART GEO LAST-MODIFIED LOCATION SEQUENCE STATUS"
        " SUMMARY UID URL"
    )


async def test_lines_end_in_crlf_and_hold_75_octets_of_whole_characters(
    venue: Venue, client: httpx.AsyncClient
) -> None:
    await planned(venue, title="𠮷野の髙齢者; スマホ, 入門 \\ " * 5, description="改行\nと😊" * 40)

    body = (await client.get(FEED)).content

    lines = body.split(b"\r\n")
    assert b"\n" not in b"".join(lines)
    assert max(len(line) for line in lines) <= 75
    assert "\ufffd" not in "".join(line.decode() for line in lines)
    [event] = parsed(body).walk("VEVENT")
    assert event["SUMMARY"] == "𠮷野の髙齢者; スマホ, 入門 \\ " * 5
    assert event["DESCRIPTION"].startswith("改行\nと😊")


async def test_several_sessions_say_which_they_are(venue: Venue, client: httpx.AsyncClient) -> None:
    course = await make_course(title="Zoom入門")
    for number in (1, 2):
        await make_class_session(
            course=course.id,
            number=number,
            venue=venue.id,
            starts_at=clock.now() + timedelta(days=7 * number),
        )

    assert [event["SUMMARY"] for event in await events(client)] == [
        "Zoom入門 第1回",
        "Zoom入門 第2回",
    ]


async def test_c3_a_moved_session_keeps_its_uid_and_raises_its_sequence(
    venue: Venue, client: httpx.AsyncClient
) -> None:
    session = await planned(venue)
    with clock.freeze(clock.now() + timedelta(hours=1)) as moved_at:
        await move(session, timedelta(days=7))

    [event] = await events(client)

    assert (event["UID"], event["SEQUENCE"]) == (session.uid, 1)
    assert event.start == clock.local(session.starts_at + timedelta(days=7))
    assert event["DTSTAMP"].dt == event["LAST-MODIFIED"].dt == moved_at


async def test_a_session_called_off_stays_with_a_word_before_its_title(
    venue: Venue, client: httpx.AsyncClient
) -> None:
    session = await planned(venue)
    await call_off(session)

    [event] = await events(client)

    assert (event["UID"], event["SEQUENCE"]) == (session.uid, 1)
    assert event["STATUS"] == "CANCELLED"
    assert event["SUMMARY"] == "【中止】はじめてのスマートフォン"
    assert "警報のため" in event["DESCRIPTION"]


async def test_a_session_called_off_goes_after_90_days(
    venue: Venue, client: httpx.AsyncClient, frozen_now: datetime
) -> None:
    room = await make_room(venue=venue.id)
    course = await make_course()
    session = await make_class_session(
        course=course.id, venue=venue.id, room=room.id, starts_at=frozen_now + timedelta(days=200)
    )
    await call_off(session)

    with clock.freeze(frozen_now + timedelta(days=90)):
        assert len(await events(client)) == 1
    with clock.freeze(frozen_now + timedelta(days=91)):
        assert await events(client) == []


async def test_a_session_held_stays_90_days(
    venue: Venue, client: httpx.AsyncClient, frozen_now: datetime
) -> None:
    session = await planned(venue)

    with clock.freeze(session.starts_at + timedelta(days=90)):
        assert len(await events(client)) == 1
    with clock.freeze(session.starts_at + timedelta(days=91)):
        assert await events(client) == []


@pytest.mark.parametrize(
    "facts",
    [
        {"published_at": None},
        {"kind": CourseKind.supporter_training, "listed": False},
        {"kind": CourseKind.staff_training, "listed": False},
        {"kind": CourseKind.staff_training, "listed": True},
    ],
)
async def test_what_is_not_public_is_in_no_feed(
    venue: Venue, client: httpx.AsyncClient, facts: dict[str, Any]
) -> None:
    session = await planned(venue, **facts)

    assert await events(client) == []
    answer = await client.get(f"/feeds/courses/{session.course}.ics")
    assert answer.status_code == httpx.codes.NOT_FOUND


async def test_each_feed_holds_its_own(venue: Venue, client: httpx.AsyncClient) -> None:
    here = await planned(venue)
    there = await planned(await make_venue(slug="tomida"), kind=CourseKind.online_meeting)

    async def uids(path: str) -> set[str]:
        return {str(event["UID"]) for event in await events(client, path)}

    assert await uids("/feeds/all.ics") == {here.uid, there.uid}
    assert await uids("/feeds/venues/chubu.ics") == {here.uid}
    assert await uids("/feeds/kinds/online_meeting.ics") == {there.uid}
    assert await uids(f"/feeds/courses/{here.course}.ics") == {here.uid}


@pytest.mark.parametrize(
    "path",
    [
        "/feeds/venues/nowhere.ics",
        "/feeds/venues/chubu",
        "/feeds/venues/chubu.txt",
        "/feeds/venues/%00.ics",
        f"/feeds/venues/{'x' * 300}.ics",
        "/feeds/kinds/staff_training.ics",
        "/feeds/kinds/knitting.ics",
        "/feeds/courses/99.ics",
        "/feeds/courses/0.ics",
        "/feeds/courses/-1.ics",
        "/feeds/courses/1.5.ics",
        "/feeds/courses/２.ics",
        "/feeds/courses/99999999999999999999.ics",
    ],
)
async def test_an_unknown_feed_is_not_found(
    venue: Venue, client: httpx.AsyncClient, path: str
) -> None:
    assert (await client.get(path)).status_code == httpx.codes.NOT_FOUND


async def test_p7_the_demonstration_says_so_in_every_event(
    database: Database, client: httpx.AsyncClient, frozen_now: datetime
) -> None:
    await make_municipality(demonstration=True)
    await planned(await make_venue())

    calendar = parsed((await client.get(FEED)).content)
    [event] = calendar.walk("VEVENT")

    assert calendar["NAME"].startswith("見本（架空のデータ）")
    assert event["DESCRIPTION"].startswith("見本（架空のデータ）\n")


async def test_the_language_of_a_visitor_changes_no_byte(
    venue: Venue, client: httpx.AsyncClient
) -> None:
    await planned(venue)
    first = (await client.get(FEED)).content
    await move(await planned(venue), timedelta(days=1))  # made anew, for somebody else
    client.cookies.set("language", "en")

    [event, _] = await events(client)

    assert event["SUMMARY"] in first.decode()
    assert event["CATEGORIES"].cats == ["スマートフォン教室"]


async def test_a_feed_takes_as_many_statements_for_thirty_sessions_as_for_one(
    venue: Venue, client: httpx.AsyncClient
) -> None:
    async def statements() -> int:
        await Course.update({Course.title: "はじめて"}, force=True)
        await call_off(await planned(venue))  # forgets what was ready made
        with counted() as sent:
            await client.get(FEED)
        return len(sent)

    one = await statements()
    for _ in range(30):
        await planned(venue)

    assert await statements() == one <= 4


def later(seconds: int) -> AbstractContextManager[datetime]:
    """The clock stands still so many seconds later."""
    return clock.freeze(clock.now() + timedelta(seconds=seconds))


class TestOverHttp:
    """RFC 9110: what programs that ask every hour are told."""

    async def test_both_bodies_are_ready_and_each_has_its_own_tag(
        self, venue: Venue, client: httpx.AsyncClient
    ) -> None:
        await planned(venue)
        plain = await client.get(FEED, headers={"accept-encoding": "identity"})
        async with client.stream("GET", FEED, headers={"accept-encoding": "gzip"}) as packed:
            packed_body = b"".join([chunk async for chunk in packed.aiter_raw()])

        assert plain.headers["content-type"] == "text/calendar; charset=utf-8"
        assert "accept-encoding" in plain.headers["vary"].lower()
        assert packed.headers["content-encoding"] == "gzip"
        assert gzip.decompress(packed_body) == plain.content
        assert plain.headers["etag"] != packed.headers["etag"]
        assert not plain.headers["etag"].startswith("W/")

    async def test_the_same_data_give_the_same_bytes(
        self, venue: Venue, client: httpx.AsyncClient, frozen_now: datetime
    ) -> None:
        await planned(venue)
        first = await client.get(FEED)
        await make_course()  # a change elsewhere has the feed made again
        with clock.freeze(frozen_now + timedelta(hours=3)):
            second = await client.get(FEED)

        assert second.content == first.content
        assert second.headers["etag"] == first.headers["etag"]

    async def test_304_for_who_has_it_and_only_then(
        self, venue: Venue, client: httpx.AsyncClient
    ) -> None:
        session = await planned(venue)
        has = {"if-none-match": (await client.get(FEED)).headers["etag"]}

        unchanged = await client.get(FEED, headers=has)
        await move(session, timedelta(days=1))
        changed = await client.get(FEED, headers=has)

        assert (unchanged.status_code, unchanged.content) == (httpx.codes.NOT_MODIFIED, b"")
        assert changed.status_code == httpx.codes.OK

    async def test_if_modified_since_answers_304_only_for_the_very_instant(
        self, venue: Venue, client: httpx.AsyncClient
    ) -> None:
        session = await planned(venue)
        with later(2):
            known = (await client.get(FEED)).headers["last-modified"]

            async def status(since: str) -> int:
                return (await client.get(FEED, headers={"if-modified-since": since})).status_code

            assert await status(known) == httpx.codes.NOT_MODIFIED
            assert await status("Fri, 01 Jan 2100 00:00:00 GMT") == httpx.codes.OK
            assert await status("yesterday") == httpx.codes.OK
            await call_off(session)
            assert await status(known) == httpx.codes.OK

    async def test_the_date_of_a_second_that_may_still_see_changes_is_good_for_nothing(
        self, venue: Venue, client: httpx.AsyncClient
    ) -> None:
        session = await planned(venue)
        known = {"if-modified-since": (await client.get(FEED)).headers["last-modified"]}

        assert (await client.get(FEED, headers=known)).status_code == httpx.codes.OK
        await move(session, timedelta(days=1))  # within the same second
        assert (await client.get(FEED, headers=known)).status_code == httpx.codes.OK
        with later(2):
            assert (await client.get(FEED, headers=known)).status_code == httpx.codes.OK

    async def test_the_tag_wins_over_the_date(
        self, venue: Venue, client: httpx.AsyncClient
    ) -> None:
        known = (await client.get(FEED)).headers["last-modified"]

        answer = await client.get(
            FEED, headers={"if-none-match": '"another"', "if-modified-since": known}
        )

        assert answer.status_code == httpx.codes.OK

    async def test_a_removal_changes_both_validators(
        self, venue: Venue, client: httpx.AsyncClient
    ) -> None:
        session = await planned(venue)
        with clock.freeze(session.starts_at + timedelta(days=90)):
            before = await client.get(FEED)
        with clock.freeze(session.starts_at + timedelta(days=91)):
            after = await client.get(FEED)

        assert after.headers["etag"] != before.headers["etag"]
        assert after.headers["last-modified"] != before.headers["last-modified"]

    async def test_a_session_moved_to_another_venue_changes_both_validators_here(
        self, venue: Venue, client: httpx.AsyncClient
    ) -> None:
        session = await planned(venue)
        with later(2):
            before = await client.get("/feeds/venues/chubu.ics")
        room = await make_room()
        facts = SessionFacts(session.starts_at, session.ends_at, int(room.venue), room.id)
        with later(60):
            await sessions.move(session.id, facts, version=1, by=BY)
        with later(62):
            after = await client.get("/feeds/venues/chubu.ics")

        assert b"BEGIN:VEVENT" not in after.content
        assert after.headers["etag"] != before.headers["etag"]
        assert after.headers["last-modified"] != before.headers["last-modified"]

    async def test_head_says_the_same_without_the_body(
        self, venue: Venue, client: httpx.AsyncClient
    ) -> None:
        await planned(venue)
        get, head = await client.get(FEED), await client.head(FEED)

        assert (head.status_code, head.content) == (httpx.codes.OK, b"")
        assert head.headers["etag"] == get.headers["etag"]
        assert head.headers["content-length"] == get.headers["content-length"]

    async def test_no_cookie_and_no_accept_header_is_needed(
        self, venue: Venue, client: httpx.AsyncClient
    ) -> None:
        del client.headers["accept"]

        answer = await client.get(FEED)

        assert answer.status_code == httpx.codes.OK
        assert "set-cookie" not in answer.headers
        assert "/feeds" not in (await client.get("/robots.txt")).text


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ({"title": "スマホの第一歩"}, {"SUMMARY": "スマホの第一歩"}),
        (
            {"bring": "充電器"},
            {"DESCRIPTION": "対象：初めての方\n持ち物：充電器\nhttp://127.0.0.1:8000/courses/1"},
        ),
    ],
    ids=["title", "bring"],
)
async def test_what_a_calendar_shows_of_a_course_raises_the_sequence(
    venue: Venue, client: httpx.AsyncClient, typed: dict[str, str], shown: dict[str, str]
) -> None:
    session = await planned(venue, description="", audience="初めての方", bring="眼鏡")
    [row] = await Course.select().where(Course.id == session.course)
    names = ("kind", "title", "reading", "scope", "seats", "opens_at", "closes_at", "audience")
    kept = {name: row[name] for name in (*names, "bring")}
    facts = courses.CourseFacts(**{**kept, "section_id": row["section"], **typed})
    await courses.update(row["id"], facts, version=row["version"], by=BY)

    [event] = await events(client)

    assert {name: event[name] for name in shown} == shown
    assert event["SEQUENCE"] == 1


async def test_the_page_about_feeds_offers_every_way_to_subscribe(
    venue: Venue, client: httpx.AsyncClient
) -> None:
    page = (await client.get("/feeds")).text

    for address in (
        "webcal://127.0.0.1:8000/feeds/venues/chubu.ics",
        "https://calendar.google.com/calendar/r?cid=webcal%3A//127.0.0.1%3A8000/feeds/all.ics",
        "https://outlook.live.com/calendar/0/addfromweb?url=http%3A//127.0.0.1%3A8000",
        'href="http://127.0.0.1:8000/feeds/kinds/smartphone.ics" download',
    ):
        assert address in page
