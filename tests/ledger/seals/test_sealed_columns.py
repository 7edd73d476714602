"""Every column of every table is sealed and tampered with here, or stands below with the reason why it is not."""

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

import pytest
from sqlalchemy import Connection, Engine, text

import ledger
from ledger.database import query, writing
from ledger.metrics.rollups import refresh_rollups
from ledger.seals.sealing import seal
from tests.databases import as_owner
from tests.ledger.seals.test_tampering import drop_constraints

COLUMNS = text(
    "WITH read AS (SELECT DISTINCT d.refobjid, d.refobjsubid FROM pg_depend d JOIN pg_rewrite r ON r.oid = d.objid "
    "WHERE d.classid = 'pg_rewrite'::regclass AND d.refclassid = 'pg_class'::regclass AND r.ev_class IN "
    "('sealed_facts'::regclass, 'sealed_lines'::regclass, 'sealed_payments'::regclass, 'sealed_settings'::regclass)) "
    "SELECT c.relname AS table, a.attname AS name, format_type(a.atttypid, NULL) AS type, "
    "EXISTS (SELECT FROM read WHERE refobjid = c.oid AND refobjsubid IN (0, a.attnum)) AS is_sealed, "
    "a.attgenerated <> '' OR a.attidentity = 'a' AS is_generated, coalesce(a.attnum = ANY(k.conkey), false) AS is_key "
    "FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped "
    "LEFT JOIN pg_constraint k ON k.conrelid = c.oid AND k.contype = 'p' "
    "WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace ORDER BY 1, a.attnum"
)
"""Every column, and whether a sealing view reads it."""
ANOTHER = {
    "text": ("'made'", "coalesce({0}, '') || 'x'"),
    "character varying": ("'made'", "{0} || 'x'"),
    "boolean": ("true", "NOT coalesce({0}, false)"),
    "bytea": ("sha256('made')", "sha256('other')"),
    "xid8": ("'1'", "'2'"),
    "uuid": ("md5('made')::uuid", "md5('other')::uuid"),
    "jsonb": ("'{{\"made\": 1}}'", "'{{\"other\": 1}}'"),
    "text[]": ("'{{made}}'", "'{{other}}'"),
    "smallint[]": ("'{{1}}'", "'{{2}}'"),
    "date": ("date '2026-01-01'", "{0} - 1"),
    "timestamp with time zone": ("timestamptz '2026-01-01Z'", "coalesce({0}, now()) - interval '1 day'"),
    **dict.fromkeys(
        ("bigint", "integer", "smallint", "numeric", "double precision"), ("77", "coalesce({0}, 0) + 100")
    ),
    **{
        f"{kind}": (
            "NULL",
            f"(SELECT e FROM unnest(enum_range(NULL::{kind})) e WHERE e IS DISTINCT FROM {{0}} LIMIT 1)",
        )
        for kind in ("entry_kind", "lot_kind", "overage_policy")
    },
}
"""A value of each type, and what makes another one of it."""
LIVED = ("entries", "stored_lots", "stored_draws", "workspaces")
"""Tables with rows of their own in the company."""
BY_STRIPE = "as Stripe says now: every sync writes it again, and `reconcile` compares"
MAY_GO = "its author may remove it or set it again; what it said while it stood is sealed"
OF_A_RUN = "where a run stands; what it booked is an entry with an audit line, both sealed"
MESSAGES = "messages and their attempts, deleted after 90 days; what caused them is sealed"
ON_SCREEN = "what somebody sees, moves nothing"
OF_AN_UNDO = "read by an undo alone; what it restores is compared with the seals"
COMPUTED = "computed from what is sealed, and made again by the worker"
WORK = "work in progress of one process or request"
SANDBOX = "the built-in payment provider, another company's books; `reconcile` compares"
OUTSIDE = "compared with the roots stored outside the database"
PERSONAL = "personal data, must be erasable; the audit has each change"
NOT_SEALED = {
    "alert_messages *": MESSAGES,
    "alert_reports *": MESSAGES,
    "alert_subscriptions page query every checked_at beyond": ON_SCREEN,
    "annotations withdrawn_at": MAY_GO,
    "api_key_windows *": WORK,
    "api_keys requests_per_minute last_used_at": "slows a key down, gives nothing; the audit has each change",
    "auto_top_ups declines paused_reason": OF_A_RUN,
    "closed_month_checks *": WORK,
    "cohort_runs *": "rehearsals with made-up money",
    "demo_history *": "of the made-up company",
    "disputes status reason fee_cents closed_at": BY_STRIPE,
    "entries previous_no": "a number below the own one, by a foreign key",
    "event_attempts *": MESSAGES,
    "event_deliveries *": MESSAGES,
    "extra_minutes_packages tagline stripe_product stripe_price": ON_SCREEN,
    "extra_minutes_packages valid_to": "the end of a sale may change; the audit has each change",
    "extra_minutes_purchases status attempt attempt_key attempted_at payment_intent checkout_session charge customer "
    "receipt_number receipt_url failure_code failure_message fee_cents fee_currency refunded_at dispute_status disputed_at "
    "synced_at shortfall_minutes bookings": BY_STRIPE,
    "goals metric source set_at": MAY_GO,
    "grant_batch_rows state problem lot_id undone_minutes": OF_A_RUN,
    "idempotency_keys body recorded_at": "another body refuses a repeat, and books nothing",
    "import_additions from_no transaction_id recorded_at": OF_AN_UNDO,
    "import_before *": WORK,
    "import_changes *": OF_AN_UNDO,
    "imported_workspaces entry_no recorded_at": WORK,
    "imports finished_at rows_booked": OF_A_RUN,
    "metric_fits *": COMPUTED,
    "metric_versions *": COMPUTED,
    "notes workspace_id note_id": MAY_GO,
    "offers_seen *": "what a customer's page reported",
    "opened_workspaces *": ON_SCREEN,
    "other_prices *": "gives no minutes; the audit has each change",
    "outgoing_events *": MESSAGES,
    "payment_alerts *": "a list of what to look at, made again by `reconcile`; the audit has who closed one",
    "payment_objects recorded_at": WORK,
    "plan_prices months valid_to": BY_STRIPE,
    "portal_links *": "expire within a day, and only show or buy",
    "price_tests ends_at": "the end of a test may change; the audit has each change",
    "pricing_readings *": COMPUTED,
    "pricing_snapshots *": COMPUTED,
    "reconciliations checked_invoices": ON_SCREEN,
    "refund_requests status refund_id error": BY_STRIPE,
    "refunds status reason failure_reason": BY_STRIPE,
    "repeated_days *": COMPUTED,
    "restore_drills *": "what a copy showed to operators; the next drill shows it again",
    "rollup_marks signature": COMPUTED,
    "rollup_state *": COMPUTED,
    "rollup_work *": WORK,
    "sandbox_events *": SANDBOX,
    "sandbox_objects *": SANDBOX,
    "sandbox_requests *": SANDBOX,
    "sandbox_state *": SANDBOX,
    "saved_views *": ON_SCREEN,
    "schedules *": WORK,
    "schema_migrations *": "another one stops the next `migrate`",
    "seal_roots sealed_at signature key_id": OUTSIDE,
    "sign_in_sessions *": "end within 12 hours; the audit has each sign-in that failed and each end by an administrator",
    "stripe_events api_version deliveries status attempts next_attempt_at finished_at error effect workspace_id waits_for "
    "purged_at": OF_A_RUN,
    "stripe_invoices refunded_cents disputed shortfall_minutes bookings synced_at": BY_STRIPE,
    "stripe_subscriptions *": BY_STRIPE,
    "subscriptions paid_from reset_date": BY_STRIPE,
    "table_kinds *": "of the schema",
    "top_ups outcome detail next_attempt_at mailed_at": OF_A_RUN,
    "undone_seals *": "tests/ledger/seals/test_undone_imports.py",
    "usage_alerts notifies": MESSAGES,
    "use_batches *": WORK,
    "webhook_endpoints previous_secret previous_until": "a former secret signs beside the new one for a day",
    "workspace_attributes workspace_id key set_at": MAY_GO,
    "workspace_minutes current_is_plan": COMPUTED,
    "workspaces name owner_email": PERSONAL,
}
"""Tables and columns that nobody seals, and why."""


class Column(NamedTuple):
    """A column of a table, and a changed value of its type."""

    table: str
    name: str
    type: str
    is_sealed: bool

    def changes(self) -> str:
        """Return the statement that changes it in one row; in a sealed table, the made-up row."""
        other = ANOTHER[self.type][1].format(f'"{self.name}"')
        first = f"(strpos(to_jsonb(t)::text, 'made') > 0) <> {self.is_sealed}"
        row = f'SELECT ctid FROM "{self.table}" t ORDER BY {first}, "{self.name}" IS NULL LIMIT 1'
        return f'UPDATE "{self.table}" SET "{self.name}" = {other} WHERE ctid = ({row})'


@pytest.fixture
def everything(company: Engine, tmp_path: Path) -> Iterator[Connection]:
    """The company, one workspace that ran out of minutes, and a made-up row in every sealed table; all of it sealed."""
    at = datetime.now(UTC)
    with writing(company) as db:
        ledger.create_workspace(
            db, "busy", name="B", owner_email="b@x.example", actor="t", at=at, source="sandbox"
        )
        for key in ("1", "2"):
            ledger.grant_minutes(db, "busy", 5, reason="r", key=key, actor="t", at=at)
        ledger.track_minutes(db, "busy", 20, key="u", at=at)
        refresh_rollups(db, at=at)
    with writing(company) as db, as_owner(db):
        drop_constraints(db)
        for table, columns in groupby(db.execute(COLUMNS).all(), lambda column: column.table):
            made = [column for column in columns if not column.is_generated]
            if table not in LIVED and any(column.is_sealed for column in made):
                names = ", ".join(f'"{column.name}"' for column in made)
                values = ", ".join(ANOTHER[column.type][0].format() for column in made)
                db.exec_driver_sql(
                    f'INSERT INTO "{table}" ({names}) OVERRIDING SYSTEM VALUE VALUES ({values})'
                )
    seal(company, tmp_path, at=at)
    with company.connect() as db, as_owner(db):
        yield db
        db.rollback()


def is_listed(column: Column) -> bool:
    """Return whether a column stands among those that nobody seals."""
    listed = [row.split() for row in NOT_SEALED if row.split()[0] == column.table]
    return any(column.name in names or "*" in names for _, *names in listed)


def is_named(db: Connection, column: Column, before: set[ledger.Finding]) -> bool:
    """Return whether a changed value is named: by a seal at once, or by the whole proof."""
    db.exec_driver_sql("SAVEPOINT sound")
    db.exec_driver_sql(column.changes())
    seals = "verify_entry_seals" if column.table in LIVED else "verify_sealed_rows"
    everything = {"since_root": 0, "ids": list(db.scalars(text("SELECT workspace_id FROM workspaces")))}
    named = db.execute(query(seals), everything).first() is not None or not set(ledger.verify(db)) <= before
    db.exec_driver_sql("ROLLBACK TO SAVEPOINT sound")
    return named


def test_a_listed_column_is_there() -> None:
    assert all(reason and row.split()[1:] for row, reason in NOT_SEALED.items())


def test_every_column_is_sealed_or_proven_or_has_a_reason(everything: Connection) -> None:
    unnamed: dict[str, list[str]] = {}
    before = set(ledger.verify(everything))
    for each in everything.execute(COLUMNS).all():
        column = Column(each.table, each.name, each.type, each.is_sealed)
        if not (each.is_generated or is_listed(column) or is_named(everything, column, before)):
            unnamed.setdefault(each.table, []).append(each.name)

    assert unnamed == {}
