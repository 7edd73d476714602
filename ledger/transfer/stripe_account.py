"""A Stripe account's history, read once: customers, subscriptions, invoices, payments, balance."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import TypeVar

from ledger.payments.plan_invoices import in_booking_order
from ledger.stripe_gateway import (
    BalanceChange,
    CustomerFacts,
    DisputeFacts,
    Gateway,
    InvoiceFacts,
    PaymentFacts,
    PriceFacts,
    RefundFacts,
    SubscriptionFacts,
)

Read = TypeVar("Read")
OnRead = Callable[[str, int, int], object]


@dataclass(frozen=True, kw_only=True)
class StripeAccount:
    """One account since a moment. `payments`: with their refunds and disputes; `invoices`: in the order of payment."""

    source: str
    since: datetime
    customers: Mapping[str, CustomerFacts]
    subscriptions: Mapping[str, SubscriptionFacts]
    prices: Mapping[str, PriceFacts]
    products: Mapping[str, str]
    invoices: Sequence[InvoiceFacts]
    payments: Sequence[PaymentFacts]
    balance: Sequence[BalanceChange]

    @cached_property
    def plan_invoices(self) -> list[InvoiceFacts]:
        """The paid invoices of subscriptions."""
        return [each for each in self.invoices if each.status == "paid" and each.subscription]

    @cached_property
    def invoices_of(self) -> dict[str, list[InvoiceFacts]]:
        """The invoices of each subscription, paid or not, in the order of payment."""
        grouped: dict[str, list[InvoiceFacts]] = defaultdict(list)
        for each in self.invoices:
            if each.subscription and each.subscription in self.subscriptions:
                grouped[each.subscription].append(each)
        return grouped

    @cached_property
    def plan_payments(self) -> dict[str, InvoiceFacts]:
        """The invoice that each payment of a plan paid."""
        return {each.payment_intent: each for each in self.plan_invoices if each.payment_intent}

    @property
    def single_payments(self) -> Iterator[PaymentFacts]:
        """Payments that belong to no subscription."""
        return (each for each in self.payments if each.payment_intent not in self.plan_payments)


def read_account(gateway: Gateway, *, since: datetime, on_read: OnRead = lambda *_: None) -> StripeAccount:
    """Read an account: what was created since a moment, and every customer and subscription. Books nothing.

    Raises the gateway's errors.
    """

    def each(what: str, listed: Iterable[Read]) -> Iterator[Read]:
        for one in listed:
            on_read(what, 1, 0)
            yield one

    customers = {one.customer: one for one in each("customers", gateway.list_customers())}
    subscriptions = {one.subscription: one for one in each("subscriptions", gateway.list_subscriptions())}
    invoices = each("invoices", gateway.list_invoices(created_gte=since))
    payments = list(each("payments", gateway.list_payments(created_gte=since)))
    refunds = each("refunds", gateway.list_refunds(created_gte=since))
    disputes = each("disputes", gateway.list_disputes(created_gte=since))
    return StripeAccount(
        source=gateway.source,
        since=since,
        customers=customers,
        subscriptions=subscriptions,
        prices={one.price: one for one in each("prices", gateway.list_prices())},
        products={one.product: one.name for one in gateway.list_products()},
        invoices=in_booking_order(invoices),
        payments=_with_returns(payments, refunds, disputes),
        balance=list(each("balance changes", gateway.list_balance_changes(created_gte=since))),
    )


def _with_returns(
    payments: Sequence[PaymentFacts], refunds: Iterable[RefundFacts], disputes: Iterable[DisputeFacts]
) -> list[PaymentFacts]:
    """Return the payments, oldest first, each with its refunds and disputes; old ones name only the charge."""
    by_charge: dict[str | None, str] = {each.charge: each.payment_intent for each in payments if each.charge}
    back: dict[str | None, list[RefundFacts]] = defaultdict(list)
    for refund in sorted(refunds, key=lambda one: (one.created, one.refund)):
        back[refund.payment_intent or by_charge.get(refund.charge)].append(refund)
    disputed: dict[str | None, list[DisputeFacts]] = defaultdict(list)
    for dispute in sorted(disputes, key=lambda one: (one.created, one.dispute)):
        disputed[dispute.payment_intent or by_charge.get(dispute.charge)].append(dispute)
    return [
        replace(each, refunds=tuple(back[each.payment_intent]), disputes=tuple(disputed[each.payment_intent]))
        for each in sorted(payments, key=lambda one: (one.created, one.payment_intent))
    ]
