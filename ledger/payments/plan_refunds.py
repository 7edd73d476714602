"""Refunds and disputes of plan invoices take minutes back, as far as their lots reach."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, RowMapping

from ledger.database import query
from ledger.minutes.credits import restore_minutes, take_back
from ledger.payments.dispute_alerts import end_fraud_warning, show_dispute, state_of_payment
from ledger.payments.settlement import minutes_to_take_back, refund_reason
from ledger.stripe_gateway import Gateway, InvoiceFacts, PaymentFacts

NOTHING = "already up to date"


def sync_plan_payment(
    db: Connection, gateway: Gateway, workspace_id: str, invoice_id: str, *, at: datetime
) -> str:
    """Re-read the payment of a plan invoice under its lock and move minutes to the target. Return what changed.

    Raises the gateway's errors.
    """
    row = _locked(db, workspace_id, invoice_id)
    if row is None or row["payment_intent"] is None:
        return NOTHING
    facts, worth_cents = gateway.fetch_payment(row["payment_intent"]), row["amount_paid_cents"]
    end_fraud_warning(db, [facts.payment_intent], state_of_payment(facts), at=at)
    if not _given(row):
        for dispute in facts.disputes:
            show_dispute(db, dispute, workspace_id=workspace_id, at=at)
        return NOTHING
    if facts.refunded_cents and not facts.is_disputed:
        worth_cents = gateway.fetch_invoice(invoice_id).worth_cents
    return _follow(db, row, facts, worth_cents, at)


def book_past_return(
    db: Connection, workspace_id: str, invoice_id: str, facts: PaymentFacts, worth_cents: int, *, at: datetime
) -> str:
    """Move the minutes of a plan invoice to what a payment that was read earlier says. Return what changed."""
    row = _locked(db, workspace_id, invoice_id)
    return NOTHING if row is None or not _given(row) else _follow(db, row, facts, worth_cents, at)


def _locked(db: Connection, workspace_id: str, invoice_id: str) -> RowMapping | None:
    key = {"workspace_id": workspace_id, "invoice_id": invoice_id}
    return db.execute(query("lock_plan_invoice"), key).mappings().one_or_none()


def _given(row: RowMapping) -> int:
    """Return the minutes that an invoice gave: credited, or settled against used ones."""
    return int(row["minutes"] + row["settled_minutes"])


def _follow(db: Connection, row: RowMapping, facts: PaymentFacts, worth_cents: int, at: datetime) -> str:
    """Move the minutes of a locked invoice to the target of its payment. Return what changed.

    `worth_cents`: what was paid in all. Credit of the customer that paid a part did not go back with the payment.
    """
    key = {"workspace_id": row["workspace_id"], "invoice_id": row["invoice_id"]}
    for dispute in facts.disputes:
        show_dispute(db, dispute, workspace_id=row["workspace_id"], at=at)
    refunded = min(facts.refunded_cents, row["amount_paid_cents"])
    target = minutes_to_take_back(_given(row), worth_cents, refunded, disputed=facts.is_disputed)
    reason = (
        "dispute" if facts.is_disputed else refund_reason(facts.refunded_cents, worth_cents, row["currency"])
    )
    moved, bookings = _move(db, row, target, facts, at, reason=reason)
    taken = row["taken_back_minutes"] + moved
    saved = key | {"refunded_cents": refunded, "disputed": facts.is_disputed, "taken_back_minutes": taken}
    saved |= {"shortfall_minutes": max(0, target - taken), "bookings": bookings, "at": at}
    db.execute(query("save_invoice_refunds"), saved)
    if not moved:
        return NOTHING
    return f"{row['invoice_id']}: {abs(moved)} minutes {'taken back' if moved > 0 else 'given back'}"


def sync_plan_payments(
    db: Connection,
    gateway: Gateway,
    workspace_id: str,
    invoices: Iterable[tuple[datetime, str]],
    *,
    at: datetime,
) -> list[str]:
    """Move the minutes of refunded or disputed invoices, oldest first. Return what changed."""
    words = [sync_plan_payment(db, gateway, workspace_id, each, at=at) for _, each in sorted(invoices)]
    return [each for each in words if each != NOTHING]


def money_returned_at(gateway: Gateway, invoice: InvoiceFacts) -> datetime | None:
    """Return when money of a paid invoice last went back, or None if none did."""
    if invoice.payment_intent is None:
        return None
    facts = gateway.fetch_payment(invoice.payment_intent)
    moments = [refund.created for refund in facts.refunds] + [dispute.created for dispute in facts.disputes]
    return max(moments, default=None)


def invoice_of_payment(db: Connection, payment_intent: str) -> tuple[str, str] | None:
    """Return the workspace and invoice that a payment paid, or None."""
    rows = db.execute(query("invoices_of_payments"), {"payments": [payment_intent]}).all()
    return (rows[0].workspace_id, rows[0].invoice_id) if rows else None


def _move(
    db: Connection, row: RowMapping, target: int, facts: PaymentFacts, at: datetime, *, reason: str
) -> tuple[int, int]:
    """Take minutes from the lots of an invoice, or restore them. Return the minutes and the number of bookings."""
    key = {"workspace_id": row["workspace_id"], "invoice_id": row["invoice_id"]}
    open_minutes, moved, bookings = target - row["taken_back_minutes"], 0, row["bookings"]
    for lot in db.execute(query("invoice_lots"), key).all():
        wanted = open_minutes - moved
        step = min(wanted, lot.remaining) if wanted > 0 else max(wanted, -lot.refunded_minutes)
        if step == 0:
            continue
        bookings += 1
        about = {
            "key": f"invoice:{row['invoice_id']}:refund:{bookings}",
            "actor": "stripe",
            "at": at,
            "reference": row["payment_intent"],
        }
        if step > 0:
            kind = "dispute" if facts.is_disputed else "refund"
            take_back(db, row["workspace_id"], lot.lot_id, step, kind=kind, reason=reason, **about)
        else:
            why = "Refund failed or dispute won: minutes restored"
            restore_minutes(db, row["workspace_id"], lot.lot_id, -step, reason=why, **about)
        db.execute(query("move_refunded_minutes"), key | {"line_no": lot.line_no, "minutes": step})
        moved += step
    return moved, bookings
