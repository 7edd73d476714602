"""Paying for minutes: buy, retry, charge a saved card, and `sync_purchase`, the only one that credits minutes.

Our row is committed before Stripe is called, and Stripe is called outside any transaction. Only `sync_purchase` holds a
lock during a call: that of its own purchase, for a limited time. Events, the return page, the poller and the
reconciliation all end in it.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Engine

from ledger.database import query, writing
from ledger.idempotency import WriteResult, idempotent
from ledger.payments.customers import for_its_customer, order_of
from ledger.payments.errors import EventForAnother, PaymentTooOld, PurchaseNotFailed
from ledger.payments.free_purchases import FREE, deciding_page, settle_free
from ledger.payments.page_totals import with_page_totals
from ledger.payments.purchases import (
    WAITING,
    Purchase,
    find_purchase,
    get_purchase,
    list_purchases,
    lock_purchase,
    place_purchase,
    require_source,
    save_purchase,
)
from ledger.payments.settlement import UNANSWERED, settle
from ledger.stripe_gateway import (
    Gateway,
    GatewayKeyReused,
    GatewayRefused,
    PaymentDeclined,
    PaymentFacts,
)
from ledger.stripe_gateway.facts import CheckoutFacts
from ledger.validation import require_business_time, require_key, require_text

__all__ = ["buy", "find_purchase", "get_purchase", "list_purchases", "retry", "sync_purchase"]

SAFE_TO_REPEAT = timedelta(hours=20)
"""Stripe drops idempotency keys after a day, so an older request is never resent without a check."""


def buy(
    engine: Engine,
    gateway: Gateway,
    workspace_id: str,
    package: str,
    *,
    payment_method: str | None = None,
    return_url: str | None = None,
    key: str,
    actor: str,
    at: datetime,
) -> Purchase:
    """Start a purchase; with a payment method also charge it. Never credits minutes by itself.

    The result carries Stripe's `client_secret` while the customer has something to do. A decline is a result
    (`failed`, with code and message). A repeat of the key, also a concurrent one, re-reads Stripe: one payment.
    `return_url`: where the bank's page sends the customer back; `{PURCHASE_ID}` stands for the purchase.
    Raises `UnknownWorkspace`, `UnknownPackage`, `KeyReused`, `WrongSource`, `PaymentTooOld`, and of the gateway
    `SimulationRefused` (before anything is written), `GatewayUnavailable` (repeat with this key).
    """
    _check_method(gateway, payment_method)
    with writing(engine) as db:
        purchase = place_purchase(
            db,
            workspace_id,
            package,
            mode=gateway.source,
            key=key,
            actor=actor,
            at=at,
            body={"payment_method": payment_method},
        )
    return _pay(engine, gateway, purchase, payment_method, at, return_url=return_url)


def retry(
    engine: Engine,
    gateway: Gateway,
    workspace_id: str,
    purchase_id: UUID,
    *,
    payment_method: str | None = None,
    key: str,
    at: datetime,
) -> Purchase:
    """Retry a failed payment: same purchase, next attempt, same price.

    Without a payment method the customer's browser pays, with the `client_secret` of the result. A repeat of the key
    continues its attempt and begins no other. Raises `UnknownPurchase`, `PurchaseNotFailed`, and as `buy`.
    """
    _check_method(gateway, payment_method)
    require_key(key)
    at = require_business_time(at)
    with writing(engine) as db:
        purchase = lock_purchase(db, workspace_id, purchase_id)
        require_source(purchase.source, gateway.source)

        def begin() -> WriteResult:
            if purchase.status != "failed":
                raise PurchaseNotFailed(f"The purchase is {purchase.status}.")
            save_purchase(db, next_attempt(purchase, key, at))
            return WriteResult(entry_no=0)

        body = {"purchase_id": str(purchase_id), "payment_method": payment_method}
        idempotent(db, workspace_id, "retry_purchase", key, body=body, write=begin)
        purchase = get_purchase(db, workspace_id, purchase_id)
    is_latest = purchase.attempt_key == key
    return _pay(engine, gateway, purchase, payment_method if is_latest else None, at)


def charge_saved_card(
    engine: Engine, gateway: Gateway, purchase: Purchase, card: str, *, at: datetime
) -> Purchase:
    """Charge a purchase off session; a failed charge is retried on the same payment.

    A repeat continues the attempt. Raises as `buy`.
    """
    if purchase.status == "failed":
        with writing(engine) as db:
            now = lock_purchase(db, purchase.workspace_id, purchase.purchase_id)
            purchase = save_purchase(db, next_attempt(now, f"away:{now.attempt + 1}", at))
    return _pay(engine, gateway, purchase, card, at, off_session=True)


def sync_purchase(
    db: Connection,
    gateway: Gateway,
    workspace_id: str,
    purchase_id: UUID,
    *,
    actor: str = "stripe",
    at: datetime,
    payment_intent: str | None = None,
    book: bool = True,
) -> Purchase:
    """Re-read Stripe under the purchase's lock and book the difference: state, refunds, disputes, minutes.

    Safe to call at any time, any number of times, from anywhere. `payment_intent` names the payment to a
    purchase that has none yet (its answer was lost); it must name the purchase in return. Raises
    `UnknownPurchase`, `WrongSource`, `EventForAnother` and errors of the gateway; nothing is changed then.
    """
    at = require_business_time(at)
    db.execute(query("limit_transaction"))
    purchase = lock_purchase(db, workspace_id, purchase_id)
    require_source(purchase.source, gateway.source)
    about: dict[str, Any] = {"livemode": gateway.livemode, "actor": actor, "at": at, "book": book}
    intent, page = purchase.payment_intent, deciding_page(gateway, purchase)
    if page is not None and page.payment_status == FREE:
        return settle_free(db, purchase, page, **about)
    if page is not None and intent is None:
        intent = page.payment_intent
        if intent is None:
            return _without_payment(db, purchase, page, at)
    intent = intent or payment_intent
    if intent is None:
        return _given_up(db, purchase, at)
    facts = gateway.fetch_payment(intent)
    if purchase.payment_intent is None and facts.metadata.get("purchase_id") != str(purchase_id):
        raise EventForAnother(intent)
    if purchase.payment_intent is None and facts.status == "canceled" and purchase.attempt > 1:
        return purchase  # it is that of an attempt before
    purchase = with_page_totals(gateway, purchase, facts, page)
    return settle(db, purchase, facts, **about)


def _given_up(db: Connection, purchase: Purchase, at: datetime) -> Purchase:
    """Cancel a purchase that never reached Stripe, once it is too old to send; a payment that turns up still wins."""
    if purchase.status not in WAITING or at - purchase.attempted_at <= SAFE_TO_REPEAT:
        return purchase
    words = "This payment never reached Stripe; you were not charged."
    canceled = replace(purchase, status="canceled", failure_code="never_sent", failure_message=words)
    return save_purchase(db, replace(canceled, synced_at=at))


def _without_payment(db: Connection, purchase: Purchase, session: CheckoutFacts, at: datetime) -> Purchase:
    """Set the state of a purchase from that of its payment page: open, complete or expired."""
    status = {"expired": "canceled", "complete": "processing"}.get(session.status, "requires_payment")
    return save_purchase(db, replace(purchase, status=status, synced_at=at))


def _pay(
    engine: Engine,
    gateway: Gateway,
    purchase: Purchase,
    payment_method: str | None,
    at: datetime,
    *,
    off_session: bool = False,
    return_url: str | None = None,
) -> Purchase:
    """Charge the current attempt at Stripe, then record the answer; no minutes move."""
    if purchase.status not in WAITING and purchase.payment_intent is None:
        return purchase
    answer = None
    key = f"purchase:{purchase.purchase_id}:pay:{purchase.attempt}"
    if purchase.payment_intent is None:
        refuse_when_too_old(purchase, at)
        purchase = for_its_customer(engine, gateway, purchase)
        start = partial(
            gateway.start_payment,
            order_of(engine, gateway, purchase),
            idempotency_key=key,
            payment_method=payment_method,
            off_session=off_session,
            return_url=return_url and return_url.replace("{PURCHASE_ID}", str(purchase.purchase_id)),
        )
        answer = _answer_of(engine, purchase, start)
    elif payment_method and purchase.attempt_key and purchase.status == "requires_payment":
        refuse_when_too_old(purchase, at)
        intent = purchase.payment_intent
        answer = _answer_of(
            engine,
            purchase,
            lambda: gateway.retry_payment(
                intent, payment_method=payment_method, idempotency_key=key, off_session=off_session
            ),
        )
    if isinstance(answer, Purchase):
        return answer
    return _noted(engine, gateway, purchase, answer, at)


def _answer_of(
    engine: Engine, purchase: Purchase, ask: Callable[[], PaymentFacts]
) -> PaymentFacts | Purchase | None:
    """Return Stripe's answer. A refusal fails the purchase with its message; None when it only reports a state."""
    try:
        return ask()
    except GatewayKeyReused:
        raise
    except (GatewayRefused, PaymentDeclined) as error:
        if isinstance(error, GatewayRefused) and error.reports_a_state and purchase.payment_intent:
            return None
        with writing(engine) as db:
            now = lock_purchase(db, purchase.workspace_id, purchase.purchase_id)
            if now.status not in WAITING or now.attempt != purchase.attempt:
                return now
            code = error.reason or error.code
            return save_purchase(
                db,
                replace(now, status="failed", failure_code=code, failure_message=error.detail or str(error)),
            )


def _noted(
    engine: Engine, gateway: Gateway, purchase: Purchase, answer: PaymentFacts | None, at: datetime
) -> Purchase:
    """Store Stripe's first answer; if others may have written since, read Stripe again instead."""
    with writing(engine) as db:
        now = lock_purchase(db, purchase.workspace_id, purchase.purchase_id)
        if answer is not None and now.payment_intent is None:
            now = settle(db, now, answer, livemode=gateway.livemode, actor="stripe", at=at, book=False)
        else:
            now = sync_purchase(db, gateway, now.workspace_id, now.purchase_id, at=at, book=False)
            if now.status == "failed" and purchase.status == "requires_payment" and answer is None:
                # The customer's browser has not responded yet: the failure belongs to the previous attempt.
                now = save_purchase(db, _waiting_again(now))
    secret = answer.client_secret if answer else None
    if secret is None and now.payment_intent and now.status in WAITING:
        secret = gateway.fetch_client_secret(now.payment_intent)
    return replace(now, client_secret=secret if now.status in WAITING else None)


def next_attempt(purchase: Purchase, key: str, at: datetime) -> Purchase:
    """Return the purchase with one more attempt; a payment that we canceled is replaced by a new one."""
    begun = replace(_waiting_again(purchase), attempt=purchase.attempt + 1, attempt_key=key, attempted_at=at)
    canceled = purchase.failure_code == UNANSWERED.code
    return replace(begun, payment_intent=None, charge=None) if canceled else begun


def _waiting_again(purchase: Purchase) -> Purchase:
    return replace(purchase, status="requires_payment", failure_code=None, failure_message=None)


def _check_method(gateway: Gateway, payment_method: str | None) -> None:
    """Refuse test cards in live mode, and text that cannot be stored, before anything is written."""
    if payment_method is not None and require_text(payment_method, "payment_method").startswith("pm_card_"):
        gateway.require_test()


def refuse_when_too_old(purchase: Purchase, at: datetime) -> None:
    if at - purchase.attempted_at > SAFE_TO_REPEAT:
        raise PaymentTooOld(f"It was started at {purchase.attempted_at.isoformat()}.")
