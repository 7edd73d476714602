"""The facts of the pricing lab are read by the worker and stored in the database: a page loads them and never waits.

A reading is requested by a page, or by the schedule when something has happened since the last one. It shows how far it
is, and leaves a snapshot. Old snapshots go, but not those on which a scenario was saved.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine

from ledger.database import query, reading, writing
from ledger.desk.search import sources
from ledger.errors import LedgerError
from ledger.pricing.packing import LAYOUT, pack, unpack
from ledger.pricing.scenarios import code_version
from ledger.pricing.snapshot import Snapshot, take_snapshot

EVERY = timedelta(minutes=30)
AT_LATEST = timedelta(days=1)
"""Decisions ripen with time alone: a reading is a day old at the most, also where nothing has happened."""
SNAPSHOTS_STORED = 3
GIVEN_UP_AFTER = timedelta(minutes=15)
FORGOTTEN_AFTER = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotReading:
    """A reading that was requested: `share` of it is done; at its end there is a fingerprint, or an error."""

    wanted_at: datetime
    begun_at: datetime | None
    share: float
    fingerprint: str | None
    error: str | None
    ended_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredSnapshot:
    """A snapshot in the database, without its facts."""

    source: str
    fingerprint: str
    data_to: datetime
    taken_at: datetime
    watermark: str
    code_version: str
    workspaces: int


def want_reading(db: Connection, source: str, *, up_to: datetime | None = None, at: datetime) -> None:
    """Ask the worker for the facts as far as they are rolled up, or up to an earlier moment. Twice is once."""
    db.execute(query("pricing_reading_want"), {"source": source, "up_to": up_to, "at": at})


def get_reading(db: Connection, source: str, *, up_to: datetime | None = None) -> SnapshotReading | None:
    """Return how far the reading is that was requested last; None when none was."""
    row = db.execute(query("pricing_reading"), {"source": source, "up_to": up_to}).mappings().one_or_none()
    return None if row is None else SnapshotReading(**row)


def newest_snapshot(db: Connection, source: str) -> StoredSnapshot | None:
    """The snapshot of a source whose data go furthest; None when none was taken by this version."""
    row = (
        db.execute(query("pricing_snapshot_newest"), {"source": source, "layout": LAYOUT})
        .mappings()
        .one_or_none()
    )
    return None if row is None else StoredSnapshot(**row)


def load_snapshot(db: Connection, source: str, fingerprint: str) -> Snapshot | None:
    """The facts themselves; None when they were pruned, or written by another version."""
    binds = {"source": source, "fingerprint": fingerprint, "layout": LAYOUT}
    block = db.execute(query("pricing_snapshot_get"), binds).scalar_one_or_none()
    return None if block is None else unpack(bytes(block))


def keep_snapshot(db: Connection, taken: Snapshot, *, watermark: str, at: datetime) -> None:
    """Store a snapshot; the same one again is stored once."""
    values = {
        "source": taken.source,
        "fingerprint": taken.fingerprint,
        "data_to": taken.data_to,
        "at": at,
        "watermark": watermark,
        "code_version": code_version(),
        "layout": LAYOUT,
        "workspaces": taken.history.size,
        "facts": pack(taken),
    }
    db.execute(query("pricing_snapshot_keep"), values)


def keep_what_is_linked(db: Connection, taken: Snapshot, *, at: datetime) -> None:
    """Store a snapshot that a page had read itself, because a scenario is saved on it."""
    if load_snapshot(db, taken.source, taken.fingerprint) is None:
        keep_snapshot(db, taken, watermark="", at=at)


def want_due(engine: Engine, *, at: datetime) -> list[str]:
    """Ask for a reading of every source where something has happened since the last one; gives those sources."""
    due: list[str] = []
    with writing(engine) as db:
        db.execute(query("pricing_readings_forget"), {"before": at - FORGOTTEN_AFTER})
        if db.execute(query("rollup_state")).mappings().one()["data_to"] is None:
            return due
        for source in sorted(sources(db)):
            last = newest_snapshot(db, source)
            moved = last is None or (last.watermark, last.code_version) != (
                _watermark(db, source),
                code_version(),
            )
            if last is None or at - last.taken_at >= (EVERY if moved else AT_LATEST):
                want_reading(db, source, at=at)
                due.append(source)
    return due


def read_wanted(engine: Engine, *, at: datetime) -> int:
    """Do every reading that was requested and return their number. For the worker: it commits as it goes."""
    done = 0
    while True:
        with writing(engine) as db:
            claimed = {"at": at, "given_up": at - GIVEN_UP_AFTER}
            wanted = db.execute(query("pricing_reading_claim"), claimed).mappings().one_or_none()
        if wanted is None:
            return done
        _read(engine, dict(wanted), at=at)
        done += 1


def _read(engine: Engine, wanted: Mapping[str, Any], *, at: datetime) -> None:
    def report_progress(share: float) -> None:
        with writing(engine) as db:
            db.execute(query("pricing_reading_progress"), {**wanted, "share": share})

    end = {**wanted, "at": at, "fingerprint": None, "error": None}
    try:
        with reading(engine) as db:
            zone = db.execute(query("rollup_state")).mappings().one()["report_timezone"]
            mark = _watermark(db, wanted["source"])
            taken = take_snapshot(
                db,
                source=wanted["source"],
                at=wanted["up_to"] or at,
                timezone=zone,
                report_progress=report_progress,
            )
        with writing(engine) as db:
            keep_snapshot(db, taken, watermark=mark, at=at)
            end["fingerprint"] = taken.fingerprint
            db.execute(query("pricing_reading_end"), end)
            db.execute(
                query("pricing_snapshots_prune"), {"source": wanted["source"], "newest": SNAPSHOTS_STORED}
            )
    except LedgerError as refused:
        with writing(engine) as db:
            db.execute(query("pricing_reading_end"), end | {"error": str(refused)})


def _watermark(db: Connection, source: str) -> str:
    return str(db.execute(query("pricing_watermark"), {"source": source}).scalar_one())
