"""What may happen to a simulated purchase next."""

from dataclasses import replace

import pytest
from sqlalchemy import Engine

from dashboard.actions import MOVES
from dashboard.screens.bank import possible_moves
from ledger.payments.purchases import Purchase
from tests.shop import open_shop


@pytest.fixture
def paid(engine: Engine, now) -> Purchase:
    """A purchase whose money and minutes are there."""
    with open_shop(engine, now) as shop:
        return shop.bought("small")


@pytest.mark.parametrize(
    ("change", "moves"),
    [
        ({"status": "requires_action"}, ("authenticate", "refuse")),
        ({"status": "requires_payment", "checkout_session": "cs_1"}, ("pay_page",)),
        ({"status": "requires_payment"}, ()),
        ({"status": "failed"}, ()),
        ({}, ("dispute", "inquire", "warn", "refund_half", "refund")),
        (
            {"status": "partially_refunded", "refunded_cents": 1},
            ("dispute", "inquire", "warn", "refund", "refund_fails"),
        ),
        (
            {"status": "refunded", "refunded_cents": 999},
            ("dispute", "inquire", "warn", "refund_fails"),
        ),
        ({"source": "stripe_test"}, ("refund_half", "refund")),
        ({"source": "stripe_test", "status": "requires_action"}, ()),
        ({"status": "disputed", "dispute_status": "needs_response"}, ("win", "lose")),
        ({"status": "disputed", "dispute_status": "lost"}, ()),
    ],
)
def test_the_moves_offered_are_those_that_can_happen_now(paid: Purchase, change, moves) -> None:
    offered = possible_moves(replace(paid, **change))

    assert tuple(offered) == moves
    assert set(offered) <= set(MOVES)
