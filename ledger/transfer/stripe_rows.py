"""Rows of a Stripe account as `import` stages them: workspaces, plan invoices, purchases, and money that went back."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from ledger.payments.past_subscriptions import PAST_INVOICE, PAST_PAYMENT, PAST_STATE, PastInvoice, PastState
from ledger.payments.plan_lines import settled_at
from ledger.payments.plan_minutes import KnownPrice
from ledger.payments.settlement import status_of
from ledger.payments.subscriptions import OVER
from ledger.stripe_gateway import CustomerFacts, InvoiceFacts, PaymentFacts
from ledger.transfer.layouts import ORDER
from ledger.transfer.rows import StagedRow, purchase_uuid
from ledger.transfer.stripe_account import StripeAccount
from ledger.transfer.stripe_choices import StripeChoices

UNPAID = ("failed", "canceled")
"""States of payments without money that are imported too, for the funnel."""
LONGEST_PERIOD = timedelta(days=370)
NEWEST = 3
"""Invoices from which the present plan of a subscription is read."""


@dataclass(kw_only=True)
class StripeRows:
    """One kind of row of an account. `written`: workspaces that need no row, because the ledger or a file has them."""

    kind: str
    account: StripeAccount
    choices: StripeChoices
    prices: Mapping[str, KnownPrice]
    written: Collection[str]
    now: datetime
    skipped: int = 0

    @property
    def file(self) -> str:
        """The name of this source among the files of an import."""
        return f"Stripe {self.kind}"

    def rows(self) -> Iterator[StagedRow]:
        """Yield the rows, numbered."""
        made = {
            "customers": self._customers,
            "invoices": self._invoices,
            "subscriptions": self._subscriptions,
            "payments": self._payments,
        }[self.kind]()
        for line, row in enumerate(made, start=1):
            yield row._replace(file=self.file, line=line)

    def _customers(self) -> Iterator[StagedRow]:
        """Yield one workspace for all customers that belong to it; its name is the oldest customer's."""
        grouped: dict[str, list[CustomerFacts]] = {}
        for facts in sorted(self.account.customers.values(), key=lambda each: (each.created, each.customer)):
            grouped.setdefault(self.choices.workspaces[facts.customer], []).append(facts)
        begun = self._begun()
        for workspace_id, customers in grouped.items():
            if workspace_id in self.written:
                self.skipped += 1
                continue
            first = customers[0]
            email = next((each.email for each in customers if each.email), None)
            body = {
                "name": first.name or first.email or first.customer,
                "owner_email": email,
                "customers": [each.customer for each in customers],
            }
            reason = None if email else f"customer {first.customer} has no e-mail address: add it at Stripe"
            at = min(first.created, begun.get(workspace_id, first.created))
            yield _row("workspace", workspace_id, workspace_id, at, body)._replace(reason=reason)

    def _begun(self) -> dict[str, datetime]:
        """Return when each workspace first subscribed or paid, which may be before its customer was made."""
        begun: dict[str, datetime] = {}
        moments = [(each.customer, each.created) for each in self.account.subscriptions.values()]
        moments += [(each.customer, each.created) for each in self.account.payments]
        moments += [(each.customer, settled_at(each)) for each in self.account.plan_invoices]
        for customer, moment in moments:
            workspace_id = self.choices.workspaces.get(customer or "")
            if workspace_id and moment < begun.get(workspace_id, self.now):
                begun[workspace_id] = moment
        return begun

    def _invoices(self) -> Iterator[StagedRow]:
        """Yield each paid plan invoice, and the money of it that went back."""
        paid = {each.payment_intent: each for each in self.account.payments}
        for invoice in self.account.plan_invoices:
            facts = self.account.subscriptions.get(invoice.subscription or "")
            workspace_id = self.choices.workspaces.get(invoice.customer or "")
            if facts is None or workspace_id is None:
                self.skipped += 1
                continue
            past = PastInvoice(
                facts=facts,
                invoice=invoice,
                others=self._others(invoice),
                prices=self._prices_of([invoice], facts.items),
            )
            yield _row(
                "invoice",
                workspace_id,
                invoice.invoice,
                settled_at(invoice),
                PAST_INVOICE.dump_python(past, mode="json"),
            )
            payment = paid.get(invoice.payment_intent or "")
            if payment and (payment.refunds or payment.disputes):
                yield self._returned(workspace_id, invoice, payment)

    def _others(self, invoice: InvoiceFacts) -> tuple[InvoiceFacts, ...]:
        """Return the invoices whose periods a proration may divide."""
        if not any(line.proration for line in invoice.lines):
            return ()
        return tuple(
            each
            for each in self.account.invoices_of[invoice.subscription or ""]
            if each is not invoice and abs(each.created - invoice.created) < LONGEST_PERIOD
        )

    def _returned(self, workspace_id: str, invoice: InvoiceFacts, payment: PaymentFacts) -> StagedRow:
        moments = [each.created for each in payment.refunds] + [each.created for each in payment.disputes]
        body = {
            "payment": PAST_PAYMENT.dump_python(payment, mode="json"),
            "refunded_cents": min(payment.refunded_cents, invoice.amount_paid_cents),
            "worth_cents": invoice.worth_cents,
            "disputed": payment.is_disputed,
        }
        return _row("invoice return", workspace_id, invoice.invoice, max(*moments, settled_at(invoice)), body)

    def _subscriptions(self) -> Iterator[StagedRow]:
        """Yield the state of each subscription: at its end, or now."""
        for facts in self.account.subscriptions.values():
            workspace_id = self.choices.workspaces.get(facts.customer or "")
            invoices = self.account.invoices_of[facts.subscription][-NEWEST:]
            if workspace_id is None or (facts.status in OVER and not invoices):
                self.skipped += 1
                continue
            past = PastState(
                facts=facts, invoices=tuple(invoices), prices=self._prices_of(invoices, facts.items)
            )
            at = facts.ended_at if facts.status in OVER and facts.ended_at else self.now
            yield _row(
                "subscription",
                workspace_id,
                facts.subscription,
                at,
                PAST_STATE.dump_python(past, mode="json"),
            )

    def _prices_of(self, invoices: Sequence[InvoiceFacts], items: Sequence[Any]) -> dict[str, KnownPrice]:
        names = {line.price for each in invoices for line in each.lines} | {item.price for item in items}
        return {name: self.prices[name] for name in sorted(filter(None, names)) if name in self.prices}

    def _payments(self) -> Iterator[StagedRow]:
        """Yield each payment for a package, its refunds and its disputes."""
        for payment in self.account.single_payments:
            workspace_id, sold = self.choices.owner_of(payment), self.choices.sold_as(payment)
            status = status_of(payment)
            if workspace_id is None or sold is None or not (payment.is_paid or status in UNPAID):
                self.skipped += 1
                continue
            key = payment.metadata.get("purchase_id") or payment.payment_intent
            yield self._purchase(workspace_id, key, payment, sold, status)
            if payment.is_paid:
                yield from _returns(workspace_id, key, payment)

    def _purchase(
        self, workspace_id: str, key: str, payment: PaymentFacts, sold: tuple[str, int | None], status: str
    ) -> StagedRow:
        package, minutes = sold
        at = (payment.paid_at or payment.created) if payment.is_paid else payment.created
        body = {
            "package": package,
            "amount_cents": payment.amount_received_cents if payment.is_paid else payment.amount_cents,
            "currency": payment.currency,
            "begun_at": payment.created.isoformat(),
            "paid_at": at.isoformat() if payment.is_paid else None,
            "status": None if payment.is_paid else status,
            "failure_code": payment.failure.code if payment.failure else None,
            "failure_message": payment.failure.message if payment.failure else None,
            "fee_cents": payment.fee_cents if payment.settlement_currency == payment.currency else None,
            "customer": payment.customer,
            "payment_intent": payment.payment_intent,
            "charge": payment.charge if payment.is_paid else None,
            "id": str(purchase_uuid(workspace_id, key, at)),
        }
        written = {name: value for name, value in body.items() if value is not None}
        return _row("purchase", workspace_id, key, at, written)._replace(minutes=minutes)


def _returns(workspace_id: str, purchase_id: str, payment: PaymentFacts) -> Iterator[StagedRow]:
    """Yield refunds and disputes of a purchase; a dispute that was won or lost ends in a row of its own."""
    for refund in payment.refunds:
        body = {
            "amount_cents": refund.amount_cents,
            "currency": refund.currency,
            "purchase_id": purchase_id,
            "status": refund.status,
            "reason": refund.reason,
        }
        yield _row("refund", workspace_id, refund.refund, refund.created, body)
    for dispute in payment.disputes:
        about = {
            "amount_cents": dispute.amount_cents,
            "currency": dispute.currency,
            "purchase_id": purchase_id,
            "dispute_id": dispute.dispute,
            "opened_at": dispute.created.isoformat(),
            "status": dispute.status,
            "reason": dispute.reason,
            "fee_cents": dispute.fee_cents,
            "closed_at": dispute.won_at.isoformat() if dispute.won_at else None,
        }
        row = _row("dispute", workspace_id, dispute.dispute, dispute.created, about)
        yield row
        if dispute.won_at:
            yield row._replace(kind="closed dispute", order=ORDER["closed dispute"], at=dispute.won_at)


def _row(kind: str, workspace_id: str, key: str, at: datetime, body: Mapping[str, Any]) -> StagedRow:
    return StagedRow("", 0, kind, ORDER[kind], workspace_id, key, at, body=json.dumps(body))
