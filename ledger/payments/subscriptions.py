"""Plans that are paid through Stripe: one allocation for each paid invoice, until the subscription ends.

Plan and billing cycle come from the price id alone. Workspaces without a subscription at Stripe are reset by
our own schedule; those with one never are.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from ledger.database import query
from ledger.errors import UnknownWorkspace
from ledger.minutes.workspaces import allocate_invoice, cancel_plan, get_workspace
from ledger.payments.alerts import raise_alert
from ledger.payments.catalogue import plan_of_price
from ledger.payments.errors import NotKnownYet
from ledger.payments.purchases import owner_of, remember_objects, require_source, source_of
from ledger.stripe_gateway import Gateway, InvoiceFacts, InvoiceLine, SubscriptionFacts
from ledger.validation import require_business_time

RENEWALS = ("subscription_create", "subscription_cycle")
"""Invoices that pay for a period, a free trial included."""

OVER = ("canceled", "incomplete_expired")
"""States of a subscription from which none returns."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Synced:
    """What a sync of a subscription did, in words; `unknown_price`: nothing was guessed, people must look."""

    workspace_id: str
    summary: str
    unknown_price: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class StripeSubscription:
    """A subscription as Stripe last told it; plan and cycle are None when its price is not known here."""

    workspace_id: str
    subscription_id: str
    customer: str | None
    price_id: str | None
    plan: str | None
    billing_cycle: str | None
    status: str
    cancel_at_period_end: bool
    current_period_end: datetime | None
    ended_at: datetime | None
    synced_at: datetime


def sync_subscription(db: Connection, gateway: Gateway, subscription: str, *, at: datetime) -> Synced:
    """Re-read a subscription and its invoices under its lock; allocate what is paid, follow its state.

    Safe to call at any time, any number of times. Raises `NotKnownYet` when no workspace is named,
    `WrongSource`, and errors of the gateway.
    """
    at = require_business_time(at)
    workspace_id = _workspace_of(db, gateway, subscription)
    require_source(source_of(db, workspace_id), gateway.source)
    db.execute(query("limit_transaction"))
    key = {"workspace_id": workspace_id, "subscription_id": subscription}
    db.execute(query("add_stripe_subscription"), key | {"at": at})
    db.execute(query("lock_stripe_subscription"), key)
    facts = gateway.fetch_subscription(subscription)
    invoices = sorted(gateway.list_invoices(subscription=subscription), key=lambda each: each.created)
    ids = {"subscription": subscription, "customer": facts.customer}
    remember_objects(db, workspace_id, None, ids)
    words, unknown = [], False
    for invoice in invoices:
        told = _allocate(db, workspace_id, invoice, facts, at)
        unknown = unknown or told == "unknown price"
        words += [f"{invoice.invoice}: {told}"] if told else []
    _follow(db, workspace_id, facts, at)
    if _end_plan(db, workspace_id, facts, invoices, at):
        words.append("plan ended")
    told_words = "; ".join(words[-5:]) or f"subscription is {facts.status}, nothing to change"
    return Synced(workspace_id=workspace_id, summary=told_words, unknown_price=unknown)


def list_stripe_subscriptions(db: Connection, workspace_id: str) -> list[StripeSubscription]:
    """Return the subscriptions of a workspace as Stripe last told them."""
    rows = db.execute(query("stripe_subscriptions"), {"workspace_id": workspace_id}).mappings()
    return [StripeSubscription(**row) for row in rows]


def paid_lines(invoice: InvoiceFacts) -> Sequence[InvoiceLine]:
    """Return the lines that pay for minutes: those of the period, or of the plan that an upgrade moved to."""
    if invoice.status != "paid":
        return ()
    if invoice.billing_reason in RENEWALS:
        return [line for line in invoice.lines if not line.proration]
    if invoice.billing_reason == "subscription_update" and invoice.amount_paid_cents > 0:
        return [line for line in invoice.lines if line.amount_cents > 0]
    return ()


def _workspace_of(db: Connection, gateway: Gateway, subscription: str) -> str:
    """Whose subscription it is: known before, named by its metadata, or that of its customer."""
    owner = owner_of(db, [subscription])
    if owner is not None:
        return owner.workspace_id
    facts = gateway.fetch_subscription(subscription)
    named = facts.metadata.get("workspace_id")
    if named:
        try:
            return get_workspace(db, named).workspace_id
        except UnknownWorkspace:
            raise NotKnownYet(f"Workspace {named[:64]!r}.") from None
    owner = owner_of(db, [facts.customer])
    if owner is None:
        raise NotKnownYet(f"Subscription {subscription} names no workspace.")
    return owner.workspace_id


def _allocate(
    db: Connection, workspace_id: str, invoice: InvoiceFacts, facts: SubscriptionFacts, at: datetime
) -> str | None:
    """Add the minutes of one paid invoice, once; what was done in words, None when nothing was."""
    if owner_of(db, [invoice.invoice]) is not None:
        return None
    if invoice.status == "open" and invoice.attempt_count:
        detail = f"Invoice of {invoice.amount_due_cents} cents could not be collected; no minutes were added"
        raise_alert(db, "invoice_failed", invoice.invoice, detail=detail, workspace_id=workspace_id, at=at)
        return "not collected"
    lines = [(line, plan_of_price(db, line.price)) for line in paid_lines(invoice) if line.price]
    if not lines:
        return None
    plans = {plan for _, plan in lines if plan is not None}
    if len(plans) != 1:
        prices = ", ".join(sorted({line.price or "" for line, _ in lines}))
        detail = f"Paid invoice with {len(plans)} known plans (prices {prices}): add the price, then replay"
        raise_alert(db, "unknown_price", invoice.invoice, detail=detail, workspace_id=workspace_id, at=at)
        return "unknown price"
    ((plan, billing_cycle),) = plans
    starts = [line.period_start for line, known in lines if known and line.period_start]
    ends = [line.period_end for line, known in lines if known and line.period_end]
    paid_at = min(invoice.paid_at or at, at)
    allocate_invoice(
        db,
        workspace_id,
        plan,
        billing_cycle,
        period_start=max(starts, default=invoice.created),
        period_end=max(ends) if ends else facts.period_end or paid_at,
        key=f"invoice:{invoice.invoice}",
        actor="stripe",
        at=paid_at,
        reference=invoice.invoice,
        over=facts.status in OVER,
    )
    remember_objects(db, workspace_id, None, {"invoice": invoice.invoice})
    return f"{plan} {billing_cycle} allocated"


def _follow(db: Connection, workspace_id: str, facts: SubscriptionFacts, at: datetime) -> None:
    """Write down what Stripe says about the subscription; a price that we do not know is shown to people."""
    known = [(item.price, plan_of_price(db, item.price)) for item in facts.items]
    matches = [(price, plan) for price, plan in known if plan is not None]
    if facts.items and len(matches) != 1:
        prices = ", ".join(price for price, _ in known)
        detail = f"Subscription with {len(matches)} known plans (prices {prices}): nothing is guessed"
        raise_alert(db, "unknown_price", facts.subscription, detail=detail, workspace_id=workspace_id, at=at)
    price, plan = matches[0] if len(matches) == 1 else (None, None)
    row = {
        "workspace_id": workspace_id,
        "subscription_id": facts.subscription,
        "customer": facts.customer,
        "price_id": price or (facts.items[0].price if facts.items else None),
        "plan": plan and plan[0],
        "billing_cycle": plan and plan[1],
        "status": facts.status,
        "cancel_at_period_end": facts.cancel_at_period_end,
        "current_period_end": facts.period_end,
        "ended_at": facts.ended_at,
        "at": at,
    }
    db.execute(query("save_stripe_subscription"), row)


def _end_plan(
    db: Connection,
    workspace_id: str,
    facts: SubscriptionFacts,
    invoices: Sequence[InvoiceFacts],
    at: datetime,
) -> bool:
    """End the plan with its subscription, unless another one carries it on; minutes stay. Whether it did."""
    if facts.status not in OVER:
        return False
    key = {"workspace_id": workspace_id, "subscription_id": facts.subscription}
    managed = db.execute(query("plan_hangs_on_subscription"), key).scalar_one_or_none()
    if not managed:
        return False
    cancel_plan(
        db,
        workspace_id,
        key=f"subscription:{facts.subscription}:{len(invoices)}",
        actor="stripe",
        at=min(facts.ended_at or at, at),
    )
    return True
