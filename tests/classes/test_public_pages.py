"""Looking for a class: the first page, the list with its filters, a class, the venues."""

import re
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from server import clock
from server.classes.tables import BookingScope
from server.database import writing
from server.places.tables import Municipality
from tests import factories
from tests.classes.resident import cards, said
from tests.statements import counted

pytestmark = pytest.mark.usefixtures("frozen_now")

HTMX = {"hx-request": "true"}


@pytest.fixture(autouse=True)
async def city(database: Any, frozen_now: Any) -> Any:
    return await factories.make_municipality(name="四日市市", phone="059-354-8000")


async def make_class(**facts: Any) -> Any:
    course = await factories.make_course(**facts)
    await factories.make_class_session(course=course.id)
    return course


async def make_place(slug: str, name: str) -> dict[str, Any]:
    district = await factories.make_district(slug=slug, name=name)
    venue = await factories.make_venue(
        district=district.id, slug=f"{slug}-centre", name=f"{name}地区市民センター"
    )
    room = await factories.make_room(venue=venue.id)
    return {"venue": venue.id, "room": room.id}


async def test_home_counts_the_open_classes_of_each_district(client: httpx.AsyncClient) -> None:
    chubu = await make_place("chubu", "中部")
    await make_place("sakura", "桜")
    course = await factories.make_course()
    await factories.make_class_session(course=course.id, **chubu)

    page = await client.get("/")

    assert page.status_code == 200
    assert "中部地区 受付中 1件" in said(page)
    assert "桜地区 受付中の教室なし" in said(page)
    assert cards(page) == [course.id]


@pytest.mark.parametrize(
    ("hour", "said_on_phone"),
    [
        ("2026-11-20T08:30+09:00", "ただいま電話受付中です"),
        ("2026-11-20T17:15+09:00", "ただいま電話の受付時間外です"),
        ("2026-11-21T10:00+09:00", "ただいま電話の受付時間外です"),
        ("2026-11-23T10:00+09:00", "ただいま電話の受付時間外です"),
    ],
)
async def test_home_says_whether_somebody_answers_the_phone(
    client: httpx.AsyncClient, hour: str, said_on_phone: str
) -> None:
    with clock.freeze(datetime.fromisoformat(hour)):
        page = await client.get("/")

    assert said_on_phone in said(page)


async def test_home_stands_before_the_city_is_there(client: httpx.AsyncClient, city: Any) -> None:
    await city.remove()

    page = await client.get("/?before")

    assert (page.status_code, cards(page)) == (200, [])


async def test_list_is_filtered_by_what_the_address_says(client: httpx.AsyncClient) -> None:
    chubu = await make_place("chubu", "中部")
    fits = await factories.make_course(title="LINEの使い方", kind="consultation")
    await factories.make_class_session(course=fits.id, **chubu)
    await make_class()

    page = await client.get(
        "/courses",
        params={
            "district": "chubu",
            "venue": "chubu-centre",
            "kind": "consultation",
            "month": "2026-11",
            "open": "1",
            "q": "ライン LINE",
            "page": "1",
        },
    )
    by_word = await client.get("/courses", params={"q": "ｌｉｎｅ"})

    assert (page.status_code, cards(page)) == (200, [])
    assert (by_word.status_code, cards(by_word)) == (200, [fits.id])


@pytest.mark.parametrize(
    "wrong",
    [
        "month=2026-13",
        "month=11",
        "month=２０２６-11",
        "page=0",
        "page=-1",
        "page=zwei",
        "page=99999999999999999999",
        "kind=staff_training",
        "kind=dance",
        "district=atlantis",
        "open=yes",
    ],
)
async def test_filter_that_makes_no_sense_is_left_out_and_said(
    client: httpx.AsyncClient, wrong: str
) -> None:
    await make_place("chubu", "中部")
    course = await make_class()

    page = await client.get(f"/courses?{wrong}")

    assert (page.status_code, cards(page)) == (422, [course.id])
    assert "指定された条件の一部が分からなかったため、除いて表示しています。" in said(page)


@pytest.mark.parametrize(
    "harmless", ["", "district=&venue=&kind=&month=&q=&page=", "q=" + "あ" * 3000, "x=1"]
)
async def test_empty_filters_are_none(client: httpx.AsyncClient, harmless: str) -> None:
    await make_class()

    page = await client.get(f"/courses?{harmless}")

    assert page.status_code == 200


async def test_what_was_searched_stays_in_the_field(client: httpx.AsyncClient) -> None:
    page = await client.get("/courses", params={"q": '𠮷 "髙" <b>'})

    assert 'value="𠮷 &#34;髙&#34; &lt;b&gt;"' in page.text
    assert "教室は見つかりませんでした" in said(page)


async def test_list_pages_keep_their_filters(client: httpx.AsyncClient) -> None:
    section = await factories.make_section()
    room = await factories.make_room()
    for _ in range(51):
        course = await factories.make_course(section=section.id)
        await factories.make_class_session(course=course.id, venue=room.venue, room=room.id)

    first = await client.get("/courses?open=1&q=スマート&q=カメラ")
    second = await client.get("/courses?q=スマート&open=1&page=2")

    assert (len(cards(first)), len(cards(second))) == (50, 1)
    query = "q=%E3%82%B9%E3%83%9E%E3%83%BC%E3%83%88&amp;open=1"
    assert f'rel="next" href="/courses?{query}&amp;page=2"' in first.text
    assert f'rel="prev" href="/courses?{query}"' in second.text


async def test_htmx_gets_the_results_alone(client: httpx.AsyncClient) -> None:
    course = await make_class()

    block = await client.get("/courses", headers=HTMX)
    whole = await client.get("/courses", headers={**HTMX, "hx-history-restore-request": "true"})

    assert block.text.lstrip().startswith('<section id="results"')
    assert cards(block) == cards(whole) == [course.id]
    assert whole.text.startswith("<!DOCTYPE html>")
    assert "HX-Request" in block.headers["vary"]


async def test_list_takes_three_statements_for_one_class_and_for_thirty(
    client: httpx.AsyncClient,
) -> None:
    await make_class()
    with counted() as for_one:
        await client.get("/courses")
    for _ in range(29):
        await make_class()
    with counted() as for_thirty:
        page = await client.get("/courses")

    assert len(cards(page)) == 30
    assert (own(for_one), own(for_thirty)) == (3, 3)


async def test_course_page_takes_two_statements(client: httpx.AsyncClient) -> None:
    course = await make_class()
    for number in range(2, 9):
        await factories.make_class_session(course=course.id, number=number)

    with counted() as sent:
        page = await client.get(f"/courses/{course.id}")

    assert (page.status_code, own(sent)) == (200, 2)


async def test_open_class_offers_the_button(client: httpx.AsyncClient) -> None:
    course = await make_class(seats=20, taken=17)

    page = await client.get(f"/courses/{course.id}")

    assert "あと3席" in said(page)
    assert f'href="/bookings/new?course={course.id}"' in page.text


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        ({"seats": 5, "taken": 5}, "この教室は満席になりました。"),
        ({"opens_at": timedelta(hours=1)}, "この教室の申込受付は、まだ始まっていません。"),
        ({"closes_at": timedelta(minutes=-1)}, "この教室の申込受付は終わりました。"),
        ({"called_off_at": timedelta(minutes=-1)}, "この教室は中止になりました。"),
        ({"admission": "lottery"}, "この教室は、ただいま申し込みを受け付けていません。"),
    ],
)
async def test_class_that_cannot_be_booked_says_why(
    client: httpx.AsyncClient, facts: dict[str, Any], why: str
) -> None:
    now = clock.now()
    instants = {k: now + v if isinstance(v, timedelta) else v for k, v in facts.items()}
    course = await make_class(**instants)

    page = await client.get(f"/courses/{course.id}")
    block = await client.get(f"/courses/{course.id}", headers=HTMX)

    assert (page.status_code, why in said(page), why in said(block)) == (200, True, True)
    assert "/bookings/new" not in page.text
    assert block.text.lstrip().startswith('<section id="seats"')


async def test_class_with_dates_to_choose_from_shows_the_seats_of_each(
    client: httpx.AsyncClient,
) -> None:
    course = await factories.make_course(scope=BookingScope.session, seats=0)
    for seats, taken in ((4, 1), (4, 4)):
        await factories.make_class_session(course=course.id, seats=seats, taken=taken)

    page = await client.get(f"/courses/{course.id}")

    assert said(page).count("あと3席") == 2
    assert said(page).count("満席") == 1
    assert "各回4名" in said(page)


@pytest.mark.parametrize("course_id", ["999", "0", "-1", "2147483648", "9" * 30, "abc", "1.5"])
async def test_unknown_class_is_not_found(client: httpx.AsyncClient, course_id: str) -> None:
    await make_class(published_at=None)

    page = await client.get(f"/courses/{course_id}")
    draft = await client.get("/courses/1")

    assert (page.status_code, draft.status_code) == (404, 404)
    assert "ページが見つかりません" in said(page)


async def test_venues_stand_by_district(client: httpx.AsyncClient) -> None:
    chubu = await make_place("chubu", "中部")
    await factories.make_venue(district=None, name="市役所本庁舎")
    await factories.make_venue(archived_at=clock.now(), name="旧公民館")
    course = await factories.make_course()
    await factories.make_class_session(course=course.id, **chubu)

    page = await client.get("/venues")

    assert page.status_code == 200
    assert "中部地区 中部地区市民センター" in said(page)
    assert "市役所本庁舎" in said(page)
    assert "旧公民館" not in said(page)
    assert said(page).count("受付中 1件") == 1


async def test_venue_shows_its_classes_and_its_calendar(client: httpx.AsyncClient) -> None:
    chubu = await make_place("chubu", "中部")
    course = await factories.make_course()
    await factories.make_class_session(course=course.id, **chubu)
    await make_class()

    page = await client.get("/venues/chubu-centre")

    assert (page.status_code, cards(page)) == (200, [course.id])
    assert "webcal://127.0.0.1:8000/feeds/venues/chubu-centre.ics" in page.text


@pytest.mark.parametrize("slug", ["nowhere", "%00", "' OR 1=1", "あ" * 300])
async def test_unknown_venue_is_not_found(client: httpx.AsyncClient, slug: str) -> None:
    assert (await client.get(f"/venues/{slug}")).status_code == 404


@pytest.mark.parametrize("path", ["/", "/courses", "/courses/1", "/venues", "/venues/chubu-centre"])
async def test_hot_pages_are_made_once_and_anew_after_a_change(
    client: httpx.AsyncClient, path: str
) -> None:
    chubu = await make_place("chubu", "中部")
    course = await factories.make_course()
    await factories.make_class_session(course=course.id, **chubu)
    first = await client.get(path)
    with counted() as sent:
        second = await client.get(path)
        unchanged = await client.get(path, headers={"if-none-match": second.headers["etag"]})

    assert (first.text, second.status_code, unchanged.status_code) == (second.text, 200, 304)
    assert sent == []
    assert "set-cookie" not in second.headers

    await factories.make_class_session(course=(await factories.make_course()).id, **chubu)
    again = await client.get(path, headers={"if-none-match": second.headers["etag"]})
    assert again.status_code == (304 if path == "/courses/1" else 200)


async def test_english_is_complete_enough_to_choose_a_class(client: httpx.AsyncClient) -> None:
    course = await make_class()
    client.cookies.set("language", "en")

    page = await client.get(f"/courses/{course.id}")

    assert "Apply for this class" in said(page)
    assert 'lang="en"' in page.text


async def test_way_back_leads_to_the_list_of_the_district(client: httpx.AsyncClient) -> None:
    district = await factories.make_district(slug="chubu")
    venue = await factories.make_venue(district=district.id)
    course, elsewhere = [await factories.make_course() for _ in range(2)]
    await factories.make_class_session(course=course.id, venue=venue.id)
    nowhere = await factories.make_venue(district=None)
    await factories.make_class_session(course=elsewhere.id, venue=nowhere.id)

    pages = [await client.get(f"/courses/{one.id}") for one in (course, elsewhere)]

    back = [re.search(r'class="back" href="([^"]*)"', page.text) for page in pages]
    assert [each and each[1] for each in back] == ["/courses?district=chubu", "/courses"]


async def test_fax_is_offered_where_the_city_has_one(client: httpx.AsyncClient) -> None:
    without = await client.get("/")
    async with writing():
        await Municipality.update({Municipality.fax: "059-354-8001"}).where(Municipality.id > 0)
    having = await client.get("/")

    assert "お電話でも受け付けます。" in said(without)
    assert "ファックス" not in said(without)
    assert "お電話でもファックスでも受け付けます。" in said(having)
    assert "ファックス 059-354-8001" in said(having)


def own(statements: list[str]) -> int:
    """How many statements a page itself sent: the city's row is read once per change."""
    return sum("municipality" not in statement for statement in statements)
