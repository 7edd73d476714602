"""Changes to a running subscription: prices and quantities with proration, pauses and the end date."""

from ledger.stripe_sandbox import invoices, subscriptions
from ledger.stripe_sandbox.answers import Json, RequestRefused
from ledger.stripe_sandbox.catalogue import price_for_sale
from ledger.stripe_sandbox.payment_intents import merge_metadata
from ledger.stripe_sandbox.periods import end_after
from ledger.stripe_sandbox.transaction import Transaction


def update(tx: Transaction, params: Json, subscription: str) -> Json:
    """Update prices, quantities, metadata, a pause or the end date."""
    body = subscriptions.running(tx, subscription)
    merge_metadata(body, params)
    previous: Json = {}
    if params.get("items"):
        previous = change_items(tx, body, params)
    if "cancel_at_period_end" in params:
        previous["cancel_at_period_end"] = body["cancel_at_period_end"]
        body["cancel_at_period_end"] = params["cancel_at_period_end"]
        body["canceled_at"] = tx.now if params["cancel_at_period_end"] else None
    if "cancel_at" in params:
        previous["cancel_at"] = body["cancel_at"]
        end_at(tx, body, params["cancel_at"])
    if "pause_collection" in params:
        previous["pause_collection"] = body["pause_collection"]
        body["pause_collection"] = params["pause_collection"] or None
    tx.emit("customer.subscription.updated", body, previous)
    return body


def end_at(tx: Transaction, subscription: Json, moment: int | str) -> None:
    """Schedule or, with an empty value, clear the cancellation date, as Stripe's portal does."""
    subscription["cancel_at"] = int(moment) if moment else None
    subscription["canceled_at"] = tx.now if moment else None
    ends = subscription["items"]["data"][0]["current_period_end"]
    tx.set_due(subscription, subscriptions.next_moment(subscription, ends))


def change_items(tx: Transaction, subscription: Json, params: Json) -> Json:
    """Switch prices or quantities: credit the rest of the period and bill it at the new price."""
    items = {item["id"]: item for item in subscription["items"]["data"]}
    before = {"items": {"data": [{**item} for item in items.values()]}}
    behaviour = params.get("proration_behavior", "create_prorations")
    lines: list[Json] = []
    restart = False
    for change in params["items"]:
        item = items.get(change.get("id"))
        if item is None:
            raise RequestRefused(
                400, "The sandbox changes existing items only.", "sandbox_unimplemented", "items"
            )
        restart = change_item(tx, subscription, item, change, lines) or restart
    if subscription["status"] == "trialing":
        return before
    if restart:
        start_again(tx, subscription, [] if behaviour == "none" else credits_of(lines))
    elif behaviour == "always_invoice" and lines:
        invoices.bill(tx, subscription, lines, "subscription_update")
    elif behaviour == "create_prorations":
        subscription["_pending"] += lines
    return before


def change_item(tx: Transaction, subscription: Json, item: Json, change: Json, lines: list[Json]) -> bool:
    """Change one item and add its two prorations. Return True when a changed interval starts a new period."""
    start, stop = item["current_period_start"], item["current_period_end"]
    old = {**item}
    if "price" in change:
        item["price"] = price_for_sale(tx, change["price"], recurring=True)
    item["quantity"] = change.get("quantity", item["quantity"])
    for each, sign in ((old, -1), (item, 1)):
        amount = sign * share(each["price"]["unit_amount"] * each["quantity"], start, stop, tx.now)
        rest = (tx.now, stop)
        lines.append(
            invoices.line(tx, subscription, each, amount, span=rest, proration=True, credited=sign < 0)
        )
    return bool(old["price"]["recurring"] != item["price"]["recurring"])


def credits_of(lines: list[Json]) -> list[Json]:
    """Return the lines that credit the rest of a period."""
    return [
        each
        for each in lines
        if each["parent"]["subscription_item_details"]["proration_details"]["credited_items"]
    ]


def start_again(tx: Transaction, subscription: Json, returned: list[Json]) -> None:
    """Start and invoice a new period now, because the interval changed."""
    subscription["billing_cycle_anchor"] = tx.now
    for item in subscription["items"]["data"]:
        item["current_period_start"] = tx.now
        item["current_period_end"] = end_after(tx.now, tx.now, item["price"]["recurring"])
    ends = subscription["items"]["data"][0]["current_period_end"]
    tx.set_due(subscription, subscriptions.next_moment(subscription, ends))
    subscription["_pending"] += returned
    subscriptions.bill_period(tx, subscription, "subscription_update")


def share(amount: int, start: int, stop: int, now: int) -> int:
    """Return the part of a period's price for the time from `now` to its end, rounded half up."""
    return (amount * (stop - now) * 2 + (stop - start)) // ((stop - start) * 2)
