"""What anyone may know of contacts: whole months by topic, small numbers masked."""

import json
from collections.abc import Callable
from datetime import datetime

import httpx
import pytest

from server import clock
from server.opendata import contacts
from server.topics import topics
from tests import factories
from tests.classes.staff_cast import ICT
from tests.databases import Database
from tests.helpdesk.quarter import contact, japan, voided
from tests.statements import counted


@pytest.fixture(autouse=True)
async def now(database: Database, frozen_now: datetime) -> None:
    """Saturday 21 November 2026, 10 in the morning, for every test here."""


async def asked() -> None:
    """Maps five times in March and four in April, photos from April on; nothing in summer."""
    desk = (await factories.make_desk()).id
    maps = (await factories.make_topic(name="地図")).id
    photos = (await factories.make_topic(name="写真")).id
    await factories.make_topic(name="だれも聞かない")
    await contact("2026-03-31 23:59", desk, maps, number=4, tally=True)
    await contact("2026-03-10 10:00", desk, maps)
    await contact("2026-04-01 00:00", desk, maps, number=4, tally=True)
    await contact("2026-04-02 10:00", desk, photos, number=1234, tally=True)
    await voided(await contact("2026-04-02 10:00", desk, maps), "2026-04-03 10:00")
    await contact("2026-11-20 10:00", desk, maps, number=50, tally=True)  # this month: not yet


async def test_months_by_topic_with_small_numbers_masked(database: Database) -> None:
    await asked()
    rows = await contacts.monthly()
    found = [
        (row["fiscal_year"], f"{row['month']:%Y-%m}", row["topic"], row["number"]) for row in rows
    ]
    assert found[:4] == [
        (2025, "2026-03", "地図", 5),
        (2026, "2026-04", "地図", None),
        (2026, "2026-04", "写真", 1234),
        (2026, "2026-05", "地図", None),
    ]
    assert {row[2:] for row in found[4:]} == {("地図", None), ("写真", None)}
    assert found[-1][1] == "2026-10"


async def test_the_file_says_no_number_that_is_masked_and_no_total(
    database: Database, client: httpx.AsyncClient
) -> None:
    await asked()
    answer = await client.get("/opendata/contacts.csv")
    lines = answer.content.decode("utf-8-sig").splitlines()
    assert lines[:4] == [
        "年度,月,分野,件数",
        "2025,2026-03,地図,5",
        "2026,2026-04,地図,5未満",
        "2026,2026-04,写真,1234",
    ]
    assert len(lines) == 1 + 1 + 7 * 2
    assert not {line.split(",")[3] for line in lines[1:]} & {"0", "1", "4", "9", "1238", "1243"}
    assert "set-cookie" not in answer.headers


async def test_the_same_as_json_and_for_older_excel(
    database: Database, client: httpx.AsyncClient
) -> None:
    await asked()
    told = json.loads((await client.get("/opendata/contacts.json")).content)
    assert told["contacts"][:2] == [
        {"fiscal_year": 2025, "month": "2026-03", "topic": "地図", "number": 5},
        {"fiscal_year": 2026, "month": "2026-04", "topic": "地図", "number": "5未満"},
    ]
    older = await client.get("/opendata/contacts.csv?encoding=cp932")
    assert older.content.decode("cp932").splitlines()[2] == "2026,2026-04,地図,5未満"


async def test_who_has_the_file_is_told_so_until_something_changes(
    database: Database, client: httpx.AsyncClient
) -> None:
    await asked()
    first = await client.get("/opendata/contacts.csv")
    known = {"if-none-match": first.headers["etag"]}
    assert (await client.get("/opendata/contacts.csv", headers=known)).status_code == 304
    desk, topic = (await factories.make_desk()).id, (await factories.make_topic()).id
    await contact("2026-10-31 23:59", desk, topic, number=7, tally=True)
    assert (await client.get("/opendata/contacts.csv", headers=known)).status_code == 200


async def test_nobody_has_asked_yet(
    database: Database, client: httpx.AsyncClient, new_client: Callable[..., httpx.AsyncClient]
) -> None:
    assert (await client.get("/opendata/contacts.csv")).text.splitlines()[0].endswith("件数")
    await factories.make_municipality(demonstration=True)
    invented = (await new_client().get("/opendata/contacts.csv")).content.decode("utf-8-sig")
    assert invented.splitlines()[0] == "見本（架空のデータ）"  # P7


async def test_t5_a_month_is_there_from_the_10th_of_the_next_as_known_then(
    database: Database,
) -> None:
    desk, topic = (await factories.make_desk()).id, (await factories.make_topic()).id
    await contact("2026-10-05 10:00", desk, topic, number=5, tally=True)
    in_time = japan("2026-11-09 23:59")
    await contact("2026-10-31 23:59", desk, topic, number=2, tally=True, recorded_at=in_time)
    too_late = japan("2026-11-10 00:01")
    await contact("2026-10-31 10:00", desk, topic, number=9, tally=True, recorded_at=too_late)

    with clock.freeze(japan("2026-11-09 23:59")):
        assert await contacts.monthly() == []
    with clock.freeze(japan("2026-11-10 00:00")):
        assert [row["number"] for row in await contacts.monthly()] == [7]
    assert [row["number"] for row in await contacts.monthly()] == [7]


async def test_p1_what_is_published_never_changes_so_no_difference_tells_a_masked_number(
    database: Database,
) -> None:
    desk = (await factories.make_desk()).id
    maps, photos, new = [await factories.make_topic(name=name) for name in ("地図", "写真", "新")]
    first = await contact("2026-08-01 10:00", desk, maps.id, number=6, tally=True)
    await contact("2026-08-03 10:00", desk, photos.id, number=3, tally=True)
    await contact("2026-10-03 10:00", desk, maps.id, number=5, tally=True)
    before = await contacts.monthly()
    assert [(f"{row['month']:%m}", row["topic"], row["number"]) for row in before] == [
        ("08", "地図", 6),
        ("08", "写真", None),
        ("09", "地図", None),  # a month without any says so no more than one with few
        ("09", "写真", None),
        ("10", "地図", 5),
        ("10", "写真", None),
    ]

    now = clock.now()
    await topics.merge(photos.id, maps.id, version=1, by=ICT)
    await voided(first, "2026-11-21 10:00")
    for late in ("2026-07-05 10:00", "2026-08-05 10:00", "2026-10-05 10:00"):
        for topic in (maps.id, new.id):
            await contact(late, desk, topic, number=7, tally=True, recorded_at=now)

    assert await contacts.monthly() == before


async def test_the_file_takes_as_many_statements_for_years_as_for_a_month(
    database: Database,
) -> None:
    desk, topic = (await factories.make_desk()).id, (await factories.make_topic()).id
    await contact("2026-10-05 10:00", desk, topic)
    with counted() as few:
        await contacts.monthly()
    await contact("2016-10-05 10:00", desk, topic)
    with counted() as many:
        rows = await contacts.monthly()

    assert len(few) == len(many)
    assert len(rows) == 10 * 12 + 1
