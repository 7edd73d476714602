"""Books imported rows that depend on what came before: refunds, disputes, voids, all-or-nothing uses, plan invoices."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from ledger.database import query
from ledger.minutes.credits import void_minutes
from ledger.payments.dispute_alerts import CLOSED_DISPUTES
from ledger.payments.past_subscriptions import (
    PAST_INVOICE,
    PAST_PAYMENT,
    PAST_STATE,
    book_past_invoice,
    book_past_state,
)
from ledger.payments.plan_refunds import book_past_return
from ledger.payments.purchases import Purchase, lock_purchase, save_purchase
from ledger.payments.settlement import minutes_to_take_back, move_to_target, refund_reason

COUNTING = ("pending", "requires_action", "succeeded")
FREE = ("won", "prevented")
"""States of a dispute after which the minutes are the customer's again."""


@dataclass(frozen=True, kw_only=True)
class PastRow:
    """One staged row as it is booked."""

    kind: str
    workspace_id: str
    key: str
    at: datetime
    minutes: int | None
    duration_seconds: int | None
    body: Mapping[str, Any]


def book_single(db: Connection, row: PastRow, actor: str) -> None:
    """Book one row through the function of its room."""
    BOOKED_BY[row.kind](db, row, actor)


def _void(db: Connection, row: PastRow, actor: str) -> None:
    void_minutes(
        db,
        row.workspace_id,
        row.body["lot_id"],
        row.minutes or None,  # an entry of 0: nothing was left
        reason=row.body["reason"],
        key=row.key,
        actor=actor,
        at=row.at,
    )


def _use(db: Connection, row: PastRow, _: str) -> None:
    """Book one use; an all-or-nothing use that is not covered is booked as refused, as a live one is."""
    binds = {
        "workspace_id": row.workspace_id,
        "minutes": row.minutes,
        "key": row.key,
        "at": row.at,
        "duration_seconds": row.duration_seconds,
    }
    answer = db.execute(query("record_use"), {**binds, "overage_policy": row.body["policy"]}).one()
    if answer.refusal:
        db.execute(query("record_use"), {**binds, "overage_policy": "refused"})


def _refund(db: Connection, row: PastRow, actor: str) -> None:
    purchase = _purchase(db, row)
    status = row.body.get("status") or "succeeded"
    amount_cents = row.body["amount_cents"]
    db.execute(
        query("keep_refund"),
        {
            "workspace_id": row.workspace_id,
            "refund_id": row.key,
            "purchase_id": purchase.purchase_id,
            "amount_cents": amount_cents,
            "currency": purchase.currency,
            "status": status,
            "reason": row.body.get("reason"),
            "failure_reason": None,
            "refunded_at": row.at,
        },
    )
    if status not in COUNTING:
        return
    gone = purchase.refunded_cents + amount_cents
    back = "refunded" if gone == purchase.charged_cents else "partially_refunded"
    disputed = purchase.status == "disputed"
    now = replace(purchase, refunded_cents=gone, refunded_at=row.at, status="disputed" if disputed else back)
    _move(db, now, actor, _booked_at(row))


def _dispute(db: Connection, row: PastRow, actor: str) -> None:
    """Book a dispute as opened; its end is a row of its own."""
    purchase = _purchase(db, row)
    status = row.body["status"]
    closed_at = row.body.get("closed_at")
    closes_later = status in CLOSED_DISPUTES and closed_at is not None
    opened_as = "needs_response" if closes_later and status != "warning_closed" else status
    _keep_dispute(db, row, purchase, opened_as, None)
    _follow_dispute(db, purchase, opened_as, row, actor=actor, at=_booked_at(row))


def _closed_dispute(db: Connection, row: PastRow, actor: str) -> None:
    purchase = _purchase(db, row)
    _keep_dispute(db, row, purchase, row.body["status"], row.at)
    _follow_dispute(db, purchase, row.body["status"], row, actor=actor, at=row.at)


def _keep_dispute(
    db: Connection, row: PastRow, purchase: Purchase, status: str, closed_at: datetime | None
) -> None:
    db.execute(
        query("keep_dispute"),
        {
            "workspace_id": row.workspace_id,
            "dispute_id": row.body["dispute_id"],
            "purchase_id": purchase.purchase_id,
            "amount_cents": row.body["amount_cents"],
            "currency": purchase.currency,
            "status": status,
            "reason": row.body.get("reason"),
            "fee_cents": row.body.get("fee_cents"),
            "opened_at": datetime.fromisoformat(row.body["opened_at"]),
            "closed_at": closed_at,
        },
    )


def _follow_dispute(
    db: Connection, purchase: Purchase, status: str, row: PastRow, *, actor: str, at: datetime
) -> None:
    takes_minutes = not status.startswith("warning_") and status not in FREE
    gone = purchase.refunded_cents
    paid = "refunded" if gone == purchase.charged_cents else "partially_refunded" if gone else "paid"
    now = replace(
        purchase,
        status="disputed" if takes_minutes else paid,
        dispute_status=status,
        disputed_at=purchase.disputed_at or datetime.fromisoformat(row.body["opened_at"]),
    )
    _move(db, now, actor, at)


def _invoice(db: Connection, row: PastRow, _: str) -> None:
    book_past_invoice(db, row.workspace_id, PAST_INVOICE.validate_python(row.body), at=row.at)


def _invoice_return(db: Connection, row: PastRow, _: str) -> None:
    facts = PAST_PAYMENT.validate_python(row.body["payment"])
    book_past_return(db, row.workspace_id, row.key, facts, row.body["worth_cents"], at=row.at)


def _subscription(db: Connection, row: PastRow, _: str) -> None:
    book_past_state(db, row.workspace_id, PAST_STATE.validate_python(row.body), at=row.at)


def _booked_at(row: PastRow) -> datetime:
    """Return when to book a dispute: the time that another ledger states, otherwise when it happened."""
    booked_at = row.body.get("booked_at")
    return datetime.fromisoformat(booked_at) if booked_at else row.at


def _move(db: Connection, purchase: Purchase, actor: str, at: datetime) -> None:
    disputed = purchase.status == "disputed"
    gone, paid = purchase.refunded_cents, purchase.charged_cents
    target = minutes_to_take_back(purchase.minutes, paid, gone, disputed=disputed)
    kind, reason = (
        ("dispute", "dispute") if disputed else ("refund", refund_reason(gone, paid, purchase.currency))
    )
    save_purchase(db, move_to_target(db, purchase, target, kind=kind, reason=reason, actor=actor, at=at))


def _purchase(db: Connection, row: PastRow) -> Purchase:
    named = {"workspace_id": row.workspace_id, "purchase": row.body["purchase_id"]}
    purchase_id = db.execute(query("transfer_purchase_of"), named).scalar_one()
    return lock_purchase(db, row.workspace_id, purchase_id)


BOOKED_BY: Mapping[str, Callable[[Connection, PastRow, str], None]] = {
    "refund": _refund,
    "dispute": _dispute,
    "closed dispute": _closed_dispute,
    "void": _void,
    "single use": _use,
    "invoice": _invoice,
    "invoice return": _invoice_return,
    "subscription": _subscription,
}
