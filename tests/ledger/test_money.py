"""Currencies: an amount in the smallest unit is worth what Stripe says it is."""

from decimal import Decimal

import pytest

from ledger.money import cents_from, digits_of, units_of


@pytest.mark.parametrize(
    ("currency", "digits", "units"),
    [
        ("usd", 2, "19.99"),
        ("JPY", 0, "1999"),
        ("xaf", 0, "1999"),
        ("kwd", 3, "1.999"),
        ("tnd", 3, "1.999"),
        ("isk", 2, "19.99"),
        ("ugx", 2, "19.99"),
    ],
)
def test_an_amount_in_the_smallest_unit_becomes_whole_units_and_back(
    currency: str, digits: int, units: str
) -> None:
    assert digits_of(currency) == digits
    assert units_of(1999, currency) == Decimal(units)
    assert cents_from(float(units), currency) == 1999
