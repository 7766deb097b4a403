"""T1, T5: certificates (修了証) have numbers of their fiscal year, each given once."""

import asyncio
from datetime import UTC, date, datetime
from typing import Any

import pytest

from server import clock
from server.audit.tables import AuditEntry
from server.database import Conflict
from server.people import merging
from server.people.tables import Person
from server.refusals import Refused
from server.training import certificates, enrolments, programmes, records
from server.training.tables import Certificate
from tests.classes.staff_cast import ICT
from tests.databases import Database
from tests.factories import make_person, make_programme
from tests.statements import counted
from tests.training.trainees import Basics, basics, trainee
from tests.unlocked import unlock

DONE_ON = date(2026, 11, 20)
LAST_NIGHT = datetime(2027, 3, 31, 14, 30, tzinfo=UTC)  # 31 March, 23:30 in Japan
NEW_YEAR = datetime(2027, 3, 31, 15, 30, tzinfo=UTC)  # 1 April, 00:30 in Japan


@pytest.fixture(autouse=True)
async def city(database: Database, frozen_now: datetime) -> None:
    """Every test has a database, and the clock stands still."""


async def all_done(programme: Basics, **facts: Any) -> Person:
    hanako = await trainee(programme, **facts)
    for requirement, minutes in (
        (programme.lecture, 90),
        (programme.video, 30),
        (programme.practice, 180),
    ):
        await records.add(hanako.id, requirement.id, DONE_ON, minutes, "紙の記録", by=ICT)
    return hanako


async def issued(person: Person, programme: Basics, completed_on: date = DONE_ON) -> str:
    row = await certificates.issue(person.id, programme.id, completed_on, by=ICT)
    return str(row["number"])


async def test_t1_the_number_begins_with_the_fiscal_year_in_japan() -> None:
    programme = await basics()
    people = [await make_person(name=f"{number}") for number in range(4)]

    with clock.freeze(LAST_NIGHT):
        before = [await issued(people[0], programme), await issued(people[1], programme)]
    with clock.freeze(NEW_YEAR):
        after = [
            await issued(people[2], programme, clock.today()),
            await issued(people[3], programme),
        ]

    assert before == ["R8-0001", "R8-0002"]
    assert after == ["R9-0001", "R9-0002"]
    rows = await Certificate.select().where(Certificate.number == "R9-0001")
    assert rows[0]["completed_on"] == date(2027, 4, 1)


async def test_t1_half_past_midnight_on_1_april_is_no_day_to_come() -> None:
    programme = await basics()
    hanako = await make_person()
    with clock.freeze(LAST_NIGHT), pytest.raises(Refused, match="up to today"):
        await issued(hanako, programme, date(2027, 4, 1))


async def test_t5_a_number_taken_back_is_never_given_again() -> None:
    programme = await basics()
    hanako, taro = await make_person(), await make_person(name="山田太郎")
    first = await certificates.issue(hanako.id, programme.id, DONE_ON, by=ICT)

    voided = await certificates.void(first["id"], "実習が足りませんでした", by=ICT)

    assert (voided["voided_by"], voided["void_reason"]) == (ICT.id, "実習が足りませんでした")
    assert await issued(taro, programme) == "R8-0002"
    assert await issued(hanako, programme) == "R8-0003"
    assert [row["number"] for row in await certificates.of(hanako.id)] == ["R8-0003", "R8-0001"]


async def test_after_9999_the_number_grows() -> None:
    programme = await basics()
    hanako, taro = await make_person(), await make_person(name="山田太郎")
    first = await certificates.issue(hanako.id, programme.id, DONE_ON, by=ICT)
    await Certificate.update({Certificate.number: "R8-10000"}).where(Certificate.id == first["id"])

    assert await issued(taro, programme) == "R8-10001"


async def test_one_certificate_of_a_programme_stands_also_of_another_edition() -> None:
    programme = await basics()
    hanako = await make_person()
    duplicate = await make_person(name="山田はなこ")
    await merging.merge(duplicate.id, hanako.id, by=ICT)
    await issued(duplicate, programme)
    newer = await programmes.add_edition(programme.id, by=ICT)

    for programme_id in (programme.id, newer["id"]):
        with pytest.raises(Refused, match="R8-0001"):
            await certificates.issue(hanako.id, programme_id, DONE_ON, by=ICT)


async def test_void_is_refused_without_a_reason_and_the_second_time() -> None:
    programme = await basics()
    row = await certificates.issue((await make_person()).id, programme.id, DONE_ON, by=ICT)

    with pytest.raises(Refused, match="why this was a mistake"):
        await certificates.void(row["id"], "", by=ICT)
    await certificates.void(row["id"], "x", by=ICT)
    with pytest.raises(Refused, match="taken back already"):
        await certificates.void(row["id"], "x", by=ICT)


async def test_a_certificate_is_known_under_the_name_of_the_row_that_stays() -> None:
    programme = await basics()
    duplicate = await make_person(name="山田はなこ")
    row = await certificates.issue(duplicate.id, programme.id, DONE_ON, by=ICT)
    assert row["person_name"] == "山田はなこ"
    hanako = await make_person(name="山田花子")

    await merging.merge(duplicate.id, hanako.id, by=ICT)

    found = await certificates.get(row["id"]) or {}
    assert (found["person_name"], found["programme_name"]) == ("山田花子", "基礎編")
    assert await certificates.get(999) is None


async def test_p2_issuing_is_audited_with_ids_and_the_number_only() -> None:
    programme = await basics()
    hanako = await make_person()
    await issued(hanako, programme)

    [entry] = await AuditEntry.select().where(AuditEntry.action == "certificate.issued")

    assert "R8-0001" in entry["facts"]
    assert "山田" not in entry["facts"]


async def test_s2_due_is_who_has_done_all_and_has_no_certificate() -> None:
    programme = await basics()
    hanako, taro = await all_done(programme), await all_done(programme, name="山田太郎")
    await trainee(programme, name="山田次郎")
    await issued(taro, programme)

    assert await certificates.due() == [
        {
            "person_id": hanako.id,
            "name": "山田花子",
            "reading": "やまだはなこ",
            "programme_id": programme.id,
            "programme_name": "基礎編",
            "completed_on": DONE_ON,
        }
    ]


async def test_s2_due_again_once_the_certificate_is_taken_back() -> None:
    programme = await basics()
    hanako = await all_done(programme)
    row = await certificates.issue(hanako.id, programme.id, DONE_ON, by=ICT)
    assert await certificates.due() == []

    await certificates.void(row["id"], "日付の誤り", by=ICT)

    assert [each["person_id"] for each in await certificates.due()] == [hanako.id]


async def test_s2_whoever_was_merged_is_due_once() -> None:
    programme = await basics()
    hanako, duplicate = await all_done(programme), await all_done(programme, name="山田はなこ")

    await merging.merge(duplicate.id, hanako.id, by=ICT)

    assert [each["person_id"] for each in await certificates.due()] == [hanako.id]


async def test_s2_a_newer_edition_does_not_ask_for_a_second_certificate() -> None:
    programme = await basics()
    hanako = await all_done(programme)
    await issued(hanako, programme)
    newer = await programmes.add_edition(programme.id, by=ICT)
    await programmes.publish(newer["id"], version=1, by=ICT)

    await enrolments.move(hanako.id, newer["id"], by=ICT)

    assert await certificates.due() == []


async def test_due_for_thirty_takes_as_many_statements_as_for_one() -> None:
    programme = await basics()
    await all_done(programme)
    with counted() as for_one:
        await certificates.due()
    for number in range(29):
        await all_done(programme, name=f"{number}")

    with counted() as for_all:
        assert len(await certificates.due()) == 30

    assert len(for_all) == len(for_one)


async def twenty_issue_at_once() -> list[Any]:
    programme = await make_programme()
    people = [await make_person(name=f"{number}") for number in range(20)]
    return await asyncio.gather(
        *(certificates.issue(each.id, programme.id, DONE_ON, by=ICT) for each in people),
        return_exceptions=True,
    )


async def test_numbers_under_many_issuers_at_once_differ_and_have_no_gap() -> None:
    given = await twenty_issue_at_once()

    numbers = sorted(row["number"] for row in given)
    assert numbers == [f"R8-{number:04d}" for number in range(1, 21)]


@pytest.mark.engine("postgres")
async def test_without_the_lock_two_issuers_would_take_one_number(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The control: the column's own uniqueness is left, and somebody is turned away."""
    unlock(monkeypatch, certificates)

    given = await twenty_issue_at_once()

    assert [answer for answer in given if isinstance(answer, Conflict)] != []
