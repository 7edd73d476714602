"""Lists that link many Stripe customers or subscriptions to workspaces, checked line by line."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from ledger.errors import LedgerError
from ledger.payments.billing_start import choose_billing_start
from ledger.payments.csv_lists import CsvLine, read_csv
from ledger.payments.owners import link_stripe
from ledger.validation import read_time

COLUMNS = ("workspace_id", "customer_id", "subscription_id", "starts_at")
LINES_AT_MOST = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkRow:
    """One line of a list; `problem` says why it cannot be linked."""

    line: int
    workspace_id: str
    customer_id: str | None
    subscription_id: str | None
    starts_at: datetime | None
    problem: str | None = None


def read_links(text: str) -> list[LinkRow]:
    """Return the lines of a CSV with workspace_id, customer_id or subscription_id, and optionally starts_at.

    A wrong header, or a list that is too long, is reported as the problem of line 1.
    """
    header, lines = read_csv(text)
    unknown = [name for name in header if name not in COLUMNS]
    if "workspace_id" not in header or unknown:
        return _refused(f"The header must name {', '.join(COLUMNS)}, not {', '.join(header)}")
    rows = [_row(line) for line in lines if line.has_surplus or any(line.cells.values())]
    if len(rows) > LINES_AT_MOST:
        return _refused(f"A list has at most {LINES_AT_MOST:,} lines: split this one of {len(rows):,}")
    return rows


def _refused(problem: str) -> list[LinkRow]:
    empty = {"customer_id": None, "subscription_id": None, "starts_at": None}
    return [LinkRow(line=1, workspace_id="", problem=problem, **empty)]


def apply_links(db: Connection, rows: Sequence[LinkRow], *, actor: str, at: datetime) -> list[LinkRow]:
    """Link every valid line. Return all lines, with the problem of those that failed.

    For a dry run, the caller rolls the transaction back.
    """
    return [_applied(db, row, actor, at) for row in rows]


def _applied(db: Connection, row: LinkRow, actor: str, at: datetime) -> LinkRow:
    if row.problem:
        return row
    try:
        with db.begin_nested():
            link_stripe(
                db,
                row.workspace_id,
                customer_id=row.customer_id,
                subscription_id=row.subscription_id,
                actor=actor,
                at=at,
            )
            if row.starts_at is not None:
                choose_billing_start(db, row.workspace_id, row.starts_at, actor=actor, at=at)
    except LedgerError as error:
        return replace(row, problem=str(error))
    return row


def _row(line: CsvLine) -> LinkRow:
    cells = line.cells
    starts_at, problem = _time(cells.get("starts_at"))
    if line.has_surplus:
        problem = "more cells than the header names"
    return LinkRow(
        line=line.number,
        workspace_id=cells.get("workspace_id", ""),
        customer_id=cells.get("customer_id") or None,
        subscription_id=cells.get("subscription_id") or None,
        starts_at=starts_at,
        problem=problem,
    )


def _time(text: str | None) -> tuple[datetime | None, str | None]:
    if not text:
        return None, None
    try:
        moment = read_time(text)
    except ValueError:
        return None, f"starts_at is not a time: {text[:40]!r}"
    return (
        (moment, None) if moment.tzinfo else (None, "starts_at needs a UTC offset, as 2026-03-01T00:00:00Z")
    )
