"""Applying through the pages: write, check, done; and each way in which it is refused."""

import asyncio
from datetime import timedelta
from typing import Any

import httpx
import pytest

from server import clock
from server.classes.tables import Booking, BookingScope, ClassSession, Course
from server.database import writing
from server.roles import Role
from tests import factories
from tests.classes.resident import (
    HANAKO,
    TARO,
    book,
    confirm,
    confirmed,
    field_errors,
    kept,
    said,
    summary,
)

pytestmark = pytest.mark.usefixtures("city")

FULL = "この教室は満席になりました。"
ALREADY = "この教室には、すでにお申し込みいただいています。もう一度申し込む必要はありません。"
CHOOSE = "先に教室を選んでください。"


@pytest.fixture
async def city(database: Any, frozen_now: Any) -> Any:
    return await factories.make_municipality()


@pytest.fixture
async def course(city: Any) -> Any:
    return await make_class()


async def make_class(**facts: Any) -> Any:
    course = await factories.make_course(**facts)
    await factories.make_class_session(course=course.id)
    return course


async def change(course: Any, **columns: Any) -> None:
    values: dict[Any, Any] = columns
    async with writing():
        await Course.update(values).where(Course.id == course.id)


async def bookings_of(course: Any) -> list[dict[str, Any]]:
    return await Booking.select().where(Booking.course == course.id).order_by(Booking.id)


def offers_to_apply(page: httpx.Response) -> bool:
    """Is there a button that would send an application, or a word that it is not finished?"""
    return any(
        words in said(page) for words in ("この内容で申し込む", "確認へ進む", "まだ申し込み")
    )


async def test_apply_with_name_reading_and_phone(client: httpx.AsyncClient, course: Any) -> None:
    form = await client.get(f"/bookings/new?course={course.id}")
    confirmation = await client.post("/bookings/new", data={**HANAKO, "course": course.id})
    answer = await client.post("/bookings", data=confirmed(confirmation))
    done = await client.get(answer.headers["location"])

    assert (form.status_code, confirmation.status_code) == (200, 200)
    assert "山田花子" in said(confirmation)
    assert (answer.status_code, done.status_code) == (303, 200)
    (booking,) = await bookings_of(course)
    assert answer.headers["location"] == f"/bookings/{booking['reference']}"
    assert (booking["state"], booking["channel"]) == ("confirmed", "web")
    assert "お申し込みを受け付けました" in said(done)
    assert " ".join(said(done).split()).count("山田花子 様") == 1


async def test_every_way_to_be_reached_says_that_one_is_needed(
    client: httpx.AsyncClient, course: Any
) -> None:
    form = await client.get(f"/bookings/new?course={course.id}")

    assert said(form).count("※どれか1つ必須") == 5  # a letter takes postcode and address
    assert "ご住所 ※どれか1つ必須" in said(form)


async def test_confirmation_names_the_button_to_press(
    client: httpx.AsyncClient, course: Any
) -> None:
    page = await client.post("/bookings/new", data={**HANAKO, "course": course.id})

    words = "まだ申し込みは終わっていません。よろしければ「この内容で申し込む」を押してください。"
    assert words in said(page)


async def test_asks_before_it_saves(client: httpx.AsyncClient, course: Any) -> None:
    await client.get(f"/bookings/new?course={course.id}")
    await confirm(client, course=course.id)

    assert await bookings_of(course) == []


async def test_what_was_typed_is_read_back_and_kept(client: httpx.AsyncClient, course: Any) -> None:
    district = await factories.make_district(name="桜")
    typed = {
        "name": "𠮷田 髙子👵",
        "reading": "ﾖｼﾀﾞ ﾀｶｺ",
        "phone": "０９０－００００－１２３４",
        "email": "takako@example.jp",
        "district": district.id,
        "age_band": "70s",
        "device": "none",
        "needs": ["wheelchair", "other"],
        "needs_other": '"前の席" <希望>',
        "remarks": "一行目\n二行目",
    }

    page = await client.post("/bookings/new", data={**typed, "course": course.id})
    await client.post("/bookings", data=confirmed(page))

    assert "𠮷田 髙子👵" in said(page)
    assert "車いすで参加します、その他" in said(page)
    assert '"前の席" <希望>' in said(page)
    (booking,) = await bookings_of(course)
    assert {name: booking[name] for name in typed} == {
        **typed,
        "needs": "wheelchair,other",
        "remarks": "一行目\n二行目",
    }
    assert (booking["phone_key"], booking["language"]) == ("09000001234", "ja")


async def test_wrong_form_keeps_what_was_typed(client: httpx.AsyncClient, course: Any) -> None:
    page = await client.post(
        "/bookings/new",
        data={"course": course.id, "name": "𠮷田 髙子", "reading": "高子", "phone": "12"},
    )

    assert page.status_code == 422
    assert (kept(page, "name"), kept(page, "reading")) == ("𠮷田 髙子", "高子")
    assert kept(page, "phone") == "12"
    assert sorted(field_errors(page)) == ["phone", "reading"]
    assert "059-354-0000" in summary(page)


async def test_go_back_and_correct(client: httpx.AsyncClient, course: Any) -> None:
    hidden = await confirm(client, course=course.id, needs=["writing", "other"])

    page = await client.post("/bookings/new", data={**hidden, "correct": "1"})

    assert (page.status_code, summary(page)) == (200, "")
    assert kept(page, "name") == HANAKO["name"]
    assert page.text.count(" checked") == 3  # two needs, and "not decided yet"


async def test_pressed_twice_is_booked_once(client: httpx.AsyncClient, course: Any) -> None:
    hidden = await confirm(client, course=course.id)

    first = await client.post("/bookings", data=hidden)
    second = await client.post("/bookings", data=hidden)

    assert len(await bookings_of(course)) == 1
    assert first.headers["location"] == second.headers["location"]


async def test_pressed_ten_times_at_once_is_booked_once(
    client: httpx.AsyncClient, course: Any
) -> None:
    hidden = await confirm(client, course=course.id)

    answers = await asyncio.gather(*(client.post("/bookings", data=hidden) for _ in range(10)))

    (booking,) = await bookings_of(course)
    assert [answer.status_code for answer in answers] == [303] * 10
    assert {a.headers["location"] for a in answers} == {f"/bookings/{booking['reference']}"}


async def test_old_form_answers_with_its_own_result_after_cancelling(
    client: httpx.AsyncClient, course: Any
) -> None:
    hidden = await confirm(client, course=course.id)
    first = await client.post("/bookings", data=hidden)
    await client.post(f"{first.headers['location']}/cancellation")

    again = await client.post("/bookings", data=hidden)
    page = await client.get(again.headers["location"])

    assert again.headers["location"] == first.headers["location"]
    assert "辞退" in said(page)
    assert len(await bookings_of(course)) == 1


async def test_same_person_again_is_refused(client: httpx.AsyncClient, course: Any) -> None:
    await book(client, course=course.id)

    again = await client.post(
        "/bookings", data=await confirm(client, course=course.id, reading="ヤマダハナコ")
    )

    assert again.status_code == 409
    assert ALREADY in summary(again)
    assert 'href="/bookings/find">申込を確認する' in again.text
    assert offers_to_apply(again) is False
    assert len(await bookings_of(course)) == 1


async def test_reading_in_latin_letters_is_matched(client: httpx.AsyncClient, course: Any) -> None:
    await book(client, course=course.id, name="マリア", reading="Maria da Silva")

    hidden = await confirm(
        client, course=course.id, name="Maria", reading="ＭＡＲＩＡ　ＤＡ ＳＩＬＶＡ"
    )
    again = await client.post("/bookings", data=hidden)

    assert ALREADY in summary(again)


async def test_couple_on_one_phone_books_twice(client: httpx.AsyncClient, course: Any) -> None:
    await book(client, course=course.id)
    await book(client, course=course.id, **TARO)

    assert [row["name"] for row in await bookings_of(course)] == ["山田花子", "山田太郎"]


@pytest.mark.parametrize(
    ("columns", "why"),
    [
        ({"taken": 20}, FULL),
        ({"opens_at": timedelta(hours=1)}, "この教室の申込受付は、まだ始まっていません。"),
        ({"closes_at": timedelta(0)}, "この教室の申込受付は終わりました。"),
        ({"called_off_at": timedelta(0)}, "この教室は中止になりました。"),
        ({"admission": "lottery"}, "この教室は、ただいま申し込みを受け付けていません。"),
    ],
)
async def test_class_that_closed_meanwhile_says_why_at_every_step(
    client: httpx.AsyncClient, course: Any, columns: dict[str, Any], why: str
) -> None:
    hidden = await confirm(client, course=course.id)
    now = clock.now()
    await change(
        course, **{k: now + v if isinstance(v, timedelta) else v for k, v in columns.items()}
    )

    form = await client.get(f"/bookings/new?course={course.id}")
    confirmation = await client.post("/bookings/new", data={**HANAKO, "course": course.id})
    answer = await client.post("/bookings", data=hidden)

    assert [page.status_code for page in (form, confirmation, answer)] == [409, 409, 409]
    assert [why in said(page) for page in (form, confirmation, answer)] == [True, True, True]
    assert [offers_to_apply(page) for page in (form, confirmation, answer)] == [False] * 3
    assert await bookings_of(course) == []


async def test_class_in_the_past_is_refused(client: httpx.AsyncClient, course: Any) -> None:
    hidden = await confirm(client, course=course.id)

    with clock.freeze(clock.now() + timedelta(days=8)):
        answer = await client.post("/bookings", data=hidden)

    assert answer.status_code == 409
    assert "この教室の申込受付は終わりました。" in summary(answer)


@pytest.mark.parametrize(
    "asked", ["999", "0", "-1", "2147483648", "9" * 40, "abc", "1;DROP", "１", ""]
)
async def test_unknown_class_is_not_found(
    client: httpx.AsyncClient, course: Any, asked: str
) -> None:
    form = await client.get("/bookings/new", params={"course": asked})
    confirmation = await client.post("/bookings/new", data={**HANAKO, "course": asked})
    answer = await client.post(
        "/bookings", data={**HANAKO, "course": asked, "submission": "a" * 22}
    )

    assert [page.status_code for page in (form, confirmation, answer)] == [404, 404, 404]


@pytest.mark.parametrize("facts", [{"published_at": None}, {"listed": False}])
async def test_draft_is_not_found(client: httpx.AsyncClient, facts: dict[str, Any]) -> None:
    draft = await make_class(**facts)
    sent = {**HANAKO, "course": draft.id, "submission": "a" * 22}

    assert (await client.get(f"/bookings/new?course={draft.id}")).status_code == 404
    assert (await client.post("/bookings", data=sent)).status_code == 404
    assert await bookings_of(draft) == []


async def test_no_class_chosen_says_so(client: httpx.AsyncClient) -> None:
    form = await client.get("/bookings/new")
    confirmation = await client.post("/bookings/new", data=HANAKO)
    answer = await client.post("/bookings", data=HANAKO)

    assert [page.status_code for page in (form, confirmation, answer)] == [422, 422, 422]
    assert [CHOOSE in summary(page) for page in (form, confirmation, answer)] == [True] * 3


@pytest.mark.parametrize("submission", [None, "", "short", "x" * 41, "'" * 22, "あ" * 22])
async def test_confirmation_without_its_key_is_shown_again(
    client: httpx.AsyncClient, course: Any, submission: str | None
) -> None:
    sent = {**HANAKO, "course": course.id}
    page = await client.post(
        "/bookings", data=sent if submission is None else {**sent, "submission": submission}
    )

    assert page.status_code == 422
    assert "まだ申し込まれていません。" in summary(page)
    assert await bookings_of(course) == []
    assert (await client.post("/bookings", data=confirmed(page))).status_code == 303


async def test_confirmation_is_checked_again(client: httpx.AsyncClient, course: Any) -> None:
    hidden = await confirm(client, course=course.id)

    page = await client.post("/bookings", data={**hidden, "phone": "12"})

    assert (page.status_code, list(field_errors(page))) == (422, ["phone"])
    assert kept(page, "name") == HANAKO["name"]


async def test_json_or_nothing_is_sent_back(client: httpx.AsyncClient, course: Any) -> None:
    as_json = await client.post("/bookings", json={**HANAKO, "course": course.id})
    empty = await client.post("/bookings")
    file = await client.post(
        "/bookings/new",
        data={"course": course.id, "reading": "やまだ", "phone": "090-0000-1234"},
        files={"name": ("name.txt", b"\x00\xff")},
    )

    assert (as_json.status_code, empty.status_code) == (422, 422)
    assert (file.status_code, list(field_errors(file))) == (422, ["name"])


async def test_several_classes_at_once_each_with_its_own_result(client: httpx.AsyncClient) -> None:
    first, second, full = [await make_class(title=f"教室{n}") for n in (1, 2, 3)]
    hidden = await confirm(client, course=[first.id, second.id, full.id, first.id])
    await change(full, taken=20)

    answer = await client.post("/bookings", data=hidden)
    again = await client.post("/bookings", data=hidden)
    page = await client.get(answer.headers["location"])

    references = [(await bookings_of(one))[0]["reference"] for one in (first, second)]
    assert (answer.status_code, again.status_code, page.status_code) == (303, 303, 200)
    assert answer.headers["location"] == again.headers["location"]
    assert [f'href="/bookings/{each}"' in page.text for each in references] == [True, True]
    assert "教室3 令和8年11月28日（土） 午前10時から11時30分まで" in said(page)
    assert said(page).count("持ち物：お使いのスマートフォン") == 2
    assert "この番号とお申し込みの電話番号（090-0000-1234）が必要です。" in said(page)
    assert FULL in said(page)
    assert offers_to_apply(page) is False
    assert await bookings_of(full) == []
    opened = [(await client.get(f"/bookings/{each}")).status_code for each in references]
    assert opened == [200, 200]


async def test_of_several_one_that_was_booked_before_says_so(client: httpx.AsyncClient) -> None:
    before, fresh = [await make_class(title=title) for title in ("前の教室", "次の教室")]
    await book(client, course=before.id)

    hidden = await confirm(client, course=[before.id, fresh.id])
    answer = await client.post("/bookings", data=hidden)
    page = await client.get(answer.headers["location"])

    assert ALREADY in said(page)
    assert 'href="/bookings/find">申込を確認する' in page.text
    assert page.text.count('class="reference"') == 1


async def test_result_of_several_opens_only_in_the_same_browser(
    client: httpx.AsyncClient, new_client: Any
) -> None:
    first, second = [await make_class() for _ in range(2)]
    hidden = await confirm(client, course=[first.id, second.id])
    answer = await client.post("/bookings", data=hidden)

    stranger = await new_client().get(answer.headers["location"])
    mixed = await client.get("/bookings/done?booked=123456789&refused=abc&refused=99999&session=x")
    nothing = await client.get("/bookings/done")
    bare = await client.get("/bookings")

    answers = (stranger, mixed, nothing, bare)
    assert [each.headers["location"] for each in answers] == ["/bookings/find"] * 4


async def test_classes_at_the_same_time_are_said_before_applying(
    client: httpx.AsyncClient,
) -> None:
    one, same_time = [await make_class() for _ in range(2)]
    later = await factories.make_course()
    await factories.make_class_session(course=later.id, starts_at=clock.now() + timedelta(days=8))

    pages = [
        await client.post("/bookings/new", data={**HANAKO, "course": [one.id, other.id]})
        for other in (same_time, later)
    ]
    await book(client, course=one.id)
    pages += [
        await client.post("/bookings/new", data={**who, "course": same_time.id})
        for who in (HANAKO, TARO)
    ]

    overlap = "日時が重なっている教室があります。両方に参加できるか、お確かめください。"
    assert [overlap in said(page) for page in pages] == [True, False, True, False]
    assert [page.status_code for page in pages] == [200] * 4


async def test_way_back_may_show_what_was_typed_but_not_to_the_next_who_signs_in(
    client: httpx.AsyncClient, client_as: Any, course: Any
) -> None:
    sent = {**HANAKO, "course": course.id}
    await book(client, course=course.id, **TARO)
    staff = await client_as(Role.coordinator)

    pages = [await each.post("/bookings/new", data=sent) for each in (client, staff)]

    kept_by = [page.headers["cache-control"] for page in pages]
    assert kept_by == ["private, no-cache", "private, no-store"]


async def test_several_classes_all_refused(client: httpx.AsyncClient) -> None:
    classes = [await make_class() for _ in range(2)]
    hidden = await confirm(client, course=[one.id for one in classes])
    for one in classes:
        await change(one, taken=20)

    page = await client.post("/bookings", data=hidden)

    assert (page.status_code, said(page).count(FULL)) == (409, 2)
    assert "set-cookie" not in page.headers


async def test_of_several_only_those_that_are_open_go_on(client: httpx.AsyncClient) -> None:
    is_open, full = await make_class(title="空き"), await make_class(title="満席", taken=20)

    form = await client.get(f"/bookings/new?course={is_open.id}&course={full.id}&course=999")
    again = await client.post("/bookings/new", data={**HANAKO, "course": [is_open.id, full.id]})

    assert (form.status_code, again.status_code) == (200, 409)
    assert FULL in said(form)
    assert form.text.count('name="course"') == 1
    assert again.text.count('name="course"') == 1
    assert kept(again, "name") == HANAKO["name"]


async def test_more_than_twenty_at_once_are_cut_and_said(client: httpx.AsyncClient) -> None:
    classes = [await make_class() for _ in range(21)]

    page = await client.get("/bookings/new", params={"course": [one.id for one in classes]})

    assert (page.status_code, page.text.count('name="course"')) == (422, 20)
    assert "一度に申し込める教室は20件までです。" in summary(page)


class TestDatesToChooseFrom:
    """Courses of which one date is picked."""

    @pytest.fixture
    async def dates(self, city: Any) -> tuple[Any, Any, Any]:
        course = await factories.make_course(scope=BookingScope.session, seats=0)
        first, second = [
            await factories.make_class_session(
                course=course.id, seats=1, starts_at=clock.now() + timedelta(days=days)
            )
            for days in (7, 14)
        ]
        return course, first, second

    async def test_books_the_one_that_was_picked(
        self, client: httpx.AsyncClient, dates: Any
    ) -> None:
        course, _, second = dates
        pick = {f"session_{course.id}": second.id}

        reference = await book(client, course=course.id, **pick)
        page = await client.get(f"/bookings/{reference}")

        (booking,) = await bookings_of(course)
        assert booking["session"] == second.id
        assert "12月5日（土）" in said(page)
        assert "11月28日（土）" not in said(page)

    async def test_address_may_name_the_date(self, client: httpx.AsyncClient, dates: Any) -> None:
        course, _, second = dates

        page = await client.get(f"/bookings/new?course={course.id}&session={second.id}")

        assert page.text.count(f'value="{second.id}" checked') == 1
        assert "（あと1席）" in said(page)

    @pytest.mark.parametrize("picked", [None, "", "999999", "9" * 40, "abc"])
    async def test_asks_for_one_of_the_dates(
        self, client: httpx.AsyncClient, dates: Any, picked: str | None
    ) -> None:
        course, *_ = dates
        name = f"session_{course.id}"
        sent = {**HANAKO, "course": course.id, "submission": "a" * 22}
        sent |= {} if picked is None else {name: picked}

        form = await client.post("/bookings/new", data=sent)
        answer = await client.post("/bookings", data=sent)

        assert (form.status_code, answer.status_code) == (422, 422)
        assert field_errors(form) == {name: "日程を一つ選んでください。"}
        assert await bookings_of(course) == []

    async def test_date_that_filled_up_is_said_beside_it(
        self, client: httpx.AsyncClient, dates: Any
    ) -> None:
        course, first, _ = dates
        name = f"session_{course.id}"
        hidden = await confirm(client, course=course.id, **{name: first.id})
        async with writing():
            await ClassSession.update({"taken": 1}).where(ClassSession.id == first.id)

        form = await client.post("/bookings/new", data=hidden)
        answer = await client.post("/bookings", data=hidden)

        assert (form.status_code, answer.status_code) == (409, 409)
        assert FULL in field_errors(form)[name]
        assert kept(form, "name") == HANAKO["name"]
        assert FULL in said(answer)

    async def test_session_of_another_course_is_not_a_date(
        self, client: httpx.AsyncClient, dates: Any
    ) -> None:
        course, *_ = dates
        other = await factories.make_class_session(seats=5)
        sent = {**HANAKO, "course": course.id, f"session_{course.id}": other.id}

        answer = await client.post("/bookings", data={**sent, "submission": "a" * 22})

        assert answer.status_code == 422
        assert await bookings_of(course) == []
