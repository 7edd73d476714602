"""Read subscriptions and invoices from Stripe's JSON, in API shapes before and after March 2025."""

from datetime import datetime

from ledger.stripe_gateway.billing_facts import InvoiceFacts, InvoiceLine, SubscriptionFacts, SubscriptionItem
from ledger.stripe_gateway.readers import (
    Json,
    born,
    currency_of,
    expanded,
    id_of,
    listed,
    moment,
    read_metadata,
)


def read_invoice(body: Json) -> InvoiceFacts:
    """Return invoice facts. Newer shapes hold the subscription in `parent` and the payment in `payments`."""
    parent = (body.get("parent") or {}).get("subscription_details") or {}
    older = body.get("subscription_details") or {}
    inherited = read_metadata(older) | read_metadata(parent)
    lines = tuple(map(read_line, listed(body.get("lines"))))
    named = next((line.subscription for line in lines if line.subscription), None)
    return InvoiceFacts(
        invoice=body["id"],
        status=body.get("status"),
        subscription=id_of(parent.get("subscription")) or id_of(body.get("subscription")) or named,
        customer=id_of(body.get("customer")),
        payment_intent=invoice_payment(body),
        billing_reason=body.get("billing_reason"),
        amount_due_cents=body.get("amount_due") or 0,
        amount_paid_cents=body.get("amount_paid") or 0,
        currency=currency_of(body),
        livemode=bool(body["livemode"]),
        created=born(body),
        paid_at=moment((body.get("status_transitions") or {}).get("paid_at")),
        attempt_count=body.get("attempt_count") or 0,
        credited_cents=body.get("post_payment_credit_notes_amount") or 0,
        next_attempt_at=moment(body.get("next_payment_attempt"))
        or moment(body.get("automatically_finalizes_at")),
        from_balance_cents=used_balance(body),
        lines=lines,
        has_more_lines=bool((body.get("lines") or {}).get("has_more")),
        metadata=inherited | read_metadata(body),
    )


def invoice_payment(body: Json) -> str | None:
    """Return the PaymentIntent that paid an invoice, else the one that tries to."""
    payments = [
        (payment, intent)
        for payment in listed(body.get("payments"))
        if (intent := id_of((payment.get("payment") or {}).get("payment_intent")))
    ]
    paid = [intent for payment, intent in payments if payment.get("status") == "paid"]
    tried = [intent for payment, intent in payments if payment.get("is_default", True)]
    return next(iter(paid + tried), None) or id_of(body.get("payment_intent"))


def used_balance(body: Json) -> int:
    """Return what an invoice took from the customer's credit balance, which Stripe counts below 0."""
    before, after = body.get("starting_balance") or 0, body.get("ending_balance")
    return max(0, min(0, after) - min(0, before)) if after is not None else 0


def read_line(body: Json) -> InvoiceLine:
    """Return line facts; the details are in one of two parents, or in the line itself before 2025."""
    priced = (body.get("pricing") or {}).get("price_details") or {}
    price = expanded(priced.get("price")) or expanded(body.get("price")) or expanded(body.get("plan")) or {}
    parents = body.get("parent") or {}
    parent = parents.get("subscription_item_details") or parents.get("invoice_item_details") or {}
    details = parent.get("proration_details") or body.get("proration_details") or {}
    recurring = price.get("recurring") or price
    period = body.get("period") or {}
    return InvoiceLine(
        price=id_of(priced.get("price")) or id_of(price) or id_of(body.get("price")),
        product=id_of(priced.get("product")) or id_of(price.get("product")),
        amount_cents=body["amount"],
        quantity=body["quantity"] if body.get("quantity") is not None else 1,
        proration=bool(parent.get("proration", body.get("proration", False))),
        period_start=moment(period.get("start")),
        period_end=moment(period.get("end")),
        subscription=id_of(parent.get("subscription")) or id_of(body.get("subscription")),
        interval=recurring.get("interval"),
        interval_count=recurring.get("interval_count"),
        returns=body["amount"] < 0 or bool(details.get("credited_items")),
    )


def read_subscription(body: Json) -> SubscriptionFacts:
    """Return subscription facts; the period is its first item's, or its own in older shapes."""
    items = tuple(read_item(item, body) for item in listed(body.get("items")))
    return SubscriptionFacts(
        subscription=body["id"],
        status=body["status"],
        customer=id_of(body.get("customer")),
        items=items,
        period_start=items[0].period_start if items else period_edge(body, body, "current_period_start"),
        period_end=items[0].period_end if items else period_edge(body, body, "current_period_end"),
        cancel_at_period_end=bool(body.get("cancel_at_period_end")),
        canceled_at=moment(body.get("canceled_at")),
        ended_at=moment(body.get("ended_at")),
        cancel_at=moment(body.get("cancel_at")),
        trial_start=moment(body.get("trial_start")),
        trial_end=moment(body.get("trial_end")),
        paused=bool(body.get("pause_collection")),
        latest_invoice=id_of(body.get("latest_invoice")),
        livemode=bool(body["livemode"]),
        created=born(body),
        metadata=read_metadata(body),
    )


def read_item(body: Json, subscription: Json) -> SubscriptionItem:
    """Return facts of one subscription item; very old shapes call the price a plan."""
    price = expanded(body.get("price")) or expanded(body.get("plan")) or {}
    recurring = price.get("recurring") or price
    return SubscriptionItem(
        item=body["id"],
        price=id_of(price) or id_of(body.get("price")) or "",
        product=id_of(price.get("product")),
        amount_cents=price.get("unit_amount", price.get("amount")),
        interval=recurring.get("interval"),
        interval_count=recurring.get("interval_count"),
        quantity=body["quantity"] if body.get("quantity") is not None else 1,
        period_start=period_edge(body, subscription, "current_period_start"),
        period_end=period_edge(body, subscription, "current_period_end"),
    )


def period_edge(item: Json, subscription: Json, name: str) -> datetime | None:
    """Return one end of the current period, from the item (since March 2025) or the subscription."""
    return moment(item.get(name)) or moment(subscription.get(name))
