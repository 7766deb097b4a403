"""B2: a phone number reads the same everywhere, however it was typed, and is kept as typed."""

from collections.abc import Awaitable, Callable
from datetime import datetime

import httpx
import pytest

from server import phones
from server.classes.bookings import Applicant
from server.classes.tables import Booking
from server.helpdesk.tables import CallBack
from server.roles import Role
from server.supporters.tables import Supporter
from tests import factories
from tests.classes.staff_cast import book, course_with_sessions
from tests.databases import Database
from tests.helpdesk.call_back_cast import operator, promised

SignIn = Callable[..., Awaitable[httpx.AsyncClient]]

READABLE = "059-354-0001"
TYPED = [
    "０５９−３５４−０００１",
    "059(354)0001",
    "0593540001",
    "+81 59 354 0001",
    "059ー354ー0001",
]


@pytest.mark.parametrize(
    "typed", [*TYPED, READABLE, "＋８１（０）５９・３５４・０００１", " 059 3540001 "]
)
def test_b2_a_number_has_one_readable_form(typed: str) -> None:
    assert phones.shown(typed) == READABLE


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("0312345678", "03-1234-5678"),
        ("0594241234", "0594-24-1234"),
        ("0499212345", "04992-1-2345"),
        ("09012345678", "090-1234-5678"),
        ("05012345678", "050-1234-5678"),
        ("0120123456", "0120-123-456"),
        ("08001234567", "0800-123-4567"),
    ],
)
def test_b2_hyphens_stand_behind_the_area_code(typed: str, shown: str) -> None:
    assert phones.shown(typed) == shown


@pytest.mark.parametrize(
    "typed",
    [
        "0100000000",  # no area code
        "059-354-0001 内線 12",
        "059-354-0001 娘",
        "+1 650 253 2222",
        "110",
        "hanako@example.jp",
        "510-0001",
        "",
    ],
)
def test_b2_what_is_no_whole_number_is_shown_as_typed(typed: str) -> None:
    assert phones.shown(typed) == typed


@pytest.mark.parametrize("typed", TYPED)
async def test_b2_pages_show_the_readable_number_and_dial_it(
    database: Database, frozen_now: datetime, client_as: SignIn, typed: str
) -> None:
    await factories.make_municipality(phone="059-354-9999")
    course, _ = await course_with_sessions()
    booking = await book(Applicant(name="山田花子", reading="やまだはなこ", phone=typed), course)
    supporter = await factories.make_supporter(phone=typed)
    promise = await promised(await operator(), phone=typed)
    office = await client_as(Role.coordinator)

    for path in ("/staff/bookings", "/staff/supporters"):
        found = await office.get(path, params={"q": typed})
        assert (path, READABLE in found.text) == (path, True)
    for path, dials in {
        f"/staff/bookings?q={READABLE}": False,
        f"/staff/bookings/{booking['id']}/cancellation": False,
        f"/staff/supporters?q={READABLE}": True,
        f"/staff/supporters/{supporter.id}": True,
        "/staff/call-backs": True,
        f"/staff/call-backs/{promise['id']}": True,
    }.items():
        page = await office.get(path)
        assert (path, page.status_code, READABLE in page.text) == (path, 200, True)
        assert (path, 'href="tel:0593540001"' in page.text) == (path, dials)
    assert (
        await Booking.select(Booking.phone).output(as_list=True)
        + await Supporter.select(Supporter.phone).output(as_list=True)
        + await CallBack.select(CallBack.phone).output(as_list=True)
    ) == [typed] * 3


@pytest.mark.parametrize("typed", TYPED)
async def test_b2_a_resident_reads_her_number_back_and_the_form_keeps_it_as_typed(
    client: httpx.AsyncClient, database: Database, frozen_now: datetime, typed: str
) -> None:
    await factories.make_municipality()
    course = await factories.make_course()
    await factories.make_class_session(course=course.id)
    said = {"name": "山田花子", "reading": "やまだはなこ", "phone": typed}

    page = await client.post("/bookings/new", data={"course": course.id, **said})

    assert (page.status_code, READABLE in page.text, f'value="{typed}"' in page.text) == (
        *(200, True, True),
    )
