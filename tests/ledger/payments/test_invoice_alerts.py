"""The alert of an invoice that is not collected: closed by the payment, by Stripe giving up, or by the end."""

import pytest

from tests.ledger.payments.test_alerts import alerts_of
from tests.ledger.payments.test_subscriptions_unpaid import cannot_renew
from tests.shop import Shop
from tests.subscriber import balance


def pays(shop: Shop, subscription, invoice) -> None:
    shop.gateway.set_payment_method(subscription.customer, "pm_card_visa")
    shop.gateway.pay_invoice(invoice.invoice)


def ends(shop: Shop, subscription, _) -> None:
    shop.gateway.cancel_subscription(subscription.subscription)


def is_voided(shop: Shop, subscription, invoice) -> None:
    shop.runs(
        "UPDATE sandbox_objects SET body = body || CAST(:void AS jsonb) WHERE id = :id",
        void='{"status": "void"}',
        id=invoice.invoice,
    )
    shop.delivers("customer.subscription.updated", subscription=subscription.subscription)


@pytest.mark.parametrize(
    ("happens", "because", "minutes"),
    [
        (pays, "the invoice is paid", 400),
        (is_voided, "Stripe marked the invoice void: it is no longer collected", 200),
        (ends, "the subscription ended: it is no longer collected", 200),
    ],
)
def test_a_renewal_that_was_not_collected_is_an_alert_until_its_end(
    shop: Shop, prices, happens, because: str, minutes: int
):
    subscription, invoice = cannot_renew(shop, prices["starter", "monthly"])
    assert alerts_of(shop) == [("invoice_failed", None)]

    happens(shop, subscription, invoice)
    shop.works()

    assert alerts_of(shop) == [("invoice_failed", because)]
    assert balance(shop).plan_minutes == minutes
