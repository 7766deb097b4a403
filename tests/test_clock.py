"""Rule T1: instants in UTC, days and fiscal years in the municipality's zone."""

from datetime import UTC, date, datetime, time, timedelta, timezone

import pytest

from server import clock


def test_t1_now_is_aware_and_in_utc() -> None:
    assert clock.now().utcoffset() == timedelta(0)


def test_t1_now_moves_when_it_is_not_frozen() -> None:
    before = datetime.now(UTC)

    assert before <= clock.now() <= datetime.now(UTC)


def test_freeze_holds_the_clock_until_the_block_ends() -> None:
    instant = datetime(2026, 11, 21, 1, 0, tzinfo=UTC)

    with clock.freeze(instant) as held:
        assert (held, clock.now()) == (instant, instant)

    assert clock.now() > instant - timedelta(days=3650)
    assert clock.now() != instant


def test_freeze_inside_freeze_gives_the_outer_instant_back() -> None:
    outer = datetime(2026, 3, 31, 3, 0, tzinfo=UTC)
    inner = datetime(2026, 4, 1, 3, 0, tzinfo=UTC)

    with clock.freeze(outer):
        with clock.freeze(inner):
            assert clock.now() == inner
        assert clock.now() == outer


def test_freeze_lets_go_after_an_error() -> None:
    instant = datetime(2001, 1, 1, tzinfo=UTC)

    with pytest.raises(KeyError), clock.freeze(instant):
        raise KeyError

    assert clock.now().year > 2001


def test_freeze_keeps_utc_whatever_zone_it_is_given() -> None:
    japan = timezone(timedelta(hours=9))

    with clock.freeze(datetime(2026, 4, 1, 0, 30, tzinfo=japan)):
        assert clock.now() == datetime(2026, 3, 31, 15, 30, tzinfo=UTC)
        assert clock.now().utcoffset() == timedelta(0)


@pytest.mark.parametrize(
    ("instant", "day"),
    [
        (datetime(2026, 3, 31, 14, 59, 59, tzinfo=UTC), date(2026, 3, 31)),
        (datetime(2026, 3, 31, 15, 0, tzinfo=UTC), date(2026, 4, 1)),
        (datetime(2026, 12, 31, 15, 0, tzinfo=UTC), date(2027, 1, 1)),
        (datetime(2026, 11, 21, 0, 0, tzinfo=UTC), date(2026, 11, 21)),
    ],
)
def test_t1_a_day_begins_at_midnight_in_the_municipality(instant: datetime, day: date) -> None:
    assert clock.on(instant) == day
    with clock.freeze(instant):
        assert clock.today() == day


def test_t1_local_shows_the_wall_clock_of_the_municipality() -> None:
    shown = clock.local(datetime(2026, 11, 21, 1, 30, tzinfo=UTC))

    assert shown.strftime("%Y-%m-%d %H:%M %z") == "2026-11-21 10:30 +0900"


def test_t1_an_instant_without_zone_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="time zone"):
        clock.local(datetime(2026, 11, 21, 1, 30))  # noqa: DTZ001


def test_t1_at_turns_a_municipal_day_and_hour_into_utc() -> None:
    instant = clock.at(date(2026, 4, 1), time(0, 30))

    assert instant == datetime(2026, 3, 31, 15, 30, tzinfo=UTC)
    assert instant.utcoffset() == timedelta(0)


@pytest.mark.parametrize("hour", [time(0, 0), time(8, 30), time(23, 59, 59)])
def test_t1_at_and_local_are_each_others_inverse(hour: time) -> None:
    shown = clock.local(clock.at(date(2028, 2, 29), hour))

    assert (shown.date(), shown.time()) == (date(2028, 2, 29), hour)


@pytest.mark.parametrize(
    ("day", "year"),
    [
        (date(2026, 3, 31), 2025),
        (date(2026, 4, 1), 2026),
        (date(2026, 11, 21), 2026),
        (date(2026, 12, 31), 2026),
        (date(2027, 1, 1), 2026),
        (date(2027, 3, 31), 2026),
        (date(2028, 2, 29), 2027),
    ],
)
def test_t1_a_fiscal_year_runs_from_april_to_march(day: date, year: int) -> None:
    assert clock.fiscal_year(day) == year


def test_t1_half_past_midnight_of_1_april_is_the_new_fiscal_year_though_utc_is_in_march() -> None:
    instant = datetime(2026, 3, 31, 15, 30, tzinfo=UTC)

    assert clock.fiscal_year(clock.on(instant)) == 2026
    assert clock.fiscal_year(instant.date()) == 2025


def test_t1_fiscal_year_of_reiwa_n_is_2018_plus_n() -> None:
    assert clock.fiscal_year(date(2026, 4, 1)) == 2018 + 8


@pytest.mark.parametrize(
    ("born_on", "on", "years"),
    [
        (date(2008, 11, 21), date(2026, 11, 21), 18),
        (date(2008, 11, 22), date(2026, 11, 21), 17),
        (date(2008, 2, 29), date(2026, 2, 28), 17),
        (date(2008, 2, 29), date(2026, 3, 1), 18),
        (date(1926, 12, 25), date(2026, 11, 21), 99),
        (date(2026, 11, 22), date(2026, 11, 21), -1),
    ],
)
def test_an_age_is_full_years_on_the_day(born_on: date, on: date, years: int) -> None:
    assert clock.age(born_on, on) == years


def test_t1_a_municipal_day_ends_a_microsecond_before_the_next() -> None:
    end = clock.end_of(date(2026, 3, 31))
    assert end == clock.at(date(2026, 3, 31), time(23, 59, 59, 999_999))
    assert clock.on(end) == date(2026, 3, 31)


def test_t1_a_fiscal_year_is_1_april_to_31_march() -> None:
    assert clock.fiscal_days(2026) == (date(2026, 4, 1), date(2027, 3, 31))


@pytest.mark.parametrize(
    ("day", "last_on", "after", "before"),
    [
        (date(2026, 11, 21), date(2026, 11, 30), date(2026, 12, 1), date(2026, 10, 1)),
        (date(2026, 12, 31), date(2026, 12, 31), date(2027, 1, 1), date(2026, 11, 1)),
        (date(2027, 1, 1), date(2027, 1, 31), date(2027, 2, 1), date(2026, 12, 1)),
        (date(2028, 2, 29), date(2028, 2, 29), date(2028, 3, 1), date(2028, 1, 1)),
    ],
)
def test_a_month_and_its_neighbours(day: date, last_on: date, after: date, before: date) -> None:
    assert clock.month_days(day) == (day.replace(day=1), last_on)
    assert (clock.month_after(day), clock.month_before(day)) == (after, before)


def test_months_are_those_that_a_span_touches() -> None:
    touched = clock.months(date(2026, 11, 30), date(2027, 1, 1))
    assert touched == [date(2026, 11, 1), date(2026, 12, 1), date(2027, 1, 1)]
    assert clock.months(date(2027, 1, 1), date(2026, 12, 31)) == []
