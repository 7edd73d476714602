"""`python -m ledger verify` says what it has proved, and takes its arguments."""

import json
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Engine

import ledger
from ledger.database import writing
from ledger.seals.sealing import seal
from tests.commands import run, url_of_engine

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def test_a_proof_says_what_it_has_read_how_fast_and_as_of_when(engine: Engine, tmp_path: Path) -> None:
    with writing(engine) as db:
        for name in ("acme", "other"):
            ledger.create_workspace(db, name, name=name, owner_email="o@x.example", actor="t", at=NOW)
            ledger.grant_minutes(db, name, 50, reason="outage", key="g", actor="t", at=NOW)
    seal(engine, tmp_path, at=NOW)
    about = {"database_url": url_of_engine(engine), "DATA_DIR": str(tmp_path)}

    words = ("verify", "--jobs", "2", "--overdue", "--resume", str(tmp_path / "notes"))
    full, since = run(*words, **about), run("verify", "--since-root", "1", "--json", **about)
    refused = run("verify", "--since-root", "2", **about)

    what, speed, following, findings = full.stdout.splitlines()
    assert what.startswith("replayed 2 entries of 2 workspaces, as of 20")
    assert speed.endswith("in each process (1)")
    assert following.endswith("verify --since-root 1")
    assert (full.returncode, findings, (tmp_path / "notes").exists()) == (0, "0 findings", False)
    assert (since.returncode, json.loads(since.stdout)) == (0, [])
    assert "replayed 0 entries of 0 workspaces, all that changed since root 1" in since.stderr
    assert (refused.returncode, refused.stderr.partition(":")[0]) == (2, "unproven_root")
