"""The built-in Stripe: what happens to subscriptions besides renewals, as Stripe describes it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import stripe
from sqlalchemy import Engine

from ledger.stripe_gateway import GatewayRefused
from tests.sandbox_world import START, World

APRIL = datetime(2026, 4, 1, tzinfo=UTC)


@pytest.fixture
def world(engine: Engine) -> Iterator[World]:
    world = World(engine)
    yield world
    world.gateway.close()


def invoices(world: World, subscription: Any) -> list[Any]:
    """Invoices of a subscription, oldest first."""
    return list(world.gateway.list_invoices(subscription=subscription.subscription))[::-1]


def test_a_renewal_is_a_draft_for_an_hour(world: World) -> None:
    subscription, _ = world.subscribes()

    world.gateway.advance_clock(APRIL + timedelta(minutes=59))
    drafts = [invoice.status for invoice in invoices(world, subscription)]
    world.gateway.advance_clock(APRIL + timedelta(hours=1))

    assert drafts == ["paid", "draft"]
    renewal = invoices(world, subscription)[1]
    assert (renewal.status, renewal.created, renewal.paid_at) == ("paid", APRIL, APRIL + timedelta(hours=1))


def test_quantity_multiplies_and_a_change_of_it_is_prorated(world: World) -> None:
    subscription, _ = world.subscribes(3100, quantity=3)
    world.gateway.advance_clock(START + timedelta(days=15, hours=12))

    changed = world.gateway.change_subscription(subscription.subscription, quantity=1, idempotency_key="less")

    first, change = invoices(world, subscription)
    assert (first.amount_paid_cents, first.lines[0].quantity) == (9300, 3)
    assert [(line.amount_cents, line.quantity) for line in change.lines] == [(-4650, 3), (1550, 1)]
    assert changed.items[0].quantity == 1


def test_a_coupon_makes_an_invoice_free_and_leaves_its_lines(world: World) -> None:
    coupon = world.gateway.create_coupon(100, duration="once")
    subscription, _ = world.subscribes(2900, coupon=coupon)

    world.gateway.advance_clock(APRIL + timedelta(hours=1))

    free, renewal = invoices(world, subscription)
    assert (free.status, free.amount_paid_cents, free.lines[0].amount_cents) == ("paid", 0, 2900)
    assert renewal.amount_paid_cents == 2900


def test_credit_of_a_customer_pays_first(world: World) -> None:
    subscription, _ = world.subscribes(2900)
    world.gateway.credit_customer(subscription.customer, 4000)

    world.gateway.advance_clock(datetime(2026, 5, 1, 1, tzinfo=UTC))

    assert [invoice.amount_paid_cents for invoice in invoices(world, subscription)] == [2900, 0, 1800]


@pytest.mark.parametrize(
    ("behavior", "status"),
    [("void", "void"), ("mark_uncollectible", "uncollectible"), ("keep_as_draft", "draft")],
)
def test_a_pause_leaves_renewals_unpaid_until_it_ends(world: World, behavior: str, status: str) -> None:
    subscription, _ = world.subscribes()
    paused = world.gateway.pause_subscription(subscription.subscription, behavior)
    world.gateway.advance_clock(APRIL + timedelta(hours=1))

    resumed = world.gateway.resume_subscription(subscription.subscription)
    world.gateway.advance_clock(datetime(2026, 5, 1, 1, tzinfo=UTC))

    assert (paused.paused, resumed.paused) == (True, False)
    assert [invoice.status for invoice in invoices(world, subscription)] == ["paid", status, "paid"]


def test_an_end_that_was_set_for_a_moment_comes_then(world: World) -> None:
    subscription, _ = world.subscribes()
    ends = START + timedelta(days=10)

    set_to_end = world.gateway.cancel_subscription(subscription.subscription, cancel_at=ends)
    world.gateway.advance_clock(ends - timedelta(seconds=1))
    before = world.gateway.fetch_subscription(subscription.subscription).status
    world.gateway.advance_clock(ends)

    after = world.gateway.fetch_subscription(subscription.subscription)
    assert (set_to_end.cancel_at, set_to_end.cancel_at_period_end) == (ends, False)
    assert (before, after.status, after.ended_at) == ("active", "canceled", ends)


def test_changes_that_wait_for_the_renewal_are_invoice_items_and_more_than_ten_lines_are_read(
    world: World,
) -> None:
    subscription, basic = world.subscribes(3100)
    better = world.sells(6200, "month")
    for number in range(6):
        world.waits(days=1)
        price = (better, basic)[number % 2].price
        world.gateway.change_subscription(
            subscription.subscription, price, idempotency_key=f"c{number}", prorate="create_prorations"
        )

    world.gateway.advance_clock(APRIL + timedelta(hours=1))

    renewal = invoices(world, subscription)[1]
    assert (len(renewal.lines), renewal.has_more_lines) == (13, False)
    assert [line.proration for line in renewal.lines] == [True] * 12 + [False]
    assert {line.subscription for line in renewal.lines} == {subscription.subscription}
    raw = next(
        event
        for event in world.events
        if event.type == "invoice.paid" and event.object["created"] > 1775000000
    )
    assert (len(raw.object["lines"]["data"]), raw.object["lines"]["has_more"]) == (10, True)
    assert raw.object["lines"]["data"][0]["parent"]["type"] == "invoice_item_details"


def test_a_subscription_of_several_prices_bills_each(world: World) -> None:
    other = world.sells(500, "month")

    subscription, price = world.subscribes(2900, further_prices=(other.price,))

    (first,) = invoices(world, subscription)
    assert [line.price for line in first.lines] == [price.price, other.price]
    assert (first.amount_paid_cents, len(subscription.items)) == (3400, 2)


@pytest.mark.parametrize(
    ("fault", "status"),
    [(None, "canceled"), ("dunning_ends_unpaid", "unpaid"), ("dunning_ends_past_due", "past_due")],
)
def test_the_account_decides_how_dunning_ends(world: World, fault: Any, status: str) -> None:
    subscription, _ = world.subscribes()
    world.gateway.set_payment_method(subscription.customer, "pm_card_chargeCustomerFail")
    if fault:
        world.gateway.plan_fault(fault)

    world.gateway.advance_clock(APRIL + timedelta(days=20))

    assert world.gateway.fetch_subscription(subscription.subscription).status == status


@pytest.mark.parametrize(
    "metadata", [{f"k{number}": "v" for number in range(51)}, {"k" * 41: "v"}, {"k": "v" * 501}]
)
def test_metadata_beyond_stripes_limits_is_refused(world: World, metadata: dict[str, str]) -> None:
    with pytest.raises(GatewayRefused):
        world.gateway.create_product("Plan", idempotency_key="m", metadata=metadata)
    world.gateway.create_product("Plan", idempotency_key="n", metadata={"k" * 40: "v" * 500})


def test_metadata_of_a_payment_that_a_page_makes_has_the_same_limits(world: World) -> None:
    page: Any = {
        "mode": "payment",
        "success_url": "https://a.example",
        "line_items": [
            {
                "quantity": 1,
                "price_data": {"currency": "usd", "unit_amount": 999, "product_data": {"name": "M"}},
            }
        ],
    }
    sessions = world.gateway._client.v1.checkout.sessions

    sessions.create({**page, "payment_intent_data": {"metadata": {"k": "v" * 500}}})
    with pytest.raises(stripe.InvalidRequestError, match="500"):
        sessions.create({**page, "payment_intent_data": {"metadata": {"k": "v" * 501}}})


def test_metadata_that_adds_up_beyond_the_limit_is_refused_and_the_first_stays(world: World) -> None:
    payment = world.pays()
    intents = world.gateway._client.v1.payment_intents
    known = len(world.sees(payment).metadata)
    intents.update(payment.payment_intent, {"metadata": {f"k{n}": "v" for n in range(50 - known)}})

    with pytest.raises(stripe.InvalidRequestError, match="50 metadata keys"):
        intents.update(payment.payment_intent, {"metadata": {"one": "more"}})

    assert len(world.sees(payment).metadata) == 50
