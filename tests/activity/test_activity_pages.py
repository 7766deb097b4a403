"""What coordinators do with activity reports: approve, return, withdraw, add up."""

import io
import re
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import openpyxl
import pytest

from server import clock
from server.activity import activities, approvals
from server.activity.tables import ActivityApproval, ActivityReport
from server.audit.tables import AuditEntry
from server.classes.tables import ClassSession, Course
from server.people import merging
from server.roles import Role
from tests.activity.cast import ICT, Neighbour, called, neighbour
from tests.activity.test_activities import facts, helped_at_class
from tests.databases import Database
from tests.factories import make_municipality, make_section
from tests.statements import counted

ClientAs = Callable[..., Awaitable[httpx.AsyncClient]]

NOW = datetime(2026, 11, 21, 1, tzinfo=UTC)


@pytest.fixture(autouse=True)
async def city(database: Database, frozen_now: datetime) -> None:
    await make_municipality()


@pytest.fixture
async def haruko(database: Database) -> Neighbour:
    return await neighbour()


@pytest.fixture
async def desk(client_as: ClientAs) -> httpx.AsyncClient:
    return await client_as(Role.coordinator)


async def states() -> list[str]:
    rows = await ActivityReport.select().order_by(ActivityReport.id)
    return [row["state"] for row in rows]


async def approved(who: Neighbour, at: str, minutes: int = 60, **typed: Any) -> dict[str, Any]:
    report = await called(who, at, minutes, **typed)
    await approvals.approve(report["id"], by=ICT)
    return report


async def test_s4_what_waits_is_shown_first_and_approved_in_one_go(
    desk: httpx.AsyncClient, haruko: Neighbour
) -> None:
    for day in (18, 19, 20):
        await called(haruko, f"2026-11-{day} 10:00")
    page = await desk.get("/staff/activities")
    ticked = re.findall(r'name="report" value="(\d+-\d+)" checked', page.text)
    assert len(ticked) == 3

    answer = await desk.post(
        "/staff/activities/approvals?state=submitted", data={"report": ticked[:2]}
    )

    assert answer.headers["location"] == "/staff/activities?approved=2"
    assert "2件を承認しました。" in (await desk.get(answer.headers["location"])).text
    assert sorted(await states()) == ["approved", "approved", "submitted"]


async def test_s4_what_changed_since_it_was_seen_is_not_approved_with_the_rest(
    desk: httpx.AsyncClient, haruko: Neighbour
) -> None:
    first, second = await called(haruko), await called(haruko, "2026-11-19 10:00")
    await activities.change(first["id"], facts(minutes=300), version=1, by=haruko)

    answer = await desk.post(
        "/staff/activities/approvals", data={"report": [f"{first['id']}-1", f"{second['id']}-1"]}
    )

    assert answer.status_code == 409
    assert "1件を承認しました。" in answer.text
    assert "山本春子さん（11月20日（金）午前10時）" in answer.text
    assert await states() == ["submitted", "approved"]


@pytest.mark.parametrize("value", ["", "x", "1", "1-", "-1", "99999999999-1", "１-１"])
async def test_approving_nonsense_is_not_found(desk: httpx.AsyncClient, value: str) -> None:
    answer = await desk.post("/staff/activities/approvals", data={"report": value})

    assert answer.status_code == 404


async def test_approving_what_does_not_exist_is_not_found(desk: httpx.AsyncClient) -> None:
    answer = await desk.post("/staff/activities/approvals", data={"report": "77777-1"})

    assert answer.status_code == 404


async def test_s4_a_report_is_returned_with_a_word(
    desk: httpx.AsyncClient, haruko: Neighbour
) -> None:
    report = await called(haruko)
    path = f"/staff/activities/{report['id']}"
    assert (await desk.post(f"{path}/return", data={"word": " "})).status_code == 422

    answer = await desk.post(f"{path}/return", data={"word": "人数を確かめてください。"})

    assert answer.headers["location"] == f"{path}?done=returned"
    page = await desk.get(answer.headers["location"])
    assert "差し戻しました。" in page.text
    assert "人数を確かめてください。" in page.text
    late = await desk.post(f"{path}/return", data={"word": "もう一度"})
    assert late.status_code == 409
    assert "すでに承認か差戻しが済んでいるか" in late.text


async def test_s4_an_approval_is_withdrawn_with_a_reason_and_stays_on_record(
    desk: httpx.AsyncClient, haruko: Neighbour
) -> None:
    report = await called(haruko)
    path = f"/staff/activities/{report['id']}"
    page = await desk.get(path)
    version = re.search(r'name="version" value="(\d+)"', page.text)
    assert version
    await desk.post(f"{path}/approval", data={"version": version[1]})
    assert await states() == ["approved"]

    assert (await desk.post(f"{path}/approval-withdrawal", data={})).status_code == 422
    answer = await desk.post(f"{path}/approval-withdrawal", data={"reason": "二重でした"})

    page = await desk.get(answer.headers["location"])
    assert "取消：二重でした" in page.text
    assert await states() == ["submitted"]


async def test_s4_a_stale_approval_shows_the_report_as_it_stands(
    desk: httpx.AsyncClient, haruko: Neighbour
) -> None:
    report = await called(haruko)
    await activities.change(report["id"], facts(minutes=300), version=1, by=haruko)

    answer = await desk.post(f"/staff/activities/{report['id']}/approval", data={"version": "1"})

    assert answer.status_code == 409
    assert "5時間" in answer.text
    assert await states() == ["submitted"]


async def test_s4_her_own_report_is_left_to_others(client_as: ClientAs, haruko: Neighbour) -> None:
    double = await client_as(Role.coordinator, person=haruko.person_id)
    report = await called(haruko)
    path = f"/staff/activities/{report['id']}"

    page = await double.get(path)
    assert "ご自分の報告です。" in page.text
    assert "この報告を承認する" not in page.text
    assert (await double.post(f"{path}/approval", data={"version": "1"})).status_code == 409
    answer = await double.post("/staff/activities/approvals", data={"report": f"{report['id']}-1"})
    assert answer.status_code == 409


async def test_c4_another_sections_reports_are_not_found(
    client_as: ClientAs, haruko: Neighbour
) -> None:
    call = await called(haruko, "2026-11-19 10:00")
    helped = await helped_at_class(haruko, "2026-11-20 10:00")
    session = await ClassSession.select().where(ClassSession.id == helped["session"]).first()
    assert session is not None
    course = await Course.select().where(Course.id == session["course"]).first()
    assert course is not None
    own = await client_as(Role.coordinator, section=course["section"])
    other = await client_as(Role.coordinator, section=(await make_section()).id)

    assert (await own.get(f"/staff/activities/{helped['id']}")).status_code == 200
    assert (await own.get(f"/staff/activities/{call['id']}")).status_code == 404
    assert (await other.get(f"/staff/activities/{helped['id']}")).status_code == 404
    assert "承認待ちの報告はありません。" in (await other.get("/staff/activities")).text


async def test_p2_a_reading_of_the_list_is_audited(
    desk: httpx.AsyncClient, haruko: Neighbour
) -> None:
    report = await called(haruko)
    await desk.get("/staff/activities")

    rows = await AuditEntry.select().where(AuditEntry.action == "read")
    assert [str(report["id"]) in row["facts"] for row in rows] == [True]


async def test_the_list_is_narrowed_by_its_address(
    desk: httpx.AsyncClient, haruko: Neighbour
) -> None:
    natsuo = await neighbour("木村夏夫", "きむらなつお")
    await approved(haruko, "2026-10-20 10:00")
    await called(natsuo, "2026-11-20 10:00")

    async def names(query: str) -> set[str]:
        page = await desk.get(f"/staff/activities?{query}")
        assert page.status_code == 200
        return set(re.findall("山本春子|木村夏夫", page.text))

    assert await names("state=all") == {"山本春子", "木村夏夫"}
    assert await names("state=approved") == {"山本春子"}
    assert await names("state=all&month=2026-11") == {"木村夏夫"}
    assert await names(f"state=all&district={haruko.district_id}") == {"山本春子"}
    assert await names(f"state=all&supporter={natsuo.supporter_id}") == {"木村夏夫"}
    assert await names("state=x&month=13&district=9%27&page=-1") == {"木村夏夫"}
    assert await names("state=all&page=2") == set()


async def test_the_list_takes_as_many_statements_for_thirty_reports_as_for_one(
    desk: httpx.AsyncClient, haruko: Neighbour
) -> None:
    await called(haruko, "2026-11-20 01:00", 10)
    await desk.get("/staff/activities")
    with counted() as one:
        await desk.get("/staff/activities")
    for hour in range(2, 23):
        await called(haruko, f"2026-11-20 {hour:02}:00", 10)
    await desk.get("/staff/activities")
    with counted() as many:
        await desk.get("/staff/activities")

    assert len(one) == len(many)


@pytest.mark.parametrize(
    ("by", "said"),
    [
        ("month", "令和8年11月"),
        ("supporter", "山本春子"),
        ("district", "地区"),
        ("year", "令和8年度"),
        ("nonsense", "令和8年11月"),
    ],
)
async def test_t5_every_total_opens_the_rows_that_make_it_up(
    desk: httpx.AsyncClient, haruko: Neighbour, by: str, said: str
) -> None:
    await approved(haruko, "2026-11-02 10:00", 90, people_helped=3)
    await approved(haruko, "2026-11-03 10:00", 45, people_helped=2)
    page = await desk.get(f"/staff/activities/totals?by={by}")
    line = re.search(r'<th scope="row"><a href="([^"]*)">([^<]*)</a>', page.text)
    assert line
    assert said in line[2]
    assert "2時間15分" in page.text

    behind = await desk.get("/staff/activities/totals" + line[1].replace("&amp;", "&"))

    assert "2件、2時間15分、5人をお手伝い" in behind.text
    assert re.findall(r'data-label="時間（分）">(\d+)', behind.text) == ["90", "45"]


async def test_t5_as_known_on_a_day_shows_what_was_known_then(
    desk: httpx.AsyncClient, haruko: Neighbour
) -> None:
    with clock.freeze(NOW - timedelta(days=3)):
        report = await approved(haruko, "2026-11-02 10:00", 90)
    await approvals.withdraw(report["id"], "二重", by=ICT)

    now = await desk.get("/staff/activities/totals")
    then = await desk.get("/staff/activities/totals?as_of=2026-11-20")
    before = await desk.get("/staff/activities/totals?as_of=2026-11-17")

    assert "この期間に承認された活動はありません。" in now.text
    assert "1時間30分" in then.text
    assert "この期間に承認された活動はありません。" in before.text


@pytest.mark.parametrize(
    "query",
    [
        "by=month&year=9999",
        "year=abc",
        "as_of=0001-01-01",
        "as_of=x",
        "key=2026-11",
        "by=district&key=",
    ],
)
async def test_totals_take_any_address(desk: httpx.AsyncClient, query: str) -> None:
    assert (await desk.get(f"/staff/activities/totals?{query}")).status_code == 200
    assert (await desk.get(f"/staff/activities/totals/file?{query}")).status_code == 200


async def test_a_file_takes_hostile_words_as_words_in_either_format(
    desk: httpx.AsyncClient,
) -> None:
    evil = await neighbour('=HYPERLINK("http://example.jp")', "いーびる")
    await approved(evil, "2026-11-02 10:00", 90, kind="other", place="+cmd|' /C calc'!A0")
    query = "by=supporter"

    csv = await desk.get(f"/staff/activities/totals/file?{query}&format=csv")
    rows = await desk.get(f"/staff/activities/totals/file?{query}&key={evil.person_id}")
    xlsx = await desk.get(f"/staff/activities/totals/file?{query}&format=xlsx")
    sheet = openpyxl.load_workbook(io.BytesIO(xlsx.content)).active

    assert "'=HYPERLINK" in csv.content.decode("utf-8-sig")
    assert ",'+cmd|" in rows.content.decode("utf-8-sig")
    assert sheet is not None
    assert [(cell.value, cell.data_type) for cell in sheet[2]] == [
        ('=HYPERLINK("http://example.jp")', "s"),
        (90, "n"),
        (1, "n"),
        (1, "n"),
        (1, "n"),
    ]


async def test_p2_a_file_with_names_is_audited(desk: httpx.AsyncClient, haruko: Neighbour) -> None:
    await approved(haruko, "2026-11-02 10:00")
    before = await AuditEntry.count().where(AuditEntry.action == "read")

    await desk.get("/staff/activities/totals/file?by=month")
    assert await AuditEntry.count().where(AuditEntry.action == "read") == before
    await desk.get("/staff/activities/totals/file?by=supporter")
    await desk.get("/staff/activities/totals/file?by=month&key=2026-11")
    assert await AuditEntry.count().where(AuditEntry.action == "read") == before + 2


async def test_nothing_counted_is_lost(haruko: Neighbour, desk: httpx.AsyncClient) -> None:
    """Approved, changed, approved, withdrawn: every step is still there (T5)."""
    report = await approved(haruko, "2026-11-02 10:00")
    await activities.change(report["id"], facts(minutes=30), version=2, by=haruko)
    await approvals.approve(report["id"], by=ICT)
    await activities.withdraw(report["id"], by=haruko)

    page = await desk.get(f"/staff/activities/{report['id']}")

    assert await ActivityApproval.count() == 2
    assert page.text.count("取消：") == 2


async def test_c4_totals_keep_another_sections_names_and_minutes(
    client_as: ClientAs, haruko: Neighbour
) -> None:
    natsuo = await neighbour("木村夏夫", "きむらなつお")
    await approved(haruko, "2026-11-19 10:00")
    helped = await helped_at_class(natsuo, "2026-11-20 10:00")
    await approvals.approve(helped["id"], by=ICT)
    session = await ClassSession.select().where(ClassSession.id == helped["session"]).first()
    assert session is not None
    course = await Course.select().where(Course.id == session["course"]).first()
    assert course is not None

    async def seen(section_id: int | None) -> list[set[str]]:
        given = {} if section_id is None else {"section": section_id}
        client = await client_as(Role.coordinator, **given)
        found = []
        for path in ("", "/file"):
            answer = await client.get(f"/staff/activities/totals{path}?by=supporter&year=2026")
            found.append(set(re.findall("山本春子|木村夏夫", answer.text)))
        behind = await client.get(
            f"/staff/activities/totals/file?by=supporter&year=2026&key={haruko.person_id}"
        )
        return [*found, set(re.findall("山本春子", behind.text))]

    both = {"山本春子", "木村夏夫"}
    assert await seen(None) == [both, both, {"山本春子"}]
    assert await seen(course["section"]) == [{"木村夏夫"}, {"木村夏夫"}, set()]
    assert await seen((await make_section()).id) == [set(), set(), set()]


async def test_t4_one_hour_told_under_two_names_is_shown_until_one_is_withdrawn(
    desk: httpx.AsyncClient, haruko: Neighbour
) -> None:
    double = await neighbour("山本はる子", "やまもとはるこ")
    first = await approved(haruko, "2026-11-20 10:00", 60)
    second = await approved(double, "2026-11-20 10:30", 60)
    await approved(double, "2026-11-20 11:30", 60)
    assert "同じ時間の活動報告" not in (await desk.get("/staff/activities")).text

    await merging.merge(double.person_id, haruko.person_id, by=ICT)
    page = (await desk.get("/staff/activities")).text
    [pair] = await approvals.told_twice(ICT)
    await approvals.withdraw(second["id"], "重複", by=ICT)
    after = (await desk.get("/staff/activities")).text

    assert [each["id"] for each in pair] == [first["id"], second["id"]]
    notice = page.split("同じ時間の活動報告</h2>")[1].split("</ul>")[0]
    assert re.findall(r"/staff/activities/(\d+)", notice) == [str(first["id"]), str(second["id"])]
    assert "同じ時間の活動報告" not in after
