"""H1: contacts wait in the browser while the network is cut, and arrive once and in order."""

import asyncio
import sys
from contextlib import AsyncExitStack
from pathlib import Path

import httpx
import pytest
from playwright.async_api import Browser, Route, expect

from server.accounts.tables import SignIn
from server.helpdesk.tables import CallBack, Contact, Desk, HandOver
from server.topics.tables import Topic
from tests import factories
from tests.databases import Database
from tests.helpdesk.desk_browser import (
    ARRIVES,
    NAMES,
    desk_of_mari,
    mari_at,
    sign_in,
    tap,
    topics_logged,
    waiting,
)
from tests.postgres import free_port
from tests.servers import environment, listening, serving


@pytest.fixture
async def desk(database: Database) -> Desk:
    return await desk_of_mari()


async def test_h1_what_is_saved_without_a_network_arrives_once_and_in_order(
    browser: Browser, running_server: str, desk: Desk
) -> None:
    async with mari_at(browser, running_server, desk) as page:
        await page.context.set_offline(True)
        for name in NAMES:
            await tap(page, name)
        await expect(waiting(page)).to_have_text("3")
        await expect(page.locator("#queue [data-why=offline]")).to_be_visible()
        assert await topics_logged() == []

        await page.context.set_offline(False)

        await expect(waiting(page)).to_have_text("0", timeout=ARRIVES)
        await expect(page.locator("[data-logged] li")).to_have_count(3)
    assert await topics_logged() == list(NAMES)


async def test_h1_what_waits_survives_closing_the_page(
    browser: Browser, running_server: str, desk: Desk
) -> None:
    async with mari_at(browser, running_server, desk) as page:
        context = page.context
        await context.set_offline(True)
        for name in NAMES[:2]:
            await tap(page, name)
        await expect(waiting(page)).to_have_text("2")
        await page.close()
        await context.set_offline(False)

        again = await context.new_page()
        await again.goto(f"/staff/desks/{desk.id}")

        await expect(again.locator("[data-logged] li")).to_have_count(2, timeout=ARRIVES)
    assert await topics_logged() == list(NAMES[:2])


async def test_h1_what_is_saved_while_the_server_is_down_arrives_when_it_is_back(
    browser: Browser, database: Database, desk: Desk, tmp_path: Path
) -> None:
    port = str(free_port())
    address = f"http://127.0.0.1:{port}"
    variables = environment(database.url, PORT=port, BASE_URL=address)
    command = [sys.executable, "-m", "server", "serve"]
    async with AsyncExitStack() as open_:
        first = AsyncExitStack()
        await first.enter_async_context(listening(command, variables, address, tmp_path / "1"))
        page = await open_.enter_async_context(mari_at(browser, address, desk))
        await first.aclose()
        for name in NAMES:
            await tap(page, name)
        await expect(waiting(page)).to_have_text("3")
        await open_.enter_async_context(listening(command, variables, address, tmp_path / "2"))

        await expect(waiting(page)).to_have_text("0", timeout=60_000)
    assert await topics_logged() == list(NAMES)


async def test_h1_an_answer_that_was_lost_enters_nothing_twice(
    browser: Browser, running_server: str, desk: Desk
) -> None:
    lost = 0

    async def lose_the_answer(route: Route) -> None:
        nonlocal lost
        if lost < 2:
            lost += 1
            await route.fetch()
            await route.abort()
        else:
            await route.continue_()

    async with mari_at(browser, running_server, desk) as page:
        await page.route("**/contacts", lose_the_answer)
        await tap(page, NAMES[0])
        await tap(page, NAMES[1])

        await expect(waiting(page)).to_have_text("0", timeout=ARRIVES)
    assert lost == 2
    assert await topics_logged() == list(NAMES[:2])


async def test_h1_two_windows_send_the_same_queue_once_and_in_order(
    browser: Browser, running_server: str, desk: Desk
) -> None:
    async with mari_at(browser, running_server, desk) as page:
        context = page.context
        second = await context.new_page()
        await second.goto(f"/staff/desks/{desk.id}")
        await context.set_offline(True)
        for number in range(6):
            await tap(page if number % 2 else second, NAMES[number % 3])
        await expect(waiting(page)).to_have_text("6")
        await expect(waiting(second)).to_have_text("6")

        await context.set_offline(False)

        for each in (page, second):
            await expect(waiting(each)).to_have_text("0", timeout=ARRIVES)
    assert await topics_logged() == [*NAMES, *NAMES]


async def test_h1_two_processes_that_get_the_same_press_enter_it_once(
    database: Database, desk: Desk, tmp_path: Path
) -> None:
    topic = await Topic.select().first()
    assert topic is not None
    typed = {"topic": topic["id"], "channel": "phone", "outcome": "answered"}
    async with AsyncExitStack() as open_:
        clients = []
        for number in range(2):
            log = tmp_path / f"{number}.log"
            server = await open_.enter_async_context(serving(database.url, log))
            client = httpx.AsyncClient(
                base_url=server.address,
                headers={"sec-fetch-site": "same-origin", "accept": "application/json"},
                timeout=30,
            )
            await open_.enter_async_context(client)
            words = {"login": "mari", "password": factories.PASSWORD}
            await client.post("/sign-in", data=words)
            clients.append(client)
        presses = [
            client.post(
                f"/staff/desks/{desk.id}/contacts",
                data={**typed, "submission": f"press-00000000{number:02}"},
            )
            for number in range(10)
            for client in (*clients, *clients)
        ]

        answers = await asyncio.gather(*presses)

    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["id"] for answer in answers}) == 10
    assert await Contact.count() == 10


async def test_h1_a_session_that_ran_out_loses_nothing(
    browser: Browser, running_server: str, desk: Desk
) -> None:
    async with mari_at(browser, running_server, desk) as page:
        await SignIn.delete(force=True)
        await tap(page, NAMES[0], note="送り方がわからない")
        await tap(page, NAMES[1])
        await expect(waiting(page)).to_have_text("2")
        assert await topics_logged() == []

        await page.locator("[name=note]").fill("三人目")

        async with page.context.expect_page() as opened:
            await page.locator("#signed-out a").click()
        await sign_in(await opened.value)

        await expect(waiting(page)).to_have_text("0", timeout=ARRIVES)
        await expect(page.locator("#signed-out")).to_be_hidden()
        await expect(page.locator("[name=note]")).to_have_value("三人目")
    assert await topics_logged() == list(NAMES[:2])
    notes = await Contact.select(Contact.note).order_by(Contact.id).output(as_list=True)
    assert notes == ["送り方がわからない", ""]


async def test_h1_what_is_refused_later_waits_aside_and_can_be_taken_up_again(
    browser: Browser, running_server: str, desk: Desk
) -> None:
    async with mari_at(browser, running_server, desk) as page:
        await page.context.set_offline(True)
        await tap(page, NAMES[0], note="番号は 1234 5678 9018")
        await tap(page, NAMES[1])
        await page.locator(".chip", has_text=NAMES[2]).click()  # busy with the next caller

        await page.context.set_offline(False)

        await expect(page.locator("#aside [data-number]")).to_have_text("1", timeout=ARRIVES)
        await expect(page.locator("#aside")).to_contain_text("マイナンバー")
        await expect(page.locator("[data-logged] li")).to_have_count(1)
        await page.reload()
        await page.locator("#aside [data-act=take-up]").click()
        await expect(page.locator("#aside")).to_be_hidden()
        await page.locator("[name=note]").fill("番号を聞かれた")
        await page.locator("button[value=clear]").click()
        await expect(page.locator("[data-logged] li")).to_have_count(2)
    assert await topics_logged() == [NAMES[1], NAMES[0]]


async def test_h1_one_entry_that_our_side_fails_on_holds_up_none(
    browser: Browser, running_server: str, desk: Desk
) -> None:
    async def fail_on_the_first(route: Route) -> None:
        if "first" in (route.request.post_data or ""):
            await route.fulfill(status=500, body="<h1>500</h1>", content_type="text/html")
        else:
            await route.continue_()

    async with mari_at(browser, running_server, desk) as page:
        await page.route("**/contacts", fail_on_the_first)
        await page.context.set_offline(True)
        await tap(page, NAMES[0], note="first")
        await tap(page, NAMES[1])
        await tap(page, NAMES[2])
        await page.locator(".chip", has_text=NAMES[2]).click()  # busy with the next caller

        await page.context.set_offline(False)

        await expect(waiting(page)).to_have_text("0", timeout=60_000)
        await expect(page.locator("#aside [data-refused] li")).to_have_count(1)
        assert await topics_logged() == [NAMES[1], NAMES[2]]
        await page.unroute("**/contacts")
        await page.locator("#aside [data-act=take-up]").click()
        await expect(page.locator("#missing")).to_be_visible()
        await expect(page.locator("[name=note]")).to_have_value("first")
        await page.locator("button[value=clear]").click()
        await expect(page.locator("[data-logged] li")).to_have_count(3)
    assert await topics_logged() == [NAMES[1], NAMES[2], NAMES[0]]


async def test_h4_a_call_back_is_asked_for_at_once_and_waits_like_the_rest(
    browser: Browser, running_server: str, desk: Desk
) -> None:
    async with mari_at(browser, running_server, desk) as page:
        await page.context.set_offline(True)
        await tap(page, NAMES[0], "call_back")
        await expect(page.locator("#missing")).to_be_visible()
        await page.locator("[name=name]").fill("山田花子")
        await page.locator("[name=phone]").fill("059-354-0000")
        await page.locator("[name=due]").last.locator("xpath=../../label[1]").click()
        await page.locator("button[value=clear]").click()
        await expect(waiting(page)).to_have_text("1")
        await expect(page.locator("[name=name]")).to_be_hidden()

        await page.context.set_offline(False)

        await expect(waiting(page)).to_have_text("0", timeout=ARRIVES)
    assert await CallBack.select(CallBack.name).output(as_list=True) == ["山田花子"]


async def test_h4_half_of_who_is_told_is_asked_for_at_once_and_all_of_it_waits_like_the_rest(
    browser: Browser, running_server: str, desk: Desk
) -> None:
    await factories.make_section(name="市民税課")
    async with mari_at(browser, running_server, desk) as page:
        await page.context.set_offline(True)
        await page.locator(".chip", has_text=NAMES[0]).click()
        await page.locator("[name=outcome][value=handed_on]").click()
        await page.locator("[name=section]").select_option(label="市民税課")
        await page.locator("[name=question]").fill("いつからですか")
        await page.locator("[name=tell-phone]").fill("059-354-0000")
        await page.locator("button[value=clear]").click()
        await expect(page.locator("#missing")).to_contain_text("お名前、いつまでに折り返すか")
        await page.locator("[name=tell-name]").fill("山田花子")
        await page.locator("[name=tell-due][value=other]").check()
        await page.locator("button[value=clear]").click()
        await expect(page.locator("#missing")).to_contain_text("日、時刻")
        await page.locator("[name=tell-due]").nth(1).check()
        await page.locator("button[value=clear]").click()
        await expect(waiting(page)).to_have_text("1")
        await page.locator("[name=outcome][value=handed_on]").click()
        await expect(page.locator("[name=tell-phone]")).to_have_value("")
        await expect(page.locator("[name=tell-due]").first).to_be_checked()

        await page.context.set_offline(False)

        await expect(waiting(page)).to_have_text("0", timeout=ARRIVES)
    [contact], [question], [call_back] = [
        await table.select() for table in (Contact, HandOver, CallBack)
    ]
    assert question["contact"] == call_back["contact"] == contact["id"]
    assert (question["question"], call_back["name"]) == ("いつからですか", "山田花子")


async def test_h4_a_hand_over_that_nobody_is_told_of_asks_nothing_more(
    browser: Browser, running_server: str, desk: Desk
) -> None:
    await factories.make_section(name="市民税課")
    async with mari_at(browser, running_server, desk) as page:
        await page.keyboard.press("1")
        await page.keyboard.press("f")
        await page.locator("[name=section]").select_option(label="市民税課")
        await page.locator("[name=question]").fill("いつからですか")
        await page.locator("button[value=clear]").click()
        await expect(page.locator("[data-logged] li")).to_have_count(1)
    assert (await HandOver.count(), await CallBack.count()) == (1, 0)
