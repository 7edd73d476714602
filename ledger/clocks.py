"""Compares the clocks of this machine and the database; while they disagree, nothing is booked ahead of time."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from ledger.database import query
from ledger.errors import LedgerError

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

CLOCK_TOLERANCE = timedelta(minutes=5)
"""How far the clocks of this machine and of the database may differ before monthly minutes wait."""


class ClocksDiffer(LedgerError):
    """This machine and the database disagree about the time, so monthly minutes wait. Correct the wrong clock."""

    code = "clocks_differ"


def clock_difference(db: Connection, at: datetime) -> timedelta:
    """Return by how much `at` is ahead of the clock of the database."""
    ahead: timedelta = at - db.execute(query("database_clock")).scalar_one()
    return ahead


def require_right_clock(db: Connection, at: datetime) -> None:
    """Raise ClocksDiffer when `at` is minutes away from the clock of the database."""
    ahead = clock_difference(db, at)
    if abs(ahead) > CLOCK_TOLERANCE:
        raise ClocksDiffer(f"{ahead.total_seconds():+.0f} s against the database")
