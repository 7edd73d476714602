"""Stripe's objects as plain facts: frozen dataclasses, free of the library's types.

Amounts are integers in the currency's minor unit (`*_cents`), currencies lower case as in the ledger,
moments aware datetimes in UTC, ids Stripe's own text.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

INQUIRY = "warning_"
"""Dispute states with this prefix are inquiries: no money has moved."""


BRANDS = {"amex": "American Express", "diners": "Diners Club", "jcb": "JCB", "unionpay": "UnionPay"}
"""Brands of cards whose name is not Stripe's code with a capital letter."""


@dataclass(frozen=True, slots=True)
class EventEnvelope:
    """One event: its object and the raw bytes to store. It triggers a read and is never a fact by itself."""

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
    """Metadata of the object; untrusted text, like all customer input."""
    sha256: str
    """Hex digest of the raw body."""
    raw: bytes = field(repr=False)
    object: Mapping[str, Any] = field(repr=False)
    """The event's parsed object, possibly stale: read it again before acting on it."""


@dataclass(frozen=True, slots=True)
class Order:
    """The order from our purchase row, the only source of amount and currency."""

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
    """Why the last payment attempt failed."""

    code: str
    decline_code: str | None
    message: str
    """A message for the customer, without card data."""


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
        """Return True while the money is on its way back to the customer, or already returned."""
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
    """Dispute fees that Stripe has booked; None when nothing is booked."""
    due_by: datetime | None = None
    """Deadline for evidence."""
    won_at: datetime | None = None
    """When the money came back; None unless Stripe shows it."""

    @property
    def is_inquiry(self) -> bool:
        """Return True for a bank's inquiry: no money has moved and none may be withdrawn."""
        return self.status.startswith(INQUIRY)

    @property
    def takes_money(self) -> bool:
        """Return True while the money is withdrawn: open or lost, and not an inquiry."""
        return not self.is_inquiry and self.status not in ("won", "prevented")


@dataclass(frozen=True, slots=True)
class ReviewFacts:
    """One review of a suspicious payment. `closed_reason`: approved, refunded, disputed ... once it is closed."""

    review: str
    is_open: bool
    closed_reason: str | None


@dataclass(frozen=True, slots=True)
class PaymentFacts:
    """A payment's current state at Stripe, with its refunds and disputes."""

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
    """Latest charge, even if it failed."""
    paid_at: datetime | None
    """When the money was booked; a bank debit is charged days earlier."""
    receipt_url: str | None
    receipt_number: str | None
    failure: PaymentFailure | None
    cancellation_reason: str | None
    fee_cents: int | None
    """Stripe's fee in `settlement_currency`; None while unknown, which differs from 0."""
    net_cents: int | None
    settlement_currency: str | None
    fee_is_assumption: bool
    """True in the sandbox, where 2.9% + 30 cents is an assumption."""
    next_action_url: str | None
    refunds: tuple[RefundFacts, ...]
    """All refunds, oldest first, including failed ones."""
    disputes: tuple[DisputeFacts, ...]
    client_secret: str | None = field(default=None, repr=False)
    """For the customer's browser only: never store or log it. `fetch_payment` leaves it out."""
    charge_refunded_cents: int = 0
    """The charge's own refunded total, for lists, which omit single refunds."""
    charge_disputed: bool = False
    """The charge's own disputed flag, for lists, which omit disputes."""
    description: str | None = None
    """What the payment is for, in the seller's words."""

    @property
    def refunded_cents(self) -> int:
        """Return the total of refunds that did not fail, pending ones included."""
        return sum(refund.amount_cents for refund in self.refunds if refund.counts)

    @property
    def is_paid(self) -> bool:
        """Return True when the payment arrived in full."""
        return self.status == "succeeded" and self.amount_received_cents == self.amount_cents

    @property
    def is_returned(self) -> bool:
        """Return True when money arrived and all of it is on its way back."""
        returned = max(self.refunded_cents, self.charge_refunded_cents)
        return 0 < self.amount_received_cents <= returned

    @property
    def is_disputed(self) -> bool:
        """Return True while a dispute (not an inquiry) is open or lost."""
        return any(dispute.takes_money for dispute in self.disputes)


@dataclass(frozen=True, slots=True)
class BalanceChange:
    """One row of Stripe's balance report; `kind`: charge, payment, refund, adjustment, payout ..."""

    kind: str
    amount_cents: int
    """Gross; less than 0 when money leaves."""
    fee_cents: int
    currency: str


@dataclass(frozen=True, slots=True)
class CheckoutFacts:
    """One Checkout Session: Stripe's own payment page."""

    checkout_session: str
    url: str | None
    status: str
    """open, complete or expired."""
    payment_status: str
    """paid, unpaid or no_payment_required. Complete but unpaid: the money is still pending."""
    payment_intent: str | None
    subscription: str | None
    customer: str | None
    amount_total_cents: int | None
    tax_cents: int
    """Tax within `amount_total_cents`."""
    discount_cents: int
    """What promotion codes took off before tax."""
    currency: str | None
    livemode: bool
    created: datetime | None
    """None in shapes before 2022."""
    metadata: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class SavedCard:
    """A card that a customer has saved; only its brand and last digits are ever known here."""

    payment_method: str
    brand: str
    last_four: str

    @property
    def name(self) -> str:
        """Return what a customer calls it: `Visa ending 4242`."""
        brand = BRANDS.get(self.brand, self.brand.replace("_", " ").capitalize())
        return f"{brand} ending {self.last_four}" if self.last_four else brand


@dataclass(frozen=True, slots=True)
class CustomerFacts:
    """One customer at Stripe."""

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
