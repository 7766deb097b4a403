"""The first page of staff, the plan's pages: every figure opens its rows and agrees (T5)."""

import re
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, timedelta
from html import unescape
from typing import Any

import httpx
import pytest

from server import clock
from server.audit.tables import AuditEntry
from server.plan import entered, targets
from server.plan.tables import IndicatorEntry, Plan, Target
from server.roles import Role
from tests import factories
from tests.databases import Database
from tests.plan.plan_cast import ICT, held, loaded, trained
from tests.statements import counted

ClientAs = Callable[..., Awaitable[httpx.AsyncClient]]

CELL = re.compile(r'<a href="(/staff/plan/[^"]*)">\s*(?:延べ)?([\d,]+)(開催|名|取組|件)\s*</a>')


@pytest.fixture(autouse=True)
async def city(database: Database, frozen_now: datetime) -> None:
    await factories.make_municipality()


@pytest.fixture
async def coordinator(client_as: ClientAs) -> httpx.AsyncClient:
    return await client_as(Role.coordinator)


async def a_busy_year() -> dict[str, dict[str, Any]]:
    """Two districts with sessions and supporters, an entry by hand, a third with nobody."""
    indicators = await loaded()
    north = await factories.make_venue(name="北地区市民センター")
    south = await factories.make_venue(name="南地区市民センター")
    await factories.make_district(name="西")
    for day, venue in ((5, north), (6, north), (7, south)):
        room = await factories.make_room(venue=venue.id)
        await held(date(2026, 6, day), venue=venue.id, room=room.id)
    for later, venue in enumerate((north, north, south)):
        await trained(date(2025, 6, 1) + timedelta(days=250 * later), district=venue.district)
    await trained(date(2026, 6, 1))
    entry: Any = {"number": 1, "evidence": "以前の教室の記録", "by": ICT}
    await entered.add(indicators["classes"]["id"], date(2026, 4, 10), **entry)
    return indicators


def cells(page: str) -> list[tuple[str, int, str]]:
    """Address, number and unit of every figure that can be opened."""
    return [
        (unescape(url), int(number.replace(",", "")), unit)
        for url, number, unit in CELL.findall(page)
    ]


def together(page: str) -> int:
    """What the rows of an opened figure add up to, and that they do."""
    said = re.search(r"合わせて([\d,]+)|今日の時点で登録または活動中：([\d,]+)", page)
    assert said, page
    parts = re.findall(r'data-label="数">(?:延べ)?([\d,]+)', page)
    total = sum(int(part.replace(",", "")) for part in parts)
    assert total == int((said[1] or said[2]).replace(",", ""))
    return total


async def test_t5_every_figure_of_the_dashboard_opens_rows_that_add_up_to_it(
    coordinator: httpx.AsyncClient,
) -> None:
    await a_busy_year()

    found = cells((await coordinator.get("/staff?year=2026")).text)

    assert len(found) > 15
    opened = [
        (url, number, together((await coordinator.get(url)).text)) for url, number, _ in found
    ]
    assert [each for each in opened if each[1] != each[2]] == []
    by_year = {number for url, number, unit in found if unit == "名" and "#rows" in url}
    assert by_year == {4}


async def test_t5_every_figure_of_the_plan_s_table_opens_its_rows(
    coordinator: httpx.AsyncClient,
) -> None:
    await a_busy_year()

    found = cells((await coordinator.get("/staff/plan")).text)

    assert [number for url, number, unit in found if unit == "名"] == [2, 4]
    for url, number, _unit in found:
        assert together((await coordinator.get(url)).text) == number


async def test_s5_every_figure_has_its_unit_beside_it(coordinator: httpx.AsyncClient) -> None:
    await a_busy_year()

    page = (await coordinator.get("/staff?year=2026")).text

    plan = page[page.index('id="plan-') :]
    bare = re.findall(
        r'<td class="right number"[^>]*>(?:<a[^>]*>)?\s*[\d,]+\s*(?:</a>)?</td>', plan
    )
    assert bare == []
    assert {unit for _, _, unit in cells(plan)} == {"開催", "名"}


async def test_s6_the_dashboard_says_rate_what_is_missing_and_by_when(
    coordinator: httpx.AsyncClient,
) -> None:
    indicators = await a_busy_year()
    done: Any = {
        "effective_on": date(2026, 5, 1),
        "milestone": "検討",
        "evidence": "会議録",
        "by": ICT,
    }
    await entered.add(indicators["helpdesk"]["id"], **done)

    page = re.sub(r"\s+", " ", (await coordinator.get("/staff?year=2026")).text)

    assert "4開催</a>" in page
    assert "100.0%" in page  # 4 of 4 classes
    assert "達成" in page
    assert "16.6%" in page  # 4 of 24 supporters
    assert "あと20名（令和9年3月31日（水）まで）" in page
    assert "1件以下" in page
    assert ">未入力</a>" in page  # nobody has entered an initiative: not nought
    assert "検討</a>" in page
    assert "試行" in page


async def test_s6_no_target_is_said_to_be_none_and_never_nought(
    coordinator: httpx.AsyncClient,
) -> None:
    trained_id = (await loaded())["trained"]["id"]

    page = (await coordinator.get(f"/staff/plan/indicators/{trained_id}?year=2025")).text

    assert "目標値の定めなし" in page
    assert "0名以上" not in page


async def test_s7_districts_without_a_supporter_are_named(coordinator: httpx.AsyncClient) -> None:
    await loaded()
    north = await factories.make_district(name="北")
    await factories.make_district(name="西")
    await factories.make_district(name="南")
    await factories.make_supporter(district=north.id)

    page = re.sub(r"<[^>]+>|\s+", "", (await coordinator.get("/staff")).text)

    assert "サポーターがいない地区：西、南(2地区)" in page


async def test_t5_as_known_at_the_end_of_a_day(coordinator: httpx.AsyncClient) -> None:
    classes = (await loaded())["classes"]["id"]
    first, late = datetime(2026, 9, 30, 14, 59, tzinfo=UTC), datetime(2026, 9, 30, 15, tzinfo=UTC)
    await held(date(2026, 6, 1), recorded_at=first)  # 23:59 on 30 September in Japan
    await held(date(2026, 6, 2), recorded_at=late)  # midnight

    address = f"/staff/plan/indicators/{classes}?year=2026&known="
    found = [
        together((await coordinator.get(address + day)).text)
        for day in ("2026-09-30", "2026-10-01", "", "nonsense")
    ]

    assert found == [1, 2, 2, 2]


async def test_p2_who_sees_the_names_behind_a_figure_is_written_down(
    coordinator: httpx.AsyncClient,
) -> None:
    indicators = await loaded()
    supporter = await trained(date(2026, 6, 1))
    await held(date(2026, 6, 1))

    await coordinator.get("/staff?year=2026")
    await coordinator.get(f"/staff/plan/indicators/{indicators['classes']['id']}?year=2026")
    assert await AuditEntry.count().where(AuditEntry.action == "read") == 0
    await coordinator.get(f"/staff/plan/indicators/{indicators['trained']['id']}?year=2026")

    [entry] = await AuditEntry.select().where(AuditEntry.action == "read")
    assert f'"ids": [{supporter.id}]' in entry["facts"]


async def test_the_rows_of_a_figure_can_be_taken_along(coordinator: httpx.AsyncClient) -> None:
    indicators = await a_busy_year()

    address = f"/staff/plan/indicators/{indicators['classes']['id']}?year=2026&format="
    sheet = await coordinator.get(address + "csv")
    book = await coordinator.get(address + "xlsx")

    lines = sheet.content.decode("utf-8-sig").split("\r\n")
    assert lines[0] == "基準日,数えたもの,会場・ふりがな,地区,数,単位"
    assert lines[1].startswith("2026-04-10,以前の教室の記録,")
    assert len([line for line in lines if line]) == 1 + 4
    assert book.content.startswith(b"PK")


async def test_a_plan_is_loaded_from_the_page_once_and_only_once(
    coordinator: httpx.AsyncClient,
) -> None:
    before = await coordinator.get("/staff")
    first = await coordinator.post("/staff/plan/loading", data={"code": "yokkaichi-2022"})
    again = await coordinator.post("/staff/plan/loading", data={"code": "yokkaichi-2022"})
    other = await coordinator.post("/staff/plan/loading", data={"code": "nowhere"})

    assert "計画はまだ読み込まれていません。" in before.text
    assert [first.headers["location"], again.headers["location"]] == [
        "/staff/plan?done=loaded",
        "/staff/plan?done=same",
    ]
    assert (other.status_code, await Plan.count(), await Target.count()) == (409, 1, 19)
    page = await coordinator.get("/staff")
    assert "計画の期間は令和7年度で終わりました。" in page.text
    assert "120名以上" in page.text


async def test_a_target_is_set_and_a_second_coordinator_sees_the_first_one_s(
    coordinator: httpx.AsyncClient,
) -> None:
    trained_id = (await loaded())["trained"]["id"]
    address = f"/staff/plan/indicators/{trained_id}/targets/2026"
    form = (await coordinator.get(address)).text
    assert 'name="version" type="hidden" value="1"' in form
    assert 'value="24"' in form

    first = await coordinator.post(address, data={"version": "1", "number": "３０"})
    second = await coordinator.post(address, data={"version": "1", "number": "20"})

    assert first.headers["location"].endswith(f"{trained_id}?year=2026&done=target")
    assert second.status_code == 409
    assert "<td>30</td><td>20</td>" in second.text
    assert 'value="2"' in second.text
    assert (await Target.select().where(Target.indicator == trained_id))[0]["number"] == 30


async def test_s6_an_emptied_target_is_blank(coordinator: httpx.AsyncClient) -> None:
    trained_id = (await loaded())["trained"]["id"]
    address = f"/staff/plan/indicators/{trained_id}/targets/2026"

    await coordinator.post(address, data={"version": "1", "number": ""})
    wrong = await coordinator.post(address, data={"version": "2", "number": "-1"})

    row = await Target.select().where(Target.fiscal_year == 2026).first()
    assert wrong.status_code == 422
    [stands] = [
        row
        for row in await Target.select().where(Target.indicator == trained_id)
        if row["fiscal_year"] == 2026
    ]
    assert row is not None
    assert (stands["number"], stands["version"]) == (None, 2)


async def test_s5_an_entry_needs_evidence_and_can_be_taken_back(
    coordinator: httpx.AsyncClient,
) -> None:
    initiatives = (await loaded())["initiatives"]["id"]
    address = f"/staff/plan/indicators/{initiatives}/entries/new"
    typed = {"effective_on": "2026-05-01", "number": "1", "evidence": ""}

    without = await coordinator.post(address, data=typed)
    later = await coordinator.post(
        address, data=typed | {"evidence": "要綱", "effective_on": "2026-12-01"}
    )
    saved = await coordinator.post(address, data=typed | {"evidence": "実施要綱"})

    assert (without.status_code, later.status_code, saved.status_code) == (422, 409, 303)
    assert "先の日付は使えません。" in later.text
    assert 'value="2026-12-01"' in later.text
    page = (await coordinator.get(saved.headers["location"])).text
    assert "実施要綱" in page
    assert together(page) == 1
    [entry] = await IndicatorEntry.select()
    void = f"/staff/plan/entries/{entry['id']}/voiding"
    assert "実施要綱" in (await coordinator.get(void)).text
    assert (await coordinator.post(void, data={"reason": ""})).status_code == 422
    done = await coordinator.post(void, data={"reason": "重複"})
    page = (await coordinator.get(done.headers["location"])).text
    assert "重複" in page
    assert together(page) == 0
    assert (await coordinator.post(void, data={"reason": "重複"})).status_code == 409


async def test_s1_supporters_are_not_entered_by_number(coordinator: httpx.AsyncClient) -> None:
    trained_id = (await loaded())["trained"]["id"]
    typed = {"effective_on": "2026-05-01", "number": "24", "evidence": "名簿"}

    page = await coordinator.get(f"/staff/plan/indicators/{trained_id}")
    answer = await coordinator.post(f"/staff/plan/indicators/{trained_id}/entries/new", data=typed)

    assert "実績を手で入力する" not in page.text
    assert answer.status_code == 409
    assert "サポーターは一人ずつ数えます。" in answer.text


async def test_c4_other_sections_look_and_change_nothing(client_as: ClientAs) -> None:
    section = await factories.make_section(name="高齢福祉課")
    client = await client_as(Role.coordinator, section=section.id)
    trained_id = (await loaded())["trained"]["id"]

    page = await client.get("/staff/plan")
    load = await client.post("/staff/plan/loading", data={"code": "tomi-2022"})
    target = await client.post(
        f"/staff/plan/indicators/{trained_id}/targets/2026", data={"version": "1", "number": "1"}
    )

    assert (page.status_code, load.status_code, target.status_code) == (200, 409, 409)
    assert "計画を読み込む" not in page.text
    assert "24名以上" in page.text


@pytest.mark.parametrize(
    "address",
    [
        "/staff/plan/indicators/99",
        "/staff/plan/indicators/99/targets/2026",
        "/staff/plan/indicators/99/entries/new",
        "/staff/plan/entries/99/voiding",
    ],
)
async def test_what_does_not_exist_is_not_found(
    coordinator: httpx.AsyncClient, address: str
) -> None:
    assert (await coordinator.get(address)).status_code == 404


async def test_a_year_beyond_the_plan_has_no_target_to_set(coordinator: httpx.AsyncClient) -> None:
    trained_id = (await loaded())["trained"]["id"]

    answer = await coordinator.get(f"/staff/plan/indicators/{trained_id}/targets/2031")

    assert answer.status_code == 404


async def test_what_waits_stands_first_and_names_nobody(
    coordinator: httpx.AsyncClient, client_as: ClientAs
) -> None:
    await held(date(2026, 11, 19), outcome=None)
    course = await factories.make_course(title="人が足りない教室")
    await factories.make_class_session(course=course.id, assistants_needed=2)

    page = (await coordinator.get("/staff")).text
    helpdesk = (await (await client_as(Role.helpdesk)).get("/staff")).text

    assert "開催報告がまだの日程" in page
    assert "/log" in page
    assert "人が足りない日程" in page
    assert "講師があと1人、補助があと2人" in page
    assert "開催報告がまだの日程" not in helpdesk
    assert await AuditEntry.count().where(AuditEntry.action == "read") == 0


async def test_the_first_page_takes_as_many_statements_for_thirty_as_for_one(
    coordinator: httpx.AsyncClient,
) -> None:
    await loaded()

    async def statements() -> int:
        with counted() as sent:
            assert (await coordinator.get("/staff")).status_code == 200
        return len(sent)

    async def one_more(later: int) -> None:
        day = date(2026, 5, 12) + timedelta(days=later)
        await held(day)
        await trained(day)
        await held(day, outcome=None)
        await factories.make_class_session(
            starts_at=clock.now() + timedelta(days=3, hours=later), assistants_needed=1
        )

    await one_more(0)
    await statements()
    few = await statements()
    for later in range(1, 12):
        await one_more(later)
    await statements()  # what stands in a cache until something changes
    assert await statements() == few


async def test_a_target_set_by_hand_is_listed_beside_the_file_s(
    coordinator: httpx.AsyncClient,
) -> None:
    await coordinator.post("/staff/plan/loading", data={"code": "yotsukaido-2026"})
    [target] = await Target.select().where(Target.fiscal_year == 2027)
    await targets.set(target["indicator"], 2027, number=3, version=1, by=ICT)

    page = re.sub(r"\s+", " ", (await coordinator.get("/staff/plan")).text)

    assert "手で変えた目標値" in page
    assert "デジタル・デバイド対策の取組件数、令和9年度: 3" in page
    assert "計画では 1" in page
