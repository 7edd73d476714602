"""Refunds: full, partial, pending, and failing later."""

from ledger.stripe_sandbox.answers import Json, RequestRefused
from ledger.stripe_sandbox.money import book
from ledger.stripe_sandbox.payment_intents import merge_metadata
from ledger.stripe_sandbox.payment_methods import BEHAVIOURS
from ledger.stripe_sandbox.transaction import Transaction

LATER_SECONDS = 5


def create(tx: Transaction, params: Json) -> Json:
    """Refund a charge, never more than its unrefunded amount."""
    charge = charge_to_refund(tx, params)
    intent = tx.load("payment_intent", charge["payment_intent"])
    left = charge["amount_captured"] - charge["amount_refunded"]
    amount = params.get("amount", left)
    check_refundable(charge, amount, left)
    behaviour = BEHAVIOURS[intent["_method"]] if intent["_method"] else None
    pends = behaviour is not None and behaviour.refund == "pends"
    fails = (behaviour is not None and behaviour.refund == "fails") or tx.use_fault("refund_fails_later")
    refund = new_refund(tx, params, charge, amount, "pending" if pends else "succeeded")
    refund["balance_transaction"] = book(tx, "refund", refund, -amount, 0)["id"]
    if pends or fails:
        refund["_later"] = "fails" if fails else "succeeds"
        tx.set_due(refund, tx.now + LATER_SECONDS)
    previous = {"amount_refunded": charge["amount_refunded"], "refunded": charge["refunded"]}
    set_refunded(charge, charge["amount_refunded"] + amount)
    tx.emit("refund.created", refund)
    tx.emit("charge.refunded", charge, previous)
    return refund


def charge_to_refund(tx: Transaction, params: Json) -> Json:
    """Return the requested charge, locked so that two concurrent refunds cannot both use the last cent."""
    if params.get("charge"):
        return tx.save(tx.load("charge", params["charge"]))
    if not params.get("payment_intent"):
        raise RequestRefused(
            400, "One of charge or payment_intent is needed.", "parameter_missing", "payment_intent"
        )
    intent = tx.load("payment_intent", params["payment_intent"])
    if intent["status"] != "succeeded":
        raise RequestRefused(
            400,
            "This PaymentIntent does not have a successful charge to refund.",
            "payment_intent_unexpected_state",
            "payment_intent",
        )
    return tx.save(tx.load("charge", intent["latest_charge"]))


def check_refundable(charge: Json, amount: int, left: int) -> None:
    """Raise RequestRefused (400), with Stripe's code and message, unless the charge can be refunded."""
    if charge.get("_withdrawn"):
        raise RequestRefused(
            400, f"Charge {charge['id']} has been charged back; cannot issue a refund.", "charge_disputed"
        )
    if left <= 0:
        raise RequestRefused(
            400, f"Charge {charge['id']} has already been refunded.", "charge_already_refunded"
        )
    if amount < 1:
        raise RequestRefused(400, "Invalid positive integer", "parameter_invalid_integer", "amount")
    if amount > left:
        raise RequestRefused(
            400,
            f"Refund amount ({amount}) is greater than unrefunded amount on charge ({left})",
            None,
            "amount",
        )


def new_refund(tx: Transaction, params: Json, charge: Json, amount: int, status: str) -> Json:
    """Return the fields that every refund has."""
    return tx.add(
        "re",
        "refund",
        amount=amount,
        balance_transaction=None,
        charge=charge["id"],
        currency=charge["currency"],
        destination_details={"type": "card", "card": {"type": "refund"}},
        metadata=params.get("metadata") or {},
        payment_intent=charge["payment_intent"],
        reason=params.get("reason"),
        receipt_number=None,
        status=status,
    )


def set_refunded(charge: Json, amount: int) -> None:
    """Update the charge's cumulative refunded amount."""
    charge["amount_refunded"] = amount
    charge["refunded"] = amount >= charge["amount_captured"]


def happen(tx: Transaction, refund: Json) -> None:
    """Run the refund's delayed outcome."""
    if refund["_later"] == "fails":
        fail_now(tx, refund)
        return
    tx.set_due(refund, None)
    refund["status"] = "succeeded"
    announce(tx, refund, "pending")


def fail(tx: Transaction, _params: Json, refund: str) -> Json:
    """Fail a refund because the customer's bank rejected it."""
    body = tx.load("refund", refund)
    if body["status"] not in ("succeeded", "pending"):
        raise RequestRefused(400, f"This refund is {body['status']} already.", "refund_unexpected_state")
    fail_now(tx, body)
    return body


def fail_now(tx: Transaction, refund: Json) -> None:
    """Fail the refund now and return its money to our account."""
    previous = refund["status"]
    charge = tx.save(tx.load("charge", refund["charge"]))
    tx.set_due(refund, None)
    refund.update(status="failed", failure_reason="expired_or_canceled_card")
    returned = book(tx, "refund_failure", refund, refund["amount"], 0)
    refund["failure_balance_transaction"] = returned["id"]
    set_refunded(charge, charge["amount_refunded"] - refund["amount"])
    tx.emit("refund.failed", refund)
    announce(tx, refund, previous)


def announce(tx: Transaction, refund: Json, previous: str) -> None:
    """Emit both events of a changed refund: the current name and the older one."""
    tx.emit("refund.updated", refund, {"status": previous})
    tx.emit("charge.refund.updated", refund, {"status": previous})


def cancel(tx: Transaction, _params: Json, refund: str) -> Json:
    """Refuse: only refunds that require customer action can be canceled, and the sandbox creates none."""
    body = tx.load("refund", refund)
    raise RequestRefused(
        400, f"You cannot cancel a refund that is {body['status']}.", "refund_unexpected_state"
    )


def update(tx: Transaction, params: Json, refund: str) -> Json:
    """Change metadata."""
    body = tx.save(tx.load("refund", refund))
    merge_metadata(body, params)
    return body
