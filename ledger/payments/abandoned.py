"""Payments whose cardholder never responded to the bank: canceled after a while, so that they can be retried."""

from contextlib import suppress
from datetime import datetime, timedelta

from sqlalchemy import Engine

from ledger.database import query, reading, writing
from ledger.payments.buying import sync_purchase
from ledger.payments.purchases import get_purchase
from ledger.stripe_gateway import Gateway, GatewayError, GatewayRefused

ANSWER_WITHIN = timedelta(hours=1)
"""How long the cardholder may take. A Stripe payment page has its own limit: a day."""


def cancel_abandoned(engine: Engine, gateway: Gateway, *, at: datetime, limit: int = 50) -> int:
    """Cancel payments that have waited too long for their cardholder; return how many were checked.

    Such a purchase is `failed` and can be retried. If the money arrived in the meantime, the payment counts.
    """
    sources = {"sandbox": ["sandbox", "demo"]}.get(gateway.source, [gateway.source])
    page = {"sources": sources, "before": at - ANSWER_WITHIN, "limit": limit}
    with reading(engine) as db:
        rows = db.execute(query("abandoned_purchases"), page).all()
        purchases = [get_purchase(db, row.workspace_id, row.purchase_id) for row in rows]
    for purchase in purchases:
        with suppress(GatewayError):  # the next pass asks again
            with suppress(GatewayRefused):  # it has another state by now, which the sync reads
                key = f"purchase:{purchase.purchase_id}:cancel:{purchase.attempt}"
                gateway.cancel_payment(purchase.payment_intent or "", idempotency_key=key, reason="abandoned")
            with writing(engine) as db:
                sync_purchase(db, gateway, purchase.workspace_id, purchase.purchase_id, at=at)
    return len(purchases)
