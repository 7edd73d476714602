"""Rows of all workspaces in bulk, ordered so that a reader can resume after any row."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from ledger.database import query
from ledger.errors import InvalidText

if TYPE_CHECKING:
    from sqlalchemy import Connection

QUERIES = {"entries": "export_entries", "uses": "export_entries", "purchases": "export_purchases"}


@dataclass(frozen=True)
class ExportFilters:
    """What to export. `start` and `end`: business times. `recorded_since`: only what was booked or changed after it.

    `after`: the row to resume after, as `workspace_id/entry_no` or `workspace_id/purchase_id`.
    """

    workspace_id: str | None = None
    start: datetime | None = None
    end: datetime | None = None
    recorded_since: datetime | None = None
    after: str | None = None
    limit: int = 10_000


@dataclass(frozen=True)
class ExportPage:
    """Rows, the cursor of the next page, and the time up to which the rows are complete."""

    rows: list[dict[str, Any]]
    next: str | None
    complete_to: datetime


def export_rows(db: Connection, rows: str, chosen: ExportFilters, *, at: datetime) -> ExportPage:
    """Return one page of `entries`, `uses` or `purchases`. Raises InvalidText for a cursor of another list."""
    workspace_id, _, name = (chosen.after or "").rpartition("/")
    binds = {
        "workspace_id": chosen.workspace_id,
        "start": chosen.start,
        "end": chosen.end,
        "recorded_since": chosen.recorded_since,
        "limit": chosen.limit + 1,
        "kind": "use" if rows == "uses" else None,
        "after_workspace": workspace_id,
        "after_no": _purchase(name) if rows == "purchases" else _number(name),
    }
    complete_to = db.execute(query("export_complete_to"), {"at": at}).scalar_one()
    rows_read = [dict(row) for row in db.execute(query(QUERIES[rows]), binds).mappings()]
    page, column = rows_read[: chosen.limit], "purchase_id" if rows == "purchases" else "entry_no"
    following = f"{page[-1]['workspace_id']}/{page[-1][column]}" if len(rows_read) > chosen.limit else None
    return ExportPage(page, following, complete_to)


def _number(name: str) -> int:
    if name and (not name.isdecimal() or int(name) >= 2**63):
        raise InvalidText(f"{name!r} is not an entry number")
    return int(name or 0)


def _purchase(name: str) -> UUID:
    try:
        return UUID(name) if name else UUID(int=0)
    except ValueError:
        raise InvalidText(f"{name!r} is not a purchase id") from None
