"""A customer who goes round and round between plans gains nothing, however often and however fast."""

from datetime import UTC, datetime, timedelta

import pytest

import ledger
from ledger.payments.alerts import list_alerts
from ledger.payments.billing_start import BillingStart
from ledger.payments.plan_invoices import book_invoice
from ledger.payments.plan_lines import PlanBooking, owed_minutes
from ledger.payments.price_mapping import map_price
from tests.ledger.payments.test_plan_invoices import invoices, proves
from tests.ledger.payments.test_plan_minutes import PRICES, invoice, line
from tests.shop import Shop
from tests.subscriber import advance, balance, priced, subscribes

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


@pytest.mark.parametrize(
    ("used", "given", "owed"),
    [(0, 200, 0), (1, 199, 0), (199, 1, 0), (200, 0, 0), (201, 0, 1), (3600, 0, 3400)],
)
def test_minutes_of_a_year_that_were_used_before_their_money_came_back_are_settled_by_the_month(
    shop: Shop, prices, used: int, given: int, owed: int
):
    subscription = subscribes(shop, prices["pro", "annual"])
    shop.works()
    if used:
        shop.uses(used)
    shop.later(hours=1)
    shop.gateway.change_subscription(
        subscription.subscription, prices["starter", "monthly"], idempotency_key="down"
    )
    shop.works()

    change = invoices(shop)[0]
    assert [line.minutes for line in change.lines] == [-3600, 200]
    assert (change.outcome, change.minutes, change.settled_minutes) == ("lots", given, 200 - given)
    assert (change.because is None) == (given == 200)
    assert balance(shop).plan_minutes == given
    assert (balance(shop).plan, balance(shop).minutes_total) == ("starter", 200)
    with ledger.reading(shop.engine) as db:
        assert owed_minutes(db, "acme") == owed
        assert [each.kind for each in list_alerts(db)] == ["used_and_returned"] * (owed > 0)
    proves(shop)


def test_a_renewal_and_another_subscription_settle_what_is_owed_and_end_the_alert(shop: Shop, prices):
    annual = subscribes(shop, prices["pro", "annual"])
    shop.works()
    shop.uses(600)
    shop.gateway.change_subscription(
        annual.subscription, prices["starter", "monthly"], idempotency_key="down"
    )
    shop.works()
    advance(shop, days=32)
    with ledger.reading(shop.engine) as db:
        assert (owed_minutes(db, "acme"), balance(shop).plan_minutes) == (200, 0), "the renewal settled 200"
    shop.gateway.cancel_subscription(annual.subscription)
    subscribes(shop, prices["pro", "monthly"], key="second")
    shop.works()

    assert balance(shop).plan_minutes == 100
    with ledger.reading(shop.engine) as db:
        assert (owed_minutes(db, "acme"), list_alerts(db)) == (0, [])
        reason = ledger.list_entries(db, "acme")[0].reason
    assert "300, less 200 that an earlier change returned although they were used" in (reason or "")
    proves(shop)


def test_a_refund_of_an_invoice_that_settled_minutes_takes_what_its_lot_holds_and_shows_the_rest(
    shop: Shop, prices
):
    subscription = subscribes(shop, prices["pro", "annual"])
    shop.works()
    shop.uses(100)
    shop.gateway.change_subscription(
        subscription.subscription, prices["starter", "monthly"], idempotency_key="down"
    )
    shop.works()
    shop.gateway.cancel_subscription(subscription.subscription)
    later = subscribes(shop, prices["starter", "monthly"], key="second")
    shop.works()
    assert balance(shop).plan_minutes == 100 + 200, "nothing is owed any more"
    (paid,) = [each for each in invoices(shop) if each.subscription_id == later.subscription]
    shop.gateway.refund(paid.payment_intent, 950, idempotency_key="half")
    shop.works()

    refunded = next(each for each in invoices(shop) if each.invoice_id == paid.invoice_id)
    assert (refunded.minutes, refunded.taken_back_minutes, refunded.shortfall_minutes) == (200, 100, 0)
    proves(shop)


def test_a_change_that_is_booked_after_a_later_payment_settles_from_its_lot(shop: Shop, prices):
    """The change waits for the mapping of its price while another subscription is paid for."""
    annual = subscribes(shop, prices["pro", "annual"])
    shop.works()
    shop.uses(3600)
    cheap = priced(shop, 900, name="Small plan")
    shop.gateway.change_subscription(annual.subscription, cheap, idempotency_key="down")
    shop.works()
    shop.later(days=1)
    subscribes(shop, prices["pro", "monthly"], key="second")
    shop.works()
    assert balance(shop).plan_minutes == 300, "nothing is owed while the change waits"
    with ledger.writing(shop.engine) as db:
        map_price(db, shop.gateway, cheap, plan="starter", billing_cycle="monthly", actor="ada", at=shop.now)
    shop.works()

    assert balance(shop).plan_minutes == 0
    with ledger.reading(shop.engine) as db:
        assert owed_minutes(db, "acme") == 3600 - 200 - 300
    proves(shop)
