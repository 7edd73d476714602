"""A change is good, bad or unclear by what is better and by chance, never by its sign alone."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from dashboard.kit import tiles
from dashboard.kit.changes import change_of
from dashboard.kit.periods import Period
from ledger.metrics import Measure

AT = datetime(2026, 3, 1, tzinfo=UTC)
BEFORE = Period(date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1), "UTC")
SHARE = Measure(
    slug="conversion", value=40.0, unit="percent", n=200, low=33.4, high=46.9, pending=0, as_of=AT,
    definition_version=1, source="live", start=AT, end=AT, numerator=80, denominator=200,
)  # fmt: skip
MONEY = replace(
    SHARE, slug="revenue-net", unit="cents", currency="usd", value=200_000.0, n=100, low=None, high=None,
    numerator=200_000, denominator=0,
)  # fmt: skip


def share(bought: int) -> Measure:
    return replace(SHARE, value=bought / 2, numerator=bought)


def test_a_share_that_moves_more_than_chance_is_good_upwards_and_bad_downwards():
    up, down = (change_of(share(80), share(before), BEFORE) for before in (40, 120))

    assert up is not None
    assert down is not None
    assert (up.direction, up.shown, up.sure) == ("good", "+20.0 pp", True)
    assert (down.direction, down.shown) == ("bad", "−20.0 pp")


def test_a_share_that_moves_within_chance_is_unclear_whatever_its_sign():
    change = change_of(share(80), share(76), BEFORE)

    assert change is not None
    assert (change.direction, change.sure, change.shown) == ("unclear", False, "+2.0 pp")
    assert tiles.written(change) == "≈ +2.0 pp"
    assert tiles.arrow(change) == "off"


def test_less_is_better_for_refunds_and_neither_is_for_what_is_owed():
    refunds, owed = (
        change_of(replace(MONEY, slug=slug), replace(MONEY, slug=slug, value=100_000.0), BEFORE)
        for slug in ("refunds", "liability-money")
    )

    assert refunds is not None
    assert owed is not None
    assert (refunds.direction, refunds.shown) == ("bad", "+100%")
    assert owed.direction == "unclear"


@pytest.mark.parametrize(("payments", "sure"), [(100, True), (12, False)])
def test_the_same_growth_is_clear_over_many_payments_and_unclear_over_few(payments: int, sure: bool):
    ours = replace(MONEY, n=payments)

    change = change_of(ours, replace(ours, value=120_000.0), BEFORE)

    assert change is not None
    assert (change.sure, change.shown) == (sure, "+67%")


def test_means_are_compared_by_their_interval():
    size = replace(SHARE, slug="average-package-minutes", unit="minutes", value=250.0, low=240.0, high=260.0)

    near, far = (
        change_of(size, replace(size, value=value, low=None, high=None), BEFORE) for value in (245.0, 220.0)
    )

    assert near is not None
    assert far is not None
    assert (near.sure, far.sure, far.shown, far.direction) == (False, True, "+14%", "good")


def test_too_few_cases_on_either_side_are_no_change():
    few = replace(SHARE, n=9)

    assert change_of(few, SHARE, BEFORE) is None
    assert change_of(SHARE, few, BEFORE) is None
    assert change_of(replace(SHARE, value=None), SHARE, BEFORE) is None


def test_a_number_that_was_nothing_before_is_new():
    change = change_of(MONEY, replace(MONEY, value=0.0), BEFORE)

    assert change is not None
    assert (change.shown, change.direction) == ("new", "unclear")


def test_what_is_owed_is_counted_and_its_change_no_chance():
    owed = replace(MONEY, slug="liability-minutes", unit="minutes", currency=None, n=None)

    change = change_of(owed, replace(owed, value=120_000.0), BEFORE)

    assert change is not None
    assert (change.sure, change.direction, tiles.arrow(change)) == (True, "unclear", "up")
