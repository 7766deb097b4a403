"""What keeps Tonari quick: few statements, and as many for thirty rows as for one."""

import httpx
import pytest

from bench.bookings import hidden
from tests.databases import Database
from tests.factories import make_class_session, make_course, make_municipality
from tests.statements import counted

RESIDENT = {"name": "山田 花子", "reading": "やまだ はなこ", "phone": "059-354-0000"}


async def statements(client: httpx.AsyncClient, path: str) -> int:
    """How many it takes to make the page anew, by a process that knows its municipality."""
    with counted() as sent:
        await client.get("/")
        sent.clear()
        answer = await client.get(f"{path}?nobody=1")
    assert answer.status_code == httpx.codes.OK
    return len(sent)


async def make_open_course() -> int:
    course = await make_course()
    await make_class_session(course=course.id)
    return int(course.id)


@pytest.mark.parametrize(
    ("path", "most"), [("/", 5), ("/courses", 3), ("/venues", 4), ("/feeds/all.ics", 3)]
)
async def test_a_list_takes_as_many_statements_for_thirty_rows_as_for_one(
    database: Database, client: httpx.AsyncClient, path: str, most: int
) -> None:
    await make_municipality()
    await make_open_course()
    for_one = await statements(client, path)

    for _ in range(29):
        await make_open_course()

    assert await statements(client, path) == for_one <= most


async def test_a_class_page_takes_as_many_statements_for_six_sessions_as_for_one(
    database: Database, client: httpx.AsyncClient
) -> None:
    await make_municipality()
    course = await make_open_course()
    for_one = await statements(client, f"/courses/{course}")

    for _ in range(5):
        await make_class_session(course=course)

    assert await statements(client, f"/courses/{course}") == for_one <= 4


async def test_the_post_that_books_takes_at_most_eight_statements(
    database: Database, client: httpx.AsyncClient
) -> None:
    await make_municipality()
    course = str(await make_open_course())
    page = await client.post("/bookings/new", data={"course": course, **RESIDENT})

    with counted() as sent:
        answer = await client.post("/bookings", data=hidden(page.text))

    assert answer.status_code == httpx.codes.SEE_OTHER
    assert len(sent) <= 8, sent
