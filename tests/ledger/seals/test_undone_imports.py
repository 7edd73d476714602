"""An import that is undone after it was sealed is a sealed fact of its own, and no cover for tampering."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine, text

import ledger
from ledger.database import reading, writing
from ledger.seals.checking import differences_outside
from ledger.seals.roots import folder_of
from ledger.seals.sealing import seal
from ledger.transfer.imports import list_imports, plan_import, run_import, undo_import
from tests.ledger.seals.test_tampering import tamper

NOW = datetime.now(UTC)
WORKSPACES = """workspace_id,name,owner_email,created_at
north,North,n@x.example,2026-01-01T00:00:00Z
south,South,s@x.example,2026-01-02T00:00:00Z
"""
USES = """workspace_id,key,minutes,at
north,c1,10,2026-02-01T00:00:00Z
south,c1,20,2026-02-02T00:00:00Z
north,c2,30,2026-02-03T00:00:00Z
"""
GRANTS = """workspace_id,key,minutes,at,reason
north,g1,100,2026-01-05T00:00:00Z,start
south,g1,100,2026-01-05T00:00:00Z,start
"""
MOVE = """
    WITH gone AS (DELETE FROM sealed_rows WHERE split_part(subject, '/', 1) = '{0}' RETURNING *)
    INSERT INTO undone_seals (import_id, chain, subject, version, digest, root_no)
    SELECT '{1}', chain, subject, version, digest, root_no FROM gone;
    WITH gone AS (DELETE FROM entry_seals WHERE workspace_id = '{0}' RETURNING *)
    INSERT INTO undone_seals (import_id, chain, subject, version, digest, root_no)
    SELECT '{1}', 'entries', concat(workspace_id, '|', first_entry_no), last_entry_no, digest, root_no FROM gone
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "files"
    folder.mkdir()
    for name, content in (("workspaces", WORKSPACES), ("uses", USES), ("grants", GRANTS)):
        (folder / f"{name}.csv").write_text(content)
    return folder


@pytest.fixture
def company(engine: Engine, folder: Path, tmp_path: Path) -> Engine:
    """A ledger with a workspace of its own and two that were imported, all of them sealed."""
    with writing(engine) as db:
        ledger.create_workspace(
            db, "acme", name="A", owner_email="a@x.example", actor="t", at=NOW, source="live"
        )
        ledger.grant_minutes(db, "acme", 50, reason="outage", key="g", actor="t", at=NOW)
    imported(engine, folder)
    assert seal(engine, tmp_path, at=NOW)
    return engine


def imported(engine: Engine, folder: Path) -> UUID:
    options: dict[str, Any] = {"source": "live", "actor": "t", "now": NOW}
    import_id = run_import(engine, plan_import(folder), **options).import_id
    assert import_id is not None
    return import_id


def newest(engine: Engine) -> UUID:
    with reading(engine) as db:
        return list_imports(db)[0].import_id


def undone(engine: Engine) -> UUID:
    import_id = newest(engine)
    with writing(engine) as db:
        assert undo_import(db, import_id, actor="sam", at=NOW) == (2, 0)
    return import_id


def sealed_subjects(engine: Engine, chain: str) -> list[str]:
    with reading(engine) as db:
        return list(
            db.scalars(text("SELECT subject FROM sealed_rows WHERE chain = :chain"), {"chain": chain})
        )


def findings(engine: Engine, folder: Path) -> list[Any]:
    with reading(engine) as db:
        return [*ledger.verify(db), *differences_outside(db, folder_of(folder))]


def test_the_undo_of_a_sealed_import_is_sealed_and_does_not_read_as_tampering(
    company: Engine, tmp_path: Path
) -> None:
    import_id = undone(company)
    assert findings(company, tmp_path) == []
    assert sealed_subjects(company, "import_undos") == []

    assert seal(company, tmp_path, at=NOW + timedelta(minutes=1))

    assert findings(company, tmp_path) == []
    assert sealed_subjects(company, "import_undos") == [str(import_id)]
    with reading(company) as db:
        assert [(past.workspaces, past.undone_by) for past in list_imports(db)] == [(2, "sam")]


def test_the_same_files_are_imported_sealed_and_undone_again(
    company: Engine, folder: Path, tmp_path: Path
) -> None:
    undone(company)
    imported(company, folder)
    assert findings(company, tmp_path) == []
    assert seal(company, tmp_path, at=NOW + timedelta(minutes=1))
    assert findings(company, tmp_path) == []

    undone(company)
    assert seal(company, tmp_path, at=NOW + timedelta(minutes=2))

    assert findings(company, tmp_path) == []
    assert len(sealed_subjects(company, "import_undos")) == 2


def test_a_workspace_that_came_with_the_second_import_is_sealed_by_its_new_entries(
    company: Engine, folder: Path, tmp_path: Path
) -> None:
    undone(company)
    imported(company, folder)
    seal(company, tmp_path, at=NOW + timedelta(minutes=1))

    tamper(company, "UPDATE entries SET actor = 'eve' WHERE workspace_id = 'north' AND entry_no = 1")

    assert any("north" in str(finding) for finding in findings(company, tmp_path))


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE imports SET undone_at = NULL, undone_by = NULL, undone_workspaces = NULL",
        "UPDATE imports SET undone_by = 'eve'",
        "DELETE FROM imports",
        "DELETE FROM undone_seals WHERE chain = 'workspaces'",
        "UPDATE undone_seals SET digest = sha256('x') WHERE chain = 'workspaces'",
    ],
)
def test_a_changed_undo_is_reported(company: Engine, tmp_path: Path, change: str) -> None:
    undone(company)
    seal(company, tmp_path, at=NOW + timedelta(minutes=1))

    tamper(company, change)

    assert findings(company, tmp_path) != []


def test_the_seals_of_a_workspace_that_was_never_imported_do_not_hide_under_an_undo(
    company: Engine, tmp_path: Path
) -> None:
    import_id = undone(company)

    tamper(company, MOVE.format("acme", import_id))

    result = [
        finding for finding in findings(company, tmp_path) if "without an undone import" in str(finding)
    ]
    assert result
    assert all("acme" in str(finding) for finding in result)


def test_the_seals_of_one_workspace_do_not_hide_while_another_of_its_import_is_there(
    company: Engine, tmp_path: Path
) -> None:
    import_id = newest(company)

    tamper(company, MOVE.format("north", import_id))
    undo = "UPDATE imports SET undone_at = now(), undone_by = 'eve', undone_workspaces = 2"
    tamper(company, undo)

    assert any("north" in str(finding) for finding in findings(company, tmp_path))
