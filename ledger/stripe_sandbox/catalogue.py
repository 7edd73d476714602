"""Products and prices. Of a price only `active`, metadata and the lookup key can change."""

from typing import Any

from ledger.money import CURRENCIES, MAXIMUM_CENTS
from ledger.stripe_sandbox.answers import Json, RequestRefused
from ledger.stripe_sandbox.payment_intents import merge_metadata
from ledger.stripe_sandbox.transaction import Transaction


def create_product(tx: Transaction, params: Json) -> Json:
    """Create a product."""
    product = tx.add(
        "prod",
        "product",
        active=params.get("active", True),
        description=params.get("description"),
        metadata=params.get("metadata") or {},
        name=params["name"],
        updated=tx.now,
    )
    tx.emit("product.created", product)
    return product


def update_product(tx: Transaction, params: Json, product: str) -> Json:
    """Rename, archive or restore a product."""
    body = tx.save(tx.load("product", product))
    merge_metadata(body, params)
    body.update({name: params[name] for name in ("name", "active", "description") if name in params})
    body["updated"] = tx.now
    tx.emit("product.updated", body)
    return body


def create_price(tx: Transaction, params: Json) -> Json:
    """Create a price for a product."""
    tx.load("product", params.get("product") or "")
    amount = params.get("unit_amount")
    if amount is None:
        raise RequestRefused(400, "Missing required param: unit_amount.", "parameter_missing", "unit_amount")
    if params["currency"] not in CURRENCIES:
        raise RequestRefused(
            400, f"Invalid currency: {params['currency']}.", "currency_not_supported", "currency"
        )
    if not 0 <= amount <= MAXIMUM_CENTS:
        raise RequestRefused(400, "Invalid non-negative integer", "parameter_invalid_integer", "unit_amount")
    take_lookup_key(tx, params)
    recurring = params.get("recurring")
    price = tx.add(
        "price",
        "price",
        active=params.get("active", True),
        billing_scheme="per_unit",
        currency=params["currency"],
        lookup_key=params.get("lookup_key"),
        metadata=params.get("metadata") or {},
        nickname=params.get("nickname"),
        product=params["product"],
        recurring=recurrence(recurring) if recurring else None,
        type="recurring" if recurring else "one_time",
        unit_amount=amount,
        unit_amount_decimal=str(amount),
    )
    tx.emit("price.created", price)
    return price


def recurrence(params: Json) -> Json:
    """Return the billing interval of a price."""
    if params["interval"] not in ("month", "year"):
        raise RequestRefused(
            400,
            "The sandbox implements monthly and annual prices.",
            "sandbox_unimplemented",
            "recurring[interval]",
        )
    return {
        "interval": params["interval"],
        "interval_count": params.get("interval_count", 1),
        "usage_type": "licensed",
    }


def take_lookup_key(tx: Transaction, params: Json) -> None:
    """Move a lookup key to this price: one price holds it at a time."""
    if not params.get("lookup_key"):
        return
    for other in tx.find("price", {"lookup_key": params["lookup_key"]}):
        if not params.get("transfer_lookup_key"):
            raise RequestRefused(
                400, "A price already uses that lookup key.", "resource_already_exists", "lookup_key"
            )
        other["lookup_key"] = None
        tx.save(other)


def update_price(tx: Transaction, params: Json, price: str) -> Json:
    """Archive or restore a price."""
    body = tx.save(tx.load("price", price))
    merge_metadata(body, params)
    body.update({name: params[name] for name in ("active", "nickname") if name in params})
    tx.emit("price.updated", body)
    return body


def price_for_sale(tx: Transaction, price: str, *, recurring: bool) -> Any:
    """Return a price that can be used now. Raise RequestRefused (400) when it is archived or of the other type."""
    body = tx.load("price", price)
    if not body["active"]:
        raise RequestRefused(400, f"The price {price} is inactive.", "resource_inactive", "price")
    if bool(body["recurring"]) != recurring:
        raise RequestRefused(400, f"The price {price} is of type {body['type']}.", None, "price")
    return body
