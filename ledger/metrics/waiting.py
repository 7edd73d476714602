"""Workspaces that recently hit the limit and may still buy: the pending rows of conversion, for support to call."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection

from ledger.metrics.registry import METRICS
from ledger.metrics.rows import Selection, run


def list_waiting(
    db: Connection, chosen: Selection, *, limit: int, offset: int = 0
) -> tuple[int, list[dict[str, Any]]]:
    """Return how many there are, and one page of them, the latest first.

    Each has workspace_id, name, owner_email, at, plan and billing_cycle.

    A page beyond the last is the last.
    """
    results = (
        run(db, "metric_waiting", METRICS["conversion"], chosen, limit=limit, offset=offset).mappings().all()
    )
    listed = [{name: value for name, value in row.items() if name != "waiting"} for row in results]
    return (results[0]["waiting"] if results else 0), listed
