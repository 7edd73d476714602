"""What is exported makes the same ledger again."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, text

import ledger
from ledger.demo import build
from ledger.errors import ImportRefused
from ledger.transfer.exports import export_folder
from ledger.transfer.imports import plan_import, run_import
from tests.databases import migrated_database
from tests.foreign_export import LAST, write_export
from tests.shop import Shop

SAME = (
    "SELECT workspace_id, name, owner_email, source, created_at FROM workspaces",
    "SELECT workspace_id, plan, billing_cycle, managed_by, started_at, ended_at FROM subscriptions",
    """SELECT workspace_id, entry_no, kind, key, minutes, unmet_minutes, plan_after, extra_after, at, latest_at, epoch, gauge_base,
              lot_id, duration_seconds, overage_policy FROM entries""",
    "SELECT workspace_id, lot_id, kind, minutes, drawn, voided, acquired_at, period_start, purchase_id FROM lots",
    "SELECT workspace_id, epoch, kind, entry_no, at, unmet_minutes FROM usage_alerts",
    """SELECT workspace_id, purchase_id, package, minutes, amount_cents, currency, status, paid_at, refunded_cents, fee_cents, lot_id,
              taken_back_minutes, shortfall_minutes, dispute_status FROM extra_minutes_purchases""",
    "SELECT workspace_id, refund_id, purchase_id, amount_cents, status, refunded_at FROM refunds",
    "SELECT workspace_id, dispute_id, purchase_id, amount_cents, status, fee_cents, opened_at, closed_at FROM disputes",
)
UNTIL = date(2026, 3, 1)


def contents(engine: Engine) -> dict[str, list[Any]]:
    with ledger.reading(engine) as db:
        return {query: sorted(map(str, db.execute(text(query)))) for query in SAME}


@contextmanager
def copied(engine: Engine, folder: Path, source: str) -> Iterator[Engine]:
    export_folder(engine, folder, source=source)
    with migrated_database() as other:
        now = datetime(2026, 6, 1, tzinfo=UTC)
        outcome = run_import(other, plan_import(folder), source=source, actor="test", now=now)
        assert (outcome.staged.refusals, outcome.findings) == ((), ())
        yield other


def test_an_imported_history_exported_and_imported_again_is_the_same(engine: Engine, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    write_export(tmp_path / "in")
    run_import(
        engine,
        plan_import(tmp_path / "in", tmp_path / "in" / "mapping.toml"),
        source="live",
        actor="t",
        now=LAST,
    )
    with copied(engine, tmp_path / "out", "live") as other:
        after = contents(other)
        for query, rows in contents(engine).items():
            assert after[query] == rows, query


def test_refunds_disputes_voids_late_uses_and_changes_of_plan_are_the_same_afterwards(
    shop: Shop, tmp_path: Path
) -> None:
    shop.signs_up("beta")
    live_through(shop)
    before = contents(shop.engine)
    assert all(before.values())
    with copied(shop.engine, tmp_path / "out", "sandbox") as other:
        after = contents(other)
    for query, rows in before.items():
        assert after[query] == rows, query


def live_through(shop: Shop) -> None:
    """Two workspaces live through everything that the ledger books."""
    for workspace_id, cycle in (("acme", "monthly"), ("beta", "annual")):
        plan(shop, workspace_id, "starter", cycle)
    shop.later(days=3)
    bought = [shop.bought("small"), shop.bought("medium"), shop.bought("large")]
    with ledger.writing(shop.engine) as db:
        gift = ledger.grant_minutes(db, "acme", 50, reason="sorry", key="g", actor="t", at=shop.now)
        ledger.void_minutes(db, "acme", gift.lot_id, 20, reason="too much", key="v", actor="t", at=shop.now)
    shop.later(days=1).uses(230)
    shop.refunds(bought[1], 700)
    shop.later(days=40).uses(30)
    shop.refunds_at_stripe(bought[2], 3499)
    shop.works()
    for won in (False, True):
        disputed = shop.bought("medium")
        shop.later(days=2)
        dispute = shop.gateway.open_dispute(disputed.payment_intent or "")
        shop.works()
        shop.later(days=5).gateway.close_dispute(dispute.dispute, won=won)
        shop.works()
    plan(shop.later(days=1), "acme", "pro", "monthly")
    shop.uses(2_000)
    with ledger.writing(shop.engine) as db:
        ledger.track_minutes(
            db, "beta", 7, key="late", at=shop.now - timedelta(days=30), duration_seconds=401
        )
        ledger.cancel_plan(db, "acme", key="bye", actor="t", at=shop.now)
    plan(shop.later(days=9), "acme", "starter", "annual")
    shop.buys("small", "pm_card_chargeDeclined")
    shop.works()


def plan(shop: Shop, workspace_id: str, name: str, cycle: str) -> None:
    with ledger.writing(shop.engine) as db:
        ledger.update_plan_allocation(
            db, workspace_id, name, cycle, key=f"{name}{cycle}{shop.now}", actor="t", at=shop.now
        )


def test_an_export_imported_into_its_own_ledger_changes_nothing(engine: Engine, tmp_path: Path) -> None:
    build(engine, workspaces=10, months=2, until=UNTIL, seed=3, progress=False)
    before = contents(engine)
    export_folder(engine, tmp_path / "out")
    now = datetime(2026, 6, 1, tzinfo=UTC)
    outcome = run_import(engine, plan_import(tmp_path / "out"), source="demo", actor="test", now=now)
    assert (outcome.staged.refusals, outcome.staged.to_book, contents(engine)) == ((), 0, before)


def test_an_export_asks_for_the_source_when_there_are_several(engine: Engine, tmp_path: Path) -> None:
    with ledger.writing(engine) as db:
        for source in ("live", "sandbox"):
            ledger.create_workspace(
                db, source, name="N", owner_email="o@example.com", actor="t", at=LAST, source=source
            )
    with pytest.raises(ImportRefused, match="--source"):
        export_folder(engine, tmp_path / "out")
    assert export_folder(engine, tmp_path / "live", source="live")["workspaces"] == 1
    with pytest.raises(ImportRefused, match="not empty"):
        export_folder(engine, tmp_path / "live", source="live")
