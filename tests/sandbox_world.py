"""A sandbox for tests: its clock moves only on request, and everything it delivers is stored."""

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from sqlalchemy import Engine

from ledger.settings import load_settings
from ledger.stripe_gateway import EventEnvelope, Order, PaymentFacts, build_gateway

START = datetime(2026, 3, 1, tzinfo=UTC)


class World:
    """One sandbox, one gateway on it, and an inbox that verifies what it receives."""

    def __init__(self, engine: Engine, *, listening: bool = True) -> None:
        self.now = START
        self.events: list[EventEnvelope] = []
        self.keys = (f"key-{number}" for number in count(1))
        deliver = self.receive if listening else None
        self.gateway = build_gateway(
            load_settings({}), engine=engine, deliver=deliver, clock=lambda: self.now
        )

    def receive(self, raw: bytes, header: str) -> None:
        """Take an event as the real inbox does."""
        secrets = self.gateway.signing_secrets
        self.events.append(self.gateway.verify_event(raw, header, secrets, self.now))

    @property
    def delivered_types(self) -> list[str]:
        """Types of everything delivered so far, in order."""
        return [event.type for event in self.events]

    def forget(self) -> None:
        """Start listening anew."""
        self.events.clear()

    def pays(self, payment_method: str | None = "pm_card_visa", **changes: Any) -> PaymentFacts:
        """Buy the small package."""
        return self.gateway.start_payment(
            order(**changes), payment_method=payment_method, idempotency_key=next(self.keys)
        )

    def sees(self, payment: PaymentFacts) -> PaymentFacts:
        """The payment as it is now."""
        return self.gateway.fetch_payment(payment.payment_intent)

    def refunds(self, payment: PaymentFacts, amount_cents: int) -> Any:
        """Give money back."""
        return self.gateway.refund(payment.payment_intent, amount_cents, idempotency_key=next(self.keys))

    def waits(self, **span: int) -> None:
        """Let the sandbox's clock run ahead."""
        self.gateway.advance_clock(self.gateway.sandbox_now() + timedelta(**span))

    def subscribes(
        self, amount_cents: int = 2900, interval: str = "month", *, card: str = "pm_card_visa", **more: Any
    ) -> tuple[Any, Any]:
        """A new customer with a new price: (subscription, price)."""
        price = self.sells(amount_cents, interval)
        customer = self.gateway.create_customer(
            name="Acme", email="owner@acme.example", payment_method=card, idempotency_key=next(self.keys)
        )
        subscription = self.gateway.create_subscription(
            customer.customer, price.price, idempotency_key=next(self.keys), **more
        )
        return subscription, price

    def sells(self, amount_cents: int, interval: str | None = None) -> Any:
        """A new product with one price."""
        product = self.gateway.create_product("Plan", idempotency_key=next(self.keys))
        return self.gateway.create_price(
            product.product, amount_cents, "usd", interval=interval, idempotency_key=next(self.keys)
        )


def order(**changes: Any) -> Order:
    """The small package for one workspace."""
    fields: dict[str, Any] = {
        "purchase_id": "01900000-0000-7000-8000-000000000001",
        "workspace_id": "acme",
        "package": "small",
        "minutes": 60,
        "amount_cents": 999,
        "currency": "usd",
    }
    return Order(**fields | changes)
