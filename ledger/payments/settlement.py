"""Applies a payment to its purchase and its minutes, computed from everything Stripe reports about it now.

Each change is the difference between a target and what was booked before, so the order and repetition of events do not
matter.
"""

import re
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from ledger.database import query
from ledger.minutes import credits as ledger_minutes
from ledger.money import amount_text
from ledger.payments.alerts import end_alert, raise_alert
from ledger.payments.dispute_alerts import CLOSED_DISPUTES, end_fraud_warning, show_dispute
from ledger.payments.double_payments import show_double_payment
from ledger.payments.purchases import Purchase, purchase_lot, remember_objects, save_purchase
from ledger.stripe_gateway.facts import PaymentFacts, PaymentFailure

ABANDONED = "abandoned"
"""Why a payment was canceled: its cardholder did not respond to the bank."""
UNANSWERED = PaymentFailure(
    "authentication_abandoned", None, "The bank did not get an answer in time. Nothing was charged."
)

REFUND_NUMBER = re.compile(r"[1-9][0-9]{0,8}")
"""The `refund_no` of our refunds; anyone with access to Stripe can write other metadata."""


def minutes_to_take_back(minutes: int, paid_cents: int, refunded_cents: int, *, disputed: bool) -> int:
    """Return the minutes to take back: all when disputed or refunded in full, otherwise in proportion."""
    if disputed or refunded_cents >= paid_cents:
        return minutes
    return minutes * refunded_cents // paid_cents


def settle(
    db: Connection,
    purchase: Purchase,
    facts: PaymentFacts,
    *,
    livemode: bool,
    actor: str,
    at: datetime,
    book: bool = True,
) -> Purchase:
    """Bring a locked purchase in line with its payment; without `book`, its minutes are not credited yet.

    A payment that is not the one agreed (amount, currency, mode, purchase) is quarantined and moves nothing.
    """
    if problem := disagreement(purchase, facts, livemode=livemode):
        return _set_aside(db, purchase, facts, problem, at)
    end_alert(db, "quarantined", facts.payment_intent, because="the payment agrees with its purchase", at=at)
    _remember(db, purchase, facts)
    now = replace(purchase, **_columns_of(purchase, facts, at), synced_at=at)
    _store_refunds(db, now, facts, at)
    _store_disputes(db, now, facts, at)
    if (book or now.is_credited) and now.paid_at is not None and facts.is_paid:
        now = credit(db, now, actor)
        now = _move_minutes(db, now, facts, actor, at)
    now = save_purchase(db, now)
    show_double_payment(db, now, at=at)
    end_fraud_warning(db, (now.payment_intent, now.charge), now.status, at=at)
    return now


def refund_reason(gone_cents: int, paid_cents: int, currency: str) -> str:
    """Return why a refund moves minutes, as the statement shows it."""
    return f"refund of {amount_text(gone_cents, currency)} of {amount_text(paid_cents, currency)}"


def disagreement(purchase: Purchase, facts: PaymentFacts, *, livemode: bool) -> str | None:
    """Return how a payment differs from what was agreed, as a sentence; None when it does not."""
    by_itself = str(purchase.purchase_id) if purchase.payment_intent == facts.payment_intent else None
    if facts.metadata.get("purchase_id", by_itself) != str(purchase.purchase_id):
        return "the payment at Stripe does not name this purchase"
    if facts.livemode != livemode:
        return "the payment is in another mode (test or live) than this installation"
    if facts.currency.lower() != purchase.currency:
        return f"{purchase.currency.upper()} was agreed, the payment is in {facts.currency.upper()}"
    received = facts.amount_received_cents if facts.status == "succeeded" else facts.amount_cents
    if {facts.amount_cents, received} != {purchase.charged_cents}:
        stated, arrived = (amount_text(cents, purchase.currency) for cents in (facts.amount_cents, received))
        return f"{_agreed(purchase)} was agreed, the payment says {stated}, received {arrived}"
    return None


def _agreed(purchase: Purchase) -> str:
    """Return the price that was agreed, with the discount and the tax of Stripe's page."""
    price, discount, tax = (
        amount_text(cents, purchase.currency)
        for cents in (purchase.amount_cents, purchase.discount_cents, purchase.tax_cents)
    )
    less = f" less {discount} discount" if purchase.discount_cents else ""
    plus = f" plus {tax} tax" if purchase.tax_cents else ""
    return f"{price}{less}{plus}"


def status_of(facts: PaymentFacts) -> str:
    """Return the state of a purchase, given its payment."""
    if facts.status == "succeeded":
        if facts.is_disputed:
            return "disputed"
        if facts.refunded_cents >= facts.amount_cents:
            return "refunded"
        return "partially_refunded" if facts.refunded_cents else "paid"
    if facts.status == "requires_payment_method" and facts.failure:
        return "failed"
    if facts.status == "canceled" and facts.cancellation_reason == ABANDONED:
        return "failed"
    others = {"requires_action": "requires_action", "canceled": "canceled"}
    waiting = {"processing": "processing", "requires_capture": "processing"}
    return (others | waiting).get(facts.status, "requires_payment")


def _columns_of(purchase: Purchase, facts: PaymentFacts, at: datetime) -> dict[str, Any]:
    """Return the columns that Stripe decides."""
    status = status_of(facts)
    failure = None if status != "failed" else UNANSWERED if facts.status == "canceled" else facts.failure
    paid_at = purchase.paid_at
    if facts.is_paid and paid_at is None:
        paid_at = within(purchase.created_at, facts.paid_at, at)
    counting = [refund for refund in facts.refunds if refund.counts]
    disputes = sorted(facts.disputes, key=lambda dispute: dispute.created)
    return {
        "status": status,
        "payment_intent": facts.payment_intent,
        "charge": facts.charge,
        "customer": facts.customer,
        "receipt_number": facts.receipt_number,
        "receipt_url": facts.receipt_url,
        "failure_code": (failure.decline_code or failure.code) if failure else None,
        "failure_message": failure.message if failure else None,
        "paid_at": paid_at,
        "fee_cents": facts.fee_cents,
        "fee_currency": facts.settlement_currency.lower() if facts.settlement_currency else None,
        "refunded_cents": min(facts.refunded_cents, purchase.charged_cents),
        "refunded_at": within(paid_at, counting[-1].created, at) if counting and paid_at else None,
        "dispute_status": disputes[-1].status if disputes else None,
        "disputed_at": within(paid_at, disputes[0].created, at) if disputes and paid_at else None,
    }


def within(earliest: datetime, moment: datetime | None, latest: datetime) -> datetime:
    """Return a Stripe time within bounds: Stripe has its own clock and counts whole seconds."""
    return max(earliest, min(moment or latest, latest))


def quarantine(db: Connection, purchase: Purchase, stripe_id: str, problem: str, at: datetime) -> Purchase:
    """Quarantine a purchase for review; minutes already credited stay until staff decide."""
    raise_alert(db, "quarantined", stripe_id, detail=problem, workspace_id=purchase.workspace_id, at=at)
    aside = replace(
        purchase, status="quarantined", failure_code="disagreement", failure_message=problem, synced_at=at
    )
    return save_purchase(db, aside)


def _set_aside(
    db: Connection, purchase: Purchase, facts: PaymentFacts, problem: str, at: datetime
) -> Purchase:
    """Quarantine a purchase; once its money is returned, nothing is left to decide."""
    aside = quarantine(db, purchase, facts.payment_intent, problem, at)
    if facts.status == "canceled" or facts.is_returned:
        because = "the payment was refunded in full" if facts.is_returned else "the payment was canceled"
        end_alert(db, "quarantined", facts.payment_intent, because=because, at=at)
    return aside


def _remember(db: Connection, purchase: Purchase, facts: PaymentFacts) -> None:
    """Record new Stripe ids of this purchase."""
    known = {purchase.payment_intent, purchase.charge, purchase.receipt_number}
    ids = {"payment_intent": facts.payment_intent, "charge": facts.charge, "receipt": facts.receipt_number}
    new = {kind: object_id for kind, object_id in ids.items() if object_id not in known}
    remember_objects(db, purchase.workspace_id, purchase.purchase_id, new)
    if facts.customer != purchase.customer:
        remember_objects(db, purchase.workspace_id, None, {"customer": facts.customer})


def _store_refunds(db: Connection, purchase: Purchase, facts: PaymentFacts, at: datetime) -> None:
    """Store each refund, and link those that staff requested."""
    for refund in facts.refunds:
        row = {
            "workspace_id": purchase.workspace_id,
            "refund_id": refund.refund,
            "purchase_id": purchase.purchase_id,
            "amount_cents": refund.amount_cents,
            "currency": refund.currency.lower(),
            "status": refund.status,
            "reason": refund.reason,
            "failure_reason": refund.failure_reason,
            "refunded_at": within(purchase.paid_at or purchase.created_at, refund.created, at),
        }
        db.execute(query("keep_refund"), row)
        remember_objects(db, purchase.workspace_id, purchase.purchase_id, {"refund": refund.refund})
        number = refund.metadata.get("refund_no", "")
        if REFUND_NUMBER.fullmatch(number):
            key = {"workspace_id": purchase.workspace_id, "purchase_id": purchase.purchase_id}
            made = {"refund_no": int(number), "refund_id": refund.refund}
            db.execute(query("note_refund_made"), key | made)


def _store_disputes(db: Connection, purchase: Purchase, facts: PaymentFacts, at: datetime) -> None:
    """Store each dispute, and raise its alert once."""
    for dispute in facts.disputes:
        row = {
            "workspace_id": purchase.workspace_id,
            "dispute_id": dispute.dispute,
            "purchase_id": purchase.purchase_id,
            "amount_cents": dispute.amount_cents,
            "currency": dispute.currency.lower(),
            "status": dispute.status,
            "reason": dispute.reason,
            "fee_cents": dispute.fee_cents,
            "opened_at": within(purchase.paid_at or purchase.created_at, dispute.created, at),
            "closed_at": at if dispute.status in CLOSED_DISPUTES else None,
        }
        db.execute(query("keep_dispute"), row)
        remember_objects(db, purchase.workspace_id, purchase.purchase_id, {"dispute": dispute.dispute})
        show_dispute(db, dispute, workspace_id=purchase.workspace_id, at=at)


def credit(db: Connection, purchase: Purchase, actor: str) -> Purchase:
    """Credit the minutes of a paid purchase, once."""
    if purchase.lot_id is not None or purchase.paid_at is None:
        return purchase
    lot = ledger_minutes.credit_purchase(
        db,
        purchase.workspace_id,
        purchase.minutes,
        purchase_id=purchase.purchase_id,
        key=f"purchase:{purchase.purchase_id}",
        actor=actor,
        at=purchase.paid_at,
        reference=purchase.payment_intent or purchase.checkout_session,
    )
    return replace(purchase, lot_id=lot.lot_id)


def _move_minutes(
    db: Connection, purchase: Purchase, facts: PaymentFacts, actor: str, at: datetime
) -> Purchase:
    """Take minutes back, or restore them, until the target is met as far as the lot allows.

    Refunds that staff requested count before Stripe confirms them: their minutes are on hold.
    """
    key = {"workspace_id": purchase.workspace_id, "purchase_id": purchase.purchase_id}
    held_cents = db.execute(query("held_refund_cents"), key).scalar_one()
    gone_cents = facts.refunded_cents + held_cents
    target = minutes_to_take_back(
        purchase.minutes, purchase.charged_cents, gone_cents, disputed=facts.is_disputed
    )
    reason = (
        "dispute"
        if facts.is_disputed
        else refund_reason(gone_cents, purchase.charged_cents, purchase.currency)
    )
    return move_to_target(
        db,
        purchase,
        target,
        kind="dispute" if facts.is_disputed else "refund",
        reason=reason,
        actor=actor,
        at=at,
    )


def move_to_target(
    db: Connection, purchase: Purchase, target: int, *, kind: str, reason: str, actor: str, at: datetime
) -> Purchase:
    """Make the minutes taken back equal `target`, as far as the lot allows; the rest is a shortfall."""
    taken = purchase.taken_back_minutes
    about: dict[str, Any] = {
        "key": f"{purchase.purchase_id}:{purchase.bookings + 1}",
        "actor": actor,
        "at": at,
        "reference": purchase.payment_intent,
    }
    lot = purchase_lot(db, purchase) if target != taken else None
    moved, booked = 0, False
    if lot is not None and target > taken and lot.remaining:
        moved = ledger_minutes.take_back(
            db, purchase.workspace_id, lot.lot_id, target - taken, kind=kind, reason=reason, **about
        )
        booked = True
    elif lot is not None and target < taken:
        why = "refund failed or dispute won: minutes restored"
        ledger_minutes.restore_minutes(
            db, purchase.workspace_id, lot.lot_id, taken - target, reason=why, **about
        )
        moved, booked = target - taken, True
    return replace(
        purchase,
        taken_back_minutes=taken + moved,
        shortfall_minutes=max(0, target - taken - moved),
        bookings=purchase.bookings + booked,
    )
