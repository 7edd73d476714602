"""Subscriptions and invoices at Stripe, as plain facts; units as in `facts`."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class InvoiceLine:
    """One invoice line; `proration` lines adjust a period in progress. Amounts are before discounts."""

    price: str | None
    product: str | None
    amount_cents: int
    quantity: int
    proration: bool
    period_start: datetime | None
    period_end: datetime | None
    subscription: str | None = None
    interval: str | None = None
    """Interval of the line's price, when Stripe includes it: day, week, month or year."""
    interval_count: int | None = None
    returns: bool = False
    """Whether this proration credits an earlier invoice; the sign when the amount is 0."""


@dataclass(frozen=True, slots=True)
class InvoiceFacts:
    """One invoice of a subscription."""

    invoice: str
    status: str | None
    """draft, open, paid, uncollectible or void."""
    subscription: str | None
    customer: str | None
    payment_intent: str | None
    billing_reason: str | None
    """subscription_create, subscription_cycle, subscription_update, manual ..."""
    amount_due_cents: int
    amount_paid_cents: int
    currency: str
    livemode: bool
    created: datetime
    paid_at: datetime | None
    attempt_count: int
    lines: tuple[InvoiceLine, ...]
    has_more_lines: bool
    """Whether lines are missing here. The gateway reads them before anything is booked."""
    metadata: Mapping[str, str]
    """Metadata of the invoice, merged with the subscription's."""
    credited_cents: int = 0
    """Credit notes after it was paid: refunds, customer balance, and what was paid outside of Stripe."""
    next_attempt_at: datetime | None = None
    """When Stripe next tries to collect it; for a draft, when it is finalized and first collected."""
    from_balance_cents: int = 0
    """Paid from the customer's credit balance, beside `amount_paid_cents`."""

    @property
    def worth_cents(self) -> int:
        """Return what was paid in all, from a payment and from the credit balance."""
        return self.amount_paid_cents + self.from_balance_cents


@dataclass(frozen=True, slots=True)
class SubscriptionItem:
    """One price within a subscription."""

    item: str
    price: str
    product: str | None
    amount_cents: int | None
    interval: str | None
    interval_count: int | None
    quantity: int
    period_start: datetime | None
    period_end: datetime | None


@dataclass(frozen=True, slots=True)
class SubscriptionFacts:
    """One subscription. The period is that of its items (or of the subscription, in old API versions)."""

    subscription: str
    status: str
    """trialing, active, past_due, unpaid, incomplete, incomplete_expired, canceled or paused."""
    customer: str | None
    items: tuple[SubscriptionItem, ...]
    period_start: datetime | None
    period_end: datetime | None
    cancel_at_period_end: bool
    canceled_at: datetime | None
    ended_at: datetime | None
    cancel_at: datetime | None
    """Scheduled end, however it was set; Stripe's portal sets only this field."""
    trial_start: datetime | None
    trial_end: datetime | None
    paused: bool
    """Whether collection is paused: renewals continue without payment."""
    latest_invoice: str | None
    livemode: bool
    created: datetime
    metadata: Mapping[str, str]
