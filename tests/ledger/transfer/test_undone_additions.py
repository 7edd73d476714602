"""What an import added to workspaces that were here before is taken back, and they are exactly as they were."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Connection, Engine, text

import ledger
from ledger.database import reading, writing
from ledger.errors import NewerEntries
from ledger.metrics.rollups import refresh_rollups
from ledger.seals.checking import differences_outside
from ledger.seals.roots import folder_of
from ledger.seals.sealing import seal
from ledger.transfer import staging
from ledger.transfer.imports import ImportOutcome, list_imports, plan_import, run_import, undo_import
from tests.bookings import dies_after, everything
from tests.ledger.seals.test_tampering import tamper

NOW = datetime(2026, 4, 20, tzinfo=UTC)
HERE = {
    "workspaces": """workspace_id,name,owner_email,created_at
north,North,n@x.example,2026-01-01T00:00:00Z
south,South,s@x.example,2026-01-01T00:00:00Z
""",
    "plans": """workspace_id,plan,billing_cycle,started_at,ended_at
north,starter,monthly,2026-01-05T00:00:00Z,
south,pro,annual,2026-01-06T00:00:00Z,
""",
    "uses": """workspace_id,key,minutes,at
north,c1,150,2026-01-10T00:00:00Z
south,c1,20,2026-01-11T00:00:00Z
""",
    "purchases": """workspace_id,purchase_id,package,minutes,amount_cents,currency,paid_at,status,begun_at
north,p1,small,60,999,usd,2026-01-12T00:00:00Z,,
south,p2,medium,150,1999,usd,2026-01-12T00:00:00Z,,
""",
}
MORE = {
    "workspaces": HERE["workspaces"] + "west,West,w@x.example,2026-03-01T00:00:00Z\n",
    "plans": """workspace_id,plan,billing_cycle,started_at,ended_at
north,pro,annual,2026-04-06T00:00:00Z,2026-04-12T00:00:00Z
""",
    "uses": """workspace_id,key,minutes,at,policy
north,c1,150,2026-01-10T00:00:00Z,
north,c2,5000,2026-04-08T00:00:00Z,
north,c3,1,2026-04-09T00:00:00Z,full
south,late,7,2026-01-07T00:00:00Z,
west,c1,3,2026-04-01T00:00:00Z,
""",
    "grants": """workspace_id,key,minutes,at,reason
north,g1,100,2026-04-10T00:00:00Z,sorry
""",
    "purchases": """workspace_id,purchase_id,package,minutes,amount_cents,currency,paid_at,status,begun_at
north,p3,small,60,999,usd,2026-04-11T00:00:00Z,,
north,p4,small,60,999,usd,,failed,2026-04-11T00:00:00Z
""",
    "refunds": """workspace_id,purchase_id,refund_id,amount_cents,at
south,p2,r1,500,2026-04-02T00:00:00Z
north,p3,r2,999,2026-04-12T00:00:00Z
""",
    "disputes": """workspace_id,purchase_id,dispute_id,amount_cents,at,status,closed_at
south,p2,d1,1999,2026-04-03T00:00:00Z,won,2026-04-13T00:00:00Z
""",
}


def imported(engine: Engine, folder: Path, files: dict[str, str], **options: Any) -> ImportOutcome:
    folder.mkdir(exist_ok=True)
    for name, content in files.items():
        (folder / f"{name}.csv").write_text(content)
    about = {"source": "live", "actor": "t", "now": NOW} | options
    outcome = run_import(engine, plan_import(folder), **about)
    assert (outcome.staged.refusals, outcome.findings) == ((), ())
    return outcome


def undone(engine: Engine) -> tuple[int, int]:
    with writing(engine) as db:
        newest = next(past for past in list_imports(db) if past.undone_at is None)
        return undo_import(db, newest.import_id, actor="sam", at=NOW)


@pytest.fixture
def company(engine: Engine, tmp_path: Path) -> Engine:
    """Two workspaces with a history, and two monthly resets that fell due since."""
    imported(engine, tmp_path / "here", HERE)
    return engine


@pytest.fixture
def added(company: Engine, tmp_path: Path) -> Engine:
    imported(company, tmp_path / "more", MORE)
    return company


def test_two_workspaces_are_row_for_row_as_before_and_a_third_is_gone(
    company: Engine, tmp_path: Path
) -> None:
    before = everything(company)
    imported(company, tmp_path / "more", MORE)
    after = everything(company)
    assert {name for name in before if before[name] != after[name]} > {
        "entries", "stored_lots", "stored_draws", "usage_alerts", "subscriptions", "extra_minutes_purchases", "refunds",
        "disputes", "idempotency_keys", "workspace_minutes", "payment_objects", "daily_rollups",
    }  # fmt: skip
    assert undone(company) == (1, 2)
    now = everything(company)
    assert {name: now[name] for name in before if now[name] != before[name]} == {}
    with reading(company) as db:
        assert ledger.verify(db) == []
    assert imported(company, tmp_path / "more", MORE).import_id is not None
    assert everything(company)["lot_days"] == after["lot_days"]
    assert imported(company, tmp_path / "more", MORE).import_id is None, "the same files again"


def test_imports_are_undone_from_the_newest_on(company: Engine, tmp_path: Path) -> None:
    before = everything(company)
    first = imported(company, tmp_path / "more", MORE).import_id
    imported(
        company,
        tmp_path / "again",
        {"uses": "workspace_id,key,minutes,at\nsouth,c9,1,2026-04-14T00:00:00Z\n"},
    )
    assert first
    with pytest.raises(NewerEntries, match="south has rows of import"), writing(company) as db:
        undo_import(db, first, actor="sam", at=NOW)
    assert undone(company) == (0, 1)
    assert undone(company) == (1, 2)
    assert everything(company) == before
    assert undone(company) == (2, 0)


def test_an_addition_without_entries_keeps_the_import_of_its_workspace(
    company: Engine, tmp_path: Path
) -> None:
    failed = MORE["purchases"].splitlines()
    imported(company, tmp_path / "more", {"purchases": f"{failed[0]}\n{failed[2]}\n"})
    with reading(company) as db:
        first = list_imports(db)[1].import_id
    with pytest.raises(NewerEntries, match="north has rows of import"), writing(company) as db:
        undo_import(db, first, actor="sam", at=NOW)


def uses(db: Connection) -> None:
    ledger.track_minutes(db, "south", 1, key="new", at=NOW)


def cancels(db: Connection) -> None:
    ledger.cancel_plan(db, "south", key="bye", actor="t", at=NOW)


def pays(db: Connection) -> None:
    db.execute(text("UPDATE extra_minutes_purchases SET fee_cents = 30 WHERE key = 'import:p3'"))


@pytest.mark.parametrize(
    ("newer", "named"),
    [
        (uses, "south has entry"),
        (cancels, "south has a change in workspace_minutes"),
        (pays, "north has a change in extra_minutes_purchases"),
    ],
)
def test_what_stands_on_an_addition_is_named_and_keeps_it(
    added: Engine, newer: Callable[[Connection], None], named: str
) -> None:
    with writing(added) as db:
        newer(db)
    before = everything(added)
    with pytest.raises(NewerEntries, match=named):
        undone(added)
    assert everything(added) == before


def test_a_monthly_reset_since_is_taken_back_and_comes_again(company: Engine, tmp_path: Path) -> None:
    later, grant = (
        NOW + timedelta(days=20),
        "workspace_id,key,minutes,at,reason\nnorth,g1,9,2026-04-10T00:00:00Z,sorry\n",
    )
    before = everything(company)
    imported(
        company,
        tmp_path / "more",
        {"grants": grant, "uses": MORE["uses"].splitlines()[0] + "\nnorth,c2,30,2026-04-08T00:00:00Z,\n"},
    )
    with writing(company) as db:
        ledger.reset_monthly_minutes(db, "north", key="may", at=later)
    assert undone(company) == (0, 1)
    assert everything(company) == before
    with writing(company) as db:
        ledger.track_minutes(db, "north", 1, key="use", at=later)
        resets = text(
            "SELECT count(*) FROM entries WHERE workspace_id = 'north' AND kind = 'reset' AND at > :now"
        )
        assert db.execute(resets, {"now": NOW}).scalar_one() == 1
        assert ledger.verify(db) == []


def test_additions_that_die_between_two_workspaces_are_undone_one_after_the_other(
    company: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = everything(company)
    monkeypatch.setattr(staging, "ROWS_A_CHUNK", 1)
    with pytest.raises(KeyboardInterrupt):
        imported(company, tmp_path / "more", MORE, progress=dies_after(9))
    begun = everything(company)
    assert begun["entries"] != before["entries"]
    imported(company, tmp_path / "more", MORE)
    counts = [undone(company), undone(company)]
    assert [sum(each) for each in zip(*counts, strict=True)] == [1, 2]
    assert all(counts)
    with writing(company) as db:
        refresh_rollups(db, at=NOW, sweep=True)
    assert everything(company) == before


def test_an_undo_that_dies_before_its_commit_has_changed_nothing(added: Engine) -> None:
    before = everything(added)
    with pytest.raises(KeyboardInterrupt), writing(added) as db:
        undo_import(db, list_imports(db)[0].import_id, actor="sam", at=NOW)
        raise KeyboardInterrupt
    assert everything(added) == before
    assert undone(added) == (1, 2)


def findings(engine: Engine, folder: Path) -> list[str]:
    with reading(engine) as db:
        return [str(each) for each in (*ledger.verify(db), *differences_outside(db, folder_of(folder)))]


@pytest.mark.parametrize("sealed_before", [True, False])
def test_a_sealed_addition_that_was_undone_does_not_read_as_tampering(
    company: Engine, tmp_path: Path, sealed_before: bool
) -> None:
    if sealed_before:
        assert seal(company, tmp_path, at=NOW)
    imported(company, tmp_path / "more", MORE)
    assert seal(company, tmp_path, at=NOW)
    undone(company)
    assert findings(company, tmp_path) == []
    assert seal(company, tmp_path, at=NOW)
    assert findings(company, tmp_path) == []
    tamper(company, "UPDATE entries SET actor = 'eve' WHERE workspace_id = 'north' AND entry_no = 1")
    assert any("north" in finding for finding in findings(company, tmp_path)), (
        "what was here before stays sealed"
    )


def test_a_row_that_was_changed_before_the_undo_stays_a_finding(company: Engine, tmp_path: Path) -> None:
    imported(company, tmp_path / "more", MORE)
    assert seal(company, tmp_path, at=NOW)
    tamper(company, "UPDATE refunds SET recorded_at = '2020-01-01' WHERE refund_id = 'r2'")
    tamper(
        company,
        "UPDATE import_changes SET digest_after = digest_of_row('refunds', (SELECT to_jsonb(r) FROM refunds r WHERE refund_id = 'r2')) WHERE id ->> 1 = 'r2' AND table_name = 'refunds'",
    )
    undone(company)
    assert any("r2" in finding for finding in findings(company, tmp_path))


def test_seals_from_before_an_addition_do_not_hide_under_its_undo(company: Engine, tmp_path: Path) -> None:
    assert seal(company, tmp_path, at=NOW)
    imported(company, tmp_path / "more", MORE)
    assert seal(company, tmp_path, at=NOW)
    with reading(company) as db:
        import_id = list_imports(db)[0].import_id
    undone(company)
    hidden = """
        WITH gone AS (DELETE FROM entry_seals WHERE workspace_id = 'south' RETURNING *)
        INSERT INTO undone_seals (import_id, chain, subject, version, digest, root_no)
        SELECT '{0}', 'entries', concat(workspace_id, '|', first_entry_no), last_entry_no, digest, root_no FROM gone"""
    tamper(company, hidden.format(import_id))
    assert any(
        "south" in finding and "without an undone import" in finding
        for finding in findings(company, tmp_path)
    )


def test_what_others_booked_cannot_be_made_a_part_of_an_import(company: Engine) -> None:
    forged = UUID(int=1)
    with writing(company) as db:
        db.execute(text("SELECT begin_additions(:id, ARRAY['south'])"), {"id": forged})
    with writing(company) as db:
        uses(db)
    with writing(company) as db:
        db.execute(text("SELECT end_additions(:id)"), {"id": forged})
        assert (
            db.execute(
                text("SELECT to_no FROM import_additions WHERE import_id = :id"), {"id": forged}
            ).scalar_one()
            is None
        )
