"""What the commands do about a ledger that somebody changed behind its back."""

from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Engine, text

import ledger
from ledger.database import writing
from ledger.seals.sealing import seal
from tests.commands import run, url_of_engine
from tests.databases import as_owner

NOW = datetime.now(UTC)


def test_a_rebuild_is_refused_while_a_seal_is_broken(engine: Engine, tmp_path: Path) -> None:
    with writing(engine) as db:
        for name in ("acme", "other"):
            ledger.create_workspace(db, name, name=name, owner_email="o@x.example", actor="t", at=NOW)
            ledger.grant_minutes(db, name, 50, reason="outage", key="g", actor="sam", at=NOW)
    seal(engine, tmp_path, at=NOW)
    sound = run("rollup", "--rebuild", database_url=url_of_engine(engine))
    with writing(engine) as db, as_owner(db):
        db.execute(text("UPDATE entries SET reason = 'x' WHERE workspace_id = 'acme'"))

    refused = run("rollup", "--rebuild", database_url=url_of_engine(engine))
    plain = run("rollup", database_url=url_of_engine(engine))
    proof = run("verify", database_url=url_of_engine(engine), DATA_DIR=str(tmp_path))

    assert (sound.returncode, refused.returncode, plain.returncode) == (0, 2, 0)
    assert "entries 1 to 1 of acme" in refused.stderr
    assert (proof.returncode, proof.stdout.count("acme: seals")) == (1, 1)
