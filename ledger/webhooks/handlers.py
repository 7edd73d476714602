"""Handlers of Stripe events: one function for each family of types, called by `handle_event`.

An event only says where to look. Every handler re-reads Stripe and books differences, so events may arrive in any
order, twice, or never.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection

from ledger.payments.alerts import end_alert, raise_alert
from ledger.payments.buying import sync_purchase
from ledger.payments.credit_notes import show_credit_notes
from ledger.payments.dispute_alerts import FRAUD, show_fraud_warning, state_of_payment
from ledger.payments.errors import NotKnownYet, UnknownPurchase
from ledger.payments.free_purchases import is_free
from ledger.payments.plan_refunds import NOTHING, invoice_of_payment, sync_plan_payment
from ledger.payments.purchases import Purchase, find_purchase, get_purchase, owner_of
from ledger.payments.subscriptions import sync_subscription
from ledger.stripe_gateway import EventEnvelope, Gateway


@dataclass(frozen=True, slots=True, kw_only=True)
class HandlerResult:
    """The result of an event. `status`: done, ignored, failed (to be retried) or dead (given up)."""

    status: str
    summary: str
    workspace_id: str | None = None
    waits_for: tuple[str, ...] = ()
    """Prices, workspaces or Stripe ids; the event runs again once one of them is known."""


NO_PURCHASE = "this payment is not a purchase of extra minutes"

Handler = Callable[[Connection, Gateway, EventEnvelope, datetime], HandlerResult]

HANDLERS: dict[str, Handler] = {}
"""Event type -> its handler; also the types that the poller fetches."""


def handles(*types: str) -> Callable[[Handler], Handler]:
    """Register a function as the handler of event types."""

    def register(handler: Handler) -> Handler:
        HANDLERS.update(dict.fromkeys(types, handler))
        return handler

    return register


def handle_event(db: Connection, gateway: Gateway, event: EventEnvelope, at: datetime) -> HandlerResult:
    """Run the handler of an event. Raises `NotKnownYet` and the gateway's errors; nothing is booked then."""
    handler = HANDLERS.get(event.type)
    if handler is None:
        return HandlerResult(status="ignored", summary="events of this type have no effect")
    return handler(db, gateway, event, at)


@handles(
    "payment_intent.succeeded",
    "payment_intent.payment_failed",
    "payment_intent.requires_action",
    "payment_intent.processing",
    "payment_intent.canceled",
    "payment_intent.amount_capturable_updated",
    "charge.succeeded",
    "charge.failed",
    "charge.updated",
    "charge.refunded",
    "charge.refund.updated",
    "refund.created",
    "refund.updated",
    "refund.failed",
    "charge.dispute.created",
    "charge.dispute.updated",
    "charge.dispute.closed",
    "charge.dispute.funds_withdrawn",
    "charge.dispute.funds_reinstated",
    "checkout.session.completed",
    "checkout.session.async_payment_succeeded",
    "checkout.session.async_payment_failed",
    "checkout.session.expired",
)
def _sync_the_purchase(db: Connection, gateway: Gateway, event: EventEnvelope, at: datetime) -> HandlerResult:
    """Sync the purchase of a payment."""
    before, intent = _purchase_of(db, gateway, event)
    if before is None:
        return _sync_the_plan_payment(db, gateway, intent, at)
    after = sync_purchase(db, gateway, before.workspace_id, before.purchase_id, at=at, payment_intent=intent)
    if intent and (is_free(after) or after.payment_intent not in (None, intent)):
        _warn_of_second_payment(db, gateway, after, intent, at)
    return HandlerResult(status="done", summary=difference(before, after), workspace_id=after.workspace_id)


@handles("radar.early_fraud_warning.created", "radar.early_fraud_warning.updated")
def _flag_the_customer(db: Connection, gateway: Gateway, event: EventEnvelope, at: datetime) -> HandlerResult:
    """Open an alert about suspected fraud while the money can still go back; no minutes move."""
    before, intent = _purchase_of(db, gateway, event)
    if before is None:
        return _flag_the_plan_payment(db, gateway, event, intent, at)
    return _flag(db, gateway, event, before, intent, at=at)


def _flag_the_plan_payment(
    db: Connection, gateway: Gateway, event: EventEnvelope, intent: str | None, at: datetime
) -> HandlerResult:
    """Open the alert of a payment for a plan. Its invoice may come later: the customer also names the workspace."""
    facts = gateway.fetch_payment(intent) if intent else None
    known = invoice_of_payment(db, intent) if intent else None
    owner = owner_of(db, [facts.customer]) if facts else None
    workspace_id = known[0] if known else owner.workspace_id if owner else None
    if facts is None or workspace_id is None:
        return HandlerResult(status="ignored", summary=NO_PURCHASE)
    summary = show_fraud_warning(
        db,
        facts.payment_intent,
        kind=event.type,
        workspace_id=workspace_id,
        state=state_of_payment(facts),
        at=at,
    )
    return HandlerResult(status="done", summary=summary, workspace_id=workspace_id)


def _flag(
    db: Connection,
    gateway: Gateway,
    event: EventEnvelope,
    before: Purchase,
    intent: str | None,
    *,
    at: datetime,
) -> HandlerResult:
    """Sync a purchase, then open its alert unless its money was returned."""
    purchase = sync_purchase(
        db, gateway, before.workspace_id, before.purchase_id, at=at, payment_intent=intent
    )
    summary = show_fraud_warning(
        db,
        purchase.payment_intent or intent or event.event_id,
        kind=event.type,
        workspace_id=purchase.workspace_id,
        state=purchase.status,
        at=at,
    )
    return HandlerResult(status="done", summary=summary, workspace_id=purchase.workspace_id)


@handles("review.opened", "review.closed")
def _follow_the_review(db: Connection, gateway: Gateway, event: EventEnvelope, at: datetime) -> HandlerResult:
    """Open the alert of a payment under review, or end it: as Stripe's review says now, whichever event came first."""
    purchase, intent = _purchase_of(db, gateway, event)
    if intent is None or event.object_id is None:
        return HandlerResult(status="ignored", summary=NO_PURCHASE)
    review = gateway.fetch_review(event.object_id)
    if review.is_open:
        if purchase is None:
            return _flag_the_plan_payment(db, gateway, event, intent, at)
        return _flag(db, gateway, event, purchase, intent, at=at)
    words = (review.closed_reason or "closed").replace("_", " ")
    ended = end_alert(db, FRAUD, intent, because=f"the review at Stripe ended: {words}", at=at)
    summary = "the alert is closed" if ended else NOTHING
    workspace_id = purchase.workspace_id if purchase else None
    return HandlerResult(
        status="done" if ended or purchase else "ignored", summary=summary, workspace_id=workspace_id
    )


@handles("credit_note.created", "credit_note.updated", "credit_note.voided")
def _follow_credit_notes(
    db: Connection, gateway: Gateway, event: EventEnvelope, at: datetime
) -> HandlerResult:
    """Open the alert of an invoice that was credited without a refund, or end it."""
    if event.invoice is None:
        return HandlerResult(status="ignored", summary="this credit note names no invoice")
    workspace_id, summary = show_credit_notes(db, gateway, event.invoice, at=at)
    return HandlerResult(
        status="done" if workspace_id else "ignored", summary=summary, workspace_id=workspace_id
    )


@handles(
    "invoice.paid",
    "invoice.payment_failed",
    "customer.subscription.created",
    "customer.subscription.updated",
    "customer.subscription.deleted",
    "customer.subscription.paused",
    "customer.subscription.resumed",
    "customer.subscription.trial_will_end",
)
def _sync_the_subscription(
    db: Connection, gateway: Gateway, event: EventEnvelope, at: datetime
) -> HandlerResult:
    """Sync a subscription: allocate its paid invoices and follow its state."""
    subscription = event.subscription
    if subscription is None and event.invoice is not None:
        subscription = gateway.fetch_invoice(event.invoice).subscription
    if subscription is None:
        return HandlerResult(status="ignored", summary="this invoice has no subscription")
    synced = sync_subscription(db, gateway, subscription, invoice=event.invoice, at=at)
    return HandlerResult(
        status="dead" if synced.needs_person else "done",
        summary=synced.summary,
        workspace_id=synced.workspace_id,
        waits_for=synced.unknown_prices,
    )


def _sync_the_plan_payment(
    db: Connection, gateway: Gateway, intent: str | None, at: datetime
) -> HandlerResult:
    """Move the minutes of a plan invoice whose payment changed, if the invoice is booked."""
    known = invoice_of_payment(db, intent) if intent else None
    if known is None:
        return HandlerResult(status="ignored", summary=NO_PURCHASE)
    workspace_id, invoice = known
    summary = sync_plan_payment(db, gateway, workspace_id, invoice, at=at)
    return HandlerResult(status="done", summary=summary, workspace_id=workspace_id)


def difference(before: Purchase, after: Purchase) -> str:
    """Return the changes of a sync as a sentence."""
    changes = []
    if before.status != after.status:
        changes.append(f"{before.status} -> {after.status}")
    if before.lot_id is None and after.lot_id is not None:
        changes.append(f"{after.minutes} minutes credited")
    moved = after.taken_back_minutes - before.taken_back_minutes
    if moved:
        changes.append(f"{abs(moved)} minutes {'taken back' if moved > 0 else 'given back'}")
    if before.fee_cents is None and after.fee_cents is not None:
        changes.append("fee known")
    return "; ".join(changes) or NOTHING


def _purchase_of(
    db: Connection, gateway: Gateway, event: EventEnvelope
) -> tuple[Purchase | None, str | None]:
    """Return the purchase and the payment of an event; None when it does not concern a purchase of ours.

    Raises `NotKnownYet` when a purchase is named that we do not have, `UnknownAtStripe` for foreign objects.
    """
    ids = (event.payment_intent, event.charge, event.checkout_session, event.object_id)
    owner = owner_of(db, ids)
    if owner is not None and owner.purchase_id is not None:
        return get_purchase(db, owner.workspace_id, owner.purchase_id), event.payment_intent
    intent, named = event.payment_intent, event.metadata.get("purchase_id")
    if intent is None and event.charge is not None:
        intent = gateway.find_payment_by_charge(event.charge)
    if intent is not None:
        named = gateway.fetch_payment(intent).metadata.get("purchase_id")
    if named is None:
        return None, intent
    try:
        return find_purchase(db, UUID(named)), intent
    except (ValueError, UnknownPurchase):
        raise NotKnownYet(f"Purchase {named[:60]!r}.") from None


def _warn_of_second_payment(
    db: Connection, gateway: Gateway, purchase: Purchase, intent: str, at: datetime
) -> None:
    """Open an alert about a second payment, which credits no minutes; close it when refunded."""
    facts = gateway.fetch_payment(intent)
    if facts.is_returned:
        end_alert(db, "second_payment", intent, because="the second payment was refunded", at=at)
    elif facts.is_paid:
        detail = (
            f"A second payment for the purchase that {purchase.payment_intent} has paid: refund it at Stripe"
        )
        raise_alert(db, "second_payment", intent, detail=detail, workspace_id=purchase.workspace_id, at=at)
