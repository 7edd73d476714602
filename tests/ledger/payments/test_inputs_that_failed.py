"""Inputs on which money and minutes once parted, each driven from Stripe's event through the inbox to the ledger."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import stripe

import ledger
from ledger.payments.checkout import start_checkout
from ledger.payments.owners import link_stripe
from ledger.payments.plan_invoices import list_plan_invoices
from ledger.payments.price_mapping import map_price
from tests.ledger.payments.test_buying_in_a_browser import in_the_browser, retried, saved_card
from tests.shop import Shop, open_shop
from tests.subscriber import advance, balance, priced, publish_plans, subscribes


def changes(shop: Shop, subscription: str, price: str, key: str = "change") -> None:
    shop.gateway.change_subscription(subscription, price, idempotency_key=key)
    shop.works()


def maps(shop: Shop, price: str, plan: str = "starter") -> None:
    with ledger.writing(shop.engine) as db:
        map_price(db, shop.gateway, price, plan=plan, billing_cycle="monthly", actor="ada", at=shop.now)


def proves(shop: Shop) -> None:
    """Check that every paid invoice has its outcome and that the ledger proves itself."""
    with ledger.reading(shop.engine) as db:
        assert ledger.verify(db) == []


@pytest.mark.parametrize(("opened", "minutes"), [(True, 75), (False, 200)])
def test_25_old_invoices_give_nothing_to_a_workspace_that_begins_today(engine, opened: bool, minutes: int):
    with open_shop(engine, datetime(2024, 2, 1, tzinfo=UTC)) as shop:
        prices = publish_plans(shop)
        subscription = subscribes(shop, prices["starter", "monthly"], workspace_id="later")
        shop.now = datetime(2026, 3, 1, 12, tzinfo=UTC)
        shop.gateway.run_due()
        shop.loses_events()
        shop.signs_up("later")
        if opened:
            with ledger.writing(engine) as db:
                about = {"reason": "Opening balance", "key": "opening", "actor": "import", "at": shop.now}
                ledger.grant_minutes(db, "later", 75, **about)
        paid = list(shop.gateway.list_invoices(subscription=subscription.subscription))
        assert len(paid) >= 25

        shop.delivers("customer.subscription.updated", subscription=subscription.subscription)
        shop.works()

        with ledger.reading(engine) as db:
            assert ledger.get_balance(db, "later").total_minutes == minutes
        advance(shop, days=31)
        with ledger.reading(engine) as db:
            assert ledger.get_balance(db, "later").total_minutes == minutes + 200
        proves(shop)


@pytest.mark.parametrize("way", ["cash", "credit balance", "100% coupon"])
def test_an_upgrade_is_worth_the_same_whatever_pays_for_it(shop: Shop, prices, way: str):
    coupon = shop.gateway.create_coupon(100) if way == "100% coupon" else None
    subscription = subscribes(shop, prices["starter", "monthly"], coupon=coupon)
    shop.works()
    if way == "credit balance":
        shop.gateway.credit_customer(subscription.customer or "", 100_000)
    shop.later(days=10)

    changes(shop, subscription.subscription, prices["pro", "monthly"])

    now = balance(shop)
    assert now.plan_minutes == 200 - 200 * 21 // 31 + 300 * 21 // 31
    assert (now.plan, now.minutes_total) == ("pro", 300)
    paid = list(shop.gateway.list_invoices(subscription=subscription.subscription))
    assert (paid[0].amount_paid_cents > 0) == (way == "cash")
    proves(shop)


def test_three_seats_of_starter_give_600(shop: Shop, prices):
    subscribes(shop, prices["starter", "monthly"], quantity=3)
    shop.works()

    assert balance(shop).plan_minutes == 600
    proves(shop)


def test_a_quarterly_price_gives_600_each_quarter(shop: Shop):
    price = priced(shop, 5700, "month", 3)
    maps(shop, price)
    subscribes(shop, price)
    shop.works()
    assert balance(shop).plan_minutes == 600

    advance(shop, days=89)
    assert balance(shop).plan_minutes == 600
    advance(shop, days=4)
    assert balance(shop).plan_minutes == 1200
    proves(shop)


def test_a_renewal_after_ten_prorations_gives_its_200(shop: Shop, prices):
    both = prices["starter", "monthly"], prices["pro", "monthly"]
    subscription = subscribes(shop, both[0])
    for number in range(6):
        shop.later(hours=1)
        shop.gateway.change_subscription(
            subscription.subscription,
            both[(number + 1) % 2],
            idempotency_key=f"c{number}",
            prorate="create_prorations",
        )
    shop.works()
    advance(shop, days=32)

    with ledger.reading(shop.engine) as db:
        renewal = list_plan_invoices(db, "acme")[0]
    assert len(renewal.lines) == 13
    assert [line.minutes for line in renewal.lines if not line.proration] == [200]
    assert balance(shop).plan_minutes >= 390
    proves(shop)


@pytest.mark.parametrize(
    "reason", ["manual", "quote_accept", "subscription_threshold", "subscription", "upcoming"]
)
def test_a_paid_invoice_gives_its_minutes_whatever_its_billing_reason(shop: Shop, prices, reason: str):
    subscription = subscribes(shop, prices["starter", "monthly"])
    shop.works()

    shop.gateway.bill_by_hand(subscription.subscription, reason)
    shop.works()

    with ledger.reading(shop.engine) as db:
        assert [each.billing_reason for each in list_plan_invoices(db, "acme")].count(reason) == 1
    assert balance(shop).plan_minutes == 400
    proves(shop)


@pytest.mark.parametrize("way", ["refund", "dispute"])
def test_a_plan_invoice_whose_money_went_back_takes_the_unused_150(shop: Shop, prices, way: str):
    subscription = subscribes(shop, prices["starter", "monthly"])
    shop.works()
    shop.uses(50)
    (invoice,) = shop.gateway.list_invoices(subscription=subscription.subscription)

    if way == "refund":
        shop.gateway.refund(invoice.payment_intent or "", 1900, idempotency_key="r")
    else:
        shop.gateway.open_dispute(invoice.payment_intent or "")
    shop.works()

    assert balance(shop).plan_minutes == 0
    with ledger.reading(shop.engine) as db:
        (stored,) = list_plan_invoices(db, "acme")
    assert (stored.taken_back_minutes, stored.shortfall_minutes) == (150, 50)
    proves(shop)


def test_an_annual_plan_through_stripe_has_no_reset_date(shop: Shop, prices):
    subscribes(shop, prices["pro", "annual"])
    shop.works()

    assert (balance(shop).plan_minutes, balance(shop).minutes_reset_date) == (3600, None)


def test_an_annual_trial_taken_twice_gives_one_month_once(shop: Shop, prices):
    for number in range(2):
        subscription = subscribes(shop, prices["pro", "annual"], trial_days=7, key=str(number))
        shop.works()
        assert balance(shop).plan_minutes == 300
        shop.later(days=2)
        shop.gateway.cancel_subscription(subscription.subscription)
        shop.works()

    assert balance(shop).plan_minutes == 300
    proves(shop)


def test_a_subscription_without_metadata_is_credited_within_seconds_of_its_link(shop: Shop, prices):
    subscription = subscribes(shop, prices["starter", "monthly"], workspace_id=None)
    for _ in range(60):
        shop.works()
        shop.later(minutes=12)
    assert balance(shop).plan_minutes == 0

    with ledger.writing(shop.engine) as db:
        link_stripe(db, "acme", customer_id=subscription.customer, actor="ada", at=shop.now)
    shop.later(seconds=1).works()

    assert balance(shop).plan_minutes == 200
    proves(shop)


def test_a_payment_that_the_browser_declined_is_paid_by_a_retry(shop: Shop):
    begun = shop.buys("small", None)
    in_the_browser(shop, begun, "pm_card_chargeDeclined")
    shop.works()

    assert retried(shop, begun).status == "paid"
    shop.works()
    assert shop.extra() == 60
    proves(shop)


def test_a_retry_while_the_browser_pays_answers_paid(shop: Shop):
    begun = shop.buys("small", None)
    in_the_browser(shop, begun, "pm_card_chargeDeclined")
    shop.works()
    in_the_browser(shop, begun, "pm_card_visa")

    assert retried(shop, begun).status == "paid"
    shop.works()
    assert (shop.extra(), shop.purchase(begun).status) == (60, "paid")
    proves(shop)


def test_a_card_of_another_customer_is_refused(shop: Shop):
    _, card = saved_card(shop, "bob@example.com")

    refused = shop.buys("small", card)

    assert (refused.status, shop.extra()) == ("failed", 0)
    assert "does not belong to the customer" in (refused.failure_message or "")
    params: Any = {"amount": 999, "currency": "usd", "payment_method": card, "confirm": True}
    with pytest.raises(stripe.InvalidRequestError):
        shop.gateway._client.v1.payment_intents.create(params)


def test_money_of_a_bank_debit_is_dated_when_it_arrives(shop: Shop):
    begun = shop.now
    purchase = start_checkout(
        shop.engine,
        shop.gateway,
        "acme",
        "small",
        success_url="https://a.example",
        cancel_url="https://a.example",
        key="sepa",
        actor="test",
        at=shop.now,
    )
    session = purchase.checkout_session or ""
    shop.gateway.complete_checkout(session, delayed=True)
    shop.works()
    assert (shop.purchase(purchase).status, shop.extra()) == ("processing", 0)

    shop.later(days=5)
    shop.gateway.settle_checkout(session, succeed=True)
    shop.works()

    arrived = shop.purchase(purchase)
    assert (arrived.status, arrived.paid_at, shop.extra()) == ("paid", begun + timedelta(days=5), 60)
    (charge,) = shop.gateway._client.v1.charges.list({"payment_intent": arrived.payment_intent or ""}).data
    assert datetime.fromtimestamp(charge.created, UTC) == begun.replace(microsecond=0)
    proves(shop)
