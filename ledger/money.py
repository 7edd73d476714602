"""Currencies: how many digits an amount in the smallest unit has behind the point.

The table is Stripe's (https://docs.stripe.com/currencies, "Zero-decimal currencies" and "Three-decimal currencies"), so
that an amount means here what it means in an API call. Stripe counts ISK, HUF, TWD and UGX in hundredths.
"""

from collections.abc import Mapping
from decimal import Decimal

ZERO_DIGITS = frozenset(
    "bif clp djf gnf jpy kmf krw mga pyg rwf vnd vuv xaf xof xpf".split()  # noqa: SIM905  reads like Stripe's list
)
THREE_DIGITS = frozenset({"bhd", "jod", "kwd", "omr", "tnd"})

MINIMUM_CENTS: Mapping[str, int] = {
    "aed": 200, "aud": 50, "bgn": 100, "brl": 50, "cad": 50, "chf": 50, "czk": 1500, "dkk": 250, "eur": 50, "gbp": 30,
    "hkd": 400, "huf": 17500, "inr": 50, "jpy": 50, "krw": 100, "kwd": 200, "mxn": 1000, "myr": 200, "nok": 300,
    "nzd": 50, "pln": 200, "ron": 200, "sek": 300, "sgd": 50, "thb": 1000, "usd": 50,
}  # fmt: skip
"""Smallest charge in the smallest unit: https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts. Stripe
converts the others to the currency of the account's bank and applies that one's minimum."""

MAXIMUM_CENTS = 99_999_999
"""Largest charge in the smallest unit, from the same table: eight digits."""

_OTHERS = """
afn all amd ang aoa ars awg azn bam bbd bdt bmd bnd bob bsd bwp byn bzd cdf cny cop crc cve dop dzd egp etb fjd fkp
gel gip gmd gtq gyd hnl htg idr ils isk jmd kes kgs khr kyd kzt lak lbp lkr lrd lsl mad mdl mkd mmk mnt mop mur mvr
mwk mzn nad ngn nio npr pab pen pgk php pkr qar rsd rub sar sbd scr shp sle sos srd std szl tjs top try ttd twd tzs
uah ugx uyu uzs wst xcd xcg yer zar zmw
"""
CURRENCIES = ZERO_DIGITS | THREE_DIGITS | frozenset(MINIMUM_CENTS) | frozenset(_OTHERS.split())
"""Currencies in which a customer can be charged: https://docs.stripe.com/currencies#presentment-currencies."""

_STEPS = dict.fromkeys(THREE_DIGITS, 10) | {"isk": 100, "ugx": 100}
"""Amounts that are no multiple of this name a fraction that the currency lacks (the same page, "Special cases")."""


def digits_of(currency: str) -> int:
    """Return the digits behind the point: 2 for most currencies."""
    code = currency.lower()
    if code in ZERO_DIGITS:
        return 0
    return 3 if code in THREE_DIGITS else 2


def units_of(amount_cents: float | Decimal, currency: str) -> Decimal:
    """Return an amount in whole units: 1999 is 19.99 USD, 1,999 JPY and 1.999 KWD."""
    return Decimal(str(amount_cents)).scaleb(-digits_of(currency))


def amount_text(amount_cents: float, currency: str) -> str:
    """Return an amount as sentences of the ledger state it: `19.99 USD`, `1,999 JPY`."""
    return f"{units_of(amount_cents, currency):,f} {currency.upper()}"


def cents_from(units: float | Decimal, currency: str) -> int:
    """Return the amount in the smallest unit of what people write in whole units."""
    return round(Decimal(str(units)).scaleb(digits_of(currency)))


def why_not_charged(amount_cents: int, currency: str) -> str | None:
    """Return why Stripe would refuse to charge an amount, in one sentence; None when it would not."""
    code = currency.lower()
    if currency != code or code not in CURRENCIES:
        return f"{currency[:10]!r} is not a currency that Stripe charges; write it as usd."
    least, step = MINIMUM_CENTS.get(code, 1), _STEPS.get(code, 1)
    if not least <= amount_cents <= MAXIMUM_CENTS:
        span = f"{units_of(least, code):f} and {units_of(MAXIMUM_CENTS, code):f}"
        return f"A price in {code.upper()} is between {span}."
    if amount_cents % step:
        return f"{code.upper()} has no such fraction: use a multiple of {units_of(step, code).normalize():f}."
    return None
