"""`import` of a history against COPY of the rows it makes into one plain table with the same indexes.

Run alone: `python -m tests.bench.imports`. Both sides are measured by the processor time of client and server, which
other work on the machine does not lengthen. The files are in order of time, as exports are; COPY gets its rows in that
order too. What is imported is verified by the import itself.
"""

import random
import resource
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection, Engine, event

import ledger.transfer.imports
from ledger.database import connect
from ledger.transfer.imports import ImportOutcome, plan_import, run_import
from tests.bench.database import bench_database
from tests.bench.server_time import spent

WORKSPACES, USES, DAYS = 1_000, 150, 85
BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
NOW = datetime(2026, 4, 1, tzinfo=UTC)
BAR, MEMORY_BAR = 0.15, 1024


def main() -> None:
    """Print rows a second of processor time, against COPY. Raises SystemExit when a bar is missed."""
    with tempfile.TemporaryDirectory() as folder, bench_database() as engine:
        _write_history(Path(folder))
        outcome, seconds, wall = _imported(engine, Path(folder))
        if outcome.findings or outcome.import_id is None:
            raise SystemExit(f"the import broke the ledger: {outcome.findings[:1]}")
        rows = outcome.staged.to_book
        copied, copy_seconds = _copied(engine)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    ours, plain = rows / seconds, copied / copy_seconds
    print(
        f"import {ours / plain:.2f} {ours:,.0f} rows/s of processor time (COPY {plain:,.0f} rows/s; {rows:,} rows in "
        f"{wall:.0f} s that passed, verified; {memory:,.0f} MB at most; bar >= {BAR:g})",
        flush=True,
    )
    if ours / plain < BAR or memory >= MEMORY_BAR:
        raise SystemExit(1)


def _write_history(folder: Path) -> None:
    """Write a folder of workspaces on monthly plans and of their uses, latest last."""
    dice = random.Random(1)
    names = [f"w{number:05}" for number in range(WORKSPACES)]
    start = BEGIN.isoformat()
    rows = [f"{name},{name},owner@{name}.example,{start}" for name in names]
    _write(folder / "workspaces.csv", "workspace_id,name,owner_email,created_at", rows)
    rows = [f"{name},{dice.choice(['starter', 'pro'])},monthly,{start}," for name in names]
    _write(folder / "plans.csv", "workspace_id,plan,billing_cycle,started_at,ended_at", rows)
    uses = sorted(
        (BEGIN + timedelta(seconds=dice.randrange(3_600, 86_400 * DAYS)), name, number)
        for name in names
        for number in range(USES)
    )
    rows = [f"{name},call-{name}-{number},{dice.randint(1, 6)},{at.isoformat()}" for at, name, number in uses]
    _write(folder / "uses.csv", "workspace_id,key,minutes,at", rows)


def _write(path: Path, header: str, rows: list[str]) -> None:
    path.write_text("\n".join([header, *rows, ""]), "utf-8")


def _imported(engine: Engine, folder: Path) -> tuple[ImportOutcome, float, float]:
    """Import a folder. Return the outcome, the seconds of processor time, and those that passed."""
    opened: list[Connection] = []
    at_server: list[float] = []

    def measured(url: str, **options: object) -> Engine:
        """Return the engine of the import, and note what its one connection has spent so far."""
        own = connect(url, **options)  # type: ignore[arg-type]
        event.listen(own, "commit", lambda connection: at_server.append(spent(connection)))
        event.listen(own, "engine_connect", opened.append)
        return own

    usual: Callable[..., Engine] = ledger.transfer.imports.connect
    ledger.transfer.imports.connect = measured  # type: ignore[attr-defined]
    try:
        begun, own = time.perf_counter(), time.process_time()
        outcome = run_import(engine, plan_import(folder), source="live", actor="bench", now=NOW)
        spent_here, passed = time.process_time() - own, time.perf_counter() - begun
    finally:
        ledger.transfer.imports.connect = usual  # type: ignore[attr-defined]
    return outcome, spent_here + max(at_server), passed


def _copied(engine: Engine) -> tuple[int, float]:
    """COPY the entries of the import into a plain table. Return their number and the seconds of processor time."""
    with engine.begin() as db, db.connection.cursor() as cursor:
        db.exec_driver_sql("RESET ROLE")
        db.exec_driver_sql("CREATE TABLE plain (LIKE entries INCLUDING INDEXES)")
        with cursor.copy("COPY (SELECT * FROM entries ORDER BY at) TO STDOUT") as source:  # type: ignore[attr-defined]
            rows = [bytes(row) for row in source]
        begun, own = spent(db), time.process_time()
        with cursor.copy("COPY plain FROM STDIN") as target:  # type: ignore[attr-defined]
            for row in rows:
                target.write(row)
        return len(rows), spent(db) - begun + time.process_time() - own


if __name__ == "__main__":
    main()
