"""Buying on Stripe's own payment page."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import Engine

from ledger.database import writing
from ledger.payments.buying import order_of, refuse_when_too_old
from ledger.payments.customers import for_its_customer
from ledger.payments.purchases import (
    Purchase,
    lock_purchase,
    place_purchase,
    remember_objects,
    save_purchase,
)
from ledger.stripe_gateway import Gateway
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
        order_of(purchase),
        success_url=success_url.replace("{PURCHASE_ID}", str(purchase.purchase_id)),
        cancel_url=cancel_url,
        idempotency_key=f"purchase:{purchase.purchase_id}:checkout",
        save_card=save_card,
    )
    return _with_session(engine, purchase, session)


def _with_session(engine: Engine, purchase: Purchase, session: CheckoutFacts) -> Purchase:
    ids = {"checkout_session": session.checkout_session}
    with writing(engine) as db:
        now = lock_purchase(db, purchase.workspace_id, purchase.purchase_id)
        remember_objects(db, now.workspace_id, now.purchase_id, ids)
        now = save_purchase(db, replace(now, checkout_session=session.checkout_session))
    return replace(now, checkout_url=session.url)
