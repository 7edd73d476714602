"""Payments: PaymentIntents, refunds and disputes."""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Literal

import stripe

from ledger.stripe_gateway.client import PAGE_SIZE, Json, StripeCalls, checked_id, dropping_none, pages, plain
from ledger.stripe_gateway.errors import GatewayRefused, translated
from ledger.stripe_gateway.facts import Order, PaymentFacts, RefundFacts, ReviewFacts
from ledger.stripe_gateway.readers import complete_list, id_of, latest_charge, read_payment, read_refund

EXPAND_FEES = ["latest_charge.balance_transaction"]
EXPAND_ALL = [*EXPAND_FEES, "latest_charge.refunds"]
TEST_METHOD = re.compile(r"pm_card_\w+")
PAYMENT_METHOD = re.compile(r"pm_\w{1,250}")
NO_REDIRECT = {"enabled": True, "allow_redirects": "never"}


class PaymentCalls(StripeCalls):
    """PaymentIntents, refunds and disputes. Declines are results (`failure`), not exceptions."""

    def start_payment(
        self,
        purchase: Order,
        *,
        idempotency_key: str,
        payment_method: str | None = None,
        off_session: bool = False,
        return_url: str | None = None,
    ) -> PaymentFacts:
        """Create a purchase's payment; with a payment method, also charge it at once.

        Retry with the same `idempotency_key` after GatewayUnavailable: only one payment is created.
        A `pm_card_...` test method is refused before any HTTP call unless the key is a test key.
        Metadata always carries purchase_id, workspace_id, package and minutes. `off_session`: the customer is not
        there, so a card that asks for confirmation is declined with `authentication_required`. `return_url`: where the
        bank's page, `next_action_url` of the result, sends the customer back.
        """
        params = dropping_none(
            amount=purchase.amount_cents,
            currency=purchase.currency.lower(),
            customer=purchase.customer,
            description=purchase.description,
            receipt_email=purchase.receipt_email,
            metadata=metadata_of(purchase),
            automatic_payment_methods=NO_REDIRECT if payment_method and not return_url else {"enabled": True},
            return_url=return_url,
            payment_method=self._checked_method(payment_method),
            confirm=True if payment_method else None,
            off_session=True if off_session else None,
            expand=EXPAND_FEES,
        )
        return self._attempt(
            lambda: self._client.v1.payment_intents.create(params, {"idempotency_key": idempotency_key})
        )

    def retry_payment(
        self, payment_intent: str, *, payment_method: str, idempotency_key: str, off_session: bool = False
    ) -> PaymentFacts:
        """Retry the same payment. Raise GatewayRefused when it is paid or canceled.

        A payment that started in a browser may redirect, so Stripe requires a return address.
        """
        method = self._checked_method(payment_method)
        begun = self._intent(payment_intent)
        redirects = (begun.get("automatic_payment_methods") or {}).get("allow_redirects") != "never"
        params: Any = dropping_none(
            payment_method=method,
            expand=EXPAND_FEES,
            return_url=self.return_url if redirects and not off_session else None,
            off_session=True if off_session else None,
        )
        return self._attempt(
            lambda: self._client.v1.payment_intents.confirm(
                checked_id(payment_intent), params, {"idempotency_key": idempotency_key}
            )
        )

    def cancel_payment(
        self,
        payment_intent: str,
        *,
        idempotency_key: str,
        reason: Literal["abandoned", "requested_by_customer"] = "requested_by_customer",
    ) -> PaymentFacts:
        """Cancel an unpaid payment. Raise GatewayRefused when it is paid.

        `abandoned`: the cardholder did not confirm with the bank; the purchase can be retried.
        """
        return self._attempt(
            lambda: self._client.v1.payment_intents.cancel(
                checked_id(payment_intent),
                {"cancellation_reason": reason, "expand": EXPAND_FEES},
                {"idempotency_key": idempotency_key},
            )
        )

    def fetch_payment(self, payment_intent: str) -> PaymentFacts:
        """Return the payment's current status, money, fee, refunds and disputes. Raise UnknownAtStripe when absent.

        The result has no client secret; see `fetch_client_secret`.
        """
        intent = self._intent(payment_intent)
        without_secret = {name: value for name, value in intent.items() if name != "client_secret"}
        if not intent["amount_received"]:
            return read_payment(without_secret, [], [])
        about: Any = {"payment_intent": intent["id"], "limit": PAGE_SIZE}
        with translated():
            sent_along = complete_list((latest_charge(intent) or {}).get("refunds"))
            refunds = pages(self._client.v1.refunds.list(about)) if sent_along is None else sent_along
            disputes = pages(self._client.v1.disputes.list(about))
            return read_payment(without_secret, refunds, disputes)

    def fetch_client_secret(self, payment_intent: str) -> str | None:
        """Return the client secret for the customer's browser: pass it on, never store it."""
        return self._intent(payment_intent).get("client_secret")

    def find_payment_by_charge(self, charge: str) -> str | None:
        """Return a charge's PaymentIntent, or None; old events name only the charge."""
        with translated():
            return id_of(plain(self._client.v1.charges.retrieve(checked_id(charge))).get("payment_intent"))

    def list_payments(
        self, *, created_gte: datetime, created_lt: datetime | None = None
    ) -> Iterator[PaymentFacts]:
        """Yield payments newest first, page by page, without refunds and disputes (see `fetch_payment`)."""
        params: Any = {"created": span(created_gte, created_lt), "limit": PAGE_SIZE}
        params["expand"] = [f"data.{path}" for path in EXPAND_FEES]
        with translated():
            first = self._client.v1.payment_intents.list(params)
        for intent in pages(first):
            yield read_payment({**intent, "client_secret": None}, [], [])

    def refund(
        self,
        payment_intent: str,
        amount_cents: int,
        *,
        idempotency_key: str,
        reason: str | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> RefundFacts:
        """Refund a payment. `reason`: duplicate, fraudulent or requested_by_customer.

        After GatewayRefused with reason `charge_already_refunded` or `charge_disputed`, read the payment again.
        """
        params = dropping_none(
            payment_intent=checked_id(payment_intent),
            amount=amount_cents,
            reason=reason,
            metadata=dict(metadata) if metadata else None,
        )
        with translated():
            answer = self._client.v1.refunds.create(params, {"idempotency_key": idempotency_key})
        return read_refund(plain(answer))

    def fetch_refund(self, refund: str) -> RefundFacts:
        """Return the refund's current state."""
        with translated():
            return read_refund(plain(self._client.v1.refunds.retrieve(checked_id(refund))))

    def fetch_review(self, review: str) -> ReviewFacts:
        """Return the current state of a review."""
        with translated():
            body = plain(self._client.v1.reviews.retrieve(checked_id(review)))
        return ReviewFacts(review=body["id"], is_open=body["open"], closed_reason=body.get("closed_reason"))

    def _intent(self, payment_intent: str) -> Json:
        with translated():
            return plain(
                self._client.v1.payment_intents.retrieve(checked_id(payment_intent), {"expand": EXPAND_ALL})
            )

    def _attempt(self, call: Any) -> PaymentFacts:
        """Return the payment's facts, from the response or, for a declined card, from the error."""
        with translated():
            try:
                intent = plain(call())
            except stripe.CardError as error:
                declined = error.error.payment_intent if error.error else None
                if declined is None:
                    raise
                intent = plain(declined)
        return read_payment(intent, [], [])

    def _checked_method(self, payment_method: str | None) -> str | None:
        """Return a saved or test payment method's id; card numbers never pass through this program."""
        if payment_method is None:
            return None
        if not PAYMENT_METHOD.fullmatch(payment_method):
            raise GatewayRefused("a payment method is an id that begins with pm_", param="payment_method")
        if TEST_METHOD.fullmatch(payment_method):
            self.require_test()
        return payment_method


def metadata_of(purchase: Order) -> dict[str, str]:
    """Return the metadata that links a payment to our purchase. Amounts always come from our own row."""
    return {
        **purchase.metadata,
        "purchase_id": purchase.purchase_id,
        "workspace_id": purchase.workspace_id,
        "package": purchase.package,
        "minutes": str(purchase.minutes),
    }


def span(start: datetime, end: datetime | None) -> Any:
    """Return Stripe's filter for a half-open creation interval, in unix seconds."""
    return dropping_none(gte=int(start.timestamp()), lt=int(end.timestamp()) if end else None)
