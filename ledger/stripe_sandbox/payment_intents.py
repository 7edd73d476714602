"""PaymentIntents: create, confirm, authenticate, capture, cancel."""

from typing import Any

from ledger.stripe_sandbox import charges, disputes
from ledger.stripe_sandbox.answers import Json, RequestRefused, declined
from ledger.stripe_sandbox.money import check_amount
from ledger.stripe_sandbox.payment_methods import BEHAVIOURS, Behaviour, attached, method_named, owner_of
from ledger.stripe_sandbox.transaction import Transaction, public
from ledger.stripe_sandbox.validation import refuse_metadata

CONFIRMABLE = ("requires_payment_method", "requires_confirmation", "requires_action")
AUTHENTICATION_REQUIRED = (
    "authentication_required",
    "authentication_required",
    "Your card was declined. This transaction requires authentication.",
)
CANCELABLE = (*CONFIRMABLE, "requires_capture", "processing")
AUTHENTICATION_FAILED = (
    "payment_intent_authentication_failure",
    "payment_intent_authentication_failure",
    "The provided PaymentMethod has failed authentication.",
)


def create(tx: Transaction, params: Json) -> Json:
    """Create a payment; with `confirm`, charge it at once."""
    check_amount(params["amount"], params["currency"])
    if params.get("customer"):
        tx.load("customer", params["customer"])
    intent = new_intent(tx, params)
    if params.get("payment_method"):
        choose(tx, intent, params["payment_method"])
    tx.emit("payment_intent.created", intent)
    if params.get("confirm"):
        return attempt(tx, intent, params.get("return_url"), off_session=is_off_session(params))
    return intent


def is_off_session(params: Json) -> bool:
    """Return True when the customer is absent, so nobody can confirm the payment."""
    return params.get("off_session") in (True, "true")


def new_intent(tx: Transaction, params: Json) -> Json:
    """Return the fields that every payment has."""
    return tx.add(
        "pi",
        "payment_intent",
        amount=params["amount"],
        amount_capturable=0,
        amount_received=0,
        automatic_payment_methods=params.get("automatic_payment_methods") or {"enabled": True},
        canceled_at=None,
        cancellation_reason=None,
        capture_method=params.get("capture_method") or "automatic_async",
        confirmation_method="automatic",
        currency=params["currency"],
        customer=params.get("customer"),
        description=params.get("description"),
        last_payment_error=None,
        latest_charge=None,
        metadata=params.get("metadata") or {},
        next_action=None,
        payment_method=None,
        payment_method_types=["card"],
        receipt_email=params.get("receipt_email"),
        setup_future_usage=params.get("setup_future_usage"),
        statement_descriptor_suffix=params.get("statement_descriptor_suffix"),
        status="requires_payment_method",
        _method=None,
    )


def choose(tx: Transaction, intent: Json, payment_method: str) -> None:
    """Set the card for the next attempt. Refuse a saved card without its own customer, as Stripe does."""
    owner = owner_of(tx, payment_method)
    if owner is not None and owner != intent["customer"]:
        raise RequestRefused(400, wrong_owner(payment_method, intent["customer"]), None, "payment_method")
    intent["_method"] = method_named(tx, payment_method)
    intent["_saved"] = payment_method.startswith("pm_sbx_")
    intent["payment_method"] = payment_method if intent["_saved"] else tx.new_id("pm")
    intent["status"] = "requires_confirmation"


def wrong_owner(payment_method: str, customer: str | None) -> str:
    """Return Stripe's message for a card that belongs to another customer."""
    if customer is None:
        return (
            f"The provided PaymentMethod {payment_method} is attached to a customer. "
            "Include the customer in the `customer` parameter."
        )
    return f"The payment method {payment_method} does not belong to the customer {customer}."


def confirm(tx: Transaction, params: Json, payment_intent: str) -> Json:
    """Try to charge the payment, with another card if one is passed."""
    intent = tx.save(tx.load("payment_intent", payment_intent))
    if intent["status"] not in CONFIRMABLE:
        raise unexpected_state(intent, "confirm")
    if params.get("payment_method"):
        choose(tx, intent, params["payment_method"])
    return attempt(tx, intent, params.get("return_url"), off_session=is_off_session(params))


def attempt(tx: Transaction, intent: Json, return_url: str | None, *, off_session: bool = False) -> Json:
    """Charge the chosen card: it succeeds, is declined, or needs the cardholder's confirmation."""
    if intent["_method"] is None:
        raise RequestRefused(
            400,
            "You cannot confirm this PaymentIntent because it's missing a payment method.",
            "payment_intent_unexpected_state",
            payment_intent=public(intent),
        )
    automatic = intent["automatic_payment_methods"]
    redirects = automatic.get("enabled") and automatic.get("allow_redirects") != "never"
    if redirects and not return_url and not off_session:
        raise RequestRefused(400, "A return_url is needed, or allow_redirects: never.", None, "return_url")
    behaviour = BEHAVIOURS[intent["_method"]]
    if behaviour.authenticate and off_session:
        raise decline(tx, intent, behaviour, AUTHENTICATION_REQUIRED)
    if behaviour.authenticate:
        return ask_card_holder(tx, intent, return_url)
    if behaviour.decline:
        raise decline(tx, intent, behaviour, behaviour.decline)
    return succeed(tx, intent, behaviour)


def ask_card_holder(tx: Transaction, intent: Json, return_url: str | None) -> Json:
    """Require 3-D Secure: nothing is charged until the cardholder confirms."""
    intent["status"] = "requires_action"
    if return_url:
        page = f"{return_url}{'&' if '?' in return_url else '?'}payment_intent={intent['id']}"
        intent["next_action"] = {
            "type": "redirect_to_url",
            "redirect_to_url": {"url": page, "return_url": return_url},
        }
    else:
        intent["next_action"] = {
            "type": "use_stripe_sdk",
            "use_stripe_sdk": {"type": "three_d_secure_redirect"},
        }
    tx.emit("payment_intent.requires_action", intent)
    return intent


def authenticate(tx: Transaction, params: Json, payment_intent: str) -> Json:
    """Confirm or refuse the payment as the cardholder."""
    intent = tx.save(tx.load("payment_intent", payment_intent))
    if intent["status"] != "requires_action":
        raise unexpected_state(intent, "authenticate")
    behaviour = BEHAVIOURS[intent["_method"]]
    if params.get("succeed", "true") in (True, "true"):
        return succeed(tx, intent, behaviour)
    mark_declined(tx, intent, behaviour, AUTHENTICATION_FAILED, charged=False)
    return intent


def succeed(tx: Transaction, intent: Json, behaviour: Behaviour) -> Json:
    """Record the payment as charged, or as authorized for a later capture."""
    captured = intent["capture_method"] != "manual"
    charge = charges.succeed(tx, intent, behaviour, captured=captured)
    intent.update(latest_charge=charge["id"], next_action=None, last_payment_error=None)
    if intent["setup_future_usage"] and intent["customer"] and not intent.get("_saved"):
        saved = attached(tx, tx.load("customer", intent["customer"]), intent["_method"])
        intent["payment_method"] = saved["id"]
    if not captured:
        intent.update(status="requires_capture", amount_capturable=intent["amount"])
        tx.emit("payment_intent.amount_capturable_updated", intent)
        return intent
    intent.update(status="succeeded", amount_received=intent["amount"])
    tx.emit("payment_intent.succeeded", intent)
    if behaviour.dispute:
        disputes.open_dispute(tx, charge, behaviour.dispute, "fraudulent")
    return intent


def decline(
    tx: Transaction, intent: Json, behaviour: Behaviour, reason: tuple[str, str, str]
) -> RequestRefused:
    """Return the error of a declined card, which carries the payment."""
    mark_declined(tx, intent, behaviour, reason, charged=True)
    return declined(reason[2], reason[0], reason[1], public(intent))


def mark_declined(
    tx: Transaction, intent: Json, behaviour: Behaviour, reason: tuple[str, str, str], *, charged: bool
) -> None:
    """Reset the payment: it needs another payment method."""
    code, decline_code, message = reason
    if charged:
        intent["latest_charge"] = charges.fail(tx, intent, behaviour, reason)["id"]
    error = {"type": "card_error", "code": code, "decline_code": decline_code, "message": message}
    intent.update(status="requires_payment_method", payment_method=None, next_action=None, _method=None)
    intent["last_payment_error"] = error | {"charge": intent["latest_charge"]}
    tx.emit("payment_intent.payment_failed", intent)


def capture(tx: Transaction, params: Json, payment_intent: str) -> Json:
    """Capture authorized money, in full or in part."""
    intent = tx.save(tx.load("payment_intent", payment_intent))
    if intent["status"] != "requires_capture":
        raise unexpected_state(intent, "capture")
    amount: Any = params.get("amount_to_capture", intent["amount"])
    if not 0 < amount <= intent["amount"]:
        raise RequestRefused(
            400,
            "The amount to capture exceeds the authorized amount.",
            "amount_too_large",
            "amount_to_capture",
        )
    charge = tx.save(tx.load("charge", intent["latest_charge"]))
    charges.settle(tx, charge, amount)
    intent.update(status="succeeded", amount_received=amount, amount_capturable=0)
    tx.emit("charge.captured", charge)
    tx.emit("payment_intent.succeeded", intent)
    return intent


def cancel(tx: Transaction, params: Json, payment_intent: str) -> Json:
    """Cancel an unpaid payment."""
    intent = tx.save(tx.load("payment_intent", payment_intent))
    if intent["status"] not in CANCELABLE:
        raise unexpected_state(intent, "cancel")
    intent.update(status="canceled", canceled_at=tx.now, next_action=None, amount_capturable=0)
    intent["cancellation_reason"] = params.get("cancellation_reason")
    tx.emit("payment_intent.canceled", intent)
    return intent


def update(tx: Transaction, params: Json, payment_intent: str) -> Json:
    """Update metadata and description; an empty value removes the field."""
    intent = tx.save(tx.load("payment_intent", payment_intent))
    merge_metadata(intent, params)
    if "description" in params:
        intent["description"] = params["description"]
    return intent


def merge_metadata(body: Json, params: Json) -> None:
    """Merge metadata as Stripe does: an empty text removes one field, an empty value removes all."""
    given = params.get("metadata", {})
    merged = {} if given == "" else {**body["metadata"], **given}
    body["metadata"] = {name: value for name, value in merged.items() if value != ""}
    refuse_metadata(body["metadata"])


def unexpected_state(intent: Json, verb: str) -> RequestRefused:
    """Return Stripe's error for an action that the payment's status forbids."""
    return RequestRefused(
        400,
        f"You cannot {verb} this PaymentIntent because it has a status of {intent['status']}.",
        "payment_intent_unexpected_state",
    )
