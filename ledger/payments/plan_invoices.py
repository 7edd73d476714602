"""Paid plan invoices: each results in lots, in nothing with a reason, or in an alert, and is stored once.

The arithmetic of every line is `ledger.payments.plan_minutes`; this module books it. The caller has locked the
subscription.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from ledger.database import query
from ledger.minutes.credits import take_back
from ledger.minutes.workspaces import allocate_invoice
from ledger.payments.billing_start import BillingStart
from ledger.payments.invoice_alerts import show_outcome, show_returned_use
from ledger.payments.plan_minutes import (
    InvoiceMinutes,
    KnownPrice,
    LineMinutes,
    Period,
    Trial,
    minutes_of_invoice,
)
from ledger.payments.purchases import remember_objects
from ledger.stripe_gateway import InvoiceFacts

Rank = tuple[int, bool]
"""Rank of a plan: its monthly minutes, then annual before monthly."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanBooking:
    """Context of the invoices of one subscription. `rank_to_lead`: rank of the highest other active subscription."""

    workspace_id: str
    subscription: str
    prices: Mapping[str, KnownPrice]
    periods: Sequence[Period]
    trial_ends: datetime | None
    start: BillingStart
    rank_to_lead: Rank
    over: bool
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanInvoiceLine:
    """One stored line: its computed minutes, the minutes moved, and the shortfall."""

    invoice_id: str
    line_no: int
    price_id: str | None
    plan: str | None
    quantity: int
    proration: bool
    trial: bool
    amount_cents: int
    period_start: datetime | None
    period_end: datetime | None
    minutes: int
    arithmetic: str
    lot_id: int | None
    moved_minutes: int
    shortfall_minutes: int
    refunded_minutes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanInvoice:
    """One paid plan invoice and its outcome: lots, nothing or alert; `because`: why it is not lots."""

    workspace_id: str
    invoice_id: str
    subscription_id: str
    payment_intent: str | None
    billing_reason: str | None
    currency: str
    amount_paid_cents: int
    paid_at: datetime
    outcome: str
    because: str | None
    minutes: int
    refunded_cents: int
    disputed: bool
    taken_back_minutes: int
    shortfall_minutes: int
    bookings: int
    lines: tuple[PlanInvoiceLine, ...] = ()


def preview_invoice(db: Connection, booking: PlanBooking, invoice: InvoiceFacts) -> InvoiceMinutes:
    """Return the result of a paid invoice without booking it."""
    given = db.execute(query("trial_given"), {"workspace_id": booking.workspace_id}).scalar_one()
    trial = Trial(ends_at=booking.trial_ends, given=given)
    return minutes_of_invoice(
        invoice, booking.prices, periods=booking.periods, trial=trial, start=booking.start
    )


def book_invoice(db: Connection, booking: PlanBooking, invoice: InvoiceFacts) -> InvoiceMinutes | None:
    """Book a paid invoice and store its outcome. Return the outcome, or None if the invoice already has one."""
    key = {"workspace_id": booking.workspace_id, "invoice_id": invoice.invoice}
    known = db.execute(query("lock_plan_invoice"), key).mappings().one_or_none()
    if known is not None and known["outcome"] != "alert":
        return None
    result = preview_invoice(db, booking, invoice)
    _save_outcome(db, booking, invoice, result, minutes=0)
    moved = _book_lines(db, booking, invoice, result)
    credited = sum(each["moved_minutes"] for each in moved if each["minutes"] > 0)
    if credited:
        db.execute(query("note_credited_minutes"), key | {"minutes": credited})
    show_outcome(db, booking.workspace_id, invoice.invoice, result, at=booking.at)
    if moved:
        _show_returned_use(db, booking, invoice, moved)
    ids = {"invoice": invoice.invoice, "payment_intent": invoice.payment_intent}
    remember_objects(db, booking.workspace_id, None, ids)
    return result


def list_plan_invoices(db: Connection, workspace_id: str, *, limit: int = 100) -> list[PlanInvoice]:
    """Return the paid invoices of a workspace with their lines, latest first."""
    key = {"workspace_id": workspace_id}
    lines = [PlanInvoiceLine(**row) for row in db.execute(query("plan_invoice_lines"), key).mappings()]
    return [
        PlanInvoice(**row, lines=tuple(line for line in lines if line.invoice_id == row["invoice_id"]))
        for row in db.execute(query("plan_invoices"), key | {"limit": limit}).mappings()
    ]


def count_plan_invoices(db: Connection, mode: str) -> dict[str, int]:
    """Return the number of paid invoices by outcome: lots, nothing, or waiting for staff."""
    counted = {row.outcome: row.invoices for row in db.execute(query("count_plan_invoices"), {"mode": mode})}
    return {outcome: counted.get(outcome, 0) for outcome in ("lots", "nothing", "alert")}


def settled_at(invoice: InvoiceFacts) -> datetime:
    """Return when an invoice was paid: the key of the booking order."""
    return invoice.paid_at or invoice.created


def in_booking_order(invoices: Iterable[InvoiceFacts]) -> list[InvoiceFacts]:
    """Return invoices in the order in which they are booked: as they were paid."""
    return sorted(invoices, key=lambda each: (settled_at(each), each.created, each.invoice))


def rank(price: KnownPrice) -> Rank:
    """Return the rank of a plan and cycle."""
    return (price.month_minutes, price.billing_cycle == "annual")


def _show_returned_use(
    db: Connection, booking: PlanBooking, invoice: InvoiceFacts, moved: Sequence[Mapping[str, Any]]
) -> None:
    """Show money that a new period returned for used minutes, because no later proration has to pay for them."""
    key = {"workspace_id": booking.workspace_id, "subscription_id": booking.subscription}
    restarts = invoice.billing_reason == "subscription_update" and any(
        not each["proration"] and each["moved_minutes"] for each in moved
    )
    show_returned_use(
        db,
        booking.workspace_id,
        booking.subscription,
        short=sum(each["shortfall_minutes"] for each in moved) if restarts else 0,
        open_minutes=db.execute(query("open_shortfall"), key).scalar_one(),
        at=booking.at,
    )


def _save_outcome(
    db: Connection, booking: PlanBooking, invoice: InvoiceFacts, result: InvoiceMinutes, *, minutes: int
) -> None:
    row = {
        "workspace_id": booking.workspace_id,
        "invoice_id": invoice.invoice,
        "subscription_id": booking.subscription,
        "payment_intent": invoice.payment_intent,
        "billing_reason": invoice.billing_reason,
        "currency": invoice.currency,
        "amount_paid_cents": invoice.amount_paid_cents,
        "paid_at": settled_at(invoice),
        "outcome": result.outcome,
        "because": result.because,
        "minutes": minutes,
        "at": booking.at,
    }
    db.execute(query("save_plan_invoice"), row)


def _book_lines(
    db: Connection, booking: PlanBooking, invoice: InvoiceFacts, result: InvoiceMinutes
) -> list[dict[str, Any]]:
    """Take minutes back first, then credit: a prorated credit covers the shortfall."""
    rows = []
    for each in sorted(result.lines, key=lambda line: (line.minutes > 0, line.line_no)):
        if each.minutes < 0:
            moved = _take_back(db, booking, invoice, each)
        elif each.minutes > 0:
            moved = _credit(db, booking, invoice, each)
        else:
            moved = {"lot_id": None, "moved_minutes": 0, "shortfall_minutes": 0}
        rows.append(_line_row(booking, invoice, each) | moved)
        db.execute(query("add_invoice_line"), rows[-1])
    return rows


def _line_row(booking: PlanBooking, invoice: InvoiceFacts, each: LineMinutes) -> dict[str, Any]:
    return {
        "workspace_id": booking.workspace_id,
        "invoice_id": invoice.invoice,
        "line_no": each.line_no,
        "subscription_id": booking.subscription,
        "price_id": each.line.price,
        "plan": each.price.plan if each.price and each.price.is_plan else None,
        "quantity": each.line.quantity,
        "proration": each.line.proration,
        "trial": each.is_trial,
        "amount_cents": each.line.amount_cents,
        "period_start": each.line.period_start,
        "period_end": each.line.period_end,
        "minutes": each.minutes,
        "arithmetic": each.arithmetic,
    }


def _take_back(
    db: Connection, booking: PlanBooking, invoice: InvoiceFacts, each: LineMinutes
) -> dict[str, Any]:
    """Take minutes from the lots of the line's plan period, as far as they reach; the rest is shortfall."""
    about = {
        "workspace_id": booking.workspace_id,
        "subscription_id": booking.subscription,
        "price_id": each.line.price,
        "period_start": each.line.period_start,
        "period_end": each.line.period_end,
    }
    wanted, taken = -each.minutes, 0
    for lot in db.execute(query("lots_of_plan_period"), about).all():
        if taken < wanted:
            taken += take_back(
                db,
                booking.workspace_id,
                lot.lot_id,
                min(wanted - taken, lot.remaining),
                kind="refund",
                key=f"invoice:{invoice.invoice}:{each.line_no}:{lot.lot_id}",
                actor="stripe",
                at=min(settled_at(invoice), booking.at),
                reason=f"Plan changed, {each.arithmetic}",
                reference=invoice.invoice,
            )
    return {"lot_id": None, "moved_minutes": taken, "shortfall_minutes": wanted - taken}


def _credit(db: Connection, booking: PlanBooking, invoice: InvoiceFacts, each: LineMinutes) -> dict[str, Any]:
    """Credit a line as one lot; a proration first covers earlier shortfalls."""
    price, short = each.price, 0
    if price is None:
        raise ValueError(each.arithmetic)
    if each.line.proration:
        key = {"workspace_id": booking.workspace_id, "subscription_id": booking.subscription}
        short = min(each.minutes, max(0, db.execute(query("open_shortfall"), key).scalar_one()))
    if each.minutes == short:
        return {"lot_id": None, "moved_minutes": 0, "shortfall_minutes": -short}
    paid_at = min(settled_at(invoice), booking.at)
    less = f", less {short} that an earlier change could not take back" if short else ""
    allocate_invoice(
        db,
        booking.workspace_id,
        price.plan,
        price.billing_cycle,
        minutes=each.minutes - short,
        allocation=each.allocation,
        period_start=each.line.period_start or invoice.created,
        period_end=each.line.period_end or paid_at,
        leads=each.sets_plan and not each.line.proration and rank(price) >= booking.rank_to_lead,
        over=booking.over,
        key=f"invoice:{invoice.invoice}:{each.line_no}",
        actor="stripe",
        at=paid_at,
        reason=each.arithmetic + less,
        reference=invoice.invoice,
    )
    mark = {
        "workspace_id": booking.workspace_id,
        "operation": "allocation",
        "key": f"invoice:{invoice.invoice}:{each.line_no}",
    }
    lot_id = db.execute(query("write_of_key"), mark).mappings().one()["lot_id"]
    return {"lot_id": lot_id, "moved_minutes": each.minutes - short, "shortfall_minutes": -short}
