"""Behaviour that we rely on, tested against the built-in sandbox and, with STRIPE_TEST_KEY set, against Stripe itself: pages, prices, plans.

A difference between the two is a fault of the sandbox.
"""

from collections.abc import Iterator

import pytest

from ledger.stripe_gateway import Gateway, GatewayRefused, PaymentDeclined
from tests.parity import PLACES, key, opened, order, price


@pytest.fixture(params=PLACES)
def gateway(request: pytest.FixtureRequest) -> Iterator[Gateway]:
    yield from opened(request)


def test_a_payment_page_opens_and_closes(gateway: Gateway) -> None:
    session = gateway.create_checkout_session(
        order(),
        success_url="https://example.com/done",
        cancel_url="https://example.com",
        idempotency_key=key(),
    )

    expired = gateway.expire_checkout_session(session.checkout_session)

    assert (session.status, session.payment_status, session.amount_total_cents) == ("open", "unpaid", 999)
    assert session.url is not None
    assert session.metadata["package"] == "small"
    assert (expired.status, expired.checkout_session) == ("expired", session.checkout_session)
    with pytest.raises(GatewayRefused):
        gateway.expire_checkout_session(session.checkout_session)


def test_prices_are_archived_not_changed(gateway: Gateway) -> None:
    first = price(gateway, 1900, "month")

    archived = gateway.archive_price(first.price)

    assert (first.active, first.interval, first.interval_count, first.amount_cents) == (
        True,
        "month",
        1,
        1900,
    )
    assert archived.active is False
    assert [one.price for one in gateway.list_prices(product=first.product)] == [first.price]
    assert gateway.archive_product(first.product).active is False


def test_a_subscription_is_paid_upgraded_and_ended(gateway: Gateway) -> None:
    basic, better = price(gateway, 1900, "month"), price(gateway, 2900, "month")
    customer = gateway.create_customer(
        name="Parity", email="parity@example.com", payment_method="pm_card_visa", idempotency_key=key()
    )

    subscription = gateway.create_subscription(
        customer.customer, basic.price, idempotency_key=key(), metadata={"workspace_id": "parity"}
    )
    upgraded = gateway.change_subscription(subscription.subscription, better.price, idempotency_key=key())
    ended = gateway.cancel_subscription(subscription.subscription)

    assert (subscription.status, upgraded.status, ended.status) == ("active", "active", "canceled")
    assert (subscription.items[0].price, upgraded.items[0].price) == (basic.price, better.price)
    assert subscription.period_start is not None
    assert upgraded.period_end == subscription.period_end
    difference, first = gateway.list_invoices(subscription=subscription.subscription)
    assert (first.status, first.amount_paid_cents, first.billing_reason) == (
        "paid",
        1900,
        "subscription_create",
    )
    assert (first.subscription, first.lines[0].price) == (subscription.subscription, basic.price)
    assert first.metadata == {"workspace_id": "parity"}
    assert difference.billing_reason == "subscription_update"
    assert sum(line.amount_cents for line in difference.lines) in (999, 1000)
    assert gateway.fetch_invoice(first.invoice).payment_intent is not None


def test_a_card_that_declines_cannot_be_saved_for_a_customer(gateway: Gateway) -> None:
    with pytest.raises(PaymentDeclined):
        gateway.create_customer(
            name="Parity",
            email="parity@example.com",
            payment_method="pm_card_visa_chargeDeclined",
            idempotency_key=key(),
        )
