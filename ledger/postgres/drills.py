"""Restore drills: a backup is made, restored beside and proven, and how that ended is stored for Health."""

from __future__ import annotations

import getpass
import platform
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Literal

from sqlalchemy.exc import DBAPIError

from ledger.database import query, reading, writing
from ledger.errors import LedgerError
from ledger.postgres.backups import Drill, backup, drill, last_root

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Connection, Engine

OVERDUE = timedelta(days=2)
"""A nightly drill that is older has been missed at least once."""


@dataclass(frozen=True, kw_only=True)
class DrillResult:
    """How the drill that began at `at` ended. `error`: why it failed; None: it passed. `seconds`: how long it took."""

    at: datetime
    host: str
    seconds: float
    findings: int
    error: str | None

    def problem(self, now: datetime) -> Literal["failed", "overdue"] | None:
        """Return what is wrong with this one as the last drill, or None."""
        if self.error is not None:
            return "failed"
        return "overdue" if now - self.at > OVERDUE else None


def last_drill(db: Connection) -> DrillResult | None:
    """Return how the last drill ended, or None before the first."""
    row = db.execute(query("last_drill")).mappings().one_or_none()
    return DrillResult(**row) if row else None


def back_up_and_drill(engine: Engine, file: Path, *, at: datetime) -> Drill:
    """Back up to `file`, drill it, and store how that ended. Raises what stopped it, which is stored too."""
    started = time.perf_counter()
    try:
        with reading(engine) as db:
            since = last_root(db)
        backup(engine, file)
        shown = drill(engine, file, since=since)
    except (LedgerError, DBAPIError) as stopped:
        is_ours = isinstance(stopped, LedgerError)
        error = str(stopped) if is_ours else f"The database refused: {type(stopped).__name__}."
        _store(engine, None, error, at=at, seconds=time.perf_counter() - started)
        raise
    _store(engine, shown, shown.failure, at=at, seconds=time.perf_counter() - started)
    return shown


def _store(engine: Engine, shown: Drill | None, error: str | None, *, at: datetime, seconds: float) -> None:
    row = {
        "at": at,
        "actor": getpass.getuser(),
        "host": platform.node(),
        "seconds": seconds,
        "findings": len(shown.findings) if shown else 0,
        "root_no": shown.root_no if shown else None,
        "error": error,
    }
    with writing(engine) as db:
        db.execute(query("add_drill"), row)
