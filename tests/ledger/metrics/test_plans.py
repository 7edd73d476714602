"""What a number costs does not hang on the statistics of the tables, which know nothing of rows that have just arrived."""

from datetime import UTC, datetime

from sqlalchemy import text

from ledger.database import writing
from ledger.metrics import row_totals
from ledger.metrics.rollups import refresh_rollups
from tests.databases import as_owner

AT = datetime(2026, 3, 1, tzinfo=UTC)
PEOPLE = 300
ARRIVALS = (
    "INSERT INTO workspaces (workspace_id, name, owner_email, source, created_by, created_at) "
    "SELECT 'w' || n, 'W', 'o@example.com', 'sandbox', 'test', '2025-01-01' FROM generate_series(1, :people) n",
    "INSERT INTO extra_minutes_purchases (workspace_id, purchase_id, key, body, source, package, package_version, "
    "package_arm, package_name, minutes, amount_cents, currency, actor, created_at, attempted_at, status, paid_at) "
    "SELECT 'w' || n, gen_random_uuid(), k::text, '{}', 'sandbox', 'small', 1, 'standard', 'Small', 60, 999, 'usd', "
    "'test', at, at, 'paid', at FROM generate_series(1, :people) n, generate_series(1, 3) k, "
    "LATERAL (SELECT timestamptz '2025-06-01' + make_interval(days => 20 * k, hours => n)) paid (at)",
)
BELIEVED = "SELECT reltuples::int FROM pg_class WHERE oid = 'extra_minutes_purchases'::regclass"


def arrive_after_a_failed_try(engine):
    """An import that is rolled back, a look at the tables as autovacuum takes it, and the import that succeeds."""
    with engine.connect() as db:
        for statement in ARRIVALS:
            db.execute(text(statement), {"people": PEOPLE})
        db.rollback()
        with as_owner(db):
            db.execute(text("ANALYZE workspaces, extra_minutes_purchases"))
        db.commit()
    with writing(engine) as db:
        for statement in ARRIVALS:
            db.execute(text(statement), {"people": PEOPLE})
        db.execute(text("SELECT pg_stat_force_next_flush()"))


def test_a_refresh_looks_again_at_tables_that_were_empty_when_they_were_last_analysed(engine):
    arrive_after_a_failed_try(engine)
    with engine.connect() as db:
        before = db.execute(text(BELIEVED)).scalar_one()

    with writing(engine) as db:
        refresh_rollups(db, at=AT)

    with engine.connect() as db:
        assert (before, db.execute(text(BELIEVED)).scalar_one()) == (0, 3 * PEOPLE)
        assert db.execute(text("SELECT analyse_misjudged()")).scalar_one() == 0


def test_whoever_bought_again_is_counted_in_seconds_also_before_anybody_looked_at_the_tables(engine):
    """As a join of four tables that seem empty it took half an hour for 6,919 purchases; the time limit is the guard."""
    arrive_after_a_failed_try(engine)

    with engine.begin() as db:
        result = row_totals(
            db, "repeat-rate", start=AT.replace(year=2025), end=AT, as_of=AT, source="sandbox"
        )

    assert (result.n, result.value) == (PEOPLE, PEOPLE)
