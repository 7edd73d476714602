"""Reviews of payments that look like fraud: opened by Stripe, closed by staff."""

from ledger.stripe_sandbox.answers import Json, RequestRefused
from ledger.stripe_sandbox.transaction import Transaction


def open_review(tx: Transaction, _params: Json, payment_intent: str) -> Json:
    """Open a review of a payment; no money moves."""
    intent = tx.load("payment_intent", payment_intent)
    review = tx.add(
        "prv",
        "review",
        billing_zip=None,
        charge=intent["latest_charge"],
        closed_reason=None,
        ip_address=None,
        ip_address_location=None,
        open=True,
        opened_reason="rule",
        payment_intent=intent["id"],
        reason="rule",
        session=None,
    )
    tx.emit("review.opened", review)
    return review


def approve(tx: Transaction, _params: Json, review: str) -> Json:
    """Close a review because the payment is good."""
    body = tx.save(tx.load("review", review))
    if not body["open"]:
        raise RequestRefused(400, "This review is closed already.", "review_already_closed")
    body.update(open=False, closed_reason="approved", reason="approved")
    tx.emit("review.closed", body)
    return body
