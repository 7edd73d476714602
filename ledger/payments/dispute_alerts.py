"""Alerts of disputes and inquiries: open until the bank has decided."""

from datetime import datetime

from sqlalchemy import Connection

from ledger.payments.alerts import end_alert, raise_alert
from ledger.stripe_gateway import DisputeFacts

CLOSED_DISPUTES = ("won", "lost", "prevented", "warning_closed")


def show_dispute(db: Connection, dispute: DisputeFacts, *, workspace_id: str, at: datetime) -> None:
    """Open the alert of a dispute or inquiry, or close it once the bank has decided."""
    kind, words = ("inquiry", "The bank inquires") if dispute.is_inquiry else ("dispute", "The bank disputes")
    deadline = f"by {dispute.due_by:%Y-%m-%d %H:%M} UTC" if dispute.due_by else "before the deadline"
    detail = f"{words} about this payment ({dispute.reason}): respond at Stripe {deadline}"
    raise_alert(db, kind, dispute.dispute, detail=detail, workspace_id=workspace_id, at=at)
    if dispute.status in CLOSED_DISPUTES:
        words = dispute.status.replace("_", " ")
        end_alert(db, kind, dispute.dispute, because=f"the bank decided: {words}", at=at)
    if not dispute.is_inquiry:
        end_alert(db, "inquiry", dispute.dispute, because="it became a dispute", at=at)
