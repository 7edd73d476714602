"""Alerts of disputes, inquiries and suspected fraud: open until the bank decides or the money is returned."""

from datetime import datetime

from sqlalchemy import Connection

from ledger.payments.alerts import end_alert, raise_alert
from ledger.payments.purchases import Purchase
from ledger.stripe_gateway import DisputeFacts

DECIDED_FOR_US = ("won", "prevented", "warning_closed")
CLOSED_DISPUTES = ("lost", *DECIDED_FOR_US)
"""A bank may still change its mind about a lost dispute."""

FRAUD = "fraud_warning"
SETTLED_FRAUD = ("refunded", "disputed")
"""States of a purchase in which a warning of fraud leaves nothing to decide."""


def end_fraud_warning(db: Connection, purchase: Purchase, *, at: datetime) -> None:
    """Close the fraud alert of a payment that was fully refunded or is disputed."""
    if purchase.status not in SETTLED_FRAUD:
        return
    for object_id in (purchase.payment_intent, purchase.charge):
        if object_id:
            end_alert(db, FRAUD, object_id, because=f"the payment is {purchase.status}", at=at)


def show_dispute(db: Connection, dispute: DisputeFacts, *, workspace_id: str, at: datetime) -> None:
    """Open the alert of a dispute or inquiry, or close it once the bank has decided."""
    kind, words = ("inquiry", "The bank inquires") if dispute.is_inquiry else ("dispute", "The bank disputes")
    deadline = f"by {dispute.due_by:%Y-%m-%d %H:%M} UTC" if dispute.due_by else "before the deadline"
    detail = f"{words} about this payment ({dispute.reason}): respond at Stripe {deadline}"
    over = dispute.status in CLOSED_DISPUTES
    raise_alert(
        db,
        kind,
        dispute.dispute,
        detail=detail,
        workspace_id=workspace_id,
        at=at,
        due_at=dispute.due_by,
        over=over,
    )
    if over:
        words = dispute.status.replace("_", " ")
        end_alert(db, kind, dispute.dispute, because=f"the bank decided: {words}", at=at)
    if not dispute.is_inquiry:
        end_alert(db, "inquiry", dispute.dispute, because="it became a dispute", at=at)
