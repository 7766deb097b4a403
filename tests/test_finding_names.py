"""B2: people, and what is written of them, are found in whichever kanji a name is typed."""

from collections.abc import Awaitable, Callable
from datetime import datetime

import httpx
import pytest

from server import cli, kanji, text
from server.classes.bookings import Applicant
from server.classes.tables import Booking, Course
from server.database import writing
from server.helpdesk.tables import Contact
from server.people.tables import Person
from server.roles import Role
from tests import factories
from tests.classes.staff_cast import book
from tests.databases import Database

SignIn = Callable[..., Awaitable[httpx.AsyncClient]]

NAMES = [
    ("高橋", "髙橋"),
    ("浜田", "濵田"),
    ("濵田", "濱田"),
    ("渡辺", "渡邊"),
    ("渡辺", "渡邉"),
    ("渡邊", "渡邉"),
    ("斎藤", "斉藤"),
    ("斎藤", "齋藤"),
    ("齋藤", "齊藤"),
    ("吉田", "𠮷田"),
    ("山崎", "山﨑"),
    ("広沢", "廣澤"),
    ("桜井", "櫻井"),
    ("中島", "中嶋"),
    ("中嶋", "中嶌"),
    ("沢辺", "澤邊"),
    ("関", "關"),
    ("神谷", "\ufa19谷"),
    ("四ヶ所", "四ケ所"),
    ("辻", "辻\U000e0100"),
]
BOTH_WAYS = [pair for one, other in NAMES for pair in ((one, other), (other, one))]
SEARCHES = [
    "/staff/bookings",
    "/staff/supporters",
    "/staff/counter-staff",
    "/staff/contacts",
    "/staff/articles",
    "/staff/courses",
    "/courses",
    "/faq",
]
OTHER = "山本花子"


@pytest.fixture
async def office(database: Database, frozen_now: datetime, client_as: SignIn) -> httpx.AsyncClient:
    """A coordinator of the section that oversees all, in a city with a class."""
    await factories.make_municipality()
    return await client_as(Role.coordinator)


async def enter(name: str) -> None:
    """Somebody of that name wherever a search looks."""
    words = f"{name}さんの教室"
    course = await factories.make_course(title=words)
    await factories.make_class_session(course=course.id)
    await book(Applicant(name=name, reading="よみ", phone="059-354-0001"), course)
    person = await factories.make_person(name=name, reading="よみ")
    await factories.make_supporter(person=person.id)
    section = await factories.make_section()
    await factories.make_staff_member(section.id, name=name, reading="よみ")
    await factories.make_contact(note=words)
    await factories.make_article(question=words)


def test_each_kanji_stands_in_one_group_only() -> None:
    groups = (kanji.OLD_FORMS + kanji.IN_NAMES).split()
    every = "".join(groups)

    assert len(every) == len(set(every))
    assert min(map(len, groups)) > 1
    assert kanji.common(kanji.common(every)) == kanji.common(every)


@pytest.mark.parametrize(("typed", "entered"), BOTH_WAYS)
async def test_b2_a_name_is_found_in_whichever_kanji_it_is_typed(
    office: httpx.AsyncClient, typed: str, entered: str
) -> None:
    await enter(f"{entered}花子")
    await enter(OTHER)

    for path in SEARCHES:
        page = await office.get(path, params={"q": typed})
        assert (path, page.status_code) == (path, 200)
        assert (path, f"{entered}花子" in page.text, OTHER in page.text) == (path, True, False)
    assert await Person.select(Person.name).where(Person.name == f"{entered}花子")


async def test_b2_a_procedure_is_found_in_whichever_kanji_it_is_typed(
    office: httpx.AsyncClient,
) -> None:
    await factories.make_procedure(name="渡邉橋の通行")
    await factories.make_procedure(name="高橋の通行")

    page = await office.get("/staff/procedures", params={"q": "渡辺"})

    assert ("渡邉橋の通行" in page.text, "高橋の通行" in page.text) == (True, False)


async def test_b2_what_stands_there_is_found_after_migrating(office: httpx.AsyncClient) -> None:
    await enter("髙橋花子")
    async with writing():
        await Booking.update({Booking.name_key: ""}, force=True)
        for table in (Contact, Course):
            old = text.search_text("高橋花子さんの教室").replace("高", "髙")
            await table.update({table.search_text: old}, force=True)

    await cli._migrate()

    for path in SEARCHES:
        page = await office.get(path, params={"q": "高橋"})
        assert (path, "髙橋花子" in page.text) == (path, True)
    assert await Booking.select(Booking.name, Booking.name_key) == [
        {"name": "髙橋花子", "name_key": "高橋花子"}
    ]
