"""What was created long ago and paid or refunded lately is compared too, on both sides of the span."""

import pytest

from tests.ledger.payments.test_reconcile import compared, kinds
from tests.ledger.payments.test_subscriptions_unpaid import cannot_renew
from tests.shop import Shop
from tests.subscriber import balance, subscribes


def paid_late(shop: Shop, price: str) -> None:
    """Pay a renewal a day after it could not be collected; the events of the payment are lost."""
    subscription, renewal = cannot_renew(shop, price)
    shop.later(hours=20)
    shop.gateway.set_payment_method(subscription.customer, "pm_card_visa")
    shop.gateway.pay_invoice(renewal.invoice)
    shop.loses_events()


@pytest.mark.parametrize(("hours_ago", "compares"), [(3, True), (4, False)])
def test_an_invoice_is_compared_by_the_time_of_its_payment(
    shop: Shop, prices, hours_ago: int, compares: bool
):
    paid_late(shop, prices["starter", "monthly"])
    shop.later(hours=hours_ago)

    report = compared(shop, days=3 / 24)

    assert kinds(report) == [("paid_not_credited", True)] * compares
    assert balance(shop).plan_minutes == 200 + 200 * compares
    assert kinds(compared(shop, days=3 / 24)) == []


@pytest.mark.parametrize(("days_ago", "compares"), [(3, True), (4, False)])
def test_a_refund_of_an_old_payment_is_compared_by_the_time_of_the_refund(
    shop: Shop, prices, days_ago: int, compares: bool
):
    subscription = subscribes(shop, prices["starter", "monthly"])
    bought = shop.bought()
    shop.later(days=10)
    (paid,) = shop.gateway.list_invoices(subscription=subscription.subscription)
    shop.gateway.refund(paid.payment_intent or "", 1900, idempotency_key="plan")
    shop.refunds_at_stripe(bought, 999)
    shop.loses_events()
    shop.later(days=days_ago)

    assert kinds(compared(shop, days=3)) == [("refund_not_booked", True)] * 2 * compares
    assert (balance(shop).plan_minutes, shop.extra()) == ((0, 0) if compares else (200, 60))
