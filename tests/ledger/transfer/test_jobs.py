"""Imports in the background: one at a time, and what became of the last one."""

from pathlib import Path

import pytest
from sqlalchemy import Engine

from ledger.errors import ImportRefused
from ledger.transfer.imports import plan_import
from ledger.transfer.jobs import Jobs
from tests.foreign_export import LAST, write_export


def test_a_job_ends_with_its_outcome_and_another_waits_for_it(engine: Engine, tmp_path: Path) -> None:
    write_export(tmp_path)
    plan = plan_import(tmp_path, tmp_path / "mapping.toml")
    options = {"source": "live", "actor": "test", "now": LAST}
    jobs = Jobs()
    jobs.start(engine, plan, dry_run=True, **options)
    with pytest.raises(ImportRefused, match="Another import"):
        jobs.start(engine, plan, dry_run=False, **options)
    jobs.wait()
    assert jobs.last
    assert jobs.last.outcome
    assert (jobs.last.is_running, jobs.last.outcome.staged.refusals) == (False, ())
    jobs.start(engine, plan, dry_run=False, **options)
    jobs.wait()
    assert jobs.last.outcome
    assert jobs.last.outcome.import_id


def test_a_job_that_is_refused_says_why(engine: Engine, tmp_path: Path) -> None:
    write_export(tmp_path)
    jobs = Jobs()
    jobs.start(
        engine,
        plan_import(tmp_path, tmp_path / "mapping.toml"),
        dry_run=True,
        source="moon",
        actor="t",
        now=LAST,
    )
    jobs.wait()
    assert jobs.last
    assert "moon" in (jobs.last.error or "")
