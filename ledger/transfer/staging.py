"""Stages the rows of an import in a temporary table: sorts them, compares them with the ledger, and checks them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy import Connection

from ledger.database import query, scripts
from ledger.errors import ImportRefused
from ledger.transfer.packages import name_packages
from ledger.transfer.rows import RowSource, StagedRow

CHECKS = (
    "transfer_analyse_rows",
    "transfer_index_rows",
    "transfer_find_owners",
    "transfer_mark_repeated",
    "transfer_refuse_unknown",
    "transfer_compare_workspaces",
    "transfer_compare_uses",
    "transfer_compare_credits",
    "transfer_compare_purchases",
    "transfer_compare_periods",
    "transfer_compare_returns",
    "transfer_compare_subscriptions",
    "transfer_refuse_impossible",
    "transfer_refuse_before_opening",
    "transfer_refuse_excess",
    "transfer_move_early_returns",
)
"""In this order: rows that are already booked are marked before impossible rows are refused."""
ARRANGEMENT = (
    "transfer_arrange_plans",
    "transfer_name_openings",
    "transfer_name_periods",
    "transfer_derive_ends",
    "transfer_derive_resets",
)
SCHEDULE = ("transfer_chunks", "transfer_events", "transfer_index_events", "transfer_analyse_events")
ROWS_A_CHUNK = 100_000
TICK = 20_000
ESCAPES = (("\\", "\\\\"), ("\t", "\\t"), ("\n", "\\n"), ("\r", "\\r"))
"""Characters with a meaning in the text format of COPY, and their escapes; the backslash first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileCount:
    """Counts of one file: its rows by outcome, and the period and minutes of its readable rows."""

    file: str
    kind: str
    rows: int
    to_book: int
    booked_before: int
    repeated: int
    refused: int
    minutes: int
    first_at: datetime | None
    last_at: datetime | None
    skipped: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class MoneySum:
    """A control sum of the rows to book, in cents of one currency."""

    kind: str
    currency: str
    amount_cents: int
    rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedRow:
    """One row that is not booked, and why."""

    file: str
    line: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Staged:
    """What the files hold, before anything is booked."""

    counts: tuple[FileCount, ...]
    money: tuple[MoneySum, ...]
    refusals: tuple[RefusedRow, ...]
    late_rows: int
    older_workspaces: int
    """Workspaces that were here before and get rows: an undo takes these back until something newer stands on them."""

    @property
    def to_book(self) -> int:
        """The number of new rows."""
        return sum(count.to_book for count in self.counts)


def stage(
    db: Connection,
    readers: Iterable[tuple[str, RowSource]],
    *,
    source: str,
    actor: str,
    now: datetime,
    on_read: Callable[[int], object],
) -> Staged:
    """Read every file into the staging table of this connection and check it; call `on_read` after each portion."""
    lock_import(db)
    db.execute(query("transfer_drop_staging"))
    db.execute(query("transfer_create_staging"))
    skipped = {file: _copy(db, reader, on_read) for file, reader in readers}
    for name in CHECKS:
        db.execute(query(name), {"source": source} if name == "transfer_compare_workspaces" else {})
    name_packages(db, actor)
    counted = [FileCount(**row) for row in db.execute(query("transfer_counts")).mappings()]
    money = tuple(MoneySum(**row) for row in db.execute(query("transfer_money")).mappings())
    for name in ARRANGEMENT:
        db.execute(query(name), {"now": now} if "now" in query(name).compile().params else {})
    for name in SCHEDULE:
        db.execute(query(name), {"rows": ROWS_A_CHUNK} if name == "transfer_chunks" else {})
    return Staged(
        counts=tuple(_with_skipped(counted, skipped)),
        money=money,
        refusals=tuple(RefusedRow(**row) for row in db.execute(query("transfer_refusals")).mappings()),
        late_rows=db.execute(query("transfer_late_rows")).scalar_one(),
        older_workspaces=db.execute(query("transfer_older_workspaces")).scalar_one(),
    )


def lock_import(db: Connection, *, for_good: bool = True) -> None:
    """Take the lock of imports until the connection closes, or until its transaction ends.

    Raises ImportRefused while another import runs.
    """
    if not db.execute(query("transfer_lock" if for_good else "transfer_lock_once")).scalar_one():
        raise ImportRefused("Another import is running.")


def unlock_imports(db: Connection) -> None:
    """Release the lock now: the server may notice only later that the connection has closed."""
    db.rollback()
    db.execute(query("transfer_unlock"))
    db.rollback()


def _copy(db: Connection, reader: RowSource, on_read: Callable[[int], object]) -> int:
    raw: Any = db.connection.driver_connection
    with raw.cursor() as cursor, cursor.copy(scripts()["transfer_copy_rows"]) as copy:
        rows = reader.rows()
        while portion := list(islice(rows, TICK)):
            copy.write("".join(map(_copy_line, portion)))
            on_read(len(portion))
    return reader.skipped


def _copy_line(row: StagedRow) -> str:
    """Return a row in the text format of COPY. Writing lines costs a third of adapting every cell."""
    return "\t".join(["\\N" if cell is None else _copy_cell(cell) for cell in row]) + "\n"


def _copy_cell(cell: str | int | datetime) -> str:
    text = cell if type(cell) is str else str(cell)
    if text.isprintable() and "\\" not in text:
        return text
    for plain, escaped in ESCAPES:
        text = text.replace(plain, escaped)
    return text


def _with_skipped(counts: Iterable[FileCount], skipped: dict[str, int]) -> Iterable[FileCount]:
    """Yield the counts, with the skipped rows of each file in its first count."""
    left = dict(skipped)
    for count in counts:
        yield replace(count, skipped=left.pop(count.file, 0))
