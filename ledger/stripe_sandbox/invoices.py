"""Invoices of subscriptions: made, collected, collected again."""

from ledger.stripe_sandbox import payment_intents
from ledger.stripe_sandbox.answers import Json, Refusal
from ledger.stripe_sandbox.transaction import Transaction

SHORT = {"allow_redirects": "never", "enabled": True}


def line(
    tx: Transaction, subscription: Json, price: Json, amount: int, *, span: tuple[int, int], proration: bool
) -> Json:
    """One line in today's shape (since March 2025)."""
    item = subscription["items"]["data"][0]
    return {
        "id": tx.new_id("il"),
        "object": "line_item",
        "amount": amount,
        "currency": price["currency"],
        "description": "Correction of the period" if proration else "Subscription",
        "livemode": False,
        "metadata": subscription["metadata"],
        "parent": {
            "type": "subscription_item_details",
            "subscription_item_details": {
                "proration": proration,
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


def bill(tx: Transaction, subscription: Json, lines: list[Json], reason: str) -> Json:
    """Make an invoice, finalize it, and try to collect it; credit of the customer is used first."""
    customer = tx.save(tx.load("customer", subscription["customer"]))
    total = sum(each["amount"] for each in lines)
    due = max(0, total + customer["balance"])
    invoice = new_invoice(tx, subscription, lines, reason=reason, due=due, balance=customer["balance"])
    customer["balance"] += total - due
    invoice["ending_balance"] = customer["balance"]
    subscription["latest_invoice"] = invoice["id"]
    tx.emit("invoice.created", invoice)
    invoice["status"] = "open"
    tx.emit("invoice.finalized", invoice)
    collect(tx, invoice)
    return invoice


def new_invoice(
    tx: Transaction, subscription: Json, lines: list[Json], *, reason: str, due: int, balance: int
) -> Json:
    """The fields every invoice has."""
    total = sum(each["amount"] for each in lines)
    details = {"metadata": subscription["metadata"], "subscription": subscription["id"]}
    return tx.add(
        "in",
        "invoice",
        amount_due=due,
        amount_paid=0,
        amount_remaining=due,
        attempt_count=0,
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
        starting_balance=balance,
        status="draft",
        status_transitions={"finalized_at": tx.now, "paid_at": None},
        subtotal=total,
        total=total,
        _payment_intent=None,
    )


def collect(tx: Transaction, invoice: Json) -> bool:
    """Charge the customer's card; True when the invoice is paid."""
    tx.save(invoice)
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
        except Refusal as refusal:
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
    """The invoice's payment, made at the first attempt."""
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
    """The invoice is settled."""
    invoice["status"] = "paid"
    invoice["status_transitions"]["paid_at"] = tx.now
    tx.emit("invoice.paid", invoice)
    tx.emit("invoice.payment_succeeded", invoice)


def with_payments(invoice: Json) -> Json:
    """The list that `expand: [payments]` adds."""
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
