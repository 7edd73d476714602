"""Hits of one workspace are alike: intervals cover the truth all the same."""

from dataclasses import replace

import numpy as np
import pytest

from ledger.experiments.price_arms import read_arms
from ledger.experiments.price_test import design_test, elasticity_error
from ledger.pricing.alike import design_effect, pairs_of
from ledger.pricing.badges import badges
from ledger.pricing.calibration import (
    Belief,
    Choices,
    demand_from,
    draw_shares,
    measure_elasticity,
    shares_of,
)
from ledger.pricing.demand import elasticity, prices_of, probabilities
from ledger.pricing.question import Question
from ledger.pricing.tariff import Tariff, TariffPackage

MENU = (TariffPackage("small", "Small", 60, 999), TariffPackage("large", "Large", 300, 3499))
PRICES = prices_of(MENU)
WORTH = np.array([0.0, *PRICES])
HITS = 6  # of each workspace


def test_pairs_are_hits_of_one_kind_times_hits_of_another_summed_over_workspaces():
    kind, workspace = np.array([0, 0, 1, 1, 2]), np.array([7, 7, 7, -9, -9])

    assert pairs_of(kind, workspace, 4).tolist() == [
        [4, 2, 0, 0], [2, 1 + 1, 1, 0], [0, 1, 1, 0], [0, 0, 0, 0],
    ]  # fmt: skip


def test_hits_that_stand_alone_say_as_much_as_they_are_and_equal_ones_as_one():
    choice = np.array([0, 0, 1, 2, 0, 1])
    alone = pairs_of(choice, np.arange(6), 3)
    equal = pairs_of(np.repeat(choice, 5), np.repeat(np.arange(6), 5), 3)
    counts = np.bincount(choice).astype(float)

    assert design_effect(counts, alone, WORTH) == pytest.approx(1.0)
    assert design_effect(5 * counts, equal, WORTH) == pytest.approx(5.0)
    assert design_effect(np.zeros(3), np.zeros((3, 3)), WORTH) == 1.0


def people(rng, workspaces, price_factors=(1.0,), habit=1.5):
    """Choices of workspaces that each have a habit of their own, in one arm each; and the chances of all of them."""
    base = demand_from(Choices.of_counts(MENU, [680, 220, 100]), np.array([[0.68, 0.22, 0.10]]), -1.0)
    arm = np.arange(workspaces) % len(price_factors)
    prices = np.array([PRICES * factor for factor in price_factors])
    liking = habit * rng.standard_normal(workspaces)[:, None]
    chances = probabilities(base.value + liking - base.price_weight * prices[arm])
    luck = rng.random((workspaces, HITS))
    choice = (luck[..., None] > np.cumsum(chances, axis=1)[:, None, :]).sum(axis=2)
    kind = (arm[:, None] * 3 + choice).ravel()
    who = np.repeat(np.arange(workspaces), HITS)
    size = 3 * len(price_factors)
    counts = np.bincount(kind, minlength=size).astype(float)
    table = counts.reshape(len(price_factors), 1, 1, 3)
    first = pairs_of(kind, who, size)[:3, :3]
    effect = max(design_effect(counts[:3], first, values) for values in (WORTH > 0, WORTH))
    there = np.flatnonzero(counts)
    return Choices(
        ("all",), MENU, prices, np.zeros(1), table, trial=table, effect=np.array([effect]),
        trial_pairs=pairs_of(kind, who, size)[np.ix_(there, there)],
    )  # fmt: skip


def test_the_drawn_shares_hold_the_true_conversion_nine_times_in_ten_also_when_hits_are_alike():
    rng = np.random.default_rng(5)
    true = 1 - people(np.random.default_rng(1), 200_000).counts.ravel()[0] / (200_000 * HITS)
    covered, covered_alone = 0, 0
    for _ in range(200):
        seen = people(rng, 150)
        for one, add in ((seen, 1), (replace(seen, effect=None), 0)):
            drawn = [1 - draw_shares(one, rng)[0, 0] for _ in range(200)]
            low, high = np.quantile(drawn, [0.05, 0.95])
            covered += add * (low <= true <= high)
            covered_alone += (1 - add) * (low <= true <= high)

    assert covered >= 172  # nine in ten, less three standard errors
    assert covered_alone < 160


def test_the_error_of_the_elasticity_counts_workspaces_and_not_their_hits():
    rng = np.random.default_rng(8)
    large = people(np.random.default_rng(2), 60_000, (1.0, 1.3))
    true = measure_elasticity(large).mean
    honest, naive = [], []
    for _ in range(60):
        seen = people(rng, 240, (1.0, 1.3))
        for one, errors in ((seen, honest), (replace(seen, trial_pairs=None), naive)):
            result = measure_elasticity(one)
            errors.append((result.mean - true) / result.spread)

    assert (np.abs(honest) < 2).mean() > 0.88
    assert np.std(honest) < 1.15 < np.std(naive)


def test_an_arm_whose_hits_are_alike_has_a_wider_interval_and_the_same_middle():
    seen = people(np.random.default_rng(3), 240, (1.0, 1.3))

    wide, narrow = (read_arms(one, seed=1)[1] for one in (seen, replace(seen, trial_pairs=None)))

    assert (wide.hits, wide.conversion, wide.revenue.value) == (
        narrow.hits,
        narrow.conversion,
        narrow.revenue.value,
    )
    assert wide.against.value == pytest.approx(narrow.against.value)
    assert wide.against.high - wide.against.low > 1.4 * (narrow.against.high - narrow.against.low)
    assert wide.revenue.high - wide.revenue.low > 1.25 * (narrow.revenue.high - narrow.revenue.low)


def test_a_price_test_needs_as_many_more_hits_as_say_the_same_as_one():
    seen = people(np.random.default_rng(3), 240)
    alone = replace(seen, effect=None)
    twice = replace(seen, effect=np.array([2.0]))

    one, other = (design_test(c, 1.1, elasticity_=-1.0, hits_per_day=10) for c in (alone, twice))
    errors = [elasticity_error(c, (1, 1.1), elasticity_=-1.0, hits_per_arm=100) for c in (alone, twice)]

    assert other.hits_per_arm == 2 * one.hits_per_arm
    assert (one.alike, other.alike) == (1.0, 2.0)
    assert errors[1] == pytest.approx(np.sqrt(2) * errors[0])


def test_the_badge_of_the_shares_tells_how_much_the_hits_say():
    seen = replace(people(np.random.default_rng(3), 100), effect=np.array([2.0]), days_lost=1.25)
    shown = {b.parameter: b for b in badges(seen, Question(Tariff({"starter": 200}, MENU), Belief()))}

    assert "as much as 300 that stand alone" in shown["Shares of waiting and packages"].why
    assert shown["Use lost from limit to purchase"].value == "1.2 usual days"
    assert elasticity(demand_from(seen, shares_of(seen), -1.0), PRICES, np.ones(1)) == pytest.approx(-1.0)
