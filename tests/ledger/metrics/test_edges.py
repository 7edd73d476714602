"""Where a definition begins and ends: the instants and states that every dispute about a number is about."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

import ledger
from ledger.metrics import measure
from ledger.payments.purchases import place_purchase
from tests.mini_ledger import pay

START = datetime(2026, 2, 1, tzinfo=UTC)
HIT = datetime(2026, 2, 10, 9, tzinfo=UTC)
AS_OF = datetime(2026, 6, 1, tzinfo=UTC)
SELECTION = {"start": START, "end": AS_OF, "as_of": AS_OF, "source": "live"}


def starts(db, workspace_id, plan="starter"):
    """A workspace of the live source with a plan, annual so that nothing is added later."""
    ledger.create_workspace(
        db, workspace_id, name="x", owner_email="o@example.com", actor="t", at=START, source="live"
    )
    ledger.update_plan_allocation(db, workspace_id, plan, "annual", key="start", actor="t", at=START)


def hits(db, workspace_id, plan="starter"):
    """A workspace that uses up its plan at HIT."""
    starts(db, workspace_id, plan)
    ledger.track_minutes(db, workspace_id, 10_000, key="all", at=HIT)


def buys(db, workspace_id, at):
    """A small package, paid at once; gives the id of the purchase."""
    bought = place_purchase(db, workspace_id, "small", mode="live", key="buy", actor="o", at=at)
    pay(db, workspace_id, bought.purchase_id, at=at)
    return bought.purchase_id


@pytest.mark.parametrize("slug", ["conversion", "conversion-net", "conversion-per-hit"])
def test_the_fourteen_days_begin_with_the_hit_and_end_before_their_last_instant(db, slug):
    for workspace_id, after in (
        ("at-once", timedelta(0)),
        ("late", timedelta(days=14) - timedelta(microseconds=1)),
        ("too-late", timedelta(days=14)),
    ):
        hits(db, workspace_id)
        buys(db, workspace_id, HIT + after)

    result = measure(db, slug, **SELECTION)

    assert (result.numerator, result.denominator) == (2, 3)


def test_a_smaller_plan_after_a_hit_is_no_upgrade(db):
    for workspace_id, plan, then in (("up", "starter", "pro"), ("down", "pro", "starter")):
        hits(db, workspace_id, plan)
        ledger.update_plan_allocation(
            db, workspace_id, then, "annual", key="then", actor="t", at=HIT + timedelta(days=1)
        )

    result = measure(db, "upgrade-after-hit", **SELECTION)

    assert (result.numerator, result.denominator) == (1, 2)


def test_only_a_refund_that_was_made_and_a_dispute_that_was_lost_lower_net_revenue(db):
    for number, status in enumerate(("succeeded", "failed", "canceled")):
        starts(db, f"r{number}")
        bought = buys(db, f"r{number}", HIT)
        db.execute(
            text(
                "INSERT INTO refunds (workspace_id, refund_id, purchase_id, amount_cents, currency, status, refunded_at) "
                "VALUES (:w, :w, :p, 100, 'usd', :status, :at)"
            ),
            {"w": f"r{number}", "p": bought, "status": status, "at": HIT},
        )
    for number, status in enumerate(("lost", "won")):
        starts(db, f"d{number}")
        bought = buys(db, f"d{number}", HIT)
        db.execute(
            text(
                "INSERT INTO disputes (workspace_id, dispute_id, purchase_id, amount_cents, currency, status, "
                "opened_at, closed_at) VALUES (:w, :w, :p, 999, 'usd', :status, :at, :at)"
            ),
            {"w": f"d{number}", "p": bought, "status": status, "at": HIT},
        )

    result = {
        slug: measure(db, slug, **SELECTION).value for slug in ("revenue-gross", "revenue-net", "refunds")
    }

    assert result == {"revenue-gross": 5 * 999, "revenue-net": 5 * 999 - 100 - 999, "refunds": 100}
