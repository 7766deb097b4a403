"""H7: a shared terminal forgets, by one press or after two idle minutes; P5: without JavaScript."""

import re
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from server import clock
from server.classes.tables import Booking
from server.roles import Role
from server.web import shared
from tests import factories
from tests.databases import Database

NewClient = Callable[..., httpx.AsyncClient]
TYPED = {"name": "山田花子", "reading": "やまだはなこ", "phone": "059-000-0123"}


@pytest.fixture(autouse=True)
async def here(database: Database) -> None:
    await factories.make_municipality()


async def make_class() -> int:
    course = await factories.make_course()
    await factories.make_class_session(course=course.id)
    return int(course.id)


async def set_up(client: httpx.AsyncClient) -> None:
    answer = await client.post("/terminal/beginning")
    assert answer.headers["location"] == "/terminal"


def sitting(words: str) -> str:
    return str(re.findall(r'name="sitting" value="(\w+)"', words)[0])


async def apply(client: httpx.AsyncClient, course: int) -> httpx.Response:
    """Apply as the pages do it: write, check, send."""
    form = await client.get(f"/bookings/new?course={course}")
    typed = TYPED | {"course": str(course), "sitting": sitting(form.text)}
    checked = await client.post("/bookings/new", data=typed)
    hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', checked.text))
    return await client.post("/bookings", data=hidden | {"sitting": sitting(checked.text)})


async def test_h7_every_page_says_so_and_none_is_kept(client: httpx.AsyncClient) -> None:
    course = await make_class()
    await set_up(client)

    for path in ("/", "/courses", f"/courses/{course}", "/venues", "/privacy"):
        answer = await client.get(path)
        assert "共用の端末です" in answer.text, path
        assert answer.headers["cache-control"] == "private, no-store", path
        assert 'content="120; url=/terminal/over"' in answer.text, path
    form = await client.get(f"/bookings/new?course={course}")
    assert form.headers["cache-control"] == "private, no-store"
    assert set(re.findall(r'autocomplete="([^"]*)"', form.text)) == {"off"}
    wrong = await client.get("/courses/987654")
    assert "共用の端末です" in wrong.text
    assert wrong.headers["cache-control"] == "private, no-store"


async def test_h7_everybody_elses_pages_stay_as_they_were(new_client: NewClient) -> None:
    course = await make_class()
    paths = ("/", "/courses", f"/courses/{course}", f"/bookings/new?course={course}")
    other, terminal = new_client(), new_client()
    before = {path: (await other.get(path)) for path in paths}
    await set_up(terminal)
    shown = {path: (await terminal.get(path)).text for path in paths}

    for path in paths:
        again = await new_client().get(path)
        assert again.text == before[path].text
        assert again.headers.get("etag") == before[path].headers.get("etag")
        assert "共用の端末です" not in again.text
        assert "共用の端末です" in shown[path]
    assert 'autocomplete="name"' in before[paths[3]].text


async def test_h7_done_forgets_the_booking_the_language_and_the_cache(
    client: httpx.AsyncClient,
) -> None:
    course = await make_class()
    await set_up(client)
    booked = await apply(client, course)
    path = booked.headers["location"]
    assert "受付番号" in (await client.get(path)).text
    shown = await client.get("/")
    await client.post("/language", data={"language": "en", "sitting": sitting(shown.text)})
    over = await client.post("/terminal/over")

    assert over.headers["location"] == "/?over=done"
    said = (await client.get("/?over=done")).text
    assert "消しました。" in said
    assert "お済みのお申し込みは、市に届いています。" in said
    assert over.headers["clear-site-data"] == '"cache", "storage"'
    assert set(client.cookies) == {"terminal"}
    again = await client.get(path)
    assert "山田花子" not in again.text
    assert '<html lang="ja">' in (await client.get("/")).text
    assert await Booking.count() == 1  # what was applied for stays


async def test_h7_what_a_page_of_an_earlier_sitting_sends_again_is_not_taken(
    client: httpx.AsyncClient,
) -> None:
    course = await make_class()
    await set_up(client)
    form = await client.get(f"/bookings/new?course={course}")
    typed = TYPED | {"course": str(course), "sitting": sitting(form.text)}
    assert "山田花子" in (await client.post("/bookings/new", data=typed)).text
    await client.post("/terminal/over")

    for path in ("/bookings/new", "/bookings", "/bookings/find", "/supporters/apply"):
        again = await client.post(path, data=typed)
        assert again.headers.get("location") == "/terminal/over", path
        assert "山田花子" not in again.text
    missing = await client.post("/bookings/new", data=TYPED | {"course": str(course)})
    assert missing.headers["location"] == "/terminal/over"
    assert await Booking.count() == 0


async def test_h7_without_that_check_it_would_be_shown_again(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A control: what somebody before had typed would stand there again."""
    course = await make_class()
    await set_up(client)
    form = await client.get(f"/bookings/new?course={course}")
    typed = TYPED | {"course": str(course), "sitting": sitting(form.text)}
    await client.post("/terminal/over")

    async def of_now(request: Any) -> bool:
        return False

    monkeypatch.setattr(shared, "is_of_earlier", of_now)
    assert "山田花子" in (await client.post("/bookings/new", data=typed)).text


async def test_h7_bookings_stay_open_two_minutes_since_the_last_page(
    client: httpx.AsyncClient, frozen_now: Any
) -> None:
    course = await make_class()
    await set_up(client)
    path = (await apply(client, course)).headers["location"]
    page = await client.get(path)

    [kept] = [each for each in page.headers.get_list("set-cookie") if each.startswith("bookings=")]
    assert "Max-Age=120" in kept
    assert "山田花子" in page.text


async def test_h7_an_older_signature_opens_nothing_at_a_terminal(
    client: httpx.AsyncClient, new_client: NewClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    course, own = await make_class(), new_client()
    await set_up(client)
    path = (await apply(client, course)).headers["location"]
    signed = client.cookies["bookings"]
    now = clock.now().timestamp()
    monkeypatch.setattr("itsdangerous.timed.time.time", lambda: now + 121)

    assert "山田花子" not in (await client.get(path)).text
    own.cookies.set("bookings", signed, path="/bookings")
    assert "山田花子" in (await own.get(path)).text  # elsewhere it is half an hour


async def test_h7_signing_in_is_forgotten_too(client_as: Any) -> None:
    supporter = await factories.make_supporter()
    client = await client_as(Role.supporter, person=supporter.person)
    await set_up(client)

    assert "sign_in" not in client.cookies
    assert (await client.get("/my")).headers["location"].startswith("/sign-in")


async def test_h7_the_mode_begins_and_ends_by_a_press_only(client: httpx.AsyncClient) -> None:
    assert "共用の端末です" not in (await client.get("/terminal")).text
    over = await client.get("/terminal/over")
    assert (over.headers["location"], over.headers.get_list("set-cookie")) == ("/", [])
    await set_up(client)
    set_up_page = (await client.get("/terminal")).text
    assert 'action="/terminal/ending"' not in set_up_page  # a link: it is asked once
    assert "この端末の共用をやめますか" in (await client.get("/terminal/ending")).text
    assert "共用の端末です" in (await client.get("/")).text
    ended = await client.post("/terminal/ending")
    assert "共用をやめました" in (await client.get(ended.headers["location"])).text

    assert "共用の端末です" not in (await client.get("/")).text
    client.cookies.set("terminal", "<script>alert(1)</script>")
    forged = await client.get("/")
    assert "<script>alert" not in forged.text
    assert "共用の端末です" not in forged.text


async def test_p5_wcag_221_more_time_without_javascript(client: httpx.AsyncClient) -> None:
    await set_up(client)
    more = await client.post("/terminal/time", data={"next": "/courses?open=1"})
    assert more.headers["location"] == "/courses?open=1"
    assert 'content="1200; url=/terminal/over"' in (await client.get("/courses")).text
    elsewhere = await client.post("/terminal/time", data={"next": "//evil.example"})
    assert elsewhere.headers["location"] == "/"
    await client.post("/terminal/over")

    assert 'content="120; url=/terminal/over"' in (await client.get("/courses")).text


async def test_h7_at_a_terminal_one_button_ends_and_says_that_the_application_stays(
    client: httpx.AsyncClient,
) -> None:
    course = await make_class()
    await set_up(client)
    receipt = (await client.get((await apply(client, course)).headers["location"])).text

    assert "この画面を終える" not in receipt
    assert "お申し込みは残ります。" in receipt
    form = await client.get(f"/bookings/new?course={course}")
    typed = TYPED | {"course": str(course), "sitting": sitting(form.text)}
    closed = await client.post("/bookings/closing", data=typed)
    assert closed.headers["clear-site-data"] == '"cache", "storage"'
    assert set(client.cookies) == {"terminal"}
    again = await client.post("/bookings/new", data=typed)
    assert "山田花子" not in again.text


async def test_h7_no_number_and_no_search_stay_in_the_history(client: httpx.AsyncClient) -> None:
    course = await make_class()
    await set_up(client)
    address = (await apply(client, course)).headers["location"]
    [booking] = await Booking.select()
    number = booking["reference"]
    receipt = await client.get(address)
    title = re.findall(r"<title>(.*?)</title>", receipt.text)[0]
    named = await client.get(f"/bookings/{number}/cancellation")

    assert (address, number in title) == ("/bookings/newest", False)
    assert named.headers["location"] == "/bookings/newest/cancellation"
    assert (await client.get(f"/bookings/{number}")).headers["location"] == address
    searched = sitting((await client.get("/faq")).text)
    assert (await client.get(f"/faq?q=LINE&sitting={searched}")).status_code == 200

    await client.post("/terminal/over")
    for path in (address, f"/bookings/{number}", f"/bookings/{number}/cancellation"):
        assert (await client.get(path)).headers["location"] == "/bookings/find"
    by_hand = await client.get(f"/bookings/find?reference={number}")
    assert by_hand.headers["location"] == "/bookings/find"
    assert (await client.get(f"/faq?q=LINE&sitting={searched}")).headers["location"] == "/faq"


async def test_h7_several_applications_leave_no_number_in_the_history(
    client: httpx.AsyncClient,
) -> None:
    courses = [await make_class(), await make_class()]
    await set_up(client)
    form = await client.get("/bookings/new?course={}&course={}".format(*courses))
    typed = TYPED | {"course": courses, "sitting": sitting(form.text)}
    checked = await client.post("/bookings/new", data=typed)
    hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', checked.text))
    done = await client.post("/bookings", data=hidden | {"course": courses})

    numbers = [booking["reference"] for booking in await Booking.select()]
    assert done.headers["location"] == "/bookings/done?"
    shown = (await client.get("/bookings/done")).text
    assert all(f"/bookings/{number}" in shown for number in numbers)


async def test_p5_without_javascript_a_page_with_a_form_says_how_long_it_stays(
    client: httpx.AsyncClient,
) -> None:
    course = await make_class()
    await set_up(client)
    words = "このページに書いたことは、ページを開いてから20分たつと消えます。"
    for path in (f"/bookings/new?course={course}", "/bookings/find", "/supporters/apply"):
        form = (await client.get(path)).text
        assert 'content="1200; url=/terminal/over"' in form, path
        assert form.index(words) < form.index('<form autocomplete="off" class="form"'), path
        assert "20分まで使う" not in form, path  # pressing it would empty the form
    assert "20分まで使う" in (await client.get("/courses")).text
    await client.post("/terminal/time", data={"next": "/"})
    receipt = (await client.get((await apply(client, course)).headers["location"])).text

    assert 'content="120; url=/terminal/over"' in receipt
    assert words not in receipt
