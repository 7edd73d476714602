"""Imports of a company's history: the files for one, its dry run and its booking in the background, and undoing it."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from uuid import UUID

from dashboard import installation
from dashboard.access import Operator
from dashboard.actions.acting import ActionResult, acting, needs
from dashboard.clock import present
from ledger.errors import ImportRefused
from ledger.transfer import (
    MAPPING_FILE,
    SUFFIXES,
    ImportPlan,
    Jobs,
    answered_by,
    parse_mapping,
    plan_import,
    written_mapping,
)
from ledger.transfer import undo_import as undo

JOBS = Jobs()
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")


def import_folders() -> list[Path]:
    """Return the folders that can be imported: those under `imports` in the data folder, newest first."""
    home = installation.settings().data_dir / "imports"
    folders = [path for path in home.iterdir() if path.is_dir()] if home.is_dir() else []
    return sorted(folders, key=lambda path: path.name, reverse=True)


def plan_of(folder: Path) -> ImportPlan:
    """Return how a folder would be read: as its mapping file says, or as proposed."""
    saved = folder / MAPPING_FILE
    return plan_import(folder, saved if saved.exists() else None)


@needs("import_history")
def store_files(operator: Operator, files: Sequence[tuple[str, bytes]], *, key: str) -> ActionResult:
    """Store uploaded files in a new folder. Raises NotAllowed, ImportRefused."""
    if not files:
        raise ImportRefused("Choose the files first.")
    at = present()
    folder = installation.settings().data_dir / "imports" / f"{at:%Y-%m-%d-%H%M%S}-{key[:8]}"
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files:
        safe = _UNSAFE.sub("_", Path(name).name)
        if Path(safe).suffix not in SUFFIXES and safe != MAPPING_FILE:
            raise ImportRefused(f"{safe} is not a CSV, Parquet or JSON-lines file.")
        (folder / safe).write_bytes(content)
    with acting(operator, key) as act:
        if not act.seen("store_files"):
            act.record("store_files", subject=folder.name, after={"files": len(files)})
    return ActionResult("Files uploaded. Check how their columns are read.", details={"folder": folder.name})


@needs("import_history")
def answer_mapping(
    operator: Operator, folder: Path, answers: Mapping[str, Mapping[str, str]] | str, *, key: str
) -> ActionResult:
    """Save answers to the questions of a folder, by file and setting, or the whole text of its mapping.

    Raises NotAllowed, ImportRefused.
    """
    if isinstance(answers, str):
        mappings = list(parse_mapping(answers).values())
    else:
        mappings = [
            answered_by(each, answers.get(each.mapping.file, {})) for each in plan_of(folder).proposals
        ]
    (folder / MAPPING_FILE).write_text(written_mapping(mappings), "utf-8")
    with acting(operator, key) as act:
        if not act.seen("answer_mapping"):
            act.record("answer_mapping", subject=folder.name)
    return ActionResult("Mapping saved.")


@needs("import_history")
def start_import(
    operator: Operator, folder: Path, *, source: str, dry_run: bool, skip_refused: bool, key: str
) -> ActionResult:
    """Try or book a folder in the background; `JOBS` says how far it is. Raises NotAllowed, ImportRefused."""
    plan = plan_of(folder)
    with acting(operator, key) as act:
        if act.seen("start_import"):
            return ActionResult("Already done.", repeated=True)
        JOBS.start(
            installation.engine(),
            plan,
            dry_run=dry_run,
            source=source,
            actor=operator.actor,
            now=act.at,
            skip_refused=skip_refused,
        )
        act.record("start_import", subject=folder.name, after={"source": source, "dry_run": dry_run})
    return ActionResult("Dry run started." if dry_run else "Import started.")


@needs("import_history")
def undo_import(operator: Operator, import_id: UUID, *, key: str) -> ActionResult:
    """Take an import back, as a whole. Raises NotAllowed, ImportRefused, NewerEntries."""
    with acting(operator, key) as act:
        if act.seen("undo_import"):
            return ActionResult("Already done.", repeated=True)
        undone = undo(act.db, import_id, actor=operator.actor, at=act.at)
        act.record("undo_import", subject=str(import_id), after=undone._asdict())
    return ActionResult(undone.sentence)
