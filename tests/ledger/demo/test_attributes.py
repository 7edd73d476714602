"""Country and channel of the demo company's customers: drawn as stated, the same for the same seed."""

from collections import Counter

import numpy as np
import pytest

from ledger.demo.attributes import COUNTRIES, UNKNOWN_COUNTRY, draw_attributes
from tests.ledger.demo.test_customers import a_customer


def drawn(plan: str, many: int = 4_000) -> list[dict[str, str]]:
    """Return the attributes of many customers on a plan."""
    rng = np.random.default_rng(7)
    return [draw_attributes(a_customer(plan=plan), rng) for _ in range(many)]


def test_shares_are_those_that_are_stated() -> None:
    starter, pro = (Counter(one["channel"] for one in drawn(plan)) for plan in ("starter", "pro"))
    countries = Counter(one.get("country") for one in drawn("starter"))

    assert sum(COUNTRIES.values()) == pytest.approx(1)
    assert (starter["Sales"], pro["Sales"] / 4_000) == (0, pytest.approx(0.35, abs=0.03))
    assert starter["Partner"] / 4_000 == pytest.approx(0.20, abs=0.03)
    assert countries[None] / 4_000 == pytest.approx(UNKNOWN_COUNTRY, abs=0.015)
    assert countries["DE"] / 4_000 == pytest.approx(0.30 * 0.96, abs=0.03)


def test_the_same_luck_draws_the_same() -> None:
    assert drawn("pro", 50) == drawn("pro", 50)
