"""Workspaces and plans: allocations add, resets add, each period is one lot exactly once."""

import dataclasses
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Connection, text

import ledger
from ledger.minutes.workspaces import reset_due
from tests.stories import Story


def reset(acme: Story, at: datetime, key: str = "") -> ledger.Balance:
    """Run the monthly reset of one workspace."""
    return ledger.reset_monthly_minutes(acme.db, acme.workspace_id, key=key or acme.key(), at=at)


def periods(acme: Story) -> list[str]:
    """Days on which the plan lots of a workspace begin."""
    return [
        f"{lot.acquired_at:%m-%d}"
        for lot in ledger.list_lots(acme.db, acme.workspace_id)
        if lot.kind == "plan"
    ]


def with_plan_minutes(db: Connection, minutes: int) -> Story:
    """A workspace that has this many plan minutes left over from a plan it gave up."""
    acme = Story(db)
    acme.plan("starter")
    acme.uses(200 - minutes)
    ledger.cancel_plan(db, acme.workspace_id, key=acme.key(), actor="ada", at=acme.now)
    return acme


def test_example_1_a_new_starter_subscription_gives_200_minutes_and_a_reset_date(db: Connection) -> None:
    acme = Story(db)

    balance = acme.plan("starter", "monthly")

    assert balance.total_minutes == 200
    assert balance.minutes_reset_date == datetime(2026, 2, 28, 10, tzinfo=UTC)


def test_example_2_a_starter_subscription_adds_to_50_remaining_minutes(db: Connection) -> None:
    acme = with_plan_minutes(db, 50)

    balance = acme.later(days=1).plan("starter", "monthly")

    assert balance.plan_minutes == 250


def test_example_3_an_annual_pro_plan_adds_3600_to_10_and_has_no_reset_date(db: Connection) -> None:
    acme = with_plan_minutes(db, 10)

    balance = acme.later(days=1).plan("pro", "annual")

    assert (balance.plan_minutes, balance.minutes_total, balance.minutes_reset_date) == (3610, 3600, None)


def test_example_4_a_monthly_reset_adds_200_to_75(db: Connection) -> None:
    acme = Story(db)
    acme.plan("starter")
    acme.uses(125)

    balance = reset(acme, acme.now + timedelta(days=29))

    assert (balance.plan_minutes, balance.minutes_total, balance.minutes_used) == (275, 200, 125)


@pytest.mark.parametrize(
    ("plan", "billing_cycle", "minutes"),
    [
        ("starter", "monthly", 200),
        ("pro", "monthly", 300),
        ("starter", "annual", 2400),
        ("pro", "annual", 3600),
    ],
)
def test_every_plan_and_cycle_gives_its_minutes(
    db: Connection, plan: str, billing_cycle: str, minutes: int
) -> None:
    assert Story(db).plan(plan, billing_cycle).minutes_total == minutes


def test_the_anchor_day_survives_short_months(db: Connection) -> None:
    acme = Story(db, now=datetime(2027, 12, 31, 23, 30, tzinfo=UTC))
    acme.plan("starter")

    reset(acme, datetime(2028, 5, 1, tzinfo=UTC))

    assert periods(acme) == ["12-31", "01-31", "02-29", "03-31", "04-30"]


@pytest.mark.parametrize("steps", [[150], [31, 32, 60, 61, 150], [150, 10, 150]])
def test_missed_months_are_one_lot_each_however_late_or_often_the_job_runs(
    db: Connection, steps: list[int]
) -> None:
    acme = Story(db, now=datetime(2026, 1, 15, tzinfo=UTC))
    acme.plan("starter")

    for days in steps:
        reset(acme, acme.now + timedelta(days=days))

    assert (
        periods(acme) == ["01-15", "02-15", "03-15", "04-15", "05-15", "06-15"][: 1 + 4 + (steps[-1] >= 151)]
    )
    assert ledger.verify(db) == []


def test_the_boundary_instant_belongs_to_the_new_period(db: Connection) -> None:
    acme = Story(db)
    due = acme.plan("starter").minutes_reset_date
    assert due is not None

    before = reset(acme, due - timedelta(microseconds=1))
    on_time = reset(acme, due)

    assert (before.plan_minutes, on_time.plan_minutes) == (200, 400)


def test_a_reset_that_is_not_due_changes_nothing(db: Connection) -> None:
    acme = Story(db)
    acme.plan("starter")

    balance = reset(acme, acme.now + timedelta(days=5))

    assert (balance.plan_minutes, balance.entry_no) == (200, 1)


def test_a_repeated_reset_key_gives_the_first_answer(db: Connection) -> None:
    acme = Story(db)
    acme.plan("starter")
    first = reset(acme, acme.now + timedelta(days=30), key="job-1")

    again = reset(acme, acme.now + timedelta(days=300), key="job-1")

    assert again == first


def test_a_late_job_never_blocks_a_customer_nor_makes_a_false_limit_hit(db: Connection) -> None:
    acme = Story(db)
    acme.plan("starter")
    acme.uses(199)

    use = acme.later(days=40).uses(50)

    assert (use.unmet_minutes, use.thresholds) == (0, ())
    assert (2, "limit_hit") not in acme.crossed()


def test_a_repeated_key_books_no_period_that_has_fallen_due_since(db: Connection) -> None:
    acme = Story(db)
    acme.plan("starter")
    first = ledger.track_minutes(db, acme.workspace_id, 30, key="call", at=acme.now)

    acme.later(days=40)
    again = ledger.track_minutes(db, acme.workspace_id, 30, key="call", at=acme.now)

    assert again == dataclasses.replace(first, repeated=True)
    assert acme.balance == (170, 0)
    assert [entry.kind for entry in ledger.list_entries(db, acme.workspace_id)] == ["use", "allocation"]


def test_annual_plans_are_never_reset(db: Connection) -> None:
    acme = Story(db)
    acme.plan("starter", "annual")

    assert reset(acme, acme.now + timedelta(days=700)).total_minutes == 2400


def test_an_allocation_books_overdue_periods_first_and_starts_a_new_cycle(db: Connection) -> None:
    acme = Story(db, now=datetime(2026, 1, 15, tzinfo=UTC))
    acme.plan("starter")

    balance = acme.later(days=45).plan("pro")

    assert periods(acme) == ["01-15", "02-15", "03-01"]
    assert (balance.plan_minutes, balance.minutes_reset_date) == (700, datetime(2026, 4, 1, tzinfo=UTC))


def test_a_cancelled_plan_keeps_its_minutes_and_gets_no_more(db: Connection) -> None:
    acme = Story(db)
    acme.plan("starter")

    cancelled = ledger.cancel_plan(
        db, acme.workspace_id, key="c", actor="ada", at=acme.now + timedelta(days=30)
    )

    assert (cancelled.plan_minutes, reset(acme, acme.now + timedelta(days=300)).plan_minutes) == (400, 400)
    assert ledger.get_workspace(db, acme.workspace_id).plan is None


def test_the_scheduler_serves_every_workspace_that_is_due_and_no_other(db: Connection) -> None:
    due, not_due, annual = Story(db), Story(db), Story(db)
    due.plan("starter")
    not_due.later(days=20).plan("starter")
    annual.plan("starter", "annual")

    served = reset_due(db, at=due.now + timedelta(days=30))

    assert served == 1
    assert (due.balance, not_due.balance, annual.balance) == ((400, 0), (200, 0), (2400, 0))


def test_subscriptions_store_the_periods_of_a_plan(db: Connection) -> None:
    acme = Story(db)
    acme.plan("starter")
    acme.later(days=10).plan("starter")
    acme.later(days=10).plan("pro", "annual")

    rows = db.execute(
        text(
            "SELECT plan, ended_at - started_at FROM subscriptions WHERE workspace_id = :w ORDER BY subscription_no"
        ),
        {"w": acme.workspace_id},
    ).all()

    assert [tuple(row) for row in rows] == [("starter", timedelta(days=20)), ("pro", None)]


@pytest.mark.parametrize(
    ("plan", "billing_cycle"),
    [
        ("gold", "monthly"),
        ("starter", "weekly"),
        ("", "monthly"),
        ("STARTER", "monthly"),
        (None, "monthly"),
        ("starter", None),
    ],
)
def test_unknown_plans_and_cycles_are_refused(db: Connection, plan: object, billing_cycle: object) -> None:
    acme = Story(db)

    with pytest.raises((ledger.UnknownPlan, ledger.InvalidText)):
        acme.plan(plan, billing_cycle)  # type: ignore[arg-type]

    assert ledger.list_entries(db, acme.workspace_id) == []


def test_the_same_workspace_again_is_the_same_and_other_data_are_refused(
    db: Connection, now: datetime
) -> None:
    made = {"owner_email": "a@example.com", "actor": "api", "at": now}
    first = ledger.create_workspace(db, "acme", name="Acme 🎉", **made)

    assert (
        ledger.create_workspace(db, "acme", name="Acme 🎉", **{**made, "at": now + timedelta(days=1)})
        == first
    )
    with pytest.raises(ledger.WorkspaceExists):
        ledger.create_workspace(db, "acme", name="Other", **made)


@pytest.mark.parametrize("workspace_id", ["", "-a", "a/b", "a b", "é", "a" * 65, "a'b", "a\x00", None, 5])
def test_workspace_ids_of_another_shape_are_refused(
    db: Connection, now: datetime, workspace_id: object
) -> None:
    with pytest.raises(ledger.InvalidWorkspaceId):
        ledger.create_workspace(db, workspace_id, name="n", owner_email="a@b.c", actor="a", at=now)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "owner_email"),
    [
        ("", "a@b.c"),
        ("nul\x00", "a@b.c"),
        ("n" * 201, "a@b.c"),
        ("n", "nobody"),
        ("n", "a b@c.d"),
        ("n", "x+y@evil.example;=1+1"),
        ("n", "a@" + "b" * 250 + ".c"),
        ("n", ""),
        (None, "a@b.c"),
    ],
)
def test_names_and_addresses_that_cannot_be_saved_are_refused(
    db: Connection, now: datetime, name: object, owner_email: object
) -> None:
    with pytest.raises(ledger.InvalidText):
        ledger.create_workspace(db, "acme", name=name, owner_email=owner_email, actor="a", at=now)  # type: ignore[arg-type]


def test_a_cycle_restarted_with_an_earlier_date_gives_no_period_twice(db: Connection) -> None:
    acme = Story(db)
    acme.plan("starter")
    reset(acme, acme.now + timedelta(days=30))

    acme.plan("starter")
    reset(acme, acme.now + timedelta(days=30))
    passed_over = ledger.get_balance(db, acme.workspace_id)
    reset(acme, acme.now + timedelta(days=62))

    assert passed_over.minutes_reset_date == datetime(2026, 3, 31, 10, tzinfo=UTC)
    assert periods(acme) == ["01-31", "01-31", "02-28", "03-31"]
    assert ledger.verify(db, at=acme.now + timedelta(days=62)) == []
