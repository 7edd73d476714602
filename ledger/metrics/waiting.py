"""Who reached the limit lately, has not bought, and may still: the pending behind conversion whom support may call."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection

from ledger.metrics.registry import METRICS
from ledger.metrics.rows import Selection, run


def count_waiting(db: Connection, chosen: Selection) -> int:
    """How many there are."""
    return int(run(db, "metric_waiting_count", METRICS["conversion"], chosen).scalar_one())


def list_waiting(db: Connection, chosen: Selection, *, limit: int, offset: int = 0) -> list[dict[str, Any]]:
    """One page of them, the latest first: workspace_id, at, plan, billing_cycle."""
    results = run(db, "metric_waiting", METRICS["conversion"], chosen, limit=limit, offset=offset)
    return [dict(row) for row in results.mappings()]
