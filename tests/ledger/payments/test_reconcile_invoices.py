"""Invoices are compared as payments are: what was lost is settled by the code of its event, the rest is reported."""

from datetime import timedelta

import ledger
from ledger.payments.alerts import list_alerts
from ledger.payments.findings import BookDifference
from ledger.payments.owners import link_stripe
from ledger.payments.plan_invoices import list_plan_invoices
from tests.ledger.payments.test_reconcile import compared, kinds
from tests.shop import Shop
from tests.subscriber import balance, subscribes


def test_a_subscription_whose_events_were_lost_is_credited(shop: Shop, prices):
    subscribes(shop, prices["starter", "monthly"])
    shop.loses_events()

    report = compared(shop, days=35)

    assert (kinds(report), report.checked_invoices) == ([("paid_not_credited", True)], 1)
    assert balance(shop).plan_minutes == 200
    assert kinds(compared(shop, days=35)) == []


def test_a_dry_run_reports_and_books_nothing(shop: Shop, prices):
    subscribes(shop, prices["starter", "monthly"])
    shop.loses_events()

    assert kinds(compared(shop, repair=False)) == [("paid_not_credited", False)]
    assert balance(shop).plan_minutes == 0


def test_a_paid_invoice_that_names_nobody_is_shown_and_settled_after_its_link(shop: Shop, prices):
    subscription = subscribes(shop, prices["starter", "monthly"], workspace_id=None)
    shop.loses_events()

    assert kinds(compared(shop)) == [("paid_names_no_workspace", False)]
    with ledger.writing(shop.engine) as db:
        assert [alert.kind for alert in list_alerts(db)] == ["no_workspace"]
        link_stripe(db, "acme", customer_id=subscription.customer, actor="ada", at=shop.now)

    assert kinds(compared(shop)) == [("paid_not_credited", True)]
    assert balance(shop).plan_minutes == 200


def test_a_refund_whose_event_was_lost_takes_its_minutes_back(shop: Shop, prices):
    subscription = subscribes(shop, prices["starter", "monthly"])
    shop.works()
    (facts,) = shop.gateway.list_invoices(subscription=subscription.subscription)
    shop.gateway.refund(facts.payment_intent, 1900, idempotency_key="r")
    shop.loses_events()

    assert kinds(compared(shop)) == [("refund_not_booked", True)]
    assert balance(shop).plan_minutes == 0
    assert kinds(compared(shop)) == []


def test_a_lost_dispute_event_and_its_win_are_booked_and_an_answered_one_is_no_difference(shop: Shop, prices):
    subscription = subscribes(shop, prices["starter", "monthly"])
    shop.works()
    (facts,) = shop.gateway.list_invoices(subscription=subscription.subscription)
    dispute = shop.gateway.open_dispute(facts.payment_intent)
    shop.loses_events()
    assert kinds(compared(shop)) == [("dispute_not_booked", True)]
    assert balance(shop).plan_minutes == 0
    assert kinds(compared(shop)) == []

    shop.gateway.close_dispute(dispute.dispute, won=True)
    shop.loses_events()

    assert kinds(compared(shop)) == [("dispute_not_booked", True)]
    assert (balance(shop).plan_minutes, kinds(compared(shop))) == (200, [])


def test_minutes_of_an_invoice_that_stripe_does_not_know_are_reported_and_stay(shop: Shop, prices):
    subscribes(shop, prices["starter", "monthly"])
    shop.works()
    shop.runs("DELETE FROM sandbox_objects WHERE object = 'invoice'")

    report = compared(shop)

    assert kinds(report) == [("credited_not_paid", False)]
    assert isinstance(report.findings[0], BookDifference)
    assert report.findings[0].invoice == invoice_of(shop)
    assert balance(shop).plan_minutes == 200


def test_what_lies_outside_the_span_is_left_alone(shop: Shop, prices):
    subscribes(shop, prices["starter", "monthly"])
    shop.loses_events()
    shop.now += timedelta(days=4)

    assert kinds(compared(shop, days=3)) == []
    assert kinds(compared(shop, days=5)) == [("paid_not_credited", True)]


def invoice_of(shop: Shop) -> str:
    with ledger.reading(shop.engine) as db:
        return list_plan_invoices(db, "acme")[0].invoice_id
