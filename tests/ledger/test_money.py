"""Currencies: an amount in the smallest unit is worth what Stripe says it is."""

from decimal import Decimal

import pytest

from ledger.money import (
    CURRENCIES,
    MINIMUM_CENTS,
    amount_text,
    cents_from,
    digits_of,
    units_of,
    why_not_charged,
)


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


@pytest.mark.parametrize(
    ("cents", "currency", "words"),
    [
        (500, "usd", "5.00 USD"),
        (199_900, "jpy", "199,900 JPY"),
        (123_456_789, "eur", "1,234,567.89 EUR"),
        (1_999, "KWD", "1.999 KWD"),
        (0, "jpy", "0 JPY"),
    ],
)
def test_an_amount_in_a_sentence_has_its_currency_and_its_digits(
    cents: int, currency: str, words: str
) -> None:
    assert amount_text(cents, currency) == words


@pytest.mark.parametrize(
    ("currency", "most_refused", "least"),
    [
        ("usd", 49, 50),
        ("eur", 49, 50),
        ("gbp", 29, 30),
        ("jpy", 49, 50),
        ("huf", 17499, 17500),
        ("vnd", 0, 1),
    ],
)
def test_the_smallest_charge_of_a_currency_is_stripes(currency: str, most_refused: int, least: int) -> None:
    assert why_not_charged(most_refused, currency)
    assert why_not_charged(least, currency) is None
    assert why_not_charged(99_999_999, currency) is None
    assert why_not_charged(100_000_000, currency)


@pytest.mark.parametrize(
    ("currency", "cents", "words"),
    [
        ("zzz", 999, "not a currency"),
        ("USD", 999, "write it as usd"),
        ("usd", 30, "between 0.50 and 999999.99"),
        ("kwd", 3005, "multiple of 0.01"),
        ("isk", 1050, "multiple of 1"),
    ],
)
def test_what_cannot_be_charged_says_why(currency: str, cents: int, words: str) -> None:
    assert words in (why_not_charged(cents, currency) or "")


def test_a_fraction_that_the_currency_has_can_be_charged() -> None:
    assert [why_not_charged(cents, code) for cents, code in ((3010, "kwd"), (1000, "isk"), (999, "usd"))] == [
        None
    ] * 3
    assert set(MINIMUM_CENTS) < CURRENCIES
