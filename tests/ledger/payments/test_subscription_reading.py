"""What of a subscription was paid for, and when a renewal that is under way will be."""

from datetime import timedelta

import ledger
from ledger.payments.subscription_reading import SubscriptionReading, read_subscription
from tests.shop import Shop
from tests.subscriber import advance, priced, subscribes


def reads(shop: Shop, subscription: str) -> SubscriptionReading:
    with ledger.reading(shop.engine) as db:
        return read_subscription(db, shop.gateway, subscription)


def test_the_paid_plan_is_that_of_the_newest_paid_period(shop: Shop, prices):
    subscription = subscribes(shop, prices["starter", "monthly"]).subscription
    begin = shop.now
    advance(shop, days=31, hours=2)

    reading = reads(shop, subscription)

    assert reading.paid_plan is not None
    assert (reading.paid_plan.price.plan, reading.paid_plan.minutes) == ("starter", 200)
    assert (reading.paid_plan.period_start, len(reading.paid)) == (begin + timedelta(days=31), 2)
    assert (reading.renewal_attempt_at, reading.unknown_prices) == (None, ())


def test_a_draft_and_an_unpaid_renewal_name_their_next_attempt(shop: Shop, prices):
    subscription = subscribes(shop, prices["starter", "monthly"])
    ends = shop.now + timedelta(days=31)
    shop.gateway.set_payment_method(subscription.customer or "", "pm_card_chargeCustomerFail")
    attempts = []
    for hours in (0, 1, 72, 72, 72):
        shop.now = max(shop.now, ends) + timedelta(hours=hours)
        shop.gateway.run_due()
        attempts.append(reads(shop, subscription.subscription).renewal_attempt_at)

    days = [None if each is None else each - ends for each in attempts]
    hour = timedelta(hours=1)
    assert days == [hour, 73 * hour, 145 * hour, 217 * hour, None], "the fourth attempt is the last"


def test_prices_that_nobody_mapped_are_named(shop: Shop):
    price = priced(shop, 1900)
    reading = reads(shop, subscribes(shop, price).subscription)

    assert (reading.unknown_prices, reading.paid_plan) == ((price,), None)
