"""What an address asks for: nonsense asks for nothing, and breaks nothing."""

from datetime import date

import pytest

from server.web import addresses


@pytest.mark.parametrize(
    ("words", "number"),
    [
        ("1", 1),
        ("0042", 42),
        ("2147483647", 2147483647),
        ("2147483648", None),
        ("99999999999", None),
        ("0", None),
        ("-1", None),
        ("1.5", None),
        ("٣", None),
        ("²", None),
        ("one", None),
        ("", None),
        (None, None),
    ],
)
def test_a_whole_number(words: str | None, number: int | None) -> None:
    assert addresses.whole(words) == number
    assert addresses.row_id(words) == (number or 0 if words else None)


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("2026-11-21", date(2026, 11, 21)),
        ("2026-02-30", None),
        ("1999-12-31", None),
        ("2101-01-01", None),
        ("0001-01-01", None),
        ("20261121", None),
        ("tomorrow", None),
        ("", None),
        (None, None),
    ],
)
def test_a_day(words: str | None, found: date | None) -> None:
    assert addresses.day(words) == found


def test_a_day_within_other_years() -> None:
    assert addresses.day("1999-12-31", 1950) == date(1999, 12, 31)
    assert addresses.day("2027-01-01", last=2026) is None


def test_a_search_is_trimmed_and_cut() -> None:
    assert addresses.sought("  電話 ") == "電話"
    assert addresses.sought("あ" * 101) == "あ" * 100
    assert addresses.sought(None) == ""


def test_a_file_is_csv_or_excel() -> None:
    asked = [addresses.wants_file({"format": each}) for each in ("csv", "xlsx", "pdf", "")]
    assert asked == [True, True, False, False]
    assert not addresses.wants_file({})
