"""H1, H2: what a desk logs and refuses, pressed as a form and by its own script."""

from collections.abc import Awaitable, Callable
from datetime import date, datetime, time, timedelta

import httpx
import pytest

from server import clock
from server.helpdesk.tables import Desk
from server.roles import Role
from server.topics import topics
from server.topics.tables import Topic
from tests import factories
from tests.classes.staff_cast import ICT
from tests.databases import Database
from tests.helpdesk.desk_cast import SCRIPT, called_back, entered, press, tapped
from tests.statements import counted

ClientAs = Callable[..., Awaitable[httpx.AsyncClient]]


@pytest.fixture(autouse=True)
async def here(database: Database, frozen_now: datetime) -> None:
    """Saturday 21 November 2026, 10 in the morning, for every test here."""
    await factories.make_municipality()


@pytest.fixture
async def desk() -> Desk:
    return await factories.make_desk(name="本庁相談窓口", phone_minutes=12)


@pytest.fixture
async def topic() -> Topic:
    return await factories.make_topic(name="写真・動画")


async def test_h1_three_taps_are_a_contact(client_as: ClientAs, desk: Desk, topic: Topic) -> None:
    mari = await client_as(Role.helpdesk)

    answer = await press(mari, desk, tapped(topic))

    assert answer.status_code == 303
    assert answer.headers["location"] == f"/staff/desks/{desk.id}?done=saved"
    [contact] = await entered()
    assert (contact["topic"], contact["channel"], contact["outcome"], contact["minutes"]) == (
        topic.id,
        "phone",
        "answered",
        12,
    )
    assert (contact["note"], contact["person"], contact["hour"]) == ("", None, 10)


@pytest.mark.parametrize(
    ("typed", "status"),
    [
        ({"topic": ""}, 422),
        ({"outcome": "gone"}, 422),
        ({"channel": ""}, 422),
        ({"submission": "short"}, 422),
        ({"minutes_other": "-1"}, 422),
        ({"minutes_other": "1441"}, 422),
        ({"on": "2026-11-22"}, 409),
        ({"on": "2024-11-22"}, 409),
        ({"at": "10:01"}, 409),
        ({"on": "0001-01-01", "at": "00:00"}, 422),
        ({"on": "9999-12-31"}, 422),
        ({"waited": str(15 * 86400)}, 422),
        ({"waited": "9" * 40}, 422),
        ({"note": "1234 5678 9018"}, 409),
        ({"note": "あ" * 4001}, 422),
        ({"topic": "2000000"}, 409),
        ({"topic": "x' OR 1"}, 409),
        ({"district": "2000000"}, 409),
        ({"procedure": "99999999999"}, 409),
        ({"article": "12"}, 409),
    ],
)
async def test_h1_what_cannot_be_is_refused_and_what_was_typed_is_kept(
    client_as: ClientAs, desk: Desk, topic: Topic, typed: dict[str, str], status: int
) -> None:
    mari = await client_as(Role.helpdesk)
    known = tapped(topic) | {"age_band": "70s", "note": "送り方がわからない", **typed}

    answer = await press(mari, desk, known)
    told = await press(mari, desk, known, **SCRIPT)

    assert (answer.status_code, told.status_code) == (status, status)
    assert "data-error-summary" in answer.text
    assert 'value="70s" checked' in answer.text
    assert known["note"] in answer.text
    assert told.json()["words"]
    assert await entered() == []


async def test_a_hostile_note_is_shown_as_words(
    client_as: ClientAs, desk: Desk, topic: Topic
) -> None:
    mari = await client_as(Role.helpdesk)
    hostile = "<script>alert(1)</script>"

    answer = await press(mari, desk, tapped(topic, note=hostile, minutes_other="-1"))

    assert hostile not in answer.text
    assert await entered() == []


async def test_h1_a_note_that_is_far_too_long_is_given_back(
    client_as: ClientAs, desk: Desk, topic: Topic
) -> None:
    mari = await client_as(Role.helpdesk)
    words = "あ" * 100_000

    answer = await press(mari, desk, tapped(topic, note=words))
    told = await press(mari, desk, tapped(topic, note=words), **SCRIPT)

    assert (answer.status_code, told.status_code) == (422, 422)
    assert words in answer.text
    assert "4000" in told.json()["words"]
    assert 'maxlength="4000"' in (await mari.get(f"/staff/desks/{desk.id}")).text


async def test_h1_back_dating_takes_a_day_with_or_without_its_hour(
    client_as: ClientAs, desk: Desk, topic: Topic
) -> None:
    mari = await client_as(Role.helpdesk)
    for number, typed in enumerate(
        ({"on": "2026-11-19"}, {"on": "2026-11-18", "at": "14:30"}, {"at": "09:05"})
    ):
        await press(mari, desk, tapped(topic, submission=f"press-000000000{number}", **typed))

    rows = await entered()

    assert [(row["contacted_on"], row["hour"]) for row in rows] == [
        (date(2026, 11, 19), None),
        (date(2026, 11, 18), 14),
        (date(2026, 11, 21), 9),
    ]


async def test_h1_today_without_its_hour_is_no_moment_to_come(
    client_as: ClientAs, desk: Desk, topic: Topic
) -> None:
    mari = await client_as(Role.helpdesk)
    await press(mari, desk, tapped(topic, on="2026-11-21"))
    await press(mari, desk, tapped(topic, submission="press-0000000002", on="2026-11-20"))

    rows = await entered()

    noon = clock.at(date(2026, 11, 20), time(12, 0))
    assert [row["contacted_at"] for row in rows] == [clock.now(), noon]
    assert [row["hour"] for row in rows] == [None, None]


async def test_h1_an_hour_is_of_the_day_on_which_it_was_typed(
    client_as: ClientAs, desk: Desk, topic: Topic
) -> None:
    mari = await client_as(Role.helpdesk)
    since_yesterday = str(20 * 3600)

    await press(mari, desk, tapped(topic, at="13:00", waited=since_yesterday), **SCRIPT)

    [contact] = await entered()
    assert contact["contacted_at"] == clock.at(date(2026, 11, 20), time(13, 0))


async def test_h1_a_wrong_clock_is_told_and_the_day_helps(
    client_as: ClientAs, desk: Desk, topic: Topic
) -> None:
    mari = await client_as(Role.helpdesk)
    years = tapped(topic, waited=str(9 * 365 * 86400))

    told = await press(mari, desk, years, **SCRIPT)
    with_day = await press(mari, desk, {**years, "on": "2026-11-19"}, **SCRIPT)

    assert (told.status_code, with_day.status_code) == (422, 201)
    assert "14" in told.json()["words"]
    [contact] = await entered()
    assert contact["contacted_on"] == date(2026, 11, 19)


async def test_h1_what_waited_counts_when_it_was_entered(
    client_as: ClientAs, desk: Desk, topic: Topic
) -> None:
    mari = await client_as(Role.helpdesk)

    answer = await press(mari, desk, tapped(topic, waited="7200"), **SCRIPT)

    assert answer.status_code == 201
    [contact] = await entered()
    assert contact["contacted_at"] == clock.now() - timedelta(hours=2)
    assert contact["recorded_at"] == clock.now()


async def test_h1_the_script_is_told_what_has_arrived(
    client_as: ClientAs, desk: Desk, topic: Topic
) -> None:
    mari = await client_as(Role.helpdesk)

    first = (await press(mari, desk, tapped(topic), **SCRIPT)).json()
    again = (await press(mari, desk, tapped(topic), **SCRIPT)).json()

    [contact] = await entered()
    assert (first["id"], first["count"]) == (contact["id"], 1)
    assert "写真・動画" in first["line"]
    assert again == first


async def test_a_contact_is_saved_with_five_statements(
    client_as: ClientAs, desk: Desk, topic: Topic
) -> None:
    mari = await client_as(Role.helpdesk)
    await press(mari, desk, tapped(topic), **SCRIPT)

    with counted() as sent:
        await press(mari, desk, tapped(topic, submission="press-0000000002"))
    with counted() as told:
        await press(mari, desk, tapped(topic, submission="press-0000000003"), **SCRIPT)

    own = [[each for each in all_ if '"municipality"' not in each] for all_ in (sent, told)]
    assert [len(each) for each in own] == [5, 5]


async def test_h2_a_topic_that_was_retired_overnight_keeps_what_was_typed(
    client_as: ClientAs, desk: Desk, topic: Topic
) -> None:
    mari = await client_as(Role.helpdesk)
    new = await factories.make_topic(name="写真とアルバム")
    await topics.merge(topic.id, new.id, version=1, by=ICT)

    answer = await press(mari, desk, tapped(topic, note="送り方がわからない"))

    assert answer.status_code == 409
    assert "写真とアルバム" in answer.text.split('<form id="desk"')[0]
    assert "送り方がわからない" in answer.text
    corrected = tapped(new, note="送り方がわからない")
    assert (await press(mari, desk, corrected)).status_code == 303


@pytest.mark.parametrize("field", ["minutes", "minutes_other"])
@pytest.mark.parametrize("minutes", ["-5", "−5", "abc", "1.5", "1441", "１４４１", "9" * 40])
async def test_h1_minutes_of_no_day_are_refused_beside_their_field(
    client_as: ClientAs, desk: Desk, topic: Topic, field: str, minutes: str
) -> None:
    mari = await client_as(Role.helpdesk)
    typed = tapped(topic, **{field: minutes})

    answer = await press(mari, desk, typed)
    told = await press(mari, desk, typed, **SCRIPT)

    assert (answer.status_code, told.status_code) == (422, 422)
    assert f'<a href="#{field}{"-0" if field == "minutes" else ""}">' in answer.text
    assert f'id="{field}-error"' in answer.text
    assert told.json()["field"] == field
    assert await entered() == []


@pytest.mark.parametrize("field", ["minutes", "minutes_other"])
@pytest.mark.parametrize(
    ("typed", "minutes"), [("", 12), ("　", 12), ("0", 0), ("１０", 10), ("1440", 1440)]
)
async def test_h1_minutes_are_whole_numbers_of_either_width_or_the_usual_ones(
    client_as: ClientAs, desk: Desk, topic: Topic, field: str, typed: str, minutes: int
) -> None:
    mari = await client_as(Role.helpdesk)

    await press(mari, desk, tapped(topic, **{field: typed}))

    assert [contact["minutes"] for contact in await entered()] == [minutes]


async def test_h3_a_booked_class_is_logged_with_its_booking_only(
    client_as: ClientAs, desk: Desk, topic: Topic
) -> None:
    mari = await client_as(Role.helpdesk)
    typed = tapped(topic, outcome="class_booked", note="送り方")

    answer = await press(mari, desk, typed)
    told = await press(mari, desk, typed, **SCRIPT)

    assert (answer.status_code, told.status_code) == (422, 422)
    assert "申し込まないときは" in told.json()["words"]
    assert "送り方" in answer.text
    assert await entered() == []


async def test_h1_a_my_number_is_told_beside_the_text_in_which_it_stands(
    client_as: ClientAs, desk: Desk, topic: Topic
) -> None:
    mari = await client_as(Role.helpdesk)

    for name, more in (("note", {}), ("about", called_back())):
        typed = tapped(topic, **more) | {name: "1234 5678 9018"}
        told = await press(mari, desk, typed, **SCRIPT)
        answer = await press(mari, desk, typed)

        assert (answer.status_code, told.json()["field"]) == (409, name)
        assert f'href="#{name}"' in answer.text
        assert f'id="{name}-error"' in answer.text
