"""Plans paid through Stripe: one lot for each paid invoice, plan and cycle by price id, and never a reset of ours."""

from datetime import timedelta

import pytest

import ledger
import ledger.payments.errors
import ledger.webhooks.inbox
from ledger.minutes.workspaces import reset_due
from ledger.payments.catalogue import publish_plan_price
from ledger.payments.subscriptions import list_stripe_subscriptions, sync_subscription
from tests.shop import Shop
from tests.subscriber import advance, balance, subscribes


def test_a_paid_invoice_allocates_its_plan_once_whatever_its_events_say(shop: Shop, prices):
    subscribes(shop, prices["starter", "monthly"])

    shop.works()
    shop.runs("UPDATE stripe_events SET status = 'pending', attempts = 0, next_attempt_at = :at", at=shop.now)
    shop.works()

    now = balance(shop)
    assert (now.plan_minutes, now.minutes_total) == (200, 200)
    assert now.minutes_reset_date == shop.now + timedelta(days=31), "Stripe's period end"


def test_each_renewal_adds_one_lot_and_the_schedule_adds_none(shop: Shop, prices):
    subscribes(shop, prices["starter", "monthly"])
    shop.works()

    for _ in range(2):
        advance(shop, days=32)
        with ledger.writing(shop.engine) as db:
            assert reset_due(db, at=shop.now) == 0

    assert balance(shop).plan_minutes == 600


def test_in_the_draft_hour_of_a_renewal_the_reset_date_is_when_it_will_be_paid(shop: Shop, prices):
    subscribes(shop, prices["starter", "monthly"])
    shop.works()
    ends = shop.now + timedelta(days=31)

    advance(shop, days=31, minutes=1)
    assert (balance(shop).plan_minutes, balance(shop).minutes_reset_date) == (200, ends + timedelta(hours=1))

    advance(shop, hours=1)
    assert (balance(shop).plan_minutes, balance(shop).minutes_reset_date) == (400, ends + timedelta(days=30))


def test_while_a_renewal_is_collected_again_the_reset_date_is_the_next_attempt(shop: Shop, prices):
    subscription = subscribes(shop, prices["starter", "monthly"])
    shop.works()
    shop.gateway.set_payment_method(subscription.customer or "", "pm_card_chargeCustomerFail")

    advance(shop, days=31, hours=2)

    paid_at = shop.now - timedelta(hours=1)
    assert balance(shop).minutes_reset_date == paid_at + timedelta(days=3)
    assert ledger_proves(shop)


def test_a_plan_that_ends_after_an_upgrade_by_proration_leaves_a_ledger_that_proves_itself(
    shop: Shop, prices
):
    subscription = subscribes(shop, prices["starter", "monthly"])
    shop.later(days=10)
    shop.gateway.change_subscription(
        subscription.subscription, prices["pro", "monthly"], idempotency_key="up"
    )
    shop.works()
    shop.gateway.cancel_subscription(subscription.subscription)
    shop.works()

    assert balance(shop).plan is None
    assert ledger_proves(shop)


def ledger_proves(shop: Shop) -> bool:
    with ledger.reading(shop.engine) as db:
        return ledger.verify(db) == []


def test_an_annual_plan_gets_all_its_minutes_at_once(shop: Shop, prices):
    subscribes(shop, prices["pro", "annual"])

    shop.works()

    assert balance(shop).plan_minutes == 3600


def test_a_trial_gives_its_period_and_the_first_payment_the_next(shop: Shop, prices):
    subscribes(shop, prices["starter", "monthly"], trial_days=14)
    shop.works()
    assert balance(shop).plan_minutes == 200

    advance(shop, days=15)

    assert balance(shop).plan_minutes == 400


def test_an_upgrade_gives_the_rest_of_the_period_and_returns_that_of_the_old_plan(shop: Shop, prices):
    subscription = subscribes(shop, prices["starter", "monthly"])
    shop.works()
    shop.later(days=10)

    shop.gateway.change_subscription(
        subscription.subscription, prices["pro", "monthly"], idempotency_key="up"
    )
    shop.works()

    returned, given = 200 * 21 // 31, 300 * 21 // 31
    assert (balance(shop).plan_minutes, balance(shop).minutes_total) == (200 - returned + given, 300)


def test_a_downgrade_returns_the_rest_of_the_higher_plan_and_its_next_period_gives_the_lower_one(
    shop: Shop, prices
):
    subscription = subscribes(shop, prices["pro", "monthly"])
    shop.works()
    shop.later(days=10)

    shop.gateway.change_subscription(
        subscription.subscription, prices["starter", "monthly"], idempotency_key="down"
    )
    shop.works()
    left = 300 - 300 * 21 // 31 + 200 * 21 // 31
    assert balance(shop).plan_minutes == left
    advance(shop, days=23)

    assert balance(shop).plan_minutes == left + 200


def test_a_cancellation_ends_the_plan_and_keeps_the_minutes(shop: Shop, prices):
    subscription = subscribes(shop, prices["starter", "monthly"])
    shop.works()

    shop.gateway.cancel_subscription(subscription.subscription)
    shop.works()

    with ledger.reading(shop.engine) as db:
        assert ledger.get_workspace(db, "acme").plan is None
    assert balance(shop).plan_minutes == 200


def test_a_cancellation_that_arrives_before_the_payment_ends_the_plan_all_the_same(shop: Shop, prices):
    subscription = subscribes(shop, prices["starter", "monthly"])
    shop.gateway.cancel_subscription(subscription.subscription)
    events = shop.rows("SELECT event_id FROM stripe_events ORDER BY type DESC")
    shop.loses_events()

    for row in events:
        shop.runs(
            "UPDATE stripe_events SET status = 'pending', next_attempt_at = :at WHERE event_id = :id",
            at=shop.now,
            id=row["event_id"],
        )
        shop.works()

    with ledger.reading(shop.engine) as db:
        assert ledger.get_workspace(db, "acme").plan is None
    assert balance(shop).plan_minutes == 200


def test_a_price_we_do_not_know_is_shown_and_never_guessed_until_somebody_adds_it(shop: Shop):
    product = shop.gateway.create_product("Starter", idempotency_key="p")
    price = shop.gateway.create_price(
        product.product, 1900, "usd", idempotency_key="pp", interval="month"
    ).price
    subscribes(shop, price)

    shop.works()

    assert balance(shop).plan_minutes == 0
    assert {row["kind"] for row in shop.rows("SELECT kind FROM payment_alerts")} == {"unknown_price"}
    dead = shop.rows("SELECT event_id FROM stripe_events WHERE status = 'dead' AND type = 'invoice.paid'")
    assert len(dead) == 1
    with ledger.writing(shop.engine) as db:
        publish_plan_price(
            db,
            price,
            product_id=None,
            plan="starter",
            billing_cycle="monthly",
            amount_cents=1900,
            valid_from=shop.now,
            actor="test",
        )
        ledger.webhooks.inbox.replay(db, dead[0]["event_id"], at=shop.now)
    shop.works()
    assert balance(shop).plan_minutes == 200


def test_a_subscription_that_names_no_workspace_waits(shop: Shop, prices):
    customer = shop.gateway.create_customer(
        name="X", email="x@example.com", idempotency_key="c", payment_method="pm_card_visa"
    )
    shop.gateway.create_subscription(customer.customer, prices["starter", "monthly"], idempotency_key="s")

    shop.works()

    failed = shop.rows("SELECT DISTINCT error FROM stripe_events WHERE status = 'failed'")
    assert failed
    assert all(row["error"].startswith("not_known_yet") for row in failed)


def test_a_live_workspace_gets_no_plan_from_the_sandbox(shop: Shop, prices):
    shop.runs("UPDATE workspaces SET source = 'live'")
    subscription = subscribes(shop, prices["starter", "monthly"])

    with pytest.raises(ledger.payments.errors.WrongSource), ledger.writing(shop.engine) as db:
        sync_subscription(db, shop.gateway, subscription.subscription, at=shop.now)

    assert balance(shop).plan_minutes == 0


EVENTS = (
    "invoice.paid",
    "invoice.payment_failed",
    "customer.subscription.created",
    "customer.subscription.updated",
    "customer.subscription.deleted",
    "customer.subscription.paused",
    "customer.subscription.resumed",
    "customer.subscription.trial_will_end",
)


@pytest.mark.parametrize("event_type", EVENTS)
def test_any_event_of_a_subscription_alone_brings_its_plan_in_line(shop: Shop, prices, event_type):
    subscription = subscribes(shop, prices["starter", "monthly"])
    shop.loses_events()

    received = shop.delivers(
        event_type,
        subscription=subscription.subscription,
        customer=subscription.customer,
        invoice=subscription.latest_invoice,
    )
    shop.works()

    event = shop.event(received.event_id)
    assert (event["status"], event["workspace_id"]) == ("done", "acme")
    assert balance(shop).plan_minutes == 200


def test_an_end_that_stripes_portal_set_for_a_moment_is_when_the_subscription_ends(shop: Shop, prices):
    subscription = subscribes(shop, prices["starter", "monthly"])
    other = subscribes(shop, prices["pro", "monthly"], key="other")
    ends = shop.now + timedelta(days=10)
    shop.gateway.cancel_subscription(subscription.subscription, cancel_at=ends)
    shop.works()
    with ledger.reading(shop.engine) as db:
        stored = {each.subscription_id: each.ends_at for each in list_stripe_subscriptions(db, "acme")}
    assert stored == {subscription.subscription: ends, other.subscription: None}

    advance(shop, days=9)
    assert balance(shop).plan == "pro"
    shop.gateway.cancel_subscription(other.subscription)
    shop.works()
    assert balance(shop).plan == "starter", "it runs for another day"
    advance(shop, days=2)

    assert (balance(shop).plan, balance(shop).plan_minutes) == (None, 500)
