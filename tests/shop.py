"""Verbs for tests of payments: a shop on the built-in sandbox, whose time stands still until it is moved."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import stripe
from sqlalchemy import Engine, text

import ledger
from ledger.payments import buying
from ledger.payments.purchases import Purchase, get_purchase
from ledger.payments.refunds import refund_purchase
from ledger.schedules import WorkerContext
from ledger.settings import Secret, Settings
from ledger.stripe_gateway import Gateway, GatewayUnavailable
from ledger.stripe_gateway.signatures import sign
from ledger.webhooks.inbox import Received, open_gateway, receive, work_inbox
from tests.databases import as_owner

WEBHOOK_SECRET = "whsec_configured"
SETTINGS = Settings(data_dir=Path(".data"), stripe_webhook_secrets=(Secret(WEBHOOK_SECRET),))
EVENTS = Path(__file__).parent / "stripe_events"
NEVER_STORED = ("_secret_", '"4242"', "Xt5EWLLDS7FJjR1c")
"""A payment's secret and the card of our events: last four digits, fingerprint."""
_numbers = itertools.count(1)


@dataclass
class Shop:
    """Sells to one workspace, `acme` by default."""

    engine: Engine
    now: datetime
    settings: Settings = SETTINGS
    gateway: Gateway = field(init=False)

    def __post_init__(self) -> None:
        """Open the sandbox and sign acme up."""
        self.gateway = open_gateway(self.engine, self.settings, "sandbox", clock=lambda: self.now)
        self.signs_up("acme")

    def worker_context(self, engine: Engine | None = None) -> WorkerContext:
        """Return what a worker of this shop works with; `engine`: another worker's connections."""
        return WorkerContext(engine or self.engine, self.settings, {"sandbox": self.gateway})

    def signs_up(self, workspace_id: str, source: str = "sandbox") -> str:
        """Make a workspace without a plan."""
        with ledger.writing(self.engine) as db:
            about: dict[str, Any] = {
                "name": workspace_id,
                "owner_email": "owner@example.com",
                "source": source,
            }
            ledger.create_workspace(db, workspace_id, actor="test", at=self.now, **about)
        return workspace_id

    def later(self, **time: float) -> Shop:
        """Let time pass."""
        self.now += timedelta(**time)
        return self

    def buys(
        self,
        package: str = "small",
        method: str | None = "pm_card_visa",
        *,
        workspace_id: str = "acme",
        key: str | None = None,
    ) -> Purchase:
        """Begin a purchase; the minutes come with the events."""
        return self._buys(self.gateway, package, method, workspace_id, key or f"buy-{next(_numbers)}")

    def buys_unanswered(self, package: str = "small", key: str = "unanswered") -> None:
        """Pay with a good card, and never receive Stripe's answer: the charge was made."""
        try:
            self._buys(AnswersLost(self.gateway, "start_payment"), package, "pm_card_visa", "acme", key)
        except GatewayUnavailable:
            return
        raise AssertionError("the answer arrived")

    def _buys(self, gateway: Any, package: str, method: str | None, workspace_id: str, key: str) -> Purchase:
        return buying.buy(
            self.engine,
            gateway,
            workspace_id,
            package,
            payment_method=method,
            key=key,
            actor="test",
            at=self.now,
        )

    def bought(self, package: str = "small", method: str = "pm_card_visa") -> Purchase:
        """Buy, and let the events arrive."""
        purchase = self.buys(package, method)
        self.works()
        return self.purchase(purchase)

    def refunds(self, purchase: Purchase, cents: int, key: str | None = None) -> Purchase:
        """Refund from the dashboard."""
        return refund_purchase(
            self.engine,
            self.gateway,
            purchase.workspace_id,
            purchase.purchase_id,
            cents,
            reason="requested by the customer",
            key=key or f"refund-{next(_numbers)}",
            actor="test",
            at=self.now,
        )

    def refunds_at_stripe(self, purchase: Purchase, cents: int) -> str:
        """Refund at Stripe directly; events report it."""
        key = f"elsewhere-{next(_numbers)}"
        return self.gateway.refund(purchase.payment_intent or "", cents, idempotency_key=key).refund

    def pays_at_stripe(self, cents: int, **metadata: str) -> stripe.PaymentIntent:
        """Pay by card at Stripe, past the ledger; events report it."""
        return self.gateway._client.v1.payment_intents.create(
            {
                "amount": cents,
                "currency": "usd",
                "payment_method": "pm_card_visa",
                "confirm": True,
                "automatic_payment_methods": {"enabled": True, "allow_redirects": "never"},
                "metadata": metadata,
            }
        )

    def uses(self, minutes: int, workspace_id: str = "acme") -> None:
        """Use minutes."""
        with ledger.writing(self.engine) as db:
            ledger.track_minutes(db, workspace_id, minutes, key=f"use-{next(_numbers)}", at=self.now)

    def works(self) -> int:
        """Let the worker handle every event that is due now; how many."""
        total = 0
        while taken := work_inbox(self.engine, {"sandbox": self.gateway}, at=self.now):
            total += taken
        return total

    def loses_events(self) -> None:
        """Let nothing that waits in the inbox ever have arrived."""
        self.runs(
            "UPDATE stripe_events SET status = 'ignored', next_attempt_at = NULL WHERE next_attempt_at IS NOT NULL"
        )

    def delivers(self, event_type: str, event_id: str | None = None, **ids: object) -> Received:
        """Receive one of our own events, signed, about these ids."""
        body = (EVENTS / f"{event_type}.json").read_text()
        for name, value in ids.items():
            body = body.replace("{" + name + "}", str(value))
        if event_id:
            body = body.replace('"id": "evt_', f'"id": "{event_id}_', 1)
        return self.receives(body.encode())

    def receives(
        self, raw: bytes, *, signed: datetime | None = None, secret: str = WEBHOOK_SECRET
    ) -> Received:
        """Receive a body, signed now by default."""
        header = sign(raw, secret, signed or self.now)
        return receive(self.engine, raw, header, self.settings, self.now)

    def event(self, event_id: str) -> dict[str, Any]:
        """One event of the inbox."""
        (row,) = self.rows("SELECT * FROM stripe_events WHERE event_id = :id", id=event_id)
        return row

    def purchase(self, purchase: Purchase) -> Purchase:
        """The purchase as it is now."""
        with ledger.reading(self.engine) as db:
            return get_purchase(db, purchase.workspace_id, purchase.purchase_id)

    def syncs(self, purchase: Purchase) -> Purchase:
        """Re-read Stripe."""
        with ledger.writing(self.engine) as db:
            return buying.sync_purchase(
                db, self.gateway, purchase.workspace_id, purchase.purchase_id, at=self.now
            )

    def extra(self, workspace_id: str = "acme") -> int:
        """Extra minutes left."""
        with ledger.reading(self.engine) as db:
            return ledger.get_balance(db, workspace_id).extra_minutes

    def rows(self, statement: str, **binds: object) -> list[dict[str, Any]]:
        """Rows of a statement."""
        with ledger.reading(self.engine) as db:
            return [dict(row) for row in db.execute(text(statement), binds).mappings()]

    def runs(self, statement: str, **binds: object) -> None:
        """Change something behind the ledger's back."""
        with ledger.writing(self.engine) as db, as_owner(db):
            db.execute(text(statement), binds)


@contextmanager
def open_shop(engine: Engine, now: datetime) -> Iterator[Shop]:
    """A shop whose sandbox lets go of the database at the end."""
    shop = Shop(engine, now)
    try:
        yield shop
    finally:
        shop.gateway.close()


class AnswersLost:
    """A gateway whose next call of one kind is carried out, but whose answer never arrives."""

    def __init__(self, gateway: Gateway, call: str) -> None:
        self.gateway = gateway
        self.call = call

    def __getattr__(self, name: str) -> Any:
        """Pass everything on, and lose one answer."""
        inner = getattr(self.gateway, name)
        if name != self.call:
            return inner

        def lost(*args: Any, **named: Any) -> None:
            self.call = ""
            inner(*args, **named)
            raise GatewayUnavailable("no answer", outcome_unknown=True)

        return lost
