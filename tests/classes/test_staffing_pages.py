"""S3, C4, P2: what a coordinator does about who helps, through her pages."""

import json
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

import httpx
import pytest

from server.audit.tables import AuditEntry
from server.classes.tables import Assignment, ClassSession
from server.notices.tables import Notice
from server.roles import Role
from tests.classes.helpers_cast import (
    ASSISTANT,
    LEAD,
    assigned,
    live,
    make_lead,
    make_lecturer,
    make_session,
    named,
)
from tests.classes.pressed import filled
from tests.classes.staff_cast import HANAKO, again, book, in_days
from tests.databases import Database
from tests.factories import (
    make_course,
    make_municipality,
    make_room,
    make_section,
    make_supporter,
)
from tests.statements import counted

ClientAs = Callable[..., Awaitable[httpx.AsyncClient]]
MONTH = "/staff/staffing?month=2026-12"


@pytest.fixture(autouse=True)
async def city(database: Database, frozen_now: datetime) -> None:
    await make_municipality()


@pytest.fixture
async def coordinator(client_as: ClientAs) -> httpx.AsyncClient:
    return await client_as(Role.coordinator)


def place(session: ClassSession) -> str:
    return f"/staff/sessions/{session.id}/staffing"


async def test_s3_a_month_shows_the_short_sessions_first_and_fills_them_by_one_press(
    coordinator: httpx.AsyncClient,
) -> None:
    session = await make_session(in_days(12), assistants_needed=1)
    lead = await named("講師花子", "こうしはなこ", may_lead=True)
    midori = await named("佐藤みどり", "さとうみどり")

    page = (await coordinator.get(MONTH)).text
    pressed = filled(page, place(session))
    first = await coordinator.post(place(session), data=pressed)
    page = (await coordinator.get(MONTH)).text
    await coordinator.post(place(session), data=filled(page, place(session)))
    done = (await coordinator.get(MONTH)).text

    assert "人が足りない日程（1件）" in page
    assert pressed == {"role": "lead", "helper": f"s{lead.id}", "back": "month"}
    assert first.headers["location"] == "/staff/staffing?month=2026-12&done=assigned_call"
    assert await live(session) == [("lead", lead.id), ("assistant", midori.id)]
    assert "人が足りない日程（0件）" in done
    assert "講師花子" in done.split("そのほかの日程（1件）")[1]


async def test_p2_reading_names_on_the_month_is_audited(coordinator: httpx.AsyncClient) -> None:
    session, midori = await make_session(in_days(12), leads_needed=0), await make_supporter()
    await assigned(session, ASSISTANT, midori)
    other = await make_supporter()

    await coordinator.get(MONTH)

    [entry] = await AuditEntry.select().where(AuditEntry.action == "read")
    assert json.loads(entry["facts"]) == {
        "page": "/staff/staffing",
        "ids": [midori.id, other.id],
        "month": "2026-12",
    }


async def test_c4_another_sections_sessions_are_not_there(client_as: ClientAs) -> None:
    own = await make_section()
    mine = await make_session(
        in_days(12), course=(await make_course(section=own.id, title="うちの教室")).id
    )
    theirs = await make_session(in_days(12), course=(await make_course(title="よその教室")).id)
    hers = await client_as(Role.coordinator, section=own.id)

    page = (await hers.get(MONTH)).text

    assert ("うちの教室" in page, "よその教室" in page) == (True, False)
    assert (await hers.get(place(mine))).status_code == httpx.codes.OK
    for answer in (
        await hers.get(place(theirs)),
        await hers.post(place(theirs), data={"role": "lead", "helper": "s1"}),
        await hers.post(f"/staff/sessions/{theirs.id}/helpers-needed", data={}),
    ):
        assert answer.status_code == httpx.codes.NOT_FOUND


async def test_s3_one_session_with_its_helpers_and_candidates(
    coordinator: httpx.AsyncClient,
) -> None:
    session, outside = await make_session(), await make_lecturer("外部太郎")
    midori = await named("佐藤みどり", "さとうみどり", phone="090-0000-7777")
    await assigned(session, ASSISTANT, midori)
    await named("候補一子", "こうほいちこ")

    page = (await coordinator.get(f"{place(session)}?role=assistant")).text
    answer = await coordinator.post(
        place(session), data={"role": "lead", "helper": f"l{outside.id}", "back": "session"}
    )

    assert 'href="tel:09000007777"' in page
    assert page.index("佐藤みどり") < page.index("補助の候補者") < page.index("候補一子")
    assert answer.headers["location"] == f"{place(session)}?done=lecturer"
    assert "外部太郎" in (await coordinator.get(place(session))).text


async def test_s3_a_clash_is_asked_about_once_and_kept_with_its_reason(
    coordinator: httpx.AsyncClient,
) -> None:
    session, other = await make_session(in_days(7)), await make_session(in_days(7))
    midori = await make_supporter()
    await assigned(other, ASSISTANT, midori)
    asked = {"role": "assistant", "helper": f"s{midori.id}", "back": "session"}

    warned = await coordinator.post(place(session), data=asked)
    silent = await coordinator.post(place(session), data=filled(warned.text, place(session)))
    typed = filled(silent.text, place(session)) | {"overruled": "すぐ近くなので"}
    answer = await coordinator.post(place(session), data=typed)

    assert warned.status_code == silent.status_code == httpx.codes.CONFLICT
    assert "同じ時間に、「はじめてのスマートフォン」" in warned.text
    assert "それでも行う理由を書いてください。" not in warned.text
    assert "それでも行う理由を書いてください。" in silent.text
    assert answer.status_code == httpx.codes.SEE_OTHER
    page = (await coordinator.get(place(session))).text
    assert "理由：すぐ近くなので" in page


async def test_s8_without_insurance_there_is_nothing_to_overrule(
    coordinator: httpx.AsyncClient,
) -> None:
    session, midori = await make_session(), await make_supporter(papers=False)

    answer = await coordinator.post(
        place(session),
        data={"role": "assistant", "helper": f"s{midori.id}", "overruled": "どうしても"},
    )

    assert answer.status_code == httpx.codes.CONFLICT
    assert "それでも配置する" not in answer.text
    assert await live(session) == []


@pytest.mark.parametrize("helper", ["", "s", "x1", "s1.5", "s" + "9" * 12, "l0"])
async def test_nonsense_is_answered_without_a_change(
    coordinator: httpx.AsyncClient, helper: str
) -> None:
    session = await make_session()

    answer = await coordinator.post(place(session), data={"role": "lead", "helper": helper})

    assert answer.status_code in (httpx.codes.NOT_FOUND, httpx.codes.CONFLICT)
    assert await Assignment.count() == 0


@pytest.mark.parametrize(("tell", "notices"), [("y", 1), ("", 0)])
async def test_b10_taking_off_puts_a_line_onto_the_call_list_unless_she_knows(
    coordinator: httpx.AsyncClient, tell: str, notices: int
) -> None:
    session = await make_session()
    midori = await named("佐藤みどり", "さとうみどり", phone="090-0000-7777")
    row = await assigned(session, ASSISTANT, midori)
    path = f"/staff/assignments/{row['id']}/removal"

    page = await coordinator.get(path)
    empty = await coordinator.post(path, data={"reason": "", "tell": "y"})
    await coordinator.post(
        path, data={"reason": "人数の見直し", **({"tell": tell} if tell else {})}
    )

    assert "佐藤みどり" in page.text
    assert empty.status_code == httpx.codes.UNPROCESSABLE_ENTITY
    assert await live(session) == []
    assert await Notice.count() == notices
    calls = (await coordinator.get("/staff/calls")).text
    assert ("お手伝いいただかなくてよいことになりました" in calls) == bool(notices)
    assert (await coordinator.get(path)).status_code == httpx.codes.NOT_FOUND


async def test_p1_supporters_stand_on_the_call_list_of_coordinators_only(
    coordinator: httpx.AsyncClient, client_as: ClientAs
) -> None:
    session = await make_session()
    midori = await named("佐藤みどり", "さとうみどり", phone="090-0000-7777")
    await assigned(session, ASSISTANT, midori)
    await coordinator.post(
        f"/staff/sessions/{session.id}/call-off", data={"reason": "警報", "version": "1"}
    )
    helpdesk = await client_as(Role.helpdesk)
    venue = await client_as(Role.venue, venue=session.venue)

    seen = ["090-0000-7777" in (await who.get("/staff/calls")).text for who in (helpdesk, venue)]

    assert "090-0000-7777" in (await coordinator.get("/staff/calls")).text
    assert seen == [False, False]


async def test_a_supporter_and_a_booking_of_the_same_number_are_two_calls(
    coordinator: httpx.AsyncClient,
) -> None:
    course = await make_course()
    session = await make_session(course=course.id)
    booking = await book(HANAKO, course)
    row = await assigned(session, ASSISTANT, await named("佐藤みどり", "さとうみどり"))
    assert booking["id"] == row["id"]  # their numbers overlap

    await coordinator.post(
        f"/staff/sessions/{session.id}/call-off", data={"reason": "警報", "version": "1"}
    )

    page = (await coordinator.get("/staff/calls")).text
    assert ("山田花子" in page, "佐藤みどり" in page) == (True, True)


async def test_b10_before_moving_a_session_its_helpers_are_counted(
    coordinator: httpx.AsyncClient,
) -> None:
    room = await make_room()
    session = await make_session(in_days(7), venue=room.venue, room=room.id)
    other = await make_session(in_days(9))
    midori, outside = await make_supporter(phone="090-0000-7777"), await make_lecturer()
    for each in (session, other):
        await assigned(each, ASSISTANT, midori)
    path = f"/staff/sessions/{session.id}/move"
    await coordinator.post(
        place(session), data={"role": "lead", "helper": f"l{outside.id}", "back": "session"}
    )
    typed = filled((await coordinator.get(path)).text, path) | {"day": "2026-11-30"}

    shown = await coordinator.post(path, data=typed)
    moved = await coordinator.post(path, data=filled(shown.text, path))

    assert "配置されているサポーター1人に連絡します" in shown.text
    assert "外部講師1人には、電話で連絡してください" in shown.text
    assert "配置されている人が、同じ時間に「はじめてのスマートフォン」" in shown.text
    assert moved.headers["location"].endswith("done=moved&told=1&ended=0")


async def test_c1_the_numbers_that_a_session_needs_are_typed_with_its_date(
    coordinator: httpx.AsyncClient,
) -> None:
    course, room = await make_course(closes_at=in_days(1)), await make_room()
    path = f"/staff/courses/{course.id}/sessions/new"
    typed = {"day": "2026-12-02", "starts": "10:00", "ends": "11:30"}
    typed |= {"place": f"{room.venue}-{room.id}", "leads_needed": "2", "trainee_places": "3"}

    answer = await coordinator.post(path, data=typed)

    assert answer.status_code == httpx.codes.SEE_OTHER
    [row] = await ClassSession.select()
    assert (row["leads_needed"], row["assistants_needed"], row["trainee_places"]) == (2, 4, 3)


async def test_s3_the_numbers_needed_are_changed_beside_the_candidates(
    coordinator: httpx.AsyncClient,
) -> None:
    session = await make_session()
    path = f"/staff/sessions/{session.id}/helpers-needed"
    typed = filled((await coordinator.get(place(session))).text, path)

    saved = await coordinator.post(path, data=typed | {"assistants_needed": "5"})
    stale = await coordinator.post(path, data=typed | {"assistants_needed": "6"})
    wrong = await coordinator.post(path, data=typed | {"assistants_needed": "-1"})

    assert saved.headers["location"] == f"{place(session)}?done=needed"
    assert stale.status_code == httpx.codes.CONFLICT
    assert 'value="6"' in stale.text
    assert wrong.status_code == httpx.codes.UNPROCESSABLE_ENTITY
    assert (await again(session))["assistants_needed"] == 5


async def test_the_month_takes_as_many_statements_for_thirty_as_for_one(
    coordinator: httpx.AsyncClient,
) -> None:
    sent = []
    for more in (1, 15):
        for number in range(more):
            session = await make_session(in_days(11 + number))
            await assigned(session, LEAD, await make_lead())
        with counted() as statements:
            await coordinator.get(MONTH)
        sent.append(len(statements))

    assert sent[0] == sent[1]


async def test_a_session_that_is_called_off_is_not_staffed(coordinator: httpx.AsyncClient) -> None:
    session = await make_session(called_off_at=in_days(-1))

    assert (await coordinator.get(place(session))).status_code == httpx.codes.NOT_FOUND


@pytest.mark.parametrize("words", ["", "2026-13", "x", "1900-01"])
async def test_an_unknown_month_is_this_one(coordinator: httpx.AsyncClient, words: str) -> None:
    answer: Any = await coordinator.get(f"/staff/staffing?month={words}")

    assert "令和8年11月の配置" in answer.text
