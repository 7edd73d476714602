"""Price tests read back: conversion against today's prices, money of a limit hit, and a warning to who looks early."""

import numpy as np
import pytest

from ledger.estimates import difference
from ledger.experiments.price_arms import read_arms, too_early
from ledger.pricing.calibration import Choices
from ledger.pricing.demand import prices_of
from ledger.pricing.refusals import WrongAssumption
from tests.ledger.pricing.test_hits import MENU, PRICES

STANDARD, DEARER = [680.0, 140, 100, 50, 30], [360.0, 60, 45, 20, 15]


def decided(*arms, prices):
    counts = np.array(arms)[:, None, None, :]
    return Choices(("all",), MENU, np.array(prices), np.zeros(1), counts, trial=counts)


def test_each_arm_has_its_conversion_and_newcombes_interval_of_the_difference():
    choices = decided(STANDARD, DEARER, prices=[PRICES, PRICES * 1.2])

    today, dearer = read_arms(choices, seed=1)

    assert (today.hits, today.bought, today.against) == (1000, 320, None)
    assert dearer.conversion == pytest.approx(140 / 500)
    assert dearer.against == difference(140, 500, 320, 1000)


def test_a_seed_below_0_is_refused_by_name():
    with pytest.raises(WrongAssumption, match="seed -1"):
        read_arms(decided(STANDARD, prices=[PRICES]), seed=-1)


def test_money_of_a_limit_hit_has_the_interval_of_its_hits_drawn_again():
    (arm,) = read_arms(decided(STANDARD, prices=[PRICES]), seed=1)

    worth = np.repeat([0, *PRICES], [int(n) for n in STANDARD])
    error = worth.std() / np.sqrt(len(worth))
    assert arm.revenue.value == pytest.approx(6.9468)
    assert arm.revenue.low == pytest.approx(6.9468 - 1.96 * error, abs=0.1)
    assert arm.revenue.high == pytest.approx(6.9468 + 1.96 * error, abs=0.1)


def test_todays_menu_comes_first_and_a_package_that_an_arm_did_not_offer_brings_nothing():
    without = [np.nan, *PRICES[1:]]
    counts = [[700.0, 0, 100, 50, 30], STANDARD]
    choices = decided(*counts, prices=[without, prices_of(MENU)])
    choices = Choices(**{**vars(choices), "base": 1})

    today, other = read_arms(choices, seed=1)

    assert today.prices == tuple(PRICES)
    assert other.revenue.value == pytest.approx((100 * 19.99 + 50 * 34.99 + 30 * 59.99) / 880)


def test_who_looks_before_every_arm_has_its_hits_looks_too_early():
    arms = read_arms(decided(STANDARD, DEARER, prices=[PRICES, PRICES * 1.2]), seed=1)

    assert [too_early(arms, planned) for planned in (500, 501)] == [False, True]


def test_without_a_test_there_are_no_arms():
    assert read_arms(Choices.of_counts(MENU, [680, 140, 100, 50, 30]), seed=1) == []
