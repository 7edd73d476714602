"""Prices in closed form: the worked example, digit by digit."""

import numpy as np
import pytest

from ledger.pricing.calibration import PRIOR, Belief, Choices
from ledger.pricing.demand import prices_of
from ledger.pricing.forecast import difference, forecast, per_hit, tornado
from ledger.pricing.refusals import WrongAssumption
from ledger.pricing.tariff import TariffPackage

MENU = (
    TariffPackage("small", "Small", 60, 999),
    TariffPackage("medium", "Medium", 150, 1999),
    TariffPackage("large", "Large", 300, 3499),
    TariffPackage("jumbo", "Jumbo", 600, 5999),
)
PRICES = prices_of(MENU)
JUMBO_CHEAPER = np.array([9.99, 19.99, 34.99, 49.99])
SHARES = np.array([[0.68, 0.14, 0.10, 0.05, 0.03]])
SEEN = Choices.of_counts(MENU, [680, 140, 100, 50, 30])


def test_a_hundred_hits_bring_694_dollars_and_68_cents():
    today = per_hit(SEEN, PRICES, -1.0, SHARES)

    assert today.conversion == pytest.approx(0.32)
    assert today.average_minutes == pytest.approx(176.25)
    assert today.average_price == pytest.approx(21.71, abs=0.005)
    assert 100 * today.revenue == pytest.approx(694.68)


@pytest.mark.parametrize(
    ("elasticity", "conversion", "revenue"),
    [(-0.5, 30.5, 702.39), (-1.0, 29.0, 646.94), (-1.5, 27.6, 597.09)],
)
def test_ten_percent_on_all_prices(elasticity, conversion, revenue):
    after = per_hit(SEEN, PRICES * 1.1, elasticity, SHARES)

    assert 100 * after.conversion == pytest.approx(conversion, abs=0.06)
    assert 100 * after.revenue == pytest.approx(revenue, abs=0.005)


@pytest.mark.parametrize(
    ("elasticity", "conversion", "revenue", "share"),
    [(-0.5, 32.8, 716.47, 12.7), (-1.0, 33.9, 787.09, 16.9), (-1.5, 35.4, 882.34, 22.2)],
)
def test_jumbo_at_49_99(elasticity, conversion, revenue, share):
    after = per_hit(SEEN, JUMBO_CHEAPER, elasticity, SHARES)

    assert 100 * after.conversion == pytest.approx(conversion, abs=0.06)
    assert 100 * after.revenue == pytest.approx(revenue, abs=0.005)
    assert 100 * after.mix[3] == pytest.approx(share, abs=0.05)


def test_a_seed_below_0_is_refused_by_name():
    with pytest.raises(WrongAssumption, match="seed -1"):
        forecast(SEEN, PRICES, Belief(-1.0, 0.35), hits=1000, seed=-1)


def test_the_uncertain_forecast_is_that_of_the_worked_example_within_monte_carlo_error():
    answer = forecast(SEEN, PRICES * 1.1, Belief(-1.0, 0.35), hits=1000)

    assert answer.base.middle == pytest.approx(6986, abs=25)
    assert (answer.base.low, answer.base.high) == pytest.approx((6238, 7791), abs=60)
    assert answer.scenario.middle == pytest.approx(6502, abs=30)
    assert answer.difference.middle == pytest.approx(-481, abs=20)
    assert (answer.difference.low, answer.difference.high) == pytest.approx((-1073, 177), abs=60)
    assert answer.chance_up == pytest.approx(0.11, abs=0.015)


def test_the_tornado_shows_that_the_elasticity_dominates():
    bars = tornado(SEEN, PRICES * 1.1, Belief(-1.0, 0.35), hits=1000, shares=SHARES)

    assert 1000 * difference(SEEN, PRICES * 1.1, -1.0, SHARES) == pytest.approx(-477, abs=0.5)
    assert bars["elasticity"] == pytest.approx((-1161, 316), abs=0.5)
    assert bars["conversion"] == pytest.approx((-396, -568), abs=0.5)
    assert bars["hits"] == pytest.approx((-406, -549), abs=0.5)
    assert bars["mix"] == pytest.approx((-370, -548), abs=0.5)


def test_shares_are_smoothed_by_half_a_choice():
    few = Choices.of_counts(MENU, [1, 0, 0, 0, 0])

    answer = per_hit(few, PRICES, -1.0)

    assert answer.conversion == pytest.approx(4 * PRIOR / (1 + 5 * PRIOR))
