"""Invoices and payments that were created before a span of time and paid, refunded or disputed within it.

Stripe lists both by their creation alone; its events, of the last 30 days, name what changed since.
"""

from collections.abc import Container, Iterator
from datetime import datetime

from ledger.stripe_gateway import EventEnvelope, Gateway, InvoiceFacts, PaymentFacts, UnknownAtStripe

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
    read: set[str] = set()
    for event in _events(gateway, PAID_INVOICES, since, until):
        invoice = event.object_id
        if invoice and invoice not in read and event.object.get("created", 0) < since.timestamp():
            read.add(invoice)
            try:
                yield gateway.fetch_invoice(invoice)
            except UnknownAtStripe:
                continue


def invoices_credited_lately(gateway: Gateway, since: datetime, until: datetime) -> Iterator[InvoiceFacts]:
    """Yield the invoices whose credit notes were made or voided in [since, until), each once."""
    read: set[str] = set()
    for event in _events(gateway, CREDITED_INVOICES, since, until):
        if event.invoice and event.invoice not in read:
            read.add(event.invoice)
            try:
                yield gateway.fetch_invoice(event.invoice)
            except UnknownAtStripe:
                continue


def payments_changed_lately(
    gateway: Gateway, since: datetime, until: datetime, seen: Container[str]
) -> Iterator[PaymentFacts]:
    """Yield the payments not in `seen` that were paid, refunded or disputed in [since, until), each once."""
    read: set[str] = set()
    for event in _events(gateway, CHANGED_PAYMENTS, since, until):
        intent = event.payment_intent
        if intent and intent not in read and intent not in seen:
            read.add(intent)
            try:
                yield gateway.fetch_payment(intent)
            except UnknownAtStripe:
                continue


def _events(
    gateway: Gateway, types: tuple[str, ...], since: datetime, until: datetime
) -> Iterator[EventEnvelope]:
    return (each for each in gateway.list_events(created_gte=since, types=types) if each.created < until)
