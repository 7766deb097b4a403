"""What a coordinator is warned of before residents see a class, and how she overrules it (C1)."""

import json
from collections.abc import Awaitable, Callable
from datetime import date, datetime, time
from typing import Any

import httpx
import pytest

from server import clock
from server.audit.tables import AuditEntry
from server.classes import courses, scheduling, sessions
from server.classes.editing import Unheeded
from server.classes.tables import BookingScope, ClassSession, Course
from server.places.tables import Room, VenueClosure
from server.roles import Role
from tests.classes.pressed import filled
from tests.classes.staff_cast import ICT, again, facts_of, in_days, session_facts
from tests.databases import Database
from tests.factories import (
    make_class_session,
    make_course,
    make_municipality,
    make_room,
    make_section,
    make_venue,
)

ClientAs = Callable[..., Awaitable[httpx.AsyncClient]]

SIXTH = date(2026, 12, 6)  # a Sunday
LATE = "申込の締切（12月19日（土）午後5時）が、第1回（12月6日（日）午前10時）より後です。"


@pytest.fixture(autouse=True)
async def city(database: Database, frozen_now: datetime) -> None:
    await make_municipality()


@pytest.fixture
async def coordinator(client_as: ClientAs) -> httpx.AsyncClient:
    return await client_as(Role.coordinator)


@pytest.fixture
async def room(database: Database) -> Room:
    venue = await make_venue(name="中部地区市民センター", opens=time(8, 30), closes=time(21, 0))
    return await make_room(venue=venue.id, name="大会議室", capacity=12)


async def draft(room: Room, **facts: Any) -> tuple[Course, ClassSession]:
    """A draft whose applications close on 12月19日, after its session on 12月6日."""
    closes = clock.at(date(2026, 12, 19), time(17))
    course = await make_course(**{"published_at": None, "closes_at": closes, "seats": 12, **facts})
    session = await make_class_session(
        course=course.id, venue=room.venue, room=room.id, starts_at=clock.at(SIXTH, time(10))
    )
    return course, session


def typed(room: Room, day: date = SIXTH, **changed: str) -> dict[str, str]:
    return {
        "day": day.isoformat(),
        "starts": "10:00",
        "ends": "11:30",
        "place": f"{room.venue}-{room.id}",
        **changed,
    }


def fits(course: Course, **changed: Any) -> Any:
    """The course as typed, closing before its first session."""
    return facts_of(course, **{"closes_at": clock.at(date(2026, 12, 5), time(17)), **changed})


async def warned_of(course: Course) -> list[str]:
    return [each.msgid.split(" ")[0] for each in await courses.warnings(await again(course))]


async def test_c1_applications_that_close_after_the_first_session(room: Room) -> None:
    course, session = await draft(room)

    [found] = await courses.warnings(await again(course))

    assert found.values == {
        "closes_at": course.closes_at,
        "number": 1,
        "starts_at": session.starts_at,
    }


async def test_c1_applications_may_close_when_the_session_begins(room: Room) -> None:
    course, session = await draft(room)
    await Course.update({Course.closes_at: session.starts_at}, force=True)

    assert await warned_of(course) == []


async def test_c1_where_a_date_is_picked_the_last_one_counts(room: Room) -> None:
    course, _ = await draft(room, scope=BookingScope.session)
    await make_class_session(
        course=course.id,
        venue=room.venue,
        room=room.id,
        number=2,
        starts_at=clock.at(date(2026, 12, 20), time(10)),
    )

    assert await warned_of(course) == []


async def test_c1_nobody_is_warned_of_what_is_over(room: Room) -> None:
    course, session = await draft(room)

    with clock.freeze(session.ends_at):
        assert await warned_of(course) == []


@pytest.mark.parametrize(
    ("starts", "minutes", "warned"),
    [("08:30", 90, False), ("08:29", 90, True), ("20:00", 60, False), ("20:00", 61, True)],
)
async def test_c1_hours_of_the_venue(room: Room, starts: str, minutes: int, warned: bool) -> None:
    course = await make_course(published_at=None)
    facts = session_facts(room, clock.at(date(2026, 12, 12), time.fromisoformat(starts)), minutes)

    found = await sessions.warnings((await again(course)), facts)

    assert any("outside the hours" in each.msgid for each in found) == warned


async def test_c1_publish_past_a_warning_needs_a_reason_that_is_audited(room: Room) -> None:
    course, _ = await draft(room)

    with pytest.raises(Unheeded) as refused:
        await courses.publish(course.id, version=1, by=ICT)
    assert (await again(course))["published_at"] is None
    await courses.publish(course.id, "途中からでも参加できるため", version=1, by=ICT)

    assert len(refused.value.warnings) == 1
    [entry] = await AuditEntry.select()
    facts = json.loads(entry["facts"])
    assert facts["overruled"] == "途中からでも参加できるため"
    assert [each["number"] for each in facts["warnings"]] == [1]


async def test_c1_a_public_holiday_is_information(room: Room) -> None:
    course = await make_course(published_at=None, closes_at=in_days(1), seats=12)
    labour_day = clock.at(date(2026, 11, 23), time(10))
    await make_class_session(course=course.id, venue=room.venue, room=room.id, starts_at=labour_day)

    await courses.publish(course.id, version=1, by=ICT)

    [found] = await courses.warnings(await again(course))
    assert found.msgid == scheduling.HOLIDAY


async def test_c1_more_seats_than_the_room_holds_need_a_reason_once_published(
    room: Room,
) -> None:
    course, _ = await draft(room, published_at=in_days(-1))

    with pytest.raises(Unheeded, match="Please write why"):
        await courses.update(course.id, fits(course, seats=20), version=1, by=ICT)
    await courses.update(course.id, fits(course, seats=20), "椅子を足す", version=1, by=ICT)

    assert (await again(course))["seats"] == 20
    [entry] = await AuditEntry.select()
    assert json.loads(entry["facts"])["overruled"] == "椅子を足す"


async def test_c1_what_was_warned_of_already_is_not_asked_again(room: Room) -> None:
    course, _ = await draft(room, published_at=in_days(-1), seats=20)

    await courses.update(course.id, facts_of(course, fee=100), version=1, by=ICT)

    assert (await again(course))["fee"] == 100


async def test_c1_a_draft_is_saved_whatever_it_is_warned_of(room: Room) -> None:
    course, _ = await draft(room)

    await courses.update(course.id, facts_of(course, seats=40), version=1, by=ICT)

    assert (await again(course))["seats"] == 40


async def test_c1_warnings_stand_before_a_date_is_added(
    coordinator: httpx.AsyncClient, room: Room
) -> None:
    closes = clock.at(date(2026, 12, 19), time(17))
    course = await make_course(published_at=None, closes_at=closes, seats=20)
    await VenueClosure(venue=room.venue, reason="館内の工事", first_on=SIXTH, last_on=SIXTH).save()
    address = f"/staff/courses/{course.id}/sessions/new"

    shown = await coordinator.post(address, data=typed(room, starts="07:00", ends="08:00"))

    assert shown.status_code == 200
    assert await ClassSession.count() == 0
    for words in (
        "第1回（12月6日（日）午前7時）より後です。",
        "令和8年12月6日（日）は会場が休館です（館内の工事）",
        "会場の利用時間（午前8時30分から午後9時まで）の外です。",
        "大会議室の定員は12名ですが、募集は20名です。",
    ):
        assert words in shown.text
    assert "2026-12-06" not in shown.text.replace('value="2026-12-06"', "").replace(
        "2026-12-06|", ""
    )
    other = filled(shown.text, address) | {"starts": "07:10"}
    assert (await coordinator.post(address, data=other)).status_code == 200
    done = await coordinator.post(address, data=filled(shown.text, address))
    assert (done.status_code, await ClassSession.count()) == (303, 1)
    page = await coordinator.get(done.headers["location"])
    assert "会場の利用時間（午前8時30分から午後9時まで）の外です。" in page.text


async def test_c1_warnings_stand_before_a_date_of_a_draft_is_moved(
    coordinator: httpx.AsyncClient, room: Room
) -> None:
    _, session = await draft(room)
    address = f"/staff/sessions/{session.id}/move"
    moved = typed(room, starts="20:00", ends="21:30", version="1")

    shown = await coordinator.post(address, data=moved)
    done = await coordinator.post(address, data=filled(shown.text, address))

    assert "会場の利用時間" in shown.text
    assert "このまま保存する" in shown.text
    assert (done.status_code, (await again(session))["version"]) == (303, 2)


async def test_c1_publishing_asks_for_the_reason_beside_the_warnings(
    coordinator: httpx.AsyncClient, room: Room
) -> None:
    course, _ = await draft(room)
    page = await coordinator.get(f"/staff/courses/{course.id}")
    address = f"/staff/courses/{course.id}/publication"

    refused = await coordinator.post(address, data=filled(page.text, address))
    reason = {"overruled": "途中からでも参加できるため"}
    done = await coordinator.post(address, data=filled(refused.text, address) | reason)

    assert LATE in page.text
    assert "それでも公開する理由" in page.text
    assert refused.status_code == 409
    assert 'href="#overruled"' in refused.text
    assert done.headers["location"] == f"/staff/courses/{course.id}?done=published"
    assert LATE in (await coordinator.get(done.headers["location"])).text


async def test_c1_seats_above_the_room_of_a_published_class_ask_for_the_reason(
    coordinator: httpx.AsyncClient, room: Room
) -> None:
    course, _ = await draft(room, published_at=in_days(-1))
    address = f"/staff/courses/{course.id}/edit"
    opened = filled((await coordinator.get(address)).text, address)

    refused = await coordinator.post(address, data=opened | {"seats": "20"})
    reason = filled(refused.text, address) | {"overruled": "椅子を足す"}
    done = await coordinator.post(address, data=reason)

    assert "overruled" not in opened
    assert refused.status_code == 409
    assert "大会議室の定員は12名ですが、募集は20名です。" in refused.text
    assert (done.status_code, (await again(course))["seats"]) == (303, 20)


@pytest.mark.parametrize(
    ("changed", "field", "said"),
    [
        ({"day": "2026-11-20"}, "day", "その日時はもう過ぎています。"),
        ({"ends": "09:00"}, "ends", "終わる"),
        (
            {"day": "2026-12-24", "starts": "11:00", "ends": "12:00"},
            "place",
            "中部地区市民センター 大会議室は、12月24日（木）午前10時から11時30分まで"
            "「LINEの使い方」で使います。",
        ),
    ],
)
async def test_a_refusal_stands_beside_the_field_that_it_is_about(
    coordinator: httpx.AsyncClient, room: Room, changed: dict[str, str], field: str, said: str
) -> None:
    there = await make_course(title="LINEの使い方")
    await make_class_session(
        course=there.id,
        venue=room.venue,
        room=room.id,
        starts_at=clock.at(date(2026, 12, 24), time(10)),
    )
    course = await make_course(published_at=None)

    answer = await coordinator.post(
        f"/staff/courses/{course.id}/sessions/new", data=typed(room) | changed
    )

    assert answer.status_code == 409
    beside = answer.text.split(f'id="{field}-error">')[1].split("</p>", maxsplit=1)[0]
    assert said in beside
    assert f'href="#{field}"' in answer.text


async def test_c4_who_may_not_edit_sees_no_button_that_would_refuse(
    client_as: ClientAs, room: Room
) -> None:
    course, session = await draft(room)
    venue = await client_as(Role.venue, venue=room.venue)
    other = await client_as(Role.coordinator, section=(await make_section()).id)

    page = await venue.get(f"/staff/courses/{course.id}")

    assert page.status_code == 200
    for path in ("/edit", "/publication", "/discarding", "/removal", "/move"):
        assert path not in page.text
    for path in (f"courses/{course.id}/discarding", f"sessions/{session.id}/removal"):
        assert (await venue.post(f"/staff/{path}")).status_code == 403
        assert (await other.post(f"/staff/{path}")).status_code == 404
