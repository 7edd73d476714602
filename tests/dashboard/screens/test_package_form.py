"""Before a package goes on sale, its form confirms what changes for customers, old → new."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from dashboard.actions import NewPackage
from dashboard.clock import present
from dashboard.screens.package_form import Publication, on_sale, question
from ledger.payments import Package

NEW = NewPackage(code="small", name="Small", minutes=60, amount_cents=899, currency="usd", arm="standard")


def sold(**changes: Any) -> Package:
    about: dict[str, Any] = {
        "code": "small",
        "version": 1,
        "arm": "standard",
        "name": "Small",
        "minutes": 60,
        "amount_cents": 999,
        "currency": "usd",
        "valid_from": present() - timedelta(days=1),
        "valid_to": None,
        "stripe_product": None,
        "stripe_price": None,
        "created_by": "t",
    }
    return Package(**{**about, **changes})


@pytest.mark.parametrize(
    ("before", "changes"),
    [
        (sold(), [r"price \$9\.99 → **\$8\.99**"]),
        (sold(amount_cents=899), []),
        (sold(amount_cents=899, minutes=50), ["minutes 50 → **60**"]),
        (
            sold(name="*Mini*", minutes=1000),
            [r"name \*Mini\* → **Small**", "minutes 1,000 → **60**", r"price \$9\.99 → **\$8\.99**"],
        ),
        (None, ["new"]),
    ],
)
def test_what_changes_is_named_and_nothing_else(before: Package | None, changes: list[str]) -> None:
    assert Publication(NEW, before).changes == changes


def test_a_package_that_is_not_sold_yet_is_called_so() -> None:
    assert question(Publication(NEW, None)).endswith("It is not on sale yet.")
    assert question(Publication(NEW, sold())).endswith(r"Changes: price \$9\.99 → **\$8\.99**.")
    assert question(Publication(replace(NEW, name="<b>"), None)).startswith(
        r"Customers see it at once: \<b\> (small, standard)"
    )


@pytest.mark.parametrize(
    ("start", "end", "selling"),
    [(-1, None, True), (-1, 1, True), (1, None, False), (-2, -1, False)],
)
def test_a_version_is_on_sale_from_its_start_until_its_end(
    start: int, end: int | None, selling: bool
) -> None:
    def day(days: int) -> datetime:
        return present() + timedelta(days=days)

    version = sold(valid_from=day(start), valid_to=None if end is None else day(end))

    assert on_sale(version) is selling
