"""Forecasts of limit hits and revenue: honest bands in companies that grow, and nothing learned from the month foretold."""

import sys
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest
from scipy.stats import binom

from ledger.pricing.backtest import COVERAGE, backtest
from ledger.pricing.calibration import Belief, Choices, demand_from, shares_of
from ledger.pricing.decisions import DecisionMonth
from ledger.pricing.demand import prices_of, probabilities
from ledger.pricing.hits import Misses, expected_hits
from ledger.pricing.tariff import TariffPackage
from tests.depth import rounds

MENU = (
    TariffPackage("small", "Small", 60, 999),
    TariffPackage("medium", "Medium", 150, 1999),
    TariffPackage("large", "Large", 300, 3499),
    TariffPackage("jumbo", "Jumbo", 600, 5999),
)
SEEN = Choices.of_counts(MENU, [680, 140, 100, 50, 30])
PRICES = prices_of(MENU)
WORLDS = {
    "growing and small": {"there": 60, "growth": 0.08},
    "growing": {"there": 400, "growth": 0.08},
    "growing and large": {"there": 5000, "growth": 0.08},
    "wild": {"there": 1000, "growth": 0.1, "wobble": 0.25, "season": 0.2},
}


def company(rng, *, there, growth, wobble=0.1, season=0.1, months=20):
    """Months of a made-up company: a base that grows, a rate that wobbles, seasons, and choices that vary a little."""
    demand = demand_from(SEEN, shares_of(SEEN), -1.0)
    chances = probabilities(demand.value - demand.price_weight * PRICES)[0]
    output = []
    for number in range(months):
        joined = int(rng.poisson(there * growth))
        rate = 0.25 * np.exp(rng.normal(0, wobble) + season * np.sin(number / 12 * 2 * np.pi))
        hits = int(rng.poisson((there + joined / 2) * rate))
        buys = np.clip((1 - chances[0]) * np.exp(rng.normal(0, 0.05)), 0.01, 0.99)
        chosen = rng.multinomial(hits, [1 - buys, *(chances[1:] / (1 - chances[0]) * buys)])
        sold = chosen[1:] + rng.poisson(chosen[1:] * 0.1)
        counts = chosen[None, None, :].astype(float)
        month = datetime(2024 + number // 12, 1 + number % 12, 1, tzinfo=UTC)
        cents = round(100 * float(sold @ PRICES))
        output.append(DecisionMonth(month, counts, hits, int(sold.sum()), 0, cents, there, joined))
        there += joined - int(rng.binomial(there, 0.015))
    return output


@pytest.fixture
def few_draws(monkeypatch):
    """A quarter of the draws: the bands are as honest, a little less smooth. All of them with DEEP=1."""
    module = sys.modules[backtest.__module__]
    monkeypatch.setattr(module, "DRAWS", rounds(module.DRAWS // 4, deep=module.DRAWS))


@pytest.mark.usefixtures("few_draws")
@pytest.mark.parametrize("world", WORLDS)
def test_the_80_percent_band_holds_80_of_100_months_within_chance_in_companies_that_grow(world):
    within = [
        month.covered
        for seed in range(6)
        for month in backtest(
            SEEN, company(np.random.default_rng(seed), **WORLDS[world]), Belief(), seed=seed
        ).months
    ]

    low, high = binom.interval(0.998, len(within), COVERAGE)
    assert len(within) == 96
    assert low <= sum(within) <= high


def test_a_company_twice_as_large_at_the_beginning_of_the_month_is_foretold_twice_the_hits():
    months = company(np.random.default_rng(1), there=2000, growth=0.0, wobble=0.0, season=0.0, months=8)
    last = replace(months[-1], joined=0)

    alike, doubled = (
        expected_hits(months[:-1], replace(last, workspaces=last.workspaces * times)).middle
        for times in (1, 2)
    )

    assert doubled == pytest.approx(2 * alike)
    assert alike == pytest.approx(last.hits, rel=0.25)


def test_a_month_is_foretold_from_its_beginning_alone():
    months = company(np.random.default_rng(2), there=500, growth=0.05, months=10)
    other = replace(months[-1], counts=months[-1].counts * 9, hits=9, purchases=1, revenue_cents=1, joined=99)

    assert expected_hits(months[:-1], months[-1]) == expected_hits(months[:-1], other)


def test_a_season_seen_a_year_before_is_foretold():
    months = company(np.random.default_rng(3), there=20_000, growth=0.0, wobble=0.0, season=0.4, months=18)

    with_season = expected_hits(months[:17], months[17]).middle
    without = expected_hits(months[5:17], months[17]).middle

    happened = months[17].counts.sum()
    assert abs(np.log(with_season / happened)) < abs(np.log(without / happened))


def test_hits_vary_more_than_chance_when_they_have_done_so():
    calm, wild = (
        Misses.of(rng.normal(0, spread, 20), np.full(20, 1e-6), usual=0.1)
        for spread, rng in ((0.02, np.random.default_rng(1)), (0.4, np.random.default_rng(1)))
    )

    assert calm.spread < 0.1 < wild.spread
    assert Misses.of(np.array([]), np.array([]), usual=0.1).spread == pytest.approx(0.1)


def test_what_was_missed_always_in_the_same_direction_becomes_a_bias_that_is_shrunk():
    missed = Misses.of(np.full(8, 0.2), np.zeros(8), usual=0.1)

    assert 0.05 < missed.bias < 0.2
