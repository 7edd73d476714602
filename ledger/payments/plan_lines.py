"""Lines of a paid plan invoice: what they take back from lots, what they credit, and the minutes that stay owed.

A customer who used minutes whose money a plan change returned owes them: the next plan minutes that the workspace
pays for settle them first (docs/decisions/0021).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from ledger.database import query
from ledger.minutes.credits import take_back
from ledger.minutes.workspaces import allocate_invoice
from ledger.payments.billing_start import BillingStart
from ledger.payments.plan_minutes import InvoiceMinutes, KnownPrice, LineMinutes, Period
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


def settled_at(invoice: InvoiceFacts) -> datetime:
    """Return when an invoice was paid: the key of the booking order."""
    return invoice.paid_at or invoice.created


def rank(price: KnownPrice) -> Rank:
    """Return the rank of a plan and cycle."""
    return (price.month_minutes, price.billing_cycle == "annual")


def book_lines(
    db: Connection, booking: PlanBooking, invoice: InvoiceFacts, result: InvoiceMinutes
) -> list[dict[str, Any]]:
    """Take minutes back first, then credit what is left after the owed ones. Return the stored lines."""
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


def owed_minutes(db: Connection, workspace_id: str) -> int:
    """Return the used minutes whose money plan changes returned, less what later credits settled."""
    owed: int = db.execute(query("open_shortfall"), {"workspace_id": workspace_id}).scalar_one()
    return max(0, owed)


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
    """Take minutes from the lots of the line's plan period, then from those that were paid for later; the rest is owed.

    An invoice paid later may have been booked earlier: it settles here what it would have settled by itself.
    """
    about = {
        "workspace_id": booking.workspace_id,
        "invoice_id": invoice.invoice,
        "subscription_id": booking.subscription,
        "price_id": each.line.price,
        "period_start": each.line.period_start,
        "period_end": each.line.period_end,
        "paid_at": settled_at(invoice),
    }
    wanted, taken = -each.minutes, 0
    for lots, reason in (
        ("lots_of_plan_period", f"Plan changed, {each.arithmetic}"),
        ("lots_paid_later", f"Settles used minutes whose money a plan change returned, {each.arithmetic}"),
    ):
        for lot in db.execute(query(lots), about).all() if taken < wanted else ():
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
                    reason=reason,
                    reference=invoice.invoice,
                )
    return {"lot_id": None, "moved_minutes": taken, "shortfall_minutes": wanted - taken}


def _credit(db: Connection, booking: PlanBooking, invoice: InvoiceFacts, each: LineMinutes) -> dict[str, Any]:
    """Credit a line as one lot, less the minutes that the workspace owes."""
    price = each.price
    if price is None:
        raise ValueError(each.arithmetic)
    owed = owed_minutes(db, booking.workspace_id)
    short = min(each.minutes, owed)
    if each.minutes == short:
        return {"lot_id": None, "moved_minutes": 0, "shortfall_minutes": -short}
    paid_at = min(settled_at(invoice), booking.at)
    less = f", less {short} that an earlier change returned although they were used" if short else ""
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
