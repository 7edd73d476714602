"""Workspaces that Stripe bills: each paid invoice is one lot, the newest period decides the plan."""

from datetime import datetime, timedelta
from itertools import permutations
from typing import Any

import pytest
from sqlalchemy import Connection

import ledger
from ledger.minutes.workspaces import allocate_invoice
from tests.stories import Story


def reset(acme: Story, at: datetime) -> ledger.Balance:
    """Run the monthly reset of one workspace."""
    return ledger.reset_monthly_minutes(acme.db, acme.workspace_id, key=acme.key(), at=at)


def test_a_workspace_that_stripe_bills_is_never_reset_by_us(db: Connection) -> None:
    acme = Story(db)
    period_end = acme.now + timedelta(days=31)
    invoice = {"period_start": acme.now, "period_end": period_end, "actor": "stripe", "at": acme.now}

    first = allocate_invoice(db, acme.workspace_id, "starter", "monthly", key="in_1", **invoice)
    again = allocate_invoice(db, acme.workspace_id, "starter", "monthly", key="in_1", **invoice)
    reset(acme, acme.now + timedelta(days=90))

    assert first == again
    assert first.minutes_reset_date == period_end
    assert acme.balance == (200, 0)


PERIODS = (("pro", "annual", 0, 365), ("starter", "monthly", 40, 71), ("pro", "monthly", 71, 101))
"""Paid invoices: plan, cycle, first and last day. The year is the oldest, though it ends last."""


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_the_newest_period_decides_the_plan_in_whatever_order_invoices_are_paid(
    db: Connection, order: tuple[int, ...]
) -> None:
    acme = Story(db)

    for day, number in enumerate(order):
        plan, cycle, first, last = PERIODS[number]
        paid = acme.now + timedelta(days=120 + day)
        pays(acme, plan, cycle, first, last, key=f"in_{number}", at=paid)

    now, after = ledger.get_balance(db, acme.workspace_id), acme.now + timedelta(days=130)
    assert (now.plan, now.billing_cycle, now.minutes_total) == ("pro", "monthly", 300)
    assert now.minutes_reset_date == acme.now + timedelta(days=101)
    assert now.plan_minutes == 3600 + 200 + 300, "each invoice gives its minutes"
    assert ledger.verify(db, at=after) == []
    as_of = ledger.get_balance(db, acme.workspace_id, at=after)
    assert (as_of.minutes_total, as_of.minutes_reset_date) == (300, now.minutes_reset_date)


def test_a_late_invoice_of_a_subscription_that_is_over_brings_no_plan_back(db: Connection) -> None:
    acme = Story(db)
    pays(acme, "starter", "monthly", 0, 31, key="in_1", at=acme.now)
    ledger.cancel_plan(db, acme.workspace_id, key="c", actor="stripe", at=acme.now + timedelta(days=40))
    acme.later(days=41).plan("pro")

    paid = pays(acme, "starter", "monthly", -10, 21, key="in_2", at=acme.now, over=True)

    assert (paid.plan, paid.minutes_total) == ("pro", 300)
    assert paid.plan_minutes == 200 + 300 + 200
    assert reset(acme, acme.now + timedelta(days=32)).plan_minutes == 1000, "the schedule goes on"
    assert ledger.verify(db, at=acme.now + timedelta(days=32)) == []


def pays(acme: Story, plan: str, cycle: str, first: int, last: int, **more: Any) -> ledger.Balance:
    """A paid invoice of the days from `first` to `last`, counted from now."""
    days = {"period_start": acme.now + timedelta(days=first), "period_end": acme.now + timedelta(days=last)}
    return allocate_invoice(acme.db, acme.workspace_id, plan, cycle, actor="stripe", **days, **more)
