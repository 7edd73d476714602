"""Plan changes that arrive in another order than they happened: the newest business time decides."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Connection, text

import ledger
from tests.stories import Story

AUGUST = datetime(2026, 8, 1, tzinfo=UTC)
OCTOBER = datetime(2026, 10, 5, tzinfo=UTC)
NOVEMBER = datetime(2026, 11, 30, tzinfo=UTC)


def changed(acme: Story, *changes: tuple[str, datetime]) -> ledger.Balance:
    """Return the balance at the end of November after these plan changes, in the order of their arrival."""
    for plan, at in changes:
        acme.now = at
        acme.plan(plan)
    return due_by(acme, NOVEMBER)


def due_by(acme: Story, at: datetime) -> ledger.Balance:
    """Book what is due and return the balance; the ledger must be sound."""
    ledger.reset_monthly_minutes(acme.db, acme.workspace_id, key=acme.key(), at=at)
    findings = [each for each in ledger.verify(acme.db, at=at) if each.workspace_id == acme.workspace_id]
    assert findings == []
    return ledger.get_balance(acme.db, acme.workspace_id)


def subscriptions(acme: Story) -> list[tuple[object, ...]]:
    """Return plan, beginning and end of every subscription, the oldest first."""
    rows = acme.db.execute(
        text(
            "SELECT plan, started_at, ended_at FROM subscriptions WHERE workspace_id = :w ORDER BY started_at"
        ),
        {"w": acme.workspace_id},
    )
    return [tuple(row) for row in rows]


@pytest.mark.parametrize("late", [False, True])
def test_an_older_plan_that_arrives_late_gives_its_minutes_and_the_newer_plan_stays(
    db: Connection, late: bool
) -> None:
    acme, other = Story(db, now=AUGUST), Story(db, now=AUGUST)
    other.plan("pro")
    changes = [("starter", AUGUST), ("pro", OCTOBER)]

    balance = changed(acme, *(reversed(changes) if late else changes))

    assert (balance.plan, balance.total_minutes, balance.minutes_total) == ("pro", 1200, 300)
    assert balance.minutes_reset_date == datetime(2026, 12, 5, tzinfo=UTC)
    assert subscriptions(acme) == [("starter", AUGUST, OCTOBER), ("pro", OCTOBER, None)]
    assert other.balance == (300, 0)


def test_an_older_plan_within_a_period_of_another_gives_its_allocation_only(db: Connection) -> None:
    acme = Story(db, now=AUGUST)

    before = changed(acme, ("starter", AUGUST), ("pro", OCTOBER))
    acme.now = datetime(2026, 9, 10, tzinfo=UTC)
    acme.plan("pro")

    after = due_by(acme, NOVEMBER)
    assert (after.total_minutes - before.total_minutes, after.plan) == (300, "pro")
    assert after.minutes_reset_date == before.minutes_reset_date
    assert subscriptions(acme) == [("starter", AUGUST, OCTOBER), ("pro", OCTOBER, None)]


def test_a_late_plan_does_not_bring_back_what_was_cancelled_since(db: Connection) -> None:
    acme = Story(db, now=AUGUST)
    acme.plan("starter")
    ledger.cancel_plan(db, acme.workspace_id, key="c", actor="ada", at=OCTOBER)

    acme.now = OCTOBER - timedelta(microseconds=1)
    late = acme.plan("pro")
    acme.now = OCTOBER
    ended = ledger.get_workspace(db, acme.workspace_id).plan
    acme.plan("pro")

    assert (late.total_minutes, ended) == (900, None)
    assert ledger.get_workspace(db, acme.workspace_id).plan == "pro"


def test_a_plan_allocated_at_the_same_instant_as_the_newest_decides(db: Connection) -> None:
    acme = Story(db, now=AUGUST)
    acme.plan("starter")

    acme.plan("pro")

    assert ledger.get_workspace(db, acme.workspace_id).plan == "pro"


def test_a_cancellation_older_than_the_newest_allocation_ends_nothing(db: Connection) -> None:
    acme, other = Story(db, now=OCTOBER), Story(db, now=OCTOBER)
    for each in (acme, other):
        each.plan("pro")

    ledger.cancel_plan(db, acme.workspace_id, key="c", actor="ada", at=OCTOBER - timedelta(microseconds=1))
    ledger.cancel_plan(db, other.workspace_id, key="c", actor="ada", at=OCTOBER)

    assert ledger.get_workspace(db, acme.workspace_id).plan == "pro"
    assert ledger.get_workspace(db, other.workspace_id).plan is None
    assert due_by(acme, NOVEMBER).total_minutes == 600


def test_a_renewal_that_arrives_after_later_periods_gives_none_of_them_twice(db: Connection) -> None:
    january, march = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 3, 10, tzinfo=UTC)
    acme, in_order = Story(db, now=january), Story(db, now=january)
    acme.plan("starter")
    due_by(acme, march)
    acme.now = january + timedelta(days=4)

    acme.plan("starter")
    in_order.plan("starter")
    in_order.later(days=4).plan("starter")

    assert due_by(acme, march).total_minutes == due_by(in_order, march).total_minutes == 800
    assert due_by(acme, march).minutes_reset_date == datetime(2026, 4, 5, tzinfo=UTC)
    later = datetime(2026, 4, 5, tzinfo=UTC)
    assert due_by(acme, later).total_minutes == due_by(in_order, later).total_minutes == 1000
