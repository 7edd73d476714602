"""Verbs of the parity tests, which ask the built-in sandbox and Stripe the same."""

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from ledger.settings import Secret, Settings
from ledger.stripe_gateway import Gateway, Order, PaymentFacts, PriceFacts, build_gateway

TEST_KEY = os.environ.get("STRIPE_TEST_KEY", "")
AT_STRIPE = pytest.mark.skipif(not TEST_KEY, reason="STRIPE_TEST_KEY is not set: Stripe itself is not called")


PLACES = ["sandbox", pytest.param("stripe", marks=AT_STRIPE)]


def opened(request: pytest.FixtureRequest) -> Iterator[Gateway]:
    """The gateway of one place, for a fixture over PLACES."""
    at_stripe = request.param == "stripe"
    settings = Settings(data_dir=Path(".data"), stripe_api_key=Secret(TEST_KEY) if at_stripe else None)
    gateway = build_gateway(settings, engine=None if at_stripe else request.getfixturevalue("engine"))
    yield gateway
    gateway.close()


def key() -> str:
    return f"parity-{uuid4()}"


def order(**changes: Any) -> Order:
    fields: dict[str, Any] = {
        "purchase_id": str(uuid4()),
        "workspace_id": "parity",
        "package": "small",
        "minutes": 60,
        "amount_cents": 999,
        "currency": "usd",
    }
    return Order(**fields | changes)


def pay(gateway: Gateway, method: str | None = "pm_card_visa", **changes: Any) -> PaymentFacts:
    return gateway.start_payment(order(**changes), payment_method=method, idempotency_key=key())


def price(gateway: Gateway, amount_cents: int, interval: str | None = None) -> PriceFacts:
    product = gateway.create_product(f"Parity {uuid4()}", idempotency_key=key())
    return gateway.create_price(
        product.product, amount_cents, "usd", interval=interval, idempotency_key=key()
    )


def eventually(look: Callable[[], Any]) -> Any:
    """What `look` finds; Stripe does some things a moment later, the sandbox does not."""
    for _ in range(20 if TEST_KEY else 1):
        if result := look():
            return result
        time.sleep(1)
    return look()
