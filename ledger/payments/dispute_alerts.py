"""Alerts of disputes, inquiries and suspected fraud: open until the bank decides or the money is returned."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection

from ledger.payments.alerts import end_alert, raise_alert
from ledger.stripe_gateway import DisputeFacts, PaymentFacts

DECIDED_FOR_US = ("won", "prevented", "warning_closed")
CLOSED_DISPUTES = ("lost", *DECIDED_FOR_US)
"""A bank may still change its mind about a lost dispute."""

FRAUD = "fraud_warning"
SETTLED_FRAUD = ("refunded", "disputed")
"""States of a payment in which a warning of fraud leaves nothing to decide."""


def show_fraud_warning(
    db: Connection, payment: str, *, kind: str, workspace_id: str, state: str, at: datetime
) -> str:
    """Open the alert of a payment under suspicion, unless its money was returned; say what was done.

    `kind`: the type of Stripe's event; `state`: that of the payment.
    """
    if state in SETTLED_FRAUD:
        return "nothing to decide: the money was already returned"
    detail = f"Fraud is suspected ({kind}): consider a refund before the bank disputes the payment"
    raise_alert(db, FRAUD, payment, detail=detail, workspace_id=workspace_id, at=at)
    return "flagged, no minutes moved"


def end_fraud_warning(db: Connection, objects: Iterable[str | None], state: str, *, at: datetime) -> None:
    """Close the fraud alerts of a payment that was fully refunded or is disputed, by its ids at Stripe."""
    if state in SETTLED_FRAUD:
        for object_id in filter(None, objects):
            end_alert(db, FRAUD, object_id, because=f"the payment is {state}", at=at)


def state_of_payment(facts: PaymentFacts) -> str:
    """Return whether a payment is disputed, refunded in full, or neither, in the words of a purchase."""
    if facts.is_disputed:
        return "disputed"
    return "refunded" if facts.is_returned else "paid"


def show_dispute(db: Connection, dispute: DisputeFacts, *, workspace_id: str, at: datetime) -> None:
    """Open the alert of a dispute or inquiry, or close it once the bank has decided."""
    kind, words = (
        ("inquiry", "The bank asks about") if dispute.is_inquiry else ("dispute", "The bank disputes")
    )
    deadline = f"by {dispute.due_by:%Y-%m-%d %H:%M} UTC" if dispute.due_by else "before the deadline"
    detail = f"{words} this payment ({dispute.reason}): respond at Stripe {deadline}"
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
