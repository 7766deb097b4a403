"""S8: trouble on top of every page of a coordinator, until somebody says what was done."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

import httpx
import pytest

from server.activity import troubles
from server.activity.tables import TroubleReport
from server.roles import Role
from tests.activity.cast import neighbour
from tests.databases import Database
from tests.factories import make_municipality, make_section
from tests.statements import counted

ClientAs = Callable[..., Awaitable[httpx.AsyncClient]]

ALARM = "トラブル報告が1件あります。すぐにご確認ください。"


@pytest.fixture(autouse=True)
async def city(database: Database, frozen_now: datetime) -> None:
    await make_municipality()


async def fallen(words: str = "転んだ方がいます。") -> dict[str, Any]:
    haruko = await neighbour()
    return await troubles.report(
        words, supporter_id=haruko.supporter_id, submission=None, by=haruko
    )


@pytest.mark.parametrize("path", ["/staff", "/staff/courses", "/staff/activities", "/staff/calls"])
async def test_s8_every_page_of_a_coordinator_says_so_as_it_loads(
    client_as: ClientAs, path: str
) -> None:
    desk = await client_as(Role.coordinator)
    assert ALARM not in (await desk.get(path)).text
    await fallen()

    assert ALARM in (await desk.get(path)).text


@pytest.mark.parametrize("role", [Role.venue, Role.helpdesk])
async def test_s8_nobody_else_is_alarmed(client_as: ClientAs, role: Role) -> None:
    await fallen()
    other = await client_as(role)

    assert "alarm" not in (await other.get("/staff")).text


async def test_s8_a_section_without_the_class_is_not_alarmed(client_as: ClientAs) -> None:
    await fallen()
    other = await client_as(Role.coordinator, section=(await make_section()).id)

    assert ALARM not in (await other.get("/staff/courses")).text


async def test_s8_an_open_page_learns_of_it_and_is_left_alone_otherwise(
    client_as: ClientAs,
) -> None:
    desk = await client_as(Role.coordinator)
    htmx = {"hx-request": "true"}
    assert (await desk.get("/staff/troubles/alarm?seen=0", headers=htmx)).status_code == 204
    await fallen()

    answer = await desk.get("/staff/troubles/alarm?seen=0", headers=htmx)

    assert ALARM in answer.text
    assert 'hx-get="/staff/troubles/alarm?seen=1"' in answer.text
    assert "<html" not in answer.text
    assert (await desk.get("/staff/troubles/alarm?seen=1", headers=htmx)).status_code == 204


async def test_s8_an_ended_sign_in_takes_nobody_away_from_what_she_types(
    client: httpx.AsyncClient, client_as: ClientAs
) -> None:
    await fallen()
    for browser in (client, await client_as(Role.supporter), await client_as(Role.venue)):
        answer = await browser.get("/staff/troubles/alarm?seen=0", headers={"hx-request": "true"})
        assert (answer.status_code, answer.text) == (204, "")


async def test_s8_a_page_asks_no_more_of_the_database_for_it(client_as: ClientAs) -> None:
    desk = await client_as(Role.coordinator)
    for _ in range(2):
        await desk.get("/staff/courses")
    with counted() as calm:
        await desk.get("/staff/courses")
    await fallen()
    await desk.get("/staff/courses")
    with counted() as alarmed:
        await desk.get("/staff/courses")

    assert len(calm) == len(alarmed)


async def test_s8_trouble_is_taken_up_with_what_was_done(client_as: ClientAs) -> None:
    desk = await client_as(Role.coordinator)
    trouble = await fallen("<script>alert(1)</script>")
    page = await desk.get("/staff/troubles")
    assert "<script>alert" not in page.text
    path = f"/staff/troubles/{trouble['id']}/outcome"
    empty = await desk.post(path, data={"outcome": ""})
    assert (empty.status_code, f'id="outcome-{trouble["id"]}"' in empty.text) == (422, True)

    answer = await desk.post(path, data={"outcome": "ご家族に電話しました。"})

    page = await desk.get(answer.headers["location"])
    assert "対応を記録しました。" in page.text
    assert "ご家族に電話しました。" in page.text
    assert ALARM not in page.text
    late = await desk.post(path, data={"outcome": "保険会社に届けました。"})
    assert late.status_code == 409
    assert "ほかの人がすでに対応しています。" in late.text
    [row] = await TroubleReport.select()
    assert row["outcome"] == "ご家族に電話しました。"
    assert (await desk.post("/staff/troubles/99999/outcome", data={})).status_code == 404
