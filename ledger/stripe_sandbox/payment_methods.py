"""Stripe's test payment methods and how each behaves when charged."""

from dataclasses import dataclass
from typing import Any

from ledger.stripe_sandbox.answers import Json, declined, missing
from ledger.stripe_sandbox.transaction import Transaction

DECLINES = {
    "": ("card_declined", "generic_decline", "Your card was declined."),
    "InsufficientFunds": ("card_declined", "insufficient_funds", "Your card has insufficient funds."),
    "LostCard": ("card_declined", "lost_card", "Your card was declined."),
    "StolenCard": ("card_declined", "stolen_card", "Your card was declined."),
    "Fraudulent": ("card_declined", "fraudulent", "Your card was declined."),
    "VelocityLimitExceeded": ("card_declined", "card_velocity_exceeded", "Your card was declined."),
    "ExpiredCard": ("expired_card", "expired_card", "Your card has expired."),
    "IncorrectCvc": ("incorrect_cvc", "incorrect_cvc", "Your card's security code is incorrect."),
    "ProcessingError": (
        "processing_error",
        "processing_error",
        "An error occurred while processing your card.",
    ),
}
LAST_FOUR = {
    "visa": "4242",
    "mastercard": "4444",
    "amex": "8431",
    "discover": "9424",
    "diners": "3237",
    "jcb": "0505",
    "unionpay": "0005",
}
"""The last digits of Stripe's test card of each brand."""
BRANDS = tuple(LAST_FOUR)


@dataclass(frozen=True)
class Behaviour:
    """How a payment method behaves. `decline`: (code, decline code, message)."""

    brand: str = "visa"
    decline: tuple[str, str, str] | None = None
    authenticate: bool = False
    dispute: str | None = None
    """Status of the dispute that follows a successful charge."""
    refund: str | None = None
    """How its refunds behave: `fails` or `pends`."""
    attachable: bool = True


BEHAVIOURS: dict[str, Behaviour] = {f"pm_card_{brand}": Behaviour(brand) for brand in BRANDS}
BEHAVIOURS |= {
    f"pm_card_{brand}chargeDeclined{name}": Behaviour(decline=decline, attachable=False)
    for name, decline in DECLINES.items()
    for brand in ("", "visa_")
}
BEHAVIOURS |= {
    "pm_card_chargeCustomerFail": Behaviour(decline=DECLINES[""]),
    "pm_card_authenticationRequired": Behaviour(authenticate=True),
    "pm_card_threeDSecure2Required": Behaviour(authenticate=True),
    "pm_card_createDispute": Behaviour(dispute="needs_response"),
    "pm_card_createDisputeInquiry": Behaviour(dispute="warning_needs_response"),
    "pm_card_refundFail": Behaviour(refund="fails"),
    "pm_card_pendingRefund": Behaviour(refund="pends"),
}


def method_named(tx: Transaction, payment_method: str) -> str:
    """Return the test method behind an id, attached or not. Raise RequestRefused (404) when it is unknown."""
    if payment_method in BEHAVIOURS:
        return payment_method
    if payment_method.startswith("pm_sbx_"):
        return str(tx.load("payment_method", payment_method)["_method"])
    raise missing("PaymentMethod", payment_method)


def owner_of(tx: Transaction, payment_method: str) -> str | None:
    """Return the customer that a saved card is attached to, or None for an unsaved card."""
    if not payment_method.startswith("pm_sbx_"):
        return None
    return tx.load("payment_method", payment_method).get("customer")


def attach(tx: Transaction, params: Json, payment_method: str) -> Json:
    """Attach a card to a customer. Refuse cards that decline when saved."""
    customer = tx.load("customer", params["customer"])
    return attached(tx, customer, payment_method)


def attached(tx: Transaction, customer: Json, payment_method: str) -> Json:
    """Return a customer's own copy of a test card."""
    name = method_named(tx, payment_method)
    behaviour = BEHAVIOURS[name]
    if behaviour.decline and not behaviour.attachable:
        code, decline_code, message = behaviour.decline
        raise declined(message, code, decline_code, None)
    card = {"brand": behaviour.brand, "last4": LAST_FOUR[behaviour.brand]}
    stored: dict[str, Any] = {"type": "card", "card": card, "customer": customer["id"], "metadata": {}}
    method = tx.add("pm", "payment_method", billing_details={}, **stored, _method=name)
    tx.emit("payment_method.attached", method)
    return method
