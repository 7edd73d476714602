"""The built-in Stripe: its objects have the fields of Stripe's own library, and no others."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Engine, text
from stripe._object_classes import get_object_class

from ledger.stripe_gateway import GatewayRefused
from ledger.stripe_sandbox.transaction import public
from tests.sandbox_world import World, order


@pytest.fixture
def world(engine: Engine) -> Iterator[World]:
    world = World(engine)
    yield world
    world.gateway.close()


def objects_in(value: Any) -> Iterator[dict[str, Any]]:
    """Every object of Stripe's in a body, nested ones included."""
    if isinstance(value, dict):
        if isinstance(value.get("object"), str):
            yield value
        for inner in value.values():
            yield from objects_in(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from objects_in(inner)


def a_bit_of_everything(world: World) -> None:
    disputed = world.pays("pm_card_createDispute")
    world.gateway.close_dispute(world.sees(disputed).disputes[0].dispute, won=True)
    world.gateway.warn_of_fraud(disputed.payment_intent)
    world.pays("pm_card_visa_chargeDeclined")
    world.pays("pm_card_authenticationRequired")
    refund = world.refunds(world.pays(), 300)
    world.gateway.fail_refund(refund.refund)
    world.gateway.create_checkout_session(
        order(), success_url="https://a.example", cancel_url="https://a.example", idempotency_key="page"
    )
    subscription, _ = world.subscribes()
    world.gateway.open_billing_portal(subscription.customer or "", return_url="https://a.example")
    world.gateway.change_subscription(
        subscription.subscription, world.sells(9900, "month").price, idempotency_key="up"
    )


def test_every_field_exists_in_stripes_own_types(world: World, engine: Engine) -> None:
    a_bit_of_everything(world)

    with engine.connect() as db:
        bodies = [public(body) for body in db.execute(text("SELECT body FROM sandbox_objects")).scalars()]
        raws = db.execute(text("SELECT CAST(raw AS jsonb) FROM sandbox_events")).scalars().all()
    shown = [body for body in objects_in([*bodies, *raws]) if body["object"] != "list"]

    strangers = {
        (body["object"], name)
        for body in shown
        for name in body
        if name not in get_object_class("V1", body["object"]).__annotations__
    }
    assert strangers == set()
    assert {"billing_portal.configuration", "billing_portal.session"} <= {body["object"] for body in shown}
    assert {"charge", "dispute", "event", "invoice", "line_item", "refund", "subscription"} <= {
        body["object"] for body in shown
    }


def test_a_refund_fails_only_once(world: World) -> None:
    refund = world.refunds(world.pays(), 300)
    world.gateway.fail_refund(refund.refund)

    with pytest.raises(GatewayRefused):
        world.gateway.fail_refund(refund.refund)
