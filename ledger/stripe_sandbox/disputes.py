"""Disputes and inquiries: opened by the bank, closed by evidence."""

from ledger.stripe_sandbox.answers import Json, RequestRefused
from ledger.stripe_sandbox.money import DISPUTE_FEE, book
from ledger.stripe_sandbox.transaction import Transaction

EVIDENCE_DAYS = 7
DAY = 86_400
OPEN = ("needs_response", "under_review", "warning_needs_response", "warning_under_review")


def open_dispute(tx: Transaction, charge: Json, status: str, reason: str) -> Json:
    """Open a dispute, which withdraws the money at once, or an inquiry, which moves no money."""
    tx.save(charge)
    dispute = tx.add(
        "du",
        "dispute",
        amount=charge["amount_captured"],
        balance_transactions=[],
        charge=charge["id"],
        currency=charge["currency"],
        evidence={},
        evidence_details={
            "due_by": tx.now + EVIDENCE_DAYS * DAY,
            "has_evidence": False,
            "submission_count": 0,
        },
        is_charge_refundable=status.startswith("warning_"),
        metadata={},
        payment_intent=charge["payment_intent"],
        reason=reason,
        status=status,
    )
    charge["disputed"] = True
    if not status.startswith("warning_"):
        withdraw(tx, charge, dispute)
    tx.emit("charge.dispute.created", dispute)
    if not status.startswith("warning_"):
        tx.emit("charge.dispute.funds_withdrawn", dispute)
    return dispute


def withdraw(tx: Transaction, charge: Json, dispute: Json) -> None:
    """Withdraw the disputed money and a fee from our account."""
    charge["_withdrawn"] = True
    dispute["balance_transactions"].append(book(tx, "adjustment", dispute, -dispute["amount"], DISPUTE_FEE))


def reinstate(tx: Transaction, charge: Json, dispute: Json) -> None:
    """Return the disputed money and the fee to our account."""
    charge["_withdrawn"] = False
    dispute["balance_transactions"].append(book(tx, "adjustment", dispute, dispute["amount"], -DISPUTE_FEE))


def dispute_payment(tx: Transaction, params: Json, payment_intent: str) -> Json:
    """Dispute a paid payment as the bank, or open an inquiry."""
    intent = tx.load("payment_intent", payment_intent)
    if intent["status"] != "succeeded":
        raise RequestRefused(400, "Only a paid payment can be disputed.", "payment_intent_unexpected_state")
    charge = tx.load("charge", intent["latest_charge"])
    if charge.get("_withdrawn"):
        raise RequestRefused(400, "This payment is already disputed.", "charge_disputed")
    inquiry = params.get("inquiry") in (True, "true")
    status = "warning_needs_response" if inquiry else "needs_response"
    return open_dispute(tx, charge, status, params.get("reason", "fraudulent"))


def update(tx: Transaction, params: Json, dispute: str) -> Json:
    """Update the evidence. Once submitted, Stripe's magic test words decide the outcome; a bank may reverse a loss."""
    body = tx.save(tx.load("dispute", dispute))
    reverses = body["status"] == "lost" and (
        params.get("evidence", {}).get("uncategorized_text") == "winning_evidence"
    )
    if body["status"] not in OPEN and not reverses:
        raise RequestRefused(400, f"This dispute is {body['status']} already.", "dispute_unexpected_state")
    body["evidence"] = {**body["evidence"], **params.get("evidence", {})}
    body["evidence_details"]["has_evidence"] = True
    if params.get("submit"):
        decide(tx, body, body["evidence"].get("uncategorized_text"))
    return body


def decide(tx: Transaction, dispute: Json, words: str | None) -> None:
    """Decide the dispute by test mode's magic words; other text leaves it under review."""
    inquiry = dispute["status"].startswith("warning_")
    dispute["evidence_details"]["submission_count"] += 1
    if words == "escalate_inquiry_evidence" and inquiry:
        escalate(tx, dispute)
    elif words in ("winning_evidence", "losing_evidence"):
        close_as(
            tx, dispute, "warning_closed" if inquiry else "won" if words == "winning_evidence" else "lost"
        )
    else:
        previous = dispute["status"]
        dispute["status"] = "warning_under_review" if inquiry else "under_review"
        tx.emit("charge.dispute.updated", dispute, {"status": previous})


def escalate(tx: Transaction, dispute: Json) -> None:
    """Turn an inquiry into a dispute."""
    previous, dispute["status"] = dispute["status"], "needs_response"
    withdraw(tx, tx.save(tx.load("charge", dispute["charge"])), dispute)
    tx.emit("charge.dispute.updated", dispute, {"status": previous})
    tx.emit("charge.dispute.funds_withdrawn", dispute)


def close_as(tx: Transaction, dispute: Json, status: str) -> None:
    """Close the dispute in a final state."""
    charge = tx.save(tx.load("charge", dispute["charge"]))
    dispute["status"] = status
    if status == "won":
        reinstate(tx, charge, dispute)
        tx.emit("charge.dispute.funds_reinstated", dispute)
    tx.emit("charge.dispute.closed", dispute)


def close(tx: Transaction, _params: Json, dispute: str) -> Json:
    """Accept the dispute, which loses it."""
    body = tx.save(tx.load("dispute", dispute))
    if body["status"] not in OPEN:
        raise RequestRefused(400, f"This dispute is {body['status']} already.", "dispute_unexpected_state")
    close_as(tx, body, "warning_closed" if body["status"].startswith("warning_") else "lost")
    return body


def warn(tx: Transaction, _params: Json, payment_intent: str) -> Json:
    """Report possible fraud as the card network; no money moves."""
    intent = tx.load("payment_intent", payment_intent)
    warning = tx.add(
        "issfr",
        "radar.early_fraud_warning",
        actionable=True,
        charge=intent["latest_charge"],
        fraud_type="made_with_stolen_card",
        payment_intent=intent["id"],
    )
    tx.emit("radar.early_fraud_warning.created", warning)
    return warning
