"""Subscriptions of one item: trial, renewal, change of price with proration, failed payments, end."""

from ledger.stripe_sandbox import invoices
from ledger.stripe_sandbox.answers import Json, Refusal, declined
from ledger.stripe_sandbox.catalogue import price_for_sale
from ledger.stripe_sandbox.payment_intents import merge_metadata
from ledger.stripe_sandbox.periods import end_after
from ledger.stripe_sandbox.transaction import Transaction

DAY = 86_400
RETRY_AFTER_SECONDS = 3 * DAY
ATTEMPTS_AT_MOST = 4
RUNNING = ("trialing", "active", "past_due", "incomplete", "unpaid")
INCOMPLETE_SECONDS = 23 * 3600


def create(tx: Transaction, params: Json) -> Json:
    """A new subscription, paid at once unless a trial comes first."""
    items = params.get("items") or []
    if len(items) != 1 or "price" not in items[0]:
        raise Refusal(
            400, "The sandbox implements subscriptions of one price.", "sandbox_unimplemented", "items"
        )
    price = price_for_sale(tx, items[0]["price"], recurring=True)
    customer = tx.load("customer", params["customer"])
    trial = params.get("trial_period_days") or 0
    if not trial and not customer["invoice_settings"]["default_payment_method"]:
        raise Refusal(
            400,
            "This customer has no attached payment source or default payment method.",
            "resource_missing",
            "customer",
        )
    subscription = new_subscription(tx, params, price, tx.now + trial * DAY if trial else None)
    tx.emit("customer.subscription.created", subscription)
    bill_period(tx, subscription, "subscription_create", free=bool(trial))
    settle_start(tx, subscription)
    return subscription


def new_subscription(tx: Transaction, params: Json, price: Json, trial_end: int | None) -> Json:
    """The fields every subscription has; the period is on the item, as since March 2025."""
    anchor = trial_end or tx.now
    end = trial_end or end_after(anchor, tx.now, price["recurring"])
    subscription = tx.add(
        "sub",
        "subscription",
        billing_cycle_anchor=anchor,
        cancel_at=None,
        cancel_at_period_end=False,
        canceled_at=None,
        collection_method="charge_automatically",
        currency=price["currency"],
        customer=params["customer"],
        ended_at=None,
        items={"object": "list", "data": [], "has_more": False, "url": "/v1/subscription_items"},
        latest_invoice=None,
        metadata=params.get("metadata") or {},
        start_date=tx.now,
        status="trialing" if trial_end else "incomplete",
        trial_end=trial_end,
        trial_start=tx.now if trial_end else None,
        _pending=[],
    )
    item = {
        "id": tx.new_id("si"),
        "object": "subscription_item",
        "created": tx.now,
        "current_period_start": tx.now,
        "current_period_end": end,
        "metadata": {},
        "price": price,
        "quantity": 1,
        "subscription": subscription["id"],
    }
    subscription["items"]["data"].append(item)
    tx.set_due(subscription, end)
    return subscription


def settle_start(tx: Transaction, subscription: Json) -> None:
    """Active once the first invoice is paid; otherwise incomplete, and given up after 23 hours."""
    if subscription["status"] == "trialing":
        return
    if tx.load("invoice", subscription["latest_invoice"])["status"] == "paid":
        change_status(tx, subscription, "active")
    else:
        tx.set_due(subscription, tx.now + INCOMPLETE_SECONDS)


def change_status(tx: Transaction, subscription: Json, status: str) -> None:
    """Move to another state and say so."""
    previous, subscription["status"] = subscription["status"], status
    tx.save(subscription)
    if previous != status:
        tx.emit("customer.subscription.updated", subscription, {"status": previous})


def bill_period(tx: Transaction, subscription: Json, reason: str, *, free: bool = False) -> Json:
    """Invoice the current period, with what is pending from earlier changes."""
    item = subscription["items"]["data"][0]
    price = item["price"]
    span = (item["current_period_start"], item["current_period_end"])
    amount = 0 if free else price["unit_amount"] * item["quantity"]
    lines = [
        *subscription["_pending"],
        invoices.line(tx, subscription, price, amount, span=span, proration=False),
    ]
    subscription["_pending"] = []
    return invoices.bill(tx, subscription, lines, reason)


def happen(tx: Transaction, subscription: Json) -> None:
    """What is due now: the end of a period, another attempt to collect, or the end of an incomplete start."""
    if subscription["status"] == "incomplete":
        change_status(tx, subscription, "incomplete_expired")
        tx.set_due(subscription, None)
    elif subscription["status"] == "past_due":
        collect_again(tx, subscription)
    elif subscription["cancel_at_period_end"]:
        end(tx, subscription)
    else:
        renew(tx, subscription)


def renew(tx: Transaction, subscription: Json) -> None:
    """The next period begins and is invoiced; unpaid means past due and another attempt three days later."""
    item = subscription["items"]["data"][0]
    before = {
        "current_period_start": item["current_period_start"],
        "current_period_end": item["current_period_end"],
    }
    item["current_period_start"] = item["current_period_end"]
    item["current_period_end"] = end_after(
        subscription["billing_cycle_anchor"], item["current_period_start"], item["price"]["recurring"]
    )
    tx.set_due(subscription, item["current_period_end"])
    was, subscription["status"] = subscription["status"], "active"
    invoice = bill_period(tx, subscription, "subscription_cycle")
    if invoice["status"] != "paid":
        subscription["status"] = "past_due"
        tx.set_due(subscription, tx.now + RETRY_AFTER_SECONDS)
    tx.emit("customer.subscription.updated", subscription, {"items": {"data": [before]}, "status": was})


def collect_again(tx: Transaction, subscription: Json) -> None:
    """Dunning: three further attempts, then the subscription ends."""
    invoice = tx.load("invoice", subscription["latest_invoice"])
    if invoices.collect(tx, invoice):
        recover(tx, subscription)
    elif invoice["attempt_count"] >= ATTEMPTS_AT_MOST:
        end(tx, subscription)
    else:
        tx.set_due(subscription, tx.now + RETRY_AFTER_SECONDS)


def recover(tx: Transaction, subscription: Json) -> None:
    """A late payment arrived: all is well again."""
    tx.set_due(subscription, subscription["items"]["data"][0]["current_period_end"])
    change_status(tx, subscription, "active")


def pay_invoice(tx: Transaction, _params: Json, invoice: str) -> Json:
    """Try now to collect an open invoice."""
    body = tx.load("invoice", invoice)
    if body["status"] != "open":
        raise Refusal(400, f"Invoice is {body['status']} already.", "invoice_not_open")
    subscription = tx.load("subscription", body["parent"]["subscription_details"]["subscription"])
    if not invoices.collect(tx, body):
        raise declined("Your card was declined.", "card_declined", "generic_decline", None)
    if subscription["status"] in ("past_due", "incomplete"):
        recover(tx, subscription)
    return body


def end(tx: Transaction, subscription: Json) -> None:
    """The subscription is over."""
    subscription.update(status="canceled", ended_at=tx.now, canceled_at=subscription["canceled_at"] or tx.now)
    tx.set_due(subscription, None)
    tx.emit("customer.subscription.deleted", subscription)


def cancel(tx: Transaction, _params: Json, subscription: str) -> Json:
    """End it now; what is paid stays paid."""
    body = running(tx, subscription)
    body["canceled_at"] = tx.now
    end(tx, body)
    return body


def running(tx: Transaction, subscription: str) -> Json:
    """A subscription that can still change."""
    body = tx.save(tx.load("subscription", subscription))
    if body["status"] not in RUNNING:
        raise Refusal(404, f"No such subscription: '{subscription}'", "resource_missing", "id")
    return body


def update(tx: Transaction, params: Json, subscription: str) -> Json:
    """Change the price, the metadata, or whether it ends with the period."""
    body = running(tx, subscription)
    merge_metadata(body, params)
    previous: Json = {}
    if params.get("items"):
        previous = change_price(tx, body, params)
    if "cancel_at_period_end" in params:
        previous["cancel_at_period_end"] = body["cancel_at_period_end"]
        body["cancel_at_period_end"] = params["cancel_at_period_end"]
        body["canceled_at"] = tx.now if params["cancel_at_period_end"] else None
    tx.emit("customer.subscription.updated", body, previous)
    return body


def change_price(tx: Transaction, subscription: Json, params: Json) -> Json:
    """Move to another price: credit for the rest of the period, the new price for it (or a new period)."""
    item = subscription["items"]["data"][0]
    asked = params["items"]
    if len(asked) != 1 or asked[0].get("id") != item["id"] or "price" not in asked[0]:
        raise Refusal(400, "The sandbox changes the price of the one item.", "sandbox_unimplemented", "items")
    old, new = item["price"], price_for_sale(tx, asked[0]["price"], recurring=True)
    behaviour = params.get("proration_behavior", "create_prorations")
    restart = old["recurring"] != new["recurring"]
    start, stop = item["current_period_start"], item["current_period_end"]
    rest = (tx.now, stop)
    before = {"items": {"data": [{"price": old, "current_period_start": start, "current_period_end": stop}]}}
    item["price"] = new
    if subscription["status"] == "trialing":
        return before
    credit = -share(old["unit_amount"], start, stop, tx.now)
    lines = [invoices.line(tx, subscription, old, credit, span=rest, proration=True)]
    if restart:
        subscription["billing_cycle_anchor"] = item["current_period_start"] = tx.now
        item["current_period_end"] = end_after(tx.now, tx.now, new["recurring"])
        tx.set_due(subscription, item["current_period_end"])
        subscription["_pending"] += [] if behaviour == "none" else lines
        bill_period(tx, subscription, "subscription_update")
        return before
    charge = share(new["unit_amount"], start, stop, tx.now)
    lines.append(invoices.line(tx, subscription, new, charge, span=rest, proration=True))
    if behaviour == "always_invoice":
        invoices.bill(tx, subscription, lines, "subscription_update")
    elif behaviour == "create_prorations":
        subscription["_pending"] += lines
    return before


def share(amount: int, start: int, stop: int, now: int) -> int:
    """The part of a period's price that falls on the time from `now` to its end, rounded half up."""
    return (amount * (stop - now) * 2 + (stop - start)) // ((stop - start) * 2)
