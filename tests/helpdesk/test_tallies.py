"""H1: a paper tally is entered as totals, all or nothing, once, and taken back as a whole."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from datetime import date, datetime, timedelta
from typing import Any

import httpx
import pytest

from server import clock
from server.audit.tables import AuditEntry
from server.classes.tables import Booking
from server.database import writing
from server.database.engines import engine
from server.helpdesk import corrections, queries, tallies
from server.helpdesk.contacts import ContactFacts
from server.helpdesk.queries import ContactFilters
from server.helpdesk.tables import CallBack, Contact, Desk, HandOver
from server.refusals import Refused
from server.roles import Role
from server.topics import topics
from server.topics.tables import Topic
from tests import factories
from tests.classes.staff_cast import Staff
from tests.databases import Database
from tests.helpdesk.contact_cast import ADMINISTRATOR

ClientAs = Callable[..., Awaitable[httpx.AsyncClient]]
Numbers = dict[tuple[int, str], int]

MARI = Staff(id=7, roles=frozenset({Role.helpdesk}))
TARO = Staff(id=8, roles=MARI.roles)
FRIDAY = date(2026, 11, 20)
PRESS = "a-tally_of-40-characters-and-no-more-000"


@pytest.fixture(autouse=True)
async def now(database: Database, frozen_now: datetime) -> None:
    """Saturday 21 November 2026, 10 in the morning, for every test here."""
    await factories.make_municipality()


@pytest.fixture
async def desk() -> Desk:
    return await factories.make_desk(name="本庁相談窓口", counter_minutes=7)


@pytest.fixture
async def photos() -> Topic:
    return await factories.make_topic(name="写真・動画")


async def enter(
    desk: Desk, numbers: Numbers, on: date = FRIDAY, press: str = PRESS, by: Staff = MARI
) -> int:
    return await tallies.enter(desk.id, on, "counter", numbers, submission=press, by=by)


async def test_h1_each_number_is_a_row_that_counts_as_many(desk: Desk, photos: Topic) -> None:
    scams = await factories.make_topic(name="詐欺・安全な使い方")
    numbers = {(photos.id, "answered"): 12, (photos.id, "shown"): 3, (scams.id, "answered"): 1}

    assert await enter(desk, numbers) == 16

    rows = await Contact.select().order_by(Contact.id)
    assert {(row["topic"], row["outcome"]): row["number"] for row in rows} == numbers
    told = {
        (row["desk"], row["channel"], row["minutes"], row["hour"], row["tally"]) for row in rows
    }
    assert told == {(desk.id, "counter", 7, None, True)}
    assert {(row["contacted_on"], row["weekday"]) for row in rows} == {(FRIDAY, 5)}
    found, _more = await queries.listed(ContactFilters(q="詐欺"))
    assert [row["topic_name"] for row in found] == ["詐欺・安全な使い方"]


async def test_h1_all_or_nothing(desk: Desk, photos: Topic) -> None:
    gone = await factories.make_topic(name="古い分野", retired_on=FRIDAY)

    for numbers in (
        {},
        {(photos.id, "answered"): 2, (gone.id, "answered"): 1},
        {(photos.id, "answered"): 2, (photos.id, "shown"): 0},
        {(photos.id, "answered"): 2, (photos.id, "shown"): -3},
        {(photos.id, "answered"): 2, (photos.id, "shown"): 1000},
    ):
        with pytest.raises(Refused):
            await enter(desk, numbers)
    assert await Contact.count() == 0


async def test_h1_of_the_past_year_and_never_of_tomorrow(desk: Desk, photos: Topic) -> None:
    numbers = {(photos.id, "answered"): 2}
    for on in (clock.today() + timedelta(days=1), clock.today() - timedelta(days=367)):
        with pytest.raises(Refused):
            await enter(desk, numbers, on)

    await enter(desk, numbers, clock.today())

    [row] = await Contact.select()
    assert row["contacted_at"] == clock.now()  # noon has not come yet
    assert row["contacted_on"] == clock.today()


@pytest.mark.parametrize("at_once", [True, False])
async def test_h1_one_press_enters_one_tally(desk: Desk, photos: Topic, at_once: bool) -> None:
    numbers = {(photos.id, "answered"): 2, (photos.id, "shown"): 5}
    if at_once:
        totals = await asyncio.gather(*(enter(desk, numbers) for _ in range(6)))
    else:
        totals = [await enter(desk, numbers), await enter(desk, {(photos.id, "shown"): 9})]

    assert set(totals) == {7}
    assert await Contact.count() == 2
    assert await AuditEntry.count().where(AuditEntry.action == "tally.entered") == 1


async def test_p1_venue_staff_enter_those_of_their_building(photos: Topic) -> None:
    venue = await factories.make_venue()
    own = await factories.make_desk(venue=venue.id)
    other = await factories.make_desk(venue=(await factories.make_venue()).id)
    tomo = Staff(id=8, roles=frozenset({Role.venue}), venue_ids=frozenset({venue.id}))
    numbers = {(photos.id, "answered"): 2}

    with pytest.raises(Refused):
        await enter(other, numbers, by=tomo)

    assert await enter(own, numbers, by=tomo) == 2


async def test_t5_a_tally_is_taken_back_as_a_whole(desk: Desk, photos: Topic) -> None:
    numbers = {(photos.id, "answered"): 2, (photos.id, "shown"): 5}
    await enter(desk, numbers)
    await enter(desk, numbers, press="another-tally-01")

    assert await tallies.void(PRESS, "twice", by=MARI) == 7

    standing, _more = await queries.listed(ContactFilters())
    assert sum(row["number"] for row in standing) == 7
    assert await Contact.count() == 4
    assert await tallies.void(PRESS, "twice", by=MARI) == 7
    assert await AuditEntry.count().where(AuditEntry.action == "contact.voided") == 2
    with pytest.raises(Refused, match="taken back already"):
        await tallies.void(PRESS, "twice", by=TARO)


def grid(desk: Desk, numbers: dict[str, str], **more: str) -> dict[str, str]:
    """What the page sends; every other cell is empty."""
    return {"on": "2026-11-20", "channel": "counter", "submission": PRESS, **numbers, **more}


async def post(client: httpx.AsyncClient, desk: Desk, typed: dict[str, str]) -> httpx.Response:
    return await client.post(f"/staff/desks/{desk.id}/tally", data=typed)


async def test_h1_the_grid_is_entered_and_says_how_many(
    client_as: ClientAs, desk: Desk, photos: Topic
) -> None:
    mari = await client_as(Role.helpdesk)
    assert (
        f'name="n-{photos.id}-answered"' in (await mari.get(f"/staff/desks/{desk.id}/tally")).text
    )
    typed = {f"n-{photos.id}-answered": "１２", f"n-{photos.id}-shown": " 3 "}

    answer = await post(mari, desk, grid(desk, {**typed, f"n-{photos.id}-call_back": ""}))
    done = (await mari.get(answer.headers["location"])).text

    assert answer.status_code == 303
    assert "15件を登録しました。" in done
    assert f"/staff/contacts?desk={desk.id}&amp;first_on=2026-11-20" in done

    back = await mari.post(f"/staff/desks/{desk.id}/tally/undoing", data={"submission": PRESS})

    assert "15件を取り消しました。" in (await mari.get(back.headers["location"])).text
    again = await mari.post(f"/staff/desks/{desk.id}/tally/undoing", data={"submission": PRESS})
    assert (again.status_code, again.headers["location"]) == (303, back.headers["location"])
    other = await client_as(Role.helpdesk)
    late = await other.post(f"/staff/desks/{desk.id}/tally/undoing", data={"submission": PRESS})
    assert late.status_code == 409


@pytest.mark.parametrize("typed", ["-1", "1.5", "たくさん", "1000", "<script>"])
async def test_h1_what_is_no_number_is_kept_and_told(
    client_as: ClientAs, desk: Desk, photos: Topic, typed: str
) -> None:
    mari = await client_as(Role.helpdesk)
    numbers = {f"n-{photos.id}-answered": "4", f"n-{photos.id}-shown": typed}

    answer = await post(mari, desk, grid(desk, numbers))

    assert answer.status_code == 422
    assert 'value="4"' in answer.text
    assert "<script>" not in answer.text.split("<main")[1]
    assert await Contact.count() == 0


async def test_h1_a_topic_retired_under_an_open_page_loses_nothing(
    client_as: ClientAs, desk: Desk
) -> None:
    mari = await client_as(Role.helpdesk)
    gone = await factories.make_topic(name="古い分野", retired_on=FRIDAY)

    answer = await post(mari, desk, grid(desk, {f"n-{gone.id}-answered": "4"}))

    assert answer.status_code == 409
    assert 'value="4"' in answer.text
    assert await Contact.count() == 0


@pytest.mark.parametrize(
    ("more", "status"),
    [({}, 409), ({"on": "2026-11-22"}, 409), ({"on": ""}, 422), ({"channel": "pigeon"}, 422)],
)
async def test_h1_an_empty_grid_and_a_wrong_day_or_way_are_refused(
    client_as: ClientAs, desk: Desk, photos: Topic, more: dict[str, Any], status: int
) -> None:
    mari = await client_as(Role.helpdesk)
    numbers = {f"n-{photos.id}-answered": "4"} if more else {}

    assert (await post(mari, desk, grid(desk, numbers, **more))).status_code == status


async def test_t5_a_tally_of_another_desk_is_not_taken_back_here(
    client_as: ClientAs, desk: Desk, photos: Topic
) -> None:
    await enter(desk, {(photos.id, "answered"): 2})
    other = await factories.make_desk()
    mari = await client_as(Role.helpdesk)

    for press in (PRESS, "", "%"):
        answer = await mari.post(
            f"/staff/desks/{other.id}/tally/undoing", data={"submission": press}
        )
        assert answer.status_code == 404


async def test_t5_a_tally_is_taken_back_with_the_cells_that_were_corrected(
    client_as: ClientAs, desk: Desk, photos: Topic
) -> None:
    await enter(desk, {(photos.id, "answered"): 7, (photos.id, "shown"): 3})
    first = (await tallies.entered(PRESS))[0]
    facts = ContactFacts(desk.id, photos.id, "counter", "answered", minutes=12, hour_known=False)
    await corrections.correct(first["id"], facts, by=MARI)

    mari = await client_as(Role.helpdesk)
    page = await mari.get(f"/staff/desks/{desk.id}/tally", params={"entered": PRESS})
    assert "10" in page.text.split('role="status"')[1].split("</p>")[0]
    assert await tallies.void(PRESS, "twice", by=MARI) == 10

    assert await queries.listed(ContactFilters()) == ([], False)
    with pytest.raises(Refused, match="taken back already"):
        await tallies.void(PRESS, "twice", by=TARO)


async def test_p1_the_press_of_another_desk_says_nothing_of_its_tally(
    desk: Desk, photos: Topic
) -> None:
    await enter(desk, {(photos.id, "answered"): 7})

    with pytest.raises(Refused, match="another desk"):
        await enter(await factories.make_desk(), {(photos.id, "answered"): 1})


async def test_a_tally_is_found_by_the_index_of_its_presses(desk: Desk, photos: Topic) -> None:
    await enter(desk, {(photos.id, "answered"): 7})
    asked = tallies._ENTERED.replace("{}", "'~tally-0'")

    if engine().engine_type == "sqlite":
        plan = await Contact.raw(f"EXPLAIN QUERY PLAN {asked}")
        assert [row for row in plan if "SCAN contact" in row["detail"]] == []


async def test_h1_a_tally_begins_with_the_way_of_its_desk(client_as: ClientAs, desk: Desk) -> None:
    mari = await client_as(Role.helpdesk)
    venue = await factories.make_venue()
    of_building = await factories.make_desk(venue=venue.id)

    for each, channel in ((desk, "phone"), (of_building, "counter")):
        words = (await mari.get(f"/staff/desks/{each.id}/tally")).text
        assert re.findall(r'name="channel"[^>]* value="(\w+)" checked', words) == [channel]


async def test_h3_a_tally_counts_no_class_booked_for_each_has_a_booking(
    client_as: ClientAs, desk: Desk, photos: Topic
) -> None:
    mari = await client_as(Role.helpdesk)
    cell = f"n-{photos.id}-class_booked"
    page = (await mari.get(f"/staff/desks/{desk.id}/tally")).text

    answer = await post(mari, desk, grid(desk, {cell: "3", f"n-{photos.id}-shown": "4"}))

    assert f'name="{cell}"' not in page
    assert "教室の申込" in page
    assert answer.status_code == 409
    assert f'name="{cell}" value="3"' in answer.text
    assert await Contact.count() == 0


async def test_h3_what_a_tally_said_of_booked_classes_before_stays(
    desk: Desk, photos: Topic
) -> None:
    await enter(desk, {(photos.id, "answered"): 3})
    async with writing():
        await Contact.update({Contact.outcome: "class_booked"}, force=True)
    [row] = await Contact.select()
    facts = ContactFacts(desk.id, photos.id, "phone", "class_booked", hour_known=False)

    assert await enter(desk, {(photos.id, "class_booked"): 3}) == 3  # the same press again
    new = await corrections.correct(row["id"], facts, by=MARI)

    assert (new["outcome"], new["number"], new["channel"]) == ("class_booked", 3, "phone")


async def test_h2_a_topic_retired_today_is_in_the_tally_of_yesterday(
    desk: Desk, photos: Topic
) -> None:
    today = clock.today()
    await topics.retire(photos.id, today, version=1, by=ADMINISTRATOR)

    with pytest.raises(Refused, match="no longer offered"):
        await enter(desk, {(photos.id, "answered"): 2}, today)

    assert await enter(desk, {(photos.id, "answered"): 2}, today - timedelta(days=1)) == 2


@pytest.mark.parametrize("more", [{}, {"on": ""}])
async def test_h1_at_a_desk_taken_out_of_use_meanwhile_the_grid_stays(
    client_as: ClientAs, desk: Desk, photos: Topic, more: dict[str, str]
) -> None:
    mari = await client_as(Role.helpdesk)
    async with writing():
        await Desk.update({Desk.archived_at: clock.now()}).where(Desk.id == desk.id)

    answer = await post(mari, desk, grid(desk, {f"n-{photos.id}-answered": "17"}, **more))

    assert answer.status_code == (422 if more else 409)
    assert 'value="17"' in answer.text
    assert more or "いまは使われていません" in answer.text
    assert await Contact.count() == 0


async def test_h1_a_grid_larger_than_any_is_refused(client_as: ClientAs, desk: Desk) -> None:
    mari = await client_as(Role.helpdesk)
    cells = {f"n-{topic_id}-answered": "1" for topic_id in range(1, tallies.MOST_CELLS + 2)}

    answer = await post(mari, desk, grid(desk, cells))

    assert answer.status_code == 409
    assert await Contact.count() == 0


async def test_h1_nothing_of_one_person_hangs_on_a_tally(
    client_as: ClientAs, desk: Desk, photos: Topic
) -> None:
    mari = await client_as(Role.helpdesk)
    tally = await factories.make_contact(
        desk=desk.id, topic=photos.id, number=12, tally=True, hour=None
    )
    section, session = await factories.make_section(), await factories.make_class_session(seats=5)
    path = f"/staff/contacts/{tally.id}"
    hanako = {"name": "山田花子", "reading": "やまだはなこ", "phone": "059-000-0123"}
    sent: dict[str, dict[str, Any]] = {
        "call-backs": {**hanako, "due": "2026-11-24T03:00:00+00:00", "owner": ""},
        "hand-overs": {"section": section.id, "question": "いつからですか"},
        "bookings": {**hanako, "device": "none", "age_band": "70s", "book": session.course},
    }

    answers = [
        await mari.post(f"{path}/{kind}", data={**typed, "submission": f"press-of-{kind}"})
        for kind, typed in sent.items()
    ]
    opened = [
        await mari.get(f"{path}/{page}") for page in ("call-backs/new", "hand-overs/new", "booking")
    ]

    assert [answer.status_code for answer in answers] == [409] * 3
    assert all("紙の集計からは" in answer.text for answer in answers)
    assert [answer.headers.get("location") for answer in opened] == [path] * 3
    assert [await each.count() for each in (CallBack, HandOver, Booking)] == [0] * 3


async def test_p1_a_tally_of_another_desk_is_not_shown(
    client_as: ClientAs, desk: Desk, photos: Topic
) -> None:
    section = await factories.make_section()
    own = await factories.make_desk(section=section.id)
    await enter(desk, {(photos.id, "answered"): 17})
    coordinator = await client_as(Role.coordinator, section=section.id)
    helpdesk = await client_as(Role.helpdesk)

    there = await helpdesk.get(f"/staff/desks/{desk.id}/tally?entered={PRESS}")
    here = await coordinator.get(f"/staff/desks/{own.id}/tally?entered={PRESS}")

    assert [answer.status_code for answer in (there, here)] == [200, 200]
    assert ["17件" in answer.text for answer in (there, here)] == [True, False]
    assert ["/tally/undoing" in answer.text for answer in (there, here)] == [True, False]
