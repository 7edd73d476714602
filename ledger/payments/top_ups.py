"""Top-ups: the purchase when a workspace reaches its trigger, and its outcome."""

from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Engine

from ledger.database import call, query, reading, writing
from ledger.money import amount_text
from ledger.payments import buying
from ledger.payments.auto_top_up import NO_CARD, lock_auto_top_up, note_declines
from ledger.payments.catalogue import list_packages
from ledger.payments.customers import customer_of
from ledger.payments.errors import PaymentTooOld
from ledger.payments.portal import confirmation_url
from ledger.payments.purchases import PAID, Purchase, get_purchase, list_purchases, place_purchase
from ledger.stripe_gateway import Gateway, GatewayError

ACTOR = "auto top-up"
WAITS = (timedelta(days=1), timedelta(days=3))
"""Pauses between charges of a declined top-up; after the last one the top-up pauses."""
LOOK_AGAIN = timedelta(minutes=1)
CONFIRMATION = timedelta(hours=1)
NOT_ON_SALE = "This package is no longer sold. Choose another one."
CONFIRM = "The bank asks the customer to confirm this payment."
DECLINED = "The card was declined three times. Use another card, then switch auto top-up on again."


@dataclass(frozen=True, slots=True, kw_only=True)
class TopUp:
    """A triggered top-up. `outcome`: started, paid, needs_confirmation, declined, over_limit, no_card, not_on_sale."""

    workspace_id: str
    epoch: int
    at: datetime
    purchase_id: UUID | None = None
    outcome: str = "started"
    detail: str | None = None
    next_attempt_at: datetime | None = None


def list_top_ups(db: Connection, workspace_id: str, *, limit: int = 20) -> list[TopUp]:
    """Return the top-ups of a workspace, newest first."""
    rows = db.execute(query("top_ups_of_workspace"), {"workspace_id": workspace_id, "limit": limit})
    return [TopUp(**row) for row in rows.mappings()]


def list_latest_top_ups(db: Connection, *, limit: int = 50) -> list[TopUp]:
    """Return the latest top-ups of all workspaces, newest first."""
    return [TopUp(**row) for row in db.execute(query("latest_top_ups"), {"limit": limit}).mappings()]


def waiting_confirmation(db: Connection, workspace_id: str) -> Purchase | None:
    """Return the purchase that the bank asks the customer to confirm, one of a top-up first; None without one."""
    latest = next(iter(list_top_ups(db, workspace_id, limit=1)), None)
    if latest is not None and latest.outcome == "needs_confirmation" and latest.purchase_id is not None:
        purchase = get_purchase(db, workspace_id, latest.purchase_id)
        if purchase.status in ("failed", "requires_payment", "requires_action"):
            return purchase
    unanswered = list_purchases(db, workspace_id, status="requires_action", limit=1)
    return unanswered[0] if unanswered and unanswered[0].checkout_session is None else None


def run_top_ups(engine: Engine, gateway: Gateway, *, at: datetime, limit: int = 50) -> int:
    """Buy for every workspace that reached its trigger, and settle pending top-ups; return how many were processed.

    Safe to run in several processes: settings are locked, an epoch has one top-up, a charge has one key.
    """
    sources = {"sandbox": ["sandbox", "demo"]}.get(gateway.source, [gateway.source])
    with reading(engine) as db:
        page = {"sources": sources, "at": at, "limit": limit, "no_card": NO_CARD}
        due = list(db.scalars(query("top_ups_due"), page))
        pending = [TopUp(**row) for row in db.execute(query("top_ups_open"), page).mappings()]
    for top_up in pending:
        _charge(engine, gateway, top_up, at)
    for workspace_id in due:
        with suppress(GatewayError):  # the next pass asks again
            if begun := _begin(engine, gateway, workspace_id, at):
                _charge(engine, gateway, begun, at)
    return len(due) + len(pending)


def _begin(engine: Engine, gateway: Gateway, workspace_id: str, at: datetime) -> TopUp | None:
    """Store the top-up to buy, within the monthly limit; None when there is nothing to buy."""
    with reading(engine) as db:
        customer = customer_of(db, workspace_id)
    card = gateway.saved_card(customer) if customer else None
    with writing(engine) as db:
        settings = lock_auto_top_up(db, workspace_id)
        if settings is None or settings.state not in ("ready", "needs_card"):
            return None
        about = {"workspace_id": workspace_id, "trigger": settings.trigger}
        epoch = db.execute(query("top_up_epoch"), about).scalar_one_or_none()
        if epoch is None:
            return None
        top_up = TopUp(workspace_id=workspace_id, epoch=epoch, at=at)
        offer = {each.code: each for each in list_packages(db, workspace_id, at=at)}.get(settings.package)
        if offer is None or card is None:
            outcome, words = ("no_card", NO_CARD) if offer else ("not_on_sale", NOT_ON_SALE)
            _save(db, replace(top_up, outcome=outcome, detail=words))
            note_declines(db, workspace_id, settings.declines, paused_reason=words)
            _announce(db, gateway, top_up, outcome, at)
            return None
        if settings.state == "needs_card":
            note_declines(db, workspace_id, settings.declines, paused_reason=None)
        of_month = {"workspace_id": workspace_id, "at": at, "currency": offer.currency}
        spent = db.execute(query("top_up_month_cents"), of_month).scalar_one()
        if spent + offer.amount_cents > settings.monthly_limit_cents:
            limit = amount_text(settings.monthly_limit_cents, offer.currency)
            words = f"{amount_text(spent, offer.currency)} of this month's {limit} are spent."
            _save(db, replace(top_up, outcome="over_limit", detail=words))
            _announce(db, gateway, top_up, "over_limit", at)
            return None
        key = f"top-up:{epoch}"
        purchase = place_purchase(
            db, workspace_id, offer.code, mode=gateway.source, key=key, actor=ACTOR, at=at
        )
        return _save(db, replace(top_up, purchase_id=purchase.purchase_id, next_attempt_at=at))


def _save(db: Connection, top_up: TopUp) -> TopUp:
    db.execute(query("top_up_add"), asdict(top_up))
    return top_up


def _charge(engine: Engine, gateway: Gateway, top_up: TopUp, at: datetime) -> None:
    """Charge the card off session, or re-read the charge, and store the result."""
    if top_up.purchase_id is None:
        raise AssertionError("a top-up without a purchase is never open")
    with reading(engine) as db:
        purchase = get_purchase(db, top_up.workspace_id, top_up.purchase_id)
        customer = customer_of(db, top_up.workspace_id)
    try:
        card = gateway.saved_card(customer) if customer else None
        charges = card and purchase.status in ("requires_payment", "failed") and not _asks(purchase)
        if card and charges:
            purchase = buying.charge_saved_card(engine, gateway, purchase, card.payment_method, at=at)
        if not charges or purchase.status in PAID:
            about: dict[str, Any] = {"actor": ACTOR, "at": at}
            with writing(engine) as db:
                purchase = buying.sync_purchase(
                    db, gateway, purchase.workspace_id, purchase.purchase_id, **about
                )
    except (GatewayError, PaymentTooOld) as error:
        purchase = replace(purchase, status="processing", failure_message=str(error))
    with writing(engine) as db:
        _note_outcome(db, gateway, top_up, purchase, at)


def _asks(purchase: Purchase) -> bool:
    """Return whether the customer must act: another charge would be declined, or pay twice."""
    bank_waits = purchase.status == "requires_action" or purchase.failure_code == "authentication_required"
    return bank_waits or purchase.checkout_session is not None


def _note_outcome(db: Connection, gateway: Gateway, top_up: TopUp, purchase: Purchase, at: datetime) -> None:
    """Store the result of a charge and when the next is due; three declines in a row pause the top-up."""
    settings = lock_auto_top_up(db, top_up.workspace_id)
    before = declines = settings.declines if settings else 0
    pause = settings.paused_reason if settings else None
    outcome, detail, later = "started", purchase.failure_message, at + LOOK_AGAIN
    next_attempt_at: datetime | None = later
    if purchase.status in PAID:
        outcome, detail, next_attempt_at, declines = "paid", None, None, 0
    elif _asks(purchase):
        outcome, detail, next_attempt_at = "needs_confirmation", CONFIRM, at + CONFIRMATION
    elif purchase.status == "canceled":
        outcome, next_attempt_at = "declined", None
    elif purchase.status == "failed":
        outcome, declines = "declined", declines + 1
        next_attempt_at = at + WAITS[declines - 1] if declines <= len(WAITS) else None
        pause = pause if next_attempt_at else DECLINED
    settled = {"outcome": outcome, "detail": detail, "next_attempt_at": next_attempt_at}
    db.execute(
        query("top_up_settle"), {"workspace_id": top_up.workspace_id, "epoch": top_up.epoch, **settled}
    )
    note_declines(db, top_up.workspace_id, declines, paused_reason=pause)
    if outcome not in ("started", top_up.outcome) or declines > before:
        _announce(db, gateway, top_up, outcome, at)


def _announce(db: Connection, gateway: Gateway, top_up: TopUp, outcome: str, at: datetime) -> None:
    """Emit the event of an outcome; one that needs the customer carries the confirmation URL."""
    about = {"workspace_id": top_up.workspace_id, "epoch": top_up.epoch, "at": at}
    confirm_url = None
    if outcome == "needs_confirmation":
        confirm_url = confirmation_url(db, top_up.workspace_id, gateway.public_url, actor=ACTOR, at=at)
    kind = "top_up.paid" if outcome == "paid" else "top_up.failed"
    call(db, "emit_top_up_event", about | {"type": kind, "confirm_url": confirm_url})
