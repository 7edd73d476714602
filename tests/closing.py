"""Verbs for tests of closed months: the ten workspaces, of which February and March have closed."""

import sys
from datetime import date, timedelta

from sqlalchemy import text

import ledger
from ledger.metrics import registry
from ledger.metrics.closed_months import close_months, list_closed
from ledger.metrics.rollups import refresh_rollups
from tests.mini_ledger import AS_OF

MARCH, APRIL = date(2026, 3, 1), date(2026, 4, 1)
LATER = AS_OF + timedelta(hours=1)


def look_again(db, *, at=LATER, **options):
    """Let the worker pass once more."""
    refresh_rollups(db, at=at, sweep=True, **options)
    return close_months(db, at=at)


def march(db, metric, source="live", at=LATER):
    """Return what is stored of a metric for March, if anything."""
    result = list_closed(db, [metric], source=source, first=MARCH, last=APRIL, as_of=at)
    return next((one for one in result if one.closed.currency in ("", "usd")), None)


def causes(differences):
    """Its causes, as (cause, fact, before, now)."""
    return [(cause.cause, cause.fact, cause.before, cause.now) for cause in differences.causes]


def stored_months(db):
    """Return the number of stored readings."""
    return db.execute(text("SELECT count(*) FROM closed_months")).scalar_one()


def signs_up(db, name, at, source="live"):
    """A workspace on Starter."""
    about = {"name": name, "owner_email": "o@example.com", "actor": "test", "at": at, "source": source}
    ledger.create_workspace(db, name, **about)
    ledger.update_plan_allocation(db, name, "starter", "monthly", key="a", actor="test", at=at)


def changed(monkeypatch, slug, edit):
    """Let one metric's file say something else."""
    script = edit((registry.FOLDER / f"{slug}.sql").read_text())
    monkeypatch.setattr(registry, "METRICS", {**registry.METRICS, slug: registry._read(slug, script)})
    rows = sys.modules["ledger.metrics.rows"]
    for cache in (rows.statement, rows._binds):  # they remember the definition as it was
        monkeypatch.setattr(rows, cache.__name__, cache.__wrapped__)
