"""Mapping of Stripe prices to plans."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from ledger.database import query
from ledger.minutes.workspaces import BILLING_CYCLES
from ledger.payments.catalogue import PlanPrice, list_plan_prices
from ledger.payments.errors import CatalogueConflict, InvalidCatalogue
from ledger.payments.owners import wake_events
from ledger.payments.price_months import months_of
from ledger.stripe_gateway import Gateway, PriceFacts
from ledger.validation import require_business_time


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceChoice:
    """A recurring Stripe price; `plan` and `billing_cycle` are None until it is mapped."""

    price_id: str
    product_id: str
    product_name: str
    amount_cents: int | None
    currency: str
    interval: str
    interval_count: int
    months: int | None
    plan: str | None
    billing_cycle: str | None
    is_other: bool = False
    """Whether staff marked the price as not a plan."""

    @property
    def is_open(self) -> bool:
        """Return whether the price still needs a mapping."""
        return self.plan is None and not self.is_other


def list_price_choices(db: Connection, gateway: Gateway) -> list[PriceChoice]:
    """Return the active recurring prices of the account with their mapping.

    Raises the gateway's errors.
    """
    mapped = {row.price_id: row for row in list_plan_prices(db)}
    names = {product.product: product.name for product in gateway.list_products(active=True)}
    others = set(db.execute(query("other_prices"), {"prices": None}).scalars())
    prices = [price for price in gateway.list_prices(active=True) if price.interval]
    return [
        _choice(
            price,
            names.get(price.product, price.product),
            mapped.get(price.price),
            is_other=price.price in others,
        )
        for price in prices
    ]


def map_price(
    db: Connection,
    gateway: Gateway,
    price_id: str,
    *,
    plan: str,
    billing_cycle: str,
    actor: str,
    at: datetime,
) -> PlanPrice:
    """Map an existing Stripe price to a plan and cycle; other prices of the plan stay.

    A plan may have several prices, in any currency. Repeating a mapping changes nothing; events that wait for the price
    run again. A price that was not a plan until now gives minutes with its next invoice. Raises
    `InvalidCatalogue` (no price of whole months, unknown plan or cycle), `CatalogueConflict` (the price stands for
    another plan) and the gateway's errors.
    """
    at = require_business_time(at)
    _require_plan(db, plan, billing_cycle)
    facts = gateway.fetch_price(price_id)
    row = {
        "price_id": price_id,
        "product_id": facts.product,
        "plan": plan,
        "billing_cycle": billing_cycle,
        "amount_cents": facts.amount_cents or 0,
        "currency": facts.currency,
        "months": _whole_months(facts),
        "valid_from": at,
        "created_by": actor,
    }
    db.execute(query("add_plan_price"), row)
    db.execute(query("drop_other_price"), {"price_id": price_id})
    stored = next(each for each in list_plan_prices(db) if each.price_id == price_id)
    if (stored.plan, stored.billing_cycle) != (plan, billing_cycle):
        raise CatalogueConflict(f"price {price_id} is mapped to {stored.plan}, {stored.billing_cycle}")
    wake_events(db, [price_id], at=at)
    return stored


def mark_as_other(db: Connection, gateway: Gateway, price_id: str, *, actor: str, at: datetime) -> None:
    """Mark a recurring price as not a plan: its lines give nothing, and its alerts close.

    Repeating this changes nothing. Raises `CatalogueConflict` (it stands for a plan) and the gateway's errors.
    """
    at = require_business_time(at)
    mapped = next((each for each in list_plan_prices(db) if each.price_id == price_id), None)
    if mapped is not None:
        raise CatalogueConflict(f"price {price_id} is mapped to {mapped.plan}, {mapped.billing_cycle}")
    facts = gateway.fetch_price(price_id)
    row = {"price_id": facts.price, "product_id": facts.product, "created_by": actor}
    db.execute(query("add_other_price"), row)
    wake_events(db, [price_id], at=at)


def _whole_months(facts: PriceFacts) -> int:
    months = months_of(facts.interval, facts.interval_count)
    if months is None:
        raise InvalidCatalogue(f"Price {facts.price} is not billed by whole months.")
    return months


def _require_plan(db: Connection, plan: str, billing_cycle: str) -> None:
    if billing_cycle not in BILLING_CYCLES:
        raise InvalidCatalogue(f"The billing cycle must be monthly or annual, not {billing_cycle[:20]!r}.")
    if plan not in set(db.execute(query("plan_list")).scalars()):
        raise InvalidCatalogue(f"{plan[:40]!r} is not a plan.")


def _choice(price: PriceFacts, name: str, mapped: PlanPrice | None, *, is_other: bool) -> PriceChoice:
    return PriceChoice(
        price_id=price.price,
        product_id=price.product,
        product_name=name,
        amount_cents=price.amount_cents,
        currency=price.currency,
        interval=price.interval or "",
        interval_count=price.interval_count or 1,
        months=months_of(price.interval, price.interval_count),
        plan=mapped.plan if mapped else None,
        billing_cycle=mapped.billing_cycle if mapped else None,
        is_other=is_other,
    )
