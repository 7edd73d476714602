"""Whatever the owner of the database changes behind the ledger's back, verify names it; nothing launders it."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

from sqlalchemy import Connection, Engine, text

import ledger
from ledger.database import reading, writing
from ledger.desk import approvals, audit, keys, notes, staff
from ledger.metrics.rollups import refresh_rollups
from ledger.minutes.verify import first_broken_seal
from ledger.seals.checking import differences_outside
from ledger.seals.roots import folder_of
from ledger.seals.sealing import seal
from tests.databases import as_owner

NOW = datetime.now(UTC)


def proof(engine: Engine) -> list[ledger.Finding]:
    with reading(engine) as db:
        return ledger.verify(db)


def test_a_company_that_nobody_touched_is_proven_also_after_it_goes_on(
    company: Engine, tmp_path: Path
) -> None:
    assert proof(company) == []
    with writing(company) as db:
        ledger.track_minutes(db, "acme", 7, key="w", at=NOW)
        approvals.decide(db, UUID(int=2), accepted=False, decided_by="boss", reason="no", at=NOW)
        notes.remove_note(db, "acme", UUID(int=1), author=None)
        staff.disable_staff(db, "ada@x.example", at=NOW)
        audit.record(
            db,
            actor="b",
            role="admin",
            action="disable_staff",
            at=NOW,
            request_id="d",
            subject="ada@x.example",
        )
        for key in keys.list_keys(db):
            keys.revoke_key(db, key.key_id, actor="boss", at=NOW)
        refresh_rollups(db, at=NOW)

    seal(company, tmp_path, at=NOW + timedelta(minutes=1))

    assert proof(company) == []
    assert seal(company, tmp_path, at=NOW + timedelta(minutes=2)) is None


CHANGES = [
    ("entries", "UPDATE entries SET reason = 'other' WHERE workspace_id = 'acme' AND kind = 'grant'"),
    ("entries", "UPDATE entries SET actor = 'eve' WHERE workspace_id = 'acme' AND kind = 'grant'"),
    ("entries", "UPDATE entries SET reference = 'x' WHERE workspace_id = 'acme' AND entry_no = 3"),
    ("entries", "UPDATE entries SET recorded_at = recorded_at - interval '1 s' WHERE workspace_id = 'acme' AND entry_no = 3"),
    ("purchases", "UPDATE extra_minutes_purchases SET amount_cents = amount_cents + 1"),
    ("payments", "UPDATE extra_minutes_purchases SET paid_at = paid_at + interval '40 days'"),
    ("refunds", "UPDATE refunds SET amount_cents = amount_cents - 1"),
    ("refunds", "DELETE FROM refunds"),
    ("refunded_cents", "UPDATE extra_minutes_purchases SET refunded_cents = 0"),
    ("refunded_cents", "UPDATE refunds SET status = 'failed'"),
    ("refund_requests", "UPDATE refund_requests SET reason = 'other'"),
    ("audit", "UPDATE audit SET actor = 'eve' WHERE workspace_id = 'acme'"),
    ("audit", "DELETE FROM audit WHERE workspace_id = 'acme'"),
    ("audit", "DELETE FROM audit"),
    ("audit", "INSERT INTO audit (at, recorded_at, actor, role, action, request_id) "
              "VALUES (now(), now() - interval '2 days', 'eve', 'admin', 'grant', 'backdated')"),
    ("approvals", "UPDATE approvals SET minutes = 99999 WHERE state = 'waiting'"),
    ("decisions", "UPDATE approvals SET state = 'rejected' WHERE state = 'accepted'"),
    ("packages", "UPDATE extra_minutes_packages SET amount_cents = 1 WHERE code = 'large'"),
    ("plans", "UPDATE plans SET minutes = 2000 WHERE plan = 'pro'"),
    ("staff", "UPDATE staff SET role = 'admin' WHERE email = 'sam@x.example'"),
    ("staff", "UPDATE staff SET disabled_at = now() WHERE email = 'sam@x.example'"),
    ("staff", "DELETE FROM staff WHERE email = 'sam@x.example'"),
    ("limits", "UPDATE staff_limits SET minutes_per_grant = 1000000 WHERE role = 'support'"),
    ("api_keys", "UPDATE api_keys SET scopes = ARRAY['workspaces:write'] WHERE name = 'sam'"),
    ("bulk_grants", "UPDATE grant_batches SET created_by = 'eve'"),
    ("bulk_grant_rows", "UPDATE grant_batch_rows SET minutes = 500 WHERE row_no = 1"),
    ("events", "DELETE FROM stripe_events WHERE type = 'payment_intent.succeeded'"),
    ("event_bodies", "UPDATE stripe_events SET raw = '{}' WHERE type = 'payment_intent.succeeded'"),
    ("workspaces", "UPDATE workspaces SET source = 'live' WHERE workspace_id = 'other'"),
    ("plan_periods", "UPDATE subscriptions SET managed_by = 'stripe' WHERE workspace_id = 'other'"),
    ("notes", "UPDATE notes SET text = 'hates tea' WHERE workspace_id = 'acme'"),
    ("invoices", "UPDATE stripe_invoices SET amount_paid_cents = 1 WHERE workspace_id = 'acme'"),
    ("invoices", "DELETE FROM stripe_invoices WHERE workspace_id = 'acme'"),
    ("invoice_outcomes", "UPDATE stripe_invoices SET because = 'other' WHERE workspace_id = 'acme'"),
    ("invoice_lines", "UPDATE stripe_invoice_lines SET shortfall_minutes = 1 WHERE workspace_id = 'acme'"),
    ("invoice_lines", "DELETE FROM stripe_invoice_lines WHERE workspace_id = 'acme'"),
    ("stripe_links", "UPDATE stripe_links SET starts_at = starts_at - interval '1 year' WHERE workspace_id = 'acme'"),
    ("stripe_links", "DELETE FROM stripe_links WHERE workspace_id = 'acme'"),
    ("old_balances", "UPDATE old_balances SET minutes = 4000 WHERE workspace_id = 'acme'"),
    ("comparisons", "UPDATE move_in_comparisons SET unexplained_minutes = 7"),
    ("comparisons", "DELETE FROM move_in_comparisons"),
    ("went_live", "UPDATE move_in_comparisons SET went_live_by = 'eve'"),
    ("payment_objects", "UPDATE payment_objects SET workspace_id = 'acme' WHERE object_id = 'cus_other'"),
    ("payment_objects", "DELETE FROM payment_objects WHERE object_id = 'cus_acme'"),
    ("top_up_settings", "UPDATE auto_top_ups SET monthly_limit_cents = 900000 WHERE workspace_id = 'acme'"),
    ("top_ups", "UPDATE top_ups SET at = at - interval '1 month' WHERE workspace_id = 'acme'"),
    ("top_ups", "DELETE FROM top_ups WHERE workspace_id = 'acme'"),
    ("webhook_endpoints", "UPDATE webhook_endpoints SET url = 'https://evil.example' WHERE deleted_at IS NULL"),
    ("webhook_endpoints", "DELETE FROM webhook_endpoints WHERE deleted_at IS NULL"),
    ("approved_endpoints", "UPDATE webhook_endpoints SET approved_by = 'eve' WHERE deleted_at IS NOT NULL"),
    ("deleted_endpoints", "UPDATE webhook_endpoints SET deleted_at = NULL, deleted_by = NULL"),
    ("endpoint_secrets", "UPDATE webhook_endpoints SET secret = 'whsec_mine' WHERE deleted_at IS NULL"),
    ("alert_subscriptions", "UPDATE alert_subscriptions SET target = 'eve@evil.example' WHERE stopped_at IS NULL"),
    ("alert_subscriptions", "DELETE FROM alert_subscriptions WHERE stopped_at IS NULL"),
    ("stopped_alerts", "UPDATE alert_subscriptions SET stopped_at = NULL"),
    ("attributes", "UPDATE workspace_attributes SET value = 'FR', segment = 'FR' WHERE key = 'country'"),
    ("annotations", "UPDATE annotations SET text = 'other' WHERE text = 'Launch acme'"),
    ("annotations", "DELETE FROM annotations WHERE text = 'Launch acme'"),
    ("approved_keys", "UPDATE api_keys SET approved_by = 'eve' WHERE name = 'acme writer'"),
    ("root 1", "UPDATE sealed_rows SET digest = sha256('x') WHERE chain = 'audit'"),
    ("root 1", "DELETE FROM sealed_rows WHERE chain = 'audit'"),
    ("root 1", "DELETE FROM entry_seals WHERE workspace_id = 'acme'"),
    ("root 1", "UPDATE seal_roots SET root = sha256('x')"),
    ("purchases", "DELETE FROM extra_minutes_purchases"),
]  # fmt: skip
"""Where verify must point, and what the owner changed; `test_sealed_columns.py` changes every column."""


def test_every_change_behind_the_ledgers_back_is_named(company: Engine) -> None:
    missed = []
    with company.connect() as db, as_owner(db):
        drop_constraints(db)
        for where, change in CHANGES:
            db.exec_driver_sql("SAVEPOINT sound")
            db.exec_driver_sql(change)
            named = [finding for finding in ledger.verify(db) if where in finding.where]
            db.exec_driver_sql("ROLLBACK TO SAVEPOINT sound")
            if not named or any("run rollup" in finding.proposal for finding in named):
                missed.append(change)
        db.rollback()

    assert missed == []


def tamper(engine: Engine, *changes: str) -> None:
    """Change rows as the owner of the database, who can drop every check and foreign key first."""
    with writing(engine) as db, as_owner(db):
        drop_constraints(db)
        for change in changes:
            db.exec_driver_sql(change)


def drop_constraints(db: Connection) -> None:
    """Drop every check and foreign key of our tables."""
    constraints = text(
        "SELECT format('ALTER TABLE %s DROP CONSTRAINT %I CASCADE', c.conrelid::regclass, c.conname) FROM pg_constraint c "
        "JOIN pg_class t ON t.oid = c.conrelid WHERE c.contype IN ('f', 'c') AND c.conislocal "
        "AND t.relnamespace = 'public'::regnamespace"
    )
    db.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
    for statement in db.execute(constraints).scalars().all():
        db.execute(text(statement))


def test_a_deleted_entry_stays_named_whatever_is_rebuilt(company: Engine) -> None:
    tamper(
        company,
        "DELETE FROM entries WHERE workspace_id = 'other' AND entry_no = 4",
        "UPDATE workspace_minutes SET entry_no = 3, minutes_used = 33, minutes_remaining = minutes_remaining + 20, "
        "current_lot_id = NULL, current_remaining = 0, latest_at = (SELECT latest_at FROM entries WHERE workspace_id = 'other' "
        "AND entry_no = 3), recorded_at = (SELECT recorded_at FROM entries WHERE workspace_id = 'other' AND entry_no = 3) "
        "WHERE workspace_id = 'other'",
        "UPDATE stored_lots SET drawn = 33 WHERE workspace_id = 'other' AND lot_id = 1",
        "DELETE FROM stored_draws WHERE workspace_id = 'other' AND entry_no = 4",
    )
    with writing(company) as db:
        refresh_rollups(db, at=NOW, sweep=True, rebuild=True)

    checks = {(finding.check, finding.workspace_id, finding.where) for finding in proof(company)}

    assert ("seals", "other", "entries 1 to 4") in checks
    assert not [finding for finding in checks if finding[1] == "acme"]


def test_a_later_seal_does_not_launder_a_change(company: Engine, tmp_path: Path) -> None:
    tamper(company, "UPDATE audit SET actor = 'eve' WHERE workspace_id = 'acme'")

    seal(company, tmp_path, at=NOW + timedelta(hours=1))

    assert [finding.where for finding in proof(company)] != []


def test_an_owner_who_makes_new_seals_is_given_away_by_the_roots_outside(
    company: Engine, tmp_path: Path
) -> None:
    with reading(company) as db:
        assert list(differences_outside(db, folder_of(tmp_path))) == []
    tamper(
        company,
        "UPDATE audit SET actor = 'eve' WHERE workspace_id = 'acme'",
        "DELETE FROM sealed_rows",
        "DELETE FROM entry_seals",
        "DELETE FROM seal_roots",
    )
    other_key = tmp_path / "elsewhere"
    seal(company, other_key, at=NOW)

    assert proof(company) == [], "alone, the database looks sound"
    with reading(company) as db:
        outside = [broken.actual for broken in differences_outside(db, folder_of(tmp_path))]
    assert outside == ["another signature", "another root or none"]


def test_a_period_booked_before_its_time_is_named(company: Engine) -> None:
    ahead = NOW + timedelta(days=70)
    with writing(company) as db:
        ledger.reset_monthly_minutes(db, "other", key="r", at=ahead)
        refresh_rollups(db, at=ahead)

    with reading(company) as db:
        early = [finding for finding in ledger.verify(db, at=NOW) if finding.check == "ahead of time"]
        later = [finding for finding in ledger.verify(db, at=ahead) if finding.check == "ahead of time"]

    assert {finding.workspace_id for finding in early} == {"other"}
    assert later == []
    with reading(company) as db:
        assert first_broken_seal(db) is None
