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
from ledger.payments.invoice_alerts import show_outcome, show_owed
from ledger.payments.plan_lines import PlanBooking, book_lines, owed_minutes, settled_at
from ledger.payments.plan_minutes import InvoiceMinutes, Trial, minutes_of_invoice
from ledger.payments.purchases import remember_objects
from ledger.stripe_gateway import InvoiceFacts


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
    """One paid plan invoice and its outcome: lots, nothing or alert; `because`: why it is not lots, or gave less."""

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
    settled_minutes: int
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
    db.execute(query("lock_workspace"), key).one()  # owed minutes are those of all its subscriptions
    result = preview_invoice(db, booking, invoice)
    _save_outcome(db, booking, invoice, result, minutes=0)
    moved = book_lines(db, booking, invoice, result)
    _note_credit(db, key, moved)
    show_outcome(db, booking.workspace_id, invoice.invoice, result, at=booking.at)
    if moved:
        show_owed(db, booking.workspace_id, owed_minutes(db, booking.workspace_id), at=booking.at)
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


def in_booking_order(invoices: Iterable[InvoiceFacts]) -> list[InvoiceFacts]:
    """Return invoices in the order in which they are booked: as they were paid."""
    return sorted(invoices, key=lambda each: (settled_at(each), each.created, each.invoice))


def _note_credit(db: Connection, key: Mapping[str, Any], moved: Sequence[Mapping[str, Any]]) -> None:
    """Store what an invoice credited and what it settled; a settlement is the reason that it credited less."""
    giving = [each for each in moved if each["minutes"] > 0]
    settled = -sum(each["shortfall_minutes"] for each in giving)
    because = (
        f"{settled:,} of its {sum(each['minutes'] for each in giving):,} minutes settle used minutes whose money "
        "a plan change returned"
        if settled
        else None
    )
    credited = {"minutes": sum(each["moved_minutes"] for each in giving), "settled_minutes": settled}
    if giving:
        db.execute(query("note_credited_minutes"), {**key, **credited, "because": because})


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
