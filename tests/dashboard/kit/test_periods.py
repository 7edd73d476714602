"""Periods are compared like for like: complete days with as many complete days."""

from datetime import UTC, date, datetime, timedelta

import pytest

from dashboard.kit.filters import PERIOD_NAMES
from dashboard.kit.periods import DAYS, Period, comparison, days_of_part, named

NOON = datetime(2026, 3, 15, 12, 0, tzinfo=UTC)


def days(period):
    return (period.first, period.last)


def test_a_running_month_is_compared_with_the_same_days_of_the_month_before():
    ours, earlier = comparison(named("month", now=NOON, timezone="UTC"), "previous")

    assert days(ours) == (date(2026, 3, 1), date(2026, 3, 15))
    assert days(earlier) == (date(2026, 2, 1), date(2026, 2, 15))


def test_a_longer_month_is_compared_over_the_days_that_both_have():
    late = datetime(2026, 3, 31, 12, tzinfo=UTC)

    ours, earlier = comparison(named("month", now=late, timezone="UTC"), "previous")

    assert days(ours) == (date(2026, 3, 1), date(2026, 3, 29))
    assert days(earlier) == (date(2026, 2, 1), date(2026, 3, 1))


def test_today_is_shown_but_never_compared():
    period = named("7d", now=NOON, timezone="UTC")

    ours, earlier = comparison(period, "previous")

    assert (period.partial, days(period)) == (True, (date(2026, 3, 9), date(2026, 3, 16)))
    assert days(ours) == (date(2026, 3, 9), date(2026, 3, 15))
    assert days(earlier) == (date(2026, 3, 3), date(2026, 3, 9))


@pytest.mark.parametrize("name", [name for name in PERIOD_NAMES if name != "own"])
@pytest.mark.parametrize("how", ["previous", "year"])
def test_both_sides_have_equally_many_complete_days_and_do_not_overlap(name, how):
    ours, earlier = comparison(named(name, now=NOON, timezone="UTC"), how)

    if (name, how) != ("last-month", "previous"):  # whole months are as long as they are
        assert ours.last - ours.first == earlier.last - earlier.first
    assert earlier.last <= ours.first or how == "year"
    assert ours.last <= date(2026, 3, 15)


def test_the_first_day_of_a_month_has_nothing_to_compare():
    first = datetime(2026, 3, 1, 9, tzinfo=UTC)

    assert comparison(named("month", now=first, timezone="UTC"), "previous") is None
    assert comparison(named("90d", now=first, timezone="UTC"), "none") is None


def test_a_period_backwards_is_known_as_empty_and_one_to_come_as_future():
    backwards = named("own", now=NOON, timezone="UTC", own=(date(2026, 3, 9), date(2026, 3, 1)))
    future = named("own", now=NOON, timezone="UTC", own=(date(2026, 4, 1), date(2026, 4, 9)))

    assert (backwards.empty, comparison(backwards, "previous")) == (True, None)
    assert (future.future, comparison(future, "previous")) == (True, None)


def test_days_are_those_of_the_report_time_zone_also_where_the_clock_jumps():
    short_day = Period(date(2026, 3, 8), date(2026, 3, 9), date(2026, 3, 15), "America/New_York")

    assert short_day.end - short_day.start == timedelta(
        hours=24
    )  # the same wall time, an hour less on the clock
    assert short_day.end.astimezone(UTC) - short_day.start.astimezone(UTC) == timedelta(hours=23)
    assert named(
        "7d", now=datetime(2026, 4, 1, 3, 30, tzinfo=UTC), timezone="America/New_York"
    ).today == date(2026, 3, 31)


def test_a_leap_day_has_a_year_before():
    leap = Period(date(2024, 2, 29), date(2024, 3, 1), date(2024, 6, 1), "UTC")

    assert comparison(leap, "year")[1].first == date(2023, 2, 28)


def test_an_unknown_name_is_ninety_days():
    assert named("nonsense", now=NOON, timezone="UTC") == named("90d", now=NOON, timezone="UTC")
    assert (NOON.date() - named("90d", now=NOON, timezone="UTC").first).days == DAYS["90d"] - 1


@pytest.mark.parametrize(
    ("first", "last", "cut"),
    [
        (date(2026, 1, 1), date(2026, 3, 1), []),
        (date(2026, 1, 5), date(2026, 3, 1), ["2026-01-01"]),
        (date(2026, 1, 1), date(2026, 2, 20), ["2026-02-01"]),
        (date(2026, 2, 3), date(2026, 2, 20), ["2026-02-01"]),
        (date(2026, 2, 1), date(2026, 4, 1), ["2026-03-01"]),  # March is not over
        (date(2025, 12, 16), date(2026, 3, 16), ["2025-12-01", "2026-03-01"]),
    ],
)
def test_months_of_which_only_some_days_count_are_known(first, last, cut):
    period = Period(first, last, date(2026, 3, 15), "UTC")

    assert sorted(period.cut_parts("month")) == cut


def test_a_month_is_cut_on_its_last_day_too():
    assert Period(date(2026, 3, 1), date(2026, 4, 1), date(2026, 3, 31), "UTC").cut_parts("month") == {
        "2026-03-01"
    }


@pytest.mark.parametrize(("grain", "cut"), [("week", ["2026-02-02", "2026-03-09"]), ("day", ["2026-03-15"])])
def test_weeks_and_days_of_which_only_some_hours_or_days_count_are_known(grain, cut):
    period = Period(date(2026, 2, 4), date(2026, 3, 16), date(2026, 3, 15), "UTC")

    assert sorted(period.cut_parts(grain)) == cut


def test_a_whole_month_is_compared_with_the_whole_month_before_it():
    """October has 31 days and September 30: without the whole of October its numbers would not be those on the tile."""
    late = datetime(2026, 11, 5, 9, tzinfo=UTC)

    ours, earlier = comparison(named("last-month", now=late, timezone="UTC"), "previous")

    assert days(ours) == (date(2026, 10, 1), date(2026, 11, 1))
    assert days(earlier) == (date(2026, 9, 1), date(2026, 10, 1))


@pytest.mark.parametrize(
    ("grain", "first", "last"),
    [
        ("day", date(2026, 2, 26), date(2026, 2, 26)),
        ("week", date(2026, 2, 23), date(2026, 3, 1)),
        ("month", date(2026, 2, 1), date(2026, 2, 28)),
    ],
)
def test_the_days_of_a_part_are_those_of_its_day_week_or_month(grain: str, first: date, last: date):
    assert days_of_part(date(2026, 2, 26), grain) == (first, last)
    assert days_of_part(first, grain) == days_of_part(last, grain) == (first, last)
