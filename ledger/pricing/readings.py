"""Facts of the pricing lab: the worker reads and stores them, so that pages load them without waiting.

A page requests a reading, or the schedule does when data changed. A reading reports its progress and leaves a snapshot.
Old snapshots are deleted, except those on which a scenario was saved.
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
from ledger.pricing.snapshot import Snapshot, list_replayed_currencies, take_snapshot

EVERY = timedelta(minutes=30)
AT_LATEST = timedelta(days=1)
"""Decisions mature with time alone, so a reading is at most a day old, even without new data."""
SNAPSHOTS_STORED = 3
GIVEN_UP_AFTER = timedelta(minutes=15)
FORGOTTEN_AFTER = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotReading:
    """A requested reading: `share` of it is done; at the end it has a fingerprint or an error."""

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
    currency: str
    fingerprint: str
    data_to: datetime
    taken_at: datetime
    watermark: str
    code_version: str
    workspaces: int


def want_reading(
    db: Connection, source: str, currency: str, *, up_to: datetime | None = None, at: datetime
) -> None:
    """Request the facts up to the rollups or an earlier time from the worker; repeating a request changes nothing."""
    wanted = {"source": source, "currency": currency, "up_to": up_to, "at": at}
    db.execute(query("pricing_reading_want"), wanted)


def get_reading(
    db: Connection, source: str, currency: str, *, up_to: datetime | None = None
) -> SnapshotReading | None:
    """Return the latest requested reading, or None."""
    wanted = {"source": source, "currency": currency, "up_to": up_to}
    row = db.execute(query("pricing_reading"), wanted).mappings().one_or_none()
    return None if row is None else SnapshotReading(**row)


def newest_snapshot(db: Connection, source: str, currency: str) -> StoredSnapshot | None:
    """Return the most recent snapshot of a source in a currency; None without one of this version."""
    wanted = {"source": source, "currency": currency, "layout": LAYOUT}
    row = db.execute(query("pricing_snapshot_newest"), wanted).mappings().one_or_none()
    return None if row is None else StoredSnapshot(**row)


def load_snapshot(db: Connection, source: str, fingerprint: str) -> Snapshot | None:
    """Return a snapshot with its facts; None when it was deleted or written by another version."""
    binds = {"source": source, "fingerprint": fingerprint, "layout": LAYOUT}
    block = db.execute(query("pricing_snapshot_get"), binds).scalar_one_or_none()
    return None if block is None else unpack(bytes(block))


def keep_snapshot(db: Connection, taken: Snapshot, *, watermark: str, at: datetime) -> None:
    """Store a snapshot, once."""
    values = {
        "source": taken.source,
        "currency": taken.currency,
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
    """Store a snapshot that a page read itself, because a scenario is saved on it."""
    if load_snapshot(db, taken.source, taken.fingerprint) is None:
        keep_snapshot(db, taken, watermark="", at=at)


def want_due(engine: Engine, *, at: datetime) -> list[tuple[str, str]]:
    """Request a reading of every source with new data, in each of its currencies. Return those pairs."""
    due: list[tuple[str, str]] = []
    with writing(engine) as db:
        db.execute(query("pricing_readings_forget"), {"before": at - FORGOTTEN_AFTER})
        rolled_to = db.execute(query("rollup_state")).mappings().one()["data_to"]
        if rolled_to is None:
            return due
        for source in sorted(sources(db)):
            mark = _watermark(db, source)
            for currency in list_replayed_currencies(db, source, at=rolled_to):
                last = newest_snapshot(db, source, currency)
                moved = last is None or (last.watermark, last.code_version) != (mark, code_version())
                if last is None or at - last.taken_at >= (EVERY if moved else AT_LATEST):
                    want_reading(db, source, currency, at=at)
                    due.append((source, currency))
    return due


def read_wanted(engine: Engine, *, at: datetime) -> int:
    """Run every requested reading, for the worker, and return their number. Commits as it goes."""
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
                currency=wanted["currency"],
                at=wanted["up_to"] or at,
                timezone=zone,
                report_progress=report_progress,
            )
        with writing(engine) as db:
            keep_snapshot(db, taken, watermark=mark, at=at)
            end["fingerprint"] = taken.fingerprint
            db.execute(query("pricing_reading_end"), end)
            _prune_snapshots(db, wanted["source"], wanted["currency"])
    except LedgerError as refused:
        with writing(engine) as db:
            db.execute(query("pricing_reading_end"), end | {"error": str(refused)})


def _prune_snapshots(db: Connection, source: str, currency: str) -> None:
    saved = db.execute(query("pricing_snapshots_saved"), {"source": source}).scalars().all()
    binds = {"source": source, "currency": currency, "newest": SNAPSHOTS_STORED, "saved": saved}
    db.execute(query("pricing_snapshots_prune"), binds)


def _watermark(db: Connection, source: str) -> str:
    return str(db.execute(query("pricing_watermark"), {"source": source}).scalar_one())
