"""Simulated plan actions: subscribe, change, pause, cancel, discount, credit and pay."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ledger.stripe_gateway.billing_facts import InvoiceFacts, SubscriptionFacts
from ledger.stripe_gateway.billing_readers import read_invoice, read_subscription
from ledger.stripe_gateway.client import StripeCalls, checked_id, dropping_none, plain
from ledger.stripe_gateway.errors import translated


class BillingSimulationCalls(StripeCalls):
    """Simulated subscriptions. Every method calls `require_test()` first."""

    def create_subscription(
        self,
        customer: str,
        price: str,
        *,
        idempotency_key: str,
        quantity: int = 1,
        further_prices: tuple[str, ...] = (),
        coupon: str | None = None,
        trial_days: int | None = None,
        cancel_at: datetime | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> SubscriptionFacts:
        """Subscribe a customer with the default payment method."""
        self.require_test()
        items: list[Any] = [{"price": checked_id(price), "quantity": quantity}]
        params = dropping_none(
            customer=checked_id(customer),
            items=items + [{"price": checked_id(each)} for each in further_prices],
            trial_period_days=trial_days,
            discounts=[{"coupon": coupon}] if coupon else None,
            cancel_at=int(cancel_at.timestamp()) if cancel_at else None,
            metadata=dict(metadata) if metadata else None,
        )
        with translated():
            answer = self._client.v1.subscriptions.create(params, {"idempotency_key": idempotency_key})
        return read_subscription(plain(answer))

    def change_subscription(
        self,
        subscription: str,
        price: str | None = None,
        *,
        idempotency_key: str,
        quantity: int | None = None,
        prorate: str = "always_invoice",
    ) -> SubscriptionFacts:
        """Change price or quantity of the first item now.

        `prorate`: always_invoice (the difference is invoiced at once), create_prorations (with the next renewal), none.
        """
        self.require_test()
        with translated():
            current = read_subscription(
                plain(self._client.v1.subscriptions.retrieve(checked_id(subscription)))
            )
            item = dropping_none(
                id=current.items[0].item, price=checked_id(price) if price else None, quantity=quantity
            )
            params: Any = {"items": [item], "proration_behavior": prorate}
            options: Any = {"idempotency_key": idempotency_key}
            answer = self._client.v1.subscriptions.update(subscription, params, options)
        return read_subscription(plain(answer))

    def cancel_subscription(
        self, subscription: str, *, at_period_end: bool = False, cancel_at: datetime | None = None
    ) -> SubscriptionFacts:
        """End a subscription now, when its paid period ends, or at a moment, as Stripe's portal does."""
        self.require_test()
        with translated():
            if at_period_end or cancel_at:
                ends = dropping_none(
                    cancel_at_period_end=True if at_period_end else None,
                    cancel_at=int(cancel_at.timestamp()) if cancel_at else None,
                )
                answer = self._client.v1.subscriptions.update(checked_id(subscription), ends)
            else:
                answer = self._client.v1.subscriptions.cancel(checked_id(subscription))
        return read_subscription(plain(answer))

    def pause_subscription(self, subscription: str, behavior: str = "void") -> SubscriptionFacts:
        """Stop collecting renewals: void them, keep_as_draft or mark_uncollectible."""
        return self._pause(subscription, {"behavior": behavior})

    def resume_subscription(self, subscription: str) -> SubscriptionFacts:
        """Collect renewals again."""
        return self._pause(subscription, "")

    def create_coupon(self, percent_off: float, *, duration: str = "forever") -> str:
        """Create a coupon and return its id."""
        self.require_test()
        params: Any = {"percent_off": percent_off, "duration": duration}
        with translated():
            return str(self._client.v1.coupons.create(params).id)

    def credit_customer(self, customer: str, amount_cents: int, currency: str = "usd") -> None:
        """Add customer credit for the next invoices."""
        self.require_test()
        params: Any = {"amount": -amount_cents, "currency": currency}
        with translated():
            self._client.v1.customers.balance_transactions.create(checked_id(customer), params)

    def set_payment_method(self, customer: str, payment_method: str) -> None:
        """Replace a customer's default card, for instance by one that declines the next renewal."""
        self.require_test()
        with translated():
            attached = self._client.v1.payment_methods.attach(
                payment_method, {"customer": checked_id(customer)}
            )
            settings: Any = {"default_payment_method": attached.id}
            self._client.v1.customers.update(customer, {"invoice_settings": settings})

    def pay_invoice(self, invoice: str) -> InvoiceFacts:
        """Try to collect an open invoice again. Raise PaymentDeclined when the card is declined again."""
        self.require_test()
        with translated():
            answer = self._client.v1.invoices.pay(checked_id(invoice), {"expand": ["payments"]})
        return read_invoice(plain(answer))

    def save_portal_settings(self) -> None:
        """Save the settings of the billing portal, which gives the account a default configuration. Sandbox only."""
        self.require_test()
        self._post("/v1/sandbox/billing_portal/settings", {})

    def bill_by_hand(self, subscription: str, billing_reason: str = "manual") -> InvoiceFacts:
        """Invoice the current period again, with any of Stripe's billing reasons. Sandbox only."""
        path = f"/v1/sandbox/subscriptions/{checked_id(subscription)}/invoice"
        self.require_test()
        return read_invoice(self._post(path, {"billing_reason": billing_reason}))

    def _pause(self, subscription: str, pause: Any) -> SubscriptionFacts:
        self.require_test()
        params: Any = {"pause_collection": pause}
        with translated():
            answer = self._client.v1.subscriptions.update(checked_id(subscription), params)
        return read_subscription(plain(answer))
