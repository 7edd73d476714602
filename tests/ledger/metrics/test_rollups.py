"""Day-level sums follow the facts: nothing is missed, nothing counted twice, and they can always be made again."""

import random
import threading
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

import ledger
from ledger.database import writing
from ledger.metrics import measure
from ledger.metrics.rollups import refresh_rollups
from tests import random_company
from tests.random_company import AS_OF, BEGIN

MADE = {
    "monthly_usage_cache": "workspace_id, month",
    "usage_by_epoch": "workspace_id, epoch",
    "unmet_days": "workspace_id, day",
    "lot_days": "workspace_id, lot_id, day",
    "balance_days": "workspace_id, day",
    "workspace_days": "workspace_id, metric, day, plan, billing_cycle, package, currency, part",
    "monthly_rollups": "metric, source, month, plan, billing_cycle, package, currency, part",
    "daily_rollups": "metric, source, day, plan, billing_cycle, package, currency, part",
    "rollup_marks": "workspace_id",
}


def everything(db):
    return {
        table: [tuple(row) for row in db.execute(text(f"SELECT * FROM {table} ORDER BY {key}"))]
        for table, key in MADE.items()
    }


def test_a_refresh_after_each_day_equals_one_rebuild_at_the_end(db):
    dice = random.Random(5)
    names = [f"w{n}" for n in range(6)]
    for name in names:
        random_company.sign_up(db, name, dice, "sandbox")
    for hour in range(300, 24 * 100, 9):
        at = BEGIN + timedelta(hours=hour)
        random_company.one_thing(db, dice.choice(names), dice, at, "sandbox")
        if hour % 4 == 0:
            refresh_rollups(db, at=at, sweep=dice.random() < 0.3)
    refresh_rollups(db, at=AS_OF, sweep=True)
    step_by_step = everything(db)

    refresh_rollups(db, at=AS_OF, rebuild=True)

    assert everything(db) == step_by_step
    assert all(step_by_step.values())


def test_a_second_refresh_changes_nothing(db):
    random_company.live_through(db, seed=1)
    refresh_rollups(db, at=AS_OF)
    first = everything(db)

    again = refresh_rollups(db, at=AS_OF, sweep=True)

    assert again == 0
    assert everything(db) == first


def test_the_next_refresh_includes_a_transaction_that_commits_late(engine):
    at = datetime(2026, 3, 1, tzinfo=UTC)
    with writing(engine) as db:
        for name in ("early", "late"):
            ledger.create_workspace(db, name, name=name, owner_email="o@example.com", actor="t", at=at)
            ledger.update_plan_allocation(db, name, "starter", "monthly", key="a", actor="t", at=at)
    with engine.connect() as slow:
        ledger.track_minutes(slow, "late", 500, key="long", at=at + timedelta(hours=1))
        with writing(engine) as db:
            ledger.track_minutes(db, "early", 500, key="short", at=at + timedelta(hours=2))
        with writing(engine) as db:
            refresh_rollups(db, at=at + timedelta(hours=3))
        slow.commit()

    with writing(engine) as db:
        result = refresh_rollups(db, at=at + timedelta(hours=4), sweep=False)
        unmet = dict(db.execute(text("SELECT workspace_id, unmet_minutes FROM unmet_days")).all())

    assert result == 1
    assert unmet == {"early": 300, "late": 300}


def test_rebuild_equals_incremental_while_others_write(engine):
    with writing(engine) as db:
        names = random_company.live_through(db, seed=2, workspaces=5, things=6)
    stop, failures = threading.Event(), []

    def write(number):
        dice = random.Random(number)
        mine = names[number::2]
        for step in range(60):
            at = AS_OF + timedelta(minutes=step, seconds=number)
            try:
                with writing(engine) as db:
                    random_company.one_thing(db, dice.choice(mine), dice, at, "sandbox")
            except Exception as error:  # noqa: BLE001  shown by the assertion below
                failures.append(error)

    def roll():
        while not stop.is_set():
            with writing(engine) as db:
                refresh_rollups(db, at=AS_OF + timedelta(days=1))

    writers = [threading.Thread(target=write, args=[number]) for number in range(2)]
    rollers = [threading.Thread(target=roll) for _ in range(2)]
    for thread in writers + rollers:
        thread.start()
    for thread in writers:
        thread.join()
    stop.set()
    for thread in rollers:
        thread.join()
    with writing(engine) as db:
        refresh_rollups(db, at=AS_OF + timedelta(days=1), sweep=True)
        incremental = everything(db)
        refresh_rollups(db, at=AS_OF + timedelta(days=1), rebuild=True)
        rebuilt = everything(db)

    assert failures == []
    assert incremental == rebuilt


def test_a_sweep_includes_a_payment_that_changes_without_an_entry(db):
    random_company.live_through(db, seed=3)
    refresh_rollups(db, at=AS_OF)
    db.execute(
        text("UPDATE extra_minutes_purchases SET fee_cents = 88, fee_currency = 'usd' WHERE status = 'paid'")
    )
    period = {"start": BEGIN, "end": AS_OF, "as_of": AS_OF, "source": "sandbox"}
    before = measure(db, "fees", **period).value

    quick = refresh_rollups(db, at=AS_OF, sweep=False)
    swept = refresh_rollups(db, at=AS_OF, sweep=True)

    assert (quick, swept > 0) == (0, True)
    assert measure(db, "fees", **period).value > before


def test_a_sweep_comes_by_itself_every_ten_minutes(db):
    random_company.live_through(db, seed=3)
    refresh_rollups(db, at=AS_OF)
    db.execute(
        text("UPDATE extra_minutes_purchases SET fee_cents = 88, fee_currency = 'usd' WHERE status = 'paid'")
    )

    soon = refresh_rollups(db, at=AS_OF + timedelta(minutes=9))
    later = refresh_rollups(db, at=AS_OF + timedelta(minutes=10))

    assert (soon, later > 0) == (0, True)


def test_another_report_time_zone_rebuilds_the_days(db):
    at = datetime(2026, 4, 1, 3, 30, tzinfo=UTC)  # still 31 March in New York
    ledger.create_workspace(db, "w", name="w", owner_email="o@example.com", actor="t", at=at)
    ledger.track_minutes(db, "w", 10, key="k", at=at)
    refresh_rollups(db, at=at + timedelta(hours=1), timezone="UTC")
    in_utc = db.execute(text("SELECT day FROM unmet_days")).scalar_one()

    refresh_rollups(db, at=at + timedelta(hours=1), timezone="America/New_York")

    in_new_york = db.execute(text("SELECT day FROM unmet_days")).scalar_one()
    assert (str(in_utc), str(in_new_york)) == ("2026-04-01", "2026-03-31")


def test_what_has_not_happened_yet_waits_for_its_time(db, now):
    ledger.create_workspace(db, "w", name="w", owner_email="o@example.com", actor="t", at=now)
    ledger.track_minutes(db, "w", 10, key="k", at=now + timedelta(minutes=4))
    period = {"start": now - timedelta(days=1), "end": now + timedelta(days=60), "source": "sandbox"}
    refresh_rollups(db, at=now)
    before = measure(db, "conversion", **period, as_of=now)

    refresh_rollups(db, at=now + timedelta(minutes=5), sweep=False)

    after = measure(db, "conversion", **period, as_of=now + timedelta(minutes=5))
    assert (before.pending, after.pending) == (0, 1)


def test_usage_is_cached_by_month_of_utc_and_by_epoch(db):
    at = datetime(2026, 1, 31, 23, 30, tzinfo=UTC)
    ledger.create_workspace(db, "w", name="w", owner_email="o@example.com", actor="t", at=at)
    ledger.update_plan_allocation(db, "w", "starter", "annual", key="a", actor="t", at=at)
    ledger.track_minutes(db, "w", 5, key="january", at=at)
    ledger.track_minutes(db, "w", 7, key="february", at=at + timedelta(hours=1))
    refresh_rollups(db, at=at + timedelta(hours=2))
    ledger.track_minutes(db, "w", 2393, key="too much", at=at + timedelta(hours=2))

    refresh_rollups(db, at=at + timedelta(hours=3))

    months = db.execute(
        text(
            "SELECT month::text, plan_minutes, extra_minutes, unmet_minutes FROM monthly_usage_cache ORDER BY 1"
        )
    )
    epochs = db.execute(
        text("SELECT epoch, plan_minutes, extra_minutes, unmet_minutes, uses FROM usage_by_epoch")
    ).all()
    assert [tuple(row) for row in months] == [("2026-01-01", 5, 0, 0), ("2026-02-01", 2395, 0, 5)]
    assert [tuple(row) for row in epochs] == [(1, 2400, 0, 5, 3)]


@pytest.mark.parametrize("source", ["sandbox", "live"])
def test_sources_are_never_added_up(db, source):
    random_company.live_through(db, seed=4, source="live", workspaces=3, things=20)
    random_company.live_through(db, seed=5, source="sandbox", workspaces=3, things=20)
    refresh_rollups(db, at=AS_OF)

    result = measure(db, "revenue-gross", start=BEGIN, end=AS_OF, as_of=AS_OF, source=source)

    by_hand = db.execute(
        text(
            "SELECT sum(amount_cents) FROM extra_minutes_purchases WHERE paid_at IS NOT NULL AND source = :s"
        ),
        {"s": source},
    ).scalar_one()
    assert result.value == by_hand
