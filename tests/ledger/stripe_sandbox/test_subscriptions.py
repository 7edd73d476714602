"""The built-in Stripe: subscriptions and invoices under a clock that is advanced."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine

from ledger.stripe_gateway import GatewayRefused, InvoiceFacts, PaymentDeclined, SubscriptionFacts
from tests.sandbox_world import START, World


@pytest.fixture
def world(engine: Engine) -> Iterator[World]:
    world = World(engine)
    yield world
    world.gateway.close()


def invoices(world: World, subscription: SubscriptionFacts) -> list[InvoiceFacts]:
    """Invoices of a subscription, oldest first."""
    return list(world.gateway.list_invoices(subscription=subscription.subscription))[::-1]


def now_of(world: World, subscription: SubscriptionFacts) -> SubscriptionFacts:
    return world.gateway.fetch_subscription(subscription.subscription)


def test_a_subscription_is_active_once_its_first_invoice_is_paid(world: World) -> None:
    subscription, price = world.subscribes(2900, metadata={"workspace_id": "acme"})

    (invoice,) = invoices(world, subscription)

    assert (subscription.status, subscription.metadata) == ("active", {"workspace_id": "acme"})
    assert (subscription.period_start, subscription.period_end) == (START, datetime(2026, 4, 1, tzinfo=UTC))
    assert (invoice.status, invoice.amount_paid_cents, invoice.billing_reason) == (
        "paid",
        2900,
        "subscription_create",
    )
    assert (invoice.subscription, invoice.metadata) == (
        subscription.subscription,
        {"workspace_id": "acme"},
    )
    assert [(line.price, line.amount_cents, line.proration) for line in invoice.lines] == [
        (price.price, 2900, False)
    ]
    assert invoice.payment_intent is not None
    assert world.gateway.fetch_payment(invoice.payment_intent).is_paid
    assert {"customer.subscription.created", "invoice.paid", "customer.subscription.updated"} < set(
        world.delivered_types
    )


def test_every_month_has_one_paid_invoice_at_its_own_moment(world: World) -> None:
    subscription, _ = world.subscribes()

    world.gateway.advance_clock(datetime(2026, 6, 15, tzinfo=UTC))

    made = invoices(world, subscription)
    assert [invoice.created for invoice in made] == [
        datetime(2026, month, 1, tzinfo=UTC) for month in (3, 4, 5, 6)
    ]
    assert {invoice.status for invoice in made} == {"paid"}
    assert {invoice.billing_reason for invoice in made[1:]} == {"subscription_cycle"}
    assert now_of(world, subscription).period_end == datetime(2026, 7, 1, tzinfo=UTC)
    assert world.delivered_types.count("invoice.paid") == 4


def test_short_months_do_not_move_the_billing_day(world: World) -> None:
    world.now = datetime(2026, 1, 31, 12, tzinfo=UTC)
    subscription, _ = world.subscribes()

    world.gateway.advance_clock(datetime(2026, 4, 1, tzinfo=UTC))

    assert [invoice.created.day for invoice in invoices(world, subscription)] == [31, 28, 31]
    assert now_of(world, subscription).period_end == datetime(2026, 4, 30, 12, tzinfo=UTC)


def test_an_annual_subscription_renews_after_a_year(world: World) -> None:
    subscription, _ = world.subscribes(29_000, "year")

    world.gateway.advance_clock(datetime(2027, 2, 28, tzinfo=UTC))
    before = len(invoices(world, subscription))
    world.gateway.advance_clock(datetime(2027, 3, 1, tzinfo=UTC))

    assert (before, len(invoices(world, subscription))) == (1, 2)
    assert subscription.items[0].interval == "year"


def test_a_trial_is_free_until_it_ends(world: World) -> None:
    subscription, _ = world.subscribes(2900, trial_days=14)
    (first,) = invoices(world, subscription)

    world.waits(days=14, hours=1)

    second = invoices(world, subscription)[1]
    assert (subscription.status, subscription.trial_end) == ("trialing", START + timedelta(days=14))
    assert (first.status, first.amount_paid_cents, first.payment_intent) == ("paid", 0, None)
    assert (second.amount_paid_cents, second.created) == (2900, START + timedelta(days=14))
    assert now_of(world, subscription).status == "active"


def test_an_upgrade_invoices_the_difference_for_the_rest_of_the_period(world: World) -> None:
    subscription, _ = world.subscribes(3100)
    dearer = world.sells(6200, "month")
    world.gateway.advance_clock(START + timedelta(days=15, hours=12))

    upgraded = world.gateway.change_subscription(
        subscription.subscription, dearer.price, idempotency_key="up"
    )

    difference = invoices(world, subscription)[1]
    assert upgraded.items[0].price == dearer.price
    assert upgraded.period_end == subscription.period_end
    assert difference.billing_reason == "subscription_update"
    assert [(line.amount_cents, line.proration) for line in difference.lines] == [(-1550, True), (3100, True)]
    assert difference.amount_paid_cents == 1550


def test_a_downgrade_leaves_a_credit_that_the_next_invoices_use(world: World) -> None:
    subscription, _ = world.subscribes(6200)
    cheaper = world.sells(3100, "month")
    world.gateway.advance_clock(START + timedelta(days=15, hours=12))
    world.gateway.change_subscription(subscription.subscription, cheaper.price, idempotency_key="down")

    world.gateway.advance_clock(datetime(2026, 4, 1, 1, tzinfo=UTC))

    _, difference, renewal = invoices(world, subscription)
    assert (difference.status, difference.amount_paid_cents) == ("paid", 0)
    assert (renewal.status, renewal.amount_paid_cents) == ("paid", 3100 - 1550)


def test_a_change_to_annual_starts_a_new_period_at_once(world: World) -> None:
    subscription, _ = world.subscribes(3100)
    annual = world.sells(31_000, "year")
    world.gateway.advance_clock(START + timedelta(days=15, hours=12))

    changed = world.gateway.change_subscription(
        subscription.subscription, annual.price, idempotency_key="annual"
    )

    assert changed.period_start == START + timedelta(days=15, hours=12)
    assert changed.period_end == datetime(2027, 3, 16, 12, tzinfo=UTC)
    assert invoices(world, subscription)[1].amount_paid_cents == 31_000 - 1550


def test_an_immediate_end_is_final(world: World) -> None:
    subscription, _ = world.subscribes()

    ended = world.gateway.cancel_subscription(subscription.subscription)

    assert (ended.status, ended.ended_at) == ("canceled", START)
    assert world.delivered_types[-1] == "customer.subscription.deleted"
    with pytest.raises(GatewayRefused):
        world.gateway.cancel_subscription(subscription.subscription)


def test_an_end_at_the_period_waits_for_it_and_makes_no_further_invoice(world: World) -> None:
    subscription, _ = world.subscribes()
    leaving = world.gateway.cancel_subscription(subscription.subscription, at_period_end=True)

    world.gateway.advance_clock(datetime(2026, 5, 1, tzinfo=UTC))

    ended = now_of(world, subscription)
    assert (leaving.status, leaving.cancel_at_period_end) == ("active", True)
    assert (ended.status, ended.ended_at) == ("canceled", datetime(2026, 4, 1, tzinfo=UTC))
    assert len(invoices(world, subscription)) == 1


def test_a_declined_renewal_is_past_due_until_another_card_pays(world: World) -> None:
    subscription, _ = world.subscribes()
    assert subscription.customer is not None
    world.gateway.set_payment_method(subscription.customer, "pm_card_chargeCustomerFail")
    world.gateway.advance_clock(datetime(2026, 4, 1, 1, tzinfo=UTC))
    failing = now_of(world, subscription)
    unpaid = invoices(world, subscription)[1]
    with pytest.raises(PaymentDeclined):
        world.gateway.pay_invoice(unpaid.invoice)

    world.gateway.set_payment_method(subscription.customer, "pm_card_visa")
    paid = world.gateway.pay_invoice(unpaid.invoice)

    assert failing.status == "past_due"
    assert (unpaid.status, unpaid.amount_paid_cents) == ("open", 0)
    assert "invoice.payment_failed" in world.delivered_types
    assert (paid.status, paid.amount_paid_cents) == ("paid", 2900)
    assert now_of(world, subscription).status == "active"
    assert now_of(world, subscription).period_end == datetime(2026, 5, 1, tzinfo=UTC)


def test_a_renewal_nobody_pays_ends_the_subscription_after_four_attempts(world: World) -> None:
    subscription, _ = world.subscribes()
    assert subscription.customer is not None
    world.gateway.set_payment_method(subscription.customer, "pm_card_chargeCustomerFail")

    world.gateway.advance_clock(datetime(2026, 5, 1, tzinfo=UTC))

    assert now_of(world, subscription).status == "canceled"
    assert invoices(world, subscription)[1].attempt_count == 4
    assert world.delivered_types.count("invoice.payment_failed") == 4


def test_a_first_payment_that_fails_leaves_the_subscription_incomplete(world: World) -> None:
    subscription, _ = world.subscribes(card="pm_card_chargeCustomerFail")

    world.waits(days=1)

    assert subscription.status == "incomplete"
    assert now_of(world, subscription).status == "incomplete_expired"


def test_an_archived_price_sells_no_new_subscription(world: World) -> None:
    subscription, price = world.subscribes()
    world.gateway.archive_price(price.price)
    assert subscription.customer is not None

    with pytest.raises(GatewayRefused) as refused:
        world.gateway.create_subscription(subscription.customer, price.price, idempotency_key="again")

    assert refused.value.reason == "resource_inactive"
    world.gateway.advance_clock(datetime(2026, 4, 1, tzinfo=UTC))
    assert len(invoices(world, subscription)) == 2


def test_subscriptions_of_a_customer_are_listed_in_every_state(world: World) -> None:
    subscription, _ = world.subscribes()
    world.subscribes()
    world.gateway.cancel_subscription(subscription.subscription)

    listed = list(world.gateway.list_subscriptions(customer=subscription.customer))

    assert [(one.subscription, one.status) for one in listed] == [(subscription.subscription, "canceled")]
    assert len(list(world.gateway.list_subscriptions())) == 2


def test_the_clock_does_not_run_backwards(world: World) -> None:
    with pytest.raises(GatewayRefused):
        world.gateway.advance_clock(START - timedelta(seconds=1))

    assert world.gateway.sandbox_now() == START
