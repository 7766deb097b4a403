"""H1: the desk in a real browser: three taps, one key each, and what is said of them."""

import asyncio
import sys
import time

import pytest
from playwright.async_api import Browser, Route, expect

from server.accounts.tables import SignIn
from server.helpdesk.tables import CallBack, Contact, Desk
from server.topics import topics
from server.topics.tables import Topic
from tests import factories
from tests.browser import axe, fits, screen
from tests.classes.staff_cast import ICT
from tests.databases import Database
from tests.helpdesk.desk_browser import (
    NAMES,
    desk_of_mari,
    mari_at,
    sign_in,
    tap,
    topics_logged,
    waiting,
)


@pytest.fixture
async def desk(database: Database) -> Desk:
    return await desk_of_mari()


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


@pytest.mark.parametrize("size", ["phone", "desk"])
@pytest.mark.parametrize("javascript", [True, False])
async def test_h4_who_is_told_is_taken_with_the_question_and_ended_with_an_undo(
    browser: Browser, running_server: str, desk: Desk, size: str, javascript: bool
) -> None:
    await factories.make_section(name="市民税課")
    async with screen(browser, running_server, size, javascript=javascript) as page:
        await page.goto(f"/sign-in?next=/staff/desks/{desk.id}")
        await sign_in(page)
        await page.locator(".chip", has_text=NAMES[0]).click()
        await page.locator("[name=outcome][value=handed_on]").click()
        await page.locator("[name=section]").select_option(label="市民税課")
        await page.locator("[name=question]").fill("いつからですか")
        await page.keyboard.press("Tab")
        await page.keyboard.type("山田花子")
        await page.keyboard.press("Tab")
        await page.keyboard.type("059-354-0000")
        await page.locator("[name=tell-due]").nth(1).check()
        await page.locator("button[value=clear]").click()
        await expect(page.locator("[data-logged] li")).to_have_count(1)
        await page.locator("[data-logged] form button").click()
        await expect(page.locator("#last .standing li")).to_have_count(2)
        await fits(page)
        if javascript:
            await axe(page)
            await page.locator("[name=note]").fill("つぎの方")
        await page.locator("#last .standing button").click()
        await expect(page.locator("#last")).to_contain_text("折り返しを取りやめました")
        await expect(page.locator("#last .standing li")).to_have_count(1)
        if javascript:
            await expect(page.locator("[name=note]")).to_have_value("つぎの方")
    assert await CallBack.count().where(CallBack.done_at.is_null()) == 0
