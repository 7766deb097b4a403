"""The call list: who is to be told what, in which order, and ticking it off."""

import re
from collections.abc import Awaitable, Callable
from datetime import datetime

import httpx
import pytest

from server.audit.tables import AuditEntry
from server.classes import bookings, courses, sessions
from server.classes.tables import ClassSession, Course
from server.notices.tables import Notice
from server.roles import Role
from tests.classes.staff_cast import (
    HANAKO,
    ICT,
    TARO,
    YUKI,
    book,
    course_with_sessions,
    in_days,
    session_facts,
)
from tests.databases import Database
from tests.factories import make_municipality, make_room
from tests.statements import counted

ClientAs = Callable[..., Awaitable[httpx.AsyncClient]]


@pytest.fixture(autouse=True)
async def city(database: Database, frozen_now: datetime) -> None:
    await make_municipality()


@pytest.fixture
async def coordinator(client_as: ClientAs) -> httpx.AsyncClient:
    return await client_as(Role.coordinator)


async def class_called_off(
    who: bookings.Applicant = HANAKO, **facts: object
) -> tuple[Course, ClassSession]:
    course, [session, *_] = await course_with_sessions(**facts)  # type: ignore[arg-type]
    await book(who, course)
    await sessions.call_off(session.id, "台風のため", version=1, by=ICT)
    return course, session


def cells(text: str) -> list[list[str]]:
    """What each line of the list says, without its markup."""
    lines = re.findall(r"<tr>(.*?)</tr>", text.split("<tbody>")[1], re.DOTALL)
    found = [re.findall(r"<t[hd].*?>(.*?)</t[hd]>", line, re.DOTALL) for line in lines]
    return [[" ".join(re.sub(r"<[^>]+>", " ", cell).split()) for cell in row] for row in found]


async def test_it_says_in_words_what_to_say(coordinator: httpx.AsyncClient) -> None:
    await class_called_off()

    [line] = cells((await coordinator.get("/staff/calls")).text)

    assert line[:4] == [
        "11月28日（土）午前10時",
        "山田花子 やまだはなこ",
        "電話 059-354-0000",
        "11月28日（土） 午前10時から11時30分までの「はじめてのスマートフォン」は中止になりました。"
        "ほかの日程は予定どおりです。（理由：台風のため）",
    ]


async def test_a_move_says_from_when_to_when_and_where(coordinator: httpx.AsyncClient) -> None:
    course, [session, _] = await course_with_sessions()
    await book(HANAKO, course)
    room = await make_room(name="和室")
    await sessions.move(session.id, session_facts(room, in_days(9)), version=1, by=ICT)

    [line] = cells((await coordinator.get("/staff/calls")).text)

    assert line[3].startswith(
        "11月28日（土） 午前10時から11時30分までの「はじめてのスマートフォン」は、"
        "11月30日（月） 午前10時から11時30分までに変わりました。"
    )
    assert line[3].endswith("和室です。申込はそのままです。")


async def test_another_room_says_from_where_to_where(coordinator: httpx.AsyncClient) -> None:
    course, [session, _] = await course_with_sessions()
    await book(HANAKO, course)
    room = await make_room(name="和室")
    await sessions.move(session.id, session_facts(room, session.starts_at), version=1, by=ICT)

    [line] = cells((await coordinator.get("/staff/calls")).text)

    assert "第1会議室から" in line[3]
    assert "和室に変わりました。" in line[3]


async def test_several_changes_of_one_date_are_one_call(coordinator: httpx.AsyncClient) -> None:
    course, [session, _] = await course_with_sessions()
    await book(HANAKO, course)
    for version, days in ((1, 9), (2, 10)):
        facts = session_facts(await make_room(), in_days(days))
        await sessions.move(session.id, facts, version=version, by=ICT)

    [line] = cells((await coordinator.get("/staff/calls")).text)
    assert (line[0], "12月1日（火）" in line[3], "11月30日" in line[3]) == (
        "11月28日（土）午前10時",
        True,
        False,
    )

    [newest] = await Notice.select().order_by(Notice.id, ascending=False).limit(1)
    await coordinator.post(f"/staff/calls/{newest['id']}/told")
    assert await Notice.count().where(Notice.told_at.is_null()) == 0


async def test_a_class_called_off_is_all_that_is_said_of_it(coordinator: httpx.AsyncClient) -> None:
    course, _ = await class_called_off()
    await courses.call_off(course.id, "講師急病のため", version=1, by=ICT)

    [line] = cells((await coordinator.get("/staff/calls")).text)

    assert line[3].endswith("中止になりました。（理由：講師急病のため）")


async def test_it_is_sorted_by_the_start_of_the_class(coordinator: httpx.AsyncClient) -> None:
    _, [_, later] = later_course = await course_with_sessions()
    await book(TARO, later_course[0])
    await sessions.call_off(later.id, "台風のため", version=1, by=ICT)
    await class_called_off()

    lines = cells((await coordinator.get("/staff/calls")).text)

    assert [line[1].split()[0] for line in lines] == ["山田花子", "山田太郎"]


async def test_who_gave_an_address_only_stands_there_too(coordinator: httpx.AsyncClient) -> None:
    await class_called_off(YUKI)

    [line] = cells((await coordinator.get("/staff/calls")).text)

    assert line[2] == "メール yuki@example.jp"


async def test_p2_the_reading_is_written_down(coordinator: httpx.AsyncClient) -> None:
    await class_called_off()
    [notice] = await Notice.select()

    await coordinator.get("/staff/calls")

    entry = await AuditEntry.select().order_by(AuditEntry.id, ascending=False).first()
    assert entry is not None
    assert (entry["action"], entry["subject"]) == ("read", "notice")
    assert f'"ids": [{notice["id"]}]' in entry["facts"]


async def test_told_twice_stays_what_it_was(
    coordinator: httpx.AsyncClient, client_as: ClientAs
) -> None:
    await class_called_off()
    [notice] = await Notice.select()
    address = f"/staff/calls/{notice['id']}/told"

    first = await coordinator.post(address)
    second = await (await client_as(Role.helpdesk)).post(address)

    assert (first.status_code, second.status_code) == (303, 303)
    page = await coordinator.get(first.headers["location"])
    assert "山田花子さんにお知らせしたことを記録しました。" in page.text
    assert "お知らせする方はいません。" in page.text
    entries = await AuditEntry.select().where(AuditEntry.action == "notice.told")
    assert len(entries) == 1


async def test_told_by_mistake_is_taken_back(coordinator: httpx.AsyncClient) -> None:
    course, [session, _] = await course_with_sessions()
    await book(HANAKO, course)
    for version, days in ((1, 9), (2, 10)):
        facts = session_facts(await make_room(), in_days(days))
        await sessions.move(session.id, facts, version=version, by=ICT)
    before = cells((await coordinator.get("/staff/calls")).text)
    [newest] = await Notice.select().order_by(Notice.id, ascending=False).limit(1)
    told = await coordinator.post(f"/staff/calls/{newest['id']}/told")
    page = await coordinator.get(told.headers["location"])
    [undo] = re.findall(r'action="(/staff/calls/\d+/untold)"', page.text)

    first, second = await coordinator.post(undo), await coordinator.post(undo)

    assert (first.status_code, second.status_code) == (303, 303)
    page = await coordinator.get(first.headers["location"])
    assert "記録を元に戻しました。" in page.text
    assert cells(page.text) == before
    assert await Notice.count().where(Notice.told_by.is_not_null()) == 0
    assert await AuditEntry.count().where(AuditEntry.action == "notice.untold") == 2


async def test_p1_only_who_sees_the_list_reads_who_was_told_or_takes_it_back(
    coordinator: httpx.AsyncClient, client_as: ClientAs
) -> None:
    await class_called_off()
    [notice] = await Notice.select()
    await coordinator.post(f"/staff/calls/{notice['id']}/told")
    other = await client_as(Role.venue)

    page = await other.get(f"/staff/calls?told={notice['id']}")
    answer = await other.post(f"/staff/calls/{notice['id']}/untold")

    assert "山田花子" not in page.text
    assert answer.status_code == 404
    assert await Notice.count().where(Notice.told_at.is_not_null()) == 1


async def test_b10_who_has_cancelled_herself_need_not_hear_of_a_move(
    coordinator: httpx.AsyncClient,
) -> None:
    course, [session, _] = await course_with_sessions()
    gone, stays = await book(HANAKO, course), await book(TARO, course)
    facts = session_facts(await make_room(), in_days(9))
    await sessions.move(session.id, facts, version=1, by=ICT)

    await bookings.cancel(gone["id"])

    lines = cells((await coordinator.get("/staff/calls")).text)
    assert [line[1].split()[0] for line in lines] == [stays["name"]]


async def test_b10_who_has_cancelled_herself_hears_what_was_called_off(
    coordinator: httpx.AsyncClient,
) -> None:
    course, [session, *_] = await course_with_sessions()
    booking = await book(HANAKO, course)
    await sessions.call_off(session.id, "台風のため", version=1, by=ICT)

    await bookings.cancel(booking["id"])

    assert len(cells((await coordinator.get("/staff/calls")).text)) == 1


async def test_p1_a_venue_calls_for_its_own_building(client_as: ClientAs) -> None:
    _, here = await class_called_off(HANAKO)
    await class_called_off(TARO)
    client = await client_as(Role.venue, venue=here.venue)
    [own, other] = await Notice.select().order_by(Notice.id)

    lines = cells((await client.get("/staff/calls")).text)
    answer = await client.post(f"/staff/calls/{other['id']}/told")

    assert [line[1].split()[0] for line in lines] == ["山田花子"]
    assert answer.status_code == 404
    assert (await client.post(f"/staff/calls/{own['id']}/told")).status_code == 303


async def test_p1_a_coordinator_calls_for_her_own_section(client_as: ClientAs) -> None:
    own, _ = await class_called_off(HANAKO)
    await class_called_off(TARO)
    client = await client_as(Role.coordinator, section=own.section)

    lines = cells((await client.get("/staff/calls")).text)

    assert [line[1].split()[0] for line in lines] == ["山田花子"]


async def test_what_does_not_exist_is_not_found(coordinator: httpx.AsyncClient) -> None:
    assert (await coordinator.post("/staff/calls/999/told")).status_code == 404


def of_the_page(sent: list[str]) -> list[str]:
    """Without the city's row, which is read again whenever anything has changed."""
    return [each for each in sent if '"municipality"' not in each]


async def test_it_takes_as_many_statements_for_many_as_for_one(
    coordinator: httpx.AsyncClient,
) -> None:
    await class_called_off()
    await coordinator.get("/staff/calls")
    with counted() as for_one:
        await coordinator.get("/staff/calls")
    for _ in range(5):
        await class_called_off()
    await coordinator.get("/staff/calls")

    with counted() as for_many:
        page = await coordinator.get("/staff/calls")

    assert len(cells(page.text)) == 6
    assert len(of_the_page(for_many)) == len(of_the_page(for_one))
