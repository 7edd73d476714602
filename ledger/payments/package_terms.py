"""Limits of a package: its code, name, minutes, and a price that Stripe can charge."""

import re

from ledger.money import amount_text, why_not_charged
from ledger.payments.errors import InvalidCatalogue
from ledger.validation import is_valid_text

STANDARD = "standard"
"""The arm of workspaces outside price tests, and of packages that a test does not change."""

MINUTES = range(1, 1_000_001)
CENTS = range(1, 100_000_000)
NAME_AT_MOST = 100
_WORD = re.compile(r"[a-z][a-z0-9_-]{0,39}")


def check_package(
    code: str, *, name: str, minutes: int, amount_cents: int, arm: str = STANDARD, currency: str = "usd"
) -> None:
    """Reject a package that can't be sold, before its price is created at Stripe. Raises `InvalidCatalogue`."""
    for what, word in (("code", code), ("arm", arm)):
        if not _WORD.fullmatch(word):
            detail = "Code and arm must be up to 40 of a-z 0-9 _ - and start with a letter."
            raise InvalidCatalogue(detail, what=what)
    if not 1 <= len(name) <= NAME_AT_MOST or not is_valid_text(name):
        detail = f"A package name must have 1 to {NAME_AT_MOST} characters."
        raise InvalidCatalogue(detail, what="name")
    if minutes not in MINUTES or amount_cents not in CENTS:
        most = amount_text(CENTS[-1], currency)
        detail = f"A package needs 1 to {MINUTES[-1]:,} minutes and a price of up to {most}."
        raise InvalidCatalogue(detail)
    require_charge(amount_cents, currency)


def require_charge(amount_cents: int, currency: str) -> None:
    """Raise `InvalidCatalogue` for a price that Stripe would not charge."""
    if problem := why_not_charged(amount_cents, currency):
        raise InvalidCatalogue(problem, what="price")
