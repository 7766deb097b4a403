"""What coordinators, venues and the helpdesk do with courses through their pages."""

import re
from collections.abc import Awaitable, Callable
from datetime import date, datetime, time, timedelta
from typing import Any

import httpx
import pytest

from server import clock
from server.audit.tables import AuditEntry
from server.classes.tables import Booking, BookingScope, BookingState, ClassSession, Course
from server.notices.tables import Notice
from server.places.tables import Room
from server.roles import Role
from tests.classes.staff_cast import (
    HANAKO,
    TARO,
    again,
    book,
    course_with_sessions,
    in_days,
)
from tests.databases import Database
from tests.factories import (
    make_class_session,
    make_course,
    make_municipality,
    make_room,
    make_section,
    make_venue,
)
from tests.pages import hidden
from tests.statements import counted

ClientAs = Callable[..., Awaitable[httpx.AsyncClient]]


@pytest.fixture(autouse=True)
async def city(database: Database, frozen_now: datetime) -> None:
    await make_municipality()


@pytest.fixture
async def coordinator(client_as: ClientAs) -> httpx.AsyncClient:
    return await client_as(Role.coordinator)


async def typed_course(**typed: Any) -> dict[str, str]:
    section = typed.pop("section", None) or (await make_section()).id
    return {
        "kind": "smartphone",
        "title": "はじめてのスマホ",
        "reading": "はじめてのすまほ",
        "description": "電話のかけ方",
        "audience": "",
        "bring": "スマートフォン",
        "fee": "0",
        "section": str(section),
        "scope": "course",
        "seats": "20",
        "opens_on": "2026-11-20",
        "opens_time": "09:00",
        "closes_on": "2026-12-10",
        "closes_time": "17:00",
        "version": "",
        **{name: str(value) for name, value in typed.items()},
    }


def typed_session(room: Room, day: date, **typed: Any) -> dict[str, str]:
    return {
        "day": day.isoformat(),
        "starts": "10:00",
        "ends": "11:30",
        "place": f"{room.venue}-{room.id}",
        **{name: str(value) for name, value in typed.items()},
    }


async def test_create_saves_a_draft_and_asks_for_dates(coordinator: httpx.AsyncClient) -> None:
    answer = await coordinator.post("/staff/courses/new", data=await typed_course(seats="１２"))

    [course] = await Course.select()
    assert (answer.status_code, answer.headers["location"]) == (
        303,
        f"/staff/courses/{course['id']}?done=created",
    )
    assert (course["title"], course["seats"]) == ("はじめてのスマホ", 12)
    assert course["closes_at"] == clock.at(date(2026, 12, 10), time(17))
    page = await coordinator.get(answer.headers["location"])
    assert "下書きとして保存しました。" in page.text
    assert "公開する前に、これからの日程を加えてください。" in page.text


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("title", "　", "入力してください"),
        ("reading", "漢字", "ひらがな"),
        ("seats", "0", "1から1000までの数"),
        ("seats", "たくさん", "数字"),
        ("fee", "-1", "0から100000までの数"),
        ("opens_on", "2026-02-30", "日付"),
        ("closes_on", "20260-12-10", "日付"),
        ("opens_time", "25:00", "時刻"),
        ("kind", "staff_training", "選"),
        ("section", "999999", "選"),
        ("title", "あ" * 121, "120文字"),
    ],
)
async def test_create_says_what_is_wrong_and_keeps_what_was_typed(
    coordinator: httpx.AsyncClient, field: str, typed: str, said: str
) -> None:
    answer = await coordinator.post(
        "/staff/courses/new", data=await typed_course(**{"bring": "眼鏡", field: typed})
    )

    assert answer.status_code == 422
    assert said in re.findall(r'<p class="field-error"[^>]*>(.*?)</p>', answer.text)[0]
    assert 'value="眼鏡"' in answer.text
    assert await Course.count() == 0


async def test_create_closing_before_it_opens_is_refused_in_words(
    coordinator: httpx.AsyncClient,
) -> None:
    answer = await coordinator.post(
        "/staff/courses/new", data=await typed_course(closes_on="2026-11-01")
    )

    assert answer.status_code == 409
    assert "申込の締切は、申込を始める日時より後にしてください。" in answer.text


async def test_c4_a_coordinator_chooses_among_her_own_sections(client_as: ClientAs) -> None:
    own, other = await make_section(name="福祉課"), await make_section(name="防災課")
    client = await client_as(Role.coordinator, section=own.id)

    form = await client.get("/staff/courses/new")
    answer = await client.post("/staff/courses/new", data=await typed_course(section=other.id))

    assert ("福祉課" in form.text, "防災課" in form.text) == (True, False)
    assert answer.status_code == 422


async def test_edit_of_two_coordinators_shows_the_second_what_the_first_saved(
    coordinator: httpx.AsyncClient, client_as: ClientAs
) -> None:
    course = await make_course()
    second = await client_as(Role.coordinator)
    address = f"/staff/courses/{course.id}/edit"
    version = hidden((await second.get(address)).text, "version")
    facts = {"section": course.section, "version": version}
    first = await coordinator.post(address, data=await typed_course(title="先に保存", **facts))

    answer = await second.post(address, data=await typed_course(title="後から保存", **facts))

    assert (first.status_code, answer.status_code) == (303, 409)
    assert "<td>先に保存</td><td>後から保存</td>" in answer.text
    assert (await again(course))["title"] == "先に保存"
    facts["version"] = hidden(answer.text, "version")
    knowing = await second.post(address, data=await typed_course(title="後から保存", **facts))
    assert knowing.status_code == 303
    assert (await again(course))["title"] == "後から保存"


async def test_b4_edit_below_the_places_given_is_refused_in_words(
    coordinator: httpx.AsyncClient,
) -> None:
    course, _ = await course_with_sessions()
    await book(HANAKO, course)
    await book(TARO, course)
    facts = {"section": course.section, "version": 1, "seats": 1}

    answer = await coordinator.post(
        f"/staff/courses/{course.id}/edit", data=await typed_course(**facts)
    )

    assert answer.status_code == 409
    assert "すでに2名の参加が決まっています。定員をそれより少なくはできません。" in answer.text


async def test_publish_shows_the_course_to_residents(
    coordinator: httpx.AsyncClient, client: httpx.AsyncClient
) -> None:
    course, _ = await course_with_sessions(published_at=None)
    before = await client.get(f"/courses/{course.id}")

    answer = await coordinator.post(
        f"/staff/courses/{course.id}/publication", data={"version": "1"}
    )

    after = await client.get(f"/courses/{course.id}")
    assert (before.status_code, answer.status_code, after.status_code) == (404, 303, 200)
    page = await coordinator.get(answer.headers["location"])
    assert "公開しました。" in page.text


async def test_c1_warnings_stand_beside_the_button_that_publishes(
    coordinator: httpx.AsyncClient,
) -> None:
    room = await make_room(name="和室", capacity=10)
    course = await make_course(published_at=None, seats=12)
    holiday = clock.at(date(2026, 11, 23), time(10))
    await make_class_session(course=course.id, venue=room.venue, room=room.id, starts_at=holiday)

    page = await coordinator.get(f"/staff/courses/{course.id}")

    assert "令和8年11月23日（月）は祝日です（勤労感謝の日）" in page.text
    assert "和室の定員は10名ですが、募集は12名です。" in page.text
    assert "この教室を公開する" in page.text


async def test_add_a_date_offers_a_week_after_the_last_one(coordinator: httpx.AsyncClient) -> None:
    course, [session] = await course_with_sessions(1, published_at=None)

    form = await coordinator.get(f"/staff/courses/{course.id}/sessions/new")

    assert hidden(form.text, "day") == (session.held_on + timedelta(days=7)).isoformat()
    assert f'<option selected value="{session.venue}-{session.room}">' in form.text


@pytest.mark.parametrize("day", ["0026-12-01", "2101-01-01", "2026-02-30", "12/1", "", "x" * 500])
async def test_a_mistyped_day_is_said_beside_it_and_nothing_is_lost(
    coordinator: httpx.AsyncClient, day: str
) -> None:
    course, room = await make_course(), await make_room()
    typed = typed_session(room, date(2026, 12, 1)) | {"day": day}

    answer = await coordinator.post(f"/staff/courses/{course.id}/sessions/new", data=typed)

    assert answer.status_code == 422
    assert 'id="day-error"' in answer.text
    assert 'value="11:30"' in answer.text


async def test_c1_a_room_in_use_is_refused_with_the_other_class_and_its_hours(
    coordinator: httpx.AsyncClient,
) -> None:
    room = await make_room(name="第2会議室")
    there = await make_course(title="写真の撮り方")
    starts = clock.at(date(2026, 12, 1), time(9, 30))
    await make_class_session(course=there.id, venue=room.venue, room=room.id, starts_at=starts)
    course = await make_course()

    answer = await coordinator.post(
        f"/staff/courses/{course.id}/sessions/new", data=typed_session(room, date(2026, 12, 1))
    )

    assert answer.status_code == 409
    assert (
        "第2会議室は、12月1日（火）午前9時30分から11時まで「写真の撮り方」で使います。"
    ) in answer.text
    assert 'value="2026-12-01"' in answer.text


async def test_b10_a_move_is_shown_before_and_told_after(coordinator: httpx.AsyncClient) -> None:
    course, [session, _] = await course_with_sessions()
    await book(HANAKO, course)
    room, address = await make_room(), f"/staff/sessions/{session.id}/move"
    typed = typed_session(room, date(2026, 12, 3), version=1, reason="会場の都合")

    shown = await coordinator.post(address, data=typed)
    assert shown.status_code == 200
    assert "電話で知らせる方 1名" in shown.text
    assert (await again(session))["version"] == 1
    moved = await coordinator.post(
        address, data=typed | {"confirmed": hidden(shown.text, "confirmed")}
    )

    assert moved.headers["location"] == f"/staff/courses/{course.id}?done=moved&told=1&ended=0"
    assert (await again(session))["held_on"] == date(2026, 12, 3)
    [notice] = await Notice.select()
    assert notice["occasion"] == "session.moved"
    page = await coordinator.get(moved.headers["location"])
    assert "お知らせする方が1名います。" in page.text


async def test_b10_a_move_to_another_day_than_was_shown_is_shown_again(
    coordinator: httpx.AsyncClient,
) -> None:
    _, [session, _] = await course_with_sessions()
    room, address = await make_room(), f"/staff/sessions/{session.id}/move"
    shown = await coordinator.post(address, data=typed_session(room, date(2026, 12, 3), version=1))
    confirmed = hidden(shown.text, "confirmed")

    answer = await coordinator.post(
        address, data=typed_session(room, date(2026, 12, 4), version=1, confirmed=confirmed)
    )

    assert answer.status_code == 200
    assert (await again(session))["version"] == 1


async def test_a_date_of_a_draft_moves_at_once(coordinator: httpx.AsyncClient) -> None:
    _, [session] = await course_with_sessions(1, published_at=None)
    room = await make_room()

    answer = await coordinator.post(
        f"/staff/sessions/{session.id}/move",
        data=typed_session(room, date(2026, 12, 3), version=1),
    )

    assert answer.status_code == 303


async def test_move_into_the_past_is_refused_in_words(coordinator: httpx.AsyncClient) -> None:
    _, [session] = await course_with_sessions(1)
    room = await make_room()

    answer = await coordinator.post(
        f"/staff/sessions/{session.id}/move",
        data=typed_session(room, date(2026, 11, 20), version=1),
    )

    assert answer.status_code == 409
    assert "その日時はもう過ぎています。" in answer.text


async def test_move_that_somebody_forestalled_shows_both(coordinator: httpx.AsyncClient) -> None:
    _, [session] = await course_with_sessions(1)
    room, address = await make_room(), f"/staff/sessions/{session.id}/move"
    typed = typed_session(room, date(2026, 12, 3), version=1)
    shown = await coordinator.post(address, data=typed)
    await coordinator.post(address, data=typed | {"confirmed": hidden(shown.text, "confirmed")})

    answer = await coordinator.post(address, data=typed_session(room, date(2026, 12, 4), version=1))

    assert answer.status_code == 409
    assert "<td>12月3日（木）</td><td>12月4日（金）</td>" in answer.text
    assert hidden(answer.text, "version") == "2"


async def test_b10_calling_a_date_off_is_shown_before_and_told_after(
    coordinator: httpx.AsyncClient,
) -> None:
    course, [session, _] = await course_with_sessions()
    await book(HANAKO, course)
    address = f"/staff/sessions/{session.id}/call-off"
    shown = await coordinator.get(address)

    empty = await coordinator.post(address, data={"version": "1", "reason": ""})
    done = await coordinator.post(address, data={"version": "1", "reason": "台風のため"})

    assert "申込はそのまま残ります" in shown.text
    assert empty.status_code == 422
    assert done.headers["location"] == f"/staff/courses/{course.id}?done=called_off&told=1&ended=0"
    assert (await again(session))["called_off_reason"] == "台風のため"


async def test_b10_calling_a_course_off_is_shown_before_and_told_after(
    coordinator: httpx.AsyncClient,
) -> None:
    course, _ = await course_with_sessions()
    await book(HANAKO, course)
    address = f"/staff/courses/{course.id}/calling-off"
    shown = await coordinator.get(address)

    done = await coordinator.post(address, data={"version": "1", "reason": "台風のため"})

    assert "申込1件は、残る日程がないため「中止」になります" in shown.text
    assert done.headers["location"].endswith("?done=course_called_off&told=1&ended=1")
    page = await coordinator.get(done.headers["location"])
    assert "申込1件が中止により終わりました。" in page.text
    assert "この教室をすべて中止する" not in page.text


async def test_p2_who_applied_is_shown_by_reading_and_the_reading_is_written_down(
    coordinator: httpx.AsyncClient,
) -> None:
    course, _ = await course_with_sessions()
    taro, hanako = await book(TARO, course), await book(HANAKO, course)
    gone = await book(HANAKO, (await course_with_sessions())[0])

    page = await coordinator.get(f"/staff/courses/{course.id}/bookings")

    assert re.findall(r'<th scope="row">(.*?)<br>', page.text) == ["山田太郎", "山田花子"]
    entry = await AuditEntry.select().order_by(AuditEntry.id, ascending=False).first()
    assert entry is not None
    assert (entry["action"], entry["subject"]) == ("read", "booking")
    assert f'"ids": [{taro["id"]}, {hanako["id"]}]' in entry["facts"]
    assert str(gone["id"]) not in re.findall(r"bookings/(\d+)/", page.text)


@pytest.mark.parametrize(
    ("role", "sees"), [(Role.coordinator, True), (Role.venue, True), (Role.helpdesk, False)]
)
async def test_p2_needs_are_for_those_who_run_the_class(
    client_as: ClientAs, role: Role, sees: bool
) -> None:
    course, [session] = await course_with_sessions(1)
    booking = await book(HANAKO, course)
    await Booking.update({Booking.needs: "wheelchair"}).where(Booking.id == booking["id"])
    facts = {"venue": session.venue} if role is Role.venue else {}
    client = await client_as(role, **facts)

    page = await client.get(f"/staff/courses/{course.id}/bookings")

    assert ("車いす" in page.text, "配慮" in page.text) == (sees, sees)


async def test_p1_a_venue_sees_its_own_building_only(client_as: ClientAs) -> None:
    here, [session] = await course_with_sessions(1)
    there, _ = await course_with_sessions(1, title="よその教室")
    client = await client_as(Role.venue, venue=session.venue)

    listed = await client.get("/staff/courses")
    answers = [
        (await client.get(f"/staff/courses/{course.id}{page}")).status_code
        for course in (here, there)
        for page in ("", "/bookings")
    ]

    assert answers == [200, 200, 404, 404]
    assert "よその教室" not in listed.text


async def test_p1_a_coordinator_sees_her_own_section_only(client_as: ClientAs) -> None:
    own, _ = await course_with_sessions(1)
    other, _ = await course_with_sessions(1)
    client = await client_as(Role.coordinator, section=own.section)

    answers = [
        (await client.get(f"/staff/courses/{course.id}")).status_code for course in (own, other)
    ]

    assert answers == [200, 404]


async def test_b9_staff_give_a_place_back_for_a_caller(client_as: ClientAs) -> None:
    course, _ = await course_with_sessions()
    booking = await book(HANAKO, course)
    client = await client_as(Role.helpdesk)
    address = f"/staff/bookings/{booking['id']}/cancellation"

    shown = await client.get(address)
    done = await client.post(address)
    twice = await client.post(address)

    assert "山田花子" in shown.text
    assert done.headers["location"] == f"/staff/courses/{course.id}/bookings?done=cancelled"
    assert twice.status_code == 303
    [row] = await Booking.select()
    assert row["state"] == BookingState.declined
    entries = await AuditEntry.select().where(AuditEntry.action == "booking.declined")
    assert [entry["actor"] is not None for entry in entries] == [True]


async def test_a_place_in_a_class_that_has_begun_is_not_given_back(
    coordinator: httpx.AsyncClient,
) -> None:
    course, [session] = await course_with_sessions(1)
    booking = await book(HANAKO, course)

    await ClassSession.update({ClassSession.starts_at: in_days(-0.1)}).where(
        ClassSession.id == session.id
    )

    answer = await coordinator.post(f"/staff/bookings/{booking['id']}/cancellation")

    assert answer.status_code == 409
    assert "山田花子" in answer.text
    assert (await again(course))["taken"] == 1


def of_the_page(sent: list[str]) -> list[str]:
    """Without the city's row, which is read again whenever anything has changed."""
    return [each for each in sent if '"municipality"' not in each]


@pytest.mark.parametrize("page", ["", "?state=draft", "?q=スマ", "?kind=smartphone&section=1"])
async def test_the_list_takes_as_many_statements_for_thirty_as_for_one(
    coordinator: httpx.AsyncClient, page: str
) -> None:
    await course_with_sessions(1)
    await coordinator.get("/staff/courses")
    with counted() as for_one:
        await coordinator.get(f"/staff/courses{page}")
    for _ in range(29):
        await course_with_sessions(2)
    await coordinator.get("/staff/courses")

    with counted() as for_thirty:
        answer = await coordinator.get(f"/staff/courses{page}")

    assert answer.status_code == 200
    assert len(of_the_page(for_thirty)) == len(of_the_page(for_one))


async def test_the_list_is_filtered_by_its_address(coordinator: httpx.AsyncClient) -> None:
    await course_with_sessions(title="はじめてのスマホ")
    await course_with_sessions(title="写真教室", published_at=None)
    await make_course(title="地図の使い方", called_off_at=in_days(-1))

    async def titles(query: str) -> list[str]:
        page = await coordinator.get(f"/staff/courses{query}")
        return re.findall(r'<a href="/staff/courses/\d+">(.*?)</a>', page.text)

    assert await titles("") == ["写真教室", "はじめてのスマホ", "地図の使い方"]
    assert await titles("?state=draft") == ["写真教室"]
    assert await titles("?state=called_off") == ["地図の使い方"]
    assert await titles("?q=写真") == ["写真教室"]
    assert await titles("?q=%25") == await titles("?state=nonsense&page=-1&section=x")
    assert await titles("?page=2") == []


async def test_the_list_counts_the_seats_of_all_dates_where_one_is_picked(
    coordinator: httpx.AsyncClient,
) -> None:
    course, [first, _] = await course_with_sessions(scope=BookingScope.session, seats=5)
    await book(HANAKO, course, first)

    page = await coordinator.get("/staff/courses")

    seats = re.findall(r'<a href="/staff/courses/\d+/bookings">(.*?)</a>', page.text)
    assert [re.findall(r"\d+", each) for each in seats] == [["1", "10"]]


async def test_today_says_what_needs_a_person(coordinator: httpx.AsyncClient) -> None:
    course, [session, _] = await course_with_sessions(title="写真教室")
    await book(HANAKO, course)
    await make_course(title="書きかけ", published_at=None)
    today = await make_course(title="午後の教室")
    await make_class_session(course=today.id, starts_at=in_days(0.1))
    await coordinator.post(
        f"/staff/sessions/{session.id}/call-off", data={"version": "1", "reason": "台風のため"}
    )

    page = await coordinator.get("/staff")

    assert page.status_code == 200
    for words in ("変更を知らせる方", "書きかけ", "午後の教室"):
        assert words in page.text


@pytest.mark.parametrize("role", [Role.administrator, Role.venue, Role.helpdesk])
async def test_today_is_there_for_every_role(client_as: ClientAs, role: Role) -> None:
    client = await client_as(role)

    assert (await client.get("/staff")).status_code == 200


async def test_p1_an_administrator_sees_no_class_of_today(client_as: ClientAs) -> None:
    today = await make_course(title="午後の教室")
    await make_class_session(course=today.id, starts_at=in_days(0.1))
    client = await client_as(Role.administrator)

    page = await client.get("/staff")

    assert "午後の教室" not in page.text
    assert "/staff/courses" not in page.text


@pytest.mark.parametrize(
    "path",
    [
        "/staff/courses/999",
        "/staff/courses/999/edit",
        "/staff/courses/999/bookings",
        "/staff/sessions/999/move",
        "/staff/sessions/999/call-off",
        "/staff/bookings/999/cancellation",
        "/staff/courses/99999999999999999999",
    ],
)
async def test_what_does_not_exist_is_not_found(coordinator: httpx.AsyncClient, path: str) -> None:
    assert (await coordinator.get(path)).status_code == 404


@pytest.mark.parametrize("query", ["?done=<script>", "?done=moved&told=x", "?done=", "?told=3"])
async def test_a_forged_note_says_nothing_of_its_own(
    coordinator: httpx.AsyncClient, query: str
) -> None:
    course, _ = await course_with_sessions()

    page = await coordinator.get(f"/staff/courses/{course.id}{query}")

    assert page.status_code == 200
    assert "<script>" not in page.text.split("</head>")[1].replace("<script src", "")
    assert "お知らせする方が" not in page.text


async def test_a_place_not_known_yet_can_be_a_venue_alone(coordinator: httpx.AsyncClient) -> None:
    course = await make_course(published_at=None, closes_at=in_days(2))
    venue = await make_venue()
    typed = {
        "day": "2026-12-01",
        "starts": "10:00",
        "ends": "11:00",
        "place": f"{venue.id}-",
    }

    answer = await coordinator.post(f"/staff/courses/{course.id}/sessions/new", data=typed)

    assert answer.status_code == 303
    [session] = await ClassSession.select()
    assert (session["venue"], session["room"]) == (venue.id, None)
