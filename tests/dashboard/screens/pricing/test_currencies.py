"""The lab shows and reads prices with the digits of their currency."""

import math

import pytest

from dashboard.screens.pricing.arms import _row
from dashboard.screens.pricing.controls import _package
from ledger.estimates import Interval
from ledger.experiments import PriceArm


@pytest.mark.parametrize(
    ("currency", "price", "cents"), [("usd", 9.99, 999), ("jpy", 1000.0, 1000), ("kwd", 1.999, 1999)]
)
def test_a_price_of_the_menu_is_in_whole_units_of_its_currency(
    currency: str, price: float, cents: int
) -> None:
    row = {"code": "small", "name": "Small", "minutes": 60, "price": price}

    assert _package(row, 0, currency).amount_cents == cents


@pytest.mark.parametrize(("currency", "menu", "band"), [
    ("usd", "9.99 / –", "1.00 … 3.00"), ("jpy", "999 / –", "100 … 300"), ("kwd", "0.999 / –", "0.100 … 0.300"),
])  # fmt: skip
def test_an_arm_states_its_prices_and_revenue_in_its_currency(currency: str, menu: str, band: str) -> None:
    arm = PriceArm((9.99, math.nan), 10, 2, Interval(2.0, 1.0, 3.0), None)

    row = _row(arm, currency)

    assert (row["menu"], row["band"]) == (menu, band)
