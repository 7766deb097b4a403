"""Conditions that many statements ask: what they say of several, of one and of none."""

from piccolo.querystring import QueryString

from server import clock
from server.database.conditions import among, either, every, stood

RAIN, WIND = QueryString("rain"), QueryString("wind > {}", 9)


def test_a_column_is_one_of_these_and_never_one_of_none() -> None:
    assert among("topic.id", {3: "a", 5: "b"}).compile_string() == ("topic.id IN ($1, $2)", [3, 5])
    assert among("topic.id", ()).compile_string() == ("1 = 0", [])


def test_all_of_these_hold() -> None:
    assert every([RAIN, WIND]).compile_string() == ("rain AND wind > $1", [9])
    assert every(iter([RAIN])).compile_string() == ("rain", [])
    assert every([]).compile_string() == ("1 = 1", [])


def test_one_of_these_holds_among_others_that_must() -> None:
    assert either([RAIN, WIND]).compile_string() == ("(rain OR wind > $1)", [9])
    assert either([]).compile_string() == ("(1 = 0)", [])


def test_t5_a_row_stood_from_its_record_until_it_was_voided() -> None:
    now = clock.now()
    assert stood("contact", None).compile_string() == ("contact.voided_at IS NULL", [])
    assert stood("contact", now).compile_string() == (
        "(contact.recorded_at <= $1 AND (contact.voided_at IS NULL OR contact.voided_at > $2))",
        [now, now],
    )
