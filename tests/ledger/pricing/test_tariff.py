"""Tariffs that cannot be: each is refused by name."""

import pytest

from ledger.pricing.refusals import (
    EmptyMenu,
    SamePackage,
    WrongAllowance,
    WrongPackageMinutes,
    WrongPrice,
    WrongRule,
)
from ledger.pricing.tariff import Tariff, TariffPackage

SMALL = TariffPackage("small", "Small", 60, 999)


@pytest.mark.parametrize("cents", [0, -1, 10**9, 9.99])
def test_a_price_of_nothing_or_less_or_a_fraction_is_refused(cents):
    with pytest.raises(WrongPrice):
        Tariff({"starter": 200}, (TariffPackage("small", "Small", 60, cents),))


@pytest.mark.parametrize("minutes", [0, -60, 10_000_000, 1.5])
def test_a_package_without_minutes_or_with_ten_million_is_refused(minutes):
    with pytest.raises(WrongPackageMinutes):
        Tariff({"starter": 200}, (TariffPackage("small", "Small", minutes, 999),))


def test_two_packages_of_one_size_or_one_code_are_refused():
    with pytest.raises(SamePackage):
        Tariff({"starter": 200}, (SMALL, TariffPackage("tiny", "Tiny", 60, 899)))
    with pytest.raises(SamePackage):
        Tariff({"starter": 200}, (SMALL, TariffPackage("small", "Small", 61, 999)))


def test_an_empty_menu_is_refused():
    with pytest.raises(EmptyMenu):
        Tariff({"starter": 200}, ())


@pytest.mark.parametrize("minutes", [-1, 10_000_000, 0.5])
def test_an_allowance_below_nothing_or_of_ten_million_is_refused(minutes):
    with pytest.raises(WrongAllowance):
        Tariff({"starter": minutes}, (SMALL,))


@pytest.mark.parametrize(
    "rule",
    [{"burn_order": "newest"}, {"most_packages": -1}, {"carry_minutes": -5}, {"package_life": 0}],
)
def test_a_rule_that_does_not_exist_is_refused(rule):
    with pytest.raises(WrongRule):
        Tariff({"starter": 200}, (SMALL,), **rule)


def test_packages_are_stored_in_order_of_minutes():
    tariff = Tariff({"starter": 200}, (TariffPackage("large", "Large", 300, 3499), SMALL))

    assert [p.code for p in tariff.packages] == ["small", "large"]
