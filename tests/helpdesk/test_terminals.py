"""H7: terminals, their use by taps, and what it adds up to."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import date, time, timedelta
from html import unescape
from typing import Any

import httpx
import pytest

from server import clock
from server.audit.tables import AuditEntry
from server.helpdesk import terminals, uses
from server.helpdesk.tables import HelpedBy, Terminal, TerminalUse
from server.helpdesk.terminals import TerminalFacts
from server.helpdesk.uses import By, UseFacts
from server.refusals import Refused, Stale
from server.roles import Role
from tests import factories
from tests.classes.staff_cast import ICT, Staff
from tests.databases import Database
from tests.statements import counted

ClientAs = Callable[..., Awaitable[httpx.AsyncClient]]
PRESS = "press-0000000001"
ADMINISTRATOR = Staff(roles=frozenset({Role.administrator}))
HELPDESK = Staff(roles=frozenset({Role.helpdesk}))


@pytest.fixture(autouse=True)
async def here(database: Database, frozen_now: object) -> None:
    await factories.make_municipality()


async def facts(**changed: Any) -> TerminalFacts:
    if "venue_id" not in changed:
        changed["venue_id"] = (await factories.make_venue()).id
    return TerminalFacts(**{"name": "玄関の端末", "placed_on": date(2026, 4, 1), **changed})


def use(terminal: Terminal, **changed: Any) -> UseFacts:
    plain = {"finished": True, "minutes": 15, "helped_by": HelpedBy.staff}
    return UseFacts(**{"terminal_id": terminal.id, **plain, **changed})


async def log(terminal: Terminal, press: str = PRESS, by: Staff = ICT, **changed: Any) -> Any:
    return await uses.log(use(terminal, **changed), submission=press, by=by)


async def test_h7_a_terminal_is_registered_changed_and_taken_away() -> None:
    known = await facts(number="T-1")
    terminal_id = await terminals.create(known, by=ADMINISTRATOR)
    gone = await facts(venue_id=known.venue_id, number="T-1", removed_on=clock.today())
    await terminals.edit(terminal_id, gone, version=1, by=ICT)

    terminal = await terminals.get(terminal_id)
    assert terminal is not None
    assert (terminal["in_use"], terminal["version"]) == (False, 2)
    await terminals.edit(terminal_id, gone, version=2, by=ICT)  # nothing changed
    assert await AuditEntry.count().where(AuditEntry.subject == "terminal") == 2
    with pytest.raises(Stale):
        await terminals.edit(terminal_id, known, version=1, by=ICT)


async def test_h7_what_a_register_cannot_hold_is_refused() -> None:
    await terminals.create(await facts(number="T-1"), by=ICT)
    archived = await factories.make_venue(archived_at=clock.now())

    for wrong, words in (
        ({"number": "T-1"}, "number"),
        ({"removed_on": date(2026, 3, 31)}, "taken away"),
        ({"venue_id": archived.id}, "venue"),
    ):
        with pytest.raises(Refused, match=words):
            await terminals.create(await facts(**wrong), by=ICT)
    await terminals.create(await facts(), by=ICT)
    await terminals.create(await facts(), by=ICT)  # two without a number
    with pytest.raises(Refused, match="administrators"):
        await terminals.create(await facts(), by=HELPDESK)


async def test_h7_a_use_is_logged_once_however_often_it_is_tapped() -> None:
    terminal = await factories.make_terminal()
    one, two = await asyncio.gather(log(terminal), log(terminal))

    assert one["id"] == two["id"] == (await log(terminal))["id"]
    assert await TerminalUse.count() == 1
    assert (one["used_on"], one["recorded_by"]) == (clock.today(), ICT.id)


async def test_h7_what_cannot_have_been_is_refused() -> None:
    gone = await factories.make_terminal(removed_on=clock.today())
    terminal = await factories.make_terminal()
    retired = await factories.make_procedure(retired_on=clock.today())
    now = clock.now()

    for where, wrong, words in (
        (terminal, {"minutes": -1}, "Minutes"),
        (terminal, {"minutes": 1441}, "Minutes"),
        (terminal, {"used_at": now + timedelta(minutes=1)}, "future"),
        (terminal, {"used_at": now - timedelta(days=367)}, "more than a year"),
        (terminal, {"used_at": now - timedelta(days=300)}, "did not stand there"),
        (terminal, {"procedure_id": retired.id}, "no longer offered"),
        (terminal, {"procedure_id": 987654}, "no such procedure"),
        (gone, {}, "did not stand there"),
    ):
        with pytest.raises(Refused, match=words):
            await log(where, **wrong)
    assert await TerminalUse.count() == 0
    await log(gone, used_at=now - timedelta(days=1))
    await log(terminal, f"{PRESS}-2", procedure_id=retired.id, used_at=now - timedelta(days=1))


async def test_p1_venue_staff_log_in_their_building_only() -> None:
    terminal = await factories.make_terminal()
    own = Staff(roles=frozenset({Role.venue}), venue_ids=frozenset({int(terminal.venue)}))
    other = Staff(roles=frozenset({Role.venue}))
    logged = await log(terminal, by=own)

    with pytest.raises(Refused, match="another building"):
        await log(terminal, f"{PRESS}-2", by=other)
    with pytest.raises(Refused, match="another building"):
        await uses.void(logged["id"], by=other)


async def test_t5_a_use_that_is_taken_back_stays_and_counts_no_more() -> None:
    terminal = await factories.make_terminal()
    logged = await log(terminal)
    await log(terminal, f"{PRESS}-2")
    await uses.void(logged["id"], by=ICT)
    await uses.void(logged["id"], by=ICT)

    assert await TerminalUse.count() == 2
    assert await uses.counts_since(clock.today()) == {terminal.id: 1}
    assert len(await uses.rows(clock.today(), clock.today())) == 1
    assert await AuditEntry.count().where(AuditEntry.action == "terminal.use_voided") == 1


async def test_t5_h7_totals_and_the_rows_behind_them_agree() -> None:
    one, two = await factories.make_terminal(), await factories.make_terminal()
    newer = await factories.make_procedure(name="住民票")
    older = await factories.make_procedure(merged_into=newer.id, retired_on=clock.today())
    before = clock.now() - timedelta(days=40)
    await log(one, "press-000000000011", procedure_id=newer.id, minutes=5)
    await log(one, "press-000000000012", procedure_id=older.id, used_at=before, finished=False)
    await log(two, "press-000000000013", helped_by=HelpedBy.nobody)
    found = await uses.rows(date(2026, 4, 1), date(2027, 3, 31))

    for by in By:
        lines = uses.fold(by, found)
        assert sum(line["number"] for line in lines) == 3
        for line in lines:
            behind = [row for row in found if uses.key_of(by, row) == line["key"]]
            assert uses.summed(behind) == {name: line[name] for name in uses.summed([])}
    assert [(line["key"], line["number"]) for line in uses.fold(By.month, found)] == [
        ("2026-10", 1),
        ("2026-11", 2),
    ]
    assert [
        (line["name"], line["number"], line["finished"]) for line in uses.fold(By.procedure, found)
    ] == [
        ("住民票", 2, 1),
        ("", 1, 1),
    ]


async def test_h7_three_taps_log_a_use_and_one_takes_it_back(client_as: ClientAs) -> None:
    terminal = await factories.make_terminal()
    client = await client_as(Role.venue, venue=terminal.venue)
    path = f"/staff/terminals/{terminal.id}/uses"
    shown = await client.get(path)
    key = shown.text.split('name="submission"')[1].split('value="')[1].split('"')[0]
    chosen = re.findall(r'name="(\w+)" value="(\w+)" checked', shown.text)
    assert chosen == [("minutes", "15")]  # nothing of what only she can know
    tapped = {"finished": "n", "minutes": "30", "helped_by": "supporter", "submission": key}

    for _ in range(2):
        answer = await client.post(path, data=tapped)
        assert answer.status_code == httpx.codes.SEE_OTHER, answer.text
    [row] = await TerminalUse.select()
    assert (row["finished"], row["minutes"], row["helped_by"]) == (False, 30, "supporter")
    undone = await client.post(f"{path}/{row['id']}/undoing")
    assert undone.status_code == httpx.codes.SEE_OTHER
    assert await uses.counts_since(clock.today()) == {}
    assert "data-undone" in (await client.get(path)).text


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        ({"minutes_other": "1441"}, 422),
        ({"minutes_other": "-1"}, 422),
        ({"minutes": "many"}, 422),
        ({"minutes": ""}, 422),
        ({"helped_by": "a neighbour"}, 422),
        ({"helped_by": ""}, 422),
        ({"finished": ""}, 422),
        ({"finished": "perhaps"}, 422),
        ({"on": "2026-11-22"}, 409),
        ({"on": "2026-11-21", "at": "10:01"}, 409),
        ({"on": "0001-01-01", "at": "00:00"}, 422),
        ({"procedure": "x"}, 409),
    ],
)
async def test_h7_what_is_no_use_is_said(
    client_as: ClientAs, wrong: dict[str, str], status: int
) -> None:
    terminal, client = await factories.make_terminal(), await client_as(Role.helpdesk)
    tapped = {"finished": "y", "minutes": "15", "helped_by": "nobody", "submission": PRESS}
    answer = await client.post(f"/staff/terminals/{terminal.id}/uses", data=tapped | wrong)

    assert answer.status_code == status


@pytest.mark.parametrize(
    ("said", "used_at"),
    [
        ({"on": "2026-11-21"}, time(10, 0)),  # before noon today is no later than now
        ({"on": "2026-11-20"}, time(12, 0)),
        ({"on": "2026-11-20", "at": "16:30"}, time(16, 30)),
        ({"at": "09:00"}, time(9, 0)),
    ],
)
async def test_h7_a_use_logged_later_has_its_moment(
    client_as: ClientAs, said: dict[str, str], used_at: time
) -> None:
    terminal, client = await factories.make_terminal(), await client_as(Role.helpdesk)
    tapped = {"finished": "y", "minutes": "15", "helped_by": "nobody", "submission": PRESS}
    answer = await client.post(f"/staff/terminals/{terminal.id}/uses", data=tapped | said)

    assert answer.status_code == httpx.codes.SEE_OTHER, answer.text
    day = date.fromisoformat(said.get("on", "2026-11-21"))
    [row] = await TerminalUse.select()
    assert row["used_at"] == clock.at(day, used_at)


async def test_p1_a_terminal_of_another_building_is_closed(client_as: ClientAs) -> None:
    terminal, client = await factories.make_terminal(), await client_as(Role.venue)
    section = (await factories.make_section()).id
    other = await client_as(Role.coordinator, section=section)
    path = f"/staff/terminals/{terminal.id}"

    assert (await client.get(f"{path}/uses")).status_code == 403
    assert (await other.get(f"{path}/edit")).status_code == 403
    assert (await other.get(f"{path}/uses")).status_code == 200
    assert f'href="{path}/uses"' not in (await client.get("/staff/terminals")).text


async def test_h7_the_register_by_its_pages(client_as: ClientAs) -> None:
    venue, client = await factories.make_venue(), await client_as(Role.administrator)
    typed = {"name": "玄関の端末", "number": "T-9", "venue": str(venue.id), "place": "1階"}
    typed |= {"placed_on": "2026-04-01"}
    assert (await client.post("/staff/terminals/new", data=typed)).status_code == 303
    again = await client.post("/staff/terminals/new", data=typed)
    assert (again.status_code, "備品番号の端末" in again.text) == (409, True)
    nothing = await client.post("/staff/terminals/new", data={})
    assert nothing.status_code == 422

    [row] = await Terminal.select()
    path = f"/staff/terminals/{row['id']}/edit"
    assert 'value="T-9"' in (await client.get(path)).text
    saved = await client.post(path, data=typed | {"place": "2階", "version": "1"})
    assert saved.status_code == 303
    both = await client.post(path, data=typed | {"place": "3階", "version": "1", "opened": "{}"})
    assert both.status_code == 409
    assert "2階" in both.text
    assert "3階" in both.text


async def test_h7_the_totals_have_a_rate_and_hours_as_their_lines_do(client_as: ClientAs) -> None:
    one, two = await factories.make_terminal(), await factories.make_terminal()
    client = await client_as(Role.helpdesk)
    for number, terminal in enumerate((one, one, two)):
        await log(terminal, f"{PRESS}-{number}", finished=number > 0, minutes=50)

    shown = (await client.get("/staff/terminals/totals")).text
    lines, total = shown.split("<tfoot>")

    assert ("50.0%" in lines, "100.0%" in lines) == (True, True)
    assert "1時間40分" in lines
    assert "66.7%" in total
    assert "2時間30分" in total


async def test_where_nothing_is_tapped_it_is_asked_for(client_as: ClientAs) -> None:
    terminal, client = await factories.make_terminal(), await client_as(Role.helpdesk)

    answer = await client.post(f"/staff/terminals/{terminal.id}/uses", data={"minutes": "15"})

    assert answer.status_code == 422
    assert answer.text.count("どれか一つを選んでください。") == 4  # two fields, and above them all


@pytest.mark.parametrize("by", list(By))
async def test_t5_every_figure_opens_its_uses(client_as: ClientAs, by: By) -> None:
    one, two = await factories.make_terminal(), await factories.make_terminal()
    client = await client_as(Role.helpdesk)
    procedure = await factories.make_procedure()
    may = clock.at(date(2026, 5, 1), time(10))
    await log(one, procedure_id=procedure.id)
    await log(one, f"{PRESS}-2", used_at=may)
    await log(two, f"{PRESS}-3", used_at=may)
    gone = await log(two, f"{PRESS}-4")
    await uses.void(gone["id"], by=ICT)
    path = f"/staff/terminals/totals?by={by}"
    shown = (await client.get(path)).text

    assert "<h2>令和8年度</h2>" in shown  # paper does not show what was picked above
    figures = re.findall(
        r'<th scope="row">([^<]*)</th>\s*<td class="right number">'
        r'<a href="/staff/terminals/totals\?([^"#]*)#behind">(\d+)',
        shown,
    )
    assert sorted(number for _, _, number in figures) == ["1", "2"]
    for words, address, number in figures:
        asked = unescape(address)
        behind = (await client.get(f"/staff/terminals/totals?{asked}")).text.split('id="behind"')[1]
        assert f'id="behind-title">この数字の内訳: {words}</h2>' in behind
        assert behind.count('<th scope="row"') == int(number)
        assert await lines_of(client, asked) == 1 + int(number)
    assert await lines_of(client, f"by={by}") == 1 + 2 + 1  # headings, both lines, their sum
    assert (await client.get("/staff/terminals/totals?by=x&year=y&key=z")).status_code == 200


async def lines_of(client: httpx.AsyncClient, asked: str) -> int:
    """How many lines the file of these totals, or of one figure's uses, has."""
    book = await client.get(f"/staff/terminals/totals/file?{asked}&format=xlsx")
    assert book.content.startswith(b"PK")
    sheet = await client.get(f"/staff/terminals/totals/file?{asked}&format=csv")
    return len(sheet.content.decode("utf-8-sig").splitlines())


async def test_the_file_of_totals_ends_with_their_sum(client_as: ClientAs) -> None:
    terminal, client = await factories.make_terminal(), await client_as(Role.helpdesk)
    for number, minutes in enumerate((10, 25)):
        await log(terminal, f"{PRESS}-{number}", finished=number > 0, minutes=minutes)

    sheet = await client.get("/staff/terminals/totals/file?by=terminal&format=csv")

    assert sheet.content.decode("utf-8-sig").splitlines()[-1] == "合計,2,1,50.0%,0,35"


async def test_a_use_taken_back_says_so_as_its_button_does(client_as: ClientAs) -> None:
    terminal, client = await factories.make_terminal(), await client_as(Role.helpdesk)
    logged = await log(terminal)
    path = f"/staff/terminals/{terminal.id}/uses"
    assert "取り消す" in (await client.get(path)).text

    await client.post(f"{path}/{logged['id']}/undoing")

    shown = (await client.get(path)).text
    assert ("取り消し済み" in shown, "取下げ" in shown) == (True, False)


async def test_the_list_takes_as_many_statements_for_thirty_as_for_one(client_as: ClientAs) -> None:
    client = await client_as(Role.helpdesk)
    numbers = []
    for more in (1, 29):
        venue = await factories.make_venue()
        for _ in range(more):
            await factories.make_terminal(venue=venue.id)
        await client.get("/staff/terminals")
        with counted() as sent:
            await client.get("/staff/terminals")
        numbers.append(len(sent))

    assert numbers[0] == numbers[1]


async def test_p1_a_terminal_that_was_used_stays_in_its_building() -> None:
    known = await facts()
    terminal_id = await terminals.create(known, by=ICT)
    moved = await facts(name=known.name)
    await terminals.edit(terminal_id, moved, version=1, by=ICT)  # nothing was logged yet
    tapped = UseFacts(terminal_id, True, 15, HelpedBy.staff)
    await uses.log(tapped, submission=PRESS, by=ICT)

    with pytest.raises(Refused, match="stays there"):
        await terminals.edit(terminal_id, known, version=2, by=ICT)
    await terminals.edit(terminal_id, replace(moved, name="奥の端末"), version=2, by=ICT)


@pytest.mark.parametrize("field", ["name", "place"])
async def test_h1_a_terminal_holds_no_my_number(client_as: ClientAs, field: str) -> None:
    said: dict[str, Any] = {field: "1234-5678-9018"}
    known = replace(await facts(), **said)
    with pytest.raises(Refused, match=f"The {field} holds a My Number"):
        await terminals.create(known, by=ICT)
    administrator = await client_as(Role.administrator)
    typed = {"name": "端末", "venue": str(known.venue_id), "placed_on": "2026-04-01"}

    answer = await administrator.post("/staff/terminals/new", data=typed | {field: "123456789018"})

    assert answer.status_code == 409
    assert f'href="#{field}"' in answer.text


async def test_h7_the_same_press_at_another_terminal_is_refused(client_as: ClientAs) -> None:
    one, two = await factories.make_terminal(), await factories.make_terminal()
    client = await client_as(Role.helpdesk)
    tapped = {"finished": "y", "minutes": "15", "helped_by": "nobody", "submission": PRESS}
    uses_of = [f"/staff/terminals/{each.id}/uses" for each in (one, two)]

    first, other = [await client.post(path, data=tapped) for path in uses_of]

    assert (first.status_code, other.status_code) == (303, 409)
    assert "別の端末" in other.text
    assert await TerminalUse.count() == 1


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"removed_on": "2026-05-01"}, "removed_on"),
        ({"removed_on": "2026-11-20"}, "removed_on"),
        ({"placed_on": "2026-11-21"}, "placed_on"),
    ],
)
async def test_t5_a_terminal_stood_there_on_the_days_on_which_it_was_used(
    client_as: ClientAs, changed: dict[str, str], field: str
) -> None:
    terminal, client = await factories.make_terminal(), await client_as(Role.administrator)
    gone = await log(terminal, f"{PRESS}-2")
    await uses.void(gone["id"], by=ICT)  # what was taken back does not matter
    await log(terminal, used_at=clock.now() - timedelta(days=1))
    typed = {"name": "端末", "venue": str(terminal.venue), "placed_on": "2026-04-01"}
    path = f"/staff/terminals/{terminal.id}/edit"

    answer = await client.post(path, data={**typed, "version": "1", **changed})

    assert answer.status_code == 409
    assert f'href="#{field}"' in answer.text
    assert "令和8年11月20日" in answer.text
    days = {"placed_on": "2026-11-20", "removed_on": "2026-11-21"}
    assert (await client.post(path, data={**typed, "version": "1", **days})).status_code == 303
