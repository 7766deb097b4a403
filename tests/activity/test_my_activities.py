"""A supporter's activity reports on her phone, without JavaScript."""

import re
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from server import clock
from server.activity import approvals
from server.activity.tables import ActivityReport, TroubleReport
from server.classes.tables import Assignment, HelpRole
from server.database import writing
from server.roles import Role
from server.supporters import schemes
from server.supporters.schemes import SchemeFacts
from server.topics import topics
from server.topics.tables import Topic
from tests.activity.cast import ICT, Neighbour, called, instant, neighbour
from tests.activity.test_activities import helped_at_class
from tests.databases import Database
from tests.factories import make_class_session, make_municipality, make_venue
from tests.pages import hidden
from tests.statements import counted

ClientAs = Callable[..., Awaitable[httpx.AsyncClient]]


@pytest.fixture(autouse=True)
async def city(database: Database, frozen_now: datetime) -> None:
    await make_municipality()


@pytest.fixture
async def haruko(database: Database) -> Neighbour:
    return await neighbour()


@pytest.fixture
async def phone(client_as: ClientAs, haruko: Neighbour) -> httpx.AsyncClient:
    return await client_as(Role.supporter, person=haruko.person_id)


def value_of(text: str, name: str) -> str:
    tag = re.search(rf'<input[^>]*name="{name}"[^>]*>', text)
    assert tag, f"no {name} in the page"
    value = re.search(r'value="([^"]*)"', tag[0])
    return value[1] if value else ""


async def filled(phone: httpx.AsyncClient, kind: str, **typed: Any) -> dict[str, str]:
    """The form as it comes, with what is typed into it."""
    page = await phone.get(f"/my/activities/new?kind={kind}")
    names = [name for name in ("submission", "day", "starts") if f'name="{name}"' in page.text]
    district = re.search(r'<option selected value="(\d+)">', page.text)
    form = {name: value_of(page.text, name) for name in names}
    form |= {"version": "", "note": "", "district": district[1] if district else ""}
    if 'name="venue"' in page.text:
        form |= {"venue": "", "place": ""}
    return form | {name: str(value) for name, value in typed.items()}


async def test_a_call_is_reported_by_filling_in_minutes_and_people(
    phone: httpx.AsyncClient, haruko: Neighbour
) -> None:
    form = await filled(phone, "call", minutes="２５", people_helped="1")

    answer = await phone.post("/my/activities/new?kind=call", data=form)

    assert (answer.status_code, answer.headers["location"]) == (
        303,
        "/my/activities?done=submitted",
    )
    [report] = await ActivityReport.select()
    assert (report["minutes"], report["kind"]) == (25, "call")
    assert report["starts_at"] == instant("2026-11-21 09:30")
    assert report["district"] == haruko.district_id
    page = await phone.get(answer.headers["location"])
    assert "報告が事務局に届きました。" in page.text
    assert "承認待ち" in page.text


async def test_a_salon_comes_filled_in_as_the_last_one_was(
    phone: httpx.AsyncClient, haruko: Neighbour
) -> None:
    venue = await make_venue(name="本町集会所")
    await called(haruko, "2026-11-14 09:15", 60, kind="salon", venue_id=venue.id, place="和室")

    page = await phone.get("/my/activities/new?kind=salon")

    assert (value_of(page.text, "day"), value_of(page.text, "starts")) == ("2026-11-21", "09:15")
    assert re.search(rf'<option selected value="{venue.id}">本町集会所', page.text)
    assert value_of(page.text, "place") == "和室"
    assert value_of(page.text, "minutes") == ""


async def test_after_midnight_the_form_says_the_day_on_which_it_began(
    phone: httpx.AsyncClient,
) -> None:
    with clock.freeze(instant("2026-11-21 00:10")):
        page = await phone.get("/my/activities/new?kind=call")

    assert (value_of(page.text, "day"), value_of(page.text, "starts")) == ("2026-11-20", "23:30")


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("minutes", "", "入力してください"),
        ("minutes", "1441", "時間が長すぎるようです"),
        ("minutes", "一時間", "数字"),
        ("people_helped", "-1", "0から999"),
        ("day", "0001-01-01", "年"),
        ("day", "2026-02-30", "日付"),
        ("starts", "25:00", "時刻"),
        ("district", "999999", "選"),
        ("topics", "999999", "選"),
        ("note", "あ" * 1001, "1000文字"),
    ],
)
async def test_what_is_wrong_is_said_and_what_was_typed_is_kept(
    phone: httpx.AsyncClient, field: str, typed: str, said: str
) -> None:
    form = await filled(phone, "call", minutes="25", people_helped="1")

    answer = await phone.post("/my/activities/new?kind=call", data=form | {field: typed})

    assert answer.status_code == 422
    errors = re.findall(r'<p class="field-error"[^>]*>(.*?)</p>', answer.text)
    assert errors
    assert said in errors[0]
    assert await ActivityReport.count() == 0


async def test_a_time_to_come_is_refused_beside_the_hour(phone: httpx.AsyncClient) -> None:
    form = await filled(phone, "call", minutes="90", people_helped="3")

    answer = await phone.post("/my/activities/new?kind=call", data=form)

    assert answer.status_code == 409
    assert 'id="starts-error">まだ終わっていない活動です' in answer.text
    assert value_of(answer.text, "people_helped") == "3"


async def test_overlapping_reports_are_refused_with_the_hours_of_the_other(
    phone: httpx.AsyncClient, haruko: Neighbour
) -> None:
    await called(haruko, "2026-11-21 09:00", 45)
    form = await filled(phone, "call", minutes="25", people_helped="1")

    answer = await phone.post("/my/activities/new?kind=call", data=form)

    assert answer.status_code == 409
    assert "別の活動報告と重なっています（11月21日（土）午前9時から9時45分まで）" in answer.text


async def test_a_double_tap_hands_in_once(phone: httpx.AsyncClient) -> None:
    form = await filled(phone, "call", minutes="25", people_helped="1")

    answers = [await phone.post("/my/activities/new?kind=call", data=form) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [303, 303]
    assert await ActivityReport.count() == 1


async def test_s8_visits_at_home_are_not_offered_unless_the_city_has_them(
    phone: httpx.AsyncClient,
) -> None:
    assert "kind=home_visit" not in (await phone.get("/my/activities")).text
    for kind in ("home_visit", "session", "nonsense", ""):
        assert (await phone.get(f"/my/activities/new?kind={kind}")).status_code == 404
    await schemes.save(SchemeFacts(home_visits=True), version=0, by=ICT)

    assert "kind=home_visit" in (await phone.get("/my/activities")).text
    form = await filled(phone, "home_visit", minutes="25", people_helped="1")
    answer = await phone.post("/my/activities/new?kind=home_visit", data=form)
    assert answer.status_code == 303


async def test_topics_are_kept_and_shown_again(phone: httpx.AsyncClient) -> None:
    await topics.load()
    [photos] = await Topic.select().where(Topic.code == "photos")
    form = await filled(phone, "call", minutes="25", people_helped="1", topics=photos["id"])
    await phone.post("/my/activities/new?kind=call", data=form)
    [report] = await ActivityReport.select()

    page = await phone.get(f"/my/activities/{report['id']}/edit")

    assert re.search(rf'value="{photos["id"]}" checked', page.text)


async def test_a_returned_report_stands_first_with_the_word_and_is_corrected(
    phone: httpx.AsyncClient, haruko: Neighbour
) -> None:
    report = await called(haruko)
    await approvals.send_back(report["id"], "<b>30分</b>ではありませんか。", by=ICT)

    page = await phone.get("/my/activities")
    assert "報告の確認をお願いします" in page.text
    assert "&lt;b&gt;30分&lt;/b&gt;ではありませんか。" in page.text
    edit = await phone.get(f"/my/activities/{report['id']}/edit")
    form = await filled(phone, "call", minutes="30", people_helped="1")
    form |= {name: value_of(edit.text, name) for name in ("submission", "version", "day", "starts")}
    answer = await phone.post(f"/my/activities/{report['id']}/edit", data=form)

    assert answer.headers["location"] == "/my/activities?done=changed"
    [row] = await ActivityReport.select()
    assert (row["minutes"], row["state"]) == (30, "submitted")


async def test_a_stale_correction_shows_how_it_stands(
    phone: httpx.AsyncClient, haruko: Neighbour
) -> None:
    report = await called(haruko)
    form = await filled(phone, "call", minutes="30", people_helped="1", version="7")

    answer = await phone.post(f"/my/activities/{report['id']}/edit", data=form)

    assert answer.status_code == 409
    assert "いま保存されている内容" in answer.text
    assert hidden(answer.text, "version") == "1"
    again = form | {"version": "1"}
    assert (await phone.post(f"/my/activities/{report['id']}/edit", data=again)).status_code == 303


async def test_of_a_class_the_form_asks_for_minutes_people_and_words_only(
    phone: httpx.AsyncClient, haruko: Neighbour
) -> None:
    report = await helped_at_class(haruko, "2026-11-20 10:00")
    page = await phone.get(f"/my/activities/{report['id']}/edit")
    for name in ("day", "starts", "venue", "district"):
        assert f'name="{name}"' not in page.text
    form = {name: value_of(page.text, name) for name in ("submission", "version")}
    form |= {"minutes": "120", "people_helped": "3", "note": "", "day": "2020-01-01"}

    await phone.post(f"/my/activities/{report['id']}/edit", data=form)

    [row] = await ActivityReport.select()
    assert (row["minutes"], row["starts_at"]) == (120, instant("2026-11-20 10:00"))


async def test_a_report_is_withdrawn_after_asking(
    phone: httpx.AsyncClient, haruko: Neighbour
) -> None:
    report = await called(haruko)
    page = await phone.get(f"/my/activities/{report['id']}/withdrawal")
    assert "この報告を取り下げますか" in page.text

    for _ in range(2):
        answer = await phone.post(f"/my/activities/{report['id']}/withdrawal")
        assert answer.headers["location"] == "/my/activities?done=withdrawn"

    listed = (await phone.get("/my/activities")).text
    assert "取下げ" in listed or "取り下げ" in listed
    assert f"/my/activities/{report['id']}/" not in listed
    assert (await phone.get(f"/my/activities/{report['id']}/edit")).status_code == 404


async def test_p1_another_supporters_report_is_not_found(
    phone: httpx.AsyncClient, database: Database
) -> None:
    report = await called(await neighbour("木村夏夫", "きむらなつお"))

    for path in ("edit", "withdrawal"):
        assert (await phone.get(f"/my/activities/{report['id']}/{path}")).status_code == 404
        assert (await phone.post(f"/my/activities/{report['id']}/{path}")).status_code == 404
    assert "木村夏夫" not in (await phone.get("/my/activities")).text


async def test_hostile_words_are_shown_as_words(
    phone: httpx.AsyncClient, haruko: Neighbour
) -> None:
    await called(haruko, kind="other", place="<script>alert(1)</script>", note="{{ 7*7 }}")

    page = await phone.get("/my/activities")

    assert "<script>alert" not in page.text
    assert "&lt;script&gt;alert(1)" in page.text


async def test_the_list_takes_as_many_statements_for_thirty_reports_as_for_one(
    phone: httpx.AsyncClient, haruko: Neighbour
) -> None:
    await called(haruko, "2026-11-20 01:00", 10)
    await phone.get("/my/activities")
    with counted() as one:
        await phone.get("/my/activities")
    for hour in range(2, 23):
        await called(haruko, f"2026-11-20 {hour:02}:00", 10)
    await phone.get("/my/activities")
    with counted() as many:
        await phone.get("/my/activities")

    assert len(one) == len(many)


async def test_s8_trouble_is_reported_in_words_alone_and_once(
    phone: httpx.AsyncClient, haruko: Neighbour
) -> None:
    page = await phone.get("/my/trouble")
    assert "119番か110番" in page.text
    form = {"submission": hidden(page.text, "submission"), "words": "転んだ方がいます。"}

    for _ in range(2):
        answer = await phone.post("/my/trouble", data=form)
        assert (answer.status_code, answer.headers["location"]) == (303, "/my/trouble?done")

    [trouble] = await TroubleReport.select()
    assert (trouble["supporter"], trouble["session"]) == (haruko.supporter_id, None)
    assert "事務局に届きました。" in (await phone.get("/my/trouble?done")).text


async def test_s8_trouble_names_the_class_of_today(
    phone: httpx.AsyncClient, haruko: Neighbour
) -> None:
    session = await make_class_session(starts_at=clock.now() - timedelta(hours=1))
    foreign = await make_class_session(starts_at=clock.now() - timedelta(hours=1))
    assignment = Assignment(
        session=session.id,
        supporter=haruko.supporter_id,
        role=HelpRole.assistant,
        recorded_at=clock.now(),
    )
    async with writing():
        await assignment.save()
    page = await phone.get(f"/my/trouble?session={session.id}")
    assert re.search(rf'<option selected value="{session.id}">', page.text)
    form = {"submission": hidden(page.text, "submission"), "words": "停電しました。"}

    await phone.post("/my/trouble", data=form | {"session": str(session.id)})
    other = form | {"submission": "another-press-of-it", "session": str(foreign.id)}
    await phone.post("/my/trouble", data=other)

    rows = await TroubleReport.select().order_by(TroubleReport.id)
    assert [row["session"] for row in rows] == [session.id, None]


async def test_s8_trouble_without_words_is_asked_for_them(phone: httpx.AsyncClient) -> None:
    page = await phone.get("/my/trouble")
    answer = await phone.post(
        "/my/trouble", data={"submission": hidden(page.text, "submission"), "words": "　"}
    )

    assert answer.status_code == 422
    assert await TroubleReport.count() == 0
