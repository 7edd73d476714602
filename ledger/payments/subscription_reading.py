"""One Stripe subscription with all its invoices, and the plan they paid for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from ledger.payments.plan_invoices import in_booking_order
from ledger.payments.plan_lines import rank, settled_at
from ledger.payments.plan_minutes import KnownPrice, LineMinutes
from ledger.payments.price_months import known_prices
from ledger.stripe_gateway import Gateway, InvoiceFacts, SubscriptionFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class PaidPlan:
    """The plan of the newest period that was paid for, with the minutes of a whole period."""

    price: KnownPrice
    minutes: int
    period_start: datetime
    period_end: datetime
    paid_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriptionReading:
    """One subscription with its invoices in the order in which they were paid, and the plans of their prices."""

    facts: SubscriptionFacts
    invoices: Sequence[InvoiceFacts]
    prices: Mapping[str, KnownPrice]

    @property
    def paid(self) -> list[InvoiceFacts]:
        """Return the invoices that are paid."""
        return [invoice for invoice in self.invoices if invoice.status == "paid"]

    @property
    def unknown_prices(self) -> tuple[str, ...]:
        """Return the unmapped prices of paid lines."""
        named = {line.price for invoice in self.paid for line in invoice.lines if line.price}
        return tuple(sorted(named - set(self.prices)))

    @property
    def paid_plan(self) -> PaidPlan | None:
        """Return the plan of the newest paid period."""
        result = [
            PaidPlan(
                price=line.price,
                minutes=line.allocation,
                period_start=line.line.period_start,
                period_end=line.line.period_end or line.line.period_start,
                paid_at=settled_at(invoice),
            )
            for invoice in self.paid
            for line in _plain_lines(invoice, self.prices)
            if line.sets_plan and line.price and line.line.period_start
        ]
        return max(result, key=lambda plan: (plan.period_start, plan.paid_at, rank(plan.price)), default=None)

    @property
    def renewal_attempt_at(self) -> datetime | None:
        """Return when Stripe will collect a pending renewal: after its draft hour, or at its next attempt."""
        paid = self.paid_plan
        moments = [
            invoice.next_attempt_at
            for invoice in self.invoices
            if invoice.status in ("draft", "open")
            and invoice.next_attempt_at
            and paid
            and any(line.period_end and line.period_end > paid.period_end for line in invoice.lines)
        ]
        return min(moments, default=None)


def read_subscription(
    db: Connection, gateway: Gateway, subscription: str, *, invoice: str | None = None
) -> SubscriptionReading:
    """Read a subscription with its invoices, in the order of payment, and the plans of their prices."""
    facts = gateway.fetch_subscription(subscription)
    invoices = {each.invoice: each for each in gateway.list_invoices(subscription=subscription)}
    if invoice is not None and invoice not in invoices:
        invoices[invoice] = gateway.fetch_invoice(invoice)
    ordered = in_booking_order(invoices.values())
    prices = known_prices(db, gateway, facts.items, ordered)
    return SubscriptionReading(facts=facts, invoices=ordered, prices=prices)


def _plain_lines(invoice: InvoiceFacts, prices: Mapping[str, KnownPrice]) -> list[LineMinutes]:
    return [
        LineMinutes(line_no=number, line=line, price=prices.get(line.price or ""), minutes=0, arithmetic="")
        for number, line in enumerate(invoice.lines)
    ]
