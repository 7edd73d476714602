"""Lists of a whole account, for imports: customers, refunds, disputes, and the changes of its balance."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from ledger.stripe_gateway.client import PAGE_SIZE, StripeCalls, pages
from ledger.stripe_gateway.errors import translated
from ledger.stripe_gateway.facts import BalanceChange, CustomerFacts, DisputeFacts, RefundFacts
from ledger.stripe_gateway.payments import span
from ledger.stripe_gateway.readers import read_balance_change, read_customer, read_dispute, read_refund


class AccountCalls(StripeCalls):
    """Reads of everything of one kind; a read-only key is enough."""

    def list_customers(self) -> Iterator[CustomerFacts]:
        """Yield every customer that was not deleted, newest first."""
        with translated():
            first = self._client.v1.customers.list({"limit": PAGE_SIZE})
        yield from map(read_customer, pages(first))

    def list_refunds(self, *, created_gte: datetime) -> Iterator[RefundFacts]:
        """Yield the refunds since a moment, newest first."""
        with translated():
            first = self._client.v1.refunds.list(_since(created_gte))
        yield from map(read_refund, pages(first))

    def list_disputes(self, *, created_gte: datetime) -> Iterator[DisputeFacts]:
        """Yield the disputes since a moment, newest first."""
        with translated():
            first = self._client.v1.disputes.list(_since(created_gte))
        yield from map(read_dispute, pages(first))

    def list_balance_changes(self, *, created_gte: datetime) -> Iterator[BalanceChange]:
        """Yield what moved the account's balance since a moment, newest first: the rows of Stripe's balance report."""
        with translated():
            first = self._client.v1.balance_transactions.list(_since(created_gte))
        yield from map(read_balance_change, pages(first))


def _since(moment: datetime) -> Any:
    return {"created": span(moment, None), "limit": PAGE_SIZE}
