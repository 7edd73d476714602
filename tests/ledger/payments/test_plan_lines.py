"""A customer who goes round and round between plans gains nothing, however often and however fast."""

from datetime import UTC, datetime, timedelta

import pytest

import ledger
from ledger.payments.billing_start import BillingStart
from ledger.payments.plan_invoices import book_invoice
from ledger.payments.plan_lines import PlanBooking, owed_minutes
from tests.ledger.payments.test_plan_minutes import PRICES, invoice, line
from tests.shop import Shop

BEGIN = datetime(2026, 3, 1, tzinfo=UTC)
YEAR, MONTH = timedelta(days=365), timedelta(days=31)


class Customer:
    """Changes between a year of Pro and a month of Starter, and uses everything at once."""

    def __init__(self, shop: Shop) -> None:
        self.shop, self.at, self.number = shop, BEGIN, 0
        self.used, self.since = 0, BEGIN

    def pays(self, price: str, length: timedelta, returned: tuple[str, timedelta] | None) -> None:
        """Pay for a period from now on, and give back what is left of the one before."""
        self.number += 1
        lines = [line(price, 1900, period_start=self.at, period_end=self.at + length)]
        periods = [(self.at, self.at + length)]
        if returned:
            before, ends = returned[0], self.since + returned[1]
            lines.insert(0, line(before, -1, proration=True, period_start=self.at, period_end=ends))
            periods.append((self.since, ends))
        paid = invoice(
            *lines,
            invoice=f"in_{self.number}",
            billing_reason="subscription_update" if returned else "subscription_create",
            amount_paid_cents=0 if returned else 29000,
            created=self.at,
            paid_at=self.at,
        )
        booking = PlanBooking(
            workspace_id="acme",
            subscription="sub_1",
            prices=PRICES,
            periods=periods,
            trial_ends=None,
            start=BillingStart(starts_at=BEGIN, chosen=True),
            rank_to_lead=(0, False),
            over=False,
            at=self.at,
        )
        with ledger.writing(self.shop.engine) as db:
            book_invoice(db, booking, paid)
            left = ledger.get_balance(db, "acme").plan_minutes
            if left:
                ledger.track_minutes(db, "acme", left, key=f"use-{self.number}", at=self.at)
        self.used, self.since = self.used + left, self.at


@pytest.mark.parametrize(("loops", "pause"), [(20, timedelta(0)), (500, timedelta(seconds=1))])
def test_500_loops_of_down_and_up_gain_nothing(shop: Shop, loops: int, pause: timedelta) -> None:
    customer = Customer(shop)
    customer.pays("annual", YEAR, None)
    for _ in range(loops):
        customer.at += pause
        customer.pays("starter", MONTH, ("annual", YEAR))
        customer.at += pause
        customer.pays("annual", YEAR, ("starter", MONTH))

    assert customer.used == 3600, "what the one year gave that money was paid for"
    with ledger.reading(shop.engine) as db:
        assert (ledger.get_balance(db, "acme").plan_minutes, owed_minutes(db, "acme")) == (0, 0)
        assert ledger.verify(db) == []
