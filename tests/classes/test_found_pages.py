"""Finding a booking again (B8), looking at it, cancelling it."""

import re
import time
from contextlib import suppress
from datetime import timedelta
from typing import Any

import httpx
import pytest
from playwright.async_api import Browser, expect
from playwright.async_api import Error as PlaywrightError

from server import clock, text
from server.classes.routes import found
from server.classes.routes.found import TRIES_OF_REFERENCE, TRIES_OF_SENDER
from server.classes.tables import Booking, BookingState, Course
from server.database import writing
from tests import factories
from tests.browser import screen
from tests.classes.resident import TARO, book, field_errors, kept, said, summary

pytestmark = pytest.mark.usefixtures("city")

PHONE = "090-0000-1234"
NO_FIT = (
    "この受付番号と電話番号などの組み合わせでは、申込が見つかりませんでした。"
    "両方をもう一度お確かめください。"
)


@pytest.fixture
async def city(database: Any, frozen_now: Any) -> Any:
    return await factories.make_municipality()


@pytest.fixture
async def course(city: Any) -> Any:
    course = await factories.make_course()
    await factories.make_class_session(course=course.id)
    return course


@pytest.fixture
async def reference(new_client: Any, course: Any) -> str:
    return await book(new_client(), course=course.id)


async def find(client: httpx.AsyncClient, reference: str, contact: str) -> httpx.Response:
    return await client.post("/bookings/find", data={"reference": reference, "contact": contact})


def other_reference(reference: str) -> str:
    """Another number that reads like a real one."""
    digits = f"{(int(reference[:8]) + 1) % 10**8:08d}"
    return digits + text.check_digit(digits)


@pytest.mark.parametrize(
    "write",
    [
        str,
        lambda r: f"{r[:3]} {r[3:6]} {r[6:]}",
        lambda r: f"{r[:3]}-{r[3:]}",
        lambda r: r.translate(str.maketrans("0123456789", "０１２３４５６７８９")),
    ],
)
@pytest.mark.parametrize("phone", [PHONE, "０９０００００１２３４", "+81 90 0000 1234"])
async def test_reference_and_phone_open_the_booking(
    client: httpx.AsyncClient, reference: str, write: Any, phone: str
) -> None:
    answer = await find(client, write(reference), phone)
    page = await client.get(answer.headers["location"])

    assert (answer.status_code, answer.headers["location"]) == (303, f"/bookings/{reference}")
    assert "山田花子 様" in said(page)
    assert "お申し込みを受け付けました" not in said(page)


@pytest.mark.parametrize(
    ("contact", "opens"),
    [
        ("059-354-8001", True),
        ("HANAKO@example.jp", True),
        ("ｈａｎａｋｏ＠example.jp", True),
        ("〒510-8601", True),
        ("5108601", True),
        ("510-8602", False),
        ("090-0000-123", False),
        ("hanako@example", False),
        ("@", False),
        ("山田花子", False),
        ("四日市市諏訪町1-5", False),
    ],
)
async def test_any_full_contact_that_was_given_opens_it(
    new_client: Any, course: Any, contact: str, opens: bool
) -> None:
    reference = await book(
        new_client(),
        course=course.id,
        fax="059-354-8001",
        email="hanako@example.jp",
        postcode="510-8601",
        address="四日市市諏訪町1-5",
    )

    answer = await find(new_client(), reference, contact)

    assert answer.status_code == (303 if opens else 422)


async def test_wrong_pair_always_gets_the_same_answer(
    new_client: Any, reference: str, course: Any
) -> None:
    other = await book(new_client(), course=course.id, **{**TARO, "phone": "090-0000-9999"})
    wrong = [
        (reference, "090-0000-9999"),
        (other, PHONE),
        (other_reference(reference), PHONE),
        (reference[:-1], PHONE),
        ("000000000", "0"),
        ("9" * 40, "x" * 254),
        ("abc", "abc"),
        ("𠮷", "髙"),
    ]

    answers = [await find(new_client(), *pair) for pair in wrong]

    assert [answer.status_code for answer in answers] == [422] * len(wrong)
    assert {summary(answer) for answer in answers} == {summary(answers[0])}
    assert NO_FIT in summary(answers[0])
    assert kept(answers[0], "reference") == reference
    assert ["set-cookie" in answer.headers for answer in answers] == [False] * len(wrong)


async def test_both_fields_are_needed(client: httpx.AsyncClient, reference: str) -> None:
    nothing = await find(client, " ", "")
    too_long = await find(client, "1" * 41, "0" * 255)

    assert (nothing.status_code, sorted(field_errors(nothing))) == (422, ["contact", "reference"])
    assert (too_long.status_code, len(field_errors(too_long))) == (422, 2)


async def test_tries_on_a_reference_are_limited(new_client: Any, reference: str) -> None:
    for _ in range(TRIES_OF_REFERENCE):
        assert (await find(new_client(), reference, "090-0000-0000")).status_code == 422

    refused = await find(new_client(), reference, PHONE)
    elsewhere = await find(new_client(), other_reference(reference), PHONE)

    assert (refused.status_code, refused.headers["retry-after"]) == (429, "900")
    assert "番号が続けて合いませんでした。15分ほど" in said(refused)
    assert elsewhere.status_code == 422

    with clock.freeze(clock.now() + timedelta(minutes=15, seconds=1)):
        assert (await find(new_client(), reference, PHONE)).status_code == 303


async def test_tries_of_a_sender_are_limited(client: httpx.AsyncClient, reference: str) -> None:
    number = reference
    for _ in range(TRIES_OF_SENDER):
        number = other_reference(number)
        assert (await find(client, number, PHONE)).status_code == 422

    assert (await find(client, reference, PHONE)).status_code == 429


async def test_tries_of_everybody_together_are_limited(
    client: httpx.AsyncClient, reference: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(found, "TRIES_OF_ALL", 3)
    number = reference
    for _ in range(3):
        number = other_reference(number)
        assert (await find(client, number, PHONE)).status_code == 422

    assert (await find(client, reference, PHONE)).status_code == 429


async def test_finding_it_wipes_out_the_tries(new_client: Any, reference: str) -> None:
    for _ in range(3):
        for _ in range(TRIES_OF_REFERENCE - 1):
            await find(new_client(), reference, "090-0000-0000")
        assert (await find(new_client(), reference, PHONE)).status_code == 303


async def test_booking_opens_only_where_it_was_booked_or_found(
    new_client: Any, reference: str
) -> None:
    stranger = new_client()
    unknown = other_reference(reference)

    answers = [
        await stranger.get(f"/bookings/{reference}"),
        await stranger.get(f"/bookings/{reference}/cancellation"),
        await stranger.post(f"/bookings/{reference}/cancellation"),
        await stranger.get(f"/bookings/{unknown}"),
        await stranger.post(f"/bookings/{unknown}/cancellation"),
        await stranger.get("/bookings/%E3%81%82?x=1"),
    ]

    assert [answer.status_code for answer in answers] == [303] * 6
    assert answers[0].headers["location"] == f"/bookings/find?reference={reference}"
    assert answers[3].headers["location"] == f"/bookings/find?reference={unknown}"
    assert [dict(a.headers).keys() for a in answers[:1]] == [dict(answers[3].headers).keys()]
    assert await states() == ["confirmed"]


async def test_find_page_has_the_reference_filled_in(client: httpx.AsyncClient) -> None:
    page = await client.get("/bookings/find?reference=123 456-789x'\"")

    assert (page.status_code, kept(page, "reference")) == (200, "123456789")


async def test_cookie_is_signed_and_shut_away(
    client: httpx.AsyncClient, new_client: Any, reference: str
) -> None:
    answer = await find(client, reference, PHONE)
    cookie = answer.headers["set-cookie"]
    value = cookie.partition("=")[2].partition(";")[0]

    assert cookie.partition("; ")[2].split("; ") == [
        "HttpOnly",
        "Max-Age=1800",
        "Path=/bookings",
        "SameSite=lax",
    ]
    for forged in (value[:-2] + ("AA" if value[-2:] != "AA" else "EE"), "x", reference):
        stranger = new_client(cookie=f"bookings={forged}")
        assert (await stranger.get(f"/bookings/{reference}")).status_code == 303


async def test_cookie_opens_for_half_an_hour(
    client: httpx.AsyncClient, new_client: Any, reference: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = await find(client, reference, PHONE)
    value = answer.headers["set-cookie"].partition("=")[2].partition(";")[0]
    now = time.time()
    statuses = []
    for minutes in (29, 31):
        monkeypatch.setattr("itsdangerous.timed.time.time", lambda m=minutes: now + 60 * m)
        again = new_client(cookie=f"bookings={value}")
        statuses.append((await again.get(f"/bookings/{reference}")).status_code)

    assert statuses == [200, 303]


async def test_pages_of_a_booking_are_kept_by_nobody(
    client: httpx.AsyncClient, reference: str
) -> None:
    await find(client, reference, PHONE)

    for path in (f"/bookings/{reference}", f"/bookings/{reference}/cancellation"):
        page = await client.get(path)
        assert (page.status_code, page.headers["cache-control"]) == (200, "private, no-store")


async def test_booking_page_shows_what_was_booked_before_too(
    client: httpx.AsyncClient, course: Any, reference: str
) -> None:
    other = await factories.make_course(title="LINEの使い方")
    await factories.make_class_session(course=other.id)
    await find(client, reference, PHONE)
    second = await book(client, course=other.id)

    page = await client.get(f"/bookings/{reference}")

    assert f'href="/bookings/{second}"' in page.text
    assert "お申し込みを受け付けました" in said(await client.get(f"/bookings/{second}"))


async def test_other_bookings_of_this_browser_are_shown_to_the_same_person_only(
    client: httpx.AsyncClient, course: Any
) -> None:
    hanako = await book(client, course=course.id)
    taro = await book(client, course=course.id, **TARO)

    page = await client.get(f"/bookings/{taro}")

    assert hanako not in page.text


async def test_finishing_with_the_screen_opens_no_booking_any_more(
    client: httpx.AsyncClient, course: Any
) -> None:
    reference = await book(client, course=course.id)
    offered = "この画面を終える" in said(await client.get(f"/bookings/{reference}"))

    answer = await client.post("/bookings/closing")
    page = await client.get(f"/bookings/{reference}")

    assert (offered, answer.headers["location"]) == (True, "/?over=done")
    assert answer.headers["clear-site-data"] == '"cache"'
    assert "消しました。" in said(await client.get("/?over=done"))
    assert (page.status_code, page.headers["location"]) == (303, "/bookings/find")
    by_hand = await client.get(f"/bookings/find?reference={reference}")
    assert by_hand.headers["location"] == "/bookings/find"


async def test_what_was_typed_before_finishing_is_not_taken_again(
    client: httpx.AsyncClient, new_client: Any, course: Any
) -> None:
    typed = TARO | {"course": str(course.id)}
    assert TARO["name"] in (await client.post("/bookings/new", data=typed)).text
    await client.post("/bookings/closing")

    again = await client.post("/bookings/new", data=typed)
    form = await client.get(f"/bookings/new?course={course.id}")
    [mark] = set(re.findall(r'name="sitting" value="(\w+)"', form.text))
    anew = await client.post("/bookings/new", data=typed | {"sitting": mark})
    elsewhere = await new_client().post("/bookings/new", data=typed)

    assert (again.status_code, TARO["name"] in again.text) == (303, False)
    assert form.headers["cache-control"] == "private, no-store"
    assert "共用の端末" not in form.text
    assert (TARO["name"] in anew.text, TARO["name"] in elsewhere.text) == (True, True)


@pytest.mark.parametrize("javascript", [True, False])
async def test_after_finishing_going_back_shows_nothing(
    browser: Browser, running_server: str, course: Any, javascript: bool
) -> None:
    async with screen(browser, running_server, "phone", javascript=javascript) as page:
        await page.goto(f"/bookings/new?course={course.id}")
        for name in ("name", "reading", "phone"):
            await page.locator(f"#{name}").fill(TARO[name])
        await page.get_by_role("button", name="確認へ進む").click()
        await page.get_by_role("button", name="この内容で申し込む").click()
        await page.get_by_role("button", name="この画面を終える").click()
        await expect(page.get_by_text("消しました。")).to_be_visible()

        seen = []
        for step in (page.go_back, page.reload, page.go_back, page.reload, page.go_back):
            with suppress(PlaywrightError):  # Chromium asks whether to send it again
                await step(timeout=5000)
                fields = await page.locator("input:not([type=hidden])").all()
                values = [await field.input_value() for field in fields]
                seen.append(" ".join([page.url, await page.content(), *values]))
        assert [words[:400] for words in seen if TARO["name"] in words] == []


@pytest.mark.parametrize(
    ("way", "words"),
    [
        ({}, "電話番号（090-0000-1234）"),
        ({"phone": "", "fax": "059-000-0123"}, "ファックス番号（059-000-0123）"),
        ({"phone": "", "email": "hana@example.jp"}, "メールアドレス（hana@example.jp）"),
        ({"phone": "", "postcode": "510-8601", "address": "諏訪町"}, "郵便番号（510-8601）"),
    ],
)
async def test_receipt_says_what_opens_it_again(
    client: httpx.AsyncClient, course: Any, way: dict[str, str], words: str
) -> None:
    page = await client.get(f"/bookings/{await book(client, course=course.id, **way)}")

    assert f"確認や取消には、この番号とお申し込みの{words}が必要です。" in said(page)
    assert "この画面を写真に残しても構いません。" in said(page)


async def test_cancel_frees_the_seat(
    client: httpx.AsyncClient, course: Any, reference: str
) -> None:
    await find(client, reference, PHONE)

    asked = await client.get(f"/bookings/{reference}/cancellation")
    assert await states() == ["confirmed"]
    answer = await client.post(f"/bookings/{reference}/cancellation")
    again = await client.post(f"/bookings/{reference}/cancellation")
    page = await client.get(f"/bookings/{reference}")
    ask_again = await client.get(f"/bookings/{reference}/cancellation")

    assert (asked.status_code, answer.status_code, again.status_code) == (200, 303, 303)
    assert "あなたの席が空き、ほかの方にお譲りします。" in said(asked)
    assert "お名前 山田花子 様" in said(asked)
    assert "<h1>申込を取り消しました</h1>" in page.text
    assert "ご不明なときは、お電話ください。" in said(page)
    assert "来られなくなったとき" not in said(page)
    assert await states() == ["declined"]
    assert await Course.select(Course.taken).where(Course.id == course.id) == [{"taken": 0}]
    assert "辞退" in said(page)
    assert f"/bookings/{reference}/cancellation" not in page.text
    assert (ask_again.status_code, ask_again.headers["location"]) == (
        303,
        f"/bookings/{reference}",
    )


async def test_class_that_has_begun_cannot_be_cancelled(
    client: httpx.AsyncClient, reference: str
) -> None:
    await find(client, reference, PHONE)
    with clock.freeze(clock.now() + timedelta(days=7)):
        page = await client.get(f"/bookings/{reference}")
        answer = await client.post(f"/bookings/{reference}/cancellation")

    assert "この教室は、すでに始まっています。" in said(page)
    assert answer.status_code == 409
    assert "この教室は、すでに始まっています。" in summary(answer)
    assert await states() == ["confirmed"]


async def test_called_off_booking_says_so(client: httpx.AsyncClient, reference: str) -> None:
    await find(client, reference, PHONE)
    async with writing():
        await Booking.update(
            {Booking.state: BookingState.called_off, Booking.voided_at: clock.now()}
        ).where(Booking.reference == reference)

    page = await client.get(f"/bookings/{reference}")
    answer = await client.post(f"/bookings/{reference}/cancellation")

    assert "中止" in said(page)
    assert answer.status_code == 409
    assert "この申込は、すでに終わっています。" in summary(answer)


async def states() -> list[str]:
    rows = await Booking.select(Booking.state).order_by(Booking.id)
    return [row["state"] for row in rows]
