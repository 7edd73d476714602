"""The events of a purchase that changed: paid, failed, refunded, disputed; each once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ledger.database import call, query

if TYPE_CHECKING:
    from sqlalchemy import Connection, Row

    from ledger.payments.purchases import Purchase


def emit_purchase_events(db: Connection, before: Row[Any], now: Purchase) -> None:
    """Emit what a saved change of a purchase means to others; it is paid once its minutes are credited."""
    reached = now.status if now.status != before.status else None
    paid = now.lot_id is not None and before.lot_id is None
    events = [
        *(["purchase.paid"] if paid else []),
        *(["purchase.failed"] if _failed_anew(db, before, now) else []),
        *(["purchase.refunded"] if now.refunded_cents > before.refunded_cents else []),
        *(["purchase.disputed"] if reached == "disputed" else []),
    ]
    about = {"workspace_id": now.workspace_id, "purchase_id": now.purchase_id}
    for event in events:
        binds = {**about, "type": event, "at": now.synced_at or now.attempted_at}
        call(db, "emit_purchase_event", binds)


def _failed_anew(db: Connection, before: Row[Any], now: Purchase) -> bool:
    """Return whether a failure differs from the one that was reported.

    While a retry is on its way to Stripe, news of the previous attempt may arrive: the same charge, declined as before.
    """
    if now.status != "failed":
        return False
    if now.charge is not None and now.charge != before.charge:
        return True
    if now.status == before.status:
        return False
    if now.charge is None:
        return True
    about = {"workspace_id": now.workspace_id, "purchase_id": str(now.purchase_id)}
    reported = db.execute(query("purchase_failure_reported"), about).scalar_one_or_none()
    return reported != now.failure_code
