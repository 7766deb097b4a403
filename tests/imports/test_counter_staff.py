"""H5, F3: counter staff and completions from files: all or nothing, twice changes nothing."""

from datetime import date
from pathlib import Path

import pytest

from server.counter_staff import completions as rules
from server.counter_staff import counter_staff as staff
from server.counter_staff import memberships
from server.counter_staff.tables import (
    Employment,
    StaffCompletion,
    StaffMember,
    StaffMembership,
    StaffTrainingKind,
)
from server.imports import completions, counter_staff
from server.imports.results import Result
from server.refusals import Refused
from server.roles import Role
from tests import factories
from tests.classes.staff_cast import Staff
from tests.counter_staff.standing import completions_of
from tests.databases import Database
from tests.servers import run_command

pytestmark = pytest.mark.usefixtures("frozen_now")

ICT = Staff(sees_all_sections=True)
HEADINGS = ",".join(counter_staff.COLUMNS)
TAKEN = ",".join(completions.COLUMNS)
APRIL, OCTOBER = date(2026, 4, 1), date(2026, 10, 1)
MEGUMI = "0125,田中恵,たなかめぐみ,市民税課,正規,2026-04-01,"
AI = ",鈴木愛,すずきあい,福祉課,会計年度任用,令和8年4月1日,"


@pytest.fixture
async def sections(database: Database) -> list[int]:
    names = ("市民税課", "福祉課")
    return [(await factories.make_section(name=name)).id for name in names]


async def loaded(*lines: str, check_only: bool = False, by: Staff | None = None) -> Result:
    content = "\r\n".join([HEADINGS, *lines]).encode("cp932")
    return await counter_staff.load(content, check_only=check_only, by=by or ICT)


async def taken(training: int, *lines: str, by: Staff | None = None) -> Result:
    content = "\r\n".join([TAKEN, *lines]).encode()
    return await completions.load(training, content, by=by or ICT)


def found(result: Result) -> tuple[int, int, int]:
    assert result.problems == []
    return result.added, result.changed, result.unchanged


def said(result: Result) -> list[tuple[int, str, str, str]]:
    return [(each.row, each.column, each.value, str(each.reason)) for each in result.problems]


async def spans() -> list[tuple[str, str, date, date | None]]:
    names = {row["member_id"]: row["name"] for row in await staff.everybody()}
    rows = await memberships.of(list(names))
    return sorted(
        (names[row["member"]], row["section_name"], row["first_on"], row["last_on"]) for row in rows
    )


async def test_f3_the_same_file_again_changes_nothing(sections: list[int]) -> None:
    assert found(await loaded(MEGUMI, AI)) == (2, 0, 0)
    assert found(await loaded(MEGUMI, AI)) == (0, 0, 2)

    assert await spans() == [
        ("田中恵", "市民税課", APRIL, None),
        ("鈴木愛", "福祉課", APRIL, date(2027, 3, 31)),
    ]
    assert await StaffMembership.count() == 2


async def test_f3_only_checked_is_not_taken_in(sections: list[int]) -> None:
    assert found(await loaded(MEGUMI, check_only=True)) == (1, 0, 0)
    assert await StaffMember.count() == 0


async def test_h5_who_stands_in_another_section_has_moved(sections: list[int]) -> None:
    moved = MEGUMI.replace("市民税課,正規,2026-04-01", "福祉課,正規,2026-10-01")
    await loaded(MEGUMI)

    assert found(await loaded(moved)) == (0, 1, 0)
    assert found(await loaded(moved, MEGUMI)) == (0, 0, 2)

    assert await spans() == [
        ("田中恵", "市民税課", APRIL, date(2026, 9, 30)),
        ("田中恵", "福祉課", OCTOBER, None),
    ]


async def test_h5_two_sections_at_once_in_one_file_are_refused(sections: list[int]) -> None:
    result = await loaded(
        f"{MEGUMI}2026-10-31", MEGUMI.replace("市民税課,正規,2026-04-01", "福祉課,正規,2026-10-01")
    )

    [(row, column, value, words)] = said(result)
    assert (row, column, value) == (3, "担当課", "福祉課")
    assert "市民税課" in words
    assert await StaffMember.count() == 0


async def test_h5_a_last_day_ends_and_what_was_corrected_here_stays(sections: list[int]) -> None:
    await loaded(MEGUMI)

    assert found(await loaded(f"{MEGUMI}2026-09-30")) == (0, 1, 0)
    [row] = await memberships.of([(await StaffMember.select())[0]["id"]])
    await memberships.end(row["id"], date(2026, 8, 31), by=ICT)
    assert found(await loaded(f"{MEGUMI}2026-09-30")) == (0, 0, 1)
    assert found(await loaded(MEGUMI)) == (0, 0, 1)

    assert await spans() == [("田中恵", "市民税課", APRIL, date(2026, 8, 31))]


async def test_what_was_taken_back_here_does_not_come_again(sections: list[int]) -> None:
    await loaded(MEGUMI)
    [row] = await memberships.of([(await StaffMember.select())[0]["id"]])
    await memberships.void(row["id"], "別の人", by=ICT)

    [(_row, column, _value, words)] = said(await loaded(MEGUMI))
    assert (column, "taken back here" in words) == ("担当課", True)


async def test_f3_errors_name_row_column_value_and_reason(sections: list[int]) -> None:
    result = await loaded(
        ",,たなか,市民税課,正規,2026-04-01,",
        "1,田中恵,田中,市民税課,正規,2026-04-01,",
        "2,鈴木愛,すずきあい,水道課,嘱託,2026-13-01,",
        "3,佐藤,さとう,福祉課,会計年度任用,2026-04-01,2027-04-30",
        "4,佐藤,さとう,福祉課,正規,2026-04-01,2026-03-31",
        MEGUMI,
    )

    assert [(row, column, value) for row, column, value, _words in said(result)] == [
        (2, "氏名", ""),
        (3, "ふりがな", "田中"),
        (4, "担当課", "水道課"),
        (4, "雇用区分", "嘱託"),
        (4, "着任日", "2026-13-01"),
        (5, "離任日", "2027-04-30"),
        (6, "離任日", "2026-03-31"),
    ]
    assert await StaffMember.count() == 0


async def test_members_are_known_by_number_else_by_name_and_reading(sections: list[int]) -> None:
    await loaded(MEGUMI, AI)

    assert found(await loaded(AI.replace(",鈴木愛", "0200,鈴木愛", 1))) == (0, 1, 0)
    assert {row["number"] for row in await StaffMember.select()} == {"0125", "0200"}
    twin = "0300,鈴木愛,スズキ　アイ,市民税課,正規,2026-05-01,"
    assert found(await loaded(twin)) == (1, 0, 0)
    [(_row, column, _value, words)] = said(await loaded(AI))
    assert (column, "Several people" in words) == ("氏名", True)
    [(_row, column, _value, words)] = said(await loaded(MEGUMI.replace("めぐみ", "けい")))
    assert (column, "another reading" in words) == ("職員番号", True)


async def test_c4_a_coordinator_takes_in_her_own_section_only(sections: list[int]) -> None:
    own = Staff(section_id=sections[0])

    assert found(await loaded(MEGUMI, by=own)) == (1, 0, 0)
    [(row, column, _value, _words)] = said(await loaded(MEGUMI, AI, by=own))
    assert (row, column) == (3, "担当課")
    helper = Staff(section_id=sections[0], roles=frozenset({Role.helpdesk}))
    assert len(said(await loaded(AI, by=helper))) == 1


async def test_h5_completions_come_from_a_file_and_twice_changes_nothing(
    sections: list[int],
) -> None:
    await loaded(MEGUMI, AI)
    training = (await factories.make_staff_training()).id
    lines = ("0125,,,2026-06-01", ",鈴木　愛,スズキアイ,R8.6.2", "0125,,,2026-06-01")

    assert found(await taken(training, *lines)) == (2, 0, 1)
    assert found(await taken(training, *lines)) == (0, 0, 3)

    rows = await completions_of(training)
    assert [(row["completed_on"], row["source"]) for row in rows] == [
        (date(2026, 6, 1), "imported"),
        (date(2026, 6, 2), "imported"),
    ]


async def test_h5_a_file_has_one_completion_for_each_fiscal_year(sections: list[int]) -> None:
    await loaded(MEGUMI.replace("2026-04-01", "2025-04-01"))
    training = (await factories.make_staff_training(first_on=date(2025, 4, 1))).id
    lines = ("0125,,,2026-05-01", "0125,,,2026-04-01", "0125,,,2026-03-31")

    assert found(await taken(training, *lines)) == (2, 0, 1)
    assert found(await taken(training, *lines)) == (0, 0, 3)

    rows = await completions_of(training)
    assert [row["completed_on"] for row in rows] == [date(2026, 3, 31), date(2026, 4, 1)]


async def test_f3_one_wrong_completion_and_none_is_taken_in(sections: list[int]) -> None:
    await loaded(MEGUMI)
    training = (await factories.make_staff_training()).id

    result = await taken(
        training,
        "0125,,,2026-06-01",
        "9999,,,2026-06-01",
        "0125,,,2026-03-31",
        "0125,,,2026-12-01",
        "0125,,,きのう",
        ",鈴木愛,,2026-06-01",
    )

    assert [(row, column) for row, column, _value, _words in said(result)] == [
        (3, "職員番号"),
        (4, "受講日"),
        (5, "受講日"),
        (6, "受講日"),
        (7, "職員番号"),
    ]
    assert await StaffCompletion.count() == 0


async def test_a_completion_taken_back_here_does_not_come_again(sections: list[int]) -> None:
    await loaded(MEGUMI)
    training = (await factories.make_staff_training()).id
    await taken(training, "0125,,,2026-06-01")
    [row] = await completions_of(training)
    await rules.void(row["id"], "人違い", by=ICT)

    [(_row, _column, _value, words)] = said(await taken(training, "0125,,,2026-06-01"))
    assert "taken back here" in words


async def test_h5_a_file_for_a_dated_training_names_a_day_on_which_it_met(
    sections: list[int],
) -> None:
    await factories.make_staff_member(sections[0], number="77", employment=Employment.contracted)
    course = (await factories.make_course(kind="staff_training", listed=False)).id
    training = await factories.make_staff_training(
        kind=StaffTrainingKind.dated, address="", course=course
    )

    [(_row, column, _value, words)] = said(await taken(training.id, "77,,,2026-06-01"))
    assert (column, "did not meet" in words) == ("受講日", True)


async def test_an_unreadable_file_is_refused(sections: list[int]) -> None:
    for content in (b"\x00\x01\x02", b"PK\x03\x04broken", "氏名\n田中".encode()):
        with pytest.raises(Refused):
            await counter_staff.load(content, by=ICT)


@pytest.mark.engine("sqlite")
async def test_the_command_takes_both_files_in(sections: list[int], database: Database) -> None:
    training = (await factories.make_staff_training()).id
    folder = Path(database.url.removeprefix("sqlite:///")).parent
    members, done = folder / "staff.csv", folder / "done.csv"
    members.write_text(f"{HEADINGS}\n{MEGUMI}\n")
    done.write_text(f"{TAKEN}\n0125,,,2026-06-01\n")
    completed = ("import", "completions", str(training), str(done))

    checked = await run_command(database.url, "import", "counter-staff", str(members), "--check")
    assert "Nothing was taken in" in checked
    assert "new: 1" in await run_command(database.url, "import", "counter-staff", str(members))
    assert "new: 1" in await run_command(database.url, *completed)
    assert "new: 0, changed: 0, unchanged: 1" in await run_command(database.url, *completed)


async def test_a_completion_is_never_somebody_elses(sections: list[int]) -> None:
    await loaded(MEGUMI, AI)
    training = (await factories.make_staff_training()).id

    [(_row, column, _value, words)] = said(await taken(training, "0125,鈴木愛,,2026-06-01"))
    assert (column, "another name" in words) == ("職員番号", True)
    [(_row, column, _value, words)] = said(
        await taken(training, "0999,鈴木愛,すずきあい,2026-06-01")  # she has no number here
    )
    assert (column, "nobody like this" in words) == ("職員番号", True)
    assert await StaffCompletion.count() == 0

    known = ("0125,田中　恵,,2026-06-01", ",鈴木愛,すずきあい,2026-06-01")
    assert found(await taken(training, *known)) == (2, 0, 0)


@pytest.mark.parametrize(
    ("line", "column"),
    [
        (MEGUMI.replace("たなかめぐみ", "㍍" * 80), "ふりがな"),
        (MEGUMI.replace("0125", "㌔" * 11), "職員番号"),
    ],
)
async def test_f3_what_is_too_long_once_written_plainly_is_wrong(
    sections: list[int], line: str, column: str
) -> None:
    [(_row, wrong, _value, _words)] = said(await loaded(line))

    assert wrong == column
    assert await StaffMember.count() == 0
