"""Invoices and payments that were created before a span of time and paid, refunded or disputed within it.

Stripe lists both by their creation alone; its events, of the last 30 days, name what changed since.
"""

from collections.abc import Callable, Container, Iterable, Iterator
from datetime import datetime
from typing import TypeVar

from ledger.stripe_gateway import EventEnvelope, Gateway, InvoiceFacts, PaymentFacts, UnknownAtStripe

Facts = TypeVar("Facts", InvoiceFacts, PaymentFacts)

PAID_INVOICES = ("invoice.paid",)
CREDITED_INVOICES = ("credit_note.created", "credit_note.updated", "credit_note.voided")
CHANGED_PAYMENTS = (
    "charge.dispute.closed",
    "charge.dispute.created",
    "charge.refunded",
    "payment_intent.succeeded",
    "refund.failed",
    "refund.updated",
)


def invoices_paid_lately(gateway: Gateway, since: datetime, until: datetime) -> Iterator[InvoiceFacts]:
    """Yield the invoices that were created before `since` and paid in [since, until), each once."""
    events = _events(gateway, PAID_INVOICES, since, until)
    older = (each.object_id for each in events if each.object.get("created", 0) < since.timestamp())
    return _each_once(older, gateway.fetch_invoice)


def invoices_credited_lately(gateway: Gateway, since: datetime, until: datetime) -> Iterator[InvoiceFacts]:
    """Yield the invoices whose credit notes were made or voided in [since, until), each once."""
    events = _events(gateway, CREDITED_INVOICES, since, until)
    return _each_once((each.invoice for each in events), gateway.fetch_invoice)


def payments_changed_lately(
    gateway: Gateway, since: datetime, until: datetime, seen: Container[str]
) -> Iterator[PaymentFacts]:
    """Yield the payments not in `seen` that were paid, refunded or disputed in [since, until), each once."""
    events = _events(gateway, CHANGED_PAYMENTS, since, until)
    intents = (each.payment_intent for each in events)
    return _each_once((each for each in intents if each not in seen), gateway.fetch_payment)


def _each_once(ids: Iterable[str | None], fetch: Callable[[str], Facts]) -> Iterator[Facts]:
    """Yield what Stripe says of each id, without those it does not know any more."""
    read: set[str] = set()
    for each in ids:
        if not each or each in read:
            continue
        read.add(each)
        try:
            yield fetch(each)
        except UnknownAtStripe:
            continue


def _events(
    gateway: Gateway, types: tuple[str, ...], since: datetime, until: datetime
) -> Iterator[EventEnvelope]:
    return (each for each in gateway.list_events(created_gte=since, types=types) if each.created < until)
