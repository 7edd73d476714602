"""verify proves a sound ledger and names every kind of row that was changed behind its back."""

from datetime import timedelta

import pytest
from sqlalchemy import Connection, event, text

import ledger
from ledger.database import query
from ledger.metrics.rollups import refresh_rollups
from tests.stories import START, Story

CONSTRAINTS = {
    "entries": [
        "entries_continue_the_previous",
        "entries_are_sound",
    ],
    "workspace_minutes": ["workspace_minutes_is_last_entry", "workspace_minutes_are_sound"],
    "stored_draws": ["draws_entry_of_same_workspace", "draws_lot_of_same_workspace"],
    "usage_alerts": ["usage_alerts_entry_of_same_workspace"],
    "stored_lots": ["lots_never_overdrawn", "lots_purchase_of_same_workspace"],
}
READING = (
    "INSERT INTO closed_months (metric, source, month, currency, revision, pending, definition_version, report_timezone, as_of, "
    "computed_at, sum_of_values, sum_of_weights, row_count, facts, causes) VALUES ('conversion', 'sandbox', '2026-03-01', '', "
    "{revision}, 0, 1, 'UTC', '2026-04-01', '{computed_at}', 0, 0, 0, '{{}}', '[1]')"
)
HOLD_OUT = (
    "INSERT INTO hold_outs (hold_out, source, starts_at, ends_at, created_by, share_percent, hits_needed, reason) "
    "VALUES ('{name}', 'sandbox', '2026-03-01', {ends}, 'x', 10, 1, 'r')"
)


@pytest.fixture
def acme(db: Connection) -> Story:
    """A workspace to which everything has happened: entries 1 to 8."""
    acme = Story(db)
    acme.plan("starter")  # 1, lot 1
    acme.gets(100, "grant")  # 2, lot 2
    acme.buys("small")  # 3, lot 3
    db.execute(
        text(
            "UPDATE extra_minutes_purchases SET paid_at = created_at, status = 'paid', lot_id = 3 WHERE workspace_id = :w"
        ),
        {"w": acme.workspace_id},
    )
    acme.uses(250)  # 4
    acme.voids("grant", 10)  # 5
    acme.later(days=40).uses(5)  # 6 is the reset of lot 4, 7 the use
    acme.uses(900)  # 8
    refresh_rollups(db, at=acme.now)
    return acme


def test_a_sound_ledger_has_no_findings(db: Connection, acme: Story) -> None:
    assert ledger.verify(db, at=acme.now) == []


@pytest.mark.parametrize(
    ("check", "change"),
    [
        ("running balances", "UPDATE entries SET plan_after = plan_after + 1 WHERE workspace_id = :w AND entry_no = 2"),
        ("running balances", "UPDATE entries SET extra_delta = extra_delta + 1 WHERE workspace_id = :w AND entry_no = 5"),
        ("entry numbers", "UPDATE entries SET entry_no = 100 WHERE workspace_id = :w AND entry_no = 8"),
        ("minutes used", "UPDATE entries SET used_after = used_after + 1 WHERE workspace_id = :w AND entry_no = 4"),
        ("running times", "UPDATE entries SET latest_at = latest_at + interval '1 s' WHERE workspace_id = :w AND entry_no = 4"),
        ("running times", "UPDATE entries SET recorded_at = now() - interval '9 days' WHERE workspace_id = :w AND entry_no = 5"),
        ("epochs", "UPDATE entries SET epoch = epoch + 1 WHERE workspace_id = :w AND entry_no = 4"),
        ("epochs", "UPDATE entries SET gauge_base = gauge_base + 1 WHERE workspace_id = :w AND entry_no = 5"),
        ("thresholds", "UPDATE entries SET thresholds = '{80}' WHERE workspace_id = :w AND entry_no = 4"),
        ("epochs", "DELETE FROM usage_alerts WHERE workspace_id = :w AND kind = 'limit_hit'"),
        ("epochs", "UPDATE usage_alerts SET entry_no = 1 WHERE workspace_id = :w AND kind = 'used_100'"),
        ("draws", "UPDATE stored_draws SET minutes = minutes + 1 WHERE workspace_id = :w AND entry_no = 4 AND lot_id = 1"),
        ("draws", "UPDATE stored_draws SET lot_id = 3 WHERE workspace_id = :w AND entry_no = 4 AND lot_id = 2"),
        ("draws", "DELETE FROM stored_draws WHERE workspace_id = :w AND entry_no = 4 AND lot_id = 1"),
        ("draws", "INSERT INTO stored_draws (workspace_id, entry_no, lot_id, minutes) VALUES (:w, 7, 4, 1)"),
        ("draws", "UPDATE entries SET lot_id = 3 WHERE workspace_id = :w AND entry_no = 7"),
        ("draws", "UPDATE entries SET lot_id = NULL WHERE workspace_id = :w AND entry_no = 7"),
        ("lots", "UPDATE stored_lots SET drawn = drawn - 1 WHERE workspace_id = :w AND lot_id = 1"),
        ("lots", "UPDATE stored_lots SET voided = voided + 1 WHERE workspace_id = :w AND lot_id = 3"),
        ("lots", "UPDATE stored_lots SET minutes = minutes + 1 WHERE workspace_id = :w AND lot_id = 2"),
        ("lots", "UPDATE stored_lots SET burn_order = 0 WHERE workspace_id = :w AND lot_id = 2"),
        ("lots", "UPDATE stored_lots SET kind = 'grant' WHERE workspace_id = :w AND lot_id = 1"),
        ("lots", "INSERT INTO stored_lots (workspace_id, lot_id, minutes, burn_order, entry_no, acquired_at, kind) "
                 "VALUES (:w, 99, 5, 5, 5, now(), 'grant')"),
        ("periods", "UPDATE stored_lots SET period_start = period_start + interval '1 day' WHERE workspace_id = :w AND lot_id = 4"),
        ("periods", "UPDATE workspace_minutes SET minutes_reset_date = minutes_reset_date + interval '1 day' WHERE workspace_id = :w"),
        ("balances", "UPDATE workspace_minutes SET minutes_remaining = minutes_remaining + 1 WHERE workspace_id = :w"),
        ("balances", "UPDATE workspace_minutes SET warned = 0 WHERE workspace_id = :w"),
        ("balances", "UPDATE workspace_minutes SET lot_count = lot_count + 1 WHERE workspace_id = :w"),
        ("balances", "UPDATE workspace_minutes SET current_lot_id = 2, current_remaining = 1 WHERE workspace_id = :w"),
        ("balances", "DELETE FROM workspace_minutes WHERE workspace_id = :w"),
        ("keys", "DELETE FROM idempotency_keys WHERE workspace_id = :w AND operation = 'grant'"),
        ("keys", "UPDATE entries SET key = 'other' WHERE workspace_id = :w AND kind = 'void'"),
        ("keys", "UPDATE idempotency_keys SET lot_id = 1 WHERE workspace_id = :w AND operation = 'grant'"),
        ("keys", "INSERT INTO idempotency_keys (workspace_id, operation, key, body, entry_no) VALUES (:w, 'reset', 'far', '{}', 9999)"),
        ("running balances", "UPDATE entries SET minutes = minutes + 1 WHERE workspace_id = :w AND entry_no = 5"),
        ("running balances", "UPDATE entries SET unmet_minutes = 1 WHERE workspace_id = :w AND entry_no = 2"),
        ("epochs", "UPDATE usage_alerts SET at = at + interval '1 s' WHERE workspace_id = :w AND kind = 'limit_hit'"),
        ("epochs", "UPDATE usage_alerts SET recorded_at = at WHERE workspace_id = :w AND kind = 'used_80'"),
        ("draws", "INSERT INTO stored_draws (workspace_id, entry_no, lot_id, minutes) VALUES (:w, 5, 2, 1)"),
        ("draws", "INSERT INTO stored_draws (workspace_id, entry_no, lot_id, minutes) VALUES (:w, 1, 1, 1)"),
        ("draws", "UPDATE entries SET overage_policy = 'refused' WHERE workspace_id = :w AND entry_no = 7"),
        ("draws", "UPDATE entries SET overage_policy = 'full' WHERE workspace_id = :w AND entry_no = 8"),
        ("draws", "UPDATE entries SET plan_delta = plan_delta + 1, extra_delta = extra_delta - 1 WHERE workspace_id = :w AND entry_no = 4"),
        ("lots", "UPDATE entries SET kind = 'restore' WHERE workspace_id = :w AND entry_no = 5"),
        ("lots", "UPDATE stored_lots SET acquired_at = acquired_at + interval '1 hour' WHERE workspace_id = :w AND lot_id = 2"),
        ("lots", "UPDATE stored_lots SET period_start = acquired_at WHERE workspace_id = :w AND lot_id = 1"),
        ("balances", "UPDATE stored_lots SET drawn = drawn - 1 WHERE workspace_id = :w AND lot_id = 1"),
        ("plans", "UPDATE workspace_minutes SET minutes_total = 300 WHERE workspace_id = :w"),
        ("plans", "UPDATE workspace_minutes SET plan = 'pro' WHERE workspace_id = :w"),
        ("plans", "UPDATE workspace_minutes SET billing_cycle = 'annual' WHERE workspace_id = :w"),
        ("plans", "UPDATE workspace_minutes SET managed_by = 'stripe' WHERE workspace_id = :w"),
        ("plans", "UPDATE workspace_minutes SET anchor_at = anchor_at + interval '1 day' WHERE workspace_id = :w"),
        ("plans", "UPDATE subscriptions SET ended_at = started_at WHERE workspace_id = :w"),
        ("plans", "INSERT INTO subscriptions (workspace_id, subscription_no, plan, billing_cycle, managed_by, started_at) "
                  "VALUES (:w, 7, 'pro', 'monthly', 'ledger', now())"),
        ("facts", "UPDATE monthly_usage_cache SET plan_minutes = plan_minutes + 1 WHERE workspace_id = :w"),
        ("facts", "DELETE FROM monthly_usage_cache WHERE workspace_id = :w"),
        ("facts", "UPDATE usage_by_epoch SET uses = uses + 1 WHERE workspace_id = :w AND epoch = 3"),
        ("facts", "DELETE FROM unmet_days WHERE workspace_id = :w"),
        ("facts", "UPDATE lot_days SET drawn = drawn + 1 WHERE workspace_id = :w"),
        ("facts", "INSERT INTO lot_days (workspace_id, lot_id, day, drawn, voided) VALUES (:w, 3, '2020-01-01', 1, 0)"),
        ("facts", "UPDATE balance_days SET minutes = minutes + 1 WHERE workspace_id = :w"),
        ("facts", "UPDATE rollup_marks SET minutes = minutes + 1 WHERE workspace_id = :w"),
        ("purchases", "UPDATE stored_lots SET purchase_id = NULL WHERE workspace_id = :w AND lot_id = 3"),
        ("purchases", "UPDATE extra_minutes_purchases SET taken_back_minutes = 5 WHERE workspace_id = :w"),
        ("purchases", "UPDATE extra_minutes_purchases SET lot_id = NULL, paid_at = NULL, status = 'failed', failure_code = 'x', "
                      "failure_message = 'x' WHERE workspace_id = :w"),
    ],
)  # fmt: skip
def test_a_row_changed_behind_its_back_is_named(db: Connection, acme: Story, check: str, change: str) -> None:
    db.execute(text("RESET ROLE"))
    db.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))  # a table with checks that wait cannot be altered
    for table, names in CONSTRAINTS.items():
        for name in names:
            db.execute(text(f"ALTER TABLE {table} DROP CONSTRAINT {name}"))

    db.execute(text(change), {"w": acme.workspace_id})

    findings = ledger.verify(db, at=acme.now)
    assert check in {finding.check for finding in findings}
    assert {finding.workspace_id for finding in findings} == {acme.workspace_id}


def test_a_period_that_is_due_and_not_booked_is_named_with_what_to_do(db: Connection, acme: Story) -> None:
    (finding,) = ledger.verify(db, at=acme.now + timedelta(days=31))

    assert finding.check == "periods"
    assert "reset-due" in str(finding)


@pytest.mark.parametrize(
    ("check", "change"),
    [
        ("sums", "UPDATE daily_rollups SET value = value + 1 WHERE metric = 'revenue-gross'"),
        ("sums", "UPDATE monthly_rollups SET n = n + 1 WHERE metric = 'revenue-gross'"),
        ("sums", "DELETE FROM workspace_days WHERE metric = 'revenue-gross'"),
        ("closed months", READING.format(revision=2, computed_at="2026-04-02")),
        ("closed months", READING.format(revision=1, computed_at="2026-04-02") + "; "
                          + READING.format(revision=2, computed_at="2026-04-01")),
        ("hold-outs", HOLD_OUT.format(name="a", ends="'2026-06-01'") + "; " + HOLD_OUT.format(name="b", ends="NULL")),
    ],
)  # fmt: skip
def test_what_belongs_to_no_workspace_is_named_too(
    db: Connection, acme: Story, check: str, change: str
) -> None:
    before = ledger.verify(db, at=acme.now)
    db.execute(text("RESET ROLE"))
    db.execute(text("ALTER TABLE hold_outs DISABLE ROW LEVEL SECURITY"))
    for statement in change.split("; "):
        db.execute(text(statement))

    findings = ledger.verify(db, at=acme.now)

    assert before == []
    assert {(finding.check, finding.workspace_id) for finding in findings} == {(check, "*")}


def test_a_balance_of_a_workspace_that_nobody_made_is_named(db: Connection) -> None:
    db.execute(text("INSERT INTO workspace_minutes (workspace_id) VALUES ('ghost')"))
    ledger.track_minutes(db, "ghost", 5, key="k", at=START)

    (finding,) = ledger.verify(db)

    assert (finding.check, finding.workspace_id) == ("workspaces", "ghost")


def test_an_annual_plan_has_no_reset_date_and_another_one_is_named(db: Connection) -> None:
    acme = Story(db)
    acme.plan("starter", "annual")
    db.execute(
        text("UPDATE workspace_minutes SET minutes_reset_date = now() WHERE workspace_id = :w"),
        {"w": acme.workspace_id},
    )

    assert [finding.check for finding in ledger.verify(db)] == ["periods"]


@pytest.mark.usefixtures("acme")
def test_entries_and_draws_stay_in_the_database_until_they_are_replayed(db: Connection) -> None:
    read = {str(query(f"verify_{name}").compile(db)): name for name in ("entries", "draws", "lots")}
    fetched: dict[str, int] = {}

    @event.listens_for(db, "after_cursor_execute")
    def note(_db, cursor, statement, *_):
        if statement in read:
            fetched[read[statement]] = cursor.pgresult.ntuples

    assert ledger.verify(db) == []
    event.remove(db, "after_cursor_execute", note)

    lots = db.scalar(text("SELECT count(*) FROM lots"))
    assert lots > 1
    assert fetched == {"entries": 0, "draws": 0, "lots": lots}
