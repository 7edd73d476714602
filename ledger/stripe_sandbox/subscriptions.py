"""Subscriptions of one item: trial, renewal, change of price with proration, failed payments, end."""

from ledger.stripe_sandbox import discounts, invoices
from ledger.stripe_sandbox.answers import Json, RequestRefused, declined
from ledger.stripe_sandbox.catalogue import price_for_sale
from ledger.stripe_sandbox.periods import end_after
from ledger.stripe_sandbox.transaction import Transaction

DAY = 86_400
RETRY_AFTER_SECONDS = 3 * DAY
ATTEMPTS_AT_MOST = 4
RUNNING = ("trialing", "active", "past_due", "incomplete", "unpaid")
INCOMPLETE_SECONDS = 23 * 3600


def create(tx: Transaction, params: Json) -> Json:
    """Create a subscription, paid at once unless it starts with a trial."""
    items = params.get("items") or []
    prices = [price_for_sale(tx, each.get("price", ""), recurring=True) for each in items]
    if not prices or any(price["recurring"] != prices[0]["recurring"] for price in prices):
        message = "The sandbox implements subscriptions whose prices have one interval."
        raise RequestRefused(400, message, "sandbox_unimplemented", "items")
    customer = tx.load("customer", params["customer"])
    trial = params.get("trial_period_days") or 0
    if not trial and not customer["invoice_settings"]["default_payment_method"]:
        raise RequestRefused(
            400,
            "This customer has no attached payment source or default payment method.",
            "resource_missing",
            "customer",
        )
    coupon = discounts.chosen(tx, params)
    subscription = new_subscription(tx, params, prices, tx.now + trial * DAY if trial else None)
    subscription["_coupon"] = coupon and {
        name: coupon[name] for name in ("percent_off", "amount_off", "duration")
    }
    tx.emit("customer.subscription.created", subscription)
    bill_period(tx, subscription, "subscription_create", free=bool(trial))
    settle_start(tx, subscription)
    return subscription


def new_subscription(tx: Transaction, params: Json, prices: list[Json], trial_end: int | None) -> Json:
    """Return the fields that every subscription has; since March 2025 the period is on the items."""
    anchor = trial_end or tx.now
    end = trial_end or end_after(anchor, tx.now, prices[0]["recurring"])
    subscription = tx.add(
        "sub",
        "subscription",
        billing_cycle_anchor=anchor,
        cancel_at=params.get("cancel_at"),
        cancel_at_period_end=False,
        canceled_at=None,
        collection_method="charge_automatically",
        currency=prices[0]["currency"],
        customer=params["customer"],
        ended_at=None,
        items={"object": "list", "data": [], "has_more": False, "url": "/v1/subscription_items"},
        latest_invoice=None,
        metadata=params.get("metadata") or {},
        pause_collection=None,
        start_date=tx.now,
        status="trialing" if trial_end else "incomplete",
        trial_end=trial_end,
        trial_start=tx.now if trial_end else None,
        _coupon=None,
        _pending=[],
    )
    for price, each in zip(prices, params["items"], strict=True):
        add_item(tx, subscription, price, each.get("quantity", 1), (tx.now, end))
    tx.set_due(subscription, next_moment(subscription, end))
    return subscription


def add_item(
    tx: Transaction, subscription: Json, price: Json, quantity: int, period: tuple[int, int]
) -> Json:
    """Add one price to a subscription."""
    item = {
        "id": tx.new_id("si"),
        "object": "subscription_item",
        "created": tx.now,
        "current_period_start": period[0],
        "current_period_end": period[1],
        "metadata": {},
        "price": price,
        "quantity": quantity,
        "subscription": subscription["id"],
    }
    subscription["items"]["data"].append(item)
    return item


def next_moment(subscription: Json, moment: int) -> int:
    """Return the next due time: `moment`, or an earlier scheduled end."""
    ends = subscription["cancel_at"]
    return moment if ends is None else min(moment, ends)


def settle_start(tx: Transaction, subscription: Json) -> None:
    """Activate once the first invoice is paid; otherwise stay incomplete and expire after 23 hours."""
    if subscription["status"] == "trialing":
        return
    if tx.load("invoice", subscription["latest_invoice"])["status"] == "paid":
        change_status(tx, subscription, "active")
    else:
        tx.set_due(subscription, tx.now + INCOMPLETE_SECONDS)


def change_status(tx: Transaction, subscription: Json, status: str) -> None:
    """Change the status and emit the event."""
    previous, subscription["status"] = subscription["status"], status
    tx.save(subscription)
    if previous != status:
        tx.emit("customer.subscription.updated", subscription, {"status": previous})


def bill_period(
    tx: Transaction, subscription: Json, reason: str, *, free: bool = False, draft: bool = False
) -> Json:
    """Invoice the current period, including pending items from earlier changes."""
    lines = [invoices.as_invoice_item(each) for each in subscription["_pending"]]
    for item in subscription["items"]["data"]:
        span = (item["current_period_start"], item["current_period_end"])
        amount = 0 if free else item["price"]["unit_amount"] * item["quantity"]
        lines.append(invoices.line(tx, subscription, item, amount, span=span))
    subscription["_pending"] = []
    return invoices.bill(tx, subscription, lines, reason, draft=draft)


def happen(tx: Transaction, subscription: Json) -> None:
    """Run what is due: the end of a period, a collection retry, or the expiry of an incomplete start."""
    if subscription["status"] == "incomplete":
        change_status(tx, subscription, "incomplete_expired")
        tx.set_due(subscription, None)
    elif subscription["cancel_at"] is not None and subscription["cancel_at"] <= tx.now:
        end(tx, subscription)
    elif subscription["status"] == "past_due":
        collect_again(tx, subscription)
    elif subscription["cancel_at_period_end"]:
        end(tx, subscription)
    else:
        renew(tx, subscription)


def renew(tx: Transaction, subscription: Json) -> None:
    """Begin the next period; its invoice is a draft for an hour before it is charged."""
    items = subscription["items"]["data"]
    before = [{name: item[name] for name in ("current_period_start", "current_period_end")} for item in items]
    for item in items:
        item["current_period_start"] = item["current_period_end"]
        item["current_period_end"] = end_after(
            subscription["billing_cycle_anchor"], item["current_period_start"], item["price"]["recurring"]
        )
    tx.set_due(subscription, next_moment(subscription, items[0]["current_period_end"]))
    was, subscription["status"] = subscription["status"], "active"
    bill_period(tx, subscription, "subscription_cycle", draft=True)
    tx.emit("customer.subscription.updated", subscription, {"items": {"data": before}, "status": was})


def pay_draft(tx: Transaction, invoice: Json) -> None:
    """Finalize a renewal's draft; if unpaid, mark it past due and retry three days later."""
    subscription = tx.save(tx.load("subscription", invoice["parent"]["subscription_details"]["subscription"]))
    if subscription["status"] not in RUNNING:
        tx.set_due(invoice, None)
    elif not invoices.finalize(tx, invoice):
        try_later(tx, subscription, invoice)
        change_status(tx, subscription, "past_due")


def try_later(tx: Transaction, subscription: Json, invoice: Json) -> None:
    """Schedule the next attempt to collect an invoice."""
    invoice["next_payment_attempt"] = tx.now + RETRY_AFTER_SECONDS
    tx.set_due(subscription, invoice["next_payment_attempt"])


def collect_again(tx: Transaction, subscription: Json) -> None:
    """Retry up to three times; then end the subscription, or leave it unpaid or past due if planned."""
    invoice = tx.load("invoice", subscription["latest_invoice"])
    if invoices.collect(tx, invoice):
        recover(tx, subscription)
    elif invoice["attempt_count"] < ATTEMPTS_AT_MOST:
        try_later(tx, subscription, invoice)
    elif tx.use_fault("dunning_ends_unpaid"):
        tx.set_due(subscription, None)
        change_status(tx, subscription, "unpaid")
    elif tx.use_fault("dunning_ends_past_due"):
        tx.set_due(subscription, None)
    else:
        end(tx, subscription)


def recover(tx: Transaction, subscription: Json) -> None:
    """Reactivate the subscription after a late payment."""
    ends = subscription["items"]["data"][0]["current_period_end"]
    tx.set_due(subscription, next_moment(subscription, ends))
    change_status(tx, subscription, "active")


def pay_invoice(tx: Transaction, _params: Json, invoice: str) -> Json:
    """Try to collect an open invoice now."""
    body = tx.load("invoice", invoice)
    if body["status"] != "open":
        raise RequestRefused(400, f"Invoice is {body['status']} already.", "invoice_not_open")
    subscription = tx.load("subscription", body["parent"]["subscription_details"]["subscription"])
    if not invoices.collect(tx, body):
        raise declined("Your card was declined.", "card_declined", "generic_decline", None)
    if subscription["status"] in ("past_due", "incomplete", "unpaid"):
        recover(tx, subscription)
    return body


def bill_by_hand(tx: Transaction, params: Json, subscription: str) -> Json:
    """Invoice the current period again, as a manual invoice, a quote or a threshold would."""
    body = running(tx, subscription)
    return bill_period(tx, body, params.get("billing_reason", "manual"))


def end(tx: Transaction, subscription: Json) -> None:
    """End the subscription."""
    subscription.update(status="canceled", ended_at=tx.now, canceled_at=subscription["canceled_at"] or tx.now)
    tx.set_due(subscription, None)
    tx.emit("customer.subscription.deleted", subscription)


def cancel(tx: Transaction, _params: Json, subscription: str) -> Json:
    """Cancel now, without a refund."""
    body = running(tx, subscription)
    body["canceled_at"] = tx.now
    end(tx, body)
    return body


def running(tx: Transaction, subscription: str) -> Json:
    """Return a subscription that can still change."""
    body = tx.save(tx.load("subscription", subscription))
    if body["status"] not in RUNNING:
        raise RequestRefused(404, f"No such subscription: '{subscription}'", "resource_missing", "id")
    return body
