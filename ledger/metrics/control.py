"""Counts the control arm of a hold-out inside a conversion rate, so that a card can show the rate without it too."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Connection

from ledger.database import query
from ledger.metrics.registry import metric_of
from ledger.metrics.rows import LATEST, Selection, run
from ledger.snapshot_cache import fetch

LOWERED = ("conversion", "conversion-net", "conversion-first-hit", "conversion-per-hit", "alert-to-purchase")
"""The shares that a hold-out lowers, because its control arm sees no offer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlRows:
    """Rows of a share that belong to the control arm: how many, and how many of them bought."""

    rows: int
    bought: int


def rows_of_control(db: Connection, slug: str, chosen: Selection) -> ControlRows:
    """Return the rows of `chosen` whose workspaces were in a control arm at that time.

    Nothing for metrics that no hold-out lowers, and without a hold-out in the period. Raises UnknownMetric.
    """
    metric = metric_of(slug)
    results = ControlRows(rows=0, bought=0)
    if slug not in LOWERED:
        return results
    ripe_to = chosen.as_of - timedelta(days=chosen.window_days or metric.matures or 0)
    for one in fetch(db, query("hold_outs"), {"source": chosen.source, "name": None}):
        start, end = max(chosen.start, one.starts_at), min(chosen.end, one.ends_at or LATEST)
        if start >= end or start > ripe_to:
            continue
        arm = {"hold_out": one.name, "share_percent": one.share_percent}
        row = run(db, "metric_rows_of_control", metric, chosen.within(start, end), **arm).one()
        results = ControlRows(rows=results.rows + row.rows, bought=results.bought + row.bought)
    return results
