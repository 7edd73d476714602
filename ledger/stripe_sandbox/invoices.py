"""Subscription invoices: creation, collection and retries."""

from ledger.stripe_sandbox import discounts, payment_intents
from ledger.stripe_sandbox.answers import Json, RequestRefused
from ledger.stripe_sandbox.transaction import LINES_ALONG, Transaction

DRAFT_SECONDS = 3600
"""How long Stripe keeps a renewal invoice as a draft before finalizing and charging it."""
SHORT = {"allow_redirects": "never", "enabled": True}


def line(
    tx: Transaction,
    subscription: Json,
    item: Json,
    amount: int,
    *,
    span: tuple[int, int],
    proration: bool = False,
    credited: bool = False,
) -> Json:
    """Return an invoice line in the shape used since March 2025, for `item`'s current price and quantity."""
    price = item["price"]
    details: Json = {"credited_items": {"invoice": subscription["latest_invoice"]} if credited else None}
    return {
        "id": tx.new_id("il"),
        "object": "line_item",
        "amount": amount,
        "currency": price["currency"],
        "description": "Proration for the period" if proration else "Subscription",
        "livemode": False,
        "metadata": subscription["metadata"],
        "parent": {
            "type": "subscription_item_details",
            "subscription_item_details": {
                "proration": proration,
                "proration_details": details,
                "subscription": subscription["id"],
                "subscription_item": item["id"],
            },
        },
        "period": {"start": span[0], "end": span[1]},
        "pricing": {
            "type": "price_details",
            "price_details": {"price": price["id"], "product": price["product"]},
            "unit_amount_decimal": str(price["unit_amount"]),
        },
        "quantity": item["quantity"],
    }


def as_invoice_item(line_item: Json) -> Json:
    """Return the line as it appears on a later invoice, with the pending invoice item as its parent."""
    details = {
        **line_item["parent"]["subscription_item_details"],
        "invoice_item": f"ii_{line_item['id'][3:]}",
    }
    del details["subscription_item"]
    return {**line_item, "parent": {"type": "invoice_item_details", "invoice_item_details": details}}


def bill(tx: Transaction, subscription: Json, lines: list[Json], reason: str, *, draft: bool = False) -> Json:
    """Create an invoice. Finalize and collect it now, or leave it as a draft for an hour."""
    invoice = new_invoice(tx, subscription, lines, reason=reason)
    subscription["latest_invoice"] = invoice["id"]
    tx.emit("invoice.created", invoice)
    pause = subscription["pause_collection"]
    if pause and reason == "subscription_cycle":
        leave_unpaid(tx, invoice, pause["behavior"])
    elif draft:
        tx.set_due(invoice, tx.now + DRAFT_SECONDS)
        invoice["next_payment_attempt"] = tx.now + DRAFT_SECONDS
    else:
        finalize(tx, invoice)
    return invoice


def finalize(tx: Transaction, invoice: Json) -> bool:
    """Finalize an invoice: use the customer's credit first, then the card. Return True when it is paid."""
    customer = tx.save(tx.load("customer", invoice["customer"]))
    due = max(0, invoice["total"] + customer["balance"])
    invoice.update(amount_due=due, amount_remaining=due, starting_balance=customer["balance"], status="open")
    invoice["status_transitions"]["finalized_at"] = tx.now
    customer["balance"] += invoice["total"] - due
    invoice["ending_balance"] = customer["balance"]
    tx.set_due(invoice, None)
    tx.emit("invoice.finalized", invoice)
    return collect(tx, invoice)


def leave_unpaid(tx: Transaction, invoice: Json, behavior: str) -> None:
    """Apply a pause to a renewal: void it, mark it uncollectible or leave it as a draft."""
    status = {"void": "void", "mark_uncollectible": "uncollectible", "keep_as_draft": "draft"}[behavior]
    invoice["status"] = status
    if status != "draft":
        tx.emit("invoice.voided" if status == "void" else "invoice.marked_uncollectible", invoice)


def new_invoice(tx: Transaction, subscription: Json, lines: list[Json], *, reason: str) -> Json:
    """Return the fields that every invoice has. Line amounts are before discounts."""
    subtotal = sum(each["amount"] for each in lines)
    discount = discounts.taken_off(subscription, subtotal)
    details = {"metadata": subscription["metadata"], "subscription": subscription["id"]}
    return tx.add(
        "in",
        "invoice",
        amount_due=max(0, subtotal - discount),
        amount_paid=0,
        amount_remaining=max(0, subtotal - discount),
        attempt_count=0,
        post_payment_credit_notes_amount=0,
        attempted=False,
        billing_reason=reason,
        collection_method="charge_automatically",
        currency=lines[0]["currency"],
        customer=subscription["customer"],
        ending_balance=None,
        lines={"object": "list", "data": lines, "has_more": False, "url": "/v1/invoices/lines"},
        metadata={},
        next_payment_attempt=None,
        parent={"type": "subscription_details", "subscription_details": details},
        period_start=min(each["period"]["start"] for each in lines),
        period_end=max(each["period"]["end"] for each in lines),
        starting_balance=0,
        status="draft",
        status_transitions={"finalized_at": None, "paid_at": None},
        subtotal=subtotal,
        total=subtotal - discount,
        total_discount_amounts=[{"amount": discount, "discount": None}] if discount else [],
        _payment_intent=None,
    )


def list_lines(tx: Transaction, params: Json, invoice: str) -> Json:
    """Return a page of an invoice's lines. The invoice itself includes ten."""
    lines = tx.load("invoice", invoice)["lines"]["data"]
    ids = [each["id"] for each in lines]
    first = ids.index(params["starting_after"]) + 1 if params.get("starting_after") in ids else 0
    limit = int(params.get("limit", LINES_ALONG))
    page = lines[first : first + limit]
    more = first + limit < len(lines)
    return {"object": "list", "data": page, "has_more": more, "url": f"/v1/invoices/{invoice}/lines"}


def collect(tx: Transaction, invoice: Json) -> bool:
    """Charge the customer's card. Return True when the invoice is paid."""
    tx.save(invoice)
    invoice["next_payment_attempt"] = None
    if invoice["amount_due"] == 0:
        mark_paid(tx, invoice)
        return True
    intent = payment_of(tx, invoice)
    invoice.update(attempted=True, attempt_count=invoice["attempt_count"] + 1)
    customer = tx.load("customer", invoice["customer"])
    method = customer["invoice_settings"]["default_payment_method"]
    if method:
        payment_intents.choose(tx, intent, method)
        try:
            payment_intents.attempt(tx, intent, None)
        except RequestRefused as refusal:
            if refusal.status != 402:  # noqa: PLR2004  a declined card
                raise
    if intent["status"] == "succeeded":
        invoice.update(amount_paid=invoice["amount_due"], amount_remaining=0)
        mark_paid(tx, invoice)
        return True
    kind = (
        "invoice.payment_action_required"
        if intent["status"] == "requires_action"
        else "invoice.payment_failed"
    )
    tx.emit(kind, invoice)
    return False


def payment_of(tx: Transaction, invoice: Json) -> Json:
    """Return the invoice's payment, created on the first attempt."""
    if invoice["_payment_intent"]:
        return tx.save(tx.load("payment_intent", invoice["_payment_intent"]))
    params = {
        "amount": invoice["amount_due"],
        "currency": invoice["currency"],
        "customer": invoice["customer"],
        "automatic_payment_methods": SHORT,
        "description": "Subscription",
    }
    intent = payment_intents.new_intent(tx, params)
    invoice["_payment_intent"] = intent["id"]
    tx.emit("payment_intent.created", intent)
    return intent


def mark_paid(tx: Transaction, invoice: Json) -> None:
    """Mark the invoice as paid."""
    invoice["status"] = "paid"
    invoice["status_transitions"]["paid_at"] = tx.now
    tx.emit("invoice.paid", invoice)
    tx.emit("invoice.payment_succeeded", invoice)


def with_payments(invoice: Json) -> Json:
    """Add the list that `expand: [payments]` requests."""
    intent = invoice["_payment_intent"]
    entries = []
    if intent:
        entries = [
            {
                "id": f"inpay_sbx_{invoice['id'][-24:]}",
                "object": "invoice_payment",
                "amount_paid": invoice["amount_paid"],
                "amount_requested": invoice["amount_due"],
                "currency": invoice["currency"],
                "invoice": invoice["id"],
                "is_default": True,
                "livemode": False,
                "payment": {"type": "payment_intent", "payment_intent": intent},
                "status": "paid" if invoice["status"] == "paid" else "open",
            }
        ]
    return {"object": "list", "data": entries, "has_more": False, "url": "/v1/invoice_payments"}
