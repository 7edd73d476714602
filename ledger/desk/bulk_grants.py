"""Bulk grants: a list of grants, checked first, granted row by row, resumable, and undone as a whole."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Connection

from ledger.database import query
from ledger.errors import LedgerError, UnknownBatch
from ledger.minutes.credits import grant_minutes, void_minutes
from ledger.validation import MINUTES_AT_MOST, is_valid_text, require_text, strip_invalid_chars

ROWS_AT_MOST = 10_000


class GrantRequest(NamedTuple):
    """One line of a list as written. `minutes` None: not a number; `problem`: why the line cannot be read."""

    line_no: int
    workspace_id: str
    minutes: int | None
    problem: str = ""


class Checked(NamedTuple):
    """One line after the dry run; `problem` is empty when it can be granted."""

    line_no: int
    workspace_id: str
    minutes: int
    problem: str


@dataclass(frozen=True)
class Batch:
    """One bulk grant and its progress. `minutes`: of all rows that can be granted."""

    batch_id: UUID
    title: str
    reason: str
    created_by: str
    created_at: datetime
    needs_approval: bool
    approved_by: str | None
    undone_by: str | None
    rows: int
    waiting: int
    granted: int
    refused: int
    undone: int
    minutes: int
    minutes_granted: int
    minutes_undone: int

    @property
    def may_run(self) -> bool:
        """Whether rows may be granted now: some are waiting, the list is approved and not undone."""
        return (
            bool(self.waiting)
            and self.undone_by is None
            and not (self.needs_approval and not self.approved_by)
        )


class BatchHeader(NamedTuple):
    """The parts of a list that its rows need. `is_on_hold`: the list waits for approval or was undone."""

    title: str
    reason: str
    created_by: str
    is_on_hold: bool


@dataclass(frozen=True)
class Row:
    """One row of a bulk grant. `state`: waiting, granted, refused (see `problem`) or undone."""

    row_no: int
    workspace_id: str
    minutes: int
    state: str
    problem: str | None
    lot_id: int | None
    undone_minutes: int | None


def check_rows(db: Connection, requests: Sequence[GrantRequest]) -> list[Checked]:
    """Return the result of a dry run, line by line."""
    ids = [request.workspace_id for request in requests if is_valid_text(request.workspace_id)]
    bind = {"workspace_ids": ids}
    known = set(db.execute(query("batch_known_workspaces"), bind).scalars())
    named = Counter(request.workspace_id for request in requests)
    return [
        Checked(
            request.line_no,
            request.workspace_id[:200],
            request.minutes or 0,
            _problem(request, known, named[request.workspace_id]),
        )
        for request in requests
    ]


def _problem(request: GrantRequest, known: set[str], times: int) -> str:
    if request.problem:
        return request.problem
    if request.workspace_id not in known:
        return "unknown workspace"
    if request.minutes is None:
        return "minutes must be a whole number"
    if not 1 <= request.minutes <= MINUTES_AT_MOST:
        return "minutes must be from 1 to 1,000,000"
    return "listed more than once" if times > 1 else ""


def create_batch(
    db: Connection,
    batch_id: UUID,
    rows: Sequence[Checked],
    *,
    title: str,
    reason: str,
    needs_approval: bool,
    actor: str,
    at: datetime,
) -> None:
    """Store a checked list. Repeating a `batch_id` changes nothing. Raises InvalidText."""
    bind = {
        "batch_id": batch_id,
        "title": require_text(title, "title", at_most=200),
        "reason": require_text(reason, "reason"),
        "needs_approval": needs_approval,
        "actor": actor,
        "at": at,
    }
    if db.execute(query("batch_add"), bind).one_or_none() is None:
        return
    values = {
        "batch_id": batch_id,
        "row_nos": [row.line_no for row in rows],
        "workspace_ids": [strip_invalid_chars(row.workspace_id) for row in rows],
        "minutes": [min(max(row.minutes, 0), 2**62) for row in rows],
        "problems": [row.problem for row in rows],
    }
    db.execute(query("batch_add_rows"), values)


def get_batch(db: Connection, batch_id: UUID) -> Batch:
    """Return one bulk grant. Raises UnknownBatch."""
    row = db.execute(query("batch_list"), {"batch_id": batch_id, "limit": 1}).one_or_none()
    if row is None:
        raise UnknownBatch(str(batch_id))
    return Batch(*row)


def batch_header(db: Connection, batch_id: UUID) -> BatchHeader:
    """Return title, reason and author of a bulk grant, and whether it is on hold. Raises UnknownBatch."""
    row = db.execute(query("batch_header"), {"batch_id": batch_id}).one_or_none()
    if row is None:
        raise UnknownBatch(str(batch_id))
    return BatchHeader(*row)


def list_batches(db: Connection, *, limit: int = 50) -> list[Batch]:
    """Return bulk grants, newest first."""
    return [Batch(*row) for row in db.execute(query("batch_list"), {"batch_id": None, "limit": limit})]


def list_rows(
    db: Connection, batch_id: UUID, *, state: str | None = None, limit: int = ROWS_AT_MOST
) -> list[Row]:
    """Return the rows of a bulk grant in order."""
    bind = {"batch_id": batch_id, "state": state, "limit": limit}
    return [Row(*row) for row in db.execute(query("batch_rows"), bind)]


def approve_batch(db: Connection, batch_id: UUID, *, actor: str) -> None:
    """Approve a bulk grant as the second person."""
    db.execute(query("batch_approve"), {"batch_id": batch_id, "actor": actor})


def stop_batch(db: Connection, batch_id: UUID, *, actor: str) -> None:
    """Stop a bulk grant before undoing it: waiting rows are not granted."""
    db.execute(query("batch_undo"), {"batch_id": batch_id, "actor": actor})


def apply_row(
    db: Connection, batch_id: UUID, row_no: int, *, reason: str, actor: str, at: datetime
) -> Row | None:
    """Grant one waiting row; None when it is not waiting. An error of the ledger is stored as its problem."""
    row = _lock(db, batch_id, row_no)
    if row is None or row.state != "waiting":
        return None
    key = f"batch:{batch_id}:{row_no}"
    try:
        with db.begin_nested():
            lot = grant_minutes(db, row.workspace_id, row.minutes, reason=reason, key=key, actor=actor, at=at)
    except LedgerError as error:
        return _save(db, batch_id, row, state="refused", problem=str(error), lot_id=None, undone_minutes=None)
    return _save(db, batch_id, row, state="granted", problem=None, lot_id=lot.lot_id, undone_minutes=None)


def undo_row(
    db: Connection, batch_id: UUID, row_no: int, *, reason: str, actor: str, at: datetime
) -> Row | None:
    """Take back the unused minutes of one granted row; None when there is nothing to undo."""
    row = _lock(db, batch_id, row_no)
    if row is None or row.state != "granted" or row.lot_id is None:
        return None
    key = f"undo:{batch_id}:{row_no}"
    entry = void_minutes(db, row.workspace_id, row.lot_id, reason=reason, key=key, actor=actor, at=at)
    return _save(
        db, batch_id, row, state="undone", problem=None, lot_id=row.lot_id, undone_minutes=entry.minutes
    )


def _lock(db: Connection, batch_id: UUID, row_no: int) -> Row | None:
    row = db.execute(query("batch_lock_row"), {"batch_id": batch_id, "row_no": row_no}).one_or_none()
    return Row(*row) if row else None


def _save(
    db: Connection,
    batch_id: UUID,
    row: Row,
    *,
    state: str,
    problem: str | None,
    lot_id: int | None,
    undone_minutes: int | None,
) -> Row:
    saved = Row(row.row_no, row.workspace_id, row.minutes, state, problem, lot_id, undone_minutes)
    bind = {**vars(saved), "batch_id": batch_id}
    db.execute(query("batch_save_row"), bind)
    return saved
