"""Charges: a PaymentIntent's attempts to collect money."""

from typing import Any

from ledger.stripe_sandbox.answers import Json
from ledger.stripe_sandbox.money import book, fee_of
from ledger.stripe_sandbox.payment_methods import Behaviour
from ledger.stripe_sandbox.transaction import Transaction

LATE_FEE_SECONDS = 5


def begin(tx: Transaction, intent: Json, behaviour: Behaviour) -> Json:
    """Create a bank debit charge, whose money arrives days later or never."""
    charge = new_charge(tx, intent, behaviour, status="pending", paid=False, captured=False)
    intent["latest_charge"] = charge["id"]
    tx.emit("charge.pending", charge)
    return charge


def charge_of(tx: Transaction, intent: Json, behaviour: Behaviour, **state: Any) -> Json:
    """Return the pending charge in its new state, or a new charge."""
    latest = tx.load("charge", intent["latest_charge"]) if intent["latest_charge"] else None
    if latest is None or latest["status"] != "pending":
        return new_charge(tx, intent, behaviour, **state)
    latest.update(state)
    return tx.save(latest)


def succeed(tx: Transaction, intent: Json, behaviour: Behaviour, *, captured: bool) -> Json:
    """Record a successful charge; its money is booked on capture."""
    charge = charge_of(tx, intent, behaviour, status="succeeded", paid=True, captured=captured)
    charge["receipt_number"] = (
        f"{int(charge['id'][-8:], 16) % 10000:04d}-{int(charge['id'][-16:-8], 16) % 10000:04d}"
    )
    charge["outcome"] = {
        "network_status": "approved_by_network",
        "type": "authorized",
        "risk_level": "normal",
    }
    if captured:
        settle(tx, charge, intent["amount"])
    tx.emit("charge.succeeded", charge)
    return charge


def settle(tx: Transaction, charge: Json, amount: int) -> None:
    """Book the money and the fee. A planned fault delays the fee a little, as Stripe sometimes does."""
    charge["amount_captured"] = amount
    charge["captured"] = True
    if tx.use_fault("fee_late"):
        tx.set_due(charge, tx.now + LATE_FEE_SECONDS)
        return
    charge["balance_transaction"] = book(tx, "charge", charge, amount, fee_of(amount))["id"]


def book_late_fee(tx: Transaction, charge: Json) -> None:
    """Book a charge's delayed fee."""
    tx.set_due(charge, None)
    charge["balance_transaction"] = book(
        tx, "charge", charge, charge["amount_captured"], fee_of(charge["amount_captured"])
    )["id"]
    tx.emit("charge.updated", charge, {"balance_transaction": None})


def fail(tx: Transaction, intent: Json, behaviour: Behaviour, reason: tuple[str, str, str]) -> Json:
    """Record a charge that the bank declined."""
    charge = charge_of(tx, intent, behaviour, status="failed", paid=False, captured=False)
    code, decline_code, message = reason
    charge["failure_code"], charge["failure_message"] = code, message
    charge["outcome"] = {
        "network_status": "declined_by_network",
        "reason": decline_code,
        "type": "issuer_declined",
        "risk_level": "normal",
    }
    tx.emit("charge.failed", charge)
    return charge


def new_charge(tx: Transaction, intent: Json, behaviour: Behaviour, **state: Any) -> Json:
    """Return the fields that every charge has."""
    return tx.add(
        "ch",
        "charge",
        amount=intent["amount"],
        amount_captured=0,
        amount_refunded=0,
        balance_transaction=None,
        billing_details={},
        currency=intent["currency"],
        customer=intent["customer"],
        description=intent["description"],
        disputed=False,
        failure_code=None,
        failure_message=None,
        metadata=intent["metadata"],
        payment_intent=intent["id"],
        payment_method=intent["payment_method"],
        payment_method_details={"type": "card", "card": {"brand": behaviour.brand}},
        receipt_email=intent["receipt_email"],
        receipt_number=None,
        receipt_url=None,
        refunded=False,
        **state,
    )
