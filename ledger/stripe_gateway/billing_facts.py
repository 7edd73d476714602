"""What Stripe says about subscriptions and invoices, as plain facts; units as in `facts`."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class InvoiceLine:
    """One line of an invoice; `proration` lines correct a period that has begun. Amounts are before discounts."""

    price: str | None
    product: str | None
    amount_cents: int
    quantity: int
    proration: bool
    period_start: datetime | None
    period_end: datetime | None
    subscription: str | None = None
    interval: str | None = None
    """Of the line's price where it came along: day, week, month or year."""
    interval_count: int | None = None
    returns: bool = False
    """Whether this proration credits lines of an earlier invoice: the sign of an amount of 0."""


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
    """Whether lines are missing here: the gateway reads them, and nothing is booked without them."""
    metadata: Mapping[str, str]
    """Metadata of the invoice, completed by that of the subscription."""
    next_attempt_at: datetime | None = None
    """When Stripe tries to collect it next; a draft: when it is finalized and collected first."""


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
    """When it will end by itself, whatever set it: Stripe's portal sets only this."""
    trial_start: datetime | None
    trial_end: datetime | None
    paused: bool
    """Whether collection is paused: renewals go on without payment."""
    latest_invoice: str | None
    livemode: bool
    created: datetime
    metadata: Mapping[str, str]
