"""Coupons: a percentage or an amount off a subscription's invoices, once or forever."""

from ledger.stripe_sandbox.answers import Json, RequestRefused
from ledger.stripe_sandbox.transaction import Transaction

WHOLE = 100


def create(tx: Transaction, params: Json) -> Json:
    """Create a coupon."""
    percent, amount = params.get("percent_off"), params.get("amount_off")
    if (percent is None) == (amount is None):
        message = "You must pass either percent_off or amount_off."
        raise RequestRefused(400, message, "parameter_missing", "percent_off")
    return tx.add(
        "coupon",
        "coupon",
        amount_off=amount,
        currency=params.get("currency"),
        duration=params.get("duration", "once"),
        metadata=params.get("metadata") or {},
        name=params.get("name"),
        percent_off=percent,
        valid=True,
    )


def chosen(tx: Transaction, params: Json) -> Json | None:
    """Return the coupon that a request names, or None. Raise RequestRefused when it names several."""
    wanted = params.get("discounts") or []
    if not wanted:
        return None
    if len(wanted) != 1 or "coupon" not in wanted[0]:
        message = "The sandbox implements one coupon for each subscription."
        raise RequestRefused(400, message, "sandbox_unimplemented", "discounts")
    return tx.load("coupon", wanted[0]["coupon"])


def taken_off(subscription: Json, subtotal: int) -> int:
    """Return the cents that the subscription's coupon takes off an invoice. Consumes a one-time coupon."""
    coupon = subscription["_coupon"]
    if coupon is None or subtotal <= 0:
        return 0
    if coupon["duration"] == "once":
        subscription["_coupon"] = None
    return coupon_cents(coupon, subtotal)


def coupon_cents(coupon: Json, subtotal: int) -> int:
    """Return the cents that a coupon takes off an amount."""
    if coupon["percent_off"] is not None:
        return int(subtotal * coupon["percent_off"] // WHOLE)
    return min(subtotal, int(coupon["amount_off"]))
