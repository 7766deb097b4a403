"""H1: the desk in a real browser: three taps, one key each, and contacts that wait and arrive."""

import asyncio
import sys
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.async_api import Browser, Page, Route, expect

from server.accounts.tables import Account, SignIn
from server.helpdesk.tables import CallBack, Contact, Desk
from server.roles import Role
from server.topics import topics
from server.topics.tables import Topic
from tests import factories
from tests.browser import SCREENS, axe, fits, screen
from tests.classes.staff_cast import ICT
from tests.databases import Database
from tests.postgres import free_port
from tests.servers import environment, listening, serving

NAMES = ("写真・動画", "電話・連絡先", "地図・乗り物")
ARRIVES = 20_000  # milliseconds


@pytest.fixture
async def desk(database: Database) -> Desk:
    """A desk, three topics, and Mari who logs there."""
    await factories.make_municipality()
    for position, name in enumerate(NAMES):
        await factories.make_topic(name=name, position=position)
    await factories.make_account(Role.helpdesk, login="mari")
    return await factories.make_desk(name="本庁相談窓口")


async def sign_in(page: Page, login: str = "mari") -> None:
    await page.locator("[name=login]").fill(login)
    await page.locator("[name=password]").fill(factories.PASSWORD)
    await page.locator("main form button").last.click()


@asynccontextmanager
async def mari_at(browser: Browser, address: str, desk: Desk) -> AsyncIterator[Page]:
    """Mari's browser with the desk open; its network may be cut."""
    context = await browser.new_context(
        base_url=address, viewport=SCREENS["desk"], locale="ja-JP", timezone_id="Asia/Tokyo"
    )
    page = await context.new_page()
    await page.goto(f"/sign-in?next=/staff/desks/{desk.id}")
    await sign_in(page)
    await expect(page.locator("form[data-keys]")).to_be_visible()
    yield page
    await context.close()


async def tap(page: Page, topic: str, outcome: str = "answered", note: str = "") -> None:
    await page.locator(".chip", has_text=topic).click()
    await page.locator(f"[name=outcome][value={outcome}]").click()
    if note:
        await page.locator("[name=note]").fill(note)
    await page.locator("button[value=clear]").click()


async def topics_logged() -> list[str]:
    """What has arrived, in the order in which it did."""
    rows = await Contact.select(Contact.topic.name.as_alias("name")).order_by(Contact.id)
    return [row["name"] for row in rows]


def waiting(page: Page) -> Any:
    return page.locator("#queue [data-number]")


async def test_h1_the_commonest_contact_takes_three_taps_and_less_than_five_seconds(
    browser: Browser, running_server: str, desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    async with mari_at(browser, running_server, desk) as page:
        began = time.monotonic()
        await tap(page, NAMES[0])
        await expect(page.locator("[data-logged] li")).to_have_count(1)
        by_hand = time.monotonic() - began

        began = time.monotonic()
        for key in ("2", "a", "Enter"):
            await page.keyboard.press(key)
        await expect(page.locator("[data-logged] li")).to_have_count(2)
        by_keys = time.monotonic() - began
        await expect(page.locator("#last [data-count]")).to_have_text("2")

    assert await topics_logged() == [NAMES[0], NAMES[1]]
    with capsys.disabled():
        sys.stdout.write(f"\n3 taps: listed after {by_hand:.2f} s; 3 keys: {by_keys:.2f} s\n")


async def test_h1_every_field_has_its_key_and_typing_a_note_presses_none(
    browser: Browser, running_server: str, desk: Desk
) -> None:
    async with screen(browser, running_server, "desk") as page:
        await page.goto(f"/sign-in?next=/staff/desks/{desk.id}")
        await sign_in(page)
        await expect(page.locator("form[data-keys]")).to_be_visible()
        for key in ("3", "s", "x", "j", "/"):
            await page.keyboard.press(key)
        await page.keyboard.type("1a")
        await page.keyboard.press("Escape")
        await page.keyboard.press("Shift+Enter")
        await expect(page.locator("[data-logged] li")).to_have_count(1)
        chosen = await page.locator(".chips input:checked").evaluate_all(
            "found => found.map(each => each.value).filter(Boolean)"
        )

    [contact] = await Contact.select()
    facts = tuple(contact[name] for name in ("outcome", "channel", "stuck", "note"))
    assert facts == ("shown", "counter", "identity", "1a")
    assert chosen[1:] == ["counter", "shown", "identity"]


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


async def test_h1_a_double_tap_on_save_enters_one_contact(
    browser: Browser, running_server: str, desk: Desk
) -> None:
    async with mari_at(browser, running_server, desk) as page:
        for button in ("keep", "clear"):
            await page.locator(".chip", has_text=NAMES[0]).click()
            await page.locator("[name=outcome][value=answered]").click()
            await page.locator(f"button[value={button}]").dblclick()
            await expect(waiting(page)).to_have_text("0")
        await expect(page.locator("[data-logged] li")).to_have_count(2)
        await expect(page.locator("#missing")).to_be_hidden()
    assert await Contact.count() == 2


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


async def test_h2_a_topic_that_was_merged_overnight_is_named_and_nothing_typed_is_lost(
    browser: Browser, running_server: str, desk: Desk
) -> None:
    async with mari_at(browser, running_server, desk) as page:
        ids = {row["name"]: row["id"] for row in await Topic.select()}
        await topics.merge(ids[NAMES[0]], ids[NAMES[2]], version=1, by=ICT)

        await tap(page, NAMES[0], note="送り方がわからない")

        await expect(page.locator("#missing")).to_contain_text(NAMES[2])
        await expect(page.locator("[name=note]")).to_have_value("送り方がわからない")
        await page.locator(".chip", has_text=NAMES[2]).click()
        await page.locator("button[value=clear]").click()
        await expect(page.locator("[data-logged] li")).to_have_count(1)
    [contact] = await Contact.select()
    assert (contact["topic"], contact["note"]) == (ids[NAMES[2]], "送り方がわからない")


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


async def test_h1_what_waits_is_sent_under_the_name_of_its_own_operator(
    browser: Browser, running_server: str, desk: Desk
) -> None:
    taro = await factories.make_account(Role.helpdesk, login="taro")
    mari = await Account.objects().get(Account.login == "mari")
    assert mari is not None
    async with mari_at(browser, running_server, desk) as page:
        await page.route("**/contacts", lambda route: route.abort())
        await tap(page, NAMES[0], note="山田花子")
        await tap(page, NAMES[1])
        await expect(waiting(page)).to_have_text("2")
        other = await another_signs_in(page, desk, "taro")
        await expect(other.locator("#others [data-wait]")).to_contain_text("2")
        await expect(other.locator("#others")).to_contain_text(mari.name)
        await expect(other.locator("#queue")).to_be_hidden()
        assert NAMES[0] not in await other.locator("#others").inner_text()
        await axe(other)
        await fits(other)

        await tap(other, NAMES[2])
        await expect(other.locator("[data-logged] li")).to_have_count(1, timeout=ARRIVES)
        assert await recorded_by() == [taro.id]
        await other.locator("#others button").click()
        await expect(other.locator("#others")).to_be_hidden(timeout=ARRIVES)
    assert await recorded_by() == [taro.id, taro.id, taro.id]


async def test_h1_a_page_of_one_operator_sends_nothing_as_another(
    browser: Browser, running_server: str, desk: Desk
) -> None:
    await factories.make_account(Role.helpdesk, login="taro")
    async with mari_at(browser, running_server, desk) as page:
        second = await another_signs_in(page, desk, "taro")

        await tap(page, NAMES[0])

        await expect(page.locator("#signed-out")).to_be_visible()
        await expect(second.locator("#others [data-wait]")).to_contain_text("1")
        assert await topics_logged() == []


async def test_h1_signing_out_tries_to_send_and_asks_once(
    browser: Browser, running_server: str, desk: Desk
) -> None:
    async with mari_at(browser, running_server, desk) as page:
        await page.route("**/contacts", lambda route: route.abort())
        await tap(page, NAMES[0])
        await expect(waiting(page)).to_have_text("1")
        out = page.locator("form[action='/sign-out'] button")

        await out.click()
        await expect(page.locator("#leaving [data-number]")).to_have_text("1")
        await axe(page)
        await fits(page)
        await page.locator("#leaving [data-stay]").click()
        await expect(page.locator("#leaving")).to_be_hidden()
        await out.click()
        await page.locator("#leaving [data-go]").click()
        await page.wait_for_url("**/sign-in")

        await page.goto(f"/sign-in?next=/staff/desks/{desk.id}")
        await sign_in(page)
        await expect(page.locator("form[data-keys]")).to_be_visible()
        await expect(waiting(page)).to_have_text("1")
        await page.unroute("**/contacts")
        await page.locator("form[action='/sign-out'] button").click()
        await page.wait_for_url("**/sign-in")
    assert await topics_logged() == [NAMES[0]]


async def another_signs_in(page: Page, desk: Desk, login: str) -> Page:
    """Somebody else at the same browser, in a window of her own; the first one stays open."""
    await page.context.clear_cookies()
    other = await page.context.new_page()
    await other.goto(f"/sign-in?next=/staff/desks/{desk.id}")
    await sign_in(other, login)
    await expect(other.locator("form[data-keys]")).to_be_visible()
    return other


async def recorded_by() -> list[int]:
    """Under whose names contacts have arrived."""
    rows = await Contact.select(Contact.recorded_by).order_by(Contact.id)
    return [row["recorded_by"] for row in rows]


async def test_h1_a_district_of_many_and_an_answer_take_two_keys(
    browser: Browser, running_server: str, desk: Desk
) -> None:
    districts = [await factories.make_district(position=number) for number in range(24)]
    topic = await Topic.objects().get(Topic.name == NAMES[0])
    assert topic is not None
    article = await factories.make_article(topic=topic.id)
    async with mari_at(browser, running_server, desk) as page:
        await page.keyboard.press("1")
        await expect(page.locator("#matches .answers kbd").first).to_be_visible()
        for key in ("m", "l", ";"):
            await page.keyboard.press(key)
        await page.wait_for_timeout(800)  # the answers of the district come meanwhile
        for key in ("1", ".", "4", "a"):
            await page.keyboard.press(key)
        for key in ("m", "Escape", "Enter"):
            await page.keyboard.press(key)
        await expect(page.locator("[data-logged] li")).to_have_count(1)

    [contact] = await Contact.select()
    chosen = (contact["district"], contact["article"], contact["age_band"])
    assert chosen == (districts[20].id, article.id, "80s")


async def test_h3_choosing_quickly_asks_once_and_breaks_nothing_off(
    browser: Browser, running_server: str, desk: Desk
) -> None:
    asked, said = [], []

    async def slowly(route: Route) -> None:
        asked.append(route.request.url)
        await asyncio.sleep(1)
        await route.continue_()

    async with mari_at(browser, running_server, desk) as page:
        page.on("console", lambda told: said.append(told.text))
        await page.route("**/matches?*", slowly)
        for key in "123123123":
            await page.keyboard.press(key)
        await expect(page.locator("#matches .answers")).to_be_visible()
        await page.keyboard.press("1")
        await page.wait_for_timeout(400)
        await page.keyboard.press("2")
        await page.wait_for_timeout(3000)
    assert len(asked) == 3
    assert said == []


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


async def test_t5_the_last_one_is_undone_without_losing_what_is_being_typed(
    browser: Browser, running_server: str, desk: Desk
) -> None:
    async with mari_at(browser, running_server, desk) as page:
        await tap(page, NAMES[0])
        await expect(page.locator("[data-logged] li")).to_have_count(1)
        await page.locator("[name=note]").fill("つぎの方")

        await page.locator("[data-logged] form button").click()

        await expect(page.locator("[data-undone]")).to_have_count(1)
        await expect(page.locator("[name=note]")).to_have_value("つぎの方")
        for count in await page.locator("[data-count]").all():
            await expect(count).to_have_text("0")
        await page.locator("[data-logged] form button").click()
        await expect(page.locator("#last [data-count]")).to_have_text("1")


@pytest.mark.parametrize("size", ["phone", "desk"])
async def test_the_desk_without_javascript(
    browser: Browser, running_server: str, desk: Desk, size: str
) -> None:
    async with screen(browser, running_server, size, javascript=False) as page:
        await page.goto(f"/sign-in?next=/staff/desks/{desk.id}")
        await sign_in(page)
        await page.locator("button[value=keep]").click()
        await expect(page.locator("[data-error-summary]")).to_be_visible()
        await page.locator(".chip", has_text=NAMES[0]).click()
        await page.locator("[name=outcome][value=call_back]").click()
        await expect(page.locator("[name=phone]")).to_be_visible()
        await page.locator("[name=outcome][value=answered]").click()
        await expect(page.locator("[name=phone]")).to_be_hidden()
        await page.locator("button[value=keep]").click()
        await expect(page.locator("[data-logged] li")).to_have_count(1)
        await expect(page.locator("[name=topic]:checked")).to_have_count(1)
        await SignIn.delete(force=True)
        await page.locator("[name=note]").fill("送り方")
        await page.locator("button[value=clear]").click()
        async with page.context.expect_page() as opened:
            await page.locator("main a[target=_blank]").click()
        door = await opened.value
        await sign_in(door)
        await page.locator("main form button").click()
        await expect(page.locator("[data-logged] li")).to_have_count(2)
    assert await topics_logged() == [NAMES[0], NAMES[0]]


@pytest.mark.parametrize("size", ["phone", "desk"])
async def test_the_desk_can_be_read_by_everybody(
    browser: Browser, running_server: str, desk: Desk, size: str
) -> None:
    await factories.make_district()
    await factories.make_desk(name="本町窓口")
    async with screen(browser, running_server, size) as page:
        await page.goto("/sign-in?next=/staff/desks")
        await sign_in(page)
        await axe(page)
        await fits(page)
        await page.goto(f"/staff/desks/{desk.id}")
        await page.locator("button[value=clear]").click()
        await expect(page.locator("#missing")).to_be_visible()
        await tap(page, NAMES[0], note="番号は 1234 5678 9018")
        await expect(page.locator("#missing")).to_contain_text("マイナンバー")
        for outcome in ("handed_on", "call_back"):
            await page.locator(f"[name=outcome][value={outcome}]").click()
            await axe(page)
            await fits(page)
        await page.locator("[name=note]").fill("")
        await page.locator("[name=outcome][value=answered]").click()
        await page.locator("button[value=clear]").click()
        await expect(page.locator("[data-logged] li")).to_have_count(1)
        await page.locator("[data-logged] form button").click()
        await expect(page.locator("[data-undone]")).to_have_count(1)
        await axe(page)
        await fits(page)


@pytest.mark.parametrize("size", ["phone", "desk"])
async def test_h1_what_was_saved_is_said_in_the_bar_and_the_page_returns_to_the_topics(
    browser: Browser, running_server: str, desk: Desk, size: str
) -> None:
    async with screen(browser, running_server, size) as page:
        await page.goto(f"/sign-in?next=/staff/desks/{desk.id}")
        await sign_in(page)
        await page.locator(".chip", has_text=NAMES[0]).click()
        await page.locator("[name=outcome][value=answered]").click()
        await page.locator("[name=note]").fill("送り方")
        await page.locator("[name=note]").evaluate("note => note.scrollIntoView()")
        await page.locator("button[value=clear]").click()
        await expect(page.locator("#saved")).to_contain_text(f"{NAMES[0]} 回答した")
        await expect(page.locator(".chip", has_text=NAMES[0])).to_be_in_viewport()
        await expect(page.get_by_role("link", name="回答例をさがす")).to_have_count(1)
        await axe(page)
        await fits(page)
        await page.locator("#saved button").click()
        await expect(page.locator("[data-undone]")).to_have_count(1)
        await expect(page.locator("#saved")).to_be_hidden()


async def test_h1_what_is_missing_is_asked_for_no_longer_than_it_is_missing(
    browser: Browser, running_server: str, desk: Desk
) -> None:
    async with mari_at(browser, running_server, desk) as page:
        await page.locator("button[value=clear]").click()
        await expect(page.locator("#missing")).to_contain_text("分野")
        await page.keyboard.press("1")
        await expect(page.locator("#missing")).not_to_contain_text("分野")
        await page.keyboard.press("a")
        await expect(page.locator("#missing")).to_be_hidden()
        await page.keyboard.press("d")
        await page.keyboard.press("Enter")
        await expect(page.locator("#missing")).to_contain_text("申し込まないときは")
        await page.keyboard.press("j")
        chip = await page.locator("[name=stuck][value=identity]").bounding_box()
        bar = await page.locator(".desk-save").bounding_box()
        assert chip is not None
        assert bar is not None
        assert chip["y"] + chip["height"] <= bar["y"]
        await page.keyboard.press("a")
        await expect(page.locator("#missing")).to_be_hidden()
        await page.locator("[name=note]").fill("1234 5678 9018")
        await page.locator("button[value=clear]").click()
        await expect(page.locator("#note-refused")).to_contain_text("マイナンバー")
        await expect(page.locator("[name=note]")).to_be_focused()
        await expect(page.locator("[name=note]")).to_be_in_viewport()
