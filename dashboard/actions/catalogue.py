"""Changing the catalogue: new versions of packages and plan prices, and price tests. Old purchases keep theirs."""

from dataclasses import asdict, dataclass
from datetime import datetime

from dashboard import installation
from dashboard.access import Operator
from dashboard.actions.acting import ActionResult, acting, needs
from dashboard.installation import current
from dashboard.text import minutes, money
from ledger.payments import STANDARD, catalogue, check_package, require_charge
from ledger.payments import price_mapping as mapping


@dataclass(frozen=True)
class NewPackage:
    """A new version of a package; `arm` is `standard` outside price tests."""

    code: str
    name: str
    minutes: int
    amount_cents: int
    arm: str = STANDARD
    currency: str = "usd"


@needs("manage_catalogue")
def publish_package(operator: Operator, new: NewPackage, *, key: str) -> ActionResult:
    """Sell a package at a new price from now on, with a product and price of its own at Stripe.

    Raises NotAllowed, InvalidCatalogue (before Stripe is called), GatewayError (nothing is changed here then).
    """
    check_package(**asdict(new))
    gateway = current().gateway()
    product = gateway.create_product(
        f"{new.name}: {new.minutes} extra minutes", idempotency_key=f"{key}:product"
    )
    price = gateway.create_price(
        product.product,
        new.amount_cents,
        new.currency,
        idempotency_key=f"{key}:price",
        metadata={"package": new.code, "arm": new.arm},
    )
    with acting(operator, key) as act:
        if act.seen("publish_package"):
            return ActionResult("Already done.", repeated=True)
        made = catalogue.publish_package(
            act.db,
            **asdict(new),
            valid_from=act.at,
            actor=operator.actor,
            stripe_product=product.product,
            stripe_price=price.price,
        )
        after = {"minutes": made.minutes, "amount_cents": made.amount_cents, "arm": made.arm}
        act.record("publish_package", subject=f"{made.code} version {made.version}", after=after)
    shown = money(made.amount_cents, made.currency)
    return ActionResult(
        f"{made.name} version {made.version} is on sale: {minutes(made.minutes)} for {shown}."
    )


@needs("manage_catalogue")
def withdraw_package(operator: Operator, code: str, arm: str, *, key: str) -> ActionResult:
    """Take a package off sale. Raises NotAllowed."""
    with acting(operator, key) as act:
        if act.seen("withdraw_package"):
            return ActionResult("Already done.", repeated=True)
        catalogue.withdraw_package(act.db, code, arm=arm, at=act.at)
        act.record("withdraw_package", subject=f"{code} ({arm})")
    return ActionResult(f"{code} is no longer on sale.")


@needs("manage_catalogue")
def publish_plan_price(
    operator: Operator, plan: str, billing_cycle: str, amount_cents: int, *, currency: str = "usd", key: str
) -> ActionResult:
    """Make a price for a plan at Stripe, on the plan's own product, and let it stand for the plan here.

    Raises NotAllowed, InvalidCatalogue, GatewayError (nothing is changed here then).
    """
    require_charge(amount_cents, currency)
    gateway = current().gateway()
    with installation.reading() as db:
        product = catalogue.product_of_plan(db, plan, billing_cycle)
    if product is None:
        name = f"Plan {plan}, {billing_cycle}"
        product = gateway.create_product(name, idempotency_key=f"{key}:product").product
    price = gateway.create_price(
        product,
        amount_cents,
        currency,
        idempotency_key=f"{key}:price",
        interval="year" if billing_cycle == "annual" else "month",
    )
    with acting(operator, key) as act:
        if act.seen("publish_plan_price"):
            return ActionResult("Already done.", repeated=True)
        catalogue.publish_plan_price(
            act.db,
            price.price,
            product_id=product,
            plan=plan,
            billing_cycle=billing_cycle,
            amount_cents=amount_cents,
            currency=currency,
            months=12 if billing_cycle == "annual" else 1,
            valid_from=act.at,
            actor=operator.actor,
        )
        act.record(
            "publish_plan_price", subject=price.price, after={"plan": plan, "amount_cents": amount_cents}
        )
    return ActionResult(f"{plan}, {billing_cycle} now sells with price {price.price}.")


@needs("manage_catalogue")
def map_price(operator: Operator, price_id: str, plan: str, billing_cycle: str, *, key: str) -> ActionResult:
    """Map an existing price at Stripe to a plan; waiting invoices are booked.

    Raises NotAllowed, InvalidCatalogue, CatalogueConflict, GatewayError.
    """
    with acting(operator, key) as act:
        if act.seen("map_price"):
            return ActionResult("Already done.", repeated=True)
        made = mapping.map_price(
            act.db,
            current().gateway(),
            price_id,
            plan=plan,
            billing_cycle=billing_cycle,
            actor=operator.actor,
            at=act.at,
        )
        after = {"plan": made.plan, "billing_cycle": made.billing_cycle, "minutes": made.minutes}
        act.record("map_price", subject=price_id, after=after)
    return ActionResult(
        f"{price_id} is mapped to {plan}, {billing_cycle}: {minutes(made.minutes)} per paid period."
    )


@needs("manage_catalogue")
def mark_price_as_other(operator: Operator, price_id: str, *, key: str) -> ActionResult:
    """Mark a price at Stripe as not a plan: its lines add nothing, and waiting invoices are settled.

    Raises NotAllowed, CatalogueConflict, GatewayError.
    """
    with acting(operator, key) as act:
        if act.seen("mark_price_as_other"):
            return ActionResult("Already done.", repeated=True)
        mapping.mark_as_other(act.db, current().gateway(), price_id, actor=operator.actor, at=act.at)
        act.record("mark_price_as_other", subject=price_id)
    return ActionResult(f"{price_id} is marked as not a plan. Its invoice lines add no minutes.")


@needs("manage_catalogue")
def start_price_test(
    operator: Operator, test: str, arms: tuple[str, ...], *, ends_at: datetime | None, key: str
) -> ActionResult:
    """Offer arms side by side from now on. Raises NotAllowed, InvalidCatalogue, CatalogueConflict."""
    with acting(operator, key) as act:
        if act.seen("start_price_test"):
            return ActionResult("Already done.", repeated=True)
        made = catalogue.start_price_test(
            act.db, test, arms, starts_at=act.at, ends_at=ends_at, actor=operator.actor
        )
        act.record("start_price_test", subject=made.test, after={"arms": list(made.arms), "ends_at": ends_at})
    return ActionResult(f"Price test {made.test} started.")


@needs("manage_catalogue")
def end_price_test(operator: Operator, test: str, *, key: str) -> ActionResult:
    """Offer all workspaces the standard packages again. Raises NotAllowed, UnknownPriceTest."""
    with acting(operator, key) as act:
        if act.seen("end_price_test"):
            return ActionResult("Already done.", repeated=True)
        catalogue.end_price_test(act.db, test, at=act.at)
        act.record("end_price_test", subject=test)
    return ActionResult(f"Price test {test} ended.")
