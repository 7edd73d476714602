"""Stripe's billing portal: where a customer changes the card, reads invoices and manages the plan."""

from typing import Any

from ledger.stripe_gateway.client import PAGE_SIZE, StripeCalls, checked_id, dropping_none, pages, plain
from ledger.stripe_gateway.errors import translated

OURS = {"made_by": "minutes"}
FEATURES: Any = {
    "customer_update": {"enabled": True, "allowed_updates": ["email", "address", "tax_id"]},
    "invoice_history": {"enabled": True},
    "payment_method_update": {"enabled": True},
}
"""What our configuration offers: nothing that changes a plan, which the company allows in its own settings."""


class BillingPortalCalls(StripeCalls):
    """Sessions of the billing portal."""

    def open_billing_portal(self, customer: str, *, return_url: str) -> str:
        """Return the address of the portal for one customer, valid for minutes.

        The account's own portal settings decide what it offers; without any, a configuration of ours is used.
        """
        about: Any = dropping_none(
            customer=checked_id(customer), return_url=return_url, configuration=self._own_configuration()
        )
        with translated():
            return str(self._client.v1.billing_portal.sessions.create(about).url)

    def _own_configuration(self) -> str | None:
        """Return the configuration to name: ours, or None where the account has saved its settings."""
        with translated():
            first = self._client.v1.billing_portal.configurations.list({"active": True, "limit": PAGE_SIZE})
            known = list(pages(first))
            if any(each["is_default"] for each in known):
                return None
            for each in known:
                if OURS.items() <= each["metadata"].items():
                    return str(each["id"])
            made = self._client.v1.billing_portal.configurations.create(
                {"features": FEATURES, "metadata": OURS}, {"idempotency_key": "billing-portal-configuration"}
            )
            return str(plain(made)["id"])
