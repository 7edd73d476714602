"""Simulation controls: act as the bank and the customer, and advance time. Refused for keys that move money.

Calls marked *sandbox only* raise GatewayRefused (`sandbox_only`) in Stripe's own test mode, where the same
happens on Stripe's pages or with its test clocks.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from ledger.stripe_gateway.client import Json, StripeCalls, checked_id, dropping_none, plain
from ledger.stripe_gateway.errors import GatewayRefused, translated
from ledger.stripe_gateway.facts import (
    CheckoutFacts,
    DisputeFacts,
    PaymentFacts,
    RefundFacts,
)
from ledger.stripe_gateway.readers import read_checkout, read_dispute, read_payment, read_refund
from ledger.stripe_sandbox.faults import Fault

TEST_PAYMENT_METHODS: Mapping[str, str] = {
    "pm_card_visa": "Visa: succeeds",
    "pm_card_mastercard": "Mastercard: succeeds",
    "pm_card_chargeDeclined": "Declined",
    "pm_card_chargeDeclinedInsufficientFunds": "Declined: insufficient funds",
    "pm_card_chargeDeclinedExpiredCard": "Declined: expired card",
    "pm_card_chargeDeclinedIncorrectCvc": "Declined: wrong security code",
    "pm_card_chargeDeclinedLostCard": "Declined: lost card",
    "pm_card_chargeDeclinedStolenCard": "Declined: stolen card",
    "pm_card_chargeDeclinedProcessingError": "Declined: processing error",
    "pm_card_authenticationRequired": "Asks the cardholder to confirm (3-D Secure)",
    "pm_card_createDispute": "Succeeds, then is disputed",
    "pm_card_createDisputeInquiry": "Succeeds, then the bank inquires",
    "pm_card_refundFail": "Succeeds; its refund fails later",
    "pm_card_pendingRefund": "Succeeds; its refund is pending at first",
}
"""Stripe's test payment methods for simulations, with their behavior."""


class SimulationCalls(StripeCalls):
    """Controls for simulated payments. Every method calls `require_test()` first."""

    def complete_authentication(self, payment_intent: str, *, succeed: bool = True) -> PaymentFacts:
        """Confirm or refuse a payment in `requires_action` as the cardholder. Sandbox only."""
        path = f"/v1/sandbox/payment_intents/{checked_id(payment_intent)}/authenticate"
        return read_payment(self._simulate(path, {"succeed": succeed}), [], [])

    def open_dispute(
        self, payment_intent: str, *, inquiry: bool = False, reason: str = "fraudulent"
    ) -> DisputeFacts:
        """Dispute a paid payment as the bank, or open an inquiry. Sandbox only."""
        path = f"/v1/sandbox/payment_intents/{checked_id(payment_intent)}/dispute"
        return read_dispute(self._simulate(path, {"inquiry": inquiry, "reason": reason}))

    def answer_dispute(self, dispute: str) -> DisputeFacts:
        """Submit evidence in test mode that leaves the dispute under review."""
        self.require_test()
        evidence: Any = {"uncategorized_text": "The customer used these minutes."}
        return self._submit(dispute, evidence)

    def close_dispute(self, dispute: str, *, won: bool) -> DisputeFacts:
        """Submit the evidence that wins or loses a dispute in test mode."""
        self.require_test()
        evidence: Any = {"uncategorized_text": "winning_evidence" if won else "losing_evidence"}
        return self._submit(dispute, evidence)

    def _submit(self, dispute: str, evidence: Any) -> DisputeFacts:
        with translated():
            answer = self._client.v1.disputes.update(
                checked_id(dispute), {"evidence": evidence, "submit": True}
            )
        return read_dispute(plain(answer))

    def warn_of_fraud(self, payment_intent: str) -> None:
        """Send the card network's early fraud warning; no money moves. Sandbox only."""
        self._simulate(f"/v1/sandbox/payment_intents/{checked_id(payment_intent)}/warn", {})

    def open_review(self, payment_intent: str) -> str:
        """Open Stripe's review of a payment and return its id. Sandbox only."""
        opened = self._simulate(f"/v1/sandbox/payment_intents/{checked_id(payment_intent)}/review", {})
        return str(opened["id"])

    def approve_review(self, review: str) -> None:
        """Close a review because the payment is good, as staff do at Stripe."""
        self.require_test()
        with translated():
            self._client.v1.reviews.approve(checked_id(review))

    def fail_refund(self, refund: str) -> RefundFacts:
        """Fail a refund that had succeeded, as the customer's bank. Sandbox only."""
        return read_refund(self._simulate(f"/v1/sandbox/refunds/{checked_id(refund)}/fail", {}))

    def complete_checkout(
        self,
        checkout_session: str,
        *,
        payment_method: str = "pm_card_visa",
        delayed: bool = False,
        coupon: str | None = None,
        tax_percent: int | None = None,
    ) -> CheckoutFacts:
        """Pay on Stripe's page as the customer; `delayed`: the money arrives later. Sandbox only.

        `coupon`: that of the promotion code which the customer typed. `tax_percent`: the tax of their address, where
        the page adds tax.
        """
        path = f"/v1/sandbox/checkout/sessions/{checked_id(checkout_session)}/complete"
        typed = dropping_none(coupon=coupon, tax_percent=tax_percent)
        paid = {"payment_method": payment_method, "delayed": delayed}
        return read_checkout(self._simulate(path, paid | typed))

    def settle_checkout(self, checkout_session: str, *, succeed: bool) -> CheckoutFacts:
        """Settle a completed session's delayed payment: it arrives or fails. Sandbox only."""
        path = f"/v1/sandbox/checkout/sessions/{checked_id(checkout_session)}/settle"
        return read_checkout(self._simulate(path, {"succeed": succeed}))

    def sandbox_now(self) -> datetime:
        """Return the sandbox's time. Sandbox only."""
        self.require_test()
        return datetime.fromtimestamp(self._get("/v1/sandbox/clock")["now"], UTC)

    def advance_clock(self, until: datetime) -> datetime:
        """Advance time and run renewals, late webhooks and late refund failures. Sandbox only."""
        answer = self._simulate("/v1/sandbox/clock", {"until": int(until.timestamp())})
        return datetime.fromtimestamp(answer["now"], UTC)

    def plan_fault(self, fault: Fault, *, times: int = 1) -> None:
        """Apply `fault` to the next `times` matching requests. Sandbox only."""
        self._simulate("/v1/sandbox/faults", {"fault": fault, "times": times})

    def run_due(self) -> int:
        """Run due work and deliver pending events in the sandbox. Return the count; 0 at real Stripe."""
        if not self._is_sandbox:
            return 0
        return int(self._simulate("/v1/sandbox/run", {})["done"])

    def _simulate(self, path: str, params: Json) -> Json:
        """Send a request that only the sandbox supports."""
        self.require_test()
        if not self._is_sandbox:
            raise GatewayRefused(
                "only the built-in sandbox can do this; at Stripe, use the Stripe dashboard",
                reason="sandbox_only",
            )
        return self._post(path, params)
