"""Buying on Stripe's own payment page."""

from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import Engine

from ledger.database import reading, writing
from ledger.payments.buying import (
    next_attempt,
    refuse_when_too_old,
    sync_purchase,
)
from ledger.payments.customers import for_its_customer, order_of
from ledger.payments.errors import PurchaseNotFailed
from ledger.payments.purchases import (
    PAID,
    Purchase,
    get_purchase,
    lock_purchase,
    place_purchase,
    remember_objects,
    save_purchase,
)
from ledger.payments.settlement import UNANSWERED
from ledger.stripe_gateway import Gateway, GatewayRefused
from ledger.stripe_gateway.facts import CheckoutFacts


def start_checkout(
    engine: Engine,
    gateway: Gateway,
    workspace_id: str,
    package: str,
    *,
    success_url: str,
    cancel_url: str,
    save_card: bool = False,
    key: str,
    actor: str,
    at: datetime,
) -> Purchase:
    """Start a purchase on Stripe's payment page: send the customer to `checkout_url` of the result.

    The return of the customer proves nothing: the return page calls `sync_purchase` until the money has arrived.
    """
    with writing(engine) as db:
        purchase = place_purchase(
            db,
            workspace_id,
            package,
            mode=gateway.source,
            key=key,
            actor=actor,
            at=at,
            body={"success_url": success_url, "cancel_url": cancel_url},
        )
    refuse_when_too_old(purchase, at)
    purchase = for_its_customer(engine, gateway, purchase)
    session = gateway.create_checkout_session(
        order_of(engine, gateway, purchase),
        success_url=success_url.replace("{PURCHASE_ID}", str(purchase.purchase_id)),
        cancel_url=cancel_url,
        idempotency_key=f"purchase:{purchase.purchase_id}:checkout",
        save_card=save_card,
    )
    return _with_session(engine, purchase, session)


def retry_on_page(
    engine: Engine,
    gateway: Gateway,
    workspace_id: str,
    purchase_id: UUID,
    *,
    success_url: str,
    cancel_url: str,
    at: datetime,
) -> Purchase:
    """Let the customer pay a failed purchase on Stripe's page, where the bank can ask; the same purchase and price.

    The payment that failed is canceled first: nobody pays twice. Money that arrived meanwhile is the answer. A repeat
    returns the same page. Raises `UnknownPurchase`, `PurchaseNotFailed` and the gateway's errors.
    """
    with reading(engine) as db:
        purchase = get_purchase(db, workspace_id, purchase_id)
    page = gateway.fetch_checkout_session(purchase.checkout_session) if purchase.checkout_session else None
    if page and page.status == "open":
        return replace(purchase, checkout_url=page.url)
    if purchase.status == "failed" and purchase.payment_intent:
        with suppress(GatewayRefused):  # it has another state by now, which the sync reads
            key = f"purchase:{purchase_id}:cancel:{purchase.attempt}"
            gateway.cancel_payment(purchase.payment_intent, idempotency_key=key, reason="abandoned")
    with writing(engine) as db:
        purchase = sync_purchase(db, gateway, workspace_id, purchase_id, at=at)
        if purchase.status in PAID:
            return purchase
        if purchase.failure_code == UNANSWERED.code:
            purchase = save_purchase(db, next_attempt(purchase, f"page:{purchase.attempt + 1}", at))
        elif purchase.status != "requires_payment" or purchase.payment_intent:
            raise PurchaseNotFailed(f"This one is {purchase.status}.")
    session = gateway.create_checkout_session(
        order_of(engine, gateway, purchase),
        success_url=success_url.replace("{PURCHASE_ID}", str(purchase_id)),
        cancel_url=cancel_url,
        idempotency_key=f"purchase:{purchase_id}:checkout:{purchase.attempt}",
        save_card=True,
    )
    return _with_session(engine, purchase, session)


def _with_session(engine: Engine, purchase: Purchase, session: CheckoutFacts) -> Purchase:
    ids = {"checkout_session": session.checkout_session}
    with writing(engine) as db:
        now = lock_purchase(db, purchase.workspace_id, purchase.purchase_id)
        remember_objects(db, now.workspace_id, now.purchase_id, ids)
        now = save_purchase(db, replace(now, checkout_session=session.checkout_session))
    return replace(now, checkout_url=session.url)
