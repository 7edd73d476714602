"""Money of a plan invoice that goes back takes its minutes along, as far as its lots still hold them."""

import pytest

import ledger
from ledger.payments.alerts import list_alerts
from ledger.payments.plan_invoices import PlanInvoice, list_plan_invoices
from ledger.payments.subscriptions import sync_subscription
from tests.shop import Shop
from tests.subscriber import advance, balance, priced, subscribes


def invoices(shop: Shop) -> list[PlanInvoice]:
    with ledger.reading(shop.engine) as db:
        return list_plan_invoices(db, "acme")


def proves(shop: Shop) -> None:
    with ledger.reading(shop.engine) as db:
        assert ledger.verify(db) == []


def test_a_refunded_plan_invoice_takes_back_what_its_lot_still_holds(shop: Shop, prices):
    subscription = subscribes(shop, prices["starter", "monthly"])
    shop.works()
    shop.uses(50)
    (facts,) = shop.gateway.list_invoices(subscription=subscription.subscription)

    shop.gateway.refund(facts.payment_intent, 1900, idempotency_key="refund")
    shop.works()

    assert balance(shop).plan_minutes == 0
    (invoice,) = invoices(shop)
    assert (invoice.taken_back_minutes, invoice.shortfall_minutes) == (150, 50)
    proves(shop)


def test_a_part_refund_takes_its_part_and_a_failed_refund_gives_it_back(shop: Shop, prices):
    subscription = subscribes(shop, prices["starter", "monthly"])
    shop.works()
    (facts,) = shop.gateway.list_invoices(subscription=subscription.subscription)

    refund = shop.gateway.refund(facts.payment_intent, 475, idempotency_key="refund")
    shop.works()
    assert balance(shop).plan_minutes == 150
    shop.gateway.fail_refund(refund.refund)
    shop.works()

    assert balance(shop).plan_minutes == 200
    proves(shop)


def test_a_lost_dispute_takes_all_and_a_won_one_gives_it_back_and_closes_its_alert(shop: Shop, prices):
    subscription = subscribes(shop, prices["starter", "monthly"])
    shop.works()
    (facts,) = shop.gateway.list_invoices(subscription=subscription.subscription)

    dispute = shop.gateway.open_dispute(facts.payment_intent)
    shop.works()
    assert balance(shop).plan_minutes == 0
    with ledger.reading(shop.engine) as db:
        assert [alert.kind for alert in list_alerts(db)] == ["dispute"]
    shop.gateway.close_dispute(dispute.dispute, won=True)
    shop.works()

    assert balance(shop).plan_minutes == 200
    with ledger.reading(shop.engine) as db:
        (alert,) = list_alerts(db, closed=True)
    assert (alert.closed_by, alert.closed_because) == ("ledger", "the bank decided: won")


def test_a_refund_whose_event_came_before_the_invoice_counts_when_the_invoice_comes(shop: Shop, prices):
    subscription = subscribes(shop, prices["starter", "monthly"])
    shop.loses_events()
    (facts,) = shop.gateway.list_invoices(subscription=subscription.subscription)
    shop.gateway.refund(facts.payment_intent, 1900, idempotency_key="refund")
    shop.works()
    assert balance(shop).plan_minutes == 0

    with ledger.writing(shop.engine) as db:
        sync_subscription(db, shop.gateway, subscription.subscription, at=shop.now)

    assert balance(shop).plan_minutes == 0
    assert [(each.minutes, each.taken_back_minutes) for each in invoices(shop)] == [(200, 200)]


@pytest.mark.parametrize(("cents", "left"), [(1, 200), (450, 153), (899, 106), (900, 106)])
def test_credit_that_paid_a_part_of_an_invoice_stays_paid_when_its_payment_is_refunded(
    shop: Shop, prices, cents: int, left: int
):
    subscription = subscribes(shop, prices["starter", "monthly"])
    shop.works()
    shop.uses(200)
    shop.gateway.credit_customer(subscription.customer or "", 1000)
    advance(shop, days=32)
    renewal = next(shop.gateway.list_invoices(subscription=subscription.subscription))
    assert (renewal.amount_paid_cents, renewal.from_balance_cents, balance(shop).plan_minutes) == (
        900,
        1000,
        200,
    )

    shop.gateway.refund(renewal.payment_intent, cents, idempotency_key="refund")
    shop.works()

    assert balance(shop).plan_minutes == left
    proves(shop)


@pytest.mark.parametrize("mapped", [True, False])
def test_a_dispute_is_an_alert_whatever_the_invoice_gave(shop: Shop, prices, mapped: bool):
    price = prices["starter", "monthly"] if mapped else priced(shop, 1900)
    subscription = subscribes(shop, price)
    shop.works()
    (facts,) = shop.gateway.list_invoices(subscription=subscription.subscription)

    dispute = shop.gateway.open_dispute(facts.payment_intent or "")
    shop.works()
    with ledger.reading(shop.engine) as db:
        assert [each.workspace_id for each in list_alerts(db, kind="dispute")] == ["acme"]
    shop.gateway.close_dispute(dispute.dispute, won=False)
    shop.works()

    with ledger.reading(shop.engine) as db:
        assert list_alerts(db, kind="dispute") == []
    assert balance(shop).plan_minutes == 0
