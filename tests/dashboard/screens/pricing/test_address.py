"""The question in the address: what is written is read back, and nonsense is refused by name."""

import pytest

from dashboard.screens.pricing.address import decoded, encoded
from ledger.pricing.calibration import Belief
from ledger.pricing.question import Question
from ledger.pricing.refusals import PricingRefused
from ledger.pricing.tariff import Tariff, TariffPackage

QUESTION = Question(
    Tariff({"starter": 150, "pro": 300}, (TariffPackage("small", "Smäll <b>", 60, 899),), "usd"),
    Belief(-0.8, 0.3),
    segment="pro",
    need_weight=0.25,
    traits=(("billing_cycle", "annual"), ("country", "Côte d'Ivoire")),
)


def test_a_question_comes_back_from_the_address_as_it_was():
    assert decoded(encoded(QUESTION)) == QUESTION
    assert len(encoded(QUESTION)) < 600


@pytest.mark.parametrize("code", ["nonsense", "e30", "x" * 5000, "eJyrBQAAmQCW", "ä"])
def test_a_code_that_is_no_question_is_refused(code: str):
    with pytest.raises(PricingRefused):
        decoded(code)
