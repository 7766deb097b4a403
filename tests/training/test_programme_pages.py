"""What coordinators and administrators do with programmes through their pages."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

import httpx
import pytest
from playwright.async_api import Browser, expect

from server.roles import Role
from server.training import enrolments, programmes, requirements
from server.training.tables import Programme, Requirement
from tests import factories
from tests.browser import screen, sound
from tests.classes.staff_cast import ICT
from tests.databases import Database
from tests.factories import PASSWORD, make_enrolment, make_municipality, make_person, make_section
from tests.pages import hidden
from tests.statements import counted
from tests.training.trainees import basics, trainee

ClientAs = Callable[..., Awaitable[httpx.AsyncClient]]


@pytest.fixture
async def coordinator(
    database: Database, frozen_now: datetime, client_as: ClientAs
) -> httpx.AsyncClient:
    await make_municipality()
    return await client_as(Role.coordinator)


def typed(**facts: Any) -> dict[str, Any]:
    usual = {"name": "心構え", "kind": "lecture", "needed": "1", "unit": "sessions"}
    return {**usual, "position": "1", "code": "l1", "version": "1", **facts}


async def test_a_programme_is_made_filled_and_published(coordinator: httpx.AsyncClient) -> None:
    made = await coordinator.post(
        "/staff/programmes/new", data={"name": "基礎編", "code": "ＢＡＳＩＣ-1", "description": ""}
    )
    [programme] = await Programme.select()
    path = f"/staff/programmes/{programme['id']}"
    assert (made.status_code, made.headers["location"]) == (303, f"{path}?done=created")
    assert (programme["code"], programme["edition"]) == ("basic-1", 1)
    assert "公開する前に、修了要件を加えてください。" in (await coordinator.get(path)).text

    form = (await coordinator.get(f"{path}/requirements/new")).text
    assert (hidden(form, "code"), hidden(form, "version")) == ("r1", "1")
    added = await coordinator.post(f"{path}/requirements/new", data=typed())
    assert added.headers["location"] == f"{path}?done=added"

    page = (await coordinator.get(path)).text
    published = await coordinator.post(
        f"{path}/publication", data={"version": hidden(page, "version")}
    )
    assert published.headers["location"] == f"{path}?done=published"
    page = (await coordinator.get(published.headers["location"])).text
    assert "公開しました。受講者を受け入れられます。" in page
    assert "外す" not in page


@pytest.mark.parametrize(
    ("field", "words", "said"),
    [
        ("name", " ", "入力してください"),
        ("code", "基礎", "英字の小文字"),
        ("needed", "0", "1から999までの数"),
        ("kind", "sleep", "選"),
        ("unit", "days", "選"),
    ],
)
async def test_a_requirement_says_what_is_wrong_and_keeps_what_was_typed(
    coordinator: httpx.AsyncClient, field: str, words: str, said: str
) -> None:
    draft = await programmes.create("basics", "基礎編", by=ICT)

    answer = await coordinator.post(
        f"/staff/programmes/{draft['id']}/requirements/new",
        data=typed(**{"name": "安全の話", field: words}),
    )

    assert answer.status_code == 422
    assert said in answer.text
    assert field == "name" or "安全の話" in answer.text
    assert await Requirement.count() == 0


async def test_a_code_used_twice_is_said_beside_the_code(coordinator: httpx.AsyncClient) -> None:
    await basics()

    answer = await coordinator.post(
        "/staff/programmes/new", data={"name": "もう一つ", "code": "basics", "description": ""}
    )

    assert answer.status_code == 409
    assert "この記号は、すでに使われています。" in answer.text
    assert "もう一つ" in answer.text


async def test_two_who_edit_one_requirement_see_both(coordinator: httpx.AsyncClient) -> None:
    draft = await programmes.create("basics", "基礎編", by=ICT)
    await coordinator.post(f"/staff/programmes/{draft['id']}/requirements/new", data=typed())
    [row] = await Requirement.select()
    path = f"/staff/requirements/{row['id']}/edit"
    opened = (await coordinator.get(path)).text
    seen = {"version": hidden(opened, "version")}
    seen["opened"] = hidden(opened, "opened").replace("&#34;", '"')
    await coordinator.post(path, data=typed(**seen, name="心構えと約束"))

    answer = await coordinator.post(path, data=typed(**seen, name="はじめの心構え"))
    assert answer.status_code == 409
    assert "心構えと約束" in answer.text
    assert "はじめの心構え" in answer.text

    other = await coordinator.post(path, data=typed(**seen, needed="2"))
    assert other.headers["location"].endswith("?done=merged")
    [row] = await Requirement.select()
    assert (row["name"], row["needed"]) == ("心構えと約束", 2)


async def test_the_next_edition_is_changed_published_and_everybody_moved(
    coordinator: httpx.AsyncClient,
) -> None:
    programme = await basics()
    hanako = await trainee(programme)
    made = await coordinator.post(f"/staff/programmes/{programme.id}/edition", data={"version": 1})
    path = made.headers["location"].split("?")[0]
    newer_id = int(path.split("/")[-1])
    rows = {row["code"]: row for row in await programmes.requirements(newer_id)}
    gone = await coordinator.post(
        f"/staff/requirements/{rows['lecture']['id']}/removal", data={"version": 1}
    )
    assert gone.headers["location"] == f"{path}?done=removed"
    form = await coordinator.get(f"{path}/requirements/new")
    assert "（第1版）" in form.text
    await coordinator.post(
        f"{path}/requirements/new", data=typed(code="l9", version="2", replaces=["lecture"])
    )
    await coordinator.post(f"{path}/publication", data={"version": 3})
    assert "1人が前の版のままです" in (await coordinator.get(path)).text

    moved = await coordinator.post(f"{path}/moving", data={"version": 4})

    assert "1人をこの版に移しました。" in (await coordinator.get(moved.headers["location"])).text
    assert (await enrolments.current(hanako.id) or {})["programme"] == newer_id
    [l9] = [
        row
        for row in await requirements.listed(await programmes.get(newer_id) or {})
        if row["code"] == "l9"
    ]
    assert l9["replaces"] == "lecture"


async def test_a_stale_publication_is_refused_and_shows_the_edition_as_it_stands(
    coordinator: httpx.AsyncClient,
) -> None:
    draft = await programmes.create("basics", "基礎編", by=ICT)
    path = f"/staff/programmes/{draft['id']}"
    await coordinator.post(f"{path}/requirements/new", data=typed())

    answer = await coordinator.post(f"{path}/publication", data={"version": 1})

    assert answer.status_code == 409
    assert "ほかの人" in answer.text
    assert hidden(answer.text, "version") == "2"


async def test_closing_asks_once(coordinator: httpx.AsyncClient) -> None:
    programme = await basics()
    path = f"/staff/programmes/{programme.id}/retirement"
    page = await coordinator.get(path)

    answer = await coordinator.post(path, data={"version": hidden(page.text, "version")})

    assert answer.headers["location"] == f"/staff/programmes/{programme.id}?done=retired"
    assert await programmes.published() == []


async def test_another_section_sees_programmes_and_changes_none(
    database: Database, client_as: ClientAs
) -> None:
    programme = await basics()
    section = await make_section()
    welfare = await client_as(Role.coordinator, section=section.id)

    page = await welfare.get(f"/staff/programmes/{programme.id}")
    answer = await welfare.post(f"/staff/programmes/{programme.id}/retirement", data={"version": 1})

    assert page.status_code == 200
    assert "受け入れを終える" not in page.text
    assert answer.status_code == 409
    assert len(await programmes.published()) == 1


async def test_what_is_not_there_is_a_404(coordinator: httpx.AsyncClient) -> None:
    for path in ("/staff/programmes/999", "/staff/requirements/999/edit"):
        assert (await coordinator.get(path)).status_code == 404


async def test_the_list_takes_as_many_statements_for_thirty_as_for_one(
    coordinator: httpx.AsyncClient,
) -> None:
    first = await basics()
    await make_enrolment(person=(await make_person()).id, programme=first.id)
    with counted() as for_one:
        page = await coordinator.get("/staff/programmes")
    assert "3件" in page.text
    for number in range(29):
        await basics(code=f"code-{number}")

    with counted() as for_all:
        await coordinator.get("/staff/programmes")

    assert len(for_all) == len(for_one)


@pytest.mark.engine("sqlite")
@pytest.mark.parametrize("size", ["phone", "desk"])
async def test_every_page_of_programmes_fits_and_can_be_used_by_everybody(
    browser: Browser, running_server: str, size: str
) -> None:
    await make_municipality()
    account = await factories.make_account(Role.coordinator)
    programme = await basics()
    await trainee(programme)
    newer = await programmes.add_edition(programme.id, by=ICT)
    [first, *_] = await programmes.requirements(newer["id"])

    async with screen(browser, running_server, size) as page:
        await page.goto("/staff/programmes")
        await page.get_by_label("ログインID").fill(account.login)
        await page.get_by_label("パスワード").fill(PASSWORD)
        await page.get_by_role("button", name="ログイン").click()
        await page.wait_for_url("**/staff/programmes")
        await sound(page)
        for path in (
            "/staff/programmes/new",
            f"/staff/programmes/{programme.id}",
            f"/staff/programmes/{programme.id}/retirement",
            f"/staff/programmes/{newer['id']}",
            f"/staff/programmes/{newer['id']}/edit",
            f"/staff/programmes/{newer['id']}/requirements/new",
            f"/staff/requirements/{first['id']}/edit",
            f"/staff/requirements/{first['id']}/removal",
        ):
            await page.goto(path)
            await sound(page)
        await page.get_by_role("button", name="この要件を外す").click()
        await expect(page.get_by_text("外しました。")).to_be_visible()
        await page.get_by_role("link", name="修了要件を加える").click()
        await page.get_by_role("button", name="この修了要件を加える").click()
        await expect(page.locator("[aria-invalid=true]").first).to_be_visible()
        await sound(page)
        await page.get_by_label("修了要件").fill("心構え")
        await page.get_by_label("第1講（第1版）").check()
        await page.get_by_role("button", name="この修了要件を加える").click()
        await page.get_by_role("button", name="この版を公開する").click()
        await expect(page.get_by_text("1人が前の版のままです")).to_be_visible()
        await sound(page)
