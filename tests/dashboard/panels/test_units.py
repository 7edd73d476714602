"""Goals and thresholds are entered in whole units and stored in cents, with the digits of each currency."""

import pytest

from dashboard.panels.units import EnteredUnit


@pytest.mark.parametrize(
    ("currency", "entered", "stored", "shown"),
    [("usd", 19.99, 1999, "$19.99"), ("jpy", 1999, 1999, "¥1,999"), ("kwd", 1.999, 1999, "KWD\u00a01.999")],
)
def test_money_has_the_digits_of_its_currency(
    currency: str, entered: float, stored: float, shown: str
) -> None:
    unit = EnteredUnit("cents", (currency,))

    assert unit.name == currency.upper()
    assert unit.stored(entered) == stored
    assert unit.entered(stored) == entered
    assert unit.shown(stored) == shown


def test_a_price_of_a_minute_may_be_a_fraction_of_a_cent() -> None:
    assert EnteredUnit("cents", ("usd",)).stored(0.1234) == 12.34


def test_several_currencies_are_all_named() -> None:
    unit = EnteredUnit("cents", ("eur", "usd"))

    assert (unit.name, unit.shown(1999)) == ("EUR, USD", "19.99 EUR, USD")


def test_other_units_stay_as_they_are() -> None:
    unit = EnteredUnit("percent")

    assert (unit.name, unit.stored(45.5), unit.entered(45.5), unit.shown(45.5)) == ("%", 45.5, 45.5, "45.5%")
