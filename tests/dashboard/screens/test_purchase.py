"""Watching a purchase: when it is settled, and what may happen to it next."""

from dataclasses import replace

import pytest
from sqlalchemy import Engine

from dashboard.screens import purchase
from ledger.payments.purchases import Purchase
from ledger.stripe_gateway import FAULTS
from tests.shop import open_shop


@pytest.fixture
def paid(engine: Engine, now) -> Purchase:
    """A purchase whose money and minutes are there."""
    with open_shop(engine, now) as shop:
        return shop.bought("small")


def test_every_fault_of_the_sandbox_has_a_name() -> None:
    assert set(purchase.FAULT_NAMES) == set(FAULTS)


def test_paid_is_settled_only_when_the_minutes_are_there(paid: Purchase) -> None:
    assert purchase.is_settled(paid)
    assert not purchase.is_settled(replace(paid, lot_id=None))


@pytest.mark.parametrize(
    ("status", "settled"),
    [
        ("requires_payment", False),
        ("requires_action", False),
        ("processing", False),
        ("failed", True),
        ("canceled", True),
        ("quarantined", True),
    ],
)
def test_what_waits_for_somebody_is_not_settled(paid: Purchase, status: str, settled: bool) -> None:
    assert purchase.is_settled(replace(paid, status=status, lot_id=None)) is settled


@pytest.mark.parametrize(
    ("source", "said"),
    [("live", "a copy of the live workspace"), ("stripe_test", "in Stripe test mode, key sk_…1"), ("sandbox", "without a Stripe account")],
)  # fmt: skip
def test_the_answer_says_that_no_real_money_moves_and_where_it_goes(source, said) -> None:
    sentence = purchase.answer(source, "sk_…1").replace("\\", "")

    assert sentence.startswith("**No real money moves**: ")
    assert said in sentence
