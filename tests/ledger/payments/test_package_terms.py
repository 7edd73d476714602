"""What cannot be sold is refused before anybody makes a price for it, in words that say what to do."""

import pytest

from ledger.payments.errors import InvalidCatalogue
from ledger.payments.package_terms import check_package

SMALL = {"code": "small", "name": "Small", "minutes": 60, "amount_cents": 999}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"code": "Small"}, "Code and arm"),
        ({"name": ""}, "package name"),
        ({"minutes": 0}, "1 to 1,000,000 minutes"),
        ({"currency": "zzz"}, "not a currency"),
        ({"amount_cents": 30}, "between 0.50"),
        ({"amount_cents": 3005, "currency": "kwd"}, "no such fraction"),
        ({"amount_cents": 49, "currency": "jpy"}, "between 50"),
    ],
)
def test_what_cannot_be_sold_says_why(change: dict[str, object], words: str) -> None:
    with pytest.raises(InvalidCatalogue, match=words):
        check_package(**SMALL | change)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"amount_cents": 50},
        {"amount_cents": 50, "currency": "jpy"},
        {"currency": "isk", "amount_cents": 90000},
    ],
)
def test_what_can_be_sold_passes(change: dict[str, object]) -> None:
    check_package(**SMALL | change)  # type: ignore[arg-type]
