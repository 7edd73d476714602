"""The Stripe customer of a workspace: created at its first purchase, or linked to it."""

from dataclasses import replace

from sqlalchemy import Connection, Engine

from ledger.database import query, reading, writing
from ledger.minutes.workspaces import get_workspace
from ledger.payments.purchases import Purchase, lock_purchase, remember_objects, save_purchase
from ledger.stripe_gateway import Gateway, GatewayRefused, Order


def customer_of(db: Connection, workspace_id: str) -> str | None:
    """Return the newest customer that belongs to a workspace; None before the first."""
    customer: str | None = db.execute(
        query("customer_of_workspace"), {"workspace_id": workspace_id}
    ).scalar_one_or_none()
    return customer


def ensure_customer(engine: Engine, gateway: Gateway, workspace_id: str) -> str | None:
    """Return the customer of a workspace; make one at Stripe if there is none.

    None when Stripe refuses its name or address: a purchase works without a customer, a saved card does not. Equal
    concurrent calls make one customer. Raise UnknownWorkspace, and of the gateway GatewayUnavailable.
    """
    with reading(engine) as db:
        known = customer_of(db, workspace_id)
        workspace = get_workspace(db, workspace_id)
    if known is not None:
        return known
    try:
        made = gateway.create_customer(
            name=workspace.name,
            email=workspace.owner_email,
            metadata={"workspace_id": workspace_id},
            idempotency_key=f"customer:{workspace_id}",
        )
    except GatewayRefused:
        return None
    with writing(engine) as db:
        remember_objects(db, workspace_id, None, {"customer": made.customer})
        return customer_of(db, workspace_id) or made.customer


def for_its_customer(engine: Engine, gateway: Gateway, purchase: Purchase) -> Purchase:
    """Return the purchase with the customer that is charged, the same one on every repeat."""
    if purchase.customer is not None:
        return purchase
    customer = ensure_customer(engine, gateway, purchase.workspace_id)
    with writing(engine) as db:
        now = lock_purchase(db, purchase.workspace_id, purchase.purchase_id)
        return now if now.customer else save_purchase(db, replace(now, customer=customer))


def order_of(engine: Engine, gateway: Gateway, purchase: Purchase) -> Order:
    """Return what Stripe must charge, which our row alone decides."""
    receipt_email = None
    if gateway.receipts == "email":
        with reading(engine) as db:
            receipt_email = get_workspace(db, purchase.workspace_id).owner_email
    return Order(
        purchase_id=str(purchase.purchase_id),
        workspace_id=purchase.workspace_id,
        package=purchase.package,
        minutes=purchase.minutes,
        amount_cents=purchase.amount_cents,
        currency=purchase.currency,
        description=f"{purchase.minutes} extra minutes ({purchase.package_name})",
        customer=purchase.customer,
        receipt_email=receipt_email,
    )
