"""Refunds from the dashboard; their minutes are put on hold before Stripe is called.

The request is committed with its minutes on hold, then Stripe is called with one idempotency key, then the purchase is
synced. A refusal releases the minutes; after an unknown outcome they stay on hold until `finish_refunds` has retried.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Connection, Engine

from ledger.database import query, reading, writing
from ledger.errors import KeyReused
from ledger.money import amount_text
from ledger.payments.buying import sync_purchase
from ledger.payments.errors import RefundExceedsPayment
from ledger.payments.purchases import (
    Purchase,
    get_purchase,
    lock_purchase,
    require_source,
    save_purchase,
)
from ledger.payments.refund_quotes import refundable_cents
from ledger.payments.settlement import minutes_to_take_back, move_to_target
from ledger.stripe_gateway import Gateway, GatewayError, GatewayRefused, GatewayUnavailable
from ledger.validation import require_business_time, require_key, require_text


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundRequest:
    """A refund that staff requested. `status`: requested, made or refused."""

    workspace_id: str
    purchase_id: UUID
    refund_no: int
    key: str
    amount_cents: int
    held_minutes: int
    status: str
    refund_id: str | None
    error: str | None
    actor: str
    reason: str
    at: datetime


def refund_purchase(
    engine: Engine,
    gateway: Gateway,
    workspace_id: str,
    purchase_id: UUID,
    amount_cents: int,
    *,
    reason: str,
    key: str,
    actor: str,
    at: datetime,
) -> Purchase:
    """Refund part or all of a purchase and return the purchase. Its minutes are on hold before Stripe is called.

    A repeat of the key continues the same refund; one that was refused stays refused, and takes a new key. Raises
    `UnknownPurchase`, `NotRefundable`, `RefundExceedsPayment`, `KeyReused`, and of the gateway: `GatewayRefused`
    (nothing refunded, the minutes are released), `GatewayUnavailable` with `outcome_unknown` (they stay held; the
    worker asks again).
    """
    require_text(reason, "reason")
    require_key(key)
    at = require_business_time(at)
    with writing(engine) as db:
        request = request_refund(
            db,
            gateway.source,
            workspace_id,
            purchase_id,
            amount_cents,
            reason=reason,
            key=key,
            actor=actor,
            at=at,
        )
    if request.status == "refused":
        raise GatewayRefused(request.error or "Stripe refused this refund: nothing was refunded.")
    if request.status == "requested":
        _ask_stripe(engine, gateway, request, at)
    with writing(engine) as db:
        return sync_purchase(db, gateway, workspace_id, purchase_id, actor=actor, at=at)


def request_refund(
    db: Connection,
    mode: str,
    workspace_id: str,
    purchase_id: UUID,
    amount_cents: int,
    *,
    reason: str,
    key: str,
    actor: str,
    at: datetime,
) -> RefundRequest:
    """Store a request and put its minutes on hold during the call to Stripe."""
    purchase = lock_purchase(db, workspace_id, purchase_id)
    require_source(purchase.source, mode)
    if (first := _request_of_key(db, workspace_id, key)) is not None:
        if (first.purchase_id, first.amount_cents, first.reason) != (purchase_id, amount_cents, reason):
            raise KeyReused(repr(key))
        return first
    refundable = refundable_cents(db, purchase)
    if not 0 < amount_cents <= refundable:
        raise RefundExceedsPayment(f"At most {amount_text(refundable, purchase.currency)}.")
    gone = purchase.charged_cents - refundable + amount_cents
    target = minutes_to_take_back(purchase.minutes, purchase.charged_cents, gone, disputed=False)
    after = move_to_target(db, purchase, target, kind="refund", reason=reason, actor=actor, at=at)
    save_purchase(db, after)
    request = {
        "workspace_id": workspace_id,
        "purchase_id": purchase_id,
        "key": key,
        "amount_cents": amount_cents,
        "held_minutes": max(0, after.taken_back_minutes - purchase.taken_back_minutes),
        "actor": actor,
        "reason": reason,
        "at": at,
    }
    return RefundRequest(**db.execute(query("add_refund_request"), request).mappings().one())


def finish_refunds(engine: Engine, gateway: Gateway, *, at: datetime) -> int:
    """Retry refunds whose outcome has been unknown for a minute or more. Return how many are settled."""
    with reading(engine) as db:
        waiting = {"before": at - timedelta(minutes=1), "limit": 100, "mode": gateway.source}
        rows = db.execute(query("refund_requests_waiting"), waiting).mappings().all()
    settled = 0
    for request in [RefundRequest(**row) for row in rows]:
        try:
            _ask_stripe(engine, gateway, request, at)
            with writing(engine) as db:
                sync_purchase(db, gateway, request.workspace_id, request.purchase_id, at=at)
        except GatewayRefused:
            settled += 1
        except GatewayError:
            continue
        else:
            settled += 1
    return settled


def _ask_stripe(engine: Engine, gateway: Gateway, request: RefundRequest, at: datetime) -> None:
    """Request the refund from Stripe; a refusal releases the minutes on hold and is raised."""
    with reading(engine) as db:
        purchase = get_purchase(db, request.workspace_id, request.purchase_id)
    try:
        gateway.refund(
            purchase.payment_intent or "",
            request.amount_cents,
            idempotency_key=f"refund:{request.purchase_id}:{request.refund_no}",
            reason="requested_by_customer",
            metadata={"purchase_id": str(request.purchase_id), "refund_no": str(request.refund_no)},
        )
    except GatewayUnavailable as error:
        if not error.outcome_unknown:
            _release(engine, request, str(error), at)
        raise
    except GatewayError as error:
        _release(engine, request, str(error), at)
        if isinstance(error, GatewayRefused) and error.reports_a_state:
            with writing(engine) as db:
                sync_purchase(db, gateway, request.workspace_id, request.purchase_id, at=at)
        raise


def _release(engine: Engine, request: RefundRequest, error: str, at: datetime) -> None:
    """Store the refusal and release the minutes, as far as the state of the payment allows."""
    key = {"workspace_id": request.workspace_id, "purchase_id": request.purchase_id}
    with writing(engine) as db:
        purchase = lock_purchase(db, request.workspace_id, request.purchase_id)
        db.execute(query("refuse_refund_request"), key | {"refund_no": request.refund_no, "error": error})
        on_hold_cents = db.execute(query("held_refund_cents"), key).scalar_one()
        gone = purchase.refunded_cents + on_hold_cents
        disputed = purchase.status == "disputed"
        target = minutes_to_take_back(purchase.minutes, purchase.charged_cents, gone, disputed=disputed)
        reason = "Stripe refused the refund: the minutes are available again"
        kind = "dispute" if disputed else "refund"
        save_purchase(
            db, move_to_target(db, purchase, target, kind=kind, reason=reason, actor=request.actor, at=at)
        )


def _request_of_key(db: Connection, workspace_id: str, key: str) -> RefundRequest | None:
    named = {"workspace_id": workspace_id, "key": key}
    row = db.execute(query("refund_request_of_key"), named).mappings().one_or_none()
    return None if row is None else RefundRequest(**row)
