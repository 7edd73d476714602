"""Subscriptions of one item: trial, renewal, change of price with proration, failed payments, end."""

from ledger.stripe_sandbox import invoices
from ledger.stripe_sandbox.answers import Json, Refusal, declined
from ledger.stripe_sandbox.catalogue import price_for_sale
from ledger.stripe_sandbox.exchange import Exchange
from ledger.stripe_sandbox.payment_intents import merge_metadata
from ledger.stripe_sandbox.periods import end_after

DAY = 86_400
RETRY_AFTER_SECONDS = 3 * DAY
ATTEMPTS_AT_MOST = 4
RUNNING = ("trialing", "active", "past_due", "incomplete", "unpaid")
INCOMPLETE_SECONDS = 23 * 3600


def create(x: Exchange, params: Json) -> Json:
    """A new subscription, paid at once unless a trial comes first."""
    items = params.get("items") or []
    if len(items) != 1 or "price" not in items[0]:
        raise Refusal(
            400, "The sandbox implements subscriptions of one price.", "sandbox_unimplemented", "items"
        )
    price = price_for_sale(x, items[0]["price"], recurring=True)
    customer = x.load("customer", params["customer"])
    trial = params.get("trial_period_days") or 0
    if not trial and not customer["invoice_settings"]["default_payment_method"]:
        raise Refusal(
            400,
            "This customer has no attached payment source or default payment method.",
            "resource_missing",
            "customer",
        )
    subscription = new_subscription(x, params, price, x.now + trial * DAY if trial else None)
    x.emit("customer.subscription.created", subscription)
    bill_period(x, subscription, "subscription_create", free=bool(trial))
    settle_start(x, subscription)
    return subscription


def new_subscription(x: Exchange, params: Json, price: Json, trial_end: int | None) -> Json:
    """The fields every subscription has; the period is on the item, as since March 2025."""
    anchor = trial_end or x.now
    end = trial_end or end_after(anchor, x.now, price["recurring"])
    subscription = x.add(
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
        start_date=x.now,
        status="trialing" if trial_end else "incomplete",
        trial_end=trial_end,
        trial_start=x.now if trial_end else None,
        _pending=[],
    )
    item = {
        "id": x.new_id("si"),
        "object": "subscription_item",
        "created": x.now,
        "current_period_start": x.now,
        "current_period_end": end,
        "metadata": {},
        "price": price,
        "quantity": 1,
        "subscription": subscription["id"],
    }
    subscription["items"]["data"].append(item)
    x.set_due(subscription, end)
    return subscription


def settle_start(x: Exchange, subscription: Json) -> None:
    """Active once the first invoice is paid; otherwise incomplete, and given up after 23 hours."""
    if subscription["status"] == "trialing":
        return
    if x.load("invoice", subscription["latest_invoice"])["status"] == "paid":
        change_status(x, subscription, "active")
    else:
        x.set_due(subscription, x.now + INCOMPLETE_SECONDS)


def change_status(x: Exchange, subscription: Json, status: str) -> None:
    """Move to another state and say so."""
    previous, subscription["status"] = subscription["status"], status
    x.save(subscription)
    if previous != status:
        x.emit("customer.subscription.updated", subscription, {"status": previous})


def bill_period(x: Exchange, subscription: Json, reason: str, *, free: bool = False) -> Json:
    """Invoice the current period, with what is pending from earlier changes."""
    item = subscription["items"]["data"][0]
    price = item["price"]
    span = (item["current_period_start"], item["current_period_end"])
    amount = 0 if free else price["unit_amount"] * item["quantity"]
    lines = [
        *subscription["_pending"],
        invoices.line(x, subscription, price, amount, span=span, proration=False),
    ]
    subscription["_pending"] = []
    return invoices.bill(x, subscription, lines, reason)


def happen(x: Exchange, subscription: Json) -> None:
    """What is due now: the end of a period, another attempt to collect, or the end of an incomplete start."""
    if subscription["status"] == "incomplete":
        change_status(x, subscription, "incomplete_expired")
        x.set_due(subscription, None)
    elif subscription["status"] == "past_due":
        collect_again(x, subscription)
    elif subscription["cancel_at_period_end"]:
        end(x, subscription)
    else:
        renew(x, subscription)


def renew(x: Exchange, subscription: Json) -> None:
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
    x.set_due(subscription, item["current_period_end"])
    was, subscription["status"] = subscription["status"], "active"
    invoice = bill_period(x, subscription, "subscription_cycle")
    if invoice["status"] != "paid":
        subscription["status"] = "past_due"
        x.set_due(subscription, x.now + RETRY_AFTER_SECONDS)
    x.emit("customer.subscription.updated", subscription, {"items": {"data": [before]}, "status": was})


def collect_again(x: Exchange, subscription: Json) -> None:
    """Dunning: three further attempts, then the subscription ends."""
    invoice = x.load("invoice", subscription["latest_invoice"])
    if invoices.collect(x, invoice):
        recover(x, subscription)
    elif invoice["attempt_count"] >= ATTEMPTS_AT_MOST:
        end(x, subscription)
    else:
        x.set_due(subscription, x.now + RETRY_AFTER_SECONDS)


def recover(x: Exchange, subscription: Json) -> None:
    """A late payment arrived: all is well again."""
    x.set_due(subscription, subscription["items"]["data"][0]["current_period_end"])
    change_status(x, subscription, "active")


def pay_invoice(x: Exchange, _params: Json, invoice: str) -> Json:
    """Try now to collect an open invoice."""
    body = x.load("invoice", invoice)
    if body["status"] != "open":
        raise Refusal(400, f"Invoice is {body['status']} already.", "invoice_not_open")
    subscription = x.load("subscription", body["parent"]["subscription_details"]["subscription"])
    if not invoices.collect(x, body):
        raise declined("Your card was declined.", "card_declined", "generic_decline", None)
    if subscription["status"] in ("past_due", "incomplete"):
        recover(x, subscription)
    return body


def end(x: Exchange, subscription: Json) -> None:
    """The subscription is over."""
    subscription.update(status="canceled", ended_at=x.now, canceled_at=subscription["canceled_at"] or x.now)
    x.set_due(subscription, None)
    x.emit("customer.subscription.deleted", subscription)


def cancel(x: Exchange, _params: Json, subscription: str) -> Json:
    """End it now; what is paid stays paid."""
    body = running(x, subscription)
    body["canceled_at"] = x.now
    end(x, body)
    return body


def running(x: Exchange, subscription: str) -> Json:
    """A subscription that can still change."""
    body = x.save(x.load("subscription", subscription))
    if body["status"] not in RUNNING:
        raise Refusal(404, f"No such subscription: '{subscription}'", "resource_missing", "id")
    return body


def update(x: Exchange, params: Json, subscription: str) -> Json:
    """Change the price, the metadata, or whether it ends with the period."""
    body = running(x, subscription)
    merge_metadata(body, params)
    previous: Json = {}
    if params.get("items"):
        previous = change_price(x, body, params)
    if "cancel_at_period_end" in params:
        previous["cancel_at_period_end"] = body["cancel_at_period_end"]
        body["cancel_at_period_end"] = params["cancel_at_period_end"]
        body["canceled_at"] = x.now if params["cancel_at_period_end"] else None
    x.emit("customer.subscription.updated", body, previous)
    return body


def change_price(x: Exchange, subscription: Json, params: Json) -> Json:
    """Move to another price: credit for the rest of the period, the new price for it (or a new period)."""
    item = subscription["items"]["data"][0]
    asked = params["items"]
    if len(asked) != 1 or asked[0].get("id") != item["id"] or "price" not in asked[0]:
        raise Refusal(400, "The sandbox changes the price of the one item.", "sandbox_unimplemented", "items")
    old, new = item["price"], price_for_sale(x, asked[0]["price"], recurring=True)
    behaviour = params.get("proration_behavior", "create_prorations")
    restart = old["recurring"] != new["recurring"]
    start, stop = item["current_period_start"], item["current_period_end"]
    rest = (x.now, stop)
    before = {"items": {"data": [{"price": old, "current_period_start": start, "current_period_end": stop}]}}
    item["price"] = new
    if subscription["status"] == "trialing":
        return before
    credit = -share(old["unit_amount"], start, stop, x.now)
    lines = [invoices.line(x, subscription, old, credit, span=rest, proration=True)]
    if restart:
        subscription["billing_cycle_anchor"] = item["current_period_start"] = x.now
        item["current_period_end"] = end_after(x.now, x.now, new["recurring"])
        x.set_due(subscription, item["current_period_end"])
        subscription["_pending"] += [] if behaviour == "none" else lines
        bill_period(x, subscription, "subscription_update")
        return before
    charge = share(new["unit_amount"], start, stop, x.now)
    lines.append(invoices.line(x, subscription, new, charge, span=rest, proration=True))
    if behaviour == "always_invoice":
        invoices.bill(x, subscription, lines, "subscription_update")
    elif behaviour == "create_prorations":
        subscription["_pending"] += lines
    return before


def share(amount: int, start: int, stop: int, now: int) -> int:
    """The part of a period's price that falls on the time from `now` to its end, rounded half up."""
    return (amount * (stop - now) * 2 + (stop - start)) // ((stop - start) * 2)
