"""Renewals that cannot be collected: nothing is added until they are paid, however late that is."""

import pytest

import ledger
from ledger.payments.subscriptions import list_stripe_subscriptions
from ledger.stripe_gateway import PaymentDeclined
from tests.shop import Shop
from tests.subscriber import advance, balance, subscribes


def cannot_renew(shop: Shop, price: str):
    """Subscribe, and fail to pay the second month; the subscription and that invoice."""
    subscription = subscribes(shop, price)
    shop.works()
    shop.gateway.set_payment_method(subscription.customer, "pm_card_chargeCustomerFail")
    advance(shop, days=32)
    return subscription, next(iter(shop.gateway.list_invoices(subscription=subscription.subscription)))


def test_a_renewal_that_cannot_be_collected_adds_nothing_and_is_shown(shop: Shop, prices):
    cannot_renew(shop, prices["starter", "monthly"])

    assert balance(shop).plan_minutes == 200
    assert {row["kind"] for row in shop.rows("SELECT kind FROM payment_alerts")} == {"invoice_failed"}
    with ledger.reading(shop.engine) as db:
        assert [each.status for each in list_stripe_subscriptions(db, "acme")] == ["past_due"]


def test_an_invoice_paid_later_allocates_then(shop: Shop, prices):
    subscription, latest = cannot_renew(shop, prices["starter", "monthly"])
    with pytest.raises(PaymentDeclined):
        shop.gateway.pay_invoice(latest.invoice)

    shop.gateway.set_payment_method(subscription.customer, "pm_card_visa")
    shop.gateway.pay_invoice(latest.invoice)
    shop.works()

    assert balance(shop).plan_minutes == 400


def test_an_old_invoice_paid_after_a_newer_one_gives_its_minutes_and_leaves_the_plan(shop: Shop, prices):
    subscription, unpaid = cannot_renew(shop, prices["starter", "monthly"])
    shop.gateway.set_payment_method(subscription.customer, "pm_card_visa")
    shop.gateway.change_subscription(
        subscription.subscription, prices["pro", "annual"], idempotency_key="year"
    )
    shop.works()
    newest = balance(shop)

    shop.gateway.pay_invoice(unpaid.invoice)
    shop.works()

    now = balance(shop)
    assert now.plan_minutes == newest.plan_minutes + 200
    assert (now.plan, now.billing_cycle, now.minutes_total) == ("pro", "annual", 3600)
    assert now.minutes_reset_date == newest.minutes_reset_date
