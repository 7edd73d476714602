"""Verbs for tests of plans paid through Stripe: acme subscribes, time passes, the balance is checked."""

import ledger
from ledger.payments.catalogue import publish_plan_price
from ledger.stripe_gateway import InvoiceFacts
from tests.shop import Shop

PLANS = {("starter", "monthly"): 1900, ("pro", "monthly"): 2900, ("pro", "annual"): 29000}


def publish_plans(shop: Shop) -> dict[tuple[str, str], str]:
    """A price at Stripe for each plan, in the catalogue."""
    made = {}
    for (plan, cycle), cents in PLANS.items():
        product = shop.gateway.create_product(f"{plan} {cycle}", idempotency_key=f"{plan}{cycle}")
        interval = "year" if cycle == "annual" else "month"
        price = shop.gateway.create_price(
            product.product, cents, "usd", idempotency_key=f"{plan}{cycle}p", interval=interval
        ).price
        made[plan, cycle] = price
        with ledger.writing(shop.engine) as db:
            publish_plan_price(
                db,
                price,
                product_id=product.product,
                plan=plan,
                billing_cycle=cycle,
                amount_cents=cents,
                valid_from=shop.now,
                actor="test",
            )
    return made


def subscribes(shop: Shop, price: str, *, card="pm_card_visa", workspace_id="acme", key="", **more):
    customer = shop.gateway.create_customer(
        name="Acme", email="owner@example.com", idempotency_key=f"customer{key}", payment_method=card
    )
    metadata = {"workspace_id": workspace_id} if workspace_id else None
    return shop.gateway.create_subscription(
        customer.customer, price, idempotency_key=f"subscribe{key}", metadata=metadata, **more
    )


def pays_for_a_plan(shop: Shop, prices: dict[tuple[str, str], str]) -> InvoiceFacts:
    """Let acme subscribe to Starter beside another workspace; return acme's paid invoice."""
    shop.signs_up("other")
    subscribes(shop, prices["starter", "monthly"], workspace_id="other", key="other")
    subscription = subscribes(shop, prices["starter", "monthly"])
    shop.works()
    (invoice,) = shop.gateway.list_invoices(subscription=subscription.subscription)
    return invoice


def advance(shop: Shop, **time):
    """Let time pass for the sandbox and for us."""
    shop.later(**time)
    shop.gateway.run_due()
    shop.works()


def balance(shop: Shop):
    with ledger.reading(shop.engine) as db:
        return ledger.get_balance(db, "acme")


def priced(shop: Shop, cents: int, interval: str = "month", count: int = 1, name: str = "Starter") -> str:
    """A price at Stripe that is mapped to nothing yet."""
    key = f"{name}-{cents}-{interval}-{count}"
    product = shop.gateway.create_product(name, idempotency_key=key)
    made = shop.gateway.create_price(
        product.product, cents, "usd", idempotency_key=f"{key}p", interval=interval, interval_count=count
    )
    return made.price
