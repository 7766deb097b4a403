"""The register's pages over HTTP, without JavaScript."""

import csv
import json
import re
from collections.abc import Awaitable, Callable
from datetime import date
from io import StringIO
from typing import Any

import httpx
import pytest

from server.audit.tables import AuditEntry
from server.roles import Role
from server.supporters import credentials, lecturers, queries, register, schemes, stages
from server.supporters.tables import CredentialKind, Stage, Supporter
from server.training import certificates, enrolments, progress
from tests.databases import Database
from tests.factories import (
    make_credential,
    make_district,
    make_municipality,
    make_person,
    make_programme,
    make_requirement,
    make_section,
    make_supporter,
)
from tests.statements import counted
from tests.supporters.cast import ICT, make_trainee

pytestmark = pytest.mark.usefixtures("frozen_now")

SignIn = Callable[..., Awaitable[httpx.AsyncClient]]

APRIL = date(2026, 4, 1)
MAY = date(2026, 5, 1)


@pytest.fixture
async def office(client_as: SignIn) -> httpx.AsyncClient:
    """A coordinator of the section that oversees all."""
    return await client_as(Role.coordinator)


@pytest.fixture
async def hanako(database: Database) -> Supporter:
    """山田花子 in training."""
    person = await make_person(birth_on=date(1960, 2, 3))
    return await make_supporter(
        (Stage.applied, APRIL), (Stage.in_training, APRIL), person=person.id, phone="059-354-1111"
    )


async def page(client: httpx.AsyncClient, path: str) -> str:
    answer = await client.get(path)
    assert answer.status_code == 200, answer.text
    return answer.text


async def pressed(client: httpx.AsyncClient, path: str, **typed: Any) -> httpx.Response:
    answer = await client.post(path, data=typed)
    assert answer.status_code == 303, answer.text
    return answer


async def refused(client: httpx.AsyncClient, path: str, status: int, **typed: Any) -> str:
    answer = await client.post(path, data=typed)
    assert answer.status_code == status, answer.text
    return answer.text


async def test_the_list_filters_and_says_who_looked(
    office: httpx.AsyncClient, hanako: Supporter
) -> None:
    taro = await make_supporter()

    every = await page(office, "/staff/supporters")
    some = await page(office, "/staff/supporters?stage=in_training&q=やまだ&sort=nonsense&page=x")
    none = await page(office, "/staff/supporters?q=だれでもない&district=99999999999")

    assert f"/staff/supporters/{taro.id}" in every
    assert "このページに2人" in every
    assert "養成講座を受講中" in some
    assert f"/staff/supporters/{taro.id}" not in some
    assert "当てはまるサポーターはいません。" in none
    entry = await AuditEntry.select().where(AuditEntry.action == "read").first()
    assert entry is not None
    facts = json.loads(entry["facts"])
    assert facts["page"] == "/staff/supporters"
    assert sorted(facts["ids"]) == sorted([hanako.id, taro.id])


async def test_the_list_costs_as_much_for_thirty_as_for_one(office: httpx.AsyncClient) -> None:
    await make_supporter(papers=False)
    with counted() as for_one:
        await page(office, "/staff/supporters")
    for _number in range(29):
        await make_supporter(papers=False)

    with counted() as for_thirty:
        words = await page(office, "/staff/supporters")

    assert "このページに30人" in words
    assert len(for_thirty) == len(for_one)


async def test_the_list_goes_along_as_csv_and_excel(
    office: httpx.AsyncClient, hanako: Supporter
) -> None:
    answer = await office.get("/staff/supporters/file?format=csv&stage=in_training")
    excel = await office.get("/staff/supporters/file?format=xlsx")

    rows = list(csv.reader(StringIO(answer.content.decode("utf-8-sig"))))
    assert rows[1][:5] == ["山田花子", "やまだはなこ", "", "養成講座を受講中", "2026-04-01"]
    assert excel.content.startswith(b"PK")
    assert await AuditEntry.count().where(AuditEntry.action == "read") == 2


async def test_one_supporter_with_what_may_come_next(
    office: httpx.AsyncClient, hanako: Supporter
) -> None:
    words = await page(office, f"/staff/supporters/{hanako.id}")

    assert "山田花子" in words
    assert "昭和35年2月3日（66歳）" in words
    assert "「退会」にする" in words
    assert "「修了」にする" not in words
    assert (await office.get("/staff/supporters/999999")).status_code == 404


async def test_what_was_changed_is_kept_beside_what_others_changed(
    office: httpx.AsyncClient, hanako: Supporter
) -> None:
    district = await make_district(name="中部地区")
    path = f"/staff/supporters/{hanako.id}/edit"
    opened = {"phone": "059-354-1111", "languages": "[]", "devices": "[]", "days": "[]"}
    seen = {"version": "1", "opened": json.dumps(opened)}

    await pressed(office, path, district=district.id, days=["mon_am"], may_lead="y", **seen)
    row = await register.get(hanako.id)
    assert row is not None
    assert (row["district_name"], row["days"], row["may_lead"]) == ("中部地区", "mon_am", True)
    both = await refused(office, path, 409, phone="059-354-9999", **{**seen, "version": "1"})
    wrong = await refused(office, path, 422, phone="12", version="2")

    assert "059-354-9999" in both
    assert "電話" in both
    assert 'value="12"' in wrong


async def test_a_step_is_taken_and_undone(office: httpx.AsyncClient, hanako: Supporter) -> None:
    path = f"/staff/supporters/{hanako.id}"

    form = await page(office, f"{path}/stages/new?stage=withdrawn")
    assert 'value="2026-11-21"' in form
    missing = await refused(office, f"{path}/stages/new", 422, stage="withdrawn", effective_on="")
    early = await refused(
        office, f"{path}/stages/new", 409, stage="withdrawn", effective_on="2026-03-31"
    )
    await pressed(
        office, f"{path}/stages/new", stage="withdrawn", effective_on="2026-05-01", reason="転居"
    )
    left = await stages.current(hanako.id)
    assert left is not None
    assert (left["stage"], left["reason"]) == ("withdrawn", "転居")
    assert "前の段階の日付は令和8年4月1日（水）です。" in early
    assert "error-summary" in missing

    undoing = f"{path}/stages/{left['id']}/undoing"
    assert "退会" in await page(office, undoing)
    await refused(office, undoing, 422, reason="")
    await pressed(office, undoing, reason="別の人でした")
    assert "いちばん新しい段階だけ" in await refused(office, undoing, 409, reason="もう一度")
    assert "別の人でした" in await page(office, path)


@pytest.mark.parametrize("stage", ["applied", "nonsense", ""])
async def test_nobody_asks_for_a_step_that_is_none(
    office: httpx.AsyncClient, hanako: Supporter, stage: str
) -> None:
    path = f"/staff/supporters/{hanako.id}/stages/new"

    assert (await office.get(f"{path}?stage={stage}")).status_code == 404
    assert (await office.post(path, data={"stage": stage})).status_code == 404


async def test_s2_who_has_done_all_is_completed_and_gets_the_certificate(
    office: httpx.AsyncClient, hanako: Supporter
) -> None:
    await make_municipality(demonstration=True)
    await make_trainee(hanako.person, done_on=MAY)
    await schemes.save(schemes.SchemeFacts(issuer="四日市市長　見本太郎"), version=0, by=ICT)

    assert "山田花子" in await page(office, "/staff/supporters/due")
    assert "「修了」にする" in await page(office, f"/staff/supporters/{hanako.id}")
    step = f"/staff/supporters/{hanako.id}/stages/new"
    assert "修了にする" in await page(office, f"{step}?stage=completed")
    await pressed(office, step, stage="completed", effective_on="2026-11-20")

    given = (await certificates.of(hanako.person))[0]
    sheet = await page(office, f"/staff/certificates/{given['id']}")
    for words in (
        *("第 R8-0001 号", "修了証", "山田花子 様", "スマホサポーター養成"),
        *("令和8年11月20日", "四日市市長　見本太郎", "見本（架空のデータ）"),
    ):
        assert words in sheet, words
    assert "修了を待っている人はいません。" in await page(office, "/staff/supporters/due")
    assert (await office.get("/staff/certificates/999")).status_code == 404
    current = await stages.current(hanako.id)
    assert current is not None
    undoing = f"/staff/supporters/{hanako.id}/stages/{current['id']}/undoing"
    assert "修了証も取り消します" in await page(office, undoing)
    await pressed(office, undoing, reason="記録の誤り")
    assert "に取り消しました" in await page(office, f"/staff/certificates/{given['id']}")
    assert await queries.counted(Stage.completed, date(2027, 3, 31)) == []


async def test_s1_registering_asks_for_the_badge(
    office: httpx.AsyncClient, database: Database
) -> None:
    taro = await make_supporter((Stage.completed, APRIL), papers=False)
    path = f"/staff/supporters/{taro.id}"
    step = {"stage": "registered", "effective_on": "2026-05-01"}

    assert "error-summary" in await refused(office, f"{path}/stages/new", 422, **step)
    long = await refused(office, f"{path}/stages/new", 422, badge_number="㌔" * 11, **step)
    assert "文字数を減らしてください。" in long
    no = await refused(office, f"{path}/stages/new", 409, badge_number="12", **step)
    assert "有効な誓約書がありません。" in no
    assert "誓約書、ボランティア保険がありません" in await page(office, path)
    await pressed(
        office, f"{path}/papers/new", kind="pledge", valid_from="2026-05-01", valid_until=""
    )
    await pressed(office, f"{path}/stages/new", badge_number="12", **step)

    row = await register.get(taro.id)
    assert row is not None
    assert (row["stage"], row["badge_number"]) == ("registered", "12")


async def test_taken_into_training_with_a_programme(
    office: httpx.AsyncClient, database: Database
) -> None:
    taro = await make_supporter((Stage.applied, APRIL))
    programme = await make_programme(name="スマホサポーター養成")
    path = f"/staff/supporters/{taro.id}/stages/new"

    assert "スマホサポーター養成" in await page(office, f"{path}?stage=in_training")
    await pressed(
        office, path, stage="in_training", effective_on="2026-05-01", programme=programme.id
    )

    enrolled = await enrolments.current(int(taro.person))
    assert enrolled is not None
    assert enrolled["programme"] == programme.id


async def test_s8_papers_are_entered_listed_and_taken_back(
    office: httpx.AsyncClient, hanako: Supporter
) -> None:
    path = f"/staff/supporters/{hanako.id}/papers"
    await office.get(f"{path}/new?kind=insurance")

    wrong = await refused(
        office, f"{path}/new", 409, kind="insurance", valid_from="2026-05-02", valid_until=MAY
    )
    await pressed(
        office, f"{path}/new", kind="promotion_member", valid_from=MAY, valid_until="2026-12-31"
    )
    soon = await page(office, "/staff/supporters/papers")
    paper = next(
        row
        for row in await credentials.of(hanako.id)
        if row["kind"] == CredentialKind.promotion_member
    )
    assert "終わりの日が始まりの日より前" in wrong
    assert "デジタル推進委員" in soon
    assert "まもなく期限" in soon
    assert "デジタル推進委員" in await page(office, f"{path}/{paper['id']}/voiding")
    await refused(office, f"{path}/{paper['id']}/voiding", 422)
    await pressed(office, f"{path}/{paper['id']}/voiding", reason="別の人")
    again = await refused(office, f"{path}/{paper['id']}/voiding", 409, reason="別の人")

    assert "すでに取り消されています" in again
    assert "期限の近い書類はありません。" in await page(office, "/staff/supporters/papers")
    other = await make_supporter()
    assert (
        await office.get(f"/staff/supporters/{other.id}/papers/{paper['id']}/voiding")
    ).status_code == 404


async def test_s2_a_record_is_entered_by_hand_with_its_reason_and_taken_back(
    office: httpx.AsyncClient, hanako: Supporter
) -> None:
    path = f"/staff/supporters/{hanako.id}/records"
    assert (await office.get(f"{path}/new")).status_code == 404
    await make_trainee(hanako.person, done_on=None)
    known = await progress.of(int(hanako.person))
    assert known is not None
    typed = {"requirement": known.lines[0].requirement["id"], "done_on": MAY, "minutes": 90}

    assert "講義" in await page(office, f"{path}/new")
    await refused(office, f"{path}/new", 422, **typed)
    future = await refused(
        office, f"{path}/new", 409, **{**typed, "done_on": "2026-11-22"}, reason="補講"
    )
    await pressed(office, f"{path}/new", **typed, reason="補講を確認")
    known = await progress.of(int(hanako.person))
    assert known is not None
    record = known.lines[0].records[0]

    assert "error-summary" in future
    assert "補講を確認" in await page(office, f"/staff/supporters/{hanako.id}")
    assert "令和8年5月1日（金）" in await page(office, f"{path}/{record['id']}/voiding")
    await refused(office, f"{path}/{record['id']}/voiding", 422)
    await pressed(office, f"{path}/{record['id']}/voiding", reason="別の人")
    known = await progress.of(int(hanako.person))
    assert known is not None
    assert not known.is_complete


async def test_s2_moving_to_the_newest_edition_loses_nothing(
    office: httpx.AsyncClient, hanako: Supporter
) -> None:
    await make_trainee(hanako.person, done_on=MAY)
    path = f"/staff/supporters/{hanako.id}"
    assert "新しい版の養成カリキュラムはありません。" in await refused(
        office, f"{path}/edition", 409
    )
    newer = await make_programme(code="basic", edition=2, name="スマホサポーター養成")
    await make_requirement(programme=newer.id, code="lecture", name="講義", kind="lecture")

    assert "第2版に移す" in await page(office, path)
    await pressed(office, f"{path}/edition")

    known = await progress.of(int(hanako.person))
    assert known is not None
    assert (known.programme["edition"], known.is_complete) == (2, True)


async def test_s1_duplicates_are_compared_merged_and_parted(
    office: httpx.AsyncClient, hanako: Supporter
) -> None:
    person = await make_person("090-0000-9999", birth_on=date(1961, 2, 3))
    again = await make_supporter((Stage.completed, MAY), person=person.id)
    path = f"/staff/supporters/{hanako.id}/merging"

    assert f"{path}/{again.id}" in await page(office, path)
    assert "当てはまるサポーターはいません。" in await page(office, f"{path}?q=だれでもない")
    pair = await page(office, f"{path}/{again.id}")
    assert "令和8年5月1日（金）の1人として数えます" in pair
    no = await refused(office, f"{path}/{again.id}", 422)
    assert "生年月日" in no
    await pressed(office, f"{path}/{again.id}", despite="本人に確認")
    assert len(await queries.counted(Stage.completed, date(2027, 3, 31))) == 1
    gone = await office.get(f"/staff/supporters/{again.id}")
    assert gone.headers["location"] == f"/staff/supporters/{hanako.id}"
    assert "別の人として分ける" in await page(office, f"/staff/supporters/{hanako.id}")

    assert "別の人として分ける" in await page(
        office, f"/staff/supporters/{hanako.id}/parting/{person.id}"
    )
    await pressed(office, f"/staff/supporters/{hanako.id}/parting/{person.id}")
    await pressed(office, f"/staff/supporters/{hanako.id}/parting/{person.id}")

    assert (await office.get(f"/staff/supporters/{again.id}")).status_code == 200
    assert (await office.get(f"{path}/{hanako.id}")).status_code == 404


async def test_the_scheme_is_set_by_the_overseeing_section(
    office: httpx.AsyncClient, client_as: SignIn
) -> None:
    section = await make_section()
    other = await client_as(Role.coordinator, section=section.id)
    admin = await client_as(Role.administrator)
    typed = {
        "counted_stage": "registered",
        "sign_up": "both",
        "leave_days": 5,
        "participants_per_helper": 4,
        "short_days": 14,
        "expiry_days": 30,
        "issuer": "四日市市長",
        "version": 0,
    }

    assert "養成数に数える段階" in await page(admin, "/staff/scheme")
    assert "システム管理者だけです" in await refused(other, "/staff/scheme", 409, **typed)
    assert "error-summary" in await refused(
        office, "/staff/scheme", 422, **typed | {"leave_days": 99}
    )
    await pressed(office, "/staff/scheme", **typed)
    facts = await schemes.current()
    assert (facts.counted_stage, facts.expiry_days) == (Stage.registered, 30)
    assert facts.home_visits is False

    stale = await refused(admin, "/staff/scheme", 409, **typed | {"leave_days": 9})
    assert "9" in stale
    assert (await schemes.current()).leave_days == 5


async def test_lecturers_from_outside(office: httpx.AsyncClient, database: Database) -> None:
    typed = {"name": "鈴木ゆき", "reading": "すずきゆき", "organisation": "みなと通信"}

    await refused(office, "/staff/lecturers/new", 422, **typed | {"reading": "鈴木"})
    await page(office, "/staff/lecturers/new")
    await pressed(office, "/staff/lecturers/new", **typed)
    [yuki] = await lecturers.listed()
    path = f"/staff/lecturers/{yuki['id']}"
    assert "みなと通信" in await page(office, f"{path}/edit")
    await refused(office, f"{path}/edit", 422)
    await pressed(office, f"{path}/edit", **typed | {"phone": "059-354-0000"})
    assert "059-354-0000" in await page(office, "/staff/lecturers")
    await pressed(office, f"{path}/archiving")
    assert "名簿にありません" in await refused(office, f"{path}/archiving", 409)
    assert (await office.get("/staff/lecturers/999/edit")).status_code == 404


async def test_who_somebody_is_is_corrected_with_a_reason(
    office: httpx.AsyncClient, hanako: Supporter
) -> None:
    path = f"/staff/supporters/{hanako.id}/correction"
    assert 'value="山田花子"' in await page(office, path)
    typed = {
        "name": "山田華子",
        "reading": "やまだ はなこ",
        "birth_on": "1960-03-02",
        "version": "1",
    }

    await refused(office, path, 422, **typed)
    await pressed(office, path, **typed, reason="漢字の誤り")
    await refused(office, path, 409, **typed, reason="もう一度")

    row = await register.get(hanako.id)
    assert row is not None
    assert (row["name"], row["reading_key"], row["birth_on"]) == (
        "山田華子",
        "やまだはなこ",
        date(1960, 3, 2),
    )
    [entry] = await AuditEntry.select().where(AuditEntry.action == "supporter.corrected")
    assert json.loads(entry["facts"])["reason"] == "漢字の誤り"


async def test_s8_the_next_period_of_a_paper_is_filled_in(
    office: httpx.AsyncClient, hanako: Supporter
) -> None:
    paper = await make_credential(
        hanako.id, CredentialKind.insurance, name="A-1", valid_from=APRIL, valid_until=MAY
    )
    new = f"/staff/supporters/{hanako.id}/papers/new"

    form = await page(office, f"{new}?kind=insurance&after={paper.id}")
    assert all(words in form for words in ('value="A-1"', "2026-05-02", "2027-03-31"))
    endless = {"kind": "insurance", "valid_from": "2026-05-02", "after": str(paper.id)}
    await refused(office, new, 422, **endless)
    answer = await office.post(new, data={**endless, "valid_until": "2027-03-31"})

    assert "山田花子さんの次の期間を登録しました。" in await page(
        office, answer.headers["location"]
    )


async def test_s2_a_second_record_of_one_day_is_asked_about(
    office: httpx.AsyncClient, hanako: Supporter
) -> None:
    await make_trainee(hanako.person, done_on=MAY)
    known = await progress.of(int(hanako.person))
    assert known is not None
    typed = {"requirement": known.lines[0].requirement["id"], "done_on": MAY, "minutes": 90}
    path = f"/staff/supporters/{hanako.id}/records/new"

    asked = await refused(office, path, 409, **typed, reason="補講")
    assert "同じ日の記録がすでにあります。" in asked
    same_day = re.search('same_day"[^>]*value="([^"]+)"', asked)
    assert same_day is not None
    await pressed(office, path, **typed, reason="補講", same_day=same_day[1])

    known = await progress.of(int(hanako.person))
    assert known is not None
    assert len(known.lines[0].records) == 2
    gone = known.lines[0].records[1]["id"]
    await pressed(office, f"/staff/supporters/{hanako.id}/records/{gone}/voiding", reason="重複")
    assert "重複" in await page(office, f"/staff/supporters/{hanako.id}")
