"""Compares the clocks of this machine and the database; while they disagree, nothing is booked ahead of time."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import TYPE_CHECKING

from ledger.database import query
from ledger.errors import LedgerError

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

CLOCK_TOLERANCE = timedelta(minutes=5)
"""How far the clocks of this machine and of the database may differ before monthly minutes wait."""


JUMP_SECONDS = 1.0
SECONDS_BETWEEN_LOOKS = 60.0


class ClocksDiffer(LedgerError):
    """This machine and the database disagree about the time: nothing was booked. Correct the wrong clock."""

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


def not_ahead(db: Connection, at: datetime) -> datetime:
    """Return `at`; where it is minutes ahead of the database, the time of the database.

    A clock that is ahead would book months too early, and delete what is not old.
    """
    ahead = clock_difference(db, at)
    return at - ahead if ahead > CLOCK_TOLERANCE else at


class ClockWatch:
    """Compares the clocks now and then, and at once when this machine's clock has jumped."""

    def __init__(self) -> None:
        """Begin without a comparison: the first call makes one."""
        self._seen: tuple[float, float] | None = None

    def require_not_ahead(self, db: Connection, at: datetime) -> None:
        """Raise ClocksDiffer while `at`, the time of this machine, is minutes ahead of the database.

        A clock that is behind books late, which harms nothing; one that is ahead gives months away.
        """
        steady = time.monotonic()
        offset = at.timestamp() - steady
        if self._seen is not None:
            compared, known_offset = self._seen
            if steady - compared < SECONDS_BETWEEN_LOOKS and abs(offset - known_offset) < JUMP_SECONDS:
                return
        self._seen = None
        ahead = clock_difference(db, at)
        if ahead > CLOCK_TOLERANCE:
            raise ClocksDiffer(f"{ahead.total_seconds():+.0f} s against the database")
        self._seen = steady, offset
