"""Plans that are paid through Stripe: every paid invoice is booked once, and the highest living subscription is shown.

Workspaces without a subscription at Stripe are reset by our own schedule; those with one never are.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Row

from ledger.database import query
from ledger.minutes.workspaces import cancel_plan, follow_stripe_plan
from ledger.payments.alerts import end_alert, raise_alert
from ledger.payments.billing_start import billing_start
from ledger.payments.invoice_alerts import show_unpaid
from ledger.payments.owners import end_ownerless, workspace_of_subscription
from ledger.payments.plan_invoices import book_invoice
from ledger.payments.plan_lines import PlanBooking, Rank, rank, settled_at
from ledger.payments.plan_minutes import full_periods
from ledger.payments.plan_refunds import money_returned_at, sync_plan_payments
from ledger.payments.purchases import remember_objects, require_source, source_of
from ledger.payments.subscription_reading import SubscriptionReading, read_subscription
from ledger.stripe_gateway import Gateway
from ledger.validation import require_business_time

OVER = ("canceled", "incomplete_expired")
"""Final states of a subscription."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Synced:
    """What a sync of a subscription did; `unknown_prices` must be mapped before they credit minutes."""

    workspace_id: str
    summary: str
    unknown_prices: tuple[str, ...] = ()
    needs_person: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class StripeSubscription:
    """A subscription as last read from Stripe; plan and cycle are None when its price is not mapped."""

    workspace_id: str
    subscription_id: str
    customer: str | None
    price_id: str | None
    plan: str | None
    billing_cycle: str | None
    status: str
    cancel_at_period_end: bool
    cancel_at: datetime | None
    paused: bool
    current_period_end: datetime | None
    ended_at: datetime | None
    synced_at: datetime

    @property
    def ends_at(self) -> datetime | None:
        """Return when it ends although it still runs; None while it renews."""
        return self.cancel_at or (self.current_period_end if self.cancel_at_period_end else None)


def sync_subscription(
    db: Connection, gateway: Gateway, subscription: str, *, invoice: str | None = None, at: datetime
) -> Synced:
    """Re-read a subscription and its invoices under its lock; book what is paid, follow its state.

    `invoice`: one that is of this subscription though Stripe may not list it so. Safe to call at any time, any number
    of times. Raises `NotKnownYet`, `WrongSource`, and errors of the gateway.
    """
    at = require_business_time(at)
    facts = gateway.fetch_subscription(subscription)
    workspace_id = workspace_of_subscription(db, facts)
    require_source(source_of(db, workspace_id), gateway.source)
    db.execute(query("limit_transaction"))
    key = {"workspace_id": workspace_id, "subscription_id": subscription}
    db.execute(query("add_stripe_subscription"), key | {"at": at})
    db.execute(query("lock_stripe_subscription"), key)
    reading = read_subscription(db, gateway, subscription, invoice=invoice)
    ids = {"subscription": subscription, "customer": reading.facts.customer}
    remember_objects(db, workspace_id, None, ids)
    end_ownerless(db, subscription, workspace_id, at=at)
    summary, needs_person = _book(db, gateway, workspace_id, reading, at)
    unknown = save_state(db, workspace_id, reading, at) or (reading.unknown_prices if needs_person else ())
    if show_plan(db, workspace_id, reading, at):
        summary.append("plan ended")
    words = "; ".join(summary[-5:]) or f"subscription is {reading.facts.status}, already up to date"
    return Synced(workspace_id=workspace_id, summary=words, unknown_prices=unknown, needs_person=needs_person)


def plan_booking(
    db: Connection, workspace_id: str, reading: SubscriptionReading, at: datetime
) -> PlanBooking:
    """Return what the invoices of a subscription are booked with."""
    facts = reading.facts
    periods = full_periods(reading.invoices)
    periods += [
        (item.period_start, item.period_end) for item in facts.items if item.period_start and item.period_end
    ]
    others: list[Rank] = [
        (row.month_minutes, row.paid_cycle == "annual")
        for row in _living(db, workspace_id)
        if row.subscription_id != facts.subscription and row.paid_plan
    ]
    return PlanBooking(
        workspace_id=workspace_id,
        subscription=facts.subscription,
        prices=reading.prices,
        periods=periods,
        trial_ends=facts.trial_end,
        start=billing_start(db, workspace_id),
        rank_to_lead=max(others, default=(0, False)),
        over=facts.status in OVER,
        at=at,
    )


def list_stripe_subscriptions(db: Connection, workspace_id: str) -> list[StripeSubscription]:
    """Return the subscriptions of a workspace as last read from Stripe."""
    rows = db.execute(query("stripe_subscriptions"), {"workspace_id": workspace_id}).mappings()
    return [StripeSubscription(**row) for row in rows]


def _living(db: Connection, workspace_id: str) -> Sequence[Row[tuple[object, ...]]]:
    return db.execute(query("living_subscriptions"), {"workspace_id": workspace_id}).all()


def _book(
    db: Connection, gateway: Gateway, workspace_id: str, reading: SubscriptionReading, at: datetime
) -> tuple[list[str], bool]:
    """Book the paid invoices and the refunds between them; open alerts for uncollected ones."""
    summary, needs_person = [], False
    returned: list[tuple[datetime, str]] = []
    booking = plan_booking(db, workspace_id, reading, at)
    for invoice in reading.invoices:
        if invoice.status != "paid":
            summary += show_unpaid(db, workspace_id, invoice, at, over=booking.over)
            continue
        due = [each for each in returned if each[0] <= settled_at(invoice)]
        summary += sync_plan_payments(db, gateway, workspace_id, due, at=at)
        returned = [each for each in returned if each not in due]
        result = book_invoice(db, booking, invoice)
        if result is None:
            continue
        needs_person = needs_person or result.outcome == "alert"
        moved = sum(line.minutes for line in result.lines)
        summary.append(
            f"{invoice.invoice}: {f'{moved:+,} minutes' if result.outcome == 'lots' else result.because}"
        )
        back_at = money_returned_at(gateway, invoice) if result.outcome == "lots" else None
        returned += [(back_at, invoice.invoice)] if back_at else []
    return summary + sync_plan_payments(db, gateway, workspace_id, returned, at=at), needs_person


def save_state(
    db: Connection, workspace_id: str, reading: SubscriptionReading, at: datetime
) -> tuple[str, ...]:
    """Store the subscription as Stripe reports it. Return its unmapped prices if it has no plan."""
    facts, paid = reading.facts, reading.paid_plan
    known = {item.price: reading.prices[item.price] for item in facts.items if item.price in reading.prices}
    matches = [(price, plan) for price, plan in known.items() if plan.is_plan]
    unknown = (
        () if matches else tuple(item.price for item in facts.items if item.price and item.price not in known)
    )
    if unknown:
        detail = f"No price of this subscription is mapped to a plan ({', '.join(unknown)}): map one"
        raise_alert(db, "unknown_price", facts.subscription, detail=detail, workspace_id=workspace_id, at=at)
    else:
        end_alert(db, "unknown_price", facts.subscription, because="its price is mapped to a plan", at=at)
    price, plan = max(matches, key=lambda match: rank(match[1]), default=(None, None))
    row = {
        "workspace_id": workspace_id,
        "subscription_id": facts.subscription,
        "customer": facts.customer,
        "price_id": price or (facts.items[0].price if facts.items else None),
        "plan": plan and plan.plan,
        "billing_cycle": plan and plan.billing_cycle,
        "status": facts.status,
        "cancel_at_period_end": facts.cancel_at_period_end,
        "cancel_at": facts.cancel_at,
        "paused": facts.paused,
        "current_period_end": facts.period_end,
        "ended_at": facts.ended_at,
        "at": at,
        "paid_plan": paid and paid.price.plan,
        "paid_cycle": paid and paid.price.billing_cycle,
        "paid_minutes": paid and paid.minutes,
        "paid_from": paid and paid.period_start,
        "paid_until": paid and paid.period_end,
        "renewal_attempt_at": reading.renewal_attempt_at,
    }
    db.execute(query("save_stripe_subscription"), row)
    return unknown


def show_plan(db: Connection, workspace_id: str, reading: SubscriptionReading, at: datetime) -> bool:
    """Set the plan to the highest active subscription, or end it with the last one. Return whether it ended."""
    living = _living(db, workspace_id)
    paying = [row for row in living if row.paid_plan]
    if len(paying) > 1:
        plans = " and ".join(f"{row.paid_plan} {row.paid_cycle}" for row in paying)
        detail = f"The customer pays for {len(paying)} subscriptions ({plans}): cancel one at Stripe"
        raise_alert(db, "two_subscriptions", workspace_id, detail=detail, workspace_id=workspace_id, at=at)
    else:
        end_alert(db, "two_subscriptions", workspace_id, because="one subscription is left", at=at)
    facts, paid = reading.facts, reading.paid_plan
    ended = facts.ended_at if facts.status in OVER else None
    moment = min(ended or (paid.paid_at if paid else at), at)
    if paying:
        highest = paying[0]
        follow_stripe_plan(
            db,
            workspace_id,
            highest.paid_plan,
            highest.paid_cycle,
            allocation=highest.paid_minutes,
            period_start=highest.paid_from,
            period_end=highest.renewal_attempt_at or highest.paid_until,
            at=moment,
        )
        return False
    return facts.status in OVER and _end_plan(db, workspace_id, reading, moment)


def _end_plan(db: Connection, workspace_id: str, reading: SubscriptionReading, moment: datetime) -> bool:
    """End the plan with its subscription, unless another subscription continues it; minutes stay."""
    subscription = reading.facts.subscription
    key = {"workspace_id": workspace_id, "subscription_id": subscription}
    if not db.execute(query("plan_hangs_on_subscription"), key).scalar_one_or_none():
        return False
    mark = f"subscription:{subscription}:{len(reading.invoices)}"
    cancel_plan(db, workspace_id, key=mark, actor="stripe", at=moment)
    return True
