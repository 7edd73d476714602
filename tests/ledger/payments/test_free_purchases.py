"""A promotion code that leaves nothing to pay: completed on Stripe's page is as good as paid."""

from datetime import timedelta
from typing import Any

import pytest

import ledger
from ledger.payments.alerts import list_alerts
from ledger.payments.errors import NotRefundable
from ledger.payments.purchases import Purchase
from ledger.payments.reconcile import Reconciliation, reconcile
from ledger.payments.refund_quotes import quote_refund
from tests.ledger.payments.test_page_totals import begins, buys_on_page, pays, value
from tests.shop import Shop


def completes(shop: Shop, purchase: Purchase, **how: Any) -> None:
    """Type the code for everything, and complete the page."""
    coupon = shop.gateway.create_coupon(100, duration="once")
    shop.gateway.complete_checkout(purchase.checkout_session or "", coupon=coupon, **how)


def compares(shop: Shop) -> Reconciliation:
    span = {"since": shop.now - timedelta(days=3), "until": shop.now + timedelta(days=1)}
    return reconcile(shop.engine, shop.gateway, **span, actor="test", at=shop.now)


def test_a_code_for_everything_credits_the_minutes_once_and_earns_nothing(taxing: Shop):
    purchase = begins(taxing, "acme")
    completes(taxing, purchase)
    taxing.works()
    taxing.syncs(purchase)

    now = taxing.purchase(purchase)
    assert (now.status, now.charged_cents, now.discount_cents, now.fee_cents) == ("paid", 0, 999, 0)
    assert (taxing.extra(workspace_id="acme"), taxing.extra(workspace_id="beta")) == (60, 0)
    assert value(taxing, "revenue-gross") == 0
    assert value(taxing, "average-package-minutes") == 60
    assert compares(taxing).findings == ()
    with ledger.reading(taxing.engine) as db:
        assert (list_alerts(db), ledger.verify(db)) == ([], [])
        with pytest.raises(NotRefundable, match="nothing was charged"):
            quote_refund(db, "acme", purchase.purchase_id)


def test_lost_events_of_a_free_purchase_are_settled_by_reconciliation(taxing: Shop):
    purchase = begins(taxing, "acme")
    completes(taxing, purchase)
    taxing.loses_events()
    taxing.later(hours=2)

    (finding,) = compares(taxing).findings

    assert (finding.repaired, taxing.extra()) == (True, 60)
    assert compares(taxing).findings == ()


def test_a_card_that_was_declined_before_the_code_changes_nothing(taxing: Shop):
    purchase = begins(taxing, "acme")
    with pytest.raises(ledger.LedgerError):
        pays(taxing, purchase, tax=True, code=False, payment_method="pm_card_chargeDeclined")
    taxing.works()
    assert taxing.purchase(purchase).status == "failed"

    completes(taxing, purchase)
    taxing.works()

    assert (taxing.purchase(purchase).status, taxing.extra()) == ("paid", 60)
    assert compares(taxing).findings == ()


def test_a_free_page_whose_discount_is_not_the_price_is_quarantined_until_it_is(taxing: Shop):
    purchase = begins(taxing, "acme")
    completes(taxing, purchase)
    taxing.runs("UPDATE extra_minutes_purchases SET amount_cents = 1999")
    taxing.works()
    assert (taxing.purchase(purchase).status, taxing.extra(workspace_id="acme")) == ("quarantined", 0)

    taxing.runs("UPDATE extra_minutes_purchases SET amount_cents = 999")
    taxing.syncs(purchase)

    assert taxing.extra(workspace_id="acme") == 60
    with ledger.reading(taxing.engine) as db:
        (alert,) = list_alerts(db, closed=True)
    assert (alert.kind, alert.closed_because) == ("quarantined", "a promotion code paid for it")


def test_minutes_of_a_free_purchase_that_stripe_does_not_confirm_are_reported(taxing: Shop):
    free = begins(taxing, "acme")
    completes(taxing, free)
    taxing.works()
    other = begins(taxing, "beta", "other")
    taxing.runs(
        "UPDATE extra_minutes_purchases SET checkout_session = NULL WHERE purchase_id = :id",
        id=other.purchase_id,
    )
    taxing.runs(
        "UPDATE extra_minutes_purchases SET checkout_session = :page WHERE purchase_id = :id",
        page=other.checkout_session,
        id=free.purchase_id,
    )

    kinds = [finding.kind for finding in compares(taxing).findings]

    assert "credited_not_paid" in kinds


def test_two_free_purchases_are_no_double_payment(taxing: Shop):
    for key in ("one", "two"):
        completes(taxing, begins(taxing, "acme", key))
    taxing.works()
    buys_on_page(taxing, key="paid")

    assert taxing.extra() == 180
    with ledger.reading(taxing.engine) as db:
        assert list_alerts(db, closed=True) == []
