"""Books a Stripe account's history: an invoice at the time it was paid, a subscription at its end.

The result is what the events would have left, had they been received then: a later sync finds nothing to do.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from pydantic import TypeAdapter
from sqlalchemy import Connection

from ledger.database import query
from ledger.payments.plan_invoices import book_invoice, in_booking_order
from ledger.payments.plan_minutes import KnownPrice
from ledger.payments.purchases import remember_objects
from ledger.payments.subscription_reading import SubscriptionReading
from ledger.payments.subscriptions import plan_booking, save_state, show_plan
from ledger.stripe_gateway import InvoiceFacts, PaymentFacts, SubscriptionFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class PastInvoice:
    """A paid invoice with its subscription. `others`: invoices whose periods its prorations may divide."""

    facts: SubscriptionFacts
    invoice: InvoiceFacts
    others: tuple[InvoiceFacts, ...]
    prices: Mapping[str, KnownPrice]


@dataclass(frozen=True, slots=True, kw_only=True)
class PastState:
    """A subscription as it is now, with its newest invoices."""

    facts: SubscriptionFacts
    invoices: tuple[InvoiceFacts, ...]
    prices: Mapping[str, KnownPrice]


PAST_INVOICE = TypeAdapter(PastInvoice)
PAST_STATE = TypeAdapter(PastState)
PAST_PAYMENT = TypeAdapter(PaymentFacts)
"""These facts as JSON, for the time between reading and booking."""


def book_past_invoice(db: Connection, workspace_id: str, past: PastInvoice, *, at: datetime) -> None:
    """Book a paid invoice, and show the plan that it pays for. At its time the subscription was active."""
    facts = replace(past.facts, status="active", ended_at=None, cancel_at_period_end=False, paused=False)
    _begin(db, workspace_id, facts, at)
    read = SubscriptionReading(facts=facts, invoices=(*past.others, past.invoice), prices=past.prices)
    book_invoice(db, plan_booking(db, workspace_id, read, at), past.invoice)
    now = SubscriptionReading(facts=facts, invoices=(past.invoice,), prices=past.prices)
    if now.paid_plan is not None:
        save_state(db, workspace_id, now, at)
        show_plan(db, workspace_id, now, at)


def book_past_state(db: Connection, workspace_id: str, past: PastState, *, at: datetime) -> None:
    """Store the state of a subscription, and end its plan when it is over."""
    _begin(db, workspace_id, past.facts, at)
    read = SubscriptionReading(facts=past.facts, invoices=in_booking_order(past.invoices), prices=past.prices)
    save_state(db, workspace_id, read, at)
    show_plan(db, workspace_id, read, at)


def _begin(db: Connection, workspace_id: str, facts: SubscriptionFacts, at: datetime) -> None:
    key = {"workspace_id": workspace_id, "subscription_id": facts.subscription}
    db.execute(query("add_stripe_subscription"), key | {"at": at})
    db.execute(query("lock_stripe_subscription"), key)
    ids = {"subscription": facts.subscription, "customer": facts.customer}
    remember_objects(db, workspace_id, None, ids)
