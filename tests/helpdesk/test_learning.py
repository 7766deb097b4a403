"""H2, H6, T5: a quarter of contacts counted by hand; every figure is what its rows add up to."""

from collections.abc import Awaitable, Callable
from datetime import date, datetime
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest

from server import clock
from server.helpdesk import counting, learning, trends
from server.helpdesk.learning import Dimension
from server.helpdesk.routes import learning_forms
from tests import factories
from tests.databases import Database
from tests.helpdesk.quarter import (
    DAYS,
    Quarter,
    called_back,
    contact,
    handed_on,
    japan,
    quarter,
    voided,
)
from tests.statements import counted

ClientAs = Callable[..., Awaitable[httpx.AsyncClient]]
Row = dict[str, Any]
Figure = tuple[Any, int, int, int]


@pytest.fixture(autouse=True)
async def now(database: Database, frozen_now: datetime) -> None:
    """Saturday 21 November 2026, 10 in the morning, for every test here."""


def figures(rows: list[Row]) -> list[Figure]:
    return [(row["key"], row["number"], row["solved"], row["minutes"]) for row in rows]


def expected(who: Quarter) -> dict[Dimension, list[Figure]]:
    """Key, number, solved at once, minutes: by hand from the ten contacts of the cast."""
    july, august, september = date(2026, 7, 1), date(2026, 8, 1), date(2026, 9, 1)
    return {
        Dimension.topic: [(who.procedures, 16, 14, 111), (who.photos, 3, 2, 23)],
        Dimension.procedure: [
            (who.form, 3, 2, 45),
            (who.tax, 1, 0, 30),
            (None, 15, 14, 59),
        ],
        Dimension.stuck: [
            ("finding", 0, 0, 0),
            ("identity", 2, 1, 25),
            ("entering", 1, 1, 20),
            ("attaching", 0, 0, 0),
            ("paying", 1, 0, 30),
            ("", 15, 14, 59),
        ],
        Dimension.channel: [
            ("phone", 16, 16, 84),
            ("counter", 2, 0, 20),
            ("visit", 0, 0, 0),
            ("fax", 0, 0, 0),
            ("email", 1, 0, 30),
        ],
        Dimension.outcome: [
            ("answered", 15, 14, 71),
            ("shown", 1, 1, 20),
            ("class_booked", 1, 1, 8),
            ("handed_on", 1, 0, 30),
            ("call_back", 1, 0, 5),
        ],
        Dimension.desk: [(who.second_desk, 14, 12, 81), (who.first_desk, 5, 4, 53)],
        Dimension.district: [(who.north, 3, 3, 38), (who.south, 3, 1, 45), (None, 13, 12, 51)],
        Dimension.weekday: [
            (1, 0, 0, 0),
            (2, 0, 0, 0),
            (3, 3, 2, 48),
            (4, 0, 0, 0),
            (5, 2, 2, 30),
            (6, 14, 12, 56),
            (7, 0, 0, 0),
        ],
        Dimension.hour: [
            (0, 1, 0, 5),
            (9, 1, 1, 10),
            (10, 2, 1, 25),
            (16, 1, 0, 30),
            (23, 2, 2, 28),
            (None, 12, 12, 36),
        ],
        Dimension.times: [
            ((3, 9), 1, 1, 10),
            ((3, 16), 1, 0, 30),
            ((3, 23), 1, 1, 8),
            ((5, 10), 1, 1, 10),
            ((5, 23), 1, 1, 20),
            ((6, 0), 1, 0, 5),
            ((6, 10), 1, 0, 15),
            ((6, None), 12, 12, 36),
        ],
        Dimension.month: [
            (july, 2, 2, 30),
            (august, 15, 13, 66),
            (september, 2, 1, 38),
        ],
    }


async def test_h2_a_quarter_counted_by_hand(database: Database) -> None:
    who = await quarter()
    for by, wanted in expected(who).items():
        rows = await learning.counts(by, *DAYS)
        assert (by, figures(rows)) == (by, wanted)
        assert counting.total(rows) == {
            "number": 19,
            "solved": 16,
            "minutes": 134,
            "rate": pytest.approx(100 * 16 / 19),
        }


async def test_h2_merged_topics_and_procedures_keep_their_history_comparable(
    database: Database,
) -> None:
    who = await quarter()
    topics = await learning.counts(Dimension.topic, *DAYS)
    assert [(row["key"], row["name"], row["rate"]) for row in topics] == [
        (who.procedures, "行政手続", 87.5),
        (who.photos, "写真", pytest.approx(100 * 2 / 3)),  # retired, and still there
    ]
    procedures = await learning.counts(Dimension.procedure, *DAYS)
    assert [row["name"] for row in procedures] == ["住民票の写し", "納税証明", ""]


async def test_h2_nothing_has_no_rate(database: Database) -> None:
    who = await quarter()
    rows = await learning.counts(Dimension.weekday, *DAYS)
    assert [row["rate"] for row in rows if not row["number"]] == [None] * 4
    assert (await learning.counts(Dimension.topic, date(2025, 1, 1), date(2025, 12, 31))) == []
    assert who


async def test_h2_called_back_or_handed_on_is_not_solved_at_once(database: Database) -> None:
    who = await quarter()
    answered = await contact("2026-11-20 10:00", who.first_desk, who.photos)
    days = (date(2026, 11, 20), date(2026, 11, 20))
    assert figures(await learning.counts(Dimension.topic, *days)) == [(who.photos, 1, 1, 10)]
    await called_back(answered, "2026-11-20 11:00")
    assert figures(await learning.counts(Dimension.topic, *days)) == [(who.photos, 1, 0, 10)]

    shown = await contact("2026-11-19 10:00", who.first_desk, who.photos, outcome="shown")
    day = (date(2026, 11, 19), date(2026, 11, 19))
    assert figures(await learning.counts(Dimension.topic, *day)) == [(who.photos, 1, 1, 10)]
    await handed_on(shown, who.taxes, "2026-11-19 11:00")
    assert figures(await learning.counts(Dimension.topic, *day)) == [(who.photos, 1, 0, 10)]
    before = japan("2026-11-19 10:30")  # it was not handed on yet
    rows = await learning.counts(Dimension.topic, *day, known_at=before)
    assert figures(rows) == [(who.photos, 1, 1, 10)]


async def test_h2_what_was_corrected_since_was_not_solved_before_either(
    database: Database,
) -> None:
    who = await quarter()
    day = date(2026, 11, 18)
    was = await contact("2026-11-18 10:00", who.first_desk, who.photos)
    await voided(was, "2026-11-20 10:00")
    corrected = await contact(
        "2026-11-18 10:00",
        who.first_desk,
        who.procedures,
        replaces=was.id,
        recorded_at=japan("2026-11-20 10:00"),
    )
    await called_back(corrected, "2026-11-18 10:05")  # it went along with the correction

    then = clock.end_of(date(2026, 11, 19))
    rows = await learning.counts(Dimension.topic, day, day, known_at=then)
    assert figures(rows) == [(who.photos, 1, 0, 10)]


async def test_t5_as_of_an_earlier_day(database: Database) -> None:
    who = await quarter()
    then = clock.end_of(date(2026, 9, 30))
    rows = await learning.counts(Dimension.topic, *DAYS, known_at=then)
    # With the two taken back in October, without the correction; the call-back was yet to come.
    assert figures(rows) == [(who.procedures, 18, 17, 131), (who.photos, 2, 1, 13)]

    same = await learning.counts(Dimension.topic, *DAYS, known_at=clock.end_of(date(2026, 10, 6)))
    assert figures(same) == expected(who)[Dimension.topic]


async def test_t5_a_day_ends_at_midnight_in_japan(database: Database) -> None:
    topic, desk = (await factories.make_topic()).id, (await factories.make_desk()).id
    await contact("2026-09-30 23:59:59.999999", desk, topic)
    await contact("2026-10-01 00:00", desk, topic)
    then = clock.end_of(date(2026, 9, 30))
    days = (date(2026, 9, 30), date(2026, 10, 1))
    assert figures(await learning.counts(Dimension.topic, *days, known_at=then)) == [
        (topic, 1, 1, 10)
    ]
    assert figures(await learning.counts(Dimension.month, *days)) == [
        (date(2026, 9, 1), 1, 1, 10),
        (date(2026, 10, 1), 1, 1, 10),
    ]


async def test_t1_31_march_at_midnight_parts_two_fiscal_years(database: Database) -> None:
    topic, desk = (await factories.make_topic()).id, (await factories.make_desk()).id
    await contact("2026-03-31 23:59", desk, topic)
    await contact("2026-04-01 00:00", desk, topic, minutes=20)
    await contact("2026-11-21 09:00", desk, topic, minutes=30)
    await contact("2025-11-21 23:00", desk, topic, minutes=40)
    await contact("2025-11-22 00:00", desk, topic, minutes=50)

    trend = await trends.of(2026)
    assert [month["month"] for month in trend.months if month["this"]] == [
        date(2026, month, 1) for month in range(4, 12)
    ]
    months = {month["month"].month: month for month in trend.months}
    assert (months[4]["this"]["minutes"], months[11]["this"]["minutes"]) == (20, 30)
    assert (months[3]["this"], months[3]["before"]["minutes"]) == (None, 10)
    assert months[11]["before"]["minutes"] == 90
    # The running year until today, and the year before until the same day of it.
    assert (trend.this["minutes"], trend.before["minutes"]) == (50, 40)

    past = await trends.of(2025)
    assert (past.this["minutes"], past.days) == (100, (date(2025, 4, 1), date(2026, 3, 31)))
    assert past.days_before == (date(2024, 4, 1), date(2025, 3, 31))


@pytest.mark.parametrize(
    "filters",
    [{}, {"channel": "phone"}, {"stuck": "none"}, {"outcome": "answered", "weekday": "6"}],
)
async def test_t5_every_figure_has_the_rows_that_make_it_up(
    database: Database, filters: dict[str, str]
) -> None:
    await quarter()
    for known_at in (None, clock.end_of(date(2026, 9, 30))):
        for by in Dimension:
            await check_rows(by, known_at, filters)


async def check_rows(by: Dimension, known_at: datetime | None, filters: dict[str, str]) -> None:
    wanted = learning_forms.Asked(by, *DAYS, words=filters)
    for line in await learning.counts(by, *DAYS, wanted.filters, known_at):
        words = parse_qs(wanted.query(**wanted.key_words(line["key"])))
        asked = learning_forms.asked({name: values[0] for name, values in words.items()})
        days = (asked.first_on, asked.last_on)
        rows, more = await counting.rows(*days, asked.filters, known_at, page=None)
        numbers = sum(row["number"] for row in rows)
        minutes = sum(row["number"] * row["minutes"] for row in rows)
        at_once, _ = await counting.rows(*days, asked.filters, known_at, solved=True, page=None)
        found = (numbers, sum(row["number"] for row in at_once), minutes, more)
        assert found == (line["number"], line["solved"], line["minutes"], False), (by, line["key"])


async def test_one_statement_for_a_figure_however_many_contacts(database: Database) -> None:
    who = await quarter()
    with counted() as few:
        await counting.added_up(("contact.topic",), *DAYS)
    assert len(few) == 1
    for day in range(1, 28):
        await contact(f"2026-08-{day:02d} 12:00", who.first_desk, who.photos)
    for by in Dimension:
        with counted() as many:
            await learning.counts(by, *DAYS)
        assert len(many) <= 3, by


async def test_filters_narrow_every_figure(database: Database) -> None:
    who = await quarter()
    asked = learning_forms.asked({"district": str(who.north)})
    rows = await learning.counts(Dimension.topic, *DAYS, asked.filters)
    assert figures(rows) == [(who.procedures, 2, 2, 30), (who.photos, 1, 1, 8)]
    for word, key in (
        ("channel", "phone"),
        ("weekday", 6),
        ("outcome", "shown"),
        ("stuck", "paying"),
    ):
        asked = learning_forms.asked({word: str(key)})
        rows = await learning.counts(Dimension(word), *DAYS, asked.filters)
        assert [row["key"] for row in rows] == [key]  # no line for what the filter excludes
    asked = learning_forms.asked({"stuck": "none"})
    rows = await learning.counts(Dimension.stuck, *DAYS, asked.filters)
    assert [row["key"] for row in rows] == [""]
    asked = learning_forms.asked({"topic": str(who.procedures), "channel": "phone"})
    rows = await learning.counts(Dimension.desk, *DAYS, asked.filters)
    assert figures(rows) == [(who.second_desk, 12, 12, 36), (who.first_desk, 2, 2, 30)]
