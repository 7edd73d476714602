"""Books batches of uses so that neither a locked workspace nor a use that cannot be booked stops the others."""

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

import ledger
from dashboard.api.business_times import before_creation
from dashboard.installation import write
from dashboard.server.problems import OURS
from ledger.clocks import ClocksDiffer
from ledger.database import is_outage, query
from ledger.errors import LedgerError

SHORT_WAIT = "300ms"
"""How long a batch of several workspaces waits for a locked one before it goes on without it."""
LONG_WAIT = "3s"
"""How long the uses of a locked workspace wait on their own."""
LOCKED = "55P03"

Use = Mapping[str, Any]
Booked = ledger.Use | ledger.Refused
log = logging.getLogger("dashboard.api")


def book(uses: Sequence[Use]) -> list[Booked]:
    """Return one answer for each use, in order; those of a locked workspace are refused as busy after a while."""
    answers = book_free(uses)
    waiting: dict[str, list[int]] = {}
    for place, answer in enumerate(answers):
        if answer is None:
            waiting.setdefault(uses[place]["workspace_id"], []).append(place)
    for places in waiting.values():
        for place, booked in zip(places, book_locked([uses[each] for each in places]), strict=True):
            answers[place] = booked
    return [answer for answer in answers if answer is not None]


def book_free(uses: Sequence[Use]) -> list[Booked | None]:
    """Return one answer for each use; None: its workspace is locked, or the batch failed, so it was not booked."""
    early = before_creation(uses)
    rest = [use for place, use in enumerate(uses) if place not in early]
    booked = iter(_booked_or_none(rest) if rest else [])
    return [refused(early[place]) if place in early else next(booked) for place in range(len(uses))]


def book_locked(uses: Sequence[Use]) -> list[Booked]:
    """Return the answers for uses of one workspace that is locked; one that cannot be booked fails alone."""
    try:
        return _write(uses, LONG_WAIT)
    except (DBAPIError, LedgerError) as error:
        if _is_outage(error):
            raise
        if _is_locked(error):
            detail = "Another transaction holds the workspace; send the same request again."
            return [ledger.Refused(code="busy", detail=detail)] * len(uses)
        if len(uses) > 1:
            return [booked for use in uses for booked in book_locked([use])]
        log.exception("a use cannot be booked")
        return [ledger.Refused(code="internal", detail=OURS)]


def refused(error: LedgerError) -> ledger.Refused:
    """Return the refusal that stands for an error of the ledger."""
    return ledger.Refused(code=error.code, detail=str(error))


def limit_wait(db: Connection) -> None:
    """Let this transaction wait for a locked workspace as long as its uses may wait on their own."""
    _limit_wait(db, LONG_WAIT)


def _booked_or_none(uses: Sequence[Use]) -> Sequence[Booked | None]:
    nothing = [None] * len(uses)
    try:
        return _write(uses, SHORT_WAIT)
    except (DBAPIError, LedgerError) as error:
        if _is_outage(error):
            raise
        if len({use["workspace_id"] for use in uses}) == 1 or not _is_locked(error):
            return nothing
    try:
        return write(lambda db: _book_unlocked(db, uses), at=_latest(uses))
    except (DBAPIError, LedgerError) as error:
        if _is_outage(error):
            raise
        return nothing


def _book_unlocked(db: Connection, uses: Sequence[Use]) -> list[Booked | None]:
    """Lock what nobody holds, and book its uses."""
    workspace_ids = sorted({use["workspace_id"] for use in uses})
    locked = set(db.execute(query("lock_free_workspaces"), {"workspace_ids": workspace_ids}).scalars())
    free = [use for use in uses if use["workspace_id"] not in locked]
    booked = iter(ledger.track_uses(db, free))
    return [None if use["workspace_id"] in locked else next(booked) for use in uses]


def _write(uses: Sequence[Use], wait: str) -> list[Booked]:
    def work(db: Connection) -> list[Booked]:
        _limit_wait(db, wait)
        return ledger.track_uses(db, uses) if len(uses) > 1 else [ledger.track_minutes(db, **uses[0])]

    try:
        return write(work, at=_latest(uses))
    except LedgerError as error:
        if len(uses) > 1 or _is_outage(error):
            raise
        return [refused(error)]


def _latest(uses: Sequence[Use]) -> datetime:
    latest: datetime = max(use["at"] for use in uses)
    return latest


def _limit_wait(db: Connection, wait: str) -> None:
    db.execute(query("limit_lock_wait"), {"wait": wait})


def _is_locked(error: Exception) -> bool:
    return getattr(getattr(error, "orig", None), "sqlstate", None) == LOCKED


def _is_outage(error: Exception) -> bool:
    """Whether the database cannot be reached, has no room, or disagrees about the time: no use is to blame."""
    return isinstance(error, ClocksDiffer) or is_outage(error)
