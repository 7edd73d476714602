"""Currencies: how many digits an amount in the smallest unit has behind the point.

The table is Stripe's (https://docs.stripe.com/currencies, "Zero-decimal currencies" and "Three-decimal currencies"), so
that an amount means here what it means in an API call. Stripe counts ISK, HUF, TWD and UGX in hundredths.
"""

from decimal import Decimal

ZERO_DIGITS = frozenset(
    "bif clp djf gnf jpy kmf krw mga pyg rwf vnd vuv xaf xof xpf".split()  # noqa: SIM905  reads like Stripe's list
)
THREE_DIGITS = frozenset({"bhd", "jod", "kwd", "omr", "tnd"})


def digits_of(currency: str) -> int:
    """Return the digits behind the point: 2 for most currencies."""
    code = currency.lower()
    if code in ZERO_DIGITS:
        return 0
    return 3 if code in THREE_DIGITS else 2


def units_of(amount_cents: float | Decimal, currency: str) -> Decimal:
    """Return an amount in whole units: 1999 is 19.99 USD, 1,999 JPY and 1.999 KWD."""
    return Decimal(str(amount_cents)).scaleb(-digits_of(currency))


def cents_from(units: float | Decimal, currency: str) -> int:
    """Return the amount in the smallest unit of what people write in whole units."""
    return round(Decimal(str(units)).scaleb(digits_of(currency)))
