"""The billing portal of the built-in Stripe refuses what Stripe refuses."""

from collections.abc import Iterator
from typing import Any

import pytest
import stripe
from sqlalchemy import Engine

from tests.sandbox_world import World

BACK = "https://app.example.com/billing"


@pytest.fixture
def world(engine: Engine) -> Iterator[World]:
    world = World(engine)
    yield world
    world.gateway.close()


@pytest.fixture
def customer(world: World) -> str:
    return world.gateway.create_customer(name="Acme", email="a@acme.example", idempotency_key="c").customer


def session(world: World, **params: Any) -> Any:
    return world.gateway._client.v1.billing_portal.sessions.create(params)


def test_a_customer_of_an_account_without_a_configuration_is_refused(world: World, customer: str) -> None:
    with pytest.raises(stripe.InvalidRequestError, match="No configuration provided"):
        session(world, customer=customer, return_url=BACK)

    world.gateway.save_portal_settings()

    made = session(world, customer=customer, return_url=BACK)
    assert (made.customer, made.return_url, made.object) == (customer, BACK, "billing_portal.session")


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({}, "customer"),
        ({"customer": "cus_nobody"}, "No such customer"),
        ({"customer": None, "configuration": "bpc_nobody"}, "No such billing_portal.configuration"),
        ({"customer": None, "on_behalf_of": "acct_1"}, "does not implement"),
        ({"customer": None, "colour": "red"}, "unknown parameter"),
    ],
)
def test_a_session_of_nobody_or_of_an_unknown_configuration_is_refused(
    world: World, customer: str, params: dict[str, Any], words: str
) -> None:
    named = params | ({"customer": customer} if "customer" in params and params["customer"] is None else {})

    with pytest.raises(stripe.InvalidRequestError, match=words):
        session(world, **named)


def test_our_configuration_is_used_until_the_account_saves_its_own_settings(
    world: World, customer: str
) -> None:
    used = []
    for saves in (False, False, True):
        if saves:
            world.gateway.save_portal_settings()
        world.gateway.open_billing_portal(customer, return_url=BACK)
        configurations = world.gateway._client.v1.billing_portal.configurations.list().data
        used.append([each.is_default for each in configurations])

    assert used == [[False], [False], [True, False]]
