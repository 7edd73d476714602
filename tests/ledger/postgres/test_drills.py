"""A drill is stored with how it ended, also when it could not be done, and the last one says whether all is well."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import ProgrammingError

import ledger
from ledger.database import reading, writing
from ledger.postgres.backups import BackupFailed
from ledger.postgres.drills import DrillResult, back_up_and_drill, last_drill
from ledger.seals.sealing import seal
from tests.commands import run, url_of_engine
from tests.databases import as_owner

NOW = datetime.now(UTC)


def stored(engine: Engine) -> DrillResult | None:
    """Return the last drill."""
    with reading(engine) as db:
        return last_drill(db)


def test_the_command_stores_each_drill_and_the_last_one_counts(engine: Engine, tmp_path: Path) -> None:
    with writing(engine) as db:
        for name in ("acme", "other"):
            ledger.create_workspace(db, name, name=name, owner_email="o@x.example", actor="t", at=NOW)
            ledger.update_plan_allocation(db, name, "starter", "monthly", key="k", actor="t", at=NOW)
    seal(engine, tmp_path, at=NOW)
    words = ("backup", str(tmp_path / "a"), "--drill")
    none = stored(engine)

    good = run(*words, database_url=url_of_engine(engine))
    passed = stored(engine)
    with writing(engine) as db, as_owner(db):
        db.execute(text("UPDATE entries SET reason = 'x' WHERE workspace_id = 'acme' AND entry_no = 1"))
    bad = run(*words, database_url=url_of_engine(engine))
    failed = stored(engine)

    assert none is None
    assert (good.returncode, passed.error, passed.findings) == (0, None, 0), good.stderr
    assert passed.host
    assert passed.seconds > 0
    assert abs(passed.at - datetime.now(UTC)) < timedelta(hours=1)
    assert bad.returncode == 1
    assert "acme: seals" in bad.stdout
    assert failed.findings == 1
    assert failed.error == "The proof of the copy has 1 findings; its last root is 1."


def test_a_drill_that_cannot_be_done_is_stored_as_failed(engine: Engine, tmp_path: Path) -> None:
    with pytest.raises(BackupFailed):
        back_up_and_drill(engine, tmp_path / "nowhere" / "a", at=NOW)

    failed = stored(engine)
    assert failed.at == NOW
    assert failed.problem(NOW) == "failed"
    assert "nowhere" in failed.error


@pytest.mark.parametrize(
    "statement", ["UPDATE restore_drills SET error = NULL", "DELETE FROM restore_drills"]
)
def test_the_application_never_changes_what_a_drill_showed(engine: Engine, statement: str) -> None:
    with pytest.raises(ProgrammingError, match="permission denied"), writing(engine) as db:
        db.execute(text(statement))


@pytest.mark.parametrize(
    ("error", "hours_ago", "problem"),
    [(None, 0, None), (None, 48, None), (None, 48.1, "overdue"), ("x", 0, "failed"), ("x", 49, "failed")],
)
def test_a_drill_that_passed_is_overdue_after_two_days(error, hours_ago, problem) -> None:
    last = DrillResult(at=NOW - timedelta(hours=hours_ago), host="h", seconds=1, findings=0, error=error)

    assert last.problem(NOW) == problem
