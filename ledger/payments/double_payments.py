"""The same package paid twice within minutes by one customer: staff decide whether to refund one payment."""

from datetime import datetime, timedelta

from sqlalchemy import Connection

from ledger.database import query
from ledger.payments.alerts import end_alert, raise_alert
from ledger.payments.purchases import Purchase

WITHIN = timedelta(minutes=10)
KIND = "double_payment"


def show_double_payment(db: Connection, purchase: Purchase, *, at: datetime) -> None:
    """Open an alert for a purchase paid within minutes of an equal one; close it when one is fully refunded."""
    if purchase.paid_at is None:
        return
    about = {
        "workspace_id": purchase.workspace_id,
        "purchase_id": purchase.purchase_id,
        "since": purchase.paid_at - WITHIN,
        "until": purchase.paid_at + WITHIN,
    }
    for other in db.execute(query("equal_purchases"), about).all():
        later = max((purchase.paid_at, purchase.purchase_id), (other.paid_at, other.purchase_id))[1]
        if "refunded" in (purchase.status, other.status):
            end_alert(db, KIND, str(later), because="one of both was refunded", at=at)
            continue
        detail = (
            f"{purchase.package_name} was paid twice within minutes ({purchase.purchase_id}, {other.purchase_id}): "
            "ask the customer, and refund one of both"
        )
        raise_alert(db, KIND, str(later), detail=detail, workspace_id=purchase.workspace_id, at=at)
