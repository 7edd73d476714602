"""The built-in Stripe: its payment page, and the catalogue."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from ledger.stripe_gateway import GatewayRefused, PaymentDeclined
from tests.sandbox_world import World, order


@pytest.fixture
def world(engine: Engine) -> Iterator[World]:
    world = World(engine)
    yield world
    world.gateway.close()


def checkout(world: World) -> str:
    session = world.gateway.create_checkout_session(
        order(),
        success_url="https://minutes.example/purchase?session={CHECKOUT_SESSION_ID}",
        cancel_url="https://minutes.example/purchase",
        idempotency_key=next(world.keys),
    )
    made = session.checkout_session
    assert session.url == f"https://minutes.example/purchase?session={made}&sandbox_checkout={made}"
    return session.checkout_session


def test_a_customer_pays_on_the_payment_page(world: World) -> None:
    session = checkout(world)

    done = world.gateway.complete_checkout(session)

    assert (done.status, done.payment_status, done.amount_total_cents) == ("complete", "paid", 999)
    assert done.payment_intent is not None
    assert world.gateway.fetch_payment(done.payment_intent).metadata["purchase_id"] == order().purchase_id
    assert world.delivered_types[-2:] == ["payment_intent.succeeded", "checkout.session.completed"]
    assert world.gateway.find_checkout_session(done.payment_intent) == done


def test_a_declined_card_leaves_the_payment_page_open(world: World) -> None:
    session = checkout(world)

    with pytest.raises(PaymentDeclined):
        world.gateway.complete_checkout(session, payment_method="pm_card_visa_chargeDeclined")

    assert world.gateway.fetch_checkout_session(session).status == "open"
    assert world.gateway.complete_checkout(session).payment_status == "paid"


@pytest.mark.parametrize(
    ("succeed", "payment_status", "event"),
    [
        (True, "paid", "checkout.session.async_payment_succeeded"),
        (False, "unpaid", "checkout.session.async_payment_failed"),
    ],
)
def test_delayed_money_arrives_or_does_not(
    world: World, *, succeed: bool, payment_status: str, event: str
) -> None:
    session = checkout(world)
    completed = world.gateway.complete_checkout(session, delayed=True)
    assert completed.payment_intent is not None
    waiting = world.gateway.fetch_payment(completed.payment_intent)

    settled = world.gateway.settle_checkout(session, succeed=succeed)

    assert (completed.status, completed.payment_status, waiting.status) == (
        "complete",
        "unpaid",
        "processing",
    )
    assert settled.payment_status == payment_status
    assert world.delivered_types[-1] == event


def test_an_abandoned_payment_page_expires_after_a_day(world: World) -> None:
    session = checkout(world)

    world.waits(days=1)

    assert world.gateway.fetch_checkout_session(session).status == "expired"
    assert world.delivered_types == ["checkout.session.expired"]


def test_a_payment_page_can_be_closed_once(world: World) -> None:
    session = checkout(world)
    world.gateway.expire_checkout_session(session)

    with pytest.raises(GatewayRefused):
        world.gateway.complete_checkout(session)


def test_a_new_price_takes_the_lookup_key_from_the_old_one(world: World) -> None:
    old = world.sells(999)
    first = world.gateway.create_price(old.product, 1099, "usd", lookup_key="small", idempotency_key="first")
    second = world.gateway.create_price(
        old.product, 1199, "usd", lookup_key="small", idempotency_key="second"
    )

    archived = world.gateway.archive_price(old.price)

    assert archived.active is False
    assert second.lookup_key == "small"
    assert world.gateway.fetch_price(first.price).lookup_key is None
    active = world.gateway.list_prices(product=old.product, active=True)
    assert [price.amount_cents for price in active] == [1199, 1099]
