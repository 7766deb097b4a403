"""Two coordinators have the same form open: nobody's change is lost to the other's."""

from collections.abc import Awaitable, Callable
from datetime import datetime

import httpx
import pytest

from server.audit.tables import AuditEntry
from server.classes.tables import BookingScope
from server.roles import Role
from tests.classes.pressed import filled
from tests.classes.staff_cast import HANAKO, TARO, again, book, course_with_sessions
from tests.databases import Database
from tests.factories import make_course, make_municipality, make_room

ClientAs = Callable[..., Awaitable[httpx.AsyncClient]]


@pytest.fixture(autouse=True)
async def city(database: Database, frozen_now: datetime) -> None:
    await make_municipality()


@pytest.fixture
async def aoki(client_as: ClientAs) -> httpx.AsyncClient:
    return await client_as(Role.coordinator)


@pytest.fixture
async def baba(client_as: ClientAs) -> httpx.AsyncClient:
    return await client_as(Role.coordinator)


async def opened(client: httpx.AsyncClient, address: str) -> dict[str, str]:
    return filled((await client.get(address)).text, address)


async def test_what_each_of_two_has_changed_is_kept(
    aoki: httpx.AsyncClient, baba: httpx.AsyncClient
) -> None:
    course = await make_course(description="電話のかけ方\nと文字の打ち方", seats=20)
    address = f"/staff/courses/{course.id}/edit"
    hers, theirs = await opened(aoki, address), await opened(baba, address)

    await aoki.post(
        address, data=hers | {"bring": "老眼鏡", "seats": "12", "description": "新しい"}
    )
    answer = await baba.post(address, data=theirs | {"audience": "60歳以上の人"})

    assert answer.headers["location"] == f"/staff/courses/{course.id}?done=merged"
    row = await again(course)
    assert (row["bring"], row["audience"]) == ("老眼鏡", "60歳以上の人")
    assert (row["seats"], row["description"]) == (12, "新しい")
    entry = await AuditEntry.select().order_by(AuditEntry.id, ascending=False).first()
    assert entry is not None
    assert '"now": {"audience": "60歳以上の人"}' in entry["facts"]
    page = await baba.get(answer.headers["location"])
    assert "その間にほかの人が変えた内容も、そのまま残しています。" in page.text


async def test_only_what_both_have_changed_is_asked_about(
    aoki: httpx.AsyncClient, baba: httpx.AsyncClient
) -> None:
    course = await make_course(title="スマホ", bring="スマートフォン")
    address = f"/staff/courses/{course.id}/edit"
    hers, theirs = await opened(aoki, address), await opened(baba, address)
    await aoki.post(address, data=hers | {"title": "先に", "bring": "老眼鏡", "fee": "100"})

    asked = await baba.post(address, data=theirs | {"title": "後から", "fee": "100"})

    assert asked.status_code == 409
    assert "<td>先に</td><td>後から</td>" in asked.text
    assert asked.text.count('<tr><th scope="row">') == 1
    again_typed = filled(asked.text, address)
    assert (again_typed["title"], again_typed["bring"]) == ("後から", "老眼鏡")
    assert (await again(course))["title"] == "先に"
    knowing = await baba.post(address, data=again_typed)
    row = await again(course)
    assert knowing.status_code == 303
    assert (row["title"], row["bring"], row["fee"]) == ("後から", "老眼鏡", 100)


async def test_a_number_that_somebody_else_changed_is_shown_as_it_stands(
    aoki: httpx.AsyncClient, baba: httpx.AsyncClient
) -> None:
    course = await make_course(title="スマホ", seats=20)
    address = f"/staff/courses/{course.id}/edit"
    hers, theirs = await opened(aoki, address), await opened(baba, address)
    await aoki.post(
        address, data=hers | {"title": "先に", "seats": "12", "closes_on": "2026-12-01"}
    )

    asked = await baba.post(address, data=theirs | {"title": "後から"})

    typed = filled(asked.text, address)
    assert (typed["seats"], typed["closes_on"]) == ("12", "2026-12-01")


@pytest.mark.parametrize("opened_with", ["", "no JSON", "[]", "x" * 30_000])
async def test_without_what_it_was_opened_with_every_difference_is_asked_about(
    aoki: httpx.AsyncClient, baba: httpx.AsyncClient, opened_with: str
) -> None:
    course = await make_course(bring="スマートフォン")
    address = f"/staff/courses/{course.id}/edit"
    hers, theirs = await opened(aoki, address), await opened(baba, address)
    await aoki.post(address, data=hers | {"bring": "老眼鏡"})

    answer = await baba.post(address, data=theirs | {"opened": opened_with})

    assert answer.status_code in {409, 422}
    assert (await again(course))["bring"] == "老眼鏡"


async def test_b10_a_date_that_was_moved_stays_moved_when_its_seats_are_changed(
    aoki: httpx.AsyncClient, baba: httpx.AsyncClient
) -> None:
    _, [session] = await course_with_sessions(
        1, scope=BookingScope.session, seats=5, published_at=None
    )
    address, room = f"/staff/sessions/{session.id}/move", await make_room()
    hers, theirs = await opened(aoki, address), await opened(baba, address)
    await aoki.post(address, data=hers | {"place": f"{room.venue}-{room.id}"})

    answer = await baba.post(address, data=theirs | {"seats": "8"})

    row = await again(session)
    assert answer.status_code == 303
    assert (row["room"], row["seats"]) == (room.id, 8)


async def test_b4_merged_seats_are_checked_as_any_others(
    aoki: httpx.AsyncClient, baba: httpx.AsyncClient
) -> None:
    course, _ = await course_with_sessions()
    address = f"/staff/courses/{course.id}/edit"
    hers, theirs = await opened(aoki, address), await opened(baba, address)
    await aoki.post(address, data=hers | {"bring": "老眼鏡"})
    await book(HANAKO, course)
    await book(TARO, course)

    answer = await baba.post(address, data=theirs | {"seats": "1"})

    assert answer.status_code == 409
    assert 'href="#seats"' in answer.text
    assert (await again(course))["seats"] == 20
