"""Refunds by staff: within the limit at once, above it by a second person, twice the same click is one refund."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import Engine

import ledger
from dashboard import actions
from dashboard.access import Operator
from dashboard.clock import present
from dashboard.installation import current
from ledger.database import reading, writing
from ledger.desk import audit, staff
from ledger.payments import buying
from ledger.payments.errors import RefundExceedsPayment
from ledger.payments.purchases import Purchase, get_purchase
from tests.pages.visits import use

SAM = Operator("sam@example.com", "Sam", "support", "oidc")
ADA = Operator("ada@example.com", "Ada", "admin", "oidc")


@pytest.fixture
def bought(engine: Engine) -> Iterator[Purchase]:
    """150 minutes for $19.99, none of them used."""
    use(engine)
    at = present() - timedelta(days=1)
    with writing(engine) as db:
        ledger.create_workspace(db, "acme", name="Acme", owner_email="a@acme.example", actor="test", at=at)
    gateway = current().gateway("sandbox")
    made = buying.buy(
        engine, gateway, "acme", "medium", payment_method="pm_card_visa", key="buy", actor="acme", at=at
    )
    with writing(engine) as db:
        made = buying.sync_purchase(db, gateway, "acme", made.purchase_id, at=at)
    yield made
    gateway.close()


def _now(engine: Engine, purchase: Purchase) -> tuple[int, int, list[str]]:
    with reading(engine) as db:
        refunded = get_purchase(db, "acme", purchase.purchase_id).refunded_cents
        left = ledger.get_balance(db, "acme").total_minutes
        return refunded, left, [line.action for line in audit.list_lines(db)]


def test_within_the_limit_money_and_minutes_go_back_once_however_often_one_clicks(
    engine: Engine, bought: Purchase
) -> None:
    for _ in range(3):
        actions.refund_purchase(SAM, "acme", bought.purchase_id, 1000, reason="customer request", key="click")

    assert _now(engine, bought) == (1000, 75, ["refund"])
    with reading(engine) as db:
        (line,) = audit.list_lines(db)
    assert (line.amount_cents, line.after["currency"]) == (1000, "usd")


def test_above_the_limit_nothing_moves_until_a_second_person_agrees(engine: Engine, bought: Purchase) -> None:
    with writing(engine) as db:
        staff.set_limits(db, staff.Limits("support", 300, 1500, 500, 500))

    request = actions.refund_purchase(SAM, "acme", bought.purchase_id, 1999, reason="all of it", key="click")
    assert request.waits_for is not None
    assert _now(engine, bought) == (0, 150, ["ask_refund"])

    actions.decide(ADA, request.waits_for, accepted=True)
    assert _now(engine, bought) == (1999, 0, ["approve_refund", "ask_refund"])


def test_the_limit_of_a_day_counts_what_was_refunded_before(engine: Engine, bought: Purchase) -> None:
    with writing(engine) as db:
        staff.set_limits(db, staff.Limits("support", 300, 1500, 800, 1000))

    first = actions.refund_purchase(SAM, "acme", bought.purchase_id, 800, reason="part", key="1")
    second = actions.refund_purchase(SAM, "acme", bought.purchase_id, 300, reason="part", key="2")

    assert (first.waits_for is None, second.waits_for is None) == (True, False)


def test_more_than_was_paid_is_refused_and_leaves_no_line(engine: Engine, bought: Purchase) -> None:
    with pytest.raises(RefundExceedsPayment):
        actions.refund_purchase(SAM, "acme", bought.purchase_id, 2000, reason="too much", key="click")

    assert _now(engine, bought) == (0, 150, [])
