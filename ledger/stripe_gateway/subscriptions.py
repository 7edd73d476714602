"""Current subscriptions, invoices and events at Stripe."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from ledger.stripe_gateway.billing_facts import InvoiceFacts, SubscriptionFacts
from ledger.stripe_gateway.billing_readers import read_invoice, read_line, read_subscription
from ledger.stripe_gateway.client import PAGE_SIZE, StripeCalls, checked_id, dropping_none, pages, plain
from ledger.stripe_gateway.errors import translated
from ledger.stripe_gateway.facts import EventEnvelope
from ledger.stripe_gateway.payments import span
from ledger.stripe_gateway.signatures import raw_of, read_event

EVENT_TYPES_PER_CALL = 20


class SubscriptionCalls(StripeCalls):
    """Reads of subscriptions, invoices and events."""

    def fetch_invoice(self, invoice: str) -> InvoiceFacts:
        """Return one invoice with all its lines and its payment. Raise UnknownAtStripe when absent."""
        with translated():
            answer = self._client.v1.invoices.retrieve(checked_id(invoice), {"expand": ["payments"]})
        return self._whole(read_invoice(plain(answer)))

    def list_invoices(
        self,
        *,
        subscription: str | None = None,
        created_gte: datetime | None = None,
        created_lt: datetime | None = None,
    ) -> Iterator[InvoiceFacts]:
        """Yield invoices of a subscription or a time range, newest first, each with all its lines."""
        params = dropping_none(
            subscription=checked_id(subscription) if subscription else None,
            created=span(created_gte, created_lt) if created_gte else None,
            limit=PAGE_SIZE,
            expand=["data.payments"],
        )
        with translated():
            first = self._client.v1.invoices.list(params)
        for body in pages(first):
            yield self._whole(read_invoice(body))

    def _whole(self, invoice: InvoiceFacts) -> InvoiceFacts:
        """Return the invoice with all its lines; Stripe includes ten, the rest come page by page."""
        if not invoice.has_more_lines:
            return invoice
        with translated():
            first = self._client.v1.invoices.line_items.list(invoice.invoice, {"limit": PAGE_SIZE})
        lines = tuple(map(read_line, pages(first)))
        return replace(invoice, lines=lines, has_more_lines=False)

    def fetch_subscription(self, subscription: str) -> SubscriptionFacts:
        """Return one subscription with its items and period. Raise UnknownAtStripe when absent."""
        with translated():
            return read_subscription(plain(self._client.v1.subscriptions.retrieve(checked_id(subscription))))

    def list_subscriptions(
        self, *, customer: str | None = None, created_gte: datetime | None = None
    ) -> Iterator[SubscriptionFacts]:
        """Yield subscriptions in every state, newest first."""
        created = span(created_gte, None) if created_gte else None
        params = dropping_none(customer=customer, created=created, status="all", limit=PAGE_SIZE)
        with translated():
            first = self._client.v1.subscriptions.list(params)
        yield from map(read_subscription, pages(first))

    def list_events(self, *, created_gte: datetime, types: Sequence[str] = ()) -> Iterator[EventEnvelope]:
        """Yield events of the last 30 days at most, newest first, for machines that Stripe cannot reach.

        They come directly from Stripe, so they need no signature; store `raw` in the same inbox.
        """
        groups = [types[n : n + EVENT_TYPES_PER_CALL] for n in range(0, len(types), EVENT_TYPES_PER_CALL)]
        for group in groups or [()]:
            params = dropping_none(
                created=span(created_gte, None), types=list(group) or None, limit=PAGE_SIZE
            )
            with translated():
                first = self._client.v1.events.list(params)
            for event in pages(first):
                yield read_event(raw_of(event))

    def fetch_event(self, event_id: str) -> EventEnvelope:
        """Return one event of the last 30 days."""
        with translated():
            return read_event(raw_of(plain(self._client.v1.events.retrieve(checked_id(event_id)))))
