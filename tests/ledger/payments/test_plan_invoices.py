"""Paid invoices of plans end as lots, as nothing with a reason, or as an alert; refunds take their minutes along."""

from datetime import timedelta

import ledger
from ledger.payments import plan_invoices, price_months
from ledger.payments.alerts import list_alerts
from ledger.payments.billing_start import choose_billing_start
from ledger.payments.plan_invoices import count_plan_invoices, list_plan_invoices
from ledger.payments.price_mapping import map_price
from ledger.payments.subscriptions import sync_subscription
from tests.shop import Shop
from tests.subscriber import advance, balance, priced, subscribes


def invoices(shop: Shop, workspace_id: str = "acme") -> list[plan_invoices.PlanInvoice]:
    with ledger.reading(shop.engine) as db:
        return list_plan_invoices(db, workspace_id)


def proves(shop: Shop) -> None:
    with ledger.reading(shop.engine) as db:
        assert ledger.verify(db) == []


def test_the_arithmetic_of_a_paid_invoice_is_stored_and_stands_on_the_statement(shop: Shop, prices):
    subscribes(shop, prices["starter", "monthly"])
    shop.works()

    (invoice,) = invoices(shop)

    assert (invoice.outcome, invoice.minutes, invoice.amount_paid_cents) == ("lots", 200, 1900)
    assert [line.arithmetic for line in invoice.lines] == ["starter: 200 x 1 x 1 months = 200"]
    with ledger.reading(shop.engine) as db:
        (entry,) = ledger.list_entries(db, "acme")
        assert count_plan_invoices(db, "sandbox") == {"lots": 1, "nothing": 0, "alert": 0}
    assert (entry.reason, entry.reference) == (invoice.lines[0].arithmetic, invoice.invoice_id)
    proves(shop)


def test_what_lots_no_longer_hold_is_stored_as_shortfall_and_paid_by_the_next_proration(shop: Shop, prices):
    subscription = subscribes(shop, prices["pro", "monthly"])
    shop.works()
    shop.uses(300)
    shop.later(days=10)

    for step, plan in enumerate(("starter", "pro")):
        shop.gateway.change_subscription(
            subscription.subscription, prices[plan, "monthly"], idempotency_key=f"change-{step}"
        )
        shop.works()

    given, returned = 300 * 21 // 31, 200 * 21 // 31
    assert balance(shop).plan_minutes == 0, "down and up again gains nothing, whatever was used before"
    lines = [line for invoice in reversed(invoices(shop)) for line in invoice.lines]
    assert [line.minutes for line in lines] == [300, -given, returned, -returned, given]
    assert sum(line.shortfall_minutes for line in lines) == 0
    proves(shop)


def old_subscription(shop: Shop, prices, **workspace: object) -> str:
    """A Starter subscription of 25 months, and after that a workspace for it, with an opening balance."""
    subscription = subscribes(shop, prices["starter", "monthly"], workspace_id="late")
    shop.later(days=31 * 25).gateway.run_due()
    shop.loses_events()
    shop.signs_up("late")
    if workspace.get("opening"):
        with ledger.writing(shop.engine) as db:
            ledger.grant_minutes(
                db, "late", 75, reason="Opening balance", key="opening", actor="import", at=shop.now
            )
    return subscription.subscription


def late(shop: Shop) -> int:
    with ledger.reading(shop.engine) as db:
        return ledger.get_balance(db, "late").total_minutes


def test_what_was_paid_before_an_opening_balance_gives_nothing(shop: Shop, prices):
    subscription = old_subscription(shop, prices, opening=True)

    with ledger.writing(shop.engine) as db:
        sync_subscription(db, shop.gateway, subscription, at=shop.now)

    assert late(shop) == 75
    assert {each.outcome for each in invoices(shop, "late")} == {"nothing"}
    assert all("before billing began" in (each.because or "") for each in invoices(shop, "late"))
    with ledger.reading(shop.engine) as db:
        now = ledger.get_balance(db, "late")
    assert (now.plan, now.minutes_total) == ("starter", 200), "the plan is shown all the same"
    proves(shop)


def test_a_workspace_that_began_empty_gets_the_period_that_was_running(shop: Shop, prices):
    subscription = old_subscription(shop, prices)

    with ledger.writing(shop.engine) as db:
        sync_subscription(db, shop.gateway, subscription, at=shop.now)

    assert late(shop) == 200


def test_a_chosen_start_decides_and_the_next_renewal_counts_in_any_case(shop: Shop, prices):
    subscription = old_subscription(shop, prices, opening=True)
    periods = [each.created for each in shop.gateway.list_invoices(subscription=subscription)]

    with ledger.writing(shop.engine) as db:
        choose_billing_start(db, "late", periods[0], actor="ada", at=shop.now)
        sync_subscription(db, shop.gateway, subscription, at=shop.now)
    assert late(shop) == 75 + 200
    advance(shop, days=32)

    assert late(shop) == 75 + 400


def test_an_upgrade_to_an_unmapped_price_takes_nothing_back_until_the_price_is_mapped(shop: Shop, prices):
    subscription = subscribes(shop, prices["starter", "monthly"])
    shop.works()
    price = priced(shop, 3900, name="Pro in another currency")
    shop.later(days=1)
    shop.gateway.change_subscription(subscription.subscription, price, idempotency_key="up")
    shop.works()

    assert balance(shop).plan_minutes == 200
    assert [each.outcome for each in invoices(shop)] == ["alert", "lots"]

    with ledger.writing(shop.engine) as db:
        map_price(db, shop.gateway, price, plan="pro", billing_cycle="monthly", actor="ada", at=shop.now)
    shop.works()
    assert balance(shop).plan_minutes == 200 - 200 * 30 // 31 + 300 * 30 // 31
    with ledger.reading(shop.engine) as db:
        assert list_alerts(db) == []
    proves(shop)


def test_an_annual_plan_has_no_reset_date_through_stripe_too(shop: Shop, prices):
    with ledger.writing(shop.engine) as db:
        ledger.grant_minutes(db, "acme", 10, reason="x", key="g", actor="test", at=shop.now)
    subscribes(shop, prices["pro", "annual"])
    shop.works()

    now = balance(shop)
    assert (now.total_minutes, now.minutes_total, now.minutes_reset_date) == (3610, 3600, None)
    proves(shop)


def test_the_highest_of_two_living_subscriptions_is_shown_and_the_other_stands_when_it_ends(
    shop: Shop, prices
):
    subscribes(shop, prices["starter", "monthly"])
    shop.later(days=10)
    pro = subscribes(shop, prices["pro", "monthly"], key="second")
    shop.works()
    two = balance(shop)
    with ledger.reading(shop.engine) as db:
        assert [alert.kind for alert in list_alerts(db)] == ["two_subscriptions"]
    shop.later(days=1)
    shop.gateway.cancel_subscription(pro.subscription)
    shop.works()

    one = balance(shop)
    assert (two.plan_minutes, two.plan, two.minutes_total) == (500, "pro", 300)
    assert (one.plan_minutes, one.plan, one.minutes_total) == (500, "starter", 200)
    assert one.minutes_reset_date == shop.now + timedelta(days=20), "that of the Starter subscription"
    with ledger.reading(shop.engine) as db:
        assert list_alerts(db) == []
    proves(shop)


def test_the_lower_subscription_renews_without_taking_the_plan_over(shop: Shop, prices):
    subscribes(shop, prices["pro", "monthly"])
    shop.later(days=10)
    subscribes(shop, prices["starter", "monthly"], key="second")
    shop.works()
    plans = shop.rows("SELECT plan FROM subscriptions ORDER BY subscription_no")

    assert [row["plan"] for row in plans] == ["pro"]
    assert (balance(shop).plan, balance(shop).plan_minutes) == ("pro", 500)
    proves(shop)


def test_months_and_years_are_whole_months_and_weeks_are_none():
    result = [price_months.months_of(*each) for each in (("month", 3), ("year", 1), ("week", 4))]

    assert result == [3, 12, None]


def test_a_quarterly_price_a_quantity_and_a_manual_invoice_count_their_months(shop: Shop):
    price = priced(shop, 5700, "month", 3)
    with ledger.writing(shop.engine) as db:
        map_price(db, shop.gateway, price, plan="starter", billing_cycle="monthly", actor="ada", at=shop.now)
    subscribes(shop, price, quantity=2)
    shop.works()

    assert balance(shop).plan_minutes == 1200
