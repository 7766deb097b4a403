"""Pages of counter staff and their trainings, as a coordinator and a colleague use them."""

import json
import re
from collections.abc import Awaitable, Callable
from datetime import date
from typing import Any

import httpx
import pytest

from server.audit.tables import AuditEntry
from server.counter_staff import memberships
from server.counter_staff.memberships import MembershipFacts
from server.counter_staff.tables import Employment, StaffMember
from server.imports import counter_staff
from server.roles import Role
from tests import factories
from tests.classes.staff_cast import Staff
from tests.counter_staff.standing import completions_of
from tests.databases import Database
from tests.statements import counted

pytestmark = pytest.mark.usefixtures("frozen_now")
Signed = Callable[..., Awaitable[httpx.AsyncClient]]
ICT = Staff(sees_all_sections=True)
LIST = "/staff/counter-staff"
MEGUMI = {
    "name": "田中恵",
    "reading": "たなかめぐみ",
    "number": "０１２５",
    "employment": "regular",
    "first_on": "2026-04-01",
}


async def section(name: str = "市民税課") -> int:
    return int((await factories.make_section(name=name)).id)


async def member(section_id: int, **facts: Any) -> int:
    return int((await factories.make_staff_member(section_id, **facts)).id)


def version_of(answer: httpx.Response) -> str:
    found = re.search(r'name="version"[^>]*value="(\d+)"', answer.text)
    assert found
    return found[1]


async def test_a_member_is_added_moved_and_her_time_ended(
    database: Database, client_as: Signed
) -> None:
    tax, welfare = await section(), await section("福祉課")
    client = await client_as(Role.coordinator)

    added = await client.post(f"{LIST}/new", data=MEGUMI | {"section": str(tax)})
    assert added.status_code == 303
    path = added.headers["location"].split("?")[0]
    card = (await client.get(added.headers["location"])).text
    assert "田中恵" in card
    assert "0125" in card
    assert "窓口職員に登録しました。" in card
    moved = {"section": str(welfare), "employment": "fiscal_year", "first_on": "2026-10-01"}
    assert (await client.post(f"{path}/move", data=moved)).status_code == 303
    [now, before] = await memberships.of([int(path.rsplit("/", 1)[1])])
    assert (now["last_on"], before["last_on"]) == (date(2027, 3, 31), date(2026, 9, 30))

    ending = f"{path}/memberships/{now['id']}/ending"
    assert "会計年度任用" in (await client.get(ending)).text
    assert (await client.post(ending, data={"last_on": "2026-12-31"})).status_code == 303
    listed = (await client.get(f"{LIST}?on=2027-01-01")).text
    assert "田中恵" not in listed
    assert "田中恵" in (await client.get(f"{LIST}?on=2026-12-31&q=たなか")).text
    assert (await client.get(ending)).status_code == 404  # another row stands in its place


async def test_what_is_wrong_is_said_and_what_was_typed_stays(
    database: Database, client_as: Signed
) -> None:
    tax = await section()
    client = await client_as(Role.coordinator)
    wrong = MEGUMI | {"section": str(tax), "reading": "田中"}

    answer = await client.post(f"{LIST}/new", data=wrong)
    assert answer.status_code == 422
    assert 'value="田中恵"' in answer.text
    await client.post(f"{LIST}/new", data=MEGUMI | {"section": str(tax)})
    again = await client.post(f"{LIST}/new", data=MEGUMI | {"section": str(tax)})
    assert again.status_code == 409
    assert "職員番号0125は別の人が使っています。" in again.text
    assert await StaffMember.count() == 1


async def test_two_who_change_one_card_see_each_other(
    database: Database, client_as: Signed
) -> None:
    her = await member(await section(), name="田中恵", reading="たなかめぐみ")
    client = await client_as(Role.coordinator)
    path = f"{LIST}/{her}/edit"
    opened = await client.get(path)
    kept = re.search(r'name="opened"[^>]*value="([^"]*)"', opened.text)
    assert kept
    hidden = {"version": version_of(opened), "opened": kept[1].replace("&#34;", '"')}
    first = {"name": "佐藤恵", "reading": "さとうめぐみ", "number": "", **hidden}
    assert (await client.post(path, data=first)).status_code == 303

    second = await client.post(path, data=first | {"name": "鈴木恵"})

    assert second.status_code == 409
    assert "佐藤恵" in second.text
    assert "鈴木恵" in second.text


async def test_p1_a_coordinator_sees_the_people_of_her_own_section(
    database: Database, client_as: Signed
) -> None:
    tax, welfare = await section(), await section("福祉課")
    await member(tax, name="田中恵", reading="たなかめぐみ")
    ai = await member(welfare, name="鈴木愛", reading="すずきあい")
    training = (await factories.make_staff_training()).id
    client = await client_as(Role.coordinator, section=tax)

    for path in (
        LIST,
        f"{LIST}?section={welfare}",
        f"{LIST}?everybody=y",
        f"/staff/trainings/{training}/completions",
        f"/staff/training-rates?of=training-{training}&state=in_post",
    ):
        seen = (await client.get(path)).text
        assert "田中恵" in seen
        assert "鈴木愛" not in seen
    assert (await client.get(f"{LIST}/{ai}")).status_code == 404
    assert (await client.post(f"{LIST}/{ai}/edit", data={})).status_code == 404
    body = (await client.get(f"{LIST}/file")).content.decode("utf-8-sig")
    assert "鈴木愛" not in body


@pytest.mark.parametrize("kind", ["csv", "csv&encoding=cp932", "xlsx"])
async def test_f3_the_list_that_is_taken_along_can_be_taken_in_again(
    database: Database, client_as: Signed, kind: str
) -> None:
    tax, client = await section(), await client_as(Role.coordinator)
    ways = {"regular": "あい", "fiscal_year": "えり", "contracted": "ゆう"}
    for employment, name in ways.items():
        who = {"name": name, "reading": name, "number": "", "employment": employment}
        added = await client.post(f"{LIST}/new", data=MEGUMI | who | {"section": str(tax)})
        assert added.status_code == 303
    await client.post(f"{LIST}/new", data=MEGUMI | {"section": str(tax)})

    taken_along = await client.get(f"{LIST}/file?format={kind}")
    again = await client.post(
        f"{LIST}/import", files={"file": ("staff", taken_along.content)}, data={"check": "1"}
    )

    assert again.status_code == 200
    checked = await counter_staff.load(taken_along.content, check_only=True, by=ICT)
    assert (checked.added, checked.changed, checked.unchanged) == (0, 0, 4)


async def test_f3_who_has_left_is_in_the_file_with_her_last_section(
    database: Database, client_as: Signed
) -> None:
    tax, welfare = await section(), await section("福祉課")
    left = await member(tax, first_on=date(2025, 4, 1), last_on=date(2026, 3, 31), name="田中恵")
    to_come = MembershipFacts(welfare, Employment.contracted, date(2026, 4, 1), date(2026, 9, 30))
    await memberships.begin(left, to_come, by=ICT)
    mistaken = await member(tax, name="鈴木愛")
    [post] = await memberships.of([mistaken])
    await memberships.void(post["id"], "入力の誤り", by=ICT)
    client = await client_as(Role.coordinator)

    taken_along = await client.get(f"{LIST}/file?everybody=y")

    [_headings, line] = taken_along.content.decode("utf-8-sig").splitlines()
    assert line.split(",")[3:] == ["福祉課", "委託", "2026-04-01", "2026-09-30"]
    again = await counter_staff.load(taken_along.content, by=ICT)
    assert (again.problems, again.changed, again.unchanged) == ([], 0, 1)


async def test_a_last_day_that_stands_is_corrected(database: Database, client_as: Signed) -> None:
    tax = await section()
    client = await client_as(Role.coordinator)
    added = await client.post(f"{LIST}/new", data=MEGUMI | {"section": str(tax)})
    path = added.headers["location"].split("?")[0]
    said = []
    for last_on in ("2026-12-31", "2027-01-31"):
        [post] = await memberships.of([int(path.rsplit("/", 1)[1])])
        ending = f"{path}/memberships/{post['id']}/ending"
        words = [(await client.get(each)).text for each in (path, ending)]
        said += [(each.count("離任日を入力する"), each.count("離任日を直す")) for each in words]
        await client.post(ending, data={"last_on": last_on})

    assert said == [(1, 0), (1, 0), (0, 1), (0, 1)]


async def test_p2_who_looked_at_whom_is_written_down(database: Database, client_as: Signed) -> None:
    her = await member(await section())
    client = await client_as(Role.coordinator)

    training = (await factories.make_staff_training()).id
    people = f"?of=training-{training}&state=in_post"
    rates = [f"/staff/training-rates{each}{people}" for each in ("", "/file")]
    for number, path in enumerate((LIST, f"{LIST}/{her}", f"{LIST}/file", *rates), start=1):
        await client.get(path)
        entries = await AuditEntry.select().where(AuditEntry.action == "read")
        assert [entry["subject"] for entry in entries] == ["staff_member"] * number
        assert json.loads(entries[-1]["facts"]) == {"page": path.split("?")[0], "ids": [her]}


async def test_the_list_page_takes_as_many_statements_for_thirty_as_for_one(
    database: Database, client_as: Signed
) -> None:
    tax = await section()
    await member(tax)
    client = await client_as(Role.coordinator)
    await client.get(LIST)
    with counted() as one:
        await client.get(LIST)
    for _ in range(29):
        await member(tax)
    with counted() as thirty:
        await client.get(LIST)

    assert len(one) == len(thirty)


async def test_a_hostile_name_and_address_are_only_shown(
    database: Database, client_as: Signed
) -> None:
    training = (
        await factories.make_staff_training(
            name="<script>alert(1)</script>", description="=1+1", offered_to='"><img src=x>'
        )
    ).id
    client = await client_as(Role.coordinator)

    shown = (await client.get(f"/staff/trainings/{training}")).text
    assert "<script>alert" not in shown
    assert "<img src=x" not in shown
    facts = {
        "name": "x" * 121,
        "kind": "address",
        "address": "javascript:alert(1)",
        "offered_to": "全員",
        "first_on": "2026-04-01",
        "last_on": "2027-03-31",
    }
    assert (await client.post("/staff/trainings/new", data=facts)).status_code == 422
    refused = await client.post("/staff/trainings/new", data=facts | {"name": "短い名前"})
    assert refused.status_code == 409


async def test_files_are_taken_in_on_their_pages(database: Database, client_as: Signed) -> None:
    await section()
    training = (await factories.make_staff_training()).id
    client = await client_as(Role.coordinator)
    headings = "職員番号,氏名,ふりがな,担当課,雇用区分,着任日,離任日\r\n"
    good = f"{headings}0125,田中恵,たなかめぐみ,市民税課,正規,2026-04-01,".encode("cp932")

    def sent(content: bytes) -> dict[str, Any]:
        return {"files": {"file": ("staff.csv", content)}}

    assert (await client.post(f"{LIST}/import", **sent(b""))).status_code == 422
    wrong = await client.post(f"{LIST}/import", **sent(good.replace(b"04-01", b"13-01")))
    assert (wrong.status_code, "2026-13-01" in wrong.text) == (422, True)
    checked = await client.post(f"{LIST}/import", **sent(good), data={"check": "1"})
    assert (checked.status_code, await StaffMember.count()) == (200, 0)
    assert (await client.post(f"{LIST}/import", **sent(good))).status_code == 200
    path = f"/staff/trainings/{training}/completions/import"
    taken = "職員番号,受講日\r\n0125,2026-05-01".encode()
    assert (await client.post(path, **sent(taken))).status_code == 200
    assert len(await completions_of(training)) == 1
    for form in (f"{LIST}/import/form", f"{path}/form?format=xlsx"):
        assert (await client.get(form)).status_code == 200


async def test_h1_a_my_number_is_refused_beside_its_field(
    database: Database, client_as: Signed
) -> None:
    her = await member(await section())
    [row] = await memberships.of([her])
    training = (await factories.make_staff_training()).id
    client = await client_as(Role.coordinator)
    words = "1234 5678 9018"
    reason = f"{LIST}/{her}/memberships/{row['id']}/voiding"
    left_out = f"/staff/trainings/{training}/exclusions"

    for path, typed, field in (
        (reason, {"reason": words}, "reason"),
        (left_out, {"member": str(her), "reason": words}, "reason"),
        ("/staff/trainings/new", {"name": words}, "name"),
        ("/staff/trainings/new", {"offered_to": words}, "offered_to"),
        ("/staff/trainings/new", {"description": words}, "description"),
    ):
        answer = await client.post(path, data=typed)
        assert answer.status_code == 422
        beside = re.search(rf'id="{field}-error"[^>]*>(.*?)</', answer.text, re.DOTALL)
        assert beside, (path, field)
        assert "マイナンバー" in beside[1]


async def test_only_who_may_link_accounts_is_asked_for_one(
    database: Database, client_as: Signed
) -> None:
    tax = await section()
    her = await member(tax)
    await factories.make_account(Role.administrator, login="root")

    assert "このアカウントをつなぐ" in (
        (await (await client_as(Role.coordinator)).get(f"{LIST}/{her}")).text
    )
    own = await client_as(Role.coordinator, section=tax)
    card = (await own.get(f"{LIST}/{her}")).text
    assert "このアカウントをつなぐ" not in card
    assert "アカウントをつなげるのは" in card
    answer = await own.post(f"{LIST}/{her}/account", data={"login": "root"})
    assert answer.status_code == 409
    assert "アカウントをつなげるのは" in answer.text


async def test_h5_the_link_with_an_account_comes_off_by_one_button(
    database: Database, client_as: Signed
) -> None:
    her = await member(await section())
    await factories.make_account(Role.helpdesk, login="tanaka")
    await factories.make_account(Role.venue, login="chubu")
    client = await client_as(Role.coordinator)
    card = f"{LIST}/{her}"
    await client.post(f"{card}/account", data={"login": "tanaka"})

    second = await client.post(f"{card}/account", data={"login": "chubu"})
    assert second.status_code == 409
    assert "先にそのつながりを外して" in second.text
    assert f'action="{card}/account/removal"' in second.text
    answer = await client.post(f"{card}/account/removal")
    assert answer.headers["location"] == f"{card}?done=unlinked"
    assert "このアカウントをつなぐ" in (await client.get(answer.headers["location"])).text


@pytest.mark.parametrize("number", ["㌔" * 11, "㍿" * 6, "ﷺ" * 2])
async def test_h5_a_number_that_is_too_long_once_written_plainly_is_told(
    database: Database, client_as: Signed, number: str
) -> None:
    tax = await section()
    her = await member(tax, name="田中恵", reading="たなかめぐみ")
    client = await client_as(Role.coordinator)
    typed = MEGUMI | {"section": str(tax), "number": number}

    new = await client.post(f"{LIST}/new", data=typed)
    changed = await client.post(f"{LIST}/{her}/edit", data=typed | {"version": "1"})

    assert (new.status_code, changed.status_code) == (422, 422)
    assert "文字数を減らしてください。" in new.text
    assert await StaffMember.count() == 1
