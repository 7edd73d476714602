"""An invoice that is booked from what was read of the past is what its event would have booked."""

from datetime import timedelta

import ledger
from ledger.payments.past_subscriptions import (
    PAST_INVOICE,
    PAST_STATE,
    PastInvoice,
    PastState,
    book_past_invoice,
    book_past_state,
)
from ledger.payments.plan_invoices import list_plan_invoices
from ledger.payments.plan_lines import settled_at
from ledger.payments.subscription_reading import read_subscription
from ledger.payments.subscriptions import sync_subscription
from tests.shop import Shop
from tests.subscriber import balance, subscribes


def test_invoices_booked_from_the_past_leave_the_same_plan_as_their_events_and_a_sync_adds_nothing(
    shop: Shop, prices
):
    bought = subscribes(shop, prices["starter", "monthly"])
    shop.later(days=40).gateway.run_due()
    shop.loses_events()
    with ledger.writing(shop.engine) as db:
        read = read_subscription(db, shop.gateway, bought.subscription)
        for invoice in read.paid:
            past = PastInvoice(facts=read.facts, invoice=invoice, others=(), prices=read.prices)
            written = PAST_INVOICE.validate_python(PAST_INVOICE.dump_python(past, mode="json"))
            assert written == past
            book_past_invoice(db, "acme", written, at=settled_at(invoice))
    assert balance(shop).plan_minutes == 400
    with ledger.writing(shop.engine) as db:
        synced = sync_subscription(db, shop.gateway, bought.subscription, at=shop.now)
        assert len(list_plan_invoices(db, "acme")) == 2
        assert ledger.verify(db) == []
    assert (synced.needs_person, balance(shop).plan_minutes) == (False, 400)


def test_a_subscription_that_is_over_ends_its_plan_at_its_end_and_leaves_the_minutes(shop: Shop, prices):
    bought = subscribes(shop, prices["pro", "monthly"])
    shop.later(days=3)
    shop.gateway.cancel_subscription(bought.subscription)
    shop.loses_events()
    with ledger.writing(shop.engine) as db:
        read = read_subscription(db, shop.gateway, bought.subscription)
        past = PastInvoice(facts=read.facts, invoice=read.paid[0], others=(), prices=read.prices)
        book_past_invoice(db, "acme", past, at=settled_at(read.paid[0]))
        assert ledger.get_balance(db, "acme").minutes_total == 300
        state = PastState(facts=read.facts, invoices=tuple(read.invoices), prices=read.prices)
        book_past_state(db, "acme", PAST_STATE.validate_json(PAST_STATE.dump_json(state)), at=shop.now)
    ended = shop.rows("SELECT plan, ended_at FROM subscriptions WHERE workspace_id = 'acme'")
    assert [(row["plan"], row["ended_at"] - shop.now < timedelta(minutes=1)) for row in ended] == [
        ("pro", True)
    ]
    assert balance(shop).plan_minutes == 300
