"""A backup is one file that a new database is made of; a drill proves it; what is not whole is never restored."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

import ledger
from ledger.database import connect, reading, runs_as_application, writing
from ledger.postgres.backups import BackupFailed, backup, drill, last_root, restore
from ledger.seals.sealing import seal
from tests.commands import run, url_of_engine
from tests.databases import empty_database

NOW = datetime.now(UTC)


@pytest.fixture
def story(engine: Engine, tmp_path: Path) -> Engine:
    """Two workspaces with minutes, sealed."""
    with writing(engine) as db:
        for name in ("acme", "other"):
            ledger.create_workspace(db, name, name=name, owner_email="o@x.example", actor="t", at=NOW)
            ledger.update_plan_allocation(db, name, "starter", "monthly", key="k", actor="t", at=NOW)
            ledger.track_minutes(db, name, 33, key="u", at=NOW)
    seal(engine, tmp_path, at=NOW)
    return engine


def test_everything_comes_back_into_an_empty_database_by_two_commands(story: Engine, tmp_path: Path) -> None:
    file = tmp_path / "ledger.dump"

    saved = run("backup", str(file), database_url=url_of_engine(story))
    with empty_database() as url:
        loaded = run("restore", str(file), database_url=url)
        copy = connect(url)
        with reading(copy) as db:
            balances = {name: ledger.get_balance(db, name).total_minutes for name in ("acme", "other")}
            is_application = runs_as_application(db)
        with writing(copy) as db:
            again = ledger.track_minutes(db, "acme", 33, key="u", at=NOW)
            ledger.track_minutes(db, "acme", 7, key="v", at=NOW)
        copy.dispose()

    assert (saved.returncode, loaded.returncode) == (0, 0), saved.stderr + loaded.stderr
    assert loaded.stdout.strip().endswith("0 findings")
    assert balances == {"acme": 167, "other": 167}
    assert (again.repeated, is_application) == (True, True)
    assert file.stat().st_mode & 0o077 == 0


def test_a_database_that_holds_something_is_never_restored_over(story: Engine, tmp_path: Path) -> None:
    backup(story, tmp_path / "a")

    with pytest.raises(BackupFailed, match="not empty"):
        restore(story, tmp_path / "a")

    with reading(story) as db:
        assert ledger.get_balance(db, "acme").total_minutes == 167


@pytest.mark.parametrize("left", [0, 100, 20_000])
def test_a_file_that_is_not_whole_restores_nothing(story: Engine, tmp_path: Path, left: int) -> None:
    file = tmp_path / "a"
    backup(story, file)
    file.write_bytes(file.read_bytes()[:left])

    with empty_database() as url:
        copy = connect(url)
        with pytest.raises(BackupFailed):
            restore(copy, file)
        with reading(copy) as db:
            assert db.execute(text("SELECT to_regclass('entries')")).scalar_one() is None
        copy.dispose()


def test_a_backup_that_fails_leaves_the_last_one_and_no_half_file(story: Engine, tmp_path: Path) -> None:
    file = tmp_path / "a"
    backup(story, file)
    before = file.read_bytes()
    gone = connect(story.url.set(database="nowhere").render_as_string(hide_password=False))

    with pytest.raises(BackupFailed):
        backup(gone, file)

    assert file.read_bytes() == before
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["a"]


def test_a_drill_proves_the_backup_beside_and_leaves_no_database(story: Engine, tmp_path: Path) -> None:
    file = tmp_path / "a"
    with reading(story) as db:
        first = last_root(db)
    backup(story, file)
    with writing(story) as db:
        ledger.track_minutes(db, "acme", 7, key="v", at=NOW)
    seal(story, tmp_path, at=NOW)
    with reading(story) as db:
        second = last_root(db)

    fresh = drill(story, file, since=first)  # the worker sealed while it was written
    old = drill(story, file, since=second)

    assert (fresh.failure, fresh.findings, fresh.root_no) == (None, (), 1)
    assert (old.failure, old.findings) == ("The copy ends too early: its last root is 1.", ())
    with reading(story) as db:
        assert (
            db.execute(text("SELECT count(*) FROM pg_database WHERE datname LIKE 'drill%'")).scalar_one() == 0
        )
