"""Who was held out of the offer counts in a share of buyers too: how many those are, so that it can be told without."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Connection

from ledger.database import ask, query
from ledger.metrics.registry import metric_of
from ledger.metrics.rows import LATEST, Selection, run

LOWERED = ("conversion", "conversion-net", "conversion-first-hit", "conversion-per-hit", "alert-to-purchase")
"""The shares that a hold-out lowers, because who is held sees no offer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """Of the rows that count in a share, those of held workspaces: how many, and how many of them bought."""

    rows: int
    bought: int


def held_in(db: Connection, slug: str, chosen: Selection) -> Held:
    """What a number over `chosen` counts of workspaces that were held out of the offer just then.

    Nothing for metrics that no hold-out lowers, and without a hold-out in the period. Raises UnknownMetric.
    """
    metric = metric_of(slug)
    found = Held(rows=0, bought=0)
    if slug not in LOWERED:
        return found
    ripe_to = chosen.as_of - timedelta(days=chosen.window_days or metric.matures or 0)
    for one in ask(db, query("hold_outs"), {"source": chosen.source, "name": None}):
        start, end = max(chosen.start, one.starts_at), min(chosen.end, one.ends_at or LATEST)
        if start >= end or start > ripe_to:
            continue
        held = {"hold_out": one.name, "share_percent": one.share_percent}
        row = run(db, "metric_held", metric, chosen.within(start, end), **held).one()
        found = Held(rows=found.rows + row.rows, bought=found.bought + row.bought)
    return found
