"""S4, S8, P1, P2: the pages on which a session's report is written."""

import json
import re
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest

from server import clock
from server.activity.tables import ActivityReport
from server.audit.tables import AuditEntry
from server.classes import attendance, reports
from server.classes.bookings import Applicant
from server.classes.tables import ClassSession, HelpRole
from server.roles import Role
from tests.classes.logged_cast import (
    HANAKO,
    TARO,
    Helper,
    books,
    held,
    helps,
    open_course,
    session_at,
    yesterday_session,
)
from tests.classes.staff_cast import ICT
from tests.databases import Database
from tests.factories import PASSWORD, make_municipality, make_section, make_venue
from tests.statements import counted

ClientAs = Callable[..., Awaitable[httpx.AsyncClient]]
NewClient = Callable[..., httpx.AsyncClient]


async def signed_in(new_client: NewClient, helper: Helper) -> httpx.AsyncClient:
    client = new_client()
    await client.post("/sign-in", data={"login": helper.account.login, "password": PASSWORD})
    return client


def filled(page: str) -> dict[str, list[str]]:
    """What a browser would post of the report's form as it was opened."""
    form = page.split('class="form log"')[1].split("</form>", maxsplit=1)[0]
    found: dict[str, list[str]] = {}
    for tag in re.findall(r"<input[^>]*>", form):
        name, value = re.search(r'name="([^"]*)"', tag), re.search(r'value="([^"]*)"', tag)
        ticks = 'type="radio"' in tag or 'type="checkbox"' in tag
        if name and (not ticks or "checked" in tag):
            found.setdefault(name[1], []).append(value[1] if value else "")
    return found | {"incidents": [""]}


async def readings_noted() -> list[dict[str, Any]]:
    rows = await AuditEntry.select().where(AuditEntry.action == "read")
    return [json.loads(row["facts"]) for row in rows]


@pytest.fixture
async def city(database: Database, frozen_now: Any) -> None:
    await make_municipality()


async def test_s4_the_lead_opens_the_page_and_presses_one_button(
    city: None, new_client: NewClient
) -> None:
    session = await yesterday_session()
    hanako, taro = await books(HANAKO, session), await books(TARO, session)
    lead, assistant = await helps(session), await helps(session, HelpRole.assistant, "中村進")
    client = await signed_in(new_client, lead)
    path = f"/my/sessions/{session.id}/log"

    typed = filled((await client.get(path)).text)
    answer = await client.post(path, data=typed)

    assert typed["present"] == [str(taro), str(hanako)]
    assert answer.headers["location"] == f"{path}?done=saved"
    report = await reports.current(session.id)
    assert report is not None
    assert (report["outcome"], report["head_count"]) == ("held", 2)
    assert [row["state"] for row in await ActivityReport.select()] == ["approved", "approved"]
    shown = (await client.get(answer.headers["location"])).text
    assert "開催報告を保存しました。" in shown
    assert shown.count("承認済み") == 2
    assert assistant.id in [row["assignment"] for row in await ActivityReport.select()]


async def test_walk_ins_come_on_top_of_those_who_are_ticked(
    city: None, new_client: NewClient
) -> None:
    session = await yesterday_session()
    hanako, taro = await books(HANAKO, session), await books(TARO, session)
    client = await signed_in(new_client, await helps(session))
    path = f"/my/sessions/{session.id}/log"

    typed = filled((await client.get(path)).text) | {"present": [str(taro)], "walk_ins": ["3"]}
    await client.post(path, data=typed)

    report = await reports.current(session.id)
    assert report is not None
    assert report["head_count"] == 4
    said = await attendance.of_session(session.id)
    assert {booking: row["presence"] for booking, row in said.items()} == {
        hanako: "absent",
        taro: "present",
    }
    again = filled((await client.get(f"{path}?correct=1")).text)
    assert (again["present"], again["walk_ins"]) == ([str(taro)], ["3"])


async def test_s4_changed_hours_are_typed_and_wait(city: None, new_client: NewClient) -> None:
    session = await yesterday_session()
    lead = await helps(session)
    client = await signed_in(new_client, lead)
    path = f"/my/sessions/{session.id}/log"

    typed = filled((await client.get(path)).text)
    assert typed[f"minutes_{lead.id}"] == ["90"]
    await client.post(path, data=typed | {f"minutes_{lead.id}": ["150"], "walk_ins": ["2"]})

    [row] = await ActivityReport.select()
    assert (row["minutes"], row["state"]) == (150, "submitted")
    assert "承認待ち" in (await client.get(path)).text


async def test_s8_the_lead_sees_readings_only_and_p2_it_is_noted(
    city: None, new_client: NewClient
) -> None:
    session = await yesterday_session()
    hanako = await books(HANAKO, session)
    lead = await helps(session)
    client = await signed_in(new_client, lead)

    page = (await client.get(f"/my/sessions/{session.id}/log")).text

    assert "やまだはなこ" in page
    for hidden in ("山田花子", "059-354-0000", "wheelchair", "車いす"):
        assert hidden not in page.split("<footer")[0]
    [noted] = await readings_noted()
    assert (noted["page"], noted["ids"]) == (f"/my/sessions/{session.id}/log", [hanako])
    assert "花子" not in json.dumps(noted, ensure_ascii=False)


async def test_s8_later_than_the_day_after_only_a_number_is_asked(
    city: None, new_client: NewClient
) -> None:
    session = await session_at(clock.now() - timedelta(days=2))
    await books(HANAKO, session)
    client = await signed_in(new_client, await helps(session))
    path = f"/my/sessions/{session.id}/log"

    page = (await client.get(path)).text
    typed = filled(page)
    answer = await client.post(path, data=typed | {"head_count": ["4"]})

    assert "やまだはなこ" not in page
    assert "present" not in typed
    assert answer.status_code == httpx.codes.SEE_OTHER
    assert await readings_noted() == []
    report = await reports.current(session.id)
    assert report is not None
    assert report["head_count"] == 4


async def test_p1_whoever_does_not_lead_finds_no_such_page(
    city: None, new_client: NewClient
) -> None:
    session = await yesterday_session()
    await helps(session)
    client = await signed_in(new_client, await helps(session, HelpRole.assistant, "中村進"))

    for answer in (
        await client.get(f"/my/sessions/{session.id}/log"),
        await client.post(f"/my/sessions/{session.id}/log", data={}),
        await client.get("/my/sessions/2000000/log"),
    ):
        assert answer.status_code == httpx.codes.NOT_FOUND


async def test_p1_venue_staff_write_the_reports_of_their_own_building(
    city: None, client_as: ClientAs
) -> None:
    own, other = await make_venue(), await make_venue()
    here = await yesterday_session(venue=own.id)
    there = await yesterday_session(venue=other.id)
    client = await client_as(Role.venue, venue=own.id)

    typed = filled((await client.get(f"/staff/sessions/{here.id}/log")).text)
    typed["walk_ins"] = ["2"]
    saved = await client.post(f"/staff/sessions/{here.id}/log", data=typed)

    assert saved.status_code == httpx.codes.SEE_OTHER
    for path in (f"/staff/sessions/{there.id}/log", f"/staff/sessions/{there.id}/log/voiding"):
        for answer in (await client.get(path), await client.post(path, data=typed)):
            assert answer.status_code == httpx.codes.NOT_FOUND
    assert await reports.current(there.id) is None


async def test_c4_another_sections_report_is_not_hers(city: None, client_as: ClientAs) -> None:
    session = await yesterday_session()
    client = await client_as(Role.coordinator, section=(await make_section()).id)

    answer = await client.get(f"/staff/sessions/{session.id}/log")

    assert answer.status_code == httpx.codes.NOT_FOUND


async def test_attendance_alone_is_saved_at_the_door(city: None, client_as: ClientAs) -> None:
    session = await session_at(clock.now() + timedelta(hours=1))
    hanako = await books(HANAKO, session)
    client = await client_as(Role.coordinator)
    path = f"/staff/sessions/{session.id}/log"

    page = (await client.get(path)).text
    before = await client.post(path, data=_ticks(hanako) | {"attendance_only": "y"})
    report = await client.post(path, data=_ticks(hanako))

    assert "まだ始まっていません" in page
    assert before.headers["location"] == f"{path}?done=ticked"
    assert len(await attendance.of_session(session.id)) == 1
    assert report.status_code == httpx.codes.CONFLICT
    assert await reports.current(session.id) is None


async def test_attendance_alone_keeps_the_rest_as_typed(city: None, client_as: ClientAs) -> None:
    session = await yesterday_session()
    hanako = await books(HANAKO, session)
    client = await client_as(Role.coordinator)
    path = f"/staff/sessions/{session.id}/log"
    typed = filled((await client.get(path)).text)
    more = {"walk_ins": ["3"], "incidents": ["机が足りませんでした"], "attendance_only": ["y"]}

    answer = await client.post(path, data=typed | more)

    assert answer.status_code == httpx.codes.OK
    assert "参加者の出欠だけを保存しました。" in answer.text
    kept = filled(answer.text)
    assert kept["walk_ins"] == ["3"]
    assert "机が足りませんでした" in answer.text
    assert kept["ticks"] == [f"{hanako}:present"]
    saved = await client.post(path, data=kept)
    assert saved.status_code == httpx.codes.SEE_OTHER


def _ticks(booking: int) -> dict[str, str]:
    return {
        "outcome": "held",
        "present": str(booking),
        "asked": str(booking),
        "walk_ins": "0",
        "seen": "0",
        "incidents": "",
    }


async def test_a_mistyped_number_keeps_what_was_typed(city: None, new_client: NewClient) -> None:
    session = await yesterday_session()
    await books(HANAKO, session)
    client = await signed_in(new_client, await helps(session))
    path = f"/my/sessions/{session.id}/log"

    typed = filled((await client.get(path)).text)
    answer = await client.post(
        path, data=typed | {"walk_ins": ["２人"], "present": [], "incidents": ["電池が切れた"]}
    )

    assert answer.status_code == httpx.codes.UNPROCESSABLE_ENTITY
    kept = filled(answer.text)
    assert (kept["walk_ins"], kept.get("present")) == (["２人"], None)
    assert "電池が切れた" in answer.text
    assert await reports.current(session.id) is None


async def test_what_somebody_else_saved_is_shown_before_it_is_replaced(
    city: None, new_client: NewClient
) -> None:
    session = await yesterday_session()
    client = await signed_in(new_client, await helps(session))
    path = f"/my/sessions/{session.id}/log"
    typed = filled((await client.get(path)).text) | {"walk_ins": ["9"]}
    await reports.save(session.id, held(7), by=ICT)

    stale = await client.post(path, data=typed)
    again = filled(stale.text)
    saved = await client.post(path, data=again)

    assert stale.status_code == httpx.codes.CONFLICT
    assert "ほかの人が保存した内容: 7" in stale.text
    assert again["walk_ins"] == ["9"]
    assert saved.status_code == httpx.codes.SEE_OTHER
    report = await reports.current(session.id)
    assert report is not None
    assert report["head_count"] == 9


async def test_a_session_that_was_called_off_asks_for_no_report(
    city: None, new_client: NewClient
) -> None:
    session = await yesterday_session(called_off_at=clock.now() - timedelta(days=3))
    client = await signed_in(new_client, await helps(session))

    page = (await client.get(f"/my/sessions/{session.id}/log")).text

    assert "この日程は中止になっています。" in page
    assert "開催報告を保存する" not in page


async def test_called_off_on_the_spot_leaves_nobody_present(
    city: None, new_client: NewClient
) -> None:
    session = await yesterday_session()
    await books(HANAKO, session)
    client = await signed_in(new_client, await helps(session))
    path = f"/my/sessions/{session.id}/log"
    typed = filled((await client.get(path)).text)
    await client.post(path, data=typed)
    again = filled((await client.get(f"{path}?correct=1")).text)

    await client.post(
        path, data=again | {"outcome": ["called_off"], "why_called_off": ["台風のため"]}
    )

    assert await attendance.of_session(session.id) == {}
    report = await reports.current(session.id)
    assert report is not None
    assert (report["outcome"], report["head_count"]) == ("called_off", 0)
    assert report["incidents"] == "台風のため"
    assert {row["state"] for row in await ActivityReport.select()} == {"withdrawn"}


async def test_t5_a_mistaken_report_is_taken_back_with_a_reason(
    city: None, client_as: ClientAs
) -> None:
    session = await yesterday_session()
    report = await reports.save(session.id, held(7), by=ICT)
    client = await client_as(Role.coordinator)
    path = f"/staff/sessions/{session.id}/log"
    typed = {"reason": "別の日の報告", "report": str(report["id"])}

    shown = await client.get(f"{path}/voiding")
    empty = await client.post(f"{path}/voiding", data={"reason": " "})
    done = await client.post(f"{path}/voiding", data=typed)
    twice = await client.post(f"{path}/voiding", data=typed)

    assert "未報告に戻ります" in shown.text
    assert empty.status_code == httpx.codes.UNPROCESSABLE_ENTITY
    assert done.headers["location"] == twice.headers["location"] == f"{path}?done=voided"
    assert await reports.current(session.id) is None
    assert (await client.get(f"{path}/voiding")).status_code == httpx.codes.NOT_FOUND


async def test_t3_the_class_page_says_what_is_unreported_and_leads_there(
    city: None, client_as: ClientAs
) -> None:
    course = await open_course()
    ended = await session_at(clock.now() - timedelta(days=1), course=course)
    to_come = await session_at(clock.now() + timedelta(days=1), course=course, number=2)
    client = await client_as(Role.coordinator)

    page = (await client.get(f"/staff/courses/{course.id}")).text
    roster = (await client.get(f"/staff/courses/{course.id}/bookings")).text
    await reports.save(ended.id, held(2), by=ICT)
    then = (await client.get(f"/staff/courses/{course.id}")).text

    assert ("未報告" in page, "未報告" in then) == (True, False)
    for each in (page, roster):
        assert f"/staff/sessions/{ended.id}/log" in each
        assert f"/staff/sessions/{to_come.id}/log" not in each


async def _statements(session: ClassSession, client: httpx.AsyncClient) -> int:
    with counted() as sent:
        assert (await client.get(f"/staff/sessions/{session.id}/log")).status_code == 200
    return len(sent)


async def test_the_page_takes_as_many_statements_for_eight_people_as_for_one(
    city: None, client_as: ClientAs
) -> None:
    one, many = await yesterday_session(), await yesterday_session()
    await books(HANAKO, one)
    await helps(one)
    for number in range(8):
        reading = "やまだ" + "いろはにほへとち"[number]
        await books(Applicant(name=reading, reading=reading, phone="059-354-0001"), many)
        await helps(many, HelpRole.assistant, f"中村{number}")
    client = await client_as(Role.coordinator)

    assert await _statements(one, client) == await _statements(many, client)


async def test_ticks_that_somebody_else_saved_are_shown_before_they_are_replaced(
    city: None, client_as: ClientAs
) -> None:
    session = await yesterday_session()
    hanako, taro = await books(HANAKO, session), await books(TARO, session)
    path = f"/staff/sessions/{session.id}/log"
    mine, other = await client_as(Role.coordinator), await client_as(Role.coordinator)
    typed = filled((await mine.get(path)).text) | {"attendance_only": ["y"]}
    theirs = filled((await other.get(path)).text) | {"attendance_only": ["y"]}
    await other.post(path, data=theirs | {"present": [str(taro)]})

    stale = await mine.post(path, data=typed | {"present": [str(hanako)]})
    kept = await attendance.of_session(session.id)
    again = await mine.post(path, data=filled(stale.text) | {"attendance_only": ["y"]})
    now = await attendance.of_session(session.id)

    assert stale.status_code == httpx.codes.CONFLICT
    assert "山田太郎（やまだたろう）" in stale.text.split('class="form log"')[0]
    assert {each: row["presence"] for each, row in kept.items()} == {
        hanako: "absent",
        taro: "present",
    }
    assert again.status_code == httpx.codes.OK
    assert {each: row["presence"] for each, row in now.items()} == {
        hanako: "present",
        taro: "absent",
    }


async def test_t5_only_the_report_that_was_on_the_screen_is_taken_back(
    city: None, client_as: ClientAs
) -> None:
    session, elsewhere = await yesterday_session(), await yesterday_session()
    other = await reports.save(elsewhere.id, held(1), by=ICT)
    first = await reports.save(session.id, held(7), by=ICT)
    client = await client_as(Role.coordinator)
    path = f"/staff/sessions/{session.id}/log/voiding"
    opened = (await client.get(path)).text
    await reports.save(session.id, held(8), by=ICT)

    async def press(report: str) -> httpx.Response:
        return await client.post(path, data={"reason": "誤り", "report": report})

    stale = await press(str(first["id"]))
    for nonsense in (str(other["id"]), "", "x"):
        assert (await press(nonsense)).status_code == httpx.codes.NOT_FOUND
    still = await reports.current(session.id)

    assert f'value="{first["id"]}"' in opened
    assert stale.status_code == httpx.codes.CONFLICT
    assert still is not None
    assert still["head_count"] == 8
    assert f'value="{still["id"]}"' in stale.text
    assert (await press(str(still["id"]))).status_code == httpx.codes.SEE_OTHER
    assert await reports.current(session.id) is None


async def test_t3_without_ticks_the_number_is_written_and_never_guessed(
    city: None, new_client: NewClient
) -> None:
    session = await session_at(clock.now() - timedelta(days=2))
    await books(HANAKO, session)
    await books(TARO, session)
    client = await signed_in(new_client, await helps(session))
    path = f"/my/sessions/{session.id}/log"
    page = (await client.get(path)).text
    typed = filled(page)

    as_it_stood = await client.post(path, data=typed)

    assert typed["head_count"] == [""]
    assert "申込は2名でした。" in page
    assert as_it_stood.status_code == httpx.codes.UNPROCESSABLE_ENTITY
    assert "参加した人数を入力してください。" in as_it_stood.text
    assert await reports.current(session.id) is None
    without_reason = await client.post(path, data=typed | {"outcome": ["called_off"]})
    assert without_reason.status_code == httpx.codes.UNPROCESSABLE_ENTITY
    off = await client.post(
        path, data=typed | {"outcome": ["called_off"], "why_called_off": ["台風のため"]}
    )
    assert off.status_code == httpx.codes.SEE_OTHER


async def test_t3_held_with_nobody_there_is_said_twice(city: None, new_client: NewClient) -> None:
    session = await session_at(clock.now() - timedelta(days=2))
    client = await signed_in(new_client, await helps(session))
    path = f"/my/sessions/{session.id}/log"
    typed = filled((await client.get(path)).text) | {"head_count": ["0"]}

    once = await client.post(path, data=typed)

    assert once.status_code == httpx.codes.UNPROCESSABLE_ENTITY
    assert "どなたも参加されなかった場合は" in once.text
    assert await ActivityReport.count() == 0
    twice = await client.post(path, data=filled(once.text))
    assert twice.status_code == httpx.codes.SEE_OTHER
    report = await reports.current(session.id)
    assert report is not None
    assert (report["outcome"], report["head_count"]) == ("held", 0)
