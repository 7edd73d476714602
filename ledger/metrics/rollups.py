"""Daily sums and narrow facts that the screens read, refreshed workspace by workspace.

New in a workspace are the entries after the last one rolled up. Entries are numbered without
gaps under the lock of the workspace, so a transaction that commits late is found by the next refresh. Payments,
subscription periods, offers seen and alerts delivered may change without an entry: a sweep compares their signature.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, TextClause

from ledger.database import call, query
from ledger.metrics.registry import rolled, rolled_as
from ledger.metrics.rows import LATEST, Selection, run
from ledger.metrics.whole_days import EARLIEST

SWEEP_EVERY = timedelta(minutes=10)


def refresh_rollups(
    db: Connection,
    *,
    at: datetime,
    timezone: str | None = None,
    sweep: bool | None = None,
    rebuild: bool = False,
) -> int:
    """Bring facts and day-level sums up to `at`; returns how many workspaces were rolled up.

    Safe to repeat and to run from several processes: the second waits and finds nothing to do. `sweep`: look at
    every workspace, also without new entries; None: when the last sweep is ten minutes old. `timezone`: of the days
    (the report time zone). Another time zone, another set of metric definitions or `rebuild` start from nothing.
    Tables that the planner wrongly takes for nearly empty are analysed first.
    """
    call(db, "analyse_misjudged", {})
    state = db.execute(query("rollup_lock")).one()
    zone = timezone or state.report_timezone
    definitions = rolled_definitions()
    if rebuild or (zone, definitions) != (state.report_timezone, state.definitions):
        db.execute(query("rollup_forget_all"))
        sweep = True
    if sweep is None:
        sweep = state.swept_to is None or at - state.swept_to >= SWEEP_EVERY
    count = _collect(db, at, state.data_to or EARLIEST, sweep=sweep)
    if count:
        _count_entries(db, zone)
        _count_rows(db, at, zone)
        db.execute(query("rollup_mark"))
    db.execute(query("rollup_clear"))
    db.execute(query("rollup_done"), {"at": at, "timezone": zone, "definitions": definitions, "sweep": sweep})
    return count


def rolled_definitions() -> str:
    """Return the content of this version's daily sums; a different stored text means another version."""
    return ",".join(f"{metric.slug}:{metric.version}:{metric.windows}" for metric in rolled())


def _collect(db: Connection, at: datetime, data_to: datetime, *, sweep: bool) -> int:
    db.execute(query("rollup_clear"))
    db.execute(query("rollup_collect"), {"sweep": sweep, "data_to": data_to})
    db.execute(query("rollup_sign"), {"at": at})
    db.execute(query("rollup_skip"), {"sweep": sweep})
    return int(db.execute(query("rollup_work_count")).scalar_one())


def _count_entries(db: Connection, zone: str) -> None:
    """Add the new entries."""
    db.execute(query("rollup_months"))
    db.execute(query("rollup_epochs"))
    db.execute(query("rollup_unmet"), {"timezone": zone})
    db.execute(query("rollup_lots"), {"timezone": zone})
    db.execute(query("rollup_balances"), {"timezone": zone})


def _count_rows(db: Connection, at: datetime, zone: str) -> None:
    """Take the workspaces out of the day-level sums and put them in again as they are now.

    Outcomes are stored as if every window had passed; which of them count is decided when they are read.
    """
    _take_out(db)
    db.execute(query("rollup_forget_days"))
    sources: list[Any] = list(db.execute(query("rollup_sources")).scalars())
    for metric in rolled():
        for source in sources:
            everything = Selection(EARLIEST, LATEST, at, source, timezone=zone, matured_by=LATEST)
            for days in (None, *metric.windows):
                chosen = replace(everything, window_days=days)
                run(db, "rollup_rows", metric, chosen, name=rolled_as(metric, days), once=metric.once)
    db.execute(query("rollup_sum"), {"sign": 1})
    _add_repeats(db, 1)
    db.execute(query("rollup_drop_empty"))


def _take_out(db: Connection) -> None:
    db.execute(query("rollup_sum"), {"sign": -1})
    _add_repeats(db, -1)


def _add_repeats(db: Connection, sign: int) -> None:
    """Add the repeats of metrics that count a workspace once, or take them out (-1)."""
    metrics = [
        rolled_as(metric, days) for metric in rolled() if metric.once for days in (None, *metric.windows)
    ]
    db.execute(query("rollup_repeats"), {"sign": sign, "metrics": metrics})


def forget_workspaces(db: Connection, chosen: TextClause, binds: Mapping[str, Any]) -> None:
    """Take workspaces out of the day-level sums for good; `chosen` writes their ids to `rollup_work`."""
    db.execute(query("rollup_lock"))
    db.execute(query("rollup_clear"))
    db.execute(chosen, binds)
    _take_out(db)
    db.execute(query("rollup_drop_empty"))
    db.execute(query("rollup_clear"))
