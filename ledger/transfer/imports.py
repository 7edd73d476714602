"""Imports from end to end: plan from a folder, dry-run, book, list and undo."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID, uuid4

from sqlalchemy import Connection, Engine

from ledger.database import call, connect, query
from ledger.errors import ImportRefused
from ledger.metrics import Measure, measure
from ledger.metrics.rollups import forget_workspaces, refresh_rollups
from ledger.minutes.findings import Finding
from ledger.minutes.verify import verify
from ledger.minutes.workspaces import SOURCES
from ledger.transfer.booking import book_chunk, list_chunks
from ledger.transfer.mapping import FileMapping, load_mapping, written_mapping
from ledger.transfer.proposals import Proposal, propose, review
from ledger.transfer.rows import RowReader, RowSource
from ledger.transfer.staging import FileCount, RefusedRow, Staged, lock_import, stage, unlock_imports
from ledger.transfer.tables import list_files, open_table

HEADLINES = (
    "conversion",
    "average-package-minutes",
    "revenue-gross",
    "revenue-net",
    "refunds",
    "unmet-minutes",
    "liability-minutes",
)
"""Metrics that an import shows over the period of its files."""


@dataclass(frozen=True, kw_only=True)
class ImportPlan:
    """A folder and the proposed reading of its files."""

    folder: Path
    proposals: tuple[Proposal, ...]

    @property
    def questions(self) -> list[str]:
        """Open questions, one sentence each, naming the key in the mapping."""
        return [question for proposal in self.proposals for question in proposal.questions]

    @property
    def mapping(self) -> str:
        """The text of the mapping file."""
        return written_mapping(proposal.mapping for proposal in self.proposals)

    def readers(self, now: datetime) -> list[tuple[str, RowReader]]:
        """Return a reader for each file that is not left out."""
        used = [proposal for proposal in self.proposals if proposal.mapping.kind != "none"]
        return [(each.table.path.name, RowReader(each.table, each.mapping, now)) for each in used]


@dataclass(frozen=True, kw_only=True)
class ImportRows:
    """Rows to book and who books them; `origin` and `mapping` record where they came from and how they were read."""

    readers: Sequence[tuple[str, RowSource]]
    origin: str
    mapping: str
    source: str
    actor: str
    now: datetime


@dataclass(frozen=True, kw_only=True)
class ImportOutcome:
    """The result of an import or dry run; `import_id` is None when nothing was booked."""

    staged: Staged
    import_id: UUID | None
    is_dry_run: bool
    metrics: tuple[Measure, ...] = ()
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PastImport:
    """One booked import. `older_workspaces`: existing workspaces that received rows."""

    import_id: UUID
    source: str
    origin: str
    actor: str
    started_at: datetime
    finished_at: datetime | None
    undone_at: datetime | None
    undone_by: str | None
    rows_booked: int
    older_workspaces: int
    workspaces: int


Progress = Callable[[str, int, int], object]
"""Called with the step, the rows just processed, and the total rows (0: unknown)."""


def plan_import(folder: Path, mapping_file: Path | None = None) -> ImportPlan:
    """Return how the files of a folder are read: as the mapping file says, or as proposed where it says nothing."""
    given = load_mapping(mapping_file) if mapping_file else {}
    files = list_files(folder)
    if missing := sorted(given.keys() - {path.name for path in files}):
        raise ImportRefused(f"The mapping names {missing[0]}, which is not in {folder}.")
    proposals = [_reviewed(path, given[path.name]) if path.name in given else propose(path) for path in files]
    return ImportPlan(folder=folder, proposals=tuple(proposals))


def _reviewed(path: Path, mapping: FileMapping) -> Proposal:
    table = open_table(path, encoding=mapping.encoding or "utf-8-sig", delimiter=mapping.delimiter)
    rows = [cells for _, (_, cells) in zip(range(5), table.rows(), strict=False) if cells is not None]
    return review(table, mapping, rows)


def run_import(
    engine: Engine,
    plan: ImportPlan,
    *,
    source: str,
    actor: str,
    now: datetime,
    dry_run: bool = False,
    skip_refused: bool = False,
    progress: Progress = lambda *_: None,
) -> ImportOutcome:
    """Read, check and book the files of a plan. A dry run books everything in one transaction and rolls it back.

    With refused rows nothing is booked unless `skip_refused`. Safe to repeat: booked rows change nothing,
    and an interrupted import continues. Raises ImportRefused while questions are open.
    """
    if plan.questions:
        raise ImportRefused(f"Open questions in the mapping: {len(plan.questions)}. {plan.questions[0]}")
    history = ImportRows(
        readers=tuple(plan.readers(now)),
        origin=str(plan.folder),
        mapping=plan.mapping,
        source=source,
        actor=actor,
        now=now,
    )
    return book_history(engine, history, dry_run=dry_run, skip_refused=skip_refused, progress=progress)


def book_history(
    engine: Engine, history: ImportRows, *, dry_run: bool, skip_refused: bool, progress: Progress
) -> ImportOutcome:
    """Import rows from any source, as `run_import` does for files."""
    if history.source not in SOURCES:
        raise ImportRefused(f"The source must be one of {', '.join(SOURCES)}, not {history.source!r}.")
    with _own_connection(engine) as db:
        transaction = db.begin()
        staged = stage(
            db,
            history.readers,
            source=history.source,
            actor=history.actor,
            now=history.now,
            on_read=lambda rows: progress("read", rows, 0),
        )
        stopped = not staged.to_book or (staged.refusals and not skip_refused)
        if stopped and not dry_run:
            transaction.rollback()
            return ImportOutcome(staged=staged, import_id=None, is_dry_run=False)
        if not dry_run:
            transaction.commit()
            return _booked(db, history, staged, progress)
        _book(db, history, uuid4(), progress, end_chunk=lambda: None)
        metrics = _measured(db, staged.counts, history, progress)
        transaction.rollback()
        return ImportOutcome(staged=staged, import_id=None, is_dry_run=True, metrics=metrics)


def _booked(db: Connection, history: ImportRows, staged: Staged, progress: Progress) -> ImportOutcome:
    """Book each portion in a transaction of its own, then measure and verify."""
    import_id = uuid4()
    _book(db, history, import_id, progress, end_chunk=db.commit)
    with db.begin():
        db.execute(query("transfer_finish"), {"import_id": import_id, "at": history.now})
        db.execute(query("transfer_wait_for_disk"))
        metrics = _measured(db, staged.counts, history, progress)
    with db.begin():
        progress("verify", 0, 0)
        findings = tuple(verify(db))
    return ImportOutcome(
        staged=staged, import_id=import_id, is_dry_run=False, metrics=metrics, findings=findings
    )


def _book(
    db: Connection,
    history: ImportRows,
    import_id: UUID,
    progress: Progress,
    *,
    end_chunk: Callable[[], object],
) -> None:
    about: dict[str, Any] = {"import_id": import_id, "source": history.source, "actor": history.actor}
    begun = {**about, "origin": history.origin, "mapping": history.mapping, "at": history.now}
    db.execute(query("transfer_begin"), begun)
    chunks = list_chunks(db)
    total = sum(chunk.rows for chunk in chunks)
    end_chunk()
    for chunk in chunks:
        book_chunk(db, chunk, **about, now=history.now, on_booked=lambda rows: progress("book", rows, total))
        end_chunk()


def _measured(
    db: Connection, counts: Sequence[FileCount], history: ImportRows, progress: Progress
) -> tuple[Measure, ...]:
    """Return the headline metrics over the period of the files."""
    progress("measure", 0, 0)
    now = history.now
    refresh_rollups(db, at=now)
    first = [count.first_at for count in counts if count.first_at and count.kind != "workspace"]
    span: dict[str, Any] = {
        "start": min(first, default=now),
        "end": now,
        "as_of": now,
        "source": history.source,
    }
    return tuple(measure(db, slug, **span, interval=False) for slug in HEADLINES)


@contextmanager
def _own_connection(engine: Engine) -> Iterator[Connection]:
    """Yield a connection whose temporary tables and lock end with it; its commits do not wait for the disk.

    The same command books again what a crash lost.
    """
    hurried = connect(engine.url.render_as_string(hide_password=False), pool_size=1, durable=False)
    try:
        with hurried.connect() as db:
            try:
                yield db
            finally:
                unlock_imports(db)
    finally:
        hurried.dispose()


def write_refusals(refusals: Sequence[RefusedRow], path: Path) -> None:
    """Write each refused row with its file, line and reason."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(("file", "line", "reason"))
        writer.writerows((each.file, each.line, each.reason) for each in refusals)


def list_imports(db: Connection) -> list[PastImport]:
    """Return all imports, newest first."""
    return [PastImport(**row) for row in db.execute(query("transfer_list")).mappings()]


class Undone(NamedTuple):
    """What an undo did, in workspaces: `removed` came with the import, `restored` were here before it."""

    removed: int
    restored: int

    @property
    def sentence(self) -> str:
        """What was done, for people."""
        restored = f" {self.restored} older workspaces are as before." if self.restored else ""
        return f"Import undone: {self.removed} workspaces removed.{restored}"


def undo_import(db: Connection, import_id: UUID, *, actor: str, at: datetime) -> Undone:
    """Take an import back as a whole: its workspaces, and the rows it added to others. The import stays on record.

    Raises ImportRefused for one that is unknown or undone; NewerEntries when later entries or changes depend on it.
    """
    lock_import(db, for_good=False)
    row = db.execute(query("transfer_get"), {"import_id": import_id}).one_or_none()
    if row is None or row.undone_at:
        raise ImportRefused(f"No import {import_id} can be undone.")
    forget_workspaces(db, query("transfer_undo_collect"), {"import_id": import_id})
    removed = int(call(db, "undo_import", {"import_id": import_id}))
    db.execute(
        query("transfer_undone"), {"import_id": import_id, "at": at, "actor": actor, "workspaces": removed}
    )
    if row.additions:
        refresh_rollups(db, at=at, sweep=False)
    return Undone(removed, row.additions)
