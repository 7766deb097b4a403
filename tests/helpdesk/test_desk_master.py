"""H1, P1: desks are added, changed together, taken out of use and brought back."""

import json
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

import httpx
import pytest

from server import clock
from server.audit.tables import AuditEntry
from server.database import writing
from server.helpdesk import corrections, desks
from server.helpdesk.desks import DeskFacts
from server.helpdesk.tables import Desk
from server.roles import Role
from tests import factories
from tests.classes.staff_cast import ICT
from tests.databases import Database

ClientAs = Callable[..., Awaitable[httpx.AsyncClient]]

MINUTES = {"phone": 10, "counter": 12, "visit": 15, "fax": 5, "email": 0}


@pytest.fixture(autouse=True)
async def here(database: Database, frozen_now: datetime) -> None:
    """Saturday 21 November 2026, 10 in the morning, for every test here."""
    await factories.make_municipality()


def typed(**more: Any) -> dict[str, str]:
    """A desk as it is typed."""
    minutes = {f"{channel}_minutes": number for channel, number in MINUTES.items()}
    known = {"name": "本庁相談窓口", "venue": "", "section": "", "position": 3, **minutes, **more}
    return {name: str(value) for name, value in known.items()}


async def opened(client: httpx.AsyncClient, desk_id: int, **more: Any) -> dict[str, str]:
    """What the form of a desk carries unseen, with what is typed."""
    words = (await client.get(f"/staff/desks/{desk_id}/edit")).text
    hidden = {}
    for name in ("version", "opened"):
        start = words.index(f'name="{name}"')
        value = words[start:].split('value="', 1)[1].split('"', 1)[0]
        hidden[name] = value.replace("&#34;", '"').replace("&quot;", '"')
    return {**typed(**more), **hidden}


async def one() -> dict[str, Any]:
    [row] = await Desk.select()
    return row


async def test_h1_a_desk_is_added_with_the_minutes_of_each_way(client_as: ClientAs) -> None:
    venue = await factories.make_venue()
    admin = await client_as(Role.administrator)
    assert (await admin.get("/staff/desks/new")).status_code == 200

    answer = await admin.post("/staff/desks/new", data=typed(venue=venue.id))

    desk = await one()
    assert (answer.status_code, answer.headers["location"]) == (303, "/staff/desks")
    assert {channel: desks.default_minutes(desk, channel) for channel in MINUTES} == MINUTES
    assert (desk["name"], desk["venue"], desk["position"]) == ("本庁相談窓口", venue.id, 3)
    [entry] = await AuditEntry.select().where(AuditEntry.action == "desk.created")
    assert "本庁" not in entry["facts"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": " "},
        {"name": "あ" * 81},
        {"phone_minutes": "1441"},
        {"phone_minutes": "-1"},
        {"phone_minutes": ""},
        {"phone_minutes": "ten"},
        {"venue": "99"},
        {"venue": " "},
        {"section": "\r\n"},
        {"position": "-1"},
    ],
)
async def test_what_is_wrong_is_told_and_kept(client_as: ClientAs, wrong: dict[str, str]) -> None:
    admin = await client_as(Role.administrator)

    answer = await admin.post("/staff/desks/new", data=typed(counter_minutes="77", **wrong))

    assert answer.status_code == 422
    assert 'value="77"' in answer.text
    assert await Desk.count() == 0


async def test_a_name_stands_once(client_as: ClientAs) -> None:
    await factories.make_desk(name="本庁相談窓口")
    admin = await client_as(Role.administrator)

    answer = await admin.post("/staff/desks/new", data=typed())

    assert answer.status_code == 409
    assert 'id="name-error"' in answer.text
    assert await Desk.count() == 1


async def test_two_who_change_different_things_both_have_their_way(client_as: ClientAs) -> None:
    desk = await factories.make_desk(name="本庁相談窓口", **_columns())
    admin = await client_as(Role.administrator)
    seen = await opened(admin, desk.id, phone_minutes=20, position=0)
    facts = DeskFacts("新しい名前", minutes=_facts())
    await desks.edit(desk.id, facts, version=1, by=ICT)

    answer = await admin.post(f"/staff/desks/{desk.id}/edit", data=seen)

    assert answer.status_code == 303
    now = await one()
    assert (now["name"], now["phone_minutes"], now["version"]) == ("新しい名前", 20, 3)


async def test_two_who_change_the_same_see_both(client_as: ClientAs) -> None:
    desk = await factories.make_desk(name="本庁相談窓口", **_columns())
    admin = await client_as(Role.administrator)
    seen = await opened(admin, desk.id, name="わたしの名前", position=0)
    await desks.edit(desk.id, DeskFacts("ほかの名前", minutes=_facts()), version=1, by=ICT)

    answer = await admin.post(f"/staff/desks/{desk.id}/edit", data=seen)

    assert answer.status_code == 409
    assert "ほかの名前" in answer.text
    assert "わたしの名前" in answer.text
    assert (await one())["name"] == "ほかの名前"


def _facts() -> dict[Any, int]:
    return dict(MINUTES)


def _columns() -> dict[str, int]:
    return {f"{channel}_minutes": number for channel, number in MINUTES.items()}


async def test_a_desk_is_taken_out_of_use_and_brought_back(client_as: ClientAs) -> None:
    desk = await factories.make_desk(name="本庁相談窓口")
    admin = await client_as(Role.administrator)
    url = f"/staff/desks/{desk.id}"

    twice = [await admin.post(f"{url}/archiving", data={"version": "1"}) for _ in range(2)]

    assert [answer.status_code for answer in twice] == [303, 303]
    assert (await one())["version"] == 2
    assert await desks.listed(ICT) == []
    assert (await admin.post(f"{url}/return", data={"version": "1"})).status_code == 409
    assert (await admin.post(f"{url}/return", data={"version": "2"})).status_code == 303
    assert [row["id"] for row in await desks.listed(ICT)] == [desk.id]


async def test_p1_only_administrators_and_the_overseeing_section(client_as: ClientAs) -> None:
    desk = await factories.make_desk(name="本庁相談窓口")
    section = await factories.make_section(name="高齢福祉課")
    ken = await client_as(Role.coordinator, section=section.id)
    tanaka = await client_as(Role.coordinator)

    assert (await ken.get("/staff/desks/new")).status_code == 409
    for path in ("new", f"{desk.id}/edit", f"{desk.id}/archiving", f"{desk.id}/return"):
        answer = await ken.post(f"/staff/desks/{path}", data=typed(name="別の名前"))
        assert answer.status_code == 409
    assert (await one())["version"] == 1
    assert (await tanaka.post("/staff/desks/new", data=typed(name="二つ目"))).status_code == 303


async def test_a_closed_building_stays_with_its_desk_only(client_as: ClientAs) -> None:
    venue = await factories.make_venue(name="旧市民センター")
    desk = await factories.make_desk(venue=venue.id)
    async with writing():
        await type(venue).update({"archived_at": clock.now()}).where(type(venue).id == venue.id)
    admin = await client_as(Role.administrator)

    assert "旧市民センター" in (await admin.get(f"/staff/desks/{desk.id}/edit")).text
    assert "旧市民センター" not in (await admin.get("/staff/desks/new")).text


async def test_a_desk_that_is_not_there(client_as: ClientAs) -> None:
    admin = await client_as(Role.administrator)

    assert (await admin.get("/staff/desks/99/edit")).status_code == 404


async def test_p1_a_desk_where_something_was_logged_stays_in_its_building(
    client_as: ClientAs,
) -> None:
    admin = await client_as(Role.administrator)
    here, there = await factories.make_venue(), await factories.make_venue()
    desk = await factories.make_desk(name="本庁相談窓口", venue=here.id)
    contact = await factories.make_contact(desk=desk.id)
    await corrections.void(contact.id, "mistaken", by=ICT)  # its note can still be read
    typed_there = await opened(admin, desk.id, venue=there.id)

    refused = await admin.post(f"/staff/desks/{desk.id}/edit", data=typed_there)
    same = await opened(admin, desk.id, venue=here.id, position=7)
    answer = await admin.post(f"/staff/desks/{desk.id}/edit", data=same)

    assert (refused.status_code, answer.status_code) == (409, 303)
    assert "この窓口の建物と担当課は変えられません" in refused.text
    assert ((await one())["venue"], (await one())["position"]) == (here.id, 7)


async def test_p1_a_desk_where_something_was_logged_stays_with_its_section(
    client_as: ClientAs,
) -> None:
    admin = await client_as(Role.administrator)
    own, other = await factories.make_section(), await factories.make_section()
    desk = await factories.make_desk(name="本庁相談窓口", section=own.id)
    await factories.make_desk(name="税務課の窓口", section=own.id)
    contact = await factories.make_contact(desk=desk.id, note="秘密のメモ")

    for section in (other.id, ""):
        data = await opened(admin, desk.id, section=section)
        refused = await admin.post(f"/staff/desks/{desk.id}/edit", data=data)
        assert refused.status_code == 409
        assert "この窓口の建物と担当課は変えられません" in refused.text

    reader = await client_as(Role.coordinator, section=other.id)
    assert (await reader.get(f"/staff/contacts/{contact.id}")).status_code == 403
    unused = desk.id + 1
    data = await opened(admin, unused, name="税務課の窓口", section=other.id)
    assert (await admin.post(f"/staff/desks/{unused}/edit", data=data)).status_code == 303


async def test_p2_the_audit_of_a_changed_desk_says_from_and_to(client_as: ClientAs) -> None:
    admin = await client_as(Role.administrator)
    desk = await factories.make_desk(name="本庁相談窓口", position=2)

    await admin.post(f"/staff/desks/{desk.id}/edit", data=await opened(admin, desk.id, position=7))

    [entry] = await AuditEntry.select().where(AuditEntry.action == "desk.edited")
    told = json.loads(entry["facts"])
    assert (told["from"]["position"], told["to"]["position"]) == (2, 7)
    assert told["from"].keys() == told["to"].keys()
