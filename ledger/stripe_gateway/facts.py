"""What Stripe says, as plain facts: frozen dataclasses without any object of Stripe's library.

Amounts are integers in the currency's minor unit (`*_cents`), currencies lower case as in the ledger,
moments aware datetimes in UTC, ids Stripe's own text.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

INQUIRY = "warning_"
"""Dispute states that begin so are inquiries: no money has moved."""


@dataclass(frozen=True, slots=True)
class EventEnvelope:
    """One event: who it is about, and the raw bytes to store. A trigger to look, never a fact by itself."""

    event_id: str
    type: str
    api_version: str | None
    livemode: bool
    created: datetime
    account: str | None
    """Connected account the event belongs to; None for our own."""
    object_type: str | None
    object_id: str | None
    payment_intent: str | None
    charge: str | None
    invoice: str | None
    subscription: str | None
    checkout_session: str | None
    customer: str | None
    metadata: Mapping[str, str]
    """Metadata of the object inside; hostile text like everything a customer can write."""
    sha256: str
    """Hex digest of the raw body."""
    raw: bytes = field(repr=False)
    object: Mapping[str, Any] = field(repr=False)
    """The object inside the event, parsed, possibly stale: re-read it before acting on it."""


@dataclass(frozen=True, slots=True)
class Order:
    """What is being sold, taken from our purchase row: the only source of amount and currency."""

    purchase_id: str
    workspace_id: str
    package: str
    minutes: int
    amount_cents: int
    currency: str
    description: str | None = None
    customer: str | None = None
    receipt_email: str | None = None
    """Where Stripe sends a receipt."""
    metadata: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PaymentFailure:
    """Why the last attempt to pay failed."""

    code: str
    decline_code: str | None
    message: str
    """A sentence for people, without card data."""


@dataclass(frozen=True, slots=True)
class RefundFacts:
    """One refund. `status`: pending, requires_action, succeeded, failed or canceled."""

    refund: str
    payment_intent: str | None
    charge: str | None
    amount_cents: int
    currency: str
    status: str
    reason: str | None
    failure_reason: str | None
    created: datetime
    metadata: Mapping[str, str]

    @property
    def counts(self) -> bool:
        """True while the money is gone or on its way back to the customer."""
        return self.status not in ("failed", "canceled")


@dataclass(frozen=True, slots=True)
class DisputeFacts:
    """One dispute (chargeback) or inquiry."""

    dispute: str
    payment_intent: str | None
    charge: str | None
    amount_cents: int
    currency: str
    status: str
    """needs_response, under_review, won, lost, prevented, or warning_* for an inquiry."""
    reason: str
    created: datetime
    fee_cents: int | None
    """Fees of the dispute as far as booked by Stripe; None: nothing booked."""
    due_by: datetime | None = None
    """Until when the bank takes an answer."""

    @property
    def is_inquiry(self) -> bool:
        """True for a bank's question: no money has moved, none may be taken back."""
        return self.status.startswith(INQUIRY)

    @property
    def takes_money(self) -> bool:
        """True while the money is withdrawn: open or lost, and not an inquiry."""
        return not self.is_inquiry and self.status not in ("won", "prevented")


@dataclass(frozen=True, slots=True)
class PaymentFacts:
    """One payment as Stripe knows it now, with its refunds and disputes."""

    payment_intent: str
    status: str
    """requires_payment_method, requires_confirmation, requires_action, processing, requires_capture, canceled
    or succeeded."""
    amount_cents: int
    amount_received_cents: int
    currency: str
    livemode: bool
    created: datetime
    metadata: Mapping[str, str]
    customer: str | None
    charge: str | None
    """Latest charge, also a failed one."""
    paid_at: datetime | None
    """When the money was booked; a bank debit is charged days before."""
    receipt_url: str | None
    receipt_number: str | None
    failure: PaymentFailure | None
    cancellation_reason: str | None
    fee_cents: int | None
    """Stripe's fee in `settlement_currency`; None: not known yet, which is not 0."""
    net_cents: int | None
    settlement_currency: str | None
    fee_is_assumption: bool
    """True in the sandbox: 2.9 % + 30 cents is an assumption, not a bill."""
    next_action_url: str | None
    refunds: tuple[RefundFacts, ...]
    """All refunds, oldest first, failed ones included."""
    disputes: tuple[DisputeFacts, ...]
    client_secret: str | None = field(default=None, repr=False)
    """For the customer's browser only: never store or log it. `fetch_payment` leaves it out."""
    charge_refunded_cents: int = 0
    """What the charge itself says was refunded; in lists, which leave out single refunds."""
    charge_disputed: bool = False
    """Whether the charge itself says it was ever disputed; in lists, which leave disputes out."""

    @property
    def refunded_cents(self) -> int:
        """What was or is being given back, cumulated over refunds that did not fail."""
        return sum(refund.amount_cents for refund in self.refunds if refund.counts)

    @property
    def is_paid(self) -> bool:
        """True when the money arrived in full."""
        return self.status == "succeeded" and self.amount_received_cents == self.amount_cents

    @property
    def is_disputed(self) -> bool:
        """True while a dispute (not an inquiry) is open or lost."""
        return any(dispute.takes_money for dispute in self.disputes)


@dataclass(frozen=True, slots=True)
class CheckoutFacts:
    """One Checkout Session: Stripe's own payment page."""

    checkout_session: str
    url: str | None
    status: str
    """open, complete or expired."""
    payment_status: str
    """paid, unpaid or no_payment_required. Complete and unpaid: the money is still on its way."""
    payment_intent: str | None
    subscription: str | None
    customer: str | None
    amount_total_cents: int | None
    currency: str | None
    livemode: bool
    created: datetime | None
    """None in shapes before 2022."""
    metadata: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class CustomerFacts:
    """One customer of Stripe's."""

    customer: str
    name: str | None
    email: str | None
    livemode: bool
    created: datetime
    metadata: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ProductFacts:
    """One product of the catalogue at Stripe."""

    product: str
    name: str
    active: bool
    livemode: bool
    metadata: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class PriceFacts:
    """One price at Stripe: immutable but for `active`. `interval` is month, year ... or None (one time)."""

    price: str
    product: str
    amount_cents: int | None
    currency: str
    active: bool
    interval: str | None
    interval_count: int | None
    lookup_key: str | None
    livemode: bool
    metadata: Mapping[str, str]
