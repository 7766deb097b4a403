"""Pages of trainings for counter staff, as a coordinator and a colleague use them."""

import re
from collections.abc import Awaitable, Callable
from datetime import date
from typing import Any

import httpx
import pytest

from server.counter_staff import completions, memberships
from server.counter_staff.tables import StaffTraining, StaffTrainingKind
from server.roles import Role
from tests import factories
from tests.classes.staff_cast import Staff
from tests.counter_staff.standing import completions_of
from tests.databases import Database

pytestmark = pytest.mark.usefixtures("frozen_now")
Signed = Callable[..., Awaitable[httpx.AsyncClient]]
ICT = Staff(sees_all_sections=True)
MAY = date(2026, 5, 1)


async def section(name: str = "市民税課") -> int:
    return int((await factories.make_section(name=name)).id)


async def member(section_id: int, **facts: Any) -> int:
    return int((await factories.make_staff_member(section_id, **facts)).id)


async def test_a_training_says_what_its_way_needs_and_leaves_the_rest(
    database: Database, client_as: Signed
) -> None:
    client = await client_as(Role.coordinator)
    facts = {
        "name": "基本",
        "offered_to": "全員",
        "first_on": "2026-04-01",
        "last_on": "2027-03-31",
    }
    form = (await client.get("/staff/trainings/new")).text
    assert form.count("この受け方では必ず") == 2
    assert form.count("※任意") == 2  # minutes and content: what is in sight of the others is needed
    assert "受講率には在籍者全員を数えます" in form
    for kind, needed in (("dated", "course"), ("address", "address")):
        refused = await client.post("/staff/trainings/new", data=facts | {"kind": kind})
        assert refused.status_code == 422
        assert f'id="{needed}-error"' in refused.text

    left = facts | {"kind": "video", "address": "https://learn.city.example.jp/"}
    assert (await client.post("/staff/trainings/new", data=left)).status_code == 303
    [kept] = await StaffTraining.select()
    assert (kept["address"], kept["course"]) == ("", None)
    assert "対象の方に当たらない人" in (await client.get("/staff/training-rates")).text


async def test_a_training_is_offered_ticked_and_its_rate_opens_its_people(
    database: Database, client_as: Signed
) -> None:
    tax = await section()
    megumi = await member(tax, name="田中恵", reading="たなかめぐみ")
    await member(tax, name="鈴木愛", reading="すずきあい")
    client = await client_as(Role.coordinator)
    facts = {
        "name": "窓口対応の基本",
        "kind": "address",
        "address": "https://learn.city.example.jp/",
        "offered_to": "窓口職員全員",
        "first_on": "2026-04-01",
        "last_on": "2027-03-31",
    }
    made = await client.post("/staff/trainings/new", data=facts)
    assert made.status_code == 303
    path = made.headers["location"].split("?")[0]
    ticks = f"{path}/completions"

    nobody = await client.post(ticks, data={"completed_on": "2026-05-01"})
    assert (nobody.status_code, "印を付けてください" in nobody.text) == (422, True)
    entered = await client.post(ticks, data={"completed_on": "2026-05-01", "member": str(megumi)})
    assert entered.status_code == 303
    training = path.rsplit("/", 1)[1]
    rates = f"/staff/training-rates?of=training-{training}"
    shown = (await client.get(rates)).text
    assert "50.0%" in shown
    missing = (await client.get(f"{rates}&section={tax}&state=missing")).text
    assert "鈴木愛" in missing
    assert "田中恵" not in missing
    lines = (await client.get(f"/staff/training-rates/file?of=training-{training}")).content
    assert lines.decode("utf-8-sig").split("\r\n")[1] == "市民税課,2,0,2,1,1,50.0"
    people = await client.get(f"/staff/training-rates/file?of=training-{training}&state=completed")
    assert "田中恵" in people.content.decode("utf-8-sig")
    workbook = await client.get(f"/staff/training-rates/file?of=training-{training}&format=xlsx")
    assert workbook.content.startswith(b"PK")


async def test_leaving_out_and_taking_back_are_two_presses_each(
    database: Database, client_as: Signed
) -> None:
    her = await member(await section(), name="田中恵", reading="たなかめぐみ")
    training = (await factories.make_staff_training()).id
    client = await client_as(Role.coordinator)
    ticks = f"/staff/trainings/{training}/completions"

    none = await client.post(
        f"/staff/trainings/{training}/exclusions", data={"member": str(her), "reason": ""}
    )
    assert none.status_code == 422
    await client.post(
        f"/staff/trainings/{training}/exclusions",
        data={"member": str(her), "reason": "育児休業"},
    )
    shown = (await client.get(ticks)).text
    assert "育児休業" in shown
    voiding = re.search(r'formaction="(/staff/exclusions/\d+/voiding)"', shown)
    assert voiding
    assert (await client.post(voiding[1])).status_code == 303
    await completions.complete(training, [her], MAY, by=ICT)
    path = re.search(r"/staff/completions/\d+/voiding", (await client.get(ticks)).text)
    assert path
    assert (await client.post(path[0], data={"reason": ""})).status_code == 422
    assert (await client.post(path[0], data={"reason": "人違い"})).status_code == 303
    assert await completions_of(training) == []
    assert (await client.post(path[0], data={"reason": "人違い"})).status_code == 409


async def test_h5_no_rate_is_said_in_words_and_never_as_nought(
    database: Database, client_as: Signed
) -> None:
    await member(await section())
    training = (await factories.make_staff_training()).id
    client = await client_as(Role.coordinator)

    shown = (await client.get(f"/staff/training-rates?of=training-{training}&on=2026-03-31")).text

    assert "対象なし" in shown
    assert "0.0%" not in shown


@pytest.mark.parametrize("role", [Role.venue, Role.helpdesk, Role.administrator])
async def test_h5_every_role_of_the_staff_sees_trainings_and_says_that_she_took_one(
    database: Database, client_as: Signed, role: Role
) -> None:
    tax = await section()
    her = await factories.make_staff_member(tax)
    training = (await factories.make_staff_training(kind=StaffTrainingKind.video, address="")).id
    client = await client_as(role, person=her.person)

    assert f"/staff/trainings/{training}" in (await client.get("/staff/trainings")).text
    shown = (await client.get(f"/staff/trainings/{training}")).text
    assert "今日、この研修を最後まで受けました" in shown
    assert f"/staff/trainings/{training}/completions" not in shown
    for _ in range(2):  # a double tap
        assert (await client.post(f"/staff/trainings/{training}/own")).status_code == 303
    assert len(await completions_of(training)) == 1
    assert "令和8年11月21日" in (await client.get(f"/staff/trainings/{training}")).text


async def test_a_training_retired_twice_stays_retired_and_back_twice_stays_back(
    database: Database, client_as: Signed
) -> None:
    training = (await factories.make_staff_training()).id
    client = await client_as(Role.coordinator)
    path = f"/staff/trainings/{training}"

    for step, note, gone in (("retirement", "retired", True), ("return", "brought_back", False)):
        assert f'action="{path}/{step}"' in (await client.get(path)).text
        for _ in range(2):  # a double tap
            answer = await client.post(f"{path}/{step}")
            assert answer.headers["location"] == f"{path}?done={note}"
        [row] = await StaffTraining.select(StaffTraining.retired_at)
        assert (row["retired_at"] is not None) is gone


async def test_the_reason_is_that_of_taking_it_back(database: Database, client_as: Signed) -> None:
    her = await member(await section())
    training = (await factories.make_staff_training()).id
    await completions.complete(training, [her], MAY, by=ICT)
    [done], [post] = await completions_of(training), await memberships.of([her])
    client = await client_as(Role.coordinator)

    for path in (
        f"/staff/completions/{done['id']}/voiding",
        f"/staff/counter-staff/{her}/memberships/{post['id']}/voiding",
    ):
        shown = (await client.get(path)).text
        assert ("取り消す理由" in shown, "申込の理由" in shown) == (True, False)


async def test_p1_who_completed_a_training_in_another_section_is_not_hers_to_take_back(
    database: Database, client_as: Signed
) -> None:
    tax, training = await section(), (await factories.make_staff_training()).id
    ai = await member(await section("福祉課"), name="鈴木愛", reading="すずきあい")
    await completions.complete(training, [ai], MAY, by=ICT)
    [row] = await completions_of(training)
    client = await client_as(Role.coordinator, section=tax)
    path = f"/staff/completions/{row['id']}/voiding"

    asked, pressed = await client.get(path), await client.post(path, data={})

    assert (asked.status_code, pressed.status_code) == (404, 404)
    assert "鈴木愛" not in asked.text + pressed.text
