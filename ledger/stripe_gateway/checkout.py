"""Stripe's payment page and its customers."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from ledger.stripe_gateway.client import StripeCalls, checked_id, dropping_none, pages, plain
from ledger.stripe_gateway.errors import GatewayRefused, translated
from ledger.stripe_gateway.facts import CheckoutFacts, CustomerFacts, Order, SavedCard
from ledger.stripe_gateway.payments import metadata_of
from ledger.stripe_gateway.readers import id_of, read_card, read_checkout, read_customer


class CheckoutCalls(StripeCalls):
    """Checkout Sessions and customers."""

    def create_checkout_session(
        self,
        purchase: Order,
        *,
        success_url: str,
        cancel_url: str,
        idempotency_key: str,
        save_card: bool = False,
    ) -> CheckoutFacts:
        """Create a payment page for one purchase and send the customer to `url`. Their return proves no payment.

        `save_card`: save the card with the customer, to charge it later while they are absent.
        """
        metadata = metadata_of(purchase)
        payment: Any = dropping_none(metadata=metadata, receipt_email=purchase.receipt_email)
        if save_card and purchase.customer:
            payment["setup_future_usage"] = "off_session"
        params = dropping_none(
            mode="payment",
            line_items=[{"price_data": self._price_of(purchase), "quantity": 1}],
            success_url=require_url(success_url),
            cancel_url=require_url(cancel_url),
            client_reference_id=purchase.purchase_id,
            customer=purchase.customer,
            metadata=metadata,
            payment_intent_data=payment,
            invoice_creation={"enabled": True} if self.receipts == "invoice" else None,
            automatic_tax={"enabled": True} if self.automatic_tax else None,
            customer_update={"address": "auto"} if self.automatic_tax and purchase.customer else None,
            allow_promotion_codes=True if self.promotion_codes else None,
        )
        with translated():
            answer = self._client.v1.checkout.sessions.create(params, {"idempotency_key": idempotency_key})
        return read_checkout(plain(answer))

    def _price_of(self, purchase: Order) -> Any:
        """Return the price of a purchase for Stripe's page; tax is added to it."""
        return dropping_none(
            currency=purchase.currency.lower(),
            unit_amount=purchase.amount_cents,
            product_data={"name": purchase.description or f"{purchase.minutes} extra minutes"},
            tax_behavior="exclusive" if self.automatic_tax else None,
        )

    def fetch_checkout_session(self, checkout_session: str) -> CheckoutFacts:
        """Return the session's current state."""
        with translated():
            return read_checkout(
                plain(self._client.v1.checkout.sessions.retrieve(checked_id(checkout_session)))
            )

    def expire_checkout_session(self, checkout_session: str) -> CheckoutFacts:
        """Expire an open payment page. Raise GatewayRefused when it is already complete or expired."""
        with translated():
            return read_checkout(
                plain(self._client.v1.checkout.sessions.expire(checked_id(checkout_session)))
            )

    def find_checkout_session(self, payment_intent: str) -> CheckoutFacts | None:
        """Return the session that created a payment, or None."""
        with translated():
            first = self._client.v1.checkout.sessions.list(
                {"payment_intent": checked_id(payment_intent), "limit": 1}
            )
        return next(map(read_checkout, pages(first)), None)

    def create_customer(
        self,
        *,
        name: str,
        email: str,
        idempotency_key: str,
        payment_method: str | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> CustomerFacts:
        """Create a customer, optionally with a default payment method for subscriptions (test keys only)."""
        if payment_method is not None:
            self.require_test()
        params = dropping_none(
            name=name,
            email=email,
            metadata=dict(metadata) if metadata else None,
            payment_method=payment_method,
            invoice_settings={"default_payment_method": payment_method} if payment_method else None,
        )
        with translated():
            answer = self._client.v1.customers.create(params, {"idempotency_key": idempotency_key})
        return read_customer(plain(answer))

    def saved_card(self, customer: str) -> SavedCard | None:
        """Return the card to charge: the customer's default, else the newest, else None."""
        with translated():
            body = plain(self._client.v1.customers.retrieve(checked_id(customer)))
            default = id_of((body.get("invoice_settings") or {}).get("default_payment_method"))
            if default is not None:
                return read_card(plain(self._client.v1.payment_methods.retrieve(default)))
            first = self._client.v1.payment_methods.list(
                {"customer": checked_id(customer), "type": "card", "limit": 1}
            )
            return next(map(read_card, pages(first)), None)


def require_url(url: str) -> str:
    """Return an absolute web address, in which Stripe replaces `{CHECKOUT_SESSION_ID}`."""
    address = urlsplit(url)
    if address.scheme not in ("http", "https") or not address.hostname:
        raise GatewayRefused("the return address must be an absolute http(s) address", param="success_url")
    return url
