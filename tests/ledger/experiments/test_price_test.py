"""Design of a price test: the published sizes, and what is no test."""

import pytest

from ledger.estimates import hits_per_arm
from ledger.experiments.price_test import design_test, elasticity_error
from ledger.pricing.calibration import Choices
from ledger.pricing.refusals import WrongTest
from ledger.pricing.tariff import TariffPackage

MENU = (
    TariffPackage("small", "Small", 60, 999),
    TariffPackage("medium", "Medium", 150, 1999),
    TariffPackage("large", "Large", 300, 3499),
    TariffPackage("jumbo", "Jumbo", 600, 5999),
)
SEEN = Choices.of_counts(MENU, [68_000, 14_000, 10_000, 5_000, 3_000])


@pytest.mark.parametrize(
    ("factors", "hits", "error"),
    [((1, 1.1), 1000, 0.53), ((1, 1.1), 5000, 0.24), ((1, 1.1), 20_000, 0.12), ((0.85, 1.15), 1000, 0.17),
     ((0.85, 1.15), 5000, 0.08)],
)  # fmt: skip
def test_how_much_a_test_teaches_about_the_elasticity(factors, hits, error):
    assert elasticity_error(SEEN, factors, elasticity_=-1.0, hits_per_arm=hits) == pytest.approx(
        error, abs=0.01
    )


def test_the_test_lasts_as_long_as_its_limit_hits_take_to_happen():
    design = design_test(SEEN, 1.1, elasticity_=-1.0, hits_per_day=50)

    assert design.conversion == pytest.approx(0.32, abs=1e-4)
    assert design.expected == pytest.approx(0.29, abs=1e-3)
    assert design.days == pytest.approx(2 * design.hits_per_arm / 50)
    assert design_test(SEEN, 1.1, elasticity_=-1.0, hits_per_day=0).days is None


def test_the_test_has_the_size_that_a_hold_out_with_the_same_effect_has():
    design = design_test(SEEN, 1.1, elasticity_=-1.0, hits_per_day=50, power=0.9)

    assert design.hits_per_arm == hits_per_arm(design.conversion, design.expected, power=0.9)


def test_one_arm_or_one_price_is_no_test():
    with pytest.raises(WrongTest):
        design_test(SEEN, 1.0, elasticity_=-1.0, hits_per_day=1)
    with pytest.raises(WrongTest):
        design_test(SEEN, 1.1, elasticity_=-1.0, hits_per_day=1, arms=1)
    with pytest.raises(WrongTest):
        design_test(SEEN, 1.1, elasticity_=-1.0, hits_per_day=1, power=1.0)
    with pytest.raises(WrongTest):
        elasticity_error(SEEN, (1.1, 1.1), elasticity_=-1.0, hits_per_arm=10)
